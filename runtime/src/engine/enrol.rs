//! Chains look at their segments: who may enter enters, and a share is held out.

use super::advance::Scene;
use super::world::World;
use super::{Engine, RunError};
use crate::condition;
use crate::control;
use crate::customer::Customer;
use crate::enrolment::{Enrolment, Key};
use crate::lists;
use crate::mutant::{self, Mutant};
use crate::step::State;
use crate::store::enrolments::{Again, Arms, Candidate, Door};
use crate::store::journal::Journal;
use crate::store::{Problem, enrolments, frozen, operations, run_state, segment, windows};
use crate::time::{Day, Moment, Zone};
use chainc_compiler::ir::{Chain, Condition, Control, Entry, Schedule};
use chainc_compiler::units::Minor;
use std::collections::BTreeSet;

impl Engine {
    /// Lets in whoever may enter the next chain whose time has come; true if there was one.
    /// A chain that has missed several looks looks once.
    pub(super) fn enrol_next(&mut self, now: Moment) -> Result<bool, RunError> {
        let world = &self.world;
        let standings = self.store.read(operations::standings)?;
        for chain in world.by_priority() {
            if standings.stands_still(&chain.name) {
                continue;
            }
            let business = world.business(chain);
            let slot = latest_slot(chain.schedule, &business, now);
            let last = self.store.read(|tx| run_state::last_slot(tx, &chain.name))?;
            if last.is_some_and(|last| slot <= last) {
                continue;
            }
            self.store.write(|tx| {
                let mut scene = Scene::new(tx, world)?;
                if scene.stands_still(&chain.name) {
                    // Somebody has just said so; it looks when it goes on.
                    return Ok(0);
                }
                if is_active(chain, &business, slot) {
                    scene.look(chain, &business, now)?;
                }
                run_state::set_last_slot(tx, &chain.name, slot)?;
                scene.close(&mut [])
            })?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Returns when some chain looks at its segment next.
    pub(super) fn next_slot(&self) -> Result<Option<Moment>, RunError> {
        let mut next = None;
        let standings = self.store.read(operations::standings)?;
        for chain in &self.world.program.chains {
            if standings.stands_still(&chain.name) {
                continue;
            }
            let business = self.world.business(chain);
            let last =
                self.store.read(|connection| run_state::last_slot(connection, &chain.name))?;
            let slot = last.map(|last| slot_after(chain.schedule, &business, last));
            next = [next, slot].into_iter().flatten().min();
        }
        Ok(next)
    }
}

impl Scene<'_> {
    /// A chain looks at its segment: who may enter enters.
    fn look(&mut self, chain: &Chain, business: &Zone, now: Moment) -> Result<(), Problem> {
        self.make_lists(chain, business, now)?;
        let policy = &self.world.program.policy;
        windows::refresh(self.tx, &chain.audience, now, business)?;
        if let Some(Control::Segment(held_out)) = &chain.control {
            windows::refresh(self.tx, held_out, now, business)?;
        }
        let audience = segment::compile(&chain.audience, policy, now, business);
        let compiled = |condition: &Condition| segment::compile(condition, policy, now, business);
        let arms = Arms {
            experiment: control::experiment(chain),
            held_out: match &chain.control {
                Some(Control::Segment(held_out)) => Some(compiled(held_out)),
                Some(Control::Share(_)) | None => None,
            },
            alternatives: control::alternatives(&chain.audience)
                .into_iter()
                .map(compiled)
                .collect(),
        };
        let door = Door {
            chain: self.world.number(&chain.name)?,
            again: again(chain.entry, business, now),
            rivals: self.world.rivals(chain),
        };
        let candidates = enrolments::candidates(self.tx, &audience, &arms, &door)?;
        let controls = self.assign(chain, business, &candidates, now)?;
        for (candidate, control) in candidates.into_iter().zip(controls) {
            let mut enrolment = entering(chain, door.chain, candidate, control, now, business);
            let what = if enrolment.control { "control" } else { "entered" };
            self.tell(&mut enrolment, now, None, what, None)?;
            if enrolment.control {
                // Control is among those who entered, and is over at once.
                self.count(&enrolment, "entered");
                self.count(&enrolment, "ended control");
            }
            self.moves.enter(enrolment);
        }
        Ok(())
    }

    /// Writes the frozen lists a chain asks for whose day has come: who stands on a list is
    /// settled by the first look on that day or after it, whatever comes later.
    fn make_lists(&mut self, chain: &Chain, business: &Zone, now: Moment) -> Result<(), Problem> {
        let policy = &self.world.program.policy;
        for (on, condition) in lists::of(chain) {
            if Day::from_date(on) > business.day(now) {
                continue;
            }
            let list = condition::list_key(on, condition);
            if frozen::is_made(self.tx, &list)? {
                continue;
            }
            windows::refresh(self.tx, condition, now, business)?;
            let members = segment::compile(condition, policy, now, business);
            frozen::make(self.tx, &list, &members, now)?;
        }
        Ok(())
    }
}

impl World {
    /// The chains in the order in which they let customers in: of those that exclude each
    /// other, the one with the highest priority first.
    fn by_priority(&self) -> Vec<&Chain> {
        let mut chains: Vec<&Chain> = self.program.chains.iter().collect();
        let priority = |chain: &Chain| chain.exclusive.as_ref().and_then(|group| group.priority);
        chains.sort_by_key(|chain| std::cmp::Reverse(priority(chain)));
        chains
    }

    /// The windows that chains count purchases in when they look at their segments.
    pub(super) fn windows(&self) -> BTreeSet<String> {
        let of = |chain: &Chain| {
            let business = self.business(chain);
            let held_out = match &chain.control {
                Some(Control::Segment(held_out)) => Some(held_out.as_ref()),
                Some(Control::Share(_)) | None => None,
            };
            let lists = lists::of(chain).into_iter().map(|(_, condition)| condition);
            let asked = std::iter::once(&chain.audience).chain(held_out).chain(lists);
            asked.flat_map(|condition| windows::of(condition, &business)).collect::<Vec<_>>()
        };
        self.program.chains.iter().flat_map(of).collect()
    }

    /// The other chains a customer of this one must not be in.
    fn rivals(&self, chain: &Chain) -> Vec<String> {
        let Some(own) = chain.exclusive.as_ref().filter(|_| !mutant::is(Mutant::RivalsIgnored))
        else {
            return Vec::new();
        };
        let others = self.program.chains.iter().filter(|other| {
            let group = other.exclusive.as_ref().map(|exclusive| &exclusive.group);
            other.name != chain.name && group == Some(&own.group)
        });
        others.map(|other| other.name.clone()).collect()
    }
}

/// Tells whether customers enter on the day of a look.
fn is_active(chain: &Chain, business: &Zone, slot: Moment) -> bool {
    let today = business.day(slot);
    chain.active.is_none_or(|active| {
        Day::from_date(active.from) <= today && today <= Day::from_date(active.to)
    })
}

/// Returns the last moment up to now at which a chain looks at its segment.
fn latest_slot(schedule: Schedule, business: &Zone, now: Moment) -> Moment {
    let today = business.day(now).0;
    let days = (0..=7).map(|ago| Day(today - ago));
    let mut slots =
        days.filter(|day| is_on(schedule, *day)).map(|day| business.at(day, schedule.at));
    slots.find(|slot| *slot <= now).unwrap_or(Moment(i64::MIN))
}

/// Returns the first moment after another at which a chain looks at its segment.
fn slot_after(schedule: Schedule, business: &Zone, last: Moment) -> Moment {
    business.first_at(last.plus_millis(1), schedule.on, schedule.at)
}

fn is_on(schedule: Schedule, day: Day) -> bool {
    schedule.on.is_none_or(|on| day.weekday() == on)
}

fn again(entry: Entry, business: &Zone, now: Moment) -> Again {
    match entry {
        _ if mutant::is(Mutant::EntriesUncounted) => {
            let after = match entry {
                Entry::Once => chainc_compiler::units::Period::Days(3),
                Entry::Again { after, .. } => after,
            };
            Again { entered_by: Some(business.minus(now, after)), at_most: None }
        }
        Entry::Again { at_most, .. } if mutant::is(Mutant::ReentryTooEarly) => {
            Again { entered_by: Some(now), at_most }
        }
        Entry::Once => Again { entered_by: None, at_most: Some(1) },
        Entry::Again { after, at_most } => {
            Again { entered_by: Some(business.minus(now, after)), at_most }
        }
    }
}

fn entering(
    chain: &Chain,
    chain_number: i64,
    candidate: Candidate,
    control: bool,
    now: Moment,
    business: &Zone,
) -> Enrolment {
    Enrolment {
        control,
        cohort: None,
        over: None,
        version: chain.version.clone(),
        state: State::entering(now, recency(&candidate, now, business)),
        journal: Journal::default(),
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
            number: candidate.number,
            chain_number,
        },
    }
}

/// Whole days since the last purchase of somebody who enters.
pub(super) fn recency(candidate: &Candidate, now: Moment, business: &Zone) -> Option<u32> {
    let utc = Zone::utc();
    let business = if mutant::is(Mutant::RecencyInUtc) { &utc } else { business };
    let last = business.day(candidate.last_purchase_at?);
    u32::try_from(business.day(now).0 - last.0).ok()
}
