//! Grants and messages that wait for room in a budget: nothing of them is due.

use super::outbox::Queued;
use super::sheet::{self, Sheets};
use super::{Problem, cohort};
use crate::enrolment::Id;
use crate::time::Moment;
use chainc_compiler::ir::Channel;
use rusqlite::{Connection, Transaction, params};

/// Tells whether anything is held at all.
pub(crate) fn any(connection: &Connection) -> Result<bool, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM sheet WHERE state = 'queued' AND held IS NOT NULL) \
         OR EXISTS (SELECT 1 FROM cohort WHERE phase = 'held' AND due_at IS NULL)",
    )?;
    Ok(statement.exists([])?)
}

/// Holds a queued message that is paid as so many; true if it was not held before. It is due
/// when it has become stale, if it ever does.
pub(crate) fn hold(
    tx: &Transaction<'_>,
    sheets: &mut Sheets,
    message: &Queued,
    parts: u32,
    now: Moment,
) -> Result<bool, Problem> {
    let held_at: Option<i64> = tx
        .prepare_cached("SELECT held_at FROM sheet WHERE number = ?")?
        .query_row([message.sheet], |row| row.get(0))?;
    let set = "held = ?, held_at = coalesce(held_at, ?), due_at = ?";
    let due_at = message.stale_at.map(|at| at.plus_millis(1).0);
    let values = vec![i64::from(parts).into(), now.0.into(), due_at.into()];
    sheets.change(message.letter(), message.sheet, set, values);
    Ok(held_at.is_none())
}

/// Whose held ones are released together: those of a version of a chain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Of<'a> {
    /// The chain.
    pub(crate) chain: &'a str,
    /// The version.
    pub(crate) version: &'a str,
}

/// What may be released at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Most {
    /// What there is room for; no limit if `None`.
    pub(crate) room: Option<i64>,
    /// How many.
    pub(crate) rows: i64,
}

/// Makes held messages due of which each part costs so much: those that were held first, as
/// far as there is room. One that is too large for the room lets smaller ones pass. Returns
/// how many.
pub(crate) fn release_messages(
    tx: &Transaction<'_>,
    of: Of<'_>,
    channel: Channel,
    price: i64,
    most: Most,
    now: Moment,
) -> Result<usize, Problem> {
    let room = most.room.unwrap_or(i64::MAX);
    let mut statement = tx.prepare_cached(
        "SELECT l.customer, l.chain, l.cycle, l.step, l.round, l.channel, s.held FROM sheet s \
         CROSS JOIN json_each(s.who) w CROSS JOIN letter l \
         ON l.customer = w.value ->> 0 AND l.cycle = w.value ->> 1 AND l.sheet = s.number \
         WHERE s.chain = ? AND s.version = ? AND s.channel = ? AND s.state = 'queued' \
         AND s.held IS NOT NULL AND s.held * ? <= ? \
         ORDER BY s.held_at, l.customer, l.cycle, l.step, l.round LIMIT ?",
    )?;
    let rows = statement.query_map(
        params![of.chain, of.version, channel.as_str(), price, room, most.rows],
        |row| Ok((sheet::letter_id(row)?, row.get::<_, i64>(6)?)),
    )?;
    let found = rows.collect::<Result<Vec<_>, _>>()?;
    let mut free =
        tx.prepare_cached("UPDATE sheet SET held = NULL, due_at = ? WHERE number = ?")?;
    let (mut left, mut released) = (room, 0);
    for (letter, parts) in found {
        let cost = parts.saturating_mul(price);
        if cost > left {
            continue;
        }
        left -= cost;
        released += free.execute([now.0, sheet::own(tx, &letter)?])?;
    }
    Ok(released)
}

/// Makes held enrolments due, those that entered first, as far as there is room for the
/// points they want; returns how many.
pub(crate) fn release_enrolments(
    tx: &Transaction<'_>,
    of: Of<'_>,
    most: Most,
    now: Moment,
) -> Result<usize, Problem> {
    let room = most.room.unwrap_or(i64::MAX);
    let mut statement = tx.prepare_cached(
        "SELECT m.customer, m.chain, m.cycle, h.held FROM cohort h CROSS JOIN json_each(h.who) w \
         CROSS JOIN member m ON m.customer = w.value AND m.cohort = h.number \
         WHERE h.chain = ? AND h.version = ? AND h.phase = 'held' AND h.due_at IS NULL \
         AND h.held <= ? ORDER BY h.entered_at, m.customer, m.cycle LIMIT ?",
    )?;
    let rows = statement.query_map(params![of.chain, of.version, room, most.rows], |row| {
        let id = Id { customer: row.get(0)?, chain: row.get(1)?, cycle: row.get(2)? };
        Ok((id, row.get::<_, i64>(3)?))
    })?;
    let found = rows.collect::<Result<Vec<_>, _>>()?;
    let mut free = tx.prepare_cached("UPDATE cohort SET due_at = ? WHERE number = ?")?;
    let (mut left, mut released) = (room, 0);
    for (id, points) in found {
        if points > left {
            continue;
        }
        left -= points;
        released += free.execute([now.0, cohort::own(tx, id)?])?;
    }
    Ok(released)
}

/// How many are held at a step of a version of a chain.
pub(crate) type Held = ((String, String, String), i64);

/// Returns how many are held, by chain, version and step.
pub(crate) fn count(connection: &Connection) -> Result<Vec<Held>, Problem> {
    let mut statement = connection.prepare(
        "SELECT chain, version, step, sum(letters) FROM sheet \
         WHERE state = 'queued' AND held IS NOT NULL \
         GROUP BY 1, 2, 3 UNION ALL SELECT chain, version, place, sum(members) FROM cohort \
         WHERE phase = 'held' GROUP BY 1, 2, 3",
    )?;
    let rows = statement
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
