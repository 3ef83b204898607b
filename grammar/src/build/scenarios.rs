//! Tests as the project writes them.

use super::{Build, find};
use crate::fault::{BlockOf, FaultKind, Slot};
use crate::grammar::Rule;
use crate::syntax::{Atom, Node, Phrase, TestBlock, TestLine};
use pest::iterators::Pair;

impl Build<'_> {
    pub(super) fn test(&mut self, pair: Pair<'_, Rule>) -> TestBlock {
        let span = self.place(&pair);
        let mut test = TestBlock { keyword: Node::new(span, ()), title: None, lines: None };
        let before = self.faults.len();
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::kw_test => test.keyword.span = at,
                Rule::string => test.title = Some(self.string(inner)),
                Rule::bad_head if at.start == at.end => {
                    let expected = vec!["a text in quotes"];
                    let found = String::new();
                    let slot = Slot::Head;
                    let kind = FaultKind::Unexpected { slot, found, expected, suggestion: None };
                    self.fault(test.keyword.span, kind);
                }
                Rule::bad_head => self.recover(Slot::Head, at),
                Rule::missing_block => self.missing_block(before, span, &inner, BlockOf::Test),
                _ => test.lines = Some(self.lines(inner)),
            }
        }
        test
    }

    fn lines(&mut self, block: Pair<'_, Rule>) -> Vec<Node<TestLine>> {
        let mut open = self.place(&block);
        let mut lines = Vec::new();
        for inner in block.into_inner() {
            let at = self.place(&inner);
            let line = match inner.as_rule() {
                Rule::open => {
                    open = at;
                    continue;
                }
                Rule::missing_close => {
                    let place = self.end_before(open, self.start(&inner));
                    let kind = FaultKind::UnclosedBlock { open, of: BlockOf::Test };
                    self.repaired(place, kind, "\n}", false);
                    continue;
                }
                Rule::of_chain => find(inner.into_inner(), Rule::name)
                    .map_or(TestLine::Bad, |name| TestLine::Chain(self.name(&name))),
                Rule::given => TestLine::Given(self.phrases(inner)),
                Rule::day_line => self.day(inner).unwrap_or(TestLine::Bad),
                Rule::bad_line => {
                    self.recover(Slot::TestLine, at);
                    TestLine::Bad
                }
                _ => continue,
            };
            lines.push(Node::new(at, line));
        }
        lines
    }

    fn day(&mut self, pair: Pair<'_, Rule>) -> Option<TestLine> {
        let day = find(pair.clone().into_inner(), Rule::day_value)?;
        let day = self.quantity(day);
        let at = find(pair.clone().into_inner(), Rule::moment).map(|at| self.quantity(at));
        let expect = find(pair.clone().into_inner(), Rule::expect);
        let expect = expect.map(|word| Node::new(self.place(&word), ()));
        Some(TestLine::Day { day, at, expect, phrases: self.phrases(pair) })
    }

    fn phrases(&mut self, pair: Pair<'_, Rule>) -> Vec<Phrase> {
        let phrases = pair.into_inner().filter(|inner| inner.as_rule() == Rule::phrase);
        phrases
            .map(|phrase| {
                let span = self.place(&phrase);
                Node::new(span, phrase.into_inner().map(|atom| self.atom(atom)).collect())
            })
            .collect()
    }

    /// Builds a piece of a setting, or of a phrase.
    pub(super) fn atom(&mut self, pair: Pair<'_, Rule>) -> Node<Atom> {
        let at = self.place(&pair);
        let atom = match pair.as_rule() {
            Rule::word => Atom::Word(at.text(self.text).to_owned()),
            Rule::string => Atom::Text(self.string(pair).value),
            Rule::compare => Atom::Compare(self.comparison(&pair).value),
            _ => Atom::Quantity(self.quantity(pair).value),
        };
        Node::new(at, atom)
    }
}
