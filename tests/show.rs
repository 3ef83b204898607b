//! What `chainc show` says and draws: every chain of `tests/show` as the files beside it
//! have it, in both languages.
//!
//! `UPDATE=1 cargo test --test show` writes them anew; read and look at every change.
//! `audiences.chain` has a chain for every condition, and is only listed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use support::{Folder, chainc, command};

/// The file whose chains are only listed.
const LISTED: &str = "audiences";

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/show")
}

/// A file of the corpus, alone in a folder.
struct Program {
    stem: String,
    folder: Folder,
}

#[derive(Debug, Deserialize)]
struct Listed {
    name: String,
    audience: String,
    steps: usize,
}

impl Program {
    fn all() -> Vec<Self> {
        let mut stems: Vec<String> = std::fs::read_dir(corpus())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "chain"))
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        stems.sort();
        stems.iter().map(|stem| Self::of(stem)).collect()
    }

    fn of(stem: &str) -> Self {
        let folder = Folder::new();
        for name in [format!("{stem}.chain"), "offer.html".into(), "reminder.html".into()] {
            std::fs::copy(corpus().join(&name), folder.path().join(&name)).unwrap();
        }
        Self { stem: stem.to_owned(), folder }
    }

    fn show(&self, arguments: &[&str]) -> String {
        let mut all = vec!["show", "--project", self.folder.str()];
        all.extend(arguments);
        let output = command(&all).env_remove("CHAINC_FORMAT").output().unwrap();
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {arguments:?}: {talk}", self.stem);
        String::from_utf8(output.stdout).unwrap()
    }

    fn list(&self) -> Vec<Listed> {
        serde_json::from_str(&self.show(&["--format", "json"])).unwrap()
    }

    /// Returns every chain with the beginning of the names of its files.
    fn chains(&self) -> Vec<(String, String)> {
        let list = self.list();
        let alone = list.len() == 1;
        let named = |chain: Listed| {
            let stem =
                if alone { self.stem.clone() } else { format!("{}.{}", self.stem, chain.name) };
            (chain.name, stem)
        };
        list.into_iter().map(named).collect()
    }
}

fn shown() -> impl Iterator<Item = Program> {
    Program::all().into_iter().filter(|program| program.stem != LISTED)
}

/// Compares what is shown with what was recorded, or records it.
#[derive(Default)]
struct Records {
    wanted: BTreeSet<String>,
    changed: Vec<String>,
}

impl Records {
    fn hold(&mut self, name: String, text: &str) {
        let path = corpus().join(&name);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, text).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
            self.changed.push(format!("{name}\n{text}"));
        }
        self.wanted.insert(name);
    }

    #[track_caller]
    fn done(self, extensions: &[&str]) {
        let Self { wanted, changed } = self;
        assert!(changed.is_empty(), "shown otherwise than recorded:\n{}", changed.join("\n"));
        for entry in std::fs::read_dir(corpus()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let is_record = extensions.iter().any(|extension| name.ends_with(extension));
            assert!(!is_record || wanted.contains(&name), "nothing is shown as {name}");
        }
    }
}

#[test]
fn sentences_are_as_recorded() {
    let mut records = Records::default();
    for program in shown() {
        for (chain, stem) in program.chains() {
            for lang in ["en", "ru"] {
                let text = program.show(&[&chain, "--lang", lang]);
                records.hold(format!("{stem}.{lang}.txt"), &text);
            }
        }
    }
    let audiences = Program::of(LISTED);
    for lang in ["en", "ru"] {
        let text = audiences.show(&["--lang", lang]);
        records.hold(format!("{LISTED}.{lang}.txt"), &text);
    }
    records.done(&[".txt"]);
}

#[test]
fn pictures_are_as_recorded() {
    let mut records = Records::default();
    for program in shown() {
        for (chain, stem) in program.chains() {
            // Names of every script stand in the pictures of either language.
            let lang = if stem.len().is_multiple_of(2) { "en" } else { "ru" };
            for form in ["svg", "mermaid"] {
                let text = program.show(&[&chain, "--as", form, "--lang", lang]);
                records.hold(format!("{stem}.{form}"), &text);
            }
        }
    }
    records.done(&[".svg", ".mermaid"]);
}

#[test]
fn no_line_is_wider_than_a_terminal() {
    for program in Program::all() {
        for lang in ["en", "ru"] {
            let mut texts = vec![program.show(&["--lang", lang])];
            if program.stem != LISTED {
                let chains = program.chains();
                texts
                    .extend(chains.iter().map(|(chain, _)| program.show(&[chain, "--lang", lang])));
            }
            for line in texts.iter().flat_map(|text| text.lines()) {
                assert!(line.chars().count() <= 80, "{}: {line}", program.stem);
                assert_eq!(line, line.trim_end(), "{}", program.stem);
            }
        }
    }
}

/// Leaves out what people wrote: names, texts, titles.
fn own_words(text: &str) -> String {
    let mut kept = String::new();
    // The title and the description are paragraphs of their own above everything.
    let above = text.find("\nКто ").unwrap();
    for line in text[above..].lines() {
        if line.contains('│') || line.starts_with("Отвечает") {
            continue;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    let mut out = String::new();
    let mut closing = None;
    for c in kept.chars() {
        match (closing, c) {
            (Some(end), c) if c == end => closing = None,
            (Some(_), _) => {}
            (None, '`') => closing = Some('`'),
            (None, '«') => closing = Some('»'),
            (None, c) => out.push(c),
        }
    }
    assert_eq!(closing, None, "a quote is left open:\n{text}");
    out
}

#[test]
fn russian_is_russian() {
    const KNOWN: [&str; 7] = ["SMS", "UTC", "Asia", "Europe", "Yekaterinburg", "Omsk", "Moscow"];
    for program in shown() {
        for (chain, stem) in program.chains() {
            let text = program.show(&[&chain, "--lang", "ru"]);
            let own = own_words(&text);
            let latin = own
                .split(|c: char| !c.is_alphabetic())
                .filter(|word| word.chars().any(|c| c.is_ascii_alphabetic()));
            let strange: Vec<&str> = latin.filter(|word| !KNOWN.contains(word)).collect();
            assert!(strange.is_empty(), "{stem}: {strange:?}\n{own}");
        }
    }
}

#[test]
fn a_picture_is_one_whole_file() {
    for program in shown() {
        for (chain, stem) in program.chains() {
            let text = program.show(&[&chain, "--as", "svg"]);
            let document = roxmltree::Document::parse(&text)
                .unwrap_or_else(|error| panic!("{stem}: {error}\n{text}"));
            let root = document.root_element();
            assert_eq!(root.tag_name().name(), "svg");
            assert_eq!(root.attribute("role"), Some("img"));
            let told = root.attribute("aria-labelledby").unwrap();
            for id in told.split(' ') {
                let named = root.children().find(|node| node.attribute("id") == Some(id)).unwrap();
                assert!(!named.text().unwrap().trim().is_empty(), "{stem}: {id}");
            }
            for node in document.descendants().filter(roxmltree::Node::is_element) {
                let name = node.tag_name().name();
                assert!(
                    matches!(
                        name,
                        "svg"
                            | "title"
                            | "desc"
                            | "style"
                            | "g"
                            | "rect"
                            | "path"
                            | "circle"
                            | "text"
                    ),
                    "{stem}: <{name}>"
                );
                for attribute in node.attributes() {
                    let (name, value) = (attribute.name(), attribute.value());
                    assert!(!name.starts_with("on") && name != "href", "{stem}: {name}={value}");
                }
            }
            let style = document.descendants().find(|node| node.has_tag_name("style")).unwrap();
            let style = style.text().unwrap();
            assert!(style.contains("prefers-color-scheme:dark"), "{stem}");
            assert!(!style.contains("url(") && !style.contains("@import"), "{stem}");
        }
    }
}

#[test]
fn every_step_is_in_the_sentences_and_in_both_pictures() {
    for program in shown() {
        for (chain, stem) in program.chains() {
            let ir: Value = serde_json::from_str(&program.show(&[&chain, "--as", "ir"])).unwrap();
            let mut ids = Vec::new();
            step_ids(&ir["steps"], &mut ids);
            let listed = program.list();
            let listed = listed.iter().find(|listed| listed.name == chain).unwrap();
            assert_eq!(listed.steps, ids.len(), "{stem}");
            let text = program.show(&[&chain]);
            let svg = program.show(&[&chain, "--as", "svg"]);
            let mermaid = program.show(&[&chain, "--as", "mermaid"]);
            for (id, exit) in ids {
                assert!(text.contains(&format!(" {id}  ")), "{stem}: {id} in\n{text}");
                // An exit is an end, and has no number of its own.
                assert!(exit || svg.contains(&format!("<title>{id}. ")), "{stem}: {id} in the SVG");
                let node = format!("s{}", id.replace('.', "_"));
                let drawn =
                    ["[", "(", "{"].iter().any(|open| mermaid.contains(&format!("{node}{open}")));
                assert!(drawn, "{stem}: {node} in\n{mermaid}");
            }
        }
    }
}

/// Finds the number of every step, and whether it is an exit.
fn step_ids(value: &Value, ids: &mut Vec<(String, bool)>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| step_ids(value, ids)),
        Value::Object(fields) => {
            if let (Some(id), true) = (fields.get("id"), fields.contains_key("action")) {
                ids.push((id.as_str().unwrap().to_owned(), fields["action"] == "exit"));
            }
            fields.values().for_each(|value| step_ids(value, ids));
        }
        _ => {}
    }
}

#[test]
fn every_link_of_a_flowchart_leads_from_a_node_to_a_node() {
    for program in shown() {
        for (chain, stem) in program.chains() {
            let text = program.show(&[&chain, "--as", "mermaid"]);
            let chart = text.split_once("\nflowchart TD\n").unwrap().1;
            let mut nodes = BTreeSet::new();
            let mut links = Vec::new();
            for line in chart.lines().map(str::trim) {
                assert!(!line.contains(['`', '\t']), "{stem}: {line}");
                assert_eq!(line.matches('"').count() % 2, 0, "{stem}: {line}");
                if let Some((from, to)) =
                    line.split_once(" --> ").or_else(|| line.split_once(" -.-> "))
                {
                    links.push((from.to_owned(), to.to_owned()));
                } else if let Some((from, rest)) =
                    line.split_once(" -->|").or_else(|| line.split_once(" -.->|"))
                {
                    links.push((from.to_owned(), rest.rsplit_once("| ").unwrap().1.to_owned()));
                } else if let Some(at) = line.find(['[', '(', '{']) {
                    let name = line[..at].trim_start_matches("subgraph ");
                    assert!(nodes.insert(name.to_owned()), "{stem}: {name} twice");
                }
            }
            assert!(!links.is_empty(), "{stem}");
            for (from, to) in links {
                assert!(nodes.contains(&from) && nodes.contains(&to), "{stem}: {from} to {to}");
            }
        }
    }
}

/// Every form that a chain can have, as the IR names it.
const FORMS: &[&str] = &[
    "grant",
    "cashback",
    "promo",
    "send",
    "fallback",
    "wait",
    "if",
    "split",
    "repeat",
    "exit",
    "tag",
    "fixed",
    "by_recency",
    "for",
    "until",
    "any",
    "weekday",
    "date",
    "period",
    "weekly",
    "purchase",
    "clicked",
    "opened",
    "received",
    "sms",
    "email",
    "push",
    "webhook",
    "all",
    "not",
    "recency",
    "frequency",
    "spent",
    "consent",
    "reachable",
    "average_check",
    "registered",
    "birthday",
    "balance",
    "expiring",
    "brand",
    "bought",
    "touched",
    "city",
    "churn",
    "overdue",
    "attribute",
    "frozen",
    "number",
    "text",
    "flag",
    "within",
    "ever",
    "per",
    "below",
    "at_most",
    "exactly",
    "at_least",
    "above",
    "between",
    "share",
    "segment",
    "once",
    "again",
    "points",
    "money",
    "messages",
    "hours",
    "off",
    "days",
    "seconds",
];

#[test]
fn every_form_of_a_chain_is_shown_somewhere() {
    let mut seen = BTreeSet::new();
    for program in Program::all() {
        for listed in program.list() {
            let ir = program.show(&[&listed.name, "--as", "ir"]);
            words_of(&serde_json::from_str(&ir).unwrap(), &mut seen);
        }
    }
    let missing: Vec<&&str> = FORMS.iter().filter(|form| !seen.contains(**form)).collect();
    assert!(missing.is_empty(), "shown nowhere: {missing:?}");
}

fn words_of(value: &Value, seen: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(seen.insert(text.clone())),
        Value::Array(list) => list.iter().for_each(|value| words_of(value, seen)),
        Value::Object(fields) => {
            for (name, value) in fields {
                seen.insert(name.clone());
                words_of(value, seen);
            }
        }
        _ => {}
    }
}

#[test]
fn chains_are_listed_for_people_and_for_machines() {
    let program = Program::of("autumn");
    let list = program.list();
    let names: Vec<&str> = list.iter().map(|chain| chain.name.as_str()).collect();
    assert_eq!(names, ["promising_weekly", "rare_weekly", "valued_weekly"]);
    assert!(
        list.iter().all(|chain| chain.audience.starts_with("customers frozen on 1 August 2025"))
    );
    assert_eq!(list[1].steps, 4);
    let text = program.show(&["--lang", "en"]);
    assert!(text.contains("rare_weekly: Rare buyers\n  Customers frozen on"), "{text}");
    let text = program.show(&["--lang", "ru"]);
    assert!(text.contains("\n  4 шага.\n"), "{text}");
    let empty = Folder::new();
    let output = chainc(&["show", "--project", empty.str(), "--lang", "en"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "There are no chains here.\n");
}

#[test]
fn a_chain_is_found_by_its_name_and_by_its_file() {
    let program = Program::of("winback");
    let file = program.folder.path().join("winback.chain");
    let by_file = chainc(&["show", file.to_str().unwrap(), "--lang", "en"]);
    assert_eq!(
        String::from_utf8(by_file.stdout).unwrap(),
        program.show(&["winback", "--lang", "en"])
    );
    let json = program.show(&["winback", "--format", "json"]);
    assert_eq!(json, program.show(&["winback", "--as", "ir"]));
    let output = chainc(&["show", "winbak", "--project", program.folder.str()]);
    assert_eq!(output.status.code(), Some(2));
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(talk.contains("did you mean `winback`?"), "{talk}");
}

#[test]
fn a_program_with_mistakes_is_not_shown() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("a.chain"), "segment recency 60–89 -> sms offer\n").unwrap();
    for arguments in [&["show", "a"][..], &["show"]] {
        let mut all = arguments.to_vec();
        all.extend(["--project", folder.str()]);
        let output = chainc(&all);
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        assert!(String::from_utf8(output.stderr).unwrap().contains("foreign-range"));
    }
}
