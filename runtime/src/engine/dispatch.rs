//! Messages leave: guards, the channel, the outcome.
//!
//! Take, send, settle. Taking checks the guards again, in the transaction that marks the
//! message as in flight; from then on it is not sent again before its outcome is learned.

use super::advance::Scene;
use super::policy::Verdict;
use super::{Engine, RunError};
use crate::channel::{LookUp, Outcome, Outgoing, Receipt, try_again};
use crate::enrolment::Enrolment;
use crate::mutant::{self, Mutant};
use crate::step::{Input, Phase};
use crate::store::outbox::{Queued, Settlement};
use crate::store::{self, Problem, customers, held, outbox, run_state};
use crate::time::Moment;
use chainc_compiler::ir::{Channel, Placeholder};
use rusqlite::Transaction;
use std::collections::BTreeMap;

/// How many due messages are looked at in one transaction, and how many if some channel
/// takes them one by one.
const BATCH: usize = 2_000;
const SMALL_BATCH: usize = 20;

impl Engine {
    /// Takes messages that are due, sends those that may leave, settles them; true if any
    /// were due.
    pub(super) async fn dispatch_batch(&mut self, now: Moment) -> Result<bool, RunError> {
        if self.store.read(outbox::next_due)?.is_none_or(|due| due > now) {
            return Ok(false);
        }
        let world = &self.world;
        let room = |channel| self.channels.get(&channel).map_or(usize::MAX, |way| way.at_once());
        let one_by_one = self.channels.values().any(|way| way.at_once() == 1);
        let limit = if one_by_one { SMALL_BATCH } else { BATCH };
        let seen = &mut self.seen;
        let (busy, taken, steps) = self.store.write(|tx| {
            if super::learn::is_interrupted(tx, seen, now)? {
                return Ok((true, Taken::default(), 0));
            }
            let due = outbox::due(tx, now, limit)?;
            let busy = !due.is_empty();
            let mut scene = Scene::new(tx, world)?;
            let mut taken: Vec<Queued> = Vec::new();
            let mut counts: BTreeMap<Channel, usize> = BTreeMap::new();
            for message in due {
                let count = counts.entry(message.channel).or_default();
                if *count >= room(message.channel) {
                    // The order in which messages leave is the order in which they were due.
                    break;
                }
                if let Some(message) = scene.take(message, now)? {
                    *count += 1;
                    taken.push(message);
                }
            }
            let mut taken: Vec<InFlight> = taken.into_iter().map(alone).collect();
            let steps = scene.close(&mut taken)?;
            Ok((busy, Taken::of(tx, taken)?, steps))
        })?;
        self.steps += steps;
        self.hand_over(taken, now).await?;
        Ok(busy)
    }

    /// Sends what was taken, and settles it.
    pub(super) async fn hand_over(&mut self, taken: Taken, now: Moment) -> Result<(), RunError> {
        for (channel, messages) in by_channel(taken.messages) {
            if mutant::is(Mutant::SettledBeforeSent) {
                let copies = messages.iter().map(|one| alone(one.message.clone()));
                let early: Vec<_> =
                    copies.map(|one| (one, Outcome::Receipt(Receipt::Delivered))).collect();
                self.settle(early.into_iter(), None, now)?;
                self.send(channel, messages, now).await?;
                continue;
            }
            let sent = self.send(channel, messages, now).await?;
            self.settle(sent.into_iter(), taken.seen, now)?;
        }
        Ok(())
    }

    /// Learns what became of the messages that were on their way when a process ended, and
    /// sends those that never left, in the order in which they would have.
    pub(super) async fn recover(&mut self, now: Moment) -> Result<(), RunError> {
        let lost = self.store.read(|connection| outbox::in_flight(connection, now))?;
        let lost = lost.into_iter().map(|message| InFlight { message, enrolment: None });
        for (channel, messages) in by_channel(lost.collect()) {
            let keys: Vec<String> =
                messages.iter().map(|lost| lost.message.effect_key.clone()).collect();
            let found = match self.channels.get(&channel) {
                Some(way) => way.look_up(&keys).await?,
                None => keys.iter().map(|_| LookUp::CannotTell).collect(),
            };
            let mut known = Vec::new();
            let mut unsent = Vec::new();
            for (InFlight { message, .. }, found) in messages.into_iter().zip(found) {
                match found {
                    LookUp::Found(receipt) => {
                        known.push((alone(message), Outcome::Receipt(receipt)))
                    }
                    LookUp::CannotTell if mutant::is(Mutant::BlindResend) => unsent.push(message),
                    LookUp::CannotTell => {
                        let why = "the run ended before the provider answered".to_owned();
                        known.push((alone(message), Outcome::Unknown(why)));
                    }
                    LookUp::NotFound => unsent.push(message),
                }
            }
            let world = &self.world;
            let (taken, steps) = self.store.write(|tx| {
                // A process that starts behind this one does not settle them at an earlier moment.
                run_state::set_clock(tx, now)?;
                // What came in meanwhile is heard first: then they wait for their turn.
                let news = super::learn::is_news(tx, now)? && !mutant::is(Mutant::RecoverUnheard);
                let mut scene = Scene::new(tx, world)?;
                let mut taken = Vec::new();
                for mut message in unsent {
                    if !outbox::is_there(tx, &message)? {
                        continue;
                    }
                    if !mutant::is(Mutant::RequeueKeepsReserve) {
                        scene.unreserve(&message)?;
                    }
                    outbox::requeue(tx, &mut message, now)?;
                    if news {
                        continue;
                    }
                    let address = message.current_address.clone();
                    taken.extend(
                        scene.take(Queued { address, cost: 0, ..message }, now)?.map(alone),
                    );
                }
                let steps = scene.close(&mut taken)?;
                Ok((taken, steps))
            })?;
            self.steps += steps;
            let sent = self.send(channel, taken, now).await?;
            self.settle(known.into_iter().chain(sent), None, now)?;
        }
        Ok(())
    }

    async fn send(
        &self,
        channel: Channel,
        messages: Vec<InFlight>,
        now: Moment,
    ) -> Result<Vec<(InFlight, Outcome)>, RunError> {
        let outgoing: Result<Vec<Outgoing>, Problem> =
            messages.iter().map(|one| self.outgoing(&one.message, now)).collect();
        let outgoing = self.store.read(|_| outgoing)?;
        let also = |sql| self.store.read(|db| Ok(mutant::also(db, Mutant::HeldWhileSending, sql)?));
        also("BEGIN IMMEDIATE")?;
        let outcomes = match self.channels.get(&channel) {
            Some(way) => way.send(&outgoing).await,
            None => Ok(outgoing.iter().map(|_| no_channel(channel)).collect()),
        };
        also("COMMIT")?;
        let outcomes = outcomes?;
        Ok(messages.into_iter().zip(outcomes).collect())
    }

    fn settle(
        &mut self,
        outcomes: impl Iterator<Item = (InFlight, Outcome)>,
        seen: Option<i64>,
        now: Moment,
    ) -> Result<(), RunError> {
        let world = &self.world;
        let steps = self.store.write(|tx| {
            let as_it_was = seen.is_some() && seen == Some(store::brought_in(tx)?);
            let mut scene = Scene::new(tx, world)?;
            // What an earlier process has left is settled before the news is heard: nobody goes
            // on by it who may have bought meanwhile.
            scene.hears_first = seen.is_none()
                && super::learn::is_news(tx, now)?
                && !mutant::is(Mutant::RecoverUnheard);
            for (InFlight { message, enrolment }, outcome) in outcomes {
                let enrolment = enrolment.filter(|_| as_it_was);
                scene.settle(&message, enrolment, outcome, now)?;
            }
            scene.close(&mut [])
        })?;
        self.steps += steps;
        Ok(())
    }

    fn outgoing(&self, message: &Queued, now: Moment) -> Result<Outgoing, Problem> {
        let zone = self.world.zone(message.timezone.as_deref());
        let version = self.world.version(&message.key.chain, &message.version)?;
        Ok(Outgoing {
            key: message.effect_key.clone(),
            at: zone.rfc3339(now),
            address: message.address.clone().unwrap_or_default(),
            customer_id: message.key.customer_id.clone(),
            chain: message.key.chain.clone(),
            step: message.step.clone(),
            message: message.message.clone(),
            sender: self.world.sender(&version.chain),
            unsubscribe: self
                .world
                .settings
                .links
                .of(Placeholder::Unsubscribe, &message.effect_key),
            content: message.content.clone(),
        })
    }
}

fn no_channel(channel: Channel) -> Outcome {
    Outcome::Receipt(Receipt::Error(format!("no channel is set up for {channel}")))
}

/// A message on its way, with the enrolment that waits for its outcome where that was at
/// hand when it was taken.
pub(super) struct InFlight {
    pub(super) message: Queued,
    pub(super) enrolment: Option<Enrolment>,
}

fn alone(message: Queued) -> InFlight {
    InFlight { message, enrolment: None }
}

/// What a transaction has put in flight.
#[derive(Default)]
pub(super) struct Taken {
    messages: Vec<InFlight>,
    /// What other programs had written by then: what was read there holds as long as this
    /// number stays the same.
    seen: Option<i64>,
}

impl Taken {
    pub(super) fn of(tx: &Transaction<'_>, messages: Vec<InFlight>) -> Result<Self, Problem> {
        Ok(Self { messages, seen: Some(store::brought_in(tx)?) })
    }
}

fn by_channel(messages: Vec<InFlight>) -> BTreeMap<Channel, Vec<InFlight>> {
    let mut groups: BTreeMap<Channel, Vec<InFlight>> = BTreeMap::new();
    for one in messages {
        groups.entry(one.message.channel).or_default().push(one);
    }
    groups
}

impl Scene<'_> {
    /// Looks at the guards; returns the message if it is in flight now.
    fn take(&mut self, message: Queued, now: Moment) -> Result<Option<Queued>, Problem> {
        match self.guards(&message, now)? {
            Verdict::Leave(cost) => {
                self.reserve(&message, cost)?;
                if !mutant::is(Mutant::NotMarkedInFlight) {
                    outbox::take(self.tx, &mut self.sheets, &message, now, cost)?;
                }
                return Ok(Some(Queued { cost, ..message }));
            }
            Verdict::PutOff(until) => outbox::put_off(&mut self.sheets, &message, until),
            Verdict::Hold => {
                let parts = message.content.parts();
                if held::hold(self.tx, &mut self.sheets, &message, parts, now)? {
                    let mut enrolment = self.load(&message.key)?;
                    let step = Some(message.step.as_str());
                    self.tell(&mut enrolment, now, step, "held", Some("over budget"))?;
                    self.save(&enrolment, now);
                }
            }
            Verdict::Park => outbox::park(&mut self.sheets, &message),
            Verdict::Cancel => {
                let settlement = Settlement::free("cancelled", Some("left the chain"));
                outbox::settle(&mut self.sheets, &message, settlement, now);
            }
            Verdict::Skip(why) => {
                let cause = why.split(": ").next();
                let settlement = Settlement::free("skipped", cause);
                outbox::settle(&mut self.sheets, &message, settlement, now);
                self.go_on(&message, "skipped", Some(&why), false, now)?;
            }
            Verdict::Unreachable(why) => {
                let settlement = Settlement::free("undeliverable", Some(why));
                outbox::settle(&mut self.sheets, &message, settlement, now);
                self.go_on(&message, "undeliverable", Some(why), false, now)?;
            }
        }
        Ok(None)
    }

    /// Takes a message that is being written, if the guards let it leave.
    pub(super) fn take_at_once(
        &mut self,
        new: &outbox::New<'_>,
        enrolment: &Enrolment,
        now: Moment,
    ) -> Result<Option<Queued>, Problem> {
        let message = outbox::look_ahead(self.tx, new, enrolment.timezone.as_deref(), now)?;
        let Verdict::Leave(cost) = self.guards(&message, now)? else { return Ok(None) };
        let mut message = Queued { cost, ..message };
        self.reserve(&message, cost)?;
        outbox::put_in_flight(self.tx, &mut self.sheets, new, &mut message, now)?;
        Ok(Some(message))
    }

    fn settle(
        &mut self,
        message: &Queued,
        enrolment: Option<Enrolment>,
        outcome: Outcome,
        now: Moment,
    ) -> Result<(), Problem> {
        if enrolment.is_none() && !outbox::is_there(self.tx, message)? {
            // She was erased while it was on its way; it was counted then.
            return Ok(());
        }
        match outcome {
            Outcome::Receipt(Receipt::Delivered) => self.sent(
                message,
                enrolment,
                Settlement { cost: message.cost, ..Settlement::free("delivered", None) },
                now,
            ),
            Outcome::Receipt(Receipt::Pending) => self.sent(
                message,
                enrolment,
                Settlement { cost: message.cost, ..Settlement::free("pending", None) },
                now,
            ),
            Outcome::Unknown(why) if mutant::is(Mutant::UnknownIsTriedAgain) => {
                let why = Receipt::Rejected(why);
                self.settle(message, enrolment, Outcome::Receipt(why), now)
            }
            Outcome::Unknown(why) if mutant::is(Mutant::UnknownIsNotSent) => {
                self.not_sent(message, "failed", &why, now)
            }
            Outcome::Unknown(why) => {
                let settlement = Settlement {
                    state: "pending",
                    reason: Some(&why),
                    cost: message.cost,
                    unknown: true,
                };
                self.sent(message, enrolment, settlement, now)
            }
            Outcome::Receipt(Receipt::Undeliverable(why)) => {
                if let Some(address) =
                    message.address.as_ref().filter(|_| !mutant::is(Mutant::AddressNotBuried))
                {
                    let (shard, id) = (message.key.shard, message.key.customer_id.as_str());
                    customers::bury(self.tx, shard, id, message.channel, address)?;
                }
                self.not_sent(message, "undeliverable", &why, now)
            }
            Outcome::Receipt(Receipt::Error(why)) => self.not_sent(message, "failed", &why, now),
            Outcome::Receipt(Receipt::Rejected(why)) => match try_again(now, message.rejections) {
                Some(at) => {
                    if !mutant::is(Mutant::RejectedKeepsReserve) {
                        self.unreserve(message)?;
                    }
                    outbox::retry(self.tx, &mut self.sheets, message, at, &why)
                }
                None => self.not_sent(message, "failed", &format!("given up: {why}"), now),
            },
        }
    }

    fn sent(
        &mut self,
        message: &Queued,
        enrolment: Option<Enrolment>,
        settlement: Settlement<'_>,
        now: Moment,
    ) -> Result<(), Problem> {
        outbox::settle(&mut self.sheets, message, settlement, now);
        if mutant::is(Mutant::SettledInAnotherTransaction) {
            self.sheets.write(self.tx)?;
        }
        mutant::split(self.tx, Mutant::SettledInAnotherTransaction)?;
        let mut enrolment = match enrolment {
            Some(enrolment) => enrolment,
            None => self.load(&message.key)?,
        };
        let step = Some(message.step.as_str());
        self.tell(&mut enrolment, now, step, "sent", settlement.reason)?;
        if settlement.state == "delivered" {
            self.tell(&mut enrolment, now, step, "delivered", None)?;
        }
        self.add(&enrolment, &message.step, "done", 1);
        self.add(&enrolment, &message.step, "cost", message.cost);
        self.after(message, enrolment, true, now)
    }

    fn not_sent(
        &mut self,
        message: &Queued,
        state: &'static str,
        why: &str,
        now: Moment,
    ) -> Result<(), Problem> {
        if !mutant::is(Mutant::UndeliverableIsPaid) {
            self.unreserve(message)?;
        }
        outbox::settle(&mut self.sheets, message, Settlement::free(state, Some(why)), now);
        self.go_on(message, "undeliverable", Some(why), false, now)
    }

    fn go_on(
        &mut self,
        message: &Queued,
        what: &str,
        detail: Option<&str>,
        reached: bool,
        now: Moment,
    ) -> Result<(), Problem> {
        let mut enrolment = self.load(&message.key)?;
        self.tell(&mut enrolment, now, Some(&message.step), what, detail)?;
        self.after(message, enrolment, reached, now)
    }

    /// The chain goes on behind the message, if the customer still stands at it.
    fn after(
        &mut self,
        message: &Queued,
        enrolment: Enrolment,
        reached: bool,
        now: Moment,
    ) -> Result<(), Problem> {
        let state = &enrolment.state;
        let awaited = state.phase == Phase::Sending
            && state.place.to_string() == message.step
            && state.round() == message.round;
        if awaited {
            self.advance(enrolment, Input::Settled(reached), now)
        } else {
            self.save(&enrolment, now);
            Ok(())
        }
    }
}
