//! Budgets: what is used is what was granted, is held in reserve, or was sent; and left and
//! used are the budget.

use super::{Found, View, Violation};
use chainc_compiler::ir::{AtLimit, Budget, Channel};

pub(super) fn check(view: View<'_>) -> Found {
    let mut found = Vec::new();
    let edition = &view.editions.all[view.edition];
    for chain in &edition.program.chains {
        let own = vec![chain.name.clone()];
        budgets(view, &chain.name, &chain.budgets, &own, &mut found)?;
    }
    for (name, experiment) in &edition.program.experiments {
        let owner = format!("experiment {name}");
        budgets(view, &owner, &experiment.budgets, &experiment.chains, &mut found)?;
    }
    Ok(found)
}

fn budgets(
    view: View<'_>,
    owner: &str,
    budgets: &[Budget],
    chains: &[String],
    found: &mut Vec<Violation>,
) -> rusqlite::Result<()> {
    for budget in budgets {
        let (name, limit, spent) = match budget {
            Budget::Points { limit, .. } => ("points".to_owned(), limit.0, points(view, chains)?),
            // What went with a customer is told for all channels together.
            Budget::Money { on: Some(_), .. } if !view.log.muddled.is_empty() => continue,
            Budget::Money { limit, on: None, .. } => {
                ("money".to_owned(), limit.0, money(view, chains, None)?)
            }
            Budget::Money { limit, on: Some(on), .. } => {
                (format!("money on {on}"), limit.0, money(view, chains, Some(*on))?)
            }
        };
        let sql = "SELECT coalesce(sum(used), 0) FROM budget_use WHERE owner = ? AND budget = ?";
        let used: i64 =
            view.db.prepare_cached(sql)?.query_row([owner, name.as_str()], |row| row.get(0))?;
        if used != spent {
            let detail = format!("{used} of {name} of {owner} are used, {spent} were spent");
            found.push(Violation::new("budgets", detail));
        }
        // A cashback without a limit was promised, and goes on beyond the budget.
        let promised = owner != "regulars" && budget.then() != AtLimit::Skip;
        if promised && used > limit && used > limit + late(view, &name, chains)? {
            let detail = format!("{used} of {limit} of {name} of {owner} are used");
            found.push(Violation::new("budgets", detail));
        }
    }
    Ok(())
}

/// What purchases brought that were heard of when the reserve of their cashback was settled
/// already: that was promised, too.
fn late(view: View<'_>, name: &str, chains: &[String]) -> rusqlite::Result<i64> {
    if name != "points" {
        return Ok(0);
    }
    let mut statement = view.db.prepare_cached(
        "SELECT e.points, p.external_id, c.ends_at FROM wallet_entry e \
         JOIN purchase p ON p.event_id = e.purchase \
         JOIN cashback c USING (customer_id, chain, cycle, step, round) \
         WHERE e.kind = 'cashback' AND c.up_to IS NOT NULL AND e.chain = ?",
    )?;
    let mut late = 0;
    for chain in chains {
        let mut rows = statement.query([chain])?;
        while let Some(row) = rows.next()? {
            let (points, receipt, end): (i64, String, i64) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let told = view.log.purchases.iter().find(|one| one.receipt == receipt);
            let heard = told.and_then(|one| one.told.acked).is_none_or(|ack| ack.clock >= end);
            late += if heard { points } else { 0 };
        }
    }
    Ok(late)
}

fn sum(view: View<'_>, sql: &str, chains: &[String]) -> rusqlite::Result<i64> {
    let mut sum = 0;
    for chain in chains {
        sum += view.db.prepare_cached(sql)?.query_row([chain], |row| row.get::<_, i64>(0))?;
    }
    Ok(sum)
}

fn points(view: View<'_>, chains: &[String]) -> rusqlite::Result<i64> {
    let granted = sum(
        view,
        "SELECT coalesce(sum(points), 0) FROM wallet_entry WHERE kind = 'granted' AND chain = ?",
        chains,
    )?;
    let raised = sum(
        view,
        "SELECT coalesce(sum(CASE WHEN up_to IS NOT NULL AND ended = 0 THEN up_to ELSE earned END), \
         0) FROM cashback WHERE chain = ?",
        chains,
    )?;
    let gone = sum(
        view,
        "SELECT coalesce(sum(n), 0) FROM tally WHERE what = 'erased points' AND chain = ?",
        chains,
    )?;
    Ok(granted + raised + gone)
}

fn money(view: View<'_>, chains: &[String], on: Option<Channel>) -> rusqlite::Result<i64> {
    let channel = on.map_or("%", Channel::as_str);
    let sent = format!(
        "SELECT coalesce(sum(cost), 0) FROM outbox WHERE state IN ('in_flight', 'pending', \
         'delivered') AND chain = ? AND channel LIKE '{channel}'"
    );
    let gone = sum(
        view,
        "SELECT coalesce(sum(n), 0) FROM tally WHERE what = 'erased cost' AND chain = ?",
        chains,
    )?;
    Ok(sum(view, &sent, chains)? + gone)
}
