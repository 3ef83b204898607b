//! One small world lived through undisturbed, and the machine stopped at each operation of
//! its disk.

use super::books;
use super::example;
use super::life::{Position, STORE, World, look};
use super::provider::Provider;
use crate::disk::{Disk, Outcome};
use crate::rng::Rng;
use chainc_runtime::store::{Store, rollback};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// How a store keeps its transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// As shipped.
    Wal,
    /// As SQLite has it while a store is made.
    Rollback,
}

impl Mode {
    pub(super) const ALL: [Self; 2] = [Self::Wal, Self::Rollback];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Wal => "wal",
            Self::Rollback => "rollback",
        }
    }
}

/// What becomes of the machine: its name, and what a loss of power does; `None` if only the
/// processes die.
pub(super) const OUTCOMES: [(&str, Option<Outcome>); 6] = [
    ("killed", None),
    ("all", Some(Outcome::All)),
    ("nothing", Some(Outcome::Nothing)),
    ("torn", Some(Outcome::Torn)),
    ("torn-2", Some(Outcome::Torn)),
    ("drawn", Some(Outcome::Drawn)),
];

/// The middle of an operation: the disk, and what the world outside knows.
#[derive(Debug)]
pub(super) struct Point {
    pub(super) operation: u64,
    disk: Disk,
    taken: usize,
    position: Position,
}

/// A world that was lived through undisturbed.
#[derive(Debug)]
pub(super) struct Lived<'w> {
    world: &'w World,
    provider: Provider,
    end: Vec<String>,
    pub(super) points: Vec<Point>,
    /// What crashes have left that was gone on from already.
    known: BTreeSet<(String, usize, Position)>,
}

impl<'w> Lived<'w> {
    /// Lives through a world. It must keep its promises and reach every step.
    pub(super) fn through(world: &'w World, mode: Mode) -> Result<Self, String> {
        rollback::switch(mode == Mode::Rollback);
        let (disk, provider) = (Disk::new(0), Provider::default());
        let position = Arc::new(Mutex::new(world.beginning()));
        let points = Arc::new(Mutex::new(Vec::new()));
        let hook = {
            let (disk, provider) = (disk.clone(), provider.clone());
            let (position, points) = (position.clone(), points.clone());
            move |operation| {
                let (disk, taken, position) = (disk.copy(), provider.taken(), look(&position));
                let point = Point { operation, disk, taken, position };
                points.lock().unwrap_or_else(PoisonError::into_inner).push(point);
            }
        };
        disk.at_each_change(Some(Box::new(hook)));
        let lived = world.live(&disk, &provider, &position);
        disk.at_each_change(None);
        lived?;
        let points = std::mem::take(&mut *points.lock().unwrap_or_else(PoisonError::into_inner));
        let end = end(&disk, &provider)?;
        missing(world, &disk)?;
        Ok(Self { world, provider, end, points, known: BTreeSet::new() })
    }

    /// How often a rest of a life was really lived.
    pub(super) fn distinct(&self) -> usize {
        self.known.len()
    }

    /// Stops the machine at a point, goes on to the end, and returns what is wrong there.
    pub(super) fn crash(&mut self, point: usize, outcome: usize) -> Result<(), String> {
        let (Some(point), Some((name, power))) = (self.points.get(point), OUTCOMES.get(outcome))
        else {
            return Err("there is no such point".to_owned());
        };
        let disk = point.disk.copy();
        let mut rng = Rng::new(point.operation).fork(name);
        match power {
            Some(outcome) => disk.lose_power(*outcome, &mut rng),
            None => disk.kill(),
        }
        // Opening rolls back or forward what the crash has left, closing puts all into the file.
        let opened = Store::open_or_create(&disk.path(STORE));
        drop(opened.map_err(|error| format!("it cannot be opened: {error}"))?);
        // What is done from here on follows from what the file says and from the world around
        // it. Where both have been before, so has the rest.
        if !self.known.insert((disk.digest_of(STORE), point.taken, point.position)) {
            return Ok(());
        }
        let whole = with(&disk, books::is_whole)?;
        whole.map_or(Ok(()), Err)?;
        let provider = self.provider.as_of(point.taken);
        self.world.live(&disk, &provider, &Arc::new(Mutex::new(point.position)))?;
        differences(&self.end, &end(&disk, &provider)?)?;
        differences(&self.provider.messages(), &provider.messages())
    }
}

fn with<T>(disk: &Disk, ask: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, String> {
    let asked = Connection::open(disk.path(STORE)).and_then(|connection| ask(&connection));
    asked.map_err(|error| format!("it cannot be read: {error}"))
}

/// Returns everything that stands in a store at the end, if no promise is broken.
fn end(disk: &Disk, provider: &Provider) -> Result<Vec<String>, String> {
    let broken = with(disk, |connection| books::broken(connection, provider))?;
    if broken.is_empty() { with(disk, books::everything) } else { Err(broken.join("; ")) }
}

/// A step that nobody comes to proves nothing.
fn missing(world: &World, disk: &Disk) -> Result<(), String> {
    let reached = with(disk, books::reached)?;
    let missing: Vec<String> = example::steps(&world.program)
        .into_iter()
        .filter(|(chain, step, what)| {
            !reached.contains(&(chain.clone(), step.clone(), (*what).to_owned()))
        })
        .map(|(chain, step, what)| format!("step {step} of {chain} is not {what}"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let everything = with(disk, books::everything)?;
    let journal = everything.iter().filter(|line| line.starts_with("journal:"));
    let journal: Vec<&str> = journal.map(String::as_str).collect();
    Err(format!("{}\n{}", missing.join("; "), journal.join("\n")))
}

fn differences(expected: &[String], found: &[String]) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let only = |one: &[String], other: &[String], sign: &str| -> Vec<String> {
        let other: BTreeSet<&String> = other.iter().collect();
        let only = one.iter().filter(|line| !other.contains(line));
        only.take(3).map(|line| format!("{sign} {line}")).collect()
    };
    let mut lines = only(expected, found, "-");
    lines.extend(only(found, expected, "+"));
    lines.truncate(6);
    if lines.is_empty() {
        lines.push("the same, in another order".to_owned());
    }
    Err(format!("it does not end as it does undisturbed: {}", lines.join(" / ")))
}
