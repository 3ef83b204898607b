//! What a language has to be able to say of a chain. One implementation each: a sentence
//! that is missing in one of them does not compile.
//!
//! Sentences begin small and have no stop; who puts them on a page gives them both.

use super::clause::Clause;
use crate::ir::{
    Active, Band, Budget, Cap, Channel, Control, Delay, Entry, Event, Every, Exclusive, Goal,
    QuietHours, Schedule,
};
use crate::proof::Dearest;
use crate::units::{BasisPoints, Currency, Date, Minor, Period, Points};

/// What a paragraph of the page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// Who enters.
    Who,
    /// On which days and at what time.
    When,
    /// How often one customer may.
    Again,
    /// Who is held out.
    Control,
    /// What it is for.
    Goal,
    /// Which chains it does not go together with.
    Exclusive,
    /// The experiment it belongs to.
    Experiment,
    /// In whose name it speaks.
    Brand,
    /// What it may spend.
    Budget,
    /// What one customer may get.
    Caps,
    /// When nothing is sent.
    Quiet,
    /// Whom it may write to.
    Consent,
    /// What happens to what is late.
    Late,
    /// Who answers for it.
    Owner,
    /// Whose values the texts show.
    Examples,
}

/// A heading between paragraphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heading {
    /// The steps.
    Steps,
    /// The highest cost.
    Cost,
}

/// Whose a limit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner<'a> {
    /// The chain's alone.
    Chain,
    /// All chains of an experiment.
    Experiment(&'a str),
    /// All chains of a brand.
    Brand(&'a str),
    /// All chains of the project.
    Project,
}

/// From which to which day something happens, the day of the entry being 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Days {
    /// The earliest.
    pub(crate) from: i64,
    /// The latest; open when nobody can say.
    pub(crate) to: Option<i64>,
}

/// A language people read.
pub(crate) trait Voice: Steps + Drawn + Sync {
    // ---- quantities

    /// `300 points` · `300 баллов`
    fn points(&self, points: Points) -> String;
    /// `4.20 RUB` · `4,20 ₽`
    fn money(&self, amount: Minor, currency: &Currency) -> String;
    /// `2.5%` · `2,5%`
    fn share(&self, share: BasisPoints) -> String;
    /// `1 March`, as messages have it.
    fn day_of_year(&self, date: Date) -> String;
    /// `day 3 to 4` · `день 3–4`
    fn days(&self, days: Days) -> String;
    /// Marks what nobody wrote.
    fn by_default(&self, sentence: &str) -> String;

    // ---- what the chain is

    /// `Who`
    fn label(&self, label: Label) -> &'static str;
    /// `What happens`
    fn heading(&self, heading: Heading) -> &'static str;
    /// `customers whose last purchase was 60 to 89 days ago`
    fn customers(&self, clause: &Clause, currency: &Currency) -> String;
    /// `every day at 10:00, Asia/Yekaterinburg time`
    fn schedule(&self, schedule: Schedule, zone: &str) -> String;
    /// From when to when customers enter.
    fn active(&self, active: Option<Active>) -> String;
    /// How often a customer enters.
    fn entry(&self, entry: Entry) -> String;
    /// Who is held out.
    fn control(&self, control: Option<&Control>, currency: &Currency) -> String;
    /// What counts as success.
    fn goal(&self, goal: Option<&Goal>, currency: &Currency) -> String;
    /// Which chains it does not go together with.
    fn exclusive(&self, exclusive: Option<&Exclusive>) -> String;
    /// The experiment it belongs to.
    fn experiment(&self, name: &str, title: Option<&str>, chains: usize) -> String;
    /// In whose name it speaks.
    fn brand(&self, name: &str, title: Option<&str>, sender: Option<&str>) -> String;
    /// What may be spent; never empty.
    fn budgets(&self, budgets: &[Budget], whose: Owner<'_>, currency: &Currency) -> String;
    /// That nothing limits what is spent.
    fn no_budget(&self) -> &'static str;
    /// What one customer may get; never empty.
    fn caps(&self, caps: &[Cap], whose: Owner<'_>) -> String;
    /// That no cap holds for its messages, and why; or that there is none.
    fn no_cap(&self, why: Option<&str>) -> String;
    /// When nothing is sent.
    fn quiet(&self, hours: QuietHours) -> String;
    /// That it sends at any hour, and why; or that no hour is quiet.
    fn no_quiet(&self, why: Option<&str>) -> String;
    /// Whom it may write to on channels: who said yes.
    fn opt_in(&self, channels: &[Channel]) -> String;
    /// Who has not said no.
    fn opt_out(&self, channels: &[Channel]) -> String;
    /// Everybody, and why.
    fn no_consent(&self, channel: Channel, why: &str) -> String;
    /// That a message leaves however late it is.
    fn never_late(&self) -> &'static str;

    // ---- what it costs

    /// What one customer costs at most, each time.
    fn dearest(&self, dearest: &Dearest, currency: &Currency) -> String;
    /// How often one customer comes through in a year.
    fn times_a_year(&self, times: u32) -> String;
    /// For how many of them a budget is enough.
    fn enough(&self, budget: &Budget, customers: i64, currency: &Currency) -> String;

    // ---- a list of chains

    /// `5 steps`
    fn steps(&self, n: usize) -> String;
    /// That there are no chains.
    fn no_chains(&self) -> &'static str;
}

/// What a step does, in sentences.
pub(crate) trait Steps {
    /// `grant 300 points for 14 days`
    fn grant(&self, points: Points, expires: Option<Period>, at: Option<&str>) -> String;
    /// What stands above the rows of a table.
    fn grant_table(&self, expires: Option<Period>, at: Option<&str>) -> String;
    /// `30 to 59 days: 100 points`
    fn grant_row(&self, band: &Band) -> String;
    /// That points have no end.
    fn never_expires(&self) -> &'static str;
    /// That a code has none.
    fn code_never_expires(&self) -> &'static str;
    /// `give back 20% of every purchase as points for 7 days`
    fn cashback(&self, rate: BasisPoints, period: Period, up_to: Option<Points>) -> String;
    /// That there is no most of it.
    fn cashback_open(&self) -> &'static str;
    /// `give a code of the pool toys`
    fn promo(&self, pool: &str, expires: Option<Period>) -> String;
    /// `send the SMS offer`
    fn send(&self, channel: Channel, message: &str) -> String;
    /// `if it did not reach the customer, send offer by e-mail`
    fn fallback(&self, channel: Channel, message: &str, same: bool) -> String;
    /// `not sent when more than 12 hours late`
    fn within(&self, period: Period) -> String;
    /// `wait 3 days`
    fn wait(&self, delay: Delay) -> String;
    /// What ends the chain instead.
    fn unless(&self, events: &[Event]) -> String;
    /// `for customers who ...`: an arm of `if`, the first or a later one.
    fn arm(&self, customers: &str, first: bool) -> String;
    /// `for all others`
    fn otherwise(&self) -> &'static str;
    /// That the others go on behind the block.
    fn others_go_on(&self) -> &'static str;
    /// What stands above the arms of `split`.
    fn split(&self) -> &'static str;
    /// `40%: soft`
    fn split_arm(&self, name: &str, share: BasisPoints) -> String;
    /// `every Tuesday at 12:00, ...`
    fn repeat(
        &self,
        every: Every,
        until_purchase: bool,
        until: Option<Date>,
        max: Option<u32>,
    ) -> String;
    /// That the chain is over.
    fn exit(&self) -> &'static str;
    /// That the chain is over behind the last step.
    fn end(&self) -> &'static str;
    /// `tag the customer vip`
    fn tag(&self, tag: &str) -> String;
    /// `Subject`, `Title`
    fn subject(&self) -> &'static str;
    /// That a message has no text.
    fn draft(&self) -> &'static str;
    /// `2 parts, 8.40 RUB`
    fn parts(&self, parts: u32, price: Option<&str>) -> String;
    /// `costs 0.10 RUB`
    fn price(&self, price: &str) -> String;
    /// Whose values the texts show.
    fn example(&self, first_day: Date) -> String;
}

/// The few words of a picture.
pub(crate) trait Drawn {
    /// `100 to 500 points`
    fn short_table(&self, least: Points, most: Points) -> String;
    /// `by days without a purchase`
    fn by_recency(&self) -> &'static str;
    /// `for 14 days`
    fn short_expiry(&self, period: Period) -> String;
    /// `20% back`
    fn short_cashback(&self, rate: BasisPoints) -> String;
    /// `up to 500 points`
    fn short_up_to(&self, points: Points) -> String;
    /// `code of toys`
    fn short_promo(&self, pool: &str) -> String;
    /// `SMS`
    fn channel(&self, channel: Channel) -> &'static str;
    /// `3 days`, `until Saturday 11:00`
    fn short_delay(&self, delay: Delay) -> String;
    /// `bought`, `clicked offer`
    fn short_event(&self, event: &Event) -> String;
    /// `not reached`
    fn not_reached(&self) -> &'static str;
    /// `all others`
    fn short_others(&self) -> &'static str;
    /// `over`
    fn short_end(&self) -> &'static str;
    /// `success`
    fn short_success(&self) -> &'static str;
    /// `tag vip`
    fn short_tag(&self, tag: &str) -> String;
    /// `by lot`
    fn short_split(&self) -> &'static str;
    /// `who?`
    fn short_if(&self) -> &'static str;
    /// `goal: a purchase within 30 days`
    fn short_goal(&self, goal: &str) -> String;
    /// `control 10%`
    fn short_control(&self, control: &Control) -> String;
    /// What a picture shows, for those who cannot see it.
    fn picture(&self, name: &str, steps: usize) -> String;
}
