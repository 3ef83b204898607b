//! The one meaning of a chain: what a customer's state becomes when something is due
//! or has happened, and what that causes.
//!
//! Pure. Time, the customer's facts and what the budget has left come in as values;
//! the new state and the effects go out as values. The engine, the replay and every
//! later simulator call this same function.

use crate::message::{self, Content, Values};
use crate::time::{Moment, Zone};
use chainc_compiler::ir::{Action, Amount, Chain, Delay, Event, Step};
use chainc_compiler::units::Points;

/// Where a customer stands in a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Index of the step she stands at.
    pub position: usize,
    /// What she waits for there.
    pub phase: Phase,
    /// When she entered.
    pub entered_at: Moment,
    /// Whole days since her last purchase on the day she entered.
    pub recency: Option<u32>,
    /// Whether the last ladder of sends reached her; `None` before its first outcome.
    pub reached: Option<bool>,
    /// The last grant of this chain, for the texts.
    pub granted: Option<Granted>,
    /// True once some `unless purchase` has been passed or is being waited on: from
    /// then on a purchase ends the chain, wherever she stands.
    pub watching: bool,
}

/// What a customer waits for at her step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing: the step is to be done at this moment.
    Ready(Moment),
    /// A timer.
    Waiting(Moment),
    /// The outcome of the message that the step wrote.
    Sending,
    /// Nothing any more.
    Ended(End),
}

/// Why a chain ended for a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All steps are behind her.
    Completed,
    /// She bought.
    Purchased,
    /// The points budget had not enough left for her grant.
    Budget,
}

impl End {
    /// Returns the word that stores and reports use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Purchased => "purchased",
            Self::Budget => "budget",
        }
    }
}

/// What a grant gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    /// How much.
    pub points: Points,
    /// Until when; for good if `None`.
    pub expires_at: Option<Moment>,
}

/// What is due or has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The moment of the state's phase has come.
    Due,
    /// The customer bought at this moment.
    Purchased(Moment),
    /// The message of the step she stands at is settled; true if it reached her.
    Settled(bool),
}

/// What the step function is told about the world.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The moment at which the input is looked at.
    pub now: Moment,
    /// The customer.
    pub customer: &'a Customer,
    /// The zone she lives in.
    pub zone: &'a Zone,
    /// What she has in her wallet.
    pub balance: Points,
    /// What is left of the chain's points budget; no limit if `None`.
    pub points_left: Option<Points>,
}

/// What is known of a customer that a step may need.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Customer {
    /// Her key.
    pub id: String,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Her last purchase that is known by now.
    pub last_purchase_at: Option<Moment>,
}

/// What a step causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Points for the wallet, keyed by enrolment and step.
    Grant {
        /// Index of the step.
        step: usize,
        /// What is given.
        granted: Granted,
    },
    /// A message for the outbox, keyed by enrolment, step and channel.
    Send {
        /// Index of the step.
        step: usize,
        /// The written message.
        content: Content,
    },
    /// The queued message of a step must not leave any more.
    Cancel {
        /// Index of the step.
        step: usize,
    },
    /// A line for the journal.
    Tell {
        /// When it happened.
        at: Moment,
        /// Index of the step it is about; the chain as a whole if `None`.
        step: Option<usize>,
        /// What happened.
        what: Told,
    },
}

/// What the journal tells of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The customer came to the step.
    Reached,
    /// The step did what it says.
    Done,
    /// The customer passed the step without effect.
    Skipped(&'static str),
    /// A purchase ended the chain here.
    Purchased,
    /// The chain ended.
    Ended(End),
}

/// The outcome of one call of [`step`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// What the state becomes.
    pub state: State,
    /// What it causes, in order.
    pub effects: Vec<Effect>,
}

impl State {
    /// Returns the state of a customer who enters now.
    #[must_use]
    pub fn entering(now: Moment, recency: Option<u32>) -> Self {
        Self {
            position: 0,
            phase: Phase::Ready(now),
            entered_at: now,
            recency,
            reached: None,
            granted: None,
            watching: false,
        }
    }
}

/// Advances a customer until she has to wait for something, or has ended.
///
/// An input that does not fit the state (a timer that is not due, an outcome nobody
/// waits for) changes nothing.
#[must_use]
pub fn step(chain: &Chain, state: State, input: Input, facts: Facts<'_>) -> Transition {
    let mut walk = Walk { chain, facts, state, effects: Vec::new() };
    match (walk.state.phase, input) {
        (Phase::Ended(_), _) => {}
        (_, Input::Purchased(at)) => walk.purchased(at),
        (Phase::Ready(at), Input::Due) if at <= facts.now => walk.on(),
        (Phase::Waiting(until), Input::Due) if until <= facts.now => walk.wait_is_over(),
        (Phase::Sending, Input::Settled(reached)) => {
            walk.state.reached = Some(reached);
            walk.state.position += 1;
            walk.on();
        }
        (_, Input::Due | Input::Settled(_)) => {}
    }
    Transition { state: walk.state, effects: walk.effects }
}

/// One call of [`step`] under way.
struct Walk<'a> {
    chain: &'a Chain,
    facts: Facts<'a>,
    state: State,
    effects: Vec<Effect>,
}

impl<'a> Walk<'a> {
    /// Does steps until one has to wait.
    fn on(&mut self) {
        self.state.phase = Phase::Ready(self.facts.now);
        loop {
            let chain: &'a Chain = self.chain;
            let Some(Step { action, .. }) = chain.steps.get(self.state.position) else {
                return self.end(self.facts.now, End::Completed);
            };
            self.tell(Told::Reached);
            let goes_on = match action {
                Action::Grant { amount, expires, .. } => self.grant(amount, *expires),
                Action::Send { channel, message, .. } => self.send(*channel, message),
                Action::Fallback { channel, message, .. } => {
                    if self.state.reached == Some(true) {
                        self.tell(Told::Skipped("not needed"));
                        true
                    } else {
                        self.send(*channel, message)
                    }
                }
                Action::Wait { delay: Delay::For(period), unless } => self.wait(*period, unless),
                // The engine refuses chains with these before anybody enters.
                Action::Wait { delay: Delay::Until { .. }, .. }
                | Action::Cashback { .. }
                | Action::Promo { .. }
                | Action::If { .. }
                | Action::Split { .. }
                | Action::Repeat { .. }
                | Action::Exit
                | Action::Tag(_) => {
                    self.tell(Told::Skipped("not supported yet"));
                    true
                }
            };
            if !goes_on {
                return;
            }
            self.state.position += 1;
        }
    }

    fn grant(&mut self, amount: &Amount, expires: Option<chainc_compiler::units::Period>) -> bool {
        let points = match amount {
            Amount::Fixed(points) => *points,
            Amount::ByRecency(bands) => {
                let days = self.state.recency;
                let band = bands.iter().find(|b| days.is_some_and(|d| b.from <= d && d <= b.to));
                band.map_or(Points(0), |band| band.points)
            }
        };
        if points.0 <= 0 {
            self.tell(Told::Skipped("no band"));
            return true;
        }
        if self.facts.points_left.is_some_and(|left| left < points) {
            self.tell(Told::Skipped("over budget"));
            self.end(self.facts.now, End::Budget);
            return false;
        }
        let expires_at = expires.map(|period| self.facts.zone.plus(self.facts.now, period));
        let granted = Granted { points, expires_at };
        self.state.granted = Some(granted);
        self.effects.push(Effect::Grant { step: self.state.position, granted });
        self.tell(Told::Done);
        true
    }

    fn send(&mut self, channel: chainc_compiler::ir::Channel, message: &str) -> bool {
        let text = self.chain.messages.get(message).and_then(|m| m.texts.get(&channel));
        let Some(text) = text else {
            // The compiler refuses such a chain; an IR from elsewhere must still not stall.
            self.state.reached = Some(false);
            self.tell(Told::Skipped("no text"));
            return true;
        };
        let new_points = self.effects.iter().map(|effect| match effect {
            Effect::Grant { granted, .. } => granted.points.0,
            _ => 0,
        });
        let values = Values {
            customer: self.facts.customer,
            zone: self.facts.zone,
            granted: self.state.granted,
            balance: Points(self.facts.balance.0.saturating_add(new_points.sum())),
        };
        let content = message::write(text, &values);
        self.effects.push(Effect::Send { step: self.state.position, content });
        self.state.phase = Phase::Sending;
        false
    }

    fn wait(&mut self, period: chainc_compiler::units::Period, unless: &[Event]) -> bool {
        if unless.contains(&Event::Purchase) {
            self.state.watching = true;
            if let Some(at) = self.bought_since_entering() {
                self.purchased(at);
                return false;
            }
        }
        self.state.phase = Phase::Waiting(self.facts.zone.plus(self.facts.now, period));
        false
    }

    fn wait_is_over(&mut self) {
        if self.state.watching
            && let Some(at) = self.bought_since_entering()
        {
            return self.purchased(at);
        }
        self.tell(Told::Done);
        self.state.position += 1;
        self.on();
    }

    fn bought_since_entering(&self) -> Option<Moment> {
        self.facts.customer.last_purchase_at.filter(|at| *at > self.state.entered_at)
    }

    fn purchased(&mut self, at: Moment) {
        if !self.state.watching || at <= self.state.entered_at {
            return;
        }
        if self.state.phase == Phase::Sending {
            self.effects.push(Effect::Cancel { step: self.state.position });
        }
        self.effects.push(Effect::Tell {
            at,
            step: Some(self.state.position),
            what: Told::Purchased,
        });
        self.end(at, End::Purchased);
    }

    fn end(&mut self, at: Moment, end: End) {
        self.state.phase = Phase::Ended(end);
        self.effects.push(Effect::Tell { at, step: None, what: Told::Ended(end) });
    }

    fn tell(&mut self, what: Told) {
        let (at, step) = (self.facts.now, Some(self.state.position));
        self.effects.push(Effect::Tell { at, step, what });
    }
}

#[cfg(test)]
mod tests;
