//! What has gone wrong in tools of this kind, told as tests; docs/meaning.md has the list.

use crate::support::{Done, days_ago};
use crate::{buy, crowd, replay, shop};
use std::collections::BTreeSet;
use std::process::Stdio;

#[test]
fn runs_started_in_the_same_second_send_everything_once() {
    let chain = "segment recency 60..89 -> grant 100 expires 30d -> sms offer -> wait 3d";
    let project = shop(chain, &(1..=40).map(|id| format!("{id},,yes\n")).collect::<String>());
    let day = days_ago(70);
    buy(&project, &(1..=40).map(|id| format!("{id},{day},5\n")).collect::<String>());
    let start = |_| {
        let mut command = project.command(&["run", ".", "--once"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    };
    let running: Vec<_> = (0..6).map(start).collect();
    let ends: Vec<Done> = running
        .into_iter()
        .map(|run| Done::from(run.wait_with_output().expect("it ends")))
        .collect();
    assert!(ends.iter().any(|done| done.code == 0), "{ends:#?}");
    for done in ends.iter().filter(|done| done.code != 0) {
        assert!(done.failed_with(3).contains("another `chainc run`"), "{done:?}");
    }
    let sent: Vec<String> =
        project.messages().iter().map(|line| line["customer_id"].to_string()).collect();
    assert_eq!((sent.len(), sent.iter().collect::<BTreeSet<_>>().len()), (40, 40));
    assert_eq!(project.store().number("SELECT count(*) FROM wallet_entry"), 40);
}

#[test]
fn a_store_that_cannot_answer_is_no_answer() {
    let chain = "segment recency 5..5 -> wait 1d -> if tag vip { sms offer } else { email offer }";
    let project = crowd(chain, 2, "2026-01-10");
    project.imported("customers", "customer_id,tags\n1,vip\n");
    replay(&project, "2026-01-15..2026-01-15");
    project.change("ALTER TABLE customer_tag RENAME TO away");
    let failed = project.chainc(&["run", ".", "--replay", "2026-01-16..2026-01-17"]);
    assert!(failed.failed_with(3).contains("customer_tag"), "{failed:?}");
    assert_eq!(project.sent(), Vec::<String>::new());
    project.change("ALTER TABLE away RENAME TO customer_tag");
    replay(&project, "2026-01-16..2026-01-17");
    let mut sent = project.sent();
    sent.sort();
    assert_eq!(sent, ["2026-01-16 10:00 email 2", "2026-01-16 10:00 sms 1"]);
}

#[test]
fn the_same_message_in_another_round_and_another_entry_is_no_repeat() {
    let chain = "chain a { reenter after 5d
          segment recency 5..30 -> repeat daily max 3 { sms offer } }";
    let project = crowd(chain, 3, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-24");
    let keys: Vec<String> = project.messages().iter().map(|line| line["key"].to_string()).collect();
    assert_eq!((keys.len(), keys.iter().collect::<BTreeSet<_>>().len()), (18, 18));
}

#[test]
fn a_purchase_of_somebody_unknown_ends_nobodys_wait() {
    let chain = "segment recency 5..5 -> sms offer -> wait 2d unless purchase -> email reminder";
    let project = crowd(chain, 2, "2026-01-10");
    buy(&project, "stranger,2026-01-16T12:00:00,5\n");
    let summary = replay(&project, "2026-01-15..2026-01-18").json();
    assert_eq!(summary["chains"][0]["ended"]["completed"], 2);
    assert_eq!(project.sent().len(), 4);
}
