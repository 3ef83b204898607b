//! The ledger: one line of JSON for each run, and their sums.

use crate::world::Outcome;
use crate::world::life::Life;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

/// The mode of lines that name none.
const SHORT: &str = "run";

/// What a run came to, added up over its worlds.
#[derive(Debug, Default, Clone)]
pub(crate) struct Sum {
    pub(crate) worlds: u64,
    pub(crate) days: i64,
    pub(crate) crashes: u64,
    power_losses: u64,
    kills: u64,
    faults: BTreeMap<String, u64>,
    messages: u64,
    grants: u64,
    checks: u64,
    pub(crate) violations: u64,
    first: Option<u64>,
    last: Option<u64>,
}

impl Sum {
    /// Adds a world.
    pub(crate) fn add(&mut self, outcome: &Outcome) {
        let counts = &outcome.counts;
        self.worlds += 1;
        self.days += outcome.days;
        self.crashes += counts.crashes;
        self.power_losses += counts.power_losses;
        self.kills += counts.crashes.saturating_sub(counts.power_losses);
        self.messages += outcome.stats.messages;
        self.grants += outcome.grants;
        self.checks += outcome.stats.checks;
        self.violations += u64::from(!outcome.violations.is_empty());
        self.first = Some(self.first.map_or(outcome.seed, |first| first.min(outcome.seed)));
        self.last = self.last.max(Some(outcome.seed));
        let of_disk = [
            ("disk: full", counts.full),
            ("disk: read error", counts.read_errors),
            ("disk: short read", counts.short_reads),
            ("disk: write error", counts.write_errors),
            ("disk: failed sync", counts.failed_syncs),
            ("disk: write lost", counts.vanished),
            ("disk: write torn", counts.torn),
        ];
        let of_world = outcome.stats.faults.iter().map(|(name, n)| (*name, *n));
        for (name, n) in of_disk.into_iter().chain(of_world) {
            *self.faults.entry(name.to_owned()).or_default() += n;
        }
    }

    /// The line of a run.
    pub(crate) fn line(&self, commit: &str, life: Life, seconds: u64) -> Value {
        json!({
            "mode": match life {
                Life::Short => SHORT,
                Life::Long => "run --long",
            },
            "commit": commit,
            "seeds": [self.first, self.last],
            "worlds": self.worlds,
            "days": self.days,
            "years": self.days / 365,
            "crashes": self.crashes,
            "crashes_by_kind": { "power loss": self.power_losses, "process died": self.kills },
            "faults": self.faults,
            "messages": self.messages,
            "grants": self.grants,
            "checks": self.checks,
            "violations": self.violations,
            "seconds": seconds,
        })
    }
}

/// Appends a line to a ledger.
pub(crate) fn append(path: &Path, line: &Value) -> std::io::Result<()> {
    let mut file = std::fs::File::options().create(true).append(true).open(path)?;
    writeln!(file, "{line}")
}

/// Adds up the lines of a ledger, those of each mode for themselves: in a long life much less
/// happens in a year.
pub(crate) fn totals(text: &str) -> Value {
    let mut totals = Map::new();
    for line in text.lines() {
        if let Ok(Value::Object(line)) = serde_json::from_str(line) {
            let mode = line.get("mode").and_then(Value::as_str).unwrap_or(SHORT);
            let total = totals.entry(mode).or_insert_with(|| json!({ "runs": 0 }));
            if let Value::Object(total) = total {
                add(total, &line);
                add(total, &Map::from_iter([("runs".to_owned(), 1.into())]));
                let years = total.get("days").and_then(Value::as_i64).unwrap_or(0) / 365;
                total.insert("years".to_owned(), years.into());
            }
        }
    }
    Value::Object(totals)
}

fn add(total: &mut Map<String, Value>, line: &Map<String, Value>) {
    for (name, value) in line {
        match value {
            Value::Number(n) => {
                let so_far = total.get(name).and_then(Value::as_i64).unwrap_or(0);
                total.insert(name.clone(), (so_far + n.as_i64().unwrap_or(0)).into());
            }
            Value::Object(inner) => {
                let entry = total.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(entry) = entry {
                    add(entry, inner);
                }
            }
            _ => {}
        }
    }
}
