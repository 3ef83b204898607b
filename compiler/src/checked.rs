//! Third stage: every quantity has its type, every name its meaning, and every check
//! has spoken.

use crate::check::{Scope, audience, chain, messages, policy, usage};
use crate::diagnostic::Findings;
use crate::ir;
use crate::resolved::{ChainSource, Resolved};
use crate::{Settings, units::Currency};
use std::collections::BTreeMap;

/// A checked project. Where something could not be understood it is missing here, and
/// has been reported.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) policy: ir::Policy,
    pub(crate) chains: Vec<CheckedChain>,
}

/// A checked chain.
#[derive(Debug)]
pub(crate) struct CheckedChain {
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) settings: ChainSettings,
    pub(crate) audience: Option<ir::Condition>,
    pub(crate) steps: Vec<ir::Step>,
    pub(crate) messages: BTreeMap<String, ir::Message>,
}

/// The settings of a chain.
#[derive(Debug, Default)]
pub(crate) struct ChainSettings {
    pub(crate) control: Option<units::BasisPoints>,
    pub(crate) goal: Option<ir::Goal>,
    pub(crate) entry: Option<ir::Entry>,
    pub(crate) budgets: Vec<ir::Budget>,
}

use crate::units;

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
        let policy = policy::check(self, zone, default, findings);

        let segments = audience::segments(self, &policy.currency, findings);
        let texts = messages::check(self, bodies, &policy.currency, findings);
        let mut used = usage::Used::default();
        let mut chains = Vec::new();
        for (name, declared) in &self.chains {
            let file = declared.file;
            let mut scope = Scope::new(file, &policy.currency, findings);
            let program = chain::Context { resolved: self, segments: &segments, texts: &texts };
            let checked = match declared.node {
                ChainSource::Block(block) => {
                    chain::block(name, block, declared.span, &program, &mut scope, &mut used)
                }
                ChainSource::Flow(flow) => {
                    chain::bare_flow(name, flow, &program, &mut scope, &mut used)
                }
            };
            chains.push(checked);
        }
        usage::report(self, &segments, &used, findings);
        Checked { policy, chains }
    }
}
