//! No lost timer: what is due has been done, and whoever is in a chain waits for something
//! that will come.

use super::rows::none;
use super::zones::text;
use super::{Found, View, Violation};

pub(super) fn check(view: View<'_>) -> Found {
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
    let mut found = late.collect::<rusqlite::Result<Vec<_>>>()?;
    found.extend(none(
        view,
        "every outcome is settled",
        "SELECT customer_id || ' ' || chain || ' ' || step FROM outbox WHERE state = 'in_flight'",
    )?);
    found.extend(none(
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
    )?);
    Ok(found)
}
