//! Days that come round: who comes in by such a day of hers comes in when it comes round, and
//! is left out in no year. The 29th of February is the 1st of March of other years.

use super::enrolments::{Enrolment, all};
use super::walk::{business, minus, plus};
use super::zones::{DAY, Zone, date_of, text};
use super::{Found, View, Violation};
use crate::world::log::{Person, Standing};
use chainc_compiler::ir::{AttributeTest, Chain, Condition, Entry};
use chainc_compiler::units::Period;

const PROMISE: &str = "days come round";

type Date = (i64, i64, i64);

pub(super) fn check(view: View<'_>) -> Found {
    let mut found = Vec::new();
    for one in all(view)? {
        let Some(walked) = view.editions.version(&one.chain, &one.version) else { continue };
        let Some(person) = view.log.person(&one.customer) else { continue };
        if !view.log.is_plain(&one.customer) {
            continue;
        }
        let zone = business(&view.editions.all[view.edition].program, walked);
        for (period, date) in days(&walked.audience, person) {
            let today = zone.day(one.entered_at);
            let last = zone.day(plus(zone, one.entered_at, period));
            if !(today..=last).any(|day| is_on(date, day)) {
                let detail = format!("{}, {date:?}: {}", one.told(), text(one.entered_at));
                found.push(Violation::new(PROMISE, detail));
            }
        }
    }
    Ok(found)
}

/// The days of hers that a chain asks for, and how long before each she may come in.
fn days(audience: &Condition, person: &Person) -> Vec<(Period, Date)> {
    match audience {
        Condition::All(all) => all.iter().flat_map(|one| days(one, person)).collect(),
        Condition::Birthday(period) => {
            person.birthday.map(|day| (*period, day)).into_iter().collect()
        }
        Condition::Attribute { name, is: AttributeTest::Within(period) } if name == "since" => {
            person.since.map(|day| (*period, day)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Tells whether a day of the year comes round on a day.
fn is_on((_, month, day): Date, on: i64) -> bool {
    let (year, m, d) = date_of(on);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    (m, d) == (month, day) || ((month, day) == (2, 29) && !is_leap && (m, d) == (3, 1))
}

/// Nobody was left out of a chain that asks for nothing but a birthday, and did not stand
/// still, while a run was there to let her in.
pub(super) fn at_the_end(view: View<'_>) -> Found {
    let Some(calm_from) = view.log.calm_from else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let entries = all(view)?;
    let edition = &view.editions.all[view.edition];
    for chain in &edition.program.chains {
        let Condition::Birthday(period) = chain.audience else { continue };
        let zone = business(&edition.program, chain);
        for person in view.log.people.iter().filter(|person| view.log.is_plain(&person.id)) {
            let (Some(ack), Some(date)) = (person.told.acked, person.birthday) else { continue };
            let hers: Vec<&Enrolment> = entries
                .iter()
                .filter(|one| one.customer == person.id && one.chain == chain.name)
                .collect();
            for day in zone.day(ack.clock) + 20..zone.day(calm_from) - 1 {
                if is_on(date, day) {
                    found.extend(left_out(view, chain, zone, &hers, (day, period)).map(|when| {
                        let detail = format!("{} was left out of {} {when}", person.id, chain.name);
                        Violation::new(PROMISE, detail)
                    }));
                }
            }
        }
    }
    Ok(found)
}

/// Says when somebody was left out by one return of her day.
fn left_out(
    view: View<'_>,
    chain: &Chain,
    zone: Zone,
    hers: &[&Enrolment],
    (day, period): (i64, Period),
) -> Option<String> {
    // A clock that is an hour off may take away a day at each end.
    let from = minus(zone, zone.at(day, 0), period) + DAY;
    let to = zone.at(day, 0);
    if view.log.away.iter().any(|(gone, back)| *gone < to && from < *back)
        || stood_still(view, chain, from, to)
    {
        return None;
    }
    let Entry::Again { after, at_most: None } = chain.entry else { return None };
    let may_not = hers.iter().any(|one| {
        let too_soon = one.entered_at > minus(zone, from, after) && one.entered_at < to + 2 * DAY;
        let still_in = one.entered_at < to && one.ended_at.is_none_or(|ended| ended > from);
        too_soon || still_in
    });
    (!may_not).then(|| text(to))
}

/// Tells whether a chain was told to stand still, or to go on, while a day was near; or stood
/// still before. When an order took hold that was not heard to be done nobody knows.
fn stood_still(view: View<'_>, chain: &Chain, from: i64, to: i64) -> bool {
    let orders = view.log.orders.iter().filter(|order| order.chain == chain.name);
    let orders = orders.filter_map(|order| {
        let done = order.told.acked.map_or(i64::MAX, |ack| ack.clock);
        order.told.tried.map(|tried| (tried, done, order.standing))
    });
    let known: Vec<_> = orders.filter(|(tried, ..)| *tried <= to + DAY).collect();
    known.iter().any(|(_, done, _)| *done >= from - DAY)
        || known
            .iter()
            .max_by_key(|(_, done, _)| *done)
            .is_some_and(|(.., standing)| *standing != Standing::Running)
}
