//! The table of codes. A code never changes its meaning and is never used again.
//!
//! Families: 01 writing, 02 names, 03 quantities, 04 settings, 05 flow, 06 messages,
//! 07 policy, 09 not built yet.

use super::Severity;

/// Makes the enum and its table from one list.
macro_rules! codes {
    ($($variant:ident $code:literal $slug:literal $summary:literal)*) => {
        /// A code of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $summary] $variant,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the code: `E0203`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// Returns the slug: `unknown-message`.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug),* }
            }

            /// Returns one line about it, for the index.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary),* }
            }
        }
    };
}

codes! {
    Unexpected "E0101" "unexpected-input" "something stands where it cannot"
    UnknownWord "E0102" "unknown-word" "a word nobody knows where a known one must stand"
    Misplaced "E0103" "misplaced-word" "a known word in a place where it cannot stand"
    UnclosedBlock "E0104" "unclosed-block" "a `{` without its `}`"
    MissingBlock "E0105" "missing-block" "a declaration without its `{ ... }`"
    StrayClose "E0106" "unmatched-brace" "a `}` that closes nothing"
    UnclosedParen "E0107" "unclosed-parenthesis" "a `(` without its `)`"
    UnclosedText "E0108" "unclosed-text" "a text without its closing quote"
    Quotes "E0109" "foreign-quotes" "other quotes than `\"`"
    Escape "E0110" "unknown-escape" "a backslash before a character that needs none"
    MissingArrow "E0111" "missing-arrow" "a step without `->` before it"
    MissingStep "E0112" "missing-step" "an arrow without a step behind it"
    MissingCondition "E0113" "missing-condition" "nothing where a condition belongs"
    MissingName "E0114" "missing-name" "a declaration without a name"
    SegmentInChain "E0115" "segment-in-chain" "a named segment inside a chain"
    MissingEquals "E0116" "missing-equals" "a named segment without `=`"
    Arrow "E0117" "foreign-arrow" "another arrow than `->`"
    RangeMark "E0118" "foreign-range" "another range mark than `..`"
    SpacedNumber "E0119" "spaced-number" "digits grouped by blanks or commas"
    ComparisonSign "E0120" "foreign-comparison" "another sign of comparison than ours"
    UnitName "E0121" "spelled-out-unit" "a unit spelled out"
    UnknownUnit "E0122" "unknown-unit" "a unit nobody knows"
    NumberTooLarge "E0123" "number-too-large" "a number beyond all use"
    LookAlike "E0124" "look-alike-letters" "letters of another alphabet in a word of the language"
    MergeConflict "E0125" "merge-conflict" "lines left by a merge"
    TooDeep "E0126" "nested-too-deep" "brackets in brackets beyond all use"
    TooTangled "E0127" "unreadable-file" "a text that could not be read to its end"
    InvalidUtf8 "E0128" "invalid-utf8" "a file that is not UTF-8"
    MixedAndOr "E0129" "mixed-and-or" "`and` and `or` in a row without parentheses"

    UnknownSegment "E0201" "unknown-segment" "the name of no segment"
    DuplicateName "E0202" "duplicate-name" "a name declared twice"
    UnknownMessage "E0203" "unknown-message" "the name of no message"
    SegmentCycle "E0204" "segment-cycle" "a segment that is made of itself"
    ReservedName "E0205" "reserved-name" "a name that is a word of the language"
    NotASegment "E0206" "not-a-segment" "the name of something else where a segment belongs"
    ConditionTooLarge "E0207" "condition-too-large" "segments made of segments beyond all use"

    WrongQuantity "E0301" "wrong-quantity" "a quantity of another kind than belongs there"
    MissingUnit "E0302" "missing-unit" "a bare number where a unit belongs"
    ReversedRange "E0303" "reversed-range" "a range that ends before it begins"
    ShareTooLarge "E0304" "share-above-100" "a share above 100%"
    InvalidClock "E0305" "invalid-clock-time" "a clock time that does not exist"
    Fraction "E0306" "fraction" "a fraction of something that has none"
    OtherCurrency "E0307" "other-currency" "money of another currency than the project's"
    MissingComparison "E0308" "missing-comparison" "a bare number where a comparison or a range belongs"
    ComparedRange "E0309" "compared-range" "a range behind a sign of comparison"
    Zero "E0310" "zero-quantity" "nothing where something belongs"
    EmptyCondition "E0311" "empty-condition" "a condition that nobody can meet"

    SettingUnexpected "E0401" "unexpected-in-setting" "a setting that takes something else"
    SettingIncomplete "E0402" "incomplete-setting" "a setting without its value"
    DuplicateSetting "E0403" "duplicate-setting" "a setting given twice"
    ChainWithoutFlow "E0404" "chain-without-flow" "a chain without a line that begins with `segment`"
    SeveralFlows "E0405" "several-flows" "a chain with two flows"
    ControlWithoutGoal "W0406" "control-without-goal" "a control group with nothing to compare"

    ChainWithoutSteps "E0501" "chain-without-steps" "a segment with nothing behind it"
    FallbackWithoutSend "E0502" "fallback-without-send" "a `fallback` with no message right before it"
    FallbackSameChannel "E0503" "fallback-same-channel" "a `fallback` to a channel that was just tried"
    TableOverlap "E0504" "table-overlap" "a day that stands in two rows of a table"
    EmptyTable "E0505" "empty-table" "a table without rows"
    TableGap "W0506" "table-gap" "days of the audience that get nothing from a table"

    MissingText "E0601" "missing-text" "a message without a text for the channel it is sent by"
    UnknownPlaceholder "E0602" "unknown-placeholder" "a placeholder nobody knows"
    PlaceholderWithoutGrant "E0603" "placeholder-without-grant" "points promised where none were granted"
    PlaceholderWithoutExpiry "E0604" "placeholder-without-expiry" "a last day promised for points that never expire"
    UnclosedPlaceholder "E0605" "unclosed-placeholder" "a `{` in a text without its `}`"
    MissingBodyFile "E0606" "missing-body-file" "the file of an e-mail body that is not there"
    DuplicateText "E0607" "duplicate-text" "two texts of a message for one channel"
    UnexpectedPart "E0608" "unexpected-part" "a piece of text that the channel does not have"
    MissingPart "E0609" "missing-part" "a text without a piece that the channel needs"
    EmptyMessage "E0610" "empty-message" "a message without any text"
    MessageWithoutText "W0611" "message-without-text" "a message used before it was written"
    UnusedMessage "W0612" "unused-message" "a message that no step sends"
    UnusedSegment "W0208" "unused-segment" "a segment that nothing uses"

    DuplicatePolicy "E0701" "duplicate-policy" "a second policy in one project"
    UnknownTimezone "E0702" "unknown-timezone" "the name of no time zone"
    UnknownCurrency "E0703" "unknown-currency" "the code of no currency"
    EmptyQuiet "E0704" "empty-quiet-hours" "quiet hours that end when they begin"

    Later "E0901" "not-supported-yet" "a form of the language that is not built yet"
}

impl Code {
    /// Returns how bad it is, as the code's letter says.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self.as_str().as_bytes() {
            [b'W', ..] => Severity::Warning,
            [b'A', ..] => Severity::Advice,
            _ => Severity::Error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Code;
    use std::collections::BTreeSet;

    #[test]
    fn codes_and_slugs_are_used_once() {
        let codes: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str().get(1..)).collect();
        let slugs: BTreeSet<_> = Code::ALL.iter().map(|code| code.slug()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        assert_eq!(slugs.len(), Code::ALL.len());
    }
}
