//! What people told the store of its chains: pause, resume, stop; who, when and why.
//!
//! A command writes a row; the run on the store, if there is one, obeys it in its next
//! transaction. Append-only: the last row of a chain says how it stands.

use super::{Problem, Result, Store, run_state};
use crate::time::Moment;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::Serialize;
use std::collections::BTreeMap;

/// How a chain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It does what it says.
    Running,
    /// Nobody enters, no step is done and no message leaves; what happens is heard.
    Paused,
    /// Nobody enters, and who was in it has ended.
    Stopped,
}

impl Standing {
    /// Returns the word that stores and reports use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Running, Self::Paused, Self::Stopped].into_iter().find(|s| s.as_str() == word)
    }
}

/// What somebody told the store of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Operation {
    /// When.
    pub at: Moment,
    /// How the chain stands from then on.
    pub standing: Standing,
    /// Who.
    pub who: String,
    /// Why, in their words.
    pub reason: Option<String>,
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ordered {
    /// It is written down; so many customers were in the chain.
    Done(i64),
    /// The chain stood so already, since this was said; nothing was written.
    Already(Option<Operation>),
    /// The chain is stopped: there is nothing to pause.
    Stopped(Operation),
}

/// Writes down how a chain is to stand. In a store that holds a replay that is said at the
/// moment where the replay stands.
///
/// # Errors
/// If the store cannot be written.
pub fn order(store: &mut Store, chain: &str, order: Operation) -> Result<Ordered> {
    store.write(|tx| {
        let at = run_state::replayed_to(tx)?.unwrap_or(order.at);
        let order = Operation { at, ..order };
        let last = last(tx, chain)?;
        let stands = last.as_ref().map_or(Standing::Running, |last| last.standing);
        match (stands, order.standing, last) {
            (stands, wanted, last) if stands == wanted => return Ok(Ordered::Already(last)),
            (Standing::Stopped, Standing::Paused, Some(last)) => return Ok(Ordered::Stopped(last)),
            _ => {}
        }
        let in_it = under_way(tx, chain)?;
        append(tx, chain, &order)?;
        if order.standing == Standing::Stopped {
            tx.execute("INSERT OR IGNORE INTO stopping VALUES (?)", [chain])?;
        }
        Ok(Ordered::Done(in_it))
    })
}

fn append(
    tx: &Transaction<'_>,
    chain: &str,
    order: &Operation,
) -> std::result::Result<(), Problem> {
    tx.execute(
        "INSERT INTO operation (chain, number, at, standing, who, reason) \
         SELECT ?1, count(*), ?2, ?3, ?4, ?5 FROM operation WHERE chain = ?1",
        params![chain, order.at.0, order.standing.as_str(), order.who, order.reason],
    )?;
    Ok(())
}

/// Returns how many customers are in a chain, by the tally.
pub(crate) fn under_way(connection: &Connection, chain: &str) -> std::result::Result<i64, Problem> {
    Ok(connection.query_row(
        "SELECT coalesce(sum(CASE WHEN what = 'entered' THEN n \
         WHEN what LIKE 'ended %' THEN -n ELSE 0 END), 0) \
         FROM tally WHERE chain = ? AND step = ''",
        [chain],
        |row| row.get(0),
    )?)
}

/// Returns what was last said of a chain.
pub(crate) fn last(
    connection: &Connection,
    chain: &str,
) -> std::result::Result<Option<Operation>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT at, standing, who, reason FROM operation WHERE chain = ? \
         ORDER BY number DESC LIMIT 1",
    )?;
    statement.query_row([chain], |row| Ok(from_row(row))).optional()?.transpose()
}

fn from_row(row: &Row<'_>) -> std::result::Result<Operation, Problem> {
    let standing: String = row.get(1)?;
    Ok(Operation {
        at: Moment(row.get(0)?),
        standing: Standing::from_word(&standing)
            .ok_or_else(|| Problem::Damaged(format!("a chain stands `{standing}`")))?,
        who: row.get(2)?,
        reason: row.get(3)?,
    })
}

/// Returns the chains that do not run, each with what was last said of it.
///
/// # Errors
/// Whatever the store says.
pub fn standing_still(store: &Store) -> Result<Vec<(String, Operation)>> {
    store.read(|connection| {
        let standings = standings(connection)?;
        let mut still = Vec::new();
        for chain in standings.0.keys().filter(|chain| standings.stands_still(chain)) {
            still.extend(last(connection, chain)?.map(|told| (chain.clone(), told)));
        }
        Ok(still)
    })
}

/// Returns everything that was said of a chain, the first first.
pub(crate) fn all(
    connection: &Connection,
    chain: &str,
) -> std::result::Result<Vec<Operation>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT at, standing, who, reason FROM operation WHERE chain = ? ORDER BY number",
    )?;
    let mut rows = statement.query([chain])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(from_row(row)?);
    }
    Ok(all)
}

/// How chains stand that somebody has said something of; all others run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Standings(BTreeMap<String, Standing>);

impl Standings {
    /// Tells whether a chain is paused or stopped: nothing of it may be done now.
    pub(crate) fn stands_still(&self, chain: &str) -> bool {
        self.0.get(chain).is_some_and(|standing| *standing != Standing::Running)
    }

    /// Returns the chains that were paused or stopped once and run again.
    pub(crate) fn running(&self) -> impl Iterator<Item = &str> {
        let running = self.0.iter().filter(|(_, standing)| **standing == Standing::Running);
        running.map(|(chain, _)| chain.as_str())
    }
}

/// Returns how chains stand.
pub(crate) fn standings(connection: &Connection) -> std::result::Result<Standings, Problem> {
    // Of the rows of a chain SQLite gives the one that has the largest number.
    let mut statement = connection
        .prepare_cached("SELECT chain, standing, max(number) FROM operation GROUP BY chain")?;
    let mut rows = statement.query([])?;
    let mut standings = Standings::default();
    while let Some(row) = rows.next()? {
        let word: String = row.get(1)?;
        if let Some(standing) = Standing::from_word(&word) {
            standings.0.insert(row.get(0)?, standing);
        }
    }
    Ok(standings)
}

/// Returns the next chain whose customers are to be ended.
pub(crate) fn stopping(connection: &Connection) -> std::result::Result<Option<String>, Problem> {
    let mut statement =
        connection.prepare_cached("SELECT chain FROM stopping ORDER BY chain LIMIT 1")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?)
}

/// Records that all customers of a stopped chain have ended.
pub(crate) fn set_stopped(tx: &Transaction<'_>, chain: &str) -> std::result::Result<(), Problem> {
    tx.prepare_cached("DELETE FROM stopping WHERE chain = ?")?.execute([chain])?;
    Ok(())
}
