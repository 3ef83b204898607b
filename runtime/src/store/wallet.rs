//! The built-in wallet: append-only entries with derived keys, and what budgets have used.

use super::Problem;
use crate::enrolment::Key;
use crate::step::{At, Granted};
use crate::time::Moment;
use chainc_compiler::units::Points;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// Writes the one entry of a grant step. A second one is a bug, and fails the transaction.
pub(crate) fn grant(
    tx: &Transaction<'_>,
    key: &Key,
    at: &At,
    granted: Granted,
    now: Moment,
) -> Result<(), Problem> {
    tx.prepare_cached(
        "INSERT INTO wallet_entry (shard, customer_id, chain, cycle, step, round, points, \
         written_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        key.shard,
        key.customer_id,
        key.chain,
        key.cycle,
        at.step,
        at.round,
        granted.points.0,
        now.0,
        granted.expires_at.map(|at| at.0),
    ])?;
    Ok(())
}

/// Returns what a customer can spend at a moment.
pub(crate) fn balance(
    connection: &Connection,
    shard: i64,
    customer_id: &str,
    now: Moment,
) -> Result<Points, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(sum(points), 0) FROM wallet_entry WHERE shard = ? AND customer_id = ? \
         AND (expires_at IS NULL OR expires_at > ?)",
    )?;
    Ok(Points(statement.query_row(params![shard, customer_id, now.0], |row| row.get(0))?))
}

/// Returns what a chain has used of a budget.
pub(crate) fn used(connection: &Connection, chain: &str, budget: &str) -> Result<i64, Problem> {
    let mut statement =
        connection.prepare_cached("SELECT used FROM budget_use WHERE chain = ? AND budget = ?")?;
    Ok(statement.query_row([chain, budget], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// Reserves from a budget, or gives back what is negative.
pub(crate) fn reserve(
    tx: &Transaction<'_>,
    chain: &str,
    budget: &str,
    amount: i64,
) -> Result<(), Problem> {
    tx.prepare_cached(
        "INSERT INTO budget_use (chain, budget, used) VALUES (?, ?, ?) \
         ON CONFLICT (chain, budget) DO UPDATE SET used = used + excluded.used",
    )?
    .execute(params![chain, budget, amount])?;
    Ok(())
}
