//! Third stage: every quantity has its type, every name its meaning, and every check
//! has spoken.

use crate::check::policy::CheckedPolicy;
use crate::check::{
    Scope, audience, bands, branches, brands, chain, consent, experiment, measuring, messages,
    money, overlaps, policy, scenarios, timing, usage,
};
use crate::diagnostic::{Findings, Place};
use crate::ir;
use crate::proof::Terms;
use crate::proof::timeline::Fuel;
use crate::resolved::{ChainDeclared, ChainSource, Resolved};
use crate::{Settings, units::Currency};
use chainc_grammar::syntax;
use std::collections::BTreeMap;

/// A checked project. Where something could not be understood it is missing here, and
/// has been reported.
#[derive(Debug)]
#[allow(dead_code, reason = "read by the proofs")]
pub(crate) struct Checked {
    pub(crate) policy: ir::Policy,
    /// Where the policy says what: `quiet`, `cap messages`, `price sms`, `consent sms`.
    pub(crate) rules: BTreeMap<String, Place>,
    /// False when something of the policy was not understood: it may have more rules.
    pub(crate) policy_whole: bool,
    pub(crate) brands: BTreeMap<String, ir::Brand>,
    pub(crate) experiments: Vec<CheckedExperiment>,
    pub(crate) chains: Vec<CheckedChain>,
    pub(crate) segments: Vec<CheckedSegment>,
    pub(crate) tests: Vec<crate::scenario::Scenario>,
}

/// A checked chain: what it means, and where each piece of it stands, for the proofs.
#[derive(Debug)]
#[allow(dead_code, reason = "read by the proofs")]
pub(crate) struct CheckedChain {
    /// What it means so far; of an experiment it has taken over what holds for all. The
    /// version is not set yet.
    pub(crate) chain: ir::Chain,
    /// Where its name stands; of a bare flow its `segment`.
    pub(crate) place: Place,
    /// Where the condition of its audience stands.
    pub(crate) audience: Place,
    /// True for a flow that stands alone in its file: a sketch, with no place for settings.
    pub(crate) bare: bool,
    /// False when a setting or a step of it was not understood: proofs say nothing of it.
    pub(crate) whole: bool,
    /// False when its audience was not understood; it stands as everybody then.
    pub(crate) audience_known: bool,
    /// Where each setting stands, by its word (`goal`, `active`); of several the first.
    /// A `cap` and a `budget` are under `cap messages`, `cap points`, `budget points`,
    /// `budget money`, `budget sms`.
    pub(crate) settings: BTreeMap<String, Place>,
    /// Where each step stands, by its id.
    pub(crate) steps: BTreeMap<String, StepPlaces>,
    /// Where the text of a message for a channel stands.
    pub(crate) texts: BTreeMap<(String, ir::Channel), Place>,
}

/// Where a step stands.
#[derive(Debug, Clone)]
#[allow(dead_code, reason = "read by the proofs")]
pub(crate) struct StepPlaces {
    /// The whole step; of a block up to its closing brace.
    pub(crate) whole: Place,
    /// Its first word.
    pub(crate) word: Place,
    /// Its pieces.
    pub(crate) parts: BTreeMap<Part, Place>,
}

#[allow(dead_code, reason = "read by the proofs")]
impl StepPlaces {
    /// Returns where a piece stands, or the step's first word where it has none.
    pub(crate) fn part(&self, part: Part) -> Place {
        self.parts.get(&part).unwrap_or(&self.word).clone()
    }
}

/// A piece of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// The points of a grant, or its table; the rate of a cashback; the pool of a promo.
    Amount,
    /// The row of a table, by its place in [`ir::Amount::ByRecency`].
    Row(usize),
    /// The period behind `expires` or `for`.
    Expires,
    /// The points behind `up to`.
    UpTo,
    /// The channel of a send or a fallback.
    Channel,
    /// The message, where it is named.
    Message,
    /// The period behind `within`.
    Within,
    /// The period of a wait, or all that stands behind `until`.
    Delay,
    /// A clock time: of `wait until`, of `repeat ... at`.
    Clock,
    /// The date behind `until`.
    Until,
    /// The number behind `max`.
    Max,
    /// The period behind `every`, the day behind `on`, or the word `daily`.
    Every,
    /// The condition of an arm of `if`, counted from 0.
    Condition(usize),
    /// The name of an arm of `split`, counted from 0; the `else` of an `if` is one behind
    /// its last condition.
    Arm(usize),
    /// The share of an arm of `split`, counted from 0.
    Share(usize),
}

/// A named segment and what it means.
#[derive(Debug)]
#[allow(dead_code, reason = "read by the proofs")]
pub(crate) struct CheckedSegment {
    pub(crate) name: String,
    /// Where its name stands.
    pub(crate) place: Place,
    /// Where its condition stands.
    pub(crate) condition_place: Place,
    /// `None` when it was not understood.
    pub(crate) condition: Option<ir::Condition>,
    /// True when it is `recency 30..59` and nothing else, or the like: a band.
    pub(crate) band: bool,
}

/// A checked experiment.
#[derive(Debug)]
#[allow(dead_code, reason = "read by the proofs")]
pub(crate) struct CheckedExperiment {
    pub(crate) name: String,
    pub(crate) experiment: ir::Experiment,
    /// Where its name stands.
    pub(crate) place: Place,
    /// Where each setting stands, as in [`CheckedChain::settings`].
    pub(crate) settings: BTreeMap<String, Place>,
    /// False when something of it was not understood.
    pub(crate) whole: bool,
}

impl Checked {
    /// Returns what holds for a chain besides what it says itself.
    pub(crate) fn terms(&self, chain: &CheckedChain) -> Terms<'_> {
        let experiment = chain.chain.experiment.as_ref();
        let mut experiments = self.experiments.iter();
        Terms {
            policy: &self.policy,
            brand: chain.chain.brand.as_ref().and_then(|name| self.brands.get(name)),
            experiment: experiment
                .and_then(|name| experiments.find(|e| e.name == *name))
                .map(|checked| &checked.experiment),
        }
    }

    /// Tells whether all of a chain was understood, so that something can be proved of it.
    pub(crate) fn is_proved(&self, chain: &CheckedChain) -> bool {
        let experiment = chain.chain.experiment.as_ref();
        let mut experiments = self.experiments.iter();
        chain.whole && experiment.is_none_or(|name| experiments.any(|e| e.name == *name && e.whole))
    }

    /// Reports what can be proved of the chains before they run.
    fn prove(&self, findings: &mut Findings) {
        let mut shared = money::Shared::default();
        let mut fuel = Fuel::default();
        for chain in self.chains.iter().filter(|chain| self.is_proved(chain)) {
            let timeline = timing::check(self, chain, &mut fuel, findings);
            money::check(self, chain, &timeline, &mut shared, findings);
        }
        shared.tell(findings);
        consent::check(self, findings);
        bands::check(self, findings);
        overlaps::check(self, findings);
        branches::check(self, findings);
        measuring::check(self, findings);
    }
}

impl Resolved<'_> {
    pub(crate) fn check(
        &self,
        bodies: &BTreeMap<String, String>,
        settings: &Settings,
        findings: &mut Findings,
    ) -> Checked {
        let default = settings.currency.as_deref().and_then(Currency::from_code);
        let default = default.unwrap_or_else(|| Currency { code: "RUB".to_owned(), digits: 2 });
        let zone = settings.timezone.clone().unwrap_or_else(|| "UTC".to_owned());
        let errors = findings.errors();
        let CheckedPolicy { policy, attributes, doubtful, rules } =
            policy::check(self, zone, default, findings);
        let readable = self.policy.as_ref().is_none_or(|policy| {
            policy.node.items.iter().all(|item| !matches!(item.value, syntax::Item::Bad))
        });
        let policy_whole = readable && findings.errors() == errors;
        let brands = brands::check(self, &policy.currency, findings);
        let segments = audience::segments(self, attributes, doubtful, &policy.currency, findings);
        let texts = messages::check(self, bodies, &policy.currency, findings);
        let mut used = usage::Used::default();
        let context = chain::Context { resolved: self, segments: &segments, texts: &texts };
        let mut experiments = Vec::new();
        let mut shared = Vec::new();
        for declared in &self.experiments {
            let mut scope = Scope::new(declared.file, &policy.currency, findings);
            let (checked, all) = experiment::check(declared, &context, &mut scope, &mut used);
            experiments.push(checked);
            shared.push(all);
        }
        let mut chains = Vec::new();
        for ChainDeclared { name, declared, experiment } in &self.chains {
            let mut scope = Scope::new(declared.file, &policy.currency, findings);
            let shared = experiment.and_then(|at| shared.get(at));
            let span = declared.span;
            chains.push(match declared.node {
                ChainSource::Block(block) => {
                    chain::block(name, block, span, shared, &context, &mut scope, &mut used)
                }
                ChainSource::Flow(flow) => {
                    chain::bare_flow(name, flow, &context, &mut scope, &mut used)
                }
            });
        }
        let mut tests = Vec::new();
        for declared in &self.tests {
            let mut scope = Scope::new(declared.file, &policy.currency, findings);
            tests.extend(scenarios::check(declared, self, &segments, &mut scope));
        }
        segments.tell(&mut used);
        usage::report(self, &segments, &used, findings);
        let segments = self.checked_segments(&segments);
        let checked =
            Checked { policy, rules, policy_whole, brands, experiments, chains, segments, tests };
        checked.prove(findings);
        checked
    }

    fn checked_segments(&self, segments: &audience::Segments) -> Vec<CheckedSegment> {
        let all = self.segments.iter();
        all.map(|(name, declared)| {
            let condition = segments.meaning(name).cloned();
            let bare = matches!(declared.node.condition.value, syntax::Condition::Measure { .. });
            CheckedSegment {
                name: (*name).to_owned(),
                place: declared.place(),
                condition_place: declared.file.place(declared.node.condition.span),
                band: bare && declared.node.frozen.is_none(),
                condition,
            }
        })
        .collect()
    }
}
