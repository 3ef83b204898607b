//! The one meaning of a chain: what a customer's state becomes when something is due
//! or has happened, and what that causes.
//!
//! Pure. Time, the customer's facts and what the budget has left come in as values;
//! the new state and the effects go out as values. The engine, the replay and every
//! later simulator call this same function. What a kind of step does stands in a file of
//! its own: [`give`], [`send`], [`wait`], [`branch`], [`repeat`].

mod branch;
mod effect;
mod give;
pub mod place;
mod repeat;
mod send;
mod state;
mod wait;

pub use effect::{At, Effect, Told, Transition, What};
pub use state::{Cashback, End, Granted, Memory, Phase, Promo, Round, State};

use crate::customer::Customer;
use crate::links::Links;
use crate::sources::Known;
use crate::time::{Moment, Zone};
use chainc_compiler::ir::{Action, AtLimit, Chain, Touch};
use chainc_compiler::units::Points;
use std::collections::BTreeMap;

/// What is due or has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The moment of the state's phase has come.
    Due,
    /// The customer bought at this moment.
    Purchased(Moment),
    /// A message to her was opened or clicked.
    Touched {
        /// What happened.
        how: Touch,
        /// To which message.
        message: String,
        /// When.
        at: Moment,
    },
    /// The message of the step she stands at is settled; true if it reached her.
    Settled(bool),
    /// Somebody stopped the chain.
    Stopped,
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
    /// The business zone of the chain.
    pub business: &'a Zone,
    /// What is left of the points budgets of the chain; no limit if `None`.
    pub points_left: Option<Points>,
    /// What becomes of a gift that is more than that.
    pub at_limit: AtLimit,
    /// What the caps leave her in points; no limit if `None`.
    pub points_allowed: Option<Points>,
    /// How many times she has entered the chain, this time included.
    pub cycle: i64,
    /// Where the links in messages lead.
    pub links: &'a Links,
    /// How far purchases are known.
    pub known: &'a Known,
    /// True while the chain is paused: what happens is heard, and no step is done.
    pub paused: bool,
    /// The next codes of each pool, as many as the chain can give at one go.
    pub codes: &'a BTreeMap<String, Vec<String>>,
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
        (_, Input::Touched { how, message, at }) => walk.touched(how, message, at),
        (_, Input::Stopped) => walk.stopped(),
        (Phase::Ready(at), Input::Due) if at <= facts.now => walk.on(),
        (Phase::Waiting(until), Input::Due) if until <= facts.now => walk.timer_is_over(),
        (Phase::Undecided { .. }, Input::Due) => walk.timer_is_over(),
        (Phase::Held(_), Input::Due) => walk.again(),
        (Phase::Sending, Input::Settled(reached)) => {
            walk.state.memory.reached = Some(reached);
            walk.state.place.go_on();
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

/// What comes behind a step that was looked at.
enum Then {
    /// The next step of the flow.
    Next,
    /// The step she has been put at.
    There,
    /// Nothing for now: she waits, or has ended.
    Stay,
}

impl<'a> Walk<'a> {
    /// Does steps until one has to wait.
    fn on(&mut self) {
        self.state.phase = Phase::Ready(self.facts.now);
        if self.facts.paused {
            return;
        }
        loop {
            let chain: &'a Chain = self.chain;
            let then = match self.state.place.step(chain) {
                Some(step) => {
                    self.tell(Told::Reached);
                    self.act(&step.action)
                }
                // Behind the last step of a flow: of the chain, an arm, or a round.
                None if !self.state.place.leave() => {
                    return self.end(self.facts.now, End::Completed);
                }
                None => self.behind_a_block(),
            };
            match then {
                Then::Next => self.state.place.go_on(),
                Then::There => {}
                Then::Stay => return,
            }
        }
    }

    /// Tries the step that was held once more.
    fn again(&mut self) {
        let chain: &'a Chain = self.chain;
        let then = match self.state.place.step(chain) {
            Some(step) if !self.facts.paused => self.act(&step.action),
            Some(_) | None => Then::Stay,
        };
        match then {
            Then::Next => {
                self.state.place.go_on();
                self.on();
            }
            Then::There => self.on(),
            Then::Stay => {}
        }
    }

    fn act(&mut self, action: &'a Action) -> Then {
        match action {
            Action::Grant { amount, expires, at } => self.grant(amount, *expires, at.as_ref()),
            Action::Cashback { rate, period, up_to } => self.cashback(*rate, *period, *up_to),
            Action::Promo { pool, expires } => self.promo(pool, *expires),
            Action::Tag(tag) => self.tag(tag),
            Action::Send { channel, message, within } => {
                self.send(*channel, message, *within, false)
            }
            Action::Fallback { channel, message, within } => {
                self.fallback(*channel, message, *within)
            }
            Action::Wait { delay, unless } => self.wait(*delay, unless),
            Action::If { arms, otherwise } => self.choose(arms, otherwise.is_some()),
            Action::Split { arms } => self.draw(arms),
            Action::Repeat { every, .. } => self.first_round(*every),
            Action::Exit => {
                self.tell(Told::Done);
                self.end(self.facts.now, End::Exited);
                Then::Stay
            }
        }
    }

    /// Stands at a block whose flow is over.
    fn behind_a_block(&mut self) -> Then {
        match self.state.place.step(self.chain).map(|step| &step.action) {
            Some(Action::Repeat { .. }) => self.next_round(),
            _ => Then::Next,
        }
    }

    /// The timer of the step she stands at has run out: a wait's, or that of a round.
    fn timer_is_over(&mut self) {
        match self.state.place.step(self.chain).map(|step| &step.action) {
            Some(Action::Repeat { .. }) => match self.begin_round() {
                Then::Next => {
                    self.state.place.go_on();
                    self.on();
                }
                Then::There => self.on(),
                Then::Stay => {}
            },
            _ => self.wait_is_over(),
        }
    }

    fn end(&mut self, at: Moment, end: End) {
        self.state.phase = Phase::Ended(end);
        self.effects.push(Effect { at, step: None, what: What::Tell(Told::Ended(end)) });
    }

    fn tell(&mut self, told: Told) {
        self.cause(What::Tell(told));
    }

    /// Adds an effect of the step she stands at.
    fn cause(&mut self, what: What) {
        let step = At { step: self.state.place.to_string(), round: self.state.round() };
        self.effects.push(Effect { at: self.facts.now, step: Some(step), what });
    }
}

#[cfg(test)]
mod tests;
