//! Erasing a customer: every row of hers goes, the numbers of the chains stay.
//!
//! One transaction: killed at any moment, she is there as a whole or gone as a whole. What
//! stays is a keyed hash of her id, so that files cannot bring her back unnoticed. What is
//! deleted is overwritten (`secure_delete`); [`scrub`] takes out what earlier changes left.

use super::{Problem, Result, Store, cohort, gift, purchases, run_state, sheet};
use crate::mutant::{self, Mutant};
use crate::time::Moment;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// What went with a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gone {
    /// Chains that she was in.
    pub chains: i64,
    /// Messages that will not leave any more.
    pub queued: i64,
    /// Messages that are on their way and count as sent.
    pub in_flight: i64,
}

/// What an erasure came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// Everything of hers is gone.
    Done(Gone),
    /// It was gone already, since this moment.
    Before(Moment),
    /// Nothing was ever known of such a customer.
    Unknown,
}

/// Erases a customer.
///
/// # Errors
/// Whatever the store says; then nothing has changed.
pub fn erase(store: &mut Store, customer_id: &str, who: &str, now: Moment) -> Result<Erasure> {
    store.read(|connection| Ok(connection.execute_batch("PRAGMA secure_delete=ON")?))?;
    store.write(|tx| {
        let shard = crate::key::shard(customer_id);
        let tables = tables(tx)?;
        if !is_anywhere(tx, &tables, shard, customer_id)? {
            let before = Gate::of(tx)?.since(tx, customer_id)?;
            return Ok(before.map_or(Erasure::Unknown, Erasure::Before));
        }
        let at = run_state::replayed_to(tx)?.unwrap_or(now);
        let gone = count(tx, shard, customer_id)?;
        settle_books(tx, shard, customer_id)?;
        // A code that was given stays given.
        tx.execute(
            "UPDATE promo_code SET shard = NULL, customer_id = NULL \
             WHERE shard = ? AND customer_id = ?",
            params![shard, customer_id],
        )?;
        tx.execute(
            "DELETE FROM event WHERE customer_id = '' AND message_key IN \
             (SELECT effect_key FROM outbox WHERE shard = ? AND customer_id = ?)",
            params![shard, customer_id],
        )?;
        if let Some(number) = super::customers::number(tx, shard, customer_id)? {
            if !mutant::is(Mutant::EraseLeavesMessages) {
                sheet::remove_all(tx, number)?;
            }
            cohort::remove_all(tx, number)?;
            gift::take_away(tx, number)?;
            purchases::remove_all(tx, number)?;
        }
        // Files may name her by keys that were merged into this one.
        for old in super::merging::merged_into(tx, customer_id)? {
            note(tx, &old, at, "erased", who)?;
        }
        // Keys that were merged into hers must not bring her back either.
        for old in old_keys(tx, customer_id)? {
            note(tx, &old, at, "erased", who)?;
        }
        for table in &tables {
            tx.execute(
                &format!("DELETE FROM {} WHERE {}", table.name, table.of_customer()),
                params![customer_id, shard],
            )?;
        }
        note(tx, customer_id, at, "erased", who)?;
        Ok(Erasure::Done(gone))
    })
}

/// Lets files bring a customer in again who was erased; false if she was not.
///
/// # Errors
/// Whatever the store says.
pub fn admit(store: &mut Store, customer_id: &str, who: &str, now: Moment) -> Result<bool> {
    store.write(|tx| {
        if Gate::of(tx)?.since(tx, customer_id)?.is_none() {
            return Ok(false);
        }
        let at = run_state::replayed_to(tx)?.unwrap_or(now);
        note(tx, customer_id, at, "admitted", who)?;
        Ok(true)
    })
}

/// Returns since when a customer is erased; `None` if she is not.
///
/// # Errors
/// Whatever the store says.
pub fn since(store: &Store, customer_id: &str) -> Result<Option<Moment>> {
    store.read(|connection| Gate::of(connection)?.since(connection, customer_id))
}

/// Takes out of the store's files what earlier changes left in them: pages that were split
/// keep old rows behind the new ones, and the write-ahead log keeps old pages. The file is
/// written anew, which takes about as much time and room as copying it; a run waits.
/// False if another program reads old pages at this moment.
///
/// # Errors
/// Whatever the store says.
pub fn scrub(store: &mut Store) -> Result<bool> {
    store.be_patient()?;
    let standing = store.stand()?;
    store.read(|connection| {
        connection.execute_batch("VACUUM")?;
        drop(standing);
        is_log_empty(connection)
    })
}

/// Empties the write-ahead log; false if another program reads old pages at this moment.
///
/// # Errors
/// Whatever the store says.
pub fn empty_log(store: &Store) -> Result<bool> {
    store.read(is_log_empty)
}

fn is_log_empty(connection: &Connection) -> std::result::Result<bool, Problem> {
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(busy == 0)
}

/// A table with rows of customers.
struct Table {
    name: String,
    has_shard: bool,
}

impl Table {
    /// `?1` is her key, `?2` her shard.
    fn of_customer(&self) -> &'static str {
        if self.has_shard {
            "customer_id = ?1 AND shard = ?2"
        } else {
            "customer_id = ?1 AND ?2 >= 0"
        }
    }
}

/// Returns every table with rows of customers, whichever those are.
fn tables(connection: &Connection) -> std::result::Result<Vec<Table>, Problem> {
    let mut statement = connection.prepare(
        "SELECT name, EXISTS (SELECT 1 FROM pragma_table_info(t.name) c WHERE c.name = 'shard') \
         FROM sqlite_schema t WHERE type = 'table' AND EXISTS \
         (SELECT 1 FROM pragma_table_info(t.name) c WHERE c.name = 'customer_id') ORDER BY name",
    )?;
    let tables =
        statement.query_map([], |row| Ok(Table { name: row.get(0)?, has_shard: row.get(1)? }))?;
    Ok(tables.collect::<std::result::Result<_, _>>()?)
}

fn old_keys(
    connection: &Connection,
    customer_id: &str,
) -> std::result::Result<Vec<String>, Problem> {
    let mut statement = connection.prepare("SELECT old_id FROM merged WHERE customer_id = ?")?;
    let keys = statement.query_map([customer_id], |row| row.get(0))?;
    Ok(keys.collect::<std::result::Result<_, _>>()?)
}

fn is_anywhere(
    connection: &Connection,
    tables: &[Table],
    shard: i64,
    customer_id: &str,
) -> std::result::Result<bool, Problem> {
    for table in tables {
        let sql = format!("SELECT 1 FROM {} WHERE {}", table.name, table.of_customer());
        if connection.prepare(&sql)?.exists(params![customer_id, shard])? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn count(
    connection: &Connection,
    shard: i64,
    customer_id: &str,
) -> std::result::Result<Gone, Problem> {
    let number =
        |sql: &str| connection.query_row(sql, params![shard, customer_id], |row| row.get(0));
    let messages = "SELECT count(*) FROM outbox WHERE shard = ? AND customer_id = ? AND state = ";
    Ok(Gone {
        chains: number(
            "SELECT count(*) FROM enrolment \
             WHERE shard = ? AND customer_id = ? AND ended_at IS NULL",
        )?,
        queued: number(&format!("{messages}'queued'"))?,
        in_flight: number(&format!("{messages}'in_flight'"))?,
    })
}

/// Keeps the numbers of the chains right without her: what she was in has ended as `erased`,
/// what is on its way counts as sent, what a cashback held in reserve is free again, and what
/// went with her rows is told beside what they added to the budgets.
fn settle_books(
    tx: &Transaction<'_>,
    shard: i64,
    customer_id: &str,
) -> std::result::Result<(), Problem> {
    let counts = [
        "SELECT chain, version, '', 'ended erased', count(*) FROM enrolment \
         WHERE shard = ?1 AND customer_id = ?2 AND ended_at IS NULL GROUP BY 1, 2",
        "SELECT chain, version, step, 'sent', count(*) FROM outbox \
         WHERE shard = ?1 AND customer_id = ?2 AND state = 'in_flight' GROUP BY 1, 2, 3",
        "SELECT chain, version, step, 'done', count(*) FROM outbox \
         WHERE shard = ?1 AND customer_id = ?2 AND state = 'in_flight' GROUP BY 1, 2, 3",
        "SELECT chain, version, step, 'cost', sum(cost) FROM outbox \
         WHERE shard = ?1 AND customer_id = ?2 AND state = 'in_flight' GROUP BY 1, 2, 3",
        "SELECT chain, version, '', 'erased cost', sum(cost) FROM outbox \
         WHERE shard = ?1 AND customer_id = ?2 AND cost > 0 GROUP BY 1, 2",
        "SELECT w.chain, e.version, '', 'erased points', sum(w.points) \
         FROM wallet_entry w JOIN enrolment e USING (shard, customer_id, chain, cycle) \
         WHERE shard = ?1 AND customer_id = ?2 AND w.kind = 'granted' GROUP BY 1, 2",
        "SELECT b.chain, e.version, '', 'erased points', sum(b.earned) \
         FROM cashback b JOIN enrolment e USING (shard, customer_id, chain, cycle) \
         WHERE shard = ?1 AND customer_id = ?2 AND b.earned <> 0 GROUP BY 1, 2",
    ];
    for select in counts {
        tx.execute(
            &format!(
                "INSERT INTO tally (chain, version, step, what, n) SELECT * FROM ({select}) \
                 WHERE true ON CONFLICT (chain, version, step, what) DO UPDATE SET n = n + excluded.n"
            ),
            params![shard, customer_id],
        )?;
    }
    free_cashbacks(tx, shard, customer_id)
}

/// Gives back to the budgets what raised cashbacks hold and will never earn.
fn free_cashbacks(
    tx: &Transaction<'_>,
    shard: i64,
    customer_id: &str,
) -> std::result::Result<(), Problem> {
    let mut statement = tx.prepare(
        "SELECT b.chain, json_extract(v.ir, '$.experiment'), b.up_to - b.earned \
         FROM cashback b JOIN enrolment e USING (shard, customer_id, chain, cycle) \
         JOIN chain_version v USING (chain, version) \
         WHERE shard = ? AND customer_id = ? AND b.ended = 0 AND b.up_to IS NOT NULL",
    )?;
    let mut rows = statement.query(params![shard, customer_id])?;
    while let Some(row) = rows.next()? {
        let (chain, experiment): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        let room: i64 = row.get(2)?;
        let owners = [Some(chain), experiment.map(|name| format!("experiment {name}"))];
        for owner in owners.into_iter().flatten() {
            // A budget that was never charged has no row.
            tx.execute(
                "UPDATE budget_use SET used = used - ? WHERE owner = ? AND budget = 'points'",
                params![room.max(0), owner],
            )?;
        }
    }
    Ok(())
}

fn note(
    tx: &Transaction<'_>,
    customer_id: &str,
    at: Moment,
    what: &str,
    who: &str,
) -> std::result::Result<(), Problem> {
    tx.execute(
        "INSERT INTO tombstone_key (key) SELECT randomblob(32) \
         WHERE NOT EXISTS (SELECT 1 FROM tombstone_key)",
        [],
    )?;
    let hash = Gate::of(tx)?.hash(customer_id);
    tx.execute(
        "INSERT INTO tombstone (hash, number, at, what, who) \
         SELECT ?1, count(*), ?2, ?3, ?4 FROM tombstone WHERE hash = ?1",
        params![hash, at.0, what, who],
    )?;
    Ok(())
}

/// Tells who was erased. Who they are cannot be read from it.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    /// The store's own key; `None` where nobody was ever erased.
    key: Option<[u8; 32]>,
}

impl Gate {
    /// Reads the gate of a store.
    pub(crate) fn of(connection: &Connection) -> std::result::Result<Self, Problem> {
        let mut statement = connection.prepare_cached("SELECT key FROM tombstone_key")?;
        let key = statement.query_row([], |row| row.get(0)).optional()?;
        Ok(Self { key })
    }

    /// Returns since when a customer is erased; `None` if she is not.
    pub(crate) fn since(
        &self,
        connection: &Connection,
        customer_id: &str,
    ) -> std::result::Result<Option<Moment>, Problem> {
        if self.key.is_none() {
            return Ok(None);
        }
        let mut statement = connection.prepare_cached(
            "SELECT at, what = 'erased' FROM tombstone WHERE hash = ? ORDER BY number DESC LIMIT 1",
        )?;
        let last: Option<(i64, bool)> = statement
            .query_row([self.hash(customer_id)], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(last.filter(|(_, erased)| *erased).map(|(at, _)| Moment(at)))
    }

    fn hash(&self, customer_id: &str) -> Option<Vec<u8>> {
        let key = self.key.as_ref()?;
        Some(blake3::keyed_hash(key, customer_id.as_bytes()).as_bytes().to_vec())
    }
}
