//! Conditions of `if` that decide nothing, given who enters, what was decided before, and
//! the time that has passed.
//!
//! What is known of a customer holds at the moment it was asked. When time passes anything
//! may change, with two exceptions: a list that was frozen stays as it is, and behind an
//! `unless purchase` nothing was bought since the entry, so that `recency` has grown by
//! exactly the days that passed. A clock change that moves midnight, and purchases that are
//! heard of late, are left out of account.

use crate::checked::{Checked, CheckedChain, Part};
use crate::diagnostic::{AudienceKind, Because, Diagnostic, Findings, Kind};
use crate::ir::{Action, Condition, Day, Delay, Event, IfArm, Step};
use crate::proof::audience::{ABSENT, MOST, Measure, Ranges, compared, implies, nobody, values};
use crate::units::{Currency, Period, Test};

/// How many conditions are kept in mind: with more, the oldest go.
const MOST_KNOWN: usize = 24;

/// Reports conditions that decide nothing in every chain that was understood.
pub(crate) fn check(checked: &Checked, findings: &mut Findings) {
    for chain in &checked.chains {
        if chain.whole && chain.audience_known {
            let mut walk = Walk { chain, currency: &checked.policy.currency, findings };
            let known = Known::entering(&chain.chain.audience);
            walk.steps(&chain.chain.steps, known);
        }
    }
}

/// What is known of a customer at one point of the chain.
#[derive(Debug, Clone)]
struct Known {
    /// What is true of her now.
    now: Vec<Condition>,
    /// What her recency is if she has bought nothing since she entered.
    recency: Ranges,
    /// Days since she registered.
    registered: Ranges,
    /// True when she has bought nothing since she entered.
    waited: bool,
    /// The fewest days since she entered.
    days: i64,
}

impl Known {
    fn entering(audience: &Condition) -> Self {
        let recency = values(&[audience], &Measure::Recency);
        let registered = values(&[audience], &Measure::Registered);
        Self { now: vec![audience.clone()], recency, registered, waited: false, days: 0 }
    }

    fn conditions(&self) -> Vec<&Condition> {
        self.now.iter().collect()
    }

    /// Returns true when nobody can be here.
    fn is_nobody(&self) -> bool {
        nobody(&self.conditions())
    }

    /// Adds what was asked and found true.
    fn learn(&mut self, condition: Condition) {
        if self.now.len() >= MOST_KNOWN {
            self.now.remove(0);
        }
        self.now.push(condition);
        let asked: Vec<&Condition> = self.now.iter().collect();
        self.registered = values(&asked, &Measure::Registered).and(&self.registered);
        // If she has bought nothing, what was asked was asked of this recency.
        self.recency = values(&asked, &Measure::Recency).and(&self.recency);
    }

    /// Lets between `least` and `most` days pass.
    fn pass(&mut self, least: i64, most: i64) {
        self.now.retain(is_frozen);
        self.recency = later(&self.recency, least, most);
        self.registered = later(&self.registered, least, most);
        self.days = self.days.saturating_add(least);
        self.now.extend(written(&Measure::Registered, &self.registered));
        if self.waited {
            self.now.extend(written(&Measure::Recency, &self.recency));
        }
    }

    /// Forgets what a step may have changed.
    fn forget(&mut self, changed: impl Fn(&Condition) -> bool) {
        self.now.retain(|known| !speaks_of(known, &changed));
    }

    /// Returns what is known where two ways meet.
    fn meet(mut self, other: Self) -> Self {
        self.now.retain(|known| other.now.contains(known));
        self.recency = self.recency.or(&other.recency);
        self.registered = self.registered.or(&other.registered);
        self.waited &= other.waited;
        self.days = self.days.min(other.days);
        self.now.extend(written(&Measure::Registered, &self.registered));
        if self.waited {
            self.now.extend(written(&Measure::Recency, &self.recency));
        }
        self
    }
}

/// Returns days that have passed on; who never bought has none.
fn later(days: &Ranges, least: i64, most: i64) -> Ranges {
    let none = days.and(&Ranges::one(ABSENT));
    days.and(&Ranges::new(0, MOST)).moved(least, most, MOST).or(&none)
}

/// Returns days as a condition, nothing when they can be any.
fn written(measure: &Measure, left: &Ranges) -> Option<Condition> {
    if *left == measure.domain() {
        return None;
    }
    let of = |test| match measure {
        Measure::Registered => Condition::Registered(test),
        _ => Condition::Recency(test),
    };
    let parts = left.pieces().iter().map(|&(low, high)| {
        if low == ABSENT {
            Condition::Not(Box::new(of(Test::AtLeast(0))))
        } else if high >= MOST {
            of(Test::AtLeast(low))
        } else {
            of(Test::Between(low, high))
        }
    });
    Some(Condition::Any(parts.collect()))
}

/// Returns true for a condition that speaks of frozen lists only: time does not change it.
fn is_frozen(condition: &Condition) -> bool {
    match condition {
        Condition::Frozen { .. } => true,
        Condition::Not(inner) => is_frozen(inner),
        Condition::All(parts) | Condition::Any(parts) => parts.iter().all(is_frozen),
        _ => false,
    }
}

fn speaks_of(condition: &Condition, of: &impl Fn(&Condition) -> bool) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().any(|part| speaks_of(part, of))
        }
        Condition::Not(inner) => speaks_of(inner, of),
        Condition::Frozen { .. } => false,
        other => of(other),
    }
}

struct Walk<'w> {
    chain: &'w CheckedChain,
    currency: &'w Currency,
    findings: &'w mut Findings,
}

impl Walk<'_> {
    /// Walks through steps, and returns what is known behind them, `None` where everybody
    /// has left.
    fn steps(&mut self, steps: &[Step], mut known: Known) -> Option<Known> {
        for step in steps {
            known = self.step(step, known)?;
        }
        Some(known)
    }

    fn step(&mut self, step: &Step, mut known: Known) -> Option<Known> {
        match &step.action {
            Action::Grant { .. } => {
                known.forget(|c| matches!(c, Condition::Balance(_) | Condition::Expiring(_)));
            }
            Action::Cashback { .. } | Action::Promo { .. } => {}
            // Until it is settled hours or days may pass.
            Action::Send { .. } | Action::Fallback { .. } => known.pass(0, MOST),
            Action::Wait { delay, unless } => {
                known.waited |= unless.contains(&Event::Purchase);
                let (least, most) = days(*delay);
                known.pass(least, most);
            }
            Action::If { arms, otherwise } => {
                return self.branch(step, arms, otherwise.as_deref(), known);
            }
            Action::Split { arms } => {
                let ends = arms.iter().map(|arm| self.steps(&arm.steps, known.clone()));
                return ends.collect::<Vec<_>>().into_iter().flatten().reduce(Known::meet);
            }
            Action::Repeat { steps, .. } => {
                // A round may be the first or the last one.
                known.pass(0, MOST);
                self.steps(steps, known.clone());
                return Some(known);
            }
            Action::Exit => return None,
            Action::Tag(tag) => {
                known.forget(|c| matches!(c, Condition::Tag(other) if other == tag));
                known.learn(Condition::Tag(tag.clone()));
            }
        }
        Some(known)
    }

    fn branch(
        &mut self,
        step: &Step,
        arms: &[IfArm],
        otherwise: Option<&[Step]>,
        known: Known,
    ) -> Option<Known> {
        let mut ends = Vec::new();
        let mut left = known.clone();
        // Where nobody comes at all, something else is wrong.
        let mut told = known.is_nobody();
        for (at, arm) in arms.iter().enumerate() {
            if !told {
                told = self.judge(step, at, &arm.condition, &known, &left);
            }
            let mut inside = left.clone();
            inside.learn(arm.condition.clone());
            let end = self.steps(&arm.steps, inside.clone());
            ends.extend(end.filter(|_| !inside.is_nobody()));
            left.learn(Condition::Not(Box::new(arm.condition.clone())));
        }
        match otherwise {
            Some(steps) => {
                if !told && left.is_nobody() {
                    self.tell(step, Part::Arm(arms.len()), AudienceKind::UnreachableArm);
                }
                let end = self.steps(steps, left.clone());
                ends.extend(end.filter(|_| !left.is_nobody()));
            }
            None if left.is_nobody() => {}
            None => ends.push(left),
        }
        ends.into_iter().reduce(Known::meet)
    }

    /// Reports an arm that decides nothing. `left` is what is known of those whom the arms
    /// before it have left over. Returns true when nothing more is to be said of this `if`.
    fn judge(
        &mut self,
        step: &Step,
        at: usize,
        condition: &Condition,
        known: &Known,
        left: &Known,
    ) -> bool {
        let part = Part::Condition(at);
        if at > 0 && left.is_nobody() {
            self.tell(step, part, AudienceKind::UnreachableArm);
            return true;
        }
        let with = |known: &Known| {
            let mut conditions = known.conditions();
            conditions.push(condition);
            nobody(&conditions)
        };
        let without = |known: &Known| implies(&known.conditions(), condition);
        if with(known) {
            let because = self.because(known, |known| nobody(&[known, condition]));
            self.tell(step, part, AudienceKind::AlwaysFalse(because));
            return false;
        }
        if without(known) {
            let because = if implies(&[], condition) {
                Because::Itself
            } else {
                self.because(known, |known| implies(&[known], condition))
            };
            self.tell(step, part, AudienceKind::AlwaysTrue(because));
            return true;
        }
        if with(left) {
            self.tell(step, part, AudienceKind::AlwaysFalse(Because::Arms));
        }
        false
    }

    /// Returns why a condition is decided: by what the time has made of recency, by who is in
    /// the chain, or by what was asked before.
    fn because(&self, known: &Known, decides: impl Fn(&Condition) -> bool) -> Because {
        let days = written(&Measure::Recency, &known.recency).filter(|_| known.waited);
        if known.days > 0 && days.as_ref().is_some_and(&decides) {
            let now = known.recency.pieces().iter().filter(|(low, _)| *low != ABSENT);
            let now = now.copied().reduce(|all, next| (all.0, next.1)).and_then(|(low, high)| {
                let high = if high >= MOST { MOST } else { high };
                compared(&Measure::Recency, low, high, self.currency)
            });
            if let Some(now) = now {
                return Because::Time { days: known.days, now };
            }
        }
        if decides(&self.chain.chain.audience) { Because::Audience } else { Because::Above }
    }

    fn tell(&mut self, step: &Step, part: Part, kind: AudienceKind) {
        let Some(places) = self.chain.steps.get(&step.id) else { return };
        let speaks_of_audience = matches!(
            kind,
            AudienceKind::AlwaysTrue(Because::Audience | Because::Time { .. })
                | AudienceKind::AlwaysFalse(Because::Audience | Because::Time { .. })
        );
        let found = Diagnostic::new(Kind::Audience(kind), places.part(part));
        self.findings.push(if speaks_of_audience {
            found.related(self.chain.audience.clone())
        } else {
            found
        });
    }
}

/// Returns the fewest and the most calendar days a wait takes.
fn days(delay: Delay) -> (i64, i64) {
    match delay {
        Delay::For(Period::Days(days)) => (i64::from(days), i64::from(days)),
        Delay::For(Period::Seconds(seconds)) => {
            let days = i64::from(seconds) / 86_400;
            (days, days + 1)
        }
        Delay::Until { day: Day::Any, .. } => (0, 1),
        Delay::Until { day: Day::Weekday(_), .. } => (0, 7),
        Delay::Until { day: Day::Date(_), .. } => (0, MOST),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
mod tests;
