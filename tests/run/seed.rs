//! The smallest example, day by day, as one reads it off its two files.

use crate::support::Project;
use serde_json::json;

#[test]
fn the_seed_line_does_what_its_reader_expects() {
    let project = Project::example("seed");
    let done = project
        .chainc(&["run", ".", "--replay", "2026-03-01..2026-04-30", "--format", "json"])
        .succeeded();

    // Sixty days after the purchase, at ten; the reminder three days later.
    assert_eq!(
        project.sent(),
        [
            "2026-03-11 10:00 sms 1",   // Ada bought on 10 January
            "2026-03-12 10:00 sms 5",   // Eve on 11 January
            "2026-03-13 10:00 sms 2",   // Ben on 12 January
            "2026-03-14 10:00 push 1",  // Eve, who bought on the 13th, is left alone
            "2026-03-16 10:00 email 2", // Ben has no card
            "2026-03-18 10:00 push 3",  // Cleo wants no text messages
        ]
    );
    let messages = project.messages();
    assert_eq!(messages[0]["to"], "+12025550101");
    assert_eq!(messages[0]["text"], "Ada, 300 points are yours. Come and see us");
    assert_eq!(messages[3]["to"], "card-1");
    assert_eq!(messages[3]["title"], "Still yours");
    assert_eq!(messages[4]["to"], "ben@example.com");
    assert_eq!(messages[4]["subject"], "300 points are waiting");

    let store = project.store();
    assert_eq!(
        store.rows("SELECT customer_id, ended FROM enrolment ORDER BY 1"),
        ["1|completed", "2|completed", "3|completed", "4|completed", "5|purchased"]
    );
    assert_eq!(
        store.rows("SELECT customer_id, sum(points) FROM wallet_entry GROUP BY 1 ORDER BY 1"),
        ["1|300", "2|300", "3|300", "4|300", "5|300"]
    );
    assert_eq!(
        store.rows("SELECT step, state, reason FROM outbox WHERE customer_id = '4' ORDER BY step"),
        ["2|skipped|no consent", "4|skipped|no consent", "5|skipped|no consent"]
    );

    let mut summary = done.json();
    let version = summary["chains"][0]["version"].take();
    assert_eq!(version.as_str().map(str::len), Some(16));
    let step = |id: &str, text: &str, numbers: [i64; 6]| {
        let [reached, done, sent, delivered, undeliverable, skipped] = numbers;
        json!({
            "id": id, "text": text, "reached": reached, "done": done, "sent": sent,
            "delivered": delivered, "undeliverable": undeliverable, "skipped": skipped,
        })
    };
    assert_eq!(
        summary,
        json!({ "chains": [{
            "name": "seed",
            "version": null,
            "entered": 5,
            "control": 0,
            "ended": { "completed": 4, "purchased": 1 },
            "steps": [
                step("1", "grant 300", [5, 5, 0, 0, 0, 0]),
                step("2", "sms offer", [5, 3, 3, 3, 0, 2]),
                step("3", "wait 3d unless purchase", [5, 4, 0, 0, 0, 0]),
                step("4", "push reminder", [4, 2, 2, 2, 1, 1]),
                step("5", "fallback email", [4, 1, 1, 1, 0, 3]),
            ],
            "purchases": 1,
            "points_granted": 1500,
            "message_cost_minor": 0,
        }] })
    );
}

#[test]
fn the_seed_line_alone_in_a_file_is_a_program() {
    let line = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/seed.chain"));
    let project = Project::with(&[("winback.chain", &line.unwrap())]);
    project.imported("customers", "customer_id,phone,consent_sms\n1,+12025550101,yes\n");
    project.imported("purchases", "customer_id,purchased_at,amount\n1,2026-01-10,5\n");
    let done = project.chainc(&["run", ".", "--replay", "2026-03-01..2026-03-31"]).succeeded();
    assert!(done.stdout.contains("winback"), "{done:?}");
    assert!(done.stdout.contains("1 entered"), "{done:?}");
    assert_eq!(project.sent().len(), 1);
}

#[test]
fn people_get_a_table_and_machines_only_json() {
    let project = Project::example("seed");
    let people = project.chainc(&["run", ".", "--replay", "2026-03-01..2026-04-30"]).succeeded();
    for words in ["5 entered", "left by buying", "grant 300", "fallback email", "1500"] {
        assert!(people.stdout.contains(words), "`{words}`: {}", people.stdout);
    }
    assert!(people.stdout.lines().all(|line| line.chars().count() <= 100), "{}", people.stdout);
    let machines = project
        .chainc(&["run", ".", "--replay", "2026-03-01..2026-04-30", "--format", "json"])
        .succeeded();
    assert!(machines.stdout.starts_with('{') && machines.stdout.ends_with("}\n"));
}

#[test]
fn a_chain_with_mistakes_runs_nothing_and_shows_them_all() {
    let project = Project::example("seed");
    project.write("other.chain", "segment recency 60..89 -> grnat 300 -> sms ofer\n");
    project.write("third.chain", "segment recency 89..60 -> sms offer\n");
    let before = project.names();
    for mode in [&["--once"][..], &["--replay", "2026-03-01..2026-04-30"], &[]] {
        let done = project.chainc(&[&["run", "."], mode].concat());
        assert_eq!(done.code, 1, "{done:?}");
        for words in ["grnat", "ofer", "89..60", "other.chain", "third.chain"] {
            assert!(done.stderr.contains(words), "`{words}`: {done:?}");
        }
        assert_eq!(done.stdout, "");
        assert_eq!(project.names(), before, "no store, no messages");
    }
}

#[test]
fn a_folder_without_a_chain_and_a_folder_that_is_none_are_wrong_usage() {
    let project = Project::with(&[("notes.txt", "nothing")]);
    project.chainc(&["run", "."]).failed_with(2);
    project.chainc(&["run", "notes.txt"]).failed_with(2);
    project.chainc(&["run", "nowhere"]).failed_with(2);
    assert_eq!(project.names(), ["notes.txt"]);
}

#[test]
fn files_of_the_project_that_are_not_there_make_no_store() {
    let project = Project::example("seed");
    std::fs::remove_file(project.path("purchases.csv")).unwrap();
    let before = project.names();
    let failed = project.chainc(&["run", ".", "--replay", "2026-03-01..2026-04-30"]);
    assert!(failed.failed_with(3).contains("purchases.csv"), "{failed:?}");
    assert_eq!(project.names(), before);
}
