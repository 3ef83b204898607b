//! The life of a small world: files come in from another process, the engine does what is
//! due, its process is restarted now and then. Begins anew where a crash has left it.

use super::example;
use super::provider::Provider;
use super::worlds::Script;
use crate::disk::Disk;
use chainc_compiler::ir::{Channel, Program};
use chainc_runtime::clock;
use chainc_runtime::engine::{Engine, Stop};
use chainc_runtime::intake::{self, Kind, Reading};
use chainc_runtime::store::Store;
use chainc_runtime::time::{Moment, Zone};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The store's file.
pub(super) const STORE: &str = "shop.db";

/// Something that comes in from outside.
#[derive(Debug)]
struct Delivery {
    at: Moment,
    kind: Kind,
    file: PathBuf,
}

/// A small world, ready to be lived.
#[derive(Debug)]
pub(super) struct World {
    pub(super) script: &'static Script,
    pub(super) program: Program,
    deliveries: Vec<Delivery>,
    restarts: Vec<Moment>,
    from: Moment,
    to: Moment,
}

/// How far a life has come, as the world outside of the machine knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    now: Moment,
    /// How many deliveries were acknowledged.
    delivered: usize,
    restarted: usize,
}

/// A position that somebody else can look at.
pub(super) type Shared = Arc<Mutex<Position>>;

pub(super) fn look(position: &Shared) -> Position {
    *position.lock().unwrap_or_else(PoisonError::into_inner)
}

fn moment(text: &str) -> Moment {
    Zone::utc().parse(text).unwrap_or_else(|| panic!("a script says `{text}`: that is no time"))
}

impl World {
    /// Compiles the example of a script and writes down what comes in.
    pub(super) fn new(script: &'static Script, folder: &Path) -> Result<Self, String> {
        let program = example::compiled(script.project)?;
        let mut deliveries = Vec::new();
        for (number, (at, kind, rows)) in script.deliveries.iter().enumerate() {
            let file = folder.join(format!("{}-{number}.csv", script.project));
            let rows: String = rows.lines().map(|row| format!("{}\n", row.trim())).collect();
            std::fs::write(&file, rows).map_err(|error| format!("{}: {error}", file.display()))?;
            deliveries.push(Delivery { at: moment(at), kind: *kind, file });
        }
        let restarts = script.restarts.iter().map(|at| moment(at)).collect();
        let (from, to) = (moment(script.from), moment(script.to));
        Ok(Self { script, program, deliveries, restarts, from, to })
    }

    pub(super) const fn beginning(&self) -> Position {
        Position { now: self.from, delivered: 0, restarted: 0 }
    }

    /// Lives from a position to the end, or until somebody who looks on at each position has
    /// seen enough; an error is what a process said when it ended.
    pub(super) fn live(
        &self,
        disk: &Disk,
        provider: &Provider,
        shared: &Shared,
        has_seen_enough: &mut dyn FnMut(Position) -> Result<bool, String>,
    ) -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(|error| error.to_string())?;
        let mut at = look(shared);
        let tell = |at: &Position| *shared.lock().unwrap_or_else(PoisonError::into_inner) = *at;
        self.deliver(disk, &mut at, &tell)?;
        let mut engine = self.engine(disk, provider, at.now)?;
        loop {
            self.deliver(disk, &mut at, &tell)?;
            runtime.block_on(engine.work(at.now)).map_err(|error| error.to_string())?;
            if self.restarts.get(at.restarted).is_some_and(|restart| *restart <= at.now) {
                at.restarted += 1;
                tell(&at);
                drop(engine);
                engine = self.engine(disk, provider, at.now)?;
                runtime.block_on(engine.work(at.now)).map_err(|error| error.to_string())?;
            }
            let next = engine.next().map_err(|error| error.to_string())?;
            let delivery = self.deliveries.get(at.delivered).map(|delivery| delivery.at);
            match next.into_iter().chain(delivery).min() {
                Some(next) if next <= self.to => at.now = next.max(at.now.plus_millis(1)),
                Some(_) | None => return Ok(()),
            }
            tell(&at);
            if has_seen_enough(at)? {
                return Ok(());
            }
        }
    }

    fn engine(&self, disk: &Disk, provider: &Provider, now: Moment) -> Result<Engine, String> {
        let store = Store::open_or_create(&disk.path(STORE)).map_err(|error| error.to_string())?;
        let channels = provider.channels(&[Channel::Sms, Channel::Email, Channel::Push]);
        let program = self.program.clone();
        let stop = Stop::default();
        let settings = example::settings();
        // No clock of a machine is so wrong; an example that is set in the past is a replay.
        let started = if now < moment("2020-01-01T00:00") {
            let first_look = now.plus_millis(-86_400_000);
            Engine::start(store, program, settings, channels, stop, first_look)
        } else {
            clock::start_at(store, program, settings, channels, stop, now).map(|(engine, _)| engine)
        };
        started.map_err(|error| error.to_string())
    }

    /// Another process imports what has come by now.
    fn deliver(
        &self,
        disk: &Disk,
        at: &mut Position,
        tell: &impl Fn(&Position),
    ) -> Result<(), String> {
        while let Some(delivery) = self.deliveries.get(at.delivered)
            && delivery.at <= at.now
        {
            let path = disk.process(1).path(STORE);
            let mut store = Store::open_or_create(&path).map_err(|error| error.to_string())?;
            let policy = &self.program.policy;
            let zone = Zone::get(&policy.timezone).unwrap_or_else(Zone::utc);
            let reading = Reading {
                zone: &zone,
                digits: policy.currency.digits,
                columns: &BTreeMap::new(),
                attributes: &policy.attributes,
                from: None,
                now: delivery.at,
            };
            let report =
                intake::import(&mut store, delivery.kind, &delivery.file, &reading, &mut |_| ())
                    .map_err(|error| error.to_string())?;
            if report.rejected + report.aside > 0 || !report.unused.is_empty() {
                return Err(format!("{} is not taken whole: {report:?}", delivery.file.display()));
            }
            at.delivered += 1;
            tell(at);
        }
        Ok(())
    }
}
