//! What a chain means, in sentences: the whole of it for its author and for those who have
//! to agree to it, its audience alone for lists.
//!
//! Input is the IR and what is proved of it; nothing here knows how the chain is written.
//! Every language implements [`voice::Voice`], so that a sentence missing in one does not
//! compile; what stands where is decided once, in [`story`].

mod clause;
mod english;
mod page;
mod quantity;
mod russian;
mod sample;
mod story;
mod terms;
mod voice;

use crate::diagnostic::Lang;
use crate::ir::{Action, Amount, Chain, Condition, Program, Step};
use crate::units::{BasisPoints, Currency, Minor, Period, Points};
use clause::Clause;

pub use page::{Page, sentence};

pub(crate) use sample::{Sample, readable};
pub(crate) use story::days_of;
pub(crate) use voice::Voice;

/// Returns who says things in a language.
pub(crate) fn voice_of(lang: Lang) -> &'static dyn Voice {
    match lang {
        Lang::En => &english::English,
        Lang::Ru => &russian::Russian,
    }
}

/// Returns the explanation of a chain, on 80 columns.
#[must_use]
pub fn chain(program: &Program, chain: &Chain, lang: Lang) -> String {
    story::tell(program, chain, voice_of(lang))
}

/// Returns who is meant by a condition: `customers whose last purchase was ...`.
#[must_use]
pub fn audience(condition: &Condition, currency: &Currency, lang: Lang) -> String {
    let words = voice_of(lang).customers(&Clause::of(condition), currency);
    words.replace('\u{a0}', " ")
}

/// Returns what a step does, as words without a stop: `send the SMS offer`. `before` is the
/// message of the send before it, which a fallback may send again.
#[must_use]
pub fn step(step: &Step, before: Option<&str>, lang: Lang) -> String {
    let voice = voice_of(lang);
    match &step.action {
        Action::Grant { amount: Amount::Fixed(points), expires, at } => {
            voice.grant(*points, *expires, at.as_deref())
        }
        Action::Grant { amount: Amount::ByRecency(_), expires, at } => {
            voice.grant_table(*expires, at.as_deref())
        }
        Action::Cashback { rate, period, up_to } => voice.cashback(*rate, *period, *up_to),
        Action::Promo { pool, expires } => voice.promo(pool, *expires),
        Action::Send { channel, message, .. } => voice.send(*channel, message),
        Action::Fallback { channel, message, .. } => {
            voice.fallback(*channel, message, before == Some(message))
        }
        Action::Wait { delay, .. } => voice.wait(*delay),
        Action::If { .. } => voice.short_if().to_owned(),
        Action::Split { .. } => voice.split().to_owned(),
        Action::Repeat { every, until_purchase, until, max, .. } => {
            voice.repeat(*every, *until_purchase, *until, *max)
        }
        Action::Exit => voice.exit().to_owned(),
        Action::Tag(tag) => voice.tag(tag),
    }
}

/// Returns `300 points`.
#[must_use]
pub fn points(points: Points, lang: Lang) -> String {
    voice_of(lang).points(points)
}

/// Returns `4.20 RUB`.
#[must_use]
pub fn money(amount: Minor, currency: &Currency, lang: Lang) -> String {
    voice_of(lang).money(amount, currency)
}

/// Returns `2.5%`.
#[must_use]
pub fn share(share: BasisPoints, lang: Lang) -> String {
    voice_of(lang).share(share)
}

/// Returns `3 days`.
#[must_use]
pub fn period(period: Period, lang: Lang) -> String {
    match lang {
        Lang::En => english::period(period),
        Lang::Ru => russian::period(period),
    }
}

/// Returns `1 March 2026`.
#[must_use]
pub fn date(date: crate::units::Date, lang: Lang) -> String {
    match lang {
        Lang::En => english::date(date),
        Lang::Ru => russian::date(date),
    }
}

/// Returns who is meant by a condition, in a voice.
pub(crate) fn who(condition: &Condition, program: &Program, voice: &dyn Voice) -> String {
    voice.customers(&Clause::of(condition), &program.policy.currency)
}

/// Returns the chains of a program, each with its title, its audience and its length.
#[must_use]
pub fn list(program: &Program, lang: Lang) -> String {
    let voice = voice_of(lang);
    let mut page = Page::default();
    for (at, chain) in program.chains.iter().enumerate() {
        if at > 0 {
            page.gap();
        }
        let title = chain.title.as_deref().map(|title| format!(": {title}"));
        page.hanging("", 0, &format!("{}{}", chain.name, title.unwrap_or_default()));
        let who = voice.customers(&Clause::of(&chain.audience), &program.policy.currency);
        page.hanging("", 2, &sentence(&who));
        page.hanging("", 2, &sentence(&voice.steps(count(&chain.steps))));
    }
    if program.chains.is_empty() {
        page.hanging("", 0, voice.no_chains());
    }
    page.finish()
}

/// Returns how many steps there are, those of blocks too.
#[must_use]
pub fn count(steps: &[Step]) -> usize {
    steps.iter().map(|step| 1 + step.inner().map(count).sum::<usize>()).sum()
}
