//! The one meaning of a chain: what a customer's state becomes when something is due
//! or has happened, and what that causes.
//!
//! Pure. Time, the customer's facts and what the budget has left come in as values;
//! the new state and the effects go out as values. The engine, the replay and every
//! later simulator call this same function. What a kind of step does stands in a file of
//! its own: [`give`], [`send`], [`wait`], [`branch`], [`repeat`].

mod branch;
mod give;
pub mod place;
mod repeat;
mod send;
mod wait;

use crate::customer::Customer;
use crate::links::Links;
use crate::message::Content;
use crate::sources::Known;
use crate::time::{Moment, Zone};
use chainc_compiler::ir::{Action, AtLimit, Chain, Event, Touch};
use chainc_compiler::units::{BasisPoints, Points};
use place::Place;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a customer stands in a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The step she stands at.
    pub place: Place,
    /// What she waits for there.
    pub phase: Phase,
    /// When she entered.
    pub entered_at: Moment,
    /// Whole days since her last purchase on the day she entered.
    pub recency: Option<u32>,
    /// What she carries along.
    pub memory: Memory,
}

/// What a customer carries along from step to step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Whether the last ladder of sends reached her; `None` before its first outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reached: Option<bool>,
    /// The last grant of this chain, for the texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted: Option<Granted>,
    /// The last cashback of this chain, for the texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cashback: Option<Cashback>,
    /// The last code of this chain, for the texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promo: Option<Promo>,
    /// What some `unless` has named so far: from then on it ends the chain, wherever she
    /// stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub watching: Vec<Event>,
    /// Since when a purchase has been watched for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watched_from: Option<Moment>,
    /// The repeats she is in, the outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rounds: Vec<Round>,
    /// How many rounds have begun, of all repeats together.
    #[serde(skip_serializing_if = "is_zero")]
    pub begun: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A repeat a customer is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// How many of its rounds have begun.
    pub number: u32,
    /// When the last one began; before the first, when that will.
    pub began: Moment,
    /// The number of this round among all of the enrolment, from 1: part of effects' keys.
    pub serial: u32,
}

/// What a customer waits for at her step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing: the step is to be done at this moment.
    Ready(Moment),
    /// A timer.
    Waiting(Moment),
    /// To hear whether she has bought: her wait is over, and its `unless` has no answer yet.
    Undecided {
        /// When the wait was over.
        since: Moment,
        /// When it is looked at again, whatever is heard; never by itself if `None`.
        look_at: Option<Moment>,
    },
    /// The outcome of the message that the step wrote.
    Sending,
    /// Room in the budgets for so many points, which its step wants to give.
    Held(Points),
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
    /// She opened or clicked what an `unless` names.
    Answered,
    /// A step said `exit`.
    Exited,
    /// The points budget had not enough left for her grant.
    Budget,
    /// The pool had no code left for her.
    Pool,
    /// Somebody stopped the chain.
    Stopped,
}

impl End {
    /// Every end.
    pub const ALL: [Self; 7] = [
        Self::Completed,
        Self::Purchased,
        Self::Answered,
        Self::Exited,
        Self::Budget,
        Self::Pool,
        Self::Stopped,
    ];

    /// Returns the word that stores and reports use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Purchased => "purchased",
            Self::Answered => "answered",
            Self::Exited => "exited",
            Self::Budget => "budget",
            Self::Pool => "pool",
            Self::Stopped => "stopped",
        }
    }

    /// Returns the end of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.as_str() == word)
    }
}

/// What a grant gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// How much.
    pub points: Points,
    /// Until when; for good if `None`.
    pub expires_at: Option<Moment>,
}

/// A raised cashback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cashback {
    /// How much of each purchase comes back.
    pub rate: BasisPoints,
    /// Until when; purchases at this moment no longer count.
    pub until: Moment,
    /// At most so many points in all.
    pub up_to: Option<Points>,
}

/// A code out of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promo {
    /// The code.
    pub code: String,
    /// Until when it can be used; for good if `None`.
    pub expires_at: Option<Moment>,
}

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

/// What a step causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// When it happened.
    pub at: Moment,
    /// The step it is of; the chain as a whole if `None`.
    pub step: Option<At>,
    /// What it is.
    pub what: What,
}

/// A step of an enrolment: the part of an effect's key that the chain knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// Id of the step.
    pub step: String,
    /// The round, counted over all repeats of the enrolment; 0 outside of them.
    pub round: u32,
}

/// What an effect is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Points for the wallet.
    Grant {
        /// What is given.
        granted: Granted,
        /// In whose name.
        brand: Option<String>,
    },
    /// A raised cashback for the wallet.
    Cashback(Cashback),
    /// A code, which is hers now.
    Promo {
        /// The pool it is taken from.
        pool: String,
        /// What she gets.
        promo: Promo,
    },
    /// A tag for the customer.
    Tag(String),
    /// A message for the outbox.
    Send {
        /// Which message.
        message: String,
        /// The written message.
        content: Content,
        /// From this moment on it must not leave any more.
        stale_at: Option<Moment>,
        /// True for a fallback, which caps count with the send before it.
        fallback: bool,
    },
    /// The queued message of the step must not leave any more.
    Cancel(&'static str),
    /// A line for the journal.
    Tell(Told),
}

/// What the journal tells of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The customer came to the step.
    Reached,
    /// The step did what it says.
    Done,
    /// A budget has no room for the step: she waits there until it has.
    NoRoom,
    /// The customer passed the step without effect.
    Skipped(&'static str),
    /// She takes this arm of the step.
    Arm(String),
    /// This round of the step begins.
    Round(u32),
    /// A purchase ended the chain here.
    Purchased,
    /// The wait is over, and these sources have not said whether she has bought.
    Undecided(String),
    /// The grace of these sources is over, and she is held until they speak.
    Held(String),
    /// The grace of these sources is over, and they count as having nothing to say.
    Assumed(String),
    /// What an `unless` names ended the chain here.
    Answered(Touch, String),
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
            place: Place::first(),
            phase: Phase::Ready(now),
            entered_at: now,
            recency,
            memory: Memory::default(),
        }
    }

    /// Returns the round she is in; 0 outside of repeats.
    #[must_use]
    pub fn round(&self) -> u32 {
        self.memory.rounds.last().map_or(0, |round| round.serial)
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
