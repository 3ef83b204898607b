//! What the outbox says of a message is what became of it: what has reached her counts as
//! sent, a state only moves forward, and a ladder stops where it has reached her.

use super::rows::none;
use super::{Found, View, Violation};
use crate::world::provider::Reply;
use rusqlite::OptionalExtension;

pub(super) fn check(view: View<'_>) -> Found {
    let mut found = Vec::new();
    let mut row = view.db.prepare_cached(
        "SELECT state, customer_id, unknown, reason FROM outbox WHERE effect_key = ?",
    )?;
    for (key, handed_over) in &view.truth.by_key {
        let row: Option<(String, String, bool)> =
            row.query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let mut handed_over = handed_over.iter().map(|n| &view.truth.handovers[*n]);
        let reached = handed_over.clone().any(|one| one.has_reached());
        let Some(last) = handed_over.next_back() else { continue };
        let Some((state, customer, _)) = row else {
            if view.log.is_plain(&last.customer) {
                let detail = format!("{key} to {} is in no outbox", last.customer);
                found.push(Violation::new("what was sent is told", detail));
            }
            continue;
        };
        let is_sent = matches!(state.as_str(), "in_flight" | "pending" | "delivered");
        if reached && !is_sent {
            let detail = format!("{key} reached {customer}, and is {state}");
            found.push(Violation::new("what was sent is told", detail));
        }
        // The provider said no for good, and was heard: nothing may come after that.
        let said_no = matches!(last.reply, Reply::Undeliverable | Reply::Error);
        if said_no && state == "delivered" && was_told_undeliverable(view, key)? {
            let detail = format!("{key} to {customer} was {:?}, and is {state}", last.reply);
            found.push(Violation::new("a state only moves forward", detail));
        }
    }
    found.extend(none(
        view,
        "a state only moves forward",
        "SELECT effect_key || ' is ' || state || ' and was never taken' FROM outbox \
         WHERE state IN ('in_flight', 'pending', 'delivered') AND taken_at IS NULL UNION ALL \
         SELECT effect_key || ' is ' || state || ' and due' FROM outbox \
         WHERE state <> 'queued' AND (due_at IS NOT NULL OR parked_at IS NOT NULL)",
    )?);
    fallbacks(view, &mut found)?;
    never_handed_over(view, &mut found)?;
    buried(view, &mut found)?;
    Ok(found)
}

fn was_told_undeliverable(view: View<'_>, key: &str) -> rusqlite::Result<bool> {
    let mut statement = view.db.prepare_cached(
        "SELECT 1 FROM outbox o JOIN told j USING (shard, customer_id, chain, cycle, step) \
         WHERE o.effect_key = ? AND j.what = 'undeliverable' AND (SELECT count(*) FROM outbox p \
         WHERE p.shard = o.shard AND p.customer_id = o.customer_id AND p.chain = o.chain \
         AND p.cycle = o.cycle AND p.step = o.step) = 1",
    )?;
    statement.exists([key])
}

/// No fallback was written behind a send of its ladder that has reached her.
fn fallbacks(view: View<'_>, found: &mut Vec<Violation>) -> rusqlite::Result<()> {
    use chainc_compiler::ir::{Action, Step};
    fn ladders(steps: &[Step], pairs: &mut Vec<(String, String)>) {
        let mut before: Vec<String> = Vec::new();
        for step in steps {
            match &step.action {
                Action::Send { .. } => before = vec![step.id.clone()],
                Action::Fallback { .. } => {
                    pairs.extend(before.iter().map(|send| (send.clone(), step.id.clone())));
                    before.push(step.id.clone());
                }
                _ => before.clear(),
            }
            step.inner().for_each(|inner| ladders(inner, pairs));
        }
    }
    let mut statement = view.db.prepare_cached(
        "SELECT f.customer_id || ' ' || f.chain || ' step ' || f.step FROM outbox f JOIN outbox s \
         USING (shard, customer_id, chain, cycle, round) WHERE f.chain = ?1 AND f.version = ?2 \
         AND f.step = ?3 AND s.step = ?4 AND s.state IN ('pending', 'delivered')",
    )?;
    for edition in &view.editions.all {
        for chain in &edition.program.chains {
            let mut pairs = Vec::new();
            ladders(&chain.steps, &mut pairs);
            for (send, fallback) in pairs {
                let rows = statement
                    .query_map([&chain.name, &chain.version, &fallback, &send], |row| {
                        row.get::<_, String>(0)
                    })?;
                for row in rows {
                    found.push(Violation::new("a ladder is one message", row?));
                }
            }
        }
    }
    Ok(())
}

/// What is told to have arrived was handed over.
fn never_handed_over(view: View<'_>, found: &mut Vec<Violation>) -> rusqlite::Result<()> {
    let mut statement = view.db.prepare_cached(
        "SELECT effect_key, customer_id FROM outbox \
         WHERE state = 'delivered' OR (state = 'pending' AND unknown = 0)",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for row in rows {
        let (key, customer): (String, String) = row?;
        if !view.truth.by_key.contains_key(&key) {
            let detail = format!("{key} to {customer} never left");
            found.push(Violation::new("what was sent is told", detail));
        }
    }
    Ok(())
}

/// Nothing goes to an address again that a provider has called dead. A call of the project's own
/// system has none.
fn buried(view: View<'_>, found: &mut Vec<Violation>) -> rusqlite::Result<()> {
    let mut statement = view.db.prepare_cached(
        "SELECT settled_at FROM outbox WHERE effect_key = ? AND state = 'undeliverable' \
         AND reason = 'gone'",
    )?;
    let handovers = &view.truth.handovers;
    for (n, dead) in handovers
        .iter()
        .enumerate()
        .filter(|(_, one)| one.reply == Reply::Undeliverable && !one.address.is_empty())
    {
        let settled: Option<i64> = statement.query_row([&dead.key], |row| row.get(0)).optional()?;
        let Some(settled) = settled else { continue };
        // A clock that was set back may have settled it before it was handed over.
        let again = handovers[n + 1..].iter().find(|one| {
            one.channel == dead.channel && one.address == dead.address && one.at > settled
        });
        if let Some(again) = again {
            let detail = format!("{} to {} at {}", again.key, again.address, again.at);
            found.push(Violation::new("dead addresses", detail));
        }
    }
    Ok(())
}
