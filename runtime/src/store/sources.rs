//! Watermarks: up to when the purchases of a source are complete.

use super::{Problem, Result, Store};
use crate::sources::{Heard, Known, Rules};
use crate::time::Moment;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::collections::BTreeMap;

/// Returns up to when a source is complete; `None` if it never said so.
pub(crate) fn watermark(
    connection: &Connection,
    source: &str,
) -> std::result::Result<Option<Moment>, Problem> {
    let mut statement = connection.prepare_cached("SELECT at FROM watermark WHERE source = ?")?;
    Ok(statement.query_row([source], |row| row.get(0)).optional()?.map(Moment))
}

/// Moves a watermark forward; one that is further already stays.
pub(crate) fn advance(
    tx: &Transaction<'_>,
    source: &str,
    at: Moment,
) -> std::result::Result<(), Problem> {
    tx.prepare_cached(
        "INSERT INTO watermark (source, at) VALUES (?, ?) \
         ON CONFLICT (source) DO UPDATE SET at = max(at, excluded.at)",
    )?
    .execute(params![source, at.0])?;
    Ok(())
}

/// Moves a watermark forward; one that is further already stays.
///
/// # Errors
/// Whatever the store says.
pub fn set(store: &mut Store, source: &str, at: Moment) -> Result<()> {
    store.write(|tx| advance(tx, source, at))
}

/// Returns every watermark.
pub(crate) fn all(
    connection: &Connection,
) -> std::result::Result<BTreeMap<String, Moment>, Problem> {
    let mut statement = connection.prepare("SELECT source, at FROM watermark")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, Moment(row.get(1)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns how far purchases are known from the sources of a project.
pub(crate) fn known(connection: &Connection, rules: &Rules) -> std::result::Result<Known, Problem> {
    let mut heard = Vec::new();
    for (name, rule) in rules {
        let watermark = watermark(connection, name)?;
        heard.push(Heard { name: name.clone(), rule: *rule, watermark });
    }
    Ok(Known::of(heard))
}
