//! The machine is stopped at every operation of its disk, in a small world for each example:
//! `chainc-sim crash-points`.
//!
//! Whatever is left of that operation and of what was not synced, the engine must recover and
//! come to the same end as undisturbed, byte for byte: wallets, messages, journals, tallies.
//! The run up to an operation is not lived again: the disk is copied in the middle of each.

mod books;
mod example;
mod life;
mod points;
mod provider;
mod worlds;

use crate::{command, ledger};
use chainc_runtime::mutant::{self, Mutant};
use life::World;
use points::{Lived, Mode, OUTCOMES};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// What is to be tried; everything where nothing is said.
#[derive(Debug, Default)]
struct Wanted {
    project: Option<String>,
    mode: Option<Mode>,
    at: Option<u64>,
    outcome: Option<usize>,
    mutant: Option<Mutant>,
    ledger: Option<PathBuf>,
}

impl Wanted {
    fn read(arguments: &[String]) -> Result<Self, String> {
        let mut wanted = Self::default();
        let mut rest = arguments.iter();
        while let Some(flag) = rest.next() {
            let value = rest.next().ok_or_else(|| format!("{flag} needs a value"))?;
            let unknown = || format!("{flag} {value}: there is no such thing");
            match flag.as_str() {
                "--project" => {
                    let name = Path::new(value).file_name().ok_or_else(unknown)?;
                    wanted.project = Some(name.to_string_lossy().into_owned());
                }
                "--mode" => {
                    let mode = Mode::ALL.into_iter().find(|mode| mode.as_str() == value);
                    wanted.mode = Some(mode.ok_or_else(unknown)?);
                }
                "--at" => wanted.at = Some(value.parse().map_err(|_| unknown())?),
                "--outcome" => {
                    let outcome = OUTCOMES.iter().position(|(name, _)| name == value);
                    wanted.outcome = Some(outcome.ok_or_else(unknown)?);
                }
                "--mutant" => {
                    let mutant = Mutant::ALL.into_iter().find(|mutant| mutant.as_str() == value);
                    wanted.mutant = Some(mutant.ok_or_else(unknown)?);
                }
                "--ledger" => wanted.ledger = Some(value.into()),
                _ => return Err(format!("there is no {flag}")),
            }
        }
        let is_known = |name: &str| worlds::ALL.iter().any(|script| script.project == name);
        match wanted.project.as_deref().filter(|name| !is_known(name)) {
            Some(name) => Err(format!("there is no world for examples/{name}")),
            None => Ok(wanted),
        }
    }
}

const USAGE: &str = "chainc-sim crash-points [--project examples/NAME] [--mode wal|rollback] \
                     [--at OPERATION] [--outcome NAME] [--mutant NAME] [--ledger FILE]";

/// What came of the crashes in one world.
#[derive(Debug, Default)]
struct Row {
    operations: usize,
    crashes: usize,
    /// How many of them left something new.
    distinct: usize,
    /// How many of those had to be gone on from to the very end.
    to_the_end: usize,
    violations: usize,
}

impl Row {
    fn line(&self, commit: &str, seconds: u64) -> Value {
        json!({
            "commit": commit,
            "crash_points": { "operations": self.operations, "crashes": self.crashes },
            "crashes": self.crashes,
            "violations": self.violations,
            "seconds": seconds,
        })
    }
}

/// Runs `crash-points`.
#[must_use]
pub fn run(arguments: &[String]) -> ExitCode {
    let wanted = match Wanted::read(arguments) {
        Ok(wanted) => wanted,
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let folder = std::env::temp_dir().join(format!("chainc-sim-crash-{}", std::process::id()));
    if let Err(error) = std::fs::create_dir_all(&folder) {
        eprintln!("{}: {error}", folder.display());
        return ExitCode::from(2);
    }
    mutant::switch(wanted.mutant);
    let violations = table(&wanted, &folder);
    mutant::switch(None);
    let _ = std::fs::remove_dir_all(&folder);
    if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn table(wanted: &Wanted, folder: &Path) -> usize {
    let (started, commit) = (Instant::now(), command::commit());
    println!(
        "{:<12} {:<9} {:>10} {:>8} {:>9} {:>10} {:>10}",
        "example", "journal", "operations", "crashes", "different", "to the end", "violations"
    );
    let mut total = Row::default();
    for script in &worlds::ALL {
        if wanted.project.as_ref().is_some_and(|name| name != script.project) {
            continue;
        }
        for mode in Mode::ALL {
            if wanted.mode.is_some_and(|only| only != mode) {
                continue;
            }
            let row =
                World::new(script, folder).and_then(|world| all(&world, mode, wanted, &commit));
            let row = row.unwrap_or_else(|error| {
                println!("  commit {commit}: {} {}: {error}", script.project, mode.as_str());
                Row { violations: 1, ..Row::default() }
            });
            print(script.project, mode.as_str(), &row);
            total.operations += row.operations;
            total.crashes += row.crashes;
            total.distinct += row.distinct;
            total.to_the_end += row.to_the_end;
            total.violations += row.violations;
        }
    }
    print("all", "", &total);
    let seconds = started.elapsed().as_secs();
    println!("in {seconds} s");
    if let Some(path) = &wanted.ledger {
        let line = total.line(&commit, seconds);
        if let Err(error) = ledger::append(path, &line) {
            eprintln!("{}: {error}", path.display());
            return total.violations.max(1);
        }
    }
    total.violations
}

fn print(example: &str, mode: &str, row: &Row) {
    let Row { operations, crashes, distinct, to_the_end, violations } = row;
    println!(
        "{example:<12} {mode:<9} {operations:>10} {crashes:>8} {distinct:>9} {to_the_end:>10} {violations:>10}"
    );
}

/// How many violations of one world are told, and after how many its crashes are ended: more
/// only hide them.
const TOLD: usize = 5;
const ENOUGH: usize = 20;

fn all(world: &World, mode: Mode, wanted: &Wanted, commit: &str) -> Result<Row, String> {
    let mut lived = Lived::through(world, mode)?;
    let mut row = Row { operations: lived.points.len(), ..Row::default() };
    for point in 0..lived.points.len() {
        let operation = lived.points[point].operation;
        if wanted.at.is_some_and(|only| only != operation) {
            continue;
        }
        for (outcome, (name, _)) in OUTCOMES.iter().enumerate() {
            if wanted.outcome.is_some_and(|only| only != outcome) {
                continue;
            }
            if row.violations == ENOUGH {
                break;
            }
            row.crashes += 1;
            let Err(error) = lived.crash(point, outcome) else { continue };
            row.violations += 1;
            if row.violations <= TOLD {
                let (project, mode) = (world.script.project, mode.as_str());
                let mutant = wanted.mutant.map(|it| format!(" --mutant {}", it.as_str()));
                let mutant = mutant.unwrap_or_default();
                println!("  commit {commit}: {error}");
                println!(
                    "  again: chainc-sim crash-points --project examples/{project} --mode {mode} --at {operation} --outcome {name}{mutant}"
                );
            }
        }
    }
    row.distinct = lived.distinct();
    row.to_the_end = lived.to_the_end.get();
    row.crashes += lived.again.get();
    Ok(row)
}

#[cfg(test)]
mod tests;
