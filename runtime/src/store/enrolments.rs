//! Enrolments: who may enter, who is due, and what became of them.

use super::Problem;
use super::journal::Journal;
use super::segment::Predicate;
use crate::customer::Customer;
use crate::enrolment::{Enrolment, Key};
use crate::mutant::{self, Mutant};
use crate::step::place::Place;
use crate::step::{End, Phase, State};
use crate::time::Moment;
use chainc_compiler::units::{Minor, Points};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params, params_from_iter};
use std::collections::BTreeMap;

/// Somebody the segment lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Her shard.
    pub shard: i64,
    /// Her key.
    pub customer_id: String,
    /// Her last known purchase.
    pub last_purchase_at: Option<Moment>,
    /// True if she is of the segment that is held out.
    pub held_out: bool,
    /// Whether she is held out of the chain's experiment, if that was settled before.
    pub assigned: Option<bool>,
    /// Which alternative of the audience she meets first, from 0.
    pub alternative: usize,
    /// How many times she has been in this chain.
    pub cycles: i64,
}

/// The re-entry rule as the store applies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// Who entered at or before this moment may enter again; nobody if `None`.
    pub entered_by: Option<Moment>,
    /// How many entries in all.
    pub at_most: Option<u32>,
}

/// What lets somebody into a chain beside its segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Door<'a> {
    /// The chain.
    pub(crate) chain: &'a str,
    /// Whether she may come back.
    pub(crate) again: Again,
    /// The chains she must not be in.
    pub(crate) rivals: Vec<String>,
}

/// What decides who of those let in is held out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Arms<'a> {
    /// The experiment whose assignments hold.
    pub(crate) experiment: &'a str,
    /// The segment that is held out.
    pub(crate) held_out: Option<Predicate>,
    /// The alternatives of the audience, in their order.
    pub(crate) alternatives: Vec<Predicate>,
}

/// Returns the customers of a segment who may enter a chain, in the order of their keys.
pub(crate) fn candidates(
    connection: &Connection,
    segment: &Predicate,
    arms: &Arms<'_>,
    door: &Door<'_>,
) -> Result<Vec<Candidate>, Problem> {
    let mut values = Vec::new();
    let held_out_sql = arms.held_out.as_ref().map_or("0", |predicate| &predicate.sql);
    values.extend(arms.held_out.iter().flat_map(|predicate| predicate.params.iter().cloned()));
    values.push(Value::Text(arms.experiment.to_owned()));
    let alternative_sql = first_of(&arms.alternatives, &mut values);
    values.push(Value::Text(door.chain.to_owned()));
    values.extend(segment.params.iter().cloned());
    values.push(Value::Text(door.chain.to_owned()));
    values.push(Value::Integer(door.again.entered_by.map_or(i64::MIN, |at| at.0)));
    let mut rivals = String::new();
    if !door.rivals.is_empty() {
        rivals = format!(
            " AND NOT EXISTS (SELECT 1 FROM enrolment e WHERE e.shard = c.shard \
             AND e.customer_id = c.customer_id AND e.ended_at IS NULL AND e.chain IN ({}))",
            vec!["?"; door.rivals.len()].join(", ")
        );
        values.extend(door.rivals.iter().cloned().map(Value::Text));
    }
    let still_in = if mutant::is(Mutant::TwoAtATime) { "0" } else { "e.ended_at IS NULL" };
    let sql = format!(
        "SELECT c.shard, c.customer_id, c.last_purchase_at, {held_out_sql}, \
           (SELECT a.control FROM assignment a WHERE a.shard = c.shard \
            AND a.customer_id = c.customer_id AND a.experiment = ?), {alternative_sql}, \
           (SELECT count(*) FROM enrolment e WHERE e.shard = c.shard \
            AND e.customer_id = c.customer_id AND e.chain = ?) AS cycles \
         FROM customer c WHERE {} AND NOT EXISTS (SELECT 1 FROM enrolment e \
           WHERE e.shard = c.shard AND e.customer_id = c.customer_id AND e.chain = ? \
           AND ({still_in} OR e.entered_at > ?)){rivals} \
         ORDER BY c.shard, c.customer_id",
        segment.sql
    );
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map(params_from_iter(values), |row| {
        Ok(Candidate {
            shard: row.get(0)?,
            customer_id: row.get(1)?,
            last_purchase_at: row.get::<_, Option<i64>>(2)?.map(Moment),
            held_out: row.get(3)?,
            assigned: row.get(4)?,
            alternative: usize::try_from(row.get::<_, i64>(5)?).unwrap_or(0),
            cycles: row.get(6)?,
        })
    })?;
    let mut candidates = rows.collect::<Result<Vec<_>, _>>()?;
    if let Some(at_most) = door.again.at_most {
        candidates.retain(|candidate| candidate.cycles < i64::from(at_most));
    }
    Ok(candidates)
}

/// The number of the first predicate that is true. The last one needs no question: whoever is
/// let in meets one of them.
fn first_of(alternatives: &[Predicate], values: &mut Vec<Value>) -> String {
    let Some((_, but_last)) = alternatives.split_last().filter(|(_, rest)| !rest.is_empty()) else {
        return "0".to_owned();
    };
    let mut sql = String::from("CASE");
    for (number, predicate) in but_last.iter().enumerate() {
        sql.push_str(&format!(" WHEN {} THEN {number}", predicate.sql));
        values.extend(predicate.params.iter().cloned());
    }
    sql.push_str(&format!(" ELSE {} END", but_last.len()));
    sql
}

const COLUMNS: &str = "e.shard, e.customer_id, e.chain, e.cycle, e.version, e.control, \
    e.entered_at, e.recency, e.place, e.phase, coalesce(e.due_at, e.parked_at), e.memory, e.lines, e.goal_until, \
    e.goal_at_least, e.bought_at, e.ended, c.timezone, c.first_name, c.last_name, c.city, \
    c.birthday, c.registered_at, c.first_purchase_at, c.last_purchase_at, c.purchases, c.spent, \
    e.undecided_since, e.held";
const SOURCE: &str = "FROM enrolment e JOIN customer c USING (shard, customer_id)";

/// Returns enrolments that are due, the longest due first.
pub(crate) fn due(
    connection: &Connection,
    now: Moment,
    limit: i64,
) -> Result<Vec<Enrolment>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} {SOURCE} WHERE e.due_at <= ? \
         ORDER BY e.due_at, e.shard, e.customer_id, e.chain, e.cycle LIMIT ?"
    ))?;
    let now = if mutant::is(Mutant::DueIsLater) { now.plus_millis(-1) } else { now };
    let mut due = collect(statement.query(params![now.0, limit])?)?;
    if mutant::is(Mutant::LateTimersDropped) {
        due.retain(
            |one| !matches!(one.state.phase, Phase::Waiting(at) if at.0 < now.0 - 3_600_000),
        );
    }
    Ok(due)
}

/// Returns the enrolments of a customer that a purchase at a moment may matter to.
pub(crate) fn of_buyer(
    connection: &Connection,
    shard: i64,
    customer_id: &str,
    at: Moment,
) -> Result<Vec<Enrolment>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} {SOURCE} WHERE e.shard = ? AND e.customer_id = ? AND e.entered_at < ? \
         AND (e.ended_at IS NULL OR e.bought_at IS NULL) ORDER BY e.chain, e.cycle"
    ))?;
    collect(statement.query(params![shard, customer_id, at.0])?)
}

/// Returns the enrolments of a customer that are under way and began before a moment.
pub(crate) fn of_customer(
    connection: &Connection,
    shard: i64,
    customer_id: &str,
    at: Moment,
) -> Result<Vec<Enrolment>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} {SOURCE} WHERE e.shard = ? AND e.customer_id = ? AND e.entered_at < ? \
         AND e.ended_at IS NULL ORDER BY e.chain, e.cycle"
    ))?;
    collect(statement.query(params![shard, customer_id, at.0])?)
}

/// Returns one enrolment.
pub(crate) fn load(connection: &Connection, key: &Key) -> Result<Enrolment, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} {SOURCE} \
         WHERE e.shard = ? AND e.customer_id = ? AND e.chain = ? AND e.cycle = ?"
    ))?;
    let rows = statement.query(params![key.shard, key.customer_id, key.chain, key.cycle])?;
    collect(rows)?
        .pop()
        .ok_or_else(|| Problem::Damaged(format!("no enrolment of `{}`", key.customer_id)))
}

fn collect(mut rows: rusqlite::Rows<'_>) -> Result<Vec<Enrolment>, Problem> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(from_row(row)?);
    }
    Ok(found)
}

fn from_row(row: &Row<'_>) -> Result<Enrolment, Problem> {
    let moment = |index: usize| row.get::<_, Option<i64>>(index).map(|at| at.map(Moment));
    let customer_id: String = row.get(1)?;
    let phase: String = row.get(9)?;
    let due = moment(10)?;
    let ended: Option<String> = row.get(16)?;
    let damaged = |what: &str| Problem::Damaged(format!("{what} of customer `{customer_id}`"));
    let phase = match (phase.as_str(), due, moment(27)?) {
        ("ready", Some(at), _) => Phase::Ready(at),
        ("waiting", Some(at), _) => Phase::Waiting(at),
        ("undecided", look_at, Some(since)) => Phase::Undecided { since, look_at },
        ("sending", _, _) => Phase::Sending,
        ("held", _, _) => Phase::Held(Points(row.get::<_, Option<i64>>(28)?.unwrap_or(0))),
        // Control has no end of its own: nothing was ever done to her.
        ("ended", _, _) => {
            Phase::Ended(ended.as_deref().and_then(End::from_word).unwrap_or(End::Completed))
        }
        _ => return Err(damaged("a timer is missing in an enrolment")),
    };
    let place: String = row.get(8)?;
    let memory: String = row.get(11)?;
    let state = State {
        place: Place::parse(&place).ok_or_else(|| damaged("the place"))?,
        phase,
        entered_at: Moment(row.get(6)?),
        recency: row.get(7)?,
        memory: serde_json::from_str(&memory).map_err(|_| damaged("the memory"))?,
    };
    let birthday: Option<String> = row.get(21)?;
    Ok(Enrolment {
        key: Key {
            shard: row.get(0)?,
            customer_id: customer_id.clone(),
            chain: row.get(2)?,
            cycle: row.get(3)?,
        },
        version: row.get(4)?,
        control: row.get(5)?,
        state,
        journal: Journal::of_row(row.get(12)?),
        goal_until: moment(13)?,
        goal_at_least: Minor(row.get(14)?),
        bought_at: moment(15)?,
        timezone: row.get(17)?,
        customer: Customer {
            id: customer_id.clone(),
            first_name: row.get(18)?,
            last_name: row.get(19)?,
            city: row.get(20)?,
            birthday: birthday.as_deref().and_then(crate::condition::date),
            registered_at: moment(22)?,
            first_purchase_at: moment(23)?,
            last_purchase_at: moment(24)?,
            purchases: row.get(25)?,
            spent: Minor(row.get(26)?),
            ..Customer::default()
        },
    })
}

/// How a state stands in its row: phase, due, ended.
fn columns(state: &State) -> (&'static str, Option<i64>, Option<&'static str>) {
    match state.phase {
        Phase::Ready(at) => ("ready", Some(at.0), None),
        Phase::Waiting(at) => ("waiting", Some(at.0), None),
        Phase::Undecided { look_at, .. } => ("undecided", look_at.map(|at| at.0), None),
        Phase::Sending => ("sending", None, None),
        Phase::Held(_) => ("held", None, None),
        Phase::Ended(end) => ("ended", None, Some(end.as_str())),
    }
}

fn undecided_since(state: &State) -> Option<i64> {
    match state.phase {
        Phase::Undecided { since, .. } => {
            (!mutant::is(Mutant::UndecidedForgotten)).then_some(since.0)
        }
        Phase::Ready(_) | Phase::Waiting(_) | Phase::Sending | Phase::Held(_) | Phase::Ended(_) => {
            None
        }
    }
}

/// How many points she waits for room for.
const fn held(state: &State) -> Option<Points> {
    match state.phase {
        Phase::Held(points) => Some(points),
        Phase::Ready(_)
        | Phase::Waiting(_)
        | Phase::Undecided { .. }
        | Phase::Sending
        | Phase::Ended(_) => None,
    }
}

/// Writes a new enrolment. A control is over as soon as she has entered.
pub(crate) fn insert(tx: &Transaction<'_>, enrolment: &Enrolment) -> Result<(), Problem> {
    let Enrolment { key, state, .. } = enrolment;
    let (phase, due_at, ended) = if enrolment.control && !mutant::is(Mutant::ControlIsTreated) {
        ("ended", None, Some("control"))
    } else {
        columns(state)
    };
    tx.prepare_cached(
        "INSERT INTO enrolment (shard, customer_id, chain, cycle, version, control, entered_at, \
         recency, place, round, phase, due_at, memory, lines, goal_until, goal_at_least, \
         ended_at, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        key.shard,
        key.customer_id,
        key.chain,
        key.cycle,
        enrolment.version,
        enrolment.control,
        state.entered_at.0,
        state.recency,
        state.place.to_string(),
        state.round(),
        phase,
        due_at,
        memory(state)?,
        enrolment.journal.as_str(),
        enrolment.goal_until.map(|at| at.0),
        enrolment.goal_at_least.0,
        ended.map(|_| state.entered_at.0),
        ended,
    ])?;
    Ok(())
}

fn memory(state: &State) -> Result<String, Problem> {
    serde_json::to_string(&state.memory).map_err(|error| Problem::Other(error.to_string()))
}

/// Writes what has become of an enrolment; `ended_at` is used if it has ended.
///
/// One that was loaded before something was told of it is a bug, and fails the transaction.
pub(crate) fn save(
    tx: &Transaction<'_>,
    enrolment: &mut Enrolment,
    ended_at: Moment,
) -> Result<(), Problem> {
    let Enrolment { key, state, .. } = &*enrolment;
    let (phase, due_at, ended) = columns(state);
    let changed = tx
        .prepare_cached(
            "UPDATE enrolment SET place = ?, round = ?, phase = ?, due_at = ?, parked_at = NULL, \
             undecided_since = ?, held = ?, memory = ?, lines = ?, \
             ended_at = coalesce(ended_at, ?), ended = coalesce(ended, ?) \
             WHERE shard = ? AND customer_id = ? AND chain = ? AND cycle = ? \
             AND octet_length(lines) = ?",
        )?
        .execute(params![
            state.place.to_string(),
            state.round(),
            phase,
            due_at,
            undecided_since(state),
            held(state).map(|points| points.0),
            memory(state)?,
            enrolment.journal.as_str(),
            ended.map(|_| ended_at.0),
            ended,
            key.shard,
            key.customer_id,
            key.chain,
            key.cycle,
            enrolment.journal.kept(),
        ])?;
    enrolment.journal.keep();
    if changed == 1 { Ok(()) } else { Err(Problem::Damaged("an enrolment vanished".into())) }
}

/// Records the first purchase that counts for the goal, or that none does any more.
pub(crate) fn set_bought(
    tx: &Transaction<'_>,
    key: &Key,
    at: Option<Moment>,
) -> Result<(), Problem> {
    tx.prepare_cached(
        "UPDATE enrolment SET bought_at = ? \
         WHERE shard = ? AND customer_id = ? AND chain = ? AND cycle = ?",
    )?
    .execute(params![at.map(|at| at.0), key.shard, key.customer_id, key.chain, key.cycle])?;
    Ok(())
}

/// Returns the enrolments of a customer whose goal was met by a purchase of a moment.
pub(crate) fn converted_at(
    connection: &Connection,
    shard: i64,
    customer_id: &str,
    at: Moment,
) -> Result<Vec<Enrolment>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} {SOURCE} WHERE e.shard = ? AND e.customer_id = ? AND e.bought_at = ? \
         ORDER BY e.chain, e.cycle"
    ))?;
    collect(statement.query(params![shard, customer_id, at.0])?)
}

/// Returns enrolments of a chain that have not ended, in one shard.
pub(crate) fn under_way(
    connection: &Connection,
    chain: &str,
    shard: i64,
) -> Result<Vec<Enrolment>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} {SOURCE} WHERE e.shard = ? AND e.chain = ? AND e.ended_at IS NULL \
         ORDER BY e.customer_id, e.cycle"
    ))?;
    collect(statement.query(params![shard, chain])?)
}

/// Takes an enrolment out of those that are due, until its chain goes on.
pub(crate) fn park(tx: &Transaction<'_>, key: &Key) -> Result<(), Problem> {
    tx.prepare_cached(
        "UPDATE enrolment SET parked_at = due_at, due_at = NULL \
         WHERE shard = ? AND customer_id = ? AND chain = ? AND cycle = ?",
    )?
    .execute(params![key.shard, key.customer_id, key.chain, key.cycle])?;
    Ok(())
}

/// Clears a timer, for a deliberate fault.
pub(crate) fn forget_timer(tx: &Transaction<'_>, key: &Key) -> Result<(), Problem> {
    let sql = "UPDATE enrolment SET due_at = NULL \
               WHERE shard = ? AND customer_id = ? AND chain = ? AND cycle = ?";
    tx.execute(sql, params![key.shard, key.customer_id, key.chain, key.cycle])?;
    Ok(())
}

/// Tells whether enrolments of a chain are parked.
pub(crate) fn has_parked(connection: &Connection, chain: &str) -> Result<bool, Problem> {
    let mut statement = connection
        .prepare_cached("SELECT 1 FROM enrolment WHERE chain = ? AND parked_at IS NOT NULL")?;
    Ok(statement.exists([chain])?)
}

/// Lets parked enrolments of a chain be due again, at most so many; returns how many.
pub(crate) fn unpark(tx: &Transaction<'_>, chain: &str, limit: i64) -> Result<usize, Problem> {
    let freed = tx
        .prepare_cached(
            "UPDATE enrolment SET due_at = parked_at, parked_at = NULL \
             WHERE (shard, customer_id, chain, cycle) IN \
             (SELECT shard, customer_id, chain, cycle FROM enrolment \
              WHERE chain = ? AND parked_at IS NOT NULL LIMIT ?)",
        )?
        .execute(params![chain, limit])?;
    Ok(freed)
}

/// Those whose wait was over by a moment, undecided, and that are not looked at now anyway.
const DECIDED: &str = "undecided_since <= ?1 AND parked_at IS NULL \
    AND (due_at IS NULL OR due_at > ?2)";

/// Tells whether waits are undecided that were over by a moment.
pub(crate) fn has_decided(
    connection: &Connection,
    known_until: Moment,
    now: Moment,
) -> Result<bool, Problem> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT 1 FROM enrolment WHERE {DECIDED}"))?;
    Ok(statement.exists([known_until.0, now.0])?)
}

/// Lets undecided waits that were over by a moment be looked at now, at most so many.
pub(crate) fn wake(
    tx: &Transaction<'_>,
    known_until: Moment,
    now: Moment,
    limit: i64,
) -> Result<(), Problem> {
    tx.prepare_cached(&format!(
        "UPDATE enrolment SET due_at = ?2 WHERE (shard, customer_id, chain, cycle) IN \
         (SELECT shard, customer_id, chain, cycle FROM enrolment WHERE {DECIDED} LIMIT ?3)"
    ))?
    .execute([known_until.0, now.0, limit])?;
    Ok(())
}

/// Returns how many waits of each version of a chain are undecided.
pub(crate) fn undecided(
    connection: &Connection,
) -> Result<BTreeMap<(String, String), i64>, Problem> {
    let mut statement = connection.prepare(
        "SELECT chain, version, count(*) FROM enrolment \
         WHERE undecided_since IS NOT NULL AND parked_at IS NULL GROUP BY chain, version",
    )?;
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns when the next enrolment is due.
pub(crate) fn next_due(connection: &Connection) -> Result<Option<Moment>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT due_at FROM enrolment WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
    )?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.map(Moment))
}
