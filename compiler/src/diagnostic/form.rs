//! Findings about the forms of the language: names of brands and attributes, dates,
//! experiments, branches, repeats, tests.

use super::words::Words;
use super::{Code, Lang};
use crate::ir::AttributeKind;
use chainc_grammar::fault::Named;

mod english;
mod russian;

/// A form that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormKind {
    /// No such brand.
    UnknownBrand {
        /// The name.
        name: String,
        /// The brand it resembles.
        suggestion: Option<String>,
    },
    /// No such chain, in a test.
    UnknownChain {
        /// The name.
        name: String,
        /// The chain it resembles.
        suggestion: Option<String>,
        /// The first chains there are.
        known: Vec<String>,
    },
    /// A condition where `control` takes a share or a name.
    ControlCondition {
        /// As written.
        text: String,
    },
    /// An attribute called like a word of the language.
    ReservedAttribute {
        /// The word.
        word: String,
        /// True when it is a condition already.
        known: bool,
    },
    /// Hours that are no whole days, where days are counted.
    NotWholeDays {
        /// As written.
        text: String,
        /// The days that come next.
        meant: String,
    },
    /// A cap in a chain with `cap off`, which is related.
    CapBesideOff,
    /// A clock time for rounds that come every so many hours.
    HoursAtClock {
        /// The hours, as written.
        every: String,
    },
    /// A segment or a chain sent as a message; its declaration is related.
    NotAMessage {
        /// The name.
        name: String,
        /// What it is.
        is: Named,
    },
    /// A brand nothing uses.
    UnusedBrand {
        /// The brand.
        brand: String,
    },
    /// Something compared that nobody declared.
    UnknownAttribute {
        /// The name.
        name: String,
        /// The attribute it resembles.
        suggestion: Option<String>,
    },
    /// A declared attribute used in the form of another kind; the declaration is related.
    WrongAttribute {
        /// The name.
        name: String,
        /// What it was declared as.
        is: AttributeKind,
    },
    /// A day that no calendar has.
    NoSuchDate {
        /// As written.
        text: String,
    },
    /// A step that says something twice.
    SaidTwice {
        /// The word.
        word: &'static str,
    },
    /// A cap without the time it is for.
    MissingPeriod {
        /// As written so far.
        text: String,
    },
    /// A setting both in a chain and in its experiment; the latter is related.
    SetByExperiment {
        /// The setting's word.
        setting: String,
    },
    /// `quiet off` and the like without a reason.
    OffWithoutReason {
        /// The setting's word.
        setting: String,
    },
    /// A flow right in an experiment.
    FlowInExperiment,
    /// An experiment without chains.
    EmptyExperiment,
    /// A step that nobody reaches; what ends the chain before it is related.
    Unreachable,
    /// Braces with nothing between.
    EmptyBranch {
        /// The word before them: `if`, `else`, `split`, `repeat`, or the name of an arm.
        of: String,
    },
    /// Shares that do not come to 100%.
    ArmsNotWhole {
        /// What they come to, as written: `90%`.
        sum: String,
        /// What is missing or too much.
        off: String,
        /// True when they come to more.
        above: bool,
    },
    /// A repeat that only a purchase would end.
    EndlessRepeat,
    /// `{cashback.rate}`, `{promo.code}` with nothing of the kind before; the step is related.
    PlaceholderWithoutGift {
        /// The placeholder.
        name: &'static str,
        /// The message.
        message: String,
        /// The step that would give it.
        step: &'static str,
    },
    /// A placeholder whose value is given on some ways to the message only; the step and a
    /// way without it are related.
    PlaceholderOnSomePaths {
        /// The placeholder.
        name: &'static str,
        /// The message.
        message: String,
        /// The step that would give it.
        step: &'static str,
    },
    /// `{promo.expires}` of a code without an end; the step is related.
    PromoWithoutExpiry {
        /// The message.
        message: String,
    },
    /// A placeholder of another tool, which is plain text here.
    ForeignPlaceholder {
        /// As written.
        text: String,
        /// What it is called here.
        meant: Option<&'static str>,
        /// The file it stands in, if not in quotes.
        file: Option<String>,
    },
    /// Something in a test that a test cannot say.
    UnexpectedInTest {
        /// As written.
        found: String,
        /// The forms there are.
        forms: &'static str,
    },
    /// `not` before a fact that is not so unless it is said.
    UnsaidInTest {
        /// As written.
        found: String,
    },
    /// A day of a test before the day above it; that is related.
    DaysGoBack,
    /// A test that expects nothing at all.
    TestWithoutExpect,
}

impl FormKind {
    pub(super) const fn code(&self) -> Code {
        match self {
            Self::UnknownBrand { .. } => Code::UnknownBrand,
            Self::UnknownChain { .. } => Code::UnknownChain,
            Self::ControlCondition { .. } => Code::SettingUnexpected,
            Self::ReservedAttribute { .. } => Code::ReservedName,
            Self::NotWholeDays { .. } => Code::Fraction,
            Self::CapBesideOff => Code::DuplicateSetting,
            Self::HoursAtClock { .. } => Code::WrongQuantity,
            Self::NotAMessage { .. } => Code::NotAMessage,
            Self::UnusedBrand { .. } => Code::UnusedBrand,
            Self::UnknownAttribute { .. } => Code::UnknownAttribute,
            Self::WrongAttribute { .. } => Code::WrongAttribute,
            Self::NoSuchDate { .. } => Code::NoSuchDate,
            Self::SaidTwice { .. } => Code::SaidTwice,
            Self::MissingPeriod { .. } => Code::MissingPeriod,
            Self::SetByExperiment { .. } => Code::SetByExperiment,
            Self::OffWithoutReason { .. } => Code::OffWithoutReason,
            Self::FlowInExperiment => Code::FlowInExperiment,
            Self::EmptyExperiment => Code::EmptyExperiment,
            Self::Unreachable => Code::Unreachable,
            Self::EmptyBranch { .. } => Code::EmptyBranch,
            Self::ArmsNotWhole { .. } => Code::ArmsNotWhole,
            Self::EndlessRepeat => Code::EndlessRepeat,
            Self::PlaceholderWithoutGift { .. } => Code::PlaceholderWithoutGift,
            Self::PlaceholderOnSomePaths { .. } => Code::PlaceholderOnSomePaths,
            Self::PromoWithoutExpiry { .. } => Code::PromoWithoutExpiry,
            Self::ForeignPlaceholder { .. } => Code::ForeignPlaceholder,
            Self::UnexpectedInTest { .. } => Code::UnexpectedInTest,
            Self::UnsaidInTest { .. } => Code::UnexpectedInTest,
            Self::DaysGoBack => Code::DaysGoBack,
            Self::TestWithoutExpect => Code::TestWithoutExpect,
        }
    }
}

/// Returns the words for a kind.
pub(super) fn words(kind: &FormKind, lang: Lang) -> Words {
    match lang {
        Lang::En => english::words(kind),
        Lang::Ru => russian::words(kind),
    }
}

fn did_you_mean(words: Words, suggestion: Option<&str>, lang: Lang) -> Words {
    match (suggestion, lang) {
        (Some(meant), Lang::En) => words.help(format!("did you mean `{meant}`?")),
        (Some(meant), Lang::Ru) => words.help(format!("возможно, имелось в виду `{meant}`?")),
        (None, _) => words,
    }
}

fn example(name: &str, is: AttributeKind) -> String {
    match is {
        AttributeKind::Number => format!("`{name} >= 18` or `{name} 18..35`"),
        AttributeKind::Text => format!("`{name} \"gold\"`"),
        AttributeKind::Flag => format!("`{name}`"),
        AttributeKind::Date => format!("`{name} in 7d`"),
    }
}
