//! Raised cashbacks: who has which, from when to when, and what it has earned.

use super::Problem;
use crate::enrolment::Key;
use crate::step::{At, Cashback};
use crate::time::Moment;
use chainc_compiler::units::{BasisPoints, Points};
use rusqlite::{Connection, Row, Transaction, params};

/// A raised cashback of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raised {
    /// The enrolment that gave it.
    pub(crate) key: Key,
    /// The step that did.
    pub(crate) at: At,
    /// How much of each purchase comes back.
    pub(crate) rate: BasisPoints,
    /// Until when.
    pub(crate) ends_at: Moment,
    /// At most so much in all.
    pub(crate) up_to: Option<Points>,
    /// So much so far.
    pub(crate) earned: Points,
    /// True once its end has been told and its budgets are settled.
    pub(crate) ended: bool,
}

impl Raised {
    /// Returns what it may still earn.
    pub(crate) fn room(&self) -> Points {
        Points(self.up_to.map_or(i64::MAX, |most| most.0.saturating_sub(self.earned.0).max(0)))
    }

    /// True while the budgets hold what it may earn at most.
    pub(crate) const fn is_reserved(&self) -> bool {
        self.up_to.is_some() && !self.ended
    }
}

/// Writes the one cashback of a step. A second one is a bug, and fails the transaction.
pub(crate) fn raise(
    tx: &Transaction<'_>,
    key: &Key,
    at: &At,
    cashback: Cashback,
    now: Moment,
) -> Result<(), Problem> {
    tx.prepare_cached(
        "INSERT INTO cashback (shard, customer_id, chain, cycle, step, round, rate, since, \
         ends_at, up_to, earned, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)",
    )?
    .execute(params![
        key.shard,
        key.customer_id,
        key.chain,
        key.cycle,
        at.step,
        at.round,
        cashback.rate.0,
        now.0,
        cashback.until.0,
        cashback.up_to.map(|points| points.0),
    ])?;
    Ok(())
}

const COLUMNS: &str = "shard, customer_id, chain, cycle, step, round, rate, ends_at, up_to, earned, \
    ended, (SELECT c.number FROM customer c WHERE c.shard = cashback.shard \
     AND c.customer_id = cashback.customer_id), \
    (SELECT n.number FROM chain n WHERE n.name = cashback.chain)";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Raised> {
    Ok(Raised {
        key: Key {
            shard: row.get(0)?,
            customer_id: row.get(1)?,
            chain: row.get(2)?,
            cycle: row.get(3)?,
            number: row.get(11)?,
            chain_number: row.get(12)?,
        },
        at: At { step: row.get(4)?, round: row.get(5)? },
        rate: BasisPoints(row.get(6)?),
        ends_at: Moment(row.get(7)?),
        up_to: row.get::<_, Option<i64>>(8)?.map(Points),
        earned: Points(row.get(9)?),
        ended: row.get(10)?,
    })
}

/// Returns the cashbacks that hold for a purchase of a moment.
pub(crate) fn at(
    connection: &Connection,
    (shard, customer_id): (i64, &str),
    moment: Moment,
) -> Result<Vec<Raised>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM cashback WHERE shard = ?1 AND customer_id = ?2 AND since < ?3 \
         AND ends_at > ?3 ORDER BY chain, cycle, step, round"
    ))?;
    let rows = statement.query_map(params![shard, customer_id, moment.0], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns the cashback of a step.
pub(crate) fn of(connection: &Connection, key: &Key, at: &At) -> Result<Raised, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM cashback WHERE shard = ? AND customer_id = ? AND chain = ? \
         AND cycle = ? AND step = ? AND round = ?"
    ))?;
    let values = params![key.shard, key.customer_id, key.chain, key.cycle, at.step, at.round];
    Ok(statement.query_row(values, from_row)?)
}

/// Returns cashbacks whose end is to be told at a moment, in the order of their ends.
pub(crate) fn ending(
    connection: &Connection,
    now: Moment,
    limit: i64,
) -> Result<Vec<Raised>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM cashback WHERE ended = 0 AND ends_at <= ? \
         ORDER BY ends_at, shard, customer_id, chain, cycle, step, round LIMIT ?"
    ))?;
    let rows = statement.query_map(params![now.0, limit], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Writes what a cashback has earned, and whether it has ended.
pub(crate) fn save(tx: &Transaction<'_>, raised: &Raised) -> Result<(), Problem> {
    let Raised { key, at, .. } = raised;
    tx.prepare_cached(
        "UPDATE cashback SET earned = ?, ended = ? WHERE shard = ? AND customer_id = ? \
         AND chain = ? AND cycle = ? AND step = ? AND round = ?",
    )?
    .execute(params![
        raised.earned.0,
        raised.ended,
        key.shard,
        key.customer_id,
        key.chain,
        key.cycle,
        at.step,
        at.round,
    ])?;
    Ok(())
}
