//! Customers advance: the step function is asked, and what it says is written.

use super::dispatch::{InFlight, Taken};
use super::world::{Rules, Version, World};
use super::{Engine, RunError};
use crate::enrolment::{Enrolment, Key};
use crate::mutant::{self, Mutant};
use crate::sources::Known;
use crate::step::{self, Effect, Facts, Input, State, Told, What};
use crate::store::budget::Reserved;
use crate::store::cohort::Moves;
use crate::store::gift::Gifts;
use crate::store::journal::Tally;
use crate::store::operations::{self, Standings};
use crate::store::outbox::Queued;
use crate::store::sheet::Sheets;
use crate::store::{Problem, customers, enrolments, knowledge, outbox, promo, sources};
use crate::time::{Moment, Zone};
use chainc_compiler::ir::{AtLimit, Channel};
use chainc_compiler::units::Points;
use rusqlite::Transaction;
use std::collections::BTreeMap;

/// How many customers advance in one transaction: a purchase that comes in waits for one.
const BATCH: usize = 2_000;

/// A channel that takes fewer messages at once is given them by `dispatch_batch` alone.
const WIDE: usize = 100;

impl Engine {
    /// Advances customers whose moment has come; true if there were any. What they are to be
    /// written is taken in the same transaction, where nothing stands in its way.
    pub(super) async fn advance_batch(&mut self, now: Moment) -> Result<bool, RunError> {
        if self.store.read(enrolments::next_due)?.is_none_or(|due| due > now) {
            return Ok(false);
        }
        let wide = self.channels.iter().map(|(channel, way)| (*channel, way.at_once()));
        let wide: Vec<(Channel, usize)> = wide.filter(|(_, at_once)| *at_once >= WIDE).collect();
        // Each of a batch has at most one message, so no channel gets more than it takes.
        let limit = wide.iter().map(|(_, at_once)| *at_once).fold(BATCH, usize::min);
        let (world, seen) = (&self.world, &mut self.seen);
        let (advanced, taken, steps) = self.store.write(|tx| {
            // The purchase behind a watermark comes with it.
            if super::learn::is_interrupted(tx, seen, now)? {
                return Ok((true, Taken::default(), 0));
            }
            // What was due before leaves before.
            let takes = outbox::next_due(tx)?.is_none_or(|due| due > now);
            let due = enrolments::due(tx, now, limit)?;
            let advanced = !due.is_empty();
            let mut scene = Scene::new(tx, world)?;
            if takes {
                scene.wide = wide.into_iter().map(|(channel, _)| channel).collect();
            }
            for mut enrolment in due {
                if scene.stands_still(&enrolment.key.chain) {
                    match (mutant::is(Mutant::PauseDrops), enrolment.cohort) {
                        (true, _) => enrolments::forget_timer(tx, &mut enrolment)?,
                        (false, Some(cohort)) => enrolments::park(tx, cohort)?,
                        (false, None) => {}
                    }
                } else {
                    if mutant::is(Mutant::TimerInAnotherTransaction) {
                        enrolments::forget_timer(tx, &mut enrolment)?;
                    }
                    mutant::split(tx, Mutant::TimerInAnotherTransaction)?;
                    scene.advance(enrolment, Input::Due, now)?;
                }
            }
            let mut taken = std::mem::take(&mut scene.taken);
            let steps = scene.close(&mut taken)?;
            Ok((advanced, Taken::of(tx, taken)?, steps))
        })?;
        self.steps += steps;
        self.hand_over(taken, now).await?;
        Ok(advanced)
    }
}

/// One transaction in which customers advance. [`Scene::close`] must be its last word.
pub(super) struct Scene<'a> {
    pub(super) tx: &'a Transaction<'a>,
    pub(super) world: &'a World,
    /// How chains stand at this moment; it cannot change before the transaction is over.
    standings: Standings,
    /// How far purchases are known; the same holds for it.
    known: Known,
    /// What budgets are to hold back.
    pub(super) reserved: Reserved,
    /// Whether nobody does a step before what has come in is heard.
    pub(super) hears_first: bool,
    /// The channels whose messages this transaction takes as they are written.
    wide: Vec<Channel>,
    /// Those messages.
    taken: Vec<InFlight>,
    /// What has become of enrolments and messages and is not in the store yet.
    pub(super) moves: Moves,
    pub(super) sheets: Sheets,
    pub(super) gifts: Gifts,
    tally: Tally,
    steps: i64,
}

impl<'a> Scene<'a> {
    pub(super) fn new(tx: &'a Transaction<'a>, world: &'a World) -> Result<Self, Problem> {
        let standings = operations::standings(tx)?;
        let known = sources::known(tx, &world.settings.sources)?;
        Ok(Self {
            tx,
            world,
            standings,
            known,
            reserved: Reserved::default(),
            hears_first: false,
            wide: Vec::new(),
            taken: Vec::new(),
            moves: Moves::default(),
            sheets: Sheets::default(),
            gifts: Gifts::default(),
            tally: Tally::default(),
            steps: 0,
        })
    }

    /// Tells whether a chain is paused or stopped: nothing of it may be done now.
    pub(super) fn stands_still(&self, chain: &str) -> bool {
        self.standings.stands_still(chain)
    }

    /// Writes all that is not in the store yet; returns how many steps were come to. What is
    /// on its way then knows where it stands.
    pub(super) fn close(mut self, on_their_way: &mut [InFlight]) -> Result<i64, Problem> {
        self.reserved.write(self.tx)?;
        self.gifts.write(self.tx)?;
        self.sheets.write(self.tx)?;
        self.moves.write(self.tx)?;
        for one in on_their_way {
            one.message.follow(&self.sheets);
            if let Some(enrolment) = &mut one.enrolment {
                enrolment.journal.keep();
                let moved = self.moves.moved(enrolment.key.id());
                enrolment.cohort = moved.or(enrolment.cohort);
            }
        }
        mutant::split(self.tx, Mutant::TallyInAnotherTransaction)?;
        self.tally.write(self.tx)?;
        Ok(self.steps)
    }

    /// Brings what has become of a customer into the store, so that it can be asked.
    pub(super) fn settle_down(&mut self, customer: i64) -> Result<(), Problem> {
        if self.moves.has(customer) {
            self.moves.write(self.tx)?;
        }
        self.settle_sheets(customer)
    }

    /// The same for messages alone.
    pub(super) fn settle_sheets(&mut self, customer: i64) -> Result<(), Problem> {
        if self.sheets.has(customer) {
            self.sheets.write(self.tx)?;
        }
        Ok(())
    }

    /// Returns one enrolment as it is now.
    pub(super) fn load(&mut self, key: &Key) -> Result<Enrolment, Problem> {
        if self.moves.has(key.number) {
            self.moves.write(self.tx)?;
        }
        enrolments::load(self.tx, key)
    }

    /// Asks the step function what an input means, and writes its answer.
    pub(super) fn advance(
        &mut self,
        mut enrolment: Enrolment,
        input: Input,
        now: Moment,
    ) -> Result<(), Problem> {
        let version = self.world.chain(&enrolment)?;
        let zone = self.world.zone(enrolment.timezone.as_deref());
        let shard = enrolment.key.shard;
        let policy = &self.world.program.policy;
        let customer = &mut enrolment.customer;
        knowledge::complete(self.tx, shard, customer, &version.needs, policy, now)?;
        let room = self.room(&version.rules.points_purses)?;
        let facts = Facts {
            now,
            customer: &enrolment.customer,
            zone: &zone,
            business: &self.world.business(&version.chain),
            points_left: room.as_ref().map(|room| Points(room.left)),
            at_limit: room.as_ref().map_or(AtLimit::End, |room| room.then),
            points_allowed: self
                .points_allowed(&enrolment.key, &version.rules, &zone, now)?
                .map(|(allowed, _)| allowed),
            cycle: enrolment.key.cycle,
            links: &self.world.settings.links,
            known: &self.known,
            paused: self.hears_first || self.stands_still(&enrolment.key.chain),
            codes: &self.codes(&version.needs.pools)?,
        };
        let state = std::mem::replace(&mut enrolment.state, State::entering(now, None));
        let transition = step::step(&version.chain, state, input, facts);
        enrolment.state = transition.state;
        let mut ended_at = now;
        let mut taken = None;
        for effect in transition.effects {
            match effect.what {
                What::Tell(Told::Ended(_)) => ended_at = effect.at,
                What::Send { .. } => {
                    taken = self.send(&mut enrolment, &version, effect, &zone)?;
                    continue;
                }
                _ => {}
            }
            self.carry_out(&mut enrolment, &version, effect, &zone)?;
        }
        self.save(&enrolment, ended_at);
        if let Some(message) = taken {
            self.taken.push(InFlight { message, enrolment: Some(enrolment) });
        }
        Ok(())
    }

    /// Writes a message into the outbox: in flight if it may leave at once, else queued.
    fn send(
        &mut self,
        enrolment: &mut Enrolment,
        version: &Version,
        effect: Effect,
        zone: &Zone,
    ) -> Result<Option<Queued>, Problem> {
        let Effect { at: now, step: Some(at), what } = effect else {
            return Err(Problem::Other("a message of no step".to_owned()));
        };
        let What::Send { message, content, stale_at, key, .. } = what else {
            return Err(Problem::Other("what is sent is no message".to_owned()));
        };
        let new = outbox::New {
            key: &enrolment.key,
            at: &at,
            rest: key,
            version: &enrolment.version,
            message: &message,
            content: &content,
            due_at: match mutant::is(Mutant::QuietOfTheBusiness) {
                true => now,
                false => zone.after_quiet(self.world.quiet(&version.chain), now),
            },
            stale_at,
        };
        let taken = if new.due_at <= now && self.wide.contains(&new.content.channel()) {
            self.take_at_once(&new, enrolment, now)?
        } else {
            None
        };
        if taken.is_none() {
            outbox::queue(self.tx, &mut self.sheets, &new, now)?;
            mutant::split(self.tx, Mutant::MessageInAnotherTransaction)?;
        }
        self.tell(enrolment, now, Some(&at.step), "queued", Some(&message))?;
        Ok(taken)
    }

    /// Writes what a step causes.
    fn carry_out(
        &mut self,
        enrolment: &mut Enrolment,
        version: &Version,
        effect: Effect,
        zone: &Zone,
    ) -> Result<(), Problem> {
        let Effect { at: now, step, what } = effect;
        let Some(at) = step else {
            return match what {
                What::Tell(told) => self.tell_of(enrolment, now, None, &told),
                _ => Err(Problem::Other("an effect of no step".to_owned())),
            };
        };
        match what {
            What::Grant { granted, brand } => {
                self.grant(enrolment, &version.rules, &at, granted, brand.as_deref(), now)
            }
            What::Cashback(cashback) => self.raise(enrolment, &version.rules, &at, cashback, now),
            What::Promo { pool: _, promo } => {
                promo::give(self.tx, &enrolment.key, &at, &promo, now)?;
                self.tell(enrolment, now, Some(&at.step), "code", Some(&promo.code))
            }
            What::Tag(tag) => {
                customers::tag(self.tx, enrolment.key.shard, &enrolment.key.customer_id, &tag)
            }
            What::Send { .. } => Err(Problem::Other("a message goes another way".to_owned())),
            What::Cancel(why) => {
                self.settle_sheets(enrolment.key.number)?;
                outbox::cancel(self.tx, &enrolment.key, &at, now, why)
            }
            What::Tell(Told::Skipped(why)) => {
                let cause = self.cause(why, &enrolment.key, &version.rules, zone, now)?;
                self.tell(enrolment, now, Some(&at.step), "skipped", Some(&cause))
            }
            What::Tell(told) => self.tell_of(enrolment, now, Some(&at.step), &told),
        }
    }

    fn tell_of(
        &mut self,
        enrolment: &mut Enrolment,
        at: Moment,
        step: Option<&str>,
        told: &Told,
    ) -> Result<(), Problem> {
        let (word, detail) = match told {
            Told::Reached => {
                self.steps += 1;
                ("reached", None)
            }
            Told::Done => ("done", None),
            Told::NoRoom => ("held", Some("over budget".to_owned())),
            Told::Skipped(why) => ("skipped", Some((*why).to_owned())),
            Told::Arm(name) => {
                let arm = format!("arm {name}");
                self.add(enrolment, step.unwrap_or_default(), &arm, 1);
                ("arm", Some(name.clone()))
            }
            Told::Round(number) => ("round", Some(number.to_string())),
            Told::Purchased => ("purchased", None),
            Told::Undecided(sources) => ("undecided", Some(sources.clone())),
            Told::Held(sources) => ("held", Some(sources.clone())),
            Told::Assumed(sources) => ("assumed", Some(sources.clone())),
            Told::Answered(how, message) => {
                ("answered", Some(format!("{} {message}", how.as_str())))
            }
            Told::Ended(end) => {
                self.count(enrolment, &format!("ended {}", end.as_str()));
                ("ended", Some(end.as_str().to_owned()))
            }
        };
        self.tell(enrolment, at, step, word, detail.as_deref())
    }

    /// Writes an enrolment.
    pub(super) fn save(&mut self, enrolment: &Enrolment, ended_at: Moment) {
        self.moves.save(enrolment, ended_at);
    }

    /// Appends a line to the journal of an enrolment, which is to be saved after it, and
    /// counts it.
    pub(super) fn tell(
        &mut self,
        enrolment: &mut Enrolment,
        at: Moment,
        step: Option<&str>,
        what: &str,
        detail: Option<&str>,
    ) -> Result<(), Problem> {
        let after = at.0.saturating_sub(enrolment.state.entered_at.0);
        if !(mutant::is(Mutant::LineForgotten) && what == "sent") {
            enrolment.journal.tell(after, step, what, detail)?;
        }
        self.add(enrolment, step.unwrap_or_default(), what, 1);
        Ok(())
    }

    /// Counts something of the chain as a whole that has no line of its own.
    pub(super) fn count(&mut self, enrolment: &Enrolment, what: &str) {
        self.add(enrolment, "", what, 1);
    }

    /// Adds to a number of the tally.
    pub(super) fn add(&mut self, enrolment: &Enrolment, step: &str, what: &str, n: i64) {
        self.tally.add(&enrolment.key.chain, &enrolment.version, step, what, n);
    }

    /// The next codes of the pools a chain gives from.
    fn codes(
        &self,
        pools: &BTreeMap<String, usize>,
    ) -> Result<BTreeMap<String, Vec<String>>, Problem> {
        let next = |(pool, most): (&String, &usize)| {
            Ok((pool.clone(), promo::next(self.tx, pool, *most)?))
        };
        pools.iter().map(next).collect()
    }

    /// Why a gift was left out: the cause, and behind a colon which cap or budget it was.
    fn cause(
        &self,
        why: &str,
        key: &Key,
        rules: &Rules,
        zone: &Zone,
        now: Moment,
    ) -> Result<String, Problem> {
        let told = match why {
            "over cap" => {
                self.points_allowed(key, rules, zone, now)?.map(|(_, scoped)| scoped.told())
            }
            "over budget" => self.room(&rules.points_purses)?.map(|room| room.told),
            _ => None,
        };
        Ok(told.unwrap_or_else(|| why.to_owned()))
    }
}
