//! A message comes into the outbox: queued, or in flight from the beginning where the guards
//! let it leave at once.

use super::Queued;
use crate::enrolment::Key;
use crate::message::Content;
use crate::step::At;
use crate::store::Problem;
use crate::store::segment::address_columns;
use crate::store::sheet::{Cell, Sheets};
use crate::time::Moment;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// A message that is new in the outbox.
#[derive(Debug, Clone, Copy)]
pub(crate) struct New<'a> {
    /// Whose enrolment writes it.
    pub(crate) key: &'a Key,
    /// The step, and the round it is in.
    pub(crate) at: &'a At,
    /// What its key is, behind the customer's number.
    pub(crate) rest: i64,
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
pub(crate) fn queue(
    tx: &Transaction<'_>,
    sheets: &mut Sheets,
    new: &New<'_>,
    now: Moment,
) -> Result<(), Problem> {
    let sheet = place(tx, sheets, new, ("queued", Some(new.due_at)), None, now)?;
    letter(tx, new, sheet, None, None)
}

/// Places a message on a sheet.
fn place(
    tx: &Transaction<'_>,
    sheets: &mut Sheets,
    new: &New<'_>,
    (state, due_at): (&str, Option<Moment>),
    taken: Option<i64>,
    now: Moment,
) -> Result<i64, Problem> {
    let reads = serde_json::to_string(new.content).map_err(|e| Problem::Other(e.to_string()))?;
    let content: Vec<Cell> = vec![
        new.key.chain.as_str().into(),
        new.version.into(),
        new.at.step.as_str().into(),
        i64::from(new.at.round).into(),
        new.content.channel().as_str().into(),
        new.message.into(),
        state.into(),
        due_at.map(|at| at.0).into(),
        new.stale_at.map(|at| at.0).into(),
        now.0.into(),
        taken.map(|_| now.0).into(),
        taken.unwrap_or(0).into(),
    ];
    sheets.place(tx, content, new.key.id(), &reads)
}

fn letter(
    tx: &Transaction<'_>,
    new: &New<'_>,
    sheet: i64,
    address: Option<&str>,
    consent: Option<(i64, i64)>,
) -> Result<(), Problem> {
    let New { key, at, .. } = *new;
    let channel = new.content.channel();
    let (consent_at, consent_number) = consent.unzip();
    tx.prepare_cached(
        "INSERT INTO letter (customer, chain, cycle, step, round, channel, sheet, key, address, \
         consent_at, consent_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        key.number,
        key.chain_number,
        key.cycle,
        at.step,
        at.round,
        super::number_of(channel),
        sheet,
        new.rest,
        address,
        consent_at,
        consent_number,
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
            .prepare_cached(&format!("SELECT {address}, {dead} FROM customer WHERE number = ?"))?
            .query_row([key.number], |row| Ok((row.get(0)?, row.get(1)?)))?,
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
    Ok(Queued {
        key: key.clone(),
        step: at.step.clone(),
        round: at.round,
        version: new.version.to_owned(),
        message: new.message.to_owned(),
        channel,
        effect_key: crate::key::whole(key.number, new.rest),
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
        sheet: 0,
    })
}

/// Writes a message that is in flight from the beginning: the guards have let it leave.
pub(crate) fn put_in_flight(
    tx: &Transaction<'_>,
    sheets: &mut Sheets,
    new: &New<'_>,
    message: &mut Queued,
    now: Moment,
) -> Result<(), Problem> {
    message.sheet = place(tx, sheets, new, ("in_flight", None), Some(message.cost), now)?;
    let consent = message.said.map(|(at, number, _)| (at.0, number));
    letter(tx, new, message.sheet, message.address.as_deref(), consent)
}
