//! The tokens of a line and the blanks between them.
//!
//! A lexer of its own, for text whose places the tree already knows. Where a blank could
//! decide what is read, the blank stays as it was written.

/// What a token is, as far as the blank beside it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, a name, a unit.
    Word,
    /// Digits, with what belongs to them.
    Number,
    /// A date or a clock time.
    Moment,
    /// A text in quotes.
    Text,
    /// `%`
    Percent,
    /// `..`
    Dots,
    /// Another sign for `..`: it may be a minus.
    OtherDots,
    /// An arrow or a comparison.
    Sign,
    /// `{`
    Open,
    /// `}`
    Close,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// A comment.
    Comment,
    /// What is not touched.
    Other,
}

/// A token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'s> {
    pub(super) kind: Kind,
    pub(super) text: &'s str,
}

/// The signs of comparison, those that are read as one, and `>>`, which may be an arrow.
const COMPARISONS: [&str; 9] = [">=", ">>", "<=", "==", "=<", "≥", "≤", ">", "<"];

/// Returns true for what stands between tokens.
pub(super) fn is_blank(c: char) -> bool {
    is_plain_blank(c) || matches!(c, '\n' | '\r' | '\u{feff}' | '\u{200b}')
}

/// Returns true for a blank that may stand inside of a quantity.
fn is_plain_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{c}' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Returns the first token of a text that begins with one. Behind the days of a table's row
/// a colon is never part of a clock time.
pub(super) fn token(text: &str, is_days: bool) -> Token<'_> {
    let cut = |kind, length| Token { kind, text: text.get(..length).unwrap_or(text) };
    let Some(first) = text.chars().next() else { return cut(Kind::Other, 0) };
    if first.is_ascii_digit() {
        let (kind, length) = number(text, is_days);
        return cut(kind, length);
    }
    if is_word(first) {
        return cut(Kind::Word, length(text, is_word));
    }
    if let Some(length) = quoted(text, first) {
        return cut(Kind::Text, length);
    }
    if let Some(length) = arrow(text) {
        return cut(Kind::Sign, length);
    }
    for (kind, signs) in [
        (Kind::OtherDots, &["..."][..]),
        (Kind::Dots, &[".."][..]),
        (Kind::Sign, &COMPARISONS[..]),
        (Kind::OtherDots, &["…", "–", "—", "-"][..]),
    ] {
        if let Some(sign) = signs.iter().find(|sign| text.starts_with(**sign)) {
            return cut(kind, sign.len());
        }
    }
    let kind = match first {
        '=' => Kind::Sign,
        '%' => Kind::Percent,
        '{' => Kind::Open,
        '}' => Kind::Close,
        '(' => Kind::OpenParen,
        ')' => Kind::CloseParen,
        ',' => Kind::Comma,
        ':' => Kind::Colon,
        _ => Kind::Other,
    };
    cut(kind, first.len_utf8())
}

/// Returns how many bytes at the beginning are of a kind.
fn length(text: &str, kind: impl Fn(char) -> bool) -> usize {
    text.find(|c| !kind(c)).unwrap_or(text.len())
}

fn number(text: &str, is_days: bool) -> (Kind, usize) {
    let digits = |from: usize| length(text.get(from..).unwrap_or_default(), |c| c.is_ascii_digit());
    let follows = |at: usize, sign: char| text.get(at..).is_some_and(|t| t.starts_with(sign));
    let ends =
        |at: usize, more: fn(char) -> bool| !text.get(at..).unwrap_or_default().starts_with(more);
    let first = digits(0);
    if first == 4 && follows(4, '-') && digits(5) >= 2 {
        let is_date = digits(5) == 2 && follows(7, '-') && digits(8) == 2;
        if is_date && ends(10, is_word) {
            return (Kind::Moment, 10);
        }
    }
    if !is_days && first <= 2 && follows(first, ':') && digits(first + 1) == 2 {
        let end = first + 3;
        if ends(end, |c| c == ':') {
            return (Kind::Moment, end);
        }
    }
    let mut end = first;
    while end > 0 && first <= 3 && follows(end, ',') && is_group(text, end + 1) {
        end += 4;
    }
    if end > first {
        return (Kind::Number, end);
    }
    end = length(text, |c| c.is_ascii_digit() || c == '_');
    if follows(end, '.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    (Kind::Number, end)
}

/// Returns true where three digits stand that a comma groups.
fn is_group(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let group = length(rest, |c| c.is_ascii_digit() || c == '_');
    let after = rest.get(3..).unwrap_or_default();
    let is_key = after.trim_start_matches(is_plain_blank).starts_with(':');
    group == 3 && !rest.starts_with('_') && !after.starts_with("..") && !is_key
}

/// Returns the length of an arrow, and of what is read as one.
fn arrow(text: &str) -> Option<usize> {
    if let Some(sign) =
        ["→", "⟶", "- >", "–>", "—>"].into_iter().find(|sign| text.starts_with(sign))
    {
        return Some(sign.len());
    }
    let shaft = length(text, |c| c == '-');
    let head = text.get(shaft..).unwrap_or_default();
    match head.chars().next() {
        Some('→') => Some(shaft + '→'.len_utf8()),
        Some('>') if shaft > 0 => Some(shaft + length(head, |c| c == '>').min(3)),
        _ => {
            let shaft = length(text, |c| c == '=');
            let is_arrow = shaft > 0 && text.get(shaft..).is_some_and(|head| head.starts_with('>'));
            is_arrow.then_some(shaft + 1)
        }
    }
}

/// Returns the length of a text in quotes, also in foreign ones; without its closing quote
/// it reaches to the end of the line.
fn quoted(text: &str, open: char) -> Option<usize> {
    let close: &[char] = match open {
        '"' => &['"'],
        '«' => &['»'],
        '\'' => &['\''],
        '“' | '„' => &['”', '“'],
        _ => return None,
    };
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == '\n' {
            return (open == '"').then_some(at);
        }
        if open != '"' && c == '"' {
            return None;
        }
        if !escaped && close.contains(&c) {
            return Some(at + c.len_utf8());
        }
        escaped = open == '"' && c == '\\' && !escaped;
    }
    (open == '"').then_some(text.len())
}

/// The blank between two tokens of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Between {
    /// None.
    Nothing,
    /// One.
    Blank,
    /// What was written, as long as it was on one line.
    AsWritten,
}

/// Returns what stands between two tokens.
pub(super) fn between(before: Kind, next: Token<'_>, gap: &str) -> Between {
    use Between::{AsWritten, Blank, Nothing};
    if gap.chars().any(|c| matches!(c, '\r' | '\u{feff}' | '\u{200b}')) && !gap.contains('\n') {
        return AsWritten;
    }
    match (before, next.kind) {
        (Kind::Other, _) | (_, Kind::Other) | (Kind::OtherDots, _) | (_, Kind::OtherDots) => {
            AsWritten
        }
        (Kind::Open, Kind::Close) | (Kind::Dots | Kind::OpenParen, _) => Nothing,
        (_, Kind::Dots | Kind::CloseParen | Kind::Comma | Kind::Colon) => Nothing,
        (Kind::Number, Kind::Percent) if !gap.contains('\n') => Nothing,
        // A blank between groups of digits makes them one number, two make them two.
        (Kind::Number, Kind::Number) => AsWritten,
        (Kind::Number, Kind::Word) if !gap.contains('\n') => of_unit(next.text, gap),
        (Kind::Moment, Kind::Word) if gap.is_empty() => Nothing,
        _ => Blank,
    }
}

/// `3d`, but `300 points`; what is spelled otherwise stays as it is.
fn of_unit(word: &str, gap: &str) -> Between {
    let is_currency = word.len() == 3
        && word.chars().all(|c| c.is_ascii_uppercase())
        && !matches!(word, "AND" | "NOT");
    match word {
        "d" | "h" | "m" | "w" => Between::Nothing,
        "points" | "point" | "cycles" | "cycle" => Between::Blank,
        _ if is_currency || !gap.is_empty() => Between::Blank,
        _ => Between::Nothing,
    }
}
