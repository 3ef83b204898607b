//! The checker: what a run promises, held against the rows of the store, the providers' truth
//! and what the store has said yes to. It shares no code with the engine: it has its own
//! queries, its own calendar, its own arithmetic. One file for each promise.

mod books;
mod budgets;
mod control;
mod enrolments;
mod events;
mod grants;
mod journal;
pub(crate) mod leaving;
mod messages;
mod overdue;
mod rows;
mod sales;
mod waits;
pub(crate) mod walk;
mod yearly;
pub(crate) mod zones;

use crate::programs::Editions;
use crate::world::log::Log;
use crate::world::provider::Truth;
use rusqlite::Connection;

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) promise: &'static str,
    pub(crate) detail: String,
}

impl Violation {
    pub(crate) const fn new(promise: &'static str, detail: String) -> Self {
        Self { promise, detail }
    }
}

/// What the checks of a whole store look at.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) log: &'a Log,
    pub(crate) truth: &'a Truth,
    pub(crate) editions: &'a Editions,
    pub(crate) edition: usize,
    /// The run's clock.
    pub(crate) now: i64,
}

/// What checks return: what was broken, if the store could be looked at.
pub(crate) type Found = rusqlite::Result<Vec<Violation>>;

pub(crate) use rows::{differing, dump, grants_made};

/// What must hold whenever the engine has done what is due.
pub(crate) fn cheap(view: View<'_>) -> Found {
    overdue::check(view)
}

/// Everything.
pub(crate) fn all(view: View<'_>, is_end: bool) -> Found {
    let mut found = overdue::check(view)?;
    walk::read_journal(view.db)?;
    for check in [
        rows::integrity,
        events::check,
        enrolments::check,
        control::check,
        grants::check,
        books::check,
        budgets::check,
        waits::check,
        messages::check,
        sales::check,
        journal::check,
        yearly::check,
    ] {
        found.extend(check(view)?);
    }
    if is_end {
        found.extend(enrolments::at_the_end(view)?);
        found.extend(yearly::at_the_end(view)?);
    }
    Ok(found)
}
