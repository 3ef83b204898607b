//! What `docs/ci.md` and the hooks tell people to run does what they say.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

#[path = "support/project.rs"]
mod support;

use serde_json::Value;
use std::path::Path;
use std::process::Command;
use support::{Done, Project};

fn text(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Returns a block of the page, by what stands behind its fence.
#[track_caller]
fn block(fence: &str) -> String {
    let page = text("docs/ci.md");
    let opening = format!("```{fence}\n");
    let (_, rest) = page.split_once(&opening).unwrap();
    rest.split_once("\n```").unwrap().0.to_owned()
}

fn yaml(fence: &str) -> Value {
    serde_yaml::from_str(&block(fence)).unwrap()
}

/// A project with an error or without.
fn project(text: &str) -> Project {
    Project::with(&[("chainc.yaml", ""), ("win/a.chain", text)])
}

const WRONG: &str = "segment recency 60..89 → sms offer\nmessage offer { sms \"a\" }\n";
const RIGHT: &str = "segment recency 60..89 -> sms offer\nmessage offer { sms \"a\" }\n";

/// Runs a line of a script, chainc on the path.
fn shell(project: &Project, line: &str) -> Done {
    let mut command = project.command(&[]);
    let folder = Path::new(command.get_program()).parent().unwrap().to_owned();
    let path = std::env::var("PATH").unwrap_or_default();
    // As GitHub and GitLab run it: stopped by the first failure.
    let mut bash = Command::new("bash");
    bash.args(["-e", "-o", "pipefail", "-c", line]).current_dir(project.path(""));
    for (name, value) in command.env("CHAINC_LANG", "en").get_envs() {
        match value {
            Some(value) => bash.env(name, value),
            None => bash.env_remove(name),
        };
    }
    Done::of(bash.env("PATH", format!("{}:{path}", folder.display())))
}

#[test]
fn the_workflow_uploads_a_report_and_then_decides() {
    let workflow = yaml("yaml github");
    let steps = workflow["jobs"]["check"]["steps"].as_array().unwrap();
    let runs: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    let [_, report, check] = runs[..] else { unreachable!("{runs:?}") };
    let uploaded = steps.iter().find_map(|step| step["with"]["sarif_file"].as_str()).unwrap();
    for (text, results, code) in [(WRONG, 1, 1), (RIGHT, 0, 0)] {
        let project = project(text);
        shell(&project, report).succeeded();
        let log: Value = serde_json::from_str(&project.read(uploaded)).unwrap();
        let found = log["runs"][0]["results"].as_array().unwrap();
        let errors = found.iter().filter(|result| result["level"] == "error").count();
        assert_eq!(errors, results, "{log:#}");
        let done = shell(&project, check);
        assert_eq!(done.code, code, "{done:#?}");
        assert_eq!(done.stdout.matches("::error file=win/a.chain,line=1").count(), results);
    }
    // What is no finding fails at once.
    let broken = project(RIGHT);
    broken.write("chainc.yaml", "stor: x");
    assert_eq!(shell(&broken, report).code, 1);
}

#[test]
fn the_job_leaves_a_report_whether_there_are_errors_or_not() {
    let job = yaml("yaml gitlab");
    let job = &job["check-chains"];
    let report = job["artifacts"]["reports"]["codequality"].as_str().unwrap();
    let line = job["script"][1].as_str().unwrap();
    for (text, code) in [(WRONG, 1), (RIGHT, 0)] {
        let project = project(text);
        let done = shell(&project, line);
        assert_eq!(done.code, code, "{done:#?}");
        assert_eq!(done.stderr.contains("E0117"), code == 1, "{done:#?}");
        let report: Value = serde_json::from_str(&project.read(report)).unwrap();
        assert_eq!(report.to_string().contains("foreign-arrow"), code == 1, "{report}");
    }
}

#[test]
fn the_hooks_exist_and_check_and_repair_the_files_they_are_given() {
    let hooks: Value = serde_yaml::from_str(&text(".pre-commit-hooks.yaml")).unwrap();
    let wanted = yaml("yaml pre-commit");
    for hook in wanted["repos"][0]["hooks"].as_array().unwrap() {
        assert!(hooks.as_array().unwrap().iter().any(|known| known["id"] == hook["id"]), "{hook}");
    }
    let check = hooks.as_array().unwrap().iter().find(|hook| hook["id"] == "chainc-check").unwrap();
    let entry = check["entry"].as_str().unwrap();
    let files = "chainc.yaml win/a.chain";
    assert_eq!(shell(&project(RIGHT), &format!("{entry} {files}")).code, 0);
    let wrong = project(WRONG);
    assert_eq!(shell(&wrong, &format!("{entry} {files}")).code, 1);
    assert_eq!(shell(&wrong, &format!("{entry} --fix {files}")).code, 0);
    assert_eq!(wrong.read("win/a.chain"), RIGHT);
    let layout = hooks.as_array().unwrap().iter().find(|hook| hook["id"] == "chainc-fmt").unwrap();
    let rough = project(&RIGHT.replace(" -> ", "->"));
    assert_eq!(
        shell(&rough, &format!("{} win/a.chain", layout["entry"].as_str().unwrap())).code,
        0
    );
    assert_eq!(rough.read("win/a.chain"), RIGHT.replace("\nmessage", "\n\nmessage"));
}

#[test]
fn editors_find_the_place_in_a_line() {
    let tasks: Value = serde_json::from_str(&block("json")).unwrap();
    let pattern = &tasks["tasks"][0]["problemMatcher"]["pattern"];
    let command = tasks["tasks"][0]["command"].as_str().unwrap();
    let done = shell(&project(WRONG), command);
    // The pattern, by hand: path, line, column, severity, code, message.
    let line = done.stdout.lines().next().unwrap();
    let mut parts = line.splitn(4, ':');
    let place: Vec<&str> = parts.by_ref().take(3).collect();
    assert_eq!(place, ["win/a.chain", "1", "24"]);
    let rest = parts.next().unwrap();
    assert!(rest.starts_with(" error[E0117] "), "{rest}");
    assert!(pattern["regexp"].as_str().unwrap().contains("(error|warning|note)"));
}
