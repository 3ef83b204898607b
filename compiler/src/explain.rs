//! What a chain means, in sentences: the whole of it for its author and for those who have
//! to agree to it, its audience alone for lists.
//!
//! Input is the IR and what is proved of it; nothing here knows how the chain is written.
//! Every language implements [`voice::Voice`], so that a sentence missing in one does not
//! compile; what stands where is decided once, in [`story`].

mod clause;
mod english;
mod english_who;
mod page;
mod quantity;
mod russian;
mod russian_who;
mod sample;
mod story;
mod terms;
mod voice;

use crate::diagnostic::Lang;
use crate::ir::{Chain, Condition, Program, Step};
use crate::units::Currency;
use clause::Clause;
use page::{Page, sentence};

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
