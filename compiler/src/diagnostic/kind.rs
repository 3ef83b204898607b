//! Everything the compiler can find, with typed arguments.

use super::{AllowKind, AudienceKind, Code, ConsentKind, FormKind, MoneyKind, TimeKind};
use crate::ir::Channel;
use chainc_grammar::fault::{FaultKind, Named, Slot};

/// A finding's kind and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The text itself is at fault.
    Syntax(FaultKind),
    /// A form that is not as it should be.
    Form(FormKind),
    /// Something wrong with when things happen.
    Time(TimeKind),
    /// Something wrong with what a chain costs.
    Money(MoneyKind),
    /// Something sent against the rules of consent.
    Consent(ConsentKind),
    /// Who is addressed.
    Audience(AudienceKind),
    /// A word nobody knows opens a setting.
    UnknownWord {
        /// Where.
        slot: Slot,
        /// The word.
        word: String,
        /// The word it resembles.
        suggestion: Option<String>,
    },
    /// The file is not UTF-8.
    InvalidUtf8,
    /// A comment that allows findings is at fault.
    Allow(AllowKind),
    /// `a and b or c`.
    MixedAndOr,
    /// No such segment.
    UnknownSegment {
        /// The name.
        name: String,
        /// The segment it resembles.
        suggestion: Option<String>,
    },
    /// A name declared twice; the first place is related.
    DuplicateName {
        /// Of what.
        of: Named,
        /// The name.
        name: String,
    },
    /// No such message.
    UnknownMessage {
        /// The name.
        name: String,
        /// The message it resembles.
        suggestion: Option<String>,
    },
    /// Segments made of one another.
    SegmentCycle {
        /// The round, first name repeated at its end.
        round: Vec<String>,
    },
    /// A message or a chain used as a segment; its declaration is related.
    NotASegment {
        /// The name.
        name: String,
        /// What it is.
        is: Named,
    },
    /// Segments made of segments beyond all use.
    ConditionTooLarge,
    /// Another kind of quantity.
    WrongQuantity {
        /// What belongs there.
        wants: Wants,
        /// What stands there.
        found: Found,
        /// As written.
        text: String,
    },
    /// No unit.
    MissingUnit {
        /// What belongs there.
        wants: Wants,
        /// As written.
        text: String,
        /// The project's currency.
        currency: String,
    },
    /// `89..60`.
    ReversedRange {
        /// As it was probably meant.
        meant: String,
    },
    /// `control 150%`.
    ShareTooLarge {
        /// What belongs there.
        wants: Wants,
        /// As written.
        text: String,
    },
    /// `25:00`.
    InvalidClock {
        /// As written.
        text: String,
    },
    /// `grant 1.5`.
    Fraction {
        /// What belongs there.
        wants: Wants,
        /// As written.
        text: String,
    },
    /// `20 USD` in a project in RUB.
    OtherCurrency {
        /// As written.
        found: String,
        /// The project's.
        project: String,
    },
    /// `recency 60`.
    MissingComparison {
        /// The condition's word.
        word: String,
        /// As written.
        text: String,
    },
    /// `recency >= 60..89`.
    ComparedRange {
        /// The sign.
        sign: &'static str,
    },
    /// `wait 0d`.
    Zero {
        /// What belongs there.
        wants: Wants,
        /// As written.
        text: String,
    },
    /// A condition that nobody can meet.
    EmptyCondition {
        /// The two parts that exclude each other; the first is related.
        both: Option<(String, String)>,
        /// What contradicts itself.
        word: String,
    },
    /// Something else than the setting takes.
    SettingUnexpected {
        /// The setting.
        setting: String,
        /// As written.
        found: String,
        /// The form.
        form: &'static str,
        /// The word it resembles.
        suggestion: Option<String>,
    },
    /// A setting without its value.
    SettingIncomplete {
        /// The setting.
        setting: String,
        /// The form.
        form: &'static str,
    },
    /// A setting given twice; the first place is related.
    DuplicateSetting {
        /// What is given twice.
        setting: About,
    },
    /// A chain without a flow.
    ChainWithoutFlow,
    /// A second flow; the first is related.
    SeveralFlows {
        /// True in a chain, false at the left margin of a file.
        in_chain: bool,
    },
    /// A control group without a goal.
    ControlWithoutGoal,
    /// A flow without steps.
    ChainWithoutSteps,
    /// A fallback with nothing to fall back from.
    FallbackWithoutSend {
        /// What stands before it.
        after: Before,
    },
    /// A fallback to a channel that was tried; that step is related.
    FallbackSameChannel {
        /// The channel.
        channel: Channel,
    },
    /// Two rows share days; the first is related.
    TableOverlap {
        /// First shared day.
        from: u32,
        /// Last shared day.
        to: u32,
    },
    /// A table without rows.
    EmptyTable,
    /// Days of the audience before the first row of a table or behind its last.
    TableShort {
        /// The first of them.
        from: u32,
        /// The last of them.
        to: u32,
        /// True for days before the first row.
        before: bool,
    },
    /// Days between rows; the row before is related.
    TableGap {
        /// First day left out.
        from: u32,
        /// Last day left out.
        to: u32,
    },
    /// A message without the channel's text; its declaration is related.
    MissingText {
        /// The message.
        message: String,
        /// The channel.
        channel: Channel,
    },
    /// A placeholder nobody knows.
    UnknownPlaceholder {
        /// As written.
        name: String,
        /// The placeholder it resembles.
        suggestion: Option<String>,
        /// The file it stands in, when that is not the chain file.
        file: Option<String>,
    },
    /// `{grant.points}` with no grant before; the step is related.
    PlaceholderWithoutGrant {
        /// The placeholder.
        name: &'static str,
        /// The message.
        message: String,
    },
    /// `{grant.expires}` with a grant that never expires; step and grant are related.
    PlaceholderWithoutExpiry {
        /// The message.
        message: String,
    },
    /// A brace without its partner.
    UnclosedPlaceholder {
        /// The brace that stands alone.
        brace: char,
        /// The file it stands in, when that is not the chain file.
        file: Option<String>,
    },
    /// A text with nothing in it.
    EmptyText {
        /// For which channel.
        channel: Channel,
        /// Which piece of it.
        part: &'static str,
    },
    /// A body file that was not handed in.
    MissingBodyFile {
        /// The path.
        path: String,
    },
    /// Two texts for one channel; the first is related.
    DuplicateText {
        /// The channel.
        channel: Channel,
        /// The piece given twice, when it is one piece only.
        part: Option<&'static str>,
    },
    /// A piece the channel does not have.
    UnexpectedPart {
        /// The channel.
        channel: Channel,
        /// The piece.
        part: &'static str,
    },
    /// A piece the channel needs.
    MissingPart {
        /// The channel.
        channel: Channel,
        /// The piece.
        part: &'static str,
    },
    /// A message without texts.
    EmptyMessage {
        /// The message.
        message: String,
    },
    /// A message of a sketch.
    MessageWithoutText {
        /// The message.
        message: String,
    },
    /// A message no step sends.
    UnusedMessage {
        /// The message.
        message: String,
    },
    /// A segment nothing uses.
    UnusedSegment {
        /// The segment.
        segment: String,
    },
    /// A second policy; the first is related.
    DuplicatePolicy,
    /// No such zone.
    UnknownTimezone {
        /// As written.
        name: String,
        /// The zone it resembles.
        suggestion: Option<String>,
    },
    /// No such currency.
    UnknownCurrency {
        /// As written.
        code: String,
        /// The currency it resembles.
        suggestion: Option<String>,
    },
    /// `quiet 21:00..21:00`.
    EmptyQuiet,
}

/// What a setting is about: two of different words may be about the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// One setting, by its word.
    Setting(String),
    /// How often customers enter: `enter` or `reenter`.
    Entry,
    /// `budget 600_000 points`.
    PointsBudget,
    /// `budget 60_000 RUB`.
    MoneyBudget,
    /// `budget 60_000 RUB on sms`.
    ChannelBudget(Channel),
    /// `price sms 4.20 RUB`.
    Price(Channel),
    /// `price point 1 RUB`.
    Point,
    /// `cap 3 messages per 7d`, of one length.
    MessageCap(crate::units::Period),
    /// `cap 1_000 points per 90d`, of one length.
    PointsCap(crate::units::Period),
    /// `consent sms ...`.
    Consent(Channel),
    /// `attribute NAME ...`.
    Attribute(String),
    /// `longest "..." ...`.
    Longest(&'static str),
}

impl From<&str> for About {
    fn from(word: &str) -> Self {
        Self::Setting(word.to_owned())
    }
}

/// What stands before a fallback, when it is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// The segment: it is the first step.
    Segment,
    /// A grant.
    Grant,
    /// A wait.
    Wait,
    /// Another step that sends nothing.
    Step,
}

/// What kind of quantity belongs somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// After `grant` and in its table.
    Points,
    /// Days of `recency`.
    Days,
    /// The days of a table's row.
    RowDays,
    /// Purchases of `frequency`.
    Count,
    /// Money of `spent`.
    Spent,
    /// Money of `goal purchase >=`.
    GoalMoney,
    /// After `budget`.
    Budget,
    /// After `price`.
    Price,
    /// After `control`.
    Share,
    /// After `wait`.
    Wait,
    /// After `expires`.
    Expiry,
    /// After `in` or `per` of a condition.
    Window,
    /// After `within` of a goal.
    GoalWindow,
    /// After `reenter after`.
    Gap,
    /// After `at most`.
    Times,
    /// After `quiet`.
    Quiet,
    /// Days of `registered`.
    Registered,
    /// Money of `average_check`.
    AverageCheck,
    /// Points of `balance`.
    Balance,
    /// Percent of `churn`.
    Churn,
    /// Cycles of `overdue`.
    Overdue,
    /// A number the project declared.
    Number,
    /// After `cashback`.
    Cashback,
    /// After the name of an arm.
    Arm,
    /// After `for` of a cashback.
    CashbackPeriod,
    /// After `up to`.
    UpTo,
    /// After `within` of a send.
    Freshness,
    /// After `at`.
    Clock,
    /// After `active`.
    Active,
    /// After `frozen`.
    Frozen,
    /// After `until`.
    Until,
    /// After `max`.
    Rounds,
    /// After `every`.
    Every,
    /// Messages of a cap.
    Messages,
    /// After `per` of a cap.
    CapPer,
    /// After `priority`.
    Priority,
    /// Behind a word of `given`.
    Given,
    /// After `day` of a test.
    TestDay,
    /// After `longest`.
    Longest,
}

/// What kind of quantity stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A bare number.
    Number,
    /// Percent.
    Percent,
    /// Points.
    Points,
    /// Money.
    Money,
    /// A length of time.
    Period,
    /// A clock time.
    Clock,
    /// A date.
    Date,
    /// A range.
    Range,
    /// Cycles.
    Cycles,
}

impl Kind {
    /// Returns the code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Syntax(fault) => syntax_code(fault),
            Self::Form(kind) => kind.code(),
            Self::Time(kind) => kind.code(),
            Self::Money(kind) => kind.code(),
            Self::Consent(kind) => kind.code(),
            Self::Audience(kind) => kind.code(),
            Self::UnknownWord { .. } => Code::UnknownWord,
            Self::InvalidUtf8 => Code::InvalidUtf8,
            Self::Allow(allow) => allow.code(),
            Self::MixedAndOr => Code::MixedAndOr,
            Self::UnknownSegment { .. } => Code::UnknownSegment,
            Self::DuplicateName { .. } => Code::DuplicateName,
            Self::UnknownMessage { .. } => Code::UnknownMessage,
            Self::SegmentCycle { .. } => Code::SegmentCycle,
            Self::NotASegment { .. } => Code::NotASegment,
            Self::ConditionTooLarge => Code::ConditionTooLarge,
            Self::WrongQuantity { .. } => Code::WrongQuantity,
            Self::MissingUnit { .. } => Code::MissingUnit,
            Self::ReversedRange { .. } => Code::ReversedRange,
            Self::ShareTooLarge { .. } => Code::ShareTooLarge,
            Self::InvalidClock { .. } => Code::InvalidClock,
            Self::Fraction { .. } => Code::Fraction,
            Self::OtherCurrency { .. } => Code::OtherCurrency,
            Self::MissingComparison { .. } => Code::MissingComparison,
            Self::ComparedRange { .. } => Code::ComparedRange,
            Self::Zero { .. } => Code::Zero,
            Self::EmptyCondition { .. } => Code::EmptyCondition,
            Self::SettingUnexpected { .. } => Code::SettingUnexpected,
            Self::SettingIncomplete { .. } => Code::SettingIncomplete,
            Self::DuplicateSetting { .. } => Code::DuplicateSetting,
            Self::ChainWithoutFlow => Code::ChainWithoutFlow,
            Self::SeveralFlows { .. } => Code::SeveralFlows,
            Self::ControlWithoutGoal => Code::ControlWithoutGoal,
            Self::ChainWithoutSteps => Code::ChainWithoutSteps,
            Self::FallbackWithoutSend { .. } => Code::FallbackWithoutSend,
            Self::FallbackSameChannel { .. } => Code::FallbackSameChannel,
            Self::TableOverlap { .. } => Code::TableOverlap,
            Self::EmptyTable => Code::EmptyTable,
            Self::TableGap { .. } | Self::TableShort { .. } => Code::TableGap,
            Self::MissingText { .. } => Code::MissingText,
            Self::UnknownPlaceholder { .. } => Code::UnknownPlaceholder,
            Self::PlaceholderWithoutGrant { .. } => Code::PlaceholderWithoutGrant,
            Self::PlaceholderWithoutExpiry { .. } => Code::PlaceholderWithoutExpiry,
            Self::UnclosedPlaceholder { .. } => Code::UnclosedPlaceholder,
            Self::MissingBodyFile { .. } => Code::MissingBodyFile,
            Self::DuplicateText { .. } => Code::DuplicateText,
            Self::UnexpectedPart { .. } => Code::UnexpectedPart,
            Self::MissingPart { .. } => Code::MissingPart,
            Self::EmptyMessage { .. } | Self::EmptyText { .. } => Code::EmptyMessage,
            Self::MessageWithoutText { .. } => Code::MessageWithoutText,
            Self::UnusedMessage { .. } => Code::UnusedMessage,
            Self::UnusedSegment { .. } => Code::UnusedSegment,
            Self::DuplicatePolicy => Code::DuplicatePolicy,
            Self::UnknownTimezone { .. } => Code::UnknownTimezone,
            Self::UnknownCurrency { .. } => Code::UnknownCurrency,
            Self::EmptyQuiet => Code::EmptyQuiet,
        }
    }
}

const fn syntax_code(fault: &FaultKind) -> Code {
    match fault {
        FaultKind::Unexpected { .. } => Code::Unexpected,
        FaultKind::UnknownWord { .. } => Code::UnknownWord,
        FaultKind::SettingWord { .. } => Code::SettingUnexpected,
        FaultKind::Misplaced { .. } => Code::Misplaced,
        FaultKind::UnclosedBlock { .. } => Code::UnclosedBlock,
        FaultKind::MissingBlock { .. } => Code::MissingBlock,
        FaultKind::StrayClose | FaultKind::ClosedEarly => Code::StrayClose,
        FaultKind::UnclosedParen { .. } => Code::UnclosedParen,
        FaultKind::UnclosedText => Code::UnclosedText,
        FaultKind::Quotes => Code::Quotes,
        FaultKind::Escape { .. } => Code::Escape,
        FaultKind::MissingArrow { .. } => Code::MissingArrow,
        FaultKind::MissingStep => Code::MissingStep,
        FaultKind::MissingCondition { .. } => Code::MissingCondition,
        FaultKind::MissingName { .. } => Code::MissingName,
        FaultKind::ReservedName { .. } => Code::ReservedName,
        FaultKind::SegmentInChain { .. } => Code::SegmentInChain,
        FaultKind::MissingEquals { .. } => Code::MissingEquals,
        FaultKind::Arrow { .. } => Code::Arrow,
        FaultKind::RangeMark { .. } => Code::RangeMark,
        FaultKind::SpacedNumber { .. } => Code::SpacedNumber,
        FaultKind::ComparisonSign { .. } => Code::ComparisonSign,
        FaultKind::UnitName { .. } => Code::UnitName,
        FaultKind::Form { .. } => Code::ForeignForm,
        FaultKind::UnknownUnit { .. } => Code::UnknownUnit,
        FaultKind::NumberTooLarge => Code::NumberTooLarge,
        FaultKind::LookAlike { .. } => Code::LookAlike,
        FaultKind::MergeConflict => Code::MergeConflict,
        FaultKind::TooDeep { .. } => Code::TooDeep,
        FaultKind::TooTangled => Code::TooTangled,
        FaultKind::SaidTwice { .. } => Code::SaidTwice,
    }
}
