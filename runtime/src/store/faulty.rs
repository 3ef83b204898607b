//! What deliberate faults do to a store: nothing, in a build without them.

use super::{Problem, Store, WRITE_REFUSED};
use crate::mutant::{self, Mutant};
use rusqlite::ErrorCode;
use rusqlite::config::DbConfig;

type Prepared = Result<(), Problem>;

/// A store that could not be read is made anew, as caches are.
pub(super) fn prepared(store: &mut Store, prepared: Prepared) -> Prepared {
    // `SQLITE_IOERR_READ` and `SQLITE_IOERR_SHORT_READ`.
    let is_unreadable = matches!(&prepared,
        Err(Problem::Sqlite(rusqlite::Error::SqliteFailure(error, _)))
            if [10 | (1 << 8), 10 | (2 << 8)].contains(&error.extended_code));
    if !is_unreadable || !mutant::is(Mutant::MadeAnew) {
        return prepared;
    }
    store.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, true)?;
    store.connection.execute_batch("VACUUM")?;
    store.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, false)?;
    store.prepare()
}

/// A commit that failed is taken for done.
pub(super) fn committed(committed: rusqlite::Result<()>) -> rusqlite::Result<()> {
    let code = committed.as_ref().err().and_then(rusqlite::Error::sqlite_error);
    let is_ignored = mutant::is(Mutant::CommitErrorIgnored)
        || code.is_some_and(|error| match error.code {
            ErrorCode::DiskFull => mutant::is(Mutant::FullIgnored),
            ErrorCode::SystemIoFailure if error.extended_code == WRITE_REFUSED[0] => {
                mutant::is(Mutant::WriteErrorIgnored)
            }
            _ => false,
        });
    if is_ignored { Ok(()) } else { committed }
}
