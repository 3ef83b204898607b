//! Lengths of time of which only bounds are known, and clocks.
//!
//! Minutes of the local clock: a day is 1,440 of them, also on the two nights of a year
//! when the clocks change.

use crate::ir::QuietHours;
use crate::units::{ClockTime, Date, Period, Weekday};

/// Minutes of a day.
pub(crate) const DAY: i64 = 24 * 60;
/// Minutes of a week.
pub(crate) const WEEK: i64 = 7 * DAY;

/// A length of time, in minutes, of which only bounds are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// It is never shorter.
    pub least: i64,
    /// It is never longer; open when `None`.
    pub most: Option<i64>,
}

impl Stretch {
    /// No time at all.
    pub const NONE: Self = Self::exactly(0);

    /// Returns a length that is known.
    #[must_use]
    pub const fn exactly(minutes: i64) -> Self {
        Self { least: minutes, most: Some(minutes) }
    }

    /// Returns a length between two.
    #[must_use]
    pub const fn between(least: i64, most: i64) -> Self {
        Self { least, most: Some(most) }
    }

    /// Returns the length when it is known.
    #[must_use]
    pub fn exact(self) -> Option<i64> {
        self.most.filter(|most| *most == self.least)
    }

    /// Returns both, one after the other.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            least: self.least.saturating_add(other.least),
            most: self.most.zip(other.most).map(|(a, b)| a.saturating_add(b)),
        }
    }

    /// Returns the bounds of what is either of the two.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.zip(other.most).map(|(a, b)| a.max(b)),
        }
    }

    /// Tells whether a length lies within the bounds.
    #[must_use]
    pub fn holds(self, minutes: i64) -> bool {
        self.least <= minutes && self.most.is_none_or(|most| minutes <= most)
    }
}

/// Returns the minutes of a period.
pub(crate) fn minutes(period: Period) -> i64 {
    match period {
        Period::Days(days) => i64::from(days) * DAY,
        Period::Seconds(seconds) => i64::from(seconds) / 60,
    }
}

/// Returns the days since the first of 1970.
pub(crate) fn day_number(date: Date) -> i64 {
    Date::new(1970, 1, 1).map_or(0, |first| first.days_until(date))
}

/// Returns the day of the week of a day since the first of 1970, a Thursday.
pub(crate) fn weekday_of(day: i64) -> Weekday {
    let at = usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default();
    Weekday::ALL.get(at).copied().unwrap_or(Weekday::Mon)
}

/// Returns how many days later the next such day of the week is, 0 for the same.
pub(crate) fn days_to(from: Weekday, to: Weekday) -> i64 {
    let at = |day| Weekday::ALL.iter().position(|other| *other == day).unwrap_or_default();
    (7 + i64::try_from(at(to)).unwrap_or(0) - i64::try_from(at(from)).unwrap_or(0)) % 7
}

/// Tells whether nothing is sent at this time of the day.
pub(crate) fn is_quiet(hours: QuietHours, clock: ClockTime) -> bool {
    let QuietHours { from, to } = hours;
    if from <= to { from <= clock && clock < to } else { from <= clock || clock < to }
}

/// Returns the minutes from one time of the day to the next time the clock shows another,
/// 0 for the same.
pub(crate) fn until_clock(from: ClockTime, to: ClockTime) -> i64 {
    (i64::from(to.0) - i64::from(from.0)).rem_euclid(DAY)
}

/// Returns the time of the day so many minutes after another.
pub(crate) fn clock_after(clock: ClockTime, minutes: i64) -> ClockTime {
    let shown = (i64::from(clock.0) + minutes).rem_euclid(DAY);
    ClockTime(u16::try_from(shown).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_week_follow_the_calendar() {
        let day = |y, m, d| weekday_of(day_number(Date::new(y, m, d).unwrap()));
        assert_eq!(day(1970, 1, 1), Weekday::Thu);
        assert_eq!(day(2025, 8, 1), Weekday::Fri);
        assert_eq!(day(1969, 12, 31), Weekday::Wed);
        assert_eq!(days_to(Weekday::Fri, Weekday::Tue), 4);
        assert_eq!(days_to(Weekday::Tue, Weekday::Tue), 0);
    }

    #[test]
    fn quiet_hours_may_cross_midnight() {
        let night = QuietHours { from: ClockTime(21 * 60), to: ClockTime(10 * 60) };
        let noon = QuietHours { from: ClockTime(13 * 60), to: ClockTime(14 * 60) };
        for (hours, clock, quiet) in [
            (night, 21 * 60, true),
            (night, 0, true),
            (night, 10 * 60, false),
            (night, 21 * 60 - 1, false),
            (noon, 13 * 60, true),
            (noon, 14 * 60, false),
            (noon, 0, false),
        ] {
            assert_eq!(is_quiet(hours, ClockTime(clock)), quiet, "{clock}");
        }
        assert_eq!(until_clock(ClockTime(22 * 60), ClockTime(10 * 60)), 12 * 60);
    }
}
