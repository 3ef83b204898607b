//! Experiments that can show nothing: no goal, no control, a goal beyond the end.

use crate::checked::{Checked, CheckedChain, CheckedExperiment};
use crate::diagnostic::{AudienceKind, Diagnostic, Findings, Kind, Place};
use crate::ir::{Action, Active, Control, Goal, Step};
use crate::proof::audience::implies;
use crate::units::{BasisPoints, Period};
use std::collections::BTreeMap;

/// Reports what keeps a chain or an experiment from showing what it caused.
pub(crate) fn check(checked: &Checked, findings: &mut Findings) {
    let mut found = Vec::new();
    for known in checked.experiments.iter().filter(|experiment| experiment.whole) {
        let experiment = &known.experiment;
        found.extend(without_control(known, checked));
        found.extend(all_held_out(experiment.control.as_ref(), &known.settings));
        found.extend(beyond(experiment.goal.as_ref(), experiment.active, &known.settings));
    }
    for known in checked.chains.iter().filter(|chain| chain.whole) {
        let chain = &known.chain;
        // A flow that stands alone has no place for a goal.
        if chain.goal.is_none() && !known.bare {
            splits(&chain.steps, &mut |step| {
                let places = known.steps.get(&step.id);
                let kind = || Kind::Audience(AudienceKind::SplitWithoutGoal);
                found.extend(places.map(|places| Diagnostic::new(kind(), places.word.clone())));
            });
        }
        // What the experiment sets has been looked at there.
        if chain.experiment.is_none() {
            found.extend(beyond(chain.goal.as_ref(), chain.active, &known.settings));
        }
        found.extend(held_out_whole(known));
        found.extend(all_held_out(chain.control.as_ref(), &known.settings));
    }
    found.into_iter().for_each(|found| findings.push(found));
}

fn without_control(experiment: &CheckedExperiment, checked: &Checked) -> Option<Diagnostic> {
    let chains = || {
        let of = |chain: &&CheckedChain| chain.chain.experiment.as_ref() == Some(&experiment.name);
        checked.chains.iter().filter(of)
    };
    let own = chains().count() > 0 && chains().all(|chain| chain.chain.control.is_some());
    if experiment.experiment.control.is_some() || own || experiment.name.is_empty() {
        return None;
    }
    let experiment_name = experiment.name.clone();
    let kind = AudienceKind::ExperimentWithoutControl { experiment: experiment_name };
    Some(Diagnostic::new(Kind::Audience(kind), experiment.place.clone()))
}

/// Reports a goal that counts for longer than customers enter.
fn beyond(
    goal: Option<&Goal>,
    active: Option<Active>,
    settings: &BTreeMap<String, Place>,
) -> Option<Diagnostic> {
    let (goal, active) = (goal?, active?);
    let days = active.from.days_until(active.to) + 1;
    let counts = match goal.within {
        Period::Days(days) => i64::from(days),
        Period::Seconds(seconds) => i64::from(seconds) / 86_400,
    };
    if counts <= days || days <= 0 {
        return None;
    }
    let kind = AudienceKind::GoalBeyondActive { goal: goal.within, days };
    let found = Diagnostic::new(Kind::Audience(kind), settings.get("goal")?.clone());
    Some(found.related(settings.get("active")?.clone()))
}

/// Reports `control 100%`, where it is written.
fn all_held_out(
    control: Option<&Control>,
    settings: &BTreeMap<String, Place>,
) -> Option<Diagnostic> {
    let Some(Control::Share(BasisPoints(10_000))) = control else { return None };
    let kind = Kind::Audience(AudienceKind::ControlOfAll);
    Some(Diagnostic::new(kind, settings.get("control")?.clone()))
}

/// Reports a chain whose whole audience is held out.
fn held_out_whole(chain: &CheckedChain) -> Option<Diagnostic> {
    let Some(Control::Segment(control)) = &chain.chain.control else { return None };
    let audience = &chain.chain.audience;
    if !chain.audience_known || !implies(&[audience], control) {
        return None;
    }
    let kind = AudienceKind::ControlIsAudience { chain: chain.chain.name.clone() };
    let found = Diagnostic::new(Kind::Audience(kind), chain.audience.clone());
    Some(match chain.settings.get("control") {
        Some(control) => found.related(control.clone()),
        None => found,
    })
}

fn splits<'s>(steps: &'s [Step], found: &mut impl FnMut(&'s Step)) {
    for step in steps {
        if matches!(step.action, Action::Split { .. }) {
            found(step);
        }
        for steps in step.inner() {
            splits(steps, found);
        }
    }
}
