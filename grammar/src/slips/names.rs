//! Names with hyphens, in quotes, with blanks.

use super::context::{Block, State};
use super::tokens::is_dash;
use super::{Kind, Walk};
use crate::fault::{FaultKind, Form, Repair, Slot};
use crate::words::{self, Place};

/// Returns a text as a name: what cannot stand in one becomes `_`.
pub(super) fn as_name(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for c in text.trim().chars() {
        if c.is_alphanumeric() || c == '_' {
            name.push(c);
        } else if !name.ends_with('_') && !name.is_empty() {
            name.push('_');
        }
    }
    name.trim_end_matches('_').to_lowercase()
}

fn is_ident(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

impl Walk<'_> {
    /// `win-back`, `e-mail`, `opt-in`.
    pub(super) fn hyphens(&mut self, at: usize) -> Option<usize> {
        let mut last = at;
        while self.is_hyphen(last + 1) {
            last += 2;
            if self.kind(last) == Some(Kind::Number)
                && self.kind(last + 1) == Some(Kind::Word)
                && self.is_glued(last + 1)
            {
                last += 1;
            }
        }
        if last == at {
            return None;
        }
        let span = self.stretch(at, last);
        let written = span.text(self.text);
        let with = |by: &str| {
            let words: Vec<&str> = written.split(is_dash).collect();
            words.join(by)
        };
        let known = [with("_").to_lowercase(), with("").to_lowercase(), written.to_lowercase()];
        let known = known.iter().find_map(|word| {
            let is_alias = |w: &&words::Word| w.aliases.contains(&word.as_str());
            words::find(word).or_else(|| words::VOCABULARY.iter().find(is_alias))
        });
        if let Some(known) = known {
            self.written(at, last, known.text, Form::Word, true);
            self.go_on(at, known.text);
            return Some(last + 1);
        }
        let opens =
            matches!(self.state, State::Step) && self.head.is_empty() || self.state == State::Start;
        let number = self.kind(at + 2) == Some(Kind::Number);
        if words::is_word(self.word(at)) && (opens || number) && self.state != State::Head {
            // `wait-3d`, `sms-offer`: a step and what belongs to it.
            let opens_step = words::at(Place::Step).contains(&self.word(at));
            let opens_setting = number;
            if opens_step || opens_setting {
                self.advance(at);
                self.removed(at + 1, at + 1, Form::Mark, true);
                return Some(at + 2);
            }
        }
        // Where a declaration begins, another name would be no better.
        if self.state == State::Start {
            return None;
        }
        // Right behind `control`, `exclusive`, `brand` a name stands, further on hardly.
        let is_name = self.state != State::Setting || at > 0 && self.word(at - 1) == self.head;
        let name = with("_");
        // `s-s`: a slip of the finger in a word of the language, perhaps.
        let is_slip = words::nearest(&name, words::VOCABULARY.iter().map(|w| w.text)).is_some();
        self.written(at, last, &name, Form::Hyphen, is_name && !is_slip);
        Some(last + 1)
    }

    /// `сегмент`, `SEGMENT`: words of the language in capitals, or in another one.
    pub(super) fn translated(&mut self, at: usize) -> Option<usize> {
        let word = self.word(at);
        let is_capital = self.raw(at) != word;
        if word.is_ascii() && !is_capital {
            return None;
        }
        let (slot, place) = self.slot_of_first()?;
        let known = words::at(place);
        let meant = if is_capital && known.contains(&word) {
            words::find(word)?.text
        } else if !word.is_ascii() {
            let named = |w: &&words::Word| w.aliases.contains(&word) && w.places.contains(&place);
            words::VOCABULARY.iter().find(named)?.text
        } else {
            return None;
        };
        // A condition that is nothing but a name may be the name of a segment.
        let follows = match self.kind(at + 1) {
            Some(Kind::Word) => !matches!(self.word(at + 1), "and" | "or" | "и" | "или" | "then"),
            Some(Kind::Number | Kind::Text) => true,
            Some(Kind::Sign) => {
                matches!(
                    self.sign(at + 1),
                    ">" | "<" | ">=" | "<=" | "=" | ":" | "≥" | "≤" | "{" | "("
                )
            }
            _ => false,
        };
        let is_name = slot == Slot::Condition
            && self.sign(at + 1) == "="
            && self.word(at.wrapping_sub(1)) == "segment";
        if !follows && meant != "exit" || is_name {
            return None;
        }
        let span = self.span(at);
        let suggestion = Some(meant.to_owned());
        let kind = FaultKind::UnknownWord { slot, word: self.raw(at).to_owned(), suggestion };
        self.replaced(span, kind, meant, true);
        match slot {
            Slot::Step => {
                self.state = if meant == "if" { State::Condition } else { State::Step };
                meant.clone_into(&mut self.head);
            }
            Slot::Condition => {}
            _ => self.begin(at, meant),
        }
        self.line_start = false;
        Some(at + 1)
    }

    /// Returns where the walk is, if a known word must stand there.
    fn slot_of_first(&self) -> Option<(Slot, Place)> {
        Some(match (self.state, self.block()) {
            (State::Step, _) if self.head.is_empty() => (Slot::Step, Place::Step),
            (State::Condition, _) => (Slot::Condition, Place::Condition),
            (State::Start, Block::File) => (Slot::Declaration, Place::Declaration),
            (State::Start, Block::Chain) => (Slot::ChainItem, Place::Chain),
            (State::Start, Block::Policy) => (Slot::PolicyItem, Place::Policy),
            (State::Start, Block::Experiment) => (Slot::ExperimentItem, Place::Experiment),
            (State::Start, Block::Message) => (Slot::MessageText, Place::Channel),
            (State::Start, Block::Body) => (Slot::Step, Place::Step),
            _ => return None,
        })
    }

    /// Moves on as if another word stood at a token.
    fn go_on(&mut self, at: usize, word: &str) {
        let is_send = matches!(word, "sms" | "email" | "push" | "webhook");
        if self.state == State::Step && self.head.is_empty()
            || is_send && self.state == State::Condition
        {
            self.state = State::Step;
            word.clone_into(&mut self.head);
        } else if self.state == State::Start {
            self.advance(at);
            word.clone_into(&mut self.head);
        }
    }

    fn is_hyphen(&self, at: usize) -> bool {
        let sign = self.sign(at);
        let mut chars = sign.chars();
        chars.next().is_some_and(is_dash)
            && chars.next().is_none()
            && self.is_glued(at)
            && self.is_glued(at + 1)
            && matches!(self.kind(at + 1), Some(Kind::Word | Kind::Number))
    }

    /// `sms "offer"`, `chain "winback" {`, `message "spring offer" {`.
    pub(super) fn quoted_name(&mut self, at: usize) -> Option<usize> {
        let inside = self.raw(at).strip_prefix('"')?.strip_suffix('"')?;
        let before = self.word(at.checked_sub(1)?);
        let is_head = self.state == State::Head
            && matches!(before, "chain" | "message" | "brand" | "experiment")
            || self.state == State::Condition && before == "segment" && self.sign(at + 1) == "=";
        let is_use = match self.state {
            State::Step => {
                matches!(
                    before,
                    "sms" | "email" | "push" | "webhook" | "clicked" | "opened" | "promo" | "at"
                )
            }
            State::Condition => matches!(before, "received" | "opened" | "clicked"),
            _ => false,
        };
        let name = if is_ident(inside) { inside.to_owned() } else { as_name(inside) };
        if !is_ident(&name) || words::is_word(&name) {
            return None;
        }
        let known =
            self.messages.contains(&name.to_lowercase()) || matches!(before, "promo" | "at");
        if is_use && known {
            self.written(at, at, &name, Form::Quoted, true);
            return Some(at + 1);
        }
        if !is_head {
            return None;
        }
        if is_ident(inside) || matches!(before, "message" | "segment") {
            self.written(at, at, &name, Form::Quoted, true);
            return Some(at + 1);
        }
        // The text stays as the title.
        let span = self.span(at);
        let text = format!("{name} {}", self.raw(at));
        let kind = self.form(span, &text, Form::Quoted);
        let repair = Repair { span, text: text.clone(), safe: false };
        self.push(kind, span, repair, vec![(span, text)]);
        Some(at + 1)
    }
}
