//! Cohorts: enrolments that have everything in common but the customer share one row.
//!
//! What a transaction makes of enrolments is kept in [`Moves`] until all of it is known; then
//! those that have become alike stay together. A cohort that moves as a whole costs one row,
//! however many are in it; who goes another way leaves it for a row of her own.

use super::{Lookup, Problem};
use crate::enrolment::{Enrolment, Id};
use crate::mutant::{self, Mutant};
use crate::step::{End, Phase, State};
use crate::time::Moment;
use rusqlite::{Transaction, params};
use std::fmt::Write as _;
use std::hash::{BuildHasher, Hash, Hasher};

/// How many members a new cohort has at most: the fewer, the less there is to look through
/// when some of them are to be dealt with at once.
const LARGEST: usize = 500;

const CONTENT: &str = "chain, version, control, entered_at, place, round, phase, due_at, parked_at, \
    undecided_since, held, memory, lines, goal_until, goal_at_least, bought_at, ended_at, ended";

/// Returns the cohort of an enrolment that has it for itself alone; it leaves the one it
/// shares with others for that.
pub(crate) fn own(tx: &Transaction<'_>, id: Id) -> Result<i64, Problem> {
    let (number, members): (i64, i64) = tx
        .prepare_cached(
            "SELECT h.number, h.members FROM member m JOIN cohort h ON h.number = m.cohort \
             WHERE m.customer = ? AND m.chain = ? AND m.cycle = ?",
        )?
        .query_row(id.params(), |row| Ok((row.get(0)?, row.get(1)?)))?;
    if members == 1 {
        return Ok(number);
    }
    tx.prepare_cached(&format!(
        "INSERT INTO cohort (members, who, first, {CONTENT}) \
         SELECT 1, CASE WHEN ended_at IS NULL THEN '[' || ?1 || ']' END, ?1, {CONTENT} \
         FROM cohort WHERE number = ?2"
    ))?
    .execute(params![id.customer, number])?;
    let alone = tx.last_insert_rowid();
    point(tx, id, number, alone)?;
    leave(tx, number, 1)?;
    Ok(alone)
}

/// Points a member at another cohort.
fn point(tx: &Transaction<'_>, id: Id, from: i64, to: i64) -> Result<(), Problem> {
    let changed = tx
        .prepare_cached(
            "UPDATE member SET cohort = ? WHERE customer = ? AND chain = ? AND cycle = ? \
             AND cohort = ?",
        )?
        .execute([to, id.customer, id.chain, id.cycle, from])?;
    if changed == 1 { Ok(()) } else { Err(Problem::Damaged("an enrolment vanished".into())) }
}

/// So many members have left a cohort; one that is empty goes.
fn leave(tx: &Transaction<'_>, number: i64, left: usize) -> Result<(), Problem> {
    let left = i64::try_from(left).unwrap_or(i64::MAX);
    tx.prepare_cached("UPDATE cohort SET members = members - ? WHERE number = ?")?
        .execute([left, number])?;
    tx.prepare_cached("DELETE FROM cohort WHERE number = ? AND members = 0")?.execute([number])?;
    Ok(())
}

/// Takes all that a customer is and was in away.
pub(crate) fn remove_all(tx: &Transaction<'_>, customer: i64) -> Result<(), Problem> {
    let mut statement =
        tx.prepare_cached("SELECT cohort FROM member WHERE customer = ? ORDER BY chain, cycle")?;
    let cohorts = statement.query_map([customer], |row| row.get(0))?;
    let cohorts: Vec<i64> = cohorts.collect::<Result<_, _>>()?;
    tx.prepare_cached("DELETE FROM member WHERE customer = ?")?.execute([customer])?;
    cohorts.into_iter().try_for_each(|cohort| leave(tx, cohort, 1))
}

/// What a transaction has made of enrolments.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    groups: Vec<Group>,
    /// Groups by the hash of what they have in common.
    alike: Lookup<u64, Vec<usize>>,
    /// In which group an enrolment is, and at which place there.
    placed: Lookup<Id, (usize, usize)>,
    /// How many enrolments of a customer are among them.
    customers: Lookup<i64, usize>,
    /// The group that took the last one: the next one mostly goes there too.
    last: usize,
    /// The cohorts of those who were given another one, in all of the transaction.
    moved: Moved,
}

/// Enrolments that come from one cohort and have become alike.
#[derive(Debug)]
struct Group {
    /// Where they come from; `None` for those that enter.
    from: Option<i64>,
    /// One of them.
    like: Enrolment,
    over: Option<(Moment, String)>,
    members: Vec<Option<(Id, Option<u32>)>>,
}

impl Group {
    fn takes(&self, one: &Enrolment, over: Option<&(Moment, String)>) -> bool {
        let like = &self.like;
        self.from == one.cohort
            && like.key.chain_number == one.key.chain_number
            && self.over.as_ref() == over
            && like.state.phase == one.state.phase
            && like.state.place == one.state.place
            && like.state.entered_at == one.state.entered_at
            && like.state.memory == one.state.memory
            && like.journal == one.journal
            && like.bought_at == one.bought_at
            && like.control == one.control
            && like.version == one.version
            && like.goal_until == one.goal_until
            && like.goal_at_least == one.goal_at_least
    }

    fn len(&self) -> usize {
        self.members.iter().flatten().count()
    }
}

impl Moves {
    /// Writes a new enrolment. A control is over as soon as she has entered.
    pub(crate) fn enter(&mut self, mut enrolment: Enrolment) {
        if enrolment.control && !mutant::is(Mutant::ControlIsTreated) {
            let at = enrolment.state.entered_at;
            enrolment.over = Some((at, "control".to_owned()));
            enrolment.state.phase = Phase::Ended(End::Completed);
        }
        self.add(&enrolment, enrolment.over.clone());
    }

    /// Writes what has become of an enrolment; `ended_at` is used if it has just ended.
    pub(crate) fn save(&mut self, enrolment: &Enrolment, ended_at: Moment) {
        let over = enrolment.over.clone().or_else(|| match enrolment.state.phase {
            Phase::Ended(end) => Some((ended_at, end.as_str().to_owned())),
            _ => None,
        });
        self.add(enrolment, over);
    }

    /// Tells whether something of a customer is not in the store yet.
    pub(crate) fn has(&self, customer: i64) -> bool {
        self.customers.contains_key(&customer)
    }

    fn add(&mut self, enrolment: &Enrolment, over: Option<(Moment, String)>) {
        let id = enrolment.key.id();
        let member = Some((id, enrolment.state.recency));
        match self.placed.get(&id) {
            Some((group, place)) => {
                if let Some(before) =
                    self.groups.get_mut(*group).and_then(|group| group.members.get_mut(*place))
                {
                    *before = None;
                }
            }
            None => *self.customers.entry(id.customer).or_default() += 1,
        }
        let group = self.group_of(enrolment, over);
        if let Some(found) = self.groups.get_mut(group) {
            self.placed.insert(id, (group, found.members.len()));
            found.members.push(member);
        }
    }

    fn group_of(&mut self, enrolment: &Enrolment, over: Option<(Moment, String)>) -> usize {
        let takes = |group: &Group| group.takes(enrolment, over.as_ref());
        if self.groups.get(self.last).is_some_and(takes) {
            return self.last;
        }
        let mut hasher = self.alike.hasher().build_hasher();
        enrolment.cohort.hash(&mut hasher);
        enrolment.journal.as_str().hash(&mut hasher);
        enrolment.bought_at.hash(&mut hasher);
        let alike = self.alike.entry(hasher.finish()).or_default();
        let found = alike.iter().find(|group| self.groups.get(**group).is_some_and(takes));
        self.last = match found {
            Some(group) => *group,
            None => {
                alike.push(self.groups.len());
                self.groups.push(Group {
                    from: enrolment.cohort,
                    like: enrolment.clone(),
                    over,
                    members: Vec::new(),
                });
                self.groups.len() - 1
            }
        };
        self.last
    }

    /// Returns the cohort of an enrolment, if that is another one than when it was read.
    pub(crate) fn moved(&self, id: Id) -> Option<i64> {
        self.moved.get(&id).copied()
    }

    /// Brings everything into the store.
    pub(crate) fn write(&mut self, tx: &Transaction<'_>) -> Result<(), Problem> {
        let all = std::mem::take(self);
        self.moved = all.moved;
        let mut from: Lookup<i64, Vec<Group>> = Lookup::default();
        // The order in which cohorts are numbered is that in which their first one came.
        let mut order = Vec::new();
        for group in all.groups.into_iter().filter(|group| group.len() > 0) {
            match group.from {
                None => enter(tx, &group, &mut self.moved)?,
                Some(cohort) => {
                    let of_cohort = from.entry(cohort).or_default();
                    if of_cohort.is_empty() {
                        order.push(cohort);
                    }
                    of_cohort.push(group);
                }
            }
        }
        for cohort in order {
            go(tx, cohort, from.remove(&cohort).unwrap_or_default(), &mut self.moved)?;
        }
        Ok(())
    }
}

/// The cohorts of those who were given another one.
type Moved = Lookup<Id, i64>;

/// Writes those who enter.
fn enter(tx: &Transaction<'_>, group: &Group, moved: &mut Moved) -> Result<(), Problem> {
    let members: Vec<_> = group.members.iter().flatten().collect();
    for chunk in members.chunks(LARGEST) {
        let ids: Vec<Id> = chunk.iter().map(|(id, _)| *id).collect();
        let cohort = insert(tx, group, &ids)?;
        let mut statement = tx.prepare_cached(
            "INSERT INTO member (customer, chain, cycle, cohort, recency) VALUES (?, ?, ?, ?, ?)",
        )?;
        for (id, recency) in chunk {
            statement.execute(params![id.customer, id.chain, id.cycle, cohort, recency])?;
            moved.insert(*id, cohort);
        }
    }
    Ok(())
}

/// Writes what has become of members of one cohort. If all of it is known, the most stay in
/// its row; each other group gets one of its own.
fn go(
    tx: &Transaction<'_>,
    cohort: i64,
    mut groups: Vec<Group>,
    moved: &mut Moved,
) -> Result<(), Problem> {
    let (members, length): (i64, i64) = tx
        .prepare_cached("SELECT members, octet_length(lines) FROM cohort WHERE number = ?")?
        .query_row([cohort], |row| Ok((row.get(0)?, row.get(1)?)))?;
    // One that was loaded before something was told of it is a bug.
    if groups.iter().any(|group| group.like.journal.kept() != length) {
        return Err(Problem::Damaged("an enrolment has changed meanwhile".into()));
    }
    let moving: usize = groups.iter().map(Group::len).sum();
    let all = i64::try_from(moving).is_ok_and(|moving| moving == members);
    let stays = if all {
        let largest = (0..groups.len())
            .max_by_key(|at| (groups.get(*at).map_or(0, Group::len), std::cmp::Reverse(*at)));
        largest.map(|at| groups.remove(at))
    } else {
        None
    };
    let mut left = 0;
    for group in &groups {
        let ids: Vec<Id> = group.members.iter().flatten().map(|(id, _)| *id).collect();
        let own = insert(tx, group, &ids)?;
        for id in ids {
            point(tx, id, cohort, own)?;
            moved.insert(id, own);
            left += 1;
        }
    }
    if let Some(group) = stays {
        update(tx, cohort, &group)?;
    }
    if left > 0 { leave(tx, cohort, left) } else { Ok(()) }
}

/// How a state stands in its row: phase, due, undecided since, held.
fn columns(state: &State) -> (&'static str, Option<i64>, Option<i64>, Option<i64>) {
    match state.phase {
        Phase::Ready(at) => ("ready", Some(at.0), None, None),
        Phase::Waiting(at) => ("waiting", Some(at.0), None, None),
        Phase::Undecided { since, look_at } => {
            let since = (!mutant::is(Mutant::UndecidedForgotten)).then_some(since.0);
            ("undecided", look_at.map(|at| at.0), since, None)
        }
        Phase::Sending => ("sending", None, None, None),
        Phase::Held(points) => ("held", None, None, Some(points.0)),
        Phase::Ended(_) => ("ended", None, None, None),
    }
}

fn memory(state: &State) -> Result<String, Problem> {
    serde_json::to_string(&state.memory).map_err(|error| Problem::Other(error.to_string()))
}

fn insert(tx: &Transaction<'_>, group: &Group, ids: &[Id]) -> Result<i64, Problem> {
    let Group { like, over, .. } = group;
    let state = &like.state;
    let (phase, due_at, undecided_since, held) = columns(state);
    let (ended_at, ended) = over.as_ref().map(|(at, how)| (at.0, how)).unzip();
    tx.prepare_cached(&format!(
        "INSERT INTO cohort (members, who, first, {CONTENT}) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ))?
    .execute(params![
        i64::try_from(ids.len()).unwrap_or(i64::MAX),
        over.is_none().then(|| who(ids)),
        ids.iter().map(|id| id.customer).min(),
        like.key.chain,
        like.version,
        like.control,
        state.entered_at.0,
        state.place.to_string(),
        state.round(),
        phase,
        due_at,
        undecided_since,
        held,
        memory(state)?,
        like.journal.as_str(),
        like.goal_until.map(|at| at.0),
        like.goal_at_least.0,
        like.bought_at.map(|at| at.0),
        ended_at,
        ended,
    ])?;
    Ok(tx.last_insert_rowid())
}

fn update(tx: &Transaction<'_>, cohort: i64, group: &Group) -> Result<(), Problem> {
    let Group { like, over, .. } = group;
    let state = &like.state;
    let (phase, due_at, undecided_since, held) = columns(state);
    let (ended_at, ended) = over.as_ref().map(|(at, how)| (at.0, how)).unzip();
    tx.prepare_cached(
        "UPDATE cohort SET place = ?, round = ?, phase = ?, due_at = ?, parked_at = NULL, \
         undecided_since = ?, held = ?, memory = ?, lines = ?, bought_at = ?, ended_at = ?, \
         ended = ?, who = CASE WHEN ?11 IS NULL THEN who END WHERE number = ?",
    )?
    .execute(params![
        state.place.to_string(),
        state.round(),
        phase,
        due_at,
        undecided_since,
        held,
        memory(state)?,
        like.journal.as_str(),
        like.bought_at.map(|at| at.0),
        ended_at,
        ended,
        cohort,
    ])?;
    Ok(())
}

/// The customers of members, as a row holds them.
fn who(ids: &[Id]) -> String {
    let mut who = String::with_capacity(ids.len() * 18 + 2);
    who.push('[');
    for (at, id) in ids.iter().enumerate() {
        if at > 0 {
            who.push(',');
        }
        // Writing to a text does not fail.
        let _ = write!(who, "{}", id.customer);
    }
    who.push(']');
    who
}
