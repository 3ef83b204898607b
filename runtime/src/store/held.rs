//! Grants and messages that wait for room in a budget: nothing of them is due.

use super::Problem;
use super::outbox::Queued;
use crate::enrolment::Key;
use crate::time::Moment;
use chainc_compiler::ir::Channel;
use rusqlite::{Connection, Transaction, params};

/// Tells whether anything is held at all.
pub(crate) fn any(connection: &Connection) -> Result<bool, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM outbox WHERE state = 'queued' AND held IS NOT NULL) \
         OR EXISTS (SELECT 1 FROM enrolment WHERE phase = 'held' AND due_at IS NULL)",
    )?;
    Ok(statement.exists([])?)
}

/// Holds a queued message that is paid as so many; true if it was not held before. It is due
/// when it has become stale, if it ever does.
pub(crate) fn hold(
    tx: &Transaction<'_>,
    message: &Queued,
    parts: u32,
    now: Moment,
) -> Result<bool, Problem> {
    let key = &message.key;
    let held_at: Option<i64> = tx
        .prepare_cached(
            "SELECT held_at FROM outbox WHERE shard = ? AND customer_id = ? AND chain = ? \
             AND cycle = ? AND step = ? AND round = ? AND channel = ?",
        )?
        .query_row(
            params![
                key.shard,
                key.customer_id,
                key.chain,
                key.cycle,
                message.step,
                message.round,
                message.channel.as_str()
            ],
            |row| row.get(0),
        )?;
    tx.prepare_cached(
        "UPDATE outbox SET held = ?, held_at = coalesce(held_at, ?), due_at = ? WHERE shard = ? \
         AND customer_id = ? AND chain = ? AND cycle = ? AND step = ? AND round = ? AND channel = ?",
    )?
    .execute(params![
        parts,
        now.0,
        message.stale_at.map(|at| at.plus_millis(1).0),
        key.shard,
        key.customer_id,
        key.chain,
        key.cycle,
        message.step,
        message.round,
        message.channel.as_str()
    ])?;
    Ok(held_at.is_none())
}

/// Whose held ones are released together: those of a version of a chain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Of<'a> {
    /// The chain.
    pub(crate) chain: &'a str,
    /// The version.
    pub(crate) version: &'a str,
}

/// What may be released at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Most {
    /// What there is room for; no limit if `None`.
    pub(crate) room: Option<i64>,
    /// How many.
    pub(crate) rows: i64,
}

/// Makes held messages due of which each part costs so much: those that were held first, as
/// far as there is room. One that is too large for the room lets smaller ones pass. Returns
/// how many.
pub(crate) fn release_messages(
    tx: &Transaction<'_>,
    of: Of<'_>,
    channel: Channel,
    price: i64,
    most: Most,
    now: Moment,
) -> Result<usize, Problem> {
    let room = most.room.unwrap_or(i64::MAX);
    let mut statement = tx.prepare_cached(
        "SELECT shard, customer_id, cycle, step, round, held FROM outbox WHERE chain = ? \
         AND version = ? AND channel = ? AND state = 'queued' AND held IS NOT NULL AND held * ? <= ? \
         ORDER BY held_at, shard, customer_id, cycle, step, round LIMIT ?",
    )?;
    let rows = statement.query_map(
        params![of.chain, of.version, channel.as_str(), price, room, most.rows],
        |row| {
            let key = Key {
                shard: row.get(0)?,
                customer_id: row.get(1)?,
                chain: of.chain.to_owned(),
                cycle: row.get(2)?,
            };
            let message: (String, i64) = (row.get(3)?, row.get(4)?);
            Ok((key, message, row.get::<_, i64>(5)?))
        },
    )?;
    let found = rows.collect::<Result<Vec<_>, _>>()?;
    let mut free = tx.prepare_cached(
        "UPDATE outbox SET held = NULL, due_at = ? WHERE shard = ? AND customer_id = ? \
         AND chain = ? AND cycle = ? AND step = ? AND round = ? AND channel = ?",
    )?;
    let (mut left, mut released) = (room, 0);
    for (key, (step, round), parts) in found {
        let cost = parts.saturating_mul(price);
        if cost > left {
            continue;
        }
        left -= cost;
        released += free.execute(params![
            now.0,
            key.shard,
            key.customer_id,
            key.chain,
            key.cycle,
            step,
            round,
            channel.as_str()
        ])?;
    }
    Ok(released)
}

/// Makes held enrolments due, those that entered first, as far as there is room for the
/// points they want; returns how many.
pub(crate) fn release_enrolments(
    tx: &Transaction<'_>,
    of: Of<'_>,
    most: Most,
    now: Moment,
) -> Result<usize, Problem> {
    let room = most.room.unwrap_or(i64::MAX);
    let mut statement = tx.prepare_cached(
        "SELECT shard, customer_id, cycle, held FROM enrolment WHERE chain = ? AND version = ? \
         AND phase = 'held' AND due_at IS NULL AND held <= ? \
         ORDER BY entered_at, shard, customer_id, cycle LIMIT ?",
    )?;
    let rows = statement.query_map(params![of.chain, of.version, room, most.rows], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    let found: Vec<(i64, String, i64, i64)> = rows.collect::<Result<_, _>>()?;
    let mut free = tx.prepare_cached(
        "UPDATE enrolment SET due_at = ? WHERE shard = ? AND customer_id = ? AND chain = ? \
         AND cycle = ?",
    )?;
    let (mut left, mut released) = (room, 0);
    for (shard, customer_id, cycle, points) in found {
        if points > left {
            continue;
        }
        left -= points;
        released += free.execute(params![now.0, shard, customer_id, of.chain, cycle])?;
    }
    Ok(released)
}

/// How many are held at a step of a version of a chain.
pub(crate) type Held = ((String, String, String), i64);

/// Returns how many are held, by chain, version and step.
pub(crate) fn count(connection: &Connection) -> Result<Vec<Held>, Problem> {
    let mut statement = connection.prepare(
        "SELECT chain, version, step, count(*) FROM outbox WHERE state = 'queued' AND held IS NOT NULL \
         GROUP BY 1, 2, 3 UNION ALL SELECT chain, version, place, count(*) FROM enrolment \
         WHERE phase = 'held' GROUP BY 1, 2, 3",
    )?;
    let rows = statement
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
