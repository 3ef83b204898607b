//! The shop that is measured: customers with a history, made from their numbers.
//!
//! It is written once for each size and kept under `target/bench`; each measurement works on
//! a copy. Every customer agrees to SMS and push, and has bought so often as asked, the last
//! time on a day of the last year that is drawn evenly: 30 days of it are about 82,000 of a
//! million.

use chainc_runtime::key;
use chainc_runtime::store::Store;
use rusqlite::{Connection, Transaction, params};
use std::path::{Path, PathBuf};

/// The moment of the look: 1 June 2026, 12:00 UTC.
pub(crate) const NOW: i64 = 1_780_315_200_000;

const DAY: i64 = 86_400_000;
const YEAR: i64 = 366;

/// How large a shop is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// How many customers.
    pub(crate) customers: u64,
    /// How often each has bought.
    pub(crate) purchases: u64,
}

/// Returns a fresh copy of a shop under a name of its own.
pub(crate) fn copy(folder: &Path, size: Size, name: &str) -> Result<PathBuf, String> {
    let base = folder.join(format!("shop-{}-{}-{}.db", size.customers, size.purchases, stamp()));
    if !base.exists() {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        eprintln!("making {} ...", base.display());
        let part = base.with_extension("part");
        remove(&part);
        make_aside(&part, size).map_err(|error| format!("{}: {error}", part.display()))?;
        std::fs::rename(&part, &base).map_err(|e| format!("{}: {e}", base.display()))?;
    }
    let path = folder.join(name);
    remove(&path);
    std::fs::copy(&base, &path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(path)
}

/// Tells shops apart whose tables differ.
fn stamp() -> String {
    let schema = key::event(&[chainc_runtime::store::SCHEMA.as_bytes(), b"shop 3"]);
    schema.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// Removes a store with what stands beside it.
pub(crate) fn remove(path: &Path) {
    for end in ["", "-wal", "-shm", ".lock", ".gate"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
}

/// The key of a customer: what stands on her card.
pub(crate) fn id(number: u64) -> String {
    (1_000_000 + number).to_string()
}

/// Returns when a customer last bought.
fn last(number: u64) -> i64 {
    let dice = mix(number);
    let days = i64::try_from(dice % YEAR.unsigned_abs()).unwrap_or(0);
    NOW - days * DAY - i64::try_from((dice >> 32) % 3_600_000).unwrap_or(0)
}

/// A number spread over all bits (the finalizer of SplitMix64).
pub(crate) fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Makes a shop in a process of its own: what that holds is not what is measured.
fn make_aside(path: &Path, size: Size) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let made = std::process::Command::new(program)
        .arg("shop")
        .arg(path)
        .args(["--customers", &size.customers.to_string()])
        .args(["--purchases", &size.purchases.to_string()])
        .stdout(std::process::Stdio::null())
        .status()
        .map_err(|error| error.to_string())?;
    if made.success() { Ok(()) } else { Err("it could not be made".to_owned()) }
}

/// Makes a shop.
pub(crate) fn make(path: &Path, size: Size) -> Result<(), String> {
    drop(Store::open_or_create(path).map_err(|error| error.to_string())?);
    fill(path, size).map_err(|error| error.to_string())
}

fn fill(path: &Path, size: Size) -> rusqlite::Result<()> {
    let mut connection = Connection::open(path)?;
    // A shop that was not made whole is thrown away.
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -500000")?;
    let tx = connection.transaction()?;
    tx.execute_batch("DROP INDEX customer_by_last_purchase")?;
    let mut order: Vec<(i64, String, u64)> = (0..size.customers)
        .map(|number| {
            let id = id(number);
            (key::number(&id), id, number)
        })
        .collect();
    order.sort();
    let last_sales = sales(&tx, size, &order)?;
    for ((key, id, number), last_sale) in order.iter().zip(last_sales) {
        customer(&tx, size, *key, id, *number, last_sale)?;
    }
    tx.execute_batch(
        "CREATE INDEX customer_by_last_purchase ON customer (last_purchase_at) \
         WHERE last_purchase_at IS NOT NULL",
    )?;
    tx.commit()?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
}

fn size_of_a_file(purchases: usize) -> usize {
    (purchases / 20).max(1)
}

/// Writes the purchases in the order in which they were made; returns the last one of each
/// customer.
fn sales(
    tx: &Transaction<'_>,
    size: Size,
    order: &[(i64, String, u64)],
) -> rusqlite::Result<Vec<Option<i64>>> {
    let bought = i64::try_from(size.purchases).unwrap_or(0);
    let mut all = Vec::new();
    for (of, (.., number)) in (0_u32..).zip(order) {
        let (first, last) = (NOW - 2 * YEAR * DAY, last(*number));
        let step = (last - first) / bought.max(2);
        all.extend((0..bought).map(|nth| {
            let at = if nth + 1 == bought { last } else { first + nth * step };
            (at, of)
        }));
    }
    all.sort_unstable();
    let mut before: Vec<(Option<i64>, u64)> = vec![(None, 0); order.len()];
    let mut places = Vec::with_capacity(all.len());
    let mut insert = tx.prepare(
        "INSERT INTO sale (number, customer, occurred_at, event_id, amount, known, before) \
         VALUES (?, ?, ?, ?, 1000, 1, ?)",
    )?;
    for (sale, (at, of)) in (1_i64..).zip(&all) {
        let of = usize::try_from(*of).unwrap_or(usize::MAX);
        let (Some((key, _, number)), Some((before, nth))) = (order.get(of), before.get_mut(of))
        else {
            continue;
        };
        let place = mix(number + 1) ^ *nth;
        let event = (u128::from(place) << 64) | u128::from(mix(*number));
        insert.execute(params![sale, key, at, event.to_be_bytes().as_slice(), *before])?;
        places.push(((place >> 22).cast_signed(), sale));
        (*before, *nth) = (Some(sale), *nth + 1);
    }
    // As files of some years would have filled it: pages that were filled in one go are full,
    // and every one would be split by what comes next.
    let mut insert =
        tx.prepare("INSERT INTO sale_once (place, sale) VALUES (?, ?) ON CONFLICT DO NOTHING")?;
    for file in places.chunks_mut(size_of_a_file(all.len())) {
        file.sort_unstable();
        for (place, sale) in file {
            while insert.execute([*place, *sale])? == 0 {
                *place += 1;
            }
        }
    }
    Ok(before.into_iter().map(|(last, _)| last).collect())
}

fn customer(
    tx: &Transaction<'_>,
    size: Size,
    key: i64,
    id: &str,
    number: u64,
    last_sale: Option<i64>,
) -> rusqlite::Result<()> {
    let shard = key::shard(id);
    let (first, last) = (NOW - 2 * YEAR * DAY, last(number));
    let bought = i64::try_from(size.purchases).unwrap_or(0);
    tx.prepare_cached(
        "INSERT INTO customer (number, shard, customer_id, first_name, phone, push_token, registered_at, \
         first_purchase_at, last_purchase_at, purchases, spent, last_sale) \
         VALUES (?, ?, ?, 'Anna', ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        key,
        shard,
        id,
        format!("+1202555{:04}", number % 10_000),
        format!("card-{number}"),
        first,
        if bought > 1 { first } else { last },
        last,
        bought,
        bought * 1_000,
        last_sale,
    ])?;
    for channel in ["push", "sms"] {
        tx.prepare_cached(
            "INSERT INTO consent (shard, customer_id, channel, at, number, granted, source) \
             VALUES (?, ?, ?, ?, 0, 1, 'customer file')",
        )?
        .execute(params![shard, id, channel, first])?;
    }
    Ok(())
}
