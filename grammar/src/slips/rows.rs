//! Tables: what people put between days and points.

use super::context::{Block, State, is_arrow};
use super::tokens::is_dash;
use super::{Kind, Walk};
use crate::fault::{Form, Repair};
use crate::syntax::Span;

impl Walk<'_> {
    /// `60..69 300`: the points follow the days without a colon.
    pub(super) fn row(&mut self, at: usize) -> Option<usize> {
        if self.block() != Block::Table || self.state != State::Row || self.is_glued(at) {
            return None;
        }
        if self.kind(at.wrapping_sub(1)) != Some(Kind::Number) || !self.is_key(at - 1) {
            return None;
        }
        let gap = Span { start: self.span(at - 1).end, end: self.span(at).start };
        let span = self.stretch(at - 1, at);
        let kind = self.form(span, ":", Form::Row);
        let repair = Repair { span: gap, text: ": ".to_owned(), safe: true };
        self.push(kind, self.span(at), repair, vec![(gap, ": ".to_owned())]);
        Some(at + 1)
    }

    /// `60..69 -> 300`, `60..69 = 300`.
    pub(super) fn row_mark(&mut self, at: usize) -> Option<usize> {
        if self.block() != Block::Table || self.state != State::Row {
            return None;
        }
        let sign = self.sign(at);
        if sign == ";" {
            if matches!(self.kind(at + 1), Some(Kind::Line)) || self.sign(at + 1) == "}" {
                return None;
            }
            self.written(at, at, ",", Form::Row, true);
            self.state = State::Start;
            return Some(at + 1);
        }
        let is_mark = is_arrow(sign)
            || matches!(sign, "=" | "==" | ":=" | ">" | "|")
            || sign.chars().all(is_dash) && !sign.is_empty();
        let before = at.wrapping_sub(1);
        let behind = !self.number(before).is_empty() && self.is_key(before);
        if !is_mark || !behind || self.number(at + 1).is_empty() {
            return None;
        }
        // A dash behind the first of two days makes the range.
        let is_range = self.is_ranged(before);
        if sign.chars().all(is_dash) && !is_range {
            return None;
        }
        self.written(at, at, ":", Form::Row, true);
        Some(at + 2)
    }

    /// Returns true for a number that is the days of a row, or their end.
    fn is_key(&self, at: usize) -> bool {
        let opens = |at: usize| {
            let before = at.wrapping_sub(1);
            matches!(self.sign(before), "{" | "," | ";") || self.kind(before) == Some(Kind::Line)
        };
        opens(at) || self.is_ranged(at) && opens(at - 2)
    }

    fn is_ranged(&self, at: usize) -> bool {
        let mark = self.sign(at.wrapping_sub(1));
        let is_mark =
            matches!(mark, ".." | "..." | "…") || !mark.is_empty() && mark.chars().all(is_dash);
        at >= 2 && is_mark && self.kind(at - 2) == Some(Kind::Number)
    }

    /// `grant { 30..59: 100 }`.
    pub(super) fn table(&mut self, at: usize) -> Option<usize> {
        let is_table = self.sign(at) == "{"
            && self.state == State::Step
            && self.word(at.wrapping_sub(1)) == "grant"
            && self.kind(self.past_lines(at + 1)) == Some(Kind::Number);
        if !is_table {
            return None;
        }
        let span = self.span(at);
        let kind = self.form(self.stretch(at - 1, at), "grant by recency {", Form::Table);
        let repair = Repair { span, text: "by recency {".to_owned(), safe: true };
        let reads = vec![(span, "by recency {".to_owned())];
        self.push(kind, span, repair, reads);
        self.advance(at);
        Some(at + 1)
    }
}
