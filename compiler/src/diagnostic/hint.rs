//! What to suggest where something unexpected stands: the thought, in no language yet.

use chainc_grammar::fault::Slot;
use chainc_grammar::words::{Place, at};

/// A thought about something that stands where it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// A range is `60..89`.
    Range,
    /// Conditions are joined by words.
    Joined,
    /// Conditions are joined by words, steps by arrows.
    JoinedOrSteps,
    /// Steps are joined by arrows.
    Steps,
    /// An arrow is not `>`.
    ArrowOrComparison,
    /// The opposite is `not`.
    Opposite,
    /// There are no negative numbers.
    BelowZero,
    /// The unit stands behind the number.
    UnitBehind,
    /// The arrow is `->`, and a name has no `-`.
    Arrow,
    /// What names are made of.
    Name,
    /// A word and what follows it have nothing between them.
    NoColon,
    /// A fraction has a point, and settings have lines of their own.
    Point,
    /// Settings have lines of their own.
    OwnLine,
    /// The name of a time zone stands in quotes.
    ZoneInQuotes,
    /// What was given ends with `expires`.
    Expiry,
    /// Years and months are written in days.
    LongUnit,
    /// Each condition is whole.
    WholeCondition,
    /// Braces follow the condition.
    Braces,
    /// A time follows `wait` at once.
    BareTime,
    /// A time is one number and one unit.
    OneTime,
    /// What ends a wait is `purchase`.
    Purchase,
    /// A table is `by recency`.
    Table,
    /// Texts stand in messages.
    TextInMessage,
    /// Names have no quotes.
    BareName,
    /// `else` follows the braces of an `if`.
    Else,
    /// Another channel is a `fallback`.
    Ladder,
    /// A step sends by one channel.
    OneChannel,
    /// A comment begins with `#`.
    Comment,
    /// A named segment has no steps.
    NamedSegment,
    /// A flow begins with `segment`.
    Flow,
    /// What ends a wait early.
    Events,
    /// The value follows its word.
    BareValue,
    /// A condition compares with one number.
    OneNumber,
    /// How all customers are written.
    Everybody,
    /// What can stand here at all.
    Choices,
}

/// Returns what to suggest for something unexpected where `expected` could stand.
pub(super) fn hint(slot: Slot, found: &str, expected: &[&str]) -> Option<Hint> {
    let could_be = |word: &str| expected.iter().any(|phrase| phrase.contains(word));
    let hint = match (slot, found) {
        (Slot::Condition, "between" | "to" | "from" | "till" | "and") => Hint::Range,
        (Slot::Condition, "*") if could_be("recency") => Hint::Everybody,
        (Slot::Condition, "in" | "=" | "is" | "(") if could_be("text in quotes") => Hint::BareValue,
        (Slot::Condition, "+" | "-" | "*" | "/") => Hint::OneNumber,
        (Slot::Condition, found) if could_be(">= 3") && at(Place::Condition).contains(&found) => {
            Hint::OneNumber
        }
        (Slot::Condition, ",") => Hint::JoinedOrSteps,
        (Slot::Condition, "&" | "|") => Hint::Joined,
        (Slot::Condition, ">") if could_be("->") => Hint::ArrowOrComparison,
        (Slot::Condition, "!") => Hint::Opposite,
        (_, found) if is_below_zero(found) => Hint::BelowZero,
        (_, found) if is_currency(found) => Hint::UnitBehind,
        (Slot::Condition, "then" | ":" | "do") if could_be("`and`") => Hint::Braces,
        (Slot::Condition, text) if text.starts_with('"') && could_be("recency") => {
            Hint::WholeCondition
        }
        (_, found) if matches!(unit_slip(found), UnitSlip::Month | UnitSlip::Year) => {
            Hint::LongUnit
        }
        (Slot::Row, ":") => return None,
        (_, ":") => Hint::NoColon,
        (Slot::Step, "for" | "на" | "до" | "until" | "valid") if could_be("`expires`") => {
            Hint::Expiry
        }
        (Slot::Step, "for" | "на" | "in") if could_be("`3d`") => Hint::BareTime,
        (Slot::Step, "+" | "and") if could_be("`unless`") => Hint::OneTime,
        (Slot::Step, "bought" | "buys" | "buy" | "ordered" | "order" | "купил" | "купила")
            if could_be("`purchase`") =>
        {
            Hint::Purchase
        }
        (Slot::Step, _) if could_be("`purchase`") => Hint::Events,
        (Slot::Step, "{") if could_be("`by`") => Hint::Table,
        (Slot::Step | Slot::ChainHead | Slot::Head, text) if is_quoted_name(text) => Hint::BareName,
        (Slot::Step, text) if text.starts_with('"') && could_be("name") => Hint::TextInMessage,
        (Slot::Step, "or") => Hint::Ladder,
        (Slot::Step, "else") => Hint::Else,
        (Slot::Step, "and" | "&" | "+" | "/") if !could_be("`unless`") && !could_be("`or`") => {
            Hint::OneChannel
        }
        (Slot::Step, "," | ";" | "then" | ">") => Hint::Steps,
        (Slot::Step, "-") => Hint::Arrow,
        (Slot::Declaration, "/" | "-" | "*") => Hint::Comment,
        (Slot::Declaration, found) if found.starts_with(|c: char| c.is_ascii_digit()) => {
            Hint::Steps
        }
        (_, "-") => Hint::Name,
        (Slot::ChainItem | Slot::PolicyItem, ",") => Hint::Point,
        (Slot::ChainItem | Slot::PolicyItem | Slot::MessageText, "," | ";") => Hint::OwnLine,
        (Slot::ChainItem | Slot::PolicyItem, "/") => Hint::ZoneInQuotes,
        (Slot::End, "->" | "→" | "=>") => Hint::NamedSegment,
        (Slot::Declaration | Slot::ChainItem, "->" | "→" | "=>") => Hint::Flow,
        (Slot::Declaration | Slot::ChainHead, _) => Hint::Choices,
        _ => return None,
    };
    Some(hint)
}

fn is_below_zero(found: &str) -> bool {
    found.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn is_quoted_name(found: &str) -> bool {
    let name = found.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    name.is_some_and(is_name)
}

/// Returns true for what can be a name as it stands.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic())
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn is_currency(found: &str) -> bool {
    matches!(found, "₽" | "$" | "€")
        || found.len() == 3 && found.bytes().all(|b| b.is_ascii_uppercase())
}

/// Returns the words something can begin with where a slot is.
pub(super) fn openers(slot: Slot) -> Vec<String> {
    let words: &[&str] = match slot {
        Slot::Declaration => at(Place::Declaration),
        Slot::ChainItem => at(Place::Chain),
        Slot::PolicyItem => at(Place::Policy),
        Slot::BrandItem => at(Place::Brand),
        Slot::ExperimentItem => at(Place::Experiment),
        Slot::TestLine => at(Place::Test),
        Slot::Step => at(Place::Step),
        Slot::Condition => at(Place::Condition),
        Slot::MessageText => at(Place::Channel),
        Slot::Row | Slot::ChainHead | Slot::Head | Slot::End | Slot::Arm => &[],
    };
    words.iter().map(|word| format!("`{word}`")).collect()
}

/// Returns the beginning of what was found, as a sentence can show it.
pub(super) fn shown(found: &str) -> String {
    found.chars().take(40).collect()
}

/// Up to how many characters a list of what is expected fits into a label.
pub(super) const SHORT: usize = 36;

/// What is wrong with a unit nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnitSlip {
    /// `9pm`.
    Clock,
    /// `10к`.
    Thousands,
    /// `3D`.
    Capital,
    /// `1 month`: of no certain length.
    Month,
    /// `1 year`.
    Year,
    /// Nothing of the kind.
    Other,
}

/// Returns what somebody who wrote this unit meant.
pub(super) fn unit_slip(unit: &str) -> UnitSlip {
    match unit.to_lowercase().as_str() {
        "am" | "pm" => UnitSlip::Clock,
        "k" | "к" | "т" | "тыс" | "тысяч" | "тр" => UnitSlip::Thousands,
        "d" | "h" | "m" | "w" => UnitSlip::Capital,
        "mo" | "mon" | "month" | "months" | "мес" | "месяц" | "месяца" | "месяцев" => {
            UnitSlip::Month
        }
        "y" | "yr" | "year" | "years" | "г" | "год" | "года" | "лет" => UnitSlip::Year,
        _ => UnitSlip::Other,
    }
}

/// Returns true for a word that was typed in another alphabet than the word it stands for.
pub(super) fn is_translated(word: &str, meant: &str) -> bool {
    meant.is_ascii() && word.chars().all(|c| !c.is_ascii_alphabetic()) && !word.is_ascii()
}

/// What a word of another tool stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stranger {
    /// A verb before the channel.
    Send,
    /// A messenger.
    Messenger,
}

/// Returns what a word that other tools have stands for.
pub(super) fn stranger(slot: Slot, word: &str) -> Option<Stranger> {
    if !matches!(slot, Slot::Step | Slot::MessageText) {
        return None;
    }
    match word.to_lowercase().as_str() {
        "send" | "message" | "notify" | "отправить" | "отправь" | "послать" | "шлём" => {
            Some(Stranger::Send)
        }
        "telegram" | "whatsapp" | "viber" | "max" | "vk" | "messenger" | "wechat" | "телеграм"
        | "ватсап" | "вайбер" | "вк" => Some(Stranger::Messenger),
        _ => None,
    }
}
