//! What to suggest where something unexpected stands: the thought, in no language yet.

use chainc_grammar::fault::Slot;
use chainc_grammar::words as vocabulary;

/// A thought about something that stands where it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// A range is `60..89`.
    Range,
    /// Conditions are joined by words.
    Joined,
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
    /// A fraction has a point.
    Point,
    /// The name of a time zone stands in quotes.
    ZoneInQuotes,
    /// A named segment has no steps.
    NamedSegment,
    /// A flow begins with `segment`.
    Flow,
    /// What can stand here at all.
    Choices,
}

/// Returns what to suggest for something unexpected.
pub(super) fn hint(slot: Slot, found: &str) -> Option<Hint> {
    let hint = match (slot, found) {
        (Slot::Condition, "between" | "to" | "from" | "till" | "and") => Hint::Range,
        (Slot::Condition, "&" | "|" | ",") => Hint::Joined,
        (Slot::Condition, "!") => Hint::Opposite,
        (_, found) if is_below_zero(found) => Hint::BelowZero,
        (_, found) if is_currency(found) => Hint::UnitBehind,
        (Slot::Step, "-") => Hint::Arrow,
        (_, "-") => Hint::Name,
        (Slot::ChainItem | Slot::PolicyItem, ",") => Hint::Point,
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

fn is_currency(found: &str) -> bool {
    found == "₽" || found.len() == 3 && found.bytes().all(|b| b.is_ascii_uppercase())
}

/// Returns the words something can begin with where a slot is.
pub(super) fn openers(slot: Slot) -> Vec<String> {
    let words: &[&str] = match slot {
        Slot::Declaration => vocabulary::DECLARATIONS,
        Slot::ChainItem => vocabulary::CHAIN_SETTINGS,
        Slot::PolicyItem => vocabulary::POLICY_SETTINGS,
        Slot::Step => vocabulary::STEPS,
        Slot::Condition => vocabulary::CONDITIONS,
        Slot::MessageText => vocabulary::CHANNELS,
        Slot::Row | Slot::ChainHead | Slot::Head | Slot::End => &[],
    };
    let flow: &[&str] = if slot == Slot::ChainItem { &["segment"] } else { &[] };
    words.iter().chain(flow).map(|word| format!("`{word}`")).collect()
}

/// Returns the beginning of what was found, as a sentence can show it.
pub(super) fn shown(found: &str) -> String {
    found.chars().take(40).collect()
}

/// Up to how many characters a list of what is expected fits into a label.
pub(super) const SHORT: usize = 36;
