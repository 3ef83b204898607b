//! What can be proved of a chain before it runs: when each step comes, what the dearest
//! customer costs.
//!
//! Input is the IR, output are values; nothing here knows how a chain is written or what
//! is said about it. `docs/proofs.md` has what each proof covers and what it assumes.

pub(crate) mod audience;
pub mod cost;
mod moments;
pub(crate) mod path;
pub mod text;
pub mod timeline;

use crate::ir::{Brand, Budget, Cap, Chain, Experiment, Policy, Program, Quiet, QuietHours};

pub use cost::Dearest;
pub use moments::Stretch;
pub(crate) use moments::{DAY, minutes};
pub use path::GiftKind;
pub use timeline::{StepTime, Timeline};

/// What holds for a chain besides what it says itself.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'t> {
    /// The policy of the project.
    pub policy: &'t Policy,
    /// The brand in whose name the chain speaks.
    pub brand: Option<&'t Brand>,
    /// The experiment it belongs to.
    pub experiment: Option<&'t Experiment>,
}

/// Returns the day of the week of a date.
pub(crate) fn weekday_of_date(date: crate::units::Date) -> crate::units::Weekday {
    moments::weekday_of(moments::day_number(date))
}

/// Who says that a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SaidBy {
    /// The chain itself.
    Chain,
    /// Its experiment.
    Experiment,
    /// Its brand.
    Brand,
    /// The policy.
    Policy,
}

impl<'t> Terms<'t> {
    /// Returns what a program says of one of its chains.
    #[must_use]
    pub fn of(program: &'t Program, chain: &Chain) -> Self {
        Self {
            policy: &program.policy,
            brand: chain.brand.as_ref().and_then(|name| program.brands.get(name)),
            experiment: chain.experiment.as_ref().and_then(|name| program.experiments.get(name)),
        }
    }

    /// Returns when the chain sends nothing: its own quiet hours, else its brand's, else
    /// the policy's.
    #[must_use]
    pub fn quiet(&self, chain: &Chain) -> Option<QuietHours> {
        match &chain.quiet {
            Some(Quiet::Hours(hours)) => Some(*hours),
            Some(Quiet::Off(_)) => None,
            None => self.brand.and_then(|brand| brand.quiet).or(self.policy.quiet),
        }
    }

    /// Returns the business zone the chain is looked at in.
    #[must_use]
    pub fn timezone(&self) -> &'t str {
        let own = self.brand.and_then(|brand| brand.timezone.as_deref());
        own.unwrap_or(&self.policy.timezone)
    }

    /// Returns every cap that holds for one customer of the chain, and who says so.
    pub fn caps(&self, chain: &'t Chain) -> impl Iterator<Item = (SaidBy, Cap)> + use<'t> {
        let of = |by, caps: &'t [Cap]| caps.iter().map(move |cap| (by, *cap));
        of(SaidBy::Chain, &chain.caps)
            .chain(of(SaidBy::Experiment, self.experiment.map_or(&[], |e| &e.caps)))
            .chain(of(SaidBy::Brand, self.brand.map_or(&[], |b| &b.caps)))
            .chain(of(SaidBy::Policy, &self.policy.caps))
    }

    /// Returns every budget the chain is paid from, and who says so.
    pub fn budgets(&self, chain: &'t Chain) -> impl Iterator<Item = (SaidBy, Budget)> + use<'t> {
        let of = |by, budgets: &'t [Budget]| budgets.iter().map(move |budget| (by, *budget));
        of(SaidBy::Chain, &chain.budgets)
            .chain(of(SaidBy::Experiment, self.experiment.map_or(&[], |e| &e.budgets)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
mod tests;
