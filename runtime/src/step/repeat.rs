//! Rounds of `repeat`: when each begins, and when there are no more.

use super::{Phase, Round, Then, Told, Walk};
use crate::mutant::{self, Mutant};
use crate::time::{Day, Moment};
use chainc_compiler::ir::{Action, Every};
use chainc_compiler::units::{Date, Period, Weekday};

/// Until when a repeat goes on.
struct Limits {
    every: Every,
    until_purchase: bool,
    until: Option<Date>,
    max: Option<u32>,
}

impl Walk<'_> {
    /// She comes to a repeat: its first round begins at the first such moment.
    pub(super) fn first_round(&mut self, every: Every) -> Then {
        let (now, zone) = (self.facts.now, self.facts.zone);
        let first = match every {
            Every::Period { at: None, .. } => now,
            Every::Period { at: Some(at), .. } => zone.first_at(now, None, at),
            Every::Weekly { on, at } => {
                zone.first_at(now, Some(on), at.unwrap_or_else(|| zone.clock(now)))
            }
        };
        // Without a time of its own, a round of today begins at once.
        let first = match every {
            Every::Weekly { on, at: None } if self.is_today(on) => now,
            _ => first,
        };
        let serial = self.state.round();
        self.state.memory.rounds.push(Round { number: 0, began: first, serial });
        self.wait_for_round(first)
    }

    fn is_today(&self, on: Weekday) -> bool {
        self.facts.zone.day(self.facts.now).weekday() == on
    }

    /// A round is over: the next one begins at the next such moment that is still to come.
    pub(super) fn next_round(&mut self) -> Then {
        let (Some(limits), Some(round)) = (self.limits(), self.state.memory.rounds.last().copied())
        else {
            return Then::Next;
        };
        let mut next = self.after(limits.every, round.began);
        while next <= self.facts.now {
            let later = self.after(limits.every, next);
            next = later.max(next.plus_millis(1));
        }
        if let Some(round) = self.state.memory.rounds.last_mut() {
            round.began = next;
        }
        if self.may_begin(&limits, round.number, next) {
            self.wait_for_round(next)
        } else {
            self.rounds_are_over();
            Then::Next
        }
    }

    fn after(&self, every: Every, began: Moment) -> Moment {
        let zone = self.facts.zone;
        let (period, at) = match every {
            Every::Period { period, at } => (period, at),
            Every::Weekly { at, .. } => (Period::Days(7), at),
        };
        match (period, at) {
            // From the calendar, so that a time the clock skips once comes back the next day.
            (Period::Days(days), Some(at)) => {
                zone.at(Day(zone.day(began).0.saturating_add(i64::from(days))), at)
            }
            _ => zone.plus(began, period),
        }
    }

    fn wait_for_round(&mut self, begins: Moment) -> Then {
        if begins <= self.facts.now {
            return self.begin_round();
        }
        self.state.phase = Phase::Waiting(begins);
        Then::Stay
    }

    /// The moment of a round has come.
    pub(super) fn begin_round(&mut self) -> Then {
        let (Some(limits), Some(round)) = (self.limits(), self.state.memory.rounds.last().copied())
        else {
            return Then::Next;
        };
        if !self.may_begin(&limits, round.number, round.began) {
            self.rounds_are_over();
            return Then::Next;
        }
        let memory = &mut self.state.memory;
        memory.begun = memory.begun.saturating_add(1);
        let number = round.number.saturating_add(1);
        let begun = Round { number, began: round.began, serial: memory.begun };
        if let Some(last) = memory.rounds.last_mut() {
            *last = begun;
        }
        self.tell(Told::Round(number));
        self.state.place.enter(0);
        Then::There
    }

    /// Tells whether one more round may begin, after so many, at a moment.
    fn may_begin(&self, limits: &Limits, rounds: u32, at: Moment) -> bool {
        let has_bought = self
            .facts
            .customer
            .last_purchase_at
            .is_some_and(|bought| bought > self.state.entered_at);
        let last_day = limits.until.map(Day::from_date);
        let rounds = rounds.saturating_sub(u32::from(mutant::is(Mutant::OneRoundMore)));
        let has_bought = has_bought && !mutant::is(Mutant::RoundsAfterPurchase);
        limits.max.is_none_or(|max| rounds < max)
            && last_day.is_none_or(|last| self.facts.business.day(at) <= last)
            && !(limits.until_purchase && has_bought)
    }

    /// No round begins any more: the repeat is left behind.
    pub(super) fn rounds_are_over(&mut self) {
        self.state.memory.rounds.pop();
        self.tell(Told::Done);
    }

    fn limits(&self) -> Option<Limits> {
        match &self.state.place.step(self.chain)?.action {
            Action::Repeat { every, until_purchase, until, max, .. } => Some(Limits {
                every: *every,
                until_purchase: *until_purchase,
                until: *until,
                max: *max,
            }),
            _ => None,
        }
    }
}
