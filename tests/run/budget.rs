//! What a budget has no room for: left out, or held until there is.

use crate::{buy, crowd, replay, shop};
use serde_json::json;

const MONEY: &str = "policy { currency USD
      price sms 1 USD }
    chain a { budget LIMIT
      segment recency 5..5 -> sms offer -> fallback email }";

fn money(limit: &str) -> String {
    MONEY.replace("LIMIT", limit)
}

const SENT: &str = "SELECT count(*) FROM outbox WHERE channel = 'sms' AND state = 'delivered'";
const HELD: &str = "SELECT count(*) FROM outbox WHERE held IS NOT NULL";
const USED: &str = "SELECT used FROM budget_use";

#[test]
fn a_message_over_the_budget_is_left_out_and_the_fallback_is_tried() {
    for limit in ["3 USD on sms", "3 USD on sms then skip"] {
        let project = crowd(&money(limit), 5, "2026-01-10");
        replay(&project, "2026-01-15..2026-01-16");
        assert_eq!(project.store().number(SENT), 3);
        let emails = "SELECT count(*) FROM outbox WHERE channel = 'email' AND state = 'delivered'";
        assert_eq!(project.store().number(emails), 2);
    }
}

#[test]
fn a_message_that_is_held_waits_and_leaves_when_the_budget_is_raised() {
    let project = crowd(&money("3 USD on sms then hold"), 6, "2026-01-10");
    let summary = replay(&project, "2026-01-15..2026-01-20").json();
    assert_eq!(project.store().number(SENT), 3);
    assert_eq!(project.store().number(HELD), 3);
    assert_eq!(summary["chains"][0]["steps"][0]["held"], 3);
    assert_eq!(summary["chains"][0]["ended"], json!({ "completed": 3 }));
    let table = project.chainc(&["run", ".", "--replay", "2026-01-15..2026-01-20"]).succeeded();
    assert!(table.stdout.contains("3 held at step 1 until a budget has room"), "{table:?}");

    project.write("chains.chain", money("5 USD on sms then hold"));
    replay(&project, "2026-01-20..2026-01-21");
    assert_eq!(project.store().number(SENT), 5);
    assert_eq!(project.store().number(HELD), 1);
    assert_eq!(project.store().rows(USED), ["500"]);
    // Those held first leave first, and each is told of once.
    let told = "SELECT count(*) FROM journal WHERE what = 'held'";
    assert_eq!(project.store().number(told), 3);

    // What the file says now holds: nobody is held any more.
    project.write("chains.chain", money("5 USD on sms then skip"));
    let summary = replay(&project, "2026-01-21..2026-01-22").json();
    assert_eq!(project.store().number(HELD), 0);
    let emails: Vec<String> =
        project.sent().into_iter().filter(|line| line.contains("email")).collect();
    assert_eq!(emails.len(), 1, "{emails:?}");
    assert_eq!(summary["chains"][0]["steps"][0].get("held"), None);
}

#[test]
fn a_held_message_is_left_out_when_it_is_too_late() {
    let chains = money("1 USD on sms then hold").replace("sms offer", "sms offer within 6h");
    let project = crowd(&chains, 2, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-16");
    let sent = project.sent();
    assert_eq!(&sent[0][..20], "2026-01-15 10:00 sms");
    assert_eq!(&sent[1][..22], "2026-01-15 16:00 email");
    assert_eq!(sent.len(), 2);
    let why = "SELECT reason FROM outbox WHERE state = 'skipped'";
    assert!(project.store().rows(why).contains(&"too late".to_owned()));
}

#[test]
fn a_purchase_cancels_what_is_held() {
    let chains = "policy { currency USD\nprice push 1 USD }
        chain a { budget 1 USD then hold
          segment recency 5..5 -> wait 1d unless purchase -> push offer }";
    let project = crowd(chains, 2, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-17");
    let who = "SELECT customer_id FROM outbox WHERE held IS NOT NULL";
    let held = project.store().rows(who);
    assert_eq!(held.len(), 1);
    buy(&project, &format!("{},2026-01-18T09:00:00,5\n", held[0]));
    replay(&project, "2026-01-18..2026-01-19");
    project.write("chains.chain", chains.replace("1 USD then", "9 USD then"));
    replay(&project, "2026-01-19..2026-01-25");
    assert_eq!(project.sent().len(), 1);
    assert_eq!(project.store().number(HELD), 0);
    let ended = "SELECT ended FROM enrolment ORDER BY 1";
    assert_eq!(project.store().rows(ended), ["completed", "purchased"]);
}

#[test]
fn what_is_held_holds_up_nobody_else() {
    let chains = "policy { currency USD\nprice sms 1 USD }
        chain a { budget 1 USD on sms then hold
          segment recency 5..5 -> sms offer -> push reminder }
        chain b { segment recency 5..5 -> email offer -> wait 1d -> sms reminder }";
    let project = crowd(chains, 40, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-20");
    let sent = "SELECT chain || ' ' || channel, count(*) FROM outbox WHERE state = 'delivered'
        GROUP BY 1 ORDER BY 1";
    assert_eq!(project.store().rows(sent), ["a push|1", "a sms|1", "b email|40", "b sms|40"]);
}

#[test]
fn grants_are_held_until_there_are_points_or_left_out_or_end_the_chain() {
    let chains = |then: &str| {
        format!(
            "chain a {{ budget 1_000 points{then}
               segment recency 5..5 -> grant 300 expires 30d -> sms offer }}"
        )
    };
    let granted = "SELECT count(*) FROM wallet_entry";
    let run = |then: &str| {
        let project = crowd(&chains(then), 5, "2026-01-10");
        let summary = replay(&project, "2026-01-15..2026-01-20").json();
        assert_eq!(project.store().number(granted), 3, "{then}");
        (project, summary["chains"][0].clone())
    };
    for then in ["", " then end"] {
        let (project, chain) = run(then);
        assert_eq!(chain["ended"], json!({ "completed": 3, "budget": 2 }));
        assert_eq!(project.sent().len(), 3);
    }
    let (project, chain) = run(" then skip");
    assert_eq!(chain["ended"], json!({ "completed": 5 }));
    assert_eq!(project.sent().len(), 5);

    let (project, chain) = run(" then hold");
    assert_eq!(chain["ended"], json!({ "completed": 3 }));
    assert_eq!(chain["steps"][0]["held"], 2);
    assert_eq!(project.sent().len(), 3);
    project.write("chains.chain", chains(" then hold").replace("1_000", "1_200"));
    let summary = replay(&project, "2026-01-20..2026-01-25").json();
    assert_eq!(project.store().number(granted), 4);
    assert_eq!(summary["chains"][0]["ended"], json!({ "completed": 4 }));
    let reached = &summary["chains"][0]["steps"][0];
    assert_eq!((&reached["reached"], &reached["held"]), (&json!(5), &json!(1)));
}

#[test]
fn of_two_budgets_the_fuller_one_decides() {
    let chains = "policy { currency USD\nprice sms 1 USD }
        experiment autumn { goal purchase within 7d
          control 50%
          budget 4 USD then hold
          chain a { budget 3 USD on sms then skip
            segment recency 5..5 -> sms offer }
          chain b { segment recency 5..5 -> sms reminder }
        }";
    let project = shop(chains, &(1..=8).map(|id| format!("{id},,yes\n")).collect::<String>());
    buy(&project, &(1..=8).map(|id| format!("{id},2026-01-10,5\n")).collect::<String>());
    replay(&project, "2026-01-15..2026-01-16");
    let states = "SELECT chain, CASE WHEN held IS NULL THEN state ELSE 'held' END, count(*)
        FROM outbox GROUP BY 1, 2 ORDER BY 1, 2";
    assert_eq!(project.store().rows(USED).len(), 2);
    assert_eq!(
        project.store().rows(states),
        ["a|delivered|3", "a|skipped|1", "b|delivered|1", "b|held|3"]
    );
}
