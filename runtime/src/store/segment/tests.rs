//! Who is in a segment, on a real store.

use super::compile;
use crate::store::{Store, purchases, windows};
use crate::time::{Moment, Zone};
use chainc_compiler::ir::{Channel, Condition, Policy, Window};
use chainc_compiler::units::{Period, Test};
use chainc_compiler::{Settings, SourceFile};
use rusqlite::params_from_iter;
use std::collections::BTreeMap;

/// 1 June 2026, 10:00 in Yekaterinburg.
fn now() -> Moment {
    zone().parse("2026-06-01T10:00").unwrap()
}

fn zone() -> Zone {
    Zone::get("Asia/Yekaterinburg").unwrap()
}

/// Who says nothing agrees to e-mail, and to nothing else.
fn policy() -> Policy {
    let text = "policy { consent email opt_out }".to_owned();
    let file = SourceFile { path: "policy.chain".into(), text };
    let settings = Settings::default();
    chainc_compiler::compile(&[file], &BTreeMap::new(), &settings).program.unwrap().policy
}

/// A store in memory but for its name; customers `a` to `e`.
///
/// | | last bought | bought | |
/// | --- | --- | --- | --- |
/// | a | 1 June 00:00, today | once, 10.00 | tag vip, agrees to sms |
/// | b | 31 May 23:59, 1 day ago | twice, 40.00 | agreed to sms, took it back in May |
/// | c | 2 April, 60 days ago | 3 times, 600.00 | will agree to sms tomorrow |
/// | d | 4 March, 89 days ago | once, 99.00 | phone, known to be dead |
/// | e | never | | phone |
fn shop() -> Store {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("chainc-segment-{}-{number}.db", std::process::id());
    let path = std::env::temp_dir().join(name);
    let mut store = Store::open_or_create(&path).unwrap();
    let at = |text: &str| zone().parse(text).unwrap().0;
    let purchases = [
        ("a", "2026-06-01T00:00", 1000),
        ("b", "2026-05-31T23:59", 3000),
        ("b", "2026-05-01T12:00", 1000),
        ("c", "2026-04-02T12:00", 30000),
        ("c", "2026-03-01T12:00", 20000),
        ("c", "2026-02-01T12:00", 10000),
        ("d", "2026-03-04T12:00", 9900),
    ];
    store
        .write(|tx| {
            for id in ["a", "b", "c", "d", "e"] {
                tx.execute("INSERT INTO customer (shard, customer_id) VALUES (0, ?)", [id])?;
            }
            tx.execute_batch(
                "INSERT INTO customer_tag VALUES (0, 'a', 'vip');
                 UPDATE customer SET phone = '+12025550101' WHERE customer_id IN ('d', 'e');
                 UPDATE customer SET dead_phone = phone WHERE customer_id = 'd';",
            )?;
            for (number, (id, when, amount)) in purchases.into_iter().enumerate() {
                let sql = "INSERT INTO sale (customer, occurred_at, event_id, amount) \
                           SELECT number, ?2, ?3, ?4 FROM customer WHERE customer_id = ?1";
                let event = number.to_le_bytes();
                tx.execute(sql, rusqlite::params![id, at(when), event.as_slice(), amount])?;
            }
            for news in purchases::news(tx, Moment(i64::MAX), 100)? {
                purchases::tell(tx, &news)?;
            }
            for (id, when, granted) in [
                ("a", "2026-01-01", true),
                ("b", "2026-01-01", true),
                ("b", "2026-05-20", false),
                ("c", "2026-06-02", true),
            ] {
                let sql = "INSERT INTO consent VALUES (0, ?, 'sms', ?, 0, ?, 'test', NULL, NULL)";
                tx.execute(sql, rusqlite::params![id, at(when), granted])?;
            }
            ["a", "b", "c", "d"].into_iter().try_for_each(|id| purchases::recount(tx, 0, id))
        })
        .unwrap();
    std::fs::remove_file(path).unwrap();
    store
}

/// Says who is in a segment now.
fn who(store: &mut Store, condition: &Condition) -> String {
    store
        .write(|connection| {
            windows::refresh(connection, condition, now(), &zone())?;
            let predicate = compile(condition, &policy(), now(), &zone());
            let sql = format!(
                "SELECT coalesce(group_concat(customer_id, ''), '') FROM \
                 (SELECT customer_id FROM customer c WHERE {} ORDER BY customer_id)",
                predicate.sql
            );
            let params = params_from_iter(&predicate.params);
            Ok(connection.query_row(&sql, params, |row| row.get::<_, String>(0))?)
        })
        .unwrap()
}

fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

#[test]
fn recency_counts_whole_calendar_days_of_the_business_zone() {
    let mut store = shop();
    let mut recency = |test| who(&mut store, &Condition::Recency(test));
    assert_eq!(recency(Test::Exactly(0)), "a");
    assert_eq!(recency(Test::Exactly(1)), "b", "a minute before midnight is a day ago");
    assert_eq!(recency(Test::Between(60, 89)), "cd", "both ends belong");
    assert_eq!(recency(Test::Between(61, 88)), "");
    assert_eq!(recency(Test::Below(60)), "ab");
    assert_eq!(recency(Test::AtMost(60)), "abc");
    assert_eq!(recency(Test::AtLeast(60)), "cd");
    assert_eq!(recency(Test::Above(60)), "d");
}

#[test]
fn who_never_bought_has_no_recency() {
    let mut store = shop();
    assert_eq!(who(&mut store, &Condition::Recency(Test::AtLeast(0))), "abcd");
    assert_eq!(who(&mut store, &not(Condition::Recency(Test::AtLeast(0)))), "e");
    assert_eq!(who(&mut store, &not(Condition::Recency(Test::Below(60)))), "cde");
}

#[test]
fn frequency_counts_ever_lately_and_as_a_rate() {
    let mut store = shop();
    let mut frequency = |test, window| who(&mut store, &Condition::Frequency { test, window });
    assert_eq!(frequency(Test::AtLeast(2), Window::Ever), "bc");
    assert_eq!(frequency(Test::Exactly(0), Window::Ever), "e");
    assert_eq!(frequency(Test::AtLeast(2), Window::Within(Period::Days(90))), "b");
    let window = Window::Within(Period::Days(92));
    assert_eq!(frequency(Test::AtLeast(2), window), "bc", "1 March is 92 days ago");
    assert_eq!(frequency(Test::AtLeast(1), Window::Within(Period::Seconds(36_000))), "a");
    // c: 3 in 120 days is 0.9 in 36; b: 2 in 31 days, taken as 36; d: 1 in 89 days.
    let per = Window::Per(Period::Days(36));
    assert_eq!(frequency(Test::Below(1), per), "cde");
    assert_eq!(frequency(Test::Between(1, 2), per), "ab");
    assert_eq!(frequency(Test::Exactly(2), per), "b");
    assert_eq!(frequency(Test::Above(1), per), "b");
}

#[test]
fn spent_sums_ever_and_lately() {
    let mut store = shop();
    let mut spent = |test, within| who(&mut store, &Condition::Spent { test, within });
    assert_eq!(spent(Test::AtLeast(9900), None), "cd");
    assert_eq!(spent(Test::Above(9900), None), "c");
    assert_eq!(spent(Test::AtLeast(3000), Some(Period::Days(31))), "b");
    assert_eq!(spent(Test::Exactly(4000), Some(Period::Days(31))), "b");
    assert_eq!(spent(Test::Exactly(0), Some(Period::Days(31))), "cde");
}

#[test]
fn consent_is_the_last_word_up_to_now() {
    assert_eq!(who(&mut shop(), &Condition::Consent(Channel::Sms)), "a");
    assert_eq!(who(&mut shop(), &Condition::Consent(Channel::Push)), "");
}

#[test]
fn reachable_is_an_address_that_is_not_dead() {
    assert_eq!(who(&mut shop(), &Condition::Reachable(Channel::Sms)), "e");
    assert_eq!(who(&mut shop(), &not(Condition::Reachable(Channel::Sms))), "abcd");
}

#[test]
fn conditions_join() {
    let mut store = shop();
    let vip = || Condition::Tag("vip".into());
    let lapsed = || Condition::Recency(Test::AtLeast(60));
    assert_eq!(who(&mut store, &Condition::Any(vec![vip(), lapsed()])), "acd");
    assert_eq!(who(&mut store, &Condition::All(vec![vip(), lapsed()])), "");
    assert_eq!(who(&mut store, &not(Condition::Any(vec![vip(), lapsed()]))), "be");
    assert_eq!(who(&mut store, &Condition::All(vec![])), "abcde");
    assert_eq!(who(&mut store, &Condition::Any(vec![])), "");
}

#[test]
fn no_word_of_a_chain_reaches_the_sql() {
    let tag = "x' OR '1'='1";
    let predicate = compile(&Condition::Tag(tag.into()), &policy(), now(), &zone());
    assert!(!predicate.sql.contains(tag));
    assert_eq!(who(&mut shop(), &Condition::Tag(tag.into())), "");
}
