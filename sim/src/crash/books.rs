//! What must be true of a store at the end, whatever happened on the way; and everything that
//! stands in it, to compare one end with another.

use super::provider::Provider;
use rusqlite::types::Value;
use rusqlite::{Connection, Result};
use std::collections::BTreeSet;

/// Each finds what must not be, one line each.
const NEVER: [(&str, &str); 7] = [
    (
        "a message is still on its way",
        "SELECT customer_id, chain, step FROM outbox WHERE state IN ('in_flight', 'queued')",
    ),
    (
        "somebody is still in a chain",
        "SELECT customer_id, chain, phase FROM enrolment WHERE phase <> 'ended'",
    ),
    (
        "something was granted twice",
        "SELECT customer_id, chain, step FROM wallet_entry WHERE kind = 'granted'
         GROUP BY customer_id, chain, cycle, step, round HAVING count(*) > 1",
    ),
    (
        "a lot is not the sum of its entries",
        "SELECT customer_id, lot FROM wallet_lot JOIN
           (SELECT shard, customer_id, lot, sum(points) AS points FROM wallet_entry GROUP BY 1, 2, 3)
         USING (shard, customer_id, lot) WHERE points <> points_left OR points_left < 0",
    ),
    (
        "entries have no lot",
        "SELECT customer_id, lot FROM wallet_entry
         WHERE (shard, customer_id, lot) NOT IN (SELECT shard, customer_id, lot FROM wallet_lot)
         GROUP BY 1, 2 HAVING sum(points) <> 0",
    ),
    (
        "a purchase has not had its effect",
        "SELECT customer_id, occurred_at FROM purchase WHERE known = 0",
    ),
    (
        "an event has not had its effect",
        "SELECT customer_id, what FROM event WHERE came_to IS NULL",
    ),
];

/// Tells whether the database is whole.
pub(super) fn is_whole(store: &Connection) -> Result<Option<String>> {
    let said: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    Ok((said != "ok").then(|| format!("integrity_check says {said}")))
}

/// Returns the promises that are broken.
pub(super) fn broken(store: &Connection, provider: &Provider) -> Result<Vec<String>> {
    let mut broken: Vec<String> = is_whole(store)?.into_iter().collect();
    broken.extend(provider.complaints());
    for (what, sql) in NEVER {
        broken.extend(rows(store, sql)?.into_iter().map(|row| format!("{what}: {row}")));
    }
    let sent = "SELECT effect_key FROM outbox WHERE state IN ('pending', 'delivered')";
    let sent: BTreeSet<String> = rows(store, sent)?.into_iter().collect();
    let taken = provider.keys();
    broken.extend(sent.difference(&taken).map(|key| format!("{key} never left")));
    broken.extend(taken.difference(&sent).map(|key| format!("{key} left, and is not settled")));
    Ok(broken)
}

/// Returns every row of every table. Which rows are shared depends on what was done at once:
/// those are taken as the views show them.
pub(super) fn everything(store: &Connection) -> Result<Vec<String>> {
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('cohort', \
        'member', 'sheet', 'letter', 'gift', 'given', 'lot', 'entry') \
        OR name IN ('enrolment', 'outbox', 'wallet_entry', 'wallet_lot') ORDER BY name";
    let columns = "SELECT group_concat('\"' || name || '\"') FROM pragma_table_info(?) \
        WHERE name NOT IN ('cohort', 'sheet')";
    let mut all = Vec::new();
    for table in rows(store, tables)? {
        let columns: String = store.query_row(columns, [&table], |row| row.get(0))?;
        let mut rows = rows(store, &format!("SELECT {columns} FROM \"{table}\""))?;
        rows.sort_unstable();
        all.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
    }
    Ok(all)
}

/// Returns the steps that were come to, as the tally has them.
pub(super) fn reached(store: &Connection) -> Result<BTreeSet<(String, String, String)>> {
    let mut statement = store.prepare("SELECT chain, step, what FROM tally WHERE n > 0")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

fn rows(store: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut statement = store.prepare(sql)?;
    let width = statement.column_count();
    let rows = statement.query_map([], |row| {
        let fields: Result<Vec<String>> =
            (0..width).map(|index| row.get(index).map(shown)).collect();
        Ok(fields?.join("|"))
    })?;
    rows.collect()
}

fn shown(value: Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
