//! The tables, and how a store of an older version becomes one of this.
//!
//! A migration is never changed once released; the next one is added behind it. The
//! version is SQLite's `user_version`. (The migration crates of the field hold older
//! versions of rusqlite; the twenty lines below are what is needed of them.)

use super::Problem;
use rusqlite::{Connection, TransactionBehavior};

/// The version of stores that this program writes.
pub(super) const VERSION: i64 = 1;

/// "chnc" in the file's header tells a chainc store from any other database.
const APPLICATION_ID: i64 = 0x63_68_6e_63;

/// The tables as they are first made.
pub const SCHEMA: &str = include_str!("schema/1.sql");

const MIGRATIONS: [&str; 1] = [SCHEMA];

/// Refuses files of other programs and of newer chaincs, before anything is written.
pub(super) fn recognise(connection: &Connection) -> Result<(), Problem> {
    let application = number(connection, "PRAGMA application_id")?;
    let objects = number(connection, "SELECT count(*) FROM sqlite_schema")?;
    if application != APPLICATION_ID && (application != 0 || objects != 0) {
        return Err(Problem::Foreign);
    }
    let version = version(connection)?;
    if version > VERSION { Err(Problem::Newer(version)) } else { Ok(()) }
}

/// Brings the store to [`VERSION`], in one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Problem> {
    if version(connection)? == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = usize::try_from(version(&transaction)?).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}

fn version(connection: &Connection) -> Result<i64, Problem> {
    number(connection, "PRAGMA user_version")
}

fn number(connection: &Connection, sql: &str) -> Result<i64, Problem> {
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}
