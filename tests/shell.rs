//! Completions and manual pages: made from the commands, so they miss none.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

#[path = "support/project.rs"]
mod support;

use std::process::Command;
use support::Project;

/// Returns the commands as the help lists them.
fn commands(project: &Project) -> Vec<String> {
    let help = project.chainc(&["--help"]).succeeded().stdout;
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names: Vec<String> = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
    assert!(names.contains(&"check".to_owned()) && names.contains(&"run".to_owned()), "{help}");
    names
}

#[test]
fn every_shell_completes_every_command() {
    let project = Project::empty();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = project.chainc(&["completions", shell]).succeeded().stdout;
        for command in commands(&project) {
            assert!(script.contains(&command), "{shell} does not know {command}");
        }
        assert!(script.contains("unsafe-fixes"), "{shell}");
    }
}

#[test]
fn bash_completes_a_flag_and_its_value() {
    let project = Project::empty();
    let script = project.chainc(&["completions", "bash"]).succeeded().stdout;
    project.write("chainc.bash", script);
    let completed = |words: &str| {
        // What bash itself does when somebody presses the key.
        let ask = format!(
            "source ./chainc.bash; COMP_WORDS=(chainc {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _chainc chainc \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let mut bash = Command::new("bash");
        let output = bash.args(["-c", &ask]).current_dir(project.path("")).output().unwrap();
        assert!(output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(completed("chec"), "check\n");
    assert_eq!(completed("check --unsa"), "--unsafe-fixes\n");
    assert_eq!(completed("check --format gi"), "github\ngitlab\n");
    assert_eq!(completed("explain --lang r"), "ru\n");
}

#[test]
fn every_command_has_a_page_that_names_its_flags() {
    let project = Project::empty();
    project.chainc(&["man", "--out", "man/man1"]).succeeded();
    let pages = std::fs::read_dir(project.path("man/man1")).unwrap().count();
    let commands = commands(&project);
    assert_eq!(pages, commands.len() + 1);
    for command in commands {
        let page = project.read(&format!("man/man1/chainc-{command}.1"));
        assert_eq!(page, project.chainc(&["man", &command]).succeeded().stdout);
        for section in [".SH SYNOPSIS", ".SH \"EXIT STATUS\"", ".SH \"SEE ALSO\""] {
            assert!(page.contains(section), "{command} has no {section}:\n{page}");
        }
        let help = project.chainc(&[&command, "--help"]).succeeded().stdout;
        let flags = help.split_whitespace().filter_map(|word| word.strip_prefix("--"));
        for flag in flags.filter(|flag| flag.chars().all(|c| c.is_ascii_lowercase() || c == '-')) {
            let escaped = flag.replace('-', "\\-");
            assert!(page.contains(&escaped), "{command} --{flag}:\n{page}");
        }
    }
    let check = project.chainc(&["man", "check"]).succeeded().stdout;
    assert!(check.contains("CHAINC_FORMAT"), "{check}");
    assert_eq!(project.chainc(&["man", "nothing"]).code, 2);
}
