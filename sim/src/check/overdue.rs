//! No lost timer: what is due has been done, and whoever is in a chain waits for something
//! that will come.

use super::rows::none;
use super::zones::text;
use super::{Found, View, Violation};

pub(super) fn check(view: View<'_>) -> Found {
    let mut found = Vec::new();
    let [due, in_flight, adrift] = may_be(view)?;
    if due {
        found.extend(late(view)?);
    }
    if in_flight {
        found.extend(none(
            view,
            "every outcome is settled",
            "SELECT customer_id || ' ' || chain || ' ' || step FROM outbox WHERE state = 'in_flight'",
        )?);
    }
    if adrift {
        found.extend(lost(view)?);
    }
    Ok(found)
}

/// Asks the tables below the views, where an index answers, whether anything may be due, on
/// its way or waiting for nothing: most of the time none is, and nobody needs to be looked at.
fn may_be(view: View<'_>) -> rusqlite::Result<[bool; 3]> {
    let mut statement = view.db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM cohort WHERE due_at <= ?1) \
         OR EXISTS (SELECT 1 FROM sheet WHERE due_at <= ?1) \
         OR EXISTS (SELECT 1 FROM purchase WHERE known = 0 AND occurred_at <= ?1) \
         OR EXISTS (SELECT 1 FROM purchase_return WHERE known = 0 AND occurred_at <= ?1) \
         OR EXISTS (SELECT 1 FROM event WHERE came_to IS NULL AND occurred_at <= ?1) \
         OR EXISTS (SELECT 1 FROM lot WHERE points_left > 0 AND expires_at <= ?1) \
         OR EXISTS (SELECT 1 FROM gift WHERE expires_at <= ?1) \
         OR EXISTS (SELECT 1 FROM cashback WHERE ended = 0 AND ends_at <= ?1), \
         EXISTS (SELECT 1 FROM sheet WHERE state = 'in_flight'), \
         EXISTS (SELECT 1 FROM cohort WHERE ended_at IS NULL AND CASE phase \
           WHEN 'ready' THEN coalesce(due_at, parked_at) IS NULL \
           WHEN 'waiting' THEN coalesce(due_at, parked_at) IS NULL \
           WHEN 'undecided' THEN undecided_since IS NULL \
           WHEN 'held' THEN held IS NULL \
           ELSE 1 END)",
    )?;
    statement.query_row([view.now], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))
}

fn late(view: View<'_>) -> Found {
    let mut statement = view.db.prepare_cached(
        "SELECT 'enrolment of ' || customer_id || ' in ' || chain, due_at FROM enrolment \
         WHERE due_at <= ?1 UNION ALL \
         SELECT 'message to ' || customer_id || ' of ' || chain, due_at FROM outbox \
         WHERE due_at <= ?1 UNION ALL \
         SELECT 'purchase of ' || customer_id, occurred_at FROM purchase \
         WHERE known = 0 AND occurred_at <= ?1 UNION ALL \
         SELECT 'return', r.occurred_at FROM purchase_return r \
         JOIN purchase p ON p.event_id = r.purchase \
         WHERE r.known = 0 AND r.occurred_at <= ?1 AND p.known > 0 UNION ALL \
         SELECT 'event ' || what || ' of ' || customer_id, occurred_at FROM event \
         WHERE came_to IS NULL AND occurred_at <= ?1 UNION ALL \
         SELECT 'points of ' || customer_id, expires_at FROM wallet_lot \
         WHERE points_left > 0 AND expires_at <= ?1 UNION ALL \
         SELECT 'cashback of ' || customer_id, ends_at FROM cashback \
         WHERE ended = 0 AND ends_at <= ?1",
    )?;
    let late = statement.query_map([view.now], |row| {
        let (what, due): (String, i64) = (row.get(0)?, row.get(1)?);
        Ok(Violation::new("nothing is overdue", format!("{what} since {}", text(due))))
    })?;
    late.collect()
}

fn lost(view: View<'_>) -> Found {
    none(
        view,
        "no lost timer",
        "SELECT customer_id || ' ' || chain || ' ' || cycle || ' is ' || phase || ' at ' || place \
         FROM enrolment e WHERE ended_at IS NULL AND CASE phase \
         WHEN 'ready' THEN coalesce(due_at, parked_at) IS NULL \
         WHEN 'waiting' THEN coalesce(due_at, parked_at) IS NULL \
         WHEN 'undecided' THEN undecided_since IS NULL \
         WHEN 'held' THEN held IS NULL \
         WHEN 'sending' THEN NOT EXISTS (SELECT 1 FROM outbox o WHERE o.shard = e.shard \
           AND o.customer_id = e.customer_id AND o.chain = e.chain AND o.cycle = e.cycle \
           AND o.step = e.place AND o.round = e.round AND o.state = 'queued' \
           AND coalesce(o.due_at, o.parked_at, o.held) IS NOT NULL) \
         ELSE 1 END",
    )
}
