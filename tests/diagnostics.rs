//! What people see: every file of `tests/errors` raises what its name says and is shown as
//! the `.txt` beside it, in Russian as the `.ru.txt`; so is every slip of `tests/messages`; every file of `tests/programs` is without errors.
//!
//! `UPDATE=1 cargo test --test diagnostics` writes these files anew; read every change.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

use chainc_compiler::diagnostic::{Code, FAMILIES, Lang};
use chainc_compiler::{Settings, SourceFile, compile};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use unicode_width::UnicodeWidthStr;

/// Codes no small file can raise, and why.
const UNRAISED: [(&str, &str); 1] =
    [("unreadable-file", "the parser's last belt: no text is known that makes it give up")];

#[derive(Debug, Deserialize)]
struct Entry {
    code: String,
    slug: String,
    severity: String,
    message: String,
    file: String,
    start: Place,
    end: Place,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Place {
    line: usize,
    column: usize,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "chain") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn check(folder: &Path, file: &Path, format: &str, lang: Lang) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chainc"))
        .current_dir(folder)
        .args(["check", "--format", format, "--lang", lang.tag()])
        .arg(file.strip_prefix(folder).unwrap())
        .env("NO_COLOR", "1")
        .env("CHAINC_LANG", "en")
        .env_remove("CHAINC_FORMAT")
        .output()
        .unwrap()
}

fn entries(folder: &Path, file: &Path) -> Vec<Entry> {
    let output = check(folder, file, "json", Lang::En);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{}: {error}: {output:?}", file.display()))
}

#[test]
fn every_file_of_errors_raises_what_its_name_says_and_nothing_else() {
    let folder = root().join("errors");
    for file in files(&folder).iter().filter(|file| file.parent() != Some(&folder)) {
        let slug = file.file_stem().unwrap().to_str().unwrap();
        let found = entries(&folder, file);
        assert!(!found.is_empty(), "{}: nothing found", file.display());
        for entry in &found {
            assert_eq!(entry.slug, slug, "{}: {entry:?}", file.display());
            assert!(entry.start.line <= entry.end.line);
            assert!(file.ends_with(&entry.file));
            assert!(
                !entry.message.ends_with('.') && !entry.message.starts_with(char::is_uppercase),
                "{entry:?}"
            );
        }
        let errors = found.iter().any(|entry| entry.severity == "error");
        assert_eq!(check(&folder, file, "human", Lang::En).status.code(), Some(i32::from(errors)));
    }
}

#[test]
fn every_finding_is_shown_as_recorded() {
    shown_as_recorded(&root().join("errors"));
}

/// Programs as people type them who know other tools. What would be ideal, where it is not
/// reached yet, stands on top of each.
#[test]
fn programs_as_people_type_them_are_answered_as_recorded() {
    let folder = root().join("messages");
    shown_as_recorded(&folder);
    for file in files(&folder) {
        let shown = std::fs::read_to_string(file.with_extension("txt")).unwrap();
        assert!(!shown.is_empty(), "{}: nothing found", file.display());
    }
}

#[track_caller]
fn shown_as_recorded(folder: &Path) {
    let update = std::env::var_os("UPDATE").is_some();
    let mut changed = Vec::new();
    for file in files(folder) {
        for lang in Lang::ALL {
            let shown = String::from_utf8(check(folder, &file, "human", *lang).stderr).unwrap();
            for line in shown.lines() {
                assert!(line.width() <= 80, "wider than 80 columns: {line}");
            }
            let golden = file.with_extension(match lang {
                Lang::En => "txt",
                Lang::Ru => "ru.txt",
            });
            if update {
                std::fs::write(&golden, &shown).unwrap();
            } else if std::fs::read_to_string(&golden).unwrap_or_default() != shown {
                changed.push(format!("{}\n{shown}", golden.display()));
            }
        }
    }
    assert!(changed.is_empty(), "shown otherwise than recorded:\n{}", changed.join("\n"));
}

/// Latin words that Russian sentences have outside of backticks: names of other things.
const LATIN: [&str; 6] = ["SMS", "UTF", "Windows", "chainc", "RUB", "Europe/Berlin"];

#[test]
fn every_sentence_is_of_one_language() {
    for file in [root().join("errors"), root().join("messages")].iter().flat_map(|f| files(f)) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        let source = SourceFile { path: "a.chain".to_owned(), text };
        let compiled = compile(&[source], &BTreeMap::default(), &Settings::default());
        for found in compiled.diagnostics {
            for lang in Lang::ALL {
                let labels = found.labels(*lang).into_iter().map(|label| label.text);
                let said = labels
                    .chain([found.message(*lang)])
                    .chain(found.help(*lang))
                    .chain(found.note(*lang));
                for sentence in said {
                    let quoted = sentence.split('`').count() - 1;
                    assert_eq!(quoted % 2, 0, "{}: {sentence}", found.code());
                    let prose = sentence
                        .split('`')
                        .step_by(2)
                        .flat_map(|part| part.split(|c: char| !c.is_alphabetic() && c != '/'));
                    for word in prose.filter(|word| word.len() > 1 && !LATIN.contains(word)) {
                        let own = match lang {
                            Lang::En => word.is_ascii(),
                            Lang::Ru => !word.contains(|c: char| c.is_ascii_alphabetic()),
                        };
                        assert!(own, "{} {lang:?}: `{word}` in: {sentence}", found.code());
                    }
                    assert!(!sentence.ends_with('.'), "{}: {sentence}", found.code());
                }
            }
        }
    }
}

#[test]
fn every_code_has_a_file_that_raises_it() {
    let folder = root().join("errors");
    let mut raised = BTreeSet::new();
    for file in files(&folder) {
        raised.extend(entries(&folder, &file).into_iter().map(|entry| entry.code));
    }
    for code in Code::ALL {
        let unraised = UNRAISED.iter().any(|(slug, _)| *slug == code.slug());
        assert!(
            unraised || raised.contains(code.as_str()),
            "no file raises {} {}",
            code.as_str(),
            code.slug()
        );
    }
}

#[test]
fn the_index_of_codes_is_complete() {
    let mut index = String::from(
        "# Codes\n\n\
         Every finding has a code, a slug and a page in both languages; `chainc explain CODE` \
         shows it.\nNeither code nor slug changes its meaning, and none is used again. Codes with \
         `E` stop a run; codes with\n`W` warn, and codes with `A` advise, and stop nothing. \
         `tests/errors` has the smallest file for each.\n",
    );
    for (family, english, russian) in FAMILIES {
        let mut codes: Vec<_> = Code::ALL.iter().filter(|code| code.family() == *family).collect();
        codes.sort_by_key(|code| code.as_str().get(1..));
        index += &format!("\n## {english} · {russian}\n\n");
        index += "| code | slug | what it finds | что находит |\n| --- | --- | --- | --- |\n";
        for code in codes {
            let [english, russian] =
                [Lang::En, Lang::Ru].map(|lang| code.summary(lang).replace('|', "\\|"));
            let (code, slug) = (code.as_str(), code.slug());
            index += &format!(
                "| {code} | `{slug}` | [{english}](errors/{slug}.md) \
                 | [{russian}](errors/ru/{slug}.md) |\n"
            );
        }
    }
    let path = root().parent().unwrap().join("docs/errors.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &index).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), index);
}

#[test]
fn correct_programs_in_many_layouts_have_no_errors() {
    let folder = root().join("programs");
    for file in files(&folder) {
        let found = entries(&folder, &file);
        // A sketch says that its messages are drafts; advice is about what is right already.
        let fine =
            |entry: &Entry| entry.slug == "message-without-text" || entry.severity == "advice";
        assert!(found.iter().all(fine), "{}: {found:?}", file.display());
        assert_eq!(check(&folder, &file, "human", Lang::En).status.code(), Some(0));
    }
}

/// Returns a text cut where its texts in quotes and its comments begin and end.
fn cut(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut inside, mut escaped) = (0, None, false);
    for (at, c) in text.char_indices() {
        match inside {
            None if matches!(c, '"' | '#') => {
                pieces.push(&text[start..at]);
                (start, inside) = (at, Some(c));
            }
            Some('"') if c == '"' && !escaped => {
                pieces.push(&text[start..=at]);
                (start, inside) = (at + 1, None);
            }
            Some('#') if c == '\n' => {
                pieces.push(&text[start..at]);
                (start, inside) = (at, None);
            }
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    pieces.push(&text[start..]);
    pieces
}

/// Returns the text with what stands outside of quotes and comments changed.
fn outside(text: &str, change: impl Fn(&str) -> String) -> String {
    let changed = |piece: &str| match piece.chars().next() {
        Some('"' | '#') => piece.to_owned(),
        _ => change(piece),
    };
    cut(text).into_iter().map(changed).collect()
}

#[test]
fn a_correct_program_is_correct_in_every_layout() {
    let arrows = |text: &str, arrow: &str| {
        outside(text, |piece| {
            let steps: Vec<&str> =
                piece.split("->").map(|step| step.trim_matches([' ', '\t'])).collect();
            let (first, last) = (piece.split("->").next(), piece.split("->").last());
            if steps.len() < 2 {
                return piece.to_owned();
            }
            // Before the first arrow and behind the last one blanks are those of the line.
            let mut steps: Vec<String> = steps.into_iter().map(str::to_owned).collect();
            steps[0] = first.unwrap_or_default().trim_end_matches([' ', '\t']).to_owned();
            let end = steps.len() - 1;
            steps[end] = last.unwrap_or_default().trim_start_matches([' ', '\t']).to_owned();
            steps.join(arrow)
        })
    };
    for file in files(&root().join("programs")) {
        let text = std::fs::read_to_string(&file).unwrap().replace("\r\n", "\n");
        let lines = |change: &dyn Fn(&str) -> String| {
            text.lines().map(change).collect::<Vec<_>>().join("\n")
        };
        let layouts = [
            ("as it is", text.clone()),
            ("line ends of Windows", text.replace('\n', "\r\n")),
            ("tabs", lines(&|line| line.replace("  ", "\t"))),
            ("no indentation", lines(&|line| line.trim_start().to_owned())),
            ("blanks at line ends", text.replace('\n', "  \t\n")),
            ("empty lines between", text.replace('\n', "\n\n")),
            ("a comment on each line", lines(&|line| format!("{line} # прим."))),
            ("no last line end", text.trim_end().to_owned()),
            ("arrows that begin lines", arrows(&text, "\n  -> ")),
            ("arrows that end lines", arrows(&text, " ->\n  ")),
            ("arrows alone", arrows(&text, "\n->\n")),
            ("arrows without blanks", arrows(&text, "->")),
            ("closing braces alone", outside(&text, |piece| piece.replace('}', "\n}\n"))),
            ("opening braces end lines", outside(&text, |piece| piece.replace('{', "{\n"))),
            ("wide blanks", outside(&text, |piece| piece.replace(' ', "   "))),
        ];
        for (layout, text) in layouts {
            let path = "a.chain".to_owned();
            let source = SourceFile { path, text: text.clone() };
            let found = compile(&[source], &BTreeMap::default(), &Settings::default()).diagnostics;
            let wrong = found.iter().find(|found| {
                found.slug() != "message-without-text" && !found.code().starts_with('A')
            });
            if let Some(found) = wrong {
                panic!("{}, {layout}: {}\n{text}", file.display(), found.message(Lang::En));
            }
        }
    }
}

fn lines_and_slugs(file: &str) -> Vec<(usize, String)> {
    let folder = root().join("errors");
    let found = entries(&folder, &folder.join(file));
    found.into_iter().map(|entry| (entry.start.line, entry.slug)).collect()
}

#[test]
fn a_misspelt_word_hides_nothing_behind_it() {
    let found = lines_and_slugs("misspelt-words.chain");
    let found: Vec<(usize, &str)> = found.iter().map(|(line, slug)| (*line, &**slug)).collect();
    let expected = [
        (1, "unknown-word"),
        (2, "unknown-word"),
        (2, "unknown-timezone"),
        (3, "unexpected-in-setting"),
        (3, "missing-unit"),
        (5, "unknown-word"),
        (5, "unknown-word"),
        (5, "unknown-placeholder"),
        (6, "unknown-word"),
        (6, "unknown-word"),
        (6, "unexpected-input"),
        (6, "unknown-word"),
        (6, "missing-unit"),
        (7, "unknown-word"),
        (8, "unknown-word"),
        (8, "missing-unit"),
        (9, "unexpected-in-setting"),
        (9, "missing-unit"),
        (10, "unknown-word"),
        (11, "unknown-word"),
        (11, "wrong-quantity"),
        (11, "unexpected-input"),
        (11, "missing-unit"),
        (12, "foreign-arrow"),
        (12, "unknown-message"),
        (13, "unexpected-input"),
        (13, "missing-text"),
        (14, "unexpected-input"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_missing_piece_is_reported_once_and_the_rest_is_read() {
    let found = lines_and_slugs("missing-pieces.chain");
    let found: Vec<(usize, &str)> = found.iter().map(|(line, slug)| (*line, &**slug)).collect();
    let expected = [
        (1, "missing-block"),
        (2, "unknown-placeholder"),
        (4, "missing-condition"),
        (5, "unclosed-parenthesis"),
        (7, "missing-unit"),
        (8, "unclosed-block"),
        (9, "unclosed-text"),
        (10, "unknown-word"),
        (11, "unclosed-block"),
        (12, "spaced-number"),
        (12, "spelled-out-unit"),
        (13, "control-without-goal"),
        (14, "unexpected-input"),
        (14, "unknown-message"),
        (16, "missing-step"),
        (17, "empty-message"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_file_with_many_slips_gives_each_once_on_its_line() {
    let folder = root().join("errors");
    let found = entries(&folder, &folder.join("many-slips.chain"));
    let found: Vec<(usize, &str)> =
        found.iter().map(|entry| (entry.start.line, entry.slug.as_str())).collect();
    let expected = [
        (2, "unknown-timezone"),
        (3, "unknown-word"),
        (4, "invalid-clock-time"),
        (6, "reversed-range"),
        (7, "missing-unit"),
        (8, "unknown-word"),
        (9, "mixed-and-or"),
        (11, "unknown-placeholder"),
        (12, "missing-part"),
        (15, "unclosed-text"),
        (18, "unknown-word"),
        (19, "missing-unit"),
        (21, "foreign-arrow"),
        (22, "look-alike-letters"),
        (23, "unexpected-input"),
        (24, "unknown-message"),
        (26, "fallback-same-channel"),
        (27, "unexpected-input"),
        (28, "foreign-range"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_place_is_counted_in_characters_from_one() {
    let folder = root().join("errors");
    let file = folder.join("writing/look-alike-letters.chain");
    let found = entries(&folder, &file);
    assert_eq!(found[0].start, Place { line: 2, column: 27 });
    assert_eq!(found[0].end, Place { line: 2, column: 30 });
}

#[test]
fn a_line_of_megabytes_never_reaches_the_terminal() {
    let folder = std::env::temp_dir().join(format!("chainc-long-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("long.chain");
    std::fs::write(&file, "x".repeat(2 << 20)).unwrap();
    for format in ["human", "json"] {
        let output = check(&folder, &file, format, Lang::Ru);
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.len() + output.stderr.len() < 4000);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
