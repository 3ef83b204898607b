//! The outbox: a message from the moment it is written until it is settled.
//!
//! queued -> in_flight -> pending | delivered | undeliverable | failed; a queued one can
//! also be skipped or cancelled, and a rejected one goes back to queued for a while.

mod new;

pub(crate) use new::{New, look_ahead, put_in_flight, queue};

use super::Problem;
use super::order::InOrder;
use super::segment::address_columns;
use super::sheet::{self, Cell, LetterId, Sheets};
use crate::enrolment::{Id, Key};
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
    /// The sheet it is on.
    pub sheet: i64,
}

impl Queued {
    pub(crate) fn letter(&self) -> LetterId {
        LetterId {
            of: self.key.id(),
            step: self.step.clone(),
            round: self.round,
            channel: number_of(self.channel),
        }
    }

    /// Notes the sheet it is on, if that is another one now.
    pub(crate) fn follow(&mut self, sheets: &Sheets) {
        if let Some(sheet) = sheets.moved(&self.letter()) {
            self.sheet = sheet;
        }
    }
}

/// The number of a channel in the keys of the store.
pub(crate) const fn number_of(channel: Channel) -> i64 {
    match channel {
        Channel::Sms => 1,
        Channel::Email => 2,
        Channel::Push => 3,
        Channel::Webhook => 4,
    }
}

/// Cancels the messages of a step that have not been taken.
pub(crate) fn cancel(
    tx: &Transaction<'_>,
    key: &Key,
    at: &At,
    now: Moment,
    reason: &str,
) -> Result<(), Problem> {
    for channel in Channel::ALL {
        let letter = LetterId {
            of: key.id(),
            step: at.step.clone(),
            round: at.round,
            channel: number_of(channel),
        };
        if state(tx, &letter)?.as_deref() != Some("queued") {
            continue;
        }
        let sheet = sheet::own(tx, &letter)?;
        tx.prepare_cached(
            "UPDATE sheet SET state = 'cancelled', due_at = NULL, parked_at = NULL, held = NULL, \
             settled_at = ?, reason = ?, who = NULL WHERE number = ?",
        )?
        .execute(params![now.0, reason, sheet])?;
    }
    Ok(())
}

/// Returns the state of a message; `None` if there is no such message.
fn state(connection: &Connection, letter: &LetterId) -> Result<Option<String>, Problem> {
    let LetterId { of, step, round, channel } = letter;
    let mut statement = connection.prepare_cached(
        "SELECT s.state FROM letter l JOIN sheet s ON s.number = l.sheet WHERE l.customer = ? \
         AND l.chain = ? AND l.cycle = ? AND l.step = ? AND l.round = ? AND l.channel = ?",
    )?;
    let values = params![of.customer, of.chain, of.cycle, step, round, channel];
    Ok(statement.query_row(values, |row| row.get(0)).optional()?)
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
    round: u32,
    channel: i64,
    sheet: i64,
}

const SENT: &str = "SELECT c.shard, c.customer_id, s.chain, l.cycle, l.step, s.message, \
    s.state IN ('in_flight', 'pending', 'delivered'), s.state = 'pending', l.customer, l.chain, \
    l.round, l.channel, l.sheet FROM letter l JOIN sheet s ON s.number = l.sheet \
    JOIN customer c ON c.number = l.customer";

fn sent(row: &Row<'_>) -> rusqlite::Result<Sent> {
    let key = Key {
        shard: row.get(0)?,
        customer_id: row.get(1)?,
        chain: row.get(2)?,
        cycle: row.get(3)?,
        number: row.get(8)?,
        chain_number: row.get(9)?,
    };
    Ok(Sent {
        key,
        step: row.get(4)?,
        message: row.get(5)?,
        has_left: row.get(6)?,
        is_pending: row.get(7)?,
        round: row.get(10)?,
        channel: row.get(11)?,
        sheet: row.get(12)?,
    })
}

/// Returns the number of the customer that a key of a message is of: today's, if hers was
/// merged into another since.
pub(crate) fn owner(connection: &Connection, key: &str) -> Result<Option<i64>, Problem> {
    let Some((number, _)) = crate::key::parts(key) else { return Ok(None) };
    let mut statement = connection.prepare_cached(
        "SELECT number FROM customer WHERE number = ?1 UNION ALL \
         SELECT c.number FROM merged m JOIN customer c USING (customer_id) \
         WHERE m.old_number = ?1 LIMIT 1",
    )?;
    Ok(statement.query_row([number], |row| row.get(0)).optional()?)
}

/// Returns the message of a key.
pub(crate) fn by_key(connection: &Connection, key: &str) -> Result<Option<Sent>, Problem> {
    let Some((number, rest)) = crate::key::parts(key) else { return Ok(None) };
    let Some(customer) = owner(connection, key)? else { return Ok(None) };
    let mut statement = connection.prepare_cached(&format!(
        "{SENT} WHERE l.customer = ? AND l.key = ? AND coalesce(l.written_for, l.customer) = ?"
    ))?;
    Ok(statement.query_row([customer, rest, number], sent).optional()?)
}

/// Returns the last message of a name that had left to a customer by a moment, by any channel
/// or by one.
pub(crate) fn last_sent(
    connection: &Connection,
    customer: i64,
    message: &str,
    channel: Option<Channel>,
    at: Moment,
) -> Result<Option<Sent>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "{SENT} WHERE l.customer = ?1 AND s.message = ?2 AND s.taken_at <= ?3 \
         AND s.state IN ('in_flight', 'pending', 'delivered') AND (?4 IS NULL OR l.channel = ?4) \
         ORDER BY s.taken_at DESC, s.chain, l.cycle, l.step, l.round, s.channel LIMIT 1"
    ))?;
    let channel = channel.map(number_of);
    Ok(statement.query_row(params![customer, message, at.0, channel], sent).optional()?)
}

/// Returns the steps of the messages of an enrolment that were written behind a moment, and
/// left behind another one.
pub(crate) fn left_after(
    connection: &Connection,
    of: Id,
    written: Moment,
    left: Moment,
) -> Result<Vec<String>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT l.step FROM letter l JOIN sheet s ON s.number = l.sheet \
         WHERE l.customer = ? AND l.chain = ? AND l.cycle = ? AND s.written_at > ? \
         AND s.taken_at > ? \
         AND (s.state = 'in_flight' OR s.state = 'pending' OR s.state = 'delivered') \
         ORDER BY s.taken_at, l.step, l.round, s.channel",
    )?;
    let at = params![of.customer, of.chain, of.cycle, written.0, left.0];
    let rows = statement.query_map(at, |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A message that was taken has arrived.
pub(crate) fn deliver(sheets: &mut Sheets, sent: &Sent) {
    let letter = LetterId {
        of: sent.key.id(),
        step: sent.step.clone(),
        round: sent.round,
        channel: sent.channel,
    };
    let set = "state = 'delivered', unknown = 0, reason = NULL";
    sheets.change(letter, sent.sheet, set, Vec::new());
}

/// Makes the queued messages of a customer by a channel due: their address is dead, and the
/// fallback need not wait.
pub(crate) fn hurry(
    tx: &Transaction<'_>,
    customer: i64,
    channel: Channel,
    now: Moment,
) -> Result<(), Problem> {
    let waiting = format!(
        "l.channel = {} AND s.state = 'queued' AND s.due_at > {}",
        number_of(channel),
        now.0
    );
    for sheet in sheet::own_all(tx, customer, &waiting)? {
        tx.prepare_cached("UPDATE sheet SET due_at = ? WHERE number = ?")?
            .execute([now.0, sheet])?;
    }
    Ok(())
}

/// Everything about the messages of a sheet and their customers at a moment; `?1` is the
/// moment, `?2` the sheet.
fn select() -> String {
    let mut current = String::from("CASE l.channel");
    let mut dead = String::from("CASE l.channel");
    for channel in Channel::ALL {
        let Some((address, dead_address)) = address_columns(channel) else { continue };
        let number = number_of(channel);
        current.push_str(&format!(" WHEN {number} THEN c.{address}"));
        dead.push_str(&format!(" WHEN {number} THEN c.{dead_address}"));
    }
    format!(
        "SELECT c.shard, c.customer_id, s.chain, l.cycle, l.step, l.round, s.version, s.message, \
         s.channel, l.key, w.value -> 2, s.rejections, s.cost, l.address, {current} END, \
         {dead} END, c.timezone, \
         (h.phase = 'sending' AND h.place = l.step AND h.round = l.round) AS awaited, k.at, \
         k.number, k.granted, s.stale_at, l.customer, l.chain, l.written_for \
         FROM sheet s CROSS JOIN json_each(s.who) w CROSS JOIN letter l \
         ON l.customer = w.value ->> 0 AND l.cycle = w.value ->> 1 AND l.sheet = s.number \
         CROSS JOIN customer c ON c.number = l.customer \
         CROSS JOIN member m ON m.customer = l.customer AND m.chain = l.chain AND m.cycle = l.cycle \
         CROSS JOIN cohort h ON h.number = m.cohort \
         LEFT JOIN consent k ON k.shard = c.shard AND k.customer_id = c.customer_id \
         AND k.channel = s.channel AND (k.at, k.number) = \
         (SELECT o.at, o.number FROM consent o WHERE o.shard = c.shard \
          AND o.customer_id = c.customer_id AND o.channel = s.channel AND o.at <= ?1 \
          ORDER BY o.at DESC, o.number DESC LIMIT 1) WHERE s.number = ?2"
    )
}

/// Returns queued messages that are due, in the order in which they became so.
pub(crate) fn due(
    connection: &Connection,
    now: Moment,
    limit: usize,
) -> Result<Vec<Queued>, Problem> {
    let sheets = "SELECT number, due_at, first FROM sheet WHERE due_at <= ? \
        ORDER BY due_at, first";
    collect(connection, sheets, &[&now.0], now, limit)
}

/// Returns the messages whose outcome is not known because the process ended, in the order of
/// their customers.
pub(crate) fn in_flight(connection: &Connection, now: Moment) -> Result<Vec<Queued>, Problem> {
    let sheets = "SELECT number, 0, first FROM sheet WHERE state = 'in_flight' ORDER BY first";
    collect(connection, sheets, &[], now, usize::MAX)
}

/// Returns the messages of sheets, up to so many.
fn collect(
    connection: &Connection,
    sheets: &str,
    values: &[&dyn rusqlite::ToSql],
    now: Moment,
    limit: usize,
) -> Result<Vec<Queued>, Problem> {
    let mut sheets = connection.prepare_cached(sheets)?;
    let mut sheets = sheets.query(values)?;
    let mut statement = connection.prepare_cached(&select())?;
    let mut found = InOrder::new(limit, |one: &Queued| {
        let Queued { key, step, round, channel, .. } = one;
        (key.number, (key.chain_number, key.cycle, step.clone(), *round, number_of(*channel)))
    });
    while let Some(sheet) = sheets.next()? {
        if found.is_full_before(sheet.get(1)?, sheet.get(2)?) {
            break;
        }
        let sheet: i64 = sheet.get(0)?;
        let mut rows = statement.query([now.0, sheet])?;
        while let Some(row) = rows.next()? {
            found.waiting.push(from_row(row, sheet)?);
        }
    }
    Ok(found.all())
}

fn from_row(row: &Row<'_>, sheet: i64) -> Result<Queued, Problem> {
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
    let number: i64 = row.get(22)?;
    let written_for: Option<i64> = row.get(24)?;
    Ok(Queued {
        key: Key {
            shard: row.get(0)?,
            customer_id: customer_id.clone(),
            chain: row.get(2)?,
            cycle: row.get(3)?,
            number,
            chain_number: row.get(23)?,
        },
        step: row.get(4)?,
        round: row.get(5)?,
        version: row.get(6)?,
        message: row.get(7)?,
        channel: Channel::from_keyword(&channel).ok_or_else(|| damaged("the channel"))?,
        effect_key: crate::key::whole(written_for.unwrap_or(number), row.get(9)?),
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
        sheet,
    })
}

/// Marks a message as in flight: from here on its outcome has to be learned before it may
/// be sent again.
pub(crate) fn take(
    tx: &Transaction<'_>,
    sheets: &mut Sheets,
    message: &Queued,
    now: Moment,
    cost: i64,
) -> Result<(), Problem> {
    let (at, number) = message.said.map(|(at, number, _)| (at.0, number)).unzip();
    address(tx, message, message.address.as_deref(), at, number)?;
    let set = "state = 'in_flight', due_at = NULL, held = NULL, taken_at = ?, cost = ?";
    sheets.change(message.letter(), message.sheet, set, vec![now.0.into(), cost.into()]);
    Ok(())
}

/// Notes where a message goes, and what allows it.
fn address(
    tx: &Transaction<'_>,
    message: &Queued,
    address: Option<&str>,
    consent_at: Option<i64>,
    consent_number: Option<i64>,
) -> Result<(), Problem> {
    let LetterId { of, step, round, channel } = message.letter();
    let changed = tx
        .prepare_cached(
            "UPDATE letter SET address = ?, consent_at = ?, consent_number = ? WHERE customer = ? \
             AND chain = ? AND cycle = ? AND step = ? AND round = ? AND channel = ?",
        )?
        .execute(params![
            address,
            consent_at,
            consent_number,
            of.customer,
            of.chain,
            of.cycle,
            step,
            round,
            channel
        ])?;
    if changed == 1 { Ok(()) } else { Err(Problem::Damaged("a message vanished".into())) }
}

/// Tells whether a message is in the outbox: those of a customer who was erased are not.
pub(crate) fn is_there(connection: &Connection, message: &Queued) -> Result<bool, Problem> {
    Ok(state(connection, &message.letter())?.is_some())
}

/// Puts a queued message off.
pub(crate) fn put_off(sheets: &mut Sheets, message: &Queued, until: Moment) {
    sheets.change(message.letter(), message.sheet, "due_at = ?, held = NULL", vec![until.0.into()]);
}

/// Takes a queued message out of those that are due, until its chain goes on.
pub(crate) fn park(sheets: &mut Sheets, message: &Queued) {
    let set = "parked_at = due_at, due_at = NULL";
    sheets.change(message.letter(), message.sheet, set, Vec::new());
}

/// Tells whether messages of a chain are parked.
pub(crate) fn has_parked(connection: &Connection, chain: &str) -> Result<bool, Problem> {
    let mut statement = connection
        .prepare_cached("SELECT 1 FROM sheet WHERE chain = ? AND parked_at IS NOT NULL")?;
    Ok(statement.exists([chain])?)
}

/// Lets parked sheets of a chain be due again, at most so many.
pub(crate) fn unpark(tx: &Transaction<'_>, chain: &str, limit: i64) -> Result<(), Problem> {
    tx.prepare_cached(
        "UPDATE sheet SET due_at = parked_at, parked_at = NULL WHERE number IN \
         (SELECT number FROM sheet WHERE chain = ? AND parked_at IS NOT NULL LIMIT ?)",
    )?
    .execute(params![chain, limit])?;
    Ok(())
}

/// Puts a message that turned out never to have left back into the queue; the message that
/// is given is that of the queue then.
pub(crate) fn requeue(
    tx: &Transaction<'_>,
    message: &mut Queued,
    now: Moment,
) -> Result<(), Problem> {
    address(tx, message, None, None, None)?;
    message.sheet = sheet::own(tx, &message.letter())?;
    tx.prepare_cached(
        "UPDATE sheet SET state = 'queued', due_at = ?, taken_at = NULL, cost = 0 \
         WHERE number = ?",
    )?
    .execute([now.0, message.sheet])?;
    Ok(())
}

/// Puts a message that a provider rejected for now back into the queue.
pub(crate) fn retry(
    tx: &Transaction<'_>,
    sheets: &mut Sheets,
    message: &Queued,
    at: Moment,
    reason: &str,
) -> Result<(), Problem> {
    address(tx, message, None, None, None)?;
    let set = "state = 'queued', due_at = ?, taken_at = NULL, cost = 0, \
               rejections = rejections + 1, reason = ?";
    sheets.change(message.letter(), message.sheet, set, vec![at.0.into(), reason.into()]);
    Ok(())
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
    sheets: &mut Sheets,
    message: &Queued,
    settlement: Settlement<'_>,
    now: Moment,
) {
    let Settlement { state, reason, cost, unknown } = settlement;
    let set = "state = ?, due_at = NULL, held = NULL, settled_at = ?, reason = ?, cost = ?, \
               unknown = ?";
    let values: Vec<Cell> =
        vec![state.into(), now.0.into(), reason.into(), cost.into(), i64::from(unknown).into()];
    sheets.change(message.letter(), message.sheet, set, values);
}

/// Returns when the next queued message is due.
pub(crate) fn next_due(connection: &Connection) -> Result<Option<Moment>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT due_at FROM sheet WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
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
        "SELECT s.chain FROM letter l JOIN sheet s ON s.number = l.sheet WHERE l.customer = ?1 \
         AND s.taken_at > ?2 AND (s.state = 'delivered' \
         OR (?3 AND (s.state = 'in_flight' OR s.state = 'pending')))",
    )?;
    let all = !mutant::is(Mutant::CapCountsDelivered);
    let mut rows = statement.query(params![key.number, since.0, all])?;
    let mut sent: u32 = 0;
    while let Some(row) = rows.next()? {
        let chain = row.get_ref(0)?.as_str().unwrap_or_default();
        if mutant::is(Mutant::CapCountsOwnChain) && chain != key.chain {
            continue;
        }
        if chains.is_none_or(|chains| chains.iter().any(|one| one == chain)) {
            sent = sent.saturating_add(1);
        }
    }
    Ok(sent)
}

/// Returns how many messages count as sent though nobody ever said so.
pub(crate) fn unknowns(connection: &Connection) -> Result<i64, Problem> {
    let sql = "SELECT coalesce(sum(letters), 0) FROM sheet WHERE unknown = 1";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}
