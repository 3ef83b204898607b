//! The built-in wallet: append-only entries with derived keys, and what budgets have used.

use super::Problem;
use crate::enrolment::Key;
use crate::step::{At, Granted};
use crate::time::Moment;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// Writes the one entry of a grant step. A second one is a bug, and fails the transaction.
pub(crate) fn grant(
    tx: &Transaction<'_>,
    key: &Key,
    at: &At,
    granted: Granted,
    brand: Option<&str>,
    now: Moment,
) -> Result<(), Problem> {
    tx.prepare_cached(
        "INSERT INTO wallet_entry (shard, customer_id, chain, cycle, step, round, points, \
         brand, written_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        key.shard,
        key.customer_id,
        key.chain,
        key.cycle,
        at.step,
        at.round,
        granted.points.0,
        brand,
        now.0,
        granted.expires_at.map(|at| at.0),
    ])?;
    Ok(())
}

/// Returns what a customer was granted since a moment, by some chains or by all.
pub(crate) fn granted_since(
    connection: &Connection,
    key: &Key,
    chains: Option<&[String]>,
    since: Moment,
) -> Result<i64, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT chain, points FROM wallet_entry \
         WHERE shard = ? AND customer_id = ? AND written_at > ?",
    )?;
    let mut rows = statement.query(params![key.shard, key.customer_id, since.0])?;
    let mut sum: i64 = 0;
    while let Some(row) = rows.next()? {
        let (chain, points): (String, i64) = (row.get(0)?, row.get(1)?);
        if chains.is_none_or(|chains| chains.contains(&chain)) {
            sum = sum.saturating_add(points);
        }
    }
    Ok(sum)
}

/// Returns what was used of a budget.
pub(crate) fn used(connection: &Connection, owner: &str, budget: &str) -> Result<i64, Problem> {
    let mut statement =
        connection.prepare_cached("SELECT used FROM budget_use WHERE owner = ? AND budget = ?")?;
    Ok(statement.query_row([owner, budget], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// Reserves from a budget, or gives back what is negative.
pub(crate) fn reserve(
    tx: &Transaction<'_>,
    owner: &str,
    budget: &str,
    amount: i64,
) -> Result<(), Problem> {
    tx.prepare_cached(
        "INSERT INTO budget_use (owner, budget, used) VALUES (?, ?, ?) \
         ON CONFLICT (owner, budget) DO UPDATE SET used = used + excluded.used",
    )?
    .execute(params![owner, budget, amount])?;
    Ok(())
}
