//! `--select` and `--ignore`, and `check` in `chainc.yaml`.

use crate::support::{Done, Project};

/// Two errors and two warnings.
const MIXED: &str = "\
segment nobody = recency 1..2
message unsent { sms \"hello\" }
segment recency 60..89 → sms ofer
message offer { sms \"hello\" }
";

/// Returns which of the four are shown.
fn slugs(project: &Project, arguments: &[&str]) -> Vec<String> {
    let done = project.chainc(&[&["check", "--format", "json"], arguments].concat());
    assert!(done.code <= 1, "{done:#?}");
    let found = done.json();
    let slugs = found.as_array().unwrap().iter().map(|found| found["slug"].as_str().unwrap());
    slugs.filter(|slug| ALL.contains(slug)).map(str::to_owned).collect()
}

const ALL: [&str; 4] = ["unused-segment", "unused-message", "foreign-arrow", "unknown-message"];

fn mixed() -> Project {
    Project::with(&[("a.chain", MIXED)])
}

#[test]
fn warnings_are_ignored_by_code_slug_or_beginning() {
    let project = mixed();
    let found = slugs(&project, &[]);
    assert_eq!(found, ALL);
    for (ignored, gone) in [
        ("W0208", vec!["unused-segment"]),
        ("unused-message", vec!["unused-message"]),
        ("w02,W0612", vec!["unused-segment", "unused-message"]),
        ("W", vec!["unused-segment", "unused-message"]),
    ] {
        let left = slugs(&project, &["--ignore", ignored]);
        let expected: Vec<String> =
            found.iter().filter(|slug| !gone.contains(&slug.as_str())).cloned().collect();
        assert_eq!(left, expected, "{ignored}");
    }
}

#[test]
fn errors_cannot_be_ignored() {
    let project = mixed();
    for word in ["E0203", "foreign-arrow", "E02"] {
        let failed = project.chainc(&["check", "--ignore", word]);
        let error = failed.failed_with(2);
        assert!(error.contains(word) && error.contains("does not run"), "{error}");
    }
}

#[test]
fn what_is_selected_is_shown_and_other_errors_are_counted() {
    let project = mixed();
    assert_eq!(slugs(&project, &["--select", "unknown-message"]), ["unknown-message"]);
    assert_eq!(slugs(&project, &["--select", "E01", "--select", "W0208"]).len(), 2);
    let done = project.chainc(&["check", "--select", "E0203"]);
    assert_eq!(done.code, 1);
    assert!(done.stderr.ends_with("1 more error not among what `--select` names\n"), "{done:?}");
    // Even where nothing is left to show.
    let done = project.chainc(&["check", "--select", "E07", "--format", "plain"]);
    assert_eq!((done.code, done.stdout.as_str()), (1, ""));
    assert_eq!(done.stderr, "2 more errors not among what `--select` names\n");
    // Errors are shown where only warnings are selected.
    let found = slugs(&project, &["--select", "unused-segment"]);
    assert_eq!(found, ["unused-segment", "foreign-arrow", "unknown-message"]);
}

#[test]
fn a_word_that_is_no_finding_is_refused_with_the_likely_one() {
    let project = mixed();
    let failed = project.chainc(&["check", "--select", "unknown-mesage"]);
    assert!(failed.failed_with(2).contains("did you mean `unknown-message`?"));
    let failed = project.chainc(&["check", "--ignore", "W0203"]);
    assert!(failed.failed_with(2).contains("did you mean `E0203`?"));
}

#[test]
fn a_project_says_what_it_ignores() {
    let project = mixed();
    project.write("chainc.yaml", "check:\n  ignore: [unused-message]\n");
    assert!(!slugs(&project, &[]).contains(&"unused-message".to_owned()));
    assert_eq!(slugs(&project, &["--ignore", "W0208"]), ["foreign-arrow", "unknown-message"]);
    // What a command selects is what it gets.
    assert!(slugs(&project, &["--select", "W"]).contains(&"unused-message".to_owned()));
    project.write("chainc.yaml", "check:\n  select: [W0208]\n");
    assert_eq!(slugs(&project, &[]), ["unused-segment", "foreign-arrow", "unknown-message"]);
}

#[test]
fn mistakes_in_what_a_project_says_are_refused() {
    let project = mixed();
    for (yaml, said) in [
        ("check:\n  ignor: [W0612]", "unknown key `ignor`; did you mean `ignore`?"),
        ("check:\n  ignore: [unused-mesage]", "did you mean `unused-message`?"),
        ("check:\n  ignore: [E0203]", "errors cannot be ignored"),
        ("check:\n  select: [E0203]", "always shown"),
    ] {
        project.write("chainc.yaml", yaml);
        let failed = project.chainc(&["check"]);
        let error = failed.failed_with(2);
        assert!(error.contains("chainc.yaml") && error.contains(said), "{error}");
    }
}

#[test]
fn selection_comes_from_the_environment_too() {
    let project = mixed();
    let mut command = project.command(&["check", "--format", "plain"]);
    let done = Done::of(command.env("CHAINC_SELECT", "E0117, E0118"));
    assert_eq!(done.stdout.lines().count(), 1, "{done:?}");
    let empty = Done::of(command.env("CHAINC_SELECT", "").env("CHAINC_IGNORE", ""));
    assert_eq!(empty.stdout, project.chainc(&["check", "--format", "plain"]).stdout);
}
