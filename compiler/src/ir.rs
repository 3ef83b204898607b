//! The IR: what a project means, with nothing of how it was written.
//!
//! Input of the runtime, output of the compiler, and the thing a chain's version
//! is the hash of. Every chain is self-contained (its messages stand inside), so
//! that a customer can walk the version she entered long after the files changed.
//! The policy is not: it holds for every version from the moment it is changed.

use crate::units::{BasisPoints, ClockTime, Currency, Minor, Period, Points, Test};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A whole project, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// What holds for every chain.
    pub policy: Policy,
    /// The chains, by name.
    pub chains: Vec<Chain>,
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
}

impl Channel {
    /// Every channel, in the order reports show them.
    pub const ALL: [Self; 3] = [Self::Sms, Self::Email, Self::Push];

    /// Returns the keyword of the language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Push => "push",
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
    /// The share of the audience that is held out, untouched.
    pub control: Option<BasisPoints>,
    /// What the chain is for.
    pub goal: Option<Goal>,
    /// How often a customer may enter.
    pub entry: Entry,
    /// What the chain may spend over its life.
    pub budgets: Vec<Budget>,
    /// Who enters.
    pub audience: Condition,
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// The messages the steps use, by name.
    pub messages: BTreeMap<String, Message>,
}

impl Chain {
    /// Computes the version from the meaning and stores it.
    ///
    /// The version is BLAKE3 over the JSON of everything but title, description,
    /// the version itself and the steps' texts, cut to 64 bits. Comments, layout
    /// and order of settings therefore do not make a version.
    #[must_use]
    pub fn seal(mut self) -> Self {
        let meaning = Meaning {
            format: 1,
            name: &self.name,
            control: self.control,
            goal: self.goal.as_ref(),
            entry: self.entry,
            budgets: &self.budgets,
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
    control: Option<BasisPoints>,
    goal: Option<&'a Goal>,
    entry: Entry,
    budgets: &'a [Budget],
    audience: &'a Condition,
    steps: Vec<(&'a str, &'a Action)>,
    messages: &'a BTreeMap<String, Message>,
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
    /// `budget 600_000 points`.
    Points(Points),
    /// `budget 60_000 RUB [on sms]`; on all channels together when `on` is `None`.
    Money {
        /// The limit.
        limit: Minor,
        /// The one channel it is for.
        on: Option<Channel>,
    },
}

/// Who belongs to a segment. Named segments are already replaced by what they mean.
///
/// Every condition is true or false, never unknown: a customer who has never
/// bought has no recency, so `recency` is false of her and `not recency` true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// All of them hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// Whole calendar days since the last purchase, in the business zone.
    Recency(Test),
    /// How often the customer buys.
    Frequency {
        /// Compared with the count.
        test: Test,
        /// What is counted.
        window: Window,
    },
    /// What the customer spent, in minor units.
    Spent {
        /// Compared with the sum.
        test: Test,
        /// Over the last so many days or hours; over all time when `None`.
        within: Option<Period>,
    },
    /// The customer agreed to this channel.
    Consent(Channel),
    /// There is an address for this channel, and it is not known to be dead.
    Reachable(Channel),
    /// The customer carries this tag.
    Tag(String),
}

/// What `frequency` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// `frequency >= 2`: all purchases ever.
    Ever,
    /// `frequency >= 2 in 180d`: purchases of the last so many days or hours.
    Within(Period),
    /// `frequency < 1 per 36d`: the average rate since the first purchase.
    Per(Period),
}

/// One arrow of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Stable within a version, part of every effect's key: `1`, `2`, ...
    pub id: String,
    /// The step in its one layout, for reports. Not part of the meaning.
    pub text: String,
    /// What it does.
    pub action: Action,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// `grant 300 expires 14d`.
    Grant {
        /// How many points.
        amount: Amount,
        /// How long they live, counted from the grant.
        expires: Option<Period>,
    },
    /// `sms offer`.
    Send {
        /// By which channel.
        channel: Channel,
        /// Which message of [`Chain::messages`].
        message: String,
    },
    /// `fallback email`: sends only if no send of its ladder reached the customer.
    Fallback {
        /// By which channel.
        channel: Channel,
        /// Which message of [`Chain::messages`].
        message: String,
    },
    /// `wait 3d unless purchase`.
    Wait {
        /// How long.
        period: Period,
        /// What ends the chain as converted instead.
        unless: Vec<Event>,
    },
}

/// How many points a grant gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// The same for everybody.
    Fixed(Points),
    /// `by recency { 30..59: 100, ... }`: by whole days since the last purchase on the
    /// day the customer entered. Nobody outside the bands gets anything.
    ByRecency(Vec<Band>),
}

/// One row of a `by recency` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// First day of the band.
    pub from: u32,
    /// Last day of the band, which belongs to it.
    pub to: u32,
    /// What it gives.
    pub points: Points,
}

/// Something that happens to a customer from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A purchase since the customer entered the chain.
    Purchase,
}

/// A message with a text for each channel it can go by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// True when no `message` block gives it a text. A draft can be written to a file,
    /// so that the seed line runs, but no channel to real people takes it.
    pub draft: bool,
    /// The texts, by channel.
    pub texts: BTreeMap<Channel, Text>,
}

/// The text of a message for one channel. The variant fits the channel it stands under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Text {
    /// One SMS, perhaps in several parts.
    Sms {
        /// The text.
        text: Template,
    },
    /// One e-mail.
    Email {
        /// The subject line.
        subject: Template,
        /// The body.
        body: Template,
        /// True when the body is HTML: values put into it are escaped.
        html: bool,
    },
    /// One push message.
    Push {
        /// The title.
        title: Template,
        /// The text below it.
        body: Template,
    },
}

/// A text with places for values.
pub type Template = Vec<Piece>;

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// As it stands.
    Text(String),
    /// A value known when the message is written.
    Value(Placeholder),
}

/// The values a message can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Placeholder {
    /// The customer's first name.
    #[serde(rename = "customer.first_name")]
    CustomerFirstName,
    /// The customer's last name.
    #[serde(rename = "customer.last_name")]
    CustomerLastName,
    /// The customer's city.
    #[serde(rename = "customer.city")]
    CustomerCity,
    /// The points of the last grant in this chain, with their noun: `300 points`.
    #[serde(rename = "grant.points")]
    GrantPoints,
    /// The last day of the last grant's points: `14 August`.
    #[serde(rename = "grant.expires")]
    GrantExpires,
    /// The wallet's balance, with its noun.
    #[serde(rename = "wallet.balance")]
    WalletBalance,
}

impl Placeholder {
    /// Every placeholder, in the order the reference lists them.
    pub const ALL: [Self; 6] = [
        Self::CustomerFirstName,
        Self::CustomerLastName,
        Self::CustomerCity,
        Self::GrantPoints,
        Self::GrantExpires,
        Self::WalletBalance,
    ];

    /// Returns the name as it stands between braces.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerFirstName => "customer.first_name",
            Self::CustomerLastName => "customer.last_name",
            Self::CustomerCity => "customer.city",
            Self::GrantPoints => "grant.points",
            Self::GrantExpires => "grant.expires",
            Self::WalletBalance => "wallet.balance",
        }
    }
}
