//! Moments, zones and the reading of dates: the one module that knows calendars.
//!
//! A [`Moment`] is milliseconds UTC and an integer; a [`Zone`] turns it into local
//! days and clock times. Zone rules come from jiff's bundled database, written
//! dates are read with chrono. Nothing here looks at the machine's clock but
//! [`Moment::now`].

use crate::mutant::{self, Mutant};
use chainc_compiler::ir::QuietHours;
use chainc_compiler::units::{self, ClockTime, Period, Weekday};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use std::fmt;

/// A point in time, in milliseconds since 1970-01-01 UTC.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// Returns the wall clock's time.
    #[must_use]
    pub fn now() -> Self {
        Self(chrono::Utc::now().timestamp_millis())
    }

    /// Returns the moment so many milliseconds later.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    fn timestamp(self) -> Timestamp {
        let (low, high) = (Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond());
        Timestamp::from_millisecond(self.0.clamp(low, high)).expect("clamped into jiff's range")
    }
}

/// A calendar day of some zone, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i64);

impl Day {
    /// The first and the last day that anything in a store may carry:
    /// 1970-01-01 and 2200-12-31.
    pub const RANGE: (Self, Self) = (Self(0), Self(84_370));

    /// Reads `2017-07-01`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        let epoch = chrono::NaiveDate::from_ymd_opt(1970, 1, 1)?;
        let day = Self(date.signed_duration_since(epoch).num_days());
        (Self::RANGE.0..=Self::RANGE.1).contains(&day).then_some(day)
    }

    /// Returns the day a chain file names.
    #[must_use]
    pub fn from_date(date: units::Date) -> Self {
        Self::of(date.civil())
    }

    /// Returns it as a chain file names it.
    #[must_use]
    pub fn to_date(self) -> units::Date {
        units::Date::from_civil(self.date()).expect("the calendar's own day")
    }

    /// Returns the day of the week.
    #[must_use]
    pub fn weekday(self) -> Weekday {
        // 1970-01-01 was a Thursday.
        let since_monday = usize::try_from((self.0 + 3).rem_euclid(7)).unwrap_or(0);
        Weekday::ALL.get(since_monday).copied().unwrap_or(Weekday::Mon)
    }

    fn date(self) -> Date {
        let day = self.0.clamp(-365_000, 365_000);
        let epoch = Date::constant(1970, 1, 1);
        epoch.checked_add(Span::new().days(day)).expect("clamped to 1000 years around 1970")
    }

    fn of(date: Date) -> Self {
        let since = date - Date::constant(1970, 1, 1);
        Self(i64::from(since.get_days()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date())
    }
}

/// A time zone by its IANA name.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

impl Zone {
    /// Returns the zone of a name, or `None` if the bundled database has none such.
    #[must_use]
    pub fn get(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Returns UTC.
    #[must_use]
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    fn local(&self, moment: Moment) -> DateTime {
        self.0.to_datetime(moment.timestamp())
    }

    /// A local time that the clock skips becomes the time as far behind the gap; one that
    /// comes twice is its first.
    fn moment(&self, local: DateTime) -> Moment {
        let zoned = self.0.to_ambiguous_zoned(local).compatible();
        Moment(zoned.map_or(0, |zoned| zoned.timestamp().as_millisecond()))
    }

    /// Returns the calendar day on which a moment falls here.
    #[must_use]
    pub fn day(&self, moment: Moment) -> Day {
        Day::of(self.local(moment).date())
    }

    /// Returns the first moment of a day.
    #[must_use]
    pub fn start_of(&self, day: Day) -> Moment {
        self.at(day, ClockTime(0))
    }

    /// Returns the last moment of a day.
    #[must_use]
    pub fn end_of(&self, day: Day) -> Moment {
        self.start_of(Day(day.0 + 1)).plus_millis(-1)
    }

    /// Returns the moment at which the clock here shows a time on a day.
    #[must_use]
    pub fn at(&self, day: Day, time: ClockTime) -> Moment {
        let (hour, minute) = ((time.0 / 60).min(23), time.0 % 60);
        self.moment(day.date().at(i8_of(hour), i8_of(minute), 0, 0))
    }

    /// Returns the first moment, not before another, at which the clock here shows a time;
    /// on a day of the week, if one is given.
    #[must_use]
    pub fn first_at(&self, from: Moment, on: Option<Weekday>, time: ClockTime) -> Moment {
        let today = self.day(from).0;
        let days = (today..=today.saturating_add(7)).map(Day);
        let moments = days
            .filter(|day| on.is_none_or(|on| day.weekday() == on))
            .map(|day| self.at(day, time))
            .filter(|at| *at >= from);
        moments.min().unwrap_or(from)
    }

    /// Returns the clock time of a moment, to the minute.
    #[must_use]
    pub fn clock(&self, moment: Moment) -> ClockTime {
        let local = self.local(moment);
        ClockTime(u16_of(local.hour()) * 60 + u16_of(local.minute()))
    }

    /// Returns the moment a period later: days keep the local hour, seconds are exact.
    #[must_use]
    pub fn plus(&self, moment: Moment, period: Period) -> Moment {
        match period {
            Period::Days(days) if mutant::is(Mutant::DaysAreHours) => {
                moment.plus_millis(i64::from(days) * 86_400_000)
            }
            Period::Seconds(seconds) => moment.plus_millis(i64::from(seconds) * 1000),
            Period::Days(days) => self.shift(moment, i64::from(days)),
        }
    }

    /// Returns the moment a period earlier.
    #[must_use]
    pub fn minus(&self, moment: Moment, period: Period) -> Moment {
        match period {
            Period::Seconds(seconds) => moment.plus_millis(-(i64::from(seconds) * 1000)),
            Period::Days(days) => self.shift(moment, -i64::from(days)),
        }
    }

    fn shift(&self, moment: Moment, days: i64) -> Moment {
        let local = self.local(moment);
        let day = Day(Day::of(local.date()).0.saturating_add(days)).date();
        self.moment(day.to_datetime(local.time()))
    }

    /// Returns the moment itself, or the end of the quiet hours it falls into.
    #[must_use]
    pub fn after_quiet(&self, quiet: Option<QuietHours>, moment: Moment) -> Moment {
        let Some(QuietHours { from, to }) = quiet else { return moment };
        let (clock, day) = (self.clock(moment), self.day(moment));
        let ends = if from <= to {
            (from <= clock && clock < to).then(|| self.at(day, to))
        } else if clock >= from {
            Some(self.at(Day(day.0 + 1), to))
        } else {
            (clock < to).then(|| self.at(day, to))
        };
        ends.map_or(moment, |end| end.max(moment))
    }

    /// Returns day of the month and month (1..=12) of a moment.
    #[must_use]
    pub fn day_and_month(&self, moment: Moment) -> (u8, u8) {
        let date = self.local(moment).date();
        (date.day().unsigned_abs(), date.month().unsigned_abs())
    }

    /// Returns a moment as RFC 3339 text with this zone's offset.
    #[must_use]
    pub fn rfc3339(&self, moment: Moment) -> String {
        let offset = self.0.to_offset(moment.timestamp());
        moment.timestamp().display_with_offset(offset).to_string()
    }

    /// Reads a date (its first moment), a local date and time, or a time with an offset.
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<Moment> {
        let text = text.trim();
        if let Some(day) = Day::parse(text) {
            return Some(self.start_of(day));
        }
        if let Ok(fixed) = chrono::DateTime::parse_from_rfc3339(text) {
            return in_range(fixed.naive_utc()).map(|_| Moment(fixed.timestamp_millis()));
        }
        let formats =
            ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
        let naive = formats
            .iter()
            .find_map(|format| chrono::NaiveDateTime::parse_from_str(text, format).ok())?;
        in_range(naive)?;
        let local_millis = naive.and_utc().timestamp_millis();
        Some(self.moment(TimeZone::UTC.to_datetime(Moment(local_millis).timestamp())))
    }
}

/// Tells whether a text is a date on which a customer may have been born.
#[must_use]
pub fn is_birthday(text: &str) -> bool {
    use chrono::Datelike;
    chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .is_ok_and(|date| (1900..=2200).contains(&date.year()))
}

fn in_range(naive: chrono::NaiveDateTime) -> Option<()> {
    use chrono::Datelike;
    (1970..=2200).contains(&naive.year()).then_some(())
}

fn i8_of(value: u16) -> i8 {
    i8::try_from(value).unwrap_or(0)
}

fn u16_of(value: i8) -> u16 {
    u16::try_from(value).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> Zone {
        Zone::get("Europe/Berlin").unwrap()
    }

    #[test]
    fn three_days_keep_the_local_hour_over_the_change_of_clocks() {
        let zone = berlin();
        let friday = zone.parse("2026-03-27T10:00").unwrap();
        assert_eq!(zone.rfc3339(zone.plus(friday, Period::Days(3))), "2026-03-30T10:00:00+02:00");
        let exact = zone.plus(friday, Period::Seconds(72 * 3600));
        assert_eq!(zone.rfc3339(exact), "2026-03-30T11:00:00+02:00");
    }

    #[test]
    fn a_skipped_local_time_moves_behind_the_gap() {
        let zone = berlin();
        let skipped = zone.parse("2026-03-29T02:30").unwrap();
        assert_eq!(zone.rfc3339(skipped), "2026-03-29T03:30:00+02:00");
    }

    #[test]
    fn quiet_hours_over_midnight_end_the_same_or_the_next_morning() {
        let zone = berlin();
        let quiet = Some(QuietHours { from: ClockTime(21 * 60), to: ClockTime(10 * 60) });
        let shown = |text: &str| zone.rfc3339(zone.after_quiet(quiet, zone.parse(text).unwrap()));
        assert_eq!(shown("2026-05-05T21:00"), "2026-05-06T10:00:00+02:00");
        assert_eq!(shown("2026-05-05T09:59:59"), "2026-05-05T10:00:00+02:00");
        assert_eq!(shown("2026-05-05T10:00"), "2026-05-05T10:00:00+02:00");
        assert_eq!(shown("2026-05-05T20:59"), "2026-05-05T20:59:00+02:00");
    }

    #[test]
    fn quiet_hours_within_a_day_end_that_day() {
        let zone = Zone::utc();
        let quiet = Some(QuietHours { from: ClockTime(13 * 60), to: ClockTime(14 * 60) });
        let at = |text: &str| zone.after_quiet(quiet, zone.parse(text).unwrap());
        assert_eq!(at("2026-05-05T13:30"), zone.parse("2026-05-05T14:00").unwrap());
        assert_eq!(at("2026-05-05T12:30"), zone.parse("2026-05-05T12:30").unwrap());
    }

    #[test]
    fn dates_outside_1970_to_2200_and_nonsense_are_not_read() {
        for text in ["1969-12-31", "2201-01-01", "1969-12-31T23:59:59Z", "2017-02-30", "soon", ""] {
            assert_eq!(berlin().parse(text), None, "{text}");
        }
        assert_eq!(Day::parse("2200-12-31"), Some(Day::RANGE.1));
        assert_eq!(Day::parse("1970-01-01"), Some(Day::RANGE.0));
        assert_eq!(Day::RANGE.1.to_string(), "2200-12-31");
    }
}
