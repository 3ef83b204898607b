//! Conditions.

use super::{Build, find};
use crate::fault::{FaultKind, Slot};
use crate::grammar::Rule;
use crate::scan::MAX_NESTING;
use crate::syntax::{Condition, Join, Name, Node, Over, Span, TagName, Test};
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
        let start = pair.as_span().start();
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
            Rule::recency => self.test_of(pair).map(Condition::Recency),
            Rule::frequency => {
                let window = find(pair.clone().into_inner(), Rule::window).and_then(|window| {
                    let mut inner = window.into_inner();
                    let over = match inner.next()?.as_rule() {
                        Rule::kw_per => Over::Per,
                        _ => Over::In,
                    };
                    Some((over, self.quantity(inner.next()?)))
                });
                self.test_of(pair).map(|test| Condition::Frequency { test, window })
            }
            Rule::spent => {
                let within = find(pair.clone().into_inner(), Rule::within)
                    .and_then(|within| find(within.into_inner(), Rule::period))
                    .map(|period| self.quantity(period));
                self.test_of(pair).map(|test| Condition::Spent { test, within })
            }
            Rule::consent => self.channel_of(pair).map(Condition::Consent),
            Rule::reachable => self.channel_of(pair).map(Condition::Reachable),
            Rule::tag => self.tag(pair),
            Rule::named => Some(self.named(span)),
            _ => {
                let word = pair.into_inner().next().map(|word| self.name(&word));
                if let Some(word) = word {
                    self.fault(word.span, FaultKind::Later { word: word.value });
                }
                Some(Condition::Later)
            }
        };
        Node::new(span, value.unwrap_or(Condition::Bad))
    }

    fn named(&mut self, span: Span) -> Condition {
        Condition::Named(span.text(self.text).to_owned())
    }

    fn test_of(&mut self, pair: Pair<'_, Rule>) -> Option<Test> {
        let test = find(pair.into_inner(), Rule::test)?;
        let mut sign = None;
        let mut value = None;
        for inner in test.into_inner() {
            match inner.as_rule() {
                Rule::compare => sign = Some(self.comparison(&inner)),
                _ => value = Some(self.quantity(inner)),
            }
        }
        Some(Test { sign, value: value? })
    }

    fn channel_of(&self, pair: Pair<'_, Rule>) -> Option<Name> {
        find(pair.into_inner(), Rule::channel).map(|channel| self.name(&channel))
    }

    fn tag(&mut self, pair: Pair<'_, Rule>) -> Option<Condition> {
        let inner = pair.into_inner().find(|inner| inner.as_rule() != Rule::kw_tag)?;
        let at = self.place(&inner);
        let tag = match inner.as_rule() {
            Rule::string => {
                let text = self.string(inner).value;
                if !text.closed {
                    return None;
                }
                TagName::Text(text)
            }
            _ => TagName::Word(at.text(self.text).to_owned()),
        };
        Some(Condition::Tag(Node::new(at, tag)))
    }
}
