//! Nothing a file holds makes the compiler panic, hang, or fall silent.
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

use promises::compiled;
use std::time::{Duration, Instant};
use support::{Numbers, times};

const PROGRAM: &str = include_str!("../../tests/programs/whole.chain");
const LAYOUTS: &str = include_str!("../../tests/programs/layouts.chain");
const SLIPS: &str = include_str!("../../tests/errors/many-slips.chain");

#[test]
fn every_prefix_of_a_program_is_read() {
    for text in [PROGRAM, LAYOUTS] {
        for (end, _) in text.char_indices() {
            compiled(&text[..end]);
        }
    }
}

#[test]
fn scrambled_programs_never_panic() {
    const PIECES: [&str; 34] = [
        "{",
        "}",
        "(",
        ")",
        "\"",
        "->",
        "→",
        "..",
        "–",
        "\n",
        "\n\n",
        " ",
        "#",
        "##",
        ",",
        ":",
        "=",
        ">=",
        "and",
        "or",
        "not",
        "segment",
        "chain x {",
        "message m {",
        "policy {",
        "grant",
        "sms",
        "fallback",
        "60..89",
        "3d",
        "10%",
        "RUB",
        "sмs",
        "\\",
    ];
    let mut numbers = Numbers::new();
    for _ in 0..times(500) {
        let mut chars: Vec<char> = [PROGRAM, LAYOUTS, SLIPS][numbers.below(3)].chars().collect();
        for _ in 0..=numbers.below(6) {
            let at = numbers.below(chars.len());
            match numbers.below(3) {
                0 => {
                    let to = (at + numbers.below(12)).min(chars.len());
                    chars.drain(at..to);
                }
                1 => {
                    let piece = PIECES[numbers.below(PIECES.len())];
                    chars.splice(at..at, piece.chars());
                }
                _ => {
                    let other = numbers.below(chars.len());
                    chars.swap(at, other);
                }
            }
        }
        compiled(&chars.into_iter().collect::<String>());
    }
}

/// Asserts that twice the text takes about twice the time.
fn is_linear(what: &str, text: impl Fn(usize) -> String) {
    let time = |size: usize| {
        let text = text(size);
        (0..5)
            .map(|_| {
                let start = Instant::now();
                compiled(&text);
                start.elapsed()
            })
            .min()
            .unwrap_or_default()
    };
    let (small, large) = (time(4_000), time(32_000));
    // Eight times the text: linear is 8, quadratic 64. Noise is allowed for.
    assert!(large < small * 30 + Duration::from_millis(60), "{what}: {small:?}, then {large:?}");
}

#[test]
fn time_grows_with_the_text_and_not_faster() {
    is_linear("steps", |n| format!("segment tag a{}", " -> sms m -> wait 3d".repeat(n / 20)));
    is_linear("conditions", |n| format!("segment tag a{} -> sms m", " and tag b".repeat(n / 10)));
    is_linear("blank lines", |n| format!("chain a {{\n foo (\n{}}}", " \n".repeat(n / 2)));
    is_linear("blanks", |n| format!("segment tag a -> if x{}", " ".repeat(n)));
    is_linear("quotes", |n| "\"".repeat(n));
    is_linear("ranges", |n| format!("segment recency {}", "1..".repeat(n / 3)));
    is_linear("unclosed groups", |n| "segment (tag a ->\n".repeat(n / 18));
    is_linear("chains", |n| {
        (0..n / 40).map(|i| format!("chain c{i} {{\n segment tag a -> sms m\n}}\n")).collect()
    });
    is_linear("bad chains", |n| {
        (0..n / 40).map(|i| format!("chian c{i} {{\n segment tag a -> sns m\n}}\n")).collect()
    });
    is_linear("unclosed chains", |n| {
        (0..n / 40).map(|i| format!("chain c{i} {{\n segment tag a -> sms m\n")).collect()
    });
    is_linear("misspelt words", |n| "segmnt a -> gramt 3 -> smss m\n".repeat(n / 30));
    is_linear("lost flows", |n| format!("chain a {{\n{}}}", "for x\n\n > sms m\n".repeat(n / 16)));
    is_linear("lost braces", |n| "message m\n  sms \"x\"\n\n\n".repeat(n / 22));
    is_linear("open line ends", |n| "segment a = tag x and\n\n\n".repeat(n / 24));
    is_linear("unknown names", |n| {
        let lines = |i: usize| format!("segment s{i} = tag a\nsegment ss{i}q -> sms a\n");
        (0..n / 45).map(lines).collect()
    });
    is_linear("segments of segments", |n| {
        let line = |i: usize| format!("segment s{} = s{i} and tag a\n", i + 1);
        format!("segment s0 = tag a\n{}", (0..n / 100).map(line).collect::<String>())
    });
}

#[test]
fn nesting_is_read_up_to_its_limit_and_refused_beyond() {
    let nested =
        |depth: usize| format!("segment {}tag a{} -> sms m", "(".repeat(depth), ")".repeat(depth));
    for depth in 2..=20 {
        assert!(compiled(&nested(depth)).program.is_some(), "{depth}");
        compiled(&nested(depth).replace(')', ""));
        compiled(&format!("chain a {{ {} ", "if x { ".repeat(depth)));
    }
    for text in [nested(65), "(".repeat(100_000), "{".repeat(100_000), "not ".repeat(100_000)] {
        let text = format!("segment {text}");
        let slugs: Vec<_> = compiled(&text).diagnostics.iter().map(|found| found.slug()).collect();
        assert!(slugs.contains(&"nested-too-deep"), "{slugs:?}");
    }
}

#[test]
fn a_long_line_of_segments_is_no_deep_recursion() {
    // Declared so that each needs the next one.
    let mut text: String =
        (0..20_000).map(|i| format!("segment s{i:05} = s{:05}\n", i + 1)).collect();
    text += "segment s20000 = tag a\nsegment s00000 -> sms m\n";
    assert!(compiled(&text).program.is_some());
}
