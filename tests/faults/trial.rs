//! One trial: its seed, its dice, what it counted, what it found, and the line of the ledger
//! that says so. Seeds that ever failed are tried first.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Seeds that ever failed, a trial and its seed a line.
const KEPT: &str = include_str!("seeds.txt");

/// Returns a number that hangs on words alone.
pub(crate) fn hash(words: &[&str]) -> u64 {
    let hash = blake3::hash(words.join("\n").as_bytes());
    let (first, _) = hash.as_bytes().split_first_chunk().expect("a hash is longer than 8 bytes");
    u64::from_le_bytes(*first)
}

/// A seeded stream of throws (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// Returns a number below a limit.
    pub(crate) fn roll(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }

    /// Tells whether something happens that happens so often in a hundred.
    pub(crate) fn percent(&mut self, share: u64) -> bool {
        self.roll(100) < share
    }

    /// Returns a stream of its own for something that goes on beside.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.roll(u64::MAX))
    }
}

/// A trial under way. When it ends, it tells how, and writes the ledger.
pub(crate) struct Trial {
    name: &'static str,
    /// What everything that is drawn hangs on.
    pub(crate) seed: u64,
    /// The trial's own throws.
    pub(crate) dice: Dice,
    counts: BTreeMap<&'static str, u64>,
    violations: Vec<String>,
    commit: String,
    started: Instant,
}

/// Runs a trial with each seed that it ever failed with, and with a new one: the commit's, so
/// that the same commit is tried the same way. `CHAINC_FAULT_SEED` sets one seed instead.
pub(crate) fn with_every_seed(name: &'static str, run: impl Fn(&mut Trial)) {
    let commit = commit();
    let seeds = match std::env::var("CHAINC_FAULT_SEED") {
        Ok(seed) => vec![seed.parse().expect("CHAINC_FAULT_SEED is a number")],
        Err(_) => {
            let mut seeds = kept(name);
            seeds.push(hash(&[&commit, name]) % 1_000_000);
            seeds
        }
    };
    for seed in seeds {
        let mut trial = Trial {
            name,
            seed,
            dice: Dice(hash(&[&seed.to_string(), name])),
            counts: BTreeMap::new(),
            violations: Vec::new(),
            commit: commit.clone(),
            started: Instant::now(),
        };
        run(&mut trial);
        let found = trial.violations.len();
        drop(trial);
        assert_eq!(found, 0, "violations, told above");
    }
}

fn kept(name: &str) -> Vec<u64> {
    let lines = KEPT.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let pairs = lines.map(|line| line.split_once(' ').expect("a trial and its seed"));
    let mine = pairs.filter(|(trial, _)| *trial == name);
    mine.map(|(_, seed)| seed.trim().parse().expect("a seed is a number")).collect()
}

impl Trial {
    /// Counts something.
    pub(crate) fn count(&mut self, what: &'static str, n: usize) {
        *self.counts.entry(what).or_default() += u64::try_from(n).expect("a count");
    }

    /// Returns how often something was counted.
    pub(crate) fn counted(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or(0)
    }

    /// Notes that a promise was broken.
    pub(crate) fn violated(&mut self, what: String) {
        self.violations.push(what);
    }

    /// Asserts that enough faults were made of a kind.
    #[track_caller]
    pub(crate) fn assert_at_least(&self, what: &str, floor: u64) {
        let counted = self.counted(what);
        assert!(counted >= floor, "only {counted} times: {what}");
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        let failed = std::thread::panicking() || !self.violations.is_empty();
        let Self { name, seed, counts, violations, commit, .. } = self;
        let millis = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let line = serde_json::json!({
            "trial": name, "seed": seed, "commit": commit, "counts": counts, "failed": failed,
            "violations": violations.len(), "seconds": millis.div_ceil(1_000),
        });
        // Past what keeps the words of tests that pass.
        let _ = writeln!(std::io::stdout(), "{line}");
        // Beside the folder that cargo gives to tests.
        let ledger = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("faults-ledger.jsonl");
        let written = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&ledger)
            .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
        if let Err(error) = written {
            println!("the ledger {} cannot be written: {error}", ledger.display());
        }
        if failed {
            for violation in violations.iter().take(40) {
                println!("VIOLATED: {violation}");
            }
            println!("seed {seed}, commit {commit}; once more, with the same seed:");
            println!("    CHAINC_FAULT_SEED={seed} cargo test --test faults {name} -- --nocapture");
            println!("keep it: add the line `{name} {seed}` to tests/faults/seeds.txt");
        }
    }
}

fn commit() -> String {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        let output = command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
        let output = output.ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else {
        return "unknown".to_owned();
    };
    let changed = git(&["status", "--porcelain"]).is_some_and(|files| !files.is_empty());
    if changed { commit + "+changes" } else { commit }
}
