//! Properties of the step function over random chains and random lives.
//!
//! Chains are written as text and compiled by the real compiler; what happens to a customer is
//! drawn: on time, early, late, twice, out of order, paused, with budgets and pools that run
//! dry. A case is one walk of one customer. A few thousand by default; `CHAINC_PROPERTY_CASES`
//! says how many. Every case has a number of its own, drawn from the seed alone, which a failure
//! prints; `CHAINC_PROPERTY_SEED` sets the seed.

#[path = "properties/chains.rs"]
mod chains;
#[path = "properties/dice.rs"]
mod dice;
#[path = "properties/walk.rs"]
mod walk;

use chainc_compiler::ir::{Action, Step};
use dice::Dice;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// How many walks a chain is good for.
const WALKS: u64 = 250;

#[test]
fn no_chain_and_no_life_breaks_a_promise_of_the_step_function() {
    let number = |name: &str, otherwise: u64| {
        std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
    };
    let cases = number("CHAINC_PROPERTY_CASES", 4_000);
    let seed = number("CHAINC_PROPERTY_SEED", 1);
    // Few cases are spread over some chains, too.
    let walks = WALKS.min(cases / 40 + 1);
    let began = Instant::now();
    let (mut done, mut inputs, mut chains, mut refused) = (0, 0, 0, 0_u64);
    let mut seen: BTreeMap<&'static str, u64> = BTreeMap::new();
    while done < cases {
        let mut dice = Dice::of(seed, chains + refused);
        let text = chains::draw(&mut dice);
        let chain = match chains::compile(&text) {
            Ok(chain) => chain,
            Err(findings) => {
                refused += 1;
                assert!(refused <= chains + 40, "too few texts are chains:\n{text}{findings}");
                continue;
            }
        };
        let number = chains + refused;
        chains += 1;
        count(&chain.steps, &mut seen);
        let ground = walk::Ground::of(&chain);
        for walk in 0..walks.min(cases - done) {
            let dice = Dice::of(seed, number).fork(walk);
            match catch_unwind(AssertUnwindSafe(|| walk::walk(&ground, dice))) {
                Ok(made) => inputs += made,
                Err(_) => panic!(
                    "seed {seed}, chain {number}, walk {walk}; once more:\n    \
                     CHAINC_PROPERTY_SEED={seed} CHAINC_PROPERTY_CASES={cases} \
                     cargo test -p chainc-runtime --test properties\n{text}"
                ),
            }
            done += 1;
        }
    }
    println!(
        "{done} cases of {chains} chains, {inputs} inputs, {refused} texts refused, {} ms\n{seen:?}",
        began.elapsed().as_millis()
    );
    for kind in KINDS {
        assert!(seen.contains_key(kind), "no chain has a {kind}: {seen:?}");
    }
}

const KINDS: [&str; 11] = [
    "grant", "cashback", "promo", "tag", "send", "fallback", "wait", "if", "split", "repeat",
    "exit",
];

/// Counts the steps of a chain by their kind.
fn count(steps: &[Step], seen: &mut BTreeMap<&'static str, u64>) {
    for step in steps {
        let kind = match &step.action {
            Action::Grant { .. } => "grant",
            Action::Cashback { .. } => "cashback",
            Action::Promo { .. } => "promo",
            Action::Tag(_) => "tag",
            Action::Send { .. } => "send",
            Action::Fallback { .. } => "fallback",
            Action::Wait { .. } => "wait",
            Action::If { .. } => "if",
            Action::Split { .. } => "split",
            Action::Repeat { .. } => "repeat",
            Action::Exit => "exit",
        };
        *seen.entry(kind).or_default() += 1;
        for inner in step.inner() {
            count(inner, seen);
        }
    }
}
