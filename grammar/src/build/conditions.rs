//! Conditions.

use super::{Build, find};
use crate::fault::{FaultKind, Slot};
use crate::grammar::Rule;
use crate::scan::MAX_NESTING;
use crate::syntax::{Condition, Join, Label, Node, Over, Quantity, Span, Test};
use pest::iterators::Pair;

impl Build<'_> {
    pub(super) fn condition(&mut self, pair: Pair<'_, Rule>) -> Node<Condition> {
        let span = self.place(&pair);
        let mut first = None;
        let mut rest = Vec::new();
        let mut join = None;
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::join => {
                    let word = if at.text(self.text) == "or" { Join::Or } else { Join::And };
                    join = Some(Node::new(at, word));
                }
                _ => {
                    let operand = self.operand(inner, join.as_ref().map(|join| join.span));
                    match join.take() {
                        Some(join) => rest.push((join, operand)),
                        None => first = Some(operand),
                    }
                }
            }
        }
        match (first, rest.is_empty()) {
            (Some(first), true) => first,
            (Some(first), false) => {
                Node::new(span, Condition::Joined { first: Box::new(first), rest })
            }
            (None, _) => Node::new(span, Condition::Bad),
        }
    }

    fn operand(&mut self, pair: Pair<'_, Rule>, join: Option<Span>) -> Node<Condition> {
        let start = self.start(&pair);
        let mut before = join;
        let mut negations = Vec::new();
        let mut value = None;
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::negation => {
                    before = Some(at);
                    negations.push(at);
                }
                Rule::group => value = Some(self.group(inner)),
                Rule::bad_condition => {
                    self.recover(Slot::Condition, at);
                    value = Some(Node::new(at, Condition::Bad));
                }
                Rule::missing_condition => {
                    let place = match before {
                        Some(word) => word,
                        None => self.end_before(Span::new(0, start), start),
                    };
                    let after = before.map_or("", |word| word.text(self.text)).to_owned();
                    self.fault(place, FaultKind::MissingCondition { after });
                    value = Some(Node::new(place, Condition::Bad));
                }
                _ => value = inner.into_inner().next().map(|kind| self.predicate(kind)),
            }
        }
        let mut value = value.unwrap_or_else(|| Node::new(Span::new(start, start), Condition::Bad));
        if negations.len() > MAX_NESTING {
            let at = negations.get(MAX_NESTING).copied().unwrap_or(value.span);
            self.fault(at, FaultKind::TooDeep { limit: MAX_NESTING });
            return Node::new(value.span, Condition::Bad);
        }
        for at in negations.into_iter().rev() {
            value = Node::new(at.to(value.span), Condition::Not(Box::new(value)));
        }
        value
    }

    fn group(&mut self, pair: Pair<'_, Rule>) -> Node<Condition> {
        let span = self.place(&pair);
        let mut open = span;
        let mut inside = None;
        let mut bad = false;
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::open_paren => open = at,
                Rule::missing_paren => {
                    self.fault(open, FaultKind::UnclosedParen { open });
                    bad = true;
                }
                Rule::bad_condition => {
                    // Behind an unclosed one this would be a consequence.
                    if !bad {
                        self.unexpected_after(Slot::Condition, at);
                    }
                    bad = true;
                }
                _ => inside = Some(self.condition(inner)),
            }
        }
        match inside {
            Some(inside) if !bad => Node::new(span, Condition::Group(Box::new(inside))),
            _ => Node::new(span, Condition::Bad),
        }
    }

    fn predicate(&mut self, pair: Pair<'_, Rule>) -> Node<Condition> {
        let span = self.place(&pair);
        let value = match pair.as_rule() {
            Rule::consent | Rule::reachable => self.reach(pair),
            Rule::tag
            | Rule::bought
            | Rule::touched
            | Rule::happened
            | Rule::city
            | Rule::brand_of => self.labelled(pair),
            Rule::declared => match find(pair.clone().into_inner(), Rule::string) {
                Some(_) => self.labelled(pair),
                None => self.measured(pair),
            },
            Rule::named => Some(Condition::Named(span.text(self.text).to_owned())),
            _ => self.measured(pair),
        };
        Node::new(span, value.unwrap_or(Condition::Bad))
    }

    fn measured(&mut self, pair: Pair<'_, Rule>) -> Option<Condition> {
        let mut word = None;
        let mut test = None;
        let mut window = None;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::test_of => test = Some(self.test_of(inner)?),
                Rule::window | Rule::lately => window = Some(self.window(inner)?),
                _ => word = Some(self.name(&inner)),
            }
        }
        Some(Condition::Measure { word: word?, test, window })
    }

    fn reach(&self, pair: Pair<'_, Rule>) -> Option<Condition> {
        let mut inner = pair.into_inner();
        let word = self.name(&inner.next()?);
        Some(Condition::Reach { word, channel: self.name(&inner.next()?) })
    }

    fn labelled(&mut self, pair: Pair<'_, Rule>) -> Option<Condition> {
        let mut word = None;
        let mut label = None;
        let mut window = None;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::string | Rule::label | Rule::use_name => label = Some(self.label(inner)?),
                Rule::lately => window = Some(self.window(inner)?),
                _ => word = Some(self.name(&inner)),
            }
        }
        Some(Condition::Label { word: word?, label: label?, window })
    }

    fn window(&mut self, pair: Pair<'_, Rule>) -> Option<(Over, Node<Quantity>)> {
        let mut inner = pair.into_inner();
        let over = match inner.next()?.as_rule() {
            Rule::kw_per => Over::Per,
            _ => Over::In,
        };
        Some((over, self.quantity(inner.next()?)))
    }

    fn test_of(&mut self, pair: Pair<'_, Rule>) -> Option<Test> {
        let mut sign = None;
        let mut value = None;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::compare => sign = Some(self.comparison(&inner)),
                _ => value = Some(self.quantity(inner)),
            }
        }
        Some(Test { sign, value: value? })
    }

    /// Builds a name as a word or in quotes; nothing for a text without its end.
    pub(super) fn label(&mut self, pair: Pair<'_, Rule>) -> Option<Node<Label>> {
        let at = self.place(&pair);
        if pair.as_rule() != Rule::string {
            return Some(Node::new(at, Label::Word(at.text(self.text).to_owned())));
        }
        let text = self.string(pair).value;
        text.closed.then(|| Node::new(at, Label::Text(text)))
    }

    /// Builds the day of `frozen 2025-08-01`.
    pub(super) fn frozen(&mut self, pair: Pair<'_, Rule>) -> Node<Quantity> {
        let at = self.place(&pair);
        match find(pair.into_inner(), Rule::day_value) {
            Some(day) => self.quantity(day),
            None => {
                let expected = vec!["a date such as `2025-08-01`"];
                let found = String::new();
                let slot = Slot::Condition;
                let kind = FaultKind::Unexpected { slot, found, expected, suggestion: None };
                self.fault(at.after(), kind);
                Node::new(at, Quantity::Bad)
            }
        }
    }
}
