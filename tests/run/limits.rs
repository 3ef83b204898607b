//! Budgets, control, goals: what holds for a chain as a whole.

use crate::{buy, crowd, replay, shop};

#[test]
fn a_points_budget_stops_grants_and_is_never_exceeded() {
    let chains = "chain gift {\n  budget 1_000 points\n  segment recency 5..5 -> grant 300 -> sms offer\n}\n";
    let project = crowd(chains, 5, "2026-01-10");
    let summary = replay(&project, "2026-01-15..2026-01-20").json();
    let chain = &summary["chains"][0];
    assert_eq!(chain["points_granted"], 900);
    assert_eq!(chain["ended"], serde_json::json!({ "completed": 3, "budget": 2 }));
    assert_eq!(project.store().number("SELECT sum(points) FROM wallet_entry"), 900);
    assert_eq!(project.sent().len(), 3, "who got no points is not told of any");
}

#[test]
fn a_points_budget_that_fits_exactly_is_used_up() {
    let chains =
        "chain gift {\n  budget 900 points\n  segment recency 5..5 -> grant 300 -> sms offer\n}\n";
    let project = crowd(chains, 4, "2026-01-10");
    let summary = replay(&project, "2026-01-15..2026-01-20").json();
    assert_eq!(summary["chains"][0]["points_granted"], 900);
}

#[test]
fn a_money_budget_stops_its_channel_and_the_fallback_goes_on() {
    let chains = "policy { currency USD price sms 0.04 USD price email 0.01 USD }\n\
        chain gift {\n  budget 0.10 USD on sms\n  segment recency 5..5 -> sms offer -> fallback email\n}\n";
    let project = crowd(chains, 5, "2026-01-10");
    let summary = replay(&project, "2026-01-15..2026-01-20").json();
    let by = |channel: &str| project.sent().iter().filter(|line| line.contains(channel)).count();
    assert_eq!((by("sms"), by("email")), (2, 3));
    assert_eq!(summary["chains"][0]["message_cost_minor"], 2 * 4 + 3);
    assert_eq!(summary["chains"][0]["steps"][0]["skipped"], 3);
    let spent = "SELECT coalesce(sum(cost), 0) FROM outbox WHERE channel = 'sms'";
    assert!(project.store().number(spent) <= 10);
}

#[test]
fn a_money_budget_on_everything_counts_every_channel() {
    let chains = "policy { currency USD price sms 0.04 USD price email 0.01 USD }\n\
        chain gift {\n  budget 0.10 USD\n  segment recency 5..5 -> sms offer -> fallback email\n}\n";
    let project = crowd(chains, 5, "2026-01-10");
    let summary = replay(&project, "2026-01-15..2026-01-20").json();
    assert_eq!(summary["chains"][0]["message_cost_minor"], 10);
    assert_eq!(project.sent().len(), 4);
}

#[test]
fn the_control_share_is_counted_and_never_touched() {
    let chains = "chain gift {\n  control 50%\n  goal purchase within 7d\n\
        \n  segment recency 5..5 -> grant 300 -> sms offer -> wait 3d unless purchase -> push reminder\n}\n";
    let project = crowd(chains, 200, "2026-01-10");
    let all_buy: String = (1..=200).map(|id| format!("{id},2026-01-16T12:00:00,10\n")).collect();
    buy(&project, &all_buy);
    let summary = replay(&project, "2026-01-15..2026-01-31").json();
    let chain = &summary["chains"][0];
    let control = chain["control"].as_i64().unwrap();
    assert_eq!(chain["entered"], 200);
    assert!((70..=130).contains(&control), "{control} of 200");
    assert_eq!(chain["ended"]["control"], control);
    assert_eq!(chain["purchases"], 200 - control, "purchases of control are not counted here");
    assert_eq!(chain["points_granted"], 300 * (200 - control));
    assert_eq!(project.sent().len(), usize::try_from(200 - control).unwrap());

    let touched = "SELECT count(*) FROM enrolment e WHERE control = 1 AND \
        (EXISTS (SELECT 1 FROM outbox o WHERE o.customer_id = e.customer_id) OR \
         EXISTS (SELECT 1 FROM wallet_entry w WHERE w.customer_id = e.customer_id))";
    assert_eq!(project.store().number(touched), 0);
}

#[test]
fn the_same_customers_are_control_whatever_becomes_of_the_segment() {
    let chain = |segment: &str| {
        format!(
            "chain gift {{\n  control 30%\n  goal purchase within 7d\n  segment {segment} -> sms offer\n}}\n"
        )
    };
    let held = |segment: &str| {
        let project = crowd(&chain(segment), 60, "2026-01-10");
        replay(&project, "2026-01-15..2026-01-31");
        let store = project.store();
        store.rows("SELECT customer_id FROM enrolment WHERE control = 1 ORDER BY 1")
    };
    let one = held("recency 5..5");
    assert!(!one.is_empty());
    assert_eq!(one, held("recency 6..9"));
}

#[test]
fn the_goal_counts_purchases_that_are_large_enough_and_in_time() {
    let chains = "policy { currency USD }\nchain gift {\n  goal purchase >= 10 USD within 5d\n\
        \n  segment recency 5..5 -> sms offer -> wait 2d unless purchase\n}\n";
    let project = shop(chains, &(1..=6).map(|id| format!("{id},,yes\n")).collect::<String>());
    buy(&project, &(1..=6).map(|id| format!("{id},2026-01-10,50\n")).collect::<String>());
    // They enter on 15 January at ten; the goal's window ends on the 20th at ten.
    buy(
        &project,
        "1,2026-01-16T12:00:00,10.00\n\
         2,2026-01-16T12:00:00,9.99\n\
         3,2026-01-20T09:59:00,12\n\
         4,2026-01-20T10:01:00,12\n\
         5,2026-01-15T09:00:00,12\n\
         6,2026-01-16T12:00:00,9\n6,2026-01-18T12:00:00,11\n6,2026-01-19T12:00:00,11\n",
    );
    let summary = replay(&project, "2026-01-15..2026-01-31").json();
    let store = project.store();
    assert_eq!(
        store.rows("SELECT customer_id FROM enrolment WHERE bought_at IS NOT NULL ORDER BY 1"),
        ["1", "3", "6"]
    );
    assert_eq!(summary["chains"][0]["purchases"], 3);
    // 5 bought before the chain looked: she was not silent for five days, and enters later.
    let on_the_15th =
        "SELECT customer_id FROM enrolment WHERE entered_at = 1768471200000 ORDER BY 1";
    assert_eq!(store.rows(on_the_15th), ["1", "2", "3", "4", "6"]);
}
