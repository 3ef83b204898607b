//! Parts of a condition that leave nobody, or that change nothing.

use super::Scope;
use super::bands::{self, Band};
use crate::diagnostic::{AudienceKind, Because, Diagnostic, Kind};
use crate::ir::Condition;
use crate::proof::audience::{Answer, can_hold, implies, nobody, sole_measure};
use chainc_grammar::syntax::Span;

/// Of how many parts each is held against all the others.
const MOST_PARTS: usize = 12;

/// A part of a condition.
pub(super) struct Part<'p> {
    pub(super) span: Span,
    pub(super) condition: &'p Condition,
    /// True for one comparison, written here.
    pub(super) plain: bool,
}

/// Looks at parts joined by `and`. Returns false, and has reported it, when they leave
/// nobody.
pub(super) fn all(parts: &[Part<'_>], scope: &mut Scope<'_>) -> bool {
    let conditions: Vec<&Condition> = parts.iter().map(|part| part.condition).collect();
    match can_hold(&conditions) {
        Answer::No => {
            contradiction(parts, scope);
            return false;
        }
        Answer::Yes(_) => {}
        Answer::Unknown => return true,
    }
    redundant(parts, scope, AudienceKind::AlwaysTrue, |part, rest| {
        if implies(&[], part) {
            Some(Because::Itself)
        } else {
            implies(rest, part).then_some(Because::Rest)
        }
    });
    true
}

/// Looks at parts joined by `or`.
pub(super) fn any(parts: &[Part<'_>], scope: &mut Scope<'_>) {
    // Where no part is left, the whole is reported.
    if parts.iter().any(|part| !nobody(&[part.condition])) {
        redundant(parts, scope, AudienceKind::AlwaysFalse, |part, rest| {
            let rest = Condition::Any(rest.iter().map(|part| (*part).clone()).collect());
            if nobody(&[part]) {
                Some(Because::Itself)
            } else {
                implies(&[part], &rest).then_some(Because::Rest)
            }
        });
    }
    let bands = parts.iter().filter(|part| part.plain).filter_map(|part| {
        Band::of(&scope.text(part.span), part.condition, scope.place(part.span))
    });
    let bands: Vec<Band> = bands.collect();
    for found in bands::in_choice(&bands, scope.currency) {
        scope.push(found);
    }
}

/// Reports parts that change nothing, the last ones first: what is taken out says nothing
/// of the others any more.
fn redundant(
    parts: &[Part<'_>],
    scope: &mut Scope<'_>,
    kind: fn(Because) -> AudienceKind,
    why: impl Fn(&Condition, &[&Condition]) -> Option<Because>,
) {
    if parts.len() > MOST_PARTS {
        return;
    }
    let mut left: Vec<&Part<'_>> = parts.iter().collect();
    for part in parts.iter().rev() {
        let others = left.iter().filter(|other| !std::ptr::eq(**other, part));
        let rest: Vec<&Condition> = others.map(|other| other.condition).collect();
        if let Some(because) = why(part.condition, &rest) {
            left.retain(|other| !std::ptr::eq(*other, part));
            scope.report(Kind::Audience(kind(because)), part.span);
        }
    }
}

/// Reports a condition that nobody meets. What is joined by `and` has been looked at.
pub(super) fn one(span: Span, condition: &Condition, scope: &mut Scope<'_>) -> bool {
    let empty = !matches!(condition, Condition::All(_)) && nobody(&[condition]);
    if empty {
        scope.report(Kind::Audience(AudienceKind::Contradiction), span);
    }
    !empty
}

fn leaves_nobody(parts: &[Part<'_>]) -> bool {
    let conditions: Vec<&Condition> = parts.iter().map(|part| part.condition).collect();
    nobody(&conditions)
}

/// Reports the first part at which nobody is left, with the one it excludes.
fn contradiction(parts: &[Part<'_>], scope: &mut Scope<'_>) {
    let mut at = parts.len();
    // The shortest beginning that leaves nobody; shorter ones leave somebody.
    let (mut low, mut high) = (1, parts.len());
    while low <= high {
        let middle = low.midpoint(high);
        if parts.get(..middle).is_some_and(leaves_nobody) {
            at = middle;
            high = middle - 1;
        } else {
            low = middle + 1;
        }
    }
    let Some((last, before)) = parts.get(..at).and_then(<[Part<'_>]>::split_last) else { return };
    let kind = Kind::Audience(AudienceKind::Contradiction);
    let found = Diagnostic::new(kind, scope.place(last.span));
    let alone = nobody(&[last.condition]);
    let other =
        before.iter().filter(|_| !alone).find(|other| nobody(&[other.condition, last.condition]));
    let about = |part: &Part<'_>| sole_measure(part.condition);
    scope.push(match other {
        Some(other) if about(other).is_some() && about(other) == about(last) => {
            let word = about(last).map(|measure| measure.word().to_owned()).unwrap_or_default();
            Diagnostic::new(Kind::EmptyCondition { word }, scope.place(last.span))
        }
        Some(other) => found.related(scope.place(other.span)),
        None => found,
    });
}
