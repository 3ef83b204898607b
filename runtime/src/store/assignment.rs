//! Who is held out of which experiment, and how far each stratum has been decided.

use super::Problem;
use crate::control::Stratum;
use crate::time::Moment;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// A customer's place in an experiment, kept for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Assignment<'a> {
    /// Her shard.
    pub(crate) shard: i64,
    /// Her key.
    pub(crate) customer_id: &'a str,
    /// The experiment.
    pub(crate) experiment: &'a str,
    /// What she had in common with others when she was decided.
    pub(crate) stratum: &'a str,
    /// True if she is held out.
    pub(crate) control: bool,
}

/// Writes an assignment. A second one of the same customer is a bug, and fails the transaction.
pub(crate) fn insert(
    tx: &Transaction<'_>,
    assignment: Assignment<'_>,
    now: Moment,
) -> Result<(), Problem> {
    let Assignment { shard, customer_id, experiment, stratum, control } = assignment;
    tx.prepare_cached("INSERT INTO assignment VALUES (?, ?, ?, ?, ?, ?)")?.execute(params![
        shard,
        customer_id,
        experiment,
        stratum,
        control,
        now.0
    ])?;
    Ok(())
}

/// Returns how far a stratum has been decided.
pub(crate) fn stratum(
    connection: &Connection,
    experiment: &str,
    stratum: &str,
) -> Result<Stratum, Problem> {
    let mut statement = connection
        .prepare_cached("SELECT due, held_out FROM stratum WHERE experiment = ? AND stratum = ?")?;
    let found = statement
        .query_row([experiment, stratum], |row| {
            Ok(Stratum { due: row.get(0)?, held_out: row.get(1)? })
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Writes how far a stratum has been decided.
pub(crate) fn save(
    tx: &Transaction<'_>,
    experiment: &str,
    stratum: &str,
    decided: Stratum,
) -> Result<(), Problem> {
    tx.prepare_cached(
        "INSERT INTO stratum VALUES (?, ?, ?, ?) ON CONFLICT (experiment, stratum) \
         DO UPDATE SET due = excluded.due, held_out = excluded.held_out",
    )?
    .execute(params![experiment, stratum, decided.due, decided.held_out])?;
    Ok(())
}
