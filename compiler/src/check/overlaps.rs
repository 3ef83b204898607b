//! Chains that can have one customer at once: both give to her, or one experiment counts
//! her twice.
//!
//! Customers are compared on the day they enter. Who enters one chain today and another
//! one next week, because she has moved on by then, is not found.

use crate::checked::{Checked, CheckedChain};
use crate::diagnostic::{AudienceKind, Diagnostic, Findings, Kind, Overlap, Shares};
use crate::ir::{Action, Chain, Control, Step};
use crate::proof::audience::{Crowds, Meeting};
use crate::units::Currency;

/// How many chains a finding names.
const NAMED: usize = 3;
/// How many it counts: of a chain that overlaps everything the point is made.
const COUNTED: usize = 12;

/// Reports each chain that shares customers with chains before it.
pub(crate) fn check(checked: &Checked, findings: &mut Findings) {
    let chains: Vec<&CheckedChain> =
        checked.chains.iter().filter(|chain| is_known(chain)).collect();
    let mut crowds = Crowds::default();
    for chain in &chains {
        let held_out = match &chain.chain.control {
            Some(Control::Segment(segment)) => Some(segment.as_ref()),
            Some(Control::Share(_)) | None => None,
        };
        crowds.add(&chain.chain.audience, held_out);
    }
    let gives: Vec<bool> = chains.iter().map(|chain| gives(&chain.chain.steps)).collect();
    let giving = |at: usize| gives.get(at).copied().unwrap_or(false);
    for (at, chain) in chains.iter().enumerate() {
        let mut both_give = Vec::new();
        let mut both_count = Vec::new();
        for (before, other) in chains.iter().enumerate().take(at) {
            if both_give.len() + both_count.len() >= COUNTED {
                break;
            }
            if !can_meet(&chain.chain, &other.chain) {
                continue;
            }
            let one = chain.chain.experiment.is_some()
                && chain.chain.experiment == other.chain.experiment;
            let gifts = giving(at) && giving(before);
            if !(one || gifts) {
                continue;
            }
            let meeting = crowds
                .meet(at, before)
                .and_then(|witness| crowds.meeting(at, before, witness, &checked.policy.currency));
            if let Some(meeting) = meeting {
                let list = if one { &mut both_count } else { &mut both_give };
                list.push((*other, meeting));
            }
        }
        let currency = &checked.policy.currency;
        if let Some(overlap) = overlap(chain, &mut both_give, currency) {
            push(AudienceKind::ChainsOverlap(overlap), chain, &both_give, findings);
        }
        if let Some(overlap) = overlap(chain, &mut both_count, currency) {
            let experiment = chain.chain.experiment.clone().unwrap_or_default();
            push(AudienceKind::ArmsOverlap { experiment, overlap }, chain, &both_count, findings);
        }
    }
}

type Met<'c> = Vec<(&'c CheckedChain, Meeting)>;

fn push(kind: AudienceKind, chain: &CheckedChain, met: &Met<'_>, findings: &mut Findings) {
    let found = Diagnostic::new(Kind::Audience(kind), chain.audience.clone());
    let others = met.iter().take(NAMED);
    findings.push(others.fold(found, |found, (other, _)| found.related(other.audience.clone())));
}

/// Returns what to say of a chain and those it shares customers with, which it puts in
/// order: what tells most comes first.
fn overlap(chain: &CheckedChain, met: &mut Met<'_>, currency: &Currency) -> Option<Overlap> {
    met.sort_by_key(|(_, meeting)| shares(meeting));
    let (lead, meeting) = met.first()?;
    let how = shares(meeting);
    Some(Overlap {
        chain: chain.chain.name.clone(),
        lead: lead.chain.name.clone(),
        how,
        edge: meeting.edge.clone(),
        others: met.iter().take(NAMED).map(|(other, _)| other.chain.name.clone()).collect(),
        more: met.len().saturating_sub(NAMED),
        example: meeting.witness.written(currency),
        open: how == Shares::Some && meeting.witness.is_open(),
    })
}

fn shares(meeting: &Meeting) -> Shares {
    match (meeting.inside, meeting.around) {
        (true, true) => Shares::All,
        (true, false) => Shares::Inside,
        (false, true) => Shares::Around,
        (false, false) => Shares::Some,
    }
}

/// Returns true for a chain that was understood. A flow that stands alone and sends what
/// nobody has written yet is a sketch: there is nothing to keep apart.
fn is_known(chain: &CheckedChain) -> bool {
    let sketch = chain.bare && chain.chain.messages.values().any(|message| message.draft);
    chain.whole && chain.audience_known && !chain.chain.name.is_empty() && !sketch
}

/// Returns true when nothing but the audiences keeps two chains apart.
fn can_meet(one: &Chain, other: &Chain) -> bool {
    let same_group = match (&one.exclusive, &other.exclusive) {
        (Some(one), Some(other)) => one.group == other.group,
        _ => false,
    };
    let same_days = match (one.active, other.active) {
        (Some(one), Some(other)) => one.from <= other.to && other.from <= one.to,
        _ => true,
    };
    same_days && !same_group
}

fn gives(steps: &[Step]) -> bool {
    steps.iter().any(|step| {
        let gift = matches!(
            step.action,
            Action::Grant { .. } | Action::Cashback { .. } | Action::Promo { .. }
        );
        gift || step.inner().any(gives)
    })
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Kind;
    use crate::{Settings, SourceFile, compile};

    use super::{AudienceKind, Shares};

    /// Returns, for each finding, the chain, those it names, and how it lies to the first.
    fn found(files: &[&str]) -> Vec<(String, Vec<String>, Shares)> {
        let files: Vec<SourceFile> = files
            .iter()
            .enumerate()
            .map(|(at, text)| SourceFile { path: format!("{at}.chain"), text: (*text).to_owned() })
            .collect();
        let compiled = compile(&files, &Default::default(), &Settings::default());
        let overlaps = compiled.diagnostics.iter().filter_map(|found| match found.kind() {
            Kind::Audience(
                AudienceKind::ChainsOverlap(overlap) | AudienceKind::ArmsOverlap { overlap, .. },
            ) => Some((overlap.chain.clone(), overlap.others.clone(), overlap.how)),
            _ => None,
        });
        overlaps.collect()
    }

    fn two(one: &str, other: &str) -> Vec<(String, Vec<String>, Shares)> {
        found(&[&format!("chain a {{\n{one}\n}}\nchain b {{\n{other}\n}}\n")])
    }

    const GIFT: &str = "grant 300 expires 14d";

    #[test]
    fn chains_that_give_to_the_same_customers_are_found_at_the_later_one() {
        let a = format!("segment recency 60..89 -> {GIFT}");
        let some = vec![("b".to_owned(), vec!["a".to_owned()], Shares::Some)];
        assert_eq!(two(&a, &format!("segment recency 80..100 -> {GIFT}")), some);
        let deep = "segment recency 80..100 -> if tag vip { promo toys expires 7d }";
        assert_eq!(two(&a, deep), some);
        assert_eq!(two(&a, "segment recency 80..100 -> cashback 20% for 7d"), some);
        assert_eq!(two(&a, &format!("segment recency 90..95 -> {GIFT}")), vec![]);
        let inside = two(&a, &format!("segment recency 70..75 -> {GIFT}"));
        assert_eq!(inside.first().map(|found| found.2), Some(Shares::Inside));
    }

    #[test]
    fn what_keeps_two_chains_apart_is_respected() {
        let a = |setting: &str| format!("{setting}\nsegment recency 60..89 -> {GIFT}");
        let apart = [
            (a(""), format!("segment recency 90..99 -> {GIFT}")),
            (a(""), "segment recency 60..89 -> tag seen".to_owned()),
            (a("exclusive x"), a("exclusive x priority 2")),
            (a("active 2026-01-01..2026-01-31"), a("active 2026-02-01..2026-02-28")),
            (a(""), format!("segment frequency = 0 -> {GIFT}")),
            (a(""), format!("segment frequency >= 1 in 30d -> {GIFT}")),
        ];
        for (one, other) in apart {
            assert_eq!(two(&one, &other), vec![], "{one} and {other}");
        }
        assert_eq!(two(&a("exclusive x"), &a("exclusive y")).len(), 1);
        assert_eq!(two(&a("exclusive x"), &a("")).len(), 1);
        assert_eq!(
            two(&a("active 2026-01-01..2026-01-31"), &a("active 2026-01-31..2026-02-28")).len(),
            1
        );
    }

    #[test]
    fn who_is_held_out_gets_nothing() {
        let one = format!(
            "control kept\ngoal purchase within 7d\nsegment recency 60..89 -> {GIFT}\n}}\n\
             segment kept = tag q3 and recency 60..89\n chain c {{ segment tag q4 -> tag seen"
        );
        assert_eq!(two(&one, &format!("segment tag q3 and recency 60..89 -> {GIFT}")), vec![]);
        assert_eq!(two(&one, &format!("segment tag q5 and recency 60..89 -> {GIFT}")).len(), 1);
    }

    #[test]
    fn sketches_are_left_alone_and_finished_flows_are_not() {
        let flow = format!("segment recency 60..89 -> {GIFT} -> sms offer\n");
        assert_eq!(found(&[&flow, &flow]), vec![]);
        let message = "message offer { sms \"hello\" }\n";
        assert_eq!(found(&[&flow, &flow, message]).len(), 1);
    }

    #[test]
    fn a_finding_names_a_few_and_counts_the_others() {
        let chains: String = (0..9)
            .map(|n| format!("chain c{n} {{ segment recency {n}..89 -> {GIFT}\n}}\n"))
            .collect();
        let found = found(&[&chains]);
        assert_eq!(found.len(), 8);
        assert!(found.iter().all(|(_, others, _)| !others.is_empty() && others.len() <= 3));
    }

    #[test]
    fn chains_of_an_experiment_may_not_share_customers_even_without_gifts() {
        let experiment = |one: &str, other: &str| {
            found(&[&format!(
                "experiment e {{\ngoal purchase within 7d\ncontrol 10%\n\
                 chain a {{ segment {one} -> tag x }}\nchain b {{ segment {other} -> tag y }}\n}}"
            )])
        };
        let rate = "churn >= 60% and frequency";
        assert_eq!(
            experiment(&format!("{rate} < 1 per 36d"), &format!("{rate} 1..2 per 36d")),
            vec![]
        );
        let found = experiment("spent >= 15_000 RUB in 90d", "spent >= 30_000 RUB in 90d");
        assert_eq!(found, vec![("b".to_owned(), vec!["a".to_owned()], Shares::Inside)]);
    }
}
