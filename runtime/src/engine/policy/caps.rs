//! Caps: what one customer gets over a time, in messages and in points.

use super::super::advance::Scene;
use super::super::world::{Rules, World};
use super::{Leaving, Verdict};
use crate::enrolment::Key;
use crate::mutant::{self, Mutant};
use crate::store::{Problem, outbox, wallet};
use crate::time::{Moment, Zone};
use chainc_compiler::ir::{Cap, Capped, Chain};
use chainc_compiler::units::Points;

/// A cap, and the chains it counts; all of them if `None`.
pub(in crate::engine) struct Scoped {
    pub(in crate::engine) cap: Cap,
    pub(in crate::engine) chains: Option<Vec<String>>,
    /// Whose it is, for the journal: `all chains`, `brand toys`, `this chain`.
    pub(in crate::engine) whose: String,
}

impl Scoped {
    /// Returns what the journal tells of a cap that is full.
    pub(in crate::engine) fn told(&self) -> String {
        let most = match self.cap.most {
            Capped::Messages(n) => format!("{n} messages"),
            Capped::Points(points) => format!("{} points", points.0),
        };
        format!("over cap: {most} per {}, {}", self.cap.per, self.whose)
    }
}

impl Scene<'_> {
    pub(super) fn over_cap(&mut self, leaving: &Leaving<'_>) -> Result<Option<Verdict>, Problem> {
        let Leaving { message, version, now } = leaving;
        if mutant::is(Mutant::GuardCap) {
            return Ok(None);
        }
        let zone = self.world.zone(message.timezone.as_deref());
        // What left a moment ago counts.
        self.settle_sheets(message.key.number)?;
        for scoped in &version.rules.messages {
            let Capped::Messages(most) = scoped.cap.most else { continue };
            let since = zone.minus(*now, scoped.cap.per);
            let chains = scoped.chains.as_deref();
            if outbox::sent_since(self.tx, &message.key, chains, since)? >= most {
                return Ok(Some(Verdict::Skip(scoped.told())));
            }
        }
        Ok(None)
    }

    /// The cap on points that leaves a customer least, and what that is.
    pub(in crate::engine) fn points_allowed<'r>(
        &self,
        key: &Key,
        rules: &'r Rules,
        zone: &Zone,
        now: Moment,
    ) -> Result<Option<(Points, &'r Scoped)>, Problem> {
        let mut least: Option<(Points, &Scoped)> = None;
        for scoped in &rules.points {
            let Capped::Points(most) = scoped.cap.most else { continue };
            if mutant::is(Mutant::CapOnPointsIgnored) {
                continue;
            }
            let since = zone.minus(now, scoped.cap.per);
            let granted = wallet::given_since(self.tx, key, scoped.chains.as_deref(), since)?;
            let left = Points(most.0 - granted);
            if least.as_ref().is_none_or(|(least, _)| left < *least) {
                least = Some((left, scoped));
            }
        }
        Ok(least)
    }
}

impl World {
    /// The caps that hold for a chain: the policy's, its brand's, its experiment's, its own.
    pub(in crate::engine) fn caps(&self, chain: &Chain) -> Vec<Scoped> {
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
}
