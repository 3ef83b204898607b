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
    /// `brand NAME { ... }`
    Brand(Brand),
    /// `experiment NAME { ... }`
    Experiment(Experiment),
    /// `test "..." { ... }`
    Test(TestBlock),
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

/// `brand NAME ["title"] { ... }`
#[derive(Debug, Clone, PartialEq)]
pub struct Brand {
    /// The lines of `##` above it.
    pub description: Option<String>,
    /// Its name, `None` when unreadable.
    pub name: Option<Name>,
    /// Its title for people.
    pub title: Option<Node<Text>>,
    /// Its settings; `None` when the braces are missing.
    pub items: Option<Vec<Node<Item>>>,
}

/// `experiment NAME ["title"] { settings, then chains }`
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// The lines of `##` above it.
    pub description: Option<String>,
    /// Its name, `None` when unreadable.
    pub name: Option<Name>,
    /// Its title for people.
    pub title: Option<Node<Text>>,
    /// Shared settings and the chains; `None` when the braces are missing.
    pub items: Option<Vec<Node<Item>>>,
}

/// `test "title" { ... }`
#[derive(Debug, Clone, PartialEq)]
pub struct TestBlock {
    /// The word `test`.
    pub keyword: Node<()>,
    /// What it shows; `None` when unreadable.
    pub title: Option<Node<Text>>,
    /// Its lines; `None` when the braces are missing.
    pub lines: Option<Vec<Node<TestLine>>>,
}

/// A line of a test.
#[derive(Debug, Clone, PartialEq)]
pub enum TestLine {
    /// `chain winback`: the chain under test.
    Chain(Name),
    /// `given recency 64, consent sms`
    Given(Vec<Phrase>),
    /// `day 2 purchase 1_900 RUB`, `day 3 at 12:00 expect nothing`
    Day {
        /// Which day, counted from the entry.
        day: Node<Quantity>,
        /// `at 12:00`.
        at: Option<Node<Quantity>>,
        /// The word `expect`, if it says what must have happened.
        expect: Option<Node<()>>,
        /// What happens, or what is expected.
        phrases: Vec<Phrase>,
    },
    /// Unreadable, reported.
    Bad,
}

/// A few words between commas: `consent sms`, `grant 300 points`.
pub type Phrase = Node<Vec<Node<Atom>>>;

/// A line of a block.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one flow for a handful of settings")]
pub enum Item {
    /// `control 10%`
    Setting(Setting),
    /// `segment ... -> ...`
    Flow(Flow),
    /// `chain NAME { ... }`, in an experiment.
    Chain(Chain),
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
    /// `frozen 2025-08-01`.
    pub frozen: Option<Node<Quantity>>,
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
    /// `frozen 2025-08-01`.
    pub frozen: Option<Node<Quantity>>,
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
    /// Something measured: `recency 60..89`, `spent >= 15_000 RUB in 90d`,
    /// `birthday in 7d`, or a number the project declared.
    Measure {
        /// What is measured.
        word: Name,
        /// What it is compared with.
        test: Option<Test>,
        /// `in 180d` or `per 36d`.
        window: Option<(Over, Node<Quantity>)>,
    },
    /// `consent sms`, `reachable push`
    Reach {
        /// `consent` or `reachable`.
        word: Name,
        /// By which channel.
        channel: Name,
    },
    /// Something with a name: `tag vip`, `bought "kids" in 180d`, `received offer`,
    /// `city "Omsk"`, or a text the project declared.
    Label {
        /// What kind of name.
        word: Name,
        /// The name.
        label: Node<Label>,
        /// `in 180d`.
        window: Option<(Over, Node<Quantity>)>,
    },
    /// The name of a segment.
    Named(String),
    /// Unreadable, reported.
    Bad,
}

/// A name as a word or in quotes.
#[derive(Debug, Clone, PartialEq)]
pub enum Label {
    /// `staff`
    Word(String),
    /// `"vip 2026"`
    Text(Text),
}

impl Label {
    /// Returns the name itself.
    #[must_use]
    pub fn value(&self) -> String {
        match self {
            Self::Word(word) => word.clone(),
            Self::Text(text) => text.value(),
        }
    }
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
    /// `grant 300 expires 14d at toys`
    Grant {
        /// How much.
        amount: Node<GrantAmount>,
        /// `expires 14d`.
        expires: Option<Node<Quantity>>,
        /// `at toys`: the brand that gives it.
        at: Option<Name>,
    },
    /// `cashback 20% for 7d up to 500 points`
    Cashback {
        /// How much of a purchase comes back.
        rate: Node<Quantity>,
        /// `for 7d`.
        period: Option<Node<Quantity>>,
        /// `up to 500 points`.
        up_to: Option<Node<Quantity>>,
    },
    /// `promo toys expires 14d`
    Promo {
        /// The pool the code is taken from.
        pool: Name,
        /// `expires 14d`.
        expires: Option<Node<Quantity>>,
    },
    /// `sms offer within 6h`
    Send {
        /// By which channel.
        channel: Name,
        /// Which message.
        message: Name,
        /// `within 6h`.
        within: Option<Node<Quantity>>,
    },
    /// `fallback email [other] [within 6h]`
    Fallback {
        /// By which channel.
        channel: Name,
        /// Which message, if it names its own.
        message: Option<Name>,
        /// `within 6h`.
        within: Option<Node<Quantity>>,
    },
    /// `wait 3d unless purchase or clicked offer`
    Wait {
        /// How long.
        delay: Delay,
        /// What ends the chain instead.
        unless: Vec<Node<Event>>,
    },
    /// `if vip { ... } else if ... { ... } else { ... }`
    If {
        /// The arms that have a condition, in order.
        arms: Vec<Arm>,
        /// `else { ... }`.
        otherwise: Option<Body>,
    },
    /// `split { soft 40% { ... } ... }`
    Split {
        /// The arms, in order; `None` for one that could not be read.
        arms: Vec<Option<SplitArm>>,
    },
    /// `repeat weekly on tue at 12:00 until 2025-10-31 max 13 { ... }`
    Repeat {
        /// What stands before the brace.
        rule: Setting,
        /// What is repeated.
        body: Option<Body>,
    },
    /// `exit`
    Exit,
    /// `tag "reactivated-2026"`
    Tag(Node<Label>),
    /// Unreadable, reported.
    Bad,
}

/// The steps between two braces.
pub type Body = Node<Vec<Node<Step>>>;

/// `if CONDITION { ... }`
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// For whom.
    pub condition: Node<Condition>,
    /// What happens to them; `None` when the braces are missing.
    pub body: Option<Body>,
}

/// `soft 40% { ... }`
#[derive(Debug, Clone, PartialEq)]
pub struct SplitArm {
    /// Its name.
    pub name: Name,
    /// Its share.
    pub share: Node<Quantity>,
    /// What happens to them.
    pub body: Body,
}

/// How long a wait is.
#[derive(Debug, Clone, PartialEq)]
pub enum Delay {
    /// `wait 3d`
    For(Node<Quantity>),
    /// `wait until sat 11:00`: the word `until` and what stands behind it.
    Until(Setting),
}

/// Something that happens to a customer.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// `purchase`
    Purchase,
    /// `clicked offer`
    Clicked(Name),
    /// `opened offer`
    Opened(Name),
    /// `event "visited"`
    Own(Node<Label>),
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
    /// `2026-03-01`, as written: year, month and day may be out of range.
    Date(u16, u8, u8),
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
    /// `cycles`: a customer's own time from one purchase to the next.
    Cycles,
}
