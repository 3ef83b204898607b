//! Bounded fuzzing: builds the targets of `fuzz/` for libFuzzer with the toolchain that is
//! there, and runs each for a while from every chain text of the project.
//!
//! What a run finds stays in `target/fuzz/corpus`, so that the next one goes on from there.
//! With `--runs N` a target tries so many texts from the beginning and from a fixed seed,
//! however fast the machine is.

#[expect(clippy::unwrap_used, reason = "a chore may stop where it stands")]
#[path = "../../grammar/tests/support/corpus.rs"]
mod corpus;

use chainc_grammar::words::VOCABULARY;
use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// The targets; the last one is slow, and is run when it is asked for.
const TARGETS: [&str; 5] = ["check", "format", "fix", "print", "grow"];
const QUICK: usize = 4;

/// What libFuzzer wants of a compiler: counters on the edges, a table of places, and to see
/// what is compared.
const INSTRUMENTED: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Signs that mean something, or are taken for those that do.
const SIGNS: [&str; 44] = [
    "->",
    "..",
    ">=",
    "<=",
    "{",
    "}",
    "(",
    ")",
    ",",
    ":",
    "=",
    "#",
    "##",
    "\"",
    "%",
    "\n",
    "\r\n",
    "_",
    "\\\"",
    "=>",
    "→",
    "–",
    "—",
    "…",
    "≥",
    "≤",
    "“",
    "”",
    "«",
    "»",
    "\u{a0}",
    "\u{feff}",
    "₽",
    "RUB",
    "KZT",
    "3d",
    "2w",
    "36h",
    "60..89",
    "10:00",
    "2026-03-01",
    "sмs",
    "{customer.",
    "{grant.points}",
];

/// What was asked for.
struct Asked {
    limit: Limit,
    /// How many targets run at the same time.
    jobs: usize,
    targets: Vec<&'static str>,
}

/// How far a target goes.
#[derive(Clone, Copy)]
enum Limit {
    Seconds(u64),
    Runs(u64),
}

/// Builds and runs the targets; an error if one of them finds something.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<(), String> {
    let asked = asked(arguments)?;
    let folder = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root.join(folder).join("fuzz"),
        None => root.join("target/fuzz"),
    };
    let binaries = build(root, &folder, &asked.targets)?;
    seed(&folder)?;
    let waiting = Mutex::new(asked.targets.into_iter().collect::<VecDeque<_>>());
    let take = || waiting.lock().ok()?.pop_front();
    let work = || -> Vec<String> {
        std::iter::from_fn(take)
            .filter_map(|target| match search(&folder, &binaries, target, asked.limit) {
                Ok(line) => {
                    println!("{line}");
                    None
                }
                Err(error) => Some(error),
            })
            .collect()
    };
    let failed: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..asked.jobs).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

fn asked(arguments: &[&str]) -> Result<Asked, String> {
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let mut asked = Asked { limit: Limit::Seconds(60), jobs, targets: Vec::new() };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut number = || {
            let number = words.next().and_then(|number| number.parse().ok());
            number.filter(|number| *number > 0).ok_or(format!("{word} wants a number"))
        };
        match *word {
            "--seconds" => asked.limit = Limit::Seconds(number()?),
            "--runs" => asked.limit = Limit::Runs(number()?),
            "--jobs" => asked.jobs = usize::try_from(number()?).unwrap_or(1),
            _ => {
                let known = TARGETS.iter().find(|target| *target == word);
                asked.targets.push(known.ok_or_else(|| {
                    format!("there is no target {word}; there are {}", TARGETS.join(", "))
                })?);
            }
        }
    }
    if asked.targets.is_empty() {
        asked.targets = TARGETS.into_iter().take(QUICK).collect();
    }
    Ok(asked)
}

/// Builds the targets and returns the folder they stand in. A target triple is given, so
/// that macros and build scripts are not instrumented.
fn build(root: &Path, folder: &Path, targets: &[&str]) -> Result<PathBuf, String> {
    if !super::runs("c++", &["--version"]) {
        eprintln!("libFuzzer needs a C++ compiler: installing g++");
        super::run(Command::new("apt-get").args(["update", "-qq"]))
            .map_err(|error| format!("{error}\nlibFuzzer needs c++; install it and try again"))?;
        super::run(Command::new("apt-get").args(["install", "-y", "-qq", "g++"]))?;
    }
    let host = host()?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked", "--target", &host]);
    for target in targets {
        cargo.args(["--bin", target]);
    }
    cargo.arg("--manifest-path").arg(root.join("fuzz/Cargo.toml"));
    cargo.arg("--target-dir").arg(folder);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", INSTRUMENTED.join("\x1f"));
    super::run(&mut cargo)?;
    Ok(folder.join(host).join("debug"))
}

/// Returns the triple of this machine.
fn host() -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(rustc).arg("-vV").output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not say what it runs on".to_owned())
}

/// Writes what every search begins with: all chain texts, and the words of the language.
fn seed(folder: &Path) -> Result<(), String> {
    let say = |error: std::io::Error| error.to_string();
    let seeds = folder.join("seeds");
    let _ = std::fs::remove_dir_all(&seeds);
    std::fs::create_dir_all(&seeds).map_err(say)?;
    for (at, (_, text)) in corpus::corpus().into_iter().enumerate() {
        std::fs::write(seeds.join(format!("{at:04}")), text).map_err(say)?;
    }
    let words = VOCABULARY.iter().flat_map(|word| word.aliases.iter().copied().chain([word.text]));
    let words: BTreeSet<&str> = words.chain(SIGNS).collect();
    let mut dictionary = String::new();
    for word in words {
        let escaped: String = word.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
        let _ = writeln!(dictionary, "\"{escaped}\"");
    }
    std::fs::write(folder.join("words.dict"), dictionary).map_err(say)
}

/// Runs one target; says how far it came, or what it found.
fn search(folder: &Path, binaries: &Path, target: &str, limit: Limit) -> Result<String, String> {
    let say = |error: std::io::Error| error.to_string();
    let failed = folder.join("failed");
    let (corpus, bound) = match limit {
        Limit::Seconds(seconds) => {
            (folder.join("corpus").join(target), format!("-max_total_time={seconds}"))
        }
        Limit::Runs(runs) => {
            let fresh = folder.join("fresh").join(target);
            let _ = std::fs::remove_dir_all(&fresh);
            (fresh, format!("-runs={runs}"))
        }
    };
    std::fs::create_dir_all(&corpus).map_err(say)?;
    std::fs::create_dir_all(&failed).map_err(say)?;
    let prefix = format!("{}/{target}-", failed.display());
    let binary = binaries.join(target);
    let is_random = matches!(limit, Limit::Seconds(_));
    let output = Command::new(&binary)
        .args([&corpus, &folder.join("seeds")])
        .arg(format!("-dict={}", folder.join("words.dict").display()))
        .arg(bound)
        .arg(format!("-seed={}", if is_random { 0 } else { 3 }))
        .arg(format!("-artifact_prefix={prefix}"))
        .args(["-max_len=4096", "-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1"])
        .output()
        .map_err(|error| format!("{} cannot be started: {error}", binary.display()))?;
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        return Ok(progress(target, &log));
    }
    let artifact = log.split("Test unit written to ").nth(1).and_then(|rest| rest.lines().next());
    let said =
        log.lines().skip_while(|line| !line.contains("panicked at") && !line.contains("ERROR"));
    let said: Vec<&str> = said.take_while(|line| !line.contains("stack backtrace")).collect();
    Err(match artifact {
        Some(artifact) => format!(
            "{target} broke its promise:\n{}\n\nthe text:   {artifact}\nonce more:  {} {artifact}\n\
             keep it:    as short as it can be, as tests/kept/WHAT-BREAKS.chain",
            said.join("\n"),
            binary.display(),
        ),
        None => format!("{target} stopped with {}:\n{log}", output.status),
    })
}

/// Returns what a search has done, in one line.
fn progress(target: &str, log: &str) -> String {
    let after = |line: &str, label: &str| -> Option<u64> {
        line.split(label).nth(1)?.split_whitespace().next()?.parse().ok()
    };
    let last = |label: &str| log.lines().rev().find_map(|line| after(line, label)).unwrap_or(0);
    let runs = last("number_of_executed_units:");
    let rate = last("average_exec_per_sec:");
    let (edges, texts) = (last("cov: "), last("new_units_added:"));
    format!("{target:<7} {runs:>8} runs, {rate:>5} a second, {edges:>6} edges, {texts} new texts")
}
