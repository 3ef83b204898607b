//! Grants: fixed amounts and tables.

use super::Scope;
use super::moments::Parts;
use crate::checked::Part;
use crate::diagnostic::{Diagnostic, Kind, Wants};
use crate::ir::{Amount, Band, Condition};
use crate::proof::audience::{MOST, Measure, Ranges, values};
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
    let days = audience.map(days_of);
    let gap =
        |low: &Band, high: &Band| between(days.as_ref()?, i64::from(low.to), i64::from(high.from));
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
        } else if let Some((from, to)) = gap(low, high).filter(|_| understood) {
            Kind::TableGap { from, to }
        } else {
            continue;
        };
        understood &= !matches!(kind, Kind::TableOverlap { .. });
        let found = Diagnostic::new(kind, scope.place(second));
        scope.push(found.related(scope.place(first)));
    }
    if let Some(days) = days.as_ref().filter(|_| understood) {
        beyond(&bands, days, scope);
    }
    parts.extend(bands.iter().enumerate().map(|(at, (_, span))| (Part::Row(at), *span)));
    understood.then(|| bands.into_iter().map(|(band, _)| band).collect())
}

/// Returns the days since the last purchase on which somebody of an audience may enter.
fn days_of(audience: &Condition) -> Ranges {
    values(&[audience], &Measure::Recency).and(&Ranges::new(0, MOST))
}

/// Returns the first and the last of these days between two others.
fn between(days: &Ranges, after: i64, before: i64) -> Option<(u32, u32)> {
    let left = days.and(&Ranges::new(after + 1, before - 1));
    let day = |day: Option<i64>| u32::try_from(day?).ok();
    Some((day(left.least())?, day(left.greatest())?))
}

/// Reports days of the audience before the first row and behind the last, when the
/// audience's recency ends on some day: a table has no row for ever.
fn beyond(bands: &[(Band, Span)], days: &Ranges, scope: &mut Scope<'_>) {
    let (Some((first, first_span)), Some((last, last_span))) = (bands.first(), bands.last()) else {
        return;
    };
    if days.greatest().is_none_or(|day| day >= MOST) {
        return;
    }
    let outside = [
        (between(days, -1, i64::from(first.from)), first_span, true),
        (between(days, i64::from(last.to), MOST), last_span, false),
    ];
    for (found, span, before) in outside {
        if let Some((from, to)) = found {
            scope.report(Kind::TableShort { from, to, before }, *span);
        }
    }
}
