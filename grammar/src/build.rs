//! From pest's pairs to the syntax tree.
//!
//! One function per rule, grouped as the grammar is. A `bad_` pair becomes a bad node and
//! is handed to [`crate::recover`] for its fault; `missing_` and `compat_` pairs become
//! faults here.

mod conditions;
mod declarations;
mod messages;
mod scenarios;
mod steps;
mod values;

use crate::fault::{Fault, FaultKind, Repair};
use crate::grammar::Rule;
use crate::syntax::{Comment, Name, Node, Span};
use pest::iterators::{Pair, Pairs};

/// What every building function needs.
pub(crate) struct Build<'b> {
    text: &'b str,
    comments: &'b [Comment],
    faults: &'b mut Vec<Fault>,
    /// Where the stretch that was parsed begins in the text.
    pub(crate) base: usize,
    /// Names that something with a fault would have declared.
    pub(crate) declared: Vec<String>,
    /// True when the flow being built turned out to be a misspelled named segment.
    pub(crate) not_a_flow: bool,
}

impl<'b> Build<'b> {
    pub(crate) fn new(text: &'b str, comments: &'b [Comment], faults: &'b mut Vec<Fault>) -> Self {
        Self { text, comments, faults, base: 0, declared: Vec::new(), not_a_flow: false }
    }

    pub(crate) fn text(&self) -> &'b str {
        self.text
    }

    pub(crate) fn faults(&mut self) -> &mut Vec<Fault> {
        self.faults
    }

    pub(crate) fn fault(&mut self, span: Span, kind: FaultKind) {
        self.faults.push(Fault { span, kind, repair: None });
    }

    pub(crate) fn repaired(&mut self, span: Span, kind: FaultKind, text: &str, safe: bool) {
        let repair = Some(Repair { span, text: text.to_owned(), safe });
        self.faults.push(Fault { span, kind, repair });
    }

    /// Returns the place of a pair without the blanks, line ends and comments that a rule
    /// with an optional end has swallowed.
    pub(crate) fn place(&self, pair: &Pair<'_, Rule>) -> Span {
        let (start, end) = (pair.as_span().start(), pair.as_span().end());
        let (start, end) = (self.base + start, self.base + end);
        Span::new(start, self.trimmed_end(start, end))
    }

    /// Returns where a pair begins.
    pub(crate) fn start(&self, pair: &Pair<'_, Rule>) -> usize {
        self.base + pair.as_span().start()
    }

    /// Returns the place right behind the last thing that stands before `at`.
    pub(crate) fn end_before(&self, from: Span, at: usize) -> Span {
        let start = from.start as usize;
        let end = self.trimmed_end(start, at.max(start));
        Span::new(end, end)
    }

    /// Returns where the last thing between two offsets ends: blanks and comments are none.
    fn trimmed_end(&self, start: usize, mut end: usize) -> usize {
        loop {
            let slice = self.text.get(start..end).unwrap_or_default();
            end = start + slice.trim_end_matches(is_blank).len();
            let before = self.comments.partition_point(|c| (c.span.start as usize) < end);
            match before.checked_sub(1).and_then(|last| self.comments.get(last)) {
                Some(c) if c.span.start as usize >= start && c.span.end as usize >= end => {
                    end = c.span.start as usize;
                }
                _ => return end,
            }
        }
    }

    pub(crate) fn name(&self, pair: &Pair<'_, Rule>) -> Name {
        let span = self.place(pair);
        Node::new(span, span.text(self.text).to_owned())
    }

    /// Returns the `##` lines right above a place.
    pub(crate) fn description(&self, span: Span) -> Option<String> {
        let mut below = span.start as usize;
        let mut lines = Vec::new();
        let first_after = self.comments.partition_point(|c| c.span.start < span.start);
        for comment in self.comments.iter().take(first_after).rev() {
            let gap = self.text.get(comment.span.end as usize..below).unwrap_or_default();
            let one_line = gap.matches('\n').count() == 1 && gap.chars().all(is_blank);
            let alone = self.text.get(..comment.span.start as usize).is_some_and(|before| {
                let before = before.trim_end_matches(|c| c != '\n' && is_blank(c));
                before.is_empty() || before.ends_with('\n')
            });
            if !comment.doc || !one_line || !alone {
                break;
            }
            lines.push(comment.span.text(self.text).trim_start_matches('#').trim());
            below = comment.span.start as usize;
        }
        lines.reverse();
        let text = lines.join("\n").trim().to_owned();
        (!text.is_empty()).then_some(text)
    }
}

/// Blanks and line ends of every kind.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{c}')
}

/// Returns the first pair of a rule.
pub(crate) fn find<'p>(pairs: Pairs<'p, Rule>, rule: Rule) -> Option<Pair<'p, Rule>> {
    pairs.into_iter().find(|pair| pair.as_rule() == rule)
}
