//! What is asked of a message at the moment it leaves, in the transaction that puts it in
//! flight: one file for each of the guards, with the rules of chain, brand, experiment and
//! policy that it goes by.
//!
//! The policy is no part of a version: as it stands now it holds for everybody.

pub(super) mod budget;
pub(super) mod caps;
mod consent;
mod quiet;
mod reach;

use super::advance::Scene;
use super::world::Version;
use crate::mutant::{self, Mutant};
use crate::store::Problem;
use crate::store::outbox::Queued;
use crate::time::Moment;

/// What the guards say of a message that is about to leave.
pub(super) enum Verdict {
    /// It may, at this cost.
    Leave(i64),
    /// Not before this moment.
    PutOff(Moment),
    /// Not before budgets have room for it.
    Hold,
    /// Not before its chain goes on.
    Park,
    /// The customer is no longer there.
    Cancel,
    /// It must not; the words say why: the cause, and behind a colon the particulars.
    Skip(String),
    /// It could not reach her.
    Unreachable(&'static str),
}

/// A message on its way out, and what the guards look at.
struct Leaving<'a> {
    message: &'a Queued,
    version: &'a Version,
    now: Moment,
}

impl Scene<'_> {
    /// Asks the guards, in this order; the first that objects decides.
    pub(super) fn guards(&mut self, message: &Queued, now: Moment) -> Result<Verdict, Problem> {
        if !message.awaited {
            return Ok(Verdict::Cancel);
        }
        if !mutant::is(Mutant::GuardPaused) && self.stands_still(&message.key.chain) {
            return Ok(Verdict::Park);
        }
        let version = self.world.version(&message.key.chain, &message.version)?;
        let leaving = Leaving { message, version: &version, now };
        let objection = self
            .without_consent(&leaving)
            .or_else(|| self.out_of_reach(&leaving))
            .or_else(|| self.at_a_bad_time(&leaving));
        match objection {
            Some(verdict) => Ok(verdict),
            None => match self.over_cap(&leaving)? {
                Some(verdict) => Ok(verdict),
                None => self.affordable(&leaving),
            },
        }
    }
}
