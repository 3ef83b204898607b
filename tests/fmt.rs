//! `chainc fmt` as people, editors and CI call it: which files, what is written, what is
//! said.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

#[path = "support/project.rs"]
mod support;

use support::{Done, Project};

const ROUGH: &str = "segment  recency 60..89->grant 300\n  ->sms offer";
const LAID_OUT: &str = "segment recency 60..89\n  -> grant 300\n  -> sms offer\n";

#[test]
fn files_are_written_and_counted() {
    let project = Project::with(&[("a.chain", ROUGH), ("b.chain", LAID_OUT), ("c.txt", ROUGH)]);
    let done = project.chainc(&["fmt"]).succeeded().says("laid out 1 of 2 files");
    assert_eq!(done.stdout, "");
    assert_eq!(project.read("a.chain"), LAID_OUT);
    assert_eq!(project.read("c.txt"), ROUGH);
    assert_eq!(project.names(), ["a.chain", "b.chain", "c.txt"]);
    project.chainc(&["fmt"]).succeeded().says("nothing to lay out in 2 files");
}

#[test]
fn check_lists_what_would_change() {
    let project = Project::with(&[("a.chain", ROUGH), ("b.chain", LAID_OUT)]);
    let done = project.chainc(&["fmt", "--check"]).says("would lay out 1 of 2 files");
    assert_eq!((done.code, done.stdout.as_str()), (1, "a.chain\n"));
    assert_eq!(project.read("a.chain"), ROUGH);
    assert_eq!(project.chainc(&["fmt", "--check", "b.chain"]).succeeded().stdout, "");
}

#[test]
fn diff_shows_what_would_change() {
    let project = Project::with(&[("a.chain", ROUGH), ("b.chain", LAID_OUT)]);
    let done = project.chainc(&["fmt", "--diff"]);
    assert_eq!(done.code, 1);
    assert_eq!(
        done.stdout,
        "--- a/a.chain\n+++ b/a.chain\n@@ -1,2 +1,3 @@\n\
         -segment  recency 60..89->grant 300\n-  ->sms offer\n\\ No newline at end of file\n\
         +segment recency 60..89\n+  -> grant 300\n+  -> sms offer\n"
    );
    assert_eq!(project.read("a.chain"), ROUGH);
    let both = project.chainc(&["fmt", "--diff", "--check"]);
    assert_eq!(both.code, 2, "{both:#?}");
}

#[test]
fn folders_are_walked_with_the_projects_in_them() {
    let project = Project::with(&[
        ("shop/a.chain", ROUGH),
        ("shop/mall/chainc.yaml", ""),
        ("shop/mall/deep/b.chain", ROUGH),
        ("shop/.git/c.chain", ROUGH),
        ("other/d.chain", ROUGH),
    ]);
    let done = project.chainc(&["fmt", "--check", "shop", "shop/a.chain", "./shop/mall"]);
    assert_eq!(done.stdout, "shop/a.chain\nshop/mall/deep/b.chain\n", "{done:#?}");
    project.chainc(&["fmt", "shop", "other/d.chain"]).succeeded().says("laid out 3 of 3 files");
    assert_eq!(project.read("other/d.chain"), LAID_OUT);
    assert_eq!(project.read("shop/.git/c.chain"), ROUGH);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let project = Project::empty();
    let done = with_input(&project, &["fmt", "-"], ROUGH.as_bytes()).succeeded();
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), (LAID_OUT, ""));
    let done = with_input(&project, &["fmt", "-", "--check"], ROUGH.as_bytes());
    assert_eq!((done.code, done.stdout.as_str()), (1, "<stdin>\n"));
    let done = with_input(&project, &["fmt", "-", "--check"], LAID_OUT.as_bytes());
    assert_eq!((done.code, done.stdout.as_str()), (0, ""));
    let done = with_input(&project, &["fmt", "-", "--diff"], ROUGH.as_bytes());
    assert!(done.stdout.starts_with("--- a/<stdin>\n"), "{done:#?}");
    project.chainc(&["fmt", "-", "a.chain"]).failed_with(2);
}

#[test]
fn a_file_with_marks_of_a_merge_stays_as_it_is() {
    let merge = "<<<<<<< ours\nsegment  a = recency 3\n=======\n>>>>>>> theirs\n";
    let project = Project::with(&[("a.chain", merge), ("b.chain", ROUGH)]);
    project
        .chainc(&["fmt"])
        .succeeded()
        .says("a.chain is left as it is: a merge left its marks in it, settle it first")
        .says("laid out 1 of 2 files");
    assert_eq!(project.read("a.chain"), merge);
    let done = with_input(&project, &["fmt", "-"], merge.as_bytes()).succeeded();
    assert_eq!(done.stdout, merge);
}

#[test]
fn what_is_no_text_stays_as_it_is_and_the_others_are_written() {
    let project = Project::with(&[("b.chain", ROUGH)]);
    project.write("a.chain", b"segment \xff".as_slice());
    let done = project.chainc(&["fmt"]);
    assert_eq!(done.failed_with(3), "chainc: 1 file could not be laid out");
    done.says("a.chain is left as it is: byte 8 is not UTF-8 text");
    assert_eq!(project.read("b.chain"), LAID_OUT);
}

#[test]
fn broken_parts_stay_and_the_rest_is_laid_out() {
    let project =
        Project::with(&[("a.chain", "segment  a -> smss   to , all\n   -> sms  offer\n")]);
    project.chainc(&["fmt"]).succeeded();
    assert_eq!(project.read("a.chain"), "segment a\n  -> smss   to , all\n  -> sms offer\n");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let project = Project::with(&[("a.txt", "text")]);
    assert!(
        project.chainc(&["fmt", "a.txt"]).failed_with(2).contains("a.txt is not a .chain file")
    );
    assert!(project.chainc(&["fmt", "b.chain"]).failed_with(3).contains("b.chain cannot be read"));
    project.chainc(&["fmt"]).succeeded().says("no .chain files here");
}

#[test]
fn it_speaks_russian() {
    let project = Project::with(&[("a.chain", ROUGH)]);
    project.chainc(&["fmt", "--lang", "ru"]).succeeded().says("отформатировано: 1 из 1 файла");
}

/// Runs the command with a text on standard input.
fn with_input(project: &Project, arguments: &[&str], text: &[u8]) -> Done {
    use std::io::Write;
    use std::process::Stdio;
    let mut command = project.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text).unwrap();
    Done::from(child.wait_with_output().unwrap())
}
