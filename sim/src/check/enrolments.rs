//! One enrolment at a time, back only as `reenter` says, in one chain of a group at a time; the
//! version walked is the one entered; what ends a chain ends it; everybody comes to an end.

use super::rows::none;
use super::walk::{business, minus, watching};
use super::zones::text;
use super::{Found, View, Violation};
use chainc_compiler::ir::{Entry, Event};
use std::collections::BTreeMap;

/// An enrolment as its row has it.
pub(super) struct Enrolment {
    pub(super) customer: String,
    pub(super) chain: String,
    pub(super) cycle: i64,
    pub(super) version: String,
    pub(super) control: bool,
    pub(super) entered_at: i64,
    pub(super) recency: Option<i64>,
    pub(super) ended_at: Option<i64>,
    pub(super) ended: Option<String>,
    pub(super) goal_until: Option<i64>,
    pub(super) bought_at: Option<i64>,
}

impl Enrolment {
    pub(super) fn told(&self) -> String {
        format!("{} in {} for the {}. time", self.customer, self.chain, self.cycle)
    }
}

/// Every enrolment.
pub(super) fn all(view: View<'_>) -> rusqlite::Result<Vec<Enrolment>> {
    let mut statement = view.db.prepare_cached(
        "SELECT customer_id, chain, cycle, version, control, entered_at, recency, ended_at, ended, \
         goal_until, bought_at FROM enrolment ORDER BY customer_id, chain, cycle",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Enrolment {
            customer: row.get(0)?,
            chain: row.get(1)?,
            cycle: row.get(2)?,
            version: row.get(3)?,
            control: row.get(4)?,
            entered_at: row.get(5)?,
            recency: row.get(6)?,
            ended_at: row.get(7)?,
            ended: row.get(8)?,
            goal_until: row.get(9)?,
            bought_at: row.get(10)?,
        })
    })?;
    rows.collect()
}

/// The steps that an enrolment was at.
pub(super) fn reached(view: View<'_>, of: &Enrolment) -> rusqlite::Result<Vec<String>> {
    let mut statement = view.db.prepare_cached(
        "SELECT DISTINCT step FROM told WHERE customer_id = ? AND chain = ? AND cycle = ? \
         AND what = 'reached' AND shard = (SELECT shard FROM customer WHERE customer_id = ?1)",
    )?;
    let steps = statement
        .query_map(rusqlite::params![of.customer, of.chain, of.cycle], |row| row.get(0))?;
    steps.collect()
}

pub(super) fn check(view: View<'_>) -> Found {
    let mut found = none(
        view,
        "one enrolment",
        "SELECT customer_id || ' is in ' || chain || ' ' || count(*) || ' times' FROM enrolment \
         WHERE ended_at IS NULL GROUP BY customer_id, chain HAVING count(*) > 1",
    )?;
    found.extend(none(
        view,
        "a stopped chain ends",
        "SELECT e.customer_id || ' is in ' || e.chain FROM enrolment e WHERE e.ended_at IS NULL \
         AND 'stopped' = (SELECT o.standing FROM operation o WHERE o.chain = e.chain \
         ORDER BY o.number DESC LIMIT 1)",
    )?);
    let all = all(view)?;
    let mut entries: BTreeMap<(&str, &str), Vec<&Enrolment>> = BTreeMap::new();
    for one in &all {
        if view.log.is_plain(&one.customer) {
            entries.entry((&one.customer, &one.chain)).or_default().push(one);
            by_itself(view, one, &mut found)?;
        }
    }
    for entries in entries.values() {
        again(view, entries, &mut found);
    }
    exclusive(view, &all, &mut found);
    Ok(found)
}

fn by_itself(view: View<'_>, one: &Enrolment, found: &mut Vec<Violation>) -> rusqlite::Result<()> {
    let mut bad = |promise, detail: String| {
        found.push(Violation::new(promise, format!("{}: {detail}", one.told())));
    };
    // The version that the run had at that moment.
    let runs = view.log.editions.iter().map(|(from, edition)| (*from, *edition));
    let before = runs.clone().rfind(|(from, _)| *from < one.entered_at);
    let at_once = runs.filter(|(from, _)| *from == one.entered_at);
    let mut editions = before.into_iter().chain(at_once).map(|(_, edition)| edition);
    let is_of = |edition: usize| {
        let chain = view.editions.all[edition].chain(&one.chain);
        chain.is_some_and(|chain| chain.version == one.version)
    };
    if !editions.any(is_of) {
        bad(
            "the version entered",
            format!(
                "version {} was not the one at {}: {:?}",
                one.version,
                text(one.entered_at),
                view.log.editions
            ),
        );
    }
    let Some(walked) = view.editions.version(&one.chain, &one.version) else { return Ok(()) };
    recency(view, one, walked, &mut bad);
    let purchases = || {
        let hers = view.log.purchases.iter().filter(|bought| bought.customer == one.customer);
        hers.filter(|bought| bought.at > one.entered_at)
    };
    if let (Some("purchased"), Some(at)) = (one.ended.as_deref(), one.ended_at)
        && !purchases().any(|bought| bought.at == at && bought.told.tried.is_some())
    {
        bad("a purchase counts by when it happened", format!("none was at {}", text(at)));
    }
    if let Some(at) = one.bought_at {
        let in_time = one.goal_until.is_none_or(|until| at <= until);
        if !in_time || !purchases().any(|bought| bought.at == at && bought.told.tried.is_some()) {
            bad("a purchase counts by when it happened", format!("the goal: {}", text(at)));
        }
    } else if let Some(until) = one.goal_until {
        let least = walked.goal.as_ref().and_then(|goal| goal.at_least).map_or(0, |least| least.0);
        let missed = purchases().find(|bought| {
            bought.told.acked.is_some_and(|ack| ack.clock < view.now)
                && bought.at <= until.min(view.now)
                && bought.amount >= least
                && !bought.returned
        });
        if let Some(missed) = missed {
            bad("a purchase counts by when it happened", format!("{} is missed", missed.receipt));
        }
    }
    if one.ended_at.is_none() {
        let reached = reached(view, one)?;
        let watches = watching(walked, &Event::Purchase);
        let bought = purchases().find(|bought| {
            let known = bought.told.acked.is_some_and(|ack| ack.clock < view.now);
            known && bought.at < view.now && !bought.returned
        });
        if let Some(bought) = bought
            && watches.iter().any(|step| reached.iter().any(|at| at == step))
        {
            bad("a purchase ends the chain", format!("{} did not", bought.receipt));
        }
    }
    Ok(())
}

/// Whole days since the last purchase that was known when she entered.
fn recency(
    view: View<'_>,
    one: &Enrolment,
    walked: &chainc_compiler::ir::Chain,
    bad: &mut dyn FnMut(&'static str, String),
) {
    let Some(days) = one.recency else { return };
    let zone = business(&view.editions.all[view.edition].program, walked);
    let hers = || {
        let hers = view.log.purchases.iter().filter(|bought| bought.customer == one.customer);
        hers.filter(|bought| bought.at <= one.entered_at)
    };
    let known = |bought: &&crate::world::log::Purchase| {
        bought.told.acked.is_some_and(|ack| ack.clock < one.entered_at) && !bought.returned
    };
    let last = hers().filter(known).map(|bought| bought.at).max().unwrap_or(i64::MIN);
    let fits = hers().any(|bought| {
        bought.at >= last
            && bought.told.tried.is_some_and(|tried| tried <= one.entered_at)
            && zone.day(one.entered_at) - zone.day(bought.at) == days
    });
    if !fits {
        bad("whole days in the business zone", format!("recency {days}, last {}", text(last)));
    }
}

fn again(view: View<'_>, entries: &[&Enrolment], found: &mut Vec<Violation>) {
    let promise = "back only as `reenter` says";
    let mut bad = |one: &Enrolment, why: String| {
        found.push(Violation::new(promise, format!("{}: {why}", one.told())));
    };
    for (n, one) in entries.iter().enumerate() {
        if usize::try_from(one.cycle) != Ok(n + 1) {
            bad(one, format!("it is the {}. entry", n + 1));
        }
        let Some(chain) = view.editions.version(&one.chain, &one.version) else { continue };
        let zone = business(&view.editions.all[view.edition].program, chain);
        let before = n.checked_sub(1).and_then(|before| entries.get(before));
        match chain.entry {
            Entry::Once if n > 0 => bad(one, "once was said".to_owned()),
            Entry::Once => {}
            Entry::Again { after, at_most } => {
                if at_most.is_some_and(|most| n >= usize::try_from(most).unwrap_or(usize::MAX)) {
                    bad(one, "that is too often".to_owned());
                }
                if let Some(before) = before
                    && before.entered_at > minus(zone, one.entered_at, after)
                {
                    bad(one, format!("entered before {}", text(before.entered_at)));
                }
            }
        }
        if let Some(before) = before
            && before.ended_at.is_none_or(|ended| ended > one.entered_at)
        {
            bad(one, "she was in it".to_owned());
        }
    }
}

fn exclusive(view: View<'_>, all: &[Enrolment], found: &mut Vec<Violation>) {
    let group = |chain: &str| {
        let chain = view.editions.all[0].chain(chain)?;
        Some(chain.exclusive.as_ref()?.group.clone())
    };
    for one in all.iter().filter(|one| view.log.is_plain(&one.customer)) {
        let Some(own) = group(&one.chain) else { continue };
        let rival = all.iter().find(|other| {
            other.customer == one.customer
                && other.chain != one.chain
                && !other.control
                && other.entered_at <= one.entered_at
                && (other.entered_at, &other.chain) < (one.entered_at, &one.chain)
                && other.ended_at.is_none_or(|ended| ended > one.entered_at)
                && group(&other.chain).as_ref() == Some(&own)
        });
        // Of one moment the other may have come second, behind one who was control or is out again.
        if let Some(rival) = rival
            && !(rival.entered_at == one.entered_at
                && (one.control || one.ended_at == Some(one.entered_at)))
        {
            let detail = format!(
                "{} while in {}: {} {:?} {:?}",
                one.told(),
                rival.chain,
                text(one.entered_at),
                rival.ended_at.map(text),
                rival.ended
            );
            found.push(Violation::new("one chain of a group at a time", detail));
        }
    }
}

/// Everybody who was in a chain when faults stopped has come to an end.
pub(super) fn at_the_end(view: View<'_>) -> Found {
    let Some(calm_from) = view.log.calm_from else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for one in all(view)? {
        if one.ended_at.is_none() && one.entered_at <= calm_from {
            let detail = format!("{}, entered {}", one.told(), text(one.entered_at));
            found.push(Violation::new("every enrolment ends", detail));
        }
    }
    Ok(found)
}
