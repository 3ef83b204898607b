//! Links that come back with the key of their message, and calls of a system of one's own.

use crate::support::Project;
use crate::{buy, crowd, replay, shop};

const LINKS: &str =
    "links:\n  shop: https://shop.example/go/\n  unsubscribe: https://shop.example/bye\n";

/// Three customers, and a chain that shows both links.
fn linked() -> Project {
    let chains = "message go { sms \"Come: {link} or not: {unsubscribe}\" }
        segment recency 5..5 -> sms go -> wait 2d unless clicked go -> sms offer";
    let project = crowd(chains, 3, "2026-01-10");
    project.write("chainc.yaml", LINKS);
    project
}

#[test]
fn a_link_brings_its_message_and_its_customer_back() {
    let project = linked();
    replay(&project, "2026-01-15..2026-01-16");
    let key_of = |customer: &str| {
        let messages = project.messages();
        let line = messages.iter().find(|line| line["customer_id"] == customer).unwrap();
        let key = line["key"].as_str().unwrap().to_owned();
        let text =
            format!("Come: https://shop.example/go/{key} or not: https://shop.example/bye/{key}");
        assert_eq!(line["text"], text);
        key
    };
    let (one, two) = (key_of("1"), key_of("2"));
    key_of("3");
    let rows = format!(
        "key,event,at\n{one},clicked,2026-01-16T12:00:00\n{two},unsubscribed,2026-01-16T12:00:00\n"
    );
    project.imported("events", &rows);
    replay(&project, "2026-01-16..2026-01-20");
    assert_eq!(project.sent()[3..], ["2026-01-17 10:00 sms 3"]);
    let ended = "SELECT customer_id, ended FROM enrolment ORDER BY 1";
    assert_eq!(project.store().rows(ended), ["1|answered", "2|completed", "3|completed"]);
}

#[test]
fn a_link_that_leads_nowhere_is_refused_before_anything_is_done() {
    let project = linked();
    let before = project.store().dump();
    for (yaml, says) in [
        ("", "write `links: { shop: https://... }`"),
        (
            "links:\n  shop: https://shop.example/go\n",
            "write `links: { unsubscribe: https://... }`",
        ),
        ("links:\n  shop: shop.example\n", "write an address like https://shop.example/go"),
        ("links:\n  shopp: https://shop.example/go\n", "did you mean `shop`?"),
    ] {
        project.write("chainc.yaml", yaml);
        let done = project.chainc(&["run", ".", "--replay", "2026-01-15..2026-01-16"]);
        assert!(done.failed_with(2).contains(says), "{done:?}");
    }
    assert_eq!(project.store().dump(), before);
    assert!(project.messages().is_empty());
}

#[test]
fn a_link_that_is_longer_than_its_sms_was_counted_with_is_told() {
    let project = linked();
    let long = format!("https://{}.example/go", "shop".repeat(10));
    project.write("chainc.yaml", LINKS.replace("https://shop.example/go/", &long));
    replay(&project, "2026-01-15..2026-01-16").says("write `longest \"link\" 92` in the policy");
}

#[test]
fn a_rule_that_every_mail_shows_the_way_out_holds_for_who_walks_an_older_text() {
    let chain = "chain a { segment recency 5..9 -> wait 2d -> email go -> fallback sms offer }";
    let project = crowd("", 1, "2026-01-10");
    project.write("chainc.yaml", LINKS);
    let with = |policy: &str, text: &str| {
        let message = format!("message go {{ email subject \"Go\" body \"{text}\" }}");
        project.write("chains.chain", format!("{policy}\n{message}\n{chain}\n"));
    };
    with("", "Come in");
    replay(&project, "2026-01-15..2026-01-16");
    let policy = "policy { consent email opt_in unsubscribe\n consent sms opt_in }";
    with(policy, "Come in");
    let refused = project.chainc(&["run", ".", "--replay", "2026-01-16..2026-01-17"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    with(policy, "Come in, or not: {unsubscribe}");
    // 1 walks the text of the 15th, 2 that of the 17th.
    project.imported(
        "customers",
        "customer_id,phone,email,consent_email,consent_sms\n2,+12025550102,c2@example.com,yes,yes\n",
    );
    buy(&project, "2,2026-01-12,5\n");
    replay(&project, "2026-01-16..2026-01-20");
    assert_eq!(project.sent(), ["2026-01-17 10:00 sms 1", "2026-01-19 10:00 email 2"]);
    let skipped = "SELECT customer_id, reason FROM outbox WHERE state = 'skipped'";
    assert_eq!(project.store().rows(skipped), ["1|no way to unsubscribe"]);
}

#[test]
fn a_webhook_is_handed_to_the_system_of_the_project_whatever_she_agreed_to() {
    let chains = "message call { webhook \"{customer.city} knows\" }
        chain a { segment recency 5..5 and reachable webhook -> webhook call -> sms offer }";
    let project = shop(chains, "1,,no\n");
    project.write("chainc.yaml", "channels:\n  webhook: { type: file, path: calls.jsonl }\n");
    project.imported("customers", "customer_id,city,phone,email,push_token\n1,Omsk,,,\n");
    buy(&project, "1,2026-01-10T12:00:00,5\n");
    let summary = replay(&project, "2026-01-15..2026-01-16").json();
    let call: serde_json::Value = serde_json::from_str(&project.read("calls.jsonl")).unwrap();
    assert_eq!((&call["channel"], &call["body"]), (&"webhook".into(), &"Omsk knows".into()));
    assert_eq!((&call["customer_id"], &call["title"]), (&"1".into(), &serde_json::Value::Null));
    assert_eq!(summary["chains"][0]["steps"][0]["delivered"], 1);
    assert_eq!(project.sent(), [""; 0]);
    let smtp = "channels:\n  webhook: { type: smtp, host: h, from: a@example.com }\n";
    let other = shop(chains, "1,,no\n");
    other.write("chainc.yaml", smtp);
    let refused = other.chainc(&["run", ".", "--once"]);
    assert!(refused.failed_with(2).contains("`webhook` cannot go by smtp"), "{refused:?}");
}
