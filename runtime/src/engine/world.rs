//! What transactions look up besides the store: the program, its versions, the zones.

use super::Settings;
use super::policy::budget::Purse;
use super::policy::caps::Scoped;
use crate::enrolment::Enrolment;
use crate::mutant::{self, Mutant};
use crate::needs::Needs;
use crate::store::Problem;
use crate::time::Zone;
use chainc_compiler::ir::{Brand, Capped, Chain, Channel, Experiment, Program};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// A version of a chain that somebody may walk.
pub(super) struct Version {
    pub(super) chain: Chain,
    /// What it asks of a customer.
    pub(super) needs: Needs,
    /// The caps and budgets that hold for it.
    pub(super) rules: Rules,
}

/// The caps and budgets that hold for a chain, as the files say now.
pub(super) struct Rules {
    /// Caps on messages.
    pub(super) messages: Vec<Scoped>,
    /// Caps on points.
    pub(super) points: Vec<Scoped>,
    /// What its gifts are taken from.
    pub(super) points_purses: Vec<Purse>,
    money_purses: BTreeMap<Channel, Vec<Purse>>,
}

impl Rules {
    /// What a message by a channel is paid from.
    pub(super) fn money_purses(&self, by: Channel) -> &[Purse] {
        self.money_purses.get(&by).map_or(&[], Vec::as_slice)
    }
}

pub(super) struct World {
    pub(super) program: Program,
    pub(super) settings: Settings,
    pub(super) business: Zone,
    versions: BTreeMap<String, BTreeMap<String, Rc<Version>>>,
    /// The numbers of the chains in the keys of the store.
    numbers: BTreeMap<String, i64>,
    zones: RefCell<HashMap<String, Zone>>,
}

impl World {
    pub(super) fn new(
        program: Program,
        versions: Vec<Chain>,
        numbers: BTreeMap<String, i64>,
        settings: Settings,
    ) -> Self {
        // The compiler has checked the name.
        let business = Zone::get(&program.policy.timezone).unwrap_or_else(Zone::utc);
        let mut world = Self {
            program,
            settings,
            business,
            versions: BTreeMap::new(),
            numbers,
            zones: RefCell::default(),
        };
        for chain in versions {
            let rules = world.rules(&chain);
            let version = Rc::new(Version { needs: Needs::of(&chain), rules, chain });
            let of_chain = world.versions.entry(version.chain.name.clone()).or_default();
            of_chain.insert(version.chain.version.clone(), version);
        }
        world
    }

    fn rules(&self, chain: &Chain) -> Rules {
        let (messages, points) = self
            .caps(chain)
            .into_iter()
            .partition(|scoped| matches!(scoped.cap.most, Capped::Messages(_)));
        let money = |by| (by, self.money_purses(chain, by));
        Rules {
            messages,
            points,
            points_purses: self.points_purses(chain),
            money_purses: Channel::ALL.into_iter().map(money).collect(),
        }
    }

    /// Returns the version of the chain that a customer walks.
    pub(super) fn chain(&self, enrolment: &Enrolment) -> Result<Rc<Version>, Problem> {
        self.version(&enrolment.key.chain, &enrolment.version)
    }

    /// Returns a version of a chain.
    pub(super) fn version(&self, chain: &str, version: &str) -> Result<Rc<Version>, Problem> {
        let current = self.program.chains.iter().find(|one| one.name == chain);
        let current = current.filter(|_| mutant::is(Mutant::VersionByName));
        let version = current.map_or(version, |current| current.version.as_str());
        let found = self.versions.get(chain).and_then(|of_chain| of_chain.get(version));
        found.cloned().ok_or_else(|| {
            Problem::Damaged(format!("version {version} of chain `{chain}` is not in it"))
        })
    }

    /// Returns the number of a chain in the keys of the store.
    pub(super) fn number(&self, chain: &str) -> Result<i64, Problem> {
        let found = self.numbers.get(chain).copied();
        found.ok_or_else(|| Problem::Damaged(format!("chain `{chain}` has no number")))
    }

    /// Every version that somebody may walk.
    pub(super) fn versions(&self) -> impl Iterator<Item = &Version> {
        self.versions.values().flat_map(BTreeMap::values).map(Rc::as_ref)
    }

    /// The experiment a chain belongs to, with its name.
    pub(super) fn experiment(&self, chain: &Chain) -> Option<(&String, &Experiment)> {
        self.program.experiments.get_key_value(chain.experiment.as_ref()?)
    }

    /// The brand a chain speaks for.
    pub(super) fn brand(&self, chain: &Chain) -> Option<&Brand> {
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

    /// Returns the zone a customer lives in: her own, if it is known, else the business zone.
    pub(super) fn zone(&self, name: Option<&str>) -> Zone {
        let Some(name) = name else { return self.business.clone() };
        let mut zones = self.zones.borrow_mut();
        if let Some(zone) = zones.get(name) {
            return zone.clone();
        }
        let zone = Zone::get(name).unwrap_or_else(|| self.business.clone());
        zones.insert(name.to_owned(), zone.clone());
        zone
    }
}
