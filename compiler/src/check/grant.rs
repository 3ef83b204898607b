//! Grants: fixed amounts and tables.

use super::Scope;
use crate::diagnostic::{Diagnostic, Kind, Wants};
use crate::ir::{Amount, Band};
use chainc_grammar::syntax::{GrantAmount, Node, Row, Span};

/// Reads what a grant gives.
pub(crate) fn amount(node: &Node<GrantAmount>, scope: &mut Scope<'_>) -> Option<Amount> {
    match &node.value {
        GrantAmount::Fixed(quantity) => {
            let quantity = Node::new(node.span, quantity.clone());
            let points = scope.points(&quantity, Wants::Points)?;
            if points.0 == 0 {
                return scope.zero(&quantity, Wants::Points);
            }
            Some(Amount::Fixed(points))
        }
        GrantAmount::ByRecency(rows) => table(node.span, rows, scope).map(Amount::ByRecency),
    }
}

fn table(span: Span, rows: &[Option<Row>], scope: &mut Scope<'_>) -> Option<Vec<Band>> {
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
        } else if understood && high.from > low.to + 1 {
            Kind::TableGap { from: low.to + 1, to: high.from - 1 }
        } else {
            continue;
        };
        understood &= !matches!(kind, Kind::TableOverlap { .. });
        let found = Diagnostic::new(kind, scope.place(second));
        scope.push(found.related(scope.place(first)));
    }
    understood.then(|| bands.into_iter().map(|(band, _)| band).collect())
}
