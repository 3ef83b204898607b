//! Lines of settings: a word and what it takes, read piece by piece.

use super::Scope;
use crate::diagnostic::{About, Diagnostic, Kind, Safety};
use crate::ir::Channel;
use crate::units::Weekday;
use chainc_grammar::fault::{FaultKind, Slot};
use chainc_grammar::syntax::{Atom, Comparison, Node, Quantity, Setting, Span, Text};
use chainc_grammar::words::{self, Place};

/// A setting under reading.
pub(crate) struct Line<'l, 's> {
    pub(crate) scope: &'l mut Scope<'s>,
    setting: &'l Setting,
    form: &'static str,
    at: usize,
}

impl<'l, 's> Line<'l, 's> {
    pub(crate) fn new(scope: &'l mut Scope<'s>, setting: &'l Setting, form: &'static str) -> Self {
        Self { scope, setting, form, at: 0 }
    }

    fn peek(&self) -> Option<&'l Node<Atom>> {
        self.setting.atoms.get(self.at)
    }

    /// Returns the place of the whole line.
    pub(crate) fn span(&self) -> Span {
        let word = self.setting.word.span;
        self.setting.atoms.last().map_or(word, |last| word.to(last.span))
    }

    /// Takes a word if it is there.
    pub(crate) fn has(&mut self, word: &str) -> bool {
        let there = matches!(self.peek(), Some(Node { value: Atom::Word(w), .. }) if w == word);
        self.at += usize::from(there);
        there
    }

    /// Takes a word that must be there.
    pub(crate) fn word(&mut self, word: &str) -> Option<()> {
        if self.has(word) { Some(()) } else { self.fail(&[word]) }
    }

    /// Takes any word if one is there.
    pub(crate) fn any_word(&mut self) -> Option<Node<String>> {
        let node = self.peek()?;
        let Atom::Word(word) = &node.value else { return None };
        self.at += 1;
        Some(Node::new(node.span, word.clone()))
    }

    /// Takes a comparison if one is there.
    pub(crate) fn comparison(&mut self) -> Option<Node<Comparison>> {
        let node = self.peek()?;
        let Atom::Compare(sign) = node.value else { return None };
        self.at += 1;
        Some(Node::new(node.span, sign))
    }

    /// Takes a quantity that must be there.
    pub(crate) fn quantity(&mut self) -> Option<Node<Quantity>> {
        match self.peek() {
            Some(Node { span, value: Atom::Quantity(quantity) }) => {
                self.at += 1;
                Some(Node::new(*span, quantity.clone()))
            }
            _ => self.fail(&[]),
        }
    }

    /// Takes a text that must be there.
    pub(crate) fn text(&mut self) -> Option<Node<Text>> {
        match self.peek() {
            Some(Node { span, value: Atom::Text(text) }) => {
                self.at += 1;
                Some(Node::new(*span, text.clone())).filter(|text| text.value.closed)
            }
            _ => self.fail(&[]),
        }
    }

    /// Takes a channel that must be there.
    pub(crate) fn channel(&mut self) -> Option<Channel> {
        if let Some(Node { value: Atom::Word(word), .. }) = self.peek()
            && let Some(channel) = Channel::from_keyword(word)
        {
            self.at += 1;
            return Some(channel);
        }
        self.fail(words::at(Place::Channel))
    }

    /// Takes a word or a text that must be there.
    pub(crate) fn label(&mut self) -> Option<Node<String>> {
        let node = self.peek()?;
        match &node.value {
            Atom::Word(word) => {
                self.at += 1;
                Some(Node::new(node.span, word.clone()))
            }
            Atom::Text(text) => {
                self.at += 1;
                text.closed.then(|| Node::new(node.span, text.value()))
            }
            Atom::Quantity(_) | Atom::Compare(_) => self.fail(&[]),
        }
    }

    /// Takes a day of the week if one is there.
    pub(crate) fn weekday(&mut self) -> Option<Node<Weekday>> {
        let node = self.peek()?;
        let Atom::Word(word) = &node.value else { return None };
        let day = Weekday::from_word(word)?;
        self.at += 1;
        Some(Node::new(node.span, day))
    }

    /// Takes a quantity of a kind if one is there.
    pub(crate) fn quantity_if(&mut self, is: impl Fn(&Quantity) -> bool) -> Option<Node<Quantity>> {
        match self.peek() {
            Some(Node { value: Atom::Quantity(quantity), .. }) if is(quantity) => self.quantity(),
            _ => None,
        }
    }

    /// Returns true when nothing is left.
    pub(crate) fn is_done(&self) -> bool {
        self.peek().is_none()
    }

    /// Reports whatever is left.
    pub(crate) fn done(&mut self) -> Option<()> {
        if self.peek().is_none() { Some(()) } else { self.fail(&[]) }
    }

    /// Reports what stands here instead of what belongs here.
    pub(crate) fn fail<T>(&mut self, expected: &[&str]) -> Option<T> {
        let setting = self.setting.word.value.clone();
        match self.peek() {
            Some(Node { value: Atom::Quantity(Quantity::Bad), .. }) => {}
            Some(Node { value: Atom::Text(Text { closed: false, .. }), .. }) => {}
            Some(node) => {
                let found = self.scope.text(node.span);
                let suggestion = words::nearest(&found, expected.iter().copied());
                let suggestion = suggestion.map(str::to_owned);
                let fix = suggestion.clone();
                let kind = Kind::SettingUnexpected { setting, found, form: self.form, suggestion };
                let mut found = Diagnostic::new(kind, self.scope.place(node.span));
                if let Some(meant) = fix {
                    found = found.fixed(Safety::Unsafe, node.span, meant);
                }
                self.scope.push(found);
            }
            None => {
                let last = self.setting.atoms.last().map_or(self.setting.word.span, |a| a.span);
                let kind = Kind::SettingIncomplete { setting, form: self.form };
                self.scope.report(kind, last);
            }
        }
        None
    }
}

/// Reports a setting that a block does not have.
pub(crate) fn unknown(slot: Slot, setting: &Setting, scope: &mut Scope<'_>) {
    let word = setting.word.value.clone();
    let text = word.as_str();
    let span = setting.word.span;
    let own = words::settings_of(slot);
    let belongs = [
        (Place::Chain, Slot::ChainItem),
        (Place::Policy, Slot::PolicyItem),
        (Place::Brand, Slot::BrandItem),
        (Place::Experiment, Slot::ExperimentItem),
        (Place::Declaration, Slot::Declaration),
        (Place::Step, Slot::Step),
        (Place::Condition, Slot::Condition),
    ]
    .into_iter()
    .find(|(place, belongs)| *belongs != slot && words::at(*place).contains(&text));
    if let Some((_, belongs)) = belongs {
        scope.report(Kind::Syntax(FaultKind::Misplaced { slot, word, belongs }), span);
        return;
    }
    let known = own.iter().chain(words::at(Place::Step)).copied();
    let suggestion = words::nearest(text, known).map(str::to_owned);
    let kind = Kind::UnknownWord { slot, word, suggestion: suggestion.clone() };
    let mut found = Diagnostic::new(kind, scope.place(span));
    if let Some(meant) = suggestion {
        found = found.fixed(Safety::Unsafe, span, meant);
    }
    scope.push(found);
}

/// Where each setting was first set.
#[derive(Default)]
pub(crate) struct Seen {
    places: Vec<(About, Span)>,
}

impl Seen {
    pub(crate) fn has(&self, what: impl Into<About>) -> bool {
        let what = what.into();
        self.places.iter().any(|(other, _)| *other == what)
    }

    /// Returns true the first time, reports every other time.
    pub(crate) fn first(
        &mut self,
        what: impl Into<About>,
        span: Span,
        scope: &mut Scope<'_>,
    ) -> bool {
        let what = what.into();
        let before = self.places.iter().find(|(other, _)| *other == what).map(|(_, span)| *span);
        if let Some(before) = before {
            let kind = Kind::DuplicateSetting { setting: what };
            let found = Diagnostic::new(kind, scope.place(span));
            scope.push(found.related(scope.place(before)));
            return false;
        }
        self.places.push((what, span));
        true
    }
}
