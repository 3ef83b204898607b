//! The live service is killed, and paused beyond the provider's patience, while others import
//! purchases, refusals and receipts into its store.

use crate::judge::Clock;
use crate::life::{Came, When, ask, keys};
use crate::outsider::{Errand, Fact, Outsider, iso, rest};
use crate::provider::now;
use crate::shop::{Plan, Shop};
use crate::trial::{Trial, with_every_seed};
use crate::truth::Truth;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A grant, three mails, two waits, a grant.
pub(crate) const CHAIN: &str = r#"
policy { timezone "UTC" currency USD price email 0.01 USD price sms 0.04 USD }

message offer { email subject "An offer" body "{grant.points} are yours" sms "{grant.points} are yours" }
message reminder { email subject "Still yours" body "Come in" sms "Come in" }
message last { email subject "The last one" body "Come in" }

chain winback {
  goal purchase within 30d
  budget 5_000_000 points
  budget 5_000 USD
  segment recency 60..89
    -> grant 300
    -> email offer
    -> fallback sms
    -> wait 3d unless purchase
    -> email reminder
    -> fallback sms
    -> grant 50
    -> wait 2d
    -> email last
}
"#;

/// How many faults there are at least.
pub(crate) const KILLS: u64 = 36;
pub(crate) const PAUSES: u64 = 8;

const CUSTOMERS: u64 = 120;

#[test]
fn a_live_service_killed_and_paused_mails_and_grants_once() {
    with_every_seed("a_live_service_killed_and_paused_mails_and_grants_once", |trial| {
        let mut shop = Shop::new(trial, "chainc.db");
        open_shop(&shop, "", CUSTOMERS, trial);
        let mut outsider = shop.outsider(trial);
        let over = AtomicBool::new(false);
        let truth = Truth::of(shop.provider.truth());
        std::thread::scope(|scope| {
            scope.spawn(|| bring_news(&mut outsider, truth, &over));
            let run = ["run", "."];
            while !is_over(&shop.store) {
                let paused = if trial.counted("pauses") < PAUSES { 4 } else { 16 };
                let plan = Plan::draw(5, paused, trial);
                shop.lives(&run, plan, &mut time_passes, trial);
            }
            // What is missing comes while there is nothing to do but to start and to wait.
            while trial.counted("pauses") < PAUSES {
                let mut life = shop.start(&run);
                life.says("running");
                shop.pause(&mut life, &run, trial);
                shop.kill(life, trial);
            }
            while trial.counted("kills") < KILLS {
                let life = Duration::from_millis(trial.dice.roll(120));
                shop.lives(&run, Plan::kill(When::After(life)), &mut time_passes, trial);
            }
            over.store(true, Ordering::Relaxed);
        });
        shop.has_heard(outsider.heard, trial);
        finish(&mut shop, trial);
        trial.assert_at_least("kills", KILLS);
        trial.assert_at_least("kills with a message on its way", 1);
        trial.assert_at_least("pauses", PAUSES);
        trial.assert_at_least("imports killed", 1);
    });
}

/// Opens a shop whose customers have been silent for seventy days.
pub(crate) fn open_shop(shop: &Shop, settings: &str, customers: u64, trial: &mut Trial) {
    let mut people =
        String::from("customer_id,phone,email,registered_at,consent_sms,consent_email\n");
    let mut bought = String::from("external_id,customer_id,purchased_at,amount\n");
    let seventy = iso(i64::try_from(now()).expect("a clock") - 70 * 86_400_000);
    for n in 1..=customers {
        let yes = if trial.dice.percent(95) { "yes" } else { "no" };
        people += &format!("c{n},+1202555{n:04},c{n}@example.com,2020-01-01,yes,{yes}\n");
        bought += &format!("r{n},c{n},{seventy},5\n");
    }
    shop.project.write("shop.chain", CHAIN);
    shop.project.write("chainc.yaml", format!("{}{settings}", shop.provider.settings()));
    shop.project.write("customers.csv", people);
    shop.project.write("purchases.csv", bought);
    shop.project.import("customers", "customers.csv").succeeded();
    shop.project.import("purchases", "purchases.csv").succeeded();
}

/// Imports purchases, refusals and receipts until it is over.
fn bring_news(outsider: &mut Outsider, mut truth: Truth, over: &AtomicBool) {
    let mut told: BTreeSet<String> = BTreeSet::new();
    let mut number = 0;
    while !over.load(Ordering::Relaxed) {
        rest(&mut outsider.dice);
        let what = outsider.dice.roll(5);
        truth.read_on();
        let mut facts = Vec::new();
        for _ in 0..=outsider.dice.roll(3) {
            number += 1;
            let who = format!("c{}", 1 + outsider.dice.roll(CUSTOMERS));
            let at = i64::try_from(now()).expect("a clock") + number % 7 - 7;
            let fact = match what {
                0 | 1 => Fact::Bought(who, format!("live-{number}")),
                2 => Fact::SaidNo(who),
                3 => Fact::Unsubscribed(who),
                _ => {
                    let news = truth.taken.iter().find(|mail| !told.contains(&mail.key));
                    let Some(mail) = news else { continue };
                    told.insert(mail.key.clone());
                    Fact::Arrived(mail.key.clone())
                }
            };
            // Of one customer, one thing of a kind at a time: moments tell them apart.
            if facts.iter().all(|(other, _)| !same_customer(other, &fact)) {
                facts.push((fact, at));
            }
        }
        if !facts.is_empty() {
            outsider.bring(Errand::of(facts));
        }
    }
}

fn same_customer(one: &Fact, other: &Fact) -> bool {
    match (one, other) {
        (Fact::Bought(one, _), Fact::Bought(other, _))
        | (Fact::SaidNo(one), Fact::SaidNo(other))
        | (Fact::Unsubscribed(one), Fact::Unsubscribed(other)) => one == other,
        _ => false,
    }
}

/// Runs without faults until everybody is through, stops as asked, and judges.
pub(crate) fn finish(shop: &mut Shop, trial: &mut Trial) {
    let mut life = shop.start(&["run", "."]);
    let store = shop.store.clone();
    let came = life.until(When::Never, &store, &mut shop.truth, &mut time_passes);
    if came == Came::Nothing {
        life.says("running");
        life.signal("TERM");
        let (code, words) = life.end();
        if code != 0 {
            trial.violated(format!("a service that was asked to stop ended with {code}: {words}"));
        }
    } else {
        trial.violated(format!("a service without faults ended: {came:?}"));
    }
    for (what, sql) in [
        (
            "somebody who entered was not granted what all are granted",
            "SELECT customer_id FROM enrolment WHERE control = 0 EXCEPT \
             SELECT customer_id FROM wallet_entry WHERE kind = 'granted' AND points = 300",
        ),
        (
            "somebody who came through was not granted what is granted at the end",
            "SELECT customer_id FROM enrolment WHERE ended = 'completed' EXCEPT \
             SELECT customer_id FROM wallet_entry WHERE kind = 'granted' AND points = 50",
        ),
    ] {
        for customer in keys(&shop.store, sql) {
            trial.violated(format!("{what}: {customer}"));
        }
    }
    shop.judge(Clock::Wall, trial);
}

/// Tells whether somebody has entered, and nobody is in the chain any more.
pub(crate) fn is_over(store: &Path) -> bool {
    keys(store, "SELECT customer_id FROM enrolment WHERE phase = 'ended' LIMIT 1").len() == 1
        && keys(store, "SELECT customer_id FROM enrolment WHERE phase <> 'ended'").is_empty()
}

/// Lets time pass where a service has nothing to do; true if it will never have.
pub(crate) fn time_passes(store: &Path) -> bool {
    let_time_pass(store);
    is_over(store)
}

/// Lets days go by if nothing is due now: what waits is due.
fn let_time_pass(store: &Path) {
    let due = "SELECT (SELECT count(*) FROM enrolment WHERE due_at <= ?1) + \
               (SELECT count(*) FROM outbox WHERE due_at <= ?1 OR state = 'in_flight'), \
               (SELECT count(*) FROM enrolment)";
    let soon = i64::try_from(now()).expect("a clock") + 500;
    let busy: Option<(i64, i64)> = ask(store, |connection| {
        connection.query_row(due, [soon], |row| Ok((row.get(0)?, row.get(1)?)))
    });
    if !busy.is_some_and(|(due, entered)| due == 0 && entered > 0) {
        return;
    }
    let writer = rusqlite::Connection::open(store).expect("the store");
    writer.busy_timeout(Duration::from_secs(5)).expect("a patience");
    writer
        .execute_batch(
            "BEGIN IMMEDIATE; UPDATE cohort SET due_at = 1 WHERE due_at IS NOT NULL; \
             UPDATE sheet SET due_at = 1 WHERE state = 'queued' AND due_at IS NOT NULL; COMMIT",
        )
        .expect("time passes");
}
