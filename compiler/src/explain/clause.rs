//! Conditions in the order people say them: negations at the words they belong to, rows of
//! `and` and `or` flat, bands that touch as one.

use crate::ir::Condition;
use crate::units::Test;

/// A condition ready to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Clause {
    /// One thing that holds of a customer, or does not.
    One {
        /// Never `All`, `Any` or `Not`.
        of: Condition,
        /// False when it must not hold.
        holds: bool,
    },
    /// All of them hold: two or more, none of them an `All`.
    All(Vec<Clause>),
    /// At least one holds: two or more, none of them an `Any`.
    Any(Vec<Clause>),
}

impl Clause {
    /// Returns what a condition says.
    pub(crate) fn of(condition: &Condition) -> Self {
        Self::said(condition, true)
    }

    fn said(condition: &Condition, holds: bool) -> Self {
        match condition {
            Condition::Not(inner) => Self::said(inner, !holds),
            Condition::All(parts) => Self::row(parts, holds, holds),
            Condition::Any(parts) => Self::row(parts, holds, !holds),
            other => Self::One { of: other.clone(), holds },
        }
    }

    /// A row of conditions; `every` when all of what is said must hold. "Not both" is said as
    /// "one of them not".
    fn row(parts: &[Condition], holds: bool, every: bool) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match (Self::said(part, holds), every) {
                (Self::All(inner), true) | (Self::Any(inner), false) => flat.extend(inner),
                (other, _) => flat.push(other),
            }
        }
        if !every {
            join_bands(&mut flat);
        }
        match (flat.len(), flat.pop()) {
            (1, Some(only)) => only,
            (_, last) => {
                flat.extend(last);
                if every { Self::All(flat) } else { Self::Any(flat) }
            }
        }
    }
}

/// Puts bands of recency that touch or overlap into one, where the first of them stands.
fn join_bands(clauses: &mut Vec<Clause>) {
    let mut at = 0;
    while at < clauses.len() {
        let Some(mut joined) = clauses.get(at).and_then(band) else {
            at += 1;
            continue;
        };
        let mut behind = at + 1;
        while let Some(next) = clauses.get(behind) {
            match band(next) {
                Some((from, to)) if from <= joined.1 + 1 && joined.0 <= to + 1 => {
                    joined = (joined.0.min(from), joined.1.max(to));
                    clauses.remove(behind);
                    // What did not touch before may do so now.
                    behind = at + 1;
                }
                _ => behind += 1,
            }
        }
        if let Some(place) = clauses.get_mut(at) {
            let of = Condition::Recency(Test::Between(joined.0, joined.1));
            *place = Clause::One { of, holds: true };
        }
        at += 1;
    }
}

fn band(clause: &Clause) -> Option<(i64, i64)> {
    match clause {
        Clause::One { of: Condition::Recency(Test::Between(from, to)), holds: true } => {
            Some((*from, *to))
        }
        _ => None,
    }
}

/// Returns the test that is passed exactly when `test` is not, or `None` when that takes two.
pub(super) fn opposite(test: Test) -> Option<Test> {
    Some(match test {
        Test::Below(n) => Test::AtLeast(n),
        Test::AtMost(n) => Test::Above(n),
        Test::AtLeast(n) => Test::Below(n),
        Test::Above(n) => Test::AtMost(n),
        Test::Exactly(_) | Test::Between(..) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recency(from: i64, to: i64) -> Condition {
        Condition::Recency(Test::Between(from, to))
    }

    fn tag(name: &str) -> Condition {
        Condition::Tag(name.to_owned())
    }

    #[test]
    fn bands_that_touch_are_one() {
        let bands = Condition::Any(vec![recency(30, 59), recency(90, 120), recency(60, 89)]);
        assert_eq!(Clause::of(&bands), Clause::One { of: recency(30, 120), holds: true });
        let apart = Condition::Any(vec![recency(30, 59), tag("vip"), recency(61, 89)]);
        let Clause::Any(parts) = Clause::of(&apart) else { panic!("not a choice") };
        assert_eq!(parts.len(), 3);
    }

    #[test]
    fn bands_behind_another_condition_are_joined_too() {
        let choice = Condition::Any(vec![tag("vip"), recency(30, 59), recency(60, 89)]);
        let Clause::Any(parts) = Clause::of(&choice) else { panic!("not a choice") };
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn not_both_is_said_as_one_of_them_not() {
        let both = Condition::All(vec![tag("a"), Condition::Not(Box::new(tag("b")))]);
        let not = |of, holds| Clause::One { of, holds };
        assert_eq!(
            Clause::of(&Condition::Not(Box::new(both))),
            Clause::Any(vec![not(tag("a"), false), not(tag("b"), true)])
        );
    }

    #[test]
    fn rows_within_rows_are_flat() {
        let inner = Condition::All(vec![tag("b"), tag("c")]);
        let outer = Condition::All(vec![tag("a"), inner]);
        let Clause::All(parts) = Clause::of(&outer) else { panic!("not a row") };
        assert_eq!(parts.len(), 3);
    }
}
