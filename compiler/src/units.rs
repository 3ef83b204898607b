//! The quantities of the language, each its own type, all of them integers.
//!
//! Nothing here knows how a quantity is written in a chain file (that is the
//! grammar's) or what a day is on a calendar (that is the runtime's).

use serde::{Deserialize, Serialize};
use std::fmt;

/// Bonus points of the shared wallet.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Points(pub i64);

/// An amount in the smallest unit of the project's currency (kopecks, cents).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Minor(pub i64);

/// A share in basis points: `10%` is 1,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BasisPoints(pub u32);

impl fmt::Display for BasisPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole}%"),
            (whole, part) if part % 10 == 0 => write!(f, "{whole}.{}%", part / 10),
            (whole, part) => write!(f, "{whole}.{part:02}%"),
        }
    }
}

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

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Date {
    year: i16,
    month: u8,
    day: u8,
}

impl Date {
    /// Returns a day, or `None` for one that no calendar has.
    #[must_use]
    pub fn new(year: i16, month: u8, day: u8) -> Option<Self> {
        let date = jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        date.ok().map(|_| Self { year, month, day })
    }

    /// Returns it in the terms of the calendar library.
    #[must_use]
    pub fn civil(self) -> jiff::civil::Date {
        let month = i8::try_from(self.month).unwrap_or(1);
        jiff::civil::Date::new(self.year, month, i8::try_from(self.day).unwrap_or(1))
            .unwrap_or(jiff::civil::Date::ZERO)
    }

    /// Returns the day of the calendar library's.
    #[must_use]
    pub fn from_civil(date: jiff::civil::Date) -> Option<Self> {
        Self::new(date.year(), u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?)
    }

    /// Returns how many days later `other` is, negative when it is earlier.
    #[must_use]
    pub fn days_until(self, other: Self) -> i64 {
        self.civil().until(other.civil()).map_or(0, |span| i64::from(span.get_days()))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl TryFrom<String> for Date {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = || {
            let mut parts = text.splitn(3, '-');
            let year = parts.next()?.parse().ok()?;
            let month = parts.next()?.parse().ok()?;
            Self::new(year, month, parts.next()?.parse().ok()?)
        };
        read().ok_or_else(|| format!("{text} is not a date"))
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Weekday {
    /// Every day, the first of the week first.
    pub const ALL: [Self; 7] =
        [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// Returns the word of the language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }

    /// Returns the day a word names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.as_str() == word)
    }
}

impl fmt::Display for Weekday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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
