//! What a step causes: values that the engine carries out.

use super::{Cashback, End, Granted, Promo, State};
use crate::message::Content;
use crate::time::Moment;
use chainc_compiler::ir::Touch;

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
        /// What the message's key is, behind the customer's number: [`crate::key::Effect::rest`].
        key: i64,
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
