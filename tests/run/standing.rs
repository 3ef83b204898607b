//! Chains that people pause, resume and stop.

use crate::support::Project;
use crate::{buy, crowd, replay, say, shop};
use std::process::Stdio;
use std::time::Duration;

const CHAIN: &str = "policy { cap 9 messages per 30d }
    chain winback { goal purchase within 30d
      budget 9_000 points
      segment recency 5..6 -> grant 100 expires 60d -> sms offer -> wait 3d unless purchase
        -> push reminder within 1d -> fallback email -> tag reminded }";

fn ended(project: &Project) -> Vec<String> {
    project
        .store()
        .rows("SELECT customer_id, coalesce(ended, 'under way') FROM enrolment ORDER BY 1")
}

#[test]
fn a_paused_chain_does_nothing_and_hears_everything() {
    let project = crowd(CHAIN, 3, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-16");
    assert_eq!(project.sent().len(), 3);
    let told = project.chainc(&["pause", "winback", "--by", "anna", "--reason", "wrong prices"]);
    told.succeeded().says("3 customers in it");
    // 1 buys; 4 would enter; all the others would be reminded on the 18th.
    project.imported("customers", "customer_id,phone,consent_sms\n4,+12025550104,yes\n");
    buy(&project, "1,2026-01-17T12:00:00,10\n4,2026-01-12T12:00:00,10\n");
    let still = "chain `winback` is paused since 2026-01-16 23:59 by anna: wrong prices";
    let range = ["run", ".", "--replay", "2026-01-16..2026-01-20"];
    project.chainc(&range).succeeded().says(still);
    assert_eq!(ended(&project), ["1|purchased", "2|under way", "3|under way"]);
    assert_eq!(project.sent().len(), 3);

    // The reminder stood no chance within its day: nobody had come to it, so it is not stale.
    project.chainc(&["resume", "winback"]).succeeded().says("2 customers in it");
    replay(&project, "2026-01-20..2026-01-21");
    assert_eq!(ended(&project), ["1|purchased", "2|completed", "3|completed"]);
    let reminded: Vec<String> = project.sent().split_off(3);
    assert_eq!(reminded.len(), 2, "{reminded:?}");
    assert!(reminded.iter().all(|line| line.starts_with("2026-01-20 23:59 push")), "{reminded:?}");
    let said = "SELECT standing, who, reason FROM operation ORDER BY number";
    assert_eq!(project.store().rows(said)[0], "paused|anna|wrong prices");
}

/// Two chains whose messages are queued at eleven in the evening and leave at ten.
const NIGHT: &str = "policy { quiet 22:00..10:00 }
    chain a { schedule daily at 23:00
      segment recency 5..5 -> sms offer within 1d -> wait 1d }
    chain b { schedule daily at 23:00
      segment recency 5..5 -> email offer within 1d -> wait 1d }
    chain c { schedule daily at 23:00
      segment recency 5..5 -> push offer -> wait 1d }";

#[test]
fn a_queued_message_of_a_paused_chain_leaves_when_it_goes_on_unless_it_is_stale() {
    let project = crowd(NIGHT, 1, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-15");
    for chain in ["a", "b", "c"] {
        project.chainc(&["pause", chain]).succeeded();
    }
    replay(&project, "2026-01-16..2026-01-16");
    assert_eq!(project.sent(), Vec::<String>::new());
    for chain in ["a", "c"] {
        project.chainc(&["resume", chain]).succeeded();
    }
    replay(&project, "2026-01-17..2026-01-18");
    // What `a` and `c` queued was due in the morning of the 16th; a day later it is stale.
    assert_eq!(project.sent(), ["2026-01-17 10:00 push 1"]);
    let told = "SELECT chain, what, detail FROM journal WHERE what = 'skipped'";
    assert_eq!(project.store().rows(told), ["a|skipped|too late"]);
    let of_b = "SELECT state, due_at, parked_at IS NOT NULL FROM outbox WHERE chain = 'b'";
    assert_eq!(project.store().rows(of_b), ["queued|-|1"]);
}

#[test]
fn a_queued_message_of_a_stopped_chain_never_leaves() {
    let project = crowd(NIGHT, 2, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-15");
    project.chainc(&["pause", "a"]).succeeded();
    replay(&project, "2026-01-15..2026-01-16");
    for chain in ["a", "c"] {
        project.chainc(&["stop", chain]).succeeded();
    }
    replay(&project, "2026-01-16..2026-01-18");
    let states = "SELECT DISTINCT chain, state, reason FROM outbox ORDER BY 1";
    assert_eq!(
        project.store().rows(states),
        ["a|cancelled|stopped", "b|delivered|-", "c|delivered|-"]
    );
    let ends = "SELECT DISTINCT chain, ended FROM enrolment ORDER BY 1";
    assert_eq!(project.store().rows(ends), ["a|stopped", "b|completed", "c|stopped"]);
}

#[test]
fn a_stopped_chain_ends_for_everybody_and_can_begin_again() {
    let project = crowd(CHAIN, 40, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-16");
    project.chainc(&["stop", "winback"]).succeeded().says("ends for 40 customers");
    project.chainc(&["stop", "winback"]).succeeded().says("stopped already");
    let refused = project.chainc(&["pause", "winback"]);
    assert!(refused.failed_with(2).contains("nobody is in it"), "{refused:?}");
    let summary = replay(&project, "2026-01-16..2026-01-20").json();
    assert_eq!(summary["chains"][0]["ended"]["stopped"], 40);
    assert_eq!(summary["chains"][0]["points_granted"], 4_000, "what was given stays");
    assert_eq!(project.sent().len(), 40, "nobody is reminded");
    assert_eq!(project.store().number("SELECT count(*) FROM stopping"), 0);

    project.imported("customers", "customer_id,phone,consent_sms\n41,+12025550104,yes\n");
    buy(&project, "41,2026-01-14T12:00:00,10\n");
    replay(&project, "2026-01-20..2026-01-20");
    assert_eq!(project.sent().len(), 40, "nobody enters");
    project.chainc(&["resume", "winback"]).succeeded();
    let summary = replay(&project, "2026-01-20..2026-01-21").json();
    assert_eq!(summary["chains"][0]["entered"], 41, "who was ended stays ended");
    assert_eq!(project.sent().len(), 41);
}

#[test]
fn everybody_ends_whatever_happens_to_chain_and_customer() {
    let chains = "policy { quiet 21:00..10:00 }
        chain a { segment recency 5..9 -> sms offer -> fallback email -> wait 2d unless purchase
          -> repeat daily max 3 { push offer within 6h } -> email reminder }";
    let project = crowd(chains, 30, "2026-01-10");
    let mut day = 15;
    let mut forward = |project: &Project, days: u32| {
        replay(project, &format!("2026-01-{day}..2026-01-{}", day + days));
        day += days;
    };
    forward(&project, 0);
    project.chainc(&["pause", "a"]).succeeded();
    // Some say no, some buy, some lose their address, all while the chain is paused.
    say(
        &project,
        "1,sms,no,2026-01-16\n1,email,no,2026-01-16\n1,push,no,2026-01-16\n2,push,no,2026-01-16\n",
    );
    buy(&project, "3,2026-01-16T10:00:00,5\n4,2026-01-17T23:00:00,5\n");
    project.imported("customers", "customer_id,phone,email,push_token\n5,,,\n");
    forward(&project, 3);
    assert_eq!(project.store().number("SELECT count(*) FROM enrolment WHERE ended_at IS NULL"), 28);
    project.chainc(&["resume", "a"]).succeeded();
    forward(&project, 1);
    project.chainc(&["pause", "a"]).succeeded();
    forward(&project, 1);
    project.chainc(&["resume", "a"]).succeeded();
    forward(&project, 6);
    assert_eq!(project.store().number("SELECT count(*) FROM enrolment WHERE ended_at IS NULL"), 0);
    let by_end = "SELECT ended, count(*) FROM enrolment GROUP BY 1";
    assert_eq!(project.store().rows(by_end), ["completed|28", "purchased|2"]);
    let written = "SELECT count(*) FROM outbox WHERE customer_id = '1' AND taken_at > written_at";
    assert_eq!(project.store().number(written), 0);
}

#[test]
fn a_stop_that_is_killed_again_and_again_ends_everybody_once() {
    let stopped = || {
        let chain = "chain a { segment recency 5..6 -> wait 3d -> sms offer }";
        let project = crowd(chain, 4_000, "2026-01-10");
        replay(&project, "2026-01-15..2026-01-15");
        project.chainc(&["stop", "a", "--by", "anna"]).succeeded();
        project
    };
    let (undisturbed, disturbed) = (stopped(), stopped());
    let range = "2026-01-16..2026-01-20";
    replay(&undisturbed, range);
    let looked_at = || {
        let left = "SELECT count(*) FROM enrolment WHERE ended_at IS NULL";
        let stopping = "SELECT count(*) FROM stopping";
        disturbed.store().number(left) + disturbed.store().number(stopping)
    };
    let mut kills = 0;
    loop {
        let before = looked_at();
        let mut child = disturbed.command(&["run", ".", "--replay", range]);
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while looked_at() == before && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(200));
        }
        child.kill().unwrap(); // SIGKILL
        if child.wait().unwrap().success() || looked_at() == 0 {
            break;
        }
        kills += 1;
    }
    replay(&disturbed, range);
    assert!(kills > 1, "only {kills} kills");
    assert_eq!(undisturbed.store().dump(), disturbed.store().dump());
    let ends = "SELECT what, n FROM tally WHERE what LIKE 'ended %'";
    assert_eq!(disturbed.store().rows(ends), ["ended stopped|4000"]);
}

#[test]
fn a_name_that_is_no_chain_is_told_with_the_likely_one() {
    let project = shop(CHAIN, "1,,yes\n");
    let refused = project.chainc(&["pause", "winbak"]);
    assert!(refused.failed_with(2).contains("did you mean `winback`?"), "{refused:?}");
    let refused = project.chainc(&["stop", "autumn"]);
    assert!(refused.failed_with(2).contains("there are winback"), "{refused:?}");
    // A chain is paused first and repaired then.
    project.write("broken.chain", "chain other { segment recency -> sms nothing }");
    project.chainc(&["pause", "winback"]).succeeded();
}

#[test]
fn a_replay_that_starts_over_forgets_what_was_told_in_it() {
    let project = crowd(CHAIN, 2, "2026-01-10");
    replay(&project, "2026-01-14..2026-01-14");
    project.chainc(&["pause", "winback"]).succeeded();
    let fresh = ["run", ".", "--replay", "2026-01-15..2026-01-16", "--fresh"];
    project.chainc(&fresh).succeeded();
    assert_eq!(project.sent().len(), 2);
    assert_eq!(project.store().number("SELECT count(*) FROM operation"), 0);
}

#[test]
fn the_status_tells_who_waits_for_what_and_what_is_spent() {
    let project = crowd(CHAIN, 3, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-16");
    let order = ["pause", "winback", "--by", "anna", "--reason", "wrong prices"];
    project.chainc(&order).succeeded();
    let told = project.chainc(&["status"]).succeeded().stdout;
    assert_eq!(
        told,
        "winback: paused since 16 January 2026, 23:59 by anna: wrong prices\n  \
         3 customers in it, 3 have entered; next due 18 January 2026, 10:00\n    \
         3  wait 3d unless purchase: 3 waiting, the first until 18 January 2026,\n       10:00\n  \
         budget: 300 points of 9,000 points used, 3%\n"
    );
    let told = project.chainc(&["status", "winback", "--lang", "ru"]).succeeded().stdout;
    assert!(told.contains("winback: на паузе с 16 января 2026 года, 23:59 (anna: wrong prices)"));
    assert!(told.contains("wait 3d unless purchase: 3 ждут, первый до"));
    let json = project.chainc(&["status", "--format", "json"]).succeeded().json();
    let chain = &json["chains"][0];
    assert_eq!((&chain["standing"], &chain["in_it"]), (&"paused".into(), &3.into()));
    assert_eq!(chain["steps"][0]["customers"], 3);
    assert_eq!(chain["budgets"][0]["used"], 300);
    assert_eq!(chain["operations"][0]["who"], "anna");

    project.chainc(&["resume", "winback", "--by", "boris"]).succeeded();
    project.chainc(&["stop", "winback", "--by", "boris"]).succeeded();
    replay(&project, "2026-01-16..2026-01-17");
    let json = project.chainc(&["status", "--format", "json"]).succeeded().json();
    let said: Vec<&str> = json["chains"][0]["operations"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|told| told["standing"].as_str())
        .collect();
    assert_eq!(said, ["paused", "running", "stopped"]);
    assert_eq!(json["chains"][0]["in_it"], 0);
    // Who was in it is told of each of them, by whom and why.
    let told = project.chainc(&["why", "1"]).succeeded().stdout;
    assert!(told.contains("The chain was paused by anna: wrong prices."), "{told}");
    assert!(told.contains("The chain was stopped by boris."), "{told}");
    let refused = project.chainc(&["status", "winbak"]);
    assert!(refused.failed_with(2).contains("did you mean `winback`?"), "{refused:?}");
}

#[test]
fn the_status_counts_messages_that_wait() {
    let project = crowd(NIGHT, 2, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-15");
    project.chainc(&["pause", "a"]).succeeded();
    replay(&project, "2026-01-16..2026-01-16");
    let told = project.chainc(&["status", "a"]).succeeded().stdout;
    let queued = "messages: 2 queued, the first for 16 January 2026, 10:00";
    assert!(told.contains(queued), "{told}");
}

#[test]
fn a_chain_that_is_stopped_and_resumed_at_once_has_ended_for_who_was_in_it() {
    let project = crowd(CHAIN, 30, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-16");
    project.chainc(&["stop", "winback"]).succeeded();
    project.chainc(&["resume", "winback"]).succeeded();
    let summary = replay(&project, "2026-01-16..2026-01-25").json();
    assert_eq!(summary["chains"][0]["ended"]["stopped"], 30);
    assert_eq!(project.sent().len(), 30, "nobody is reminded");
}
