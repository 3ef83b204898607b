//! How fast the engine is, beside the least that the same facts cost.
//!
//! `cargo run --release -p chainc-bench` makes a shop of a million customers and ten million
//! purchases under `target/bench`, runs the chain and the limit over it in one go, and prints
//! figures and ratios as JSON.

mod chain;
mod data;
mod gauge;
mod limit;
mod moments;
mod peers;

use data::Size;
use gauge::Used;
use peers::Peer;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

const USAGE: &str = "\
chainc-bench [WHAT...] [--customers N] [--purchases N]
  chain     the chain over a band, beside the limit (the default)
  band      finding a band and letting it in
  late      how late timers are while the clock runs, and purchases come in
  outage    everybody's timer is due after an hour, and purchases come in meanwhile
  import    a file of purchases
  singles   single purchases, each acknowledged, with a run beside them and without
  growth    the chain over shops of growing size
  shop FILE makes a shop and measures nothing
  --customers N   how many customers the shop has (1000000)
  --purchases N   how often each has bought (10)
  --beside NAMES  the same chain on pg-boss, dbos, restate, or all of them (none)
  --chains N      how many chains each of those runs, 100 or more (5000)
";

const BAND: &str = "recency 60..89";

fn main() -> ExitCode {
    match measured() {
        Ok(figures) => {
            println!("{figures:#}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measured() -> Result<Value, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut size = Size { customers: 1_000_000, purchases: 10 };
    let mut wanted = Vec::new();
    let (mut beside, mut chains) = (Vec::new(), 5_000);
    let mut words = arguments.iter().map(String::as_str);
    let mut shop = None;
    while let Some(word) = words.next() {
        if word == "shop" {
            shop = Some(words.next().ok_or_else(|| format!("`{word}` needs a file\n{USAGE}"))?);
            continue;
        }
        if word == "--beside" {
            let names = words.next().ok_or_else(|| format!("`{word}` needs names\n{USAGE}"))?;
            beside = Peer::list(names)?;
            continue;
        }
        let mut number = || {
            let number = words.next().and_then(|n| n.replace('_', "").parse::<u64>().ok());
            number.ok_or_else(|| format!("`{word}` needs a number\n{USAGE}"))
        };
        match word {
            "--customers" => size.customers = number()?,
            "--purchases" => size.purchases = number()?,
            "--chains" => chains = number()?.max(100),
            "chain" | "band" | "late" | "outage" | "import" | "singles" | "growth" => {
                wanted.push(word)
            }
            _ => return Err(USAGE.to_owned()),
        }
    }
    if let Some(shop) = shop {
        data::make(Path::new(shop), size)?;
        return Ok(json!({ "made": shop }));
    }
    if wanted.is_empty() {
        wanted.push("chain");
    }
    beside.iter().try_for_each(|peer| peer.check())?;
    let folder = PathBuf::from(std::env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into()));
    let folder = folder.join("bench");
    let mut figures = serde_json::Map::new();
    figures.insert("schema_version".into(), json!(1));
    figures.insert("customers".into(), json!(size.customers));
    figures.insert("purchases".into(), json!(size.customers * size.purchases));
    for what in wanted {
        let figure = match what {
            "band" => band(&folder, size)?,
            "late" => late(&folder, size)?,
            "outage" => outage(&folder, size)?,
            "import" => import(&folder, size)?,
            "singles" => singles(&folder, size)?,
            "growth" => growth(&folder, size)?,
            _ => chain(&folder, size)?,
        };
        figures.insert(what.into(), figure);
    }
    if !beside.is_empty() {
        figures.insert("beside".into(), peers::run(&beside, chains)?);
    }
    Ok(Value::Object(figures))
}

fn chain(folder: &Path, size: Size) -> Result<Value, String> {
    let (limit, entered) = limit::run(folder, size)?;
    let ran = chain::run(folder, size, BAND)?;
    if ran.chains != entered {
        return Err(format!("{} entered, and {entered} by the limit", ran.chains));
    }
    let used = ran.first + ran.buying + ran.second;
    Ok(json!({
        "chains": ran.chains,
        "steps": ran.steps,
        "messages": ran.messages,
        "engine": {
            "chains_per_second": per_second(ran.chains, used),
            "steps_per_second": per_second(ran.steps, used),
            "cpu_microseconds_per_chain": cpu_each(ran.chains, used),
            "seconds": seconds(used),
            "seconds_to_enter": seconds(ran.first),
            "seconds_of_buying": seconds(ran.buying),
            "seconds_to_end": seconds(ran.second),
            "memory_peak_bytes": ran.memory,
            "disk_bytes_per_customer_in_flight": ran.grown / ran.chains.max(1),
            "written_bytes_per_chain": used.written / ran.chains.max(1),
        },
        "limit": {
            "chains_per_second": per_second(entered, limit),
            "cpu_microseconds_per_chain": cpu_each(entered, limit),
            "seconds": seconds(limit),
            "written_bytes_per_chain": limit.written / entered.max(1),
        },
        "ratios": {
            "chains_per_second": ratio(per_second(ran.chains, used), per_second(entered, limit)),
            "cpu": ratio(nanos(used), nanos(limit)),
        },
    }))
}

fn band(folder: &Path, size: Size) -> Result<Value, String> {
    let band = moments::band(folder, size, BAND)?;
    Ok(json!({
        "customers": band.customers,
        "milliseconds_to_find": band.find.wall.as_millis(),
        "seconds_to_enrol": seconds(band.enrol),
    }))
}

fn late(folder: &Path, size: Size) -> Result<Value, String> {
    let late = moments::lateness(folder, size, BAND)?;
    Ok(json!({
        "timers": late.number,
        "milliseconds_late": {
            "median": late.median.as_millis(),
            "p99": late.p99.as_millis(),
            "longest": late.longest.as_millis(),
        },
    }))
}

fn outage(folder: &Path, size: Size) -> Result<Value, String> {
    let outage = moments::outage(folder, size)?;
    Ok(json!({
        "timers": outage.timers,
        "seconds": seconds(outage.used),
        "cpu_microseconds_per_timer": cpu_each(outage.timers, outage.used),
        "memory_peak_bytes": outage.memory,
        "purchases_meanwhile": outage.waits.number,
        "purchase_waits_milliseconds": {
            "median": outage.waits.median.as_millis(),
            "p99": outage.waits.p99.as_millis(),
            "longest": outage.waits.longest.as_millis(),
        },
    }))
}

fn import(folder: &Path, size: Size) -> Result<Value, String> {
    let rows = 500_000;
    let file = moments::import(folder, size, rows)?;
    Ok(json!({
        "rows": rows,
        "rows_per_second": per_second(rows, file),
        "cpu_microseconds_per_row": cpu_each(rows, file),
        "written_bytes_per_row": file.written / rows,
    }))
}

fn singles(folder: &Path, size: Size) -> Result<Value, String> {
    let [during, alone] = moments::singles(folder, size, BAND)?;
    let rate =
        |(number, wall): (u64, Duration)| per_second(number, Used { wall, ..Used::default() });
    Ok(json!({
        "during_a_run": during.0,
        "per_second_during_a_run": rate(during),
        "per_second_without": rate(alone),
    }))
}

fn growth(folder: &Path, size: Size) -> Result<Value, String> {
    let mut all = Vec::new();
    let mut customers = 10_000;
    while customers <= size.customers {
        let ran = chain::run(folder, Size { customers, ..size }, BAND)?;
        let used = ran.first + ran.buying + ran.second;
        all.push(json!({
            "customers": customers,
            "chains": ran.chains,
            "cpu_microseconds_per_chain": cpu_each(ran.chains, used),
            "chains_per_second": per_second(ran.chains, used),
            "written_bytes_per_chain": used.written / ran.chains.max(1),
        }));
        customers = if customers == 1_000_000 { 5_000_000 } else { customers * 10 };
    }
    Ok(Value::Array(all))
}

fn nanos(used: Used) -> u64 {
    u64::try_from(used.cpu.as_nanos()).unwrap_or(u64::MAX)
}

fn per_second(number: u64, used: Used) -> u64 {
    let micros = u64::try_from(used.wall.as_micros()).unwrap_or(u64::MAX).max(1);
    number.saturating_mul(1_000_000) / micros
}

fn cpu_each(number: u64, used: Used) -> String {
    let tenths = nanos(used) / 100 / number.max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn seconds(used: Used) -> String {
    let millis = used.wall.as_millis();
    format!("{}.{:03}", millis / 1_000, millis % 1_000)
}

/// A ratio with three digits behind the point.
fn ratio(one: u64, other: u64) -> String {
    let parts = one.saturating_mul(1_000) / other.max(1);
    format!("{}.{:03}", parts / 1_000, parts % 1_000)
}
