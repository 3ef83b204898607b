//! Chains look at their segments: who may enter enters, and a share is held out.

use super::advance::Scene;
use super::{Engine, RunError};
use crate::customer::Customer;
use crate::enrolment::{Enrolment, Key};
use crate::step::State;
use crate::store::enrolments::{Again, Candidate};
use crate::store::{enrolments, run_state, segment};
use crate::time::{Day, Moment, Zone};
use chainc_compiler::ir::{Chain, Control, Entry};
use chainc_compiler::units::{ClockTime, Minor};

/// When a chain looks at its segment: daily at this time of the business zone.
const DAILY_LOOK: ClockTime = ClockTime(10 * 60);

impl Engine {
    /// Lets in whoever may enter the next chain whose time has come; true if there was one.
    /// A chain that has missed several days looks once.
    pub(super) fn enrol_next(&mut self, now: Moment) -> Result<bool, RunError> {
        let world = &self.world;
        let slot = latest_slot(&world.business, now);
        if self.next_slot()?.is_none_or(|next| next > slot) {
            return Ok(false);
        }
        for chain in &world.program.chains {
            let looked = self.store.write(|tx| {
                if run_state::last_slot(tx, &chain.name)?.is_some_and(|last| slot <= last) {
                    return Ok(false);
                }
                let segment =
                    segment::compile(&chain.audience, &world.program.policy, now, &world.business);
                let again = again(chain.entry, &world.business, now);
                let mut scene = Scene::new(tx, world);
                for candidate in enrolments::candidates(tx, &chain.name, &segment, again)? {
                    let mut enrolment = entering(chain, candidate, now, &world.business);
                    let what = if enrolment.control { "control" } else { "entered" };
                    scene.tell(&mut enrolment, now, None, what, None)?;
                    enrolments::insert(tx, &enrolment)?;
                    if enrolment.control {
                        // Control is among those who entered, and is over at once.
                        scene.count(&enrolment, "entered");
                        scene.count(&enrolment, "ended control");
                    }
                }
                run_state::set_last_slot(tx, &chain.name, slot)?;
                scene.close()?;
                Ok(true)
            })?;
            if looked {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns when some chain looks at its segment next.
    pub(super) fn next_slot(&self) -> Result<Option<Moment>, RunError> {
        let business = &self.world.business;
        let mut next = None;
        for chain in &self.world.program.chains {
            let last =
                self.store.read(|connection| run_state::last_slot(connection, &chain.name))?;
            let slot = last.map(|last| slot_after(business, last));
            next = [next, slot].into_iter().flatten().min();
        }
        Ok(next)
    }
}

fn latest_slot(business: &Zone, now: Moment) -> Moment {
    let today = business.day(now);
    let slot = business.at(today, DAILY_LOOK);
    if slot <= now { slot } else { business.at(Day(today.0 - 1), DAILY_LOOK) }
}

fn slot_after(business: &Zone, last: Moment) -> Moment {
    let day = business.day(last);
    let slot = business.at(day, DAILY_LOOK);
    if slot > last { slot } else { business.at(Day(day.0 + 1), DAILY_LOOK) }
}

fn again(entry: Entry, business: &Zone, now: Moment) -> Again {
    match entry {
        Entry::Once => Again { entered_by: None, at_most: Some(1) },
        Entry::Again { after, at_most } => {
            Again { entered_by: Some(business.minus(now, after)), at_most }
        }
    }
}

fn entering(chain: &Chain, candidate: Candidate, now: Moment, business: &Zone) -> Enrolment {
    let today = business.day(now);
    let recency = candidate
        .last_purchase_at
        .and_then(|last| u32::try_from(today.0 - business.day(last).0).ok());
    let control = match &chain.control {
        Some(Control::Share(share)) => {
            crate::key::is_control(&chain.name, &candidate.customer_id, *share)
        }
        Some(Control::Segment(_)) | None => false,
    };
    Enrolment {
        control,
        version: chain.version.clone(),
        state: State::entering(now, recency),
        journalled: 0,
        goal_until: chain.goal.as_ref().map(|goal| business.plus(now, goal.within)),
        goal_at_least: chain.goal.as_ref().and_then(|goal| goal.at_least).unwrap_or(Minor(0)),
        bought_at: None,
        customer: Customer { id: candidate.customer_id.clone(), ..Customer::default() },
        timezone: None,
        key: Key {
            shard: candidate.shard,
            customer_id: candidate.customer_id,
            chain: chain.name.clone(),
            cycle: candidate.cycles + 1,
        },
    }
}
