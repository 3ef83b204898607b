//! The command line.

use crate::ledger::{self, Sum};
use crate::seeds;
use crate::world::class::Class;
use crate::world::life::Life;
use crate::world::{self, Options, Outcome};
use chainc_runtime::mutant::Mutant;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

const HELP: &str = "chainc-sim: the real engine and store over virtual time, on a disk that fails

  run [--years N] [--crashes C] [--seed S] [--jobs J] [--long] [--ledger FILE] [--without CLASS]
      worlds from consecutive seeds until so many simulated years and crashes are done; --long:
      20,000 years of worlds that last for years each
  replay --seed S [--long] [--mutant M] [--without CLASS] [--trace]
      one world again, exactly
  mutants [--only NAME] [--long] [--budget-seeds N] [--jobs J]
      every deliberate fault, until it is found
  classes [--budget-seeds N] [--jobs J]
      for each class of mishaps a fault that is found with it, and not without it
  totals FILE
      adds up a ledger
  crash-points ...
      the machine is stopped at every operation of each example chain
";

/// What the arguments say.
struct Args {
    words: Vec<String>,
}

impl Args {
    fn has(&self, flag: &str) -> bool {
        self.words.iter().any(|word| word == flag)
    }

    fn text(&self, flag: &str) -> Option<&str> {
        let at = self.words.iter().position(|word| word == flag)?;
        self.words.get(at + 1).map(String::as_str)
    }

    fn number(&self, flag: &str, unsaid: u64) -> Result<u64, String> {
        match self.text(flag) {
            None => Ok(unsaid),
            Some(text) => text
                .replace('_', "")
                .parse()
                .map_err(|_| format!("{flag} wants a number, and `{text}` is none")),
        }
    }

    fn mutant(&self, flag: &str) -> Result<Option<Mutant>, String> {
        let Some(name) = self.text(flag) else { return Ok(None) };
        let found = Mutant::ALL.iter().find(|mutant| mutant.as_str() == name);
        found.copied().map(Some).ok_or_else(|| format!("there is no fault `{name}`"))
    }

    fn life(&self) -> Life {
        if self.has("--long") { Life::Long } else { Life::Short }
    }

    fn without(&self) -> Result<Vec<Class>, String> {
        let Some(names) = self.text("--without") else { return Ok(Vec::new()) };
        let class = |name: &str| {
            let found = Class::ALL.into_iter().find(|class| class.as_str() == name);
            found.ok_or_else(|| format!("there is no class `{name}`"))
        };
        names.split(',').map(class).collect()
    }
}

/// Runs what the arguments say.
pub fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let words: Vec<String> = words.collect();
    if command == "crash-points" {
        return crate::crash::run(&words);
    }
    let args = Args { words };
    let done = match command.as_str() {
        "run" => run(&args),
        "replay" => replay(&args),
        "mutants" => mutants(&args),
        "classes" => classes(&args),
        "totals" => totals(&args),
        _ => {
            print!("{HELP}");
            Ok(command.is_empty() || command == "--help" || command == "help")
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

/// The commit that runs, if there is one.
pub(crate) fn commit() -> String {
    let said = std::process::Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output();
    let said = said.ok().filter(|said| said.status.success());
    said.and_then(|said| String::from_utf8(said.stdout).ok())
        .map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// Tells of a world in which a promise was broken, and how to see it again.
fn tell(outcome: &Outcome, commit: &str, args: &Args) {
    println!("seed {} ({}), commit {commit}:", outcome.seed, outcome.program);
    for violation in outcome.violations.iter().take(5) {
        println!("  {}: {}", violation.promise, violation.detail);
    }
    let long = if args.has("--long") { " --long" } else { "" };
    let without = args.text("--without").map(|names| format!(" --without {names}"));
    let without = without.unwrap_or_default();
    println!("  again: chainc-sim replay --seed {}{long}{without} --trace", outcome.seed);
}

/// The world of a seed; a panic is a broken promise, too.
fn world(seed: u64, options: &Options) -> Outcome {
    let caught =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world::run(seed, options)));
    caught.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Outcome::panicked(seed, said.unwrap_or_default())
    })
}

fn run(args: &Args) -> Result<bool, String> {
    let life = args.life();
    let years = args.number("--years", if life == Life::Long { 20_000 } else { 10 })?;
    let crashes = args.number("--crashes", 0)?;
    let first = args.number("--seed", 0)?;
    let jobs = args.number("--jobs", 2)?.max(1);
    let options = Options { without: args.without()?, life, ..Options::default() };
    let (commit, begun) = (commit(), Instant::now());
    let kept = if first == 0 { seeds::kept(life) } else { Vec::new() };
    let kept = Mutex::new(VecDeque::from(kept));
    let (next, sum) = (AtomicU64::new(first), Mutex::new(Sum::default()));
    let days = i64::try_from(years).unwrap_or(i64::MAX).saturating_mul(365);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    {
                        let sum = sum.lock().expect("nobody panics with it");
                        let is_done = sum.days >= days && sum.crashes >= crashes;
                        if is_done || sum.violations >= 10 {
                            return;
                        }
                    }
                    let seed = kept.lock().expect("nobody panics with it").pop_front();
                    let seed = seed.unwrap_or_else(|| next.fetch_add(1, Ordering::Relaxed));
                    let outcome = world(seed, &options);
                    let mut sum = sum.lock().expect("nobody panics with it");
                    sum.add(&outcome);
                    if !outcome.violations.is_empty() {
                        tell(&outcome, &commit, args);
                    }
                    if life == Life::Long && sum.worlds.is_multiple_of(100) {
                        let years = sum.days / 365;
                        println!("{years} years, {} crashes, seed {seed}", sum.crashes);
                    }
                }
            });
        }
    });
    let sum = sum.into_inner().expect("nobody panicked with it");
    let line = sum.line(&commit, life, begun.elapsed().as_secs());
    println!("{line:#}");
    if let Some(path) = args.text("--ledger") {
        ledger::append(&PathBuf::from(path), &line).map_err(|error| error.to_string())?;
    }
    Ok(sum.violations == 0)
}

fn replay(args: &Args) -> Result<bool, String> {
    let seed = args.number("--seed", 0)?;
    let (mutant, trace) = (args.mutant("--mutant")?, args.has("--trace"));
    let options = Options { mutant, without: args.without()?, life: args.life(), trace };
    let outcome = world(seed, &options);
    println!(
        "seed {seed} ({}): {} days, {} crashes, {} messages, digest {}",
        outcome.program,
        outcome.days,
        outcome.counts.crashes,
        outcome.stats.messages,
        outcome.digest
    );
    if !outcome.violations.is_empty() {
        tell(&outcome, &commit(), args);
    }
    Ok(outcome.violations.is_empty())
}

/// What became of a fault.
struct Hunt {
    mutant: Mutant,
    caught: Option<String>,
    worlds: u64,
    days: i64,
    millis: u128,
}

/// Runs worlds with a fault until it is found.
fn hunt(mutant: Mutant, without: &[Class], life: Life, seeds: u64) -> Hunt {
    let without = without.to_vec();
    let options = Options { mutant: Some(mutant), without, life, trace: false };
    let begun = Instant::now();
    let mut hunt = Hunt { mutant, caught: None, worlds: 0, days: 0, millis: 0 };
    for seed in 0..seeds {
        let outcome = world(seed, &options);
        hunt.worlds += 1;
        hunt.days += outcome.days;
        hunt.caught =
            outcome.violations.first().map(|found| format!("{} (seed {seed})", found.promise));
        if hunt.caught.is_some() {
            break;
        }
    }
    hunt.millis = begun.elapsed().as_millis();
    hunt
}

/// Does work for each of some things, on several threads, in their order.
fn each<T: Sync, R: Send>(jobs: u64, things: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicU64::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some(thing) = usize::try_from(n).ok().and_then(|n| things.get(n)) else {
                        return;
                    };
                    let result = work(thing);
                    done.lock().expect("nobody panics with it").push((n, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("nobody panicked with it");
    done.sort_by_key(|(n, _)| *n);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Faults that take years to show.
const OF_YEARS: [Mutant; 2] = [Mutant::LeapDaySkipped, Mutant::YearEndsTheView];

fn mutants(args: &Args) -> Result<bool, String> {
    let jobs = args.number("--jobs", 2)?.max(1);
    let only = args.mutant("--only")?;
    let all: Vec<Mutant> = only.map_or_else(|| Mutant::ALL.to_vec(), |one| vec![one]);
    let begun = Instant::now();
    std::panic::set_hook(Box::new(|_| {}));
    let given = args.text("--budget-seeds").is_some();
    let given = if given { Some(args.number("--budget-seeds", 0)?) } else { None };
    let hunts = each(jobs, &all, |mutant| {
        let life = if OF_YEARS.contains(mutant) { Life::Long } else { args.life() };
        hunt(*mutant, &[], life, given.unwrap_or(if life == Life::Long { 30 } else { 210 }))
    });
    println!("| fault | found by | worlds | years | seconds |\n| --- | --- | --- | --- | --- |");
    for hunt in &hunts {
        let tenths = hunt.days * 10 / 365;
        println!(
            "| {} | {} | {} | {}.{} | {}.{} |",
            hunt.mutant.as_str(),
            hunt.caught.as_deref().unwrap_or("NOT FOUND"),
            hunt.worlds,
            tenths / 10,
            tenths % 10,
            hunt.millis / 1000,
            hunt.millis % 1000 / 100,
        );
    }
    let found = hunts.iter().filter(|hunt| hunt.caught.is_some()).count();
    println!("{found} of {} found in {} s", hunts.len(), begun.elapsed().as_secs());
    Ok(found == hunts.len())
}

/// Faults that are found with a class of mishaps, and not without it; and the classes that are
/// left out both times, since they show the same fault in another way: what a process that
/// dies has half done is told again, and later.
const PROOFS: [(Class, Mutant, &[Class]); 14] = [
    (Class::PowerLoss, Mutant::SynchronousNormal, &[]),
    // Other ways in which a process ends.
    (Class::Kill, Mutant::RecoverSkipped, &[Class::PowerLoss, Class::Disk, Class::Providers]),
    // What a process that dies has not synced is lost with the power, too.
    (Class::FailedSync, Mutant::LogNotWrittenAnew, &[Class::Kill]),
    (Class::Full, Mutant::FullIgnored, &[]),
    (Class::ReadError, Mutant::MadeAnew, &[Class::ShortRead]),
    (Class::ShortRead, Mutant::MadeAnew, &[Class::ReadError]),
    (Class::WriteError, Mutant::WriteErrorIgnored, &[]),
    (Class::Clock, Mutant::ClockGoesBack, &[]),
    (
        Class::Late,
        Mutant::LateByHearing,
        &[Class::PowerLoss, Class::Kill, Class::Disk, Class::Clock, Class::Providers],
    ),
    (
        Class::Twice,
        Mutant::RepeatsCount,
        &[Class::PowerLoss, Class::Kill, Class::Disk, Class::Providers],
    ),
    (Class::Worst, Mutant::GuardPurchase, &[]),
    (Class::Meanwhile, Mutant::HeldWhileSending, &[]),
    (Class::Editions, Mutant::VersionByName, &[]),
    (Class::Providers, Mutant::UnknownIsNotSent, &[Class::PowerLoss, Class::Kill, Class::Disk]),
];

fn classes(args: &Args) -> Result<bool, String> {
    let seeds = args.number("--budget-seeds", 140)?;
    let jobs = args.number("--jobs", 2)?.max(1);
    std::panic::set_hook(Box::new(|_| {}));
    let begun = Instant::now();
    let results = each(jobs, &PROOFS, |(class, mutant, apart)| {
        let without: Vec<Class> = apart.iter().chain([class]).copied().collect();
        let with = hunt(*mutant, apart, Life::Short, seeds);
        // In twice as many worlds as it was found in, and in each program twice.
        let more = (2 * with.worlds).max(14);
        (with, hunt(*mutant, &without, Life::Short, more))
    });
    let mut holds = true;
    println!("| class | fault | with it | without it |\n| --- | --- | --- | --- |");
    for ((class, mutant, _), (with, without)) in PROOFS.iter().zip(&results) {
        holds &= with.caught.is_some() && without.caught.is_none();
        println!(
            "| {} | {} | {} after {} worlds | {} in {} worlds |",
            class.as_str(),
            mutant.as_str(),
            with.caught.as_deref().unwrap_or("NOT FOUND"),
            with.worlds,
            without.caught.as_deref().unwrap_or("not found"),
            without.worlds,
        );
    }
    println!("{} s", begun.elapsed().as_secs());
    Ok(holds)
}

fn totals(args: &Args) -> Result<bool, String> {
    let path = args.words.first().ok_or("totals of which file?")?;
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    println!("{:#}", ledger::totals(&text));
    Ok(true)
}
