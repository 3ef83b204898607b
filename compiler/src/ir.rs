//! The IR: what a project means, with nothing of how it was written.
//!
//! Input of the runtime, output of the compiler, and the thing a chain's version
//! is the hash of. Every chain is self-contained (its messages stand inside), so
//! that a customer can walk the version she entered long after the files changed.
//! The policy is not: it holds for every version from the moment it is changed.

mod condition;
mod message;
mod step;

pub use condition::{AttributeTest, Condition, Touch, Window};
pub use message::{Message, Piece, Placeholder, Template, Text};
pub use step::{Action, Amount, Band, Day, Delay, Event, Every, IfArm, SplitArm, Step};

use crate::units::{BasisPoints, ClockTime, Currency, Date, Minor, Period, Points, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A whole project, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// What holds for every chain.
    pub policy: Policy,
    /// The brands, by name.
    pub brands: BTreeMap<String, Brand>,
    /// The experiments, by name.
    pub experiments: BTreeMap<String, Experiment>,
    /// The chains, by name; those of experiments too.
    pub chains: Vec<Chain>,
    /// What the project's tests say.
    pub tests: Vec<crate::scenario::Scenario>,
}

/// What holds for every chain, checked at the moment a message leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// IANA name of the business zone: whole days of `recency` are counted in it, and
    /// customers without a zone of their own live in it.
    pub timezone: String,
    /// The one currency of the project.
    pub currency: Currency,
    /// When nothing is sent, in the customer's zone.
    pub quiet: Option<QuietHours>,
    /// What one message (one part of an SMS) costs, by channel.
    pub prices: BTreeMap<Channel, Minor>,
    /// What a point is worth; one unit of the currency if `None`. A cashback is counted in it.
    pub point: Option<Minor>,
    /// What one customer may get over a time, all chains together.
    pub caps: Vec<Cap>,
    /// What the project says of consent, by channel. A channel without a rule is opt-in.
    pub consent: BTreeMap<Channel, ConsentRule>,
    /// What the project knows of its customers besides what every project knows.
    pub attributes: BTreeMap<String, AttributeKind>,
    /// The longest value of a placeholder, in characters, where the project says so.
    pub longest: BTreeMap<Placeholder, u32>,
    /// Who answers for the project. Not part of any chain's meaning.
    pub owner: Option<String>,
}

/// `cap 3 messages per 7d`, `cap 1_000 points per 90d`: for one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// At most so much.
    pub most: Capped,
    /// Within any stretch of this length.
    pub per: Period,
}

/// What a cap counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capped {
    /// Messages, whatever their channel; a ladder of fallbacks is one.
    Messages(u32),
    /// Points granted.
    Points(Points),
}

/// `consent sms opt_in unsubscribe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentRule {
    /// Who may be written to.
    pub basis: Basis,
    /// True when every message must tell how to say no: `{unsubscribe}`.
    pub unsubscribe: bool,
}

/// Who may be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Who said yes. The default.
    OptIn,
    /// Who has not said no.
    OptOut,
}

/// What an attribute of a customer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeKind {
    /// A whole number: `age 18..35`.
    Number,
    /// A text: `level "gold"`.
    Text,
    /// Yes or no: `cardholder`.
    Flag,
    /// A date that comes back every year: `anniversary in 7d`.
    Date,
}

/// `brand NAME { ... }`: one of several brands over one wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brand {
    /// The title for people.
    pub title: Option<String>,
    /// Who its messages are from.
    pub sender: Option<String>,
    /// Its own business zone.
    pub timezone: Option<String>,
    /// Its own quiet hours.
    pub quiet: Option<QuietHours>,
    /// Its own caps, beside those of the policy.
    pub caps: Vec<Cap>,
}

/// `experiment NAME { ... }`: several chains with one goal, one control and one purse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experiment {
    /// The title for people.
    pub title: Option<String>,
    /// The `##` description.
    pub description: Option<String>,
    /// The goal of all its chains.
    pub goal: Option<Goal>,
    /// The control group of all its chains.
    pub control: Option<Control>,
    /// From when to when customers enter.
    pub active: Option<Active>,
    /// What all its chains together may spend.
    pub budgets: Vec<Budget>,
    /// What one customer may get from all its chains together.
    pub caps: Vec<Cap>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its chains, in the order they are written.
    pub chains: Vec<String>,
}

/// A daily span of silence. `from` belongs to it, `to` does not; it may cross midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// First silent minute.
    pub from: ClockTime,
    /// First minute at which sending is allowed again.
    pub to: ClockTime,
}

/// A way to reach a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A text message to a phone.
    Sms,
    /// An e-mail.
    Email,
    /// A push message to an app or a wallet card.
    Push,
    /// A call of a system of the retailer's own.
    Webhook,
}

impl Channel {
    /// Every channel, in the order reports show them.
    pub const ALL: [Self; 4] = [Self::Sms, Self::Email, Self::Push, Self::Webhook];

    /// Returns the keyword of the language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Push => "push",
            Self::Webhook => "webhook",
        }
    }

    /// Returns the channel a keyword names.
    #[must_use]
    pub fn from_keyword(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == word)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One chain, complete in itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// The name, project-wide.
    pub name: String,
    /// Hash of the meaning (see [`Chain::seal`]): 16 hexadecimal digits.
    pub version: String,
    /// The title for people. Not part of the meaning.
    pub title: Option<String>,
    /// The `##` description. Not part of the meaning.
    pub description: Option<String>,
    /// Who answers for it. Not part of the meaning.
    pub owner: Option<String>,
    /// The experiment it belongs to, whose budgets and caps hold for it too.
    pub experiment: Option<String>,
    /// The brand in whose name it speaks.
    pub brand: Option<String>,
    /// Who of the audience is held out, untouched; the experiment's, where it has one.
    pub control: Option<Control>,
    /// What the chain is for; the experiment's, where it has one.
    pub goal: Option<Goal>,
    /// How often a customer may enter.
    pub entry: Entry,
    /// From when to when customers enter; the experiment's, where it has one.
    pub active: Option<Active>,
    /// When the segment is looked at.
    pub schedule: Schedule,
    /// Which other chains a customer cannot be in at the same time.
    pub exclusive: Option<Exclusive>,
    /// Its own quiet hours instead of the policy's.
    pub quiet: Option<Quiet>,
    /// What the chain may spend over its life.
    pub budgets: Vec<Budget>,
    /// What one customer may get from it, beside the caps of the policy.
    pub caps: Vec<Cap>,
    /// Why no cap holds for its messages, where it says so.
    pub caps_off: Option<String>,
    /// Why it asks for no consent on a channel, where it says so.
    pub consent_off: BTreeMap<Channel, String>,
    /// Who enters.
    pub audience: Condition,
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// The messages the steps use, by name.
    pub messages: BTreeMap<String, Message>,
}

impl Chain {
    /// Returns a chain that everybody enters once and that does nothing.
    #[must_use]
    pub fn empty(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: String::new(),
            title: None,
            description: None,
            owner: None,
            experiment: None,
            brand: None,
            control: None,
            goal: None,
            entry: Entry::Once,
            active: None,
            schedule: Schedule::default(),
            exclusive: None,
            quiet: None,
            budgets: Vec::new(),
            caps: Vec::new(),
            caps_off: None,
            consent_off: BTreeMap::new(),
            audience: Condition::All(Vec::new()),
            steps: Vec::new(),
            messages: BTreeMap::new(),
        }
    }

    /// Computes the version from the meaning and stores it.
    ///
    /// The version is BLAKE3 over the JSON of everything but title, description,
    /// the version itself and the steps' texts, cut to 64 bits. Comments, layout
    /// and order of settings therefore do not make a version.
    #[must_use]
    pub fn seal(mut self) -> Self {
        let meaning = Meaning {
            format: 2,
            name: &self.name,
            experiment: self.experiment.as_deref(),
            brand: self.brand.as_deref(),
            control: self.control.as_ref(),
            goal: self.goal.as_ref(),
            entry: self.entry,
            active: self.active,
            schedule: self.schedule,
            exclusive: self.exclusive.as_ref(),
            quiet: self.quiet.as_ref(),
            budgets: &self.budgets,
            caps: &self.caps,
            caps_off: self.caps_off.is_some(),
            consent_off: self.consent_off.keys().copied().collect(),
            audience: &self.audience,
            steps: self.steps.iter().map(|step| (step.id.as_str(), &step.action)).collect(),
            messages: &self.messages,
        };
        let json =
            serde_json::to_vec(&meaning).expect("maps with text keys and integers become JSON");
        let mut version = blake3::hash(&json).to_hex().to_string();
        version.truncate(16);
        self.version = version;
        self
    }
}

/// The part of a chain that its version is the hash of.
#[derive(Serialize)]
struct Meaning<'a> {
    format: u32,
    name: &'a str,
    experiment: Option<&'a str>,
    brand: Option<&'a str>,
    control: Option<&'a Control>,
    goal: Option<&'a Goal>,
    entry: Entry,
    active: Option<Active>,
    schedule: Schedule,
    exclusive: Option<&'a Exclusive>,
    quiet: Option<&'a Quiet>,
    budgets: &'a [Budget],
    caps: &'a [Cap],
    caps_off: bool,
    consent_off: Vec<Channel>,
    audience: &'a Condition,
    steps: Vec<(&'a str, &'a Action)>,
    messages: &'a BTreeMap<String, Message>,
}

/// Who is held out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// `control 10%`: a share of the audience.
    Share(BasisPoints),
    /// `control held_out`: everybody of a segment.
    Segment(Box<Condition>),
}

/// `active 2026-03-01..2026-05-31`: both days belong, in the business zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Active {
    /// The first day customers enter.
    pub from: Date,
    /// The last one.
    pub to: Date,
}

/// `schedule daily at 09:30`: when a segment is looked at, in the business zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The one day of the week; every day when `None`.
    pub on: Option<Weekday>,
    /// The time of the day.
    pub at: ClockTime,
}

impl Default for Schedule {
    /// Daily at 10:00.
    fn default() -> Self {
        Self { on: None, at: ClockTime(600) }
    }
}

/// `exclusive winback priority 20`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusive {
    /// The group: a customer is in one of its chains at a time.
    pub group: String,
    /// The chain with the highest goes first.
    pub priority: Option<u32>,
}

/// `quiet 22:00..09:00` or `quiet off "reason"` in a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quiet {
    /// These instead of the policy's.
    Hours(QuietHours),
    /// None, and why.
    Off(String),
}

/// `goal purchase [>= 2_000 RUB] within 30d`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// The smallest purchase that counts.
    pub at_least: Option<Minor>,
    /// How long after entering it counts.
    pub within: Period,
}

/// How often a customer may enter a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// `enter once`, the default.
    Once,
    /// `reenter after 90d [at most 3 times]`.
    Again {
        /// The gap from one entry to the next.
        after: Period,
        /// How many entries in all, the first included; open when `None`.
        at_most: Option<u32>,
    },
}

/// A limit on what a chain may spend over its life, all customers together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// `budget 600_000 points [then hold]`.
    Points {
        /// The limit.
        limit: Points,
        /// What becomes of a grant it has no room for: [`AtLimit::End`] unless said.
        then: AtLimit,
    },
    /// `budget 60_000 RUB [on sms] [then hold]`; on all channels together when `on` is `None`.
    Money {
        /// The limit.
        limit: Minor,
        /// The one channel it is for.
        on: Option<Channel>,
        /// What becomes of a message it has no room for: [`AtLimit::Skip`] unless said.
        then: AtLimit,
    },
}

impl Budget {
    /// Returns what becomes of whatever it has no room for.
    #[must_use]
    pub const fn then(&self) -> AtLimit {
        match self {
            Self::Points { then, .. } | Self::Money { then, .. } => *then,
        }
    }

    /// Returns what happens where nothing is said.
    #[must_use]
    pub const fn unsaid(&self) -> AtLimit {
        match self {
            Self::Points { .. } => AtLimit::End,
            Self::Money { .. } => AtLimit::Skip,
        }
    }
}

/// What becomes of a customer whose grant or message a budget has no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtLimit {
    /// The chain ends for her.
    End,
    /// She passes the step without it.
    Skip,
    /// She waits there until there is room.
    Hold,
}
