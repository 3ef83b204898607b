//! What people told of a chain is obeyed: who is in a stopped one ends, what was parked in a
//! paused one is due again when it goes on.

use super::advance::Scene;
use super::{Engine, RunError};
use crate::mutant::{self, Mutant};
use crate::step::Input;
use crate::store::{Problem, enrolments, operations, outbox};
use crate::time::Moment;
use rusqlite::Connection;

/// How many parked rows of a kind are due again in one transaction.
const BATCH: i64 = 5_000;

/// How many customers of a stopped chain end in one transaction.
const ENDED: usize = 1_000;

impl Engine {
    /// Obeys a part of what was told; true if there was anything to do.
    pub(super) fn obey(&mut self, now: Moment) -> Result<bool, RunError> {
        if self.store.read(operations::stopping)?.is_some() {
            return self.end_the_stopped(now);
        }
        if self.store.read(goes_on)?.is_none() {
            return Ok(false);
        }
        self.store.write(|tx| {
            let Some(chain) = goes_on(tx)? else { return Ok(()) };
            enrolments::unpark(tx, &chain, BATCH)?;
            if !mutant::is(Mutant::ResumeForgetsMessages) {
                outbox::unpark(tx, &chain, BATCH)?;
            }
            Ok(())
        })?;
        Ok(true)
    }

    /// Ends customers of a stopped chain.
    fn end_the_stopped(&mut self, now: Moment) -> Result<bool, RunError> {
        let world = &self.world;
        self.store.write(|tx| {
            let Some(chain) = operations::stopping(tx)? else { return Ok(()) };
            let mut scene = Scene::new(tx, world)?;
            let under_way = match mutant::is(Mutant::StopEndsNobody) {
                true => Vec::new(),
                false => enrolments::under_way(tx, &chain, ENDED)?,
            };
            if under_way.is_empty() {
                operations::set_stopped(tx, &chain)?;
            }
            for enrolment in under_way {
                scene.advance(enrolment, Input::Stopped, now)?;
            }
            scene.close(&mut [])?;
            Ok(())
        })?;
        Ok(true)
    }

    /// Tells whether something that was told has not been obeyed yet.
    pub(super) fn has_orders(&self) -> Result<bool, RunError> {
        Ok(self.store.read(|connection| {
            Ok(operations::stopping(connection)?.is_some() || goes_on(connection)?.is_some())
        })?)
    }
}

/// Returns a chain that goes on and still has parked rows.
fn goes_on(connection: &Connection) -> Result<Option<String>, Problem> {
    for chain in operations::standings(connection)?.running() {
        let messages = outbox::has_parked(connection, chain)?;
        let messages = messages && !mutant::is(Mutant::ResumeForgetsMessages);
        if enrolments::has_parked(connection, chain)? || messages {
            return Ok(Some(chain.to_owned()));
        }
    }
    Ok(None)
}
