//! Which files a command means: folders, files, overlapping ones, standard input.

use crate::support::{Done, Project};
use crate::{ERRORS, places, with_input};

const ARROW: &str = "segment recency 60..89 → sms offer\n";
const MESSAGE: &str = "message offer { sms \"hello\" }\n";

/// A project, one inside of it, and a folder that belongs to none.
fn tree() -> Project {
    Project::with(&[
        ("shop/chainc.yaml", ""),
        ("shop/messages.chain", MESSAGE),
        ("shop/win/a.chain", "segment recency 60..89 -> sms ofer\n"),
        ("shop/win/b.chain", ARROW),
        ("shop/own/chainc.yaml", ""),
        ("shop/own/c.chain", ARROW),
        ("loose/d.chain", "segment sleeping -> grant 300\n"),
        ("loose/deep/e.chain", "segment sleeping = recency 60..89\n"),
    ])
}

#[test]
fn several_folders_and_files_are_checked_at_once_and_each_once() {
    let project = tree();
    let all = [
        "shop/win/a.chain:1 unknown-message",
        "shop/win/b.chain:1 foreign-arrow",
        "shop/own/c.chain:1 foreign-arrow",
    ];
    for arguments in [
        &["shop", "loose"][..],
        &["shop", "shop", "./shop/win", "shop/win/a.chain", "loose/d.chain", "loose"],
        &["loose/../shop", "shop/own", "loose/deep/e.chain", "loose"],
    ] {
        let mut found = places(&project, arguments);
        let mut expected = all.to_vec();
        expected.sort_unstable();
        found.sort();
        // The same file is told by the path that led to it.
        let found: Vec<String> = found.iter().map(|place| place.replace("loose/../", "")).collect();
        assert_eq!(found, expected, "{arguments:?}");
    }
}

#[test]
fn a_file_or_a_folder_is_checked_with_the_project_around_it() {
    let project = tree();
    let expected = ["shop/win/a.chain:1 unknown-message", "shop/win/b.chain:1 foreign-arrow"];
    assert_eq!(places(&project, &["shop/win"]), expected);
    assert_eq!(places(&project, &["shop/win/b.chain"]), expected);
    let inside = |folder: &str, arguments: &[&str]| {
        let mut command =
            project.command(&[&["check", "--format", "plain"], ERRORS, arguments].concat());
        let done = Done::of(command.current_dir(project.path(folder)));
        let paths = done.stdout.lines().map(|line| line.split(':').next().unwrap().to_owned());
        paths.collect::<Vec<_>>()
    };
    assert_eq!(places(&project, &["shop/own/chainc.yaml"]), ["shop/own/c.chain:1 foreign-arrow"]);
    // From inside of it, too.
    assert_eq!(inside("shop/win", &[]), ["../win/a.chain", "../win/b.chain"]);
    assert_eq!(inside("shop/win", &["b.chain"]), ["../win/a.chain", "../win/b.chain"]);
    assert_eq!(inside("shop", &["win"]), ["win/a.chain", "win/b.chain"]);
}

#[test]
fn a_file_of_no_project_stands_alone_unless_its_folder_is_named() {
    let project = tree();
    let draft = ["loose/d.chain:1 unknown-segment"];
    assert_eq!(places(&project, &["loose/d.chain"]), draft);
    assert_eq!(places(&project, &["loose/d.chain", "loose/deep/e.chain"]), draft);
    assert_eq!(places(&project, &["loose/d.chain", "loose"]), [""; 0]);
}

#[test]
fn a_hidden_file_is_checked_when_it_is_named() {
    let project = tree();
    project.write("shop/.draft.chain", "segment recency 1..2 → sms offer\n");
    assert!(!places(&project, &["shop"]).iter().any(|place| place.contains("draft")));
    let found = places(&project, &["shop", "shop/.draft.chain"]);
    assert!(found.contains(&"shop/.draft.chain:1 foreign-arrow".to_owned()), "{found:?}");
}

#[test]
fn what_is_not_there_or_no_chain_file_is_said() {
    let project = tree();
    for file in ["nobody.chain", "shop/nobody.chain", "nobody"] {
        let failed = project.chainc(&["check", "shop", file]);
        assert!(failed.failed_with(3).contains(file), "{failed:?}");
    }
    project.write("shop/notes.txt", "nothing");
    let failed = project.chainc(&["check", "shop/notes.txt"]);
    assert!(failed.failed_with(2).contains("not a .chain file"), "{failed:?}");
    project.write("empty/readme.txt", "nothing");
    project.chainc(&["check", "empty"]).succeeded().says("no .chain files here");
    project.chainc(&["check", "empty", "--lang", "ru"]).succeeded().says("нет файлов .chain");
}

#[test]
fn standard_input_is_one_file_alone() {
    let project = tree();
    let plain = ["check", "-", "--format", "plain", "--ignore", "W,A"];
    let done =
        with_input(&project, &plain, "\u{feff}segment recency 60..89 → sms offer".as_bytes());
    assert_eq!(done.code, 1);
    assert!(done.stdout.starts_with("<stdin>:1:24: error[E0117]"), "{done:?}");
    let done = with_input(&project, &["check", "-"], ARROW.as_bytes());
    assert!(done.stderr.contains("<stdin>:1:24"), "{done:?}");
    let done = with_input(&project, &plain, b"segment recency 60..89 -> sms off\xe9r");
    assert!(done.stdout.contains("error[E0128]"), "{done:?}");
    assert_eq!(with_input(&project, &["check", "-"], b"").succeeded().stderr, "");
}

#[test]
fn standard_input_with_a_name_stands_in_place_of_that_file() {
    let project = tree();
    let check = |name: &str, text: &str| {
        let arguments = ["check", "-", "--stdin-name", name, "--format", "plain"];
        let arguments = [&arguments, ERRORS].concat();
        with_input(&project, &arguments, text.as_bytes()).stdout
    };
    // `offer` is in another file, and the other findings of the project are there as well.
    let found = check("shop/win/b.chain", "segment recency 60..89 -> sms offer\n");
    assert_eq!(found.lines().count(), 1, "{found}");
    assert!(found.starts_with("shop/win/a.chain:1:31: error[E0203]"), "{found}");
    let found = check("shop/win/./new.chain", "segment recency 1..2 → sms offer\n");
    assert!(found.contains("shop/win/./new.chain:1:22: error[E0117]"), "{found}");
    assert!(found.contains("shop/win/b.chain:1:24: error[E0117]"), "{found}");
    // A file of no project is alone.
    let found = check("loose/d.chain", "segment recency 60..89 → sms offer\n");
    assert_eq!(found, "loose/d.chain:1:24: error[E0117] the arrow is written `->`, not `→`\n");
}

#[test]
fn standard_input_goes_with_nothing_else() {
    let project = tree();
    for arguments in [
        &["check", "-", "shop"][..],
        &["check", "shop", "--stdin-name", "a.chain"],
        &["check", "-", "--stdin-name", "a.txt"],
        &["check", "-", "--fix", "--format", "json"],
        &["check", "shop", "--diff", "--format", "sarif"],
    ] {
        with_input(&project, arguments, b"").failed_with(2);
    }
}

#[test]
fn a_line_is_found_by_the_path_that_was_given() {
    let project = tree();
    let whole = project.path("loose/d.chain");
    project.write("loose/d.chain", ARROW);
    let found = places(&project, &[whole.to_str().unwrap()]);
    assert_eq!(found, [format!("{}:1 foreign-arrow", whole.display())]);
}
