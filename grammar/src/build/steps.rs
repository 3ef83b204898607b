//! Flows and their steps.

use super::{Build, find};
use crate::fault::{BlockOf, FaultKind, Slot};
use crate::grammar::Rule;
use crate::syntax::{Condition, Flow, GrantAmount, Node, Quantity, Row, Span, Step};
use pest::iterators::Pair;

impl Build<'_> {
    pub(super) fn flow(&mut self, pair: Pair<'_, Rule>, described: bool) -> Node<Flow> {
        let span = self.place(&pair);
        self.not_a_flow = false;
        let description = if described { self.description(span) } else { None };
        let mut flow = Flow {
            description,
            keyword: Node::new(span, ()),
            audience: Node::new(span, Condition::Bad),
            steps: Vec::new(),
        };
        let mut arrow = span;
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::kw_segment => flow.keyword.span = at,
                Rule::condition => flow.audience = self.condition(inner),
                Rule::frozen => {
                    self.frozen(at);
                    flow.audience.value = Condition::Later;
                }
                Rule::arrow => {
                    arrow = at;
                    if find(inner.into_inner(), Rule::compat_arrow).is_some() {
                        let kind = FaultKind::Arrow { found: at.text(self.text).to_owned() };
                        self.repaired(at, kind, "->", true);
                    }
                }
                Rule::led_arrow => {
                    arrow = at;
                    let kind = FaultKind::Arrow { found: at.text(self.text).to_owned() };
                    self.repaired(at, kind, "->", true);
                }
                Rule::bad_audience => {}
                Rule::missing_arrow => {
                    let rest = self.text.get(at.start as usize..).unwrap_or_default();
                    let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
                    let word = Span::new(at.start as usize, at.start as usize + length);
                    let step = word.text(self.text).to_owned();
                    let place = Span { start: word.start, end: word.start };
                    let repair = Some(crate::fault::Repair {
                        span: place,
                        text: "-> ".to_owned(),
                        safe: true,
                    });
                    let kind = FaultKind::MissingArrow { step };
                    self.faults.push(crate::fault::Fault { span: word, kind, repair });
                }
                Rule::missing_step => {
                    self.fault(arrow, FaultKind::MissingStep);
                    flow.steps.push(Node::new(arrow, Step::Bad));
                }
                Rule::bad_step => {
                    self.recover(Slot::Step, at);
                    flow.steps.push(Node::new(at, Step::Bad));
                }
                Rule::extra => self.unexpected_after(Slot::Step, at),
                _ => {
                    if let Some(kind) = inner.into_inner().next() {
                        let step = self.step(kind);
                        flow.steps.push(Node::new(at, step));
                    }
                }
            }
        }
        Node::new(span, flow)
    }

    /// Reports `frozen ...`, which is not built yet.
    pub(super) fn frozen(&mut self, at: Span) {
        let length = u32::try_from("frozen".len()).unwrap_or(0);
        let word = Span { start: at.start, end: at.start + length };
        self.fault(word, FaultKind::Later { word: "frozen".to_owned() });
    }

    fn step(&mut self, pair: Pair<'_, Rule>) -> Step {
        let rule = pair.as_rule();
        if let Some(tail) = find(pair.clone().into_inner(), Rule::tail)
            && let Some(word) = tail.into_inner().next()
        {
            let word = self.name(&word);
            self.fault(word.span, FaultKind::Later { word: word.value });
        }
        let built = match rule {
            Rule::grant => self.grant(pair),
            Rule::send => self.send(pair),
            Rule::fallback => self.send_again(pair),
            Rule::wait => self.wait(pair),
            _ => {
                if let Some(word) = pair.into_inner().next() {
                    let word = self.name(&word);
                    self.fault(word.span, FaultKind::Later { word: word.value });
                }
                Some(Step::Later)
            }
        };
        built.unwrap_or(Step::Bad)
    }

    fn grant(&mut self, pair: Pair<'_, Rule>) -> Option<Step> {
        let mut amount = None;
        let mut expires = None;
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::points => {
                    let quantity = self.quantity(inner);
                    amount = Some(Node::new(at, GrantAmount::Fixed(quantity.value)));
                }
                Rule::table => {
                    let rows = self.table(inner);
                    amount = Some(Node::new(at, GrantAmount::ByRecency(rows)));
                }
                Rule::expires => {
                    expires = find(inner.into_inner(), Rule::period).map(|p| self.quantity(p));
                }
                _ => {}
            }
        }
        Some(Step::Grant { amount: amount?, expires })
    }

    fn table(&mut self, pair: Pair<'_, Rule>) -> Vec<Option<Row>> {
        let span = self.place(&pair);
        let mut open = span;
        let mut rows = Vec::new();
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::open => open = at,
                Rule::missing_close => {
                    let place = self.end_before(open, inner.as_span().start());
                    let kind = FaultKind::UnclosedBlock { open, of: BlockOf::Table };
                    self.repaired(place, kind, " }", false);
                    rows.push(None);
                }
                Rule::bad_row => {
                    self.recover(Slot::Row, at);
                    rows.push(None);
                }
                Rule::row => {
                    let mut sides = inner.into_inner().filter(|p| p.as_rule() != Rule::colon);
                    let (days, points) = (sides.next(), sides.next());
                    rows.push(days.zip(points).map(|(days, points)| Row {
                        days: self.quantity(days),
                        points: self.quantity(points),
                    }));
                }
                _ => {}
            }
        }
        rows
    }

    fn send(&mut self, pair: Pair<'_, Rule>) -> Option<Step> {
        let channel = find(pair.clone().into_inner(), Rule::channel)?;
        let message = find(pair.into_inner(), Rule::use_name)?;
        Some(Step::Send { channel: self.name(&channel), message: self.name(&message) })
    }

    fn send_again(&mut self, pair: Pair<'_, Rule>) -> Option<Step> {
        let channel = find(pair.clone().into_inner(), Rule::channel)?;
        let message = find(pair.into_inner(), Rule::use_name).map(|name| self.name(&name));
        Some(Step::Fallback { channel: self.name(&channel), message })
    }

    fn wait(&mut self, pair: Pair<'_, Rule>) -> Option<Step> {
        let mut period: Option<Node<Quantity>> = None;
        let mut unless_purchase = false;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::later_until => {
                    if let Some(word) = inner.into_inner().next() {
                        let word = self.name(&word);
                        self.fault(
                            word.span,
                            FaultKind::Later { word: format!("wait {}", word.value) },
                        );
                    }
                }
                Rule::period => period = Some(self.quantity(inner)),
                Rule::unless => {
                    for event in inner.into_inner().filter(|p| p.as_rule() == Rule::event) {
                        match find(event.into_inner(), Rule::later_happening) {
                            None => unless_purchase = true,
                            Some(happening) => {
                                if let Some(word) = happening.into_inner().next() {
                                    let word = self.name(&word);
                                    let kind =
                                        FaultKind::Later { word: format!("unless {}", word.value) };
                                    self.fault(word.span, kind);
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Some(Step::Wait { period, unless_purchase })
    }
}
