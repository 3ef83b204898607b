//! Where a customer stands in a chain, and what she carries along.

use super::place::Place;
use crate::time::Moment;
use chainc_compiler::ir::Event;
use chainc_compiler::units::{BasisPoints, Points};
use serde::{Deserialize, Serialize};

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
