//! Waits that were over before it was known whether the customer had bought: when a
//! watermark has moved far enough, they are looked at again.

use super::{Engine, RunError};
use crate::store::{Problem, enrolments, sources};
use crate::time::Moment;
use rusqlite::Connection;

/// How many customers are woken in one transaction.
const BATCH: i64 = 5_000;

impl Engine {
    /// Lets waits that can be decided now be looked at; true if there were any.
    pub(super) fn wake(&mut self, now: Moment) -> Result<bool, RunError> {
        let Some(known_until) = self.store.read(|connection| self.decided(connection, now))? else {
            return Ok(false);
        };
        self.store.write(|tx| enrolments::wake(tx, known_until, now, BATCH))?;
        Ok(true)
    }

    /// Returns up to when purchases are known, if a wait is undecided that was over by then.
    pub(super) fn decided(
        &self,
        connection: &Connection,
        now: Moment,
    ) -> Result<Option<Moment>, Problem> {
        let known_until = sources::known(connection, &self.world.settings.sources)?.until(now);
        let has_decided = enrolments::has_decided(connection, known_until, now)?;
        Ok(has_decided.then_some(known_until))
    }
}
