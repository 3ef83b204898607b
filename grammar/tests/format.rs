//! The formatter changes blanks and line ends, and nothing else.
//!
//! `UPDATE=1 cargo test -p chainc-grammar --test format` writes what `tests/format` records
//! anew; read every change. `CHAINC_LONG=1` tries the properties fifty times as often.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

#[path = "support/promises.rs"]
mod promises;
mod support;

use chainc_grammar::{format, parse};
use promises::{kept, laid_out};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use support::{cases, collect, corpus, root};

// ------------------------------------------------------------ what is recorded

#[test]
fn every_file_is_laid_out_as_recorded() {
    let mut files = Vec::new();
    collect(&root().join("tests/format"), "chain", &mut files);
    assert!(files.len() >= 25, "files are gone: {}", files.len());
    let mut changed = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let laid_out = laid_out(&text).unwrap();
        let after = file.with_extension("after");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&after, &laid_out).unwrap();
        } else if std::fs::read_to_string(&after).unwrap_or_default() != laid_out {
            changed.push(format!("{}\n{laid_out}", file.display()));
        }
        kept(&text, &laid_out).unwrap_or_else(|lost| panic!("{}: {lost}", file.display()));
    }
    assert!(changed.is_empty(), "laid out otherwise than recorded:\n{}", changed.join("\n"));
}

#[test]
fn the_page_shows_what_happens() {
    let page = std::fs::read_to_string(root().join("docs/format.md")).unwrap();
    let mut befores = page.split("```text before\n").skip(1).peekable();
    assert!(befores.peek().is_some(), "the page has no examples");
    for example in befores {
        let (before, rest) = example.split_once("```").unwrap();
        let (between, rest) = rest.split_once("```text after\n").unwrap();
        assert!(!between.contains("```"), "before without after:\n{before}");
        let (after, _) = rest.split_once("```").unwrap();
        assert_eq!(format(before).as_deref(), Ok(after), "{before}");
        assert_eq!(format(after).as_deref(), Ok(after));
    }
}

#[test]
fn every_text_we_have_keeps_its_meaning() {
    for (name, text) in corpus() {
        let laid_out = laid_out(&text).unwrap_or_else(|| panic!("{name} is not laid out"));
        kept(&text, &laid_out).unwrap_or_else(|lost| panic!("{name}: {lost}"));
    }
}

// ------------------------------------------------------------ other layouts of one program

/// A stretch of a text: what a layout may change, or what it may not.
enum Piece<'t> {
    Gap(&'t str),
    Solid(&'t str),
}

/// Cuts a text into blanks and what stands between them. Texts in quotes and comments are
/// one piece each.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let line = rest.find('\n').unwrap_or(rest.len());
        let (is_gap, length) = match first {
            c if c.is_whitespace() => {
                (true, rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len()))
            }
            '#' => (false, rest[..line].trim_end().len()),
            '"' => {
                let mut escaped = false;
                let end = rest[1..line].find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                });
                (false, end.map_or(line, |end| end + 2))
            }
            _ => {
                let ends = |c: char| c.is_whitespace() || c == '#' || c == '"';
                (false, rest.find(ends).unwrap_or(rest.len()))
            }
        };
        let (piece, after) = rest.split_at(length);
        pieces.push(if is_gap { Piece::Gap(piece) } else { Piece::Solid(piece) });
        rest = after;
    }
    pieces
}

/// Returns the texts without faults.
fn programs() -> Vec<String> {
    let whole = |text: &String| parse(text).faults.is_empty() && !text.contains('\r');
    let programs: Vec<String> = corpus().into_iter().map(|(_, text)| text).filter(whole).collect();
    assert!(programs.len() > 30, "few programs: {}", programs.len());
    programs
}

/// Writes a program with other blanks in its lines; a line stays a line.
fn blanks_changed(text: &str, choices: &[u8]) -> String {
    let mut choices = choices.iter().copied().cycle();
    let mut next = || choices.next().unwrap_or_default();
    let mut out = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Gap(gap) if !gap.contains('\n') => {
                out.push_str([" ", "  ", "\t", "      ", "\u{a0}"][usize::from(next()) % 5]);
            }
            Piece::Gap(gap) => {
                for _ in 0..gap.matches('\n').count().min(2) {
                    out.push_str(["", "  ", "\t "][usize::from(next()) % 3]);
                    out.push('\n');
                }
                // How deep a comment stands tells where it belongs.
                out.push_str(gap.rsplit('\n').next().unwrap_or_default());
            }
            Piece::Solid(solid) => out.push_str(solid),
        }
    }
    out
}

/// Writes a program with other blanks, line ends and comments where both are free.
fn layout_changed(text: &str, choices: &[u8]) -> String {
    let mut choices = choices.iter().copied().cycle();
    let mut next = || choices.next().unwrap_or_default();
    let all = pieces(text);
    let solid_at = |at: Option<usize>| match at.and_then(|at| all.get(at)) {
        Some(Piece::Solid(solid)) => *solid,
        Some(Piece::Gap(_)) | None => "",
    };
    let mut out = String::new();
    for (at, piece) in all.iter().enumerate() {
        let Piece::Gap(gap) = piece else {
            out.push_str(solid_at(Some(at)));
            continue;
        };
        let (before, after) = (solid_at(at.checked_sub(1)), solid_at(Some(at + 1)));
        if before.starts_with("##") {
            // A description stays above what it describes.
            out.push_str(gap);
            continue;
        }
        let around = ["->", "and", "or", "else", ","];
        let is_free = around.contains(&before)
            || around.contains(&after)
            || ["{", "(", "not"].contains(&before)
            || after == "unless";
        let comment = format!("# {} {{ -> \" }}", next());
        match next() % 8 {
            0 if is_free => out.push('\n'),
            1 if is_free => out.push_str("\n\n\t "),
            2 if is_free && next() % 2 == 0 => out += &format!("  {comment}\n  "),
            3 if is_free && next() % 2 == 0 => out += &format!("\n{comment}\n\n# more\n"),
            4 if gap.contains('\n') => out += &format!(" {comment}\n{gap}\n  "),
            5 if gap.contains('\n') => out += &format!("\n\n\n{comment}\n"),
            6 if !gap.contains('\n') => out.push_str("   "),
            _ => out.push_str(gap),
        }
    }
    out
}

#[test]
fn what_the_author_did_with_blanks_makes_no_difference() {
    let programs = programs();
    proptest!(cases(300), |(at in any::<Index>(), choices in vec(any::<u8>(), 1..200))| {
        let text = at.get(&programs);
        let changed = blanks_changed(text, &choices);
        // A part whose lines a comment speaks of can stay as its author wrote it.
        if !text.contains("# allow") {
            prop_assert_eq!(format(&changed), format(text), "\n{}", changed);
        }
    });
}

#[test]
fn any_layout_of_a_program_is_laid_out() {
    let programs = programs();
    proptest!(cases(300), |(at in any::<Index>(), choices in vec(any::<u8>(), 1..400))| {
        let text = at.get(&programs);
        let changed = layout_changed(text, &choices);
        // What stands behind `repeat` is a setting, where a line end closes.
        if !text.contains("repeat") {
            prop_assert_eq!(parse(&changed).file, parse(text).file, "\n{}", changed);
        }
        let laid_out = format(&changed);
        prop_assert!(laid_out.is_ok(), "not laid out:\n{}", changed);
        let kept = kept(&changed, laid_out.as_deref().unwrap_or_default());
        prop_assert!(kept.is_ok(), "{}\n{}", kept.unwrap_err(), changed);
    });
}

// ------------------------------------------------------------ anything at all

/// What people, editors and merges leave in files.
const SCRAPS: [&str; 60] = [
    "\n",
    "\n\n",
    " ",
    "  ",
    "\t",
    "\r\n",
    "{",
    "}",
    "(",
    ")",
    "\"",
    "'",
    "“",
    "»",
    "#",
    "# c\n",
    "## d\n",
    "->",
    "→",
    "- ",
    "* ",
    "=>",
    "..",
    "–",
    ",",
    ":",
    "=",
    ">=",
    "≥",
    "%",
    "\\",
    "_",
    "5",
    "3d",
    "207 819",
    "5,000",
    "1.5",
    "10:00",
    "2026-03-01",
    "and",
    "or",
    "not",
    "if",
    "else",
    "split",
    "repeat",
    "segment",
    "chain a {",
    "policy {",
    "test \"t\" {",
    "grant by recency {",
    "message",
    "sms",
    "smss",
    "с",
    "é\u{301}",
    "\u{feff}",
    "\u{200b}",
    "\u{c}",
    "<<<<<<< ours\n",
];

/// A change of a text somewhere.
#[derive(Debug, Clone)]
enum Change {
    Insert(Index, &'static str),
    Remove(Index, usize),
    Swap(Index, Index),
    Cut(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let scrap = proptest::sample::select(&SCRAPS[..]);
    prop_oneof![
        6 => (any::<Index>(), scrap).prop_map(|(at, scrap)| Change::Insert(at, scrap)),
        3 => (any::<Index>(), 1..30usize).prop_map(|(at, length)| Change::Remove(at, length)),
        2 => (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Change::Swap(one, other)),
        1 => any::<Index>().prop_map(Change::Cut),
    ]
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for change in changes {
        let size = chars.len() + 1;
        match change {
            Change::Insert(at, scrap) => {
                let at = at.index(size);
                chars.splice(at..at, scrap.chars());
            }
            Change::Remove(at, length) => {
                let at = at.index(size);
                chars.drain(at..(at + length).min(size - 1));
            }
            Change::Swap(one, other) if size > 1 => {
                chars.swap(one.index(size - 1), other.index(size - 1));
            }
            Change::Swap(..) => {}
            Change::Cut(at) => chars.truncate(at.index(size)),
        }
    }
    chars.into_iter().collect()
}

#[test]
fn whatever_stands_in_a_file_nothing_of_it_is_lost() {
    let texts: Vec<String> = corpus().into_iter().map(|(_, text)| text).collect();
    let refused = std::cell::Cell::new(0);
    proptest!(cases(400), |(at in any::<Index>(), changes in vec(change(), 1..6))| {
        let original: &String = at.get(&texts);
        let text = changed(original, &changes);
        match laid_out(&text) {
            Some(laid_out) => {
                let kept = kept(&text, &laid_out);
                prop_assert!(kept.is_ok(), "{}\n{}", kept.unwrap_err(), text);
            }
            None => refused.set(refused.get() + 1),
        }
    });
    // A refusal is honest, but no help.
    assert!(refused.get() <= cases(400).cases / 100, "refused {}", refused.get());
}

#[test]
fn noise_is_no_reason_to_panic() {
    proptest!(cases(300), |(text in "\\PC{0,80}|[ \\n{}()\"#>a-z0-9.,:=-]{0,120}")| {
        if let Some(laid_out) = laid_out(&text) {
            let kept = kept(&text, &laid_out);
            prop_assert!(kept.is_ok(), "{}\n{}", kept.unwrap_err(), text);
        }
    });
}
