//! What a store's chains have done, in numbers: the table at the end of a run.

use super::journal::Numbers;
use super::{
    Result, Store, enrolments, events, held, journal, outbox, promo, purchases, run_state, sources,
};
use crate::time::Moment;
use chainc_compiler::ir::{Action, Chain, Step};
use serde::Serialize;
use std::collections::BTreeMap;

/// The numbers of all chains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// One for each chain and version that is current or that somebody entered.
    pub chains: Vec<ChainSummary>,
}

/// The numbers of one version of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainSummary {
    /// The chain.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Enrolments, control included.
    pub entered: i64,
    /// Enrolments held out as control: nothing is done to them.
    pub control: i64,
    /// Enrolments whose wait is over while it is not known whether she has bought.
    #[serde(skip_serializing_if = "is_zero")]
    pub undecided: i64,
    /// Enrolments that have ended, by reason. What is missing to `entered` is under way.
    pub ended: BTreeMap<String, i64>,
    /// The steps, in order.
    pub steps: Vec<StepSummary>,
    /// Enrolments (control not included) with a purchase that counts for the goal.
    pub purchases: i64,
    /// Points granted.
    pub points_granted: i64,
    /// Cost of the messages, in minor units of the currency.
    pub message_cost_minor: i64,
    /// The same of the control: for the table only.
    #[serde(skip)]
    pub control_purchases: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// The numbers of one step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct StepSummary {
    /// The step's id.
    pub id: String,
    /// The step as it is written.
    pub text: String,
    /// Enrolments that came to it.
    pub reached: i64,
    /// Enrolments for which it did what it says: granted, handed a message over, waited to
    /// the end.
    pub done: i64,
    /// Messages handed to a provider that took them.
    pub sent: i64,
    /// Messages that the provider reported as delivered.
    pub delivered: i64,
    /// Messages with no address, a dead one, or given up.
    pub undeliverable: i64,
    /// Enrolments that passed it without effect: no consent, over budget, not needed.
    pub skipped: i64,
    /// Enrolments that are held here until a budget has room.
    #[serde(skip_serializing_if = "is_zero")]
    pub held: i64,
    /// Enrolments that a purchase ended here: for the table only.
    #[serde(skip)]
    pub purchased: i64,
    /// Points granted here: for the table only.
    #[serde(skip)]
    pub points: i64,
    /// Cost of the messages of this step: for the table only.
    #[serde(skip)]
    pub cost_minor: i64,
    /// True for a fallback: for the table only.
    #[serde(skip)]
    pub fallback: bool,
}

/// Those held now, beside the numbers of the tally, which count what has been.
const HELD_NOW: &str = "held now";

impl Summary {
    /// Reads the numbers of a store; the chains given stand in it even with nobody in them.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn read(store: &Store, current: &[Chain]) -> Result<Self> {
        let (kept, mut numbers, undecided) = store.read(|connection| {
            let undecided = enrolments::undecided(connection)?;
            Ok((run_state::versions(connection)?, journal::tally(connection)?, undecided))
        })?;
        for ((chain, version, step), n) in store.read(held::count)? {
            numbers.insert((chain, version, step, HELD_NOW.to_owned()), n);
        }
        let mut chains: BTreeMap<(&str, &str), &Chain> = BTreeMap::new();
        for chain in kept.iter().chain(current) {
            chains.insert((&chain.name, &chain.version), chain);
        }
        let is_current = |chain: &Chain| current.iter().any(|c| c.version == chain.version);
        let chains = chains
            .into_values()
            .map(|chain| {
                let key = (chain.name.clone(), chain.version.clone());
                let undecided = undecided.get(&key).copied().unwrap_or(0);
                (chain, ChainSummary { undecided, ..summarise(chain, &numbers) })
            })
            .filter(|(chain, summary)| summary.entered > 0 || is_current(chain))
            .map(|(_, summary)| summary)
            .collect();
        Ok(Self { chains })
    }

    /// Returns how many steps were reached, all chains together.
    #[must_use]
    pub fn steps_reached(&self) -> i64 {
        self.chains.iter().flat_map(|chain| &chain.steps).map(|step| step.reached).sum()
    }
}

fn summarise(chain: &Chain, numbers: &Numbers) -> ChainSummary {
    let of = |step: &str, what: &str| {
        let key = (chain.name.clone(), chain.version.clone(), step.to_owned(), what.to_owned());
        numbers.get(&key).copied().unwrap_or(0)
    };
    let mut steps = Vec::new();
    add_steps(&chain.steps, &of, &mut steps);
    let ended = numbers
        .iter()
        .filter(|((name, version, step, _), _)| {
            *name == chain.name && *version == chain.version && step.is_empty()
        })
        .filter_map(|((_, _, _, what), n)| Some((what.strip_prefix("ended ")?.to_owned(), *n)))
        .collect();
    ChainSummary {
        name: chain.name.clone(),
        version: chain.version.clone(),
        entered: of("", "entered"),
        control: of("", "control"),
        undecided: 0,
        ended,
        purchases: of("", "bought"),
        control_purchases: of("", "control bought"),
        points_granted: steps.iter().map(|step| step.points).sum(),
        message_cost_minor: steps.iter().map(|step| step.cost_minor).sum(),
        steps,
    }
}

/// Adds the numbers of a flow's steps, each block before what stands in it. An arm, and the
/// rounds of a repeat, have a line of their own.
fn add_steps(flow: &[Step], of: &impl Fn(&str, &str) -> i64, all: &mut Vec<StepSummary>) {
    for step in flow {
        all.push(StepSummary {
            id: step.id.clone(),
            text: step.text.clone(),
            reached: of(&step.id, "reached"),
            done: of(&step.id, "done"),
            sent: of(&step.id, "sent"),
            delivered: of(&step.id, "delivered"),
            undeliverable: of(&step.id, "undeliverable"),
            skipped: of(&step.id, "skipped"),
            held: of(&step.id, HELD_NOW),
            purchased: of(&step.id, "purchased"),
            points: of(&step.id, "points"),
            cost_minor: of(&step.id, "cost"),
            fallback: matches!(step.action, Action::Fallback { .. }),
        });
        for (number, (inner, (name, text))) in step.inner().zip(arms(&step.action)).enumerate() {
            let reached = of(&step.id, &name);
            let id = format!("{}.{}", step.id, number + 1);
            all.push(StepSummary { id, text, reached, ..StepSummary::default() });
            add_steps(inner, of, all);
        }
    }
}

/// The arms of a block: what the tally calls them, and what people read.
fn arms(action: &Action) -> Vec<(String, String)> {
    match action {
        Action::If { arms, otherwise } => {
            let mut names: Vec<String> = (1..=arms.len()).map(|arm| arm.to_string()).collect();
            names.extend(otherwise.iter().map(|_| "else".to_owned()));
            let text = |name: &String| match name.as_str() {
                "1" => "if so".to_owned(),
                "else" => "else".to_owned(),
                number => format!("else if, arm {number}"),
            };
            names.iter().map(|name| (format!("arm {name}"), text(name))).collect()
        }
        Action::Split { arms } => arms
            .iter()
            .map(|arm| (format!("arm {}", arm.name), format!("{} {}", arm.name, arm.share)))
            .collect(),
        Action::Repeat { .. } => vec![("round".to_owned(), "rounds".to_owned())],
        _ => Vec::new(),
    }
}

/// What a reader of the table must know besides: nothing is lost in silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loose {
    /// Purchases of customers nobody knows, kept aside.
    pub stray_purchases: i64,
    /// Messages that count as sent though no provider ever said so.
    pub unknown_messages: i64,
    /// Pools of codes that have none left, and how many they had.
    pub dry_pools: Vec<(String, i64)>,
    /// Messages that a purchase would have stopped that was heard of after they had left.
    pub too_late: i64,
    /// Up to when the sources are complete that have ever said so.
    pub watermarks: BTreeMap<String, Moment>,
    /// Events that fit no message that had left.
    pub messageless_events: i64,
    /// Events of customers nobody knows.
    pub stray_events: i64,
}

impl Loose {
    /// Reads the numbers of a store.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn read(store: &Store) -> Result<Self> {
        store.read(|connection| {
            let (messageless_events, stray_events) = events::of_nothing(connection)?;
            Ok(Self {
                too_late: journal::count(connection, "too late")?,
                watermarks: sources::all(connection)?,
                messageless_events,
                stray_events,
                stray_purchases: purchases::strays(connection)?,
                unknown_messages: outbox::unknowns(connection)?,
                dry_pools: promo::dry(connection)?,
            })
        })
    }
}
