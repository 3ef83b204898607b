//! The journal (who, what, when, why) and the tally, which is the journal in numbers.

use super::Problem;
use crate::enrolment::Key;
use crate::time::Moment;
use rusqlite::{Connection, Transaction, params};
use std::collections::BTreeMap;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// Whom it is about.
    pub key: &'a Key,
    /// The number of the line within the enrolment, from 0.
    pub number: i64,
    /// When it happened.
    pub at: Moment,
    /// Id of the step, if it is about one.
    pub step: Option<&'a str>,
    /// What happened, in one word.
    pub what: &'a str,
    /// The cause or the particulars.
    pub detail: Option<&'a str>,
}

/// Appends a line.
pub(crate) fn append(tx: &Transaction<'_>, line: &Line<'_>) -> Result<(), Problem> {
    tx.prepare_cached(
        "INSERT INTO journal (shard, customer_id, chain, cycle, number, at, step, what, detail) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        line.key.shard,
        line.key.customer_id,
        line.key.chain,
        line.key.cycle,
        line.number,
        line.at.0,
        line.step,
        line.what,
        line.detail,
    ])?;
    Ok(())
}

/// What a transaction adds to the tally: by chain, version, step (empty for the chain as a
/// whole) and word.
#[derive(Debug, Default)]
pub struct Tally(Numbers);

/// Numbers by chain, version, step and word.
pub(crate) type Numbers = BTreeMap<(String, String, String, String), i64>;

impl Tally {
    /// Adds to one number.
    pub fn add(&mut self, chain: &str, version: &str, step: &str, what: &str, n: i64) {
        let key = (chain.to_owned(), version.to_owned(), step.to_owned(), what.to_owned());
        *self.0.entry(key).or_default() += n;
    }

    /// Writes the numbers into the transaction that they belong to.
    pub(crate) fn write(self, tx: &Transaction<'_>) -> Result<(), Problem> {
        let mut statement = tx.prepare_cached(
            "INSERT INTO tally (chain, version, step, what, n) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (chain, version, step, what) DO UPDATE SET n = n + excluded.n",
        )?;
        for ((chain, version, step, what), n) in self.0 {
            statement.execute(params![chain, version, step, what, n])?;
        }
        Ok(())
    }
}

/// Returns how often something was told, in all chains.
pub(crate) fn count(connection: &Connection, what: &str) -> Result<i64, Problem> {
    let mut statement =
        connection.prepare("SELECT coalesce(sum(n), 0) FROM tally WHERE what = ?")?;
    Ok(statement.query_row([what], |row| row.get(0))?)
}

/// Returns every number of the tally.
pub(crate) fn tally(connection: &Connection) -> Result<Numbers, Problem> {
    let mut statement = connection.prepare("SELECT chain, version, step, what, n FROM tally")?;
    let rows = statement.query_map([], |row| {
        Ok(((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?), row.get(4)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
