//! `chainc new`: what it makes checks clean and runs.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

#[path = "support/project.rs"]
mod support;

use std::path::Path;
use support::{Done, Project};

/// Returns the names of the template's files, in order.
fn template(lang: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/new").join(lang);
    let is_written = |name: &String| !name.contains(".db") && !name.contains("jsonl");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(is_written)
        .collect();
    names.sort();
    names
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_new_project_has_no_findings_and_the_commands_of_its_page_run() {
    for lang in ["en", "ru"] {
        let project = Project::empty();
        let done = project.chainc(&["new", "my shop", "--lang", lang]).succeeded();
        let shop = project.path("my shop");
        assert_eq!(names(&shop), template(lang));
        let inside = |arguments: &[&str]| {
            Done::of(project.command(arguments).current_dir(&shop)).succeeded()
        };
        // What it says to do next is what its page says.
        let page = std::fs::read_to_string(shop.join("README.md")).unwrap();
        let commands: Vec<&str> =
            page.lines().filter_map(|line| line.strip_prefix("    chainc ")).collect();
        assert_eq!(commands.len(), 3, "{page}");
        for command in commands {
            let said = format!("  chainc {command}");
            assert!(done.stderr.lines().any(|line| line == said), "{done:?}");
            inside(&command.split(' ').collect::<Vec<_>>());
        }
        assert!(done.stderr.contains("  cd 'my shop'\n"), "{done:?}");
        assert_eq!(inside(&["check", "--format", "json"]).stdout, "[]\n");
        let messages = std::fs::read_to_string(shop.join("shop.messages.jsonl")).unwrap();
        for channel in ["sms", "email", "push"] {
            assert!(messages.contains(&format!("\"channel\":\"{channel}\"")), "{messages}");
        }
    }
}

#[test]
fn what_it_made_can_be_imported_by_hand() {
    let project = Project::empty();
    project.chainc(&["new", "."]).succeeded();
    project.import("customers", "customers.csv").succeeded().says("12 new");
    project.import("purchases", "purchases.csv").succeeded().says("18 new");
    let run = ["run", "--replay", "2026-03-01..2026-05-31", "--format", "json"];
    let numbers = project.chainc(&run).succeeded().json();
    let chain = numbers.pointer("/chains/0").unwrap();
    assert_eq!(chain.get("name").unwrap(), "winback");
    assert_eq!(chain.get("entered").unwrap(), 12);
    assert!(chain.get("points_granted").unwrap().as_i64() > Some(0), "{chain}");
}

#[test]
fn a_folder_with_something_in_it_stays_as_it_is() {
    let project = Project::with(&[("shop/notes.txt", "mine"), ("file", "")]);
    for (lang, said) in [("en", "not empty"), ("ru", "не пуста")] {
        let failed = project.chainc(&["new", "shop", "--lang", lang]);
        assert!(failed.failed_with(2).contains(said), "{failed:?}");
    }
    assert_eq!(names(&project.path("shop")), ["notes.txt"]);
    assert!(project.chainc(&["new", "file"]).failed_with(3).contains("file cannot be made"));
    project.chainc(&["new", "file/shop"]).failed_with(3);
    assert_eq!(project.names(), ["file", "shop"]);
}

#[test]
fn an_empty_folder_and_a_fresh_repository_are_free() {
    let project = Project::with(&[("shop/.git/HEAD", "ref: refs/heads/main\n")]);
    project.chainc(&["new", "shop"]).succeeded();
    let mut expected = template("en");
    expected.push(".git".to_owned());
    expected.sort();
    assert_eq!(names(&project.path("shop")), expected);
    std::fs::create_dir_all(project.path("deep/er")).unwrap();
    project.chainc(&["new", "deep/er"]).succeeded();
    project.chainc(&["new", "deep/est/one"]).succeeded();
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let project = Project::with(&[("empty/.git/HEAD", "")]);
    for folder in ["shop", "empty"] {
        let failed = Done::of(&mut project.on_a_small_disk(1, &["new", folder]));
        assert!(failed.failed_with(3).contains("cannot be made"), "{failed:?}");
    }
    assert_eq!(project.names(), ["empty"]);
    assert_eq!(names(&project.path("empty")), [".git"]);
}
