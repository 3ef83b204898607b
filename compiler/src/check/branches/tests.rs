//! Random chains, walked by random customers: nobody may do what a finding says nobody does.

use crate::checked::{Checked, Part};
use crate::diagnostic::{AudienceKind, Because, Diagnostic, Findings, Kind};
use crate::ir::{Action, Condition, Delay, Event, Step, Window};
use crate::parsed::Parsed;
use crate::units::{Period, Test};
use crate::{Settings, SourceFile};
use std::collections::{BTreeMap, BTreeSet};

/// Numbers that come in the same order in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(n).unwrap()).unwrap()
    }

    fn day(&mut self, n: usize) -> i64 {
        i64::try_from(self.below(n)).unwrap()
    }
}

fn comparison(dice: &mut Dice, most: usize) -> String {
    let n = dice.below(most);
    match dice.below(4) {
        0 => format!("< {}", n + 1),
        1 => format!(">= {n}"),
        2 => format!("{n}..{}", n + dice.below(20)),
        _ => format!("> {n}"),
    }
}

fn condition(dice: &mut Dice, deep: usize) -> String {
    match dice.below(if deep == 0 { 8 } else { 12 }) {
        0..=3 => format!("recency {}", comparison(dice, 60)),
        4 => format!("registered {}", comparison(dice, 60)),
        5 => format!("frequency {} in 30d", comparison(dice, 3)),
        6 => format!("frequency {}", comparison(dice, 3)),
        7 => format!("tag t{}", dice.below(2)),
        8 => format!("not ({})", condition(dice, deep - 1)),
        9 => format!("({}) or ({})", condition(dice, deep - 1), condition(dice, deep - 1)),
        _ => format!("({}) and ({})", condition(dice, deep - 1), condition(dice, deep - 1)),
    }
}

fn flow(dice: &mut Dice, deep: usize) -> String {
    let steps: Vec<String> = (0..=dice.below(3)).map(|_| step(dice, deep)).collect();
    steps.join(" -> ")
}

fn step(dice: &mut Dice, deep: usize) -> String {
    match dice.below(if deep == 0 { 5 } else { 11 }) {
        0 => format!("wait {}d", 1 + dice.below(20)),
        1 | 2 => format!("wait {}d unless purchase", 1 + dice.below(20)),
        3 => format!("tag t{}", dice.below(2)),
        4 => "sms m".to_owned(),
        5 => {
            let (one, other) = (flow(dice, deep - 1), flow(dice, deep - 1));
            format!("split {{ a 50% {{ {one} }} b 50% {{ {other} }} }}")
        }
        6 => format!("repeat daily max 3 {{ {} }}", flow(dice, deep - 1)),
        _ => {
            let mut text = format!("if {} {{ {} }}", condition(dice, 1), flow(dice, deep - 1));
            for _ in 0..dice.below(3) {
                let (asked, then) = (condition(dice, 1), flow(dice, deep - 1));
                text += &format!(" else if {asked} {{ {then} }}");
            }
            if dice.below(2) == 0 {
                text += &format!(" else {{ {} }}", flow(dice, deep - 1));
            }
            text
        }
    }
}

#[derive(Debug, Clone)]
struct Customer {
    /// The days of her purchases; the entry is on day 0.
    purchases: Vec<i64>,
    /// True when she has bought since she entered.
    bought: bool,
    /// True from the first `unless purchase` on.
    waited: bool,
    registered: Option<i64>,
    tags: BTreeSet<String>,
    today: i64,
}

impl Customer {
    fn any(dice: &mut Dice) -> Self {
        let purchases = (0..dice.below(4)).map(|_| -dice.day(80)).collect();
        let registered = (dice.below(4) > 0).then(|| -dice.day(80));
        let tags = (0..2).filter(|_| dice.below(2) == 0).map(|n| format!("t{n}")).collect();
        Self { purchases, bought: false, waited: false, registered, tags, today: 0 }
    }

    fn meets(&self, condition: &Condition) -> bool {
        let count =
            |days: i64| self.purchases.iter().filter(|day| self.today - **day <= days).count();
        let within = |value: i64, test: Test| {
            let (low, high) = test.bounds();
            low.is_none_or(|low| low <= value) && high.is_none_or(|high| value <= high)
        };
        match condition {
            Condition::All(parts) => parts.iter().all(|part| self.meets(part)),
            Condition::Any(parts) => parts.iter().any(|part| self.meets(part)),
            Condition::Not(inner) => !self.meets(inner),
            Condition::Recency(test) => {
                let last = self.purchases.iter().map(|day| self.today - day).min();
                last.is_some_and(|days| within(days, *test))
            }
            Condition::Registered(test) => {
                self.registered.is_some_and(|day| within(self.today - day, *test))
            }
            Condition::Frequency { test, window } => {
                let days = match window {
                    Window::Within(Period::Days(days)) => i64::from(*days),
                    Window::Within(Period::Seconds(_)) | Window::Ever | Window::Per(_) => i64::MAX,
                };
                within(i64::try_from(count(days)).unwrap(), *test)
            }
            Condition::Tag(tag) => self.tags.contains(tag),
            other => panic!("not made here: {other:?}"),
        }
    }

    /// Lets days pass. Returns false when she bought and the chain ends with that.
    fn live(&mut self, days: i64, dice: &mut Dice) -> bool {
        for _ in 0..days {
            if dice.below(60) == 0 {
                self.purchases.push(self.today);
                self.bought = true;
            }
            self.today += 1;
        }
        !(self.waited && self.bought)
    }
}

/// What has been seen at the arms of an `if`.
#[derive(Debug, Default)]
struct Seen {
    /// Asked of anybody who came to the `if`, and answered so.
    answers: BTreeSet<bool>,
    /// The answers of those whom the arms before it left over.
    left: BTreeSet<bool>,
}

type AllSeen = BTreeMap<(String, Part), Seen>;

/// Walks a customer through steps. Returns false when she has left the chain.
fn walk(steps: &[Step], customer: &mut Customer, dice: &mut Dice, seen: &mut AllSeen) -> bool {
    for step in steps {
        let goes_on = match &step.action {
            Action::Wait { delay: Delay::For(Period::Days(days)), unless } => {
                customer.waited |= unless.contains(&Event::Purchase);
                customer.live(i64::from(*days), dice)
            }
            Action::Send { .. } => {
                let days = dice.day(3);
                customer.live(days, dice)
            }
            Action::Tag(tag) => {
                customer.tags.insert(tag.clone());
                true
            }
            Action::Split { arms } => {
                let arm = &arms[dice.below(arms.len())];
                walk(&arm.steps, customer, dice, seen)
            }
            Action::Repeat { steps, .. } => (0..=dice.below(3)).all(|_| {
                let days = dice.day(2);
                customer.live(days, dice) && walk(steps, customer, dice, seen)
            }),
            Action::If { arms, otherwise } => {
                let mut taken = None;
                for (at, arm) in arms.iter().enumerate() {
                    let is = customer.meets(&arm.condition);
                    let seen = seen.entry((step.id.clone(), Part::Condition(at))).or_default();
                    seen.answers.insert(is);
                    if taken.is_none() {
                        seen.left.insert(is);
                        taken = is.then_some(arm.steps.as_slice());
                    }
                }
                if taken.is_none() {
                    let part = Part::Arm(arms.len());
                    seen.entry((step.id.clone(), part)).or_default().left.insert(true);
                }
                let steps = taken.or(otherwise.as_deref());
                steps.is_none_or(|steps| walk(steps, customer, dice, seen))
            }
            other => panic!("not made here: {other:?}"),
        };
        if !goes_on {
            return false;
        }
    }
    true
}

/// Compiles a chain, and returns it with what was found.
fn checked(text: &str) -> (Checked, Vec<Diagnostic>) {
    let file = SourceFile { path: "a.chain".to_owned(), text: text.to_owned() };
    let mut findings = Findings::default();
    let parsed = Parsed::parse(&[file]);
    let resolved = parsed.resolve(&mut findings);
    let checked = resolved.check(&BTreeMap::new(), &Settings::default(), &mut findings);
    (checked, findings.into_sorted())
}

/// Holds a finding against what was seen. Returns false for one of another kind.
fn holds(kind: &AudienceKind, seen: Option<&Seen>) -> Option<bool> {
    let answered = |answer| seen.is_some_and(|seen| seen.answers.contains(&answer));
    Some(match kind {
        AudienceKind::AlwaysTrue(_) => !answered(false),
        AudienceKind::AlwaysFalse(Because::Arms) => {
            !seen.is_some_and(|seen| seen.left.contains(&true))
        }
        AudienceKind::AlwaysFalse(_) => !answered(true),
        AudienceKind::UnreachableArm => seen.is_none_or(|seen| seen.left.is_empty()),
        _ => return None,
    })
}

#[test]
fn nobody_does_what_a_finding_says_nobody_does() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let mut found = BTreeMap::new();
    for _ in 0..800 {
        let (audience, steps) = (condition(&mut dice, 1), flow(&mut dice, 2));
        let text = format!("message m {{ sms \"x\" }}\nsegment {audience} -> {steps}\n");
        let (checked, diagnostics) = checked(&text);
        let Some(chain) =
            checked.chains.first().filter(|chain| chain.whole && chain.audience_known)
        else {
            continue;
        };
        let mut seen = AllSeen::new();
        for _ in 0..120 {
            let mut customer = Customer::any(&mut dice);
            if customer.meets(&chain.chain.audience) {
                walk(&chain.chain.steps, &mut customer, &mut dice, &mut seen);
            }
        }
        for diagnostic in diagnostics {
            let Kind::Audience(kind) = diagnostic.kind() else { continue };
            let place = chain.steps.iter().find_map(|(id, places)| {
                let at = |(part, place): (&Part, _)| (place == diagnostic.place()).then_some(*part);
                places.parts.iter().find_map(at).map(|part| (id.clone(), part))
            });
            let Some(place) = place else { continue };
            if let Some(true) = holds(kind, seen.get(&place)) {
                *found.entry(diagnostic.slug()).or_insert(0) += 1;
            } else {
                panic!(
                    "{kind:?} at {place:?} was seen otherwise, {:?}, in\n{text}",
                    seen.get(&place)
                );
            }
        }
    }
    // A check that is silent would be right as well.
    for slug in ["condition-always-true", "condition-always-false", "unreachable-arm"] {
        assert!(found.get(slug).is_some_and(|times| *times > 10), "{found:?}");
    }
}
