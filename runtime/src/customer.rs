//! What is known of a customer at a moment: what conditions ask and messages show.
//!
//! Plain values. The store loads as much of it as the chains of a run ask for.

use crate::time::Moment;
use crate::wallet::Lot;
use chainc_compiler::ir::{Channel, Touch};
use chainc_compiler::units::{Date, Minor, Points};
use std::collections::{BTreeMap, BTreeSet};

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Customer {
    /// Her key.
    pub id: String,
    /// Her number in the store.
    pub number: i64,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// City.
    pub city: Option<String>,
    /// The day she was born.
    pub birthday: Option<Date>,
    /// When she registered.
    pub registered_at: Option<Moment>,
    /// Her first purchase that is known by now.
    pub first_purchase_at: Option<Moment>,
    /// Her last purchase that is known by now.
    pub last_purchase_at: Option<Moment>,
    /// How many purchases are known by now.
    pub purchases: i64,
    /// What they come to.
    pub spent: Minor,
    /// Those purchases, one by one.
    pub bought: Vec<Bought>,
    /// Channels she may be written to by, as the project's rules of consent have it.
    pub agreed: BTreeSet<Channel>,
    /// Channels with an address that is not known to be dead.
    pub reachable: BTreeSet<Channel>,
    /// Her tags.
    pub tags: BTreeSet<String>,
    /// What the project declared and files brought.
    pub attributes: BTreeMap<String, String>,
    /// What happened to messages to her.
    pub touched: Vec<Touched>,
    /// Her points that have not expired, and what she owes.
    pub points: Vec<Lot>,
    /// The frozen lists she stands on, by their key.
    pub lists: BTreeSet<String>,
}

/// A purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bought {
    /// When.
    pub at: Moment,
    /// For how much.
    pub amount: Minor,
    /// At which brand.
    pub brand: Option<String>,
    /// From which categories.
    pub categories: Vec<String>,
}

/// Something that happened to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// What.
    pub how: Touch,
    /// Which message.
    pub message: String,
    /// When.
    pub at: Moment,
}

impl Customer {
    /// Returns what she has; below zero if she owes points.
    #[must_use]
    pub fn balance(&self) -> Points {
        Points(self.points.iter().map(|lot| lot.left.0).sum())
    }
}
