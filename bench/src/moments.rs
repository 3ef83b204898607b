//! Single moments of a large shop: finding a band, letting it in, what is due after an
//! outage, and how long a purchase waits meanwhile.

use crate::chain::{self, WAIT, text};
use crate::data::{self, Size};
use crate::gauge::{self, Gauge, Used};
use chainc_compiler::ir;
use chainc_compiler::units::{Minor, Points};
use chainc_runtime::channel::{Broken, Channel, LookUp, Outcome, Outgoing, Receipt, Work};
use chainc_runtime::clock;
use chainc_runtime::engine::{Channels, Settings, Stop};
use chainc_runtime::intake::desk::{Desk, Refused};
use chainc_runtime::intake::{self, Kind, Reading, Report};
use chainc_runtime::store::purchases::Purchase;
use chainc_runtime::store::{Store, segment};
use chainc_runtime::time::{Moment, Zone};
use rusqlite::{Connection, params_from_iter};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Finding a band, and letting it in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Band {
    /// How many are in it.
    pub(crate) customers: u64,
    /// Finding their keys.
    pub(crate) find: Used,
    /// The first look of the chain: finding, assigning, entering, all on disk.
    pub(crate) enrol: Used,
}

/// Measures a band of a shop.
pub(crate) fn band(folder: &Path, size: Size, audience: &str) -> Result<Band, String> {
    let path = data::copy(folder, size, "band.db")?;
    let program = chain::program(audience)?;
    let condition = &program.chains.first().ok_or("no chain")?.audience;
    let now = Moment(data::NOW);
    let found = segment::compile(condition, &program.policy, now, &Zone::utc());
    let connection = Connection::open(&path).map_err(text)?;
    let sql = format!("SELECT c.number FROM customer c WHERE {}", found.sql);
    let (mut customers, mut find) = (0, Used::default());
    // The second time, as a shop that runs has its index at hand.
    for _ in 0..2 {
        let gauge = Gauge::start();
        customers = count_rows(&connection, &sql, &found.params).map_err(text)?;
        find = gauge.read();
    }
    drop(connection);
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(text)?;
    let (mut engine, _) = chain::engine(&path, audience)?;
    let gauge = Gauge::start();
    runtime.block_on(engine.turn(now)).map_err(text)?;
    let enrol = gauge.read();
    drop(engine);
    data::remove(&path);
    Ok(Band { customers, find, enrol })
}

fn count_rows(
    connection: &Connection,
    sql: &str,
    values: &[rusqlite::types::Value],
) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut count = 0;
    while rows.next()?.is_some() {
        count += 1;
    }
    Ok(count)
}

/// Timers that were all due while nothing ran.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outage {
    /// How many.
    pub(crate) timers: u64,
    /// Working them off, to the end of every chain.
    pub(crate) used: Used,
    /// The most memory held at once meanwhile, in bytes.
    pub(crate) memory: u64,
    /// How long single purchases waited for their acknowledgement meanwhile.
    pub(crate) waits: Waits,
}

/// How long single things waited.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Waits {
    /// How many.
    pub(crate) number: u64,
    /// The median.
    pub(crate) median: Duration,
    /// 99 of 100 were faster.
    pub(crate) p99: Duration,
    /// The longest.
    pub(crate) longest: Duration,
}

/// Lets everybody in, stands still for an hour, and works off what is due.
pub(crate) fn outage(folder: &Path, size: Size) -> Result<Outage, String> {
    let path = data::copy(folder, size, "outage.db")?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(text)?;
    let audience = "recency >= 0";
    let (mut engine, _) = chain::engine(&path, audience)?;
    runtime.block_on(engine.work(Moment(data::NOW))).map_err(text)?;
    drop(engine);
    gauge::forget_peak();
    let (mut engine, _) = chain::engine(&path, audience)?;
    let done = AtomicBool::new(false);
    let (used, waits) = std::thread::scope(|scope| {
        let buyers = scope.spawn(|| buyers(&path, &done));
        let gauge = Gauge::start();
        let worked = runtime.block_on(engine.work(Moment(data::NOW + WAIT + 3_600_000)));
        let used = gauge.read();
        done.store(true, Ordering::Relaxed);
        let waits = buyers.join().map_err(|_| "a buyer failed".to_owned())??;
        worked.map_err(text)?;
        Ok::<_, String>((used, waits))
    })?;
    let memory = gauge::peak();
    drop(engine);
    let connection = Connection::open(&path).map_err(text)?;
    let sql = "SELECT count(*) FROM enrolment WHERE ended_at IS NOT NULL";
    let timers: i64 = connection.query_row(sql, [], |row| row.get(0)).map_err(text)?;
    drop(connection);
    data::remove(&path);
    Ok(Outage { timers: u64::try_from(timers).map_err(text)?, used, memory, waits })
}

/// One purchase every 20 ms, of times to come, each acknowledged before the next.
fn buyers(path: &Path, done: &AtomicBool) -> Result<Waits, String> {
    let desk = desk(path)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(text)?;
    let mut waits = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let number = u64::try_from(waits.len()).unwrap_or(0);
        let began = Instant::now();
        runtime.block_on(desk.purchase(purchase(number))).map_err(text)?;
        waits.push(began.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(summed(waits))
}

/// Lets a band in and spreads its timers over half a minute, cohort by cohort; serves it by
/// the clock of the machine while purchases come in. Returns how late each message was handed
/// over.
pub(crate) fn lateness(folder: &Path, size: Size, audience: &str) -> Result<Waits, String> {
    let path = data::copy(folder, size, "lateness.db")?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(text)?;
    let (mut engine, _) = chain::engine(&path, audience)?;
    runtime.block_on(engine.work(Moment(data::NOW))).map_err(text)?;
    drop(engine);
    // By then the service has started.
    let first = Moment::now().plus_millis(8_000);
    let due = spread(&path, first).map_err(text)?;

    let handed = Arc::new(Handed::default());
    let way: Arc<dyn Channel> = handed.clone();
    let channels: Channels = ir::Channel::ALL.into_iter().map(|one| (one, way.clone())).collect();
    let store = Store::open(&path).and_then(Store::take_turns).map_err(text)?;
    let program = chain::program_of_all_hours(audience)?;
    let stop = Stop::default();
    let done = AtomicBool::new(false);
    let bought = std::thread::scope(|scope| {
        let buyers = scope.spawn(|| buyers(&path, &done));
        let served = runtime.block_on(async {
            let ends = stop.clone();
            let end = async move {
                tokio::time::sleep(Duration::from_millis(HALF_A_MINUTE.unsigned_abs() + 10_000))
                    .await;
                ends.ask();
                Ok(())
            };
            let serve = clock::serve(store, program, Settings::default(), channels, stop);
            tokio::try_join!(async { serve.await.map(drop) }, end).map(drop)
        });
        done.store(true, Ordering::Relaxed);
        let bought = buyers.join().map_err(|_| "a buyer failed".to_owned())??;
        served.map(|()| bought.number).map_err(text)
    })?;
    data::remove(&path);
    let handed = handed.0.lock().map_err(text)?;
    let late = handed.iter().filter_map(|(id, at)| {
        let millis = at.0 - due.get(id)?.0;
        Some(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
    });
    let late: Vec<_> = late.collect();
    // Who has bought is not written to.
    if late.len() + usize::try_from(bought).unwrap_or(0) < due.len() {
        return Err(format!("{} of {} messages were handed over", late.len(), due.len()));
    }
    Ok(summed(late))
}

/// Over how long timers are spread, in milliseconds.
const HALF_A_MINUTE: i64 = 30_000;

/// Gives each cohort a moment of its own, from a first one on.
fn spread(path: &Path, first: Moment) -> rusqlite::Result<BTreeMap<String, Moment>> {
    let connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA synchronous = FULL")?;
    connection.execute(
        "UPDATE cohort SET due_at = ?1 + ?2 * nth / (SELECT count(*) FROM cohort) \
         FROM (SELECT number AS one, row_number() OVER (ORDER BY number) - 1 AS nth FROM cohort) \
         WHERE number = one",
        [first.0, HALF_A_MINUTE],
    )?;
    let mut statement =
        connection.prepare("SELECT customer_id, due_at FROM enrolment WHERE due_at IS NOT NULL")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, Moment(row.get(1)?))))?;
    rows.collect()
}

/// Notes when each message was handed over.
#[derive(Default)]
struct Handed(Mutex<Vec<(String, Moment)>>);

impl Channel for Handed {
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> Work<'a, Result<Vec<Outcome>, Broken>> {
        let now = Moment::now();
        if let Ok(mut handed) = self.0.lock() {
            handed.extend(messages.iter().map(|one| (one.customer_id.clone(), now)));
        }
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

fn desk(path: &Path) -> Result<Desk, String> {
    let store = Store::open(path).and_then(Store::take_turns).map_err(text)?;
    Desk::open(store).map_err(text)
}

/// A purchase of tomorrow.
fn purchase(number: u64) -> Purchase {
    let event = u128::from(number) << 64 | u128::from(data::mix(number));
    Purchase {
        event_id: event.to_le_bytes(),
        customer_id: data::id(data::mix(number) % 10_000),
        occurred_at: Moment(data::NOW + 86_400_000),
        amount: Minor(1_000),
        external_id: None,
        items: None,
        store_id: None,
        brand: None,
        categories: None,
        points_spent: Points(0),
        points_earned: Points(0),
    }
}

fn summed(mut waits: Vec<Duration>) -> Waits {
    waits.sort();
    let at = |hundredth: usize| {
        let place = (waits.len() * hundredth / 100).min(waits.len().saturating_sub(1));
        waits.get(place).copied().unwrap_or_default()
    };
    Waits {
        number: u64::try_from(waits.len()).unwrap_or(0),
        median: at(50),
        p99: at(99),
        longest: waits.last().copied().unwrap_or_default(),
    }
}

/// Imports a file of purchases, as `chainc import` does; returns what that took.
pub(crate) fn import(folder: &Path, size: Size, rows: u64) -> Result<Used, String> {
    let path = data::copy(folder, size, "import.db")?;
    let mut csv = String::from(COLUMNS);
    for number in 0..rows {
        let id = data::id(data::mix(number) % size.customers);
        let minute = number * 60 / rows;
        let _ = writeln!(csv, "{id},2026-06-01T12:{minute:02}:00Z,10.00,r{number}");
    }
    let (used, report) = bring_in(&path, &csv)?;
    data::remove(&path);
    if report.new == rows { Ok(used) } else { Err(format!("{report:?}")) }
}

/// The header of a file of purchases.
pub(crate) const COLUMNS: &str = "customer_id,purchased_at,amount,external_id\n";

/// Brings purchases into a store, as `chainc import` does.
pub(crate) fn bring_in(path: &Path, csv: &str) -> Result<(Used, Report), String> {
    let file = path.with_extension("purchases.csv");
    std::fs::write(&file, csv).map_err(text)?;
    let mut store = Store::open_or_create(path).map_err(text)?;
    let (columns, attributes) = (BTreeMap::new(), BTreeMap::new());
    let reading = Reading {
        zone: &Zone::utc(),
        digits: 2,
        columns: &columns,
        attributes: &attributes,
        from: None,
        now: Moment(data::NOW),
    };
    let gauge = Gauge::start();
    let report = intake::import(&mut store, Kind::Purchases, &file, &reading, &mut |_| {});
    let used = gauge.read();
    let _ = std::fs::remove_file(&file);
    Ok((used, report.map_err(text)?))
}

/// How many tills tell of purchases at once.
const TILLS: u64 = 1_000;

/// Single purchases of many tills, each of which waits for its acknowledgement before it tells
/// of the next, while a run takes a band through the chain; and the same without the run.
/// Returns how many came in, and in which time.
pub(crate) fn singles(
    folder: &Path,
    size: Size,
    audience: &str,
) -> Result<[(u64, Duration); 2], String> {
    let path = data::copy(folder, size, "singles.db")?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(text)?;
    let (mut engine, _) = chain::engine(&path, audience)?;
    let done = Arc::new(AtomicBool::new(false));
    let during = std::thread::scope(|scope| {
        let tills = scope.spawn(|| tills(&path, 0, &done));
        let mut work = |at| runtime.block_on(engine.work(Moment(at))).map_err(text);
        let worked = work(data::NOW).and_then(|()| work(data::NOW + WAIT));
        done.store(true, Ordering::Relaxed);
        let came = tills.join().map_err(|_| "a till failed".to_owned())??;
        worked.map(|()| came)
    })?;
    drop(engine);
    let done = Arc::new(AtomicBool::new(false));
    let alone = std::thread::scope(|scope| {
        let tills = scope.spawn(|| tills(&path, during.0 + TILLS, &done));
        std::thread::sleep(Duration::from_secs(5));
        done.store(true, Ordering::Relaxed);
        tills.join().map_err(|_| "a till failed".to_owned())?
    })?;
    data::remove(&path);
    Ok([during, alone])
}

fn tills(path: &Path, first: u64, done: &Arc<AtomicBool>) -> Result<(u64, Duration), String> {
    let desk = Arc::new(desk(path)?);
    let number = Arc::new(AtomicU64::new(first));
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(text)?;
    let began = Instant::now();
    let till = || {
        let (desk, number, done) = (desk.clone(), number.clone(), done.clone());
        runtime.spawn(async move {
            while !done.load(Ordering::Relaxed) {
                desk.purchase(purchase(number.fetch_add(1, Ordering::Relaxed))).await?;
            }
            Ok::<_, Refused>(())
        })
    };
    let all: Vec<_> = (0..TILLS).map(|_| till()).collect();
    for one in all {
        runtime.block_on(one).map_err(text)?.map_err(text)?;
    }
    Ok((number.load(Ordering::Relaxed) - first, began.elapsed()))
}
