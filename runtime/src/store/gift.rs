//! Gifts: points that a step gave to many at once share one row, as long as nothing has
//! happened to them.
//!
//! Most points lie untouched until they expire or are spent. What is touched becomes rows of
//! its own first ([`unwrap`]), a lot and its entry; views show both alike.

use super::sheet::Cell;
use super::{Lookup, Problem};
use crate::enrolment::Key;
use crate::mutant::{self, Mutant};
use crate::step::{At, Granted};
use crate::time::Moment;
use rusqlite::{Connection, OptionalExtension, Transaction, params, params_from_iter};

/// How many a new gift is given to at most.
const LARGEST: usize = 500;

/// What a transaction gives.
#[derive(Debug, Default)]
pub(crate) struct Gifts {
    open: Lookup<Vec<Cell>, usize>,
    /// Their numbers, and the numbers of the customers.
    new: Vec<(i64, Vec<i64>)>,
}

impl Gifts {
    /// Gives points of a step to a customer. A second time is a bug, and fails the
    /// transaction.
    pub(crate) fn give(
        &mut self,
        tx: &Transaction<'_>,
        key: &Key,
        at: &At,
        granted: Granted,
        brand: Option<&str>,
        now: Moment,
    ) -> Result<(), Problem> {
        let cycle = if mutant::is(Mutant::KeyWithoutCycle) { 0 } else { key.cycle };
        let round = if mutant::is(Mutant::KeyWithoutRound) { 0 } else { i64::from(at.round) };
        let content: Vec<Cell> = vec![
            key.chain.as_str().into(),
            at.step.as_str().into(),
            round.into(),
            granted.points.0.into(),
            now.0.into(),
            granted.expires_at.map(|at| at.0).into(),
            brand.into(),
        ];
        let room = |at: &&usize| self.new.get(**at).is_some_and(|(_, who)| who.len() < LARGEST);
        let place = match self.open.get(&content).filter(room) {
            Some(place) => *place,
            None => {
                tx.prepare_cached(
                    "INSERT INTO gift (given, who, chain, step, round, points, at, expires_at, brand) \
                     VALUES (0, '[]', ?, ?, ?, ?, ?, ?, ?)",
                )?
                .execute(params_from_iter(&content))?;
                self.open.insert(content, self.new.len());
                self.new.push((tx.last_insert_rowid(), Vec::new()));
                self.new.len() - 1
            }
        };
        let (gift, who) = self.new.get_mut(place).expect("it was found or opened");
        who.push(key.number);
        tx.prepare_cached(
            "INSERT INTO given (customer, chain, cycle, step, round, gift) \
             VALUES (?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![key.number, key.chain_number, cycle, at.step, round, *gift])?;
        Ok(())
    }

    /// Brings the rest into the store.
    pub(crate) fn write(&mut self, tx: &Transaction<'_>) -> Result<(), Problem> {
        for (gift, who) in std::mem::take(self).new {
            let given = i64::try_from(who.len()).unwrap_or(i64::MAX);
            let who: Vec<String> = who.iter().map(i64::to_string).collect();
            tx.prepare_cached("UPDATE gift SET given = given + ?, who = ? WHERE number = ?")?
                .execute(params![given, format!("[{}]", who.join(",")), gift])?;
        }
        Ok(())
    }
}

/// Makes a lot and an entry of each untouched gift of a customer.
pub(crate) fn unwrap(
    tx: &Transaction<'_>,
    (shard, customer_id): (i64, &str),
) -> Result<(), Problem> {
    let Some(customer) = super::customers::number(tx, shard, customer_id)? else { return Ok(()) };
    unwrap_of(tx, customer)
}

fn unwrap_of(tx: &Transaction<'_>, customer: i64) -> Result<(), Problem> {
    if !tx.prepare_cached("SELECT 1 FROM given WHERE customer = ?")?.exists([customer])? {
        return Ok(());
    }
    tx.prepare_cached(
        "INSERT INTO entry (shard, customer_id, entry, lot, kind, points, at, chain, cycle, step, \
         round) SELECT shard, customer_id, entry, lot, kind, points, at, chain, cycle, step, round \
         FROM untouched WHERE customer = ?",
    )?
    .execute([customer])?;
    tx.prepare_cached(
        "INSERT INTO lot (shard, customer_id, lot, points_left, since, expires_at, brand) \
         SELECT shard, customer_id, lot, points, at, expires_at, brand FROM untouched \
         WHERE customer = ?",
    )?
    .execute([customer])?;
    take_away(tx, customer)
}

/// Takes the untouched gifts of a customer away.
pub(crate) fn take_away(tx: &Transaction<'_>, customer: i64) -> Result<(), Problem> {
    let mut statement = tx.prepare_cached("SELECT gift FROM given WHERE customer = ?")?;
    let gifts = statement.query_map([customer], |row| row.get(0))?;
    for gift in gifts.collect::<Result<Vec<i64>, _>>()? {
        tx.prepare_cached("UPDATE gift SET given = given - 1 WHERE number = ?")?.execute([gift])?;
        tx.prepare_cached("DELETE FROM gift WHERE number = ? AND given = 0")?.execute([gift])?;
    }
    tx.prepare_cached("DELETE FROM given WHERE customer = ?")?.execute([customer])?;
    Ok(())
}

/// Returns when the first untouched gift expires.
pub(crate) fn next_expiry(connection: &Connection) -> Result<Option<Moment>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT expires_at FROM gift WHERE expires_at IS NOT NULL ORDER BY expires_at LIMIT 1",
    )?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.map(Moment))
}

/// Makes lots of untouched gifts whose time is over at a moment: those of so many customers
/// at least, if there are as many.
pub(crate) fn unwrap_expired(tx: &Transaction<'_>, now: Moment, limit: i64) -> Result<(), Problem> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut unwrapped = 0;
    while unwrapped < limit {
        let first: Option<i64> = tx
            .prepare_cached(
                "SELECT number FROM gift WHERE expires_at <= ? ORDER BY expires_at, number LIMIT 1",
            )?
            .query_row([now.0], |row| row.get(0))
            .optional()?;
        let Some(gift) = first else { break };
        let mut statement = tx.prepare_cached(
            "SELECT DISTINCT n.customer FROM gift g CROSS JOIN json_each(g.who) w \
             CROSS JOIN given n ON n.customer = w.value AND n.gift = g.number WHERE g.number = ?",
        )?;
        let customers = statement.query_map([gift], |row| row.get(0))?;
        for customer in customers.collect::<Result<Vec<i64>, _>>()? {
            unwrap_of(tx, customer)?;
            unwrapped += 1;
        }
    }
    Ok(())
}
