//! Files, chains, segments and the policy.

use super::{Build, find};
use crate::fault::{BlockOf, FaultKind, Named, Repair, Slot};
use crate::grammar::Rule;
use crate::syntax::{
    Brand, Chain, Condition, Declaration, Experiment, File, Item, Name, Node, Policy, Segment,
    Setting, Span, Text,
};
use crate::words::{self, Place};
use pest::iterators::{Pair, Pairs};

/// What chains, brands and experiments have in common.
struct Head {
    description: Option<String>,
    name: Option<Name>,
    title: Option<Node<Text>>,
    items: Option<Vec<Node<Item>>>,
}

impl Build<'_> {
    /// Adds what a stretch of the text declares.
    pub(crate) fn stretch(&mut self, pairs: Pairs<'_, Rule>, file: &mut File) {
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
                Rule::brand => {
                    let Head { description, name, title, items } =
                        self.headed(pair, BlockOf::Brand);
                    Declaration::Brand(Brand { description, name, title, items })
                }
                Rule::experiment => {
                    let Head { description, name, title, items } =
                        self.headed(pair, BlockOf::Experiment);
                    Declaration::Experiment(Experiment { description, name, title, items })
                }
                Rule::test => Declaration::Test(self.test(pair)),
                Rule::stray_close => {
                    self.repaired(span, FaultKind::StrayClose, "", false);
                    continue;
                }
                _ => {
                    let names = self
                        .text
                        .get(span.start as usize..span.end as usize)
                        .unwrap_or_default()
                        .split(|c| !pest::unicode::XID_CONTINUE(c))
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
    }

    /// Adds the names that something with a fault would have declared.
    pub(crate) fn finish(&mut self, file: &mut File) {
        let declared = std::mem::take(&mut self.declared);
        if !declared.is_empty() {
            file.declarations.push(Node::new(Span::new(0, 0), Declaration::Bad(declared)));
        }
    }

    fn chain(&mut self, pair: Pair<'_, Rule>) -> Chain {
        let Head { description, name, title, items } = self.headed(pair, BlockOf::Chain);
        Chain { description, name, title, items }
    }

    /// Builds what has a name, perhaps a title, and a block.
    fn headed(&mut self, pair: Pair<'_, Rule>, of: BlockOf) -> Head {
        let named = match of {
            BlockOf::Brand => Named::Brand,
            BlockOf::Experiment => Named::Experiment,
            _ => Named::Chain,
        };
        let span = self.place(&pair);
        let mut head =
            Head { description: self.description(span), name: None, title: None, items: None };
        let mut keyword = span;
        let before = self.faults.len();
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::kw_chain | Rule::kw_brand | Rule::kw_experiment => keyword = at,
                Rule::chain_head => {
                    head.name =
                        find(inner.clone().into_inner(), Rule::name).map(|name| self.name(&name));
                    head.title =
                        find(inner.into_inner(), Rule::string).map(|title| self.string(title));
                }
                Rule::bad_head => {
                    head.name = self.bad_head(Slot::ChainHead, Some(named), keyword, at);
                }
                Rule::missing_block => self.missing_block(before, span, &inner, of),
                _ => head.items = Some(self.items(inner, of)),
            }
        }
        head
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
        let slot = match of {
            BlockOf::Policy => Slot::PolicyItem,
            BlockOf::Brand => Slot::BrandItem,
            BlockOf::Experiment => Slot::ExperimentItem,
            _ => Slot::ChainItem,
        };
        let mut open = self.place(&block);
        let head = open;
        let mut items = Vec::new();
        let (mut unopened, mut is_closed) = (None, false);
        for inner in block.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::open => open = at,
                Rule::close => is_closed = true,
                Rule::missing_open => {
                    unopened = Some(self.faults.len());
                    self.missing_open(head, of);
                }
                Rule::missing_close => {
                    let place = self.end_before(open, self.start(&inner));
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
                Rule::chain => items.push(Node::new(at, Item::Chain(self.chain(inner)))),
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
        if let (Some(fault), false, Some(last)) = (unopened, is_closed, items.last()) {
            self.close_as_well(fault, head.start, last.span.end);
        }
        items
    }

    /// Lets the repair of a block without its `{` bring the `}` behind it, too.
    fn close_as_well(&mut self, fault: usize, head: u32, end: u32) {
        let text = self.text;
        // Comments are blanks here: what holds one must not be written anew.
        let line_end = text.get(end as usize..).and_then(|rest| rest.find('\n'));
        let line_end = line_end.map_or(text.len(), |length| end as usize + length);
        let first = self.comments.partition_point(|comment| comment.span.end <= head);
        let first = self.comments.get(first).map(|comment| comment.span.start as usize);
        if first.is_some_and(|start| start < line_end) {
            return;
        }
        let repair = self.faults.get_mut(fault).and_then(|fault| fault.repair.as_mut());
        if let Some(repair) = repair.filter(|repair| repair.span.start <= end) {
            let span = Span { start: repair.span.start, end };
            *repair = Repair { span, text: format!(" {{{}\n}}", span.text(text)), safe: false };
        }
    }

    /// Builds a word and what stands loosely behind it.
    pub(super) fn setting(&mut self, pair: Pair<'_, Rule>) -> Option<Setting> {
        let mut word = None;
        let mut atoms = Vec::new();
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::setting_word | Rule::until_word | Rule::repeat_word => {
                    word = Some(self.name(&inner));
                }
                _ => atoms.push(self.atom(inner)),
            }
        }
        Some(Setting { word: word?, atoms })
    }

    fn segment(&mut self, pair: Pair<'_, Rule>) -> Segment {
        let span = self.place(&pair);
        let mut segment = Segment {
            description: self.description(span),
            name: Node::new(span, String::new()),
            condition: Node::new(span, Condition::Bad),
            frozen: None,
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
                Rule::frozen => segment.frozen = Some(self.frozen(inner)),
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
        let word = name.value.as_str();
        let is_step = words::at(Place::Step).contains(&word) && word != "tag";
        let taken = match of {
            Named::Segment => {
                words::at(Place::Condition).contains(&word)
                    || is_step
                    || matches!(word, "and" | "or" | "frozen" | "in")
            }
            Named::Message => {
                is_step
                    || matches!(
                        word,
                        "and"
                            | "or"
                            | "not"
                            | "unless"
                            | "within"
                            | "expires"
                            | "until"
                            | "in"
                            | "frozen"
                            | "nothing"
                    )
            }
            Named::Chain | Named::Brand | Named::Experiment | Named::Arm | Named::Test => false,
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
            let place = self.end_before(span, self.start(pair));
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
