//! Properties of the step function over random chains and random lives.
//!
//! Chains are written as text and compiled by the real compiler; what happens to a customer is
//! drawn: on time, early, late, twice, out of order, paused, with budgets and pools that run
//! dry. A case is one walk of one customer. A few thousand by default; `CHAINC_PROPERTY_CASES`
//! says how many, `CHAINC_PROPERTY_SEED` by which seed. A failure prints the one command that
//! walks its case again.

#[path = "properties/chains.rs"]
mod chains;
#[path = "properties/dice.rs"]
mod dice;
#[path = "properties/walk.rs"]
mod walk;

use chainc_compiler::ir::{Action, Chain, Step};
use dice::Dice;
use std::collections::BTreeMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;
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
    if let Ok(only) = std::env::var("CHAINC_PROPERTY_ONLY") {
        let (chain, walk) = only.split_once('.').expect("a chain, a point, a walk");
        let of = |text: &str| text.parse().expect("a number");
        walk_again(seed, of(chain), of(walk));
        return;
    }
    // Few cases are spread over some chains, too.
    let walks = WALKS.min(cases / 80 + 1);
    let began = Instant::now();
    let (mut done, mut inputs, mut chains, mut refused) = (0, 0, 0, 0_u64);
    let mut seen: BTreeMap<&'static str, u64> = BTreeMap::new();
    while done < cases {
        let number = chains + refused;
        let (text, compiled) = nth_chain(seed, number);
        let chain = match compiled {
            Ok(chain) => chain,
            Err(findings) => {
                refused += 1;
                assert!(refused <= chains + 40, "too few texts are chains:\n{text}{findings}");
                continue;
            }
        };
        chains += 1;
        count(&chain.steps, &mut seen);
        let ground = walk::Ground::of(&chain);
        for walk in 0..walks.min(cases - done) {
            let dice = Dice::of(seed, number).fork(walk);
            match catch_unwind(AssertUnwindSafe(|| walk::walk(&ground, dice))) {
                Ok(made) => inputs += made,
                Err(_) => panic!(
                    "{text}\nseed {seed}, commit {}; the same case again:\n    \
                     CHAINC_PROPERTY_SEED={seed} CHAINC_PROPERTY_ONLY={number}.{walk} \
                     cargo test -p chainc-runtime --test properties",
                    commit()
                ),
            }
            done += 1;
        }
    }
    for kind in KINDS {
        assert!(seen.contains_key(kind), "no chain has a {kind}: {seen:?}");
    }
    let millis = u64::try_from(began.elapsed().as_millis()).expect("milliseconds");
    ledger(&serde_json::json!({
        "trial": "properties", "seed": seed, "commit": commit(), "cases": done, "chains": chains,
        "inputs": inputs, "texts refused": refused, "steps": seen, "violations": 0,
        "seconds": millis.div_ceil(1_000),
    }));
}

/// Writes the chain of a number and compiles it.
fn nth_chain(seed: u64, number: u64) -> (String, Result<Chain, String>) {
    let text = chains::draw(&mut Dice::of(seed, number));
    let compiled = chains::compile(&text);
    (text, compiled)
}

fn walk_again(seed: u64, number: u64, walk: u64) {
    let (text, compiled) = nth_chain(seed, number);
    println!("{text}");
    let chain = compiled.expect("a chain that was walked compiles");
    walk::walk(&walk::Ground::of(&chain), Dice::of(seed, number).fork(walk));
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

fn commit() -> String {
    let mut git = Command::new("git");
    let asked = git.args(["rev-parse", "--short=12", "HEAD"]).output();
    let said = asked.ok().filter(|output| output.status.success());
    said.map_or("unknown".into(), |said| String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

/// Says a line past what keeps the words of tests that pass, and appends it to the ledger.
fn ledger(line: &serde_json::Value) {
    let _ = writeln!(std::io::stdout(), "{line}");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("faults-ledger.jsonl");
    let written = std::fs::File::options()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    if let Err(error) = written {
        println!("the ledger {} cannot be written: {error}", path.display());
    }
}
