//! Braces that are missing, or stand where they should not.

use super::context::{Block, State, is_arrow};
use super::{Kind, Walk};
use crate::fault::{BlockOf, FaultKind, Form, Repair};
use crate::syntax::Span;

/// Where a block was opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opened {
    brace: Span,
    /// How far its line is indented.
    indent: u32,
    /// The last token before the first line that is indented no further.
    ends: Option<usize>,
}

impl Walk<'_> {
    /// Looks at the first token of a line.
    pub(super) fn new_line(&mut self, at: usize) {
        let line = at.checked_sub(1).map_or(0, |line| self.span(line).end);
        self.indent = self.span(at).start.saturating_sub(line);
        if self.sign(at) == "}" {
            self.left_open(at);
        } else if self.kind(at) != Some(Kind::Line) && self.sign(at) != "{" {
            let (indent, last) = (self.indent, self.last_before(at));
            if let Some(opened) = self.opened.last_mut()
                && opened.ends.is_none()
                && indent <= opened.indent
            {
                opened.ends = last;
            }
        }
    }

    fn last_before(&self, at: usize) -> Option<usize> {
        (0..at).rev().find(|at| self.kind(*at) != Some(Kind::Line))
    }

    /// Remembers a brace.
    pub(super) fn open_at(&mut self, at: usize) {
        self.opened.push(Opened { brace: self.span(at), indent: self.indent, ends: None });
    }

    /// Returns how many `{` are never closed.
    pub(super) fn deficit(&self) -> usize {
        let count = |sign| (0..self.tokens.len()).filter(|at| self.sign(*at) == sign).count();
        count("{").saturating_sub(count("}"))
    }

    /// A `}` that stands below the line of an outer block closes that one: what is open
    /// inside of it lacks its own.
    fn left_open(&mut self, at: usize) {
        while self.deficit > 0 && self.opened.len() == self.blocks.len() {
            let Some(inner) = self.opened.last().copied() else { return };
            let outer = self.opened.iter().rev().skip(1).any(|outer| outer.indent == self.indent);
            let of = match self.block() {
                Block::Body => BlockOf::Arm,
                Block::Split => BlockOf::Split,
                _ => return,
            };
            if inner.indent <= self.indent || !outer {
                return;
            }
            let Some(last) = inner.ends.or_else(|| self.last_before(at)) else { return };
            let place = self.span(last).after();
            let repair = Repair { span: place, text: " }".to_owned(), safe: false };
            let kind = FaultKind::UnclosedBlock { open: inner.brace, of };
            self.push(kind, place, repair, vec![(place, " }".to_owned())]);
            self.deficit -= 1;
            self.opened.pop();
            self.blocks.pop();
        }
    }

    /// Returns the `}` of a `{`. Where one has none, none is searched for again.
    pub(super) fn closing(&mut self, open: usize) -> Option<usize> {
        if self.open_end {
            return None;
        }
        let mut depth = 0_usize;
        for at in open..self.tokens.len() {
            match self.sign(at) {
                "{" => depth += 1,
                "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return Some(at);
            }
        }
        self.open_end = true;
        None
    }

    /// A `}` before the last steps of a chain.
    pub(super) fn closed_early(&mut self, at: usize) -> Option<usize> {
        let closes = self.sign(at) == "}" && self.block() == Block::Chain;
        if !closes || !is_arrow(self.sign(self.past_lines(at + 1))) {
            return None;
        }
        let span = self.span(at);
        let mut reads = vec![(span, " ".to_owned())];
        let mut repair = Repair { span, text: String::new(), safe: false };
        if let Some(last) = self.unclosed_steps(at + 1)? {
            // Nothing closes the chain behind the steps: the brace belongs there.
            let end = self.span(last).after();
            let whole = span.to(end);
            let between = Span { start: span.end, end: end.end };
            let text = format!("{}\n}}", between.text(self.text));
            reads.push((end, "\n}".to_owned()));
            repair = Repair { span: whole, text, safe: false };
        }
        self.push(FaultKind::ClosedEarly, span, repair, reads);
        self.before = State::Step;
        Some(at + 1)
    }

    /// Returns the last token of steps that stand behind the end of their chain; nothing
    /// in it where a `}` of their own ends them.
    fn unclosed_steps(&self, from: usize) -> Option<Option<usize>> {
        let mut depth = 0_usize;
        let mut last = from;
        let mut at = from;
        loop {
            let margin = self.kind(at.wrapping_sub(1)) == Some(Kind::Line) && self.is_glued(at);
            match (self.kind(at), self.sign(at)) {
                (None, _) => return Some(Some(last)),
                (Some(Kind::Word), _) if margin => return Some(Some(last)),
                (_, "{") => depth += 1,
                (_, "}") if depth == 0 => return Some(None),
                (_, "}") => depth -= 1,
                _ => {}
            }
            if self.kind(at) != Some(Kind::Line) {
                last = at;
            }
            at += 1;
        }
    }

    /// `segment sleeping { sms offer }`: steps follow an arrow, not a brace.
    pub(super) fn braced_flow(&mut self, at: usize) -> Option<usize> {
        let state = if self.state == State::Start { self.before } else { self.state };
        let fits = self.sign(at) == "{" && state == State::Condition && self.head == "segment";
        let first = self.past_lines(at + 1);
        // A text behind the channel is one of a message, whatever stands before the brace.
        let is_text = self.kind(first + 1) == Some(Kind::Text);
        if !fits || is_text || !(self.is_like_step(first) || is_arrow(self.sign(first))) {
            return None;
        }
        let close = self.closing(at)?;
        let arrow = if is_arrow(self.sign(first)) { "" } else { "->" };
        let open = self.span(at);
        let inside = Span { start: open.end, end: self.span(close).start };
        let inside = inside.text(self.text).trim_end();
        let kind = self.form(open, "->", Form::Braced);
        let whole = self.stretch(at, close);
        let repair = Repair { span: whole, text: format!("{arrow}{inside}"), safe: true };
        let read = if arrow.is_empty() { " " } else { arrow };
        let reads = vec![(open, read.to_owned()), (self.span(close), " ".to_owned())];
        self.push(kind, open, repair, reads);
        self.onward();
        Some(at + 1)
    }
}
