//! Mistakes in `chainc.yaml`, and secrets that stay secret.

use crate::support::{Done, Project};
use crate::{SEED, shop};

/// Runs a project with this `chainc.yaml`, which is wrong.
#[track_caller]
fn wrong(yaml: impl AsRef<[u8]>) -> String {
    let project = shop();
    project.write("chainc.yaml", yaml);
    let before = (project.store().dump(), project.names());
    let failed = project.chainc(&["run", ".", "--replay", "2026-03-01..2026-03-31"]);
    let error = failed.failed_with(2).to_owned();
    assert_eq!((project.store().dump(), project.names()), before);
    assert!(error.contains("chainc.yaml"), "{error}");
    error
}

#[test]
fn an_unknown_key_is_refused_with_a_suggestion_at_every_level() {
    for (yaml, said) in [
        ("stor: sqlite:a.db", "unknown key `stor`; did you mean `store`?"),
        ("channels:\n  emial: { type: file }", "unknown key `emial`; did you mean `email`?"),
        ("channels:\n  sms: { type: file, pth: a }", "unknown key `pth`; did you mean `path`?"),
        (
            "channels:\n  email: { type: smtp, host: h, from: a@example.com, pasword: x }",
            "unknown key `pasword`; did you mean `password`?",
        ),
        ("channels:\n  sms: { type: fil }", "`fil`"),
        (
            "channels:\n  email: { type: smtp, host: h, from: a@example.com, tls: strattls }",
            "`starttls`",
        ),
        (
            "import:\n  purchase: { file: a.csv }",
            "unknown key `purchase`; did you mean `purchases`?",
        ),
        ("import:\n  purchases: { fil: a.csv }", "unknown key `fil`; did you mean `file`?"),
    ] {
        let error = wrong(yaml);
        assert!(error.contains(said), "{yaml}: {error}");
    }
}

#[test]
fn a_column_that_is_none_is_refused_with_a_suggestion() {
    let error =
        wrong("import:\n  purchases:\n    file: purchases.csv\n    columns: { amuont: amount }\n");
    assert!(
        error.contains("unknown column `amuont` of purchases; did you mean `amount`?"),
        "{error}"
    );
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    let error = wrong("store: sqlite:a.db\nstore: sqlite:b.db\n");
    assert!(error.contains("`store`") && error.contains("twice"), "{error}");
}

#[test]
fn a_value_of_the_wrong_type_is_refused_with_its_place() {
    for yaml in [
        "channels: 5",
        "channels:\n  email: { type: smtp, host: h, from: a@example.com, port: many }",
        "channels:\n  email: { type: smtp, host: h, from: a@example.com, port: 99999 }",
        "import:\n  purchases: [a.csv]",
        "just a word",
        "store: [",
        "store: \"open",
        "- store",
    ] {
        let error = wrong(yaml);
        assert!(error.contains("line "), "{yaml}: {error}");
    }
}

#[test]
fn a_zone_or_a_currency_that_does_not_exist_is_refused() {
    assert!(wrong("timezone: Mars/Olympus").contains("Mars/Olympus"));
    assert!(wrong("currency: RUBLE").contains("RUBLE"));
}

#[test]
fn bytes_that_are_no_text_and_ten_megabytes_in_one_line_are_refused() {
    assert!(wrong(b"store: sqlite:caf\xe9.db").contains("UTF-8"));
    for long in [
        "x".repeat(10 << 20),
        format!("store: {}", "x".repeat(10 << 20)),
        "x".repeat(900_000),
        format!("{}: 1", "x".repeat(900_000)),
        "[".repeat(900_000),
        "a: ".repeat(300_000),
    ] {
        let error = wrong(&long);
        assert!(error.len() < 1_000, "{:.10}: {} bytes", long, error.len());
    }
}

#[test]
fn a_store_address_that_is_none_is_wrong_usage() {
    let project = Project::with(&[("seed.chain", SEED), ("c.csv", "customer_id\n1\n")]);
    for url in ["shop.db", "sqlite:", "mysql:shop", "postgres://shop.example.com/db"] {
        let failed = project.chainc(&["import", "customers", "c.csv", "--store", url]);
        assert!(failed.failed_with(2).contains("sqlite:"), "{failed:?}");
    }
    assert_eq!(project.names(), ["c.csv", "seed.chain"]);
}

const SMTP: &str = "\
channels:
  email:
    type: smtp
    host: 127.0.0.1
    port: 9
    tls: none
    user: mailer
    password: ${SHOP_MAIL_PASSWORD}
    from: Shop <shop@example.com>
";

fn run_with(project: &Project, password: Option<&str>) -> Done {
    let mut command = project.command(&["run", ".", "--once", "--format", "json"]);
    match password {
        Some(password) => command.env("SHOP_MAIL_PASSWORD", password),
        None => command.env_remove("SHOP_MAIL_PASSWORD"),
    };
    Done::of(&mut command)
}

#[test]
fn an_environment_variable_that_is_missing_is_named() {
    let project = shop();
    project.write("chainc.yaml", SMTP);
    let before = project.store().dump();
    let failed = run_with(&project, None);
    assert!(failed.failed_with(2).contains("`SHOP_MAIL_PASSWORD`"), "{failed:?}");
    assert_eq!(project.store().dump(), before);

    project.write("chainc.yaml", "store: sqlite:${NO_SUCH_SHOP}.db");
    let failed = run_with(&project, None);
    assert!(failed.failed_with(2).contains("`NO_SUCH_SHOP`"), "{failed:?}");
    project.write("chainc.yaml", "store: sqlite:${NO_SUCH_SHOP.db");
    assert!(run_with(&project, None).failed_with(2).contains("without `}`"));
}

#[test]
fn checking_needs_no_secrets() {
    let project = shop();
    project.write("chainc.yaml", SMTP);
    Done::of(project.command(&["check", "."]).env_remove("SHOP_MAIL_PASSWORD")).succeeded();
}

#[test]
fn secrets_are_never_printed() {
    let project = shop();
    project.write("seed.chain", "segment recency 1..20000 -> email offer\nmessage offer { email subject \"a\" body \"b\" }\n");
    project.imported("customers", "customer_id,email,consent_email\n1,ada@example.com,yes\n");
    project.write("chainc.yaml", SMTP);
    let mut seen = run_with(&project, Some("swordfish-7")).succeeded();
    // The same in the file itself, beside a mistake.
    project.write(
        "chainc.yaml",
        SMTP.replace("${SHOP_MAIL_PASSWORD}", "swordfish-7").replace("from:", "form:"),
    );
    let failed = run_with(&project, None);
    failed.failed_with(2);
    seen.stderr += &failed.stderr;
    project.write("chainc.yaml", SMTP.replace("shop@example.com>", "nobody"));
    let failed = run_with(&project, Some("swordfish-7"));
    failed.failed_with(2);
    seen.stderr += &failed.stderr;
    assert!(!seen.stderr.contains("swordfish") && !seen.stdout.contains("swordfish"), "{seen:?}");
    let stored = project.store().dump().join("\n");
    assert!(!stored.contains("swordfish"), "{stored}");
}
