//! What holds for a chain beside its own settings: of its experiment, its brand, the policy.
//!
//! The policy is no part of a version: as it stands now it holds for everybody.

use super::world::World;
use crate::condition::silence_agrees;
use crate::store::outbox::Queued;
use crate::time::Zone;
use chainc_compiler::ir::{
    AtLimit, Brand, Budget, Cap, Capped, Chain, Channel, Experiment, Piece, Placeholder, Program,
    Quiet, QuietHours,
};

/// Something that is paid from, and how much it holds.
pub(super) struct Purse {
    /// Whose it is: the chain's name, or `experiment` and that of the experiment.
    pub(super) owner: String,
    /// What it is for: `points`, `money`, `money on sms`.
    pub(super) name: String,
    /// What may be spent in all.
    pub(super) limit: i64,
    /// What becomes of what it has no room for.
    pub(super) then: AtLimit,
}

/// What the fullest of some purses has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Room {
    /// How much.
    pub(super) left: i64,
    /// What the journal tells when that is not enough.
    pub(super) told: String,
    /// What becomes of what it has no room for.
    pub(super) then: AtLimit,
}

impl Purse {
    /// Returns what the journal tells of a budget that has not enough left.
    pub(super) fn told(&self) -> String {
        format!("over budget: {}, {}", self.name, self.owner)
    }
}

/// A cap, and the chains it counts; all of them if `None`.
pub(super) struct Scoped {
    pub(super) cap: Cap,
    pub(super) chains: Option<Vec<String>>,
    /// Whose it is, for the journal: `all chains`, `brand toys`, `this chain`.
    pub(super) whose: String,
}

impl Scoped {
    /// Returns what the journal tells of a cap that is full.
    pub(super) fn told(&self) -> String {
        let most = match self.cap.most {
            Capped::Messages(n) => format!("{n} messages"),
            Capped::Points(points) => format!("{} points", points.0),
        };
        format!("over cap: {most} per {}, {}", self.cap.per, self.whose)
    }
}

/// The name of a points budget in the store.
const POINTS: &str = "points";

/// What a budget is called in the store, and what it holds.
fn named(budget: &Budget) -> (String, i64) {
    match budget {
        Budget::Points { limit, .. } => (POINTS.to_owned(), limit.0),
        Budget::Money { limit, on: None, .. } => ("money".to_owned(), limit.0),
        Budget::Money { limit, on: Some(channel), .. } => (format!("money on {channel}"), limit.0),
    }
}

/// Returns what a chain may spend: whose the budget is, what it is called, what it holds.
pub(crate) fn limits(program: &Program, chain: &Chain) -> Vec<(String, String, i64)> {
    let of = |owner: String, budgets: &[Budget]| -> Vec<(String, String, i64)> {
        let each = budgets.iter().map(named);
        each.map(|(name, limit)| (owner.clone(), name, limit)).collect()
    };
    let mut all = of(chain.name.clone(), &chain.budgets);
    if let Some(name) = &chain.experiment
        && let Some(experiment) = program.experiments.get(name)
    {
        all.extend(of(format!("experiment {name}"), &experiment.budgets));
    }
    all
}

impl World {
    fn experiment(&self, chain: &Chain) -> Option<(&String, &Experiment)> {
        self.program.experiments.get_key_value(chain.experiment.as_ref()?)
    }

    fn brand(&self, chain: &Chain) -> Option<&Brand> {
        self.program.brands.get(chain.brand.as_ref()?)
    }

    /// Who a chain's messages are from.
    pub(super) fn sender(&self, chain: &Chain) -> Option<String> {
        self.brand(chain)?.sender.clone()
    }

    /// The zone that decides who enters a chain, and when.
    pub(super) fn business(&self, chain: &Chain) -> Zone {
        let own = self.brand(chain).and_then(|brand| brand.timezone.as_deref());
        self.zone(own)
    }

    /// When a chain sends nothing: its own word, its brand's, or the policy's.
    pub(super) fn quiet(&self, chain: &Chain) -> Option<QuietHours> {
        match &chain.quiet {
            Some(Quiet::Hours(hours)) => Some(*hours),
            Some(Quiet::Off(_)) => None,
            None => {
                let of_brand = self.brand(chain).and_then(|brand| brand.quiet);
                of_brand.or(self.program.policy.quiet)
            }
        }
    }

    /// The caps that hold for a chain: the policy's, its brand's, its experiment's, its own.
    pub(super) fn caps(&self, chain: &Chain) -> Vec<Scoped> {
        if chain.caps_off.is_some() {
            return Vec::new();
        }
        let scoped = |caps: &[Cap], chains: Option<Vec<String>>, whose: String| -> Vec<Scoped> {
            let of_all =
                |cap: &Cap| Scoped { cap: *cap, chains: chains.clone(), whose: whose.clone() };
            caps.iter().map(of_all).collect()
        };
        let mut all = scoped(&self.program.policy.caps, None, "all chains".to_owned());
        if let Some(brand) = self.brand(chain) {
            let of_brand = self.program.chains.iter().filter(|other| other.brand == chain.brand);
            all.extend(scoped(
                &brand.caps,
                Some(of_brand.map(|c| c.name.clone()).collect()),
                format!("brand {}", chain.brand.as_deref().unwrap_or_default()),
            ));
        }
        if let Some((name, experiment)) = self.experiment(chain) {
            let whose = format!("experiment {name}");
            all.extend(scoped(&experiment.caps, Some(experiment.chains.clone()), whose));
        }
        all.extend(scoped(&chain.caps, Some(vec![chain.name.clone()]), "this chain".to_owned()));
        all
    }

    /// The purses that points of a chain come from.
    pub(super) fn points_purses(&self, chain: &Chain) -> Vec<Purse> {
        self.purses(chain, |budget| match budget {
            Budget::Points { .. } => Some(named(budget)),
            Budget::Money { .. } => None,
        })
    }

    /// The purses that a message of a chain is paid from.
    pub(super) fn money_purses(&self, chain: &Chain, by: Channel) -> Vec<Purse> {
        self.purses(chain, |budget| match budget {
            Budget::Money { on, .. } if on.is_none_or(|on| on == by) => Some(named(budget)),
            Budget::Money { .. } | Budget::Points { .. } => None,
        })
    }

    /// What one message by a channel costs, or one part of it.
    pub(super) fn price(&self, channel: Channel) -> i64 {
        self.program.policy.prices.get(&channel).map_or(0, |price| price.0)
    }

    fn purses(&self, chain: &Chain, pays: impl Fn(&Budget) -> Option<(String, i64)>) -> Vec<Purse> {
        let of = |owner: String, budgets: &[Budget]| -> Vec<Purse> {
            let paying = budgets.iter().filter_map(|budget| {
                let (name, limit) = pays(budget)?;
                Some(Purse { owner: owner.clone(), name, limit, then: budget.then() })
            });
            paying.collect()
        };
        // All versions of a chain spend one budget, so what its file says now is its limit.
        let current = self.program.chains.iter().find(|current| current.name == chain.name);
        let mut all = of(chain.name.clone(), &current.unwrap_or(chain).budgets);
        if let Some((name, experiment)) = self.experiment(chain) {
            all.extend(of(format!("experiment {name}"), &experiment.budgets));
        }
        all
    }

    /// Tells whether a customer may be written to, by what she last said of a channel. A no
    /// always holds; a chain that asks for no consent takes silence for a yes.
    pub(super) fn agrees(&self, chain: &Chain, channel: Channel, said: Option<bool>) -> bool {
        let silence = silence_agrees(&self.program.policy, channel)
            || chain.consent_off.contains_key(&channel);
        said.unwrap_or(silence)
    }

    /// Tells whether a message must say how to say no, and does not: the compiler refuses such
    /// a text, but the rule may be younger than the version she walks.
    pub(super) fn wants_a_way_out(&self, chain: &Chain, message: &Queued) -> bool {
        let channel = &message.channel;
        let rule = self.program.policy.consent.get(channel);
        let wanted = rule.is_some_and(|rule| rule.unsubscribe);
        let declared = chain.messages.get(&message.message).filter(|message| !message.draft);
        let text = declared.and_then(|message| message.texts.get(channel));
        wanted
            && !chain.consent_off.contains_key(channel)
            && text.is_some_and(|text| {
                let way_out = Piece::Value(Placeholder::Unsubscribe);
                !crate::message::pieces(text).any(|piece| *piece == way_out)
            })
    }
}
