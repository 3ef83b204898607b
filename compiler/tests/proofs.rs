//! What time and money prove of a chain, and what they keep silent about.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

use chainc_compiler::diagnostic::Lang;
use chainc_compiler::{Diagnostic, Settings, SourceFile, compile};

const MESSAGES: &str = r#"
message offer { sms "{grant.points} до {grant.expires}" push "x" email subject "x" body "x" }
message plain { sms "x" push "x" email subject "x" body "x" webhook "x" }
message raised { push "{cashback.rate}" }
"#;

/// Returns what the proofs find in a program, with its lines; other findings are drafts of
/// no matter here, but no errors.
fn found(text: &str) -> Vec<(usize, &'static str)> {
    proved(text).into_iter().map(|found| (line(text, &found), found.slug())).collect()
}

fn line(text: &str, found: &Diagnostic) -> usize {
    text[..found.place().span.start as usize].matches('\n').count() + 1
}

fn proved(text: &str) -> Vec<Diagnostic> {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    let files = [file("a.chain", text), file("messages.chain", MESSAGES)];
    let compiled = compile(&files, &Default::default(), &Settings::default());
    let is_ours = |found: &Diagnostic| matches!(&found.code()[1..3], "08" | "10" | "13");
    let (ours, others): (Vec<_>, Vec<_>) = compiled.diagnostics.into_iter().partition(is_ours);
    for other in others {
        assert!(!other.is_error(), "{}: {}", other.code(), other.message(Lang::En));
    }
    ours
}

/// Returns what the proofs say of a flow in braces that lacks nothing else.
fn of_chain(settings: &str, steps: &str) -> Vec<&'static str> {
    let text = format!(
        "policy {{\n quiet 21:00..10:00\n cap 5_000 points per 90d\n}}\n\
         chain a {{\n budget 900_000 points\n {settings}\n segment recency 30..59 -> {steps}\n}}\n"
    );
    found(&text).into_iter().map(|(_, slug)| slug).collect()
}

#[track_caller]
fn silent(settings: &str, steps: &str) {
    assert_eq!(of_chain(settings, steps), [""; 0], "{settings} {steps}");
}

#[track_caller]
fn says(slug: &str, settings: &str, steps: &str) {
    assert_eq!(of_chain(settings, steps), [slug], "{settings} {steps}");
}

#[test]
fn a_reminder_within_the_life_of_the_points_is_fine() {
    silent("", "grant 300 expires 30d -> sms offer -> wait 3d unless purchase -> sms offer");
    silent("", "grant 300 expires 7d -> wait 6d -> sms offer");
    silent("", "grant 300 expires 7d -> wait 3d -> wait until sat 12:00 -> sms plain");
    silent("", "grant 300 expires 10d -> wait 3d -> wait until sat 12:00 -> sms offer");
    // A new grant is the one the message speaks of.
    silent("", "grant 300 expires 7d -> wait 9d -> grant 100 expires 7d -> sms offer");
    silent("", "repeat weekly on tue at 12:00 max 13 { grant 300 expires 7d -> sms offer }");
    silent("", "grant 300 expires 30d -> repeat weekly on tue at 12:00 max 4 { sms offer }");
}

#[test]
fn a_reminder_after_the_points_is_an_error_where_it_is_so_for_everybody() {
    says("mentions-expired", "", "grant 300 expires 7d -> wait 7d -> sms offer");
    says("mentions-expired", "", "grant 300 expires 36h -> wait 2d -> sms offer");
    says("mentions-expired", "", "cashback 10% for 5d -> wait 1w -> push raised");
    let both = "if tag vip { wait 8d } else { wait 9d } -> sms offer";
    says("mentions-expired", "", &format!("grant 300 expires 7d -> {both}"));
    // One ladder, one mistake.
    let ladder = "grant 300 expires 7d -> wait 9d -> push plain -> fallback sms offer";
    says("mentions-expired", "", ladder);
}

#[test]
fn a_reminder_after_the_points_on_some_path_is_a_warning() {
    let some = "if tag vip { wait 8d } -> sms offer";
    says("may-mention-expired", "", &format!("grant 300 expires 7d -> {some}"));
    let rounds = "grant 300 expires 7d -> repeat daily at 12:00 max 9 { sms offer }";
    says("may-mention-expired", "", rounds);
    let saturday = "grant 300 expires 5d -> wait until sat 12:00 -> sms offer";
    says("may-mention-expired", "", saturday);
    // On the night on which clocks change, 24 hours are not a day.
    says("may-mention-expired", "", "grant 300 expires 24h -> wait 1d -> sms offer");
    // Held back by quiet hours in the business zone, not everywhere.
    let night = "grant 300 expires 12h -> wait 11h -> sms offer";
    says("may-mention-expired", "", night);
}

#[test]
fn the_first_round_that_is_too_late_is_told() {
    let text = "chain a {\n cap 1_000 points per 90d\n budget 9_000 points\n segment recency 30..59 \
                -> grant 300 expires 7d -> repeat daily at 12:00 max 9 { sms offer }\n}\n";
    let note = proved(text)[0].note(Lang::En).unwrap();
    assert_eq!(note, "it is so from round 8 on");
}

#[test]
fn messages_behind_the_goal_are_told_on_the_path_that_has_them() {
    let goal = "goal purchase within 7d";
    silent(goal, "sms plain -> wait 6d unless purchase -> sms plain");
    says("path-beyond-goal", goal, "sms plain -> wait 7d unless purchase -> sms plain");
    says("path-beyond-goal", goal, "if tag vip { wait 8d } -> sms plain");
    // A programme of many rounds is measured as a whole.
    silent(goal, "repeat weekly on tue at 12:00 max 13 { sms plain }");
    // Whoever enters on the right day is counted.
    silent(goal, "wait 3d -> wait until sat 12:00 -> sms plain");
}

#[test]
fn a_chain_is_held_against_its_gap_and_its_dates() {
    silent("reenter after 10d", "sms plain -> wait 10d -> sms plain");
    says("path-beyond-reentry", "reenter after 9d", "sms plain -> wait 10d -> sms plain");
    let active = "active 2026-03-01..2026-03-31";
    silent(active, "sms plain -> wait 14d -> sms plain");
    says("path-beyond-active", active, "sms plain -> wait 40d -> sms plain");
    silent(active, "wait until 2026-03-31 12:00 -> sms plain");
    says("path-beyond-active", active, "wait until 2026-04-15 12:00 -> sms plain");
    says("date-already-over", active, "wait until 2026-02-15 12:00 -> sms plain");
    let over = "repeat weekly on tue at 12:00 until 2026-02-15 { sms plain }";
    says("date-already-over", active, over);
    // Without dates of its own nobody can tell.
    silent("", "wait until 2026-02-15 12:00 -> sms plain");
}

#[test]
fn quiet_hours_are_told_where_somebody_names_a_time() {
    says("send-in-quiet-hours", "", "wait until 08:00 -> grant 100 expires 9d -> sms plain");
    says("send-in-quiet-hours", "", "wait until sat 21:00 -> if tag vip { sms plain }");
    says("send-in-quiet-hours", "", "repeat weekly on tue at 09:59 max 3 { sms plain }");
    says("send-in-quiet-hours", "schedule daily at 09:30", "sms plain");
    silent("schedule daily at 09:30", "wait until 11:00 -> sms plain");
    silent("", "wait until 10:00 -> sms plain");
    silent("", "wait until 08:00 -> if tag vip { exit } -> wait 5h -> sms plain");
    silent("quiet off \"they asked for it\"", "wait until 08:00 -> sms plain");
    silent("", "wait 12h -> sms plain");
    // A message that is too stale by then never leaves: one mistake.
    says("never-fresh", "", "wait until 22:00 -> sms plain within 6h");
    silent("", "sms plain within 1h -> wait 3d -> push plain within 12h");
    silent("", "wait until 20:00 -> sms plain within 1h");
}

#[test]
fn rounds_at_night_send_together() {
    says("messages-land-together", "", "repeat every 12h max 4 { sms plain }");
    silent("", "repeat every 24h max 4 { sms plain }");
    silent("", "repeat daily at 12:00 max 4 { sms plain -> push plain }");
    silent("", "repeat every 12h max 4 { tag night }");
}

#[test]
fn caps_are_counted_message_by_message() {
    let daily = "repeat daily at 12:00 max 13 { push plain }";
    says("eaten-by-cap", "cap 3 messages per 7d", daily);
    let text =
        format!("chain a {{\n cap 3 messages per 7d\n segment recency 30..59 -> {daily}\n}}\n");
    let message = proved(&text)[0].message(Lang::En);
    assert_eq!(message, "of the 13 messages of this repeat, `cap 3 messages per 7d` lets 6 leave");
    silent("cap 7 messages per 7d", daily);
    silent("cap 1 messages per 7d", "repeat weekly on tue at 12:00 max 13 { push plain }");
    // A ladder counts once, and so does what only one of two arms sends.
    let ladder = "push plain -> fallback sms -> fallback email -> wait 8d -> push plain";
    silent("cap 1 messages per 7d", ladder);
    let arms = "if tag vip { push plain } else { sms plain }";
    silent("cap 1 messages per 7d", arms);
    let line = "push plain -> wait 1d -> sms plain -> wait 1d -> push plain";
    says("eaten-by-cap", "cap 2 messages per 7d", line);
    silent("cap 3 messages per 7d", line);
    silent("cap off \"a service message\"", line);
    says("eaten-by-cap", "cap 1 messages per 7d", "if tag vip { push plain } -> sms plain");
}

#[test]
fn a_repeat_until_an_unknown_day_is_told_of_its_first_messages() {
    let text = "chain a {\n cap 3 messages per 7d\n segment recency 30..59 \
                -> repeat daily at 12:00 until 2027-01-01 { push plain }\n}\n";
    let message = proved(text)[0].message(Lang::En);
    assert!(message.starts_with("of the first 60 messages of this repeat"), "{message}");
}

#[test]
fn clocks_that_skip_an_hour_are_told_in_the_zone_of_the_brand() {
    let text = |zone: &str, time: &str| {
        format!(
            "policy {{ timezone \"Asia/Yekaterinburg\" }}\n\
             brand toys {{ timezone \"{zone}\" }}\n\
             chain a {{\n brand toys\n active 2026-01-01..2026-12-31\n \
             segment recency 30..59 -> wait until {time} -> push plain\n}}\n"
        )
    };
    assert_eq!(found(&text("Europe/Berlin", "02:30")), [(6, "skipped-local-time")]);
    assert_eq!(found(&text("Europe/Berlin", "tue 02:30")), []);
    assert_eq!(found(&text("Europe/Berlin", "03:00")), []);
    assert_eq!(found(&text("Europe/Moscow", "02:30")), []);
}

#[test]
fn budgets_are_held_against_one_customer() {
    let text = |budget: &str, steps: &str| {
        format!(
            "policy {{ price sms 4.20 RUB }}\n\
             chain a {{\n budget 9_000 points\n {budget}\n segment recency 30..59 -> {steps}\n}}\n"
        )
    };
    let slugs = |text: &str| -> Vec<&str> { found(text).into_iter().map(|f| f.1).collect() };
    let two = "sms plain -> wait 9d -> push plain -> fallback sms";
    assert_eq!(slugs(&text("budget 8 RUB on sms", two)), ["budget-below-one-customer"]);
    assert_eq!(slugs(&text("budget 8.40 RUB on sms", two)), [""; 0]);
    assert_eq!(slugs(&text("budget 8.39 RUB", two)), ["budget-below-one-customer"]);
    // Only the rows that somebody of the audience may stand on count.
    let table = "grant by recency { 30..44: 9_000, 45..59: 9_000, 60..89: 9_001 } expires 9d";
    assert_eq!(slugs(&text("", table)), [""; 0]);
    let dear = "grant by recency { 30..44: 9_000, 45..59: 9_001 } expires 9d";
    assert_eq!(slugs(&text("", dear)), ["budget-below-one-customer"]);
    // Nobody goes both ways.
    let arms = "if tag vip { grant 9_000 expires 9d } else { grant 5_000 expires 9d }";
    assert_eq!(slugs(&text("", arms)), [""; 0]);
    let left = "if tag vip { grant 9_000 expires 9d -> exit } -> grant 5_000 expires 9d";
    assert_eq!(slugs(&text("", left)), [""; 0]);
}

#[test]
fn a_sketch_is_not_asked_for_budgets() {
    let flow =
        "segment recency 30..59 -> repeat weekly on tue at 12:00 max 3 { grant 300 -> push plain }";
    assert_eq!(found(flow), []);
    let chain = format!("chain a {{\n{flow}\n}}");
    let expected = [
        (2, "grant-without-expiry"),
        (2, "grant-in-repeat-without-cap"),
        (2, "grant-without-budget"),
    ];
    assert_eq!(found(&chain), expected);
}

#[test]
fn the_budget_and_the_cap_of_an_experiment_hold_for_its_chains() {
    let text = "experiment e {\n budget 9_000 points\n cap 1_000 points per 90d\n chain a {\n \
                segment recency 30..59 -> repeat daily at 12:00 max 3 { grant 300 expires 7d -> push plain }\n}\n}\n";
    assert_eq!(found(text), []);
}

#[test]
fn a_policy_that_was_not_understood_may_have_the_rule_that_is_missed() {
    let text = "policy { cap 1_000 points }\nchain a {\n budget 9_000 points\n segment recency 30..59 \
                -> repeat daily at 12:00 max 3 { grant 300 expires 7d -> push plain }\n}\n";
    let file = SourceFile { path: "a.chain".to_owned(), text: text.to_owned() };
    let messages = SourceFile { path: "m.chain".to_owned(), text: MESSAGES.to_owned() };
    let compiled = compile(&[file, messages], &Default::default(), &Settings::default());
    let slugs: Vec<&str> = compiled.diagnostics.iter().map(Diagnostic::slug).collect();
    assert!(slugs.contains(&"missing-period"), "{slugs:?}");
    assert!(!slugs.contains(&"grant-in-repeat-without-cap"), "{slugs:?}");
}

#[test]
fn consent_is_asked_of_channels_that_write_to_people() {
    let text = |rules: &str, settings: &str| {
        format!(
            "policy {{\n {rules}\n}}\nchain a {{\n {settings}\n segment recency 30..59 \
             -> sms plain -> webhook plain\n}}\n"
        )
    };
    assert_eq!(found(&text("", "")), []);
    assert_eq!(found(&text("consent email opt_in", "")), [(6, "no-consent-rule")]);
    assert_eq!(found(&text("consent sms opt_out", "")), []);
    assert_eq!(found(&text("consent email opt_in", "consent sms off \"it is the receipt\"")), []);
}
