//! Nothing fires early, and unknown is not no: a wait is over when its time is, by her own
//! calendar; with `unless purchase` it is decided when all sources have spoken or their grace
//! is over, and a purchase that was known by then ends the chain instead.

use super::enrolments::{Enrolment, all};
use super::walk::{plus, step, watching};
use super::zones::{DAY, Zone, text, weekday};
use super::{Found, View, Violation};
use chainc_compiler::ir::{Action, Chain, Day, Delay, Event, Every};

/// A line of the journal.
struct Line {
    at: i64,
    step: String,
    what: String,
}

pub(super) fn check(view: View<'_>) -> Found {
    let mut found = Vec::new();
    for one in all(view)? {
        if one.control || !view.log.is_plain(&one.customer) {
            continue;
        }
        let Some(walked) = view.editions.version(&one.chain, &one.version) else { continue };
        let lines = lines(view, &one)?;
        walk(view, &one, walked, &lines, &mut found);
        timer(view, &one, walked, &lines, &mut found)?;
    }
    Ok(found)
}

fn lines(view: View<'_>, one: &Enrolment) -> rusqlite::Result<Vec<Line>> {
    let mut statement = view.db.prepare_cached(
        "SELECT at, coalesce(step, ''), what FROM told WHERE customer_id = ? AND chain = ? \
         AND cycle = ? AND shard = (SELECT shard FROM customer WHERE customer_id = ?1) \
         ORDER BY number",
    )?;
    let rows = statement
        .query_map(rusqlite::params![one.customer, one.chain, one.cycle], |row| {
            Ok(Line { at: row.get(0)?, step: row.get(1)?, what: row.get(2)? })
        })?;
    rows.collect()
}

fn zone(view: View<'_>, one: &Enrolment) -> Zone {
    let policy = &view.editions.all[view.edition].program.policy;
    let own = view.log.person(&one.customer).and_then(|person| person.zone);
    Zone::get(own.unwrap_or(&policy.timezone))
}

/// When a wait that begins at a moment is over.
fn over(zone: Zone, from: i64, delay: Delay) -> i64 {
    match delay {
        Delay::For(period) => plus(zone, from, period),
        Delay::Until { day, at } => {
            let minute = i64::from(at.0);
            let today = zone.day(from);
            let next = |fits: &dyn Fn(i64) -> bool| {
                let days = (today..today + 9).filter(|day| fits(*day));
                days.map(|day| zone.at(day, minute)).find(|at| *at > from).unwrap_or(from)
            };
            match day {
                Day::Any => next(&|_| true),
                Day::Weekday(wanted) => {
                    let wanted = wanted as i64;
                    next(&|day| weekday(day) == wanted)
                }
                Day::Date(date) => {
                    let text = date.to_string();
                    let number = |range| text.get(range).and_then(|part: &str| part.parse().ok());
                    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
                    let parts = year.zip(month).zip(day);
                    let day = parts.map(|((y, m), d)| super::zones::day_of(y, m, d));
                    zone.at(day.unwrap_or(today), minute).max(from)
                }
            }
        }
    }
}

fn walk(
    view: View<'_>,
    one: &Enrolment,
    walked: &Chain,
    lines: &[Line],
    found: &mut Vec<Violation>,
) {
    let zone = zone(view, one);
    let watches = watching(walked, &Event::Purchase);
    let mut watched = false;
    let mut bad = |promise, step: &str, detail: String| {
        found.push(Violation::new(promise, format!("{} step {step}: {detail}", one.told())));
    };
    let mut since = None;
    for line in lines {
        let Some(step) = step(walked, &line.step) else {
            // Behind the last step of an arm she may be found by what ends the chain.
            if line.what == "reached" {
                bad("the version entered", &line.step, "her version has no such step".to_owned());
            }
            continue;
        };
        if let Action::Repeat { until_purchase, max, .. } = &step.action
            && line.what == "round"
        {
            rounds(view, one, (*until_purchase, *max), line, lines, &mut bad);
        }
        let Action::Wait { delay, .. } = &step.action else { continue };
        match line.what.as_str() {
            "reached" => {
                watched |= watches.contains(&line.step.as_str());
                since = Some(over(zone, line.at, *delay));
            }
            "done" => {
                let Some(due) = since.take() else { continue };
                if line.at < due {
                    let detail = format!("over {}, due {}", text(line.at), text(due));
                    bad("nothing fires early", &line.step, detail);
                }
                if watched {
                    decided(view, one, due, line, &mut bad);
                }
            }
            _ => {}
        }
    }
}

/// A round began: not one too many, and not after the purchase that ends the repeat.
fn rounds(
    view: View<'_>,
    one: &Enrolment,
    (until_purchase, max): (bool, Option<u32>),
    line: &Line,
    lines: &[Line],
    bad: &mut dyn FnMut(&'static str, &str, String),
) {
    let count =
        |what| lines.iter().filter(|other| other.step == line.step && other.what == what).count();
    let most = usize::try_from(max.unwrap_or(u32::MAX)).unwrap_or(usize::MAX);
    if count("round") > most.saturating_mul(count("reached")) {
        bad("a repeat ends", &line.step, format!("{} rounds", count("round")));
    }
    let bought = view.log.purchases.iter().find(|bought| {
        bought.customer == one.customer
            && bought.at > one.entered_at
            && bought.at <= line.at
            && bought.told.acked.is_some_and(|ack| ack.clock < line.at)
            && !bought.returned
    });
    if let Some(bought) = bought.filter(|_| until_purchase) {
        let detail = format!("a round at {} behind {}", text(line.at), bought.receipt);
        bad("a repeat ends", &line.step, detail);
    }
}

/// A wait that watched for a purchase was over, and she went on.
fn decided(
    view: View<'_>,
    one: &Enrolment,
    due: i64,
    line: &Line,
    bad: &mut dyn FnMut(&'static str, &str, String),
) {
    let bought = view.log.purchases.iter().find(|bought| {
        bought.customer == one.customer
            && bought.at > one.entered_at
            && bought.at <= line.at
            && bought.told.acked.is_some_and(|ack| ack.clock < line.at)
            && !bought.returned
    });
    if let Some(bought) = bought {
        let detail = format!("{} at {} was known", bought.receipt, text(bought.at));
        bad("a purchase ends the chain", &line.step, detail);
    }
    for (number, (name, grace, hold)) in view.editions.draft.sources.iter().enumerate() {
        let said = view.log.watermarks.iter().any(|mark| {
            mark.source == number
                && mark.until >= due
                && mark.told.tried.is_some_and(|tried| tried <= line.at)
        });
        let assumed = !hold && line.at >= due + i64::from(*grace) * DAY;
        if !said && !assumed {
            let detail = format!("{name} had not said what was bought up to {}", text(due));
            bad("unknown is not no", &line.step, detail);
        }
    }
}

/// The timer that stands now is the one her calendar says.
fn timer(
    view: View<'_>,
    one: &Enrolment,
    walked: &Chain,
    lines: &[Line],
    found: &mut Vec<Violation>,
) -> rusqlite::Result<()> {
    if one.ended_at.is_some() {
        return Ok(());
    }
    let mut statement = view.db.prepare_cached(
        "SELECT phase, place, coalesce(due_at, parked_at), undecided_since FROM enrolment \
         WHERE customer_id = ? AND chain = ? AND cycle = ? \
         AND shard = (SELECT shard FROM customer WHERE customer_id = ?1)",
    )?;
    let (phase, place, due, undecided): (String, String, Option<i64>, Option<i64>) = statement
        .query_row(rusqlite::params![one.customer, one.chain, one.cycle], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
    let at = match (phase.as_str(), due, undecided) {
        ("waiting", Some(due), _) => due,
        ("undecided", _, Some(since)) => since,
        _ => return Ok(()),
    };
    let zone = zone(view, one);
    let reached = lines.iter().rev().find(|line| line.step == place && line.what == "reached");
    let (Some(step), Some(reached)) = (step(walked, &place), reached) else { return Ok(()) };
    let wanted = match &step.action {
        Action::Wait { delay, .. } => over(zone, reached.at, *delay),
        Action::Repeat { every: Every::Period { period, at: None }, .. } => {
            let rounds = lines.iter().filter(|line| line.step == place && line.what == "round");
            if rounds.count() == 0 {
                reached.at
            } else {
                round_after(zone, lines, &place, *period, at)
            }
        }
        _ => return Ok(()),
    };
    if at != wanted {
        let detail =
            format!("{} at {place} waits until {}, not {}", one.told(), text(at), text(wanted));
        let promise = if at < wanted { "nothing fires early" } else { "no lost timer" };
        found.push(Violation::new(promise, detail));
    }
    Ok(())
}

/// A round without a time of day begins whole periods behind the first one.
fn round_after(
    zone: Zone,
    lines: &[Line],
    place: &str,
    period: chainc_compiler::units::Period,
    said: i64,
) -> i64 {
    let mut comings =
        lines.iter().rev().filter(|line| line.step == place && line.what == "reached");
    let mut begins = comings.next().map_or(said, |line| line.at);
    while begins < said {
        begins = plus(zone, begins, period);
    }
    begins
}
