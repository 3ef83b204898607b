//! One customer's way through one chain, as the store keeps it.

use crate::customer::Customer;
use crate::step::State;
use crate::store::journal::Journal;
use crate::time::Moment;
use chainc_compiler::units::Minor;

/// Whose way it is, and which one. Derived, never drawn: the same on every machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The customer's shard.
    pub shard: i64,
    /// The customer.
    pub customer_id: String,
    /// The chain.
    pub chain: String,
    /// How many times she has entered it, this time included.
    pub cycle: i64,
    /// The customer's number in the store.
    pub number: i64,
    /// The chain's number in the store.
    pub chain_number: i64,
}

/// An enrolment as the keys of the store name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// The customer's number.
    pub customer: i64,
    /// The chain's number.
    pub chain: i64,
    /// How many times she has entered it, this time included.
    pub cycle: i64,
}

impl Id {
    /// Returns the parts in their order, for a statement.
    #[must_use]
    pub const fn params(self) -> [i64; 3] {
        [self.customer, self.chain, self.cycle]
    }
}

impl Key {
    /// Returns the enrolment as the keys of the store name it.
    #[must_use]
    pub const fn id(&self) -> Id {
        Id { customer: self.number, chain: self.chain_number, cycle: self.cycle }
    }
}

/// An enrolment with the customer it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Whose and which.
    pub key: Key,
    /// The version of the chain that she entered.
    pub version: String,
    /// True if she is held out as control.
    pub control: bool,
    /// The cohort she is in; none before she is in the store.
    pub cohort: Option<i64>,
    /// Where she stands.
    pub state: State,
    /// What has been told of it.
    pub journal: Journal,
    /// Until when a purchase counts for the goal; while she is in the chain if `None`.
    pub goal_until: Option<Moment>,
    /// The smallest purchase that counts.
    pub goal_at_least: Minor,
    /// The first purchase that counted.
    pub bought_at: Option<Moment>,
    /// When it ended, and how.
    pub over: Option<(Moment, String)>,
    /// What is known of her.
    pub customer: Customer,
    /// The zone she lives in, if it is not the business zone.
    pub timezone: Option<String>,
}
