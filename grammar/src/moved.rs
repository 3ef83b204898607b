//! Places of a tree moved back to the text as written.

use crate::fault::FaultKind;
use crate::parser::Parsed;
use crate::respell::Edits;
use crate::syntax::{
    Atom, Brand, Chain, ChannelText, Condition, Declaration, Delay, Event, Experiment, Flow,
    GrantAmount, Item, Message, Node, Quantity, Setting, Step, Test, TestLine,
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

fn all<T>(nodes: &mut [Node<T>], edits: &Edits, inside: impl Fn(&mut T, &Edits) + Copy) {
    nodes.iter_mut().for_each(|node| moved(node, edits, inside));
}

fn maybe<T>(node: &mut Option<Node<T>>, edits: &Edits, inside: impl Fn(&mut T, &Edits)) {
    if let Some(node) = node {
        moved(node, edits, inside);
    }
}

fn declaration(value: &mut Declaration, edits: &Edits) {
    match value {
        Declaration::Chain(chain) => self::chain(chain, edits),
        Declaration::Flow(flow) => self::flow(flow, edits),
        Declaration::Segment(segment) => {
            moved(&mut segment.name, edits, leaf);
            moved(&mut segment.condition, edits, condition);
            maybe(&mut segment.frozen, edits, quantity);
        }
        Declaration::Message(message) => self::message(message, edits),
        Declaration::Policy(policy) => {
            moved(&mut policy.keyword, edits, leaf);
            all(&mut policy.items, edits, item);
        }
        Declaration::Brand(Brand { name, title, items, .. })
        | Declaration::Experiment(Experiment { name, title, items, .. }) => {
            maybe(name, edits, leaf);
            maybe(title, edits, leaf);
            all(items.as_deref_mut().unwrap_or_default(), edits, item);
        }
        Declaration::Test(test) => {
            moved(&mut test.keyword, edits, leaf);
            maybe(&mut test.title, edits, leaf);
            all(test.lines.as_deref_mut().unwrap_or_default(), edits, line);
        }
        Declaration::Bad(_) => {}
    }
}

fn line(line: &mut TestLine, edits: &Edits) {
    match line {
        TestLine::Chain(name) => moved(name, edits, leaf),
        TestLine::Given(phrases) => all(phrases, edits, |atoms, edits| all(atoms, edits, atom)),
        TestLine::Day { day, at, expect, phrases } => {
            moved(day, edits, quantity);
            maybe(at, edits, quantity);
            maybe(expect, edits, leaf);
            all(phrases, edits, |atoms, edits| all(atoms, edits, atom));
        }
        TestLine::Bad => {}
    }
}

fn atom(atom: &mut Atom, edits: &Edits) {
    match atom {
        Atom::Quantity(value) => quantity(value, edits),
        Atom::Word(_) | Atom::Text(_) | Atom::Compare(_) => {}
    }
}

fn setting(setting: &mut Setting, edits: &Edits) {
    moved(&mut setting.word, edits, leaf);
    all(&mut setting.atoms, edits, atom);
}

fn chain(chain: &mut Chain, edits: &Edits) {
    maybe(&mut chain.name, edits, leaf);
    maybe(&mut chain.title, edits, leaf);
    all(chain.items.as_deref_mut().unwrap_or_default(), edits, item);
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
        Item::Setting(setting) => self::setting(setting, edits),
        Item::Flow(flow) => self::flow(flow, edits),
        Item::Chain(chain) => self::chain(chain, edits),
        Item::Bad => {}
    }
}

fn flow(flow: &mut Flow, edits: &Edits) {
    moved(&mut flow.keyword, edits, leaf);
    moved(&mut flow.audience, edits, condition);
    maybe(&mut flow.frozen, edits, quantity);
    all(&mut flow.steps, edits, step);
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
        Condition::Measure { word, test, window } => {
            moved(word, edits, leaf);
            test.iter_mut().for_each(|test| self::test(test, edits));
            window.iter_mut().for_each(|(_, node)| moved(node, edits, quantity));
        }
        Condition::Reach { word, channel } => {
            moved(word, edits, leaf);
            moved(channel, edits, leaf);
        }
        Condition::Label { word, label, window } => {
            moved(word, edits, leaf);
            moved(label, edits, leaf);
            window.iter_mut().for_each(|(_, node)| moved(node, edits, quantity));
        }
        Condition::Named(_) | Condition::Bad => {}
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
        Step::Grant { amount, expires, at } => {
            moved(amount, edits, |amount, edits| match amount {
                GrantAmount::Fixed(value) => quantity(value, edits),
                GrantAmount::ByRecency(rows) => {
                    for row in rows.iter_mut().flatten() {
                        moved(&mut row.days, edits, quantity);
                        moved(&mut row.points, edits, quantity);
                    }
                }
            });
            maybe(expires, edits, quantity);
            maybe(at, edits, leaf);
        }
        Step::Cashback { rate, period, up_to } => {
            moved(rate, edits, quantity);
            maybe(period, edits, quantity);
            maybe(up_to, edits, quantity);
        }
        Step::Promo { pool, expires } => {
            moved(pool, edits, leaf);
            maybe(expires, edits, quantity);
        }
        Step::Send { channel, message, within } => {
            moved(channel, edits, leaf);
            moved(message, edits, leaf);
            maybe(within, edits, quantity);
        }
        Step::Fallback { channel, message, within } => {
            moved(channel, edits, leaf);
            maybe(message, edits, leaf);
            maybe(within, edits, quantity);
        }
        Step::Wait { delay, unless } => {
            match delay {
                Delay::For(period) => moved(period, edits, quantity),
                Delay::Until(rule) => setting(rule, edits),
            }
            all(unless, edits, |event, edits| match event {
                Event::Purchase => {}
                Event::Clicked(name) | Event::Opened(name) => moved(name, edits, leaf),
                Event::Own(label) => moved(label, edits, leaf),
            });
        }
        Step::If { arms, otherwise } => {
            for arm in arms {
                moved(&mut arm.condition, edits, condition);
                maybe(&mut arm.body, edits, |steps, edits| all(steps, edits, step));
            }
            maybe(otherwise, edits, |steps, edits| all(steps, edits, step));
        }
        Step::Split { arms } => {
            for arm in arms.iter_mut().flatten() {
                moved(&mut arm.name, edits, leaf);
                moved(&mut arm.share, edits, quantity);
                moved(&mut arm.body, edits, |steps, edits| all(steps, edits, step));
            }
        }
        Step::Repeat { rule, body } => {
            setting(rule, edits);
            maybe(body, edits, |steps, edits| all(steps, edits, step));
        }
        Step::Tag(label) => moved(label, edits, leaf),
        Step::Exit | Step::Bad => {}
    }
}
