//! Experiments: what they set for all of their chains.

use super::Scope;
use super::chain::{ChainSettings, Context, read};
use super::settings::Seen;
use super::usage::Used;
use crate::checked::{CheckedChain, CheckedExperiment};
use crate::diagnostic::{Diagnostic, FormKind, Kind, Place};
use crate::ir::{Active, Control, Experiment, Goal};
use crate::resolved::Declared;
use chainc_grammar::fault::Slot;
use chainc_grammar::syntax::{self, Item};
use std::collections::BTreeMap;

/// What holds for every chain of an experiment.
#[derive(Debug)]
pub(crate) struct Shared {
    name: String,
    goal: Option<Goal>,
    control: Option<Control>,
    active: Option<Active>,
    /// Where it sets what.
    pub(crate) places: BTreeMap<String, Place>,
    /// False when something of it was not understood.
    pub(crate) whole: bool,
}

impl Shared {
    /// Returns true when it has a goal, or may have one that could not be read.
    pub(crate) fn may_have_goal(&self) -> bool {
        !self.whole || self.places.contains_key("goal")
    }

    /// Puts it into a chain.
    pub(crate) fn apply(&self, checked: &mut CheckedChain) {
        let chain = &mut checked.chain;
        chain.experiment = Some(self.name.clone());
        chain.goal = chain.goal.take().or_else(|| self.goal.clone());
        chain.control = chain.control.take().or_else(|| self.control.clone());
        chain.active = chain.active.or(self.active);
        for word in ["goal", "control", "active"] {
            if let Some(place) = self.places.get(word) {
                checked.settings.entry(word.to_owned()).or_insert_with(|| place.clone());
            }
        }
    }
}

/// Checks what an experiment says for itself; its chains are checked one by one.
pub(crate) fn check(
    declared: &Declared<'_, &syntax::Experiment>,
    context: &Context<'_, '_>,
    scope: &mut Scope<'_>,
    used: &mut Used,
) -> (CheckedExperiment, Shared) {
    let node = declared.node;
    let errors = scope.errors();
    let mut settings = ChainSettings::default();
    let mut seen = Seen::default();
    let mut chains = Vec::new();
    let mut readable = node.items.is_some();
    for item in node.items.iter().flatten() {
        match &item.value {
            Item::Bad => readable = false,
            Item::Flow(flow) => {
                scope.report(Kind::Form(FormKind::FlowInExperiment), flow.keyword.span);
                // Its own mistakes are worth knowing all the same.
                super::flow::check(flow, None, context, scope, used);
            }
            Item::Chain(chain) => {
                chains.push(chain.name.as_ref().map(|name| name.value.clone()).unwrap_or_default());
            }
            Item::Setting(setting) => {
                let slot = Slot::ExperimentItem;
                read(slot, setting, &mut settings, &mut seen, context, scope, used);
            }
        }
    }
    if let Some(control) = settings.places.get("control")
        && settings.control.is_some()
        && readable
        && !seen.has("goal")
    {
        scope.push(Diagnostic::new(Kind::ControlWithoutGoal, control.clone()));
    }
    let whole = readable && scope.errors() == errors;
    if chains.is_empty() && whole {
        scope.report(Kind::Form(FormKind::EmptyExperiment), declared.span);
    }
    let name = node.name.as_ref().map(|name| name.value.clone()).unwrap_or_default();
    let shared = Shared {
        name: name.clone(),
        goal: settings.goal.clone(),
        control: settings.control.clone(),
        active: settings.active,
        places: settings.places.clone(),
        whole,
    };
    let experiment = Experiment {
        title: node.title.as_ref().map(|title| title.value.value()),
        description: node.description.clone(),
        goal: settings.goal,
        control: settings.control,
        active: settings.active,
        budgets: settings.budgets,
        caps: settings.caps,
        owner: settings.owner,
        chains,
    };
    let place = declared.place();
    let checked = CheckedExperiment { name, experiment, place, settings: settings.places, whole };
    (checked, shared)
}
