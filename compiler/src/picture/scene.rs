//! What a picture of a chain shows, before anybody knows where: the same for SVG and Mermaid.

use crate::diagnostic::Lang;
use crate::explain::{Sample, Voice, count, days_of, readable, who};
use crate::ir::{Action, Amount, Chain, Channel, Event, Program, Step, Template, Text};
use crate::proof::{Terms, Timeline};
use crate::units::{Period, Points};

/// A whole picture.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) name: String,
    pub(super) title: Option<String>,
    /// What it shows, for those who cannot see it.
    pub(super) alt: String,
    /// Who enters.
    pub(super) who: String,
    /// What else is worth knowing of the entry, one thing each.
    pub(super) facts: Vec<String>,
    pub(super) nodes: Vec<Node>,
    /// What stands at the end.
    pub(super) end: String,
}

/// What a step is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Points, cashback, a code.
    Gift,
    /// A message by a channel.
    Message(Channel),
    /// A tag.
    Tag,
}

/// A part of a flow.
#[derive(Debug)]
pub(super) enum Node {
    /// A step that does one thing.
    Card(Card),
    /// Time passes.
    Wait {
        id: String,
        days: Option<String>,
        /// How long, in words.
        length: String,
        /// How long at least, in minutes.
        minutes: i64,
        /// What ends the chain meanwhile.
        exits: Vec<Exit>,
    },
    /// Customers part, and meet again.
    Fork {
        id: String,
        days: Option<String>,
        /// By what they part.
        question: String,
        arms: Vec<Arm>,
    },
    /// Rounds.
    Loop { id: String, days: Option<String>, rule: String, nodes: Vec<Node> },
    /// The chain is over.
    Exit { id: String, days: Option<String>, label: String },
}

/// A step that does one thing.
#[derive(Debug)]
pub(super) struct Card {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) days: Option<String>,
    pub(super) head: String,
    pub(super) detail: String,
    /// What is tried when it does not reach the customer, in order.
    pub(super) rungs: Vec<Rung>,
}

/// Another channel that is tried.
#[derive(Debug)]
pub(super) struct Rung {
    pub(super) id: String,
    pub(super) channel: Channel,
    pub(super) head: String,
    pub(super) detail: String,
    /// When it is tried.
    pub(super) when: String,
}

/// What ends the chain during a wait.
#[derive(Debug)]
pub(super) struct Exit {
    pub(super) event: String,
    /// What is reached by it.
    pub(super) end: String,
    /// True for the goal.
    pub(super) success: bool,
}

/// One of several ways.
#[derive(Debug)]
pub(super) struct Arm {
    pub(super) label: String,
    /// How many go there, in hundredths of a percent.
    pub(super) share: Option<u32>,
    /// The same in words.
    pub(super) share_label: Option<String>,
    pub(super) nodes: Vec<Node>,
}

impl Scene {
    /// Returns what the picture of a chain shows.
    pub(super) fn of(program: &Program, chain: &Chain, lang: Lang) -> Self {
        let voice = crate::explain::voice_of(lang);
        let terms = Terms::of(program, chain);
        let timeline = Timeline::of(chain, &terms);
        let mut facts = vec![voice.schedule(chain.schedule, terms.timezone())];
        facts.extend(chain.active.map(|active| voice.active(Some(active))));
        facts.extend(chain.control.as_ref().map(|control| voice.short_control(control)));
        facts.extend(
            chain
                .goal
                .as_ref()
                .map(|goal| voice.short_goal(&voice.goal(Some(goal), &program.policy.currency))),
        );
        let mut painter = Painter { program, chain, voice, lang, timeline };
        let mut customer = Sample::entering(chain);
        Self {
            name: chain.name.clone(),
            title: chain.title.clone(),
            alt: voice.picture(&chain.name, count(&chain.steps)),
            who: named(&who(&chain.audience, program, voice), lang),
            facts,
            nodes: painter.flow(&chain.steps, &mut customer),
            end: voice.short_end().to_owned(),
        }
    }
}

/// Puts names into quotes: a picture has no code.
fn named(words: &str, lang: Lang) -> String {
    let (open, close) = match lang {
        Lang::En => ('“', '”'),
        Lang::Ru => ('«', '»'),
    };
    let mut inside = false;
    let quote = |c| {
        if c != '`' {
            return c;
        }
        inside = !inside;
        if inside { open } else { close }
    };
    words.chars().map(quote).collect()
}

struct Painter<'p> {
    program: &'p Program,
    chain: &'p Chain,
    voice: &'p dyn Voice,
    lang: Lang,
    timeline: Timeline,
}

impl Painter<'_> {
    fn flow(&mut self, steps: &[Step], customer: &mut Sample) -> Vec<Node> {
        let mut nodes = Vec::new();
        for step in steps {
            match (&step.action, nodes.last_mut()) {
                (Action::Fallback { channel, message, .. }, Some(Node::Card(card)))
                    if matches!(card.kind, Kind::Message(_)) =>
                {
                    card.rungs.push(Rung {
                        id: step.id.clone(),
                        channel: *channel,
                        head: self.send_head(*channel, message),
                        detail: self.preview(*channel, message, customer),
                        when: self.voice.not_reached().to_owned(),
                    });
                }
                _ => nodes.push(self.node(step, customer)),
            }
        }
        nodes
    }

    fn node(&mut self, step: &Step, customer: &mut Sample) -> Node {
        let voice = self.voice;
        let id = step.id.clone();
        let days = days_of(step, &self.timeline).map(|days| voice.days(days));
        let time = self.timeline.steps.get(&step.id);
        let after = time.map_or(0, |time| time.reached.least);
        let card = |kind, head: String, detail: Vec<String>| {
            let detail = detail.join(", ");
            Node::Card(Card {
                id: id.clone(),
                kind,
                days: days.clone(),
                head,
                detail,
                rungs: Vec::new(),
            })
        };
        match &step.action {
            Action::Grant { amount, expires, at } => {
                customer.grant(amount, *expires, after);
                let mut detail = Vec::new();
                let head = match amount {
                    Amount::Fixed(points) => voice.points(*points),
                    Amount::ByRecency(bands) => {
                        detail.push(voice.by_recency().to_owned());
                        let points = bands.iter().map(|band| band.points);
                        let least = points.clone().min().unwrap_or(Points(0));
                        voice.short_table(least, points.max().unwrap_or(Points(0)))
                    }
                };
                detail.extend(expires.map(|length| voice.short_expiry(length)));
                detail.extend(at.clone());
                card(Kind::Gift, head, detail)
            }
            Action::Cashback { rate, period, up_to } => {
                customer.cashback(*rate, *period, after);
                let mut detail = vec![voice.short_expiry(*period)];
                detail.extend(up_to.map(|points| voice.short_up_to(points)));
                card(Kind::Gift, voice.short_cashback(*rate), detail)
            }
            Action::Promo { pool, expires } => {
                customer.promo(*expires, after);
                let detail = expires.map(|length: Period| voice.short_expiry(length));
                card(Kind::Gift, voice.short_promo(pool), detail.into_iter().collect())
            }
            Action::Send { channel, message, .. } | Action::Fallback { channel, message, .. } => {
                let detail = self.preview(*channel, message, customer);
                card(Kind::Message(*channel), self.send_head(*channel, message), vec![detail])
            }
            Action::Tag(tag) => card(Kind::Tag, voice.short_tag(tag), Vec::new()),
            Action::Wait { delay, unless } => {
                let length =
                    time.map_or(0, |time| time.done.least.saturating_sub(time.reached.least));
                let exit = |event: &Event| {
                    let success = *event == Event::Purchase;
                    let end = if success { voice.short_success() } else { voice.short_end() };
                    Exit { event: voice.short_event(event), end: end.to_owned(), success }
                };
                Node::Wait {
                    id,
                    days,
                    length: voice.short_delay(*delay),
                    minutes: length,
                    exits: unless.iter().map(exit).collect(),
                }
            }
            Action::If { arms, otherwise } => {
                let before = customer.clone();
                let mut out = Vec::new();
                for arm in arms {
                    let mut own = before.clone();
                    let nodes = self.flow(&arm.steps, &mut own);
                    customer.learn(own);
                    let label = named(&who(&arm.condition, self.program, voice), self.lang);
                    out.push(Arm { label, share: None, share_label: None, nodes });
                }
                let mut own = before;
                let nodes = self.flow(otherwise.as_deref().unwrap_or_default(), &mut own);
                customer.learn(own);
                let label = voice.short_others().to_owned();
                out.push(Arm { label, share: None, share_label: None, nodes });
                Node::Fork { id, days, question: voice.short_if().to_owned(), arms: out }
            }
            Action::Split { arms } => {
                let before = customer.clone();
                let mut out = Vec::new();
                for arm in arms {
                    let mut own = before.clone();
                    let nodes = self.flow(&arm.steps, &mut own);
                    customer.learn(own);
                    out.push(Arm {
                        label: arm.name.clone(),
                        share: Some(arm.share.0),
                        share_label: Some(voice.share(arm.share)),
                        nodes,
                    });
                }
                Node::Fork { id, days, question: voice.short_split().to_owned(), arms: out }
            }
            Action::Repeat { every, until_purchase, until, max, steps } => Node::Loop {
                id,
                days,
                rule: voice.repeat(*every, *until_purchase, *until, *max),
                nodes: self.flow(steps, customer),
            },
            Action::Exit => Node::Exit { id, days, label: voice.short_end().to_owned() },
        }
    }

    fn send_head(&self, channel: Channel, message: &str) -> String {
        format!("{} {message}", self.voice.channel(channel))
    }

    /// The beginning of a message, as the customer reads it.
    fn preview(&self, channel: Channel, message: &str, customer: &Sample) -> String {
        let Some(message) = self.chain.messages.get(message).filter(|message| !message.draft)
        else {
            return String::new();
        };
        let read = |template: &Template| customer.read(template);
        match message.texts.get(&channel) {
            Some(Text::Sms { text }) => read(text),
            Some(Text::Push { title, body }) => {
                let (title, body) = (read(title), read(body));
                if title.is_empty() { body } else { format!("{title}. {body}") }
            }
            Some(Text::Email { subject, body, html }) => {
                let subject = read(subject);
                if subject.is_empty() && !html {
                    read(body)
                } else if subject.is_empty() {
                    readable(&read(body))
                } else {
                    subject
                }
            }
            Some(Text::Webhook { body }) => read(body),
            None => String::new(),
        }
    }
}
