//! The syntax tree of a chain file: what was written, before anything is known of
//! names and types.
//!
//! Every node knows its place; trees compare without places, so that a formatter can
//! be checked by comparing trees. Settings are kept loose (a word and its values):
//! the compiler knows what each of them takes. `Bad` stands where something could not
//! be read; it has been reported and later stages say nothing of it.

use std::fmt;

/// A stretch of a file, in bytes. `end` does not belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// First byte after it.
    pub end: u32,
}

impl Span {
    /// Returns the span of two byte offsets; past 4 GB both are cut.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let cut = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: cut(start), end: cut(end) }
    }

    /// Returns the smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Returns the empty place behind it.
    #[must_use]
    pub fn after(self) -> Self {
        Self { start: self.end, end: self.end }
    }

    /// Returns the text it covers, empty where it does not fit the text.
    #[must_use]
    pub fn text(self, source: &str) -> &str {
        source.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// A value and its place. Compares by value alone.
#[derive(Clone)]
pub struct Node<T> {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub value: T,
}

impl<T> Node<T> {
    /// Puts a value at a place.
    pub fn new(span: Span, value: T) -> Self {
        Self { span, value }
    }
}

impl<T: PartialEq> PartialEq for Node<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Node<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// A name or a word with its place.
pub type Name = Node<String>;

/// A comment, `#` included. The tree holds none; they stand in a sorted table beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands.
    pub span: Span,
    /// True for `##`.
    pub doc: bool,
}

/// A whole file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    /// What it declares, in order.
    pub declarations: Vec<Node<Declaration>>,
}

/// One declaration.
#[derive(Debug, Clone, PartialEq)]
pub enum Declaration {
    /// `chain NAME { ... }`
    Chain(Chain),
    /// `segment ... -> ...` outside of any chain: the chain is named after the file.
    Flow(Flow),
    /// `segment NAME = ...`
    Segment(Segment),
    /// `message NAME { ... }`
    Message(Message),
    /// `policy { ... }`
    Policy(Policy),
    /// A known form that is not built yet; has been reported.
    Later,
    /// Something unreadable, with the words behind its first one: they may be names
    /// that other places use.
    Bad(Vec<String>),
}

/// `chain NAME ["title"] { ... }`
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// The lines of `##` above it.
    pub description: Option<String>,
    /// Its name, `None` when unreadable.
    pub name: Option<Name>,
    /// Its title for people.
    pub title: Option<Node<Text>>,
    /// Settings and the flow; `None` when the braces are missing.
    pub items: Option<Vec<Node<Item>>>,
}

/// `policy { ... }`
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The word `policy`.
    pub keyword: Node<()>,
    /// Its settings.
    pub items: Vec<Node<Item>>,
}

/// A line of a block.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `control 10%`
    Setting(Setting),
    /// `segment ... -> ...`
    Flow(Flow),
    /// Unreadable, reported.
    Bad,
}

/// A word and what stands behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The word it begins with.
    pub word: Name,
    /// The rest of the line.
    pub atoms: Vec<Node<Atom>>,
}

/// A piece of a setting.
#[derive(Debug, Clone, PartialEq)]
pub enum Atom {
    /// `purchase`
    Word(String),
    /// `10%`, `21:00..10:00`
    Quantity(Quantity),
    /// `"Asia/Yekaterinburg"`
    Text(Text),
    /// `>=`
    Compare(Comparison),
}

/// `segment NAME = ...`
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// The lines of `##` above it.
    pub description: Option<String>,
    /// Its name.
    pub name: Name,
    /// What it means.
    pub condition: Node<Condition>,
}

/// `segment CONDITION -> STEP -> ...`
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// The lines of `##` above it, outside of a chain.
    pub description: Option<String>,
    /// The word `segment`.
    pub keyword: Node<()>,
    /// Who enters.
    pub audience: Node<Condition>,
    /// What happens.
    pub steps: Vec<Node<Step>>,
}

/// A condition as written.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Two or more, joined by `and` and `or` in a row, without parentheses.
    Joined {
        /// The first.
        first: Box<Node<Condition>>,
        /// The others, each with the word before it.
        rest: Vec<(Node<Join>, Node<Condition>)>,
    },
    /// `not ...`
    Not(Box<Node<Condition>>),
    /// `( ... )`
    Group(Box<Node<Condition>>),
    /// `recency 60..89`
    Recency(Test),
    /// `frequency >= 2 in 180d`
    Frequency {
        /// What the count is compared with.
        test: Test,
        /// `in 180d` or `per 36d`.
        window: Option<(Over, Node<Quantity>)>,
    },
    /// `spent >= 15_000 RUB in 90d`
    Spent {
        /// What the sum is compared with.
        test: Test,
        /// `in 90d`.
        within: Option<Node<Quantity>>,
    },
    /// `consent sms`
    Consent(Name),
    /// `reachable push`
    Reachable(Name),
    /// `tag staff` or `tag "vip 2026"`
    Tag(Node<TagName>),
    /// The name of a segment.
    Named(String),
    /// A known form that is not built yet; has been reported.
    Later,
    /// Unreadable, reported.
    Bad,
}

/// The name of a tag.
#[derive(Debug, Clone, PartialEq)]
pub enum TagName {
    /// `staff`
    Word(String),
    /// `"vip 2026"`
    Text(Text),
}

/// `and` or `or`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// Both.
    And,
    /// At least one.
    Or,
}

/// The word before a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// `in 180d`
    In,
    /// `per 36d`
    Per,
}

/// A comparison or a range.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The sign, if any.
    pub sign: Option<Node<Comparison>>,
    /// What it compares with.
    pub value: Node<Quantity>,
}

/// A sign of comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `=`
    Exactly,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
}

impl Comparison {
    /// Returns the sign as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Exactly => "=",
            Self::AtLeast => ">=",
            Self::Above => ">",
        }
    }
}

/// One step of a flow.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// `grant 300 expires 14d`
    Grant {
        /// How much.
        amount: Node<GrantAmount>,
        /// `expires 14d`.
        expires: Option<Node<Quantity>>,
    },
    /// `sms offer`
    Send {
        /// By which channel.
        channel: Name,
        /// Which message.
        message: Name,
    },
    /// `fallback email [other]`
    Fallback {
        /// By which channel.
        channel: Name,
        /// Which message, if it names its own.
        message: Option<Name>,
    },
    /// `wait 3d unless purchase`
    Wait {
        /// How long; `None` for a form that is not built yet.
        period: Option<Node<Quantity>>,
        /// True for `unless purchase`.
        unless_purchase: bool,
    },
    /// A known step that is not built yet; has been reported.
    Later,
    /// Unreadable, reported.
    Bad,
}

/// What a grant gives.
#[derive(Debug, Clone, PartialEq)]
pub enum GrantAmount {
    /// `300`
    Fixed(Quantity),
    /// `by recency { 30..59: 100, ... }`, `None` for a row that could not be read.
    ByRecency(Vec<Option<Row>>),
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// `30..59`
    pub days: Node<Quantity>,
    /// `100`
    pub points: Node<Quantity>,
}

/// `message NAME { ... }`
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The lines of `##` above it.
    pub description: Option<String>,
    /// Its name, `None` when unreadable.
    pub name: Option<Name>,
    /// Its texts; `None` for one that could not be read or is not built yet.
    pub texts: Vec<Option<ChannelText>>,
}

/// `sms "..."`, `email subject "..." body "..."`
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelText {
    /// For which channel.
    pub channel: Name,
    /// The pieces, in order.
    pub parts: Vec<Node<Part>>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// `subject`, `title` or `body`; none for the only text.
    pub role: Option<Node<Role>>,
    /// True for `file "..."`.
    pub file: bool,
    /// The text, or the path.
    pub text: Node<Text>,
}

/// What a piece of a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The subject of an e-mail.
    Subject,
    /// The title of a push message.
    Title,
    /// The body.
    Body,
}

impl Role {
    /// Returns the keyword.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Title => "title",
            Self::Body => "body",
        }
    }
}

/// A text in quotes, as written between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// What stands between the quotes, escapes and all.
    pub raw: String,
    /// False when the closing quote is missing; has been reported.
    pub closed: bool,
}

impl Text {
    /// Returns the text with its escapes `\"`, `\\` and `\n` replaced.
    #[must_use]
    pub fn value(&self) -> String {
        let mut value = String::with_capacity(self.raw.len());
        let mut chars = self.raw.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some('n') => value.push('\n'),
                    Some(other) => value.push(other),
                    None => value.push('\\'),
                },
                other => value.push(other),
            }
        }
        value
    }
}

/// A quantity as written, of whatever type.
#[derive(Debug, Clone, PartialEq)]
pub enum Quantity {
    /// `300`, `3d`, `10:00`
    One(Scalar),
    /// `60..89`: both ends belong.
    Range(Node<Scalar>, Node<Scalar>),
    /// Unreadable, reported.
    Bad,
}

/// One value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    /// A number with its unit.
    Number(Decimal, Unit),
    /// `10:00`, as written: hours and minutes may be out of range.
    Clock(u32, u32),
    /// `2026-03-01`.
    Date,
}

/// A decimal number: `digits` with the point `scale` digits from the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    /// All digits as one number.
    pub digits: u64,
    /// How many of them stand behind the point.
    pub scale: u8,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Nothing said.
    None,
    /// `%`
    Percent,
    /// `points`
    Points,
    /// A currency, three capital letters.
    Currency([u8; 3]),
    /// `w`
    Weeks,
    /// `d`
    Days,
    /// `h`
    Hours,
    /// `m`
    Minutes,
}
