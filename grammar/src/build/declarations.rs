//! Files, chains, segments and the policy.

use super::{Build, find, is_blank};
use crate::fault::{BlockOf, FaultKind, Named, Slot};
use crate::grammar::Rule;
use crate::syntax::{
    Atom, Chain, Condition, Declaration, File, Item, Name, Node, Policy, Segment, Setting, Span,
};
use crate::words;
use pest::iterators::{Pair, Pairs};

impl Build<'_> {
    pub(crate) fn file(&mut self, pairs: Pairs<'_, Rule>) -> File {
        let mut file = File::default();
        for pair in pairs.flat_map(Pair::into_inner) {
            let span = self.place(&pair);
            let declaration = match pair.as_rule() {
                Rule::EOI => continue,
                Rule::chain => Declaration::Chain(self.chain(pair)),
                Rule::segment => Declaration::Segment(self.segment(pair)),
                Rule::flow => {
                    let flow = self.flow(pair, true).value;
                    if self.not_a_flow {
                        Declaration::Bad(Vec::new())
                    } else {
                        Declaration::Flow(flow)
                    }
                }
                Rule::message => Declaration::Message(self.message(pair)),
                Rule::policy => Declaration::Policy(self.policy(pair)),
                Rule::later_declaration => {
                    if let Some(word) = pair.into_inner().next() {
                        let word = self.name(&word);
                        self.fault(word.span, FaultKind::Later { word: word.value });
                    }
                    Declaration::Later
                }
                Rule::stray_close => {
                    self.repaired(span, FaultKind::StrayClose, "", false);
                    continue;
                }
                _ => {
                    let names = self
                        .text
                        .get(span.start as usize..span.end as usize)
                        .unwrap_or_default()
                        .split(|c: char| is_blank(c) || matches!(c, '{' | '=' | '"'))
                        .filter(|word| !word.is_empty())
                        .skip(1)
                        .take(2)
                        .map(str::to_owned)
                        .collect();
                    self.recover(Slot::Declaration, span);
                    Declaration::Bad(names)
                }
            };
            file.declarations.push(Node::new(span, declaration));
        }
        let declared = std::mem::take(&mut self.declared);
        if !declared.is_empty() {
            file.declarations.push(Node::new(Span::new(0, 0), Declaration::Bad(declared)));
        }
        file
    }

    fn chain(&mut self, pair: Pair<'_, Rule>) -> Chain {
        let span = self.place(&pair);
        let mut chain =
            Chain { description: self.description(span), name: None, title: None, items: None };
        let mut keyword = span;
        let before = self.faults.len();
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::kw_chain => keyword = at,
                Rule::chain_head => {
                    chain.name =
                        find(inner.clone().into_inner(), Rule::name).map(|name| self.name(&name));
                    chain.title =
                        find(inner.into_inner(), Rule::string).map(|title| self.string(title));
                }
                Rule::bad_head => {
                    chain.name = self.bad_head(Slot::ChainHead, Some(Named::Chain), keyword, at);
                }
                Rule::missing_block => {
                    self.missing_block(before, span, &inner, BlockOf::Chain);
                }
                _ => chain.items = Some(self.items(inner, BlockOf::Chain)),
            }
        }
        chain
    }

    fn policy(&mut self, pair: Pair<'_, Rule>) -> Policy {
        let span = self.place(&pair);
        let mut policy = Policy { keyword: Node::new(span, ()), items: Vec::new() };
        let before = self.faults.len();
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::kw_policy => policy.keyword.span = at,
                Rule::bad_head => {
                    self.bad_head(Slot::Head, None, policy.keyword.span, at);
                }
                Rule::missing_block => {
                    self.missing_block(before, span, &inner, BlockOf::Policy);
                }
                _ => policy.items = self.items(inner, BlockOf::Policy),
            }
        }
        policy
    }

    fn items(&mut self, block: Pair<'_, Rule>, of: BlockOf) -> Vec<Node<Item>> {
        let slot = if of == BlockOf::Policy { Slot::PolicyItem } else { Slot::ChainItem };
        let mut open = self.place(&block);
        let head = open;
        let mut items = Vec::new();
        for inner in block.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::open => open = at,
                Rule::close => {}
                Rule::missing_open => self.missing_open(head, of),
                Rule::missing_close => {
                    let place = self.end_before(open, inner.as_span().start());
                    self.repaired(place, FaultKind::UnclosedBlock { open, of }, "\n}", false);
                }
                Rule::lost_flow => {
                    let first = inner.clone().into_inner().next();
                    let first = first.map_or(at, |first| self.place(&first));
                    self.recover(slot, first);
                    let flow = self.flow(inner, false);
                    items.push(Node::new(at, Item::Flow(flow.value)));
                }
                Rule::flow => {
                    let flow = self.flow(inner, false);
                    let item = if self.not_a_flow { Item::Bad } else { Item::Flow(flow.value) };
                    items.push(Node::new(flow.span, item));
                }
                Rule::setting => {
                    let item = self.setting(inner).map_or(Item::Bad, Item::Setting);
                    items.push(Node::new(at, item));
                }
                _ => {
                    self.recover(slot, at);
                    items.push(Node::new(at, Item::Bad));
                }
            }
        }
        items
    }

    fn setting(&mut self, pair: Pair<'_, Rule>) -> Option<Setting> {
        let mut word = None;
        let mut atoms = Vec::new();
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            let atom = match inner.as_rule() {
                Rule::setting_word => {
                    word = Some(self.name(&inner));
                    continue;
                }
                Rule::word => Atom::Word(at.text(self.text).to_owned()),
                Rule::string => Atom::Text(self.string(inner).value),
                Rule::compare => Atom::Compare(self.comparison(&inner).value),
                _ => Atom::Quantity(self.quantity(inner).value),
            };
            atoms.push(Node::new(at, atom));
        }
        Some(Setting { word: word?, atoms })
    }

    fn segment(&mut self, pair: Pair<'_, Rule>) -> Segment {
        let span = self.place(&pair);
        let mut segment = Segment {
            description: self.description(span),
            name: Node::new(span, String::new()),
            condition: Node::new(span, Condition::Bad),
        };
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::name => {
                    let name = self.name(&inner);
                    if let Some(name) = self.usable(name, Named::Segment) {
                        segment.name = name;
                    }
                }
                Rule::condition => segment.condition = self.condition(inner),
                Rule::frozen => {
                    self.frozen(at);
                    segment.condition.value = Condition::Later;
                }
                Rule::extra => {
                    self.unexpected_after(Slot::Declaration, at);
                    segment.condition.value = Condition::Bad;
                }
                _ => {}
            }
        }
        segment
    }

    /// Reports a name that could never be used, because it is a word of the language.
    pub(super) fn usable(&mut self, name: Name, of: Named) -> Option<Name> {
        let taken = match of {
            Named::Chain => false,
            Named::Segment => {
                words::CONDITIONS.contains(&name.value.as_str())
                    || words::STEPS.contains(&name.value.as_str())
                    || matches!(name.value.as_str(), "and" | "or" | "frozen")
            }
            Named::Message => {
                words::STEPS.contains(&name.value.as_str())
                    || matches!(
                        name.value.as_str(),
                        "and" | "or" | "not" | "unless" | "within" | "at" | "up" | "expires"
                    )
            }
        };
        if taken {
            self.fault(name.span, FaultKind::ReservedName { of, word: name.value });
            return None;
        }
        Some(name)
    }

    /// Reports a block without its `{`, behind what stands before it.
    pub(super) fn missing_open(&mut self, block: Span, of: BlockOf) {
        let place = self.end_before(Span::new(0, 0), block.start as usize);
        self.repaired(place, FaultKind::MissingBlock { of }, " {", false);
    }

    /// Reports a declaration without its braces, unless its head was reported already.
    pub(super) fn missing_block(
        &mut self,
        before: usize,
        span: Span,
        pair: &Pair<'_, Rule>,
        of: BlockOf,
    ) {
        if self.faults.len() == before {
            let place = self.end_before(span, pair.as_span().start());
            self.fault(place, FaultKind::MissingBlock { of });
        }
    }

    /// Reports what stands between a declaration's word and its brace; returns the name if
    /// only the brace is missing.
    pub(super) fn bad_head(
        &mut self,
        slot: Slot,
        of: Option<Named>,
        keyword: Span,
        at: Span,
    ) -> Option<Name> {
        match (of, at.start == at.end) {
            (Some(of), true) => self.fault(keyword, FaultKind::MissingName { of }),
            (Some(_), false) if self.is_head(slot, at) => {
                let head = at.text(self.text);
                let word = crate::recover::token(head).to_owned();
                let end = at.start as usize + word.len();
                if let Some(quote) = head.find('"').filter(|_| head.matches('"').count() == 1) {
                    let span = Span::new(at.start as usize + quote, at.end as usize);
                    self.fault(span, FaultKind::UnclosedText);
                }
                return Some(Node::new(Span::new(at.start as usize, end), word));
            }
            (_, false) => {
                self.recover(slot, at);
                // A name that is followed by something else is still known.
                let word = crate::recover::token(at.text(self.text)).to_owned();
                if of.is_some() && crate::recover::is_name(&word) && !words::is_word(&word) {
                    let end = at.start as usize + word.len();
                    return Some(Node::new(Span::new(at.start as usize, end), word));
                }
            }
            (None, true) => {}
        }
        None
    }
}
