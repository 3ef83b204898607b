//! The IR: what a project means, with nothing of how it was written.
//!
//! Input of the runtime, output of the compiler, and the thing a chain's version
//! is the hash of. Every chain is self-contained (its messages stand inside), so
//! that a customer can walk the version she entered long after the files changed.
//! The policy is not: it holds for every version from the moment it is changed.

use crate::units::{BasisPoints, ClockTime, Currency, Date, Minor, Period, Points, Test, Weekday};
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
    /// The average purchase, in minor units.
    AverageCheck {
        /// Compared with the average.
        test: Test,
        /// Over the last so many days or hours; over all time when `None`.
        within: Option<Period>,
    },
    /// Whole calendar days since the customer registered.
    Registered(Test),
    /// The next birthday is within so many days.
    Birthday(Period),
    /// Points in the wallet.
    Balance(Test),
    /// Some points expire within so many days.
    Expiring(Period),
    /// Bought at this brand.
    Brand {
        /// The brand.
        brand: String,
        /// Over the last so many days or hours; ever when `None`.
        within: Option<Period>,
    },
    /// Bought something of this category.
    Bought {
        /// The category.
        category: String,
        /// Over the last so many days or hours; ever when `None`.
        within: Option<Period>,
    },
    /// A message was sent to, opened or clicked by the customer.
    Touched {
        /// What happened to it.
        how: Touch,
        /// The message.
        message: String,
        /// Over the last so many days or hours; ever when `None`.
        within: Option<Period>,
    },
    /// The customer's city.
    City(String),
    /// The forecast chance to leave, in basis points.
    Churn(Test),
    /// Time since the last purchase by the customer's own cycle, in hundredths of a cycle.
    Overdue(Test),
    /// Something the project declared.
    Attribute {
        /// Its name.
        name: String,
        /// What must be true of it.
        is: AttributeTest,
    },
    /// Who met a condition on a day: the list of that day, whatever came after.
    Frozen {
        /// The day.
        on: Date,
        /// The condition.
        condition: Box<Condition>,
    },
}

/// What happened to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Touch {
    /// `received offer`: it reached the customer.
    Received,
    /// `opened offer`
    Opened,
    /// `clicked offer`
    Clicked,
}

impl Touch {
    /// Returns the keyword.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
        }
    }
}

/// What must be true of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeTest {
    /// `age 18..35`
    Number(Test),
    /// `level "gold"`
    Text(String),
    /// `cardholder`
    Flag,
    /// `anniversary in 7d`
    Within(Period),
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
    /// Stable within a version, part of every effect's key: `1`, `2`, ...; the second step
    /// of the first arm of step 3 is `3.1.2`, an `else` is the last arm, the inside of a
    /// `repeat` its only one.
    pub id: String,
    /// The step in its one layout, for reports; of a block what stands before its brace.
    /// Not part of the meaning of a chain.
    pub text: String,
    /// What it does.
    pub action: Action,
}

impl Step {
    /// Returns the flows inside of it, in order.
    pub fn inner(&self) -> impl Iterator<Item = &[Step]> {
        let lists: Vec<&[Step]> = match &self.action {
            Action::If { arms, otherwise } => {
                let arms = arms.iter().map(|arm| arm.steps.as_slice());
                arms.chain(otherwise.iter().map(Vec::as_slice)).collect()
            }
            Action::Split { arms } => arms.iter().map(|arm| arm.steps.as_slice()).collect(),
            Action::Repeat { steps, .. } => vec![steps],
            Action::Grant { .. }
            | Action::Cashback { .. }
            | Action::Promo { .. }
            | Action::Send { .. }
            | Action::Fallback { .. }
            | Action::Wait { .. }
            | Action::Exit
            | Action::Tag(_) => Vec::new(),
        };
        lists.into_iter()
    }
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// `grant 300 expires 14d at toys`
    Grant {
        /// How many points.
        amount: Amount,
        /// How long they live, counted from the grant.
        expires: Option<Period>,
        /// The brand that gives them.
        at: Option<String>,
    },
    /// `cashback 20% for 7d up to 500 points`
    Cashback {
        /// How much of each purchase comes back as points.
        rate: BasisPoints,
        /// For how long.
        period: Period,
        /// At most so many points in all.
        up_to: Option<Points>,
    },
    /// `promo toys expires 14d`
    Promo {
        /// The pool a code is taken from.
        pool: String,
        /// How long it can be used, counted from the step.
        expires: Option<Period>,
    },
    /// `sms offer within 6h`
    Send {
        /// By which channel.
        channel: Channel,
        /// Which message of [`Chain::messages`].
        message: String,
        /// Staler than that it is not sent.
        within: Option<Period>,
    },
    /// `fallback email`: sends only if no send of its ladder reached the customer.
    Fallback {
        /// By which channel.
        channel: Channel,
        /// Which message of [`Chain::messages`].
        message: String,
        /// Staler than that it is not sent.
        within: Option<Period>,
    },
    /// `wait 3d unless purchase`
    Wait {
        /// How long.
        delay: Delay,
        /// What ends the chain instead, a purchase as converted.
        unless: Vec<Event>,
    },
    /// `if vip { ... } else { ... }`: the first arm whose condition holds.
    If {
        /// The arms with a condition, in order.
        arms: Vec<IfArm>,
        /// What the others get; they go on behind the block when `None`.
        otherwise: Option<Vec<Step>>,
    },
    /// `split { soft 40% { ... } hard 60% { ... } }`: by lot, the same at every entry.
    Split {
        /// The arms, in order; their shares come to 100%.
        arms: Vec<SplitArm>,
    },
    /// `repeat weekly on tue at 12:00 until 2025-10-31 max 13 { ... }`
    Repeat {
        /// The moments a round begins.
        every: Every,
        /// True for `until purchase`.
        until_purchase: bool,
        /// The last day a round may begin, in the business zone.
        until: Option<Date>,
        /// At most so many rounds.
        max: Option<u32>,
        /// What happens in a round.
        steps: Vec<Step>,
    },
    /// `exit`: the chain is over for this customer.
    Exit,
    /// `tag "reactivated-2026"`
    Tag(String),
}

/// How long a wait is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delay {
    /// `wait 3d`
    For(Period),
    /// `wait until sat 11:00`, `wait until 2026-03-08 11:00`: the next such moment in the
    /// customer's zone, never the present one.
    Until {
        /// The day.
        day: Day,
        /// The time of that day.
        at: ClockTime,
    },
}

/// Which day a wait is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// The next day on which the time is still to come.
    Any,
    /// The next such day of the week.
    Weekday(Weekday),
    /// This day; no wait at all when it is over.
    Date(Date),
}

/// An arm of `if`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IfArm {
    /// For whom.
    pub condition: Condition,
    /// What happens to them.
    pub steps: Vec<Step>,
}

/// An arm of `split`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitArm {
    /// Its name.
    pub name: String,
    /// Its share.
    pub share: BasisPoints,
    /// What happens to them.
    pub steps: Vec<Step>,
}

/// When a round of `repeat` begins, in the customer's zone. The first one is the first
/// such moment after the step is reached, or at once where no time of the day is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// `daily [at 12:00]`, `every 3d [at 12:00]`, `every 6h`: from one beginning to the next.
    Period {
        /// The time between.
        period: Period,
        /// The time of the day.
        at: Option<ClockTime>,
    },
    /// `weekly on tue [at 12:00]`
    Weekly {
        /// The day of the week.
        on: Weekday,
        /// The time of the day.
        at: Option<ClockTime>,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A purchase since the customer entered the chain.
    Purchase,
    /// A click in this message since the customer entered the chain.
    Clicked(String),
    /// This message was opened since the customer entered the chain.
    Opened(String),
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
    /// What a webhook is called with.
    Webhook {
        /// The body of the call.
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
    /// The last cashback's rate in this chain: `20%`.
    #[serde(rename = "cashback.rate")]
    CashbackRate,
    /// The last day of the last cashback: `14 August`.
    #[serde(rename = "cashback.expires")]
    CashbackExpires,
    /// The last promo code of this chain.
    #[serde(rename = "promo.code")]
    PromoCode,
    /// The last day of the last promo code.
    #[serde(rename = "promo.expires")]
    PromoExpires,
    /// The wallet's balance, with its noun.
    #[serde(rename = "wallet.balance")]
    WalletBalance,
    /// The message's own link, by which a click is known.
    #[serde(rename = "link")]
    Link,
    /// A link by which the customer says no.
    #[serde(rename = "unsubscribe")]
    Unsubscribe,
}

impl Placeholder {
    /// Every placeholder, in the order the reference lists them.
    pub const ALL: [Self; 12] = [
        Self::CustomerFirstName,
        Self::CustomerLastName,
        Self::CustomerCity,
        Self::GrantPoints,
        Self::GrantExpires,
        Self::CashbackRate,
        Self::CashbackExpires,
        Self::PromoCode,
        Self::PromoExpires,
        Self::WalletBalance,
        Self::Link,
        Self::Unsubscribe,
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
            Self::CashbackRate => "cashback.rate",
            Self::CashbackExpires => "cashback.expires",
            Self::PromoCode => "promo.code",
            Self::PromoExpires => "promo.expires",
            Self::WalletBalance => "wallet.balance",
            Self::Link => "link",
            Self::Unsubscribe => "unsubscribe",
        }
    }

    /// Returns how many characters its longest value has, unless the policy says otherwise.
    #[must_use]
    pub const fn longest(self) -> u32 {
        match self {
            // Of the given names of a customer base nearly all are shorter.
            Self::CustomerFirstName => 15,
            Self::CustomerLastName | Self::CustomerCity => 25,
            // `100_000 points` and its Russian `100000 баллов`.
            Self::GrantPoints | Self::WalletBalance => 14,
            // `30 September`, `30 сентября`
            Self::GrantExpires | Self::CashbackExpires | Self::PromoExpires => 12,
            Self::CashbackRate => 6,
            Self::PromoCode => 16,
            Self::Link | Self::Unsubscribe => 30,
        }
    }
}
