//! What customers do and providers say: opens, clicks, receipts, unsubscriptions, dead cards.

use crate::support::{Done, Project};
use crate::{buy, crowd, replay, shop};

/// Imports events given as rows.
fn happen(project: &Project, rows: &str) -> Done {
    project.imported("events", &format!("customer_id,event,at,message,channel\n{rows}"))
}

const CLICK: &str =
    "segment recency 5..5 -> sms offer -> wait 3d unless clicked offer -> sms reminder";

#[test]
fn a_click_ends_the_chain_and_an_open_does_not() {
    let project = crowd(CLICK, 2, "2026-01-10");
    happen(&project, "1,clicked,2026-01-16T12:00:00,offer,\n2,opened,2026-01-16T12:00:00,offer,\n");
    let summary = replay(&project, "2026-01-15..2026-01-20").json();
    assert_eq!(
        project.sent(),
        ["2026-01-15 10:00 sms 2", "2026-01-15 10:00 sms 1", "2026-01-18 10:00 sms 2"]
    );
    assert_eq!(summary["chains"][0]["ended"]["answered"], 1);
}

#[test]
fn a_click_that_is_heard_of_late_ends_what_is_not_over() {
    let project = crowd(CLICK, 1, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-17");
    happen(&project, "1,Click,2026-01-16T12:00:00,offer,sms\n");
    replay(&project, "2026-01-17..2026-01-20");
    assert_eq!(project.sent().len(), 1);
    let ended = "SELECT ended, datetime(ended_at / 1000, 'unixepoch') FROM enrolment";
    assert_eq!(project.store().rows(ended), ["answered|2026-01-16 12:00:00"]);
}

#[test]
fn conditions_see_who_opened_and_who_clicked() {
    let chains = "chain a { segment recency 5..5 -> sms offer -> wait 2d
          -> if clicked offer in 1d { push reminder } else if opened offer { email reminder } }
        chain b { segment opened offer in 7d and not clicked offer -> push offer }";
    let project = crowd(chains, 3, "2026-01-10");
    happen(
        &project,
        "1,opened,2026-01-15T11:00:00,offer,\n1,clicked,2026-01-16T11:00:00,offer,\n\
         2,open,2026-01-16T11:00:00,offer,\n",
    );
    replay(&project, "2026-01-15..2026-01-17");
    let later: Vec<String> = project.sent().into_iter().skip(3).collect();
    // On the 16th at ten only the open of 1 has happened, on the 17th that of 2 as well.
    assert_eq!(
        later,
        [
            "2026-01-16 10:00 push 1",
            "2026-01-17 10:00 email 2",
            "2026-01-17 10:00 push 1",
            "2026-01-17 10:00 push 2"
        ]
    );
}

#[test]
fn what_was_opened_before_it_left_or_never_left_counts_for_nothing_and_is_told() {
    let chains = "segment recency 5..5 -> sms offer -> wait 2d unless opened offer -> push offer";
    let project = crowd(chains, 2, "2026-01-10");
    happen(
        &project,
        "1,opened,2026-01-15T09:00:00,offer,\n1,opened,2026-01-16T09:00:00,newsletter,\n\
         1,opened,2026-01-16T09:00:00,offer,email\n2,opened,2026-01-15T10:00:01,offer,sms\n",
    );
    replay(&project, "2026-01-15..2026-01-20").says("3 events fit no message that had left");
    assert_eq!(
        project.sent(),
        ["2026-01-15 10:00 sms 2", "2026-01-15 10:00 sms 1", "2026-01-17 10:00 push 1"]
    );
}

#[test]
fn who_unsubscribes_gets_nothing_more_by_that_channel_or_by_any() {
    let chains = "policy { timezone \"UTC\" quiet 09:00..11:00 }
        segment recency 5..5 -> push offer -> fallback email -> fallback sms";
    let project = crowd(chains, 3, "2026-01-10");
    // Queued at ten, due at eleven.
    happen(
        &project,
        "1,unsubscribed,2026-01-15T10:30:00,,push\n2,unsubscribe,2026-01-15T10:30:00,,\n\
         3,unsubscribed,2026-01-15T11:30:00,,\n",
    );
    replay(&project, "2026-01-15..2026-01-20");
    assert_eq!(project.sent(), ["2026-01-15 11:00 push 3", "2026-01-15 11:00 email 1"]);
    let log = "SELECT channel, granted, source FROM consent WHERE customer_id = '2' AND at > 0 \
               ORDER BY channel";
    assert_eq!(
        project.store().rows(log),
        ["email|0|unsubscribed", "push|0|unsubscribed", "sms|0|unsubscribed"]
    );
}

#[test]
fn a_deleted_card_sends_the_fallback_of_what_was_queued() {
    let chains = "policy { timezone \"UTC\" quiet 09:00..11:00 }
        segment recency 5..5 -> push offer -> fallback sms";
    let project = crowd(chains, 3, "2026-01-10");
    // 2 has a new card since; 3 loses hers when the message is out.
    project.imported("customers", "customer_id,push_token\n2,card-new\n");
    happen(
        &project,
        "1,card_deleted,2026-01-15T10:30:00,,\n2,card_deleted,2026-01-15T10:30:00,,\n\
         3,card_deleted,2026-01-15T12:00:00,,\n",
    );
    replay(&project, "2026-01-15..2026-01-20");
    let mut sent = project.sent();
    sent.sort();
    assert_eq!(
        sent,
        ["2026-01-15 11:00 push 2", "2026-01-15 11:00 push 3", "2026-01-15 11:00 sms 1"]
    );
    let told =
        "SELECT at, what, detail FROM journal WHERE customer_id = '1' AND what = 'undeliverable'";
    assert_eq!(project.store().rows(told), ["1768473000000|undeliverable|dead address"]);
}

#[test]
fn an_event_names_its_message_and_its_customer_by_the_key() {
    let chains =
        "segment recency 5..5 -> sms offer -> wait 3d unless clicked offer -> sms reminder";
    let project = crowd(chains, 2, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-16");
    let key_of = |customer: &str| {
        let messages = project.messages();
        let of_her = messages.iter().find(|line| line["customer_id"] == customer);
        of_her.unwrap()["key"].as_str().unwrap().to_owned()
    };
    let (one, two) = (key_of("1"), key_of("2"));
    project.imported(
        "events",
        &format!(
            "key,event,at,customer_id\n{one},clicked,2026-01-16T10:00:00,\n\
             {two},unsubscribed,2026-01-16T10:00:00,\n{one},clicked,2026-01-16T10:00:00,2\n\
             0123456789abcdef0123456789abcdef,unsubscribed,2026-01-16T10:00:00,\n"
        ),
    );
    replay(&project, "2026-01-16..2026-01-20").says("2 events fit no message that had left");
    assert_eq!(project.sent().len(), 2, "nobody is reminded");
    let ended = "SELECT customer_id, ended FROM enrolment ORDER BY 1";
    assert_eq!(project.store().rows(ended), ["1|answered", "2|completed"]);
    let whose = "SELECT customer_id, what, came_to FROM event ORDER BY 1, 2";
    assert_eq!(
        project.store().rows(whose),
        [
            "|unsubscribed|no such message",
            "1|clicked|counted",
            "2|clicked|no such message",
            "2|unsubscribed|counted"
        ]
    );
}

#[test]
fn an_event_counts_once_however_often_it_comes_and_a_fresh_replay_is_the_same() {
    let project = crowd(CLICK, 2, "2026-01-10");
    let rows = "customer_id,event,at,message,source,event_id\n\
         1,clicked,2026-01-16T12:00:00,offer,esp,7\n1,clicked,2026-01-16T12:00:01,offer,esp,7\n\
         1,clicked,2026-01-16T12:00:00,offer,other,7\n1,unsubscribed,2026-01-16T13:00:00,,esp,8\n";
    project.imported("events", rows).says("4 rows, 3 new, 1 known already");
    project.imported("events", rows).says("4 rows, 0 new, 4 known already");
    replay(&project, "2026-01-15..2026-01-20");
    let before = project.store().dump();
    let fresh = ["run", ".", "--replay", "2026-01-15..2026-01-20", "--fresh"];
    project.chainc(&fresh).succeeded();
    assert_eq!(project.store().dump(), before);
}

#[test]
fn events_of_customers_who_are_not_known_yet_count_once_they_are() {
    let project = crowd("segment recency 5..5 -> sms offer", 1, "2026-01-10");
    let noted = "2,unsubscribed,2026-01-14T10:00:00,,\n";
    happen(&project, noted).says("1 of unknown customers kept aside");
    replay(&project, "2026-01-13..2026-01-14").says("1 event of unknown customers kept aside");
    project.imported("customers", "customer_id,phone,consent_sms\n2,+12025550100,yes\n");
    buy(&project, "2,2026-01-11T12:00:00,5\n");
    replay(&project, "2026-01-15..2026-01-20");
    assert_eq!(project.sent(), ["2026-01-15 10:00 sms 1"]);
}

#[test]
fn a_row_that_says_too_little_is_rejected_with_the_reason() {
    let project = shop("segment recency 5..5 -> sms offer", "1,,yes\n");
    project.write(
        "e.csv",
        "customer_id,event,at,message,channel\n1,opened,2026-01-15,,\n,opened,2026-01-15,offer,\n\
         1,clicked,soon,offer,\n1,unsubscribed,2026-01-15,,fax\n1,purchase,2026-01-15,,\n\
         1,visited,2026-01-15,,\n",
    );
    project.import("events", "e.csv").succeeded().says("5 rejected").says("your own: 1 visited");
    let rejected = project.read("e.rejected.csv");
    for reason in [
        "`message` and `key` are empty: nobody knows what was opened",
        "`customer_id` and `key` are empty: nobody knows whose event it is",
        "`at` is `soon`",
        "`channel` is `fax`: write sms, email or push",
        "`chainc import purchases FILE`",
    ] {
        assert!(rejected.contains(reason), "{reason}: {rejected}");
    }
}

#[test]
fn events_of_ones_own_end_waits_and_are_seen_by_conditions() {
    let chains = "chain a { segment recency 5..5
          -> wait 3d unless event \"visited the site\" or event rated
          -> if event rated in 400d { sms offer } else { push offer } }
        chain b { segment event \"visited the site\" in 1d and not event rated -> email offer }";
    let project = crowd(chains, 3, "2026-01-10");
    happen(
        &project,
        "1,visited the site,2026-01-16T12:00:00,,\n2,rated,2025-12-16T12:00:00,,\n\
         3,Visited the site,2026-01-16T12:00:00,,\n",
    );
    replay(&project, "2026-01-15..2026-01-20");
    let mut sent = project.sent();
    sent.sort();
    // The words are those of the file, letter by letter.
    let expected =
        ["2026-01-17 10:00 email 1", "2026-01-18 10:00 push 3", "2026-01-18 10:00 sms 2"];
    assert_eq!(sent, expected);
    let told = "SELECT customer_id, detail FROM journal WHERE what = 'answered'";
    assert_eq!(project.store().rows(told), ["1|event visited the site"]);
}
