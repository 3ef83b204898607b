//! The explanation of a chain, from its title to what it costs.

use super::clause::Clause;
use super::page::{Page, sentence, width};
use super::voice::{Days, Heading, Label, Voice};
use super::{Sample, readable, sample, terms};
use crate::ir::{Action, Amount, Budget, Chain, Channel, Message, Program, Step, Template, Text};
use crate::proof::text::Values;
use crate::proof::{Dearest, SaidBy, Terms, Timeline};
use crate::units::Minor;

/// How many lines of a long text are shown.
const LINES: usize = 6;
/// The sentences of the first steps begin no further to the right than this, and those of
/// the deepest no further than that.
const FURTHEST: usize = 32;
const DEEPEST: usize = 48;

/// Writes the explanation.
pub(super) fn tell(program: &Program, chain: &Chain, voice: &dyn Voice) -> String {
    let mut page = Page::default();
    let title = chain.title.as_deref().map(|title| format!(": {title}")).unwrap_or_default();
    page.hanging("", 0, &format!("{}{title}", chain.name));
    if let Some(description) = &chain.description {
        page.gap();
        page.hanging("", 0, description);
    }
    page.gap();
    let mut paragraphs = terms::of(program, chain, voice);
    if let Some(day) =
        sample::first_day(chain).filter(|_| chain.messages.values().any(|message| !message.draft))
    {
        paragraphs.push((Label::Examples, vec![voice.example(day)]));
    }
    let margin = paragraphs.iter().map(|(label, _)| width(voice.label(*label))).max();
    let margin = margin.unwrap_or(0) + 2;
    for (label, sentences) in &paragraphs {
        let sentences: Vec<String> = sentences.iter().map(|words| sentence(words)).collect();
        page.hanging(voice.label(*label), margin, &sentences.join(" "));
    }
    page.gap();
    page.hanging("", 0, voice.heading(Heading::Steps));
    page.gap();

    let timeline = Timeline::of(chain, &Terms::of(program, chain));
    let mut margins = Margins { days: 0, ids: 0 };
    margins.measure(&chain.steps, &timeline, voice);
    let column = margins.column();
    let mut story = Story { program, chain, voice, timeline, page, margins, shown: None };
    let mut customer = Sample::entering(chain);
    story.flow(&chain.steps, column, &mut customer);
    let mut page = story.page;
    page.hanging("", column, &sentence(voice.end()));
    page.gap();
    page.hanging("", 0, voice.heading(Heading::Cost));
    page.gap();
    for words in cost(program, chain, &story.timeline, voice) {
        page.hanging("", 2, &sentence(&words));
    }
    page.finish()
}

/// How many columns the days and the numbers of the steps take.
struct Margins {
    days: usize,
    ids: usize,
}

impl Margins {
    fn measure(&mut self, steps: &[Step], timeline: &Timeline, voice: &dyn Voice) {
        for step in steps {
            let days = days_of(step, timeline).map(|days| width(&voice.days(days)));
            self.days = self.days.max(days.unwrap_or(0) + 2);
            self.ids = self.ids.max(width(&step.id) + 2);
            step.inner().for_each(|inner| self.measure(inner, timeline, voice));
        }
    }

    /// Where the sentences begin.
    fn column(&self) -> usize {
        (self.days + self.ids).min(FURTHEST)
    }
}

/// Returns what the dearest customer costs, and how far the budgets reach.
fn cost(program: &Program, chain: &Chain, timeline: &Timeline, voice: &dyn Voice) -> Vec<String> {
    let (terms, currency) = (Terms::of(program, chain), &program.policy.currency);
    let dearest = Dearest::of(chain, &terms, timeline);
    let mut out = vec![voice.dearest(&dearest, currency)];
    // A chain that is active for some days lets nobody in a whole year.
    if dearest.per_year > 1 && chain.active.is_none() {
        out.push(voice.times_a_year(dearest.per_year));
    }
    // What an experiment has is shared, and so is enough for fewer.
    for (_, budget) in terms.budgets(chain).filter(|(by, _)| *by == SaidBy::Chain) {
        let (sum, each) = match budget {
            Budget::Points { limit, .. } => (limit.0, dearest.points),
            Budget::Money { limit, on: None, .. } => (limit.0, dearest.money),
            Budget::Money { limit, on: Some(channel), .. } => {
                let messages = dearest.messages.get(&channel);
                (limit.0, messages.map_or(Some(0), |messages| messages.money))
            }
        };
        if let Some(each) = each.filter(|each| *each > 0) {
            out.push(voice.enough(&budget, sum / each, currency));
        }
    }
    out
}

/// Returns on which days a step is: a message when it leaves, all else when it is reached.
pub(crate) fn days_of(step: &Step, timeline: &Timeline) -> Option<Days> {
    let time = timeline.steps.get(&step.id)?;
    let stretch = match step.action {
        Action::Send { .. } | Action::Fallback { .. } => time.done,
        _ => time.reached,
    };
    let (from, to) = timeline.days(stretch);
    Some(Days { from, to })
}

struct Story<'s> {
    program: &'s Program,
    chain: &'s Chain,
    voice: &'s dyn Voice,
    timeline: Timeline,
    page: Page,
    margins: Margins,
    /// The days written last.
    shown: Option<Days>,
}

impl Story<'_> {
    fn flow(&mut self, steps: &[Step], column: usize, customer: &mut Sample) {
        // The message of the send before, which a fallback sends again.
        let mut sent: Option<&str> = None;
        for step in steps {
            self.step(step, column.min(DEEPEST), customer, sent);
            match &step.action {
                Action::Send { message, .. } | Action::Fallback { message, .. } => {
                    sent = Some(message);
                }
                _ => {}
            }
        }
    }

    fn step(&mut self, step: &Step, column: usize, customer: &mut Sample, sent: Option<&str>) {
        let voice = self.voice;
        let after = self.timeline.steps.get(&step.id).map_or(0, |time| time.reached.least);
        let sentences: Vec<String> = match &step.action {
            Action::Grant { amount, expires, at } => {
                customer.grant(amount, *expires, after);
                let at = at.as_deref();
                let what = match amount {
                    Amount::Fixed(points) => voice.grant(*points, *expires, at),
                    Amount::ByRecency(_) => voice.grant_table(*expires, at),
                };
                let never = || voice.by_default(voice.never_expires());
                and(what, expires.is_none().then(never))
            }
            Action::Cashback { rate, period, up_to } => {
                customer.cashback(*rate, *period, after);
                let open = || voice.by_default(voice.cashback_open());
                and(voice.cashback(*rate, *period, *up_to), up_to.is_none().then(open))
            }
            Action::Promo { pool, expires } => {
                customer.promo(*expires, after);
                let never = || voice.by_default(voice.code_never_expires());
                and(voice.promo(pool, *expires), expires.is_none().then(never))
            }
            Action::Send { channel, message, within } => {
                and(voice.send(*channel, message), within.map(|late| voice.within(late)))
            }
            Action::Fallback { channel, message, within } => and(
                voice.fallback(*channel, message, sent == Some(message)),
                within.map(|late| voice.within(late)),
            ),
            Action::Wait { delay, unless } => {
                let ends = (!unless.is_empty()).then(|| voice.unless(unless));
                and(voice.wait(*delay), ends)
            }
            Action::If { arms, otherwise } => {
                return self.branch(step, column, customer, arms, otherwise.as_deref());
            }
            Action::Split { .. } => vec![format!("{}:", voice.split())],
            Action::Repeat { every, until_purchase, until, max, .. } => {
                vec![format!("{}:", voice.repeat(*every, *until_purchase, *until, *max))]
            }
            Action::Exit => vec![voice.exit().to_owned()],
            Action::Tag(tag) => vec![voice.tag(tag)],
        };
        self.line(step, column, &sentences);
        self.below(step, column, customer);
    }

    /// What stands below the first sentences of a step.
    fn below(&mut self, step: &Step, column: usize, customer: &mut Sample) {
        let voice = self.voice;
        match &step.action {
            Action::Grant { amount: Amount::ByRecency(bands), .. } => {
                for band in bands {
                    self.page.hanging("", column + 2, &voice.grant_row(band));
                }
            }
            Action::Send { channel, message, .. } | Action::Fallback { channel, message, .. } => {
                if let Some(message) = self.chain.messages.get(message) {
                    self.message(*channel, message, column, customer);
                }
            }
            Action::Split { arms } => {
                let before = customer.clone();
                for arm in arms {
                    let head = format!("{}:", voice.split_arm(&arm.name, arm.share));
                    self.page.hanging("", column, &sentence(&head));
                    let mut own = before.clone();
                    self.inside(&arm.steps, column, &mut own);
                    customer.learn(own);
                }
            }
            Action::Repeat { steps, .. } => self.inside(steps, column, customer),
            _ => {}
        }
    }

    fn branch(
        &mut self,
        step: &Step,
        column: usize,
        customer: &mut Sample,
        arms: &[crate::ir::IfArm],
        otherwise: Option<&[Step]>,
    ) {
        let voice = self.voice;
        let before = customer.clone();
        for (at, arm) in arms.iter().enumerate() {
            let who = voice.customers(&Clause::of(&arm.condition), &self.program.policy.currency);
            let head = format!("{}:", voice.arm(&who, at == 0));
            if at == 0 {
                self.line(step, column, &[head]);
            } else {
                self.page.hanging("", column, &sentence(&head));
            }
            let mut own = before.clone();
            self.inside(&arm.steps, column, &mut own);
            customer.learn(own);
        }
        match otherwise {
            Some(steps) => {
                self.page.hanging("", column, &sentence(&format!("{}:", voice.otherwise())));
                let mut own = before;
                self.inside(steps, column, &mut own);
                customer.learn(own);
            }
            None => {
                self.page.hanging("", column, &sentence(voice.others_go_on()));
            }
        }
    }

    fn inside(&mut self, steps: &[Step], column: usize, customer: &mut Sample) {
        self.flow(steps, column + 2, customer);
    }

    /// Writes the sentences of a step behind its day and its number.
    fn line(&mut self, step: &Step, column: usize, sentences: &[String]) {
        let days = days_of(step, &self.timeline).filter(|days| self.shown != Some(*days));
        self.shown = days.or(self.shown);
        let day = days.map(|days| self.voice.days(days)).unwrap_or_default();
        let Margins { days, ids } = self.margins;
        let margin = format!("{day:days$}{:ids$}", step.id);
        let sentences: Vec<String> = sentences.iter().map(|words| sentence(words)).collect();
        self.page.hanging(&margin, column, &sentences.join(" "));
    }

    /// Shows a message as the customer reads it.
    fn message(&mut self, channel: Channel, message: &Message, column: usize, customer: &Sample) {
        if message.draft {
            self.page.hanging("", column, &sentence(self.voice.draft()));
            return;
        }
        let Some(text) = message.texts.get(&channel) else { return };
        let price = self.program.policy.prices.get(&channel).copied();
        let price = price.filter(|price| price.0 > 0);
        match text {
            Text::Sms { text } => {
                self.quote(&customer.read(text), column);
                self.parts(text, price, column);
                return;
            }
            Text::Push { title, body } => {
                self.quote(&format!("{}\n{}", customer.read(title), customer.read(body)), column);
            }
            Text::Email { subject, body, html } => {
                let subject = customer.read(subject).replace(['\r', '\n'], " ");
                let body = customer.read(body);
                let body = if *html { readable(&body) } else { body };
                let subject = format!("{}: {subject}", self.voice.subject());
                self.quote(&format!("{subject}\n{body}"), column);
            }
            Text::Webhook { body } => self.quote(&customer.read(body), column),
        }
        if let Some(price) = price {
            let price = self.voice.money(price, &self.program.policy.currency);
            self.page.hanging("", column, &sentence(&self.voice.price(&price)));
        }
    }

    fn parts(&mut self, text: &Template, price: Option<Minor>, column: usize) {
        let parts = Values::of(self.chain, &self.program.policy).parts(text).most;
        let price = price.map(|price| {
            let sum = Minor(price.0.saturating_mul(i64::from(parts)));
            self.voice.money(sum, &self.program.policy.currency)
        });
        let words = self.voice.parts(parts, price.as_deref());
        self.page.hanging("", column, &sentence(&words));
    }

    /// Writes somebody's text, the first lines of a long one.
    fn quote(&mut self, text: &str, column: usize) {
        let room = super::page::COLUMNS.saturating_sub(column + 2);
        let lines: Vec<String> =
            text.lines().flat_map(|line| super::page::wrapped(line, room, room)).collect();
        for line in lines.iter().take(LINES) {
            self.page.marked("", column, "│ ", line);
        }
        if lines.len() > LINES {
            self.page.marked("", column, "│ ", "…");
        }
    }
}

fn and(first: String, more: Option<String>) -> Vec<String> {
    std::iter::once(first).chain(more).collect()
}
