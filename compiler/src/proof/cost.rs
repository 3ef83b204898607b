//! What the dearest customer of a chain costs: the worst of every path, figure by figure.
//!
//! Every rung of a ladder is taken to be paid, every value to be its longest. Caps on
//! points limit the points; caps on messages, budgets and purchases that end a wait are
//! not counted on.

use super::moments::minutes;
use super::text::Values;
use super::{Terms, Timeline};
use crate::ir::{Action, Amount, Capped, Chain, Channel, Condition, Entry, Step, Text};
use crate::units::Test;
use std::collections::BTreeMap;

/// The most of something; `None` when nothing in the chain limits it.
pub type Most = Option<i64>;

/// What one enrolment of one customer can cost at the very most.
///
/// Each figure is of the path that is the worst for it; they need not be one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dearest {
    /// Points granted.
    pub points: Most,
    /// Promo codes handed out.
    pub codes: Most,
    /// Points of raised cashback.
    pub cashback: Most,
    /// Messages, by channel, and what they cost in minor units.
    pub messages: BTreeMap<Channel, Messages>,
    /// What all messages of one path cost, in minor units.
    pub money: Most,
    /// How many times one customer can enter in a year.
    pub per_year: u32,
    /// How many times in all.
    pub in_all: Option<u32>,
}

/// The messages of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Messages {
    /// How many.
    pub count: Most,
    /// What they cost, in minor units.
    pub money: Most,
}

impl Dearest {
    /// Looks at every path of a chain.
    #[must_use]
    pub fn of(chain: &Chain, terms: &Terms<'_>, timeline: &Timeline) -> Self {
        let values = Values::of(chain, terms.policy);
        let bill = Bill { chain, terms, timeline, values, reachable: days(&chain.audience) };
        let Paths { through, ended } = bill.flow(&chain.steps);
        let worst = match (through, ended) {
            (Some(through), Some(ended)) => through.or(&ended),
            (Some(worst), None) | (None, Some(worst)) => worst,
            (None, None) => Worst::default(),
        };
        let messages = Channel::ALL.into_iter().zip(worst.count).zip(worst.spent);
        let messages =
            messages.map(|((channel, count), money)| (channel, Messages { count, money }));
        let (per_year, in_all) = enrolments(chain.entry);
        Self {
            points: capped(worst.points, chain, terms, timeline),
            codes: worst.codes,
            cashback: worst.cashback,
            messages: messages.filter(|(_, messages)| messages.count != Some(0)).collect(),
            money: worst.money,
            per_year,
            in_all,
        }
    }
}

/// Returns the most points that caps on points let through in one run of the chain.
fn capped(points: Most, chain: &Chain, terms: &Terms<'_>, timeline: &Timeline) -> Most {
    let limits = terms.caps(chain).filter_map(|(_, cap)| match cap.most {
        Capped::Points(most) => {
            let windows = timeline.run.most? / minutes(cap.per).max(1) + 1;
            Some(most.0.saturating_mul(windows))
        }
        Capped::Messages(_) => None,
    });
    points.into_iter().chain(limits).min()
}

/// Returns how many times a customer can enter in a year, and in all.
fn enrolments(entry: Entry) -> (u32, Option<u32>) {
    match entry {
        Entry::Once => (1, Some(1)),
        Entry::Again { after, at_most } => {
            let gap = minutes(after).max(1);
            let times = u32::try_from((365 * 24 * 60 + gap - 1) / gap).unwrap_or(u32::MAX);
            (times.min(at_most.unwrap_or(u32::MAX)).max(1), at_most)
        }
    }
}

/// The worst so far, figure by figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Worst {
    points: Most,
    codes: Most,
    cashback: Most,
    /// In the order of [`Channel::ALL`].
    count: [Most; 4],
    spent: [Most; 4],
    money: Most,
}

impl Default for Worst {
    fn default() -> Self {
        let none = Some(0);
        Self {
            points: none,
            codes: none,
            cashback: none,
            count: [none; 4],
            spent: [none; 4],
            money: none,
        }
    }
}

impl Worst {
    fn with(&self, other: &Self, f: impl Fn(Most, Most) -> Most) -> Self {
        let both = |a: [Most; 4], b: [Most; 4]| {
            let mut b = b.into_iter();
            a.map(|a| f(a, b.next().flatten()))
        };
        Self {
            points: f(self.points, other.points),
            codes: f(self.codes, other.codes),
            cashback: f(self.cashback, other.cashback),
            count: both(self.count, other.count),
            spent: both(self.spent, other.spent),
            money: f(self.money, other.money),
        }
    }

    fn plus(&self, other: &Self) -> Self {
        self.with(other, |a, b| a.zip(b).map(|(a, b)| a.saturating_add(b)))
    }

    fn or(&self, other: &Self) -> Self {
        self.with(other, |a, b| a.zip(b).map(|(a, b)| a.max(b)))
    }

    fn times(&self, times: Option<u32>) -> Self {
        self.with(self, |a, _| match (a, times) {
            (Some(0), _) => Some(0),
            (Some(a), Some(times)) => Some(a.saturating_mul(i64::from(times))),
            _ => None,
        })
    }
}

/// The worst of the paths that come through some steps, and of those that end in them.
struct Paths {
    through: Option<Worst>,
    ended: Option<Worst>,
}

struct Bill<'b> {
    chain: &'b Chain,
    terms: &'b Terms<'b>,
    timeline: &'b Timeline,
    values: Values<'b>,
    /// The days since the last purchase on which somebody may enter.
    reachable: Vec<(i64, i64)>,
}

fn worse(a: Option<Worst>, b: Option<Worst>) -> Option<Worst> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.or(&b)),
        (a, b) => a.or(b),
    }
}

impl Bill<'_> {
    fn flow(&self, steps: &[Step]) -> Paths {
        let mut paths = Paths { through: Some(Worst::default()), ended: None };
        for step in steps {
            let Some(before) = paths.through else { break };
            let step = self.step(step);
            let ended = step.ended.map(|ended| before.plus(&ended));
            paths.ended = worse(paths.ended, ended);
            paths.through = step.through.map(|through| before.plus(&through));
        }
        paths
    }

    fn step(&self, step: &Step) -> Paths {
        let mut worst = Worst::default();
        match &step.action {
            Action::Grant { amount, .. } => worst.points = Some(most(amount, &self.reachable)),
            Action::Cashback { up_to, .. } => worst.cashback = up_to.map(|points| points.0),
            Action::Promo { .. } => worst.codes = Some(1),
            Action::Send { channel, message, .. } | Action::Fallback { channel, message, .. } => {
                let price = self.terms.policy.prices.get(channel).map_or(0, |price| price.0);
                let money = Some(price.saturating_mul(self.parts(*channel, message)));
                let slots = worst.count.iter_mut().zip(&mut worst.spent).zip(Channel::ALL);
                for ((count, spent), _) in slots.filter(|(_, other)| other == channel) {
                    *count = Some(1);
                    *spent = money;
                }
                worst.money = money;
            }
            Action::Wait { .. } | Action::Tag(_) => {}
            Action::If { .. } | Action::Split { .. } => return self.branches(step),
            Action::Repeat { steps, .. } => return self.repeat(step, steps),
            Action::Exit => return Paths { through: None, ended: Some(worst) },
        }
        Paths { through: Some(worst), ended: None }
    }

    fn branches(&self, step: &Step) -> Paths {
        let passes = matches!(step.action, Action::If { otherwise: None, .. });
        let mut paths = Paths { through: passes.then(Worst::default), ended: None };
        for steps in step.inner() {
            let arm = self.flow(steps);
            paths.through = worse(paths.through, arm.through);
            paths.ended = worse(paths.ended, arm.ended);
        }
        paths
    }

    fn repeat(&self, step: &Step, steps: &[Step]) -> Paths {
        let rounds = self.timeline.steps.get(&step.id).and_then(|time| time.rounds);
        let most = rounds.map_or(Some(0), |(_, most)| most);
        if most == Some(0) {
            return Paths { through: Some(Worst::default()), ended: None };
        }
        let round = self.flow(steps);
        let Some(through) = round.through else {
            // The first round is the last one; a repeat that may not begin is passed by.
            let passes = rounds.is_some_and(|(fewest, _)| fewest == 0);
            return Paths { through: passes.then(Worst::default), ended: round.ended };
        };
        let before = through.times(most.map(|most| most.saturating_sub(1)));
        Paths {
            through: Some(through.times(most)),
            ended: round.ended.map(|ended| before.plus(&ended)),
        }
    }

    fn parts(&self, channel: Channel, message: &str) -> i64 {
        let text = self.chain.messages.get(message).and_then(|m| m.texts.get(&channel));
        match text {
            Some(Text::Sms { text }) => i64::from(self.values.parts(text).most),
            Some(Text::Email { .. } | Text::Push { .. } | Text::Webhook { .. }) | None => 1,
        }
    }
}

/// Returns the most points a grant can give to somebody of an audience.
pub(crate) fn most_points(amount: &Amount, audience: &Condition) -> i64 {
    most(amount, &days(audience))
}

fn most(amount: &Amount, reachable: &[(i64, i64)]) -> i64 {
    match amount {
        Amount::Fixed(points) => points.0,
        Amount::ByRecency(bands) => {
            let meets = |from: u32, to: u32| {
                let (from, to) = (i64::from(from), i64::from(to));
                reachable.iter().any(|(low, high)| *low <= to && from <= *high)
            };
            let rows = bands.iter().filter(|band| meets(band.from, band.to));
            rows.map(|band| band.points.0).max().unwrap_or(0)
        }
    }
}

/// Returns the ranges of days since the last purchase on which a condition may hold.
fn days(condition: &Condition) -> Vec<(i64, i64)> {
    const ALL: (i64, i64) = (0, i64::MAX);
    let of = |test: Test| {
        let (low, high) = test.bounds();
        (low.unwrap_or(0).max(0), high.unwrap_or(i64::MAX))
    };
    let ranges = match condition {
        Condition::All(list) => list.iter().fold(vec![ALL], |ranges, part| {
            let other = days(part);
            let meet = |a: &(i64, i64), b: &(i64, i64)| (a.0.max(b.0), a.1.min(b.1));
            let pairs = ranges.iter().flat_map(|a| other.iter().map(move |b| meet(a, b)));
            few(pairs.filter(|(low, high)| low <= high).collect())
        }),
        Condition::Any(list) => list.iter().flat_map(days).collect(),
        Condition::Recency(test) => vec![of(*test)],
        Condition::Not(inner) => match inner.as_ref() {
            Condition::Recency(test) => {
                let (low, high) = of(*test);
                vec![(0, low.saturating_sub(1)), (high.saturating_add(1), i64::MAX)]
            }
            _ => vec![ALL],
        },
        _ => vec![ALL],
    };
    few(ranges.into_iter().filter(|(low, high)| low <= high).collect())
}

/// Joins ranges that touch; of very many makes one.
fn few(mut ranges: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    ranges.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (low, high) in ranges {
        match joined.last_mut() {
            Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
            _ => joined.push((low, high)),
        }
    }
    if joined.len() > 64
        && let (Some(first), Some(last)) = (joined.first(), joined.last())
    {
        return vec![(first.0, last.1)];
    }
    joined
}
