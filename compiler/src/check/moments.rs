//! Moments: `wait until`, `repeat`, `schedule`.

use super::Scope;
use super::settings::Line;
use crate::checked::Part;
use crate::diagnostic::{FormKind, Kind, Wants};
use crate::ir::{Day, Delay, Every, Schedule};
use crate::units::{ClockTime, Date, Period};
use chainc_grammar::syntax::{Quantity, Scalar, Setting, Span};

/// The time of the day where none is said.
const MORNING: ClockTime = ClockTime(600);

/// Pieces with their places.
pub(super) type Parts = Vec<(Part, Span)>;

fn is_clock(quantity: &Quantity) -> bool {
    matches!(quantity, Quantity::One(Scalar::Clock(..)))
}

fn is_date(quantity: &Quantity) -> bool {
    matches!(quantity, Quantity::One(Scalar::Date(..)))
}

/// Reads `until sat 11:00`, `until 2026-03-08`, `until 11:00`.
pub(super) fn until(rule: &Setting, scope: &mut Scope<'_>) -> Option<(Delay, Parts)> {
    let form = "`wait until 11:00`, `wait until sat 11:00` or `wait until 2026-03-08 11:00`";
    let mut line = Line::new(scope, rule, form);
    let mut parts = vec![(Part::Delay, line.span())];
    let day = if let Some(weekday) = line.weekday() {
        Some(Day::Weekday(weekday.value))
    } else if let Some(node) = line.quantity_if(is_date) {
        parts.push((Part::Until, node.span));
        Some(Day::Date(line.scope.date(&node, Wants::Until)?))
    } else {
        None
    };
    line.has("at");
    let at = match line.quantity_if(is_clock) {
        Some(node) => {
            parts.push((Part::Clock, node.span));
            line.scope.time(&node, Wants::Clock)?
        }
        None if day.is_some() => MORNING,
        None => return line.fail(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
    };
    line.done()?;
    Some((Delay::Until { day: day.unwrap_or(Day::Any), at }, parts))
}

/// Reads `daily at 09:30`, `weekly on mon at 09:30`.
pub(super) fn schedule(setting: &Setting, scope: &mut Scope<'_>) -> Option<Schedule> {
    let form = "`schedule daily at 09:30` or `schedule weekly on mon at 09:30`";
    let mut line = Line::new(scope, setting, form);
    let on = if line.has("weekly") {
        line.word("on")?;
        match line.weekday() {
            Some(day) => Some(day.value),
            None => return line.fail(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
        }
    } else {
        line.word("daily")?;
        None
    };
    let at = if line.has("at") {
        let node = line.quantity()?;
        line.scope.time(&node, Wants::Clock)?
    } else {
        MORNING
    };
    line.done()?;
    Some(Schedule { on, at })
}

/// What stands between `repeat` and its brace.
#[derive(Debug)]
pub(super) struct Rounds {
    pub(super) every: Every,
    pub(super) until_purchase: bool,
    pub(super) until: Option<Date>,
    pub(super) max: Option<u32>,
    pub(super) parts: Parts,
}

/// Reads `weekly on tue at 12:00 until purchase or 2025-10-31 max 13`.
pub(super) fn repeat(rule: &Setting, scope: &mut Scope<'_>) -> Option<Rounds> {
    let form = "`repeat weekly on tue at 12:00 max 13 { ... }`, `repeat daily at 12:00 until \
                2025-10-31 { ... }` or `repeat every 3d max 5 { ... }`";
    let mut line = Line::new(scope, rule, form);
    let mut parts = Parts::new();
    let every = rhythm(&mut line, &mut parts)?;
    let mut rounds = Rounds { every, until_purchase: false, until: None, max: None, parts };
    while !line.is_done() {
        if line.has("until") {
            until_of(&mut line, &mut rounds)?;
            while line.has("or") {
                until_of(&mut line, &mut rounds)?;
            }
        } else if line.has("max") {
            let node = line.quantity()?;
            rounds.parts.push((Part::Max, node.span));
            rounds.max = Some(line.scope.count(&node, Wants::Rounds)?);
            if !line.has("times") {
                line.has("time");
            }
        } else {
            return line.fail(&["until", "max"]);
        }
    }
    if rounds.max.is_none() && rounds.until.is_none() {
        scope.report(Kind::Form(FormKind::EndlessRepeat), rule.word.span);
        return None;
    }
    Some(rounds)
}

fn until_of(line: &mut Line<'_, '_>, rounds: &mut Rounds) -> Option<()> {
    if line.has("purchase") {
        rounds.until_purchase = true;
        return Some(());
    }
    match line.quantity_if(is_date) {
        Some(node) => {
            rounds.parts.push((Part::Until, node.span));
            rounds.until = Some(line.scope.date(&node, Wants::Until)?);
            Some(())
        }
        None => line.fail(&["purchase"]),
    }
}

fn rhythm(line: &mut Line<'_, '_>, parts: &mut Parts) -> Option<Every> {
    let weekly = line.has("weekly");
    let on = if weekly && line.has("on") {
        match line.weekday() {
            Some(day) => {
                parts.push((Part::Every, day.span));
                Some(day.value)
            }
            None => return line.fail(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
        }
    } else {
        None
    };
    let period = if weekly {
        Period::Days(7)
    } else if line.has("daily") {
        Period::Days(1)
    } else if line.has("every") {
        if let Some(day) = line.weekday() {
            parts.push((Part::Every, day.span));
            return Some(Every::Weekly { on: day.value, at: at(line, parts)? });
        }
        let node = line.quantity()?;
        parts.push((Part::Every, node.span));
        line.scope.period(&node, Wants::Every)?
    } else {
        return line.fail(&["daily", "weekly", "every"]);
    };
    let at = at(line, parts)?;
    if let (Some(_), Period::Seconds(seconds)) = (at, period)
        && seconds % 86_400 != 0
        && let Some((_, clock)) = parts.last()
    {
        let kind = FormKind::HoursAtClock { every: period.to_string() };
        line.scope.report(Kind::Form(kind), *clock);
        return None;
    }
    Some(match on {
        Some(on) => Every::Weekly { on, at },
        None => Every::Period { period, at },
    })
}

fn at(line: &mut Line<'_, '_>, parts: &mut Parts) -> Option<Option<ClockTime>> {
    if !line.has("at") {
        return Some(None);
    }
    let node = line.quantity()?;
    parts.push((Part::Clock, node.span));
    line.scope.time(&node, Wants::Clock).map(Some)
}
