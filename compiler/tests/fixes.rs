//! A safe fix leaves fewer findings and never changes who is contacted or what is granted:
//! the text means to the letter what it was read to mean before.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

use chainc_compiler::diagnostic::{Edit, Safety};
use chainc_compiler::{Compiled, Settings, SourceFile, compile};
use std::path::{Path, PathBuf};

fn compiled(text: &str) -> Compiled {
    let file = SourceFile { path: "a.chain".to_owned(), text: text.to_owned() };
    compile(&[file], &Default::default(), &Settings::default())
}

/// Returns the text with its safe fixes, of two that overlap the first; and how many.
fn repaired(text: &str, found: &Compiled) -> (String, usize) {
    let fixes = found.diagnostics.iter().filter_map(|found| found.fix());
    let mut edits: Vec<&Edit> = Vec::new();
    let mut count = 0;
    for fix in fixes.filter(|fix| fix.safety == Safety::Safe) {
        let free = |edit: &Edit| {
            edits
                .iter()
                .all(|other| edit.span.end <= other.span.start || other.span.end <= edit.span.start)
        };
        if fix.edits.iter().all(free) {
            edits.extend(&fix.edits);
            count += 1;
        }
    }
    edits.sort_by_key(|edit| edit.span);
    let mut fixed = String::new();
    let mut done = 0;
    for edit in edits {
        fixed.push_str(&text[done..edit.span.start as usize]);
        fixed.push_str(&edit.text);
        done = edit.span.end as usize;
    }
    fixed.push_str(&text[done..]);
    (fixed, count)
}

/// Applies safe fixes until there are none, each time to the promise.
fn holds(text: &str) -> usize {
    let mut text = text.to_owned();
    let mut applied = 0;
    for _ in 0..10 {
        let before = compiled(&text);
        let (fixed, count) = repaired(&text, &before);
        if count == 0 {
            return applied;
        }
        applied += count;
        let after = compiled(&fixed);
        // What an error hid may come to light, but is no error.
        let count = |compiled: &Compiled| {
            let errors = compiled.diagnostics.iter().filter(|found| found.is_error()).count();
            (errors, compiled.diagnostics.len())
        };
        let (were, are) = (count(&before), count(&after));
        assert!(are < were, "{were:?} findings became {are:?}:\n{text}\n----\n{fixed}");
        let (tree, same) = (chainc_grammar::parse(&text).file, chainc_grammar::parse(&fixed).file);
        assert_eq!(tree, same, "read otherwise than before:\n{text}\n----\n{fixed}");
        if let Some(program) = before.program {
            assert_eq!(Some(program), after.program, "{text}\n----\n{fixed}");
        }
        text = fixed;
    }
    panic!("no end of fixes:\n{text}");
}

fn corpus() -> Vec<String> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "chain") {
                files.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["tests/errors", "tests/messages", "tests/programs", "examples"] {
        walk(&root.join(folder), &mut files);
    }
    files.sort();
    files.into_iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}

#[test]
fn every_safe_fix_of_the_corpus_keeps_the_meaning() {
    let applied: usize = corpus().iter().map(|text| holds(text)).sum();
    assert!(applied > 30, "only {applied} fixes were applied");
}

/// xorshift: the same numbers every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
}

/// Correct programs, written with slips whose meaning is clear.
#[test]
fn slips_put_into_correct_programs_are_repaired_without_a_change_of_meaning() {
    const SLIPS: [(&str, &[&str]); 7] = [
        ("->", &["→", "=>", "-->", "⟶"]),
        ("..", &["–", "—", "…", "..."]),
        (">=", &["≥", "=>"]),
        ("d ", &[" days ", " дней "]),
        ("000", &["000"]),
        (" RUB", &[" руб", "₽"]),
        ("sms ", &["sмs "]),
    ];
    let texts = corpus();
    let mut numbers = Numbers(0x5eed);
    let mut applied = 0;
    for _ in 0..1_000 {
        let mut text = texts[numbers.below(texts.len())].clone();
        if text.len() > 6_000 || compiled(&text).program.is_none() {
            continue;
        }
        for _ in 0..=numbers.below(3) {
            let (right, wrong) = SLIPS[numbers.below(SLIPS.len())];
            let places: Vec<usize> = text.match_indices(right).map(|(at, _)| at).collect();
            if let Some(at) = places.get(numbers.below(places.len())) {
                let wrong = wrong[numbers.below(wrong.len())];
                text.replace_range(*at..at + right.len(), wrong);
            }
        }
        applied += holds(&text);
    }
    assert!(applied > 100, "only {applied} fixes were applied");
}
