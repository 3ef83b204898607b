//! Texts with placeholders.
//!
//! In quotes and in plain files a brace opens a placeholder and `{{` is a brace. An HTML
//! file has braces of its own (its styles): there only what is written like a placeholder,
//! `{word.word}`, or is one, such as `{link}`, counts, and everything else stays as it stands.
//! What other tools write as a placeholder is text here, and is warned of.

use super::{Scope, foreign};
use crate::diagnostic::{Diagnostic, FormKind, Kind, Safety};
use crate::ir::{Piece, Placeholder};
use chainc_grammar::syntax::Span;

/// Where a text comes from.
pub(crate) enum Source {
    /// Between quotes, whose inside begins at this byte of the chain file.
    Quoted { first: u32 },
    /// From a file named at this place.
    File { at: Span, html: bool, path: String },
}

/// Cuts a text into pieces, each with its place in the chain file. `None` if something in
/// it was not understood.
pub(crate) fn template(
    text: &str,
    source: &Source,
    scope: &mut Scope<'_>,
) -> Option<Vec<(Piece, Span)>> {
    let html = matches!(source, Source::File { html: true, .. });
    let quoted = matches!(source, Source::Quoted { .. });
    let mut pieces: Vec<(Piece, Span)> = Vec::new();
    let mut plain = String::new();
    let mut fine = true;
    let mut at = 0;
    // Up to where the text is that of another tool.
    let mut told = 0;
    let mut before = None;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let width = c.len_utf8();
        // In HTML, `<...>` and `#` are of its own.
        if at >= told
            && "%{[<#*$".contains(c)
            && !(html && "<#".contains(c))
            && let Some(found) = foreign::at(rest, before)
        {
            let text = rest.get(..found.length).unwrap_or_default();
            // Of `${grant.points}` the value is known, and the sign is too much.
            let own = found.meant.is_some_and(|meant| text == format!("${{{}}}", meant.as_str()));
            told = if own { at + 1 } else { at + found.length };
            warn(text, found.meant, at, source, scope);
        }
        before = Some(c);
        // What is inside of it has been told.
        if at < told && c == '{' && !rest.starts_with("{{") {
            plain.push_str(text.get(at..told).unwrap_or_default());
            at = told;
            continue;
        }
        match c {
            '\\' if quoted => {
                let next = rest.get(1..).and_then(|rest| rest.chars().next());
                plain.push(match next {
                    Some('n') => '\n',
                    Some(next) => next,
                    None => '\\',
                });
                at += 1 + next.map_or(0, char::len_utf8);
            }
            '{' | '}' if html => {
                if let Some(literal) = doubled(rest) {
                    plain.push_str(literal);
                    at += literal.len() + 2;
                } else if let Some(name) = dotted(rest) {
                    let span = source.span(at, name.len() + 2);
                    flush(&mut pieces, &mut plain, span);
                    match placeholder(name, span, source, scope) {
                        Some(value) => pieces.push((Piece::Value(value), span)),
                        None => fine = false,
                    }
                    at += name.len() + 2;
                } else {
                    plain.push(c);
                    at += 1;
                }
            }
            '{' | '}' if rest.get(1..).is_some_and(|rest| rest.starts_with(c)) => {
                plain.push(c);
                at += 2;
            }
            '{' => {
                let inside = rest.get(1..).unwrap_or_default();
                let end = inside.find(['{', '}', '\n']);
                let closed =
                    end.filter(|end| inside.get(*end..).is_some_and(|r| r.starts_with('}')));
                let Some(end) = closed else {
                    unclosed('{', source.span(at, 1), source, scope);
                    fine = false;
                    at += 1;
                    continue;
                };
                let span = source.span(at, end + 2);
                flush(&mut pieces, &mut plain, span);
                let name = inside.get(..end).unwrap_or_default().trim();
                match placeholder(name, span, source, scope) {
                    Some(value) => pieces.push((Piece::Value(value), span)),
                    None => fine = false,
                }
                at += end + 2;
            }
            '}' => {
                unclosed('}', source.span(at, 1), source, scope);
                fine = false;
                at += 1;
            }
            c => {
                plain.push(c);
                at += width;
            }
        }
    }
    let span = source.span(at, 0);
    flush(&mut pieces, &mut plain, span);
    fine.then_some(pieces)
}

impl Source {
    fn span(&self, at: usize, length: usize) -> Span {
        match self {
            Self::Quoted { first } => {
                let start = *first as usize + at;
                Span::new(start, start + length)
            }
            Self::File { at, .. } => *at,
        }
    }

    fn file(&self) -> Option<String> {
        match self {
            Self::Quoted { .. } => None,
            Self::File { path, .. } => Some(path.clone()),
        }
    }
}

fn flush(pieces: &mut Vec<(Piece, Span)>, plain: &mut String, span: Span) {
    if !plain.is_empty() {
        pieces.push((Piece::Text(std::mem::take(plain)), span));
    }
}

fn unclosed(brace: char, span: Span, source: &Source, scope: &mut Scope<'_>) {
    scope.report(Kind::UnclosedPlaceholder { brace, file: source.file() }, span);
}

fn placeholder(
    name: &str,
    span: Span,
    source: &Source,
    scope: &mut Scope<'_>,
) -> Option<Placeholder> {
    let known = Placeholder::ALL.into_iter().find(|known| known.as_str() == name);
    if known.is_some() {
        return known;
    }
    let meant = foreign::nearest(name);
    let kind = Kind::UnknownPlaceholder {
        name: name.to_owned(),
        suggestion: meant.map(|meant| meant.as_str().to_owned()),
        file: source.file(),
    };
    let mut found = Diagnostic::new(kind, scope.place(span));
    if let (Some(meant), Source::Quoted { .. }) = (meant, source) {
        found = found.fixed(Safety::Unsafe, span, format!("{{{}}}", meant.as_str()));
    }
    scope.push(found);
    None
}

/// Warns of a placeholder of another tool.
fn warn(text: &str, meant: Option<Placeholder>, at: usize, source: &Source, scope: &mut Scope<'_>) {
    let span = source.span(at, text.len());
    let kind = FormKind::ForeignPlaceholder {
        text: text.to_owned(),
        meant: meant.map(Placeholder::as_str),
        file: source.file(),
    };
    let mut found = Diagnostic::new(Kind::Form(kind), scope.place(span));
    if let (Some(meant), Source::Quoted { .. }) = (meant, source) {
        found = found.fixed(Safety::Unsafe, span, format!("{{{}}}", meant.as_str()));
    }
    scope.push(found);
}

/// Returns `word.word` of a text that begins with `{word.word}`, and the name of one
/// without a dot.
fn dotted(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('{')?;
    let name = inside.get(..inside.find('}')?)?;
    let word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    if Placeholder::ALL.iter().any(|placeholder| placeholder.as_str() == name) {
        return Some(name);
    }
    match name.split_once('.') {
        Some((left, right)) => (word(left) && word(right)).then_some(name),
        // `{first_name}`, which no style has.
        None => {
            (word(name) && name.contains('_') && foreign::known(name).is_some()).then_some(name)
        }
    }
}

/// Returns `{word.word}` of a text that begins with `{{word.word}}`.
fn doubled(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('{')?;
    let length = dotted(inside)?.len() + 2;
    inside.get(length..)?.starts_with('}').then(|| inside.get(..length)).flatten()
}
