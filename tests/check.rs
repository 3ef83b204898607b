//! `chainc check` as people and machines call it: which files, in which format, with which
//! repairs.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

#[path = "support/project.rs"]
mod support;

#[path = "check/formats.rs"]
mod formats;
#[path = "check/paths.rs"]
mod paths;
#[path = "check/repairs.rs"]
mod repairs;
#[path = "check/sarif.rs"]
mod sarif;
#[path = "check/selection.rs"]
mod selection;

use support::{Done, Project};

/// Leaves out what is not the point of a test.
const ERRORS: &[&str] = &["--ignore", "W,A"];

/// Returns the files and lines of the errors, and their slugs.
#[track_caller]
fn places(project: &Project, arguments: &[&str]) -> Vec<String> {
    let done = project.chainc(&[&["check", "--format", "json"], ERRORS, arguments].concat());
    assert!(done.code <= 1, "{done:#?}");
    let found = done.json();
    let place = |found: &serde_json::Value| {
        format!(
            "{}:{} {}",
            found["file"].as_str().unwrap(),
            found["start"]["line"],
            found["slug"].as_str().unwrap()
        )
    };
    found.as_array().unwrap().iter().map(place).collect()
}

/// Runs the command with a text on standard input.
fn with_input(project: &Project, arguments: &[&str], text: &[u8]) -> Done {
    use std::io::Write;
    let mut command = project.command(arguments);
    command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text).unwrap();
    Done::from(child.wait_with_output().unwrap())
}
