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
