//! Slips whose meaning is clear, put right before the parse.
//!
//! People bring the habits of other tools and of prose: `sms offer, wait 3d`, `control: 10%`,
//! `recency between 60 and 89`. A walk over the tokens knows roughly where it is (in a
//! condition, behind an arrow, in a setting, in a table) and looks for forms that no correct
//! text has there. Each becomes one fault, and the text is read on with what was meant in
//! its place, so that nothing behind it is lost and nothing follows from it. Each rule looks
//! at a few tokens around its place, so that time grows linearly with the text.

mod braces;
mod context;
mod joints;
mod marks;
mod names;
mod prose;
mod quantities;
mod rows;
mod tokens;

use crate::fault::{Fault, FaultKind, Form, Repair};
use crate::syntax::Span;
use braces::Opened;
use context::{Block, State};
use std::collections::BTreeSet;
use tokens::{Kind, Token, tokens};

/// A slip, and what is read in its place.
#[derive(Debug, Clone)]
pub(crate) struct Slip {
    pub(crate) fault: Fault,
    pub(crate) reads: Vec<(Span, String)>,
}

/// Returns the slips in a text that the scan has prepared.
pub(crate) fn slips(text: &str) -> Vec<Slip> {
    let mut walk = Walk::new(text);
    walk.run();
    walk.slips
}

struct Walk<'t> {
    text: &'t str,
    /// The same text in small letters, byte for byte as long.
    lower: String,
    tokens: Vec<Token>,
    blocks: Vec<Block>,
    /// Where each of them was opened.
    opened: Vec<Opened>,
    /// How far the line is indented.
    indent: u32,
    /// How many `{` there are more than `}`.
    deficit: usize,
    /// A `{` without its `}` was searched for.
    open_end: bool,
    state: State,
    /// What the line before was about, at the beginning of a line.
    before: State,
    /// The word of the statement or step.
    head: String,
    parens: usize,
    line_start: bool,
    /// Names of the messages that the text declares.
    messages: BTreeSet<String>,
    /// True in a block without its `{`.
    is_unopened: bool,
    /// A `/*` without its end was seen: there is no other end behind it.
    endless: bool,
    slips: Vec<Slip>,
}

impl<'t> Walk<'t> {
    fn new(text: &'t str) -> Self {
        let small = |c: char| {
            let mut lower = c.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(small), None) if small.len_utf8() == c.len_utf8() => small,
                _ => c,
            }
        };
        let mut walk = Self {
            text,
            lower: text.chars().map(small).collect(),
            tokens: tokens(text),
            blocks: Vec::new(),
            opened: Vec::new(),
            indent: 0,
            deficit: 0,
            open_end: false,
            state: State::Start,
            before: State::Start,
            head: String::new(),
            parens: 0,
            line_start: true,
            messages: BTreeSet::new(),
            is_unopened: false,
            endless: false,
            slips: Vec::new(),
        };
        walk.deficit = walk.deficit();
        walk.messages = walk.declared_messages();
        walk
    }

    fn run(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            if at == 0 || self.kind(at - 1) == Some(Kind::Line) {
                self.new_line(at);
            }
            // A rule says where it ends; what it has seen is behind.
            match self.rules(at) {
                Some(next) => at = next.max(at + 1),
                None => {
                    self.advance(at);
                    at += 1;
                }
            }
        }
    }

    /// Tries every rule that can begin at a token.
    fn rules(&mut self, at: usize) -> Option<usize> {
        let kind = self.tokens.get(at)?.kind;
        match kind {
            Kind::Line => None,
            Kind::Wide => self.wide(at),
            Kind::Text => self.quoted_name(at),
            Kind::Number => self
                .numbered(at)
                .or_else(|| self.row(at))
                .or_else(|| self.range_of(at))
                .or_else(|| self.quantity(at)),
            Kind::Sign => self
                .comment(at)
                .or_else(|| self.row_mark(at))
                .or_else(|| self.bullet(at))
                .or_else(|| self.instead_of_unless(at))
                .or_else(|| self.odd_arrow(at))
                .or_else(|| self.joint(at))
                .or_else(|| self.joiner(at))
                .or_else(|| self.mark(at))
                .or_else(|| self.money_first(at))
                .or_else(|| self.call(at))
                .or_else(|| self.table(at))
                .or_else(|| self.braced_flow(at))
                .or_else(|| self.trailing(at))
                .or_else(|| self.closed_early(at)),
            Kind::Word => self
                .numbered(at)
                .or_else(|| self.hyphens(at))
                .or_else(|| self.translated(at))
                .or_else(|| self.instead_of_unless(at))
                .or_else(|| self.joint(at))
                .or_else(|| self.joiner(at))
                .or_else(|| self.range_from(at))
                .or_else(|| self.money_first(at))
                .or_else(|| self.number_word(at))
                .or_else(|| self.phrase(at)),
        }
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn span(&self, at: usize) -> Span {
        let end = self.text.len();
        self.tokens.get(at).map_or(Span::new(end, end), |token| token.span)
    }

    fn of_kind(&self, at: usize, kind: Kind) -> &str {
        match self.tokens.get(at) {
            Some(token) if token.kind == kind => token.span.text(&self.lower),
            _ => "",
        }
    }

    /// Returns a word in small letters, or nothing where there is none.
    fn word(&self, at: usize) -> &str {
        self.of_kind(at, Kind::Word)
    }

    fn sign(&self, at: usize) -> &str {
        self.of_kind(at, Kind::Sign)
    }

    fn number(&self, at: usize) -> &str {
        self.of_kind(at, Kind::Number)
    }

    /// Returns a token as written.
    fn raw(&self, at: usize) -> &'t str {
        self.span(at).text(self.text)
    }

    /// Returns true when nothing stands between a token and the one before it.
    fn is_glued(&self, at: usize) -> bool {
        at > 0 && self.span(at - 1).end == self.span(at).start
    }

    /// Returns the next token that is no line end.
    fn past_lines(&self, mut at: usize) -> usize {
        while self.kind(at) == Some(Kind::Line) {
            at += 1;
        }
        at
    }

    fn block(&self) -> Block {
        self.blocks.last().copied().unwrap_or(Block::File)
    }

    fn stretch(&self, from: usize, to: usize) -> Span {
        self.span(from).to(self.span(to))
    }

    fn push(&mut self, kind: FaultKind, span: Span, repair: Repair, reads: Vec<(Span, String)>) {
        self.slips.push(Slip { fault: Fault { span, kind, repair: Some(repair) }, reads });
    }

    /// Reports tokens that are written otherwise.
    fn written(&mut self, from: usize, to: usize, meant: &str, of: Form, safe: bool) {
        let span = self.stretch(from, to);
        let kind = self.form(span, meant, of);
        self.replaced(span, kind, meant, safe);
    }

    fn form(&self, span: Span, meant: &str, of: Form) -> FaultKind {
        let found: String = span.text(self.text).chars().take(40).collect();
        FaultKind::Form { found, meant: meant.trim().to_owned(), of }
    }

    /// Reports a stretch, with what is meant in its place, set apart from its neighbours.
    fn replaced(&mut self, span: Span, kind: FaultKind, meant: &str, safe: bool) {
        let text = self.set_apart(span, meant);
        let repair = Repair { span, text: text.clone(), safe };
        self.push(kind, span, repair, vec![(span, text)]);
    }

    /// Returns a text with a blank on each side where a word or number would touch it.
    fn set_apart(&self, span: Span, text: &str) -> String {
        let (start, end) = (span.start as usize, span.end as usize);
        let touches = |c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | ')' | '}' | '%');
        let before = self.text.get(..start).and_then(|before| before.chars().next_back());
        let after = self.text.get(end..).and_then(|after| after.chars().next());
        let is_mark = |c: Option<char>| c.is_some_and(|c| matches!(c, ':' | ',' | '.'));
        let left = before.is_some_and(touches) && !is_mark(text.chars().next());
        let right = after.is_some_and(|c| touches(c) && c != '%' && c != ')' && c != '}')
            && !text.ends_with("..");
        format!("{}{text}{}", if left { " " } else { "" }, if right { " " } else { "" })
    }

    /// Reports tokens that have to go.
    fn removed(&mut self, from: usize, to: usize, of: Form, safe: bool) {
        let span = self.stretch(from, to);
        let kind = self.form(span, "", of);
        let (start, mut end) = (span.start as usize, span.end as usize);
        let before = self.text.get(..start).and_then(|before| before.chars().next_back());
        let after = self.text.get(end..).unwrap_or_default();
        let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
        let is_apart = before.is_none_or(char::is_whitespace);
        let mut text = String::new();
        if is_apart {
            end += blanks;
        } else if blanks == 0 && after.starts_with(|c: char| c.is_alphanumeric() || c == '"') {
            text.push(' ');
        }
        let repair = Repair { span: Span::new(start, end), text, safe };
        self.push(kind, span, repair, vec![(span, " ".to_owned())]);
    }
}
