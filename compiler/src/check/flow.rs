//! Steps in their order: what each of them is, fallbacks, what a text promises, branches.

use super::chain::Context;
use super::gifts::{Gifts, Given, need};
use super::messages::MessageTexts;
use super::moments::{self, Parts};
use super::usage::Used;
use super::{Scope, audience, canonical, grant, predicate};
use crate::checked::{Part, StepPlaces};
use crate::diagnostic::{self, Diagnostic, FormKind, Kind, Place, Wants};
use crate::ir::{
    Action, Channel, Condition, Delay, Event, IfArm, Message, Piece, Placeholder, SplitArm, Step,
    Text,
};
use crate::units::BasisPoints;
use chainc_grammar::fault::Named;
use chainc_grammar::syntax::{self, Body, Flow, Name, Node, Quantity, Setting, Span};
use std::collections::BTreeMap;

/// What became of a flow.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    pub(crate) steps: Vec<Step>,
    pub(crate) messages: BTreeMap<String, Message>,
    pub(crate) places: BTreeMap<String, StepPlaces>,
    pub(crate) texts: BTreeMap<(String, Channel), Place>,
    /// False when some step was not understood.
    pub(crate) whole: bool,
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
    let walked = Walked { whole: true, ..Walked::default() };
    let mut walk = Walk {
        audience,
        context,
        scope,
        used,
        walked,
        gifts: Gifts::default(),
        before: Before::Nothing(diagnostic::Before::Segment),
        left: None,
    };
    let steps = walk.steps(&flow.steps, "");
    walk.walked.steps = steps;
    walk.walked
}

struct Walk<'w, 'c, 'p, 's> {
    audience: Option<&'w Condition>,
    context: &'w Context<'c, 'p>,
    scope: &'w mut Scope<'s>,
    used: &'w mut Used,
    walked: Walked,
    gifts: Gifts,
    before: Before,
    /// Where everybody has left the chain.
    left: Option<Span>,
}

/// A step under way: its id, where it stands, and its pieces.
struct Under {
    id: String,
    span: Span,
    parts: Parts,
}

impl Walk<'_, '_, '_, '_> {
    /// Checks steps in a row; their ids begin with `prefix`.
    fn steps(&mut self, nodes: &[Node<syntax::Step>], prefix: &str) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut told = false;
        for node in nodes {
            if let Some(left) = self.left.filter(|_| !told) {
                told = true;
                let kind = Kind::Form(FormKind::Unreachable);
                let found = Diagnostic::new(kind, self.scope.place(self.first_word(node.span)));
                self.scope.push(found.related(self.scope.place(left)));
            }
            let id = format!("{prefix}{}", steps.len() + 1);
            let mut under = Under { id, span: node.span, parts: Parts::new() };
            match self.step(node, &mut under) {
                Some((action, own)) => {
                    self.note(&under);
                    let text = canonical::step(&action, own);
                    steps.push(Step { id: under.id, text, action });
                }
                None => self.walked.whole = false,
            }
        }
        steps
    }

    fn first_word(&self, span: Span) -> Span {
        let text = self.scope.text(span);
        let length = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
        Span::new(span.start as usize, span.start as usize + length)
    }

    /// Keeps where a step stands.
    fn note(&mut self, under: &Under) {
        let places = StepPlaces {
            whole: self.scope.place(under.span),
            word: self.scope.place(self.first_word(under.span)),
            parts: under
                .parts
                .iter()
                .map(|(part, span)| (*part, self.scope.place(*span)))
                .collect(),
        };
        self.walked.places.insert(under.id.clone(), places);
    }

    /// Returns what a step does, and whether a fallback names its message itself.
    fn step(&mut self, node: &Node<syntax::Step>, under: &mut Under) -> Option<(Action, bool)> {
        let quiet = diagnostic::Before::Step;
        match &node.value {
            syntax::Step::Bad => {
                self.gifts = Gifts::UNKNOWN;
                self.before = Before::Unknown;
                None
            }
            syntax::Step::Send { channel, message, within } => {
                let by = Channel::from_keyword(&channel.value)?;
                under.parts.push((Part::Channel, channel.span));
                under.parts.push((Part::Message, message.span));
                self.send(by, message, message.span);
                let tried = vec![(by, node.span)];
                self.before = Before::Sent { message: message.clone(), tried };
                let within = self.period(within.as_ref(), Wants::Freshness, Part::Within, under)?;
                let message = message.value.clone();
                Some((Action::Send { channel: by, message, within }, false))
            }
            syntax::Step::Fallback { channel, message, within } => {
                let by = Channel::from_keyword(&channel.value)?;
                under.parts.push((Part::Channel, channel.span));
                under.parts.extend(message.iter().map(|name| (Part::Message, name.span)));
                let sent = self.fallback(node.span, by, channel.span, message.as_ref());
                let within = self.period(within.as_ref(), Wants::Freshness, Part::Within, under)?;
                let own = message.is_some();
                Some((Action::Fallback { channel: by, message: sent?, within }, own))
            }
            syntax::Step::Grant { amount, expires, at } => {
                under.parts.push((Part::Amount, amount.span));
                let given = grant::amount(amount, self.audience, &mut under.parts, self.scope);
                let expiry = self.period(expires.as_ref(), Wants::Expiry, Part::Expires, under);
                self.gifts.grant(expires.is_some());
                self.before = Before::Nothing(diagnostic::Before::Grant);
                let brand = at.as_ref().map(|at| self.brand(at));
                let at = brand.map_or(Some(None), |brand| brand.map(Some))?;
                Some((Action::Grant { amount: given?, expires: expiry?, at }, false))
            }
            syntax::Step::Cashback { rate, period, up_to } => {
                self.gifts.cashback = Given::Always;
                self.before = Before::Nothing(quiet);
                under.parts.push((Part::Amount, rate.span));
                let share = self.scope.share(rate, Wants::Cashback);
                let share = match share {
                    Some(BasisPoints(0)) => self.scope.zero(rate, Wants::Cashback),
                    share => share,
                };
                let length = match period {
                    Some(_) => {
                        self.period(period.as_ref(), Wants::CashbackPeriod, Part::Expires, under)
                    }
                    None => {
                        let setting = "cashback".to_owned();
                        let form = "`cashback 20% for 7d`";
                        let kind = Kind::SettingIncomplete { setting, form };
                        self.scope.report(kind, rate.span);
                        None
                    }
                };
                let most = match up_to {
                    Some(node) => {
                        under.parts.push((Part::UpTo, node.span));
                        match self.scope.points(node, Wants::UpTo) {
                            Some(points) if points.0 == 0 => self.scope.zero(node, Wants::UpTo),
                            points => points.map(Some),
                        }
                    }
                    None => Some(None),
                };
                let period = length??;
                Some((Action::Cashback { rate: share?, period, up_to: most? }, false))
            }
            syntax::Step::Promo { pool, expires } => {
                self.gifts.promo(expires.is_some());
                self.before = Before::Nothing(quiet);
                under.parts.push((Part::Amount, pool.span));
                let expires = self.period(expires.as_ref(), Wants::Expiry, Part::Expires, under)?;
                Some((Action::Promo { pool: pool.value.clone(), expires }, false))
            }
            syntax::Step::Wait { delay, unless } => {
                self.before = Before::Nothing(diagnostic::Before::Wait);
                let delay = match delay {
                    syntax::Delay::For(period) => {
                        under.parts.push((Part::Delay, period.span));
                        self.scope.period(period, Wants::Wait).map(Delay::For)
                    }
                    syntax::Delay::Until(rule) => {
                        let read = moments::until(rule, self.scope);
                        read.map(|(delay, parts)| {
                            under.parts.extend(parts);
                            delay
                        })
                    }
                };
                let unless = unless.iter().map(|event| self.event(event)).collect();
                Some((Action::Wait { delay: delay?, unless }, false))
            }
            syntax::Step::If { arms, otherwise } => {
                let action = self.branch(arms, otherwise.as_ref(), under);
                self.before = Before::Nothing(quiet);
                action.map(|action| (action, false))
            }
            syntax::Step::Split { arms } => {
                let action = self.split(arms, under);
                self.before = Before::Nothing(quiet);
                action.map(|action| (action, false))
            }
            syntax::Step::Repeat { rule, body } => {
                let action = self.repeat(rule, body.as_ref(), under);
                self.before = Before::Nothing(quiet);
                action.map(|action| (action, false))
            }
            syntax::Step::Exit => {
                self.left = self.left.or(Some(node.span));
                self.before = Before::Nothing(quiet);
                Some((Action::Exit, false))
            }
            syntax::Step::Tag(label) => {
                self.before = Before::Nothing(quiet);
                Some((Action::Tag(label.value.value()), false))
            }
        }
    }

    /// Reads a period that may be missing; the outer `None` for one not understood.
    fn period(
        &mut self,
        node: Option<&Node<Quantity>>,
        wants: Wants,
        part: Part,
        under: &mut Under,
    ) -> Option<Option<crate::units::Period>> {
        let Some(node) = node else { return Some(None) };
        under.parts.push((part, node.span));
        self.scope.period(node, wants).map(Some)
    }

    fn brand(&mut self, name: &Name) -> Option<String> {
        self.used.brands.insert(name.value.clone());
        predicate::brand(&name.value, name.span, self.context.resolved, self.scope)?;
        Some(name.value.clone())
    }

    fn event(&mut self, event: &Node<syntax::Event>) -> Event {
        let mut known = |name: &Name| {
            self.used.messages.insert(name.value.clone());
            predicate::message(&name.value, name.span, self.context.resolved, self.scope);
            name.value.clone()
        };
        match &event.value {
            syntax::Event::Purchase => Event::Purchase,
            syntax::Event::Clicked(name) => Event::Clicked(known(name)),
            syntax::Event::Opened(name) => Event::Opened(known(name)),
            syntax::Event::Own(event) => Event::Own(event.value.value()),
        }
    }

    /// Walks through the steps of an arm from where the block began, and returns what holds
    /// behind it.
    fn arm(&mut self, body: &Body, of: &str, prefix: &str, start: &Start) -> (Vec<Step>, Start) {
        if body.value.is_empty() {
            let kind = Kind::Form(FormKind::EmptyBranch { of: of.to_owned() });
            self.scope.report(kind, body.span);
            self.walked.whole = false;
        }
        self.gifts = start.gifts;
        self.left = start.left;
        self.before = Before::Nothing(diagnostic::Before::Step);
        let steps = self.steps(&body.value, prefix);
        (steps, Start { gifts: self.gifts, left: self.left })
    }

    fn start(&self) -> Start {
        Start { gifts: self.gifts, left: self.left }
    }

    /// Goes on behind a block whose arms ended so; each with the place where it begins.
    fn meet(&mut self, ends: &[(Start, Span)]) {
        let mut going = ends.iter().filter(|(end, _)| end.left.is_none());
        let Some((first, first_at)) = going.next() else {
            // Nobody goes on: what was given no longer matters.
            self.gifts = Gifts::UNKNOWN;
            self.left = ends.last().and_then(|(end, _)| end.left);
            return;
        };
        self.left = None;
        self.gifts =
            going.fold(first.gifts, |gifts, (end, at)| gifts.join(*first_at, end.gifts, *at));
    }

    fn branch(
        &mut self,
        arms: &[syntax::Arm],
        otherwise: Option<&Body>,
        under: &mut Under,
    ) -> Option<Action> {
        let start = self.start();
        let word = self.first_word(under.span);
        let mut ends = Vec::new();
        let mut built = Vec::new();
        let mut whole = true;
        for (at, arm) in arms.iter().enumerate() {
            under.parts.push((Part::Condition(at), arm.condition.span));
            let context = self.context;
            let condition =
                audience::whole(&arm.condition, context.resolved, context.segments, self.scope);
            let prefix = format!("{}.{}.", under.id, at + 1);
            let Some(body) = &arm.body else {
                whole = false;
                ends.push((Start { gifts: Gifts::UNKNOWN, left: None }, arm.condition.span));
                continue;
            };
            let (steps, end) = self.arm(body, "if", &prefix, &start);
            ends.push((end, arm.condition.span));
            match condition {
                Some(condition) => built.push(IfArm { condition, steps }),
                None => whole = false,
            }
        }
        let otherwise = match otherwise {
            Some(body) => {
                let at = self.else_before(body.span);
                under.parts.push((Part::Arm(arms.len()), at));
                let prefix = format!("{}.{}.", under.id, arms.len() + 1);
                let (steps, end) = self.arm(body, "else", &prefix, &start);
                ends.push((end, at));
                Some(steps)
            }
            None => {
                ends.push((start, word));
                None
            }
        };
        self.meet(&ends);
        whole.then_some(Action::If { arms: built, otherwise })
    }

    /// Returns where the `else` before a brace stands.
    fn else_before(&self, body: Span) -> Span {
        let before = self.scope.file.text.get(..body.start as usize).unwrap_or_default();
        match before.rfind("else") {
            Some(at) => Span::new(at, at + "else".len()),
            None => Span { start: body.start, end: body.start + 1 },
        }
    }

    fn split(&mut self, arms: &[Option<syntax::SplitArm>], under: &mut Under) -> Option<Action> {
        let start = self.start();
        let word = self.first_word(under.span);
        let mut ends = Vec::new();
        let mut built: Vec<SplitArm> = Vec::new();
        let mut names: Vec<&Name> = Vec::new();
        let mut whole = true;
        for (at, arm) in arms.iter().enumerate() {
            let Some(arm) = arm else {
                whole = false;
                ends.push((Start { gifts: Gifts::UNKNOWN, left: None }, word));
                continue;
            };
            under.parts.push((Part::Arm(at), arm.name.span));
            under.parts.push((Part::Share(at), arm.share.span));
            if let Some(first) = names.iter().find(|first| first.value == arm.name.value) {
                let name = arm.name.value.clone();
                let kind = Kind::DuplicateName { of: Named::Arm, name };
                let found = Diagnostic::new(kind, self.scope.place(arm.name.span));
                self.scope.push(found.related(self.scope.place(first.span)));
            }
            names.push(&arm.name);
            let share = match self.scope.share(&arm.share, Wants::Arm) {
                Some(BasisPoints(0)) => self.scope.zero(&arm.share, Wants::Arm),
                share => share,
            };
            let prefix = format!("{}.{}.", under.id, at + 1);
            let (steps, end) = self.arm(&arm.body, &arm.name.value, &prefix, &start);
            ends.push((end, arm.name.span));
            match share {
                Some(share) => built.push(SplitArm { name: arm.name.value.clone(), share, steps }),
                None => whole = false,
            }
        }
        if arms.is_empty() {
            let kind = Kind::Form(FormKind::EmptyBranch { of: "split".to_owned() });
            self.scope.report(kind, under.span);
            return None;
        }
        let sum: u32 = built.iter().map(|arm| arm.share.0).sum();
        if whole && sum != 10_000 {
            let kind = Kind::Form(FormKind::ArmsNotWhole {
                sum: BasisPoints(sum).to_string(),
                off: BasisPoints(sum.abs_diff(10_000)).to_string(),
                above: sum > 10_000,
            });
            self.scope.report(kind, word);
        }
        self.meet(&ends);
        whole.then_some(Action::Split { arms: built })
    }

    fn repeat(&mut self, rule: &Setting, body: Option<&Body>, under: &mut Under) -> Option<Action> {
        let start = self.start();
        let rounds = moments::repeat(rule, self.scope);
        let prefix = format!("{}.1.", under.id);
        let steps = body.map(|body| {
            let (steps, end) = self.arm(body, "repeat", &prefix, &start);
            // Where a day or a purchase ends it, there may have been no round at all.
            let perhaps = rounds.as_ref().is_none_or(|r| r.until.is_some() || r.until_purchase);
            if perhaps {
                self.meet(&[(start, rule.word.span), (end, rule.word.span)]);
            } else {
                self.meet(&[(end, rule.word.span)]);
            }
            steps
        });
        let rounds = rounds?;
        under.parts.extend(rounds.parts);
        Some(Action::Repeat {
            every: rounds.every,
            until_purchase: rounds.until_purchase,
            until: rounds.until,
            max: rounds.max,
            steps: steps?,
        })
    }

    /// Checks a fallback and returns the message it sends.
    fn fallback(
        &mut self,
        span: Span,
        by: Channel,
        channel: Span,
        own: Option<&Name>,
    ) -> Option<String> {
        match self.before.clone() {
            Before::Nothing(after) => {
                let kind = Kind::FallbackWithoutSend { after };
                self.scope.report(kind, self.first_word(span));
                // Those behind it fall back from what this one would have sent.
                self.before = Before::Unknown;
                if let Some(own) = own {
                    self.send(by, own, own.span);
                }
                None
            }
            Before::Unknown => {
                if let Some(own) = own {
                    self.send(by, own, own.span);
                }
                None
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
                Some(name)
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
                // Most likely that one was meant: it is not unused.
                let meant = predicate::unknown_message(name, message.span, resolved, self.scope);
                self.used.messages.extend(meant);
            }
        } else {
            self.sketch(by, message);
        }
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
        let body = if self.gifts.points == Given::Always {
            vec![Piece::Text(format!("[{name}] ")), Piece::Value(Placeholder::GrantPoints)]
        } else {
            vec![Piece::Text(format!("[{name}]"))]
        };
        let short = vec![Piece::Text(format!("[{name}]"))];
        draft.texts.entry(by).or_insert_with(|| match by {
            Channel::Sms => Text::Sms { text: body },
            Channel::Email => Text::Email { subject: short, body, html: false },
            Channel::Push => Text::Push { title: short, body },
            Channel::Webhook => Text::Webhook { body },
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
        for (placeholder, place) in &text.promises {
            if let Some((kind, without)) = self.broken(*placeholder, name) {
                let found = Diagnostic::new(kind, place.clone());
                let found = found.related(self.scope.place(at));
                self.scope.push(match without {
                    Some(span) => found.related(self.scope.place(span)),
                    None => found,
                });
            }
        }
        self.walked.texts.insert((name.to_owned(), by), text.place.clone());
        let Some(text) = text.text.clone() else { return };
        let message = self
            .walked
            .messages
            .entry(name.to_owned())
            .or_insert_with(|| Message { draft: false, texts: BTreeMap::new() });
        message.texts.insert(by, text);
    }

    /// Returns what is wrong with a promise at this step, if anything, and a place on a way
    /// to it on which it is broken.
    fn broken(&self, placeholder: Placeholder, message: &str) -> Option<(Kind, Option<Span>)> {
        let needs = need(placeholder, &self.gifts)?;
        let (name, step, message) = (placeholder.as_str(), needs.step, message.to_owned());
        let partly = |message, at| {
            let kind = FormKind::PlaceholderOnSomePaths { name, message, step };
            Some((Kind::Form(kind), Some(at)))
        };
        match (needs.gift, needs.end) {
            (Given::Unknown, _) | (Given::Always, None | Some(Given::Always | Given::Unknown)) => {
                None
            }
            (Given::Never, _) if step == "grant" => {
                Some((Kind::PlaceholderWithoutGrant { name, message }, None))
            }
            (Given::Never, _) => {
                let kind = FormKind::PlaceholderWithoutGift { name, message, step };
                Some((Kind::Form(kind), None))
            }
            (Given::Sometimes(at), _) | (Given::Always, Some(Given::Sometimes(at))) => {
                partly(message, at)
            }
            (Given::Always, Some(Given::Never)) if step == "grant" => {
                Some((Kind::PlaceholderWithoutExpiry { message }, None))
            }
            (Given::Always, Some(Given::Never)) => {
                Some((Kind::Form(FormKind::PromoWithoutExpiry { message }), None))
            }
        }
    }
}

/// What holds at the beginning or at the end of an arm.
#[derive(Debug, Clone, Copy)]
struct Start {
    gifts: Gifts,
    left: Option<Span>,
}
