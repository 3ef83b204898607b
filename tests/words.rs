//! The list of words in the documentation is that of the one table of the language.
//!
//! `UPDATE=1 cargo test --test words` writes `docs/words.md` anew.

use chainc_grammar::words::{Place, VOCABULARY, Word};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// Returns the heading of a place, and what its words do there.
const fn place(place: Place) -> (&'static str, &'static str) {
    match place {
        Place::Declaration => ("Declarations", "begin what stands on its own in a file"),
        Place::Chain => ("Lines of a chain", "begin a line inside of `chain NAME { ... }`"),
        Place::Experiment => {
            ("Lines of an experiment", "begin a line inside of `experiment NAME { ... }`")
        }
        Place::Policy => ("Lines of the policy", "begin a line inside of `policy { ... }`"),
        Place::Brand => ("Lines of a brand", "begin a line inside of `brand NAME { ... }`"),
        Place::Test => ("Lines of a test", "begin a line inside of `test \"...\" { ... }`"),
        Place::Step => ("Steps", "stand behind `->`"),
        Place::Condition => ("Conditions", "say who is meant"),
        Place::Channel => ("Channels", "name a way to reach a customer"),
        Place::Event => ("Events", "end a wait or a repeat"),
        Place::Weekday => ("Days of the week", "stand behind `on` and `until`"),
        Place::Inside => ("Inside of the others", "stand between the rest"),
    }
}

fn list() -> String {
    let mut page = String::from(
        "# The words of the language\n\n\
         Every word that chainc knows, where it is spoken, and a form it is used in; [the language](language.md) \
         has what each form means.\nThe last column has what people write who mean the word: chainc answers with it.\n",
    );
    for at in Place::ALL {
        let (heading, what) = place(at);
        page += &format!(
            "\n## {heading}\n\nThey {what}.\n\n| word | form | also meant by |\n| --- | --- | --- |\n"
        );
        for word in VOCABULARY.iter().filter(|word| word.places.contains(&at)) {
            page += &row(word, at);
        }
    }
    page
}

fn row(word: &Word, at: Place) -> String {
    let code = |text: &str| format!("`{}`", text.replace('|', "\\|"));
    let aliases: Vec<String> = word.aliases.iter().copied().map(code).collect();
    let line =
        format!("| {} | {} | {} |", code(word.text), code(word.form_at(at)), aliases.join(", "));
    line.replace("|  |", "| |") + "\n"
}

#[test]
fn the_list_of_words_is_that_of_the_language() {
    let path = docs("words.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, list()).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap();
    assert!(written == list(), "docs/words.md is old: run `UPDATE=1 cargo test --test words`");
}

#[test]
fn every_word_of_the_list_is_known_at_its_place_and_the_other_way_round() {
    let page = std::fs::read_to_string(docs("words.md")).unwrap();
    let mut listed = BTreeSet::new();
    let mut at = None;
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            at = Place::ALL.into_iter().find(|known| place(*known).0 == heading);
            assert!(at.is_some(), "no words are spoken at {heading:?}");
        } else if let Some(rest) = line.strip_prefix("| `") {
            listed.insert((at.unwrap(), rest.split('`').next().unwrap().to_owned()));
        }
    }
    let known: BTreeSet<(Place, String)> = VOCABULARY
        .iter()
        .flat_map(|word| word.places.iter().map(|at| (*at, word.text.to_owned())))
        .collect();
    assert_eq!(listed, known);
}

#[test]
fn a_form_has_its_word_in_it() {
    for word in VOCABULARY {
        for form in word.places.iter().map(|at| word.form_at(*at)) {
            let words: Vec<&str> = form.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            assert!(words.contains(&word.text), "{} in {form}", word.text);
        }
    }
}

#[test]
fn the_reference_has_every_word() {
    let page = std::fs::read_to_string(docs("language.md")).unwrap();
    let code = page.split('`').skip(1).step_by(2).collect::<Vec<_>>().join(" ");
    let blocks = page.split("```").skip(1).step_by(2).collect::<Vec<_>>().join(" ");
    let spoken: BTreeSet<&str> = code
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .chain(blocks.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .collect();
    let missing: Vec<&str> =
        VOCABULARY.iter().map(|word| word.text).filter(|word| !spoken.contains(word)).collect();
    assert!(missing.is_empty(), "docs/language.md says nothing of {missing:?}");
}
