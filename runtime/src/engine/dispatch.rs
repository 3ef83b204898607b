//! Messages leave: guards, the channel, the outcome.
//!
//! Take, send, settle. Taking checks the guards again, in the transaction that marks the
//! message as in flight; from then on it is not sent again before its outcome is learned.

use super::advance::Scene;
use super::policy::Verdict;
use super::{Engine, RunError};
use crate::channel::{LookUp, Outcome, Outgoing, Receipt, try_again};
use crate::enrolment::Enrolment;
use crate::step::{Input, Phase};
use crate::store::outbox::{Queued, Settlement};
use crate::store::{self, Problem, customers, enrolments, held, outbox};
use crate::time::Moment;
use chainc_compiler::ir::{Channel, Placeholder};
use std::collections::BTreeMap;

/// How many due messages are looked at in one transaction, and how many if some channel
/// takes them one by one.
const BATCH: i64 = 500;
const SMALL_BATCH: i64 = 20;

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
            // What another process has just brought in is heard first: a purchase, a no. It may
            // have happened behind `now`, if this process was held up since it looked at its
            // clock; the next turn has a later one.
            let brought_in = store::brought_in(tx)?;
            if std::mem::replace(seen, brought_in) != brought_in || super::learn::is_news(tx, now)?
            {
                return Ok((true, Vec::new(), 0));
            }
            let due = outbox::due(tx, now, limit)?;
            let busy = !due.is_empty();
            let mut scene = Scene::new(tx, world)?;
            let mut taken: Vec<Queued> = Vec::new();
            for message in due {
                let channel = message.channel;
                if taken.iter().filter(|m| m.channel == channel).count() >= room(channel) {
                    // The order in which messages leave is the order in which they were due.
                    break;
                }
                taken.extend(scene.take(message, now)?);
            }
            Ok((busy, taken, scene.close()?))
        })?;
        self.steps += steps;
        for (channel, messages) in by_channel(taken) {
            let sent = self.send(channel, messages, now).await?;
            self.settle(sent.into_iter(), now)?;
        }
        Ok(busy)
    }

    /// Learns what became of the messages that were on their way when a process ended, and
    /// sends those that never left, in the order in which they would have.
    pub(super) async fn recover(&mut self, now: Moment) -> Result<(), RunError> {
        let lost = self.store.read(|connection| outbox::in_flight(connection, now))?;
        for (channel, messages) in by_channel(lost) {
            let keys: Vec<String> = messages.iter().map(|m| m.effect_key.clone()).collect();
            let found = match self.channels.get(&channel) {
                Some(way) => way.look_up(&keys).await?,
                None => keys.iter().map(|_| LookUp::CannotTell).collect(),
            };
            let mut known = Vec::new();
            let mut unsent = Vec::new();
            for (message, found) in messages.into_iter().zip(found) {
                match found {
                    LookUp::Found(receipt) => known.push((message, Outcome::Receipt(receipt))),
                    LookUp::CannotTell => {
                        let why = "the run ended before the provider answered".to_owned();
                        known.push((message, Outcome::Unknown(why)));
                    }
                    LookUp::NotFound => unsent.push(message),
                }
            }
            let world = &self.world;
            let (taken, steps) = self.store.write(|tx| {
                let mut scene = Scene::new(tx, world)?;
                let mut taken = Vec::new();
                for message in unsent {
                    if !outbox::is_there(tx, &message)? {
                        continue;
                    }
                    scene.unreserve(&message)?;
                    outbox::requeue(tx, &message, now)?;
                    let address = message.current_address.clone();
                    taken.extend(scene.take(Queued { address, cost: 0, ..message }, now)?);
                }
                Ok((taken, scene.close()?))
            })?;
            self.steps += steps;
            let sent = self.send(channel, taken, now).await?;
            self.settle(known.into_iter().chain(sent), now)?;
        }
        Ok(())
    }

    async fn send(
        &self,
        channel: Channel,
        messages: Vec<Queued>,
        now: Moment,
    ) -> Result<Vec<(Queued, Outcome)>, RunError> {
        let outgoing: Result<Vec<Outgoing>, Problem> =
            messages.iter().map(|message| self.outgoing(message, now)).collect();
        let outgoing = self.store.read(|_| outgoing)?;
        let outcomes = match self.channels.get(&channel) {
            Some(way) => way.send(&outgoing).await?,
            None => outgoing.iter().map(|_| no_channel(channel)).collect(),
        };
        Ok(messages.into_iter().zip(outcomes).collect())
    }

    fn settle(
        &mut self,
        outcomes: impl Iterator<Item = (Queued, Outcome)>,
        now: Moment,
    ) -> Result<(), RunError> {
        let world = &self.world;
        let steps = self.store.write(|tx| {
            let mut scene = Scene::new(tx, world)?;
            for (message, outcome) in outcomes {
                scene.settle(&message, outcome, now)?;
            }
            scene.close()
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

fn by_channel(messages: Vec<Queued>) -> BTreeMap<Channel, Vec<Queued>> {
    let mut groups: BTreeMap<Channel, Vec<Queued>> = BTreeMap::new();
    for message in messages {
        groups.entry(message.channel).or_default().push(message);
    }
    groups
}

impl Scene<'_> {
    /// Looks at the guards; returns the message if it is in flight now.
    fn take(&mut self, message: Queued, now: Moment) -> Result<Option<Queued>, Problem> {
        match self.guards(&message, now)? {
            Verdict::Leave(cost) => {
                self.reserve(&message, cost)?;
                outbox::take(self.tx, &message, now, cost)?;
                return Ok(Some(Queued { cost, ..message }));
            }
            Verdict::PutOff(until) => outbox::put_off(self.tx, &message, until)?,
            Verdict::Hold => {
                if held::hold(self.tx, &message, message.content.parts(), now)? {
                    let mut enrolment = enrolments::load(self.tx, &message.key)?;
                    let step = Some(message.step.as_str());
                    self.tell(&mut enrolment, now, step, "held", Some("over budget"))?;
                    enrolments::save(self.tx, &enrolment, now)?;
                }
            }
            Verdict::Park => outbox::park(self.tx, &message)?,
            Verdict::Cancel => {
                let settlement = Settlement::free("cancelled", Some("left the chain"));
                outbox::settle(self.tx, &message, settlement, now)?;
            }
            Verdict::Skip(why) => {
                let cause = why.split(": ").next();
                outbox::settle(self.tx, &message, Settlement::free("skipped", cause), now)?;
                self.go_on(&message, "skipped", Some(&why), false, now)?;
            }
            Verdict::Unreachable(why) => {
                let settlement = Settlement::free("undeliverable", Some(why));
                outbox::settle(self.tx, &message, settlement, now)?;
                self.go_on(&message, "undeliverable", Some(why), false, now)?;
            }
        }
        Ok(None)
    }

    fn settle(&mut self, message: &Queued, outcome: Outcome, now: Moment) -> Result<(), Problem> {
        if !outbox::is_there(self.tx, message)? {
            // She was erased while it was on its way; it was counted then.
            return Ok(());
        }
        match outcome {
            Outcome::Receipt(Receipt::Delivered) => self.sent(
                message,
                Settlement { cost: message.cost, ..Settlement::free("delivered", None) },
                now,
            ),
            Outcome::Receipt(Receipt::Pending) => self.sent(
                message,
                Settlement { cost: message.cost, ..Settlement::free("pending", None) },
                now,
            ),
            Outcome::Unknown(why) => {
                let settlement = Settlement {
                    state: "pending",
                    reason: Some(&why),
                    cost: message.cost,
                    unknown: true,
                };
                self.sent(message, settlement, now)
            }
            Outcome::Receipt(Receipt::Undeliverable(why)) => {
                if let Some(address) = &message.address {
                    let (shard, id) = (message.key.shard, message.key.customer_id.as_str());
                    customers::bury(self.tx, shard, id, message.channel, address)?;
                }
                self.not_sent(message, "undeliverable", &why, now)
            }
            Outcome::Receipt(Receipt::Error(why)) => self.not_sent(message, "failed", &why, now),
            Outcome::Receipt(Receipt::Rejected(why)) => match try_again(now, message.rejections) {
                Some(at) => {
                    self.unreserve(message)?;
                    outbox::retry(self.tx, message, at, &why)
                }
                None => self.not_sent(message, "failed", &format!("given up: {why}"), now),
            },
        }
    }

    fn sent(
        &mut self,
        message: &Queued,
        settlement: Settlement<'_>,
        now: Moment,
    ) -> Result<(), Problem> {
        outbox::settle(self.tx, message, settlement, now)?;
        let mut enrolment = enrolments::load(self.tx, &message.key)?;
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
        self.unreserve(message)?;
        outbox::settle(self.tx, message, Settlement::free(state, Some(why)), now)?;
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
        let mut enrolment = enrolments::load(self.tx, &message.key)?;
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
            self.save(&enrolment, now)
        }
    }
}
