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
    /// What is known of her.
    pub customer: Customer,
    /// The zone she lives in, if it is not the business zone.
    pub timezone: Option<String>,
}
