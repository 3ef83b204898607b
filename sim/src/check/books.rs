//! Books balance: entries sum to lots, no lot is below zero but what is owed, each purchase is
//! paid and rewarded once, and what comes back takes back its part.

use super::rows::none;
use super::zones::text;
use super::{Found, View, Violation};

pub(super) fn check(view: View<'_>) -> Found {
    let mut found = Vec::new();
    for sql in [
        "SELECT l.customer_id || ' ' || l.lot || ': ' || l.points_left || ' left, entries say ' \
         || coalesce(sum(w.points), 0) FROM wallet_lot l LEFT JOIN wallet_entry w \
         USING (shard, customer_id, lot) GROUP BY l.shard, l.customer_id, l.lot \
         HAVING l.points_left <> coalesce(sum(w.points), 0)",
        "SELECT w.customer_id || ' ' || w.lot || ' is no lot' FROM wallet_entry w LEFT JOIN \
         wallet_lot l USING (shard, customer_id, lot) WHERE l.lot IS NULL",
        "SELECT customer_id || ' ' || lot || ': ' || points_left FROM wallet_lot \
         WHERE CASE lot WHEN 'owed' THEN points_left > 0 ELSE points_left < 0 END",
        "SELECT w.customer_id || ' ' || w.lot || ' expired at another time' FROM wallet_entry w \
         JOIN wallet_lot l USING (shard, customer_id, lot) WHERE w.kind = 'expired' \
         AND w.entry IN ('expired', 'expired 2', 'expired 3') AND w.at IS NOT l.expires_at",
        // A cashback has earned what its entries say.
        "SELECT c.customer_id || ' ' || c.chain || ' ' || c.step || ': earned ' || c.earned \
         || ', entries say ' || (SELECT coalesce(sum(w.points), 0) FROM wallet_entry w \
           WHERE w.shard = c.shard AND w.customer_id = c.customer_id AND w.chain = c.chain \
           AND w.cycle = c.cycle AND w.step = c.step AND w.round = c.round AND w.kind = 'cashback') \
         FROM cashback c WHERE c.earned > (SELECT coalesce(sum(w.points), 0) FROM wallet_entry w \
           WHERE w.shard = c.shard AND w.customer_id = c.customer_id AND w.chain = c.chain \
           AND w.cycle = c.cycle AND w.step = c.step AND w.round = c.round AND w.kind = 'cashback') \
         OR c.earned < 0",
        "SELECT w.customer_id || ' was rewarded twice for a purchase' FROM wallet_entry w \
         WHERE w.kind IN ('cashback', 'earned') AND w.points > 0 GROUP BY w.customer_id, w.purchase, \
         w.kind HAVING count(*) > 1",
    ] {
        found.extend(none(view, "books balance", sql)?);
    }
    purchases(view, &mut found)?;
    cashbacks(view, &mut found)?;
    Ok(found)
}

/// A part of points that belongs to what was returned.
fn part(points: i64, returned: i64, of: i64) -> i64 {
    if returned >= of { points } else { points * returned / of }
}

/// What was spent on each purchase, and what the till gave for it.
fn purchases(view: View<'_>, found: &mut Vec<Violation>) -> rusqlite::Result<()> {
    let mut statement = view.db.prepare_cached(
        "SELECT p.external_id, p.points_spent, p.points_earned, p.returned, p.amount + p.returned, \
         p.known, sum(CASE w.kind WHEN 'spent' THEN w.points END), \
         sum(CASE w.kind WHEN 'earned' THEN w.points END), \
         sum(CASE w.kind WHEN 'given_back' THEN w.points END), \
         sum(CASE WHEN w.kind = 'taken_back' AND w.entry LIKE 'taken back earned%' \
             THEN w.points END), \
         sum(CASE WHEN w.kind = 'cashback' THEN w.points END), \
         sum(CASE WHEN w.kind = 'taken_back' AND w.entry LIKE 'taken back cashback%' \
             THEN w.points END), p.customer_id \
         FROM purchase p LEFT JOIN wallet_entry w ON w.shard = p.shard \
         AND w.customer_id = p.customer_id AND w.purchase = p.event_id \
         WHERE p.known > 0 GROUP BY p.event_id, p.shard, p.customer_id, p.occurred_at",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (receipt, customer): (String, String) = (row.get(0)?, row.get(12)?);
        let (spent, earned): (i64, i64) = (row.get(1)?, row.get(2)?);
        let (returned, of): (i64, i64) = (row.get(3)?, row.get(4)?);
        let mut entries = [0; 6];
        for (n, sum) in entries.iter_mut().enumerate() {
            *sum = row.get::<_, Option<i64>>(6 + n)?.unwrap_or(0);
        }
        let [of_spent, of_earned, given_back, taken_back, cashback, cashback_back] = entries;
        let is_right = of_spent == -spent
            && of_earned == earned
            && given_back == part(spent, returned, of)
            && taken_back == -part(earned, returned, of)
            && cashback_back == -part(cashback, returned, of);
        if !is_right && view.log.is_plain(&customer) {
            let detail = format!(
                "purchase {receipt} of {customer}: spent {spent} earned {earned} returned {returned} \
                 of {of}, entries {entries:?}"
            );
            found.push(Violation::new("books balance", detail));
        }
    }
    Ok(())
}

/// Each purchase has brought the cashback that held when it was made, whenever it was heard of.
fn cashbacks(view: View<'_>, found: &mut Vec<Violation>) -> rusqlite::Result<()> {
    let program = &view.editions.all[view.edition].program;
    let point = program.policy.point.map_or(100, |point| point.0);
    let mut statement = view.db.prepare_cached(
        "SELECT p.external_id, p.customer_id, p.occurred_at, p.amount + p.returned, \
         p.points_earned, max(c.rate), count(c.rate), max(c.up_to IS NOT NULL), \
         (SELECT coalesce(sum(w.points), 0) FROM wallet_entry w WHERE w.shard = p.shard \
          AND w.customer_id = p.customer_id AND w.purchase = p.event_id AND w.kind = 'cashback') \
         FROM purchase p LEFT JOIN cashback c ON c.shard = p.shard \
         AND c.customer_id = p.customer_id AND c.since < p.occurred_at \
         AND c.ends_at > p.occurred_at WHERE p.known > 0 \
         GROUP BY p.event_id, p.shard, p.customer_id, p.occurred_at",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (receipt, customer): (String, String) = (row.get(0)?, row.get(1)?);
        let (at, amount, earned): (i64, i64, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let (rate, n): (Option<i64>, i64) = (row.get(5)?, row.get(6)?);
        let (limited, got): (Option<bool>, i64) = (row.get(7)?, row.get(8)?);
        let most = rate.map_or(0, |rate| (amount * rate / (10_000 * point) - earned).max(0));
        // With a limit, or with several, what had room left then is not told by rows of now.
        let exact = n == 1 && limited == Some(false);
        if view.log.is_plain(&customer) && (got > most || (exact && got != most)) {
            let detail = format!("{receipt} of {customer} at {}: {got} of {most}", text(at));
            found.push(Violation::new("cashback holds for purchases of its time", detail));
        }
    }
    Ok(())
}
