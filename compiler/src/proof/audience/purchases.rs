//! Whether one history of purchases can be all that is asked of it.
//!
//! Days since the last purchase, counts, sums and averages over different times all come
//! from one list of purchases. The times that are asked about cut the past into rings: the
//! last 30 days, the 60 days before them, everything earlier. A history is tried for every
//! choice of rings in which something was bought. Within a choice the smallest counts and
//! sums are the best, because everything further back can only be more.

use super::measure::{ABSENT, DAY, MOST, Measure, MeasureId, Measures, Reach};
use super::profile::Profile;
use super::ranges::Ranges;
use crate::units::Period;
use std::collections::BTreeMap;

/// How many different times may be asked about: each doubles the choices.
const MOST_RINGS: usize = 6;
/// How many counts are tried where an average or a rate hangs on them.
const MOST_COUNTS: usize = 12;
/// How many tries a profile is worth in all.
const MOST_TRIES: u32 = 400;
/// The longest time a history goes back, in seconds.
const LONGEST: i64 = 1 << 40;

/// What becomes of a question that may be left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found<T> {
    /// This.
    Yes(T),
    /// There is none, for certain.
    No,
    /// Not known.
    Open,
}

/// Values for measures.
pub(super) type Values = Vec<(MeasureId, i64)>;

/// Returns true for a measure that comes from the purchases.
pub(super) fn is_of_purchases(measure: &Measure) -> bool {
    match measure {
        Measure::Recency
        | Measure::Frequency(_)
        | Measure::Rate(_)
        | Measure::Spent(_)
        | Measure::AverageCheck(_)
        | Measure::Bought(..)
        | Measure::Brand(..)
        | Measure::Overdue => true,
        Measure::Registered
        | Measure::Balance
        | Measure::Expiring(_)
        | Measure::Churn
        | Measure::Birthday(_)
        | Measure::Consent(_)
        | Measure::Reachable(_)
        | Measure::Tag(_)
        | Measure::Touched(..)
        | Measure::City
        | Measure::Number(_)
        | Measure::Text(_)
        | Measure::Flag(_)
        | Measure::Coming(..) => false,
    }
}

/// Looks for a history with which every measure is within what is left of it.
pub(super) fn history(
    asked: &[MeasureId],
    profile: &Profile,
    measures: &Measures,
) -> Found<Values> {
    let Some(wanted) = Wanted::new(asked, profile, measures) else { return Found::Open };
    let rings = wanted.reaches.len();
    // The plainest customers first: those who bought in few of the rings, never in none.
    let mut choices: Vec<u32> = (0..1_u32 << rings).collect();
    choices.sort_by_key(|choice| (*choice == 0, choice.count_ones()));
    let mut tries = MOST_TRIES;
    let mut open = false;
    for choice in choices {
        match wanted.with(choice, &mut tries) {
            Found::Yes(values) => return Found::Yes(values),
            Found::No => {}
            Found::Open => open = true,
        }
    }
    if open { Found::Open } else { Found::No }
}

/// What is asked within one reach: the last so many days, and everything ever.
#[derive(Debug)]
struct Within {
    reach: Reach,
    counts: Vec<(MeasureId, Ranges)>,
    sums: Vec<(MeasureId, Ranges)>,
    averages: Vec<(MeasureId, Ranges)>,
}

/// A category or a brand, and what is asked of it within each reach.
type Mark = BTreeMap<usize, (MeasureId, Ranges)>;

/// What is asked of the purchases.
#[derive(Debug)]
struct Wanted {
    recency: Option<(MeasureId, Ranges)>,
    overdue: Option<(MeasureId, Ranges)>,
    /// The shortest first, everything ever last.
    reaches: Vec<Within>,
    rates: Vec<(MeasureId, Period, Ranges)>,
    marks: BTreeMap<(bool, String), Mark>,
}

impl Wanted {
    /// Collects it, `None` when its times cannot be put in order or are too many.
    fn new(asked: &[MeasureId], profile: &Profile, measures: &Measures) -> Option<Self> {
        let mut reaches = vec![Reach::Ever];
        for &id in asked {
            if let Measure::Frequency(reach)
            | Measure::Spent(reach)
            | Measure::AverageCheck(reach)
            | Measure::Bought(_, reach)
            | Measure::Brand(_, reach) = measures.measure(id)
            {
                reaches.push(*reach);
            }
        }
        reaches.sort_by_key(|reach| reach.seconds());
        reaches.dedup();
        let in_order = |pair: &[Reach]| matches!(pair, [a, b] if a.is_within(*b));
        if reaches.len() > MOST_RINGS || !reaches.windows(2).all(in_order) {
            return None;
        }
        let mut wanted = Self {
            recency: None,
            overdue: None,
            reaches: reaches
                .iter()
                .map(|reach| Within {
                    reach: *reach,
                    counts: Vec::new(),
                    sums: Vec::new(),
                    averages: Vec::new(),
                })
                .collect(),
            rates: Vec::new(),
            marks: BTreeMap::new(),
        };
        for &id in asked {
            let measure = measures.measure(id);
            let left = profile.get(id).cloned().unwrap_or_else(|| measure.domain());
            let at = |reach: &Reach| reaches.iter().position(|known| known == reach);
            match measure {
                Measure::Recency => wanted.recency = Some((id, left)),
                Measure::Overdue => wanted.overdue = Some((id, left)),
                Measure::Rate(period) => wanted.rates.push((id, *period, left)),
                Measure::Frequency(reach) => {
                    wanted.reaches.get_mut(at(reach)?)?.counts.push((id, left));
                }
                Measure::Spent(reach) => {
                    wanted.reaches.get_mut(at(reach)?)?.sums.push((id, left));
                }
                Measure::AverageCheck(reach) => {
                    wanted.reaches.get_mut(at(reach)?)?.averages.push((id, left));
                }
                Measure::Bought(name, reach) => {
                    let mark = wanted.marks.entry((true, name.clone())).or_default();
                    mark.insert(at(reach)?, (id, left));
                }
                Measure::Brand(name, reach) => {
                    let mark = wanted.marks.entry((false, name.clone())).or_default();
                    mark.insert(at(reach)?, (id, left));
                }
                Measure::Registered
                | Measure::Balance
                | Measure::Expiring(_)
                | Measure::Churn
                | Measure::Birthday(_)
                | Measure::Consent(_)
                | Measure::Reachable(_)
                | Measure::Tag(_)
                | Measure::Touched(..)
                | Measure::City
                | Measure::Number(_)
                | Measure::Text(_)
                | Measure::Flag(_)
                | Measure::Coming(..) => {}
            }
        }
        Some(wanted)
    }

    /// Tries the histories with purchases in the chosen rings, and only there.
    fn with(&self, choice: u32, tries: &mut u32) -> Found<Values> {
        let mut values = Values::new();
        let bought = |ring: usize| choice & (1 << ring) != 0;
        for mark in self.marks.values() {
            if !self.marked(mark, &bought, &mut values) {
                return Found::No;
            }
        }
        if let Some((id, left)) = &self.overdue {
            let value = if choice == 0 {
                Some(ABSENT).filter(|_| left.contains(ABSENT))
            } else {
                shown(left)
            };
            let Some(value) = value else { return Found::No };
            values.push((*id, value));
        }
        let days = match self.last(choice) {
            Some(days) => days,
            None => return Found::No,
        };
        let mut fill = Fill { wanted: self, choice, days, tries, open: false };
        match fill.ring(0, 0, 0, &mut values) {
            true => Found::Yes(values),
            false if fill.open => Found::Open,
            false => Found::No,
        }
    }

    /// Chooses the ring in which a category was bought first. Returns false when none fits.
    fn marked(&self, mark: &Mark, bought: &impl Fn(usize) -> bool, values: &mut Values) -> bool {
        let from = (0..=self.reaches.len()).rev().find(|&from| {
            let can_be = from == self.reaches.len() || bought(from);
            can_be && mark.iter().all(|(at, (_, left))| left.contains(i64::from(*at >= from)))
        });
        let Some(from) = from else { return false };
        values.extend(mark.iter().map(|(at, (id, _))| (*id, i64::from(*at >= from))));
        true
    }

    /// Returns on which days the last purchase can have been.
    fn last(&self, choice: u32) -> Option<Ranges> {
        let all = Measure::Recency.domain();
        let left = self.recency.as_ref().map_or(&all, |(_, left)| left);
        let days = if choice == 0 {
            Ranges::one(ABSENT)
        } else {
            self.days(usize::try_from(choice.trailing_zeros()).unwrap_or(0))
        };
        let days = days.and(left);
        (!days.is_empty()).then_some(days)
    }

    /// Returns the days that are in a ring. A ring that ends with an hour has a day more.
    fn days(&self, ring: usize) -> Ranges {
        let reach = |ring: usize| self.reaches.get(ring).map_or(Reach::Ever, |within| within.reach);
        let first = match ring.checked_sub(1).map(reach) {
            None | Some(Reach::Ever) => 0,
            Some(Reach::Last(Period::Days(days))) => i64::from(days) + 1,
            Some(Reach::Last(Period::Seconds(seconds))) => (i64::from(seconds) / DAY - 1).max(0),
        };
        let last = match reach(ring) {
            Reach::Ever => MOST,
            Reach::Last(Period::Days(days)) => i64::from(days),
            Reach::Last(Period::Seconds(seconds)) => i64::from(seconds) / DAY + 2,
        };
        Ranges::new(first, last)
    }
}

/// One choice of rings on the way to its counts and sums.
struct Fill<'w> {
    wanted: &'w Wanted,
    choice: u32,
    /// On which days the last purchase can have been.
    days: Ranges,
    tries: &'w mut u32,
    /// True when something was left untried.
    open: bool,
}

impl Fill<'_> {
    /// Fills the rings from this one on, given what was bought before it. Returns false and
    /// leaves the values as they were when that does not work out.
    fn ring(&mut self, ring: usize, count: i64, sum: i64, values: &mut Values) -> bool {
        let Some(within) = self.wanted.reaches.get(ring) else {
            return self.rates(count, values);
        };
        let Some(left) = self.tries.checked_sub(1) else {
            self.open = true;
            return false;
        };
        *self.tries = left;
        let bought = self.choice & (1 << ring) != 0;
        let counts = if bought { self.counts(ring, count + 1, sum) } else { vec![count] };
        for next in counts {
            let mark = values.len();
            let fits = |left: &Ranges| left.contains(next);
            if within.counts.iter().all(|(_, left)| fits(left)) {
                values.extend(within.counts.iter().map(|(id, _)| (*id, next)));
                let least = if bought { self.sum(ring, next, sum) } else { Some(sum) };
                if let Some(total) = least
                    && self.amounts(within, next, total, values)
                    && self.ring(ring + 1, next, total, values)
                {
                    return true;
                }
            }
            values.truncate(mark);
        }
        false
    }

    /// Returns the counts worth trying for a ring and the empty ones behind it.
    fn counts(&mut self, ring: usize, least: i64, before: i64) -> Vec<i64> {
        let mut left = Ranges::new(least, MOST);
        let mut sums = Ranges::new(before, MOST);
        let mut averages = Vec::new();
        for within in self.same(ring) {
            within.counts.iter().for_each(|(_, other)| left = left.and(other));
            within.sums.iter().for_each(|(_, other)| sums = sums.and(other));
            averages.extend(within.averages.iter().map(|(_, other)| other));
        }
        let is_last = self.choice >> (ring + 1) == 0;
        let hangs_on_rates = is_last && !self.wanted.rates.is_empty();
        if averages.is_empty() && !hangs_on_rates {
            // A larger count makes nothing possible.
            return left.least().into_iter().collect();
        }
        for average in averages {
            left = left.and(&counts_of_average(average, &sums));
        }
        if hangs_on_rates {
            let times = self.times(ring);
            for (_, period, rate) in &self.wanted.rates {
                left = left.and(&counts_of_rate(rate, &times, seconds(*period)));
            }
        }
        let mut tries = Vec::new();
        while let Some(next) = left.least_from(tries.last().map_or(i64::MIN, |last| last + 1)) {
            if tries.len() == MOST_COUNTS {
                self.open = true;
                break;
            }
            tries.push(next);
        }
        tries
    }

    /// Returns how long ago the first purchase can have been when it was in this ring.
    fn times(&self, ring: usize) -> Ranges {
        let last = self.days.least().unwrap_or(0).max(0);
        let days = self.wanted.days(ring).and(&Ranges::new(last, MOST));
        span(&days)
    }

    /// Returns a ring with the empty ones behind it: the same counts and sums hold for all.
    fn same(&self, ring: usize) -> impl Iterator<Item = &Within> {
        let choice = self.choice;
        let behind = self.wanted.reaches.iter().enumerate().skip(ring);
        behind
            .take_while(move |(at, _)| *at == ring || choice & (1 << at) == 0)
            .map(|(_, within)| within)
    }

    /// Returns the least sum that a ring with so many purchases can have.
    fn sum(&self, ring: usize, count: i64, before: i64) -> Option<i64> {
        let mut left = Ranges::new(before, MOST);
        for within in self.same(ring) {
            within.sums.iter().for_each(|(_, other)| left = left.and(other));
            for (_, average) in &within.averages {
                left = left.and(&sums_of(average, count));
            }
        }
        left.least()
    }

    fn amounts(&self, within: &Within, count: i64, sum: i64, values: &mut Values) -> bool {
        if !within.sums.iter().all(|(_, left)| left.contains(sum)) {
            return false;
        }
        values.extend(within.sums.iter().map(|(id, _)| (*id, sum)));
        let average = if count == 0 { ABSENT } else { halves(i128::from(sum), i128::from(count)) };
        if !within.averages.iter().all(|(_, left)| left.contains(average)) {
            return false;
        }
        values.extend(within.averages.iter().map(|(id, _)| (*id, average)));
        true
    }

    /// Finds the day of the last purchase and the time since the first one.
    fn rates(&mut self, count: i64, values: &mut Values) -> bool {
        let Some(mut last) = self.days.least() else { return false };
        if self.choice == 0 {
            if !self.wanted.rates.iter().all(|(_, _, left)| left.contains(0)) {
                return false;
            }
            values.extend(self.wanted.rates.iter().map(|(id, _, _)| (*id, 0)));
        } else if !self.wanted.rates.is_empty() {
            let Some(since) = self.since_first(count) else { return false };
            if count == 1 {
                // It is the first one, too.
                let near = Ranges::new(since / DAY - 1, since / DAY + 1).and(&self.days);
                last = near.least().unwrap_or(last);
            }
            for (id, period, _) in &self.wanted.rates {
                let period = seconds(*period);
                let rate =
                    halves(i128::from(count) * i128::from(period), i128::from(since.max(period)));
                values.push((*id, rate));
            }
        }
        values.extend(self.wanted.recency.iter().map(|(id, _)| (*id, last)));
        true
    }

    /// Returns a time since the first purchase that gives every rate asked for, in seconds.
    fn since_first(&self, count: i64) -> Option<i64> {
        let oldest = u32::BITS - 1 - self.choice.leading_zeros();
        let mut times = self.times(usize::try_from(oldest).unwrap_or(0));
        if count == 1 {
            times = times.and(&span(&self.days));
        }
        for (_, period, left) in &self.wanted.rates {
            let good = left.pieces().iter().fold(Ranges::new(1, 0), |good, piece| {
                good.or(&times_of(*piece, count, seconds(*period)))
            });
            times = times.and(&good);
        }
        times.least()
    }
}

/// Returns how many seconds ago something was that was such days ago. A day is a stretch of
/// hours behind us, so it may be nearly one more or one less.
fn span(days: &Ranges) -> Ranges {
    days.pieces().iter().fold(Ranges::new(1, 0), |all, &(low, high)| {
        let last = LONGEST / DAY - 1;
        all.or(&Ranges::new((low.min(last) - 1).max(0) * DAY, (high.min(last) + 1) * DAY))
    })
}

/// Returns the counts with which some of the sums can come to such an average.
fn counts_of_average(average: &Ranges, sums: &Ranges) -> Ranges {
    let (Some(least), Some(most)) = (sums.least(), sums.greatest()) else {
        return Ranges::new(1, 0);
    };
    let there = average.pieces().iter().filter(|(low, _)| *low >= 0);
    there.fold(Ranges::new(1, 0), |counts, &(low, high)| {
        let up = (high + 1) / 2;
        let from = if up == 0 { 1 } else { (least + up - 1) / up };
        let from = if up == 0 && least > 0 { MOST } else { from };
        let to = if low / 2 == 0 { MOST } else { most / (low / 2) };
        counts.or(&Ranges::new(from, to))
    })
}

/// Returns the counts that can come to such a rate when the first purchase was so long ago.
fn counts_of_rate(rate: &Ranges, times: &Ranges, period: i64) -> Ranges {
    let (Some(least), Some(most)) = (times.least(), times.greatest()) else {
        return Ranges::new(1, 0);
    };
    let (least, most) = (i128::from(least.max(period)), i128::from(most.max(period)));
    let period = i128::from(period);
    let fit = |count: i128| i64::try_from(count.clamp(0, i128::from(MOST))).unwrap_or(MOST);
    rate.pieces().iter().fold(Ranges::new(1, 0), |counts, &(low, high)| {
        let (low, high) = (i128::from(low), i128::from(high));
        let from = low / 2 * least;
        let from = if low % 2 == 0 { (from + period - 1) / period } else { from / period + 1 };
        let up = (high + 1) / 2 * most;
        let to = if high % 2 == 0 { up / period } else { (up + period - 1) / period - 1 };
        counts.or(&Ranges::new(fit(from), fit(to)))
    })
}

/// Returns the sums that give an average within such a set.
fn sums_of(average: &Ranges, count: i64) -> Ranges {
    let at = |half: i64, open: i64| {
        let whole = i128::from(half.div_euclid(2)) * i128::from(count);
        // Between two whole numbers: more than the lower, less than the upper.
        let sum = if half % 2 == 0 { whole } else { whole + i128::from(open) };
        i64::try_from(sum.min(i128::from(MOST))).unwrap_or(MOST)
    };
    average
        .pieces()
        .iter()
        .filter(|(_, high)| *high >= 0)
        .fold(Ranges::new(1, 0), |sums, &(low, high)| {
            sums.or(&Ranges::new(at(low.max(0), 1), at(high, count - 1)))
        })
}

/// Returns the times since the first purchase, in seconds, that give a rate within a piece:
/// the count times the period by the time, which counts as one period at least.
fn times_of((low, high): (i64, i64), count: i64, period: i64) -> Ranges {
    let made = i128::from(count) * i128::from(period);
    let fit = |time: i128| i64::try_from(time.clamp(0, i128::from(LONGEST))).unwrap_or(LONGEST);
    let at = |half: i64| i128::from(half.div_euclid(2));
    let longest = match (low, low % 2 == 0) {
        (..=0, _) => i128::from(LONGEST),
        (_, true) => made / at(low),
        (1, false) => i128::from(LONGEST),
        (_, false) => (made - 1) / at(low),
    };
    let shortest = if high % 2 == 0 {
        if high == 0 {
            return Ranges::new(1, 0);
        }
        (made + at(high) - 1) / at(high)
    } else {
        made / (at(high) + 1) + 1
    };
    let period = i128::from(period);
    let young = i128::from(count) * 2;
    if i128::from(low) <= young && young <= i128::from(high) {
        return Ranges::new(0, fit(longest.max(period)));
    }
    Ranges::new(fit(shortest.max(period + 1)), fit(longest))
}

/// Returns a quotient in the terms of [`Ranges`]: doubled, odd between whole numbers.
fn halves(amount: i128, by: i128) -> i64 {
    let by = by.max(1);
    let between = i128::from(amount % by != 0);
    i64::try_from((amount / by * 2 + between).min(i128::from(2 * MOST))).unwrap_or(2 * MOST)
}

/// Returns the value of a set that is the plainest to show.
pub(super) fn shown(left: &Ranges) -> Option<i64> {
    left.least_from(ABSENT + 1).or_else(|| left.least())
}

/// A rate's period as a plain length: a day is 24 hours.
fn seconds(period: Period) -> i64 {
    match period {
        Period::Days(days) => i64::from(days) * DAY,
        Period::Seconds(seconds) => i64::from(seconds),
    }
    .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns true for a quotient within a piece, by its definition: even is a whole number,
    /// odd lies between two.
    fn is_within(amount: i64, by: i64, (low, high): (i64, i64)) -> bool {
        (low..=high).any(|half| {
            let whole = half / 2 * by;
            if half % 2 == 0 { amount == whole } else { amount > whole && amount < whole + by }
        })
    }

    fn pieces() -> impl Iterator<Item = (i64, i64)> {
        (0..9).flat_map(|low| (low..9).map(move |high| (low, high)))
    }

    #[test]
    fn a_sum_gives_an_average_exactly_when_it_is_among_those_sums() {
        for piece in pieces() {
            for count in 1..7 {
                let sums = sums_of(&Ranges::new(piece.0, piece.1), count);
                for sum in 0..40 {
                    let is = is_within(sum, count, piece);
                    assert_eq!(sums.contains(sum), is, "{sum} by {count} in {piece:?}");
                    assert_eq!(is, {
                        let half = halves(i128::from(sum), i128::from(count));
                        piece.0 <= half && half <= piece.1
                    });
                }
            }
        }
    }

    #[test]
    fn a_time_gives_a_rate_exactly_when_it_is_among_those_times() {
        for piece in pieces() {
            for (count, period) in [(1, 1), (1, 3), (2, 3), (3, 2), (5, 7), (4, 1)] {
                let times = times_of(piece, count, period);
                for time in 0..80 {
                    let is = is_within(count * period, time.max(period), piece);
                    assert_eq!(
                        times.contains(time),
                        is,
                        "{count} per {period} in {time}: {piece:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn no_count_that_would_do_is_left_out() {
        for piece in pieces() {
            let of = Ranges::new(piece.0, piece.1);
            for (least, most) in [(0, 0), (0, 5), (3, 3), (4, 9), (7, 20)] {
                let by_average = counts_of_average(&of, &Ranges::new(least, most));
                let by_rate = counts_of_rate(&of, &Ranges::new(least, most), 3);
                for count in 1..12 {
                    let average = (least..=most).any(|sum| is_within(sum, count, piece));
                    assert!(!average || by_average.contains(count), "{count} for {piece:?}");
                    let rate = (least..=most).any(|t| is_within(count * 3, t.max(3), piece));
                    assert!(!rate || by_rate.contains(count), "{count} per 3 for {piece:?}");
                }
            }
        }
    }
}
