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
    let conditions = || parts.iter().map(|part| part.condition);
    // Where no part is left, the whole is reported. Where all together are everybody, that
    // is how one says so.
    let everybody = || implies(&[], &Condition::Any(conditions().cloned().collect()));
    if let Some(part) = parts.iter().find(|part| implies(&[], part.condition)) {
        let kind = AudienceKind::AlwaysTrue(Because::Itself);
        scope.report(Kind::Audience(kind), part.span);
    } else if conditions().any(|part| !nobody(&[part])) && !everybody() {
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
            let both = Some((scope.text(other.span), scope.text(last.span)));
            let kind = Kind::EmptyCondition { word, both };
            Diagnostic::new(kind, scope.place(last.span)).related(scope.place(other.span))
        }
        Some(other) => found.related(scope.place(other.span)),
        None => found,
    });
}

#[cfg(test)]
mod tests {
    use crate::{Settings, SourceFile, compile};

    /// Returns the slug of each finding about a condition and the words it is at.
    fn found(condition: &str) -> Vec<(&'static str, String)> {
        let text = format!("message m {{ sms \"x\" }}\nsegment {condition} -> sms m\n");
        let file = SourceFile { path: "a.chain".to_owned(), text: text.clone() };
        let compiled = compile(&[file], &Default::default(), &Settings::default());
        let findings = compiled.diagnostics.iter();
        findings.map(|found| (found.slug(), found.place().span.text(&text).to_owned())).collect()
    }

    #[test]
    fn conditions_of_which_every_part_counts_are_not_spoken_of() {
        for condition in [
            "consent sms and reachable sms and not tag staff",
            "recency 30..59 or recency 60..89 or recency 90..120",
            "recency 30..60 or recency 60..89",
            "frequency < 3 or frequency >= 3",
            "frequency >= 0",
            "city \"Omsk\" or city \"Perm\"",
            "not recency 60..89 and frequency >= 1",
            "frequency >= 2 in 180d and recency 60..89",
            "frequency 1..2 per 36d and frequency >= 10",
            "spent >= 15_000 RUB in 90d and spent < 30_000 RUB in 90d",
            "spent >= 15_000 RUB in 90d and average_check < 500 RUB",
            "expiring in 7d and balance >= 100",
            "registered 0..7 and frequency = 0",
            "birthday in 7d and not birthday in 3d",
            "churn > 40% and churn < 41%",
            "bought kids in 180d and not bought kids in 30d",
        ] {
            assert_eq!(found(condition), vec![], "{condition}");
        }
    }

    #[test]
    fn the_part_that_leaves_nobody_or_changes_nothing_is_underlined() {
        let (empty, yes, no) =
            ("empty-condition", "condition-always-true", "condition-always-false");
        for (condition, slug, at) in [
            ("recency 30..59 and recency 60..89", empty, "recency 60..89"),
            ("recency 60..89 and tag a and frequency = 0", empty, "frequency = 0"),
            ("tag a and not tag a", empty, "not tag a"),
            ("city Omsk and city Perm", empty, "city Perm"),
            ("spent >= 100 RUB in 30d and spent < 50 RUB in 90d", empty, "spent < 50 RUB in 90d"),
            ("tag a and tag b and balance = 0 and expiring in 7d", empty, "expiring in 7d"),
            ("not (tag a or not tag a)", empty, "not (tag a or not tag a)"),
            ("overdue > 2 cycles and not recency >= 0", empty, "not recency >= 0"),
            ("recency >= 30 and recency 60..89", yes, "recency >= 30"),
            ("tag a and tag a", yes, "tag a"),
            ("recency 0..9 and frequency >= 1", yes, "frequency >= 1"),
            ("expiring in 7d and balance > 0", yes, "balance > 0"),
            ("city Omsk and not city Perm", yes, "not city Perm"),
            ("recency 60..89 or recency 70..75", no, "recency 70..75"),
            ("birthday in 7d or birthday in 30d", no, "birthday in 7d"),
            ("tag a or (tag a and tag b)", no, "(tag a and tag b)"),
        ] {
            assert_eq!(found(condition), vec![(slug, at.to_owned())], "{condition}");
        }
    }
}
