//! The English words for faults of the text itself.

use super::hint::{
    Hint, SHORT, Stranger, UnitSlip, hint, is_translated, openers, shown, stranger, unit_slip,
};
use super::words::{Words, listed, say};
use super::{FormKind, Lang, form, habit};
use chainc_grammar::fault::{BlockOf, FaultKind, Named, Slot};

/// Returns `a`, `a or b`, `a, b or c`.
fn either(words: &[impl AsRef<str>]) -> String {
    listed(words, "or")
}

fn named(of: Named) -> &'static str {
    match of {
        Named::Chain => "chain",
        Named::Segment => "segment",
        Named::Message => "message",
        Named::Brand => "brand",
        Named::Experiment => "experiment",
        Named::Arm => "arm",
        Named::Test => "test",
    }
}

fn block(of: BlockOf) -> &'static str {
    match of {
        BlockOf::Chain => "chain",
        BlockOf::Message => "message",
        BlockOf::Policy => "policy",
        BlockOf::Table => "table",
        BlockOf::Brand => "brand",
        BlockOf::Experiment => "experiment",
        BlockOf::Test => "test",
        BlockOf::Arm => "branch",
        BlockOf::Split => "split",
        BlockOf::Repeat => "repeat",
    }
}

/// Returns where a slot is, for "unexpected ... in this step".
fn inside(slot: Slot) -> &'static str {
    match slot {
        Slot::Declaration => "at the left margin",
        Slot::ChainItem => "in this chain",
        Slot::PolicyItem => "in this policy",
        Slot::BrandItem => "in this brand",
        Slot::ExperimentItem => "in this experiment",
        Slot::TestLine => "in this test",
        Slot::Arm => "in this split",
        Slot::Step => "in this step",
        Slot::Condition => "in this condition",
        Slot::Row => "in this table",
        Slot::MessageText => "in this text",
        Slot::ChainHead | Slot::Head => "before the `{`",
        Slot::End => "here",
    }
}

/// Returns what a word in a slot would be.
fn as_what(slot: Slot) -> &'static str {
    match slot {
        Slot::Declaration => "a declaration",
        Slot::ChainItem => "a setting of a chain",
        Slot::PolicyItem => "a setting of the policy",
        Slot::BrandItem => "a setting of a brand",
        Slot::ExperimentItem => "a setting of an experiment",
        Slot::TestLine => "a line of a test",
        Slot::Step => "a step",
        Slot::Condition => "a condition",
        Slot::MessageText => "a channel",
        Slot::Row | Slot::ChainHead | Slot::Head | Slot::End | Slot::Arm => "known here",
    }
}

/// Returns what a slot can begin with.
fn choices(slot: Slot) -> Option<String> {
    let list = |what: &str| Some(format!("{what} {}", either(&openers(slot))));
    match slot {
        Slot::Declaration => list("a declaration begins with"),
        Slot::ChainItem => list("a line of a chain begins with"),
        Slot::PolicyItem => list("a policy has"),
        Slot::BrandItem => list("a brand has"),
        Slot::ExperimentItem => list("a line of an experiment begins with"),
        Slot::TestLine => list("a line of a test begins with"),
        Slot::Arm => Some("an arm is written `soft 40% { ... }`".to_owned()),
        Slot::Step => list("a step begins with"),
        Slot::Condition => list("a condition is the name of a segment or begins with"),
        Slot::MessageText => list("a message has texts for"),
        Slot::Row => Some("a row is written `30..59: 100`".to_owned()),
        Slot::ChainHead => {
            Some("a chain opens with `chain name {` or `chain name \"Title\" {`".to_owned())
        }
        Slot::Head | Slot::End => None,
    }
}

/// Returns the words for an unknown word; settings use it too.
pub(super) fn unknown_word(slot: Slot, word: &str, suggestion: Option<&str>) -> Words {
    if let Some(meant) = suggestion.filter(|meant| *meant == word.to_lowercase()) {
        return say("words of the language are in small letters", "capital letters")
            .help(format!("write `{meant}`"));
    }
    if let Some(meant) = suggestion.filter(|meant| is_translated(word, meant)) {
        return say(format!("`{word}` is written `{meant}`"), "words of the language are English")
            .help(format!("write `{meant}`; names of your own may be in any language"));
    }
    let words = say(format!("`{word}` is not {}", as_what(slot)), "not a known word");
    let stranger = stranger(slot, word).map(|stranger| match stranger {
        Stranger::Send => "a step begins with its channel: `sms offer`",
        Stranger::Messenger => {
            "other channels are reached through your own address: `webhook offer`"
        }
    });
    if let Some(help) = stranger {
        return words.help(help);
    }
    match (suggestion, choices(slot)) {
        (Some(meant), _) => words.help(format!("did you mean `{meant}`?")),
        (None, Some(choices)) => words.help(choices),
        (None, None) => words,
    }
}

fn unexpected(slot: Slot, found: &str, expected: &[&str], suggestion: Option<&str>) -> Words {
    let list = either(expected);
    let place = inside(slot);
    if found.is_empty() {
        let what = match slot {
            Slot::Step => "this step is incomplete",
            Slot::Condition => "this condition is incomplete",
            Slot::Row => "this row is incomplete",
            Slot::MessageText => "this text is incomplete",
            _ => "this line is incomplete",
        };
        return match list.chars().count() {
            0 => say(what, ""),
            1..=SHORT => say(what, format!("expected {list}")),
            _ => say(what, "something is missing here").help(format!("expected {list}")),
        };
    }
    let short = !list.is_empty() && list.chars().count() <= SHORT;
    let label = match suggestion {
        _ if short => format!("expected {list}"),
        Some(_) => "a slip?".to_owned(),
        None => "does not belong here".to_owned(),
    };
    let mut words = say(format!("unexpected `{}` {place}", shown(found)), label);
    if !short && !list.is_empty() {
        words = words.help(format!("expected {list}"));
    }
    if let Some(meant) = suggestion {
        return words.help(format!("did you mean `{meant}`?"));
    }
    match hint(slot, found, expected).and_then(|hint| hinted(hint, slot, found)) {
        Some(help) => words.help(help),
        None => words,
    }
}

fn hinted(hint: Hint, slot: Slot, found: &str) -> Option<String> {
    let words = match hint {
        Hint::Range => "a range is written `60..89`; both ends belong",
        Hint::Joined => "conditions are joined by the words `and` and `or`",
        Hint::JoinedOrSteps => "conditions are joined by `and` and `or`, steps by `->`",
        Hint::Steps => "each step is written after an arrow: `-> sms offer -> wait 3d`",
        Hint::ArrowOrComparison => {
            "an arrow is written `->`; a comparison follows a word such as `recency`"
        }
        Hint::Opposite => "the opposite is written `not`: `not tag staff`",
        Hint::BelowZero => "nothing counts below zero",
        Hint::UnitBehind => {
            return Some(format!("the unit comes after the number: `300 {found}`"));
        }
        Hint::Arrow => "the arrow is written `->`, and names have `_` instead of `-`",
        Hint::Name => "names and words have `_` instead of `-`",
        Hint::NoColon => "take the `:` away; what belongs to a word follows it at once",
        Hint::Point => {
            "a fraction is written with a point, `4.20`; each setting stands on its own line"
        }
        Hint::OwnLine => "each of them stands on a line of its own, with nothing at its end",
        Hint::ZoneInQuotes => "put the name in quotes: `timezone \"Asia/Yekaterinburg\"`",
        Hint::Expiry => "how long it lasts is written `expires 14d`",
        Hint::LongUnit => "months and years are written in days: `30d`, `365d`",
        Hint::WholeCondition => "each condition is whole: `city \"Omsk\" or city \"Tomsk\"`",
        Hint::Braces => "braces follow the condition at once: `if vip { sms offer }`",
        Hint::BareTime => "the time follows `wait` at once: `wait 3d`",
        Hint::OneTime => "a time is one number with one unit: `wait 74h`",
        Hint::Purchase => "what was bought is written `purchase`: `wait 3d unless purchase`",
        Hint::Events => {
            "a wait ends early by `purchase`, `opened offer`, `clicked offer` or `event \"visited\"`"
        }
        Hint::BareValue => "the value follows at once: `city \"Omsk\" or city \"Tomsk\"`",
        Hint::OneNumber => "a condition compares with one number, worked out: `recency >= 35`",
        Hint::Everybody => "all customers are `frequency >= 0`",
        Hint::Table => "a table reads `grant by recency { 30..59: 100, 60..89: 300 }`",
        Hint::TextInMessage => {
            "texts stand in messages, `message offer { sms \"...\" }`, and a step names one: `sms offer`"
        }
        Hint::BareName => {
            let name = found.trim_matches('"');
            return Some(format!("names stand without quotes: `{name}`"));
        }
        Hint::Else => "`else` follows a brace: `if vip { sms offer } else { email offer }`",
        Hint::Ladder => "another channel for those who were not reached: `-> fallback email`",
        Hint::OneChannel => "a step sends by one channel: `-> sms offer -> email offer`",
        Hint::Comment => "a comment begins with `#`",
        Hint::NamedSegment => {
            "a named segment has no steps; write them after its name: `segment name -> ...`"
        }
        Hint::Flow => "a flow begins with `segment`: `segment recency 60..89 -> sms offer`",
        Hint::Choices => return choices(slot),
    };
    Some(words.to_owned())
}

fn misplaced(slot: Slot, word: &str, belongs: Slot) -> Words {
    let words = say(
        format!("`{word}` is {}, not {}", as_what(belongs), as_what(slot)),
        format!(
            "cannot stand {}",
            if slot == Slot::Step { "after an arrow" } else { inside(slot) }
        ),
    );
    match belongs {
        Slot::Step => words.help("steps follow a segment: `segment recency 60..89 -> sms offer`"),
        Slot::ChainItem => words.help("it stands on a line of its own inside `chain name { ... }`"),
        Slot::PolicyItem => words.help("it belongs into `policy { ... }`"),
        Slot::Condition => {
            words.help("conditions follow `segment`: `segment recency 60..89 -> sms offer`")
        }
        Slot::Declaration => words.help("close the block before it with `}`"),
        Slot::BrandItem => words.help("it belongs into `brand name { ... }`"),
        Slot::ExperimentItem => words.help("it belongs into `experiment name { ... }`"),
        Slot::TestLine => words.help("it belongs into `test \"...\" { ... }`"),
        Slot::Row | Slot::MessageText | Slot::ChainHead | Slot::Head | Slot::End | Slot::Arm => {
            words
        }
    }
}

/// Returns the words for a fault of the text.
pub(super) fn words(fault: &FaultKind) -> Words {
    match fault {
        FaultKind::Unexpected { slot, found, expected, suggestion } => {
            unexpected(*slot, found, expected, suggestion.as_deref())
        }
        FaultKind::UnknownWord { slot, word, suggestion } => {
            unknown_word(*slot, word, suggestion.as_deref())
        }
        FaultKind::SettingWord { setting, found, meant } => {
            say(format!("unexpected `{found}` after `{setting}`"), "a slip?")
                .help(format!("did you mean `{meant}`?"))
        }
        FaultKind::Misplaced { slot, word, belongs } => misplaced(*slot, word, *belongs),
        FaultKind::UnclosedBlock { of, .. } => {
            say(format!("this {} is never closed", block(*of)), "expected `}` here")
                .related("opened here")
        }
        FaultKind::MissingBlock { of } => {
            let words = say(format!("this {} has no `{{ ... }}`", block(*of)), "expected `{` here");
            match of {
                BlockOf::Chain => {
                    words.help("a chain is written `chain name { segment ... -> ... }`")
                }
                BlockOf::Message => {
                    words.help("a message is written `message name { sms \"...\" }`")
                }
                BlockOf::Policy => words.help("a policy is written `policy { currency RUB }`"),
                BlockOf::Brand => words.help("a brand is written `brand name { sender \"...\" }`"),
                BlockOf::Experiment => {
                    words.help("an experiment is written `experiment name { chain name { ... } }`")
                }
                BlockOf::Test => {
                    words.help("a test is written `test \"what it shows\" { day 0 expect ... }`")
                }
                BlockOf::Arm => words.help("a branch is written `if vip { sms offer }`"),
                BlockOf::Split => {
                    words.help("a split is written `split { soft 40% { ... } hard 60% { ... } }`")
                }
                BlockOf::Repeat => {
                    words.help("a repeat is written `repeat weekly on tue at 12:00 max 13 { ... }`")
                }
                BlockOf::Table => words,
            }
        }
        FaultKind::StrayClose => say("this `}` closes nothing", "no open `{` before it"),
        FaultKind::ClosedEarly => {
            say("this `}` closes the chain before its last steps", "steps follow behind it")
                .help("take it away; another `}` stands behind the steps")
        }
        FaultKind::UnclosedParen { .. } => {
            say("this parenthesis is never closed", "expected a `)` for it")
        }
        FaultKind::UnclosedText => say("this text has no closing `\"`", "opened here")
            .help("a text ends on the line it begins on; `\\n` in it starts a new line"),
        FaultKind::Quotes => say("texts are written in straight quotes", "not these quotes")
            .help("write `\"` on both sides"),
        FaultKind::Escape { found } => {
            say(format!("`{found}` means nothing in a text"), "means nothing")
                .help("write `\\\\` for a backslash, `\\\"` for a quote, `\\n` for a new line")
        }
        FaultKind::MissingArrow { step } => {
            say(format!("no `->` before `{step}`"), "this step follows another")
                .help(format!("write `-> {step} ...`"))
        }
        FaultKind::MissingStep => say("no step follows this arrow", "leads nowhere")
            .help("write a step after it, or take the arrow away"),
        FaultKind::MissingCondition { after } => {
            let message = if after.is_empty() {
                "a condition is missing here".to_owned()
            } else {
                format!("no condition follows `{after}`")
            };
            say(message, "expected a condition such as `recency 60..89`")
        }
        FaultKind::MissingName { of } => {
            let what = named(*of);
            let form = if *of == Named::Segment { "name =" } else { "name {" };
            say(format!("this {what} has no name"), format!("expected `{what} {form}`"))
                .help("names are made of letters, digits and `_`")
        }
        FaultKind::ReservedName { of, word } => say(
            format!("`{word}` is a word of the language and cannot name a {}", named(*of)),
            "choose another name",
        )
        .help(format!("`{word}_{}` would do", named(*of))),
        FaultKind::SegmentInChain { name } => {
            say(format!("segment `{name}` is declared inside a chain"), "belongs outside")
                .help("declare named segments at the left margin, before the chain")
        }
        FaultKind::MissingEquals { name } => {
            say(format!("no `=` after segment `{name}`"), "expected `=` after this name")
                .help(format!("a named segment is written `segment {name} = recency 60..89`"))
        }
        FaultKind::Arrow { found } if !found.contains(['>', '→']) => {
            say(format!("steps are joined by `->`, not by `{found}`"), "").help("write `->`")
        }
        FaultKind::Arrow { found } => {
            say(format!("the arrow is written `->`, not `{found}`"), "").help("write `->`")
        }
        FaultKind::RangeMark { found } => {
            say(format!("ranges are written with `..`, not `{found}`"), "")
                .help("write `..`, as in `60..89`")
        }
        FaultKind::SpacedNumber { meant, by } => {
            say(format!("digits are grouped by `_`, not by {by}"), "")
                .help(format!("write `{meant}`"))
        }
        FaultKind::ComparisonSign { found, meant } => {
            say(format!("`{found}` is written `{meant}`"), "").help(format!("write `{meant}`"))
        }
        FaultKind::UnitName { found, meant } => {
            say(format!("`{found}` is written `{meant}`"), "").help(format!("write `{meant}`"))
        }
        FaultKind::Form { found, meant, of } => habit::words(found, meant, *of, Lang::En),
        FaultKind::UnknownUnit { number, unit } => {
            let (message, help) = match unit_slip(unit) {
                UnitSlip::Clock => (
                    format!("clock times run to 24 hours, without `{unit}`"),
                    "write it like `10:00` or `21:30`".to_owned(),
                ),
                UnitSlip::Thousands => (
                    format!("`{unit}` is not a unit; thousands are written out"),
                    format!("write `{number}_000`, and the unit after it"),
                ),
                UnitSlip::Capital => (
                    format!("units are small letters, and `{unit}` is a capital"),
                    format!("write `{number}{}`", unit.to_lowercase()),
                ),
                UnitSlip::Month => (
                    format!("`{unit}` is no unit: months differ in length"),
                    "write days: `30d`".to_owned(),
                ),
                UnitSlip::Year => {
                    (format!("`{unit}` is not a unit"), "write days: `365d` for a year".to_owned())
                }
                UnitSlip::Other => (
                    format!("`{unit}` is not a unit"),
                    format!(
                        "units are `{number}d`, `{number}h`, `{number}m`, `{number}w`, \
                         `{number}%`, `{number} points` and money such as `{number} RUB`"
                    ),
                ),
            };
            say(message, "unknown unit").help(help)
        }
        FaultKind::NumberTooLarge => say("this number is too large", "beyond 10^15"),
        FaultKind::LookAlike { meant, letter } => say(
            format!("`{letter}` in this word is not a Latin letter, though it looks like one"),
            "looks like a word of the language",
        )
        .help(format!("type `{meant}` with Latin letters")),
        FaultKind::MergeConflict => {
            say("a merge left its marks here", "two versions of the same lines")
                .help("keep one version and delete the lines with `<<<<<<<`, `=======`, `>>>>>>>`")
                .note("only the first version was checked")
        }
        FaultKind::TooDeep { limit } => {
            say(format!("brackets stand more than {limit} deep in one another"), "too deep")
                .note("nothing else of this file was checked")
        }
        FaultKind::TooTangled => say("this file could not be read to its end", "gave up here")
            .note("nothing else of this file was checked"),
        FaultKind::SaidTwice { word } => form::words(&FormKind::SaidTwice { word }, Lang::En),
    }
}
