//! What customers bought in a window of time, kept current: `frequency >= 2 in 180d`.
//!
//! A window is counted from the first look that asks for it. From then on each purchase that
//! becomes known is added, and before a look what has fallen out since the last one is taken
//! out. So a look reads one row for each customer, however often she buys.

use super::Problem;
use super::purchases::HERS;
use crate::condition;
use crate::time::{Moment, Zone};
use chainc_compiler::ir::{Condition, Window};
use chainc_compiler::units::{Minor, Period};
use rusqlite::{OptionalExtension, Transaction, params};
use std::collections::BTreeSet;

/// Returns the name of a window. Days begin at midnight of the business zone, so the zone
/// is part of it.
pub(crate) fn name(period: Period, business: &Zone) -> String {
    format!("{period} {}", business.name())
}

/// Returns the windows that a condition counts in. One inside of a frozen condition is that
/// of the list, and is not among them.
pub(crate) fn of(condition: &Condition, business: &Zone) -> BTreeSet<String> {
    let mut found = Vec::new();
    periods(condition, &mut found);
    found.into_iter().map(|period| name(period, business)).collect()
}

fn periods(condition: &Condition, found: &mut Vec<Period>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| periods(part, found));
        }
        Condition::Not(inner) => periods(inner, found),
        Condition::Frequency { window: Window::Within(period), .. }
        | Condition::Spent { within: Some(period), .. }
        | Condition::AverageCheck { within: Some(period), .. } => found.push(*period),
        _ => {}
    }
}

/// Makes the windows of a condition reach back from a moment, as it is to be asked then.
pub(crate) fn refresh(
    tx: &Transaction<'_>,
    condition: &Condition,
    now: Moment,
    business: &Zone,
) -> Result<(), Problem> {
    let mut found = Vec::new();
    periods(condition, &mut found);
    for period in found {
        let (window, since) = (name(period, business), condition::since(period, now, business));
        let reached: Option<i64> = tx
            .prepare_cached("SELECT since FROM counted_window WHERE window = ?")?
            .query_row([&window], |row| row.get(0))
            .optional()?;
        match reached {
            Some(reached) if reached == since.0 => {}
            Some(reached) if reached < since.0 => forget(tx, &window, since)?,
            Some(_) | None => fill(tx, &window, since)?,
        }
    }
    Ok(())
}

/// Counts a window from the purchases themselves.
fn fill(tx: &Transaction<'_>, window: &str, since: Moment) -> Result<(), Problem> {
    tx.prepare_cached("DELETE FROM purchase_window WHERE window = ?")?.execute([window])?;
    tx.prepare_cached(
        "INSERT INTO purchase_window (shard, customer_id, window, purchases, spent, leaves_at) \
         SELECT c.shard, c.customer_id, ?1, count(*), sum(s.amount), min(s.occurred_at) \
         FROM sale s CROSS JOIN customer c ON c.number = s.customer \
         WHERE s.known = 1 AND s.occurred_at >= ?2 GROUP BY c.shard, c.customer_id",
    )?
    .execute(params![window, since.0])?;
    reach(tx, window, since)
}

/// Takes out what lies before a moment.
fn forget(tx: &Transaction<'_>, window: &str, since: Moment) -> Result<(), Problem> {
    let mut left = tx.prepare_cached(
        "SELECT shard, customer_id FROM purchase_window WHERE window = ? AND leaves_at < ?",
    )?;
    let left = left.query_map(params![window, since.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let left: Vec<(i64, String)> = left.collect::<Result<_, _>>()?;
    let mut count = tx.prepare_cached(&format!(
        "UPDATE purchase_window AS w SET (purchases, spent, leaves_at) = \
         ({HERS} SELECT count(*), coalesce(sum(amount), 0), coalesce(min(occurred_at), w.leaves_at) \
          FROM hers WHERE known = 1) WHERE shard = ?1 AND customer_id = ?2 AND window = ?4"
    ))?;
    for (shard, customer_id) in left {
        count.execute(params![shard, customer_id, since.0, window])?;
    }
    // Whoever has nothing left in it.
    tx.prepare_cached("DELETE FROM purchase_window WHERE window = ? AND leaves_at < ?")?
        .execute(params![window, since.0])?;
    reach(tx, window, since)
}

fn reach(tx: &Transaction<'_>, window: &str, since: Moment) -> Result<(), Problem> {
    tx.prepare_cached(
        "INSERT INTO counted_window (window, since) VALUES (?, ?) \
         ON CONFLICT (window) DO UPDATE SET since = excluded.since",
    )?
    .execute(params![window, since.0])?;
    Ok(())
}

/// Adds a purchase to every window it lies in.
pub(crate) fn add(
    tx: &Transaction<'_>,
    shard: i64,
    customer_id: &str,
    at: Moment,
    amount: Minor,
) -> Result<(), Problem> {
    tx.prepare_cached(
        "INSERT INTO purchase_window (shard, customer_id, window, purchases, spent, leaves_at) \
         SELECT ?1, ?2, window, 1, ?4, ?3 FROM counted_window WHERE since <= ?3 \
         ON CONFLICT (shard, customer_id, window) DO UPDATE SET purchases = purchases + 1, \
         spent = spent + excluded.spent, leaves_at = min(leaves_at, excluded.leaves_at)",
    )?
    .execute(params![shard, customer_id, at.0, amount.0])?;
    Ok(())
}

/// Counts a customer anew in every window, where adding does not do.
pub(crate) fn recount(tx: &Transaction<'_>, shard: i64, customer_id: &str) -> Result<(), Problem> {
    tx.prepare_cached("DELETE FROM purchase_window WHERE shard = ? AND customer_id = ?")?
        .execute(params![shard, customer_id])?;
    tx.prepare_cached(&format!(
        "INSERT INTO purchase_window (shard, customer_id, window, purchases, spent, leaves_at) \
         {HERS} SELECT ?1, ?2, w.window, count(*), sum(p.amount), min(p.occurred_at) \
         FROM counted_window w JOIN hers p ON p.occurred_at >= w.since \
         WHERE p.known = 1 GROUP BY w.window"
    ))?
    .execute(params![shard, customer_id, i64::MIN])?;
    Ok(())
}

/// Forgets the windows that no chain counts in any more.
pub(crate) fn retain(tx: &Transaction<'_>, wanted: &BTreeSet<String>) -> Result<(), Problem> {
    let mut statement = tx.prepare("SELECT window FROM counted_window")?;
    let windows = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    for window in windows.iter().filter(|window| !wanted.contains(*window)) {
        tx.execute("DELETE FROM purchase_window WHERE window = ?", [window])?;
        tx.execute("DELETE FROM counted_window WHERE window = ?", [window])?;
    }
    Ok(())
}
