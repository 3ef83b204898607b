//! Names of time zones and the changes of their clocks, from the database compiled in.

use crate::ir::Day;
use crate::proof::weekday_of_date;
use crate::units::{ClockTime, Date};
use chainc_grammar::words;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Returns the name of a zone as the database writes it, or the name it resembles.
///
/// # Errors
///
/// The name is not in the database; holds the nearest one that is.
pub fn canonical(name: &str) -> Result<String, Option<String>> {
    if let Ok(zone) = TimeZone::get(name)
        && let Some(known) = zone.iana_name()
    {
        return Ok(known.to_owned());
    }
    let names: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
    let wanted = name.to_lowercase().replace([' ', '-'], "_");
    let by_city = names
        .iter()
        .find(|zone| zone.to_lowercase().rsplit_once('/').is_some_and(|(_, city)| city == wanted));
    let suggestion = by_city
        .map(String::as_str)
        .or_else(|| words::nearest(name, names.iter().map(String::as_str)))
        .or_else(|| {
            let city = wanted.rsplit('/').next().unwrap_or_default().to_owned();
            let cities: Vec<&str> =
                names.iter().filter_map(|zone| zone.rsplit('/').next()).collect();
            let near = words::nearest(&city, cities.iter().copied())?;
            names.iter().map(String::as_str).find(|zone| zone.rsplit('/').next() == Some(near))
        });
    Err(suggestion.map(str::to_owned))
}

/// Returns the first day from one date to another on which the clocks of a zone skip a time
/// of the day, and what they show instead of it; only such days as `day` names.
pub(crate) fn skipped(
    zone: &str,
    at: ClockTime,
    day: Day,
    from: Date,
    to: Date,
) -> Option<(Date, ClockTime)> {
    let zone = TimeZone::get(zone).ok()?;
    let first = from.civil().to_datetime(jiff::civil::Time::midnight());
    let first = TimeZone::UTC.to_timestamp(first).ok()?;
    let time = jiff::civil::Time::new(i8(at.0 / 60)?, i8(at.0 % 60)?, 0, 0).ok()?;
    // A day of the zone may begin before that of UTC.
    let before = first.checked_sub(SignedDuration::from_hours(24)).ok()?;
    for change in zone.following(before) {
        let old =
            zone.to_offset(change.timestamp().checked_sub(SignedDuration::from_secs(1)).ok()?);
        let (gap, end) =
            (old.to_datetime(change.timestamp()), change.offset().to_datetime(change.timestamp()));
        let date = Date::from_civil(gap.date())?;
        if to.days_until(date) > 0 {
            return None;
        }
        let moment: DateTime = gap.date().to_datetime(time);
        let named = match day {
            Day::Any => true,
            Day::Weekday(weekday) => weekday_of_date(date) == weekday,
            Day::Date(named) => named == date,
        };
        if named && from.days_until(date) >= 0 && gap <= moment && moment < end {
            let length = end.duration_since(gap).as_mins();
            let instead = (i64::from(at.0) + length).rem_euclid(24 * 60);
            return Some((date, ClockTime(u16::try_from(instead).ok()?)));
        }
    }
    None
}

fn i8(number: u16) -> Option<i8> {
    i8::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped_in(zone: &str, hour: u16, minute: u16, day: Day) -> Option<String> {
        let (from, to) = (Date::new(2026, 1, 1).unwrap(), Date::new(2027, 12, 31).unwrap());
        let found = skipped(zone, ClockTime(hour * 60 + minute), day, from, to);
        found.map(|(date, instead)| format!("{date} {instead}"))
    }

    #[test]
    fn clocks_that_are_put_forward_skip_an_hour() {
        let berlin = |hour, minute| skipped_in("Europe/Berlin", hour, minute, Day::Any);
        assert_eq!(berlin(2, 30), Some("2026-03-29 03:30".to_owned()));
        assert_eq!(berlin(2, 0), Some("2026-03-29 03:00".to_owned()));
        assert_eq!(berlin(3, 0), None);
        assert_eq!(berlin(1, 59), None);
        assert_eq!(skipped_in("Asia/Yekaterinburg", 2, 30, Day::Any), None);
        assert_eq!(skipped_in("America/New_York", 2, 30, Day::Any).unwrap(), "2026-03-08 03:30");
    }

    #[test]
    fn only_the_days_that_are_named_count() {
        let berlin = |day| skipped_in("Europe/Berlin", 2, 30, day);
        assert_eq!(berlin(Day::Weekday(crate::units::Weekday::Tue)), None);
        assert!(berlin(Day::Weekday(crate::units::Weekday::Sun)).is_some());
        let date = |day| Day::Date(Date::new(2027, 3, day).unwrap());
        assert_eq!(berlin(date(28)), Some("2027-03-28 03:30".to_owned()));
        assert_eq!(berlin(date(29)), None);
    }

    #[test]
    fn zones_are_found_by_name_and_suggested_by_likeness_or_city() {
        assert_eq!(canonical("Asia/Yekaterinburg"), Ok("Asia/Yekaterinburg".to_owned()));
        let yekaterinburg = Err(Some("Asia/Yekaterinburg".to_owned()));
        assert_eq!(canonical("Asia/Ekaterinburg"), yekaterinburg);
        assert_eq!(canonical("Yekaterinburg"), yekaterinburg);
        assert_eq!(canonical("qqqqqqqqqqqqqq"), Err(None));
    }
}
