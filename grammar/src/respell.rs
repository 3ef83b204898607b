//! Misspelt words, read as what they were meant to be.
//!
//! A word that resembles one word that could stand in its place spoils what stands around
//! it: the rest of its line could not be read, or a whole block. So a text with such words
//! is read again with the words put right, until no new one turns up; the faults found on
//! the way stay, and every place of the last tree is moved back to the text as written.

use crate::fault::{Fault, FaultKind, Repair, Slot};
use crate::parser::{Parsed, read};
use crate::scan::scan;
use crate::slips::slips;
use crate::syntax::{Atom, Declaration, Delay, Item, Node, Setting, Span, Step};
use crate::words;
use std::collections::BTreeSet;

/// How often a text is read again at most. A slot has few words, so that most texts need
/// one round, and a hostile one cannot ask for many.
const ROUNDS: usize = 5;

/// A word put right.
#[derive(Debug, Clone)]
struct Edit {
    /// Where it stands in the text as written.
    span: Span,
    /// Where it stands in the text that was read.
    moved: Span,
    text: String,
}

/// Words put right, in order of place.
#[derive(Debug, Default)]
pub(crate) struct Edits(Vec<Edit>);

impl Edits {
    /// Returns stretches that were read as something of the same length, in order of place.
    pub(crate) fn in_place(stretches: &[Span]) -> Self {
        let edit = |span: &Span| Edit { span: *span, moved: *span, text: String::new() };
        Self(stretches.iter().map(edit).collect())
    }

    /// Returns where a stretch of the text that was read stands in the text as written.
    pub(crate) fn original(&self, span: Span) -> Span {
        let end = self.offset(span.end);
        let start = match self.before(span.start) {
            _ if span.start == span.end => end,
            Some(edit) if span.start < edit.moved.end => edit.span.start,
            _ => self.offset(span.start),
        };
        Span { start, end: end.max(start) }
    }

    fn offset(&self, at: u32) -> u32 {
        // Inside of a word put right there is no place: its end will do.
        self.before(at).map_or(at, |edit| edit.span.end + at.saturating_sub(edit.moved.end))
    }

    /// Returns the last word put right that begins before a place.
    fn before(&self, at: u32) -> Option<&Edit> {
        let before = self.0.partition_point(|edit| edit.moved.start < at);
        before.checked_sub(1).and_then(|last| self.0.get(last))
    }

    /// Returns true for a place that has been put right already.
    fn holds(&self, span: Span) -> bool {
        let before = self.0.partition_point(|edit| edit.span.start < span.end);
        before
            .checked_sub(1)
            .and_then(|last| self.0.get(last))
            .is_some_and(|edit| span.start < edit.span.end)
    }

    /// Returns true for a word that has been put right, or a part of it.
    fn is(&self, span: Span) -> bool {
        let before = self.0.partition_point(|edit| edit.span.start <= span.start);
        before
            .checked_sub(1)
            .and_then(|last| self.0.get(last))
            .is_some_and(|edit| span.end <= edit.span.end)
    }

    /// Adds words and returns the text with all of them.
    fn apply(&mut self, source: &str, more: Vec<(Span, String)>) -> String {
        self.0.extend(more.into_iter().map(|(span, text)| Edit { span, moved: span, text }));
        self.0.sort_by_key(|edit| edit.span);
        self.0.dedup_by(|later, first| later.span.start < first.span.end);
        let mut text = String::with_capacity(source.len() + self.0.len() * 2);
        let mut done = 0;
        for edit in &mut self.0 {
            text.push_str(source.get(done..edit.span.start as usize).unwrap_or_default());
            let start = text.len();
            text.push_str(&edit.text);
            edit.moved = Span::new(start, text.len());
            done = edit.span.end as usize;
        }
        text.push_str(source.get(done..).unwrap_or_default());
        text
    }
}

/// Reads a text, and reads it again with the misspelt words in it put right. Slips of
/// another kind are put right before each time.
pub(crate) fn read_respelt(source: &str) -> Parsed {
    let mut edits = Edits::default();
    let mut known: Vec<Fault> = Vec::new();
    let mut missing: BTreeSet<Span> = BTreeSet::new();
    let mut text = source.to_owned();
    let mut rounds = 0;
    let mut parsed = loop {
        let mut prepared = scan(&text);
        for _ in 0..ROUNDS {
            let slips = if prepared.too_deep { Vec::new() } else { slips(&prepared.text) };
            let mut more = Vec::new();
            for slip in slips {
                let fault = fault_back(slip.fault, &edits);
                let is_new = fault.span.start < fault.span.end || missing.insert(fault.span);
                if !edits.holds(fault.span) && is_new {
                    known.push(fault);
                    let read = |(span, text)| (edits.original(span), text);
                    more.extend(slip.reads.into_iter().map(read));
                }
            }
            if more.is_empty() {
                break;
            }
            text = edits.apply(source, more);
            prepared = scan(&text);
        }
        let parsed = read(prepared);
        let mut found: Vec<Fault> = misspelt(&parsed)
            .into_iter()
            .map(|fault| fault_back(fault, &edits))
            .filter(|fault| !edits.holds(fault.span) && fault.span.start < fault.span.end)
            .collect();
        found.sort_by_key(|fault| fault.span);
        rounds += 1;
        if found.is_empty() || rounds > ROUNDS {
            break parsed;
        }
        let more = found
            .iter()
            .filter_map(|fault| fault.repair.as_ref().map(|r| (r.span, r.text.clone())))
            .collect();
        text = edits.apply(source, more);
        known.extend(found);
    };
    if known.is_empty() {
        return parsed;
    }
    parsed.move_back(&edits);
    // What is said of a word that was put right would be said of another word.
    parsed.faults.retain(|fault| fault.span.start == fault.span.end || !edits.is(fault.span));
    parsed.faults.extend(known);
    parsed.faults.sort_by_key(|fault| fault.span);
    parsed
}

fn fault_back(mut fault: Fault, edits: &Edits) -> Fault {
    fault.span = edits.original(fault.span);
    if let FaultKind::UnclosedBlock { open, .. } = &mut fault.kind {
        *open = edits.original(*open);
    }
    if let Some(repair) = &mut fault.repair {
        repair.span = edits.original(repair.span);
    }
    fault
}

/// Returns the faults that are misspelt words, each with the word that was meant.
fn misspelt(parsed: &Parsed) -> Vec<Fault> {
    let by_parser = parsed.faults.iter().filter(|fault| {
        let meant = match &fault.kind {
            FaultKind::UnknownWord { suggestion, .. }
            | FaultKind::Unexpected { suggestion, .. } => suggestion.as_ref(),
            _ => None,
        };
        fault.repair.as_ref().is_some_and(|r| Some(&r.text) == meant && r.span == fault.span)
    });
    let mut found: Vec<Fault> = by_parser.cloned().collect();
    for declaration in &parsed.file.declarations {
        match &declaration.value {
            Declaration::Chain(chain) => {
                in_items(Slot::ChainItem, chain.items.as_deref().unwrap_or_default(), &mut found);
            }
            Declaration::Policy(policy) => in_items(Slot::PolicyItem, &policy.items, &mut found),
            Declaration::Brand(brand) => {
                in_items(Slot::BrandItem, brand.items.as_deref().unwrap_or_default(), &mut found);
            }
            Declaration::Experiment(experiment) => {
                let items = experiment.items.as_deref().unwrap_or_default();
                in_items(Slot::ExperimentItem, items, &mut found);
            }
            Declaration::Flow(flow) => in_steps(&flow.steps, &mut found),
            Declaration::Segment(_)
            | Declaration::Message(_)
            | Declaration::Test(_)
            | Declaration::Bad(_) => {}
        }
    }
    found
}

fn in_items(slot: Slot, items: &[Node<Item>], found: &mut Vec<Fault>) {
    for item in items {
        match &item.value {
            Item::Setting(setting) => in_setting(slot, setting, found),
            Item::Flow(flow) => in_steps(&flow.steps, found),
            Item::Chain(chain) => {
                in_items(Slot::ChainItem, chain.items.as_deref().unwrap_or_default(), found);
            }
            Item::Bad => {}
        }
    }
}

/// What stands behind `until` and `repeat` is read as loosely.
fn in_steps(steps: &[Node<Step>], found: &mut Vec<Fault>) {
    for step in steps {
        match &step.value {
            Step::Wait { delay: Delay::Until(rule), .. } => in_atoms(rule, found),
            Step::Repeat { rule, body } => {
                in_atoms(rule, found);
                body.iter().for_each(|body| in_steps(&body.value, found));
            }
            Step::If { arms, otherwise } => {
                let bodies = arms.iter().filter_map(|arm| arm.body.as_ref()).chain(otherwise);
                bodies.for_each(|body| in_steps(&body.value, found));
            }
            Step::Split { arms } => {
                arms.iter().flatten().for_each(|arm| in_steps(&arm.body.value, found));
            }
            _ => {}
        }
    }
}

/// Settings are read loosely, so that the parser has no faults for their words.
fn in_setting(slot: Slot, setting: &Setting, found: &mut Vec<Fault>) {
    let word = setting.word.value.as_str();
    if words::is_word(word) {
        in_atoms(setting, found);
    } else if let Some(meant) = words::only_near(word, words::settings_of(slot).iter().copied()) {
        let suggestion = Some(meant.to_owned());
        let kind = FaultKind::UnknownWord { slot, word: word.to_owned(), suggestion };
        let repair = Some(Repair { span: setting.word.span, text: meant.to_owned(), safe: false });
        found.push(Fault { span: setting.word.span, kind, repair });
    }
}

fn in_atoms(setting: &Setting, found: &mut Vec<Fault>) {
    let word = setting.word.value.as_str();
    for atom in &setting.atoms {
        let Atom::Word(text) = &atom.value else { continue };
        let inside = words::inside_setting(word);
        if inside.contains(&text.as_str()) {
            continue;
        }
        if let Some(meant) = words::only_near(text, inside.iter().copied()) {
            let kind = FaultKind::SettingWord {
                setting: word.to_owned(),
                found: text.clone(),
                meant: meant.to_owned(),
            };
            let repair = Some(Repair { span: atom.span, text: meant.to_owned(), safe: false });
            found.push(Fault { span: atom.span, kind, repair });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;

    /// Returns what each fault points at, and what it would put there.
    fn repairs(text: &str) -> Vec<(&str, String)> {
        let parsed = parse(text);
        let repair = |r: &Option<crate::fault::Repair>| r.as_ref().map(|r| r.text.clone());
        let faults = parsed.faults.iter();
        faults.map(|f| (f.span.text(text), repair(&f.repair).unwrap_or_default())).collect()
    }

    #[test]
    fn a_misspelt_first_word_does_not_hide_the_rest_of_its_line() {
        let found = repairs("segmnt sleeping -> gramt 300 expiers 14 days → smss ofer\n");
        let expected = [
            ("segmnt", "segment"),
            ("gramt", "grant"),
            ("expiers", "expires"),
            ("days", "d"),
            ("→", "->"),
            ("smss", "sms"),
        ];
        assert_eq!(found, expected.map(|(at, text)| (at, text.to_owned())));
    }

    #[test]
    fn places_behind_a_word_put_right_stay_true() {
        let text = "mesage offer { sms \"hi\" }\nsegment bought_much -> sms offer\n";
        let parsed = parse(text);
        let crate::syntax::Declaration::Flow(flow) = &parsed.file.declarations[1].value else {
            panic!("no flow: {parsed:?}");
        };
        assert_eq!(flow.audience.span.text(text), "bought_much");
        assert_eq!(flow.steps[0].span.text(text), "sms offer");
    }

    #[test]
    fn what_was_read_as_something_shorter_keeps_its_whole_place() {
        let text = "segment recency 60..89 -> sмs offer\nchain a “Весна” {\n}\n";
        let parsed = parse(text);
        let crate::syntax::Declaration::Flow(flow) = &parsed.file.declarations[0].value else {
            panic!("no flow: {parsed:?}");
        };
        let crate::syntax::Step::Send { channel, .. } = &flow.steps[0].value else {
            panic!("no send: {parsed:?}");
        };
        assert_eq!(channel.span.text(text), "sмs");
        let crate::syntax::Declaration::Chain(chain) = &parsed.file.declarations[1].value else {
            panic!("no chain: {parsed:?}");
        };
        assert_eq!(chain.title.as_ref().map(|title| title.span.text(text)), Some("“Весна”"));
    }

    #[test]
    fn words_of_settings_are_put_right() {
        let found = repairs("chain a {\n  bugdet 10 pionts\n  goal purchse witin 3d\n}\n");
        let expected = [
            ("bugdet", "budget"),
            ("pionts", "points"),
            ("purchse", "purchase"),
            ("witin", "within"),
        ];
        assert_eq!(found, expected.map(|(at, text)| (at, text.to_owned())));
    }
}
