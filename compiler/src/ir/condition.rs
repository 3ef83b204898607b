//! Who belongs to a segment.

use super::Channel;
use crate::units::{Date, Period, Test};
use serde::{Deserialize, Serialize};

/// Who belongs to a segment. Named segments are already replaced by what they mean.
///
/// Every condition is true or false, never unknown: a customer who has never
/// bought has no recency, so `recency` is false of her and `not recency` true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// All of them hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// Whole calendar days since the last purchase, in the business zone.
    Recency(Test),
    /// How often the customer buys.
    Frequency {
        /// Compared with the count.
        test: Test,
        /// What is counted.
        window: Window,
    },
    /// What the customer spent, in minor units.
    Spent {
        /// Compared with the sum.
        test: Test,
        /// Over the last so many days or hours; over all time when `None`.
        within: Option<Period>,
    },
    /// The customer agreed to this channel.
    Consent(Channel),
    /// There is an address for this channel, and it is not known to be dead.
    Reachable(Channel),
    /// The customer carries this tag.
    Tag(String),
    /// The average purchase, in minor units.
    AverageCheck {
        /// Compared with the average.
        test: Test,
        /// Over the last so many days or hours; over all time when `None`.
        within: Option<Period>,
    },
    /// Whole calendar days since the customer registered.
    Registered(Test),
    /// The next birthday is within so many days.
    Birthday(Period),
    /// Points in the wallet.
    Balance(Test),
    /// Some points expire within so many days.
    Expiring(Period),
    /// Bought at this brand.
    Brand {
        /// The brand.
        brand: String,
        /// Over the last so many days or hours; ever when `None`.
        within: Option<Period>,
    },
    /// Bought something of this category.
    Bought {
        /// The category.
        category: String,
        /// Over the last so many days or hours; ever when `None`.
        within: Option<Period>,
    },
    /// A message was sent to, opened or clicked by the customer, or an event of the project's
    /// own happened to her.
    Touched {
        /// What happened to it.
        how: Touch,
        /// The message; of an event of the project's own, its word.
        message: String,
        /// Over the last so many days or hours; ever when `None`.
        within: Option<Period>,
    },
    /// The customer's city.
    City(String),
    /// The forecast chance to leave, in basis points.
    Churn(Test),
    /// Time since the last purchase by the customer's own cycle, in hundredths of a cycle.
    Overdue(Test),
    /// Something the project declared.
    Attribute {
        /// Its name.
        name: String,
        /// What must be true of it.
        is: AttributeTest,
    },
    /// Who met a condition on a day: the list of that day, whatever came after.
    Frozen {
        /// The day.
        on: Date,
        /// The condition.
        condition: Box<Condition>,
    },
}

/// What happened to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Touch {
    /// `received offer`: it reached the customer.
    Received,
    /// `opened offer`
    Opened,
    /// `clicked offer`
    Clicked,
    /// `event "visited"`: no message, but an event of the project's own.
    Own,
}

impl Touch {
    /// Returns the keyword.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
            Self::Own => "event",
        }
    }
}

/// What must be true of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeTest {
    /// `age 18..35`
    Number(Test),
    /// `level "gold"`
    Text(String),
    /// `cardholder`
    Flag,
    /// `anniversary in 7d`
    Within(Period),
}

/// What `frequency` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// `frequency >= 2`: all purchases ever.
    Ever,
    /// `frequency >= 2 in 180d`: purchases of the last so many days or hours.
    Within(Period),
    /// `frequency < 1 per 36d`: the average rate since the first purchase.
    Per(Period),
}
