//! What happened outside of the engine, as the workload knows it: what it tried to tell the
//! store, and what the store has said yes to.

use chainc_compiler::ir::Channel;
use std::collections::{BTreeMap, BTreeSet};

/// When the store said yes: in the order of all things, and by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ack {
    pub(crate) seq: u64,
    /// The run's clock: what the engine does at a later moment comes behind it.
    pub(crate) clock: i64,
}

/// Whether, and since when, the store was told of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// The first attempt, by the run's clock.
    pub(crate) tried: Option<i64>,
    /// The first that the store said yes to.
    pub(crate) acked: Option<Ack>,
}

impl Told {
    pub(crate) const fn is_acked(&self) -> bool {
        self.acked.is_some()
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) zone: Option<&'static str>,
    pub(crate) phone: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) push: Option<String>,
    pub(crate) registered_at: i64,
    pub(crate) tags: Vec<&'static str>,
    pub(crate) age: i64,
    pub(crate) member: bool,
    /// Year, month and day of two days that come round every year.
    pub(crate) birthday: Option<(i64, i64, i64)>,
    pub(crate) since: Option<(i64, i64, i64)>,
    /// Consents that the customer file states.
    pub(crate) states: BTreeMap<Channel, bool>,
    /// How often she has moved.
    pub(crate) moved: u32,
    pub(crate) told: Told,
}

impl Person {
    /// She has another phone, mailbox or telephone to push to, in turn.
    pub(crate) fn moves(&mut self) {
        self.moved += 1;
        let (id, n) = (&self.id, self.moved);
        let number = id.trim_start_matches('c');
        match n % 3 {
            0 => self.phone = Some(format!("+1202556{number:0>2}{n:02}")),
            1 => self.email = Some(format!("{id}.{n}@example.com")),
            _ => self.push = Some(format!("token-{number}-{n}")),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Purchase {
    pub(crate) receipt: String,
    pub(crate) customer: String,
    pub(crate) at: i64,
    pub(crate) amount: i64,
    pub(crate) spent: i64,
    pub(crate) earned: i64,
    pub(crate) brand: Option<&'static str>,
    pub(crate) source: Option<usize>,
    pub(crate) told: Told,
    pub(crate) returned: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Return {
    pub(crate) purchase: usize,
    pub(crate) at: i64,
    pub(crate) amount: Option<i64>,
    pub(crate) told: Told,
}

#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) customer: String,
    pub(crate) channel: Channel,
    pub(crate) at: i64,
    pub(crate) granted: bool,
    pub(crate) told: Told,
}

#[derive(Debug, Clone)]
pub(crate) struct Happening {
    pub(crate) id: String,
    pub(crate) what: &'static str,
    pub(crate) at: i64,
    pub(crate) customer: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) channel: Option<Channel>,
    pub(crate) told: Told,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    Running,
    Paused,
    Stopped,
}

#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) chain: String,
    pub(crate) standing: Standing,
    pub(crate) told: Told,
}

#[derive(Debug, Clone)]
pub(crate) struct Watermark {
    pub(crate) source: usize,
    pub(crate) until: i64,
    pub(crate) told: Told,
}

#[derive(Debug, Clone)]
pub(crate) struct Gone {
    pub(crate) customer: String,
    pub(crate) told: Told,
}

/// How many lines there are of a chain, version, step and word.
pub(crate) type Lines = Vec<((String, String, String, String), i64)>;

#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) people: Vec<Person>,
    pub(crate) purchases: Vec<Purchase>,
    pub(crate) returns: Vec<Return>,
    pub(crate) said: Vec<Said>,
    pub(crate) happenings: Vec<Happening>,
    pub(crate) orders: Vec<Order>,
    pub(crate) watermarks: Vec<Watermark>,
    pub(crate) erased: Vec<Gone>,
    /// Customers of whom it is not plain any more what holds: one is being erased, or two
    /// are being merged.
    pub(crate) muddled: BTreeSet<String>,
    /// Lines of the journal that went with who was erased, and messages that were on their way.
    pub(crate) gone: BTreeMap<String, Lines>,
    /// When faults stopped, by the run's clock.
    pub(crate) calm_from: Option<i64>,
    /// From when to when no process ran, by the run's clock, which may be an hour off.
    pub(crate) away: Vec<(i64, i64)>,
    /// When the run began to work with which edition, by the run's clock.
    pub(crate) editions: Vec<(i64, usize)>,
    /// Messages that were on their way when the store was told of something.
    pub(crate) exempt: BTreeSet<String>,
}

impl Log {
    pub(crate) fn person(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    /// Tells whether it is plain what holds for a customer.
    pub(crate) fn is_plain(&self, customer: &str) -> bool {
        !self.muddled.contains(customer)
    }

    /// What a customer has said of a channel by a moment, as far as the store has said yes to
    /// it; `None` if nothing.
    pub(crate) fn said(&self, customer: &str, channel: Channel, now: i64) -> Option<bool> {
        let mut last: Option<(i64, u64, bool)> = None;
        let mut hear = |at: i64, told: &Told, granted: bool| {
            if let Some(ack) = told.acked
                && at <= now
            {
                last = last.max(Some((at, ack.seq, granted)));
            }
        };
        if let Some(person) = self.person(customer)
            && let Some(granted) = person.states.get(&channel)
        {
            hear(person.registered_at, &person.told, *granted);
        }
        for said in self.said.iter().filter(|s| s.customer == customer && s.channel == channel) {
            hear(said.at, &said.told, said.granted);
        }
        for happening in self.happenings.iter().filter(|h| {
            h.what == "unsubscribed"
                && h.customer.as_deref() == Some(customer)
                && match h.channel {
                    Some(one) => one == channel,
                    None => channel != Channel::Webhook,
                }
        }) {
            hear(happening.at, &happening.told, false);
        }
        last.map(|(_, _, granted)| granted)
    }

    /// How a chain stands for sure: `None` while an order may or may not have been heard.
    pub(crate) fn standing(&self, chain: &str) -> Option<Standing> {
        let mut last = None;
        for order in self.orders.iter().filter(|order| order.chain == chain) {
            match order.told {
                Told { acked: Some(ack), .. } => last = last.max(Some((ack.seq, order.standing))),
                Told { tried: Some(_), .. } => return None,
                Told { .. } => {}
            }
        }
        Some(last.map_or(Standing::Running, |(_, standing)| standing))
    }
}
