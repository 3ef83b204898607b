//! Messages: the pieces each channel needs, and their placeholders.

use super::Scope;
use super::template::{Source, template};
use crate::diagnostic::{Diagnostic, Findings, Kind, Place};
use crate::ir::{Channel, Piece, Placeholder, Template, Text};
use crate::resolved::{Declared, Resolved};
use crate::units::Currency;
use chainc_grammar::syntax::{self, ChannelText, Node, Part, Role};
use std::collections::BTreeMap;

/// One text and what it promises, with the places.
#[derive(Debug)]
pub(crate) struct CheckedText {
    /// `None` when it was not understood.
    pub(crate) text: Option<Text>,
    /// Its placeholders.
    pub(crate) promises: Vec<(Placeholder, Place)>,
    /// Where its body stands.
    pub(crate) place: Place,
}

/// The texts of a message.
#[derive(Debug)]
pub(crate) struct MessageTexts {
    pub(crate) place: Place,
    pub(crate) texts: BTreeMap<Channel, CheckedText>,
    /// False when some text could not be read: it may be for any channel.
    pub(crate) whole: bool,
}

/// The declared messages by name.
pub(crate) type Texts = BTreeMap<String, MessageTexts>;

/// Checks every declared message.
pub(crate) fn check(
    resolved: &Resolved<'_>,
    bodies: &BTreeMap<String, String>,
    currency: &Currency,
    findings: &mut Findings,
) -> Texts {
    let mut all = Texts::new();
    for (name, declared) in &resolved.messages {
        if declared.node.texts.is_empty() {
            let kind = Kind::EmptyMessage { message: (*name).to_owned() };
            Scope::new(declared.file, currency, findings).report(kind, declared.span);
        }
        all.insert((*name).to_owned(), one(declared, bodies, currency, findings));
    }
    for declared in &resolved.more_messages {
        one(declared, bodies, currency, findings);
    }
    all
}

fn one(
    declared: &Declared<'_, &syntax::Message>,
    bodies: &BTreeMap<String, String>,
    currency: &Currency,
    findings: &mut Findings,
) -> MessageTexts {
    let mut scope = Scope::new(declared.file, currency, findings);
    let message = declared.node;
    let mut texts: BTreeMap<Channel, CheckedText> = BTreeMap::new();
    let mut places = BTreeMap::new();
    for text in message.texts.iter().flatten() {
        let Some(channel) = Channel::from_keyword(&text.channel.value) else { continue };
        let span = text.channel.span;
        if let Some(first) = places.get(&channel) {
            let kind = Kind::DuplicateText { channel, part: None };
            let found = Diagnostic::new(kind, scope.place(span));
            scope.push(found.related(scope.place(*first)));
            continue;
        }
        places.insert(channel, span);
        let mut pieces = Pieces { bodies, scope: &mut scope, promises: Vec::new() };
        let built = pieces.text(channel, text);
        let promises = pieces.promises;
        let place = text.parts.last().map_or(span, |part| part.value.text.span);
        let place = scope.place(place);
        texts.insert(channel, CheckedText { text: built, promises, place });
    }
    let whole = !message.texts.is_empty() && message.texts.iter().all(Option::is_some);
    MessageTexts { place: declared.place(), texts, whole }
}

struct Pieces<'m, 's> {
    bodies: &'m BTreeMap<String, String>,
    scope: &'m mut Scope<'s>,
    promises: Vec<(Placeholder, Place)>,
}

impl Pieces<'_, '_> {
    fn text(&mut self, channel: Channel, text: &ChannelText) -> Option<Text> {
        let mut subject = None;
        let mut title = None;
        let mut body = None;
        let mut html = false;
        let mut fine = true;
        for part in &text.parts {
            let role = part.value.role.as_ref().map(|role| role.value);
            let slot = match (channel, role) {
                (Channel::Email, Some(Role::Subject)) => &mut subject,
                (Channel::Push, Some(Role::Title)) => &mut title,
                (Channel::Email | Channel::Push | Channel::Sms, Some(Role::Body))
                | (Channel::Webhook, Some(Role::Body))
                | (Channel::Sms | Channel::Push | Channel::Webhook, None) => &mut body,
                (_, Some(role)) => {
                    let kind = Kind::UnexpectedPart { channel, part: role.as_str() };
                    let at = part.value.role.as_ref().map_or(part.span, |role| role.span);
                    self.scope.report(kind, at);
                    fine = false;
                    continue;
                }
                (Channel::Email, None) => {
                    let kind = Kind::MissingPart { channel, part: "subject" };
                    self.scope.report(kind, text.channel.span);
                    return None;
                }
            };
            if let Some((first, _)) = slot {
                let kind = Kind::DuplicateText {
                    channel,
                    part: Some(role.unwrap_or(Role::Body).as_str()),
                };
                let found = Diagnostic::new(kind, self.scope.place(part.span));
                self.scope.push(found.related(self.scope.place(*first)));
                fine = false;
                continue;
            }
            *slot = Some((part.span, part));
        }
        let mut pieces = |role, part: Option<(_, &Node<Part>)>| {
            part.map(|(_, part)| self.piece(channel, role, part))
        };
        let subject = pieces("subject", subject);
        let title = pieces("title", title);
        if let Some((_, part)) = body {
            html = part.value.file && is_html(&part.value.text.value.value());
        }
        let body = pieces("body", body);
        let mut needed = |piece: Option<Option<Template>>, part| match piece {
            Some(piece) => piece,
            None if fine => {
                let kind = Kind::MissingPart { channel, part };
                self.scope.report(kind, text.channel.span);
                None
            }
            None => None,
        };
        let built = match channel {
            Channel::Sms => needed(body, "body").map(|text| Text::Sms { text }),
            Channel::Email => {
                let subject = needed(subject, "subject");
                // One finding for one text.
                let body =
                    if subject.is_some() || body.is_some() { needed(body, "body") } else { None };
                subject.zip(body).map(|(subject, body)| Text::Email { subject, body, html })
            }
            Channel::Webhook => needed(body, "body").map(|body| Text::Webhook { body }),
            Channel::Push => {
                let title = title.unwrap_or(Some(Vec::new()));
                let body = needed(body, "body");
                title.zip(body).map(|(title, body)| Text::Push { title, body })
            }
        };
        built.filter(|_| fine)
    }

    fn piece(
        &mut self,
        channel: Channel,
        role: &'static str,
        part: &Node<Part>,
    ) -> Option<Template> {
        let text = &part.value.text;
        if !text.value.closed {
            return None;
        }
        if text.value.value().trim().is_empty() {
            self.scope.report(Kind::EmptyText { channel, part: role }, text.span);
            return None;
        }
        let pieces = if part.value.file {
            let path = text.value.value();
            let Some(body) = self.bodies.get(&path) else {
                self.scope.report(Kind::MissingBodyFile { path }, text.span);
                return None;
            };
            let source = Source::File { at: text.span, html: is_html(&path), path };
            template(body, &source, self.scope)
        } else {
            let source = Source::Quoted { first: text.span.start + 1 };
            template(&text.value.raw, &source, self.scope)
        }?;
        for (piece, span) in &pieces {
            let Piece::Value(placeholder) = piece else { continue };
            let place = self.scope.place(*span);
            self.promises.push((*placeholder, place));
        }
        Some(pieces.into_iter().map(|(piece, _)| piece).collect())
    }
}

/// Returns true for names that end in `.html` or `.htm`.
fn is_html(path: &str) -> bool {
    let path = path.to_lowercase();
    path.ends_with(".html") || path.ends_with(".htm")
}
