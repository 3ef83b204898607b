//! What budgets have used: reserved before, settled after.

use super::Problem;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

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
