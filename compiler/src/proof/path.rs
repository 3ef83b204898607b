//! Where a customer may be in time: one of the paths through a chain, with what is known
//! of the clock, the day, the gifts she holds and the messages she has had.

use super::moments::{
    DAY, Stretch, WEEK, clock_after, day_number, days_to, is_quiet, minutes, until_clock,
    weekday_of,
};
use crate::ir::{Day, Delay, Every, Placeholder, QuietHours};
use crate::units::{ClockTime, Date, Period, Weekday};
use std::collections::{BTreeMap, VecDeque};

/// What is known at one point of one path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Path<'c> {
    /// Time since the entry.
    pub(crate) elapsed: Stretch,
    /// What the customer's clock shows.
    pub(crate) clock: Option<ClockTime>,
    /// Which day of the week it is.
    pub(crate) weekday: Option<Weekday>,
    /// Which days of the calendar it may be.
    pub(crate) days: Option<Days>,
    /// When she may have entered at the earliest and at the latest, in minutes from 1970.
    pub(crate) entry: Option<(i64, i64)>,
    /// The last gift of each kind; several where paths have met.
    pub(crate) gifts: Vec<Gift<'c>>,
    /// The messages that have left, the last one at the back.
    pub(crate) sent: VecDeque<Since>,
    /// What became of the messages of each step.
    pub(crate) tally: BTreeMap<&'c str, Tally>,
    /// Who said what the clock shows now.
    pub(crate) shown_by: Option<ShownBy<'c>>,
    /// Time since the beginning of each round she is in, the innermost at the end.
    pub(crate) rounds: Vec<Stretch>,
    /// On which day of the week she entered, where that matters and is still known.
    pub(crate) entered: Option<Weekday>,
    /// How many paths this one stands for; those of all days of entering but one count none.
    pub(crate) ways: u32,
}

/// What is known of the moment at which a step is reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moment<'c> {
    pub(crate) elapsed: Stretch,
    pub(crate) clock: Option<ClockTime>,
    pub(crate) shown_by: Option<ShownBy<'c>>,
}

/// Days of the calendar, counted from the first of 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Days {
    pub(crate) first: i64,
    /// Open when `None`.
    pub(crate) last: Option<i64>,
}

/// Time since something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Since {
    /// Which happening: the same on two paths exactly when it happened before they parted.
    pub(crate) born: u32,
    /// How long ago.
    pub(crate) age: Stretch,
    /// True when some of it was counted in days, or up to a time of the day.
    pub(crate) by_days: bool,
    /// True when some of it was counted in hours or minutes.
    pub(crate) by_hours: bool,
}

/// Something given that does not last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Gift<'c> {
    pub(crate) kind: GiftKind,
    /// The step that gave it.
    pub(crate) step: &'c str,
    /// How long it lasts; for good when `None`.
    pub(crate) lasts: Option<Period>,
    pub(crate) since: Since,
}

/// What a message can speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GiftKind {
    /// Points.
    Grant,
    /// A raised cashback.
    Cashback,
    /// A promo code.
    Promo,
}

impl GiftKind {
    /// Returns what a placeholder speaks of.
    #[must_use]
    pub const fn of(placeholder: Placeholder) -> Option<Self> {
        match placeholder {
            Placeholder::GrantPoints | Placeholder::GrantExpires => Some(Self::Grant),
            Placeholder::CashbackRate | Placeholder::CashbackExpires => Some(Self::Cashback),
            Placeholder::PromoCode | Placeholder::PromoExpires => Some(Self::Promo),
            Placeholder::CustomerFirstName
            | Placeholder::CustomerLastName
            | Placeholder::CustomerCity
            | Placeholder::WalletBalance
            | Placeholder::Link
            | Placeholder::Unsubscribe => None,
        }
    }
}

/// How many messages of a step there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    pub(crate) planned: u32,
    /// How many of them a cap held back, certainly.
    pub(crate) lost: u32,
}

/// Who put the clock where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ShownBy<'c> {
    /// The chain's schedule.
    Schedule,
    /// A wait or a repeat.
    Step(&'c str),
}

/// How time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Days,
    Hours,
}

impl<'c> Path<'c> {
    /// Returns the path of a customer who enters.
    pub(crate) fn entering(
        clock: Option<ClockTime>,
        weekday: Option<Weekday>,
        days: Option<Days>,
    ) -> Self {
        let only = days.filter(|days| days.last == Some(days.first));
        let minute = |day: i64, unknown| day * DAY + clock.map_or(unknown, |c| i64::from(c.0));
        let mut path = Self {
            elapsed: Stretch::NONE,
            clock,
            weekday: weekday.or(only.map(|days| weekday_of(days.first))),
            days,
            entry: None,
            gifts: Vec::new(),
            sent: VecDeque::new(),
            tally: BTreeMap::new(),
            shown_by: clock.map(|_| ShownBy::Schedule),
            rounds: Vec::new(),
            entered: None,
            ways: 1,
        };
        if let Some(day) = weekday {
            path = path.on(day);
        }
        path.entry =
            path.days.and_then(|days| Some((minute(days.first, 0), minute(days.last?, DAY - 1))));
        path
    }

    /// Keeps the lengths of time that end within some minutes of the calendar.
    fn ending(mut self, first: Option<i64>, last: Option<i64>) -> Self {
        let Some((entered, latest)) = self.entry else { return self };
        if let Some(first) = first {
            self.elapsed.least = self.elapsed.least.max(first - latest);
        }
        if let Some(last) = last {
            let most = (last - entered).max(self.elapsed.least);
            self.elapsed.most = Some(self.elapsed.most.map_or(most, |known| known.min(most)));
        }
        self
    }

    /// Returns the path of those for whom it is not behind a day yet, if there are any, and
    /// whether it is for others.
    pub(crate) fn divide(self, until: Option<i64>) -> (Option<Self>, bool) {
        let Some(until) = until else { return (Some(self), false) };
        let Some(days) = self.days else { return (Some(self), true) };
        if days.first > until {
            return (None, true);
        }
        let over = days.last.is_none_or(|last| last > until);
        let mut last = days.last.map_or(until, |last| last.min(until));
        if let Some(day) = self.weekday {
            last -= days_to(day, weekday_of(last));
        }
        let minute = last * DAY + self.clock.map_or(DAY - 1, |clock| i64::from(clock.0));
        let goes = Self { days: Some(Days { first: days.first, last: Some(last) }), ..self };
        (Some(goes.ending(None, Some(minute))), over)
    }

    /// Returns what is known of this moment.
    pub(crate) fn moment(&self) -> Moment<'c> {
        Moment { elapsed: self.elapsed, clock: self.clock, shown_by: self.shown_by }
    }

    /// Tells whether nothing has happened yet whose age would matter.
    fn is_fresh(&self) -> bool {
        self.gifts.is_empty() && self.sent.is_empty() && self.tally.is_empty()
    }

    /// Lets time pass.
    fn pass(&mut self, time: Stretch, by: By) {
        if time == Stretch::NONE {
            return;
        }
        let clock = self.clock.map(|clock| i64::from(clock.0));
        if let Some(days) = &mut self.days {
            days.first += (clock.unwrap_or(0) + time.least) / DAY;
            let last = days.last.zip(time.most);
            days.last = last.map(|(last, most)| last + (clock.unwrap_or(DAY - 1) + most) / DAY);
        }
        let known = time.exact().zip(clock);
        self.weekday = self.weekday.zip(known).map(|(day, (time, clock))| {
            let at = i64::try_from(Weekday::ALL.iter().position(|d| *d == day).unwrap_or_default());
            // The first of 1970 was a Thursday: Monday is day 4.
            weekday_of(at.unwrap_or(0) + 4 + (clock + time) / DAY)
        });
        self.clock = self.clock.zip(time.exact()).map(|(clock, time)| clock_after(clock, time));
        self.elapsed = self.elapsed.plus(time);
        self.shown_by = None;
        for round in &mut self.rounds {
            *round = round.plus(time);
        }
        let gifts = self.gifts.iter_mut().map(|gift| &mut gift.since);
        for since in gifts.chain(&mut self.sent) {
            since.age = since.age.plus(time);
            match by {
                By::Days => since.by_days = true,
                By::Hours => since.by_hours = true,
            }
        }
    }

    /// Keeps the days that are such a day of the week, perhaps none.
    fn on(mut self, day: Weekday) -> Self {
        self.weekday = Some(day);
        if let Some(days) = &mut self.days {
            days.first += days_to(weekday_of(days.first), day);
            days.last = days.last.map(|last| last - days_to(day, weekday_of(last)));
        }
        self
    }

    /// Returns the path behind a wait, and one of those for whom it is over.
    pub(crate) fn wait(mut self, delay: Delay, step: &'c str) -> (Option<Self>, Option<Self>) {
        match delay {
            Delay::For(period) => {
                self.pass_period(period);
                (Some(self), None)
            }
            Delay::Until { day, at } => match day {
                Day::Any => (Some(self.until_clock(at, step)), None),
                Day::Weekday(day) => (Some(self.until_weekday(day, Some(at), step)), None),
                Day::Date(date) => self.until_date(date, at, step),
            },
        }
    }

    fn pass_period(&mut self, period: Period) {
        let by = match period {
            Period::Days(_) => By::Days,
            Period::Seconds(_) => By::Hours,
        };
        self.pass(Stretch::exactly(minutes(period)), by);
    }

    fn until_clock(mut self, at: ClockTime, step: &'c str) -> Self {
        let time = match self.clock {
            Some(clock) if clock == at => Stretch::exactly(DAY),
            Some(clock) => Stretch::exactly(until_clock(clock, at)),
            None => Stretch::between(1, DAY),
        };
        self.pass(time, By::Days);
        self.shows(at, step)
    }

    /// Waits for a day of the week; for any time of it, today included, when no time is said.
    fn until_weekday(mut self, day: Weekday, at: Option<ClockTime>, step: &'c str) -> Self {
        let Some(at) = at else {
            let time = match self.weekday {
                Some(today) => Stretch::exactly(days_to(today, day) * DAY),
                None => Stretch::between(0, 6 * DAY),
            };
            let clock = self.clock;
            self.pass(time, By::Days);
            self.clock = clock;
            return self.on(day);
        };
        let behind = self.clock.map(|clock| i64::from(at.0) - i64::from(clock.0));
        let time = match (self.weekday, behind) {
            (Some(today), Some(behind)) => {
                let time = days_to(today, day) * DAY + behind;
                Stretch::exactly(if time > 0 { time } else { time + WEEK })
            }
            (None, Some(behind)) => {
                let first = if behind > 0 { behind } else { behind + DAY };
                Stretch::between(first, first + WEEK - DAY)
            }
            (_, None) => Stretch::between(1, WEEK),
        };
        self.pass(time, By::Days);
        self.on(day).shows(at, step)
    }

    fn until_date(self, date: Date, at: ClockTime, step: &'c str) -> (Option<Self>, Option<Self>) {
        let day = day_number(date);
        let waiting = |mut path: Self, time| {
            path.pass(time, By::Days);
            path.days = Some(Days { first: day, last: Some(day) });
            path.weekday = Some(weekday_of(day));
            let target = day * DAY + i64::from(at.0);
            path.shows(at, step).ending(Some(target), Some(target))
        };
        let Some(days) = self.days else {
            // Nobody knows how long it is, or whether it is over.
            return (Some(waiting(self.clone(), Stretch { least: 0, most: None })), Some(self));
        };
        let clock = |unknown| self.clock.map_or(unknown, |clock| i64::from(clock.0));
        let target = i64::from(at.0);
        let most = (day - days.first) * DAY + target - clock(0);
        let least = days.last.map(|last| (day - last) * DAY + target - clock(DAY - 1));
        let waits = (most > 0)
            .then(|| waiting(self.clone(), Stretch::between(least.unwrap_or(0).max(0), most)));
        let over = least.is_none_or(|least| least <= 0).then(|| {
            let days = Days { first: days.first.max(day), last: days.last };
            Self { days: Some(days), ..self }.ending(Some(day * DAY + target), None)
        });
        (waits, over)
    }

    fn shows(mut self, at: ClockTime, step: &'c str) -> Self {
        self.clock = Some(at);
        self.shown_by = Some(ShownBy::Step(step));
        self
    }

    /// Returns how long quiet hours hold a message back that is due now; `None` for not at all.
    pub(crate) fn held(&self, quiet: Option<QuietHours>) -> Option<Stretch> {
        let quiet = quiet?;
        match self.clock {
            Some(clock) => {
                is_quiet(quiet, clock).then(|| Stretch::exactly(until_clock(clock, quiet.to)))
            }
            None => Some(Stretch::between(0, until_clock(quiet.from, quiet.to))),
        }
    }

    /// Lets quiet hours pass.
    pub(crate) fn hold(&mut self, time: Stretch) {
        self.pass(time, By::Days);
    }

    /// Returns the path at the beginning of the first round of a repeat.
    pub(crate) fn first_round(mut self, every: Every, step: &'c str) -> Self {
        match every {
            Every::Period { at: None, .. } => self,
            Every::Period { at: Some(at), .. } => self.until_clock(at, step),
            Every::Weekly { on, at } => {
                if at.is_none() && self.weekday == Some(on) {
                    self.shown_by = None;
                    return self;
                }
                self.until_weekday(on, at, step)
            }
        }
    }

    /// Returns the path at the beginning of the next round, from the beginning of a round
    /// and a path that has come through it.
    pub(crate) fn next_round(start: &Self, end: Self, every: Every, step: &'c str) -> Self {
        let (length, by) = match every {
            Every::Period { period: period @ Period::Days(_), .. } => (minutes(period), By::Days),
            Every::Period { period, .. } => (minutes(period), By::Hours),
            Every::Weekly { .. } => (WEEK, By::Days),
        };
        let length = length.max(1);
        let since = end.rounds.last().copied().unwrap_or(Stretch::NONE);
        let rounds = |time: i64| (time.max(1).saturating_add(length - 1) / length) * length;
        let gap = Stretch { least: rounds(since.least), most: since.most.map(rounds) };
        let rest = match (gap.exact(), since.most) {
            (Some(gap), Some(most)) => Stretch::between(gap - most, gap - since.least),
            _ => Stretch::between(0, length - 1),
        };
        let mut next = start.clone();
        next.pass(gap, by);
        if length % DAY == 0 {
            next.clock = start.clock;
        }
        if length % WEEK == 0 {
            next.weekday = start.weekday;
        }
        let mut rested = end;
        rested.pass(rest, by);
        // What happened before the round began is as much older as the beginnings are apart.
        let older = |since: &Since, before: &[Since]| {
            before.iter().find(|other| other.born == since.born).copied().unwrap_or(*since)
        };
        let held: Vec<Since> = next.gifts.iter().map(|gift| gift.since).collect();
        let sent: Vec<Since> = next.sent.iter().copied().collect();
        for gift in &mut rested.gifts {
            gift.since = older(&gift.since, &held);
        }
        for since in &mut rested.sent {
            *since = older(since, &sent);
        }
        next.gifts = rested.gifts;
        next.sent = rested.sent;
        next.tally = rested.tally;
        next.ways = rested.ways;
        let at = match every {
            Every::Period { at, .. } | Every::Weekly { at, .. } => at,
        };
        next.shown_by = at.map(|_| ShownBy::Step(step));
        next
    }

    /// Loses what was known: so many rounds have passed that nobody counts them.
    pub(crate) fn lose(&mut self) {
        self.pass(Stretch { least: 0, most: None }, By::Days);
    }

    /// Puts a gift in the place of the last one of its kind.
    pub(crate) fn give(&mut self, kind: GiftKind, step: &'c str, lasts: Option<Period>, born: u32) {
        self.gifts.retain(|gift| gift.kind != kind);
        self.gifts.push(Gift { kind, step, lasts, since: Since::now(born) });
    }

    /// Returns how much there is to say of the messages on this path.
    fn weight(&self) -> (u32, u32, usize) {
        let sum = |of: fn(&Tally) -> u32| self.tally.values().map(of).fold(0, u32::saturating_add);
        (sum(|tally| tally.lost), sum(|tally| tally.planned), self.sent.len())
    }

    /// Tells whether nothing is lost when one path is made of two.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let at_once = self.elapsed == other.elapsed && self.days == other.days;
        self.is_like(other)
            && (at_once || self.is_fresh() && other.is_fresh() && self.rounds == other.rounds)
    }

    /// Tells whether two paths differ in no more than their lengths of time.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.clock == other.clock
            && self.weekday == other.weekday
            && self.shown_by == other.shown_by
            && self.rounds.len() == other.rounds.len()
    }

    /// Makes one path of two: what is known of it holds for both.
    pub(crate) fn join(&mut self, other: Self, born: &mut u32) {
        let mut fresh = || {
            *born += 1;
            *born
        };
        self.elapsed = self.elapsed.or(other.elapsed);
        self.clock = self.clock.filter(|clock| other.clock == Some(*clock));
        self.weekday = self.weekday.filter(|day| other.weekday == Some(*day));
        self.shown_by = self.shown_by.filter(|by| other.shown_by == Some(*by));
        self.entered = self.entered.filter(|day| other.entered == Some(*day));
        self.days = self.days.zip(other.days).map(|(a, b)| Days {
            first: a.first.min(b.first),
            last: a.last.zip(b.last).map(|(a, b)| a.max(b)),
        });
        self.entry = self.entry.zip(other.entry).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1)));
        for (mine, its) in self.rounds.iter_mut().zip(&other.rounds) {
            *mine = mine.or(*its);
        }
        for gift in &other.gifts {
            match self
                .gifts
                .iter_mut()
                .find(|mine| mine.kind == gift.kind && mine.step == gift.step)
            {
                Some(mine) => mine.since.join(gift.since, &mut fresh),
                None => self.gifts.push(*gift),
            }
        }
        // Messages are those of one of the two: what a cap does to them is true of somebody.
        if other.weight() > self.weight() {
            self.sent = other.sent;
            self.tally = other.tally;
        }
        self.ways = self.ways.saturating_add(other.ways);
    }
}

impl Since {
    /// Returns what happens now.
    pub(crate) const fn now(born: u32) -> Self {
        Self { born, age: Stretch::NONE, by_days: false, by_hours: false }
    }

    fn join(&mut self, other: Self, fresh: &mut impl FnMut() -> u32) {
        if self.born != other.born {
            self.born = fresh();
        }
        self.age = self.age.or(other.age);
        self.by_days |= other.by_days;
        self.by_hours |= other.by_hours;
    }

    /// Tells whether it is certainly longer ago than a period, or as long.
    pub(crate) fn is_over(&self, lasts: Period) -> bool {
        // Where days meet hours, the two nights on which clocks change make a difference.
        let mixed = match lasts {
            Period::Days(_) => self.by_hours,
            Period::Seconds(_) => self.by_days,
        };
        self.age.least >= minutes(lasts) + if mixed { 60 } else { 0 }
    }

    /// Tells whether it may be longer ago than a period, or as long.
    pub(crate) fn may_be_over(&self, lasts: Period) -> bool {
        self.age.most.is_none_or(|most| most >= minutes(lasts))
    }
}
