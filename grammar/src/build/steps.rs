//! Flows and their steps.

use super::{Build, find};
use crate::fault::{BlockOf, Fault, FaultKind, Repair, Slot};
use crate::grammar::Rule;
use crate::syntax::{
    Arm, Body, Condition, Delay, Event, Flow, GrantAmount, Node, Quantity, Row, Span, SplitArm,
    Step,
};
use pest::iterators::Pair;

/// Returns true for a block whose braces are missing.
fn is_open_block(step: &Step) -> bool {
    match step {
        Step::If { arms, otherwise: None } => arms.last().is_some_and(|arm| arm.body.is_none()),
        Step::If { otherwise: Some(body), .. } => {
            matches!(body.value.as_slice(), [only] if only.value == Step::Bad && only.span == body.span)
        }
        Step::Repeat { body, .. } => body.is_none(),
        _ => false,
    }
}

impl Build<'_> {
    pub(super) fn flow(&mut self, pair: Pair<'_, Rule>, described: bool) -> Node<Flow> {
        let span = self.place(&pair);
        self.not_a_flow = false;
        let description = if described { self.description(span) } else { None };
        let mut flow = Flow {
            description,
            keyword: Node::new(span, ()),
            audience: Node::new(span, Condition::Bad),
            frozen: None,
            steps: Vec::new(),
        };
        let mut arrow = span;
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::kw_segment => flow.keyword.span = at,
                Rule::condition => flow.audience = self.condition(inner),
                Rule::frozen => flow.frozen = Some(self.frozen(inner)),
                Rule::bad_audience => {}
                Rule::extra => self.unexpected_after(Slot::Step, at),
                _ => self.link(inner, &mut arrow, &mut flow.steps),
            }
        }
        Node::new(span, flow)
    }

    /// Builds a step, or reports what stands between two of them.
    fn link(&mut self, pair: Pair<'_, Rule>, arrow: &mut Span, steps: &mut Vec<Node<Step>>) {
        let at = self.place(&pair);
        match pair.as_rule() {
            Rule::arrow => {
                *arrow = at;
                if find(pair.into_inner(), Rule::compat_arrow).is_some() {
                    let kind = FaultKind::Arrow { found: at.text(self.text).to_owned() };
                    self.repaired(at, kind, "->", true);
                }
            }
            Rule::led_arrow => {
                *arrow = at;
                let kind = FaultKind::Arrow { found: at.text(self.text).to_owned() };
                self.repaired(at, kind, "->", true);
            }
            // What follows a block without its braces would have stood inside of them.
            Rule::missing_arrow if steps.last().is_some_and(|step| is_open_block(&step.value)) => {}
            Rule::missing_arrow => {
                let rest = self.text.get(at.start as usize..).unwrap_or_default();
                let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
                let word = Span::new(at.start as usize, at.start as usize + length);
                let step = word.text(self.text).to_owned();
                let place = Span { start: word.start, end: word.start };
                let repair = Some(Repair { span: place, text: "-> ".to_owned(), safe: true });
                self.faults.push(Fault {
                    span: word,
                    kind: FaultKind::MissingArrow { step },
                    repair,
                });
            }
            Rule::missing_step => {
                self.fault(*arrow, FaultKind::MissingStep);
                steps.push(Node::new(*arrow, Step::Bad));
            }
            Rule::bad_step => {
                self.recover(Slot::Step, at);
                steps.push(Node::new(at, Step::Bad));
            }
            _ => {
                if let Some(kind) = pair.into_inner().next() {
                    let step = self.step(kind).unwrap_or(Step::Bad);
                    steps.push(Node::new(at, step));
                }
            }
        }
    }

    fn step(&mut self, pair: Pair<'_, Rule>) -> Option<Step> {
        match pair.as_rule() {
            Rule::grant => self.grant(pair),
            Rule::cashback => self.cashback(pair),
            Rule::promo => self.promo(pair),
            Rule::send => self.send(pair),
            Rule::fallback => self.send_again(pair),
            Rule::wait => self.wait(pair),
            Rule::branch => Some(self.branch(pair)),
            Rule::split => Some(self.split(pair)),
            Rule::repeat => self.repeat(pair),
            Rule::exit => Some(Step::Exit),
            _ => {
                let label = pair.into_inner().find(|inner| inner.as_rule() != Rule::kw_tag)?;
                self.label(label).map(Step::Tag)
            }
        }
    }

    /// Keeps the first of what can be said once, and reports the second.
    fn once<T>(&mut self, slot: &mut Option<T>, value: Option<T>, at: Span, word: &'static str) {
        if slot.is_some() {
            self.fault(at, FaultKind::SaidTwice { word });
        } else {
            *slot = value;
        }
    }

    fn period_of(&mut self, pair: Pair<'_, Rule>) -> Option<Node<Quantity>> {
        find(pair.into_inner(), Rule::period).map(|period| self.quantity(period))
    }

    fn grant(&mut self, pair: Pair<'_, Rule>) -> Option<Step> {
        let mut amount = None;
        let mut expires = None;
        let mut brand = None;
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
                    let period = self.period_of(inner);
                    self.once(&mut expires, period, at, "expires");
                }
                Rule::at_brand => {
                    let name = find(inner.into_inner(), Rule::label).map(|name| self.name(&name));
                    self.once(&mut brand, name, at, "at");
                }
                _ => {}
            }
        }
        Some(Step::Grant { amount: amount?, expires, at: brand })
    }

    fn cashback(&mut self, pair: Pair<'_, Rule>) -> Option<Step> {
        let mut rate = None;
        let mut period = None;
        let mut up_to = None;
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::share => rate = Some(self.quantity(inner)),
                Rule::for_period => {
                    let value = self.period_of(inner);
                    self.once(&mut period, value, at, "for");
                }
                Rule::up_to => {
                    let value = find(inner.into_inner(), Rule::points).map(|p| self.quantity(p));
                    self.once(&mut up_to, value, at, "up to");
                }
                _ => {}
            }
        }
        Some(Step::Cashback { rate: rate?, period, up_to })
    }

    fn promo(&mut self, pair: Pair<'_, Rule>) -> Option<Step> {
        let mut pool = None;
        let mut expires = None;
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::label => pool = Some(self.name(&inner)),
                Rule::expires => {
                    let period = self.period_of(inner);
                    self.once(&mut expires, period, at, "expires");
                }
                _ => {}
            }
        }
        Some(Step::Promo { pool: pool?, expires })
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
                    let place = self.end_before(open, self.start(&inner));
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
        let message = find(pair.clone().into_inner(), Rule::use_name)?;
        let (channel, message) = (self.name(&channel), self.name(&message));
        Some(Step::Send { channel, message, within: self.fresh(pair) })
    }

    fn send_again(&mut self, pair: Pair<'_, Rule>) -> Option<Step> {
        let channel = find(pair.clone().into_inner(), Rule::channel)?;
        let channel = self.name(&channel);
        let message = find(pair.clone().into_inner(), Rule::use_name).map(|name| self.name(&name));
        Some(Step::Fallback { channel, message, within: self.fresh(pair) })
    }

    fn fresh(&mut self, pair: Pair<'_, Rule>) -> Option<Node<Quantity>> {
        find(pair.into_inner(), Rule::fresh).and_then(|fresh| self.period_of(fresh))
    }

    fn wait(&mut self, pair: Pair<'_, Rule>) -> Option<Step> {
        let mut delay = None;
        let mut unless = Vec::new();
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::until => delay = self.setting(inner).map(Delay::Until),
                Rule::period => delay = Some(Delay::For(self.quantity(inner))),
                Rule::unless => {
                    for event in inner.into_inner().filter(|p| p.as_rule() == Rule::event) {
                        let at = self.place(&event);
                        unless.extend(self.event(event).map(|event| Node::new(at, event)));
                    }
                }
                _ => {}
            }
        }
        Some(Step::Wait { delay: delay?, unless })
    }

    fn event(&mut self, pair: Pair<'_, Rule>) -> Option<Event> {
        let mut inner = pair.into_inner();
        Some(match inner.next()?.as_rule() {
            Rule::kw_clicked => Event::Clicked(self.name(&inner.next()?)),
            Rule::kw_opened => Event::Opened(self.name(&inner.next()?)),
            Rule::kw_event => Event::Own(self.label(inner.next()?)?),
            _ => Event::Purchase,
        })
    }

    /// Builds the steps between two braces.
    fn body(&mut self, pair: Pair<'_, Rule>, of: BlockOf) -> Body {
        let span = self.place(&pair);
        let mut open = span;
        let mut arrow = span;
        let mut steps = Vec::new();
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::open => open = at,
                Rule::close => {}
                Rule::missing_close => {
                    let place = self.end_before(open, self.start(&inner));
                    self.repaired(place, FaultKind::UnclosedBlock { open, of }, " }", false);
                    steps.push(Node::new(place, Step::Bad));
                }
                Rule::stray_arrow => {
                    let kind = FaultKind::Unexpected {
                        slot: Slot::Step,
                        found: at.text(self.text).to_owned(),
                        expected: vec!["a step such as `sms offer`"],
                        suggestion: None,
                    };
                    self.repaired(at, kind, "", true);
                }
                _ => self.link(inner, &mut arrow, &mut steps),
            }
        }
        Node::new(span, steps)
    }

    /// Builds a block, or reports that it is missing behind what stands before it.
    fn block(&mut self, pair: Pair<'_, Rule>, of: BlockOf) -> Option<Body> {
        if pair.as_rule() == Rule::body {
            return Some(self.body(pair, of));
        }
        let place = self.end_before(Span::new(0, 0), self.start(&pair));
        self.fault(place, FaultKind::MissingBlock { of });
        None
    }

    fn branch(&mut self, pair: Pair<'_, Rule>) -> Step {
        let mut arms = Vec::new();
        let mut otherwise = None;
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::arm => {
                    let mut condition = Node::new(at, Condition::Bad);
                    let mut body = None;
                    for part in inner.into_inner() {
                        match part.as_rule() {
                            Rule::condition => condition = self.condition(part),
                            _ => body = self.block(part, BlockOf::Arm),
                        }
                    }
                    if otherwise.is_none() {
                        arms.push(Arm { condition, body });
                    }
                }
                Rule::compat_else_if => {
                    let kind = FaultKind::Unexpected {
                        slot: Slot::Step,
                        found: at.text(self.text).to_owned(),
                        expected: vec!["`else if`"],
                        suggestion: Some("else if".to_owned()),
                    };
                    self.repaired(at, kind, "else if", true);
                }
                Rule::otherwise => {
                    let body = inner.into_inner().next().and_then(|b| self.block(b, BlockOf::Arm));
                    let body =
                        body.unwrap_or_else(|| Node::new(at, vec![Node::new(at, Step::Bad)]));
                    self.once(&mut otherwise, Some(body), at, "else");
                }
                _ => {}
            }
        }
        Step::If { arms, otherwise }
    }

    fn split(&mut self, pair: Pair<'_, Rule>) -> Step {
        let mut arms = Vec::new();
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::split_block => self.arms(inner, &mut arms),
                Rule::missing_block => {
                    let place = self.end_before(Span::new(0, 0), self.start(&inner));
                    self.fault(place, FaultKind::MissingBlock { of: BlockOf::Split });
                    arms.push(None);
                }
                _ => {}
            }
        }
        Step::Split { arms }
    }

    fn arms(&mut self, pair: Pair<'_, Rule>, arms: &mut Vec<Option<SplitArm>>) {
        let mut open = self.place(&pair);
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::open => open = at,
                Rule::missing_close => {
                    let place = self.end_before(open, self.start(&inner));
                    let kind = FaultKind::UnclosedBlock { open, of: BlockOf::Split };
                    self.repaired(place, kind, " }", false);
                    arms.push(None);
                }
                Rule::bad_arm => {
                    self.recover(Slot::Arm, at);
                    arms.push(None);
                }
                Rule::split_arm => arms.push(self.split_arm(inner)),
                _ => {}
            }
        }
    }

    fn split_arm(&mut self, pair: Pair<'_, Rule>) -> Option<SplitArm> {
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        let share = self.quantity(inner.next()?);
        let body = self.body(inner.next()?, BlockOf::Arm);
        Some(SplitArm { name, share, body })
    }

    fn repeat(&mut self, pair: Pair<'_, Rule>) -> Option<Step> {
        let mut rule = None;
        let mut body = None;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::repeat_rule => rule = self.setting(inner),
                _ => body = self.block(inner, BlockOf::Repeat),
            }
        }
        Some(Step::Repeat { rule: rule?, body })
    }
}
