//! Places of a tree moved back to the text as written.

use crate::fault::FaultKind;
use crate::parser::Parsed;
use crate::respell::Edits;
use crate::syntax::{
    Atom, Chain, ChannelText, Condition, Declaration, Flow, GrantAmount, Item, Message, Node,
    Quantity, Setting, Step, TagName, Test,
};

impl Parsed {
    /// Moves every place from the text that was read to the text as written.
    pub(crate) fn move_back(&mut self, edits: &Edits) {
        for fault in &mut self.faults {
            fault.span = edits.original(fault.span);
            if let FaultKind::UnclosedBlock { open, .. } | FaultKind::UnclosedParen { open } =
                &mut fault.kind
            {
                *open = edits.original(*open);
            }
            if let Some(repair) = &mut fault.repair {
                repair.span = edits.original(repair.span);
            }
        }
        for comment in &mut self.comments {
            comment.span = edits.original(comment.span);
        }
        self.file.declarations.iter_mut().for_each(|node| moved(node, edits, declaration));
    }
}

fn moved<T>(node: &mut Node<T>, edits: &Edits, inside: impl Fn(&mut T, &Edits)) {
    node.span = edits.original(node.span);
    inside(&mut node.value, edits);
}

/// For what has no places inside.
fn leaf<T>(_: &mut T, _: &Edits) {}

fn declaration(value: &mut Declaration, edits: &Edits) {
    match value {
        Declaration::Chain(chain) => self::chain(chain, edits),
        Declaration::Flow(flow) => self::flow(flow, edits),
        Declaration::Segment(segment) => {
            moved(&mut segment.name, edits, leaf);
            moved(&mut segment.condition, edits, condition);
        }
        Declaration::Message(message) => self::message(message, edits),
        Declaration::Policy(policy) => {
            moved(&mut policy.keyword, edits, leaf);
            policy.items.iter_mut().for_each(|node| moved(node, edits, item));
        }
        Declaration::Later | Declaration::Bad(_) => {}
    }
}

fn chain(chain: &mut Chain, edits: &Edits) {
    chain.name.iter_mut().for_each(|node| moved(node, edits, leaf));
    chain.title.iter_mut().for_each(|node| moved(node, edits, leaf));
    chain.items.iter_mut().flatten().for_each(|node| moved(node, edits, item));
}

fn message(message: &mut Message, edits: &Edits) {
    message.name.iter_mut().for_each(|node| moved(node, edits, leaf));
    for ChannelText { channel, parts } in message.texts.iter_mut().flatten() {
        moved(channel, edits, leaf);
        for part in parts {
            moved(part, edits, |part, edits| {
                part.role.iter_mut().for_each(|node| moved(node, edits, leaf));
                moved(&mut part.text, edits, leaf);
            });
        }
    }
}

fn item(item: &mut Item, edits: &Edits) {
    match item {
        Item::Setting(Setting { word, atoms }) => {
            moved(word, edits, leaf);
            for atom in atoms {
                moved(atom, edits, |atom, edits| match atom {
                    Atom::Quantity(value) => quantity(value, edits),
                    Atom::Word(_) | Atom::Text(_) | Atom::Compare(_) => {}
                });
            }
        }
        Item::Flow(flow) => self::flow(flow, edits),
        Item::Bad => {}
    }
}

fn flow(flow: &mut Flow, edits: &Edits) {
    moved(&mut flow.keyword, edits, leaf);
    moved(&mut flow.audience, edits, condition);
    flow.steps.iter_mut().for_each(|node| moved(node, edits, step));
}

fn condition(value: &mut Condition, edits: &Edits) {
    match value {
        Condition::Joined { first, rest } => {
            moved(first, edits, condition);
            for (join, next) in rest {
                moved(join, edits, leaf);
                moved(next, edits, condition);
            }
        }
        Condition::Not(inner) | Condition::Group(inner) => moved(inner, edits, condition),
        Condition::Recency(test) => self::test(test, edits),
        Condition::Frequency { test, window } => {
            self::test(test, edits);
            window.iter_mut().for_each(|(_, node)| moved(node, edits, quantity));
        }
        Condition::Spent { test, within } => {
            self::test(test, edits);
            within.iter_mut().for_each(|node| moved(node, edits, quantity));
        }
        Condition::Consent(name) | Condition::Reachable(name) => moved(name, edits, leaf),
        Condition::Tag(tag) => moved(tag, edits, |tag, _| match tag {
            TagName::Word(_) | TagName::Text(_) => {}
        }),
        Condition::Named(_) | Condition::Later | Condition::Bad => {}
    }
}

fn test(test: &mut Test, edits: &Edits) {
    test.sign.iter_mut().for_each(|node| moved(node, edits, leaf));
    moved(&mut test.value, edits, quantity);
}

fn quantity(value: &mut Quantity, edits: &Edits) {
    if let Quantity::Range(from, to) = value {
        moved(from, edits, leaf);
        moved(to, edits, leaf);
    }
}

fn step(value: &mut Step, edits: &Edits) {
    match value {
        Step::Grant { amount, expires } => {
            moved(amount, edits, |amount, edits| match amount {
                GrantAmount::Fixed(value) => quantity(value, edits),
                GrantAmount::ByRecency(rows) => {
                    for row in rows.iter_mut().flatten() {
                        moved(&mut row.days, edits, quantity);
                        moved(&mut row.points, edits, quantity);
                    }
                }
            });
            expires.iter_mut().for_each(|node| moved(node, edits, quantity));
        }
        Step::Send { channel, message } => {
            moved(channel, edits, leaf);
            moved(message, edits, leaf);
        }
        Step::Fallback { channel, message } => {
            moved(channel, edits, leaf);
            message.iter_mut().for_each(|node| moved(node, edits, leaf));
        }
        Step::Wait { period, .. } => {
            period.iter_mut().for_each(|node| moved(node, edits, quantity));
        }
        Step::Later | Step::Bad => {}
    }
}
