//! The outbox: a message's row from the moment it is written until it is settled.
//!
//! queued -> in_flight -> pending | delivered | undeliverable | failed; a queued one can
//! also be skipped or cancelled, and a rejected one goes back to queued for a while.

mod new;

pub(crate) use new::{New, look_ahead, put_in_flight, queue};

use super::Problem;
use super::segment::address_columns;
use crate::enrolment::Key;
use crate::message::Content;
use crate::mutant::{self, Mutant};
use crate::step::At;
use crate::time::Moment;
use chainc_compiler::ir::Channel;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

/// A message in the outbox, with what the guards need to know when it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Whose enrolment wrote it.
    pub key: Key,
    /// Id of the step that wrote it.
    pub step: String,
    /// The round of the enrolment that it is of.
    pub round: u32,
    /// Version of the chain.
    pub version: String,
    /// Name of the message.
    pub message: String,
    /// By which channel.
    pub channel: Channel,
    /// The idempotency key, the same in every attempt.
    pub effect_key: String,
    /// What the customer will read.
    pub content: Content,
    /// How often a provider asked to try again later.
    pub rejections: i64,
    /// What it costs, once it is in flight.
    pub cost: i64,
    /// Where it goes: fixed when it is taken, today's address before.
    pub address: Option<String>,
    /// Today's address, whatever the message was taken for.
    pub current_address: Option<String>,
    /// True if today's address is known to be dead.
    pub dead: bool,
    /// The zone the customer lives in.
    pub timezone: Option<String>,
    /// What the customer last said of the channel: when, its number there, and whether yes.
    pub said: Option<(Moment, i64, bool)>,
    /// True if the enrolment still stands at the step.
    pub awaited: bool,
    /// From then on it must not leave any more.
    pub stale_at: Option<Moment>,
}

/// Cancels the message of a step, if it has not been taken.
pub(crate) fn cancel(
    tx: &Transaction<'_>,
    key: &Key,
    at: &At,
    now: Moment,
    reason: &str,
) -> Result<(), Problem> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'cancelled', due_at = NULL, parked_at = NULL, held = NULL, settled_at = ?, \
         reason = ? \
         WHERE shard = ? AND customer_id = ? AND chain = ? AND cycle = ? AND step = ? \
         AND round = ? AND state = 'queued'",
    )?
    .execute(params![
        now.0,
        reason,
        key.shard,
        key.customer_id,
        key.chain,
        key.cycle,
        at.step,
        at.round,
    ])?;
    Ok(())
}

/// A message that events may be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Whose enrolment wrote it.
    pub(crate) key: Key,
    /// Id of the step that wrote it.
    pub(crate) step: String,
    /// Name of the message.
    pub(crate) message: String,
    /// True if it has left, as far as anybody knows.
    pub(crate) has_left: bool,
    /// True if it was taken, and nothing more has been heard of it.
    pub(crate) is_pending: bool,
    effect_key: String,
}

const SENT: &str = "SELECT shard, customer_id, chain, cycle, step, message, \
    state IN ('in_flight', 'pending', 'delivered'), state = 'pending', effect_key FROM outbox";

fn sent(row: &Row<'_>) -> rusqlite::Result<Sent> {
    let key = Key {
        shard: row.get(0)?,
        customer_id: row.get(1)?,
        chain: row.get(2)?,
        cycle: row.get(3)?,
    };
    Ok(Sent {
        key,
        step: row.get(4)?,
        message: row.get(5)?,
        has_left: row.get(6)?,
        is_pending: row.get(7)?,
        effect_key: row.get(8)?,
    })
}

/// Returns the message of a key.
pub(crate) fn by_key(connection: &Connection, key: &str) -> Result<Option<Sent>, Problem> {
    let mut statement = connection.prepare_cached(&format!("{SENT} WHERE effect_key = ?"))?;
    Ok(statement.query_row([key], sent).optional()?)
}

/// Returns the last message of a name that had left to a customer by a moment, by any channel
/// or by one.
pub(crate) fn last_sent(
    connection: &Connection,
    (shard, customer_id): (i64, &str),
    message: &str,
    channel: Option<Channel>,
    at: Moment,
) -> Result<Option<Sent>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "{SENT} WHERE shard = ?1 AND customer_id = ?2 AND message = ?3 AND taken_at <= ?4 \
         AND state IN ('in_flight', 'pending', 'delivered') AND (?5 IS NULL OR channel = ?5) \
         ORDER BY taken_at DESC, chain, cycle, step, round, channel LIMIT 1"
    ))?;
    let channel = channel.map(Channel::as_str);
    Ok(statement.query_row(params![shard, customer_id, message, at.0, channel], sent).optional()?)
}

/// Returns the steps of the messages of an enrolment that were written behind a moment, and
/// left behind another one.
pub(crate) fn left_after(
    connection: &Connection,
    key: &Key,
    written: Moment,
    left: Moment,
) -> Result<Vec<String>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT step FROM outbox WHERE shard = ? AND customer_id = ? AND chain = ? AND cycle = ? \
         AND written_at > ? AND taken_at > ? \
         AND (state = 'in_flight' OR state = 'pending' OR state = 'delivered') \
         ORDER BY taken_at, step, round, channel",
    )?;
    let at = params![key.shard, key.customer_id, key.chain, key.cycle, written.0, left.0];
    let rows = statement.query_map(at, |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A message that was taken has arrived.
pub(crate) fn deliver(tx: &Transaction<'_>, sent: &Sent) -> Result<(), Problem> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'delivered', unknown = 0, reason = NULL \
         WHERE effect_key = ?1 AND (state = 'pending' OR ?2)",
    )?
    .execute(params![sent.effect_key, mutant::is(Mutant::ReceiptMovesBack)])?;
    Ok(())
}

/// Makes the queued messages of a customer by a channel due: their address is dead, and the
/// fallback need not wait.
pub(crate) fn hurry(
    tx: &Transaction<'_>,
    shard: i64,
    customer_id: &str,
    channel: Channel,
    now: Moment,
) -> Result<(), Problem> {
    tx.prepare_cached(
        "UPDATE outbox SET due_at = ?1 WHERE shard = ?2 AND customer_id = ?3 AND channel = ?4 \
         AND state = 'queued' AND due_at > ?1",
    )?
    .execute(params![now.0, shard, customer_id, channel.as_str()])?;
    Ok(())
}

/// Everything about a message and its customer at a moment; `?1` is the moment.
fn select(channel_addresses: &str) -> String {
    format!(
        "SELECT o.shard, o.customer_id, o.chain, o.cycle, o.step, o.round, o.version, \
         o.message, o.channel, o.effect_key, o.content, o.rejections, o.cost, o.address, \
         {channel_addresses}, c.timezone, \
         (e.phase = 'sending' AND e.place = o.step AND e.round = o.round) AS awaited, k.at, k.number, \
         k.granted, o.stale_at \
         FROM outbox o JOIN customer c USING (shard, customer_id) \
         JOIN enrolment e USING (shard, customer_id, chain, cycle) \
         LEFT JOIN consent k ON k.shard = o.shard AND k.customer_id = o.customer_id \
         AND k.channel = o.channel AND (k.at, k.number) = \
         (SELECT l.at, l.number FROM consent l WHERE l.shard = o.shard \
          AND l.customer_id = o.customer_id AND l.channel = o.channel AND l.at <= ?1 \
          ORDER BY l.at DESC, l.number DESC LIMIT 1)"
    )
}

fn addresses() -> String {
    let mut current = String::from("CASE o.channel");
    let mut dead = String::from("CASE o.channel");
    for channel in Channel::ALL {
        let Some((address, dead_address)) = address_columns(channel) else { continue };
        current.push_str(&format!(" WHEN '{channel}' THEN c.{address}"));
        dead.push_str(&format!(" WHEN '{channel}' THEN c.{dead_address}"));
    }
    format!("{current} END, {dead} END")
}

/// Returns queued messages that are due, in the order in which they became so.
pub(crate) fn due(
    connection: &Connection,
    now: Moment,
    limit: i64,
) -> Result<Vec<Queued>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "{} WHERE o.due_at <= ?1 ORDER BY o.due_at, o.shard, o.customer_id, o.chain, o.cycle, \
         o.step, o.round LIMIT ?2",
        select(&addresses())
    ))?;
    collect(statement.query(params![now.0, limit])?)
}

/// Returns the messages whose outcome is not known because the process ended, in key order.
pub(crate) fn in_flight(connection: &Connection, now: Moment) -> Result<Vec<Queued>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "{} WHERE o.state = 'in_flight' ORDER BY o.shard, o.customer_id, o.chain, o.cycle, o.step, \
         o.round",
        select(&addresses())
    ))?;
    collect(statement.query(params![now.0])?)
}

fn collect(mut rows: rusqlite::Rows<'_>) -> Result<Vec<Queued>, Problem> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(from_row(row)?);
    }
    Ok(found)
}

fn from_row(row: &Row<'_>) -> Result<Queued, Problem> {
    let customer_id: String = row.get(1)?;
    let damaged = |what: &str| Problem::Damaged(format!("{what} of customer `{customer_id}`"));
    let channel: String = row.get(8)?;
    let content: String = row.get(10)?;
    let taken: Option<String> = row.get(13)?;
    let current: Option<String> = row.get(14)?;
    let dead: Option<String> = row.get(15)?;
    let said = match (row.get(18)?, row.get(19)?, row.get(20)?) {
        (Some(at), Some(number), Some(granted)) => Some((Moment(at), number, granted)),
        (_, _, _) => None,
    };
    Ok(Queued {
        key: Key {
            shard: row.get(0)?,
            customer_id: customer_id.clone(),
            chain: row.get(2)?,
            cycle: row.get(3)?,
        },
        step: row.get(4)?,
        round: row.get(5)?,
        version: row.get(6)?,
        message: row.get(7)?,
        channel: Channel::from_keyword(&channel).ok_or_else(|| damaged("the channel"))?,
        effect_key: row.get(9)?,
        content: serde_json::from_str(&content).map_err(|_| damaged("a message"))?,
        rejections: row.get(11)?,
        cost: row.get(12)?,
        dead: current.is_some() && current == dead,
        address: taken.or_else(|| current.clone()),
        current_address: current,
        timezone: row.get(16)?,
        awaited: row.get(17)?,
        stale_at: row.get::<_, Option<i64>>(21)?.map(Moment),
        said,
    })
}

/// Marks a message as in flight: from here on its outcome has to be learned before it may
/// be sent again.
pub(crate) fn take(
    tx: &Transaction<'_>,
    message: &Queued,
    now: Moment,
    cost: i64,
) -> Result<(), Problem> {
    let (at, number) = message.said.map(|(at, number, _)| (at, number)).unzip();
    update(
        tx,
        "UPDATE outbox SET state = 'in_flight', due_at = NULL, held = NULL, taken_at = ?, address = ?, \
         consent_at = ?, consent_number = ?, cost = ?",
        rusqlite::params![now.0, message.address, at.map(|at: Moment| at.0), number, cost],
        message,
    )
}

/// Tells whether a message is in the outbox: those of a customer who was erased are not.
pub(crate) fn is_there(connection: &Connection, message: &Queued) -> Result<bool, Problem> {
    let key = &message.key;
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM outbox WHERE shard = ? AND customer_id = ? AND chain = ? AND cycle = ? \
         AND step = ? AND round = ? AND channel = ?",
    )?;
    Ok(statement.exists(params![
        key.shard,
        key.customer_id,
        key.chain,
        key.cycle,
        message.step,
        message.round,
        message.channel.as_str(),
    ])?)
}

/// Puts a queued message off.
pub(crate) fn put_off(
    tx: &Transaction<'_>,
    message: &Queued,
    until: Moment,
) -> Result<(), Problem> {
    update(tx, "UPDATE outbox SET due_at = ?, held = NULL", params![until.0], message)
}

/// Takes a queued message out of those that are due, until its chain goes on.
pub(crate) fn park(tx: &Transaction<'_>, message: &Queued) -> Result<(), Problem> {
    update(tx, "UPDATE outbox SET parked_at = due_at, due_at = NULL", params![], message)
}

/// Tells whether messages of a chain are parked.
pub(crate) fn has_parked(connection: &Connection, chain: &str) -> Result<bool, Problem> {
    let mut statement = connection
        .prepare_cached("SELECT 1 FROM outbox WHERE chain = ? AND parked_at IS NOT NULL")?;
    Ok(statement.exists([chain])?)
}

/// Lets parked messages of a chain be due again, at most so many; returns how many.
pub(crate) fn unpark(tx: &Transaction<'_>, chain: &str, limit: i64) -> Result<usize, Problem> {
    let freed = tx
        .prepare_cached(
            "UPDATE outbox SET due_at = parked_at, parked_at = NULL \
             WHERE (shard, customer_id, chain, cycle, step, round, channel) IN \
             (SELECT shard, customer_id, chain, cycle, step, round, channel FROM outbox \
              WHERE chain = ? AND parked_at IS NOT NULL LIMIT ?)",
        )?
        .execute(params![chain, limit])?;
    Ok(freed)
}

/// Puts a message that turned out never to have left back into the queue.
pub(crate) fn requeue(tx: &Transaction<'_>, message: &Queued, now: Moment) -> Result<(), Problem> {
    update(
        tx,
        "UPDATE outbox SET state = 'queued', due_at = ?, taken_at = NULL, address = NULL, cost = 0",
        params![now.0],
        message,
    )
}

/// Puts a message that a provider rejected for now back into the queue.
pub(crate) fn retry(
    tx: &Transaction<'_>,
    message: &Queued,
    at: Moment,
    reason: &str,
) -> Result<(), Problem> {
    update(
        tx,
        "UPDATE outbox SET state = 'queued', due_at = ?, taken_at = NULL, address = NULL, \
         cost = 0, rejections = rejections + 1, reason = ?",
        params![at.0, reason],
        message,
    )
}

/// The end of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement<'a> {
    /// The final state, as stored.
    pub state: &'a str,
    /// Why, where that is worth a word.
    pub reason: Option<&'a str>,
    /// What it cost in the end.
    pub cost: i64,
    /// True if its outcome was never learned and it counts as sent.
    pub unknown: bool,
}

impl<'a> Settlement<'a> {
    /// Returns an end that costs nothing.
    pub(crate) const fn free(state: &'a str, reason: Option<&'a str>) -> Self {
        Self { state, reason, cost: 0, unknown: false }
    }
}

/// Settles a message.
pub(crate) fn settle(
    tx: &Transaction<'_>,
    message: &Queued,
    settlement: Settlement<'_>,
    now: Moment,
) -> Result<(), Problem> {
    let Settlement { state, reason, cost, unknown } = settlement;
    update(
        tx,
        "UPDATE outbox SET state = ?, due_at = NULL, held = NULL, settled_at = ?, reason = ?, cost = ?, \
         unknown = ?",
        params![state, now.0, reason, cost, unknown],
        message,
    )
}

fn update(
    tx: &Transaction<'_>,
    set: &str,
    values: &[&dyn rusqlite::ToSql],
    message: &Queued,
) -> Result<(), Problem> {
    let key = &message.key;
    let mut all = values.to_vec();
    let channel = message.channel.as_str();
    all.extend::<[&dyn rusqlite::ToSql; 7]>([
        &key.shard,
        &key.customer_id,
        &key.chain,
        &key.cycle,
        &message.step,
        &message.round,
        &channel,
    ]);
    let changed = tx
        .prepare_cached(&format!(
            "{set} WHERE shard = ? AND customer_id = ? AND chain = ? AND cycle = ? AND step = ? \
             AND round = ? AND channel = ?"
        ))?
        .execute(&*all)?;
    if changed == 1 { Ok(()) } else { Err(Problem::Damaged("a message vanished".into())) }
}

/// Returns when the next queued message is due.
pub(crate) fn next_due(connection: &Connection) -> Result<Option<Moment>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT due_at FROM outbox WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
    )?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.map(Moment))
}

/// Returns how many messages have gone to a customer since a moment, from some chains or
/// from all. What did not reach her does not count, so that a ladder is one message.
pub(crate) fn sent_since(
    connection: &Connection,
    key: &Key,
    chains: Option<&[String]>,
    since: Moment,
) -> Result<u32, Problem> {
    // `IN` would make a table of the three at every look.
    let mut statement = connection.prepare_cached(
        "SELECT chain FROM outbox WHERE shard = ?1 AND customer_id = ?2 AND taken_at > ?3 \
         AND (state = 'delivered' OR (?4 AND (state = 'in_flight' OR state = 'pending')))",
    )?;
    let all = !mutant::is(Mutant::CapCountsDelivered);
    let mut rows = statement.query(params![key.shard, key.customer_id, since.0, all])?;
    let mut sent: u32 = 0;
    while let Some(row) = rows.next()? {
        let chain: String = row.get(0)?;
        if mutant::is(Mutant::CapCountsOwnChain) && chain != key.chain {
            continue;
        }
        if chains.is_none_or(|chains| chains.contains(&chain)) {
            sent = sent.saturating_add(1);
        }
    }
    Ok(sent)
}

/// Returns how many messages count as sent though nobody ever said so.
pub(crate) fn unknowns(connection: &Connection) -> Result<i64, Problem> {
    Ok(connection
        .query_row("SELECT count(*) FROM outbox WHERE unknown = 1", [], |row| row.get(0))?)
}
