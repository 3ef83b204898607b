//! Calendars as the checker knows them: reckoned here, from the rules of a few zones, and
//! from nothing that the engine uses.

/// Milliseconds of a minute, an hour and a day.
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Returns the day since 1970-01-01 of a date.
pub(crate) fn day_of(year: i64, month: i64, day: i64) -> i64 {
    // Howard Hinnant's days_from_civil: years begin in March.
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Returns year, month and day of a day since 1970-01-01.
pub(crate) fn date_of(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, date)
}

/// Returns a moment as RFC 3339 text in UTC.
pub(crate) fn text(moment: i64) -> String {
    let (year, month, day) = date_of(moment.div_euclid(DAY));
    let rest = moment.rem_euclid(DAY);
    let (hour, minute) = (rest / HOUR, rest / MINUTE % 60);
    let (second, milli) = (rest / 1_000 % 60, rest % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// Reads a moment that a channel shows: RFC 3339 with an offset.
pub(crate) fn read(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let day = day_of(number(0..4)?, number(5..7)?, number(8..10)?);
    let clock = number(11..13)? * HOUR + number(14..16)? * MINUTE + number(17..19)? * 1_000;
    let rest = text.get(19..)?;
    let digits = rest
        .strip_prefix('.')
        .map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let milli = match digits {
        0 => 0,
        n => format!("{:0<3}", rest.get(1..=n)?).get(..3)?.parse::<i64>().ok()?,
    };
    let zone = if digits > 0 { rest.get(digits + 1..)? } else { rest };
    let offset = match zone {
        "Z" => 0,
        _ => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let hours = zone.get(1..3)?.parse::<i64>().ok()?;
            let minutes = zone.get(4..6)?.parse::<i64>().ok()?;
            sign * (hours * HOUR + minutes * MINUTE)
        }
    };
    Some(day * DAY + clock + milli - offset)
}

/// A zone: how far its clocks are ahead of UTC, and when they change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    /// Always so many minutes.
    Fixed(i64),
    /// So many minutes, and an hour more from the last Sunday of March to that of October,
    /// at 1:00 UTC.
    Europe(i64),
    /// So many minutes, and an hour more from the second Sunday of March to the first of
    /// November, at 2:00 of the local clock.
    America(i64),
}

impl Zone {
    /// Returns the zone of a name that worlds use.
    pub(crate) fn get(name: &str) -> Self {
        match name {
            "UTC" => Self::Fixed(0),
            "Asia/Yekaterinburg" => Self::Fixed(300),
            "Europe/Moscow" => Self::Fixed(180),
            "Asia/Kolkata" => Self::Fixed(330),
            "Asia/Tokyo" => Self::Fixed(540),
            "Europe/Berlin" => Self::Europe(60),
            "America/New_York" => Self::America(-300),
            _ => panic!("the checker knows no zone {name}"),
        }
    }

    /// How far its clocks are ahead of UTC at a moment, in milliseconds.
    fn offset(self, moment: i64) -> i64 {
        let year = date_of(moment.div_euclid(DAY)).0;
        let (base, from, to) = match self {
            Self::Fixed(minutes) => return minutes * MINUTE,
            Self::Europe(minutes) => {
                let last = |month| last_sunday(day_of(year, month, 31)) * DAY + HOUR;
                (minutes, last(3), last(10))
            }
            Self::America(minutes) => {
                let sunday = |month, nth: i64| last_sunday(day_of(year, month, 7 * nth)) * DAY;
                let two = 2 * HOUR - minutes * MINUTE;
                (minutes, sunday(3, 2) + two, sunday(11, 1) + two - HOUR)
            }
        };
        base * MINUTE + if from <= moment && moment < to { HOUR } else { 0 }
    }

    /// What its clocks show at a moment, as milliseconds since they showed 1970.
    pub(crate) fn local(self, moment: i64) -> i64 {
        moment + self.offset(moment)
    }

    /// When its clocks show this. What they skip is as far behind the gap; what they show
    /// twice is the first.
    pub(crate) fn moment(self, local: i64) -> i64 {
        // No two offsets of a zone are further apart than a day.
        let offsets = [self.offset(local - DAY), self.offset(local + DAY)];
        let fits = offsets.iter().map(|offset| local - offset);
        let fitting = fits.filter(|moment| self.local(*moment) == local);
        fitting.min().unwrap_or_else(|| local - offsets[0])
    }

    /// The day its calendars show at a moment.
    pub(crate) fn day(self, moment: i64) -> i64 {
        self.local(moment).div_euclid(DAY)
    }

    /// The minute of the day its clocks show.
    pub(crate) fn minute(self, moment: i64) -> i64 {
        self.local(moment).rem_euclid(DAY) / MINUTE
    }

    /// When its clocks show a minute of a day.
    pub(crate) fn at(self, day: i64, minute: i64) -> i64 {
        self.moment(day * DAY + minute * MINUTE)
    }

    /// So many days later, or earlier, at the same time of the day.
    pub(crate) fn plus_days(self, moment: i64, days: i64) -> i64 {
        self.moment(self.local(moment) + days * DAY)
    }

    /// Tells whether a moment lies in the hours from one minute of the day to another.
    pub(crate) fn is_between(self, moment: i64, from: i64, to: i64) -> bool {
        let minute = self.minute(moment);
        if from <= to { from <= minute && minute < to } else { minute >= from || minute < to }
    }
}

/// The last Sunday up to a day.
fn last_sunday(day: i64) -> i64 {
    // 1970-01-01 was a Thursday.
    day - (day + 4).rem_euclid(7)
}

/// The day of the week of a day, from 0 for Monday.
pub(crate) fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        read(text).expect("a moment")
    }

    #[test]
    fn clocks_change_when_they_do() {
        let berlin = Zone::get("Europe/Berlin");
        assert_eq!(berlin.offset(at("2026-03-29T00:59:59Z")), HOUR);
        assert_eq!(berlin.offset(at("2026-03-29T01:00:00Z")), 2 * HOUR);
        assert_eq!(berlin.offset(at("2026-10-25T00:59:59Z")), 2 * HOUR);
        assert_eq!(berlin.offset(at("2026-10-25T01:00:00Z")), HOUR);
        let york = Zone::get("America/New_York");
        assert_eq!(york.offset(at("2026-03-08T06:59:59Z")), -5 * HOUR);
        assert_eq!(york.offset(at("2026-03-08T07:00:00Z")), -4 * HOUR);
        assert_eq!(york.offset(at("2026-11-01T05:59:59Z")), -4 * HOUR);
        assert_eq!(york.offset(at("2026-11-01T06:00:00Z")), -5 * HOUR);
        // Skipped, and shown twice.
        let skipped = day_of(2026, 3, 29) * DAY + 2 * HOUR + 30 * MINUTE;
        assert_eq!(berlin.moment(skipped), at("2026-03-29T03:30:00+02:00"));
        let twice = day_of(2026, 10, 25) * DAY + 2 * HOUR + 30 * MINUTE;
        assert_eq!(berlin.moment(twice), at("2026-10-25T02:30:00+02:00"));
    }

    #[test]
    fn texts_are_read_as_they_are_written() {
        for moment in [0, 1, 951_782_400_000, 1_767_225_599_999] {
            assert_eq!(read(&text(moment)), Some(moment));
        }
        assert_eq!(text(at("2026-05-05T09:59:59.5+05:30")), "2026-05-05T04:29:59.500Z");
        assert_eq!(weekday(day_of(2026, 5, 5)), 1);
    }
}
