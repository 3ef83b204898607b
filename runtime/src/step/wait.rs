//! Waits, and what ends a chain instead: `unless`.

use super::{End, Phase, Then, Told, Walk, What};
use crate::mutant::{self, Mutant};
use crate::time::{Day as CalendarDay, Moment};
use chainc_compiler::ir::{Action, Day, Delay, Event, Touch};
use chainc_compiler::units::ClockTime;

impl Walk<'_> {
    pub(super) fn wait(&mut self, delay: Delay, unless: &[Event]) -> Then {
        if unless.contains(&Event::Purchase) {
            self.state.memory.watched_from.get_or_insert(self.facts.now);
        }
        for event in unless {
            if !self.state.memory.watching.contains(event) {
                self.state.memory.watching.push(event.clone());
            }
        }
        if self.has_been_answered() {
            return Then::Stay;
        }
        let now = self.facts.now;
        let until = match delay {
            Delay::For(period) if mutant::is(Mutant::AnHourEarly) => {
                let until = self.facts.zone.plus(now, period);
                let is_there = self.facts.zone.name() == "Europe/Berlin";
                until.plus_millis(if is_there { -3_600_000 } else { 0 })
            }
            Delay::For(period) => self.facts.zone.plus(now, period),
            Delay::Until { day, at } => self.next(day, at),
        };
        if until <= now {
            // The day it waits for is over.
            return if self.lets_go(now) { Then::Next } else { Then::Stay };
        }
        self.state.phase = Phase::Waiting(until);
        Then::Stay
    }

    /// The next such moment, never the present one.
    fn next(&self, day: Day, at: ClockTime) -> Moment {
        let from = self.facts.now.plus_millis(1);
        match day {
            Day::Any => self.facts.zone.first_at(from, None, at),
            Day::Weekday(weekday) => self.facts.zone.first_at(from, Some(weekday), at),
            Day::Date(date) => self.facts.zone.at(CalendarDay::from_date(date), at),
        }
    }

    pub(super) fn wait_is_over(&mut self) {
        let since = match self.state.phase {
            Phase::Waiting(until) => until,
            Phase::Undecided { since, .. } => since,
            Phase::Ready(_) | Phase::Sending | Phase::Held(_) | Phase::Ended(_) => self.facts.now,
        };
        if self.lets_go(since) {
            self.state.place.go_on();
            self.on();
        }
    }

    /// Tells whether a wait that was over at a moment lets her go on: not when she has bought,
    /// and not before it is known that she has not. Unknown is not no.
    fn lets_go(&mut self, since: Moment) -> bool {
        if self.has_been_answered() {
            return false;
        }
        let watches = self.state.memory.watching.contains(&Event::Purchase);
        let missing = self.facts.known.missing(since).filter(|_| watches);
        if let Some(missing) = missing {
            if self.facts.known.until(self.facts.now) < since {
                if mutant::is(Mutant::UnknownIsYes) {
                    self.leave(self.facts.now, Told::Purchased, End::Purchased);
                    return false;
                }
                self.stay_undecided(since, missing);
                return false;
            }
            self.tell(Told::Assumed(missing));
        }
        self.tell(Told::Done);
        true
    }

    fn stay_undecided(&mut self, since: Moment, missing: String) {
        let look_at = self.facts.known.look_again(since, self.facts.now);
        let was_open = match self.state.phase {
            Phase::Undecided { look_at, .. } => look_at.is_some(),
            Phase::Ready(_)
            | Phase::Waiting(_)
            | Phase::Sending
            | Phase::Held(_)
            | Phase::Ended(_) => {
                self.tell(Told::Undecided(missing.clone()));
                true
            }
        };
        if was_open && look_at.is_none() {
            self.tell(Told::Held(missing));
        }
        self.state.phase = Phase::Undecided { since, look_at };
    }

    /// Ends the chain if something that is watched for has happened since she entered.
    fn has_been_answered(&mut self) -> bool {
        let customer = self.facts.customer;
        let entered = self.state.entered_at;
        let touched = |wanted: Touch, message: &str| {
            let of_it = customer.touched.iter().filter(|touched| {
                touched.how == wanted && touched.message == message && touched.at > entered
            });
            of_it.map(|touched| touched.at).min()
        };
        let happened = self.state.memory.watching.iter().filter_map(|event| {
            let at = match event {
                Event::Purchase => customer.last_purchase_at.filter(|at| *at > entered),
                Event::Clicked(message) => touched(Touch::Clicked, message),
                Event::Opened(message) => touched(Touch::Opened, message),
                Event::Own(event) => touched(Touch::Own, event),
            };
            Some((at?, event.clone()))
        });
        // Of two, a purchase says more.
        let first = happened.min_by_key(|(at, event)| (*event != Event::Purchase, *at));
        match first {
            Some((at, Event::Purchase)) => self.leave(at, Told::Purchased, End::Purchased),
            Some((at, Event::Clicked(message))) => {
                self.leave(at, Told::Answered(Touch::Clicked, message), End::Answered);
            }
            Some((at, Event::Opened(message))) => {
                self.leave(at, Told::Answered(Touch::Opened, message), End::Answered);
            }
            Some((at, Event::Own(event))) => {
                self.leave(at, Told::Answered(Touch::Own, event), End::Answered);
            }
            None => return false,
        }
        true
    }

    pub(super) fn purchased(&mut self, at: Moment) {
        if at <= self.state.entered_at {
            return;
        }
        if self.state.memory.watching.contains(&Event::Purchase) {
            return self.leave(at, Told::Purchased, End::Purchased);
        }
        let step = self.state.place.step(self.chain);
        let between_rounds = matches!(
            (step.map(|step| &step.action), self.state.phase),
            (Some(Action::Repeat { until_purchase: true, .. }), Phase::Waiting(_))
        );
        if between_rounds && !mutant::is(Mutant::RoundsAfterPurchase) {
            self.rounds_are_over();
            self.state.place.go_on();
            self.on();
        }
    }

    pub(super) fn touched(&mut self, how: Touch, message: String, at: Moment) {
        let named = match how {
            Touch::Clicked => Event::Clicked(message.clone()),
            Touch::Opened => Event::Opened(message.clone()),
            Touch::Own => Event::Own(message.clone()),
            Touch::Received => return,
        };
        if at > self.state.entered_at && self.state.memory.watching.contains(&named) {
            self.leave(at, Told::Answered(how, message), End::Answered);
        }
    }

    /// Nothing of the chain is done any more; what was given stays hers.
    pub(super) fn stopped(&mut self) {
        if self.state.phase == Phase::Sending {
            self.cause(What::Cancel(End::Stopped.as_str()));
        }
        self.end(self.facts.now, End::Stopped);
    }

    /// Ends the chain by what happened at a moment; a queued message stays behind.
    fn leave(&mut self, at: Moment, told: Told, end: End) {
        if self.state.phase == Phase::Sending {
            self.cause(What::Cancel(end.as_str()));
        }
        self.tell(told);
        if let Some(effect) = self.effects.last_mut() {
            effect.at = at;
        }
        self.end(at, end);
    }
}
