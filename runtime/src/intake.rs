//! Files of customers, purchases, consents, events, returns and codes become rows of the
//! store.
//!
//! A file comes in whole, in one transaction, or not at all; a bad row is set aside with
//! its line and the reason, in a file beside it. Importing the same file again changes
//! nothing. What a row means stands in one file per kind.

mod amount;
mod attributes;
mod consents;
mod customers;
pub mod desk;
mod events;
mod promo;
mod purchases;
mod returns;
mod rows;

use crate::store::erasure::Gate;
use crate::store::{Store, StoreError, sources};
use crate::time::{Moment, Zone};
use chainc_compiler::ir::AttributeKind;
use rusqlite::Transaction;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// One customer a row.
    Customers,
    /// One receipt a row.
    Purchases,
    /// One yes or no to a channel a row.
    Consents,
    /// One purchase that came back a row.
    Returns,
    /// One code of a pool a row.
    Promo,
    /// One thing that happened a row: a click, a receipt, an unsubscription.
    Events,
}

impl Kind {
    /// Every kind, in the order in which files are best imported: what others are about
    /// comes before them.
    pub const ALL: [Self; 6] = [
        Self::Customers,
        Self::Purchases,
        Self::Consents,
        Self::Returns,
        Self::Promo,
        Self::Events,
    ];

    /// Returns the word of the command line and of `chainc.yaml`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Purchases => "purchases",
            Self::Consents => "consents",
            Self::Returns => "returns",
            Self::Promo => "promo",
            Self::Events => "events",
        }
    }

    /// Returns the columns that chainc knows, required ones first, and how many those are.
    #[must_use]
    pub const fn columns(self) -> (&'static [&'static str], usize) {
        match self {
            Self::Customers => (&customers::COLUMNS, 1),
            Self::Purchases => (&purchases::COLUMNS, 3),
            Self::Consents => (&consents::COLUMNS, 4),
            Self::Returns => (&returns::COLUMNS, 2),
            Self::Promo => (&promo::COLUMNS, 2),
            Self::Events => (&events::COLUMNS, 2),
        }
    }
}

/// How a file is to be read.
#[derive(Debug, Clone)]
pub struct Reading<'a> {
    /// The zone of times without an offset: the business zone.
    pub zone: &'a Zone,
    /// Digits behind the point of the currency.
    pub digits: u8,
    /// chainc's name of a column to the file's, where they differ.
    pub columns: &'a BTreeMap<String, String>,
    /// What the project says its customers' own columns hold.
    pub attributes: &'a BTreeMap<String, AttributeKind>,
    /// The source of purchases that the file is of, where the project names its sources.
    pub from: Option<From<'a>>,
    /// The moment of the import.
    pub now: Moment,
}

/// Where purchases come from, and what the file says of its being complete.
#[derive(Debug, Clone, Copy)]
pub struct From<'a> {
    /// The name of the source.
    pub source: &'a str,
    /// Up to when the source is complete with this file.
    pub complete: Complete,
}

/// Up to when a source is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Complete {
    /// Nothing is said.
    Unsaid,
    /// Up to a moment; one before what the source said earlier is refused.
    Until(Moment),
    /// Up to the last purchase of the file.
    LastPurchase,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Rows read, the header not counted.
    pub rows: u64,
    /// Rows that were new.
    pub new: u64,
    /// Rows that were known already: repeats, or customers brought up to date.
    pub known: u64,
    /// Purchases and events of unknown customers, kept aside.
    pub aside: u64,
    /// How many events have which word of the project's own.
    pub own_events: BTreeMap<String, u64>,
    /// New purchases from before the moment up to which their source was complete.
    pub late: u64,
    /// Up to when the source is complete now.
    pub watermark: Option<Moment>,
    /// The time of the last purchase in the file.
    last_purchase: Option<Moment>,
    /// Purchases that were aside and have found their customer.
    pub adopted: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Where those are.
    pub rejected_file: Option<PathBuf>,
    /// Columns of the file that chainc has no use for.
    pub unused: Vec<String>,
}

/// Why a file could not come in. Nothing of it did.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {detail}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        detail: String,
    },
    /// Its first line does not say what is in it.
    #[error("{path}: {detail}")]
    Header {
        /// The file.
        path: String,
        /// What is wrong.
        detail: String,
    },
    /// The file for rejected rows cannot be written.
    #[error("the rejected rows cannot be written to {path}: {detail}; nothing was imported")]
    Rejected {
        /// The file.
        path: String,
        /// What the system said.
        detail: String,
    },
    /// What a source said of its being complete is taken back.
    #[error(
        "source `{source_name}` is complete up to {said} already; a watermark does not go back, and nothing was imported"
    )]
    Backwards {
        /// The source.
        source_name: String,
        /// What it said.
        said: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Looks at the header of a file: a file that cannot come in is told before there is a store.
///
/// # Errors
/// If the file or its header is at fault.
pub fn look(kind: Kind, path: &Path, reading: &Reading<'_>) -> Result<(), IntakeError> {
    rows::Rows::open(path, kind, reading).map(drop)
}

/// Imports a file. `progress` hears how many bytes have been read.
///
/// # Errors
/// If the file, its header, the rejected rows' file or the store is at fault; then nothing
/// was imported.
pub fn import(
    store: &mut Store,
    kind: Kind,
    path: &Path,
    reading: &Reading<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<Report, IntakeError> {
    refuse_backwards(store, reading)?;
    let mut rows = rows::Rows::open(path, kind, reading)?;
    let mut report = Report { unused: rows.unused(kind), ..Report::default() };
    let mut failure = None;
    let written = store.write(|tx| {
        let gate = Gate::of(tx)?;
        let mut pile = purchases::Pile::default();
        let mut codes = promo::Seen::default();
        while let Some(row) = rows.next().transpose() {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    failure = Some(error);
                    return Err(crate::store::Problem::Other(String::new()));
                }
            };
            report.rows += 1;
            let erased = match row.get("customer_id") {
                Some(id) => gate.since(tx, id)?,
                None => None,
            };
            let outcome = match kind {
                _ if erased.is_some() => Err(ERASED.to_owned()),
                Kind::Customers => customers::take(tx, &row, reading, &mut report)?,
                Kind::Purchases => pile.take(tx, &row, reading, &mut report)?,
                Kind::Consents => consents::take(tx, &row, reading, &mut report)?,
                Kind::Returns => returns::take(tx, &row, reading, &mut report)?,
                Kind::Promo => promo::take(tx, &row, &mut report, &mut codes)?,
                Kind::Events => events::take(tx, &row, reading, &mut report)?,
            };
            if let Err(reason) = outcome {
                report.rejected += 1;
                if let Err(error) = rows.reject(&reason) {
                    failure = Some(error);
                    return Err(crate::store::Problem::Other(String::new()));
                }
            }
            if report.rows.is_multiple_of(1024) {
                progress(rows.bytes_read());
            }
        }
        pile.keep(tx, reading, &mut report)?;
        if let Some(from) = reading.from {
            report.watermark = watermark(tx, from, report.last_purchase)?;
        }
        // Before the commit: rows are not taken in while the others are lost.
        rows.close().map(|rejected| report.rejected_file = rejected).map_err(|error| {
            failure = Some(error);
            crate::store::Problem::Other(String::new())
        })
    });
    if let Some(failure) = failure {
        return Err(failure);
    }
    if let (Err(_), Some(rejected)) = (&written, &report.rejected_file) {
        // They belong to an import that came to nothing.
        let _ = std::fs::remove_file(rejected);
    }
    written?;
    progress(rows.bytes_read());
    Ok(report)
}

/// A watermark that goes back would let waits be decided that already were.
fn refuse_backwards(store: &Store, reading: &Reading<'_>) -> Result<(), IntakeError> {
    let Some(From { source, complete: Complete::Until(at) }) = reading.from else {
        return Ok(());
    };
    let said = store.read(|connection| sources::watermark(connection, source))?;
    match said.filter(|said| at < *said) {
        None => Ok(()),
        Some(said) => Err(IntakeError::Backwards {
            source_name: source.to_owned(),
            said: reading.zone.rfc3339(said),
        }),
    }
}

/// Moves the watermark of a source behind its file; returns where it stands.
fn watermark(
    tx: &Transaction<'_>,
    from: From<'_>,
    last_purchase: Option<Moment>,
) -> Result<Option<Moment>, crate::store::Problem> {
    let at = match from.complete {
        Complete::Unsaid => None,
        Complete::Until(at) => Some(at),
        Complete::LastPurchase => last_purchase,
    };
    if let Some(at) = at {
        sources::advance(tx, from.source, at)?;
    }
    sources::watermark(tx, from.source)
}

/// Imports a file unless exactly this file was imported before; `None` if so.
///
/// # Errors
/// Those of [`import`].
pub fn import_once(
    store: &mut Store,
    kind: Kind,
    path: &Path,
    reading: &Reading<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<Option<Report>, IntakeError> {
    let hash = rows::hash(path)?;
    let done = store.read(|connection| crate::store::imports::is_done(connection, kind, &hash))?;
    if done {
        return Ok(None);
    }
    let report = import(store, kind, path, reading, progress)?;
    store.write(|tx| crate::store::imports::set_done(tx, kind, &hash))?;
    Ok(Some(report))
}

/// Why a row of somebody who was erased is rejected.
const ERASED: &str =
    "this customer was erased from the store; `chainc erase --undo` lets her in again";

/// What a row's taking came to: an error is a reason for the user.
type Outcome = Result<(), String>;
