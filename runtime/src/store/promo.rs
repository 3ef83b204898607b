//! Pools of codes: each code is given once, in the order in which they came in.

use super::Problem;
use crate::enrolment::Key;
use crate::mutant::{self, Mutant};
use crate::step::{At, Promo};
use crate::time::Moment;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// What became of a code that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is new in its pool.
    New,
    /// The pool had it already.
    Repeat,
    /// It is of another pool, whose name this is.
    Elsewhere(String),
}

/// Keeps a code, once.
pub(crate) fn keep(tx: &Transaction<'_>, pool: &str, code: &str) -> Result<Kept, Problem> {
    let held: Option<String> = tx
        .prepare_cached("SELECT pool FROM promo_code WHERE code = ?")?
        .query_row([code], |row| row.get(0))
        .optional()?;
    match held {
        Some(held) if held == pool => Ok(Kept::Repeat),
        Some(held) => Ok(Kept::Elsewhere(held)),
        None => {
            tx.prepare_cached(
                "INSERT INTO promo_code (pool, number, code) VALUES (?1, \
                 (SELECT coalesce(max(number), 0) + 1 FROM promo_code WHERE pool = ?1), ?2)",
            )?
            .execute([pool, code])?;
            Ok(Kept::New)
        }
    }
}

/// Returns the next codes of a pool.
pub(crate) fn next(
    connection: &Connection,
    pool: &str,
    limit: usize,
) -> Result<Vec<String>, Problem> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(
        "SELECT code FROM promo_code WHERE pool = ?1 AND (given_at IS NULL OR ?3) \
         ORDER BY number LIMIT ?2",
    )?;
    let twice = mutant::is(Mutant::CodeGivenTwice);
    let rows = statement.query_map(params![pool, limit, twice], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Gives a code to a customer, for good. A code that was given is a bug, and fails the
/// transaction.
pub(crate) fn give(
    tx: &Transaction<'_>,
    key: &Key,
    at: &At,
    promo: &Promo,
    now: Moment,
) -> Result<(), Problem> {
    let given = tx
        .prepare_cached(
            "UPDATE promo_code SET shard = ?, customer_id = ?, chain = ?, cycle = ?, step = ?, \
             round = ?, given_at = ?, expires_at = ? WHERE code = ? AND given_at IS NULL",
        )?
        .execute(params![
            key.shard,
            key.customer_id,
            key.chain,
            key.cycle,
            at.step,
            at.round,
            now.0,
            promo.expires_at.map(|at| at.0),
            promo.code,
        ])?;
    if given == 1 { Ok(()) } else { Err(Problem::Damaged("a code was given twice".into())) }
}

/// Tells whether a pool was ever filled.
pub(crate) fn exists(connection: &Connection, pool: &str) -> Result<bool, Problem> {
    Ok(connection.prepare_cached("SELECT 1 FROM promo_code WHERE pool = ?")?.exists([pool])?)
}

/// Returns the pools that have no code left, with how many they had.
pub(crate) fn dry(connection: &Connection) -> Result<Vec<(String, i64)>, Problem> {
    let mut statement = connection.prepare(
        "SELECT pool, count(*) FROM promo_code GROUP BY pool HAVING count(*) = count(given_at) \
         ORDER BY pool",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
