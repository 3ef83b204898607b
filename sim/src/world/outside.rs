//! All that is not the engine: the machine's disk, a second process that brings files in, the
//! provider's truth, and what is planned to happen.

use super::class::Class;
use super::log::{Log, Order, Standing, Told};
use super::provider::Truth;
use super::rig::Rig;
use crate::check::Violation;
use crate::check::zones::text;
use crate::disk::Disk;
use crate::programs::{Edition, Editions};
use crate::rng::Rng;
use chainc_runtime::engine::Stop;
use chainc_runtime::store::Store;
use chainc_runtime::time::Zone;
use rusqlite::Connection;
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

mod errands;

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
}
