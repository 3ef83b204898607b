//! Grants: fixed amounts and tables.

use super::Scope;
use super::audience::recency;
use super::moments::Parts;
use crate::checked::Part;
use crate::diagnostic::{Diagnostic, Kind, Wants};
use crate::ir::{Amount, Band, Condition};
use chainc_grammar::syntax::{GrantAmount, Node, Row, Span};

/// Reads what a grant gives.
pub(crate) fn amount(
    node: &Node<GrantAmount>,
    audience: Option<&Condition>,
    parts: &mut Parts,
    scope: &mut Scope<'_>,
) -> Option<Amount> {
    match &node.value {
        GrantAmount::Fixed(quantity) => {
            let quantity = Node::new(node.span, quantity.clone());
            let points = scope.points(&quantity, Wants::Points)?;
            if points.0 == 0 {
                return scope.zero(&quantity, Wants::Points);
            }
            Some(Amount::Fixed(points))
        }
        GrantAmount::ByRecency(rows) => {
            table(node.span, rows, audience, parts, scope).map(Amount::ByRecency)
        }
    }
}

fn table(
    span: Span,
    rows: &[Option<Row>],
    audience: Option<&Condition>,
    parts: &mut Parts,
    scope: &mut Scope<'_>,
) -> Option<Vec<Band>> {
    if rows.is_empty() {
        scope.report(Kind::EmptyTable, span);
        return None;
    }
    let mut bands: Vec<(Band, Span)> = Vec::new();
    let mut understood = true;
    for row in rows {
        let Some(row) = row else {
            understood = false;
            continue;
        };
        let days = scope.row_days(&row.days);
        let points = scope.points(&row.points, Wants::Points);
        match (days, points) {
            (Some((from, to)), Some(points)) => {
                bands.push((Band { from, to, points }, row.days.span));
            }
            _ => understood = false,
        }
    }
    bands.sort_by_key(|(band, span)| (band.from, span.start));
    for pair in bands.windows(2) {
        let [(low, low_span), (high, high_span)] = pair else { continue };
        // The later of the two in the text is the one to look at.
        let (first, second) = if low_span.start < high_span.start {
            (*low_span, *high_span)
        } else {
            (*high_span, *low_span)
        };
        let kind = if high.from <= low.to {
            Kind::TableOverlap { from: high.from, to: high.to.min(low.to) }
        } else if let Some((from, to)) = gap(low.to, high.from, audience).filter(|_| understood) {
            Kind::TableGap { from, to }
        } else {
            continue;
        };
        understood &= !matches!(kind, Kind::TableOverlap { .. });
        let found = Diagnostic::new(kind, scope.place(second));
        scope.push(found.related(scope.place(first)));
    }
    if understood {
        beyond(&bands, audience, scope);
    }
    parts.extend(bands.iter().enumerate().map(|(at, (_, span))| (Part::Row(at), *span)));
    understood.then(|| bands.into_iter().map(|(band, _)| band).collect())
}

/// Returns the first and the last day between two rows on which somebody of the audience
/// may stand. Nothing when the audience was not understood.
fn gap(end: u32, start: u32, audience: Option<&Condition>) -> Option<(u32, u32)> {
    let audience = audience?;
    // A gap of years is none a person overlooks; its first days tell.
    let days = || (end.saturating_add(1)..start).take(1000);
    let first = days().find(|day| may_hold(audience, *day))?;
    let end = start.saturating_sub(1);
    let last =
        if may_hold(audience, end) { end } else { days().rfind(|day| may_hold(audience, *day))? };
    Some((first, last))
}

/// Reports days of the audience before the first row and behind the last, when the
/// audience's recency ends on some day: a table has no row for ever.
fn beyond(bands: &[(Band, Span)], audience: Option<&Condition>, scope: &mut Scope<'_>) {
    let (Some((first, first_span)), Some((last, last_span))) = (bands.first(), bands.last()) else {
        return;
    };
    let Some((audience, (low, Some(high)))) = audience.map(|a| (a, recency(a))) else { return };
    let days = |days: Option<i64>| u32::try_from(days.unwrap_or(0).max(0)).ok();
    let (Some(low), Some(high)) = (days(low), days(Some(high))) else { return };
    // `gap` looks between two days that belong to rows.
    let outside = [
        (low.checked_sub(1), first.from.min(high.saturating_add(1)), first_span, true),
        (Some(last.to.max(low.saturating_sub(1))), high.saturating_add(1), last_span, false),
    ];
    for (end, start, span, before) in outside {
        let found = match end {
            Some(end) => gap(end, start, Some(audience)),
            // From the very day of the purchase on.
            None if start == 0 => None,
            None if may_hold(audience, 0) => {
                Some((0, gap(0, start, Some(audience)).map_or(0, |(_, to)| to)))
            }
            None => gap(0, start, Some(audience)),
        };
        if let Some((from, to)) = found {
            scope.report(Kind::TableShort { from, to, before }, *span);
        }
    }
}

/// Returns false when nobody so many days after a purchase can meet the condition.
fn may_hold(condition: &Condition, day: u32) -> bool {
    let at = i64::from(day);
    let within = |(low, high): (Option<i64>, Option<i64>)| {
        low.is_none_or(|low| low <= at) && high.is_none_or(|high| at <= high)
    };
    match condition {
        Condition::All(list) => list.iter().all(|part| may_hold(part, day)),
        Condition::Any(list) => list.iter().any(|part| may_hold(part, day)),
        Condition::Recency(test) => within(test.bounds()),
        Condition::Not(inner) => match inner.as_ref() {
            Condition::Recency(test) => !within(test.bounds()),
            _ => true,
        },
        _ => true,
    }
}
