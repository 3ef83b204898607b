//! Who may be written to, when, and who may enter again.

use crate::{buy, replay, say, shop};

const OFFER_AT_FIVE_DAYS: &str = "segment recency 5..5 -> sms offer\n";

#[test]
fn quiet_hours_are_waited_out_in_the_zone_of_the_customer() {
    let chains =
        "policy { timezone \"UTC\" quiet 21:00..11:00 }\nsegment recency 5..5 -> sms offer\n";
    let project = shop(
        chains,
        "1,,yes\n2,America/New_York,yes\n3,Asia/Tokyo,yes\n4,Asia/Kamchatka,yes\n5,Europe/Berlin,yes\n",
    );
    buy(
        &project,
        "1,2026-01-10,5\n2,2026-01-10,5\n3,2026-01-10,5\n4,2026-01-10,5\n5,2026-01-10,5\n",
    );
    replay(&project, "2026-01-15..2026-01-20");
    let at: Vec<String> = project
        .messages()
        .iter()
        .map(|line| format!("{} {}", line["customer_id"], line["at"]).replace('"', ""))
        .collect();
    // The chain looks at ten in UTC.
    assert_eq!(
        at,
        [
            "3 2026-01-15T19:00:00+09:00",
            "5 2026-01-15T11:00:00+01:00",
            "1 2026-01-15T11:00:00+00:00",
            "2 2026-01-15T11:00:00-05:00",
            "4 2026-01-16T11:00:00+12:00",
        ]
    );
}

#[test]
fn nobody_without_consent_is_written_to_by_any_channel() {
    let chains = "segment recency 5..5 -> sms offer -> fallback email -> fallback push\n";
    let project = shop(chains, "1,,yes\n2,,no\n3,,\n4,,yes\n5,,no\n6,,no\n7,,yes\n");
    buy(&project, &(1..=7).map(|id| format!("{id},2026-01-10,5\n")).collect::<String>());
    // 4 takes everything back before, 7 one channel; 5 agrees in time, 6 too late.
    say(
        &project,
        "4,sms,no,2026-01-12\n4,email,no,2026-01-12\n4,push,no,2026-01-12\n5,push,yes,2026-01-12\n\
         6,push,yes,2026-01-16\n7,sms,no,2026-01-12\n",
    );
    replay(&project, "2026-01-15..2026-01-20");
    assert_eq!(
        project.sent(),
        ["2026-01-15 10:00 sms 1", "2026-01-15 10:00 email 7", "2026-01-15 10:00 push 5"]
    );
    let allowed = "SELECT count(*) FROM outbox o JOIN consent k USING (shard, customer_id, channel) \
        WHERE o.state = 'delivered' AND k.at = o.consent_at AND k.number = o.consent_number \
        AND k.granted = 1";
    assert_eq!(project.store().number(allowed), 3, "each message names the consent it left by");
}

#[test]
fn an_opt_out_between_queueing_and_sending_stops_the_message() {
    let chains = "policy { timezone \"UTC\" quiet 09:00..11:00 }\nsegment recency 5..5 -> sms offer -> fallback email\n";
    let project = shop(chains, "1,,yes\n2,,yes\n");
    buy(&project, "1,2026-01-10,5\n2,2026-01-10,5\n");
    // Queued at ten, due at eleven.
    say(&project, "1,sms,no,2026-01-15T10:30:00\n1,email,no,2026-01-15T10:30:00\n");
    replay(&project, "2026-01-15..2026-01-20");
    assert_eq!(project.sent(), ["2026-01-15 11:00 sms 2"]);
    assert_eq!(
        project.store().rows("SELECT step, state, reason FROM outbox WHERE customer_id = '1'"),
        ["1|skipped|no consent", "2|skipped|no consent"]
    );
}

#[test]
fn a_purchase_between_queueing_and_sending_stops_the_message() {
    let chains = "policy { timezone \"UTC\" quiet 09:00..11:00 }\n\
                  segment recency 5..5 -> wait 2d unless purchase -> sms reminder\n";
    let project = shop(chains, "1,,yes\n2,,yes\n");
    buy(
        &project,
        "1,2026-01-10,5\n2,2026-01-10,5\n1,2026-01-17T10:30:00,9\n2,2026-01-17T11:30:00,9\n",
    );
    replay(&project, "2026-01-15..2026-01-20");
    assert_eq!(project.sent(), ["2026-01-17 11:00 sms 2"]);
    let store = project.store();
    assert_eq!(
        store.rows("SELECT customer_id, state FROM outbox ORDER BY 1"),
        ["1|cancelled", "2|delivered"]
    );
    assert_eq!(
        store.rows("SELECT customer_id, ended FROM enrolment ORDER BY 1"),
        ["1|purchased", "2|completed"]
    );
}

#[test]
fn a_purchase_that_nobody_waits_for_ends_nothing() {
    let chains = "segment recency 5..5 -> wait 2d -> sms reminder\n";
    let project = shop(chains, "1,,yes\n");
    buy(&project, "1,2026-01-10,5\n1,2026-01-16,9\n");
    replay(&project, "2026-01-15..2026-01-18");
    assert_eq!(project.sent(), ["2026-01-17 10:00 sms 1"]);
}

/// The days on which a customer who bought every twenty days enters a chain.
fn days_of_entry(setting: &str) -> Vec<String> {
    let chains = format!("chain again {{\n  {setting}\n  segment recency 5..5 -> sms offer\n}}\n");
    let project = shop(&chains, "1,,yes\n");
    buy(
        &project,
        "1,2026-01-01,5\n1,2026-01-21,5\n1,2026-02-10,5\n1,2026-03-02,5\n1,2026-03-22,5\n",
    );
    replay(&project, "2026-01-01..2026-04-30");
    project.sent().iter().map(|line| line.chars().take(10).collect()).collect()
}

#[test]
fn a_customer_enters_once_unless_the_chain_says_otherwise() {
    assert_eq!(days_of_entry(""), ["2026-01-06"]);
    assert_eq!(days_of_entry("enter once"), ["2026-01-06"]);
}

#[test]
fn a_customer_enters_again_after_the_gap_and_not_before() {
    let all = ["2026-01-06", "2026-01-26", "2026-02-15", "2026-03-07", "2026-03-27"];
    assert_eq!(days_of_entry("reenter after 20d"), all);
    assert_eq!(days_of_entry("reenter after 21d"), ["2026-01-06", "2026-02-15", "2026-03-27"]);
    assert_eq!(days_of_entry("reenter after 41d"), ["2026-01-06", "2026-03-07"]);
}

#[test]
fn a_customer_enters_no_more_often_than_the_chain_says() {
    assert_eq!(days_of_entry("reenter after 20d at most 2 times"), ["2026-01-06", "2026-01-26"]);
}

#[test]
fn a_customer_who_is_still_in_the_chain_does_not_enter_it_again() {
    let chains =
        "chain slow {\n  reenter after 1d\n  segment recency 5..9 -> sms offer -> wait 60h\n}\n";
    let project = shop(chains, "1,,yes\n");
    buy(&project, "1,2026-01-01,5\n");
    replay(&project, "2026-01-01..2026-01-31");
    assert_eq!(project.sent(), ["2026-01-06 10:00 sms 1", "2026-01-09 10:00 sms 1"]);
}

#[test]
fn a_customer_imported_with_her_history_enters_on_the_day_of_the_band() {
    let project = shop(OFFER_AT_FIVE_DAYS, "1,,yes\n");
    buy(&project, "1,2026-01-10T23:59:59,5\n1,2026-01-02,5\n2,2026-01-10,5\n");
    let done = replay(&project, "2026-01-01..2026-01-31");
    assert_eq!(project.sent(), ["2026-01-07 10:00 sms 1"]);
    assert!(done.stderr.contains("1 purchase of unknown customers kept aside"), "{done:?}");
}

#[test]
fn a_replay_knows_a_purchase_from_the_moment_it_was_made_and_not_before() {
    let project = shop(OFFER_AT_FIVE_DAYS, "1,,yes\n2,,yes\n3,,yes\n");
    buy(&project, "1,2026-01-10,5\n2,2026-01-10,5\n3,2026-01-10,5\n");
    // The chain looks at ten.
    buy(&project, "1,2026-01-15T10:00:01,5\n2,2026-01-15T09:59:59,5\n3,2026-01-15T10:00:00,5\n");
    replay(&project, "2026-01-01..2026-01-31");
    let mut sent = project.sent();
    sent.sort();
    let expected = ["2026-01-15 10:00 sms 1", "2026-01-20 10:00 sms 2", "2026-01-20 10:00 sms 3"];
    assert_eq!(sent, expected);
}
