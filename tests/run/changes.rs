//! What changes while customers are under way: chains, files, clocks.

use crate::support::Project;
use crate::{buy, crowd, replay, say, shop};

fn versions(project: &Project) -> i64 {
    project.store().number("SELECT count(*) FROM chain_version")
}

#[test]
fn everybody_walks_the_version_she_entered_three_at_once() {
    let chain = |message: &str| {
        format!("chain a {{ segment recency 5..5 -> push offer -> wait 5d -> {message} }}")
    };
    let project = shop(&chain("sms reminder"), "1,,yes\n2,,yes\n3,,yes\n");
    buy(&project, "1,2026-01-10,5\n2,2026-01-11,5\n3,2026-01-12,5\n");
    replay(&project, "2026-01-15..2026-01-15");
    project.write("chains.chain", chain("email reminder"));
    replay(&project, "2026-01-15..2026-01-16");
    project.write("chains.chain", chain("wait 1d -> sms offer"));
    let summary = replay(&project, "2026-01-16..2026-01-30").json();
    assert_eq!(
        project.sent(),
        [
            "2026-01-15 10:00 push 1",
            "2026-01-16 10:00 push 2",
            "2026-01-17 10:00 push 3",
            "2026-01-20 10:00 sms 1",
            "2026-01-21 10:00 email 2",
            "2026-01-23 10:00 sms 3",
        ]
    );
    assert_eq!(summary["chains"].as_array().unwrap().len(), 3);
    assert_eq!(versions(&project), 3, "kept when nobody is in them any more");
}

#[test]
fn comments_layout_titles_and_descriptions_make_no_version() {
    let project =
        crowd("chain a { segment recency 5..5 -> sms offer -> wait 3d }", 1, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-15");
    let rewritten = "## What it is for.\n# A remark.\nchain a \"A title\" {\n  owner \"CRM\"\n\n  \
        segment recency 5..5\n    -> sms offer   # said\n    -> wait 3d\n}\n";
    project.write("chains.chain", rewritten);
    replay(&project, "2026-01-15..2026-01-20");
    assert_eq!(versions(&project), 1);
}

#[test]
fn a_chain_that_is_taken_out_is_walked_to_its_end_and_entered_by_nobody() {
    let chain = "chain a { segment recency 5..5 -> push offer -> wait 2d -> sms reminder }";
    let project = shop(chain, "1,,yes\n2,,yes\n");
    buy(&project, "1,2026-01-10,5\n2,2026-01-11,5\n");
    replay(&project, "2026-01-15..2026-01-15");
    project.write("chains.chain", "chain b { segment recency 300..301 -> sms offer }");
    replay(&project, "2026-01-15..2026-01-20");
    assert_eq!(project.sent(), ["2026-01-15 10:00 push 1", "2026-01-17 10:00 sms 1"]);
}

#[test]
fn a_version_that_cannot_be_read_is_named_while_somebody_is_in_it() {
    let project =
        crowd("chain a { segment recency 5..5 -> wait 3d -> sms offer }", 2, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-16");
    project.change("UPDATE chain_version SET version = 'of-old', ir = '{\"name\":\"a\"}'");
    project.change("UPDATE cohort SET version = 'of-old'");
    let run = project.chainc(&["run", ".", "--replay", "2026-01-16..2026-01-20"]);
    let said = run.failed_with(3);
    for words in ["customers (2)", "of-old", "chain `a`", "chainc stop a"] {
        assert!(said.contains(words), "{said}");
    }
    project.change(
        "UPDATE cohort SET phase = 'ended', due_at = NULL, ended_at = 1, ended = 'stopped'",
    );
    replay(&project, "2026-01-16..2026-01-20");
}

#[test]
fn a_clock_a_year_behind_the_last_run_is_told_and_nothing_is_done() {
    let project = crowd("chain a { segment recency 1..9000 -> sms offer }", 1, "2026-01-10");
    project.chainc(&["run", ".", "--once"]).succeeded();
    let ahead = "UPDATE run_state SET value = value + 31536000000 WHERE name = 'clock'";
    project.change(ahead);
    let before = project.store().dump();
    let run = project.chainc(&["run", ".", "--once"]);
    assert!(run.failed_with(3).contains("set the clock"), "{run:?}");
    assert_eq!(project.store().dump(), before);
}

#[test]
fn a_wait_keeps_its_moment_when_the_customer_moves_and_the_next_one_is_hers() {
    let chains = "chain a { segment recency 5..5 -> wait until sat 11:00 -> push offer
        -> wait until sun 11:00 -> sms reminder }";
    let project = shop(chains, "1,Europe/Berlin,yes\n");
    buy(&project, "1,2026-01-10T12:00:00,5\n");
    replay(&project, "2026-01-15..2026-01-16");
    project.imported("customers", "customer_id,timezone\n1,Asia/Yekaterinburg\n");
    replay(&project, "2026-01-16..2026-01-20");
    // 11:00 in Berlin is 15:00 in Yekaterinburg; from then on her own clock is used.
    assert_eq!(project.sent(), ["2026-01-17 15:00 push 1", "2026-01-18 11:00 sms 1"]);
}

#[test]
fn a_queued_message_goes_to_the_number_she_has_when_it_leaves() {
    let chains = "policy { quiet 09:30..09:00 }
        chain a { segment recency 5..5 -> sms offer }";
    let project = crowd(chains, 1, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-15");
    let queued = "SELECT count(*) FROM outbox WHERE state = 'queued'";
    assert_eq!(project.store().number(queued), 1);
    project.imported("customers", "customer_id,phone\n1,+12025550177\n");
    replay(&project, "2026-01-15..2026-01-16");
    assert_eq!(project.messages()[0]["to"], "+12025550177");
}

#[test]
fn a_consent_and_a_purchase_to_come_count_from_their_day_on() {
    let chains = "chain a { segment recency 5..8 -> sms offer -> wait 1d -> sms reminder }";
    let project = shop(chains, "1,,\n");
    say(&project, "1,sms,yes,2026-01-16T09:00:00\n");
    buy(&project, "1,2026-01-10T12:00:00,5\n1,2027-01-10T12:00:00,5\n");
    replay(&project, "2026-01-15..2026-01-20");
    assert_eq!(project.sent(), ["2026-01-16 10:00 sms 1"]);
    assert_eq!(project.store().number("SELECT sum(purchases) FROM customer"), 1);
    replay(&project, "2026-01-20..2027-01-11");
    assert_eq!(project.store().number("SELECT sum(purchases) FROM customer"), 2);
}

#[test]
fn a_purchase_at_the_moment_of_the_look_comes_before_it() {
    let chains =
        "chain a { segment recency 5..9 -> push offer -> wait 1d unless purchase -> sms offer }";
    let project = shop(chains, "1,,yes\n2,,yes\n");
    buy(&project, "1,2026-01-10,5\n2,2026-01-10,5\n1,2026-01-15T10:00:00,5\n");
    replay(&project, "2026-01-15..2026-01-15");
    assert_eq!(project.sent(), ["2026-01-15 10:00 push 2"], "who has just bought does not enter");
    // Heard of too late for that, it is a purchase from before she entered.
    buy(&project, "2,2026-01-15T10:00:00,5\n");
    replay(&project, "2026-01-15..2026-01-18");
    assert_eq!(project.sent().last().unwrap(), "2026-01-16 10:00 sms 2");
}

#[test]
fn an_attribute_that_changes_its_kind_is_read_as_the_policy_says_now() {
    let project = shop("chain a { segment recency 5..5 -> sms offer }", "1,,yes\n2,,yes\n");
    project.imported("customers", "customer_id,level\n1,12\n2,gold\n");
    buy(&project, "1,2026-01-10,5\n2,2026-01-10,5\n");
    project.write(
        "chains.chain",
        "policy { attribute level number }
         chain a { segment recency 5..5 and level >= 10 -> sms offer }",
    );
    // A value of another kind is no number: it meets no limit, and no new one comes in.
    let done = project.imported("customers", "customer_id,level\n1,13\n2,silver\n");
    assert!(done.stderr.contains('1'), "{done:?}");
    assert!(project.names().iter().any(|name| name.contains("rejected")), "{:?}", project.names());
    replay(&project, "2026-01-15..2026-01-16");
    assert_eq!(project.sent(), ["2026-01-15 10:00 sms 1"]);
}

#[test]
fn a_purchase_at_the_very_end_of_a_wait_wins() {
    let chains = "chain a { segment recency 5..5 -> wait 1d unless purchase -> sms offer }";
    let project = shop(chains, "1,,yes\n2,,yes\n");
    let rows = "1,2026-01-10,5\n2,2026-01-10,5\n1,2026-01-16T10:00:00,5\n2,2026-01-16T10:00:01,5\n";
    buy(&project, rows);
    replay(&project, "2026-01-15..2026-01-18");
    assert_eq!(project.sent(), ["2026-01-16 10:00 sms 2"]);
}

#[test]
fn a_frozen_list_whose_day_has_passed_is_made_at_the_first_look() {
    let chains = "segment lapsed = recency 5..9 frozen 2026-01-01
        chain a { segment lapsed -> sms offer }";
    let project = crowd(chains, 1, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-17");
    assert_eq!(project.sent(), ["2026-01-15 10:00 sms 1"]);
}

#[test]
fn after_a_week_without_the_process_what_was_due_is_done() {
    let chains = "chain a { segment recency 1..9000 -> push offer -> wait 3d -> sms reminder }";
    let project = crowd(chains, 1, "2026-01-10");
    project.chainc(&["run", ".", "--once"]).succeeded();
    assert_eq!(project.sent().len(), 1);
    for (table, column) in [("cohort", "due_at"), ("cohort", "entered_at"), ("run_state", "value")]
    {
        let of = if table == "run_state" { " WHERE name = 'clock'" } else { "" };
        project.change(&format!("UPDATE {table} SET {column} = {column} - 7 * 86400000{of}"));
    }
    project.chainc(&["run", ".", "--once"]).succeeded();
    assert_eq!(project.sent().len(), 2);
}
