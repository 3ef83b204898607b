//! How the chains of a store stand: who is in them, what they wait for, what is spent.

use super::operations::{self, Operation, Standing};
use super::{Result, Store, budget, run_state};
use crate::engine::limits;
use crate::step::place::Place;
use crate::time::Moment;
use chainc_compiler::ir::{Chain, Program};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// How a chain stands.
#[derive(Debug, Clone)]
pub struct Status {
    /// The chain.
    pub name: String,
    /// True if the project has it.
    pub is_current: bool,
    /// Whether it runs.
    pub standing: Standing,
    /// Everything that people told of it, the first first.
    pub told: Vec<Operation>,
    /// How many customers have entered it, control included.
    pub entered: i64,
    /// How many are in it.
    pub in_it: i64,
    /// Where they are.
    pub places: Vec<At>,
    /// Its messages that have not left.
    pub queued: Queue,
    /// How many are on their way, their outcome not known.
    pub on_their_way: i64,
    /// What it may spend and has spent.
    pub budgets: Vec<Spent>,
}

/// Customers who stand at one step.
#[derive(Debug, Clone)]
pub struct At {
    /// The id of the step.
    pub step: String,
    /// The step as it is written; of a version that has it.
    pub text: String,
    /// What they wait for there: `waiting`, `sending` and the like.
    pub phase: String,
    /// How many.
    pub customers: i64,
    /// When the first of them is due.
    pub next: Option<Moment>,
}

/// Messages that have not left.
#[derive(Debug, Clone, Copy, Default)]
pub struct Queue {
    /// How many.
    pub messages: i64,
    /// When the first of them is due.
    pub next: Option<Moment>,
    /// How many of them wait for room in a budget.
    pub held: i64,
}

/// A budget and what is spent of it.
#[derive(Debug, Clone)]
pub struct Spent {
    /// Whose it is: the chain's name, or `experiment` and that of the experiment.
    pub owner: String,
    /// What it is for: `points`, `money`, `money on sms`.
    pub name: String,
    /// What may be spent.
    pub limit: i64,
    /// What is, or is reserved.
    pub used: i64,
}

type Read<T> = std::result::Result<T, super::Problem>;

impl Status {
    /// Reads how chains stand: those of a project, and those of the store that somebody is in
    /// or that people told something of.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn read(store: &Store, program: &Program) -> Result<Vec<Self>> {
        store.read(|connection| {
            let versions = run_state::versions(connection)?;
            let mut names: Vec<&str> =
                versions.iter().chain(&program.chains).map(|chain| chain.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            let mut all = Vec::new();
            for name in names {
                let current = program.chains.iter().find(|chain| chain.name == name);
                let known: Vec<&Chain> = current
                    .into_iter()
                    .chain(versions.iter().filter(|chain| chain.name == name))
                    .collect();
                let status = of(connection, program, name, current, &known)?;
                if status.is_current || status.in_it > 0 || !status.told.is_empty() {
                    all.push(status);
                }
            }
            Ok(all)
        })
    }

    /// Returns when something of the chain is due next.
    #[must_use]
    pub fn next(&self) -> Option<Moment> {
        let places = self.places.iter().filter_map(|at| at.next);
        places.chain(self.queued.next).min()
    }
}

fn of(
    connection: &Connection,
    program: &Program,
    name: &str,
    current: Option<&Chain>,
    known: &[&Chain],
) -> Read<Status> {
    let told = operations::all(connection, name)?;
    let entered = connection.query_row(
        "SELECT coalesce(sum(n), 0) FROM tally WHERE chain = ? AND step = '' AND what = 'entered'",
        [name],
        |row| row.get(0),
    )?;
    let mut budgets = Vec::new();
    if let Some(chain) = current {
        for (owner, name, limit) in limits(program, chain) {
            let used = budget::used(connection, &owner, &name)?;
            budgets.push(Spent { owner, name, limit, used });
        }
    }
    Ok(Status {
        name: name.to_owned(),
        is_current: current.is_some(),
        standing: told.last().map_or(Standing::Running, |last| last.standing),
        told,
        entered,
        in_it: operations::under_way(connection, name)?,
        places: places(connection, name, known)?,
        queued: queue(connection, name)?,
        on_their_way: connection.query_row(
            "SELECT coalesce(sum(letters), 0) FROM sheet WHERE state = 'in_flight' AND chain = ?",
            [name],
            |row| row.get(0),
        )?,
        budgets,
    })
}

fn places(connection: &Connection, name: &str, known: &[&Chain]) -> Read<Vec<At>> {
    let mut statement = connection.prepare_cached(
        "SELECT place, phase, sum(members), min(coalesce(due_at, parked_at)) FROM cohort \
         WHERE ended_at IS NULL AND chain = ? GROUP BY place, phase",
    )?;
    let rows = statement.query_map([name], |row| {
        let next: Option<i64> = row.get(3)?;
        Ok(At {
            step: row.get(0)?,
            text: String::new(),
            phase: row.get(1)?,
            customers: row.get(2)?,
            next: next.map(Moment),
        })
    })?;
    let mut places = BTreeMap::new();
    for at in rows {
        let mut at = at?;
        let Some(place) = Place::parse(&at.step) else { continue };
        let step = known.iter().find_map(|chain| place.step(chain));
        at.text = step.map(|step| step.text.clone()).unwrap_or_default();
        places.insert((place, at.phase.clone()), at);
    }
    Ok(places.into_values().collect())
}

fn queue(connection: &Connection, name: &str) -> Read<Queue> {
    // Each part by its own index: the table itself is large, and mostly settled.
    let parts = [
        "SELECT coalesce(sum(letters), 0), min(due_at), 0 FROM sheet \
         WHERE due_at IS NOT NULL AND chain = ?1",
        "SELECT coalesce(sum(letters), 0), min(parked_at), 0 FROM sheet \
         WHERE parked_at IS NOT NULL AND chain = ?1",
        "SELECT coalesce(sum(letters) FILTER (WHERE due_at IS NULL), 0), NULL, \
         coalesce(sum(letters), 0) FROM sheet \
         WHERE state = 'queued' AND held IS NOT NULL AND chain = ?1",
    ];
    let mut queue = Queue::default();
    for sql in parts {
        let (messages, next, held): (i64, Option<i64>, i64) =
            connection
                .query_row(sql, params![name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        queue.messages += messages;
        queue.next = [queue.next, next.map(Moment)].into_iter().flatten().min();
        queue.held += held;
    }
    Ok(queue)
}
