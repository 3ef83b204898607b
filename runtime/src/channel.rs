//! Channels: how messages leave. One trait, one file per channel.
//!
//! A channel takes written messages with their keys and says what became of each. It
//! knows nothing of chains, consents or caps: what it is given may leave.

pub mod file;
pub mod smtp;

use crate::message::Content;
use crate::time::Moment;
use std::future::Future;
use std::pin::Pin;

/// A message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The idempotency key, the same in every attempt.
    pub key: String,
    /// The run's time, as RFC 3339 in the customer's zone.
    pub at: String,
    /// The phone, mail address or token it goes to.
    pub address: String,
    /// The customer.
    pub customer_id: String,
    /// The chain.
    pub chain: String,
    /// Id of the step.
    pub step: String,
    /// Name of the message.
    pub message: String,
    /// Whom it is from, where the chain speaks for a brand that says so.
    pub sender: Option<String>,
    /// The page by which she says no, where the project has one.
    pub unsubscribe: Option<String>,
    /// What the customer will read.
    pub content: Content,
}

/// What a provider says of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// It took it; more may be heard later.
    Pending,
    /// The customer has it.
    Delivered,
    /// Not now; the same may be tried again later.
    Rejected(String),
    /// Never to this address.
    Undeliverable(String),
    /// The message, or our account, is at fault; trying again would not help.
    Error(String),
}

/// What is known after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider answered.
    Receipt(Receipt),
    /// Its answer was lost: the message may have left.
    Unknown(String),
}

/// What a channel can say of a message whose outcome was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookUp {
    /// It has gone out, and this became of it.
    Found(Receipt),
    /// It has not gone out.
    NotFound,
    /// This channel cannot tell.
    CannotTell,
}

/// Work of a channel under way.
pub type Work<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A channel that cannot work at all at the moment, for the whole run: a file that cannot
/// be written. The run stops, and nothing is lost.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

/// A way out.
pub trait Channel: Send + Sync {
    /// Sends messages and returns an outcome for each, in order. What a customer or a
    /// provider did wrong is an outcome; an error means that this machine cannot go on.
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> Work<'a, Result<Vec<Outcome>, Broken>>;

    /// Says what became of messages whose outcome was lost, in order.
    fn look_up<'a>(&'a self, keys: &'a [String]) -> Work<'a, Result<Vec<LookUp>, Broken>>;

    /// Prepares for a replay that starts from nothing: what an earlier one left is put aside.
    ///
    /// # Errors
    /// If it cannot be.
    fn start_over(&self) -> Result<(), Broken> {
        Ok(())
    }

    /// Returns how many messages may be on their way at once. After a crash, so many
    /// outcomes have to be looked up; where nobody can tell them, that is 1.
    fn at_once(&self) -> usize;

    /// Tells whether messages reach real people.
    fn is_real(&self) -> bool;
}

/// Waiting times before a rejected message is tried again, in milliseconds; after the last
/// it is given up.
const BACK_OFF: [i64; 5] = [60_000, 300_000, 900_000, 3_600_000, 10_800_000];

/// Returns when to try again after so many rejections, or `None` to give up.
#[must_use]
pub fn try_again(now: Moment, rejections: i64) -> Option<Moment> {
    let index = usize::try_from(rejections).unwrap_or(usize::MAX);
    BACK_OFF.get(index).map(|wait| now.plus_millis(*wait))
}
