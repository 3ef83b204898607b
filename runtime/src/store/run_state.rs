//! What a run must remember between processes: its use, its clock, its schedules, the
//! versions of chains that somebody may still walk.

use super::{Problem, Result, Store, StoreError};
use crate::time::Moment;
use chainc_compiler::ir::Chain;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::collections::BTreeMap;

/// What a store is used for. One store is never both: a replay would grant real points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Real customers, the wall clock.
    Live,
    /// History, a virtual clock.
    Replay,
}

impl Use {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Replay => "replay",
        }
    }
}

/// Settles what a store is used for, on its first run, and refuses any other use later.
///
/// # Errors
/// [`StoreError::OtherUse`].
pub(crate) fn claim(store: &mut Store, wanted: Use) -> Result<()> {
    let held = store.read(|connection| get(connection, "use"))?;
    match (held.as_deref(), wanted) {
        (None, _) => store.write(|tx| set(tx, "use", wanted.as_str())),
        (Some("live"), Use::Live) | (Some("replay"), Use::Replay) => Ok(()),
        (Some(held), _) => Err(StoreError::OtherUse {
            path: store.path().display().to_string(),
            held: if held == "live" { "is at work for real customers" } else { "holds a replay" },
            wanted: if wanted == Use::Live { "a live run" } else { "a replay" },
        }),
    }
}

/// Forgets everything that a replay did, and keeps what was imported.
///
/// # Errors
/// [`StoreError::OtherUse`] if the store is live.
pub fn forget_replay(store: &mut Store) -> Result<()> {
    claim(store, Use::Replay)?;
    store.write(|tx| {
        tx.execute_batch(
            "DELETE FROM frozen_list; DELETE FROM frozen_member; \
             DELETE FROM assignment; DELETE FROM stratum; \
             DELETE FROM counted_window; DELETE FROM purchase_window; \
             DELETE FROM bought_last; \
             DELETE FROM touch; DELETE FROM consent WHERE event_id IS NOT NULL; \
             UPDATE event SET came_to = NULL; \
             DELETE FROM member; DELETE FROM cohort; DELETE FROM letter; DELETE FROM sheet; \
             DELETE FROM entry; \
             DELETE FROM lot; DELETE FROM gift; DELETE FROM given; \
             DELETE FROM cashback; \
             UPDATE promo_code SET shard = NULL, customer_id = NULL, chain = NULL, \
               cycle = NULL, step = NULL, round = NULL, given_at = NULL, expires_at = NULL; \
             DELETE FROM tally; DELETE FROM budget_use; \
             DELETE FROM schedule; DELETE FROM chain_version; DELETE FROM run_state; \
             DELETE FROM operation; DELETE FROM stopping; \
             UPDATE sale SET known = 0, amount = amount + returned, returned = 0, before = NULL; \
             UPDATE purchase_return SET known = 0; \
             UPDATE customer SET first_purchase_at = NULL, last_purchase_at = NULL, \
               purchases = 0, spent = 0, last_sale = NULL, dead_phone = NULL, dead_email = NULL, \
               dead_push_token = NULL",
        )?;
        Ok(())
    })
}

/// Returns where the run's clock stands.
pub(crate) fn clock(connection: &Connection) -> std::result::Result<Option<Moment>, Problem> {
    let text = get(connection, "clock")?;
    text.map(|text| {
        text.parse().map(Moment).map_err(|_| Problem::Damaged("its clock is no time".into()))
    })
    .transpose()
}

/// Returns where the clock of a replay stands; `None` in a store for real customers.
pub(crate) fn replayed_to(connection: &Connection) -> std::result::Result<Option<Moment>, Problem> {
    match get(connection, "use")?.as_deref() {
        Some("replay") => clock(connection),
        _ => Ok(None),
    }
}

/// Moves the run's clock.
pub(crate) fn set_clock(tx: &Transaction<'_>, now: Moment) -> std::result::Result<(), Problem> {
    set(tx, "clock", &now.0.to_string())
}

fn get(connection: &Connection, name: &str) -> std::result::Result<Option<String>, Problem> {
    let mut statement = connection.prepare_cached("SELECT value FROM run_state WHERE name = ?")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

fn set(tx: &Transaction<'_>, name: &str, value: &str) -> std::result::Result<(), Problem> {
    tx.prepare_cached(
        "INSERT INTO run_state (name, value) VALUES (?, ?) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )?
    .execute([name, value])?;
    Ok(())
}

/// Returns the last moment at which a chain looked at its segment.
pub(crate) fn last_slot(
    connection: &Connection,
    chain: &str,
) -> std::result::Result<Option<Moment>, Problem> {
    let mut statement =
        connection.prepare_cached("SELECT last_slot FROM schedule WHERE chain = ?")?;
    Ok(statement.query_row([chain], |row| row.get(0)).optional()?.map(Moment))
}

/// Records that a chain has looked at its segment.
pub(crate) fn set_last_slot(
    tx: &Transaction<'_>,
    chain: &str,
    slot: Moment,
) -> std::result::Result<(), Problem> {
    tx.prepare_cached(
        "INSERT INTO schedule (chain, last_slot) VALUES (?, ?) \
         ON CONFLICT (chain) DO UPDATE SET last_slot = excluded.last_slot",
    )?
    .execute(params![chain, slot.0])?;
    Ok(())
}

/// Keeps a version of a chain for as long as somebody may walk it.
pub(crate) fn keep_version(
    tx: &Transaction<'_>,
    chain: &Chain,
) -> std::result::Result<(), Problem> {
    let ir = serde_json::to_string(chain).map_err(|error| Problem::Other(error.to_string()))?;
    tx.prepare_cached(
        "INSERT INTO chain_version (chain, version, ir) VALUES (?, ?, ?) \
         ON CONFLICT (chain, version) DO UPDATE SET ir = excluded.ir",
    )?
    .execute(params![chain.name, chain.version, ir])?;
    tx.prepare_cached("INSERT INTO chain (name) VALUES (?) ON CONFLICT (name) DO NOTHING")?
        .execute([&chain.name])?;
    Ok(())
}

/// Returns the numbers that chains have in the keys of a store.
pub(crate) fn numbers(
    connection: &Connection,
) -> std::result::Result<BTreeMap<String, i64>, Problem> {
    let mut statement = connection.prepare("SELECT name, number FROM chain")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns the names of all chains that ever ran on a store, in their order.
///
/// # Errors
/// Whatever the store says.
pub fn chains(store: &Store) -> Result<Vec<String>> {
    store.read(|connection| {
        let mut statement =
            connection.prepare("SELECT DISTINCT chain FROM chain_version ORDER BY chain")?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<std::result::Result<_, _>>()?)
    })
}

/// Returns every version that was ever kept. One that an older chainc wrote, and that cannot
/// be read any more, is left out when nobody walks it.
pub(crate) fn versions(connection: &Connection) -> std::result::Result<Vec<Chain>, Problem> {
    let mut statement = connection
        .prepare("SELECT ir, chain, version FROM chain_version ORDER BY chain, version")?;
    let mut rows = statement.query([])?;
    let mut chains = Vec::new();
    while let Some(row) = rows.next()? {
        let ir: String = row.get(0)?;
        let (chain, version): (String, String) = (row.get(1)?, row.get(2)?);
        match serde_json::from_str(&ir) {
            Ok(known) => chains.push(known),
            Err(_) => match walkers(connection, &chain, &version)? {
                0 => {}
                walkers => return Err(Problem::Unreadable { chain, version, walkers }),
            },
        }
    }
    Ok(chains)
}

/// Returns how many customers are in a version, or wait for what became of its messages.
fn walkers(
    connection: &Connection,
    chain: &str,
    version: &str,
) -> std::result::Result<i64, Problem> {
    let sql = "SELECT count(*) FROM cohort h JOIN member m ON m.cohort = h.number \
         WHERE h.chain = ?1 AND h.version = ?2 AND (h.ended_at IS NULL OR EXISTS (SELECT 1 \
          FROM letter l JOIN sheet s ON s.number = l.sheet WHERE l.customer = m.customer \
          AND l.chain = m.chain AND l.cycle = m.cycle \
          AND s.state IN ('queued', 'in_flight', 'pending')))";
    Ok(connection.query_row(sql, [chain, version], |row| row.get(0))?)
}
