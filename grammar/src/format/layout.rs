//! The one layout: where lines begin, and how far they are indented.
//!
//! Walks the tree and tells the writer. What stands on one line in the source stays on
//! one line as long as it fits; everything else is broken at all of its places.

use super::token::is_blank;
use super::writer::Writer;
use crate::syntax::{
    Arm, Body, Chain, ChannelText, Condition, Declaration, Flow, GrantAmount, Item, Message, Node,
    Segment, Span, Step, TestBlock, TestLine,
};

/// How far the inside of a block is indented.
const INSIDE: usize = 2;
/// How far the rest of something is indented that goes on on the next line.
const REST: usize = 4;
/// How far `segment ` pushes what stands behind it.
const BEHIND_SEGMENT: usize = 8;
/// How wide an arrow is, and the blank behind it.
const ARROW: usize = 3;
/// How many blanks it may take at most to align two neighbours.
const MOST_ALIGNED: usize = 16;

/// Writes all declarations of a file.
pub(super) fn file(writer: &mut Writer<'_>, declarations: &[Node<Declaration>]) {
    let mut equals = Equals::default();
    let mut before: Option<&Node<Declaration>> = None;
    for (at, node) in declarations.iter().enumerate() {
        let is_other = before.is_some_and(|before| {
            is_laid_out(writer, before)
                && is_laid_out(writer, node)
                && kind(&before.value) != kind(&node.value)
        });
        match before {
            Some(before) if is_other && !is_apart(writer, before.span, node.span) => {
                writer.line_apart(0);
            }
            // What could not be read stays behind what it stood behind.
            Some(before) if writer.is_untouched(node.span) && is_behind(writer, before, node) => {}
            _ => writer.line(0),
        }
        writer.rest_at(0);
        writer.write_to(node.span.start);
        writer.rest_at(REST);
        if before.is_some() && is_laid_out(writer, node) {
            writer.ensure_line(0);
        }
        if writer.is_untouched(node.span) {
            writer.write_to(node.span.end);
        } else {
            match &node.value {
                Declaration::Segment(segment) => {
                    let rest = declarations.get(at..).unwrap_or_default();
                    let column = equals.column(writer, rest);
                    self::segment(writer, segment, node.span, column);
                }
                other => declaration(writer, other, node.span),
            }
        }
        before = Some(node);
    }
}

/// Returns a number for each kind of declaration.
const fn kind(declaration: &Declaration) -> u8 {
    match declaration {
        Declaration::Chain(_) => 0,
        Declaration::Flow(_) => 1,
        Declaration::Segment(_) => 2,
        Declaration::Message(_) => 3,
        Declaration::Policy(_) => 4,
        Declaration::Brand(_) => 5,
        Declaration::Experiment(_) => 6,
        Declaration::Test(_) => 7,
        Declaration::Bad(_) => 8,
    }
}

fn is_laid_out(writer: &Writer<'_>, node: &Node<Declaration>) -> bool {
    !matches!(node.value, Declaration::Bad(_)) && !writer.is_untouched(node.span)
}

/// Returns true when two declarations stand on one line.
fn is_behind(writer: &Writer<'_>, before: &Node<Declaration>, node: &Node<Declaration>) -> bool {
    let gap = Span { start: before.span.end, end: node.span.start };
    !gap.text(writer.source()).contains('\n')
}

/// Returns true when a blank line stands somewhere between two places, or a stray brace.
fn is_apart(writer: &Writer<'_>, before: Span, after: Span) -> bool {
    let between = Span { start: before.end, end: after.start }.text(writer.source());
    if between.contains('}') {
        return true;
    }
    let mut lines = between.split('\n').skip(1).peekable();
    while let Some(line) = lines.next() {
        if lines.peek().is_some() && line.chars().all(is_blank) {
            return true;
        }
    }
    false
}

fn declaration(writer: &mut Writer<'_>, declaration: &Declaration, span: Span) {
    match declaration {
        Declaration::Chain(chain) => self::chain(writer, chain, span, 0),
        Declaration::Flow(flow) => self::flow(writer, flow, span, 0),
        Declaration::Message(message) => self::message(writer, message, span),
        Declaration::Policy(policy) => items(writer, &policy.items, span, 0),
        Declaration::Brand(brand) => {
            items(writer, brand.items.as_deref().unwrap_or_default(), span, 0);
        }
        Declaration::Experiment(experiment) => {
            items(writer, experiment.items.as_deref().unwrap_or_default(), span, 0);
        }
        Declaration::Test(test) => self::test(writer, test, span),
        Declaration::Segment(_) | Declaration::Bad(_) => writer.write_to(span.end),
    }
}

fn chain(writer: &mut Writer<'_>, chain: &Chain, span: Span, indent: usize) {
    items(writer, chain.items.as_deref().unwrap_or_default(), span, indent);
}

/// Writes a declaration with a block of items. One of them may stand between the braces on
/// one line, several stand on a line each.
fn items(writer: &mut Writer<'_>, items: &[Node<Item>], span: Span, indent: usize) {
    if (items.len() < 2 || writer.is_kept(span)) && writer.write_flat(span.end, 0) {
        return;
    }
    open(writer, span, indent);
    for item in items {
        let inside = indent + INSIDE;
        start(writer, item.span, inside);
        if !writer.is_untouched(item.span) {
            match &item.value {
                Item::Flow(flow) => self::flow(writer, flow, item.span, inside),
                Item::Chain(chain) => self::chain(writer, chain, item.span, inside),
                Item::Setting(_) | Item::Bad => {}
            }
        }
        writer.write_to(item.span.end);
    }
    close(writer, span, indent);
}

/// Writes up to the `{` of a block.
fn open(writer: &mut Writer<'_>, span: Span, indent: usize) {
    writer.rest_at(indent);
    writer.write_open(span.end);
}

/// Begins a line of a block, with the comments before it.
fn start(writer: &mut Writer<'_>, span: Span, indent: usize) {
    writer.line(indent);
    writer.write_to(span.start);
    writer.rest_at(indent + REST);
}

/// Writes the `}` of a block and what belongs to it.
fn close(writer: &mut Writer<'_>, span: Span, indent: usize) {
    writer.line_of_close(indent);
    writer.rest_at(indent);
    writer.write_to(span.end);
}

// ---------------------------------------------------------------- segments

/// In which column the `=` of neighbouring segments stands.
#[derive(Default)]
struct Equals {
    column: usize,
    /// How many of the next segments it holds for.
    left: usize,
}

impl Equals {
    /// Returns the column for the segment a list begins with.
    fn column(&mut self, writer: &Writer<'_>, rest: &[Node<Declaration>]) -> Option<usize> {
        if self.left == 0 {
            let ends: Vec<usize> = neighbours(writer, rest).collect();
            self.left = ends.len();
            let longest = ends.iter().max().copied().unwrap_or_default();
            let shortest = ends.iter().min().copied().unwrap_or_default();
            self.column = if longest - shortest > MOST_ALIGNED { 0 } else { longest + 1 };
        }
        self.left = self.left.saturating_sub(1);
        (self.column > 0).then_some(self.column)
    }
}

/// Returns where the names of neighbouring segments end: those with nothing between them.
fn neighbours<'n>(
    writer: &'n Writer<'_>,
    rest: &'n [Node<Declaration>],
) -> impl Iterator<Item = usize> + 'n {
    let mut before: Option<Span> = None;
    rest.iter().map_while(move |node| {
        let Declaration::Segment(segment) = &node.value else { return None };
        let is_next = before.is_none_or(|before| {
            let gap = Span { start: before.end, end: node.span.start }.text(writer.source());
            gap.chars().all(is_blank) && gap.matches('\n').count() < 2
        });
        before = Some(node.span);
        let name = segment.name.span.text(writer.source());
        let is_named = is_next && !segment.name.value.is_empty() && is_laid_out(writer, node);
        is_named.then(|| BEHIND_SEGMENT + name.chars().count())
    })
}

fn segment(writer: &mut Writer<'_>, segment: &Segment, span: Span, column: Option<usize>) {
    if let Some(column) = column {
        writer.write_to(segment.name.span.end);
        writer.tab(column);
    }
    let condition = &segment.condition;
    writer.write_to(condition.span.start);
    if !writer.write_flat(span.end, 0) {
        self::condition(writer, condition, REST, 0);
    }
    writer.write_to(span.end);
}

/// Writes a condition: on one line, or with each `and` and `or` at the beginning of one.
fn condition(writer: &mut Writer<'_>, node: &Node<Condition>, indent: usize, more: usize) {
    writer.write_to(node.span.start);
    if writer.is_untouched(node.span) || writer.write_flat(node.span.end, more) {
        writer.write_to(node.span.end);
        return;
    }
    match &node.value {
        Condition::Joined { first, rest } => {
            condition(writer, first, indent, 0);
            for (join, next) in rest {
                writer.line(indent);
                writer.write_to(join.span.end);
                condition(writer, next, indent, 0);
            }
        }
        Condition::Not(inner) => condition(writer, inner, indent, more),
        Condition::Group(inner) => {
            let column = writer.column();
            writer.rest_at(column + 1);
            writer.write_to(inner.span.start);
            condition(writer, inner, column + 1, 1 + more);
            writer.rest_at(column);
        }
        Condition::Measure { .. }
        | Condition::Reach { .. }
        | Condition::Label { .. }
        | Condition::Named(_)
        | Condition::Bad => {}
    }
    writer.write_to(node.span.end);
}

// ---------------------------------------------------------------- flows

fn flow(writer: &mut Writer<'_>, flow: &Flow, span: Span, indent: usize) {
    if !writer.write_flat(span.end, 0) {
        let audience =
            flow.frozen.as_ref().map_or(flow.audience.span, |day| flow.audience.span.to(day.span));
        writer.write_to(flow.audience.span.start);
        writer.rest_at(indent + BEHIND_SEGMENT);
        if !writer.write_flat(audience.end, 0) {
            condition(writer, &flow.audience, indent + BEHIND_SEGMENT, 0);
            writer.write_to(audience.end);
        }
        for step in &flow.steps {
            writer.line(indent + INSIDE);
            self::step(writer, step);
        }
        writer.write_to(span.end);
    }
    // A step that was commented out stays with its flow.
    writer.write_deeper_comments(span.start, indent + INSIDE);
}

/// Writes a step and the arrow before it.
fn step(writer: &mut Writer<'_>, node: &Node<Step>) {
    writer.rest_at(writer.column() + ARROW);
    writer.write_to(node.span.start);
    let column = writer.column();
    writer.rest_at(column + REST);
    if writer.is_untouched(node.span) || writer.write_flat(node.span.end, 0) {
        writer.write_to(node.span.end);
        return;
    }
    match &node.value {
        Step::If { arms, otherwise } => {
            for Arm { condition, body } in arms {
                self::condition(writer, condition, column + REST, 2);
                self::body(writer, body.as_ref(), column);
            }
            body(writer, otherwise.as_ref(), column);
        }
        Step::Split { arms } => {
            open(writer, node.span, column);
            for arm in arms.iter().flatten() {
                let inside = column + INSIDE;
                let span = arm.name.span.to(arm.body.span);
                start(writer, span, inside);
                if !writer.is_untouched(span) && !writer.write_flat(span.end, 0) {
                    body(writer, Some(&arm.body), inside);
                }
                writer.write_to(span.end);
            }
            close(writer, node.span, column);
        }
        Step::Repeat { body, .. } => self::body(writer, body.as_ref(), column),
        Step::Grant { amount, .. } => {
            if let GrantAmount::ByRecency(rows) = &amount.value {
                open(writer, node.span, column);
                for row in rows.iter().flatten() {
                    let span = row.days.span.to(row.points.span);
                    start(writer, span, column + INSIDE);
                    writer.write_to(span.end);
                }
                close(writer, node.span, column);
            }
        }
        Step::Cashback { .. }
        | Step::Promo { .. }
        | Step::Send { .. }
        | Step::Fallback { .. }
        | Step::Wait { .. }
        | Step::Exit
        | Step::Tag(_)
        | Step::Bad => {}
    }
    writer.write_to(node.span.end);
}

/// Writes a block of steps on lines of its own.
fn body(writer: &mut Writer<'_>, body: Option<&Body>, indent: usize) {
    let Some(body) = body else { return };
    writer.rest_at(indent);
    writer.write_to(body.span.start);
    open(writer, body.span, indent);
    let inside = indent + INSIDE;
    if let (Some(first), Some(last)) = (body.value.first(), body.value.last()) {
        start(writer, first.span, inside);
        if !writer.write_flat(last.span.end, 0) {
            for node in &body.value {
                writer.line(inside);
                step(writer, node);
            }
        }
    }
    close(writer, body.span, indent);
}

// ---------------------------------------------------------------- messages

/// Returns where a text of a message stands.
pub(super) fn of_text(text: &ChannelText) -> Span {
    text.parts.iter().fold(text.channel.span, |span, part| span.to(part.span))
}

fn message(writer: &mut Writer<'_>, message: &Message, span: Span) {
    let is_short = message.texts.len() < 2 || writer.is_kept(span);
    if is_short && writer.write_flat(span.end, 0) {
        return;
    }
    open(writer, span, 0);
    let source = writer.source();
    let texts = message.texts.iter().flatten();
    let width = |text: &ChannelText| text.channel.span.text(source).chars().count();
    let column = INSIDE + texts.clone().map(width).max().unwrap_or_default() + 1;
    for text in texts {
        let span = of_text(text);
        start(writer, span, INSIDE);
        if !writer.is_untouched(span) {
            channel_text(writer, text, span, column);
        }
        writer.write_to(span.end);
    }
    close(writer, span, 0);
}

/// Writes the parts of a text, in a column below each other unless they stand on one line.
fn channel_text(writer: &mut Writer<'_>, text: &ChannelText, span: Span, column: usize) {
    writer.write_to(text.channel.span.end);
    writer.tab(column);
    writer.rest_at(column);
    if !writer.write_flat(span.end, 0) {
        for (at, part) in text.parts.iter().enumerate() {
            if at > 0 {
                writer.line(column);
            }
            writer.write_to(part.span.end);
        }
    }
}

// ---------------------------------------------------------------- tests

fn test(writer: &mut Writer<'_>, test: &TestBlock, span: Span) {
    let lines = test.lines.as_deref().unwrap_or_default();
    if (lines.len() < 2 || writer.is_kept(span)) && writer.write_flat(span.end, 0) {
        return;
    }
    open(writer, span, 0);
    for line in lines {
        start(writer, line.span, INSIDE);
        if !writer.is_untouched(line.span) && !writer.write_flat(line.span.end, 0) {
            let phrases = match &line.value {
                TestLine::Given(phrases) | TestLine::Day { phrases, .. } => phrases.as_slice(),
                TestLine::Chain(_) | TestLine::Bad => &[],
            };
            for (at, phrase) in phrases.iter().enumerate() {
                if at > 0 {
                    writer.line(INSIDE + REST);
                }
                writer.write_to(phrase.span.end);
            }
        }
        writer.write_to(line.span.end);
    }
    close(writer, span, 0);
}
