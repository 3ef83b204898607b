//! Messages and their texts.

use super::{Build, find};
use crate::fault::{BlockOf, FaultKind, Named, Slot};
use crate::grammar::Rule;
use crate::syntax::{ChannelText, Message, Node, Part, Role};
use pest::iterators::Pair;

impl Build<'_> {
    pub(super) fn message(&mut self, pair: Pair<'_, Rule>) -> Message {
        let span = self.place(&pair);
        let mut message =
            Message { description: self.description(span), name: None, texts: Vec::new() };
        let mut keyword = span;
        let before = self.faults().len();
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::kw_message => keyword = at,
                Rule::name => {
                    let name = self.name(&inner);
                    message.name = self.usable(name, Named::Message);
                }
                Rule::bad_head => {
                    message.name = self.bad_head(Slot::Head, Some(Named::Message), keyword, at);
                }
                Rule::missing_block => {
                    self.missing_block(before, span, &inner, BlockOf::Message);
                    message.texts.push(None);
                }
                _ => self.texts(inner, &mut message),
            }
        }
        message
    }

    fn texts(&mut self, block: Pair<'_, Rule>, message: &mut Message) {
        let mut open = self.place(&block);
        for inner in block.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::open => open = at,
                Rule::close => {}
                Rule::missing_open => self.missing_open(open, BlockOf::Message),
                Rule::missing_close => {
                    let place = self.end_before(open, self.start(&inner));
                    let kind = FaultKind::UnclosedBlock { open, of: BlockOf::Message };
                    self.repaired(place, kind, "\n}", false);
                    message.texts.push(None);
                }
                Rule::bad_text => {
                    self.recover(Slot::MessageText, at);
                    message.texts.push(None);
                }
                _ => message.texts.push(self.channel_text(inner)),
            }
        }
    }

    fn channel_text(&mut self, pair: Pair<'_, Rule>) -> Option<ChannelText> {
        let channel = find(pair.clone().into_inner(), Rule::channel)?;
        let channel = self.name(&channel);
        let parts = pair
            .into_inner()
            .filter(|inner| matches!(inner.as_rule(), Rule::part | Rule::named_part))
            .filter_map(|part| self.part(part))
            .collect();
        Some(ChannelText { channel, parts })
    }

    fn part(&mut self, pair: Pair<'_, Rule>) -> Option<Node<Part>> {
        let span = self.place(&pair);
        let mut role = None;
        let mut file = false;
        let mut text = None;
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::role => {
                    let word = match at.text(self.text) {
                        "subject" => Role::Subject,
                        "title" => Role::Title,
                        _ => Role::Body,
                    };
                    role = Some(Node::new(at, word));
                }
                Rule::file_mark => file = true,
                _ => text = Some(self.string(inner)),
            }
        }
        Some(Node::new(span, Part { role, file, text: text? }))
    }
}
