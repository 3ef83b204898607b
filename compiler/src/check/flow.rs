//! Steps in their order: fallbacks, grants before the texts that promise them.

use super::chain::Context;
use super::messages::{MessageTexts, Promise};
use super::usage::Used;
use super::{Scope, canonical, grant};
use crate::diagnostic::{self, Diagnostic, Kind, Safety, Wants};
use crate::ir::{Action, Channel, Condition, Event, Message, Piece, Placeholder, Step, Text};
use chainc_grammar::syntax::{self, Flow, Name, Node, Span};
use chainc_grammar::words;
use std::collections::BTreeMap;

/// What became of a flow.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    pub(crate) steps: Vec<Step>,
    pub(crate) messages: BTreeMap<String, Message>,
}

/// What is known of the points a customer has when a step is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Granted {
    Nothing,
    Points {
        expire: bool,
    },
    /// Something before was not understood.
    Unknown,
}

/// What a fallback would fall back from.
#[derive(Debug, Clone)]
enum Before {
    /// Nothing, or something that sends nothing: in words.
    Nothing(diagnostic::Before),
    /// A message and the channels tried for it.
    Sent { message: Name, tried: Vec<(Channel, Span)> },
    /// Something that was not understood.
    Unknown,
}

/// Checks the steps of a flow.
pub(crate) fn check(
    flow: &Flow,
    audience: Option<&Condition>,
    context: &Context<'_, '_>,
    scope: &mut Scope<'_>,
    used: &mut Used,
) -> Walked {
    if flow.steps.is_empty() && !matches!(flow.audience.value, syntax::Condition::Bad) {
        scope.report(Kind::ChainWithoutSteps, flow.keyword.span.to(flow.audience.span));
    }
    let mut walk = Walk {
        audience,
        context,
        scope,
        used,
        walked: Walked::default(),
        granted: Granted::Nothing,
        before: Before::Nothing(diagnostic::Before::Segment),
    };
    for step in &flow.steps {
        walk.step(step);
    }
    walk.walked
}

struct Walk<'w, 'c, 'p, 's> {
    audience: Option<&'w Condition>,
    context: &'w Context<'c, 'p>,
    scope: &'w mut Scope<'s>,
    used: &'w mut Used,
    walked: Walked,
    granted: Granted,
    before: Before,
}

impl Walk<'_, '_, '_, '_> {
    fn step(&mut self, step: &Node<syntax::Step>) {
        match &step.value {
            syntax::Step::Bad | syntax::Step::Later => {
                self.granted = Granted::Unknown;
                self.before = Before::Unknown;
            }
            syntax::Step::Grant { amount, expires } => {
                let amount = grant::amount(amount, self.audience, self.scope);
                let period = expires.as_ref().map(|p| self.scope.period(p, Wants::Expiry));
                self.granted = Granted::Points { expire: expires.is_some() };
                self.before = Before::Nothing(diagnostic::Before::Grant);
                if let (Some(amount), None | Some(Some(_))) = (amount, period) {
                    self.add(Action::Grant { amount, expires: period.flatten() }, false);
                }
            }
            syntax::Step::Wait { period, unless_purchase } => {
                let period = period.as_ref().and_then(|p| self.scope.period(p, Wants::Wait));
                self.before = Before::Nothing(diagnostic::Before::Wait);
                let unless = if *unless_purchase { vec![Event::Purchase] } else { Vec::new() };
                if let Some(period) = period {
                    self.add(Action::Wait { period, unless }, false);
                }
            }
            syntax::Step::Send { channel, message } => {
                let Some(by) = Channel::from_keyword(&channel.value) else { return };
                self.send(by, message, message.span);
                let tried = vec![(by, step.span)];
                self.before = Before::Sent { message: message.clone(), tried };
                self.add(Action::Send { channel: by, message: message.value.clone() }, false);
            }
            syntax::Step::Fallback { channel, message } => {
                let Some(by) = Channel::from_keyword(&channel.value) else { return };
                self.fallback(step.span, by, channel.span, message.as_ref());
            }
        }
    }

    fn add(&mut self, action: Action, own: bool) {
        let text = canonical::step(&action, own);
        let id = (self.walked.steps.len() + 1).to_string();
        self.walked.steps.push(Step { id, text, action });
    }

    fn fallback(&mut self, span: Span, by: Channel, channel: Span, own: Option<&Name>) {
        match self.before.clone() {
            Before::Nothing(after) => {
                let keyword = Span { start: span.start, end: channel.start };
                let word = Span {
                    start: keyword.start,
                    end: keyword.start + u32::try_from("fallback".len()).unwrap_or(0),
                };
                self.scope.report(Kind::FallbackWithoutSend { after }, word);
                // Those behind it fall back from what this one would have sent.
                self.before = Before::Unknown;
                if let Some(own) = own {
                    self.send(by, own, own.span);
                }
            }
            Before::Unknown => {
                if let Some(own) = own {
                    self.send(by, own, own.span);
                }
            }
            Before::Sent { message, mut tried } => {
                if let Some((_, first)) = tried.iter().find(|(other, _)| *other == by) {
                    let kind = Kind::FallbackSameChannel { channel: by };
                    let found = Diagnostic::new(kind, self.scope.place(channel));
                    self.scope.push(found.related(self.scope.place(*first)));
                } else {
                    let at = own.map_or(channel, |own| own.span);
                    self.send(by, own.unwrap_or(&message), at);
                }
                tried.push((by, span));
                let message = own.cloned().unwrap_or(message);
                let name = message.value.clone();
                self.before = Before::Sent { message, tried };
                self.add(Action::Fallback { channel: by, message: name }, own.is_some());
            }
        }
    }

    /// Checks that a message can go by a channel here, and keeps its text for the chain.
    fn send(&mut self, by: Channel, message: &Name, at: Span) {
        let resolved = self.context.resolved;
        let name = message.value.as_str();
        self.used.messages.insert(name.to_owned());
        if let Some(texts) = self.context.texts.get(name) {
            self.declared(by, name, texts, at);
        } else if resolved.messages.contains_key(name) || resolved.is_doubtful(name) {
            // Declared and not understood.
        } else if resolved.has_messages {
            // A fallback that names no message repeats one that has been reported.
            if at == message.span {
                self.unknown_message(message);
            }
        } else {
            self.sketch(by, message);
        }
    }

    fn unknown_message(&mut self, message: &Name) {
        let known = self.context.resolved.messages.keys().copied();
        let suggestion = words::nearest(&message.value, known).map(str::to_owned);
        // Most likely that one was meant: it is not unused.
        self.used.messages.extend(suggestion.clone());
        let name = message.value.clone();
        let kind = Kind::UnknownMessage { name, suggestion: suggestion.clone() };
        let mut found = Diagnostic::new(kind, self.scope.place(message.span));
        if let Some(meant) = suggestion {
            found = found.fixed(Safety::Unsafe, message.span, meant);
        }
        self.scope.push(found);
    }

    /// A program without any message is a sketch: it runs on drafts.
    fn sketch(&mut self, by: Channel, message: &Name) {
        let name = &message.value;
        let silent = self.context.resolved.perhaps_messages;
        if self.used.drafts.insert(name.clone()) && !silent {
            let kind = Kind::MessageWithoutText { message: name.clone() };
            self.scope.report(kind, message.span);
        }
        let draft = self
            .walked
            .messages
            .entry(name.clone())
            .or_insert_with(|| Message { draft: true, texts: BTreeMap::new() });
        let body = if self.granted == Granted::Nothing {
            vec![Piece::Text(format!("[{name}]"))]
        } else {
            vec![Piece::Text(format!("[{name}] ")), Piece::Value(Placeholder::GrantPoints)]
        };
        let short = vec![Piece::Text(format!("[{name}]"))];
        draft.texts.entry(by).or_insert_with(|| match by {
            Channel::Sms => Text::Sms { text: body },
            Channel::Email => Text::Email { subject: short, body, html: false },
            Channel::Push => Text::Push { title: short, body },
        });
    }

    fn declared(&mut self, by: Channel, name: &str, texts: &MessageTexts, at: Span) {
        let Some(text) = texts.texts.get(&by) else {
            if texts.whole {
                let kind = Kind::MissingText { message: name.to_owned(), channel: by };
                let found = Diagnostic::new(kind, self.scope.place(at));
                self.scope.push(found.related(texts.place.clone()));
            }
            return;
        };
        for (promise, place) in &text.promises {
            let kind = match (promise, self.granted) {
                (_, Granted::Unknown) | (Promise::Points, Granted::Points { .. }) => continue,
                (Promise::Expiry, Granted::Points { expire: true }) => continue,
                (promise, Granted::Nothing) => Kind::PlaceholderWithoutGrant {
                    name: match promise {
                        Promise::Points => Placeholder::GrantPoints.as_str(),
                        Promise::Expiry => Placeholder::GrantExpires.as_str(),
                    },
                    message: name.to_owned(),
                },
                (Promise::Expiry, Granted::Points { expire: false }) => {
                    Kind::PlaceholderWithoutExpiry { message: name.to_owned() }
                }
            };
            let found = Diagnostic::new(kind, place.clone());
            self.scope.push(found.related(self.scope.place(at)));
        }
        let Some(text) = text.text.clone() else { return };
        let message = self
            .walked
            .messages
            .entry(name.to_owned())
            .or_insert_with(|| Message { draft: false, texts: BTreeMap::new() });
        message.texts.insert(by, text);
    }
}
