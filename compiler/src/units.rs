//! The quantities of the language, each its own type, all of them integers.
//!
//! Nothing here knows how a quantity is written in a chain file (that is the
//! grammar's) or what a day is on a calendar (that is the runtime's).

use serde::{Deserialize, Serialize};
use std::fmt;

/// Bonus points of the shared wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Points(pub i64);

/// An amount in the smallest unit of the project's currency (kopecks, cents).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Minor(pub i64);

/// A share in basis points: `10%` is 1,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BasisPoints(pub u32);

/// A length of time as a chain file says it.
///
/// A day is a calendar day in the customer's zone and keeps the local hour when
/// the clocks change; anything shorter is exact seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Calendar days.
    Days(u32),
    /// Exact seconds: `36h` is 129,600.
    Seconds(u32),
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Days(days) => write!(f, "{days}d"),
            Self::Seconds(seconds) if seconds % 3600 == 0 => write!(f, "{}h", seconds / 3600),
            Self::Seconds(seconds) if seconds % 60 == 0 => write!(f, "{}m", seconds / 60),
            Self::Seconds(seconds) => write!(f, "{seconds}s"),
        }
    }
}

/// A clock time, minutes since local midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClockTime(pub u16);

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// A currency and the number of digits behind its point.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Currency {
    /// ISO 4217 code, as written: `RUB`.
    pub code: String,
    /// Digits behind the point: 2 for RUB, 0 for JPY.
    pub digits: u8,
}

impl Currency {
    /// Returns the currency of an ISO 4217 code, or `None` for a code that is not one
    /// of those chainc knows.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let digits = match code {
            "JPY" | "KRW" | "VND" => 0,
            "AED" | "AMD" | "AUD" | "AZN" | "BRL" | "BYN" | "CAD" | "CHF" | "CNY" | "CZK"
            | "DKK" | "EUR" | "GBP" | "GEL" | "HUF" | "ILS" | "INR" | "KGS" | "KZT" | "MXN"
            | "NOK" | "PLN" | "RON" | "RSD" | "RUB" | "SEK" | "TRY" | "UAH" | "USD" | "UZS" => 2,
            _ => return None,
        };
        Some(Self { code: code.to_owned(), digits })
    }
}

/// A comparison with whole numbers, as conditions use it. Both ends of
/// [`Test::Between`] belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// `< n`
    Below(i64),
    /// `<= n`
    AtMost(i64),
    /// `= n`
    Exactly(i64),
    /// `>= n`
    AtLeast(i64),
    /// `> n`
    Above(i64),
    /// `a..b`
    Between(i64, i64),
}

impl Test {
    /// Returns the lowest and the highest whole number that pass, `None` where that
    /// side is open.
    #[must_use]
    pub fn bounds(self) -> (Option<i64>, Option<i64>) {
        match self {
            Self::Below(n) => (None, Some(n.saturating_sub(1))),
            Self::AtMost(n) => (None, Some(n)),
            Self::Exactly(n) => (Some(n), Some(n)),
            Self::AtLeast(n) => (Some(n), None),
            Self::Above(n) => (Some(n.saturating_add(1)), None),
            Self::Between(a, b) => (Some(a), Some(b)),
        }
    }
}
