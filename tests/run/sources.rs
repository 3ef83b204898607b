//! Unknown is not no: sources of purchases, their watermarks, and what waits for them.

use crate::support::{Done, Project, days_ago};
use crate::{MESSAGES, replay, shop};

const CHAINS: &str = "segment recency 5..5 -> sms offer -> wait 3d unless purchase -> sms reminder";

/// Two customers who bought on the 10th, in a project with these sources.
fn tills(chains: &str, sources: &str) -> Project {
    let project = shop(chains, "1,,yes\n2,,yes\n");
    project.write("chainc.yaml", format!("sources: {{ {sources} }}\n"));
    bring(&project, "1,2026-01-10,5\n2,2026-01-10,5\n", &["--source", "tills"]).succeeded();
    project
}

fn bring(project: &Project, rows: &str, said: &[&str]) -> Done {
    let file = format!("bought-{}.csv", project.names().len());
    project.write(&file, format!("customer_id,purchased_at,amount\n{rows}"));
    project.chainc(&[&["import", "purchases", &file], said].concat())
}

/// Purchases of the tills up to a moment.
fn complete(project: &Project, rows: &str, until: &str) -> Done {
    bring(project, rows, &["--source", "tills", "--watermark", until])
}

const HOLD: &str = "tills: { grace: 2d, then: hold }";
const ASSUME: &str = "tills: { grace: 2d, then: assume_none }";

#[test]
fn nobody_is_reminded_before_it_is_known_that_she_has_not_bought() {
    let project = tills(CHAINS, HOLD);
    // The wait is over on the 18th at ten; the tills have spoken of the 17th.
    complete(&project, "", "2026-01-17T23:59:59").succeeded().says("complete up to 2026-01-17");
    let done = replay(&project, "2026-01-15..2026-01-19");
    assert_eq!(project.sent().len(), 2, "two offers, no reminder");
    assert_eq!(done.json()["chains"][0]["undecided"], 2);
    done.says("2 customers are held at a wait that is over")
        .says("complete is `tills` up to 2026-01-17T23:59:59");
    // 1 had bought on the 18th at nine, 2 had not.
    complete(&project, "1,2026-01-18T09:00:00,9\n", "2026-01-18T23:59:59").succeeded();
    let summary = replay(&project, "2026-01-19..2026-01-25").json();
    assert!(summary["chains"][0]["undecided"].is_null());
    let later: Vec<String> = project.sent().into_iter().skip(2).collect();
    assert_eq!(later.len(), 1, "{later:?}");
    assert!(later[0].ends_with("sms 2"), "{later:?}");
    let ended = "SELECT customer_id, ended FROM enrolment ORDER BY 1";
    assert_eq!(project.store().rows(ended), ["1|purchased", "2|completed"]);
}

#[test]
fn who_is_held_stays_held_behind_the_grace_and_the_journal_says_so() {
    let project = tills(CHAINS, HOLD);
    replay(&project, "2026-01-15..2026-02-15");
    assert_eq!(project.sent().len(), 2);
    let told = "SELECT datetime(at / 1000, 'unixepoch'), what, detail FROM journal \
                WHERE customer_id = '1' AND what IN ('undecided', 'held')";
    assert_eq!(
        project.store().rows(told),
        ["2026-01-18 10:00:00|undecided|tills", "2026-01-20 10:00:00|held|tills"]
    );
}

#[test]
fn a_silent_source_counts_as_nothing_when_its_grace_is_over_if_the_project_says_so() {
    let project = tills(CHAINS, ASSUME);
    replay(&project, "2026-01-15..2026-01-25");
    let later: Vec<String> = project.sent().into_iter().skip(2).collect();
    assert_eq!(later, ["2026-01-20 10:00 sms 2", "2026-01-20 10:00 sms 1"]);
    let told = "SELECT count(*) FROM journal WHERE what = 'assumed' AND detail = 'tills'";
    assert_eq!(project.store().number(told), 2);
}

#[test]
fn a_wait_is_decided_by_all_sources_together() {
    let both = "tills: { grace: 2d, then: hold }, web: { grace: 6h, then: assume_none }";
    let project = tills(CHAINS, both);
    complete(&project, "", "2026-02-01").succeeded();
    replay(&project, "2026-01-15..2026-01-25");
    let later: Vec<String> = project.sent().into_iter().skip(2).collect();
    assert_eq!(later, ["2026-01-18 16:00 sms 2", "2026-01-18 16:00 sms 1"]);
}

#[test]
fn a_purchase_heard_of_too_late_is_told_and_what_has_not_left_is_cancelled() {
    let chains = "segment recency 5..5 -> sms offer -> wait 3d unless purchase
        -> sms reminder -> wait 5d -> push reminder";
    let project = tills(chains, ASSUME);
    replay(&project, "2026-01-15..2026-01-21");
    complete(&project, "1,2026-01-17,9\n", "2026-01-20").succeeded();
    replay(&project, "2026-01-21..2026-01-31")
        .says("1 message left before a purchase was heard of");
    let told = "SELECT customer_id, step, what, detail FROM journal WHERE what = 'too late'";
    assert_eq!(
        project.store().rows(told),
        ["1|3|too late|bought before the message left, heard of after it"]
    );
    let pushed: Vec<String> =
        project.sent().into_iter().filter(|line| line.contains("push")).collect();
    // And 2 hears no more either before it is known: her next wait is over on the 25th.
    assert_eq!(pushed, ["2026-01-27 10:00 push 2"]);
}

#[test]
fn a_watermark_that_goes_back_is_refused_and_nothing_comes_in() {
    let project = tills(CHAINS, HOLD);
    complete(&project, "", "2026-01-17").succeeded();
    let before = project.store().dump();
    let failed = complete(&project, "1,2026-01-16,5\n", "2026-01-16");
    assert!(failed.failed_with(2).contains("does not go back"), "{failed:?}");
    assert_eq!(project.store().dump(), before);
    complete(&project, "", "2026-01-17").succeeded();
}

#[test]
fn a_purchase_from_before_the_watermark_is_kept_and_told() {
    let project = tills(CHAINS, HOLD);
    complete(&project, "", "2026-01-17").succeeded();
    complete(&project, "1,2026-01-16,5\n2,2026-01-18,5\n", "2026-01-19")
        .succeeded()
        .says("2 new")
        .says("1 of the new ones are from before");
}

#[test]
fn a_file_of_a_project_with_sources_says_which_one_it_is_of() {
    let project = tills(CHAINS, HOLD);
    let rows = "1,2026-01-16,5\n";
    for (said, error) in [
        (&[][..], "names the sources of purchases (tills)"),
        (&["--source", "till"], "did you mean `tills`?"),
        (&["--source", "tills", "--watermark", "soon"], "the watermark `soon` is no time"),
    ] {
        let done = bring(&project, rows, said);
        assert!(done.failed_with(2).contains(error), "{done:?}");
    }
    let other = shop(CHAINS, "1,,yes\n");
    let done = bring(&other, rows, &["--source", "tills"]);
    assert!(done.failed_with(2).contains("names none under `sources`"), "{done:?}");
}

#[test]
fn two_sources_may_number_their_receipts_alike_and_what_came_before_them_is_known() {
    let project = shop(CHAINS, "1,,yes\n");
    let rows = "customer_id,purchased_at,amount,external_id\n1,2026-01-10,5,A-1\n";
    project.write("a.csv", rows);
    project.import("purchases", "a.csv").succeeded().says("1 new");
    let sources = "tills: { grace: 2d, then: hold }, web: { grace: 2d, then: hold }";
    project.write("chainc.yaml", format!("sources: {{ {sources} }}\n"));
    let import = |source: &str, file: &str| {
        project.chainc(&["import", "purchases", file, "--source", source]).succeeded()
    };
    import("tills", "a.csv").says("1 known already");
    project.write("b.csv", rows.replace("01-10", "01-11"));
    import("tills", "b.csv").says("1 new");
    import("web", "b.csv").says("1 new");
    import("web", "b.csv").says("1 known already");
}

#[test]
fn the_file_of_the_project_is_complete_up_to_its_last_purchase() {
    let project = Project::with(&[("chains.chain", CHAINS), ("messages.chain", MESSAGES)]);
    project
        .write("c.csv", "customer_id,phone,consent_sms\n1,+12025550100,yes\n2,+12025550101,yes\n");
    project.write(
        "p.csv",
        "customer_id,purchased_at,amount\n1,2026-01-10,5\n2,2026-01-18T10:00:00,5\n",
    );
    let yaml = |more: &str| {
        format!(
            "sources: {{ tills: {{ grace: 2d, then: hold }} }}\nimport:\n  customers: {{ file: c.csv }}\n  \
             purchases: {{ file: p.csv, source: tills{more} }}\n"
        )
    };
    project.write("chainc.yaml", yaml(""));
    replay(&project, "2026-01-15..2026-01-25");
    // The wait is over on the 18th at ten, with the last purchase of the file.
    assert_eq!(
        project.sent(),
        ["2026-01-15 10:00 sms 1", "2026-01-18 10:00 sms 1", "2026-01-23 10:00 sms 2"]
    );
    project.write("chainc.yaml", yaml(", watermark: 2026-02-01"));
    replay(&project, "2026-01-25..2026-01-31");
    assert_eq!(project.sent().last().unwrap(), "2026-01-26 10:00 sms 2");
    project.write("chainc.yaml", yaml("").replace(", source: tills", ""));
    let failed = project.chainc(&["run", ".", "--once"]);
    assert!(failed.failed_with(2).contains("source: NAME"), "{failed:?}");
}

#[test]
fn a_live_run_waits_for_the_watermark_and_goes_on_when_it_comes() {
    let project =
        shop("segment recency 5..5 -> wait 30m unless purchase -> sms reminder", "1,,yes\n");
    project.write("chainc.yaml", "sources: { tills: { grace: 1h, then: hold } }\n");
    bring(&project, &format!("1,{},5\n", days_ago(5)), &["--source", "tills"]).succeeded();
    let once = || project.chainc(&["run", ".", "--once", "--format", "json"]).succeeded();
    once();
    // An hour passes: in the store, as it would on the wall.
    let store = rusqlite::Connection::open(project.path("chainc.db")).unwrap();
    store
        .execute(
            "UPDATE cohort SET due_at = due_at - 7200000, entered_at = entered_at - 7200000",
            [],
        )
        .unwrap();
    drop(store);
    assert_eq!(once().json()["chains"][0]["undecided"], 1);
    assert!(project.sent().is_empty());
    let now = "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now')";
    complete(&project, "", &project.store().rows(now).concat()).succeeded();
    assert!(once().json()["chains"][0]["undecided"].is_null());
    assert_eq!(project.sent().len(), 1);
}

#[test]
fn nobody_waits_for_a_source_that_the_project_no_longer_has() {
    let project = tills(CHAINS, HOLD);
    replay(&project, "2026-01-15..2026-01-25");
    assert_eq!(project.sent().len(), 2, "both are held");
    std::fs::remove_file(project.path("chainc.yaml")).unwrap();
    replay(&project, "2026-01-25..2026-01-26");
    assert_eq!(project.sent().len(), 4, "nobody is held any more");
}

#[test]
fn a_round_of_until_purchase_begins_though_a_source_is_silent() {
    let chains =
        "segment recency 5..5 -> repeat daily at 12:00 until purchase max 3 { push offer }";
    let project = tills(chains, HOLD);
    complete(&project, "", "2026-01-11").succeeded();
    complete(&project, "1,2026-01-16T10:00,5\n", "2026-01-16T11:00").succeeded();
    replay(&project, "2026-01-15..2026-01-25");
    let mut sent = project.sent();
    sent.sort();
    assert_eq!(
        sent,
        [
            "2026-01-15 12:00 push 1",
            "2026-01-15 12:00 push 2",
            "2026-01-16 12:00 push 2",
            "2026-01-17 12:00 push 2",
        ]
    );
}
