//! `--fix`, `--unsafe-fixes` and `--diff`: what is changed, and what is left alone.

use crate::support::{Done, Project};
use crate::{ERRORS, with_input};
use std::path::{Path, PathBuf};

const SLIPS: &str = "\
segment recency 60–89
  → grant 1 000
  → sмs offer
message offer { sms \"hello\" }
";
const FIXED: &str = "\
segment recency 60..89
  -> grant 1_000
  -> sms offer
message offer { sms \"hello\" }
";

#[test]
fn safe_fixes_are_written_and_counted() {
    let project = Project::with(&[
        ("a.chain", SLIPS),
        ("b.chain", "segment recency 1..2 → sms ofer\n"),
        ("c.chain", "# nothing to do\n"),
    ]);
    let fix =
        |arguments: &[&str]| project.chainc(&[&["check", "--fix"], ERRORS, arguments].concat());
    let done = fix(&[]);
    assert_eq!(done.code, 1, "an error is left: {done:#?}");
    let last = done.stderr.lines().last().unwrap();
    assert_eq!(last, "fixed 6 findings in 2 files; 1 more with --unsafe-fixes");
    assert_eq!(project.read("a.chain"), FIXED);
    assert_eq!(project.read("b.chain"), "segment recency 1..2 -> sms ofer\n");
    let done = fix(&["--unsafe-fixes"]).succeeded();
    assert_eq!(done.stderr, "fixed 1 finding in 1 file\n");
    assert_eq!(project.read("b.chain"), "segment recency 1..2 -> sms offer\n");
    let done = fix(&["--unsafe-fixes"]).succeeded();
    assert_eq!(done.stderr, "nothing was fixed\n");
    assert_eq!(project.names(), ["a.chain", "b.chain", "c.chain"]);
}

#[test]
fn what_is_left_is_told_in_the_format_that_was_asked_for() {
    let project = Project::with(&[(
        "a.chain",
        "segment recency 1..2 → sms ofer\nmessage offer { sms \"a\" }\n",
    )]);
    let done = project.chainc(&["check", "--fix", "--format", "plain", "--lang", "ru"]);
    assert!(done.stdout.starts_with("a.chain:1:29: error[E0203] "), "{done:#?}");
    assert_eq!(done.stderr, "исправлено 1 место в 1 файле; ещё 1 с --unsafe-fixes\n");
}

#[test]
fn a_byte_order_mark_and_line_ends_stay() {
    let windows = format!("\u{feff}{}", SLIPS.replace('\n', "\r\n"));
    let project = Project::with(&[("a.chain", &windows)]);
    project.chainc(&["check", "--fix"]).succeeded();
    assert_eq!(project.read("a.chain"), format!("\u{feff}{}", FIXED.replace('\n', "\r\n")));
    project.write("a.chain", SLIPS.trim_end());
    project.chainc(&["check", "--fix"]).succeeded();
    assert_eq!(project.read("a.chain"), FIXED.trim_end());
}

#[test]
fn a_diff_is_printed_and_nothing_is_written() {
    let project = Project::with(&[
        ("shop/a.chain", SLIPS),
        ("shop/b.chain", FIXED.replace("offer", "o").as_str()),
    ]);
    let done = project.chainc(&["check", "--diff"]);
    assert_eq!(done.code, 1);
    assert_eq!(
        done.stdout,
        "--- a/shop/a.chain\n+++ b/shop/a.chain\n@@ -1,4 +1,4 @@\n\
         -segment recency 60–89\n-  → grant 1 000\n-  → sмs offer\n\
         +segment recency 60..89\n+  -> grant 1_000\n+  -> sms offer\n \
         message offer { sms \"hello\" }\n"
    );
    assert_eq!(done.stderr, "would fix 5 findings in 1 file\n");
    assert_eq!(project.read("shop/a.chain"), SLIPS);
    // What it prints is what `patch` takes.
    project.write("fix.patch", &done.stdout);
    let mut patch = std::process::Command::new("git");
    patch.args(["apply", "fix.patch"]).current_dir(project.path(""));
    assert!(patch.output().unwrap().status.success());
    assert_eq!(project.read("shop/a.chain"), FIXED);
    let done = project.chainc(&["check", "--diff"]).succeeded();
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("", "nothing to fix\n"));
}

#[test]
fn only_files_that_were_named_are_changed() {
    let project = Project::with(&[
        ("chainc.yaml", ""),
        ("win/a.chain", "segment recency 1..2 → sms offer\n"),
        ("win/b.chain", "segment recency 3..4 → sms offer\n"),
        ("c.chain", "segment recency 5..6 → sms offer\nmessage offer { sms \"a\" }\n"),
    ]);
    let arrows = || {
        let files = ["win/a.chain", "win/b.chain", "c.chain"];
        files.map(|file| project.read(file).contains('→'))
    };
    let done = project.chainc(&["check", "--fix", "win/a.chain"]);
    assert_eq!((done.code, arrows()), (1, [false, true, true]));
    project.chainc(&["check", "--fix", "win"]);
    assert_eq!(arrows(), [false, false, true]);
    project.chainc(&["check", "--fix", "win", "."]).succeeded();
    assert_eq!(arrows(), [false; 3]);
}

#[test]
fn only_what_is_selected_is_repaired() {
    let project = Project::with(&[("a.chain", SLIPS)]);
    let done = project.chainc(&["check", "--fix", "--select", "spaced-number,E0118"]);
    assert_eq!(done.code, 1, "{done:#?}");
    assert_eq!(project.read("a.chain"), SLIPS.replace('–', "..").replace("1 000", "1_000"));
    assert!(done.stderr.contains("3 more errors"), "{done:#?}");
}

#[test]
fn a_repair_that_leaves_no_fewer_findings_is_left_out_and_said() {
    // With the likely name the message has no text for the channel: one error for another.
    let text = "segment recency 1..2 → sms ofer\nmessage offer { push title \"a\" body \"b\" }\n";
    let project = Project::with(&[("a.chain", text)]);
    let done = project.chainc(&["check", "--fix", "--unsafe-fixes"]);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("E0203 in a.chain was left as it is"), "{done:#?}");
    assert!(done.stderr.ends_with("fixed 1 finding in 1 file\n"), "{done:#?}");
    assert_eq!(project.read("a.chain"), text.replace('→', "->"));
}

#[test]
fn a_file_that_cannot_be_written_is_named_and_stays() {
    let project = Project::with(&[("a.chain", SLIPS)]);
    let path = project.path("a.chain");
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    let failed = project.chainc(&["check", "--fix"]);
    assert!(failed.failed_with(3).contains("a.chain cannot be written: it is read-only"));
    assert_eq!(project.read("a.chain"), SLIPS);
    assert_eq!(project.names(), ["a.chain"]);
}

#[test]
fn a_full_disk_leaves_the_file_whole() {
    let long = format!("{SLIPS}{}", "# a comment that makes it long\n".repeat(100));
    let project = Project::with(&[("a.chain", &long)]);
    let failed = Done::of(&mut project.on_a_small_disk(1, &["check", "--fix"]));
    assert!(failed.failed_with(3).contains("a.chain cannot be written"), "{failed:?}");
    assert_eq!(project.read("a.chain"), long);
    assert_eq!(project.names(), ["a.chain"]);
}

#[test]
fn a_file_that_is_no_text_is_not_touched() {
    let project = Project::with(&[("b.chain", SLIPS)]);
    let bytes = b"segment recency 60..89 => sms off\xe9r\n";
    project.write("a.chain", bytes);
    let done = project.chainc(&["check", "--fix"]);
    assert_eq!(done.code, 1);
    assert_eq!(std::fs::read(project.path("a.chain")).unwrap(), bytes);
    assert_eq!(project.read("b.chain"), FIXED);
}

#[test]
fn standard_input_is_repaired_to_standard_output() {
    let project =
        Project::with(&[("messages.chain", "message offer { sms \"a\" }\n"), ("chainc.yaml", "")]);
    let text = "segment recency 60–89 → sms offer\n";
    let fix = [&["check", "-", "--fix", "--stdin-name", "a.chain"], ERRORS].concat();
    let done = with_input(&project, &fix, text.as_bytes());
    let done = done.succeeded();
    assert_eq!(done.stdout, "segment recency 60..89 -> sms offer\n");
    assert_eq!(done.stderr, "fixed 2 findings in 1 file\n");
    assert!(!project.has("a.chain"));
    // Also when nothing is to be done, and when errors are left.
    for (text, code) in
        [("segment recency 60..89 -> sms offer\n", 0), ("segment recency 60 -> sms x\n", 1)]
    {
        let done = with_input(&project, &["check", "-", "--fix"], text.as_bytes());
        assert_eq!((done.code, done.stdout.as_str()), (code, text), "{done:#?}");
    }
    let done = with_input(&project, &["check", "-", "--diff"], text.as_bytes());
    assert!(done.stdout.starts_with("--- a/<stdin>\n+++ b/<stdin>\n"), "{done:#?}");
}

#[test]
fn unsafe_fixes_want_to_know_for_what() {
    let project = Project::with(&[("a.chain", SLIPS)]);
    let done = project.chainc(&["check", "--unsafe-fixes"]);
    assert_eq!(done.code, 2, "{done:#?}");
    assert_eq!(project.read("a.chain"), SLIPS);
}

#[test]
fn what_repairs_leave_is_better_and_stays_so() {
    for file in chains(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors")) {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        for arguments in [&["check", "--fix"][..], &["check", "--fix", "--unsafe-fixes"]] {
            let name = file.file_name().unwrap().to_str().unwrap();
            let project = Project::with(&[(name, &text)]);
            let before = severities(&project);
            project.chainc(arguments);
            let (after, fixed) = (severities(&project), project.read(name));
            let same = fixed == text;
            assert!(if same { after == before } else { after < before }, "{name}: {fixed}");
            let again = project.chainc(arguments);
            assert!(again.stderr.contains("nothing was fixed"), "{name}: {again:#?}");
            assert_eq!(project.read(name), fixed, "{name}");
        }
    }
}

/// Counts errors, warnings and remarks.
fn severities(project: &Project) -> [usize; 3] {
    let found = project.chainc(&["check", "--format", "json"]).json();
    ["error", "warning", "advice"].map(|severity| {
        found.as_array().unwrap().iter().filter(|found| found["severity"] == severity).count()
    })
}

fn chains(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(chains(&path));
        } else if path.extension().is_some_and(|extension| extension == "chain") {
            found.push(path);
        }
    }
    found.sort();
    found
}
