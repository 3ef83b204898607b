//! What a language has to be able to say of a customer's life. One implementation each: a
//! sentence that is missing in one of them does not compile.
//!
//! Sentences begin small and have no stop; who puts them on a page gives them both.

use chainc_compiler::diagnostic::Lang;
use chainc_compiler::explain;
use chainc_compiler::units::Currency;
use chainc_runtime::store::operations::Operation;
use chainc_runtime::time::{Moment, Zone};
use chainc_runtime::why::door::Door;
use chainc_runtime::why::{Entry, Life, Line, Reach, Stands, Way};

/// The clocks that moments are told by.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    /// Hers.
    pub(crate) zone: Zone,
    /// The business zone.
    pub(crate) business: Zone,
}

impl Clock {
    /// Returns `1 March 2026`, where she lives.
    pub(super) fn day(&self, at: Moment, lang: Lang) -> String {
        explain::date(self.zone.day(at).to_date(), lang)
    }

    /// Returns `10:00`, where she lives.
    pub(super) fn time(&self, at: Moment) -> String {
        self.zone.clock(at).to_string()
    }

    /// Returns `1 March 2026, 10:00`, where she lives.
    pub(super) fn moment(&self, at: Moment, lang: Lang) -> String {
        format!("{}, {}", self.day(at, lang), self.time(at))
    }

    /// Returns `1 March 2026, 10:00`, in the business zone.
    pub(super) fn of_business(&self, at: Moment, lang: Lang) -> String {
        let day = explain::date(self.business.day(at).to_date(), lang);
        format!("{day}, {}", self.business.clock(at))
    }
}

/// What a paragraph at the top is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Customer,
    Purchases,
    Channels,
    Wallet,
    Now,
    Next,
}

/// A language people read.
pub(super) trait Voice {
    fn lang(&self) -> Lang;
    fn clock(&self) -> &Clock;
    fn currency(&self) -> &Currency;
    /// `Customer`
    fn label(&self, label: Label) -> &'static str;
    /// Who she is, and where.
    fn customer(&self, life: &Life) -> String;
    /// What she bought.
    fn purchases(&self, life: &Life) -> String;
    /// Whether a channel reaches her.
    fn reach(&self, reach: &Reach) -> String;
    /// What she can spend.
    fn wallet(&self, life: &Life) -> String;
    /// That she has never been in a chain.
    fn never(&self) -> &'static str;
    /// The chain, and which time it is.
    fn way(&self, way: &Way) -> String;
    /// What stands above the wallet's entries.
    fn entries(&self) -> &'static str;
    /// Why points came or went.
    fn entry(&self, entry: &Entry) -> String;
    /// What stands above the chains she is not in.
    fn elsewhere(&self) -> &'static str;
    /// What happened; `None` if other lines say it already.
    fn happened(&self, line: &Line, before: Option<&Line>, way: &Way) -> Option<String>;
    /// Where she stands.
    fn stands(&self, stands: &Stands, way: &Way) -> String;
    /// That somebody told the chain to stand still.
    fn told(&self, told: &Operation) -> String;
    /// Until when a purchase counts for the goal.
    fn goal(&self, until: Moment) -> String;
    /// That conditions decide which way she goes: for whom each is, and whether there is one
    /// for all others.
    fn fork(&self, arms: &[String], has_else: bool) -> String;
    /// That the chain is over behind these steps.
    fn then_over(&self) -> &'static str;
    /// What keeps her out of a chain.
    fn door(&self, door: &Door, life: &Life) -> String;
}
