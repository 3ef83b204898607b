//! What holds over chains: caps, brands, experiments, who excludes whom, and when.

use crate::{buy, crowd, replay, say, shop};

#[test]
fn a_cap_counts_the_messages_of_all_chains_and_a_ladder_once() {
    let chains = "policy { cap 2 messages per 7d }
        chain a { segment recency 5..5 -> push offer -> fallback sms -> wait 1d -> sms reminder }
        chain b { segment recency 6..6 -> email offer -> wait 8d -> email reminder }";
    let project = shop(chains, "1,,yes\n");
    // The card takes nothing: the ladder of `a` comes to its SMS.
    say(&project, "1,push,no,2026-01-11\n");
    buy(&project, "1,2026-01-10,5\n");
    let summary = replay(&project, "2026-01-15..2026-02-20").json();
    assert_eq!(
        project.sent(),
        ["2026-01-15 10:00 sms 1", "2026-01-16 10:00 sms 1", "2026-01-24 10:00 email 1"]
    );
    let skipped = "SELECT chain || ' ' || step FROM outbox WHERE reason = 'over cap'";
    assert_eq!(project.store().rows(skipped), ["b 1"]);
    assert_eq!(summary["chains"][1]["steps"][0]["skipped"], 1);
}

#[test]
fn a_chain_can_leave_the_caps_off_and_says_why() {
    let chains = "policy { cap 1 message per 7d }
        chain a { segment recency 5..5 -> sms offer }
        chain b { cap off \"receipts\"
          segment recency 5..5 -> email offer }";
    let project = crowd(chains, 1, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-16");
    assert_eq!(project.sent().len(), 2);
}

#[test]
fn a_cap_on_points_stops_the_grant_and_the_promise_of_it() {
    let chains = "policy { cap 500 points per 30d }
        message gift { push title \"Yours\" body \"{grant.points}\" }
        chain a { budget 9_000 points
          segment recency 5..5 -> repeat daily max 3 { grant 200 expires 60d -> push gift } -> sms offer }";
    let project = crowd(chains, 1, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-20");
    let entries = "SELECT points FROM wallet_entry";
    assert_eq!(project.store().rows(entries), ["200", "200"]);
    assert_eq!(
        project.sent(),
        ["2026-01-15 10:00 push 1", "2026-01-16 10:00 push 1", "2026-01-17 10:00 sms 1"]
    );
}

#[test]
fn the_quiet_hours_are_the_chains_the_brands_or_the_policys() {
    let chains = "policy { quiet 09:00..12:00 }
        brand toys { sender \"Toys\" quiet 09:00..15:00 }
        chain a { segment recency 5..5 -> sms offer }
        chain b { brand toys segment recency 5..5 -> email offer }
        chain c { quiet 09:00..11:00 segment recency 5..5 -> push offer }
        chain d { quiet off \"asked for\" segment recency 5..5 -> sms reminder }";
    let chains = chains.replace(" segment", "\nsegment");
    let project = crowd(&chains, 1, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-16");
    assert_eq!(
        project.sent(),
        [
            "2026-01-15 10:00 sms 1",
            "2026-01-15 11:00 push 1",
            "2026-01-15 12:00 sms 1",
            "2026-01-15 15:00 email 1"
        ]
    );
    let senders: Vec<_> = project.messages().iter().map(|line| line["from"].clone()).collect();
    assert_eq!(senders[3], "Toys");
    assert!(senders[0].is_null());
}

#[test]
fn a_message_that_is_held_up_for_too_long_is_left_out_and_told() {
    let chains = "policy { quiet 09:00..15:00 }
        segment recency 5..5 -> sms offer within 4h -> fallback email within 6h -> push reminder";
    let project = crowd(chains, 1, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-16");
    assert_eq!(project.sent(), ["2026-01-15 15:00 email 1", "2026-01-15 15:00 push 1"]);
    let told = "SELECT step, what, detail FROM journal WHERE what = 'skipped'";
    assert_eq!(project.store().rows(told), ["1|skipped|too late"]);
}

#[test]
fn silence_is_a_yes_only_where_the_project_says_so_and_no_is_always_no() {
    let chains = "policy { consent email opt_out }
        chain a { segment recency 5..5 -> email offer }
        chain b { consent sms off \"receipts\"
          segment recency 5..5 -> sms offer }
        chain c { segment recency 5..5 -> push offer }";
    let project = shop(chains, "1,,yes\n2,,no\n3,,\n");
    buy(&project, "1,2026-01-10,5\n2,2026-01-10,5\n3,2026-01-10,5\n");
    replay(&project, "2026-01-15..2026-01-16");
    let mut sent: Vec<String> = project.sent().iter().map(|line| line[17..].to_owned()).collect();
    sent.sort();
    assert_eq!(sent, ["email 1", "email 3", "push 1", "sms 1", "sms 3"]);
}

#[test]
fn an_experiment_shares_its_budget_its_cap_and_its_control() {
    let chains = "experiment autumn {
          goal purchase within 7d
          control 50%
          budget 1_000 points
          cap 1 message per 7d
          chain a { segment recency 5..5 -> grant 100 expires 30d -> sms offer }
          chain b { segment recency 6..6 -> grant 100 expires 30d -> email offer }
        }";
    let project = crowd(chains, 60, "2026-01-10");
    let summary = replay(&project, "2026-01-15..2026-01-20").json();
    let (a, b) = (&summary["chains"][0], &summary["chains"][1]);
    assert_eq!(a["control"], b["control"], "control of one is control of all");
    let same = "SELECT count(*) FROM enrolment a JOIN enrolment b USING (shard, customer_id)
        WHERE a.chain = 'a' AND b.chain = 'b' AND a.control <> b.control";
    assert_eq!(project.store().number(same), 0);
    assert_eq!(a["control"], 30);
    assert_eq!(project.store().number("SELECT sum(points) FROM wallet_entry"), 1_000);
    let used = "SELECT owner, used FROM budget_use WHERE budget = 'points'";
    assert_eq!(project.store().rows(used), ["experiment autumn|1000"]);
    let twice = "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'delivered'
        GROUP BY customer_id HAVING count(*) > 1)";
    assert_eq!(project.store().number(twice), 0);
}

#[test]
fn chains_that_exclude_each_other_take_a_customer_by_priority() {
    let chains = "chain low { exclusive winback priority 1
          segment recency 5..6 -> sms offer -> wait 3d }
        chain high { exclusive winback priority 20
          segment recency 5..5 -> email offer -> wait 3d }
        chain other { segment recency 5..5 -> push offer }";
    let project = crowd(chains, 1, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-20");
    assert_eq!(project.sent(), ["2026-01-15 10:00 email 1", "2026-01-15 10:00 push 1"]);
}

#[test]
fn who_has_left_one_chain_may_enter_the_other() {
    let chains = "chain low { exclusive winback priority 1
          segment recency 5..9 -> sms offer }
        chain high { exclusive winback priority 20
          segment recency 5..5 -> email offer -> wait 3d }";
    let project = crowd(chains, 1, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-20");
    assert_eq!(project.sent(), ["2026-01-15 10:00 email 1", "2026-01-18 10:00 sms 1"]);
}

#[test]
fn customers_enter_on_active_days_and_go_on_after_them() {
    let chains = "chain a { active 2026-01-16..2026-01-17
          segment recency 4..8 -> sms offer -> wait 5d -> email reminder }";
    let project = shop(chains, "1,,yes\n2,,yes\n3,,yes\n");
    // On the 15th only 1 is there; on the 17th also 2; on the 18th it is over for 3.
    buy(&project, "1,2026-01-11,5\n2,2026-01-13,5\n3,2026-01-14,5\n");
    replay(&project, "2026-01-15..2026-01-31");
    assert_eq!(
        project.sent(),
        [
            "2026-01-16 10:00 sms 1",
            "2026-01-17 10:00 sms 2",
            "2026-01-21 10:00 email 1",
            "2026-01-22 10:00 email 2"
        ]
    );
}

#[test]
fn a_segment_is_looked_at_on_its_schedule_in_the_zone_of_the_brand() {
    let chains = "policy { timezone \"UTC\" }
        brand toys { timezone \"Asia/Yekaterinburg\" }
        chain a { schedule weekly on fri at 09:30
          segment recency 4..9 -> sms offer }
        chain b { brand toys
          schedule daily at 08:00
          segment recency 5..5 -> email offer }";
    let project = crowd(chains, 1, "2026-01-10");
    replay(&project, "2026-01-14..2026-01-31");
    // 16 January 2026 is a Friday; eight in Yekaterinburg is three in UTC.
    assert_eq!(project.sent(), ["2026-01-15 03:00 email 1", "2026-01-16 09:30 sms 1"]);
}

#[test]
fn a_segment_that_is_held_out_enters_as_control() {
    let chains = "segment held_out = tag q3
        chain a { goal purchase within 7d
          control held_out
          segment recency 5..5 -> sms offer }";
    let project = crowd(chains, 3, "2026-01-10");
    project.imported("customers", "customer_id,tags\n2,q3\n");
    let summary = replay(&project, "2026-01-15..2026-01-20").json();
    assert_eq!(
        (&summary["chains"][0]["entered"], &summary["chains"][0]["control"]),
        (&3.into(), &1.into())
    );
    assert_eq!(project.sent(), ["2026-01-15 10:00 sms 3", "2026-01-15 10:00 sms 1"]);
}

#[test]
fn a_frozen_list_is_that_of_its_day_whatever_comes_later() {
    let chains = "segment quiet = recency 5..9 frozen 2026-01-15
        chain a { segment quiet -> wait 2d -> sms offer }
        chain b { reenter after 3d
          segment quiet -> if recency 0..3 { email offer } else { push offer } }";
    let project = shop(chains, "1,,yes\n2,,yes\n");
    // 2 is lapsed a day too late; 1 buys, and stays on the list.
    buy(&project, "1,2026-01-10,5\n2,2026-01-11,5\n1,2026-01-17,5\n");
    replay(&project, "2026-01-14..2026-01-19");
    assert_eq!(
        project.sent(),
        ["2026-01-15 10:00 push 1", "2026-01-17 10:00 sms 1", "2026-01-18 10:00 email 1"]
    );
}

#[test]
fn arms_and_rounds_stand_in_the_summary_and_tags_are_seen_by_other_chains() {
    let chains = "chain a { budget 9_000 points
          segment recency 5..5
            -> split { one 50% { tag first } two 50% { exit } }
            -> repeat daily max 2 { push offer } }
        chain b { segment tag first and recency 6..6 -> sms offer }";
    let project = crowd(chains, 40, "2026-01-10");
    let summary = replay(&project, "2026-01-15..2026-01-20").json();
    let steps = summary["chains"][0]["steps"].as_array().unwrap();
    let numbers: Vec<String> = steps
        .iter()
        .map(|step| format!("{} {}", step["id"].as_str().unwrap(), step["text"].as_str().unwrap()))
        .collect();
    assert_eq!(
        numbers,
        [
            "1 split",
            "1.1 one 50%",
            "1.1.1 tag \"first\"",
            "1.2 two 50%",
            "1.2.1 exit",
            "2 repeat daily max 2",
            "2.1 rounds",
            "2.1.1 push offer"
        ]
    );
    let of = |at: usize| steps[at]["reached"].as_i64().unwrap();
    assert_eq!(of(1) + of(3), 40);
    assert_eq!(of(2), of(1));
    assert_eq!(of(6), 2 * of(1));
    assert_eq!(summary["chains"][1]["entered"], of(1));
    assert_eq!(summary["chains"][0]["ended"]["exited"], of(3));
}
