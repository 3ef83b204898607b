//! Events beside purchases: kept once, told to the run at their own time.

use super::Problem;
use crate::time::Moment;
use chainc_compiler::ir::{Channel, Touch};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A message arrived.
    Delivered,
    /// She opened a message.
    Opened,
    /// She clicked in a message.
    Clicked,
    /// She said no to a channel, or to all.
    Unsubscribed,
    /// The card or the app that took her push messages is gone.
    CardDeleted,
    /// A word of the project's own.
    Own(String),
}

impl What {
    /// Returns the event of a word; several words that other tools use are known.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word.to_lowercase().as_str() {
            "delivered" | "delivery" => Self::Delivered,
            "opened" | "open" => Self::Opened,
            "clicked" | "click" => Self::Clicked,
            "unsubscribed" | "unsubscribe" => Self::Unsubscribed,
            "card_deleted" => Self::CardDeleted,
            _ => Self::Own(word.to_owned()),
        }
    }

    /// Returns the word that stores use.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Delivered => "delivered",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
            Self::Unsubscribed => "unsubscribed",
            Self::CardDeleted => "card_deleted",
            Self::Own(word) => word,
        }
    }
}

/// An event as it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What makes it the same event when it comes again.
    pub event_id: [u8; 16],
    /// Whom it is about; the key of its message says so if `None`.
    pub customer_id: Option<String>,
    /// When.
    pub occurred_at: Moment,
    /// What.
    pub what: What,
    /// With which message.
    pub message: Option<String>,
    /// By which channel.
    pub channel: Option<Channel>,
    /// The idempotency key of the message.
    pub key: Option<String>,
    /// Who says so.
    pub source: Option<String>,
}

/// What became of an event that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is new.
    New,
    /// It was here already.
    Repeat,
    /// It is new, and its customer is not known: it counts once she is.
    Stray,
}

/// Keeps an event, once.
pub(crate) fn keep(tx: &Transaction<'_>, event: &Event) -> Result<Kept, Problem> {
    let told = event.customer_id.as_deref().unwrap_or_default();
    let merged = super::merging::now_called(tx, told)?;
    let customer_id = merged.as_deref().unwrap_or(told);
    let inserted = tx
        .prepare_cached(
            "INSERT INTO event (shard, customer_id, occurred_at, event_id, what, message, channel, \
             message_key, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (event_id) DO NOTHING",
        )?
        .execute(params![
            crate::key::shard(customer_id),
            customer_id,
            event.occurred_at.0,
            event.event_id.as_slice(),
            event.what.as_str(),
            event.message,
            event.channel.map(Channel::as_str),
            event.key,
            event.source,
        ])?;
    if inserted == 0 {
        return Ok(Kept::Repeat);
    }
    let known = customer_id.is_empty() || super::customers::exists(tx, customer_id)?;
    Ok(if known { Kept::New } else { Kept::Stray })
}

/// What an event came to that has no effect, or has had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CameTo {
    /// It counts.
    Counted,
    /// No message of ours that had left fits it.
    NoMessage,
    /// Its customer is not known.
    NoCustomer,
    /// Her push token is newer, or there is none.
    NoToken,
}

impl CameTo {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::NoMessage => "no such message",
            Self::NoCustomer => "no such customer",
            Self::NoToken => "no such token",
        }
    }
}

/// Lets the events of a customer who was not known be told again.
pub(crate) fn adopt(tx: &Transaction<'_>, shard: i64, customer_id: &str) -> Result<(), Problem> {
    tx.prepare_cached(
        "UPDATE event SET came_to = NULL WHERE shard = ? AND customer_id = ? AND came_to = ?",
    )?
    .execute(params![shard, customer_id, CameTo::NoCustomer.as_str()])?;
    Ok(())
}

/// An event that the run has not heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News {
    /// Her shard.
    pub(crate) shard: i64,
    /// Whom it is about; empty if only its message's key says so.
    pub(crate) customer_id: String,
    /// When.
    pub(crate) occurred_at: Moment,
    /// What.
    pub(crate) what: What,
    /// With which message.
    pub(crate) message: Option<String>,
    /// By which channel.
    pub(crate) channel: Option<Channel>,
    /// The idempotency key of the message.
    pub(crate) key: Option<String>,
    /// Who says so.
    pub(crate) source: Option<String>,
    pub(crate) event_id: Vec<u8>,
}

/// Returns events up to a moment that the run has not heard of, the oldest first.
pub(crate) fn news(
    connection: &Connection,
    until: Moment,
    limit: i64,
) -> Result<Vec<News>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT shard, customer_id, occurred_at, what, message, channel, message_key, source, \
         event_id FROM event WHERE came_to IS NULL AND occurred_at <= ? \
         ORDER BY occurred_at, event_id LIMIT ?",
    )?;
    let rows = statement.query_map(params![until.0, limit], |row| {
        let what: String = row.get(3)?;
        let channel: Option<String> = row.get(5)?;
        Ok(News {
            shard: row.get(0)?,
            customer_id: row.get(1)?,
            occurred_at: Moment(row.get(2)?),
            what: What::of(&what),
            message: row.get(4)?,
            channel: channel.as_deref().and_then(Channel::from_keyword),
            key: row.get(6)?,
            source: row.get(7)?,
            event_id: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns when the next card is deleted that the run has not heard of.
pub(crate) fn next_card(connection: &Connection) -> Result<Option<Moment>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT occurred_at FROM event WHERE came_to IS NULL AND what = 'card_deleted' \
         ORDER BY occurred_at LIMIT 1",
    )?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.map(Moment))
}

/// Records what an event came to, and whose it is.
pub(crate) fn tell(
    tx: &Transaction<'_>,
    news: &News,
    (shard, customer_id): (i64, &str),
    came_to: CameTo,
) -> Result<(), Problem> {
    tx.prepare_cached(
        "UPDATE event SET came_to = ?, shard = ?, customer_id = ? \
         WHERE shard = ? AND customer_id = ? AND occurred_at = ? AND event_id = ?",
    )?
    .execute(params![
        came_to.as_str(),
        shard,
        customer_id,
        news.shard,
        news.customer_id,
        news.occurred_at.0,
        news.event_id,
    ])?;
    Ok(())
}

/// Writes what a customer did with a message, or an event of the project's own, once.
pub(crate) fn touch(
    tx: &Transaction<'_>,
    news: &News,
    (shard, customer_id): (i64, &str),
    how: Touch,
    message: &str,
) -> Result<(), Problem> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO touch (shard, customer_id, message, how, at, event_id) \
         VALUES (?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        shard,
        customer_id,
        message,
        how.as_str(),
        news.occurred_at.0,
        news.event_id,
    ])?;
    Ok(())
}

/// Returns how many events fit no message that had left, and how many are of customers
/// nobody knows.
pub(crate) fn of_nothing(connection: &Connection) -> Result<(i64, i64), Problem> {
    let mut statement = connection
        .prepare("SELECT count(*) FROM event WHERE came_to <> 'counted' AND came_to = ?")?;
    let mut count = |what: CameTo| statement.query_row([what.as_str()], |row| row.get(0));
    Ok((count(CameTo::NoMessage)?, count(CameTo::NoCustomer)?))
}
