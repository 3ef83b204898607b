//! One grant: each gift of a step once for (customer, chain, cycle, step, round), as large as
//! the chain says, for as long as it says, and told.

use super::leaving::caps;
use super::rows::none;
use super::walk::{minus, plus, step};
use super::zones::{Zone, text};
use super::{Found, View, Violation};
use chainc_compiler::ir::{Action, Amount, Capped};
use std::collections::{BTreeMap, BTreeSet};

/// An entry that a step wrote.
struct Given {
    customer: String,
    chain: String,
    step: String,
    points: i64,
    at: i64,
    version: String,
    recency: Option<i64>,
    expires_at: Option<i64>,
    kind: String,
}

pub(super) fn check(view: View<'_>) -> Found {
    let mut found = none(
        view,
        "one grant",
        "SELECT customer_id || ' got ' || count(*) || ' of step ' || step || ' round ' || round \
         || ' of ' || chain || ' ' || cycle FROM wallet_entry WHERE kind = 'granted' \
         GROUP BY customer_id, chain, cycle, step, round HAVING count(*) > 1",
    )?;
    // The journal tells of each, and of no other.
    let told = lines(
        view,
        "SELECT customer_id || ' ' || chain || ' ' || cycle || ' step ' || step || ': ' || detail \
         || ' at ' || at FROM told WHERE what = 'granted'",
    )?;
    let written = lines(
        view,
        "SELECT customer_id || ' ' || chain || ' ' || cycle || ' step ' || step || ': ' || points \
         || ' at ' || at FROM wallet_entry WHERE kind = 'granted'",
    )?;
    for one in told.symmetric_difference(&written) {
        let what = if told.contains(one) { "told of, not given" } else { "given, not told of" };
        found.push(Violation::new("one grant", format!("{one}: {what}")));
    }
    let given = given(view)?;
    let policy = &view.editions.all[view.edition].program.policy;
    for one in &given {
        let mut bad = |detail: String| {
            let what = format!("{} {} step {}: {detail}", one.customer, one.chain, one.step);
            found.push(Violation::new("a gift is what the chain says", what));
        };
        let Some(walked) = view.editions.version(&one.chain, &one.version) else { continue };
        if one.kind != "granted" || !view.log.is_plain(&one.customer) {
            continue;
        }
        let Some(Action::Grant { amount, expires, .. }) =
            step(walked, &one.step).map(|step| &step.action)
        else {
            bad("it is no grant".to_owned());
            continue;
        };
        let wanted = match amount {
            Amount::Fixed(points) => points.0,
            Amount::ByRecency(bands) => bands
                .iter()
                .find(|band| {
                    one.recency
                        .is_some_and(|d| i64::from(band.from) <= d && d <= i64::from(band.to))
                })
                .map_or(0, |band| band.points.0),
        };
        if one.points != wanted {
            bad(format!("{} points instead of {wanted}", one.points));
        }
        let zone = view.log.person(&one.customer).and_then(|person| person.zone);
        let zone = Zone::get(zone.unwrap_or(&policy.timezone));
        let until = expires.map(|period| plus(zone, one.at, period));
        if one.expires_at != until {
            bad(format!("until {:?} instead of {:?}", one.expires_at.map(text), until.map(text)));
        }
    }
    over_caps(view, &given, &mut found);
    raised(view, &mut found)?;
    Ok(found)
}

fn lines(view: View<'_>, sql: &str) -> rusqlite::Result<BTreeSet<String>> {
    let mut statement = view.db.prepare_cached(sql)?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn given(view: View<'_>) -> rusqlite::Result<Vec<Given>> {
    let mut statement = view.db.prepare_cached(
        "SELECT w.customer_id, w.chain, w.step, w.points, w.at, e.version, e.recency, l.expires_at, \
         w.kind FROM wallet_entry w JOIN enrolment e USING (shard, customer_id, chain, cycle) \
         JOIN wallet_lot l USING (shard, customer_id, lot) \
         WHERE w.kind IN ('granted', 'cashback') AND w.points > 0 ORDER BY w.at",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Given {
            customer: row.get(0)?,
            chain: row.get(1)?,
            step: row.get(2)?,
            points: row.get(3)?,
            at: row.get(4)?,
            version: row.get(5)?,
            recency: row.get(6)?,
            expires_at: row.get(7)?,
            kind: row.get(8)?,
        })
    })?;
    rows.collect()
}

/// No grant is over a cap, with what she was granted before.
fn over_caps(view: View<'_>, given: &[Given], found: &mut Vec<Violation>) {
    let edition = &view.editions.all[0];
    let mut of: BTreeMap<&str, Vec<&Given>> = BTreeMap::new();
    for one in given.iter().filter(|one| one.kind == "granted") {
        of.entry(&one.customer).or_default().push(one);
    }
    for (customer, hers) in of {
        if !view.log.is_plain(customer) {
            continue;
        }
        let zone = view.log.person(customer).and_then(|person| person.zone);
        let zone = Zone::get(zone.unwrap_or(&edition.program.policy.timezone));
        for one in &hers {
            let Some(walked) = view.editions.version(&one.chain, &one.version) else { continue };
            for (cap, chains) in caps(edition, walked) {
                let Capped::Points(most) = cap.most else { continue };
                let since = minus(zone, one.at, cap.per);
                let counted = hers.iter().filter(|other| {
                    other.at > since
                        && other.at <= one.at
                        && chains.as_ref().is_none_or(|chains| chains.contains(&other.chain))
                });
                let sum: i64 = counted.map(|other| other.points).sum();
                if sum > most.0 {
                    let detail =
                        format!("{customer} got {sum} since {}, cap {}", text(since), most.0);
                    found.push(Violation::new("caps", detail));
                }
            }
        }
    }
}

/// Raised cashbacks are what the chain says.
fn raised(view: View<'_>, found: &mut Vec<Violation>) -> rusqlite::Result<()> {
    let policy = &view.editions.all[view.edition].program.policy;
    let mut statement = view.db.prepare_cached(
        "SELECT c.customer_id, c.chain, c.step, e.version, c.rate, c.since, c.ends_at, c.up_to, \
         c.earned FROM cashback c JOIN enrolment e USING (shard, customer_id, chain, cycle)",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (customer, chain): (String, String) = (row.get(0)?, row.get(1)?);
        let (id, version): (String, String) = (row.get(2)?, row.get(3)?);
        let (rate, since, ends_at): (i64, i64, i64) = (row.get(4)?, row.get(5)?, row.get(6)?);
        let (most, earned): (Option<i64>, i64) = (row.get(7)?, row.get(8)?);
        let Some(walked) = view.editions.version(&chain, &version) else { continue };
        let said = step(walked, &id).map(|step| &step.action);
        let zone = view.log.person(&customer).and_then(|person| person.zone);
        let zone = Zone::get(zone.unwrap_or(&policy.timezone));
        let fits = match said {
            Some(Action::Cashback { rate: wanted, period, up_to }) => {
                i64::from(wanted.0) == rate
                    && plus(zone, since, *period) == ends_at
                    && up_to.map(|points| points.0) == most
            }
            _ => false,
        };
        if view.log.is_plain(&customer)
            && (!fits || earned < 0 || most.is_some_and(|most| earned > most))
        {
            let detail = format!("{customer} {chain} step {id}: {rate} until {}", text(ends_at));
            found.push(Violation::new("a gift is what the chain says", detail));
        }
    }
    Ok(())
}
