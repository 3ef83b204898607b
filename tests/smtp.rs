//! Mail through a real server that chainc did not write, well-behaved and otherwise.

#[path = "support/mail.rs"]
mod mail;
#[path = "support/project.rs"]
mod support;

use mail::{MailServer, header};
use support::{Done, Project, days_ago};

const MESSAGES: &str = "\
message offer {
  sms \"An offer\"
  email subject \"{customer.first_name}, подарок ждёт\" body \"{customer.first_name}, приходите.\\nДо встречи!\"
}
";

/// A shop whose chain mails after five days of silence and texts whom it cannot reach.
/// One customer a row: her address, and behind a `|` her name if it matters.
fn shop(customers: &[&str]) -> (Project, MailServer) {
    shop_with("", customers)
}

fn shop_with(policy: &str, customers: &[&str]) -> (Project, MailServer) {
    let project = Project::with(&[("messages.chain", MESSAGES)]);
    project.write(
        "winback.chain",
        format!(
            "{policy}\nchain winback {{\n  reenter after 10d\n\
             \n  segment recency 5..5 -> email offer -> fallback sms\n}}\n"
        ),
    );
    let server = MailServer::start(project.path("mail.jsonl"));
    project.write("chainc.yaml", server.settings());
    let mut rows = String::from("customer_id,first_name,phone,email,consent_sms,consent_email\n");
    let mut purchases = String::from("customer_id,purchased_at,amount\n");
    for (id, row) in (1..).zip(customers) {
        let (address, name) = row.split_once('|').unwrap_or((row, "Ada"));
        rows += &format!("{id},{name},+12025550101,{address},yes,yes\n");
        purchases += &format!("{id},2026-01-10,5\n");
    }
    project.imported("customers", &rows);
    project.imported("purchases", &purchases);
    (project, server)
}

/// Replays on the real channels.
#[track_caller]
fn replay(project: &Project, range: &str) -> Done {
    let arguments = ["run", ".", "--replay", range, "--real-channels", "--format", "json"];
    project.chainc(&arguments).succeeded()
}

const JANUARY: &str = "2026-01-11..2026-01-19";
const OUTBOX: &str =
    "SELECT channel, state, rejections, unknown FROM outbox ORDER BY customer_id, cycle, step";

#[test]
fn a_live_run_mails_what_the_chain_says_to_whom_it_concerns() {
    let (project, server) = shop(&[]);
    project.imported(
        "customers",
        "customer_id,first_name,email,consent_email\n7,Глеб,gleb@example.org,yes\n",
    );
    project
        .imported("purchases", &format!("customer_id,purchased_at,amount\n7,{},5\n", days_ago(5)));
    let done = project.chainc(&["run", ".", "--once", "--format", "json"]).succeeded();
    assert!(done.stderr.contains("127.0.0.1"), "it says where mail goes: {done:?}");
    let mails = server.noted("taken");
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail["from"], "shop@example.com");
    assert_eq!(mail["to"], serde_json::json!(["gleb@example.org"]));
    assert_eq!(header(mail, "To"), "gleb@example.org");
    assert_eq!(header(mail, "From"), "Лавка <shop@example.com>");
    assert_eq!(header(mail, "Subject"), "Глеб, подарок ждёт");
    assert_eq!(mail["type"], "text/plain");
    let body = mail["body"].as_str().unwrap().replace("\r\n", "\n");
    assert_eq!(body.trim_end(), "Глеб, приходите.\nДо встречи!");
    header(mail, "Date");
    let key = project.store().rows("SELECT effect_key FROM outbox").concat();
    assert_eq!(header(mail, "Message-ID"), format!("<{key}@example.com>"));
    assert_eq!(done.json()["chains"][0]["steps"][0]["sent"], 1);

    project.chainc(&["run", ".", "--once"]).succeeded();
    assert_eq!(server.noted("taken").len(), 1, "once is once");
}

#[test]
fn a_dead_address_falls_back_and_is_never_written_to_again() {
    let (project, server) = shop(&["gone@example.com"]);
    project.imported("purchases", "customer_id,purchased_at,amount\n1,2026-02-10,5\n");
    replay(&project, "2026-01-11..2026-02-28");
    assert_eq!(server.noted("refused").len(), 1, "the second time it is not even tried");
    assert_eq!(project.sent(), ["2026-01-15 10:00 sms 1", "2026-02-15 10:00 sms 1"]);
    assert_eq!(
        project.store().rows(
            "SELECT channel, state, reason FROM outbox WHERE channel = 'email' ORDER BY cycle"
        )[1],
        "email|undeliverable|dead address"
    );
    // Another address of hers is another matter.
    project.imported("customers", "customer_id,email\n1,ada@example.org\n");
    project.imported("purchases", "customer_id,purchased_at,amount\n1,2026-03-10,5\n");
    replay(&project, "2026-03-01..2026-03-31");
    assert_eq!(server.taken_for(), ["ada@example.org"]);
}

#[test]
fn a_full_mailbox_falls_back_and_stays_alive() {
    let (project, server) = shop(&["full@example.com"]);
    project.imported("purchases", "customer_id,purchased_at,amount\n1,2026-02-10,5\n");
    replay(&project, "2026-01-11..2026-02-28");
    assert_eq!(server.noted("refused").len(), 2);
    assert_eq!(project.sent().len(), 2);
}

#[test]
fn a_server_that_is_busy_is_asked_again_later_and_mails_once() {
    let (project, server) = shop(&["busy2@example.com"]);
    replay(&project, JANUARY);
    assert_eq!(server.noted("busy").len(), 2);
    assert_eq!(server.taken_for(), ["busy2@example.com"]);
    let store = project.store();
    assert_eq!(store.rows(OUTBOX), ["email|pending|2|0"]);
    // At ten, a minute later, and five minutes after that.
    assert_eq!(store.rows("SELECT taken_at FROM outbox"), ["1768471560000"]);
    assert!(project.sent().is_empty(), "no fallback for what arrived: {:?}", project.sent());
}

#[test]
fn a_server_that_is_always_busy_is_given_up_after_some_hours_and_the_fallback_taken() {
    let (project, server) = shop(&["busy9@example.com"]);
    replay(&project, JANUARY);
    assert_eq!(server.noted("busy").len(), 6);
    assert!(server.noted("taken").is_empty());
    assert_eq!(project.sent(), ["2026-01-15 14:21 sms 1"]);
    let dead = "SELECT count(*) FROM customer WHERE dead_email IS NOT NULL";
    assert_eq!(project.store().number(dead), 0);
}

#[test]
fn a_lost_answer_counts_as_sent_and_nobody_gets_the_mail_twice() {
    let (project, server) = shop(&["lost@example.com", "ada@example.com"]);
    let done = replay(&project, JANUARY);
    assert!(done.stderr.contains("1 message counts as sent"), "the count is shown: {done:?}");
    assert_eq!(done.json()["chains"][0]["steps"][0]["sent"], 2);
    let mut taken = server.taken_for();
    taken.sort();
    assert_eq!(taken, ["ada@example.com", "lost@example.com"]);
    assert_eq!(project.store().rows(OUTBOX), ["email|pending|0|1", "email|pending|0|0"]);
    assert!(project.sent().is_empty(), "no fallback: {:?}", project.sent());
    replay(&project, "2026-01-11..2026-01-31");
    assert_eq!(server.taken_for().len(), 2);
}

#[test]
fn a_connection_lost_before_the_mail_was_handed_over_loses_nothing() {
    let (project, server) = shop(&["hangup@example.com", "ada@example.com"]);
    replay(&project, JANUARY);
    assert_eq!(server.noted("hangup").len(), 1);
    let mut taken = server.taken_for();
    taken.sort();
    assert_eq!(taken, ["ada@example.com", "hangup@example.com"]);
    assert_eq!(project.store().rows(OUTBOX), ["email|pending|1|0", "email|pending|0|0"]);
}

#[test]
fn a_server_that_is_not_there_loses_nothing() {
    // Mail may leave for a few minutes a day, so that the first day ends between two tries.
    let policy = "policy { quiet 00:00..23:55 }";
    let (project, server) = shop_with(policy, &["ada@example.com", "ben@example.com"]);
    project.write("chainc.yaml", mail::settings(mail::free_port()));
    replay(&project, "2026-01-11..2026-01-15");
    let store = project.store();
    assert_eq!(store.rows(OUTBOX), ["email|queued|2|0", "email|queued|2|0"]);
    drop(store);
    project.write("chainc.yaml", server.settings());
    replay(&project, "2026-01-11..2026-01-31");
    let mut taken = server.taken_for();
    taken.sort();
    assert_eq!(taken, ["ada@example.com", "ben@example.com"]);
    assert!(project.sent().is_empty(), "{:?}", project.sent());
}

#[test]
fn a_name_with_line_breaks_adds_no_header_and_no_recipient() {
    let name = "\"Ada\r\nBcc: all@example.com\r\n\r\n.\r\nMAIL FROM:<x@example.com>\r\n\"";
    let (project, server) = shop(&[&format!("ada@example.com|{name}")]);
    replay(&project, JANUARY);
    let mails = server.noted("taken");
    assert_eq!(mails.len(), 1, "{mails:#?}");
    let mail = &mails[0];
    assert_eq!(mail["to"], serde_json::json!(["ada@example.com"]));
    let names: Vec<&str> = mail["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|header| header[0].as_str().unwrap())
        .collect();
    assert!(!names.contains(&"Bcc"), "{names:?}");
    let subject = header(mail, "Subject");
    assert!(subject.starts_with("Ada") && subject.ends_with("подарок ждёт"), "{subject}");
    assert!(!subject.contains(['\r', '\n']), "{subject}");
    assert!(mail["body"].as_str().unwrap().contains("До встречи!"), "the body is whole: {mail:#}");
}

#[test]
fn an_address_with_line_breaks_or_several_people_is_no_address() {
    let (project, server) = shop(&[
        "\"ada@example.com\r\nRCPT TO:<all@example.com>\"",
        "\"ada@example.com, ben@example.com\"",
        "nobody",
        "ada@",
    ]);
    replay(&project, JANUARY);
    assert!(server.noted("taken").is_empty());
    assert_eq!(project.sent().len(), 4, "each gets the fallback");
}

#[test]
fn a_name_is_text_in_an_html_mail() {
    let (project, server) = shop(&["ada@example.com|<b>Ada & Co</b>"]);
    project.write(
        "messages.chain",
        "message offer {\n  sms \"An offer\"\n  email subject \"<i>{customer.first_name}\" body file \"offer.html\"\n}\n",
    );
    project.write("offer.html", "<p>Здравствуйте, {customer.first_name}!</p>\n");
    replay(&project, JANUARY);
    let mails = server.noted("taken");
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0]["type"], "text/html");
    let body = mails[0]["body"].as_str().unwrap();
    assert_eq!(body.trim(), "<p>Здравствуйте, &lt;b&gt;Ada &amp; Co&lt;/b&gt;!</p>");
    assert_eq!(header(&mails[0], "Subject"), "<i><b>Ada & Co</b>");
}

#[test]
fn a_hundred_mails_arrive_once_each() {
    let addresses: Vec<String> = (0..100).map(|n| format!("c{n:03}@example.com")).collect();
    let rows: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let (project, server) = shop(&rows);
    replay(&project, JANUARY);
    let mut taken = server.taken_for();
    taken.sort();
    assert_eq!(taken, addresses);
}

#[test]
fn a_message_without_a_text_never_goes_to_real_people() {
    let (project, server) = shop(&["ada@example.com"]);
    project.write("messages.chain", "");
    let arguments = ["run", ".", "--replay", JANUARY, "--real-channels"];
    let failed = project.chainc(&arguments);
    assert!(failed.failed_with(2).contains("`offer`"), "{failed:?}");
    assert!(server.noted("taken").is_empty());
    assert_eq!(project.store().number("SELECT count(*) FROM enrolment"), 0);
}

#[test]
fn a_replay_keeps_to_files_unless_it_is_told_otherwise() {
    let (project, server) = shop(&["ada@example.com"]);
    project.chainc(&["run", ".", "--replay", JANUARY]).succeeded();
    assert!(server.noted("taken").is_empty());
    assert_eq!(project.sent(), ["2026-01-15 10:00 email 1"]);
}

#[test]
fn a_receipt_settles_what_the_relay_took_and_twice_or_late_it_changes_nothing() {
    let (project, _server) = shop(&["ada@example.org", "ben@example.org", "gone@example.com"]);
    replay(&project, JANUARY);
    let states = "SELECT state FROM outbox WHERE channel = 'email' ORDER BY customer_id";
    assert_eq!(project.store().rows(states), ["pending", "pending", "undeliverable"]);
    let rows = "customer_id,event,at,message\n1,delivered,2026-01-15T10:01:00,offer\n\
         1,delivered,2026-01-15T10:02:00,offer\n2,opened,2026-01-16T10:00:00,offer\n\
         2,delivered,2026-01-17T10:00:00,offer\n3,delivered,2026-01-15T10:01:00,offer\n\
         9,delivered,2026-01-15T10:01:00,offer\n";
    project.imported("events", rows);
    let summary = replay(&project, "2026-01-19..2026-01-20").json();
    assert_eq!(project.store().rows(states), ["delivered", "delivered", "undeliverable"]);
    let mail = &summary["chains"][0]["steps"][0];
    assert_eq!((&mail["sent"], &mail["delivered"]), (&2.into(), &2.into()));
}

#[test]
fn a_mail_says_how_to_say_no_where_the_project_has_a_page_for_it() {
    let (project, server) = shop(&["ada@example.org"]);
    let links = "links: { unsubscribe: https://shop.example/bye }\n";
    project.write("chainc.yaml", format!("{}{links}", server.settings()));
    replay(&project, JANUARY);
    let mails = server.noted("taken");
    let key = project.store().rows("SELECT effect_key FROM outbox").concat();
    let page = format!("<https://shop.example/bye/{key}>");
    assert_eq!(header(&mails[0], "List-Unsubscribe"), page);
    assert_eq!(header(&mails[0], "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
}
