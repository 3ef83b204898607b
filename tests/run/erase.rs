//! A customer who asks to be forgotten.

use crate::support::Project;
use crate::{buy, crowd, replay, shop};
use std::process::Stdio;
use std::time::Duration;

const CHAIN: &str = "message gift { sms \"{customer.first_name}, {grant.points}\" email subject \"A gift\" body \"{customer.first_name}\" }
    chain winback { goal purchase within 30d
      budget 90_000 points
      budget 900 RUB on sms
      segment recency 5..6 -> grant 100 expires 60d -> sms gift -> wait 3d unless purchase
        -> cashback 10% for 20d up to 50 points -> email gift -> wait 9d }
    policy { price sms 1.50 RUB }";

/// A shop whose customer 7 has left traces everywhere.
fn with_traces() -> Project {
    let project = crowd(CHAIN, 30, "2026-01-10");
    project.imported(
        "customers",
        "customer_id,first_name,last_name,phone,email,push_token,city,tags,nickname\n\
         7,Zinaxida,Quxova,+12025550177,zquxova@example.com,token-zqux,Quxograd,zquxtag,zquxnick\n",
    );
    project.imported(
        "purchases",
        "customer_id,purchased_at,amount,external_id,store_id,brand,categories\n\
         7,2026-01-09T12:00:00,10,receipt-zqux,store-zqux,brandzqux,catzqux\n",
    );
    project.imported(
        "consents",
        "customer_id,channel,granted,at,source,wording\n7,sms,yes,2026-01-11,src-zqux,wording-zqux\n",
    );
    project
}

/// What of a word stands in the files of the store.
fn found(project: &Project, word: &str) -> Vec<String> {
    let files = ["chainc.db", "chainc.db-wal", "chainc.db-shm"];
    let there = files.iter().filter(|file| {
        std::fs::read(project.path(file))
            .is_ok_and(|bytes| bytes.windows(word.len()).any(|part| part == word.as_bytes()))
    });
    there.map(|file| (*file).to_owned()).collect()
}

const TRACES: [&str; 8] = [
    "Zinaxida",
    "Quxova",
    "+12025550177",
    "zquxova@example.com",
    "token-zqux",
    "zqux",
    "Quxograd",
    "src-zqux",
];

#[test]
fn no_byte_of_hers_stays_in_the_files_of_the_store() {
    let project = with_traces();
    replay(&project, "2026-01-15..2026-01-19");
    assert!(!found(&project, "Zinaxida").is_empty());
    project.chainc(&["erase", "7", "--yes"]).succeeded().says("1 chain ended for her");
    for word in TRACES {
        assert_eq!(found(&project, word), Vec::<String>::new(), "{word}");
    }
    let rows = project.store().dump();
    let hers: Vec<&String> = rows.iter().filter(|row| row.split('|').nth(1) == Some("7")).collect();
    assert_eq!(hers, Vec::<&String>::new());
    // Nobody else has lost anything.
    assert_eq!(project.store().number("SELECT count(*) FROM customer"), 29);
    assert_eq!(project.store().number("SELECT count(DISTINCT customer_id) FROM journal"), 29);
}

#[test]
fn pages_that_were_split_keep_nothing_of_those_who_are_erased() {
    let project = Project::with(&[(
        "chains.chain",
        "segment recency 5..6 -> sms offer -> wait 3d -> email offer",
    )]);
    let mut customers =
        String::from("customer_id,first_name,phone,email,consent_sms,consent_email\n");
    let mut purchases = String::from("customer_id,purchased_at,amount,external_id\n");
    for n in 0..600 {
        let id = format!("mkz{n}q");
        customers += &format!("{id},{id},{id},{id}@example.com,yes,yes\n");
        for visit in 0..3 {
            let day = 10 - (n * 7 + visit) % 7;
            purchases += &format!("{id},2026-01-{day:02}T12:00:0{visit},10,{visit}-{id}\n");
        }
    }
    project.imported("customers", &customers);
    project.imported("purchases", &purchases);
    replay(&project, "2026-01-11..2026-01-20");
    for n in (0..600).step_by(50) {
        let id = format!("mkz{n}q");
        project.chainc(&["erase", &id, "--yes"]).succeeded();
        assert_eq!(found(&project, &id), Vec::<String>::new(), "{id}");
    }
}

#[test]
fn the_numbers_of_the_chain_stay_and_the_others_go_on() {
    let (whole, erased) = (with_traces(), with_traces());
    let before = replay(&whole, "2026-01-15..2026-01-19").json();
    replay(&erased, "2026-01-15..2026-01-19");
    erased.chainc(&["erase", "7", "--yes"]).succeeded();
    let after = replay(&erased, "2026-01-19..2026-01-19").json();
    let number = |summary: &serde_json::Value, what: &str| summary["chains"][0][what].clone();
    for what in ["entered", "points_granted", "message_cost_minor", "steps", "purchases"] {
        assert_eq!(number(&before, what), number(&after, what), "{what}");
    }
    assert_eq!(after["chains"][0]["ended"]["erased"], 1);
    // The cashback of hers held 50 points that she will never earn.
    let used = "SELECT used FROM budget_use WHERE budget = 'points'";
    let (all, without) = (whole.store().number(used), erased.store().number(used));
    assert_eq!((all, without), (4_500, 4_450));
    let gone = "SELECT n FROM tally WHERE what = 'erased points'";
    let left = "SELECT sum(points) FROM wallet_entry WHERE kind IN ('granted', 'cashback')";
    let reserved = "SELECT sum(up_to - earned) FROM cashback WHERE ended = 0";
    let store = erased.store();
    assert_eq!(store.number(left) + store.number(reserved) + store.number(gone), without);
    let spent = "SELECT used FROM budget_use WHERE budget = 'money on sms'";
    let paid = "SELECT sum(cost) + (SELECT n FROM tally WHERE what = 'erased cost') FROM outbox";
    assert_eq!(store.number(paid), store.number(spent));
    let done = replay(&erased, "2026-01-20..2026-02-20").json();
    assert_eq!(done["chains"][0]["ended"]["completed"], 29);
}

#[test]
fn her_queued_message_never_leaves_and_no_file_brings_her_back() {
    let chain = "policy { quiet 22:00..10:00 }
        chain a { schedule daily at 23:00
          segment recency 5..5 -> sms offer -> wait 1d }";
    let project = crowd(chain, 3, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-15");
    let done = project.chainc(&["erase", "2", "--yes", "--by", "anna"]).succeeded();
    done.says("1 queued message will not leave");
    replay(&project, "2026-01-16..2026-01-18");
    assert_eq!(project.sent(), ["2026-01-16 10:00 sms 3", "2026-01-16 10:00 sms 1"]);

    for (kind, rows) in [
        ("customers", "customer_id,first_name\n2,Back\n4,New\n"),
        ("purchases", "customer_id,purchased_at,amount\n2,2026-01-12,5\n3,2026-01-12,5\n"),
        (
            "consents",
            "customer_id,channel,granted,at\n2,sms,yes,2026-01-12\n3,sms,yes,2026-01-12\n",
        ),
    ] {
        let done = project.imported(kind, rows);
        assert!(done.stderr.contains("1 rejected"), "{kind}: {done:?}");
    }
    let rejected = project.names().into_iter().find(|name| name.ends_with("rejected.csv")).unwrap();
    assert!(project.read(&rejected).contains("was erased from the store"));
    assert_eq!(
        project.store().rows("SELECT customer_id FROM customer ORDER BY 1"),
        ["1", "3", "4"]
    );
    let stones = "SELECT what, who, length(hash) FROM tombstone";
    assert_eq!(project.store().rows(stones), ["erased|anna|32"]);

    project.chainc(&["erase", "2", "--undo"]).succeeded();
    project.imported("customers", "customer_id,first_name\n2,Back\n");
    assert_eq!(project.store().number("SELECT count(*) FROM enrolment WHERE customer_id = '2'"), 0);
    assert_eq!(project.store().number("SELECT count(*) FROM customer WHERE customer_id = '2'"), 1);
    let again = project.chainc(&["erase", "2", "--undo"]);
    assert!(again.failed_with(2).contains("no customer `2` was erased"), "{again:?}");
}

#[test]
fn erasing_asks_first_and_knows_whom_it_does_not_know() {
    let project = shop(CHAIN, "anna-1,,yes\n2,,yes\n");
    let refused = project.chainc(&["erase", "2"]);
    assert!(refused.failed_with(2).contains("--yes"), "{refused:?}");
    for (wrong, meant) in
        [("ANNA-1", "`anna-1`"), ("ana-1", "`anna-1`"), ("002", "`2`"), ("c2@example.com", "`2`")]
    {
        let refused = project.chainc(&["erase", wrong, "--yes"]);
        assert!(refused.failed_with(2).contains(&format!("did you mean {meant}")), "{refused:?}");
    }
    let refused = project.chainc(&["erase", "77", "--yes"]);
    assert!(refused.failed_with(2).contains("no customer is known as `77`"), "{refused:?}");
    project.chainc(&["erase", "2", "--yes"]).succeeded();
    project.chainc(&["erase", "2", "--yes"]).succeeded().says("nothing of hers is left");
}

#[test]
fn a_purchase_of_somebody_nobody_knows_is_erased_too() {
    let project = shop(CHAIN, "1,,yes\n");
    buy(&project, "stranger-zqux,2026-01-10,5\n");
    project.chainc(&["erase", "stranger-zqux", "--yes"]).succeeded();
    assert_eq!(found(&project, "zqux"), Vec::<String>::new());
    let done = project
        .imported("purchases", "customer_id,purchased_at,amount\nstranger-zqux,2026-01-12,5\n");
    assert!(done.stderr.contains("1 rejected"), "{done:?}");
}

#[test]
fn an_erasure_that_is_killed_has_happened_as_a_whole_or_not_at_all() {
    let project = with_traces();
    replay(&project, "2026-01-15..2026-01-19");
    let hers = || {
        let tables =
            ["customer", "consent", "purchase", "enrolment", "outbox", "wallet_entry", "journal"];
        let rows = |table: &&str| {
            let sql = format!("SELECT count(*) FROM {table} WHERE customer_id = '7'");
            project.store().number(&sql) > 0
        };
        let left = tables.iter().filter(|table| rows(table)).count();
        assert!(left == 0 || left == tables.len(), "{left} tables of {}", tables.len());
        assert_eq!(project.store().rows("PRAGMA integrity_check"), ["ok"]);
        left > 0
    };
    let mut kills = 0;
    for millis in (0..40).step_by(2) {
        let mut child = project.command(&["erase", "7", "--yes"]);
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(millis));
        child.kill().unwrap(); // SIGKILL
        kills += u32::from(!child.wait().unwrap().success());
        hers();
    }
    assert!(kills > 0);
    project.chainc(&["erase", "7", "--yes"]).succeeded();
    assert!(!hers());
    for word in TRACES {
        assert_eq!(found(&project, word), Vec::<String>::new(), "{word}");
    }
    assert_eq!(project.store().number("SELECT n FROM tally WHERE what = 'ended erased'"), 1);
}

#[test]
fn a_message_of_hers_that_is_on_its_way_counts_as_sent_and_is_never_sent_again() {
    let chain = "policy { quiet 22:00..10:00
          price sms 1.50 RUB }
        chain a { budget 90 RUB on sms
          schedule daily at 23:00
          segment recency 5..5 -> sms offer -> wait 1d }";
    let project = crowd(chain, 2, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-15");
    // As a run leaves it that was killed before the provider answered.
    project.set_apart("2");
    project.change(
        "UPDATE sheet SET state = 'in_flight', due_at = NULL, taken_at = 1, cost = 150 \
         WHERE number = (SELECT sheet FROM outbox WHERE customer_id = '2')",
    );
    project.change("INSERT INTO budget_use VALUES ('a', 'money on sms', 150)");
    let done = project.chainc(&["erase", "2", "--yes"]).succeeded();
    done.says("1 message on its way counts as sent");
    let summary = replay(&project, "2026-01-16..2026-01-18").json();
    assert_eq!(project.sent(), ["2026-01-16 10:00 sms 1"]);
    let chain = &summary["chains"][0];
    assert_eq!(
        (&chain["steps"][0]["sent"], &chain["message_cost_minor"]),
        (&2.into(), &300.into())
    );
    let used = "SELECT used FROM budget_use WHERE budget = 'money on sms'";
    assert_eq!(project.store().number(used), 300);
}

#[test]
fn a_key_that_was_merged_into_hers_does_not_bring_her_back() {
    let project = crowd(CHAIN, 3, "2026-01-10");
    project.chainc(&["merge", "2", "1"]).succeeded();
    project.chainc(&["erase", "1", "--yes"]).succeeded();
    let done = project.imported("customers", "customer_id,first_name\n1,Back\n2,Back\n4,New\n");
    assert!(done.stderr.contains("2 rejected"), "{done:?}");
    assert_eq!(project.store().rows("SELECT customer_id FROM customer ORDER BY 1"), ["3", "4"]);
}
