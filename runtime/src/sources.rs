//! How far purchases are known: what their sources have said so far, and how long is waited
//! for one that is silent.
//!
//! Pure. A project that names no sources is told of every purchase at once.

use crate::condition::millis;
use crate::mutant::{self, Mutant};
use crate::time::Moment;
use chainc_compiler::units::Period;
use std::collections::BTreeMap;

/// What becomes of a wait when the grace of a silent source is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It goes on being undecided until the source speaks.
    Hold,
    /// Nothing was bought, as far as that source goes.
    AssumeNone,
}

/// What a project says of a source of purchases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// How long behind its end a wait is kept open for the source; a day is 24 hours.
    pub grace: Period,
    /// What holds then.
    pub then: Then,
}

/// The sources of a project, by name.
pub type Rules = BTreeMap<String, Rule>;

/// A source, and up to when it is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Its name.
    pub name: String,
    /// What holds for it.
    pub rule: Rule,
    /// Up to when its purchases are complete; `None` if it never said so.
    pub watermark: Option<Moment>,
}

/// How far purchases are known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known(Vec<Heard>);

impl Known {
    /// Returns what some sources have said.
    #[must_use]
    pub const fn of(sources: Vec<Heard>) -> Self {
        Self(sources)
    }

    /// Returns up to when purchases are known, or taken for known, at a moment.
    #[must_use]
    pub fn until(&self, now: Moment) -> Moment {
        let each = self.0.iter().map(|source| {
            let said = source.watermark.unwrap_or(Moment(i64::MIN));
            let grace = millis(source.rule.grace);
            match source.rule.then {
                Then::Hold if mutant::is(Mutant::HoldIsAssumed) => {
                    said.max(now.plus_millis(-grace))
                }
                Then::AssumeNone if mutant::is(Mutant::GraceFromTheWatermark) => {
                    said.plus_millis(grace)
                }
                Then::Hold => said,
                Then::AssumeNone => said.max(now.plus_millis(-millis(source.rule.grace))),
            }
        });
        if mutant::is(Mutant::WatermarkIgnored) {
            return Moment(i64::MAX);
        }
        if mutant::is(Mutant::OneSourceDecides) {
            return each.max().unwrap_or(Moment(i64::MAX));
        }
        each.min().unwrap_or(Moment(i64::MAX))
    }

    /// Returns when a wait that ended at a moment is looked at again by itself: when the next
    /// grace is over.
    #[must_use]
    pub fn look_again(&self, since: Moment, now: Moment) -> Option<Moment> {
        let graces = self.silent(since).map(|source| since.plus_millis(millis(source.rule.grace)));
        graces.filter(|over| *over > now).min()
    }

    /// Returns the names of the sources that have not said what was bought up to a moment.
    #[must_use]
    pub fn missing(&self, since: Moment) -> Option<String> {
        let names: Vec<&str> = self.silent(since).map(|source| source.name.as_str()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    fn silent(&self, since: Moment) -> impl Iterator<Item = &Heard> {
        self.0.iter().filter(move |source| source.watermark.is_none_or(|said| said < since))
    }
}
