//! Budgets: what a chain and its experiment may spend, reserved before and settled after.

use super::super::advance::Scene;
use super::super::world::World;
use super::{Leaving, Verdict};
use crate::mutant::{self, Mutant};
use crate::store::Problem;
use crate::store::outbox::Queued;
use chainc_compiler::ir::{AtLimit, Budget, Chain, Channel, Program};

/// Something that is paid from, and how much it holds.
pub(in crate::engine) struct Purse {
    /// Whose it is: the chain's name, or `experiment` and that of the experiment.
    pub(in crate::engine) owner: String,
    /// What it is for: `points`, `money`, `money on sms`.
    pub(in crate::engine) name: String,
    /// What may be spent in all.
    pub(in crate::engine) limit: i64,
    /// What becomes of what it has no room for.
    pub(in crate::engine) then: AtLimit,
}

/// What the fullest of some purses has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Room {
    /// How much.
    pub(in crate::engine) left: i64,
    /// What the journal tells when that is not enough.
    pub(in crate::engine) told: String,
    /// What becomes of what it has no room for.
    pub(in crate::engine) then: AtLimit,
}

impl Purse {
    /// Returns what the journal tells of a budget that has not enough left.
    pub(in crate::engine) fn told(&self) -> String {
        format!("over budget: {}, {}", self.name, self.owner)
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

impl Scene<'_> {
    /// Lets a message leave at its cost, if the budgets have room for that.
    pub(super) fn affordable(&self, leaving: &Leaving<'_>) -> Result<Verdict, Problem> {
        let Leaving { message, version, .. } = leaving;
        let price = self.world.price(message.channel);
        let cost = price.saturating_mul(i64::from(message.content.parts()));
        match self.room(version.rules.money_purses(message.channel))? {
            Some(room) if room.left < cost && !mutant::is(Mutant::GuardBudget) => {
                Ok(match room.then {
                    AtLimit::Hold => Verdict::Hold,
                    AtLimit::Skip | AtLimit::End => Verdict::Skip(room.told),
                })
            }
            Some(_) | None => Ok(Verdict::Leave(cost)),
        }
    }

    /// Reserves the cost of a message, or gives it back where it is negative.
    pub(in crate::engine) fn reserve(&self, message: &Queued, cost: i64) -> Result<(), Problem> {
        let version = self.world.version(&message.key.chain, &message.version)?;
        for purse in version.rules.money_purses(message.channel) {
            self.reserved.reserve(self.tx, &purse.owner, &purse.name, cost)?;
        }
        Ok(())
    }

    pub(in crate::engine) fn unreserve(&self, message: &Queued) -> Result<(), Problem> {
        self.reserve(message, -message.cost)
    }

    /// What the fullest of some purses has left; no limit if there are none.
    pub(in crate::engine) fn room(&self, purses: &[Purse]) -> Result<Option<Room>, Problem> {
        let mut least: Option<Room> = None;
        for purse in purses {
            let left = purse.limit - self.reserved.used(self.tx, &purse.owner, &purse.name)?;
            if least.as_ref().is_none_or(|least| left < least.left) {
                least = Some(Room { left, then: purse.then, told: purse.told() });
            }
        }
        Ok(least)
    }
}

impl World {
    /// The purses that points of a chain come from.
    pub(in crate::engine) fn points_purses(&self, chain: &Chain) -> Vec<Purse> {
        self.purses(chain, |budget| match budget {
            Budget::Points { .. } => Some(named(budget)),
            Budget::Money { .. } => None,
        })
    }

    /// The purses that a message of a chain is paid from.
    pub(in crate::engine) fn money_purses(&self, chain: &Chain, by: Channel) -> Vec<Purse> {
        self.purses(chain, |budget| match budget {
            Budget::Money { on, .. } if on.is_none_or(|on| on == by) => Some(named(budget)),
            Budget::Money { .. } | Budget::Points { .. } => None,
        })
    }

    /// What one message by a channel costs, or one part of it.
    pub(in crate::engine) fn price(&self, channel: Channel) -> i64 {
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
}
