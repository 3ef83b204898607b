//! How long a look takes on a large store: `CHAINC_BENCH=1 cargo test -p chainc-runtime
//! a_look_reads -- --nocapture`.

#![allow(clippy::print_stdout, reason = "a measurement is read, not checked")]

use super::compile;
use crate::store::{Problem, Store, purchases, windows};
use crate::time::{Moment, Zone};
use chainc_compiler::ir::{Condition, Policy, Window};
use chainc_compiler::units::{Period, Test};
use chainc_compiler::{Settings, SourceFile};
use rusqlite::{Transaction, params, params_from_iter};
use std::collections::BTreeMap;
use std::time::Instant;

const CUSTOMERS: i64 = 100_000;
const EACH: i64 = 10;
const DAY: i64 = 86_400_000;

/// What the windows hold, read from the purchases themselves.
const BY_PURCHASES: &str = "SELECT count(*) FROM customer c WHERE \
    (SELECT count(*) FROM purchase p WHERE p.shard = c.shard AND p.customer_id = c.customer_id \
     AND p.occurred_at >= ?1 AND p.known = 1) >= 2 AND \
    (SELECT coalesce(sum(p.amount), 0) FROM purchase p WHERE p.shard = c.shard \
     AND p.customer_id = c.customer_id AND p.occurred_at >= ?2 AND p.known = 1) >= 5000";

fn policy() -> Policy {
    let file = SourceFile { path: "policy.chain".into(), text: "policy { }".into() };
    let settings = Settings::default();
    chainc_compiler::compile(&[file], &BTreeMap::new(), &settings).program.unwrap().policy
}

fn fill(tx: &Transaction<'_>, now: Moment) -> Result<(), Problem> {
    let mut customer = tx.prepare("INSERT INTO customer (shard, customer_id) VALUES (?, ?)")?;
    let mut purchase = tx.prepare(
        "INSERT INTO sale (customer, occurred_at, event_id, amount) VALUES (?, ?, ?, ?)",
    )?;
    for number in 0..CUSTOMERS {
        let (id, mut dice) = (number.to_string(), number + 1);
        let shard = crate::key::shard(&id);
        customer.execute(params![shard, id])?;
        let number = tx.last_insert_rowid();
        for nth in 0..EACH {
            dice = dice * 48_271 % 2_147_483_647;
            let at = now.0 - dice % (730 * DAY / 1_000) * 1_000;
            let event = crate::key::event(&[id.as_bytes(), &nth.to_le_bytes()]);
            purchase.execute(params![number, at, event.as_slice(), 100 + dice % 5_000])?;
        }
    }
    for news in purchases::news(tx, now, i64::MAX)? {
        purchases::tell(tx, &news)?;
    }
    Ok(())
}

#[test]
fn a_look_reads_one_row_for_each_customer_and_window() {
    if std::env::var_os("CHAINC_BENCH").is_none() {
        return;
    }
    let zone = Zone::get("Asia/Yekaterinburg").unwrap();
    let now = zone.parse("2026-06-01T10:00").unwrap();
    let path = std::env::temp_dir().join(format!("chainc-speed-{}.db", std::process::id()));
    let mut store = Store::open_or_create(&path).unwrap();
    store.write(|tx| fill(tx, now)).unwrap();
    let days = |days| Period::Days(days);
    let condition = Condition::All(vec![
        Condition::Frequency { test: Test::AtLeast(2), window: Window::Within(days(180)) },
        Condition::Spent { test: Test::AtLeast(5_000), within: Some(days(90)) },
    ]);
    let mut answers = Vec::new();
    for day in 0..3 {
        let now = now.plus_millis(day * DAY);
        let since = |days| crate::condition::since(days, now, &zone).0;
        let (half, quarter) = (since(days(180)), since(days(90)));
        let mut timed = |what: &str, work: &dyn Fn(&Transaction<'_>) -> Result<i64, Problem>| {
            let begun = Instant::now();
            answers.push(store.write(|tx| work(tx)).unwrap());
            println!("day {day}: {what}: {} ms", begun.elapsed().as_millis());
        };
        timed("by purchases", &|tx| {
            Ok(tx.query_row(BY_PURCHASES, params![half, quarter], |row| row.get(0))?)
        });
        timed("windows moved", &|tx| {
            windows::refresh(tx, &condition, now, &zone)?;
            Ok(0)
        });
        timed("by windows", &|tx| {
            let found = compile(&condition, &policy(), now, &zone);
            let sql = format!("SELECT count(*) FROM customer c WHERE {}", found.sql);
            Ok(tx.query_row(&sql, params_from_iter(found.params), |row| row.get(0))?)
        });
    }
    std::fs::remove_file(&path).unwrap();
    let found: Vec<i64> = answers.chunks(3).map(|day| day[0] - day[2]).collect();
    assert_eq!(found, [0, 0, 0], "{answers:?}");
    assert!(answers.iter().step_by(3).all(|n| *n > CUSTOMERS / 50), "{answers:?}");
}
