//! What is wrong with a slice that did not fit its slot.
//!
//! First the word it begins with: unknown, or known and in the wrong place. Else the
//! slice is parsed again, alone, with its strict rule; where that stops is the place,
//! and what the parser wanted there, through the words table, is the list of what could
//! stand there.

use crate::build::{Build, is_blank};
use crate::fault::{Fault, FaultKind, Named, Repair, Slot};
use crate::grammar::{ChainParser, Rule};
use crate::syntax::Span;
use crate::words::{self, Place};
use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};

impl Build<'_> {
    /// Reports why a slice did not fit its slot.
    pub(crate) fn recover(&mut self, slot: Slot, span: Span) {
        let slice = span.text(self.text()).to_owned();
        let first = token(&slice);
        let here = Span::new(span.start as usize, span.start as usize + first.len());
        if let Some(fault) = self.by_context(slot, span, &slice, first, here) {
            self.push(fault);
            return;
        }
        if let Some(fault) = by_first_word(slot, first, here, &slice) {
            self.push(fault);
            return;
        }
        let fault = second_parse(slot, &slice, span);
        self.push(fault);
    }

    /// Returns true when a head is fine and only what follows it is not.
    pub(crate) fn is_head(&self, slot: Slot, span: Span) -> bool {
        let rule = if slot == Slot::ChainHead { Rule::only_chain_head } else { Rule::only_name };
        ChainParser::parse(rule, span.text(self.text())).is_ok()
    }

    /// Reports what stands behind something that was complete.
    pub(crate) fn unexpected_after(&mut self, slot: Slot, span: Span) {
        let slice = span.text(self.text()).to_owned();
        let found = token(&slice);
        let here = Span::new(span.start as usize, span.start as usize + found.len());
        let suggestion = suggest(found, after(slot));
        let repair = repair_of(here, suggestion.as_ref());
        let kind = FaultKind::Unexpected {
            slot: Slot::End,
            found: found.to_owned(),
            expected: after(slot).to_vec(),
            suggestion,
        };
        self.push(Fault { span: here, kind, repair });
    }

    /// What only the text around the slice tells.
    fn by_context(
        &mut self,
        slot: Slot,
        span: Span,
        slice: &str,
        first: &str,
        here: Span,
    ) -> Option<Fault> {
        if slot == Slot::Condition && first == "=" && self.is_behind_segment(span) {
            self.not_a_flow = true;
            let kind = FaultKind::MissingName { of: Named::Segment };
            return Some(Fault { span: here, kind, repair: None });
        }
        if slot != Slot::Condition || !is_name(first) || words::is_word(first) {
            return None;
        }
        if !self.is_behind_segment(span) {
            return None;
        }
        let rest = slice.get(first.len()..)?.trim_start_matches([' ', '\t']);
        if rest.starts_with('=') && !rest.starts_with("==") {
            self.declared.push(first.to_owned());
            self.not_a_flow = true;
            let kind = FaultKind::SegmentInChain { name: first.to_owned() };
            return Some(Fault { span: here, kind, repair: None });
        }
        let next = token(rest);
        let conditions = words::at(Place::Condition);
        let meant = words::nearest(first, conditions.iter().copied());
        if conditions.contains(&next) && meant.is_none() {
            self.declared.push(first.to_owned());
            self.not_a_flow = true;
            let place = here.after();
            let repair = Some(Repair { span: place, text: " =".to_owned(), safe: false });
            let kind = FaultKind::MissingEquals { name: first.to_owned() };
            return Some(Fault { span: here, kind, repair });
        }
        None
    }

    fn is_behind_segment(&self, span: Span) -> bool {
        let before = self.text().get(..span.start as usize).unwrap_or_default();
        before.trim_end_matches([' ', '\t']).ends_with("segment")
    }

    fn push(&mut self, fault: Fault) {
        self.faults().push(fault);
    }
}

/// Looks at the word a slice begins with.
fn by_first_word(slot: Slot, word: &str, here: Span, slice: &str) -> Option<Fault> {
    let fault = |kind| Some(Fault { span: here, kind, repair: None });
    if !is_name(word) {
        return None;
    }
    let known = known_in(slot);
    if known.contains(&word) {
        return None;
    }
    if matches!(slot, Slot::Row | Slot::ChainHead | Slot::Head | Slot::End | Slot::Arm) {
        return None;
    }
    // A single unknown word in a condition would be the name of a segment.
    let inside = words::at(Place::Inside);
    if slot == Slot::Condition && (slice.trim() == word || inside.contains(&word)) {
        return None;
    }
    if let Some(belongs) = home(word, slot) {
        return fault(FaultKind::Misplaced { slot, word: word.to_owned(), belongs });
    }
    let suggestion = words::nearest(word, known.iter().copied());
    if slot == Slot::Condition && suggestion.is_none() {
        return None;
    }
    // A fix only for the one word it can be.
    let repair = suggestion
        .filter(|_| words::only_near(word, known.iter().copied()).is_some())
        .map(|meant| Repair { span: here, text: meant.to_owned(), safe: false });
    let suggestion = suggestion.map(str::to_owned);
    let kind = FaultKind::UnknownWord { slot, word: word.to_owned(), suggestion };
    Some(Fault { span: here, kind, repair })
}

/// Returns the words a slot can begin with.
#[must_use]
pub(crate) fn known_in(slot: Slot) -> &'static [&'static str] {
    match slot {
        Slot::Declaration => words::at(Place::Declaration),
        Slot::ChainItem => words::at(Place::Chain),
        Slot::PolicyItem => words::at(Place::Policy),
        Slot::BrandItem => words::at(Place::Brand),
        Slot::ExperimentItem => words::at(Place::Experiment),
        Slot::TestLine => words::at(Place::Test),
        Slot::Step => words::at(Place::Step),
        Slot::Condition => words::at(Place::Condition),
        Slot::MessageText => words::at(Place::Channel),
        Slot::Row | Slot::ChainHead | Slot::Head | Slot::End | Slot::Arm => &[],
    }
}

/// Returns where a word belongs that cannot stand in a slot.
fn home(word: &str, slot: Slot) -> Option<Slot> {
    [
        (Place::Declaration, Slot::Declaration),
        (Place::Step, Slot::Step),
        (Place::Chain, Slot::ChainItem),
        (Place::Policy, Slot::PolicyItem),
        (Place::Brand, Slot::BrandItem),
        (Place::Experiment, Slot::ExperimentItem),
        (Place::Condition, Slot::Condition),
        (Place::Test, Slot::TestLine),
    ]
    .into_iter()
    .find(|(place, belongs)| words::at(*place).contains(&word) && *belongs != slot)
    .map(|(_, belongs)| belongs)
}

/// What may follow something complete in a slot.
pub(crate) fn after(slot: Slot) -> &'static [&'static str] {
    match slot {
        Slot::Step => &["`->`", "the end of the line"],
        Slot::Condition => &["`and`", "`or`", "`->`"],
        Slot::Row => &["a comma", "the end of the line"],
        Slot::ChainHead | Slot::Head => &["`{`"],
        Slot::TestLine => &["a comma", "the end of the line"],
        Slot::Declaration
        | Slot::ChainItem
        | Slot::PolicyItem
        | Slot::BrandItem
        | Slot::ExperimentItem
        | Slot::Arm
        | Slot::MessageText
        | Slot::End => &["the end of the line"],
    }
}

/// Parses a slice alone with its strict rule.
fn second_parse(slot: Slot, slice: &str, span: Span) -> Fault {
    let rule = match slot {
        Slot::Step => Some(Rule::only_step),
        Slot::Condition => Some(Rule::only_condition),
        Slot::Row => Some(Rule::only_row),
        Slot::MessageText => Some(Rule::only_text),
        Slot::ChainHead => Some(Rule::only_chain_head),
        Slot::Head => Some(Rule::only_name),
        Slot::ChainItem | Slot::PolicyItem | Slot::BrandItem | Slot::ExperimentItem => {
            Some(Rule::only_setting)
        }
        Slot::TestLine => Some(Rule::only_line),
        Slot::Arm => Some(Rule::only_arm),
        Slot::Declaration | Slot::End => None,
    };
    let error = rule.and_then(|rule| ChainParser::parse(rule, slice).err());
    let mut at = 0;
    let mut expected: Vec<&'static str> = Vec::new();
    if let Some(error) = error {
        at = match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
        if let ErrorVariant::ParsingError { positives, .. } = error.variant {
            // What ends the slice comes last in the list.
            let (ends, words): (Vec<Rule>, Vec<Rule>) =
                positives.into_iter().partition(|rule| *rule == Rule::EOI);
            for rule in words.into_iter().chain(ends) {
                let list = if rule == Rule::EOI { after(slot) } else { words::expected(rule) };
                for word in list {
                    if !expected.contains(word) {
                        expected.push(word);
                    }
                }
            }
        }
    }
    if expected.contains(&"a name or a text in quotes") {
        expected.retain(|word| *word != "a text in quotes");
    }
    // Of a number that is complete only what follows it is worth telling.
    if expected.iter().any(|word| !is_unit(word)) {
        expected.retain(|word| !is_unit(word));
    }
    // The place of the error may stand before blanks.
    let rest = slice.get(at..).unwrap_or_default();
    let at = at + (rest.len() - rest.trim_start_matches(is_blank).len());
    let found = token(slice.get(at..).unwrap_or_default());
    if found.is_empty() {
        at_end(slot, slice, span, expected)
    } else {
        let start = span.start as usize + at;
        let here = Span::new(start, start + found.len());
        let suggestion = suggest(found, &expected);
        let repair = repair_of(here, suggestion.as_ref());
        let kind = FaultKind::Unexpected { slot, found: found.to_owned(), expected, suggestion };
        Fault { span: here, kind, repair }
    }
}

fn is_unit(expected: &str) -> bool {
    matches!(expected, "`%`" | "a unit")
}

/// A slice that stopped too early: the place is its last word.
fn at_end(slot: Slot, slice: &str, span: Span, expected: Vec<&'static str>) -> Fault {
    let end = slice.trim_end_matches(is_blank).len();
    let place = span.start as usize + end;
    let kind = FaultKind::Unexpected { slot, found: String::new(), expected, suggestion: None };
    Fault { span: Span::new(place, place), kind, repair: None }
}

/// Returns the expected word that was most likely meant.
fn suggest(found: &str, expected: &[&'static str]) -> Option<String> {
    if found == "and" && expected.contains(&"`or`") && !expected.contains(&"`and`") {
        return Some("or".to_owned());
    }
    if !is_name(found) || words::is_word(found) {
        return None;
    }
    let words = expected.iter().filter_map(|word| word.strip_prefix('`')?.strip_suffix('`'));
    words::only_near(found, words).map(str::to_owned)
}

fn repair_of(span: Span, meant: Option<&String>) -> Option<Repair> {
    meant.map(|meant| Repair { span, text: meant.clone(), safe: false })
}

/// Returns the first token of a slice: a word, a number, a text, an arrow or one sign.
pub(crate) fn token(slice: &str) -> &str {
    let end = match slice.chars().next() {
        None => 0,
        Some('"') => {
            let body = slice.get(1..).unwrap_or_default();
            let line = body.find('\n').unwrap_or(body.len());
            body.find('"').filter(|end| *end < line).map_or(1 + line, |end| end + 2)
        }
        Some(c) if c.is_alphanumeric() || c == '_' => {
            slice.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(slice.len())
        }
        Some('-')
            if slice
                .get(1..)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) =>
        {
            let rest = slice.get(1..).unwrap_or_default();
            1 + rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len())
        }
        Some(c) => ["-->", "->", "=>", "<=", ">=", "=="]
            .into_iter()
            .find(|sign| slice.starts_with(sign))
            .map_or(c.len_utf8(), str::len),
    };
    slice.get(..end).unwrap_or_default()
}

pub(crate) fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}
