//! What budgets have used: reserved before, settled after.

use super::Problem;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Returns what was used of a budget.
pub(crate) fn used(connection: &Connection, owner: &str, budget: &str) -> Result<i64, Problem> {
    let mut statement =
        connection.prepare_cached("SELECT used FROM budget_use WHERE owner = ? AND budget = ?")?;
    Ok(statement.query_row([owner, budget], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// What one transaction reserves from budgets: each is read once and written once.
#[derive(Debug, Default)]
pub(crate) struct Reserved(RefCell<BTreeMap<String, BTreeMap<String, Use>>>);

#[derive(Debug, Clone, Copy, Default)]
struct Use {
    stored: i64,
    added: i64,
}

impl Reserved {
    /// Returns what was used of a budget, in this transaction too.
    pub(crate) fn used(
        &self,
        tx: &Transaction<'_>,
        owner: &str,
        budget: &str,
    ) -> Result<i64, Problem> {
        self.change(tx, owner, budget, 0)
    }

    /// Reserves from a budget, or gives back what is negative.
    pub(crate) fn reserve(
        &self,
        tx: &Transaction<'_>,
        owner: &str,
        budget: &str,
        amount: i64,
    ) -> Result<(), Problem> {
        self.change(tx, owner, budget, amount).map(drop)
    }

    fn change(
        &self,
        tx: &Transaction<'_>,
        owner: &str,
        budget: &str,
        amount: i64,
    ) -> Result<i64, Problem> {
        let mut owners = self.0.borrow_mut();
        if let Some(known) = owners.get_mut(owner).and_then(|budgets| budgets.get_mut(budget)) {
            known.added += amount;
            return Ok(known.stored + known.added);
        }
        let stored = used(tx, owner, budget)?;
        let known = Use { stored, added: amount };
        owners.entry(owner.to_owned()).or_default().insert(budget.to_owned(), known);
        Ok(stored + amount)
    }

    /// Writes what was reserved.
    pub(crate) fn write(self, tx: &Transaction<'_>) -> Result<(), Problem> {
        for (owner, budgets) in self.0.into_inner() {
            for (budget, Use { added, .. }) in budgets.into_iter().filter(|(_, of)| of.added != 0) {
                tx.prepare_cached(
                    "INSERT INTO budget_use (owner, budget, used) VALUES (?, ?, ?) \
                     ON CONFLICT (owner, budget) DO UPDATE SET used = used + excluded.used",
                )?
                .execute(params![owner, budget, added])?;
            }
        }
        Ok(())
    }
}
