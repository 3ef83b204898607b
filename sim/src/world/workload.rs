//! What customers, shops and operators do in a world: some of it planned from its first day,
//! some of it drawn to where it hurts, around what is due and what is on its way.

use super::class::Class;
use super::log::{
    Gone, Happening, Order, Person, Purchase, Return, Said, Standing, Told, Watermark,
};
use super::outside::{How, Op, Outside};
use crate::check::zones::{DAY, HOUR, MINUTE};
use chainc_compiler::ir::Channel;
use std::collections::BTreeMap;

const ZONES: [Option<&str>; 6] = [
    None,
    None,
    Some("Asia/Yekaterinburg"),
    Some("Europe/Berlin"),
    Some("America/New_York"),
    Some("Asia/Kolkata"),
];

pub(super) const MARKETING: [Channel; 3] = [Channel::Sms, Channel::Email, Channel::Push];

impl Outside {
    /// Draws who there is, what they bought before, and what they will do from a moment to
    /// another.
    pub(crate) fn draw_load(&mut self, from: i64, to: i64) {
        let n = match self.rng.below(10) {
            0..=5 => self.rng.between(3, 6),
            6..=8 => self.rng.between(5, 10),
            _ => self.rng.between(10, 20),
        };
        let mut first = Vec::new();
        for number in 0..n {
            let person = self.draw_person(number, from);
            self.log.people.push(person);
            if self.rng.chance(9, 10) || !self.has(Class::Late) {
                first.push(self.log.people.len() - 1);
            } else {
                // Files speak of her before she is known.
                let at = from + self.rng.between(0, (to - from) / 2);
                self.plan(at, How::Plain, Op::People(vec![self.log.people.len() - 1]));
            }
        }
        self.plan(from, How::Plain, Op::People(first));
        for pool in self.editions.pools() {
            let codes = usize::try_from(self.rng.between(2, 40)).unwrap_or(2);
            self.plan(from, How::Plain, Op::Codes(pool, codes));
        }
        self.draw_history(from);
        self.draw_purchases(from, to);
        self.draw_words(from, to);
        self.draw_orders(from, to);
        self.draw_watermarks(from, to);
    }

    pub(super) fn draw_person(&mut self, number: i64, from: i64) -> Person {
        let rng = &mut self.rng;
        let mut states = BTreeMap::new();
        for channel in MARKETING {
            match rng.below(10) {
                0..=6 => drop(states.insert(channel, true)),
                7 => drop(states.insert(channel, false)),
                _ => {}
            }
        }
        let has = rng.below(16);
        let mut tags = Vec::new();
        for (tag, of) in [("vip", 3), ("staff", 10), ("q3", 5)] {
            if rng.chance(1, of) {
                tags.push(tag);
            }
        }
        Person {
            id: format!("c{number}"),
            zone: *rng.pick(&ZONES),
            phone: (has != 1).then(|| format!("+1202555{number:04}")),
            email: (has != 2).then(|| format!("c{number}@example.com")),
            push: (has != 3).then(|| format!("token-{number}")),
            registered_at: from - rng.between(1, 300) * DAY,
            tags,
            age: rng.between(16, 70),
            member: rng.chance(1, 2),
            states,
            ..Person::default()
        }
    }

    pub(super) fn purchase(&mut self, customer: String, at: i64) -> usize {
        let at = at - at.rem_euclid(1_000) + self.odd();
        self.purchase_at(customer, at)
    }

    /// A purchase at this very moment.
    fn purchase_at(&mut self, customer: String, at: i64) -> usize {
        let sources = self.editions.draft.sources.len() as u64;
        let rng = &mut self.rng;
        let purchase = Purchase {
            receipt: format!("R{}", self.log.purchases.len()),
            customer,
            at,
            amount: rng.between(1, 60) * 50,
            spent: if rng.chance(1, 4) { rng.between(1, 250) } else { 0 },
            earned: if rng.chance(1, 6) { rng.between(1, 40) } else { 0 },
            brand: *rng.pick(&[None, None, Some("toys"), Some("books")]),
            source: (sources > 0).then(|| usize::try_from(rng.below(sources)).unwrap_or(0)),
            told: Told::default(),
            returned: false,
        };
        self.log.purchases.push(purchase);
        self.log.purchases.len() - 1
    }

    pub(super) fn tell_purchase(&mut self, n: usize, heard: i64, how: How) {
        let (source, at) = (self.log.purchases[n].source, self.log.purchases[n].at);
        // Where nothing is late, it is told of at the very moment, which may be an odd one.
        let at_once = !self.has(Class::Late) && heard.abs_diff(at) < 1_000;
        let heard = if at_once { at } else { heard };
        self.plan(heard, how, Op::Purchases(vec![n], source, None));
        if self.has(Class::Twice) && self.rng.chance(1, 4) {
            self.stats.count("event: twice");
            let again = heard + self.rng.between(0, 3 * DAY);
            self.plan(again, How::Plain, Op::Purchases(vec![n], source, None));
        }
    }

    /// How late something is heard of.
    pub(super) fn lateness(&mut self) -> i64 {
        if !self.has(Class::Late) {
            return 0;
        }
        let late = match self.rng.below(10) {
            0..=3 => 0,
            4..=5 => self.rng.between(1_000, 10 * MINUTE),
            6..=7 => self.rng.between(10 * MINUTE, 5 * HOUR),
            8 => self.rng.between(5 * HOUR, 2 * DAY),
            // It is told of before it happens.
            _ => -self.rng.between(1_000, 3 * HOUR),
        };
        if late > MINUTE {
            self.stats.count("event: late");
        }
        late
    }

    pub(super) fn draw_history(&mut self, from: i64) {
        for person in 0..self.log.people.len() {
            let id = self.log.people[person].id.clone();
            let mut at = from - self.rng.between(HOUR, 12 * DAY);
            if self.editions.draft.name == "seed" {
                at -= self.rng.between(40, 60) * DAY;
            }
            for _ in 0..self.rng.below(4) {
                let n = self.purchase(id.clone(), at);
                self.log.purchases[n].spent = 0;
                self.tell_purchase(n, from, How::Plain);
                at -= self.rng.between(HOUR, 20 * DAY);
            }
        }
    }

    fn draw_purchases(&mut self, from: i64, to: i64) {
        for person in 0..self.log.people.len() {
            let id = self.log.people[person].id.clone();
            let gap = self.rng.between(4, 14) * DAY;
            let mut at = from + self.rng.between(0, gap);
            while at < to - DAY {
                let n = self.purchase(id.clone(), at);
                let heard = at + self.lateness();
                self.tell_purchase(n, heard.max(from), How::Plain);
                if self.rng.chance(1, 8) {
                    self.draw_return(n, heard, to);
                }
                at += self.rng.between(HOUR, 2 * gap);
            }
        }
    }

    pub(super) fn draw_return(&mut self, n: usize, heard: i64, to: i64) {
        let (at, amount) = (self.log.purchases[n].at, self.log.purchases[n].amount);
        let back = at + self.rng.between(HOUR, 6 * DAY);
        let told = back.max(heard + 4 * DAY) + self.rng.between(0, 2 * DAY);
        if told > to - HOUR {
            return;
        }
        self.log.purchases[n].returned = true;
        let part = self.rng.chance(1, 2).then(|| (amount / 2).max(1));
        let back = back - back.rem_euclid(1_000) + self.odd();
        let back = Return { purchase: n, at: back, amount: part, told: Told::default() };
        self.log.returns.push(back);
        let op = Op::Returns(vec![self.log.returns.len() - 1]);
        self.plan(told, How::Plain, op.clone());
        if self.has(Class::Twice) && self.rng.chance(1, 3) {
            self.plan(told + DAY, How::Plain, op);
        }
    }

    /// What customers say and do beside buying.
    fn draw_words(&mut self, from: i64, to: i64) {
        for person in 0..self.log.people.len() {
            let id = self.log.people[person].id.clone();
            if self.log.people[person].told.tried.is_some() {
                continue;
            }
            for _ in 0..self.rng.below(1 + ((to - from) / (12 * DAY)).unsigned_abs()) {
                let at = from + self.rng.between(DAY, to - from - DAY);
                let late = self.lateness();
                if self.rng.chance(1, 2) {
                    let channel = *self.rng.pick(&MARKETING);
                    let granted = self.rng.chance(2, 3);
                    let op = self.word(id.clone(), channel, granted, at);
                    self.plan((at + late).max(from + HOUR), How::Plain, op);
                } else {
                    let what =
                        *self.rng.pick(&["visited", "unsubscribed", "visited", "card_deleted"]);
                    let op = self.happening(id.clone(), what, at);
                    self.plan((at + late).max(from + HOUR), How::Plain, op);
                }
            }
        }
    }

    /// A yes or no of a customer.
    pub(super) fn word(
        &mut self,
        customer: String,
        channel: Channel,
        granted: bool,
        at: i64,
    ) -> Op {
        let at = at - at.rem_euclid(1_000) + self.odd();
        self.log.said.push(Said { customer, channel, at, granted, told: Told::default() });
        Op::Said(vec![self.log.said.len() - 1])
    }

    pub(super) fn happening(&mut self, customer: String, what: &'static str, at: i64) -> Op {
        let at = at - at.rem_euclid(1_000) + self.odd();
        let channel =
            (what == "unsubscribed" && self.rng.chance(1, 2)).then(|| *self.rng.pick(&MARKETING));
        let id = format!("h{}", self.log.happenings.len());
        let customer = Some(customer);
        self.log.happenings.push(Happening {
            id,
            what,
            at,
            customer,
            key: None,
            channel,
            told: Told::default(),
        });
        Op::Happenings(vec![self.log.happenings.len() - 1])
    }

    pub(super) fn order(&mut self, chain: String, standing: Standing) -> Op {
        self.log.orders.push(Order { chain, standing, told: Told::default() });
        Op::Order(self.log.orders.len() - 1)
    }

    fn draw_orders(&mut self, from: i64, to: i64) {
        let chains: Vec<String> =
            self.running().program.chains.iter().map(|chain| chain.name.clone()).collect();
        for _ in 0..self.rng.below(3) {
            let chain = self.rng.pick(&chains).clone();
            let at = from + self.rng.between(DAY, to - from - DAY);
            self.pause(chain, at, How::Plain);
        }
        if self.rng.chance(1, 4) {
            let chain = self.rng.pick(&chains).clone();
            let at = from + self.rng.between((to - from) / 3, to - from - DAY);
            let stop = self.order(chain.clone(), Standing::Stopped);
            self.plan(at, How::Plain, stop);
            if self.rng.chance(1, 2) {
                let again = self.order(chain, Standing::Running);
                let later = at + self.rng.between(0, 3 * DAY);
                self.plan(later, How::Plain, again);
            }
        }
        if self.rng.chance(1, 4) {
            let at = from + self.rng.between((to - from) / 2, to - from - DAY);
            let customer = self.rng.pick(&self.log.people).id.clone();
            self.log.erased.push(Gone { customer, told: Told::default() });
            self.plan(at, How::Plain, Op::Erase(self.log.erased.len() - 1));
        } else if self.rng.chance(1, 5) {
            let (one, other) = (self.log.people[0].id.clone(), self.log.people[1].id.clone());
            let at = from + self.rng.between((to - from) / 2, to - from - DAY);
            self.plan(at, How::Plain, Op::Merge(one, other));
        }
    }

    pub(super) fn pause(&mut self, chain: String, at: i64, how: How) {
        let pause = self.order(chain.clone(), Standing::Paused);
        self.plan(at, how, pause);
        let resume = self.order(chain, Standing::Running);
        let later = at + self.rng.between(MINUTE, 3 * DAY);
        self.plan(later, How::Plain, resume);
    }

    fn draw_watermarks(&mut self, from: i64, to: i64) {
        for source in 0..self.editions.draft.sources.len() {
            let mut at = from;
            while at < to {
                self.watermark(source, at, 6);
                at += match self.rng.below(5) {
                    0..=2 => self.rng.between(4 * HOUR, 20 * HOUR),
                    3 => self.rng.between(DAY, 2 * DAY),
                    _ => self.rng.between(DAY, 4 * DAY),
                };
            }
        }
    }

    /// A source says up to when it is complete, so many hours behind at most.
    pub(crate) fn watermark(&mut self, source: usize, at: i64, behind: i64) {
        let until = at - self.rng.between(0, behind * HOUR);
        self.log.watermarks.push(Watermark { source, until, told: Told::default() });
        let n = self.log.watermarks.len() - 1;
        self.plan(at, How::Plain, Op::Purchases(Vec::new(), Some(source), Some(n)));
    }

    /// She buys or says no at this very moment.
    pub(crate) fn draw_answer(&mut self, customer: &str) {
        let true_time = self.wall - self.skew;
        if self.rng.chance(1, 2) {
            // The run's clock may be ahead or behind: it counts by when it was.
            let n = self.purchase_at(customer.to_owned(), self.clock.min(true_time));
            self.tell_purchase(n, true_time, How::Plain);
        } else {
            let op = self.happening(customer.to_owned(), "unsubscribed", true_time - 1_000);
            self.plan(true_time, How::Plain, op);
            for channel in MARKETING {
                let later = true_time + self.rng.between(HOUR, 3 * DAY);
                let op = self.word(customer.to_owned(), channel, true, later);
                self.plan(later + 1_000, How::Plain, op);
            }
        }
    }

    /// Draws something to the worst moment of somebody: around what she waits for, and while
    /// a message to her is queued, held up, or on its way.
    pub(crate) fn draw_danger(&mut self) {
        let true_time = self.wall - self.skew;
        let waiting = self.peek(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT customer_id, chain, due_at, '' FROM enrolment WHERE due_at IS NOT NULL \
                 UNION ALL SELECT customer_id, chain, coalesce(due_at, 0), channel FROM outbox \
                 WHERE state = 'queued' ORDER BY 3, 1, 2, 4",
            )?;
            let rows = statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
            rows.collect::<rusqlite::Result<Vec<(String, String, i64, String)>>>()
        });
        let waiting = waiting.unwrap_or_default();
        if waiting.is_empty() {
            return;
        }
        // What is due soon hurts most.
        let near = self.rng.below(waiting.len().min(6) as u64);
        let (id, chain, due, channel) = waiting[usize::try_from(near).unwrap_or(0)].clone();
        // By true time; what is held by nothing that is due is hit soon.
        let due = if due == 0 { true_time + HOUR } else { due - self.skew };
        let due = due.max(true_time);
        let off = *self.rng.pick(&[-1_000, -1, 0, 0, 0, 1, 1_000]);
        let how = match self.rng.below(6) {
            0 | 1 => How::Plain,
            2 if self.has(Class::Meanwhile) => How::Meanwhile,
            3..=5 if self.has(Class::Worst) => {
                How::AtLock(u32::try_from(self.rng.below(9)).unwrap_or(0))
            }
            _ => How::Plain,
        };
        if how != How::Plain {
            self.stats.count("worst moment");
        }
        match self.rng.below(14) {
            0..=4 => {
                // The clock of the till is right: what is due by the machine's is due there.
                let mut happened = due + off
                    - if self.rng.chance(1, 3) { self.rng.between(1, 5 * HOUR) } else { 0 };
                let mut heard = due;
                if !self.has(Class::Late) {
                    happened = (due + off).max(true_time);
                    heard = happened;
                }
                let n = self.purchase_at(id, happened);
                let late = if self.has(Class::Late) && self.rng.chance(1, 4) {
                    self.lateness().max(0)
                } else {
                    0
                };
                self.tell_purchase(n, (heard + late).max(true_time), how);
            }
            5..=7 => {
                let channel = MARKETING.into_iter().find(|one| one.as_str() == channel);
                let channel = channel.unwrap_or_else(|| *self.rng.pick(&MARKETING));
                let op = self.word(id.clone(), channel, false, due - 1_000);
                self.plan(due, how, op);
                if self.rng.chance(3, 4) {
                    let later = due + self.rng.between(HOUR, 3 * DAY);
                    let op = self.word(id, channel, true, later);
                    self.plan(later + 1_000, How::Plain, op);
                }
            }
            8 => {
                let what = *self.rng.pick(&["visited", "card_deleted", "unsubscribed"]);
                let op = self.happening(id.clone(), what, due - 1_000);
                self.plan(due, how, op);
                if what == "unsubscribed" {
                    for channel in MARKETING {
                        let later = due + self.rng.between(HOUR, 2 * DAY);
                        let op = self.word(id.clone(), channel, true, later);
                        self.plan(later + 1_000, How::Plain, op);
                    }
                }
            }
            9 => {
                let op = self.happening(id, "visited", due + off);
                self.plan(due.max(due + off), how, op);
            }
            10 | 11 => {
                self.pause(chain, due, how);
            }
            12 => self.plan(due, how, Op::SecondRun),
            _ => {
                if self.log.erased.len() < 2 && self.log.people.len() > 3 && self.rng.chance(1, 4) {
                    self.log.erased.push(Gone { customer: id, told: Told::default() });
                    let op = Op::Erase(self.log.erased.len() - 1);
                    self.plan(due, how, op);
                }
            }
        }
    }
}
