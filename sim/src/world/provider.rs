//! Providers: they take messages as real ones do, and keep the truth of what reached whom.
//!
//! Each channel of a world has a character of its own, drawn from the seed: it loses replies,
//! delivers without answering, asks to come again, can or cannot tell of a message later.

use super::class::Class;
use super::log::{Happening, Told};
use super::outside::{How, Op, Outside, Shared, lock};
use super::rig::Mishap;
use crate::check::leaving;
use crate::check::zones::{DAY, HOUR, MINUTE};
use crate::rng::Rng;
use chainc_compiler::ir::Channel as Kind;
use chainc_runtime::channel::{Broken, Channel, LookUp, Outcome, Outgoing, Receipt, Work};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a provider did with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    Delivered,
    Pending,
    /// It reached her, and nothing was answered.
    LostBehind,
    /// It did not, and nothing was answered.
    LostBefore,
    Rejected,
    Undeliverable,
    Error,
}

/// A message that was handed over to a provider.
#[derive(Debug, Clone)]
pub(crate) struct Handover {
    pub(crate) key: String,
    pub(crate) customer: String,
    pub(crate) chain: String,
    pub(crate) channel: Kind,
    pub(crate) address: String,
    /// By the run's clock.
    pub(crate) at: i64,
    pub(crate) reply: Reply,
    /// A look-up has said since that it never went out.
    pub(crate) denied: bool,
}

impl Handover {
    pub(crate) const fn has_reached(&self) -> bool {
        matches!(self.reply, Reply::Delivered | Reply::Pending | Reply::LostBehind)
    }
}

/// How a channel behaves: how often of a thousand times.
#[derive(Debug, Clone, Copy)]
struct Way {
    at_once: usize,
    tells: bool,
    lost_behind: u64,
    lost_before: u64,
    rejected: u64,
    undeliverable: u64,
    error: u64,
    pending: u64,
    broken: u64,
}

/// What providers know.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    ways: BTreeMap<Kind, Way>,
    pub(crate) handovers: Vec<Handover>,
    pub(crate) by_key: BTreeMap<String, Vec<usize>>,
    happenings: u64,
}

impl Truth {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let ways = Kind::ALL.into_iter().map(|channel| {
            let tells = rng.chance(1, 2);
            let mut often = |most: u64| if rng.chance(1, 2) { rng.below(most) } else { 0 };
            let way = Way {
                at_once: 1,
                tells,
                lost_behind: often(250),
                lost_before: often(150),
                rejected: often(250),
                undeliverable: often(150),
                error: often(60),
                pending: often(900),
                broken: often(30),
            };
            let at_once = if tells { *rng.pick(&[2, 5, 100]) } else { 1 };
            (channel, Way { at_once, ..way })
        });
        Self { ways: ways.collect(), handovers: Vec::new(), by_key: BTreeMap::new(), happenings: 0 }
    }

    /// Lets every channel answer, and tell.
    pub(crate) fn behave(&mut self) {
        for way in self.ways.values_mut() {
            *way = Way {
                at_once: 100,
                tells: true,
                lost_behind: 0,
                lost_before: 0,
                rejected: 0,
                undeliverable: 0,
                error: 0,
                pending: 0,
                broken: 0,
            };
        }
    }

    fn way(&self, channel: Kind) -> Way {
        self.ways[&channel]
    }

    /// What was handed over under a key before, the last one.
    pub(crate) fn last(&self, key: &str) -> Option<&Handover> {
        self.by_key.get(key)?.last().map(|n| &self.handovers[*n])
    }
}

/// A channel of the run.
pub(crate) struct Provider {
    pub(crate) shared: Shared,
    pub(crate) kind: Kind,
    /// What else happens while it has messages.
    pub(crate) meanwhile: Arc<dyn Fn() + Send + Sync>,
}

impl Channel for Provider {
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> Work<'a, Result<Vec<Outcome>, Broken>> {
        Box::pin(async move {
            let mut outcomes = Vec::new();
            for message in messages {
                lock(&self.shared).fall_silent(message)?;
                outcomes.push(lock(&self.shared).hand_over(self.kind, message)?);
            }
            (self.meanwhile)();
            Ok(outcomes)
        })
    }

    fn look_up<'a>(&'a self, keys: &'a [String]) -> Work<'a, Result<Vec<LookUp>, Broken>> {
        Box::pin(async move {
            let mut outside = lock(&self.shared);
            let way = outside.truth.way(self.kind);
            if !outside.is_calm && outside.rng.chance(way.broken, 1_000) {
                outside.stats.count("provider: broken");
                return Err(Broken("the provider cannot be asked".to_owned()));
            }
            Ok(keys.iter().map(|key| outside.look_up(self.kind, key)).collect())
        })
    }

    fn at_once(&self) -> usize {
        lock(&self.shared).truth.way(self.kind).at_once
    }

    fn is_real(&self) -> bool {
        true
    }
}

impl Outside {
    /// Before a provider gets a message it cannot be reached, or the process dies; and before
    /// the next one starts she buys or says no.
    fn fall_silent(&mut self, message: &Outgoing) -> Result<(), Broken> {
        if self.is_calm || !self.has(Class::Providers) || !self.rng.chance(1, 25) {
            return Ok(());
        }
        self.stats.count("provider: not reached");
        if self.rng.chance(2, 3) {
            self.draw_answer(&message.customer_id);
        }
        Err(Broken("the provider cannot be reached".to_owned()))
    }

    fn hand_over(&mut self, kind: Kind, message: &Outgoing) -> Result<Outcome, Broken> {
        self.stats.messages += 1;
        leaving::check(self, kind, message);
        let way = self.truth.way(kind);
        let reply = self.draw_reply(way);
        self.note(|| {
            format!(
                "{kind} {} of {} step {} key {} to {}: {reply:?}",
                message.message, message.chain, message.step, message.key, message.customer_id
            )
        });
        self.truth.by_key.entry(message.key.clone()).or_default().push(self.truth.handovers.len());
        self.truth.handovers.push(Handover {
            key: message.key.clone(),
            customer: message.customer_id.clone(),
            chain: message.chain.clone(),
            channel: kind,
            address: message.address.clone(),
            at: self.clock,
            reply,
            denied: false,
        });
        self.react(message, kind, reply);
        if self.is_calm {
            return Ok(Outcome::Receipt(Receipt::Delivered));
        }
        let dies = self.has(Class::PowerLoss) || self.has(Class::Kill);
        if self.rng.chance(1, 60) && dies && !self.rig.is_planned() {
            // The process dies while the provider has it.
            self.rig.plan(Mishap::Crash, 1);
        }
        if self.rng.chance(way.broken, 1_000) {
            self.stats.count("provider: broken");
            return Err(Broken("the provider broke down".to_owned()));
        }
        Ok(match reply {
            Reply::Delivered => Outcome::Receipt(Receipt::Delivered),
            Reply::Pending => Outcome::Receipt(Receipt::Pending),
            Reply::LostBehind => {
                self.stats.count("provider: delivered without an answer");
                Outcome::Unknown("no answer".to_owned())
            }
            Reply::LostBefore => {
                self.stats.count("provider: lost");
                Outcome::Unknown("no answer".to_owned())
            }
            Reply::Rejected => {
                self.stats.count("provider: rejected");
                Outcome::Receipt(Receipt::Rejected("busy".to_owned()))
            }
            Reply::Undeliverable => {
                self.stats.count("provider: undeliverable");
                Outcome::Receipt(Receipt::Undeliverable("gone".to_owned()))
            }
            Reply::Error => {
                self.stats.count("provider: error");
                Outcome::Receipt(Receipt::Error("at fault".to_owned()))
            }
        })
    }

    fn draw_reply(&mut self, way: Way) -> Reply {
        if self.is_calm {
            return Reply::Delivered;
        }
        let mut lot = self.rng.below(1_000);
        for (odds, reply) in [
            (way.lost_behind, Reply::LostBehind),
            (way.lost_before, Reply::LostBefore),
            (way.rejected, Reply::Rejected),
            (way.undeliverable, Reply::Undeliverable),
            (way.error, Reply::Error),
        ] {
            if lot < odds {
                return reply;
            }
            lot -= odds;
        }
        if self.rng.chance(way.pending, 1_000) { Reply::Pending } else { Reply::Delivered }
    }

    fn look_up(&mut self, kind: Kind, key: &str) -> LookUp {
        let way = self.truth.way(kind);
        if !way.tells && !self.is_calm {
            return LookUp::CannotTell;
        }
        if !self.is_calm && self.rng.chance(1, 10) {
            self.stats.count("provider: cannot tell");
            return LookUp::CannotTell;
        }
        let last = self.truth.last(key).map(|last| last.reply);
        let found = match last {
            Some(Reply::Delivered) => LookUp::Found(Receipt::Delivered),
            Some(Reply::Pending | Reply::LostBehind) => LookUp::Found(Receipt::Pending),
            Some(Reply::Undeliverable) => LookUp::Found(Receipt::Undeliverable("gone".to_owned())),
            Some(Reply::Error) => LookUp::Found(Receipt::Error("at fault".to_owned())),
            Some(Reply::LostBefore | Reply::Rejected) | None => LookUp::NotFound,
        };
        if found == LookUp::NotFound
            && let Some(n) = self.truth.by_key.get(key).and_then(|all| all.last())
        {
            self.truth.handovers[*n].denied = true;
        }
        self.note(|| format!("look-up of {key}: {found:?}"));
        found
    }

    /// What comes of a message later: receipts, twice and in any order; what she does.
    fn react(&mut self, message: &Outgoing, kind: Kind, reply: Reply) {
        if self.is_calm {
            return;
        }
        let true_time = self.clock - self.skew;
        let reached = matches!(reply, Reply::Delivered | Reply::Pending | Reply::LostBehind);
        let mut words: Vec<(&'static str, i64)> = Vec::new();
        let receipts = if reached { (1, 2) } else { (1, 12) };
        if self.rng.chance(receipts.0, receipts.1) {
            words.push(("delivered", self.rng.between(0, 3 * HOUR)));
        }
        if reached && self.rng.chance(1, 4) {
            words.push(("opened", self.rng.between(MINUTE, 2 * DAY)));
        }
        if reached && self.rng.chance(1, 5) {
            words.push(("clicked", self.rng.between(MINUTE, 2 * DAY)));
        }
        if reached && self.rng.chance(1, 20) {
            words.push(("unsubscribed", self.rng.between(MINUTE, DAY)));
        }
        if reached && kind == Kind::Push && self.rng.chance(1, 25) {
            words.push(("card_deleted", self.rng.between(MINUTE, DAY)));
        }
        for (what, after) in words {
            let at = self.clock + after - after % 1_000 + self.odd();
            self.truth.happenings += 1;
            let names_her = self.rng.chance(1, 2) || what == "card_deleted";
            let happening = Happening {
                id: format!("r{}", self.truth.happenings),
                what,
                at,
                customer: Some(message.customer_id.clone()).filter(|_| names_her),
                key: Some(message.key.clone()).filter(|_| what != "card_deleted"),
                channel: Some(kind).filter(|_| what == "unsubscribed" && self.rng.chance(1, 2)),
                told: Told::default(),
            };
            let n = self.log.happenings.len();
            self.log.happenings.push(happening);
            let late = if self.rng.chance(1, 2) { 0 } else { self.rng.between(0, 2 * DAY) };
            let heard = (true_time + after + late).max(true_time);
            self.plan(heard, How::Plain, Op::Happenings(vec![n]));
            if self.rng.chance(1, 3) {
                self.stats.count("event: twice");
                let again = heard + self.rng.between(0, DAY);
                self.plan(again, How::Plain, Op::Happenings(vec![n]));
            }
        }
    }
}
