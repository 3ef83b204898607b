//! Twice the text takes at most about twice the time, whatever it holds.
//!
//! With `CHAINC_LONG=1` the texts have 10 MB (run it with `--release`).
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

mod support;

use chainc_grammar::{MAX_NESTING, format, parse};
use std::hint::black_box;
use std::time::Duration;
use support::{corpus, is_long};

/// Texts that are repeated until they are long.
const REPEATED: [(&str, &str); 52] = [
    ("words", "word "),
    ("one word", "w"),
    ("lines of words", "word\n"),
    ("names in another script", "спящие "),
    ("look-alike letters", "sмs "),
    ("numbers", "12 "),
    ("digits", "1"),
    ("spaced numbers", "1 234 "),
    ("commas", "1,234,"),
    ("dates", "2026-03-01"),
    ("clock times", "10:00"),
    ("ranges", "1.."),
    ("minus signs", "-"),
    ("arrows", "-> "),
    ("foreign arrows", "→"),
    ("led lines", "- sms offer\n"),
    ("steps on one line", "-> sms offer "),
    ("steps on lines", "-> sms offer\n"),
    ("steps without arrows", "sms offer "),
    ("grants", "grant "),
    ("conditions", "and recency 3 "),
    ("negations", "not "),
    ("joiners", "or "),
    ("segments", "segment a = recency 3\n"),
    ("segments on one line", "segment a = recency 3 "),
    ("segments without conditions", "segment a =\n"),
    ("flows", "segment recency 60..89 -> grant 300 -> sms offer\n"),
    ("flows on one line", "segment recency 60..89 -> grant 300 -> sms offer "),
    ("settings", "control 10%\n"),
    ("opening braces", "{"),
    ("closing braces", "}"),
    ("pairs of braces", "{}"),
    ("pairs of braces on lines", "{\n}\n"),
    ("opening parentheses on lines", "(\n"),
    ("closing parentheses", ")"),
    ("pairs of parentheses", "()"),
    ("quotes", "\""),
    ("quotes on lines", "\"\n"),
    ("foreign quotes", "“"),
    ("apostrophes", "'"),
    ("backslashes in quotes", "\"\\"),
    ("comments", "# c\n"),
    ("descriptions", "## d\n"),
    ("one comment", "#"),
    ("line ends", "\n"),
    ("dos line ends", "\r\n"),
    ("blanks", " "),
    ("form feeds", "\u{c}"),
    ("merge marks", "<<<<<<< a\n=======\n>>>>>>> b\n"),
    ("chains", "chain a {\n  control 10%\n  segment b -> sms c\n}\n"),
    ("messages", "message a {\n  sms \"b\"\n}\n"),
    ("tests", "test \"a\" {\n  day 3 expect nothing, sms a\n}\n"),
];

/// Where the same texts stand, too: the slots of the grammar.
const AROUND: [(&str, &str, &str); 9] = [
    ("", "", ""),
    ("in a chain: ", "chain a {\n", "\n}\n"),
    ("in an unclosed chain: ", "chain a {\n", ""),
    ("in a flow: ", "segment a -> ", "\n"),
    ("in a condition: ", "segment a = b ", "\n"),
    ("in a body: ", "segment a -> if b { sms c ", " }\n"),
    ("in a table: ", "segment a -> grant by recency { ", " }\n"),
    ("in a split: ", "segment a -> split { ", " }\n"),
    ("in a message: ", "message a { sms \"b\" ", " }\n"),
];

/// How much text is taken, and then twice as much.
fn size() -> usize {
    if is_long() { 500_000 } else { 5_000 }
}

/// Returns how long it takes to read a text and to lay it out.
fn time(text: &str) -> Duration {
    let start = now();
    drop(black_box(format(text)));
    now() - start
}

/// Returns how long this thread has run: what other programs do does not count.
#[cfg(unix)]
fn now() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let run = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(run.tv_sec.try_into().unwrap(), run.tv_nsec.try_into().unwrap())
}

#[cfg(not(unix))]
fn now() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

/// Says so if twice the text takes three times as long. A measurement can be disturbed, so
/// it is taken again before it counts.
fn assert_linear(name: &str, size: usize, text: impl Fn(usize) -> String) {
    let (half, whole) = (text(size), text(size * 2));
    let (mut shorter, mut longer) = (Duration::MAX, Duration::MAX);
    for _ in 0..8 {
        shorter = shorter.min(time(&half));
        longer = longer.min(time(&whole));
        if longer < shorter * 3 {
            return;
        }
    }
    panic!("{name}: {shorter:?} for {size} bytes, {longer:?} for twice as many");
}

/// Returns a text repeated to a size.
fn repeated(text: &str, size: usize) -> String {
    text.repeat(size / text.len() + 1)
}

#[test]
fn what_is_repeated_takes_linear_time() {
    for (place, before, after) in AROUND {
        for (name, text) in REPEATED {
            assert_linear(&format!("{place}{name}"), size(), |size| {
                format!("{before}{}{after}", repeated(text, size))
            });
        }
        if !is_long() {
            return;
        }
    }
}

#[test]
fn whole_programs_take_linear_time() {
    let all: String = corpus().into_iter().map(|(_, text)| text + "\n").collect();
    let programs: String = corpus()
        .into_iter()
        .map(|(_, text)| text + "\n")
        .filter(|text| parse(text).faults.is_empty())
        .collect();
    let large = if is_long() { 5_000_000 } else { 1 };
    assert_linear("all texts", large, |size| repeated(&all, size.max(all.len())));
    assert_linear("all programs", large, |size| repeated(&programs, size));
}

/// What opens a block or a group, and what closes it.
const NESTED: [(&str, &str, &str, &str); 8] = [
    ("segment a -> ", "if b { ", "exit", " }"),
    ("segment a -> ", "if b { exit } else { ", "exit", " }"),
    ("segment a -> ", "repeat daily max 3 { sms c -> ", "exit", " }"),
    ("segment a -> ", "split { d 50% { ", "exit", " } }"),
    ("segment a -> ", "split { d 50% { exit } e 50% { ", "exit", " } }"),
    ("segment a = ", "(b or ", "c", ")"),
    ("segment a = ", "not (", "c", ")"),
    ("segment a -> ", "if b {\n", "exit", "\n}\n"),
];

#[test]
fn nesting_takes_linear_time() {
    let depths: &[usize] = if is_long() {
        &[2, 3, 5, 8, 16, 30, MAX_NESTING / 2, MAX_NESTING - 1, MAX_NESTING]
    } else {
        &[3, MAX_NESTING]
    };
    for depth in depths {
        for (before, open, inside, close) in NESTED {
            // A split opens two braces.
            let times = if open.starts_with("split") { depth / 2 } else { *depth };
            let (opened, closed) = (open.repeat(times), close.repeat(times));
            let linear = |what: &str, text: &dyn Fn(usize) -> String| {
                assert_linear(&format!("{depth} deep{what}: {open}"), size(), text);
            };
            linear("", &|size| repeated(&format!("{before}{opened}{inside}{closed}\n"), size));
            linear(", unclosed", &|size| repeated(&format!("{before}{opened}{inside}\n"), size));
            linear(", unclosed at the end", &|size| {
                format!("{}{before}{opened}", repeated("segment a -> sms b\n", size))
            });
            linear(", with something strange inside", &|size| {
                repeated(&format!("{before}{opened}grnt 300 $ {closed} ?\n"), size)
            });
        }
    }
}

#[test]
fn deep_nesting_costs_little_more_than_shallow() {
    for (before, open, inside, close) in NESTED {
        for inside in [inside, "grnt 300 $ "] {
            for is_closed in [true, false] {
                let text = |times: usize| {
                    let closed = if is_closed { close.repeat(times) } else { String::new() };
                    repeated(&format!("{before}{}{inside}{closed}\n", open.repeat(times)), size())
                };
                let (shallow, deep) = (text(3), text(30));
                // A part that cannot be read is read again once for each level at the worst.
                let worst = if is_closed { 12 } else { 30 };
                let is_cheap = |_| time(&deep) < time(&shallow) * worst;
                assert!((0..5).any(is_cheap), "{open}{inside}, closed: {is_closed}");
            }
        }
    }
}
