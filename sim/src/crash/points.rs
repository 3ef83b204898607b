//! One small world lived through undisturbed, and the machine stopped at each operation of
//! its disk.

use super::books;
use super::example;
use super::life::{Position, STORE, World, look};
use super::provider::Provider;
use crate::disk::{Disk, Outcome};
use crate::rng::Rng;
use chainc_runtime::store::rollback;
use rusqlite::Connection;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
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

/// Within how many operations the machine is stopped again.
const SOON: u64 = 100;

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
    messages: Vec<String>,
    pub(super) points: Vec<Point>,
    /// What the file said, and how many messages were taken, at each position.
    stations: BTreeMap<Position, (String, usize)>,
    /// What crashes have left that was gone on from already: first as the files were,
    /// then as `SQLite` made sense of it.
    left: BTreeSet<(String, usize, Position)>,
    known: BTreeSet<(String, usize, Position)>,
    pub(super) to_the_end: Cell<usize>,
    /// How often the machine was stopped a second time.
    pub(super) again: Cell<usize>,
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
        let mut stations = BTreeMap::new();
        let lived = world.live(&disk, &provider, &position, &mut |at| {
            stations.insert(at, (settled(&disk.copy())?, provider.taken()));
            Ok(false)
        });
        disk.at_each_change(None);
        lived?;
        let points = std::mem::take(&mut *points.lock().unwrap_or_else(PoisonError::into_inner));
        let end = end(&disk, &provider)?;
        missing(world, &disk)?;
        let messages = provider.messages();
        let (left, known) = (BTreeSet::new(), BTreeSet::new());
        let (to_the_end, again) = (Cell::new(0), Cell::new(0));
        let lived = Self {
            world,
            provider,
            end,
            messages,
            points,
            stations,
            left,
            known,
            to_the_end,
            again,
        };
        Ok(lived)
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
        // What is done from here on follows from what the disk says and from the world around
        // it. Where both have been before, so has the rest.
        let Point { taken, position, .. } = *point;
        if !self.left.insert((disk.digest_seen(), taken, position))
            || !self.known.insert((settled(&disk)?, taken, position))
        {
            return Ok(());
        }
        with(&disk, books::is_whole)?.map_or(Ok(()), Err)?;
        let again = rng.chance(1, 2).then(|| disk.copy());
        self.go_on(&disk, &self.provider.as_of(taken), position)?;
        again.map_or(Ok(()), |disk| self.crash_again(&disk, taken, position, &mut rng))
    }

    /// Goes on to the end.
    fn go_on(&self, disk: &Disk, provider: &Provider, position: Position) -> Result<(), String> {
        let shared = Arc::new(Mutex::new(position));
        let mut is_at_one = false;
        self.world.live(disk, provider, &shared, &mut |at| {
            // Where it is at one again with the life that was not disturbed, so is the rest.
            let here = (settled(&disk.copy())?, provider.taken());
            is_at_one = self.stations.get(&at) == Some(&here);
            Ok(is_at_one)
        })?;
        let messages = provider.messages();
        if is_at_one {
            let complaints = provider.complaints().join("; ");
            let so_far = self.messages.get(..messages.len()).unwrap_or_default();
            return if complaints.is_empty() {
                differences(so_far, &messages)
            } else {
                Err(complaints)
            };
        }
        self.to_the_end.set(self.to_the_end.get() + 1);
        differences(&self.end, &end(disk, provider)?)?;
        differences(&self.messages, &messages)
    }

    /// Stops the machine once more, soon after it was started again.
    fn crash_again(
        &self,
        disk: &Disk,
        taken: usize,
        position: Position,
        rng: &mut Rng,
    ) -> Result<(), String> {
        disk.crash_at(disk.operations() + 1 + rng.below(SOON));
        let provider = self.provider.as_of(taken);
        let shared = Arc::new(Mutex::new(position));
        let lived = self.world.live(disk, &provider, &shared, &mut |_| Ok(false));
        if !disk.is_down() {
            // It was over before.
            return lived;
        }
        disk.restart(rng);
        self.again.set(self.again.get() + 1);
        let went_on = self.go_on(disk, &provider, look(&shared));
        went_on.map_err(|error| format!("stopped once more, {error}"))
    }
}

/// Opens a store as it was left, which rolls it back or forward, and closes it, which puts all
/// into the one file; returns the digest of that.
fn settled(disk: &Disk) -> Result<String, String> {
    with(disk, |connection| connection.query_row("PRAGMA user_version", [], |_| Ok(())))?;
    Ok(disk.digest_of_database(STORE))
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
