//! A message comes into the outbox: queued, or in flight from the beginning where the guards
//! let it leave at once.

use super::Queued;
use crate::enrolment::Key;
use crate::message::Content;
use crate::step::At;
use crate::store::Problem;
use crate::store::segment::address_columns;
use crate::time::Moment;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// A message that is new in the outbox.
#[derive(Debug, Clone, Copy)]
pub(crate) struct New<'a> {
    /// Whose enrolment writes it.
    pub(crate) key: &'a Key,
    /// The step, and the round it is in.
    pub(crate) at: &'a At,
    /// Version of the chain.
    pub(crate) version: &'a str,
    /// Name of the message.
    pub(crate) message: &'a str,
    /// What the customer will read.
    pub(crate) content: &'a Content,
    /// When it leaves at the earliest.
    pub(crate) due_at: Moment,
    /// From when on it must not leave any more.
    pub(crate) stale_at: Option<Moment>,
}

/// Writes a queued message. A second one of the same key is a bug, and fails the transaction.
pub(crate) fn queue(tx: &Transaction<'_>, new: New<'_>, now: Moment) -> Result<(), Problem> {
    let New { key, at, .. } = new;
    let channel = new.content.channel().as_str();
    let json = serde_json::to_string(new.content).map_err(|e| Problem::Other(e.to_string()))?;
    let round = i64::from(at.round);
    tx.prepare_cached(
        "INSERT INTO outbox (shard, customer_id, chain, cycle, step, round, channel, \
         effect_key, version, message, content, state, due_at, stale_at, rejections, written_at, \
         cost, unknown) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, 0, ?, 0, 0)",
    )?
    .execute(params![
        key.shard,
        key.customer_id,
        key.chain,
        key.cycle,
        at.step,
        round,
        channel,
        crate::key::effect(&key.customer_id, &key.chain, key.cycle, &at.step, round, channel),
        new.version,
        new.message,
        json,
        new.due_at.0,
        new.stale_at.map(|at| at.0),
        now.0,
    ])?;
    Ok(())
}

/// Returns a message that is about to be written as the guards would see it in the outbox.
pub(crate) fn look_ahead(
    connection: &Connection,
    new: &New<'_>,
    timezone: Option<&str>,
    now: Moment,
) -> Result<Queued, Problem> {
    let New { key, at, .. } = *new;
    let channel = new.content.channel();
    let (current, dead): (Option<String>, Option<String>) = match address_columns(channel) {
        None => (None, None),
        Some((address, dead)) => connection
            .prepare_cached(&format!(
                "SELECT {address}, {dead} FROM customer WHERE shard = ? AND customer_id = ?"
            ))?
            .query_row(params![key.shard, key.customer_id], |row| Ok((row.get(0)?, row.get(1)?)))?,
    };
    let said = connection
        .prepare_cached(
            "SELECT at, number, granted FROM consent WHERE shard = ? AND customer_id = ? \
             AND channel = ? AND at <= ? ORDER BY at DESC, number DESC LIMIT 1",
        )?
        .query_row(params![key.shard, key.customer_id, channel.as_str(), now.0], |row| {
            Ok((Moment(row.get(0)?), row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let round = i64::from(at.round);
    Ok(Queued {
        key: key.clone(),
        step: at.step.clone(),
        round: at.round,
        version: new.version.to_owned(),
        message: new.message.to_owned(),
        channel,
        effect_key: crate::key::effect(
            &key.customer_id,
            &key.chain,
            key.cycle,
            &at.step,
            round,
            channel.as_str(),
        ),
        content: new.content.clone(),
        rejections: 0,
        cost: 0,
        dead: current.is_some() && current == dead,
        address: current.clone(),
        current_address: current,
        timezone: timezone.map(str::to_owned),
        said,
        awaited: true,
        stale_at: new.stale_at,
    })
}

/// Writes a message that is in flight from the beginning: the guards have let it leave.
pub(crate) fn put_in_flight(
    tx: &Transaction<'_>,
    new: &New<'_>,
    message: &Queued,
    now: Moment,
) -> Result<(), Problem> {
    let New { key, at, .. } = *new;
    let json = serde_json::to_string(new.content).map_err(|e| Problem::Other(e.to_string()))?;
    let (consent_at, number) = message.said.map(|(at, number, _)| (at.0, number)).unzip();
    tx.prepare_cached(
        "INSERT INTO outbox (shard, customer_id, chain, cycle, step, round, channel, \
         effect_key, version, message, content, state, stale_at, rejections, written_at, \
         taken_at, address, consent_at, consent_number, cost, unknown) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'in_flight', ?, 0, ?, ?, ?, ?, ?, ?, 0)",
    )?
    .execute(params![
        key.shard,
        key.customer_id,
        key.chain,
        key.cycle,
        at.step,
        at.round,
        message.channel.as_str(),
        message.effect_key,
        new.version,
        new.message,
        json,
        new.stale_at.map(|at| at.0),
        now.0,
        now.0,
        message.address,
        consent_at,
        number,
        message.cost,
    ])?;
    Ok(())
}
