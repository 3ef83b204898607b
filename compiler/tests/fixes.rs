//! A safe fix leaves fewer findings and never changes who is contacted or what is granted:
//! the text means to the letter what it was read to mean before.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

#[path = "support/promises.rs"]
mod promises;
#[path = "../../grammar/tests/support/mod.rs"]
mod support;

use promises::{compiled, repaired};
use support::{Numbers, corpus, times};

#[test]
fn every_safe_fix_of_the_corpus_keeps_the_meaning() {
    let applied: usize = corpus().iter().map(|(_, text)| repaired(text)).sum();
    assert!(applied > 30, "only {applied} fixes were applied");
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
    let mut numbers = Numbers::new();
    let mut applied = 0;
    for _ in 0..times(1_000) {
        let mut text = texts[numbers.below(texts.len())].1.clone();
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
        applied += repaired(&text);
    }
    assert!(applied > 100, "only {applied} fixes were applied");
}
