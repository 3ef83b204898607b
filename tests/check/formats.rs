//! What machines read: the lines of `plain` and `github`, the reports of `gitlab`.

use crate::ERRORS;
use crate::support::{Done, Project};
use std::collections::BTreeSet;

const SLIPS: &str = "\
chain a {
  goal purchase within 30d
  control 150%
  segment recency 60..89 → sms offer
}
message unsent { sms \"hello\" }
message offer { sms \"hello\" }
";

fn slips() -> Project {
    Project::with(&[("a,b:c.chain", SLIPS)])
}

fn shown(project: &Project, format: &str) -> String {
    let done = project.chainc(&[&["check", "--format", format], SHOWN].concat());
    assert_eq!((done.code, done.stderr.as_str()), (1, ""), "{done:#?}");
    done.stdout
}

/// The three slips, whatever else a checker could say about them.
const SHOWN: &[&str] = &["--select", "share-above-100,foreign-arrow,unused-message,duplicate-name"];

#[test]
fn plain_is_one_line_for_each_finding() {
    let text = shown(&slips(), "plain");
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        [
            "a,b:c.chain:3:11: error[E0304] `150%` is more than everybody",
            "a,b:c.chain:4:26: error[E0117] the arrow is written `->`, not `→`",
            "a,b:c.chain:6:9: warning[W0612] no step sends message `unsent`",
        ]
    );
    let russian = slips().chainc(&["check", "--format", "plain", "--lang", "ru"]).stdout;
    assert!(russian.starts_with("a,b:c.chain:3:11: error[E0304] "), "{russian}");
    assert!(russian.contains(|c| ('а'..='я').contains(&c)), "{russian}");
}

#[test]
fn annotations_are_escaped_as_workflow_commands_want_it() {
    let text = shown(&slips(), "github");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "::error file=a%2Cb%3Ac.chain,line=3,col=11,endLine=3,endColumn=15,\
         title=E0304 share-above-100::`150%25` is more than everybody%0Aa share is at most `100%25`"
    );
    assert_eq!(
        lines[1],
        "::error file=a%2Cb%3Ac.chain,line=4,col=26,endLine=4,endColumn=27,\
         title=E0117 foreign-arrow::the arrow is written `->`, not `→`%0Awrite `->`"
    );
    let warning = "::warning file=a%2Cb%3Ac.chain,line=6,col=9,endLine=6,endColumn=15,\
                   title=W0612 unused-message::";
    assert!(lines[2].starts_with(warning), "{text}");
    assert_eq!(lines.len(), 3, "{text}");
}

#[test]
fn paths_are_told_from_the_root_of_the_repository() {
    let project = Project::with(&[("shop/win/a.chain", SLIPS)]);
    let root = project.path("");
    for (format, variable) in [
        ("github", "GITHUB_WORKSPACE"),
        ("gitlab", "CI_PROJECT_DIR"),
        ("sarif", "GITHUB_WORKSPACE"),
    ] {
        let mut command = project.command(&["check", "--format", format, "win"]);
        command.current_dir(project.path("shop")).env(variable, &root);
        let done = Done::of(&mut command);
        assert!(done.stdout.contains("shop/win/a.chain"), "{done:#?}");
        let elsewhere = command.env(variable, "/somewhere/else");
        let done = Done::of(elsewhere);
        assert!(!done.stdout.contains("shop/win/a.chain"), "{done:#?}");
        assert!(done.stdout.contains("win/a.chain"), "{done:#?}");
    }
}

#[test]
fn gitlab_gets_what_it_asks_for() {
    let project = slips();
    let report: serde_json::Value = serde_json::from_str(&shown(&project, "gitlab")).unwrap();
    let first = &report[0];
    assert_eq!(first["description"], "E0304: `150%` is more than everybody");
    assert_eq!(first["check_name"], "share-above-100");
    assert_eq!(first["severity"], "critical");
    assert_eq!(first["location"]["path"], "a,b:c.chain");
    assert_eq!(first["location"]["lines"]["begin"], 3);
    assert_eq!(report[2]["severity"], "major");
    let none = Project::with(&[(
        "a.chain",
        "message offer { sms \"a\" }\nsegment recency 1..2 -> sms offer\n",
    )]);
    let none = none.chainc(&[&["check", "--format", "gitlab"], ERRORS].concat()).succeeded();
    assert_eq!(none.stdout, "[]\n");
}

#[test]
fn fingerprints_stay_when_lines_move_and_change_when_they_change() {
    let prints = |text: &str| {
        let project = Project::with(&[("a.chain", text)]);
        let report: serde_json::Value = serde_json::from_str(&shown(&project, "gitlab")).unwrap();
        let prints = report.as_array().unwrap().iter();
        prints.map(|issue| issue["fingerprint"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = prints(SLIPS);
    let all: BTreeSet<&String> = before.iter().collect();
    assert_eq!(all.len(), 3, "{before:?}");
    let moved =
        format!("# one more line\r\n\r\n{}", SLIPS.replace('\n', "\r\n").replace("  ", "    "));
    assert_eq!(prints(&moved), before);
    // The same in another language.
    let project = Project::with(&[("a.chain", SLIPS)]);
    let russian = project.chainc(&["check", "--format", "gitlab", "--lang", "ru"]).stdout;
    assert!(before.iter().all(|print| russian.contains(print)), "{russian}");
    let changed = prints(&SLIPS.replace("150%", "160%"));
    assert_ne!(changed[0], before[0]);
    assert_eq!(changed[1..], before[1..]);
    // Two that look the same are two.
    let twice = prints(
        "chain a { segment recency 1..2 → sms x }\nchain b { segment recency 1..2 → sms x }\n"
            .replace("chain b", "chain a")
            .as_str(),
    );
    assert_eq!(twice.iter().collect::<BTreeSet<_>>().len(), twice.len(), "{twice:?}");
}

#[test]
fn the_format_comes_from_the_environment_too() {
    let project = slips();
    let mut command = project.command(&["check"]);
    assert!(Done::of(command.env("CHAINC_FORMAT", "plain")).stdout.contains("error[E0304]"));
}

#[test]
fn the_last_line_for_people_says_what_can_be_repaired() {
    let project = slips();
    let said = |arguments: &[&str]| {
        let done = project.chainc(&[&["check"], SHOWN, arguments].concat());
        done.stderr.lines().rev().take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(said(&[]), ["`chainc check --fix` repairs 1 of them", "2 errors, 1 warning"]);
    assert_eq!(
        said(&["--lang", "ru"]),
        ["`chainc check --fix` исправит 1 из них", "2 ошибки, 1 предупреждение"]
    );
}

#[test]
fn a_language_set_to_nothing_is_that_of_the_system() {
    let project = slips();
    let mut command = project.command(&[&["check"], SHOWN].concat());
    command.env("CHAINC_LANG", "").env("LC_ALL", "ru_RU.UTF-8");
    let done = Done::from(command.output().unwrap());
    assert_eq!(done.code, 1, "{done:#?}");
    assert!(done.stderr.contains("ошибки"), "{done:#?}");
}
