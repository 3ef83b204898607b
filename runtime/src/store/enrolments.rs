//! Enrolments: who may enter, who is due, and what became of them.

use super::Problem;
use super::cohort;
use super::journal::Journal;
use super::order::InOrder;
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
    /// Her number.
    pub number: i64,
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
pub(crate) struct Door {
    /// The chain's number.
    pub(crate) chain: i64,
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
    door: &Door,
) -> Result<Vec<Candidate>, Problem> {
    let mut values = Vec::new();
    let held_out_sql = arms.held_out.as_ref().map_or("0", |predicate| &predicate.sql);
    values.extend(arms.held_out.iter().flat_map(|predicate| predicate.params.iter().cloned()));
    values.push(Value::Text(arms.experiment.to_owned()));
    let alternative_sql = first_of(&arms.alternatives, &mut values);
    values.push(Value::Integer(door.chain));
    values.extend(segment.params.iter().cloned());
    values.push(Value::Integer(door.chain));
    values.push(Value::Integer(door.again.entered_by.map_or(i64::MIN, |at| at.0)));
    let mut rivals = String::new();
    if !door.rivals.is_empty() {
        rivals = format!(
            " AND NOT EXISTS (SELECT 1 FROM member m JOIN cohort h ON h.number = m.cohort \
             WHERE m.customer = c.number AND h.ended_at IS NULL AND h.chain IN ({}))",
            vec!["?"; door.rivals.len()].join(", ")
        );
        values.extend(door.rivals.iter().cloned().map(Value::Text));
    }
    let still_in = if mutant::is(Mutant::TwoAtATime) { "0" } else { "h.ended_at IS NULL" };
    let sql = format!(
        "SELECT c.shard, c.customer_id, c.last_purchase_at, {held_out_sql}, \
           (SELECT a.control FROM assignment a WHERE a.shard = c.shard \
            AND a.customer_id = c.customer_id AND a.experiment = ?), {alternative_sql}, \
           (SELECT count(*) FROM member m WHERE m.customer = c.number AND m.chain = ?), c.number \
         FROM customer c WHERE {} AND NOT EXISTS (SELECT 1 FROM member m \
           JOIN cohort h ON h.number = m.cohort WHERE m.customer = c.number AND m.chain = ? \
           AND ({still_in} OR h.entered_at > ?)){rivals} ORDER BY c.number",
        segment.sql
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), |row| {
        Ok(Candidate {
            shard: row.get(0)?,
            customer_id: row.get(1)?,
            last_purchase_at: row.get::<_, Option<i64>>(2)?.map(Moment),
            held_out: row.get(3)?,
            assigned: row.get(4)?,
            alternative: usize::try_from(row.get::<_, i64>(5)?).unwrap_or(0),
            cycles: row.get(6)?,
            number: row.get(7)?,
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

/// What a row says of the customer and her number in the chain.
const HER: &str = "c.shard, c.customer_id, c.number, m.chain, m.cycle, m.cohort, m.recency, \
    c.timezone, c.first_name, c.last_name, c.city, c.birthday, c.registered_at, \
    c.first_purchase_at, c.last_purchase_at, c.purchases, c.spent";

/// What it says of the cohort, behind that.
const COMMON: &str = "h.chain, h.version, h.control, h.entered_at, h.place, h.phase, \
    coalesce(h.due_at, h.parked_at), h.memory, h.lines, h.goal_until, h.goal_at_least, \
    h.bought_at, h.ended_at, h.ended, h.undecided_since, h.held";

const FIRST_COMMON: usize = 17;

const SOURCE: &str = "FROM member m JOIN cohort h ON h.number = m.cohort \
    JOIN customer c ON c.number = m.customer";

/// Returns enrolments that are due, the longest due first.
pub(crate) fn due(
    connection: &Connection,
    now: Moment,
    limit: usize,
) -> Result<Vec<Enrolment>, Problem> {
    let now = if mutant::is(Mutant::DueIsLater) { now.plus_millis(-1) } else { now };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT h.number, h.due_at, h.first, {COMMON} FROM cohort h WHERE h.due_at <= ? \
         ORDER BY h.due_at, h.first"
    ))?;
    let mut rows = statement.query([now.0])?;
    let mut due = InOrder::new(limit, |one: &Enrolment| {
        (one.key.number, (one.key.chain_number, one.key.cycle))
    });
    while let Some(row) = rows.next()? {
        if due.is_full_before(row.get(1)?, row.get(2)?) {
            break;
        }
        let like = common(row, 3)?;
        if mutant::is(Mutant::LateTimersDropped)
            && matches!(like.state.phase, Phase::Waiting(at) if at.0 < now.0 - 3_600_000)
        {
            continue;
        }
        members(connection, row.get(0)?, &like, usize::MAX, &mut due.waiting)?;
    }
    Ok(due.all())
}

/// Appends the members of a cohort, up to so many in all.
fn members(
    connection: &Connection,
    cohort: i64,
    like: &Enrolment,
    limit: usize,
    found: &mut Vec<Enrolment>,
) -> Result<(), Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {HER} FROM cohort h CROSS JOIN json_each(h.who) w \
         CROSS JOIN member m ON m.customer = w.value AND m.cohort = h.number \
         CROSS JOIN customer c ON c.number = m.customer WHERE h.number = ?"
    ))?;
    let mut rows = statement.query([cohort])?;
    while found.len() < limit {
        let Some(row) = rows.next()? else { break };
        found.push(hers(row, like.clone())?);
    }
    Ok(())
}

/// Returns the enrolments of a customer that a purchase at a moment may matter to.
pub(crate) fn of_buyer(
    connection: &Connection,
    customer: i64,
    at: Moment,
) -> Result<Vec<Enrolment>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {HER}, {COMMON} {SOURCE} WHERE m.customer = ? AND h.entered_at < ? \
         AND (h.ended_at IS NULL OR h.bought_at IS NULL) ORDER BY h.chain, m.cycle"
    ))?;
    collect(statement.query(params![customer, at.0])?)
}

/// Returns the enrolments of a customer that are under way and began before a moment.
pub(crate) fn of_customer(
    connection: &Connection,
    customer: i64,
    at: Moment,
) -> Result<Vec<Enrolment>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {HER}, {COMMON} {SOURCE} WHERE m.customer = ? AND h.entered_at < ? \
         AND h.ended_at IS NULL ORDER BY h.chain, m.cycle"
    ))?;
    collect(statement.query(params![customer, at.0])?)
}

/// Returns one enrolment.
pub(crate) fn load(connection: &Connection, key: &Key) -> Result<Enrolment, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {HER}, {COMMON} {SOURCE} WHERE m.customer = ? AND m.chain = ? AND m.cycle = ?"
    ))?;
    collect(statement.query(key.id().params())?)?
        .pop()
        .ok_or_else(|| Problem::Damaged(format!("no enrolment of `{}`", key.customer_id)))
}

fn collect(mut rows: rusqlite::Rows<'_>) -> Result<Vec<Enrolment>, Problem> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(hers(row, common(row, FIRST_COMMON)?)?);
    }
    Ok(found)
}

/// Reads what the members of a cohort have in common; whose it is is left open.
fn common(row: &Row<'_>, first: usize) -> Result<Enrolment, Problem> {
    let moment = |index: usize| row.get::<_, Option<i64>>(first + index).map(|at| at.map(Moment));
    let chain: String = row.get(first)?;
    let phase: String = row.get(first + 5)?;
    let due = moment(6)?;
    let ended: Option<String> = row.get(first + 13)?;
    let damaged = |what: &str| Problem::Damaged(format!("{what} of customers in `{chain}`"));
    let phase = match (phase.as_str(), due, moment(14)?) {
        ("ready", Some(at), _) => Phase::Ready(at),
        ("waiting", Some(at), _) => Phase::Waiting(at),
        ("undecided", look_at, Some(since)) => Phase::Undecided { since, look_at },
        ("sending", _, _) => Phase::Sending,
        ("held", _, _) => Phase::Held(Points(row.get::<_, Option<i64>>(first + 15)?.unwrap_or(0))),
        // Control has no end of its own: nothing was ever done to her.
        ("ended", _, _) => {
            Phase::Ended(ended.as_deref().and_then(End::from_word).unwrap_or(End::Completed))
        }
        _ => return Err(damaged("a timer is missing in an enrolment")),
    };
    let place: String = row.get(first + 4)?;
    let memory: String = row.get(first + 7)?;
    let state = State {
        place: Place::parse(&place).ok_or_else(|| damaged("the place"))?,
        phase,
        entered_at: Moment(row.get(first + 3)?),
        recency: None,
        memory: serde_json::from_str(&memory).map_err(|_| damaged("the memory"))?,
    };
    Ok(Enrolment {
        key: Key {
            shard: 0,
            customer_id: String::new(),
            chain,
            cycle: 0,
            number: 0,
            chain_number: 0,
        },
        version: row.get(first + 1)?,
        control: row.get(first + 2)?,
        cohort: None,
        state,
        journal: Journal::of_row(row.get(first + 8)?),
        goal_until: moment(9)?,
        goal_at_least: Minor(row.get(first + 10)?),
        bought_at: moment(11)?,
        over: moment(12)?.zip(ended),
        timezone: None,
        customer: Customer::default(),
    })
}

/// Makes an enrolment that is like others hers.
fn hers(row: &Row<'_>, like: Enrolment) -> Result<Enrolment, Problem> {
    let moment = |index: usize| row.get::<_, Option<i64>>(index).map(|at| at.map(Moment));
    let customer_id: String = row.get(1)?;
    let birthday: Option<String> = row.get(11)?;
    let number: i64 = row.get(2)?;
    Ok(Enrolment {
        key: Key {
            shard: row.get(0)?,
            customer_id: customer_id.clone(),
            chain: like.key.chain,
            cycle: row.get(4)?,
            number,
            chain_number: row.get(3)?,
        },
        cohort: Some(row.get(5)?),
        state: State { recency: row.get(6)?, ..like.state },
        timezone: row.get(7)?,
        customer: Customer {
            id: customer_id,
            number,
            first_name: row.get(8)?,
            last_name: row.get(9)?,
            city: row.get(10)?,
            birthday: birthday.as_deref().and_then(crate::condition::date),
            registered_at: moment(12)?,
            first_purchase_at: moment(13)?,
            last_purchase_at: moment(14)?,
            purchases: row.get(15)?,
            spent: Minor(row.get(16)?),
            ..Customer::default()
        },
        ..like
    })
}

/// Returns the enrolments of a customer whose goal was met by a purchase of a moment.
pub(crate) fn converted_at(
    connection: &Connection,
    customer: i64,
    at: Moment,
) -> Result<Vec<Enrolment>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {HER}, {COMMON} {SOURCE} WHERE m.customer = ? AND h.bought_at = ? \
         ORDER BY h.chain, m.cycle"
    ))?;
    collect(statement.query(params![customer, at.0])?)
}

/// Returns enrolments of a chain that have not ended, at most so many.
pub(crate) fn under_way(
    connection: &Connection,
    chain: &str,
    limit: usize,
) -> Result<Vec<Enrolment>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT h.number, {COMMON} FROM cohort h WHERE h.chain = ? AND h.ended_at IS NULL \
         ORDER BY h.number"
    ))?;
    let mut rows = statement.query([chain])?;
    let mut found = Vec::new();
    while found.len() < limit {
        let Some(row) = rows.next()? else { break };
        members(connection, row.get(0)?, &common(row, 1)?, limit, &mut found)?;
    }
    Ok(found)
}

/// Takes a cohort out of those that are due, until its chain goes on.
pub(crate) fn park(tx: &Transaction<'_>, cohort: i64) -> Result<(), Problem> {
    tx.prepare_cached(
        "UPDATE cohort SET parked_at = due_at, due_at = NULL \
         WHERE number = ? AND due_at IS NOT NULL",
    )?
    .execute([cohort])?;
    Ok(())
}

/// Clears a timer, for a deliberate fault.
pub(crate) fn forget_timer(tx: &Transaction<'_>, enrolment: &mut Enrolment) -> Result<(), Problem> {
    let own = cohort::own(tx, enrolment.key.id())?;
    tx.execute("UPDATE cohort SET due_at = NULL WHERE number = ?", [own])?;
    enrolment.cohort = Some(own);
    Ok(())
}

/// Tells whether enrolments of a chain are parked.
pub(crate) fn has_parked(connection: &Connection, chain: &str) -> Result<bool, Problem> {
    let mut statement = connection
        .prepare_cached("SELECT 1 FROM cohort WHERE chain = ? AND parked_at IS NOT NULL")?;
    Ok(statement.exists([chain])?)
}

/// Lets parked cohorts of a chain be due again, at most so many.
pub(crate) fn unpark(tx: &Transaction<'_>, chain: &str, limit: i64) -> Result<(), Problem> {
    tx.prepare_cached(
        "UPDATE cohort SET due_at = parked_at, parked_at = NULL WHERE number IN \
         (SELECT number FROM cohort WHERE chain = ? AND parked_at IS NOT NULL LIMIT ?)",
    )?
    .execute(params![chain, limit])?;
    Ok(())
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
        connection.prepare_cached(&format!("SELECT 1 FROM cohort WHERE {DECIDED}"))?;
    Ok(statement.exists([known_until.0, now.0])?)
}

/// Lets undecided waits that were over by a moment be looked at now, at most so many cohorts.
pub(crate) fn wake(
    tx: &Transaction<'_>,
    known_until: Moment,
    now: Moment,
    limit: i64,
) -> Result<(), Problem> {
    tx.prepare_cached(&format!(
        "UPDATE cohort SET due_at = ?2 WHERE number IN \
         (SELECT number FROM cohort WHERE {DECIDED} LIMIT ?3)"
    ))?
    .execute([known_until.0, now.0, limit])?;
    Ok(())
}

/// Returns how many waits of each version of a chain are undecided.
pub(crate) fn undecided(
    connection: &Connection,
) -> Result<BTreeMap<(String, String), i64>, Problem> {
    let mut statement = connection.prepare(
        "SELECT chain, version, sum(members) FROM cohort \
         WHERE undecided_since IS NOT NULL AND parked_at IS NULL GROUP BY chain, version",
    )?;
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns when the next enrolment is due.
pub(crate) fn next_due(connection: &Connection) -> Result<Option<Moment>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT due_at FROM cohort WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
    )?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.map(Moment))
}
