//! What conditions measure of a customer, and which values each measure can have.

use super::ranges::Ranges;
use crate::ir::{Channel, Touch, Window};
use crate::units::{Date, Period, Test};
use std::collections::HashMap;

/// How far back a count or a sum reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reach {
    /// Over the last so many days or hours.
    Last(Period),
    /// As far as anything is known.
    Ever,
}

impl Reach {
    pub(super) fn of(within: Option<Period>) -> Self {
        within.map_or(Self::Ever, Self::Last)
    }

    /// Returns true when everything within this reach is within the other for certain.
    ///
    /// `in 90d` reaches back to the start of its first day, so it is longer than 90 times
    /// 24 hours by up to a day; one day more is left for clock changes.
    pub(super) fn is_within(self, other: Self) -> bool {
        match (self, other) {
            (_, Self::Ever) => true,
            (Self::Ever, Self::Last(_)) => false,
            (Self::Last(Period::Days(a)), Self::Last(Period::Days(b))) => a <= b,
            (Self::Last(Period::Seconds(a)), Self::Last(Period::Seconds(b))) => a <= b,
            (Self::Last(Period::Seconds(a)), Self::Last(Period::Days(b))) => {
                i64::from(a) <= (i64::from(b) - 1) * DAY
            }
            (Self::Last(Period::Days(a)), Self::Last(Period::Seconds(b))) => {
                (i64::from(a) + 2) * DAY <= i64::from(b)
            }
        }
    }

    /// Returns about how many seconds it is long, to put reaches in order.
    pub(super) fn seconds(self) -> i64 {
        match self {
            Self::Last(Period::Days(days)) => i64::from(days) * DAY + DAY / 2,
            Self::Last(Period::Seconds(seconds)) => i64::from(seconds),
            Self::Ever => i64::MAX,
        }
    }
}

/// A day in seconds.
pub(super) const DAY: i64 = 86_400;

/// Something that conditions measure.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Measure {
    /// Whole days since the last purchase; absent of those who never bought.
    Recency,
    /// How many purchases.
    Frequency(Reach),
    /// How many purchases in such a time, on average since the first.
    Rate(Period),
    /// How much money.
    Spent(Reach),
    /// How much money in a purchase, on average; absent where there was none.
    AverageCheck(Reach),
    /// Bought something of a category.
    Bought(String, Reach),
    /// Bought at a brand.
    Brand(String, Reach),
    /// Time since the last purchase by the customer's own cycle.
    Overdue,
    /// Whole days since the customer registered.
    Registered,
    /// Points in the wallet.
    Balance,
    /// Some of them expire within such a time.
    Expiring(Period),
    /// The forecast chance to leave.
    Churn,
    /// The birthday is within such a time.
    Birthday(Period),
    /// Agreed to a channel.
    Consent(Channel),
    /// Has an address for a channel.
    Reachable(Channel),
    /// Carries a tag.
    Tag(String),
    /// Something happened to a message.
    Touched(Touch, String, Reach),
    /// The city.
    City,
    /// A number the project declared.
    Number(String),
    /// A text the project declared.
    Text(String),
    /// A yes or no the project declared.
    Flag(String),
    /// A declared date that comes within such a time.
    Coming(String, Period),
}

/// The value of a measure that a customer does not have: no purchase, no city.
pub(crate) const ABSENT: i64 = i64::MIN;
/// The largest number that is told apart from larger ones.
pub(crate) const MOST: i64 = 1 << 60;

impl Measure {
    /// Returns what is counted by `frequency`.
    pub(super) fn frequency(window: Window) -> Self {
        match window {
            Window::Ever => Self::Frequency(Reach::Ever),
            Window::Within(period) => Self::Frequency(Reach::Last(period)),
            Window::Per(period) => Self::Rate(period),
        }
    }

    /// Returns true when it can lie between whole numbers, and is doubled in [`Ranges`].
    pub(crate) fn is_dense(&self) -> bool {
        matches!(self, Self::Rate(_) | Self::AverageCheck(_) | Self::Churn | Self::Overdue)
    }

    /// Returns true when it is met or not, with nothing between.
    pub(super) fn is_yes_or_no(&self) -> bool {
        match self {
            Self::Bought(..)
            | Self::Brand(..)
            | Self::Expiring(_)
            | Self::Birthday(_)
            | Self::Consent(_)
            | Self::Reachable(_)
            | Self::Tag(_)
            | Self::Touched(..)
            | Self::Flag(_)
            | Self::Coming(..) => true,
            Self::Recency
            | Self::Frequency(_)
            | Self::Rate(_)
            | Self::Spent(_)
            | Self::AverageCheck(_)
            | Self::Overdue
            | Self::Registered
            | Self::Balance
            | Self::Churn
            | Self::City
            | Self::Number(_)
            | Self::Text(_) => false,
        }
    }

    /// Returns true when only the data can say which values go together: what one text says
    /// of it rules out nothing in another.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Bought(..)
            | Self::Brand(..)
            | Self::Tag(_)
            | Self::Touched(..)
            | Self::Flag(_)
            | Self::Coming(..)
            | Self::Birthday(_)
            | Self::Expiring(_) => true,
            Self::Consent(_)
            | Self::Reachable(_)
            | Self::Recency
            | Self::Frequency(_)
            | Self::Rate(_)
            | Self::Spent(_)
            | Self::AverageCheck(_)
            | Self::Overdue
            | Self::Registered
            | Self::Balance
            | Self::Churn
            | Self::City
            | Self::Number(_)
            | Self::Text(_) => false,
        }
    }

    /// Returns every value it can have.
    pub(crate) fn domain(&self) -> Ranges {
        let none = Ranges::one(ABSENT);
        match self {
            Self::Recency | Self::Registered => none.or(&Ranges::new(0, MOST)),
            // A text is the number of its first appearance.
            Self::City | Self::Text(_) => none.or(&Ranges::new(0, MOST)),
            Self::Overdue | Self::AverageCheck(_) => none.or(&Ranges::new(0, 2 * MOST)),
            Self::Churn => none.or(&Ranges::new(0, 2 * 10_000)),
            Self::Number(_) => none.or(&Ranges::new(-MOST, MOST)),
            Self::Frequency(_) | Self::Spent(_) | Self::Balance => Ranges::new(0, MOST),
            Self::Rate(_) => Ranges::new(0, 2 * MOST),
            Self::Bought(..)
            | Self::Brand(..)
            | Self::Expiring(_)
            | Self::Birthday(_)
            | Self::Consent(_)
            | Self::Reachable(_)
            | Self::Tag(_)
            | Self::Touched(..)
            | Self::Flag(_)
            | Self::Coming(..) => Ranges::new(0, 1),
        }
    }

    /// Returns the values that pass a comparison. Who does not have it passes none.
    pub(super) fn passing(&self, test: Test) -> Ranges {
        let scale = if self.is_dense() { 2 } else { 1 };
        let at = |n: i64| n.clamp(-MOST, MOST) * scale;
        let (floor, top) = (-2 * MOST, 2 * MOST);
        let range = match test {
            Test::Below(n) => Ranges::new(floor, at(n) - 1),
            Test::AtMost(n) => Ranges::new(floor, at(n)),
            Test::Exactly(n) => Ranges::one(at(n)),
            Test::AtLeast(n) => Ranges::new(at(n), top),
            Test::Above(n) => Ranges::new(at(n) + 1, top),
            Test::Between(a, b) => Ranges::new(at(a), at(b)),
        };
        range.and(&self.domain())
    }
}

/// A measure at a moment, by its number in [`Measures`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MeasureId(u32);

/// The measures of a few conditions that are looked at together, each at its moment: `None`
/// is the present, a date the day of a frozen list.
#[derive(Debug, Default)]
pub(crate) struct Measures {
    known: Vec<(Option<Date>, Measure)>,
    ids: HashMap<(Option<Date>, Measure), MeasureId>,
    texts: HashMap<String, i64>,
    spelt: Vec<String>,
}

impl Measures {
    pub(super) fn id(&mut self, on: Option<Date>, measure: Measure) -> MeasureId {
        let next = MeasureId(u32::try_from(self.known.len()).unwrap_or(u32::MAX));
        let id = *self.ids.entry((on, measure.clone())).or_insert(next);
        if id == next {
            self.known.push((on, measure));
        }
        id
    }

    pub(super) fn text(&mut self, text: &str) -> i64 {
        if let Some(&known) = self.texts.get(text) {
            return known;
        }
        let next = i64::try_from(self.spelt.len()).unwrap_or(MOST);
        self.texts.insert(text.to_owned(), next);
        self.spelt.push(text.to_owned());
        next
    }

    /// Returns the text a value stands for, `None` for any that was not named.
    pub(super) fn spelt(&self, value: i64) -> Option<&str> {
        usize::try_from(value).ok().and_then(|at| self.spelt.get(at)).map(String::as_str)
    }

    pub(crate) fn measure(&self, id: MeasureId) -> &Measure {
        &self.at(id).1
    }

    pub(super) fn moment(&self, id: MeasureId) -> Option<Date> {
        self.at(id).0
    }

    fn at(&self, id: MeasureId) -> &(Option<Date>, Measure) {
        let at = usize::try_from(id.0).unwrap_or(usize::MAX);
        self.known.get(at).expect("ids are given out by this table")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_below_one_and_from_one_on_are_apart() {
        let rate = Measure::Rate(Period::Days(36));
        let (below, from) = (rate.passing(Test::Below(1)), rate.passing(Test::Between(1, 2)));
        assert!(!below.meets(&from));
        assert_eq!(below.or(&from), rate.passing(Test::AtMost(2)));
    }

    #[test]
    fn between_two_whole_numbers_of_a_rate_there_is_room() {
        let rate = Measure::Rate(Period::Days(36));
        assert!(rate.passing(Test::Above(1)).meets(&rate.passing(Test::Below(2))));
        let count = Measure::Frequency(Reach::Ever);
        assert!(!count.passing(Test::Above(1)).meets(&count.passing(Test::Below(2))));
    }

    #[test]
    fn days_and_hours_are_compared_only_where_it_is_certain() {
        let day = |days| Reach::Last(Period::Days(days));
        let hours = |hours: u32| Reach::Last(Period::Seconds(hours * 3600));
        assert!(hours(24).is_within(day(2)));
        assert!(!hours(36).is_within(day(2)) && !day(2).is_within(hours(36)));
        assert!(day(1).is_within(hours(72)) && !day(1).is_within(hours(71)));
    }
}
