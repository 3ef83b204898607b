//! All that is not the engine: the machine's disk, a second process that brings files in, the
//! provider's truth, and what is planned to happen.

use super::class::Class;
use super::log::{Ack, Happening, Lines, Log, Order, Person, Standing, Told};
use super::provider::Truth;
use super::rig::Rig;
use crate::check::Violation;
use crate::check::zones::text;
use crate::disk::Disk;
use crate::programs::{Edition, Editions};
use crate::rng::Rng;
use chainc_compiler::ir::Channel;
use chainc_runtime::engine::Stop;
use chainc_runtime::intake::{self, Complete, Kind, Reading};
use chainc_runtime::store::{Store, erasure, merging, operations};
use chainc_runtime::time::{Moment, Zone};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

/// Something that people or other programs do to the store. Numbers are places in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Op {
    People(Vec<usize>),
    /// A customer file has another address of hers.
    Moved(usize),
    /// Purchases of one source, and up to when that says it is complete: a number in the
    /// log's watermarks.
    Purchases(Vec<usize>, Option<usize>, Option<usize>),
    Returns(Vec<usize>),
    Said(Vec<usize>),
    Happenings(Vec<usize>),
    Order(usize),
    Codes(&'static str, usize),
    Erase(usize),
    Merge(String, String),
    /// Somebody starts a second run.
    SecondRun,
}

/// When an operation comes, if it is time for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// Before the engine works.
    Plain,
    /// Right before the engine takes the write lock for so many more times.
    AtLock(u32),
    /// While a provider has messages.
    Meanwhile,
}

/// What was done and drawn, in numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stats {
    pub(crate) messages: u64,
    pub(crate) checks: u64,
    pub(crate) faults: BTreeMap<&'static str, u64>,
}

impl Stats {
    pub(crate) fn count(&mut self, fault: &'static str) {
        *self.faults.entry(fault).or_default() += 1;
    }
}

pub(crate) struct Outside {
    pub(crate) rig: Rig,
    /// The store as the second process has it open.
    store: Option<Store>,
    scratch: PathBuf,
    pub(crate) editions: Arc<Editions>,
    /// The edition that the run has, or had last.
    pub(crate) edition: usize,
    zone: Zone,
    /// What the machine's clock says.
    pub(crate) wall: i64,
    /// The run's clock.
    pub(crate) clock: i64,
    /// Where that has come to for sure: what was tried may not have been written.
    pub(crate) stood: i64,
    /// The furthest it may have come to.
    pub(crate) reached: i64,
    pub(crate) seq: u64,
    pub(crate) log: Log,
    pub(crate) truth: Truth,
    pub(crate) rng: Rng,
    /// What is to come, by true time.
    pub(crate) agenda: BTreeMap<(i64, u64), (How, Op)>,
    planned: u64,
    /// What the machine's clock is ahead of the true time.
    pub(crate) skew: i64,
    pub(crate) at_lock: Vec<(u32, Op)>,
    pub(crate) meanwhile: VecDeque<Op>,
    pub(crate) violations: Vec<Violation>,
    pub(crate) stats: Stats,
    pub(crate) is_calm: bool,
    pub(crate) without: Vec<Class>,
    pub(crate) stop: Stop,
    /// Another process has written while the engine was at work.
    pub(crate) came_between: bool,
    /// How often the engine has taken the write lock at this moment.
    pub(crate) locks: u32,
    tracing: bool,
    digest: blake3::Hasher,
    ms: i64,
}

pub(crate) type Shared = Arc<Mutex<Outside>>;

/// The outside, for a short while.
pub(crate) fn lock(shared: &Shared) -> MutexGuard<'_, Outside> {
    shared.lock().expect("nobody panics with it")
}

/// Opens the store as another process than the engine's.
fn open(disk: &Disk) -> Option<Store> {
    let store = Store::open_or_create(&disk.process(1).path("shop.db")).ok()?;
    remember(&store);
    Some(store)
}

/// Lets a connection remember all statements of a world: there is no time to read them anew.
pub(crate) fn remember(store: &Store) {
    let _ = store.read(|connection| {
        connection.set_prepared_statement_cache_capacity(400);
        Ok(())
    });
}

impl Outside {
    pub(crate) fn new(
        seed: u64,
        scratch: PathBuf,
        editions: Arc<Editions>,
        wall: i64,
        tracing: bool,
    ) -> Self {
        let zone =
            Zone::get(&editions.all[0].program.policy.timezone).expect("the compiler knew it");
        Self {
            rig: Rig::new(seed),
            store: None,
            scratch,
            truth: Truth::new(&mut Rng::new(seed).fork("channels")),
            rng: Rng::new(seed).fork("outside"),
            editions,
            edition: 0,
            zone,
            wall,
            clock: wall,
            stood: i64::MIN,
            reached: wall,
            seq: 0,
            log: Log::default(),
            agenda: BTreeMap::new(),
            planned: 0,
            skew: 0,
            at_lock: Vec::new(),
            meanwhile: VecDeque::new(),
            violations: Vec::new(),
            stats: Stats::default(),
            is_calm: false,
            without: Vec::new(),
            stop: Stop::default(),
            came_between: false,
            locks: 0,
            tracing,
            digest: blake3::Hasher::new(),
            ms: 0,
        }
    }

    /// The edition that the run has.
    pub(crate) fn running(&self) -> &Edition {
        &self.editions.all[self.edition]
    }

    /// Milliseconds that make moments differ which nothing else makes differ.
    pub(crate) fn odd(&mut self) -> i64 {
        self.ms = (self.ms + 7) % 997;
        self.ms
    }

    pub(crate) fn next_seq(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    pub(crate) fn plan(&mut self, at: i64, how: How, op: Op) {
        self.planned += 1;
        self.agenda.insert((at, self.planned), (how, op));
    }

    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        if self.tracing {
            let line = format!("{} {}", text(self.wall), line());
            self.digest.update(line.as_bytes());
            println!("{line}");
        }
    }

    pub(crate) fn break_(&mut self, violation: Violation) {
        self.note(|| format!("VIOLATION {}: {}", violation.promise, violation.detail));
        self.violations.push(violation);
    }

    pub(crate) fn has(&self, class: Class) -> bool {
        !self.without.contains(&class)
    }

    /// Takes from the agenda what it is time for.
    pub(crate) fn due(&mut self, now: i64) -> Vec<(How, Op)> {
        let later = self.agenda.split_off(&(now + 1, 0));
        std::mem::replace(&mut self.agenda, later).into_values().collect()
    }

    /// The engine is about to take the write lock; true if a second run is to be started.
    pub(crate) fn at_write_lock(&mut self) -> bool {
        self.locks += 1;
        if self.locks > 3_000 {
            self.stop.ask();
        }
        let mut due = Vec::new();
        self.at_lock.retain_mut(|(after, op)| {
            if *after == 0 {
                due.push(op.clone());
                return false;
            }
            *after -= 1;
            true
        });
        self.perform_all(&due)
    }

    /// A provider has messages; true if a second run is to be started.
    pub(crate) fn while_on_its_way(&mut self) -> bool {
        let due: Vec<Op> = self.meanwhile.drain(..).collect();
        self.perform_all(&due)
    }

    /// Takes what was to come at a worst moment that did not come.
    pub(crate) fn left_over(&mut self) -> Vec<Op> {
        let mut left: Vec<Op> = self.at_lock.drain(..).map(|(_, op)| op).collect();
        left.extend(self.meanwhile.drain(..));
        left
    }

    fn perform_all(&mut self, due: &[Op]) -> bool {
        for op in due.iter().filter(|op| **op != Op::SecondRun) {
            self.perform(op);
            self.came_between = true;
        }
        due.contains(&Op::SecondRun) && !self.rig.disk.is_down()
    }

    /// Whatever was told to stand still goes on, and sources speak now and then until a moment.
    pub(crate) fn resume_all(&mut self, from: i64, until: i64, every: i64) {
        let chains: Vec<String> =
            self.running().program.chains.iter().map(|chain| chain.name.clone()).collect();
        for chain in chains {
            let mut orders = self.log.orders.iter().filter(|order| order.chain == chain);
            if orders.any(|order| order.told.tried.is_some()) {
                self.log.orders.push(Order {
                    chain,
                    standing: Standing::Running,
                    told: Told::default(),
                });
                self.plan(from + 3 * 3_600_000, How::Plain, Op::Order(self.log.orders.len() - 1));
            }
        }
        for source in 0..self.editions.draft.sources.len() {
            let mut at = from;
            while at < until {
                self.watermark(source, at, 1);
                at += every;
            }
        }
    }

    /// A hash of what was traced and of rows.
    pub(crate) fn digest(&mut self, rows: &[(String, String)]) -> String {
        for (table, hash) in rows {
            self.digest.update(table.as_bytes());
            self.digest.update(hash.as_bytes());
        }
        let mut hex = self.digest.finalize().to_hex().to_string();
        hex.truncate(32);
        hex
    }

    /// The machine or its processes have gone; what was open is not any more.
    pub(crate) fn lost(&mut self) {
        self.store = None;
        self.log.exempt.clear();
    }

    fn open(&mut self) -> Option<Store> {
        if let Some(store) = self.store.take() {
            return Some(store);
        }
        open(&self.rig.disk)
    }

    /// Looks into the store as anybody could, without meeting a mishap.
    pub(crate) fn peek<T>(
        &mut self,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Option<T> {
        if self.rig.disk.is_down() {
            return None;
        }
        let disk = self.rig.disk.clone();
        let held = self.store.take();
        let (store, seen) = self.rig.quietly(|| {
            let store = held.or_else(|| open(&disk));
            let seen = store.as_ref().map(|store| store.read(|connection| Ok(look(connection)?)));
            (store, seen)
        });
        self.store = store;
        match seen {
            Some(Ok(seen)) => Some(seen),
            Some(Err(error)) => {
                // What is cached is behind a fault that struck before.
                self.store = None;
                self.note(|| format!("cannot look: {error}"));
                None
            }
            None => None,
        }
    }

    /// Tells whether codes that were to be there from the beginning are still to come.
    pub(crate) fn waits_for_codes(&self) -> bool {
        self.agenda.values().any(|(_, op)| matches!(op, Op::Codes(..)))
    }

    /// Does an operation; what fails is tried again later.
    pub(crate) fn perform(&mut self, op: &Op) {
        if self.rig.disk.is_down() || !self.is_possible(op) {
            return self.again(op);
        }
        if self.is_pointless(op) {
            return;
        }
        self.try_it(op);
        if self.before_erasure(op).is_none() {
            return self.again(op);
        }
        let Some(mut store) = self.open() else {
            self.note(|| format!("{op:?} cannot open"));
            return self.again(op);
        };
        let done = self.do_it(&mut store, op);
        if done.is_ok() {
            self.store = Some(store);
        }
        match done {
            Ok(note) => {
                self.note(|| format!("{op:?} done{note}"));
                self.acknowledge(op);
            }
            Err(error) => {
                self.note(|| format!("{op:?} failed: {error}"));
                if !self.rig.has_struck() {
                    self.break_(Violation::new(
                        "commands work",
                        format!("{op:?} failed though no fault struck: {error}"),
                    ));
                }
                self.again(op);
            }
        }
    }

    /// Nothing comes back whose purchase has not come in, and nobody speaks whom nobody knows.
    fn is_possible(&self, op: &Op) -> bool {
        let log = &self.log;
        match op {
            Op::Returns(all) => all.iter().all(|n| {
                let bought = &log.purchases[log.returns[*n].purchase];
                let person = log.person(&bought.customer);
                bought.told.is_acked() && person.is_some_and(|person| person.told.is_acked())
            }),
            Op::Said(all) => all.iter().all(|n| {
                log.person(&log.said[*n].customer).is_some_and(|person| person.told.is_acked())
            }),
            _ => true,
        }
    }

    /// A file does not bring somebody in who is not there yet, or not any more.
    fn is_pointless(&self, op: &Op) -> bool {
        let Op::Moved(n) = op else { return false };
        let person = &self.log.people[*n];
        !person.told.is_acked() || !self.log.is_plain(&person.id)
    }

    /// A fault is no reason to forget what is to be told: it is told again.
    fn again(&mut self, op: &Op) {
        let later = self.wall - self.skew + self.rng.between(1_000, 1_800_000);
        self.plan(later, How::Plain, op.clone());
    }

    /// Notes what is tried, since it may come in though an error is returned.
    fn try_it(&mut self, op: &Op) {
        // A clock that was set back does not undo what the run's clock has passed.
        let clock = self.stood;
        self.each(op, |told| {
            told.tried.get_or_insert(clock);
        });
        match op {
            Op::Erase(gone) => {
                let id = self.log.erased[*gone].customer.clone();
                self.log.muddled.insert(id);
            }
            Op::Merge(old, new) => {
                self.log.muddled.extend([old.clone(), new.clone()]);
            }
            Op::Moved(n) => self.log.people[*n].moves(),
            _ => {}
        }
    }

    fn each(&mut self, op: &Op, mut change: impl FnMut(&mut Told)) {
        let log = &mut self.log;
        match op {
            Op::People(all) => all.iter().for_each(|n| change(&mut log.people[*n].told)),
            Op::Purchases(all, _, watermark) => {
                all.iter().for_each(|n| change(&mut log.purchases[*n].told));
                watermark.iter().for_each(|n| change(&mut log.watermarks[*n].told));
            }
            Op::Returns(all) => all.iter().for_each(|n| change(&mut log.returns[*n].told)),
            Op::Said(all) => all.iter().for_each(|n| change(&mut log.said[*n].told)),
            Op::Happenings(all) => all.iter().for_each(|n| change(&mut log.happenings[*n].told)),
            Op::Order(n) => change(&mut log.orders[*n].told),
            Op::Erase(n) => change(&mut log.erased[*n].told),
            Op::Codes(..) | Op::Merge(..) | Op::Moved(_) | Op::SecondRun => {}
        }
    }

    fn acknowledge(&mut self, op: &Op) {
        let ack = Ack { seq: self.next_seq(), clock: self.clock.max(self.reached) };
        self.each(op, |told| {
            told.acked.get_or_insert(ack);
        });
        let on_their_way = self.peek(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT effect_key FROM outbox WHERE state = 'in_flight'")?;
            let keys = statement.query_map([], |row| row.get::<_, String>(0))?;
            keys.collect::<rusqlite::Result<Vec<_>>>()
        });
        self.log.exempt.extend(on_their_way.unwrap_or_default());
    }

    /// What goes with a customer is counted before she goes; nothing can come between. `None`
    /// if it cannot be looked at.
    fn before_erasure(&mut self, op: &Op) -> Option<()> {
        let Op::Erase(n) = op else { return Some(()) };
        let id = self.log.erased[*n].customer.clone();
        // What a provider is about to be handed cannot be called back.
        let on_its_way = self.peek(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT effect_key FROM outbox WHERE customer_id = ? AND state = 'in_flight'",
            )?;
            let keys = statement.query_map([&id], |row| row.get::<_, String>(0))?;
            keys.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let lines: Lines = self.peek(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT j.chain, e.version, coalesce(j.step, ''), j.what, count(*) FROM journal j \
                 JOIN enrolment e USING (shard, customer_id, chain, cycle) WHERE customer_id = ?1 \
                 GROUP BY 1, 2, 3, 4 UNION ALL \
                 SELECT chain, version, step, 'sent', count(*) FROM outbox \
                 WHERE customer_id = ?1 AND state = 'in_flight' GROUP BY 1, 2, 3",
            )?;
            let rows = statement.query_map([&id], |row| {
                Ok(((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?), row.get(4)?))
            })?;
            rows.collect()
        })?;
        self.log.exempt.extend(on_its_way);
        // An attempt that failed may have been one that came true: then nothing is left.
        if !lines.is_empty() {
            self.log.gone.insert(id, lines);
        }
        Some(())
    }

    fn do_it(&mut self, store: &mut Store, op: &Op) -> Result<String, String> {
        let now = Moment(self.wall);
        let said = |error: &dyn std::fmt::Display| error.to_string();
        match op {
            Op::Order(n) => {
                let order = self.log.orders[*n].clone();
                let standing = match order.standing {
                    Standing::Running => operations::Standing::Running,
                    Standing::Paused => operations::Standing::Paused,
                    Standing::Stopped => operations::Standing::Stopped,
                };
                let who = "sim".to_owned();
                let told = operations::Operation { at: now, standing, who, reason: None };
                let done =
                    operations::order(store, &order.chain, told).map_err(|error| said(&error))?;
                if matches!(done, operations::Ordered::Stopped(_)) {
                    // There is nothing to pause: it stays as it is.
                    self.log.orders[*n].standing = Standing::Stopped;
                }
                Ok(format!(" {done:?}"))
            }
            Op::Erase(n) => {
                let id = &self.log.erased[*n].customer;
                erasure::erase(store, id, "sim", now)
                    .map(|done| format!(" {done:?}"))
                    .map_err(|error| said(&error))
            }
            Op::Merge(old, new) => merging::merge(store, old, new, "sim", now)
                .map(|done| format!(" {done:?}"))
                .map_err(|error| said(&error)),
            Op::SecondRun => Ok(String::new()),
            _ => self.import(store, op),
        }
    }

    fn import(&mut self, store: &mut Store, op: &Op) -> Result<String, String> {
        let (kind, rows) = self.rows(op);
        let path = self.scratch.join(format!("{}.csv", kind.as_str()));
        std::fs::write(&path, rows).map_err(|error| error.to_string())?;
        let (source, complete) = match op {
            Op::Purchases(_, source, watermark) => {
                let until = watermark.map(|n| self.log.watermarks[n].until);
                (*source, until.map_or(Complete::Unsaid, |at| Complete::Until(Moment(at))))
            }
            Op::Returns(all) => {
                let first = all.first().map(|n| self.log.returns[*n].purchase);
                (first.and_then(|n| self.log.purchases[n].source), Complete::Unsaid)
            }
            _ => (None, Complete::Unsaid),
        };
        let sources = self.editions.draft.sources;
        let from = source.map(|n| intake::From { source: sources[n].0, complete });
        let reading = Reading {
            zone: &self.zone,
            digits: 2,
            columns: &BTreeMap::new(),
            attributes: &self.editions.all[0].program.policy.attributes,
            from,
            now: Moment(self.wall),
        };
        match intake::import(store, kind, &path, &reading, &mut |_| {}) {
            Ok(report) => {
                let muddled: BTreeSet<&String> = self.log.muddled.iter().collect();
                if report.rejected > 0 && muddled.is_empty() {
                    let why = std::fs::read_to_string(path.with_extension("rejected.csv"));
                    return Err(format!("rows were rejected: {why:?}"));
                }
                let intake::Report { new, known, aside, rejected, .. } = report;
                Ok(format!(" new {new} known {known} aside {aside} rejected {rejected}"))
            }
            // An attempt that failed may have moved it.
            Err(intake::IntakeError::Backwards { .. }) => Ok(" backwards".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn rows(&self, op: &Op) -> (Kind, String) {
        let mut out = String::new();
        let log = &self.log;
        let money = |amount: i64| format!("{}.{:02}", amount / 100, amount % 100);
        let kind = match op {
            Op::People(all) => {
                people(&mut out, all.iter().map(|n| &log.people[*n]));
                Kind::Customers
            }
            Op::Moved(n) => {
                people(&mut out, std::iter::once(&log.people[*n]));
                Kind::Customers
            }
            Op::Purchases(all, ..) => {
                out.push_str(
                    "customer_id,purchased_at,amount,external_id,brand,points_spent,points_earned\n",
                );
                for bought in all.iter().map(|n| &log.purchases[*n]) {
                    let _ = writeln!(
                        out,
                        "{},{},{},{},{},{},{}",
                        bought.customer,
                        text(bought.at),
                        money(bought.amount),
                        bought.receipt,
                        bought.brand.unwrap_or_default(),
                        bought.spent,
                        bought.earned,
                    );
                }
                Kind::Purchases
            }
            Op::Returns(all) => {
                out.push_str("external_id,returned_at,amount,return_id\n");
                for (n, back) in all.iter().map(|n| (*n, &log.returns[*n])) {
                    let receipt = &log.purchases[back.purchase].receipt;
                    let amount = back.amount.map(money).unwrap_or_default();
                    let _ = writeln!(out, "{receipt},{},{amount},b{n}", text(back.at));
                }
                Kind::Returns
            }
            Op::Said(all) => {
                out.push_str("customer_id,channel,granted,at,source\n");
                for said in all.iter().map(|n| &log.said[*n]) {
                    let granted = if said.granted { "yes" } else { "no" };
                    let (id, channel) = (&said.customer, said.channel);
                    let _ = writeln!(out, "{id},{channel},{granted},{},desk", text(said.at));
                }
                Kind::Consents
            }
            Op::Happenings(all) => {
                out.push_str("event,at,customer_id,key,channel,event_id\n");
                for Happening { id, what, at, customer, key, channel, .. } in
                    all.iter().map(|n| &log.happenings[*n])
                {
                    let _ = writeln!(
                        out,
                        "{what},{},{},{},{},{id}",
                        text(*at),
                        customer.as_deref().unwrap_or_default(),
                        key.as_deref().unwrap_or_default(),
                        channel.map_or("", Channel::as_str),
                    );
                }
                Kind::Events
            }
            Op::Codes(pool, n) => {
                out.push_str("pool,code\n");
                for code in 0..*n {
                    let _ = writeln!(out, "{pool},{}{code}", pool.to_uppercase());
                }
                Kind::Promo
            }
            Op::Order(_) | Op::Erase(_) | Op::Merge(..) | Op::SecondRun => {
                unreachable!("no file brings these")
            }
        };
        (kind, out)
    }
}

/// Writes a file of customers.
fn people<'a>(out: &mut String, all: impl Iterator<Item = &'a Person>) {
    let all: Vec<&Person> = all.collect();
    out.push_str(
        "customer_id,first_name,phone,email,push_token,timezone,registered_at,\
         consent_sms,consent_email,consent_push,tags,age,member",
    );
    let has_days = all.iter().any(|person| person.birthday.is_some());
    out.push_str(if has_days { ",birthday,since\n" } else { "\n" });
    for person in all {
        let stated = |channel| match person.states.get(&channel) {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        let _ = write!(
            out,
            "{},N{},{},{},{},{},{},{},{},{},{},{},{}",
            person.id,
            person.id,
            person.phone.as_deref().unwrap_or_default(),
            person.email.as_deref().unwrap_or_default(),
            person.push.as_deref().unwrap_or_default(),
            person.zone.unwrap_or_default(),
            text(person.registered_at),
            stated(Channel::Sms),
            stated(Channel::Email),
            stated(Channel::Push),
            person.tags.join(";"),
            person.age,
            if person.member { "yes" } else { "no" },
        );
        for (year, month, day) in person.birthday.iter().chain(&person.since) {
            let _ = write!(out, ",{year:04}-{month:02}-{day:02}");
        }
        out.push('\n');
    }
}
