//! `chainc explain`: every code tells its story, in both languages.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

#[path = "support/project.rs"]
mod support;

use chainc_compiler::diagnostic::Code;
use support::Project;

#[test]
fn a_code_is_explained_by_code_or_slug_in_any_letters() {
    let project = Project::empty();
    let page = project.chainc(&["explain", "E0203"]).succeeded().stdout;
    assert!(page.starts_with("E0203 unknown-message\n\n"), "{page}");
    assert!(!page.contains("```") && !page.contains('\x1b'), "{page}");
    for word in ["e0203", "unknown-message", "Unknown-Message", " E0203 "] {
        assert_eq!(project.chainc(&["explain", word]).succeeded().stdout, page, "{word}");
    }
    let russian = project.chainc(&["explain", "E0203", "--lang", "ru"]).succeeded().stdout;
    assert!(russian.starts_with("E0203 unknown-message\n\n") && russian != page, "{russian}");
}

#[test]
fn every_page_fits_a_terminal() {
    let project = Project::empty();
    for code in Code::ALL {
        for lang in ["en", "ru"] {
            let page = project.chainc(&["explain", code.as_str(), "--lang", lang]).succeeded();
            for line in page.stdout.lines() {
                // Programs are shown as they are written.
                let is_prose = !line.starts_with("    ");
                assert!(!is_prose || line.chars().count() <= 80, "{}: {line}", code.as_str());
            }
        }
    }
}

#[test]
fn a_code_nobody_knows_is_answered_with_the_likely_one() {
    let project = Project::empty();
    for (word, lang, said) in [
        ("unknown-mesage", "en", "did you mean `unknown-message`?"),
        ("W0203", "en", "did you mean `E0203`?"),
        ("everything", "en", "`chainc explain` lists them all"),
        ("W0203", "ru", "возможно, имелось в виду `E0203`?"),
    ] {
        let failed = project.chainc(&["explain", word, "--lang", lang]);
        assert!(failed.failed_with(2).contains(said), "{failed:?}");
    }
}

#[test]
fn without_a_code_all_are_listed_with_a_line_each() {
    let project = Project::empty();
    for lang in chainc_compiler::diagnostic::Lang::ALL {
        let list = project.chainc(&["explain", "--lang", lang.tag()]).succeeded().stdout;
        for code in Code::ALL {
            let line = list.lines().find(|line| line.contains(code.as_str())).unwrap();
            assert!(line.contains(code.slug()) && line.ends_with(code.summary(*lang)), "{line}");
        }
    }
}

#[test]
fn machines_get_the_same_as_json() {
    let project = Project::empty();
    let list = project.chainc(&["explain", "--format", "json"]).succeeded().json();
    assert_eq!(list.as_array().unwrap().len(), Code::ALL.len());
    assert!(list.get(0).unwrap().get("page").is_none());
    let one = project.chainc(&["explain", "w0612", "--format", "json"]).succeeded().json();
    assert_eq!(one.pointer("/code").unwrap(), "W0612");
    assert_eq!(one.pointer("/severity").unwrap(), "warning");
    assert!(one.pointer("/page").unwrap().as_str().unwrap().starts_with("# W0612"));
}
