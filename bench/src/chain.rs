//! The chain, run by the engine: enrol, grant, SMS, wait unless purchase, push, end.

use crate::data::{self, Size};
use crate::gauge::{self, Gauge, Used};
use crate::moments;
use chainc_compiler::ir::{self, Program};
use chainc_compiler::{Settings as Compiling, SourceFile, compile};
use chainc_runtime::channel::{Broken, Channel, LookUp, Outcome, Outgoing, Receipt, Work};
use chainc_runtime::engine::{Channels, Engine, Settings, Stop};
use chainc_runtime::store::Store;
use chainc_runtime::time::{Moment, Zone};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Quiet hours, a cap, prices and consent are asked of every message.
const POLICY: &str = "policy {
  timezone \"UTC\"
  currency EUR
  quiet 21:00..09:00
  cap 3 messages per 7d
  price sms 0.05 EUR
}
message offer { sms \"{customer.first_name}, {grant.points} for you until {grant.expires}\" }
message reminder { push title \"Your points\" body \"{grant.points} expire {grant.expires}\" }
";

/// A minute after the look the wait is over.
pub(crate) const WAIT: i64 = 60_000;

/// Takes everything and keeps nothing but the number.
#[derive(Default)]
pub(crate) struct Sink(AtomicU64);

impl Channel for Sink {
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> Work<'a, Result<Vec<Outcome>, Broken>> {
        self.0.fetch_add(u64::try_from(messages.len()).unwrap_or(0), Ordering::Relaxed);
        let outcomes = messages.iter().map(|_| Outcome::Receipt(Receipt::Delivered)).collect();
        Box::pin(async move { Ok(outcomes) })
    }

    fn look_up<'a>(&'a self, keys: &'a [String]) -> Work<'a, Result<Vec<LookUp>, Broken>> {
        let found = keys.iter().map(|_| LookUp::NotFound).collect();
        Box::pin(async move { Ok(found) })
    }

    fn at_once(&self) -> usize {
        usize::MAX
    }

    fn is_real(&self) -> bool {
        false
    }
}

/// What a run of the chain came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ran {
    /// How many customers entered.
    pub(crate) chains: u64,
    /// How many steps they came to.
    pub(crate) steps: u64,
    /// How many messages left.
    pub(crate) messages: u64,
    /// Up to the end of the first batch of everything: entered, granted, written to.
    pub(crate) first: Used,
    /// The purchases of a tenth of them.
    pub(crate) buying: Used,
    /// From the end of the wait to the end.
    pub(crate) second: Used,
    /// Bytes that the store grew by while they waited.
    pub(crate) grown: u64,
    /// The most memory held at once, in bytes.
    pub(crate) memory: u64,
}

/// Compiles the chain for an audience.
pub(crate) fn program(audience: &str) -> Result<Program, String> {
    compiled(POLICY, audience)
}

/// Compiles it without quiet hours, for a clock that may say that it is night.
pub(crate) fn program_of_all_hours(audience: &str) -> Result<Program, String> {
    compiled(&POLICY.replace("  quiet 21:00..09:00\n", ""), audience)
}

fn compiled(policy: &str, audience: &str) -> Result<Program, String> {
    let text = format!(
        "{policy}chain bench {{ budget 1_000_000_000 points segment {audience} -> grant 300 expires 14d -> sms offer \
         -> wait 1m unless purchase -> push reminder }}"
    );
    let file = SourceFile { path: "bench.chain".into(), text };
    let compiled = compile(&[file], &BTreeMap::new(), &Compiling::default());
    compiled.program.ok_or_else(|| format!("{:?}", compiled.diagnostics))
}

/// Returns an engine on a store, and what its messages go into.
pub(crate) fn engine(path: &Path, audience: &str) -> Result<(Engine, Arc<Sink>), String> {
    let sink = Arc::new(Sink::default());
    let way: Arc<dyn Channel> = sink.clone();
    let channels: Channels = ir::Channel::ALL.into_iter().map(|one| (one, way.clone())).collect();
    let store = Store::open_or_create(path)
        .and_then(Store::take_turns)
        .map_err(|error| error.to_string())?;
    let first_look = Moment(data::NOW - 86_400_000);
    let engine = Engine::start(
        store,
        program(audience)?,
        Settings::default(),
        channels,
        Stop::default(),
        first_look,
    );
    Ok((engine.map_err(|error| error.to_string())?, sink))
}

/// Runs the chain for a band of a shop.
pub(crate) fn run(folder: &Path, size: Size, audience: &str) -> Result<Ran, String> {
    let path = data::copy(folder, size, "chain.db")?;
    let before = bytes(&path)?;
    gauge::forget_peak();
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(text)?;
    let (mut engine, sink) = engine(&path, audience)?;

    let gauge = Gauge::start();
    runtime.block_on(engine.work(Moment(data::NOW))).map_err(text)?;
    let first = gauge.read();
    let grown = bytes(&path)?.saturating_sub(before);

    let gauge = Gauge::start();
    buy(&path)?;
    let buying = gauge.read();

    let gauge = Gauge::start();
    runtime.block_on(engine.work(Moment(data::NOW + WAIT))).map_err(text)?;
    let second = gauge.read();
    let memory = gauge::peak();
    let steps = u64::try_from(engine.steps()).unwrap_or(0);
    drop(engine);

    let count = |sql: &str| count(&path, sql);
    let chains = count("SELECT count(*) FROM enrolment")?;
    let ran = Ran {
        chains,
        steps,
        messages: sink.0.load(Ordering::Relaxed),
        first,
        buying,
        second,
        grown,
        memory,
    };
    let bought = count("SELECT count(*) FROM enrolment WHERE ended = 'purchased'")?;
    let through = count("SELECT count(*) FROM enrolment WHERE ended = 'completed'")?;
    if bought + through != chains || ran.messages != chains + through || bought * 9 > chains {
        return Err(format!("{bought} bought, {through} came through, of {ran:?}"));
    }
    data::remove(&path);
    Ok(ran)
}

/// A tenth of those who wait buy, half a minute after they were written to. Another program
/// brings it in, as a file.
fn buy(path: &Path) -> Result<(), String> {
    let connection = Connection::open(path).map_err(text)?;
    let buyers = || -> rusqlite::Result<Vec<String>> {
        let sql = "SELECT customer_id FROM enrolment WHERE CAST(customer_id AS INTEGER) % 10 = 3";
        connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
    };
    let buyers = buyers().map_err(text)?;
    drop(connection);
    let mut csv = String::from(moments::COLUMNS);
    let when = Moment(data::NOW + WAIT / 2);
    for id in buyers {
        let _ = writeln!(csv, "{id},{},10.00,b{id}", Zone::utc().rfc3339(when));
    }
    moments::bring_in(path, &csv).map(drop)
}

/// The bytes of a store that hold something, once all of it stands in its file.
pub(crate) fn bytes(path: &Path) -> Result<u64, String> {
    let connection = Connection::open(path).map_err(text)?;
    let number = |name: &str| -> rusqlite::Result<i64> {
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
    };
    let read = || Ok((number("page_count")? - number("freelist_count")?) * number("page_size")?);
    let bytes: i64 = read().map_err(text::<rusqlite::Error>)?;
    u64::try_from(bytes).map_err(text)
}

fn count(path: &Path, sql: &str) -> Result<u64, String> {
    let connection = Connection::open(path).map_err(text)?;
    let count: i64 = connection.query_row(sql, [], |row| row.get(0)).map_err(text)?;
    u64::try_from(count).map_err(text)
}

pub(crate) fn text<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}
