//! Which files were imported whole.

use super::Problem;
use crate::intake::Kind;
use rusqlite::{Connection, Transaction};

/// Tells whether a file of this content was imported.
pub(crate) fn is_done(connection: &Connection, kind: Kind, hash: &str) -> Result<bool, Problem> {
    Ok(connection
        .prepare("SELECT 1 FROM imported WHERE kind = ? AND hash = ?")?
        .exists([kind.as_str(), hash])?)
}

/// Records that it was.
pub(crate) fn set_done(tx: &Transaction<'_>, kind: Kind, hash: &str) -> Result<(), Problem> {
    tx.execute("INSERT OR IGNORE INTO imported (kind, hash) VALUES (?, ?)", [kind.as_str(), hash])?;
    Ok(())
}
