//! What is wrong with a text as a text: the parser's findings, typed.
//!
//! The words for people are the compiler's; here stand the facts.

use crate::syntax::Span;

/// One finding of the parser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The place that must change.
    pub span: Span,
    /// What it is.
    pub kind: FaultKind,
    /// What would repair it.
    pub repair: Option<Repair>,
}

/// A change of the text that would repair a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
    /// True when the meaning is beyond doubt.
    pub safe: bool,
}

/// Where something was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// At the left margin of a file.
    Declaration,
    /// In a chain.
    ChainItem,
    /// In a policy.
    PolicyItem,
    /// In a brand.
    BrandItem,
    /// In an experiment.
    ExperimentItem,
    /// In a test.
    TestLine,
    /// In a `split`.
    Arm,
    /// Behind an arrow.
    Step,
    /// In a condition.
    Condition,
    /// In a `by recency` table.
    Row,
    /// In a message.
    MessageText,
    /// Between `chain` and its brace.
    ChainHead,
    /// Between `message` or `policy` and its brace.
    Head,
    /// Behind something that is complete.
    End,
}

/// What a name would have named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A chain.
    Chain,
    /// A segment.
    Segment,
    /// A message.
    Message,
    /// A brand.
    Brand,
    /// An experiment.
    Experiment,
    /// An arm of a `split`.
    Arm,
    /// A test.
    Test,
}

/// What a block belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockOf {
    /// A chain.
    Chain,
    /// A message.
    Message,
    /// The policy.
    Policy,
    /// A `by recency` table.
    Table,
    /// A brand.
    Brand,
    /// An experiment.
    Experiment,
    /// A test.
    Test,
    /// An arm of `if`, `else` or `split`.
    Arm,
    /// A `split`.
    Split,
    /// A `repeat`.
    Repeat,
}

/// What was written as people write it elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// What joins conditions: `&&`.
    Joiner,
    /// A word of the language in capitals.
    Capitals,
    /// `:` or `=` behind a word.
    Mark,
    /// Another sign than `=` behind the name of a segment.
    Equals,
    /// A sign at the end of a line.
    Sign,
    /// A sign before a line.
    Bullet,
    /// The number of a step.
    Numbered,
    /// A name in quotes.
    Quoted,
    /// A name with `-`.
    Hyphen,
    /// Days and points of a table.
    Row,
    /// A table without `by recency`.
    Table,
    /// `if not purchase` behind a wait.
    Unless,
    /// A number in words.
    Digits,
    /// Thousands by a letter.
    Thousands,
    /// The currency before the number.
    Money,
    /// A comma before a fraction.
    Fraction,
    /// A time of day.
    Clock,
    /// A date.
    Date,
    /// A range in words.
    Range,
    /// A comparison in words.
    Compare,
    /// How far to look back.
    Window,
    /// How long points and codes last.
    Expiry,
    /// How long a cashback lasts.
    Lasting,
    /// A word that nothing needs.
    Filler,
    /// Another word than ours.
    Word,
    /// A comment of another language.
    Comment,
    /// Characters of another width.
    Wide,
    /// Steps in braces behind their audience.
    Braced,
    /// A word with parentheses behind it.
    Call,
}

/// What can be wrong with a text as a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// Something else stands here than what can.
    Unexpected {
        /// Where.
        slot: Slot,
        /// What stands there; empty at the end of a line.
        found: String,
        /// What could.
        expected: Vec<&'static str>,
        /// The expected word it resembles.
        suggestion: Option<String>,
    },
    /// A word nobody knows where one of a few must stand.
    UnknownWord {
        /// Where.
        slot: Slot,
        /// The word.
        word: String,
        /// The known word it resembles.
        suggestion: Option<String>,
    },
    /// A misspelt word inside of a setting.
    SettingWord {
        /// The setting's word.
        setting: String,
        /// As written.
        found: String,
        /// As it should be.
        meant: String,
    },
    /// A known word in a place where it cannot stand.
    Misplaced {
        /// Where it stands.
        slot: Slot,
        /// The word.
        word: String,
        /// Where it belongs.
        belongs: Slot,
    },
    /// A `{` that is never closed.
    UnclosedBlock {
        /// The `{`.
        open: Span,
        /// Whose block.
        of: BlockOf,
    },
    /// A declaration without its `{ ... }`.
    MissingBlock {
        /// Whose block.
        of: BlockOf,
    },
    /// A `}` that closes nothing.
    StrayClose,
    /// A `}` behind which the block goes on.
    ClosedEarly,
    /// A `(` that is never closed.
    UnclosedParen {
        /// The `(`.
        open: Span,
    },
    /// A text without its closing quote.
    UnclosedText,
    /// Other quotes than `"`.
    Quotes,
    /// An escape that is not one.
    Escape {
        /// As written.
        found: String,
    },
    /// A step without an arrow before it.
    MissingArrow {
        /// The step's word.
        step: String,
    },
    /// An arrow without a step behind it.
    MissingStep,
    /// Nothing where a condition belongs.
    MissingCondition {
        /// The word before the place.
        after: String,
    },
    /// No name where one belongs.
    MissingName {
        /// Of what.
        of: Named,
    },
    /// A name that is a word of the language.
    ReservedName {
        /// Of what.
        of: Named,
        /// The word.
        word: String,
    },
    /// A named segment inside a chain.
    SegmentInChain {
        /// Its name.
        name: String,
    },
    /// `segment NAME CONDITION` without `=`.
    MissingEquals {
        /// The name.
        name: String,
    },
    /// Another arrow than `->`.
    Arrow {
        /// As written.
        found: String,
    },
    /// Another range mark than `..`.
    RangeMark {
        /// As written.
        found: String,
    },
    /// Digits grouped by blanks or commas.
    SpacedNumber {
        /// By what.
        by: &'static str,
        /// As it should be.
        meant: String,
    },
    /// Another sign of comparison than ours.
    ComparisonSign {
        /// As written.
        found: String,
        /// As it should be.
        meant: &'static str,
    },
    /// A unit spelled out.
    UnitName {
        /// As written.
        found: String,
        /// As it should be.
        meant: String,
    },
    /// A form of another language, or of prose, whose meaning is clear.
    Form {
        /// As written.
        found: String,
        /// As it should be; empty where nothing belongs.
        meant: String,
        /// What it is a form of.
        of: Form,
    },
    /// A unit nobody knows.
    UnknownUnit {
        /// The number before it.
        number: String,
        /// The unit.
        unit: String,
    },
    /// A number beyond all use.
    NumberTooLarge,
    /// Letters of another alphabet in a word of the language.
    LookAlike {
        /// As it should be.
        meant: String,
        /// The first foreign letter.
        letter: char,
    },
    /// Lines left by a merge.
    MergeConflict,
    /// Brackets in brackets beyond all use.
    TooDeep {
        /// How deep they may be.
        limit: usize,
    },
    /// The parser gave up.
    TooTangled,
    /// A step that says something twice.
    SaidTwice {
        /// The word.
        word: &'static str,
    },
}
