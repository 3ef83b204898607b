//! How fast the compiler is, measured against its limits: one question, one number, one
//! limit a line. `cargo run --release -p xtask -- bench`.
//!
//! Every number is the best of several runs, because whatever else the machine does can
//! only make a run slower. Times of the whole process are those of the release binary.

#![allow(
    clippy::float_arithmetic,
    reason = "a measurement is neither money nor time of a customer"
)]

use chainc_compiler::{Settings, SourceFile, compile};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A question, its answer, and how far it may go.
struct Answer {
    question: &'static str,
    answer: f64,
    limit: f64,
    unit: &'static str,
    /// True where more is better.
    at_least: bool,
}

impl Answer {
    fn holds(&self) -> bool {
        if self.at_least { self.answer >= self.limit } else { self.answer <= self.limit }
    }
}

/// Measures everything and prints it; an error if a limit is broken.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let folder = root.join("target/bench");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    super::run(
        Command::new(env!("CARGO"))
            .args(["build", "--release", "--bin", "chainc"])
            .current_dir(root),
    )?;
    let binary = root.join("target/release/chainc");
    let binary = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => Path::new(&target).join("release/chainc"),
        None => binary,
    };

    let template = std::fs::read_to_string(root.join("examples/reactivate/reactivate.chain"))
        .map_err(|error| error.to_string())?;
    let large = large(&template, 10_000_000);
    let file = folder.join("large.chain");
    std::fs::write(&file, &large).map_err(|error| error.to_string())?;

    let answers = [
        Answer {
            question: "parse 10 MB of correct text into trees",
            answer: megabytes(&large)
                / best(3, || drop(chainc_grammar::parse(&large))).as_secs_f64(),
            limit: 5.0,
            unit: "MB/s",
            at_least: true,
        },
        Answer {
            question: "memory of parsing it, peak, for each byte of text",
            answer: memory(&file)?,
            limit: 40.0,
            unit: "bytes",
            at_least: false,
        },
        Answer {
            question: "check one file of 1.5 KB, in the process",
            answer: one(&template),
            limit: 1.0,
            unit: "ms",
            at_least: false,
        },
        Answer {
            question: "check a folder of 1,000 such files, whole process",
            answer: thousand(&binary, &folder.join("thousand"), &template)?,
            limit: 1.0,
            unit: "s",
            at_least: false,
        },
        Answer {
            question: "draw 1,000 findings of a file of 4 MB, beyond listing them",
            answer: drawn(&binary, &folder.join("drawn"))?,
            limit: 0.2,
            unit: "s",
            at_least: false,
        },
    ];
    for answer in &answers {
        let Answer { question, answer: found, limit, unit, at_least } = answer;
        let bound = if *at_least { "at least" } else { "at most" };
        let verdict = if answer.holds() { "" } else { "  BROKEN" };
        println!("{question:<62} {found:>8.2} {unit:<5} ({bound} {limit}){verdict}");
    }
    match answers.iter().all(Answer::holds) {
        true => Ok(()),
        false => Err("a limit is broken".to_owned()),
    }
}

/// Prints what parsing a file took of memory, for each byte of it.
pub(crate) fn parse_alone(path: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let before = peak()?;
    let parsed = chainc_grammar::parse(&text);
    let taken = peak()?.saturating_sub(before);
    println!("{} {}", taken as f64 / text.len() as f64, parsed.faults.len());
    Ok(())
}

/// Returns the peak of this process's memory, in bytes.
fn peak() -> Result<usize, String> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(|error| error.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
    kilobytes.map(|kilobytes| kilobytes * 1024).ok_or_else(|| "no VmHWM".to_owned())
}

fn memory(file: &Path) -> Result<f64, String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(this)
        .arg("parse-alone")
        .arg(file)
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let first = text.split_whitespace().next().and_then(|word| word.parse().ok());
    first.ok_or_else(|| format!("measuring memory: {output:?}"))
}

/// Returns a correct program of at least so many bytes.
fn large(template: &str, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + template.len());
    for number in 0.. {
        if text.len() >= bytes {
            break;
        }
        text.push_str(&template.replace("chain reactivate", &format!("chain reactivate{number}")));
        text.push('\n');
    }
    text
}

fn megabytes(text: &str) -> f64 {
    text.len() as f64 / 1e6
}

fn best(runs: u32, mut once: impl FnMut()) -> Duration {
    let timed = (0..runs).map(|_| {
        let start = Instant::now();
        once();
        start.elapsed()
    });
    timed.min().unwrap_or_default()
}

/// A campaign of about 1.5 KB that stands alone.
fn campaign(template: &str, number: usize) -> String {
    let head = "segment sleeping = recency 60..89\n";
    let text = template.replace("chain reactivate", &format!("chain reactivate{number}"));
    let text = text.replace("sleeping", &format!("sleeping{number}"));
    format!("{}{text}", head.replace("sleeping", &format!("sleeping{number}")))
}

fn one(template: &str) -> f64 {
    let file = SourceFile { path: "campaign.chain".to_owned(), text: campaign(template, 0) };
    let files = [file];
    let check = || drop(compile(&files, &BTreeMap::new(), &Settings::default()));
    best(200, check).as_secs_f64() * 1e3
}

fn thousand(binary: &Path, folder: &Path, template: &str) -> Result<f64, String> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    for number in 0..1_000 {
        let path = folder.join(format!("campaign{number}.chain"));
        std::fs::write(path, campaign(template, number)).map_err(|error| error.to_string())?;
    }
    Ok(process(binary, folder, "human").as_secs_f64())
}

fn drawn(binary: &Path, folder: &Path) -> Result<f64, String> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let mut text = String::from("message offer { sms \"We miss you\" }\n");
    let filling = "# a comment as long as a line of a campaign is, more or less, in words\n";
    for number in 0..1_000 {
        text.push_str(&format!(
            "chain c{number} {{ segment recency 60–{} -> sms offer }}\n",
            61 + number % 30
        ));
        text.push_str(&filling.repeat(56));
    }
    std::fs::write(folder.join("slips.chain"), &text).map_err(|error| error.to_string())?;
    let human = process(binary, folder, "human");
    let plain = process(binary, folder, "plain");
    Ok(human.saturating_sub(plain).as_secs_f64())
}

/// Returns how long the whole process takes; what it says goes nowhere.
fn process(binary: &Path, folder: &Path, format: &str) -> Duration {
    best(5, || {
        let checked = Command::new(binary)
            .args(["check", "--lang", "en", "--format", format, "."])
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(checked.is_ok(), "chainc does not start: {checked:?}");
    })
}
