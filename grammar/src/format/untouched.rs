//! What is written back as it stands: the smallest parts of a file that hold a fault.
//!
//! Faults whose meaning is clear do not count: what was meant is in the tree, and can be
//! laid out.

use crate::fault::{Fault, FaultKind};
use crate::parser::Parsed;
use crate::syntax::{
    Arm, Body, Condition, Declaration, Flow, GrantAmount, Item, Node, Span, Step, TestLine,
};

/// How much of a file with faults is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Everything but the smallest parts that hold a fault.
    Parts,
    /// Only declarations without any fault, and without a line that a comment speaks of.
    Declarations,
}

/// Returns the stretches that must not be touched, in order, without overlaps.
pub(super) fn untouched(parsed: &Parsed, source: &str, care: Care, allowed: &[Span]) -> Vec<Span> {
    let counts = |fault: &&Fault| care == Care::Declarations || is_hard(fault);
    let mut faults: Vec<Span> = parsed.faults.iter().filter(counts).map(place).collect();
    if care == Care::Declarations && !allowed.is_empty() {
        let spans = parsed.file.declarations.iter().map(|node| node.span);
        faults.extend(spans.filter(|span| meets(allowed, *span)));
    }
    faults.sort();
    if faults.is_empty() {
        return Vec::new();
    }
    let mut search = Search { faults: &faults, found: Vec::new() };
    for declaration in &parsed.file.declarations {
        let mark = search.found.len();
        search.part(declaration.span, |search| match care {
            Care::Parts => search.declaration(&declaration.value),
            Care::Declarations => 0,
        });
        // Where a line begins can matter to what could not be read.
        if let Some(found) = search.found.get_mut(mark)
            && found.start == declaration.span.start
        {
            *found = Span { start: line_start(source, found.start), end: found.end };
        }
    }
    let mut found = search.found;
    let declarations = &parsed.file.declarations;
    let outside = |span: &&Span| {
        let before = declarations.partition_point(|other| other.span.start <= span.start);
        let last = before.checked_sub(1).and_then(|last| declarations.get(last));
        last.is_none_or(|other| other.span.end < span.start)
    };
    found.extend(faults.iter().filter(outside).filter(|span| span.start < span.end));
    without_overlaps(found)
}

/// Returns true when one of some lines has a part of a stretch.
fn meets(lines: &[Span], span: Span) -> bool {
    let before = lines.partition_point(|line| line.end <= span.start);
    lines.get(before).is_some_and(|line| line.start < span.end)
}

/// Returns true for a fault after which the tree does not tell how the part is made.
fn is_hard(fault: &Fault) -> bool {
    let is_safe = fault.repair.as_ref().is_some_and(|repair| repair.safe);
    !is_safe
        && !matches!(
            fault.kind,
            FaultKind::MissingStep
                | FaultKind::MissingCondition { .. }
                | FaultKind::ReservedName { .. }
                | FaultKind::Escape { .. }
                | FaultKind::SpacedNumber { .. }
        )
}

/// Returns where a fault begins to matter.
fn place(fault: &Fault) -> Span {
    match &fault.kind {
        FaultKind::UnclosedBlock { open, .. } | FaultKind::UnclosedParen { open } => *open,
        _ => fault.span,
    }
}

/// Returns the start of a line if nothing stands there before a place.
fn line_start(source: &str, at: u32) -> u32 {
    let before = source.get(..at as usize).unwrap_or_default();
    let trimmed = before.trim_end_matches([' ', '\t']);
    let is_first = trimmed.is_empty() || trimmed.ends_with('\n');
    if is_first { Span::new(trimmed.len(), trimmed.len()).start } else { at }
}

fn without_overlaps(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort();
    let mut apart: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match apart.last_mut() {
            Some(last) if span.start < last.end => *last = last.to(span),
            _ => apart.push(span),
        }
    }
    apart
}

struct Search<'f> {
    faults: &'f [Span],
    found: Vec<Span>,
}

impl Search<'_> {
    /// Looks at a part: if one of its faults is in none of the parts inside of it, the part
    /// itself is not touched. Returns how many faults it holds.
    fn part(&mut self, span: Span, inside: impl FnOnce(&mut Self) -> usize) -> usize {
        let from = self.faults.partition_point(|fault| fault.start < span.start);
        // What is missing at its end belongs to it.
        let is_before = |fault: &Span| fault.start < span.end || *fault == span.after();
        let to = self.faults.partition_point(is_before);
        let all = to.saturating_sub(from);
        if all == 0 || span.start == span.end {
            return 0;
        }
        let mark = self.found.len();
        if inside(self) < all {
            self.found.truncate(mark);
            self.found.push(span);
        }
        all
    }

    fn whole(&mut self, span: Span) -> usize {
        self.part(span, |_| 0)
    }

    fn declaration(&mut self, declaration: &Declaration) -> usize {
        match declaration {
            Declaration::Chain(chain) => self.items(chain.items.as_deref()),
            Declaration::Brand(brand) => self.items(brand.items.as_deref()),
            Declaration::Experiment(experiment) => self.items(experiment.items.as_deref()),
            Declaration::Policy(policy) => self.items(Some(&policy.items)),
            Declaration::Flow(flow) => self.flow(flow),
            Declaration::Segment(segment) => self.condition(&segment.condition),
            Declaration::Message(message) => {
                let texts = message.texts.iter().flatten();
                texts.map(|text| self.whole(super::layout::of_text(text))).sum()
            }
            Declaration::Test(test) => {
                let lines = test.lines.iter().flatten();
                lines.map(|line: &Node<TestLine>| self.whole(line.span)).sum()
            }
            Declaration::Bad(_) => 0,
        }
    }

    fn items(&mut self, items: Option<&[Node<Item>]>) -> usize {
        let mut held = 0;
        for item in items.unwrap_or_default() {
            held += self.part(item.span, |search| match &item.value {
                Item::Flow(flow) => search.flow(flow),
                Item::Chain(chain) => search.items(chain.items.as_deref()),
                Item::Setting(_) | Item::Bad => 0,
            });
        }
        held
    }

    fn flow(&mut self, flow: &Flow) -> usize {
        self.condition(&flow.audience) + self.steps(&flow.steps)
    }

    fn condition(&mut self, node: &Node<Condition>) -> usize {
        self.part(node.span, |search| match &node.value {
            Condition::Joined { first, rest } => {
                let first = search.condition(first);
                first + rest.iter().map(|(_, next)| search.condition(next)).sum::<usize>()
            }
            Condition::Not(inner) | Condition::Group(inner) => search.condition(inner),
            Condition::Measure { .. }
            | Condition::Reach { .. }
            | Condition::Label { .. }
            | Condition::Named(_)
            | Condition::Bad => 0,
        })
    }

    fn steps(&mut self, steps: &[Node<Step>]) -> usize {
        steps.iter().map(|step| self.part(step.span, |search| search.step(&step.value))).sum()
    }

    fn step(&mut self, step: &Step) -> usize {
        match step {
            Step::If { arms, otherwise } => {
                let arms: usize = arms.iter().map(|arm| self.arm(arm)).sum();
                arms + self.body(otherwise.as_ref())
            }
            Step::Split { arms } => {
                let known = arms.iter().flatten();
                let span = |arm: &crate::syntax::SplitArm| arm.name.span.to(arm.body.span);
                known.map(|arm| self.part(span(arm), |search| search.body(Some(&arm.body)))).sum()
            }
            Step::Repeat { body, .. } => self.body(body.as_ref()),
            Step::Grant { amount, .. } => match &amount.value {
                GrantAmount::ByRecency(rows) => {
                    let known = rows.iter().flatten();
                    known.map(|row| self.whole(row.days.span.to(row.points.span))).sum()
                }
                GrantAmount::Fixed(_) => 0,
            },
            Step::Cashback { .. }
            | Step::Promo { .. }
            | Step::Send { .. }
            | Step::Fallback { .. }
            | Step::Wait { .. }
            | Step::Exit
            | Step::Tag(_)
            | Step::Bad => 0,
        }
    }

    fn arm(&mut self, arm: &Arm) -> usize {
        self.condition(&arm.condition) + self.body(arm.body.as_ref())
    }

    /// The braces of a body belong to its step, what stands between them to the body.
    fn body(&mut self, body: Option<&Body>) -> usize {
        body.map_or(0, |body| self.steps(&body.value))
    }
}
