//! The customer store on SQLite: opening it, its rules, its errors.
//!
//! One writer, `BEGIN IMMEDIATE`, WAL, `synchronous=FULL`, STRICT tables. What is done
//! to the tables stands in the submodules, one matter each; nothing outside of this
//! module writes SQL.

pub(crate) mod assignment;
pub(crate) mod bought;
pub(crate) mod budget;
pub(crate) mod cashback;
pub(crate) mod cohort;
pub mod customers;
pub mod enrolments;
pub mod erasure;
pub mod events;
mod faulty;
pub(crate) mod frozen;
pub(crate) mod gift;
pub(crate) mod held;
pub mod history;
pub mod imports;
pub mod journal;
#[cfg(feature = "mutants")]
pub mod kept;
pub(crate) mod knowledge;
pub mod log;
pub mod merging;
pub mod operations;
pub(crate) mod order;
pub mod outbox;
pub(crate) mod promo;
pub mod purchases;
pub(crate) mod returns;
#[cfg(feature = "mutants")]
pub mod rollback;
pub mod run_state;
mod schema;
pub mod segment;
pub(crate) mod sheet;
pub mod sources;
pub mod status;
pub mod summary;
mod turns;
pub(crate) mod wallet;
pub(crate) mod windows;

pub use schema::SCHEMA;

use crate::mutant::{self, Mutant};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a command waits for another program to let go of the store.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a run waits for another program: an import of millions of rows is one
/// transaction, and must not end the service.
const PATIENCE_OF_A_RUN: Duration = Duration::from_secs(120);

#[cfg(not(feature = "mutants"))]
type Link = Connection;
#[cfg(feature = "mutants")]
type Link = kept::Link;

/// An open store.
#[derive(Debug)]
pub struct Store {
    connection: Link,
    path: PathBuf,
    patience: Duration,
    /// Where it stands while it asks to write, if it takes turns with others.
    gate: Option<turns::Gate>,
}

/// Where a store is: the value of `--store` and of `store:` in `chainc.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreUrl(pub PathBuf);

impl StoreUrl {
    /// Reads `sqlite:path.db`.
    ///
    /// # Errors
    /// A sentence for the user if this is no such address.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        match text.split_once(':') {
            Some(("sqlite", "")) => {
                Err("`sqlite:` needs a path behind it, as in `sqlite:shop.db`".into())
            }
            Some(("sqlite", path)) => {
                Ok(Self(PathBuf::from(path.strip_prefix("//").unwrap_or(path))))
            }
            Some((scheme @ ("postgres" | "postgresql"), _)) => {
                Err(format!("`{scheme}` stores are not supported yet; write `sqlite:path.db`"))
            }
            _ => Err(format!("`{text}` is not a store address; write `sqlite:path.db`")),
        }
    }
}

/// What can be wrong with a store. Each says what happened, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No file.
    #[error("there is no store at {path}; `chainc import customers FILE` makes one")]
    Missing {
        /// The file.
        path: String,
    },
    /// No folder to put it in.
    #[error(
        "the folder of the store {path} does not exist; make it first, or give another `--store`"
    )]
    NoFolder {
        /// The file.
        path: String,
    },
    /// Somebody else has it.
    #[error("the store {path} is locked by another program; stop that program and try again")]
    Locked {
        /// The file.
        path: String,
    },
    /// Another `chainc run` works on it.
    #[error(
        "another `chainc run` is working on the store {path}; one at a time, or somebody gets a message twice"
    )]
    AtWork {
        /// The file.
        path: String,
    },
    /// It cannot be written.
    #[error("the store {path} cannot be written: it, or its folder, is read-only")]
    ReadOnly {
        /// The file.
        path: String,
    },
    /// The disk is full.
    #[error(
        "no room left to write the store {path} ({detail}); nothing was changed, free some space and try again"
    )]
    Full {
        /// The file.
        path: String,
        /// What the system said.
        detail: String,
    },
    /// Not SQLite.
    #[error("{path} is not a chainc store: it is not an SQLite database")]
    NotADatabase {
        /// The file.
        path: String,
    },
    /// SQLite, but not ours.
    #[error("{path} is not a chainc store: it is the SQLite database of another program")]
    Foreign {
        /// The file.
        path: String,
    },
    /// From the future.
    #[error(
        "the store {path} has version {found}, and this chainc knows stores up to version {known}; use a newer chainc"
    )]
    Newer {
        /// The file.
        path: String,
        /// The version of the file.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// A replay on a live store, or the other way round.
    #[error(
        "the store {path} {held}; {wanted} needs a store of its own, give one with `--store sqlite:other.db`"
    )]
    OtherUse {
        /// The file.
        path: String,
        /// What it is used for.
        held: &'static str,
        /// What was asked.
        wanted: &'static str,
    },
    /// Another chainc left somebody in a chain this one cannot read.
    #[error(
        "the store {path} has customers ({walkers}) in version {version} of chain `{chain}`, which another chainc wrote and this one cannot read; run that chainc until they are through, or let it end them with `chainc stop {chain}`, and then start this one"
    )]
    Unreadable {
        /// The file.
        path: String,
        /// The chain.
        chain: String,
        /// The version.
        version: String,
        /// How many are in it.
        walkers: i64,
    },
    /// The rows contradict each other.
    #[error("the store {path} is damaged: {detail}; restore a backup")]
    Damaged {
        /// The file.
        path: String,
        /// What does not fit.
        detail: String,
    },
    /// Anything else SQLite or the file system says.
    #[error("the store {path} failed: {detail}")]
    Failed {
        /// The file.
        path: String,
        /// What it said.
        detail: String,
    },
}

/// The result of work on a store.
pub type Result<T> = std::result::Result<T, StoreError>;

impl Store {
    /// Opens the store of a file; makes it if there is none.
    ///
    /// # Errors
    /// Every [`StoreError`] about the file, its place and its version.
    pub fn open_or_create(path: &Path) -> Result<Self> {
        let shown = path.display().to_string();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if folder.is_some_and(|folder| !folder.is_dir()) {
            return Err(StoreError::NoFolder { path: shown });
        }
        if path.is_dir() {
            return Err(StoreError::Failed { path: shown, detail: "it is a folder".into() });
        }
        // A superuser may write a file that says "do not write me"; chainc does not.
        if std::fs::metadata(path).is_ok_and(|meta| meta.permissions().readonly()) {
            return Err(StoreError::ReadOnly { path: shown });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Link::open_with_flags(path, flags).map_err(|error| StoreError::of(&error, path))?;
        let mut store = Self { connection, path: path.to_owned(), patience: PATIENCE, gate: None };
        let prepared = store.prepare();
        let prepared = faulty::prepared(&mut store, prepared);
        prepared.map_err(|error| store.explain(error))?;
        #[cfg(feature = "mutants")]
        {
            store.connection.is_open = true;
        }
        Ok(store)
    }

    /// Opens the store of a file that must be there.
    ///
    /// # Errors
    /// [`StoreError::Missing`], and all of [`Store::open_or_create`].
    pub fn open(path: &Path) -> Result<Self> {
        if path.exists() {
            Self::open_or_create(path)
        } else {
            Err(StoreError::Missing { path: path.display().to_string() })
        }
    }

    /// Waits longer for other programs from now on, as a run does.
    pub(crate) fn be_patient(&mut self) -> Result<()> {
        self.patience = PATIENCE_OF_A_RUN;
        self.read(|connection| Ok(connection.busy_timeout(PATIENCE_OF_A_RUN)?))
    }

    /// Takes turns with others that do when it writes, from now on: nobody waits longer than
    /// for those who came before him.
    ///
    /// # Errors
    /// If the file that they stand at cannot be opened.
    pub fn take_turns(mut self) -> Result<Self> {
        let gate = turns::Gate::of(&self.path).map_err(Problem::Gate);
        self.gate = Some(gate.map_err(|problem| self.explain(problem))?);
        Ok(self)
    }

    /// Returns the file of the store.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn prepare(&mut self) -> std::result::Result<(), Problem> {
        self.connection.busy_timeout(PATIENCE)?;
        self.connection.set_prepared_statement_cache_capacity(256);
        // One plan for a statement, whatever its parameters: without this SQLite looks at
        // them, and prepares the statement anew each time they change.
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        schema::recognise(&self.connection)?;
        #[cfg(feature = "mutants")]
        if rollback::is_on() {
            rollback::set(&self.connection)?;
            return schema::migrate(&mut self.connection);
        }
        let mode: String =
            self.connection.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
        // Said so, and not by a pragma, it forgets no statement where it holds already.
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
        self.connection.execute_batch("PRAGMA synchronous=FULL; PRAGMA cache_size=-32768")?;
        if mutant::is(Mutant::SynchronousNormal) {
            self.connection.execute_batch("PRAGMA synchronous=NORMAL")?;
            return schema::migrate(&mut self.connection);
        }
        let synchronous: i64 =
            self.connection.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
        // INVARIANT: acknowledged events survive a power loss only under WAL with FULL.
        if !mode.eq_ignore_ascii_case("wal") || synchronous != 2 {
            return Err(Problem::Other(format!(
                "it cannot keep what it is told (journal {mode}, synchronous {synchronous})"
            )));
        }
        if !mutant::is(Mutant::LogNotWrittenAnew) {
            self.write_log_anew()?;
        }
        schema::migrate(&mut self.connection)
    }

    /// Makes sure that what the log holds is on the disk, whatever an earlier process met.
    fn write_log_anew(&self) -> std::result::Result<(), Problem> {
        // Whoever is writing just now has opened the store before, and the log is his.
        self.connection.busy_timeout(Duration::ZERO)?;
        let written =
            match Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate) {
                Ok(_alone) => log::write_anew(&self.path),
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(()),
                Err(error) => return Err(error.into()),
            };
        self.connection.busy_timeout(PATIENCE)?;
        written.map_err(Problem::Log)
    }

    /// Waits for the turn to write, which is this store's until what it returns is dropped.
    fn stand(&self) -> Result<Option<turns::Standing<'_>>> {
        turns::stand(self.gate.as_ref(), self.patience).map_err(|problem| self.explain(problem))
    }

    /// Runs one write transaction; nothing of it stays if it fails.
    ///
    /// # Errors
    /// What the closure returns, and whatever the store says of the transaction itself.
    pub fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, Problem>,
    ) -> Result<T> {
        let path = self.path.clone();
        let run = || -> std::result::Result<T, Problem> {
            let standing = turns::stand(self.gate.as_ref(), self.patience)?;
            let transaction =
                self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // The next one may ask.
            drop(standing);
            let value = work(&transaction)?;
            faulty::committed(transaction.commit())?;
            Ok(value)
        };
        run().map_err(|problem| problem.explain(&path))
    }

    /// Reads.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> std::result::Result<T, Problem>,
    ) -> Result<T> {
        work(&self.connection).map_err(|problem| self.explain(problem))
    }

    fn explain(&self, problem: Problem) -> StoreError {
        problem.explain(&self.path)
    }
}

/// What a transaction looks up by keys of the store's own making: nobody chooses them, so their
/// hash need be no secret, and is the same in every process.
pub(crate) type Lookup<K, V> = std::collections::HashMap<K, V, foldhash::fast::FixedState>;

/// Returns a number that is another one as soon as another process has written.
pub(crate) fn brought_in(connection: &Connection) -> std::result::Result<i64, Problem> {
    Ok(connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
}

/// What went wrong inside of a transaction, before the file's name is put to it.
#[derive(Debug)]
pub enum Problem {
    /// SQLite said so.
    Sqlite(rusqlite::Error),
    /// The store is newer than this program.
    Newer(i64),
    /// The file belongs to another program.
    Foreign,
    /// Customers are in a version of a chain that cannot be read.
    Unreadable {
        /// The chain.
        chain: String,
        /// The version.
        version: String,
        /// How many.
        walkers: i64,
    },
    /// Rows contradict each other.
    Damaged(String),
    /// The log cannot be written.
    Log(io::Error),
    /// The file at which writers take turns cannot be used.
    Gate(io::Error),
    /// Others wrote all the time.
    Locked,
    /// Something else.
    Other(String),
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Problem {
    fn explain(self, path: &Path) -> StoreError {
        let shown = path.display().to_string();
        let file = if matches!(self, Self::Gate(_)) { "its `.gate` file" } else { "its log" };
        match self {
            Self::Sqlite(error) => StoreError::of(&error, path),
            Self::Newer(found) => StoreError::Newer { path: shown, found, known: schema::VERSION },
            Self::Foreign => StoreError::Foreign { path: shown },
            Self::Damaged(detail) => StoreError::Damaged { path: shown, detail },
            Self::Unreadable { chain, version, walkers } => {
                StoreError::Unreadable { path: shown, chain, version, walkers }
            }
            Self::Locked => StoreError::Locked { path: shown },
            Self::Log(error) | Self::Gate(error) => {
                let detail = format!("{file} cannot be written: {error}");
                match error.kind() {
                    io::ErrorKind::StorageFull
                    | io::ErrorKind::FileTooLarge
                    | io::ErrorKind::QuotaExceeded => StoreError::Full { path: shown, detail },
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                        StoreError::ReadOnly { path: shown }
                    }
                    _ => StoreError::Failed { path: shown, detail },
                }
            }
            Self::Other(detail) => StoreError::Failed { path: shown, detail },
        }
    }
}

impl StoreError {
    fn of(error: &rusqlite::Error, path: &Path) -> Self {
        let detail = error.to_string();
        let path = path.display().to_string();
        let rusqlite::Error::SqliteFailure(cause, _) = error else {
            return Self::Failed { path, detail };
        };
        match cause.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Locked { path },
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Self::ReadOnly { path },
            ErrorCode::DiskFull => Self::Full { path, detail },
            // A write that the system refuses is a full disk or a limit on the file's size.
            ErrorCode::SystemIoFailure if WRITE_REFUSED.contains(&cause.extended_code) => {
                Self::Full { path, detail: format!("{detail}: the disk or a file-size limit") }
            }
            ErrorCode::NotADatabase => Self::NotADatabase { path },
            ErrorCode::DatabaseCorrupt => Self::Damaged { path, detail },
            ErrorCode::CannotOpen => Self::Failed {
                path,
                detail: "the file cannot be opened; look at its folder's permissions".into(),
            },
            _ => Self::Failed { path, detail },
        }
    }
}

/// `SQLITE_IOERR_WRITE`, `_TRUNCATE` and `_SHMSIZE`: the store, its journal and its shared
/// memory are all files that need room.
const WRITE_REFUSED: [i32; 3] = [10 | (3 << 8), 10 | (6 << 8), 10 | (19 << 8)];

/// The right to run on a store, held by one process at a time. The system lets go of it
/// when the process ends, however it ends.
#[derive(Debug)]
pub struct RunLock(#[expect(dead_code, reason = "held open, never read")] std::fs::File);

impl RunLock {
    /// Takes the right to run on a store.
    ///
    /// # Errors
    /// [`StoreError::AtWork`] if another process has it.
    pub fn take(store: &Path) -> Result<Self> {
        let path = PathBuf::from(format!("{}.lock", store.display()));
        let shown = store.display().to_string();
        let failed = |error: io::Error| StoreError::Failed {
            path: shown.clone(),
            detail: format!("its lock file cannot be opened: {error}"),
        };
        let file = std::fs::File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Err(_) if mutant::is(Mutant::RunLockIgnored) => Ok(Self(file)),
            Ok(()) => Ok(Self(file)),
            Err(std::fs::TryLockError::WouldBlock) => {
                Err(StoreError::AtWork { path: shown.clone() })
            }
            Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
