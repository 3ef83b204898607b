//! The pictures of the documentation show what the program prints today.
//!
//! `cargo xtask pictures` draws them anew; look at every change.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::path::Path;
use support::{Folder, command};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the lines of a picture, without their colours.
fn shown(name: &str) -> String {
    let svg = std::fs::read_to_string(root().join("docs/pictures").join(name)).unwrap();
    let mut text = String::new();
    for line in svg.lines().filter(|line| line.starts_with("<text")) {
        let pieces = line.split('<').filter_map(|piece| piece.split_once('>'));
        pieces.for_each(|(_, words)| text.push_str(words));
        text.push('\n');
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn screen(command: &str, printed: &[u8]) -> String {
    format!("$ {command}\n{}\n", std::str::from_utf8(printed).unwrap().trim_end())
}

#[track_caller]
fn assert_shows(name: &str, today: &str) {
    let shown = shown(name);
    assert!(
        shown == today,
        "docs/pictures/{name} is old: run `cargo xtask pictures`\n\nit shows\n{shown}\ntoday\n{today}"
    );
}

#[test]
fn the_picture_of_check_is_true() {
    let arguments = ["check", "docs/pictures/winback.chain"];
    let output =
        command(&arguments).current_dir(root()).env_remove("CHAINC_FORMAT").output().unwrap();
    assert_shows("check.svg", &screen("chainc check docs/pictures/winback.chain", &output.stderr));
}

#[test]
fn the_pictures_of_show_are_true() {
    let guide = std::fs::read_to_string(root().join("docs/show.md")).unwrap();
    let show = |form: &str| {
        let arguments = ["show", "docs/pictures/comeback.chain", "--lang", "en", "--as", form];
        let output = command(&arguments).current_dir(root()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for (form, block) in [("text", "text"), ("mermaid", "mermaid")] {
        let today = format!("```{block}\n{}```\n", show(form));
        assert!(guide.contains(&today), "docs/show.md is old; today it is\n{today}");
    }
    let drawn = std::fs::read_to_string(root().join("docs/pictures/show.svg")).unwrap();
    assert!(drawn == show("svg"), "docs/pictures/show.svg is old: run `cargo xtask pictures`");
}

#[test]
fn the_picture_of_run_is_true() {
    let folder = Folder::new();
    folder.copy("examples/deli");
    let output = command(&["run", folder.str(), "--replay", "2017-07-01..2017-12-31"])
        .env_remove("CHAINC_FORMAT")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let line = "chainc run examples/deli --replay 2017-07-01..2017-12-31";
    assert_shows("run.svg", &screen(line, &output.stdout));
}
