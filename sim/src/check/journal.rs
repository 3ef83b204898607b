//! Everything is told: the journal has no gaps, ends with what ended, and the tally is the
//! journal in numbers.

use super::rows::none;
use super::{Found, View, Violation};
use std::collections::BTreeMap;

/// Words that the tally has from the journal alone.
const WORDS: [&str; 19] = [
    "reached",
    "sent",
    "queued",
    "granted",
    "undecided",
    "held",
    "assumed",
    "skipped",
    "undeliverable",
    "too late",
    "purchased",
    "answered",
    "round",
    "code",
    "raised",
    "lowered",
    "opened",
    "clicked",
    "delivered",
];

pub(super) fn check(view: View<'_>) -> Found {
    let mut found = Vec::new();
    for sql in [
        "SELECT e.customer_id || ' ' || e.chain || ' ' || e.cycle || ': ' || count(j.number) \
         || ' lines, the last is ' || coalesce(max(j.number), -1) || ', of ' || json_array_length(e.lines) \
         FROM enrolment e LEFT JOIN told j USING (shard, customer_id, chain, cycle) \
         GROUP BY e.shard, e.customer_id, e.chain, e.cycle HAVING count(j.number) <> json_array_length(e.lines) \
         OR coalesce(max(j.number), -1) <> json_array_length(e.lines) - 1",
        "SELECT customer_id || ' ' || chain || ': lines of no enrolment' FROM told j \
         WHERE NOT EXISTS (SELECT 1 FROM enrolment e WHERE e.shard = j.shard \
         AND e.customer_id = j.customer_id AND e.chain = j.chain AND e.cycle = j.cycle)",
        "SELECT e.customer_id || ' ' || e.chain || ' ' || e.cycle || ' ended ' \
         || coalesce(e.ended, 'not') || ', the journal says so ' || count(j.number) || ' times' \
         FROM enrolment e LEFT JOIN told j ON j.shard = e.shard AND j.customer_id = e.customer_id \
         AND j.chain = e.chain AND j.cycle = e.cycle AND j.what = 'ended' \
         WHERE e.control = 0 GROUP BY e.shard, e.customer_id, e.chain, e.cycle \
         HAVING count(j.number) <> (e.ended_at IS NOT NULL) \
         OR (count(j.number) = 1 AND (max(j.detail) IS NOT e.ended OR max(j.at) IS NOT e.ended_at))",
    ] {
        found.extend(none(view, "everything is told", sql)?);
    }
    tally(view, &mut found)?;
    Ok(found)
}

type Numbers = BTreeMap<(String, String, String, String), i64>;

fn tally(view: View<'_>, found: &mut Vec<Violation>) -> rusqlite::Result<()> {
    let read = |sql: &str| -> rusqlite::Result<Numbers> {
        let mut statement = view.db.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?), row.get(4)?))
        })?;
        rows.collect()
    };
    if view.log.erased.iter().any(|gone| gone.told.tried.is_some() && !gone.told.is_acked()) {
        return Ok(());
    }
    let mut told = read(
        "SELECT j.chain, e.version, coalesce(j.step, ''), j.what, count(*) FROM told j \
         JOIN enrolment e USING (shard, customer_id, chain, cycle) GROUP BY 1, 2, 3, 4",
    )?;
    for (key, n) in view.log.gone.values().flatten() {
        *told.entry(key.clone()).or_default() += n;
    }
    told.retain(|(_, _, _, what), _| WORDS.contains(&what.as_str()));
    let mut tally = read("SELECT chain, version, step, what, n FROM tally")?;
    tally.retain(|(_, _, _, what), n| WORDS.contains(&what.as_str()) && *n != 0);
    if told != tally {
        let differ = told.iter().find(|(key, n)| tally.get(*key) != Some(n));
        let other = tally.iter().find(|(key, n)| told.get(*key) != Some(n));
        let detail = format!("the journal says {differ:?}, the tally {other:?}");
        found.push(Violation::new("the tally is the journal", detail));
    }
    Ok(())
}
