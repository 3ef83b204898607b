//! A store with SQLite's rollback journal instead of its write-ahead log, for the simulator:
//! SQLite uses the one while a store is made, until the other is switched on.

use rusqlite::Connection;

thread_local! {
    static ON: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Has this thread open its stores with a rollback journal from now on, or no longer.
pub fn switch(on: bool) {
    ON.set(on);
}

pub(super) fn is_on() -> bool {
    ON.get()
}

/// `EXTRA`, since under `FULL` nobody waits until the deletion of the journal is on the disk:
/// it may come back, and take back the last transaction. For the same reason the header is
/// written anew: what a process deleted before it died must not come back any more.
pub(super) fn set(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA journal_mode=DELETE", [], |_| Ok(()))?;
    connection.execute_batch("PRAGMA synchronous=EXTRA; PRAGMA foreign_keys=ON")?;
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    connection.pragma_update(None, "user_version", version)
}
