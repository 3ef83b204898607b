//! Conditions: names replaced by what they mean, quantities typed, contradictions found.

use super::Scope;
use super::parts::{self, Part};
use super::predicate;
use super::usage::Used;
use crate::diagnostic::Place;
use crate::diagnostic::{Diagnostic, Findings, Kind, Safety, Wants, is_everybody};
use crate::ir::{AttributeKind, AttributeTest, Channel, Condition};
use crate::resolved::Resolved;
use crate::units::Currency;
use chainc_grammar::fault::Named;
use chainc_grammar::syntax::{self, Join, Node, Quantity, Span};
use chainc_grammar::words;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// How many conditions a segment may come to once its segments are put in.
const MOST_CONDITIONS: usize = 10_000;
/// How deep they may stand in one another: readers of JSON stop at 128 brackets, and a
/// level is two of them.
const MOST_LEVELS: usize = 40;

/// What conditions can name: segments with what they mean (`None` for one that was not
/// understood) and declared attributes.
#[derive(Debug, Default)]
pub(crate) struct Segments {
    meanings: BTreeMap<String, Option<Condition>>,
    attributes: Attributes,
    /// Attributes whose kind could not be read.
    doubtful: BTreeSet<String>,
    used: RefCell<Uses>,
}

/// What the project knows of its customers, with the place that says so.
pub(crate) type Attributes = BTreeMap<String, (AttributeKind, Place)>;

/// What conditions have named.
#[derive(Debug, Default)]
struct Uses {
    segments: BTreeSet<String>,
    messages: BTreeSet<String>,
    brands: BTreeSet<String>,
}

impl Segments {
    pub(crate) fn is_used(&self, name: &str) -> bool {
        self.used.borrow().segments.contains(name)
    }

    /// Adds what conditions use to what chains use.
    pub(crate) fn tell(&self, used: &mut Used) {
        let uses = self.used.borrow();
        used.messages.extend(uses.messages.iter().cloned());
        used.brands.extend(uses.brands.iter().cloned());
    }

    /// Returns what a named segment means.
    pub(crate) fn meaning(&self, name: &str) -> Option<&Condition> {
        self.meanings.get(name)?.as_ref()
    }

    /// Returns what an attribute was declared as, and where.
    pub(crate) fn attribute(&self, name: &str) -> Option<&(AttributeKind, Place)> {
        self.attributes.get(name)
    }

    /// Returns true for an attribute whose kind could not be read.
    pub(super) fn is_doubtful(&self, name: &str) -> bool {
        self.doubtful.contains(name)
    }

    /// Returns the names of the attributes.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &str> {
        self.attributes.keys().map(String::as_str)
    }

    pub(super) fn use_message(&self, name: &str) {
        self.used.borrow_mut().messages.insert(name.to_owned());
    }

    pub(super) fn use_brand(&self, name: &str) {
        self.used.borrow_mut().brands.insert(name.to_owned());
    }

    fn use_segment(&self, name: &str) {
        self.used.borrow_mut().segments.insert(name.to_owned());
    }
}

/// Works out every named segment of a project.
pub(crate) fn segments(
    resolved: &Resolved<'_>,
    attributes: Attributes,
    doubtful: BTreeSet<String>,
    currency: &Currency,
    findings: &mut Findings,
) -> Segments {
    let mut segments = Segments { attributes, doubtful, ..Segments::default() };
    for name in resolved.segments.keys() {
        work_out(name, resolved, currency, &mut segments, findings);
    }
    for declared in &resolved.more_segments {
        let mut scope = Scope::new(declared.file, currency, findings);
        meant(declared.node, resolved, &segments, &mut scope);
    }
    segments
}

/// Works out one segment after those it is made of.
///
/// An explicit stack, because a long line of segments must not become a deep recursion.
fn work_out<'r>(
    name: &'r str,
    resolved: &'r Resolved<'_>,
    currency: &Currency,
    segments: &mut Segments,
    findings: &mut Findings,
) {
    // INVARIANT: `open` holds the names on the way here, each with its place in the order,
    // so that a round ends.
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    let mut stack = vec![(name, false)];
    while let Some((name, ready)) = stack.pop() {
        if ready {
            open.remove(name);
        }
        let known = segments.meanings.contains_key(name);
        if known && !ready {
            continue;
        }
        let Some(declared) = resolved.segments.get(name) else { continue };
        if ready {
            let mut scope = Scope::new(declared.file, currency, findings);
            let meaning = meant(declared.node, resolved, segments, &mut scope);
            let meaning = fitting(meaning, declared.span, &mut scope);
            // One of a round has no meaning, but the rest of it has been looked at.
            segments.meanings.entry(name.to_owned()).or_insert(meaning);
            continue;
        }
        open.insert(name, open.len());
        stack.push((name, true));
        let mut names = Vec::new();
        names_in(&declared.node.condition, &mut names);
        for used in names {
            segments.use_segment(&used.value);
            if let Some(first) = open.get(used.value.as_str()).copied() {
                let mut round: Vec<(usize, &str)> = open
                    .iter()
                    .map(|(name, at)| (*at, *name))
                    .filter(|(at, _)| *at >= first)
                    .collect();
                round.sort_unstable();
                let mut round: Vec<String> =
                    round.into_iter().map(|(_, name)| name.to_owned()).collect();
                round.push(used.value.clone());
                for name in &round {
                    segments.meanings.insert(name.clone(), None);
                }
                let found = Kind::SegmentCycle { round };
                findings.push(Diagnostic::new(found, declared.file.place(used.span)));
            } else if let Some((known, _)) = resolved.segments.get_key_value(used.value.as_str()) {
                stack.push((known, false));
            }
        }
    }
}

fn names_in(node: &Node<syntax::Condition>, names: &mut Vec<Node<String>>) {
    match &node.value {
        syntax::Condition::Joined { first, rest } => {
            names_in(first, names);
            rest.iter().for_each(|(_, next)| names_in(next, names));
        }
        syntax::Condition::Not(inner) | syntax::Condition::Group(inner) => names_in(inner, names),
        syntax::Condition::Named(name) => names.push(Node::new(node.span, name.clone())),
        syntax::Condition::Measure { .. }
        | syntax::Condition::Reach { .. }
        | syntax::Condition::Label { .. }
        | syntax::Condition::Bad => {}
    }
}

fn meant(
    segment: &syntax::Segment,
    resolved: &Resolved<'_>,
    segments: &Segments,
    scope: &mut Scope<'_>,
) -> Option<Condition> {
    let node = &segment.condition;
    let meaning = condition(node, resolved, segments, scope)?;
    let meaning = parts::one(node.span, &meaning, scope).then_some(meaning);
    frozen(segment.frozen.as_ref(), meaning, scope)
}

/// Fixes a condition to the day it is frozen on, if any.
fn frozen(
    day: Option<&Node<Quantity>>,
    meaning: Option<Condition>,
    scope: &mut Scope<'_>,
) -> Option<Condition> {
    let Some(day) = day else { return meaning };
    let on = scope.date(day, Wants::Frozen)?;
    Some(Condition::Frozen { on, condition: Box::new(meaning?) })
}

/// Returns who a flow is for.
pub(crate) fn of_flow(
    flow: &syntax::Flow,
    resolved: &Resolved<'_>,
    segments: &Segments,
    scope: &mut Scope<'_>,
) -> Option<Condition> {
    let meaning = whole(&flow.audience, resolved, segments, scope);
    frozen(flow.frozen.as_ref(), meaning, scope)
}

/// Returns what a condition means, unless it is beyond all use.
pub(crate) fn whole(
    node: &Node<syntax::Condition>,
    resolved: &Resolved<'_>,
    segments: &Segments,
    scope: &mut Scope<'_>,
) -> Option<Condition> {
    let meaning = condition(node, resolved, segments, scope)?;
    let meaning = parts::one(node.span, &meaning, scope).then_some(meaning);
    fitting(meaning, node.span, scope)
}

/// Reports a condition that is beyond all use.
fn fitting(meaning: Option<Condition>, span: Span, scope: &mut Scope<'_>) -> Option<Condition> {
    let meaning = meaning?;
    let (size, levels) = measured(&meaning);
    if size > MOST_CONDITIONS || levels > MOST_LEVELS {
        scope.report(Kind::ConditionTooLarge, span);
        return None;
    }
    Some(meaning)
}

/// Returns how many conditions it is made of, and how deep they stand.
fn measured(condition: &Condition) -> (usize, usize) {
    match condition {
        Condition::All(list) | Condition::Any(list) => list
            .iter()
            .map(measured)
            .fold((1, 1), |(size, levels), (inner, below)| (size + inner, levels.max(below + 1))),
        Condition::Not(inner) | Condition::Frozen { condition: inner, .. } => {
            let (size, levels) = measured(inner);
            (size + 1, levels + 1)
        }
        _ => (1, 1),
    }
}

/// Returns what a condition means, `None` if some part of it was not understood.
fn condition(
    node: &Node<syntax::Condition>,
    resolved: &Resolved<'_>,
    segments: &Segments,
    scope: &mut Scope<'_>,
) -> Option<Condition> {
    match &node.value {
        syntax::Condition::Bad => None,
        syntax::Condition::Group(inner) => condition(inner, resolved, segments, scope),
        syntax::Condition::Not(inner) => {
            let inner = condition(inner, resolved, segments, scope)?;
            Some(match inner {
                Condition::Not(twice) => *twice,
                once => Condition::Not(Box::new(once)),
            })
        }
        syntax::Condition::Joined { first, rest } => joined(first, rest, resolved, segments, scope),
        syntax::Condition::Measure { word, test, window } => {
            predicate::measure(word, test.as_ref(), window.as_ref(), resolved, segments, scope)
        }
        syntax::Condition::Reach { word, channel } => {
            let channel = Channel::from_keyword(&channel.value)?;
            Some(match word.value.as_str() {
                "consent" => Condition::Consent(channel),
                _ => Condition::Reachable(channel),
            })
        }
        syntax::Condition::Label { word, label, window } => {
            predicate::label(word, label, window.as_ref(), resolved, segments, scope)
        }
        syntax::Condition::Named(name) => named(name, node, resolved, segments, scope),
    }
}

/// Returns what a name means where a segment belongs.
pub(crate) fn named<T>(
    name: &str,
    node: &Node<T>,
    resolved: &Resolved<'_>,
    segments: &Segments,
    scope: &mut Scope<'_>,
) -> Option<Condition> {
    if resolved.segments.contains_key(name) {
        segments.use_segment(name);
        return segments.meanings.get(name).cloned().flatten();
    }
    if resolved.is_doubtful(name) || segments.is_doubtful(name) {
        return None;
    }
    if let Some((is, place)) = segments.attribute(name) {
        if *is == AttributeKind::Flag {
            let name = name.to_owned();
            return Some(Condition::Attribute { name, is: AttributeTest::Flag });
        }
        return predicate::wrong_attribute(name, *is, place, node.span, scope);
    }
    if let Some(message) = resolved.messages.get(name) {
        let kind = Kind::NotASegment { name: name.to_owned(), is: Named::Message };
        let found = Diagnostic::new(kind, scope.place(node.span));
        scope.push(found.related(message.place()));
        return None;
    }
    if let Some(chain) = resolved.chain_named(name) {
        let kind = Kind::NotASegment { name: name.to_owned(), is: Named::Chain };
        let found = Diagnostic::new(kind, scope.place(node.span));
        scope.push(found.related(chain.place()));
        return None;
    }
    let flags = segments.attributes.iter().filter(|(_, (is, _))| *is == AttributeKind::Flag);
    let known = resolved
        .segments
        .keys()
        .copied()
        .chain(words::at(words::Place::Condition).iter().copied())
        .chain(flags.map(|(name, _)| name.as_str()));
    let everybody = is_everybody(name);
    let near = if everybody { None } else { resolved.nearest(name, known) };
    let suggestion = near.map(str::to_owned);
    // Most likely that one was meant: it is not unused.
    segments.used.borrow_mut().segments.extend(suggestion.clone());
    let kind = Kind::UnknownSegment { name: name.to_owned(), suggestion: suggestion.clone() };
    let mut found = Diagnostic::new(kind, scope.place(node.span));
    if let Some(meant) = suggestion {
        found = found.fixed(Safety::Unsafe, node.span, meant);
    } else if everybody {
        found = found.fixed(Safety::Unsafe, node.span, "frequency >= 0");
    }
    scope.push(found);
    None
}

fn joined(
    first: &Node<syntax::Condition>,
    rest: &[(Node<Join>, Node<syntax::Condition>)],
    resolved: &Resolved<'_>,
    segments: &Segments,
    scope: &mut Scope<'_>,
) -> Option<Condition> {
    let word = rest.first().map_or(Join::And, |(join, _)| join.value);
    let other = rest.iter().find(|(join, _)| join.value != word);
    if let (Some((other, _)), Some((join, _))) = (other, rest.first()) {
        let found = Diagnostic::new(Kind::MixedAndOr, scope.place(other.span));
        scope.push(found.related(scope.place(join.span)));
    }
    let nodes: Vec<_> = std::iter::once(first).chain(rest.iter().map(|(_, part)| part)).collect();
    let mut parts = Vec::new();
    for part in &nodes {
        parts.push(condition(part, resolved, segments, scope));
    }
    if other.is_some() {
        return None;
    }
    let conditions = parts.into_iter().collect::<Option<Vec<_>>>()?;
    let parts: Vec<Part<'_>> = nodes
        .iter()
        .zip(&conditions)
        .map(|(node, condition)| {
            let plain = matches!(node.value, syntax::Condition::Measure { .. });
            Part { span: node.span, condition, plain }
        })
        .collect();
    match word {
        Join::Or => {
            parts::any(&parts, scope);
            // `a or (b or c)` is one level.
            let flat = conditions.into_iter().flat_map(|part| match part {
                Condition::Any(inner) => inner,
                other => vec![other],
            });
            Some(Condition::Any(flat.collect()))
        }
        Join::And => {
            if !parts::all(&parts, scope) {
                return None;
            }
            let flat = conditions.into_iter().flat_map(|part| match part {
                Condition::All(inner) => inner,
                other => vec![other],
            });
            Some(Condition::All(flat.collect()))
        }
    }
}
