//! All rows of a store, for comparing; and whether the file is sound.

use super::{Found, View, Violation};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// Returns each table's name and a hash of its rows. Which rows are shared depends on what was
/// done at once: those are taken as the views show them, without the numbers of shared rows.
pub(crate) fn dump(db: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = db.prepare_cached(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'tombstone%' \
         AND name NOT LIKE 'sqlite%' AND name NOT IN ('cohort', 'member', 'sheet', 'letter', \
         'gift', 'given', 'lot', 'entry') \
         OR name IN ('enrolment', 'outbox', 'wallet_entry', 'wallet_lot') ORDER BY name",
    )?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    let names = names.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut tables = Vec::new();
    for name in names {
        let is_view = ["enrolment", "outbox"].contains(&name.as_str());
        let mut statement = db.prepare_cached(&format!("SELECT * FROM {name}"))?;
        let mut shown = Vec::new();
        for column in 0..statement.column_count() {
            let which = ["number", "cohort", "sheet"].contains(&statement.column_name(column)?);
            if !(is_view && which) {
                shown.push(column);
            }
        }
        // The order of the rows is that of the shared ones.
        let mut hashes = Vec::new();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mut hasher = blake3::Hasher::new();
            for column in &shown {
                match row.get_ref(*column)? {
                    ValueRef::Null => hasher.update(b"n"),
                    ValueRef::Integer(number) => hasher.update(b"i").update(&number.to_le_bytes()),
                    ValueRef::Real(number) => hasher.update(b"r").update(&number.to_le_bytes()),
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                        hasher.update(b"t").update(&bytes.len().to_le_bytes()).update(bytes)
                    }
                };
            }
            hashes.push(*hasher.finalize().as_bytes());
        }
        hashes.sort_unstable();
        let mut hasher = blake3::Hasher::new();
        hashes.iter().for_each(|hash| {
            hasher.update(hash);
        });
        tables.push((name, hasher.finalize().to_hex().to_string()));
    }
    Ok(tables)
}

/// Names the tables whose rows differ.
pub(crate) fn differing(one: &[(String, String)], other: &[(String, String)]) -> String {
    let differ = one.iter().zip(other).filter(|(one, other)| one != other);
    differ.map(|((name, _), _)| name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Returns how many grants there are.
pub(crate) fn grants_made(db: &Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT count(*) FROM wallet_entry WHERE kind = 'granted'";
    db.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
}

pub(super) fn integrity(view: View<'_>) -> Found {
    let said: String = view.db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if said == "ok" {
        Ok(Vec::new())
    } else {
        Ok(vec![Violation::new("integrity_check is ok", said)])
    }
}

/// Runs a query that finds what must not be: each row's first column says what.
pub(super) fn none(view: View<'_>, promise: &'static str, sql: &str) -> Found {
    let mut statement = view.db.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    rows.map(|row| Ok(Violation::new(promise, row?))).collect()
}
