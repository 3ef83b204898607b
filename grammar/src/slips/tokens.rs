//! Words, numbers, texts and signs of a text, for those who look for slips.

use crate::syntax::Span;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word.
    Word,
    /// A number, a clock time or a date, as somebody wrote it.
    Number,
    /// A text in quotes.
    Text,
    /// A sign, or several that are one.
    Sign,
    /// Signs and letters of the width that some keyboards type.
    Wide,
    /// The end of a line.
    Line,
}

/// A token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// Returns the tokens of a text, without blanks and comments.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 5);
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let (kind, length) = match c {
            '\n' | '\u{c}' => (Kind::Line, 1),
            '#' => {
                at += rest.find(['\n', '\u{c}']).unwrap_or(rest.len());
                continue;
            }
            '"' => (Kind::Text, quoted(rest)),
            c if is_wide(c) => (Kind::Wide, span_of(rest, is_wide)),
            c if c.is_ascii_digit() => (Kind::Number, number(rest)),
            c if c.is_alphabetic() || c == '_' => (Kind::Word, span_of(rest, is_of_word)),
            c if crate::build::is_blank(c) => {
                at += c.len_utf8();
                continue;
            }
            _ => (Kind::Sign, sign(rest, c)),
        };
        tokens.push(Token { kind, span: Span::new(at, at + length) });
        at += length;
    }
    tokens
}

/// Returns true for characters that look as if they were set apart, and the ideographic
/// comma.
pub(super) fn is_wide(c: char) -> bool {
    matches!(c, '\u{ff01}'..='\u{ff5e}' | '、' | '。')
}

/// Returns true for what goes on in a word: marks above letters do, too.
fn is_of_word(c: char) -> bool {
    let is_mark = || {
        !matches!(c, '\u{2000}'..='\u{2bff}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffff}')
            && !crate::build::is_blank(c)
    };
    c.is_alphanumeric() || c == '_' || c > '\u{2ff}' && is_mark()
}

/// Returns true for marks that are one dash or another.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−')
}

fn span_of(text: &str, kind: impl Fn(char) -> bool) -> usize {
    text.find(|c| !kind(c)).unwrap_or(text.len())
}

fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' | '\u{c}' => return at,
            '"' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    rest.len()
}

/// Returns the length of digits with what belongs to them: `1_000`, `4.20`, `10:00`,
/// `2026-03-01`, `01.03.2026`.
fn number(rest: &str) -> usize {
    let digits = |at: usize| span_of(rest.get(at..).unwrap_or_default(), |c| c.is_ascii_digit());
    let byte = |at: usize| rest.as_bytes().get(at).copied();
    let first = span_of(rest, |c| c.is_ascii_digit() || c == '_');
    let mark = byte(first);
    if let Some(mark @ (b'.' | b'/' | b'-')) = mark {
        let second = digits(first + 1);
        let third_at = first + 1 + second;
        if (1..=2).contains(&second) && byte(third_at) == Some(mark) {
            let third = digits(third_at + 1);
            let (year, days) = if first == 4 { (first, third) } else { (third, first) };
            if year == 4 && (1..=2).contains(&days) {
                return third_at + 1 + third;
            }
        }
    }
    match mark {
        Some(b'.') if digits(first + 1) > 0 => first + 1 + digits(first + 1),
        Some(b':') if first <= 2 && digits(first + 1) == 2 => {
            let minutes = first + 3;
            let seconds = byte(minutes) == Some(b':') && digits(minutes + 1) == 2;
            if seconds { minutes + 3 } else { minutes }
        }
        _ => first,
    }
}

fn sign(rest: &str, c: char) -> usize {
    let run = |kind: &dyn Fn(char) -> bool| span_of(rest, kind);
    match c {
        c if is_dash(c) || c == '=' => {
            let strokes = run(&|c| is_dash(c) || c == '=');
            let tips = span_of(rest.get(strokes..).unwrap_or_default(), |c| matches!(c, '>' | '→'));
            // `=<` is a comparison.
            strokes + tips
        }
        '.' | '>' => run(&|other| other == c).max(if rest.starts_with(">=") { 2 } else { 1 }),
        '<' if rest.starts_with("<=") || rest.starts_with("<>") => 2,
        '!' if rest.starts_with("!=") => 2,
        '&' if rest.starts_with("&&") => 2,
        '|' if rest.starts_with("||") => 2,
        ':' if rest.starts_with(":=") => 2,
        '/' if rest.starts_with("//") || rest.starts_with("/*") => 2,
        c => c.len_utf8(),
    }
}
