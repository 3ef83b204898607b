//! What a chain costs: the dearest customer against the budgets, gifts without a limit, the
//! parts of an SMS.

use crate::checked::{Checked, CheckedChain, Part};
use crate::diagnostic::{Cost, Diagnostic, Findings, Kind, MoneyKind, Place};
use crate::ir::{Action, Amount, Budget, Capped, Channel, Step, Text};
use crate::proof::cost::most_points;
use crate::proof::text::Values;
use crate::proof::{Dearest, SaidBy, Terms, Timeline};
use crate::units::{Currency, Minor};
use std::collections::BTreeMap;

/// The SMS texts that the longest values tear into more parts, by place.
type Torn = BTreeMap<(std::sync::Arc<str>, u32, u32), Diagnostic>;

/// What chains have in common, told once.
#[derive(Default)]
pub(crate) struct Shared {
    /// Of the budgets of an experiment, by its name and the word, the first chain that is
    /// dearer.
    budgets: BTreeMap<(String, String), Diagnostic>,
    torn: Torn,
}

impl Shared {
    /// Reports what has been found.
    pub(crate) fn tell(self, findings: &mut Findings) {
        let all = self.budgets.into_values().chain(self.torn.into_values());
        all.for_each(|found| findings.push(found));
    }
}

/// Reports what is wrong with what a chain costs.
pub(crate) fn check(
    checked: &Checked,
    chain: &CheckedChain,
    timeline: &Timeline,
    shared: &mut Shared,
    findings: &mut Findings,
) {
    let terms = checked.terms(chain);
    let dearest = Dearest::of(&chain.chain, &terms, timeline);
    let check = Check { checked, chain, terms, timeline, dearest };
    for (by, word, found) in check.budgets() {
        match (by, &chain.chain.experiment) {
            (SaidBy::Experiment, Some(experiment)) => {
                shared.budgets.entry((experiment.clone(), word)).or_insert(found);
            }
            _ => findings.push(found),
        }
    }
    check.grants(&chain.chain.steps, None, findings);
    if !chain.bare {
        check.unbudgeted(findings);
    }
    check.texts(&mut shared.torn);
}

struct Check<'c> {
    checked: &'c Checked,
    chain: &'c CheckedChain,
    terms: Terms<'c>,
    timeline: &'c Timeline,
    dearest: Dearest,
}

impl Check<'_> {
    /// Budgets that do not last for one customer.
    fn budgets(&self) -> Vec<(SaidBy, String, Diagnostic)> {
        let currency = &self.checked.policy.currency;
        let mut found = Vec::new();
        for (by, budget) in self.terms.budgets(&self.chain.chain) {
            let (word, needs, limit, points) = match budget {
                Budget::Points { limit, .. } => {
                    ("budget points".to_owned(), self.dearest.points, limit.0, true)
                }
                Budget::Money { limit, on: None, .. } => {
                    ("budget money".to_owned(), self.dearest.money, limit.0, false)
                }
                Budget::Money { limit, on: Some(channel), .. } => {
                    let messages = self.dearest.messages.get(&channel);
                    let needs = messages.map_or(Some(0), |messages| messages.money);
                    (format!("budget {channel}"), needs, limit.0, false)
                }
            };
            let Some(needs) = needs.filter(|needs| *needs > limit) else { continue };
            let Some(place) = self.settings_of(by).and_then(|places| places.get(&word)) else {
                continue;
            };
            let shown = |amount| {
                if points {
                    Cost::Points(amount)
                } else {
                    Cost::Money(money(Minor(amount), currency))
                }
            };
            let chain = self.chain.chain.name.clone();
            let kind =
                MoneyKind::BelowOneCustomer { needs: shown(needs), limit: shown(limit), chain };
            found.push((by, word, Diagnostic::new(Kind::Money(kind), place.clone())));
        }
        found
    }

    fn settings_of(&self, by: SaidBy) -> Option<&BTreeMap<String, Place>> {
        match by {
            SaidBy::Chain => Some(&self.chain.settings),
            SaidBy::Experiment => {
                let name = self.chain.chain.experiment.as_ref()?;
                let experiments = self.checked.experiments.iter();
                experiments.into_iter().find(|e| e.name == *name).map(|e| &e.settings)
            }
            SaidBy::Brand | SaidBy::Policy => None,
        }
    }

    fn place(&self, step: &str, part: Part) -> Place {
        let step = self.chain.steps.get(step);
        step.map_or_else(|| self.chain.place.clone(), |step| step.part(part))
    }

    /// Grants one by one: without an end, in a repeat without a cap, and tables that give
    /// less the longer the silence.
    fn grants(&self, steps: &[Step], repeat: Option<&str>, findings: &mut Findings) {
        for step in steps {
            let inside = matches!(step.action, Action::Repeat { .. }).then_some(step.id.as_str());
            for steps in step.inner() {
                self.grants(steps, inside.or(repeat), findings);
            }
            let Action::Grant { amount, expires, .. } = &step.action else { continue };
            self.table(step, amount, findings);
            if self.chain.bare {
                continue;
            }
            if expires.is_none() {
                let place = self.place(&step.id, Part::Amount);
                findings.push(Diagnostic::new(Kind::Money(MoneyKind::GrantWithoutExpiry), place));
            }
            if let Some(repeat) = repeat
                && self.checked.policy_whole
                && !self.has_points_cap()
            {
                self.uncapped(step, amount, repeat, findings);
            }
        }
    }

    fn has_points_cap(&self) -> bool {
        let mut caps = self.terms.caps(&self.chain.chain);
        caps.any(|(_, cap)| matches!(cap.most, Capped::Points(_)))
    }

    fn uncapped(&self, step: &Step, amount: &Amount, repeat: &str, findings: &mut Findings) {
        let rounds = self.timeline.steps.get(repeat).and_then(|time| time.rounds);
        let Some((_, rounds)) = rounds.filter(|(_, most)| most.is_none_or(|most| most > 1)) else {
            return;
        };
        let points = most_points(amount, &self.chain.chain.audience);
        let points = rounds.map(|rounds| (rounds, points.saturating_mul(i64::from(rounds))));
        let kind = Kind::Money(MoneyKind::GrantInRepeat { points });
        let found = Diagnostic::new(kind, self.place(&step.id, Part::Amount));
        findings.push(match self.chain.steps.get(repeat) {
            Some(repeat) => found.related(repeat.word.clone()),
            None => found,
        });
    }

    fn table(&self, step: &Step, amount: &Amount, findings: &mut Findings) {
        let Amount::ByRecency(bands) = amount else { return };
        for (at, pair) in bands.windows(2).enumerate() {
            let [before, row] = pair else { continue };
            if row.points < before.points {
                let days = if row.from == row.to {
                    row.from.to_string()
                } else {
                    format!("{}..{}", row.from, row.to)
                };
                let kind = MoneyKind::LongerSilenceSmallerGift {
                    days,
                    points: row.points.0,
                    before: before.points.0,
                };
                let place = self.place(&step.id, Part::Row(at + 1));
                let found = Diagnostic::new(Kind::Money(kind), place);
                findings.push(found.related(self.place(&step.id, Part::Row(at))));
            }
        }
    }

    /// Grants that no budget of points limits, told at the first of them.
    fn unbudgeted(&self, findings: &mut Findings) {
        let mut budgets = self.terms.budgets(&self.chain.chain);
        if budgets.any(|(_, budget)| matches!(budget, Budget::Points { .. })) {
            return;
        }
        if let Some(step) = first_grant(&self.chain.chain.steps) {
            let kind = MoneyKind::GrantWithoutBudget { points: self.dearest.points };
            let place = self.place(step, Part::Amount);
            findings.push(Diagnostic::new(Kind::Money(kind), place));
        }
    }

    /// SMS texts that the longest values tear into more parts than the shortest need.
    fn texts(&self, torn: &mut Torn) {
        let Some(price) = self.checked.policy.prices.get(&Channel::Sms) else { return };
        if price.0 == 0 {
            return;
        }
        let values = Values::of(&self.chain.chain, &self.checked.policy);
        for (name, message) in self.chain.chain.messages.iter().filter(|(_, m)| !m.draft) {
            let Some(Text::Sms { text }) = message.texts.get(&Channel::Sms) else { continue };
            let parts = values.parts(text);
            let place = self.chain.texts.get(&(name.clone(), Channel::Sms));
            let Some(place) = place.filter(|_| parts.most > parts.fewest) else { continue };
            let currency = &self.checked.policy.currency;
            let cost =
                |parts: u32| money(Minor(price.0.saturating_mul(i64::from(parts))), currency);
            let kind = MoneyKind::SmsInParts {
                message: name.clone(),
                parts,
                most: cost(parts.most),
                fewest: cost(parts.fewest),
            };
            let key = (place.path.clone(), place.span.start, place.span.end);
            torn.entry(key).or_insert(Diagnostic::new(Kind::Money(kind), place.clone()));
        }
    }
}

fn first_grant(steps: &[Step]) -> Option<&str> {
    steps.iter().find_map(|step| match step.action {
        Action::Grant { .. } => Some(step.id.as_str()),
        _ => step.inner().find_map(first_grant),
    })
}

/// Returns an amount as the language writes it: `4.20 RUB`.
pub(crate) fn money(amount: Minor, currency: &Currency) -> String {
    let unit = 10_i64.pow(u32::from(currency.digits));
    let (whole, part) = (amount.0 / unit, amount.0 % unit);
    if part == 0 {
        return format!("{whole} {}", currency.code);
    }
    format!("{whole}.{part:0digits$} {}", currency.code, digits = usize::from(currency.digits))
}
