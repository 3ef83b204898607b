//! The limit: the same facts, written by the fewest statements over sets, without an engine
//! and without an index that the chain does not need.
//!
//! One transaction for each moment at which something must be on disk before the next thing
//! may happen: messages in flight before they are handed over, outcomes behind it. What is
//! kept is who entered when, what she was given, each message with its consent, when it was
//! taken and what became of it, and how her chain ended.

use crate::chain::{WAIT, text};
use crate::data::{self, Size};
use crate::gauge::{Gauge, Used};
use rusqlite::{Connection, params};
use std::path::Path;

const TABLES: &str = "
CREATE TABLE lim_enrolment (
  customer INTEGER NOT NULL PRIMARY KEY, entered_at INTEGER NOT NULL,
  due_at INTEGER, bought_at INTEGER, ended_at INTEGER, ended INTEGER) STRICT;
CREATE TABLE lim_wallet (
  customer INTEGER NOT NULL, step INTEGER NOT NULL,
  points INTEGER NOT NULL, at INTEGER NOT NULL, expires_at INTEGER,
  PRIMARY KEY (customer, step)) STRICT, WITHOUT ROWID;
CREATE TABLE lim_outbox (
  customer INTEGER NOT NULL, step INTEGER NOT NULL,
  state INTEGER NOT NULL, consent_at INTEGER NOT NULL, taken_at INTEGER, settled_at INTEGER,
  PRIMARY KEY (customer, step)) STRICT, WITHOUT ROWID;";

/// Writes the facts of the chain for a band; returns what that took and how many entered.
pub(crate) fn run(folder: &Path, size: Size) -> Result<(Used, u64), String> {
    let path = data::copy(folder, size, "limit.db")?;
    let done = facts(&path).map_err(text);
    data::remove(&path);
    done
}

fn facts(path: &Path) -> rusqlite::Result<(Used, u64)> {
    let mut connection = Connection::open(path)?;
    // As the engine has it.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768",
    )?;
    connection.execute_batch(TABLES)?;
    let day = 86_400_000;
    let midnight = data::NOW - data::NOW % day;
    let (from, to) = (midnight - 89 * day, midnight - 59 * day);
    let gauge = Gauge::start();
    // They enter, are given points, and their SMS are in flight.
    let tx = connection.transaction()?;
    let entered = tx.execute(
        "INSERT INTO lim_enrolment (customer, entered_at) SELECT number, ?1 FROM customer \
         WHERE last_purchase_at >= ?2 AND last_purchase_at < ?3 ORDER BY number",
        params![data::NOW, from, to],
    )?;
    tx.execute(
        "INSERT INTO lim_wallet SELECT customer, 1, 300, ?1, ?2 FROM lim_enrolment",
        params![data::NOW, data::NOW + 14 * day],
    )?;
    send(&tx, 2, "sms", data::NOW)?;
    tx.commit()?;
    hand_over(&connection, 2)?;
    let tx = connection.transaction()?;
    settle(&tx, 2, data::NOW)?;
    tx.execute("UPDATE lim_enrolment SET due_at = ?", params![data::NOW + WAIT])?;
    tx.commit()?;
    // A tenth buys.
    let tx = connection.transaction()?;
    tx.execute(
        "INSERT INTO sale (customer, occurred_at, event_id, amount, known) \
         SELECT customer, ?1, randomblob(16), 1000, 1 FROM lim_enrolment \
         CROSS JOIN customer ON number = customer WHERE CAST(customer_id AS INTEGER) % 10 = 3",
        params![data::NOW + WAIT / 2],
    )?;
    tx.execute(
        "UPDATE customer SET last_purchase_at = ?1, purchases = purchases + 1, \
         spent = spent + 1000 WHERE number IN (SELECT customer FROM lim_enrolment) \
         AND CAST(customer_id AS INTEGER) % 10 = 3",
        params![data::NOW + WAIT / 2],
    )?;
    tx.execute(
        "UPDATE lim_enrolment SET bought_at = ?1, ended_at = ?1, ended = 2, due_at = NULL \
         WHERE customer IN (SELECT number FROM customer WHERE last_purchase_at = ?1)",
        params![data::NOW + WAIT / 2],
    )?;
    tx.commit()?;
    // The wait is over for the others.
    let tx = connection.transaction()?;
    send(&tx, 4, "push", data::NOW + WAIT)?;
    tx.commit()?;
    hand_over(&connection, 4)?;
    let tx = connection.transaction()?;
    settle(&tx, 4, data::NOW + WAIT)?;
    tx.execute(
        "UPDATE lim_enrolment SET ended_at = ?1, ended = 1, due_at = NULL WHERE ended IS NULL",
        params![data::NOW + WAIT],
    )?;
    tx.commit()?;
    Ok((gauge.read(), u64::try_from(entered).unwrap_or(0)))
}

fn send(tx: &Connection, step: i64, channel: &str, now: i64) -> rusqlite::Result<usize> {
    tx.execute(
        "INSERT INTO lim_outbox SELECT e.customer, ?1, 1, k.at, ?3, NULL \
         FROM lim_enrolment e CROSS JOIN customer c ON c.number = e.customer \
         CROSS JOIN consent k ON k.shard = c.shard \
         AND k.customer_id = c.customer_id AND k.channel = ?2 AND k.granted = 1 \
         WHERE e.ended IS NULL",
        params![step, channel, now],
    )
}

/// What the provider is given: the address, and the name for the text.
fn hand_over(connection: &Connection, step: i64) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare(
        "SELECT c.customer_id, c.first_name, c.phone, c.push_token FROM lim_outbox o \
         CROSS JOIN customer c ON c.number = o.customer WHERE o.step = ? AND o.state = 1",
    )?;
    let mut rows = statement.query([step])?;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        for column in 0..4 {
            let text = row.get_ref(column)?.as_str_or_null()?.unwrap_or_default();
            bytes += u64::try_from(text.len()).unwrap_or(0);
        }
    }
    Ok(bytes)
}

fn settle(tx: &Connection, step: i64, now: i64) -> rusqlite::Result<usize> {
    tx.execute(
        "UPDATE lim_outbox SET state = 2, settled_at = ?2 WHERE step = ?1 AND state = 1",
        params![step, now],
    )
}
