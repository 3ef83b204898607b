//! The command line.

use crate::world::{self, Options};
use std::process::ExitCode;

/// Runs what the arguments say.
pub fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let trace = args.iter().position(|arg| arg == "--trace").map(|at| args.remove(at)).is_some();
    let from: u64 = args.first().and_then(|arg| arg.parse().ok()).unwrap_or(0);
    let n: u64 = args.get(1).and_then(|arg| arg.parse().ok()).unwrap_or(1);
    let options = Options { trace, ..Options::default() };
    let begun = std::time::Instant::now();
    let mut days = 0;
    let mut crashes = 0;
    for seed in from..from + n {
        let outcome = world::run(seed, &options);
        days += outcome.days;
        crashes += outcome.counts.crashes;
        if trace || !outcome.violations.is_empty() {
            println!("{outcome:#?}");
        }
    }
    println!("{days} days, {crashes} crashes in {:?}", begun.elapsed());
    ExitCode::SUCCESS
}
