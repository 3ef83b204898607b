//! Where the walk is: roughly, and on the safe side where the text is broken.

use super::tokens::is_dash;
use super::{Kind, Walk};
use crate::words::{self, Place};
use std::collections::BTreeSet;

/// What a pair of braces holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    File,
    Chain,
    Message,
    Policy,
    Experiment,
    Test,
    Table,
    Split,
    Body,
    Other,
}

/// What the walk is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// At the beginning of something.
    Start,
    /// Between a declaration's word and its brace.
    Head,
    Setting,
    Condition,
    Step,
    /// In a text of a message.
    Text,
    Row,
    Arm,
    /// In a line of a test.
    Line,
    /// In something unknown.
    Loose,
}

impl Walk<'_> {
    /// Moves over a token in which no slip begins.
    pub(super) fn advance(&mut self, at: usize) {
        let Some(kind) = self.kind(at) else { return };
        match kind {
            Kind::Line => self.end_line(at),
            Kind::Sign => self.over_sign(at),
            Kind::Word => self.over_word(at),
            Kind::Number | Kind::Text | Kind::Wide => {
                if self.state == State::Start {
                    self.state = match self.block() {
                        Block::Table => State::Row,
                        _ => State::Loose,
                    };
                }
            }
        }
        self.line_start = kind == Kind::Line;
    }

    fn end_line(&mut self, at: usize) {
        if self.kind(at + 1) == Some(Kind::Line) {
            // The last of several will do.
            return;
        }
        let next = at + 1;
        let at_margin = self.is_glued(next);
        if self.raw(at) == "\u{c}" || self.is_unopened && at_margin {
            self.blocks.clear();
            self.opened.clear();
            self.is_unopened = false;
            self.state = State::Start;
        }
        if self.state == State::Head && self.sign(next) != "{" && self.head != "else" {
            // A block without its `{`.
            let block = if at_margin { Block::Other } else { self.opened() };
            if block != Block::Other {
                self.is_unopened = true;
                self.blocks.push(block);
                self.open_at(at);
            }
            self.state = State::Start;
        }
        let goes_on = match self.state {
            State::Head => true,
            State::Condition => {
                let last = at.wrapping_sub(1);
                self.parens > 0
                    || matches!(self.word(last), "and" | "or" | "not" | "segment" | "if")
                    || self.sign(last) == "="
            }
            _ => false,
        };
        if !goes_on && self.state != State::Start {
            self.before = self.state;
            self.state = State::Start;
            self.parens = 0;
        }
    }

    fn over_sign(&mut self, at: usize) {
        match self.sign(at) {
            "{" => {
                let block = self.opened();
                self.blocks.push(block);
                self.open_at(at);
                self.state = State::Start;
                self.before = State::Start;
                self.parens = 0;
                if !matches!(block, Block::Table) {
                    self.head.clear();
                }
            }
            "}" => {
                let closed = self.blocks.pop();
                self.opened.pop();
                self.state = match closed {
                    Some(Block::Table | Block::Split | Block::Body) => State::Step,
                    _ => State::Start,
                };
                self.before = State::Start;
                if closed != Some(Block::Table) {
                    self.head.clear();
                }
            }
            "(" if self.state == State::Condition => self.parens += 1,
            ")" => self.parens = self.parens.saturating_sub(1),
            sign if is_arrow(sign) && self.is_flowing() && !self.is_comparison(at) => self.onward(),
            "," if matches!(self.block(), Block::Table | Block::Split)
                && matches!(self.state, State::Row | State::Step) =>
            {
                self.state = State::Start;
            }
            _ => {}
        }
    }

    /// Goes on behind an arrow.
    pub(super) fn onward(&mut self) {
        self.state = State::Step;
        self.head.clear();
        self.parens = 0;
        self.line_start = false;
    }

    /// Returns true where an arrow can stand.
    pub(super) fn is_flowing(&self) -> bool {
        match self.state {
            State::Step | State::Condition => true,
            State::Start => {
                matches!(self.block(), Block::File | Block::Chain | Block::Body | Block::Experiment)
            }
            _ => false,
        }
    }

    fn opened(&self) -> Block {
        let state = if self.state == State::Start { self.before } else { self.state };
        match (state, self.head.as_str()) {
            (State::Head, "chain") => Block::Chain,
            (State::Head, "message") => Block::Message,
            (State::Head, "policy" | "brand") => Block::Policy,
            (State::Head, "experiment") => Block::Experiment,
            (State::Head, "test") => Block::Test,
            (State::Step, "grant") => Block::Table,
            (State::Step, "split") => Block::Split,
            (State::Head | State::Step | State::Condition | State::Arm, _) => Block::Body,
            _ => Block::Other,
        }
    }

    fn over_word(&mut self, at: usize) {
        let word = self.word(at).to_owned();
        match self.state {
            State::Start => self.begin(at, &word),
            State::Step => {
                if word == "else" {
                    self.enter(State::Head, &word);
                } else if self.begins_step(at) && self.head != "fallback" {
                    self.enter(of_step(&word), &word);
                }
            }
            State::Head if self.head == "else" && word == "if" => {
                self.enter(State::Condition, &word);
            }
            State::Condition if self.parens == 0 && self.begins_step(at) => {
                self.enter(of_step(&word), &word);
            }
            _ => {}
        }
    }

    fn enter(&mut self, state: State, head: &str) {
        self.state = state;
        head.clone_into(&mut self.head);
    }

    pub(super) fn begin(&mut self, at: usize, word: &str) {
        match self.block() {
            Block::Test => return self.enter(State::Line, word),
            Block::Message => return self.enter(State::Text, word),
            Block::Table => return self.enter(State::Row, word),
            Block::Split => return self.enter(State::Arm, word),
            _ => {}
        }
        let is_outer = matches!(self.block(), Block::File | Block::Experiment | Block::Other);
        let state = match word {
            "segment" => State::Condition,
            "and" | "or" if self.before == State::Condition => State::Condition,
            "chain" | "message" | "policy" | "brand" | "experiment" | "test" if is_outer => {
                State::Head
            }
            "else" => State::Head,
            "unless" | "expires" | "at" | "for" | "up" | "within" if self.before == State::Step => {
                self.state = State::Step;
                return;
            }
            _ if self.begins_step(at) || self.is_step(word) => of_step(word),
            _ if matches!(self.block(), Block::Chain | Block::Policy | Block::Experiment) => {
                State::Setting
            }
            _ => State::Loose,
        };
        if state == State::Condition && matches!(word, "and" | "or") {
            self.state = state;
        } else {
            self.enter(state, word);
        }
    }

    /// Returns true for the word that a translated one stands for.
    fn is_step(&self, word: &str) -> bool {
        self.block() == Block::Body && words::at(Place::Step).contains(&word)
    }

    /// Returns true for a word that opens a step where it stands.
    pub(super) fn begins_step(&self, at: usize) -> bool {
        let word = self.word(at);
        let before = self.word(at.wrapping_sub(1));
        if matches!(before, "consent" | "reachable" | "fallback" | "on" | "by" | "via" | "price") {
            return false;
        }
        match word {
            "sms" | "email" | "push" | "webhook" => self.is_sent(at),
            "grant" | "wait" | "fallback" | "if" | "split" | "repeat" | "exit" | "cashback" => true,
            "promo" => self.kind(at + 1) == Some(Kind::Word),
            "tag" => self.state != State::Condition,
            _ => false,
        }
    }

    fn is_sent(&self, at: usize) -> bool {
        match self.kind(at + 1) {
            Some(Kind::Text) => true,
            Some(Kind::Word) => !matches!(self.word(at + 1), "and" | "or"),
            Some(Kind::Sign) => matches!(self.sign(at + 1), ":" | "=" | "("),
            _ => false,
        }
    }

    /// Returns true for a word that opens a step, or was meant to.
    pub(super) fn is_like_step(&self, at: usize) -> bool {
        if self.begins_step(at) {
            return true;
        }
        let word = self.word(at);
        let follows = matches!(self.kind(at + 1), Some(Kind::Word | Kind::Number | Kind::Text));
        let verb = matches!(word, "send" | "give" | "отправить" | "послать" | "подождать");
        let alias = || {
            let steps = words::at(Place::Step).iter().copied();
            !word.is_ascii() && words::nearest(word, steps).is_some_and(|step| step != "tag")
        };
        !word.is_empty() && follows && (verb || alias())
    }

    /// Returns the names of all messages, with `_` for what cannot stand in a name.
    pub(super) fn declared_messages(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let mut line_start = true;
        for (at, token) in self.tokens.iter().enumerate() {
            if line_start && token.kind == Kind::Word && self.word(at) == "message" {
                let name = self.raw(at + 1).trim_matches('"');
                names.insert(super::names::as_name(name));
            }
            line_start = token.kind == Kind::Line;
        }
        names
    }
}

fn of_step(word: &str) -> State {
    if word == "if" { State::Condition } else { State::Step }
}

/// Returns true for an arrow of any kind.
pub(super) fn is_arrow(sign: &str) -> bool {
    let shaft = sign.trim_end_matches(['>', '→']);
    sign == "→" || shaft.len() < sign.len() && shaft.starts_with(|c| is_dash(c) || c == '=')
}

impl Walk<'_> {
    /// Returns true for the `=>` of `spent => 15_000 RUB`.
    fn is_comparison(&self, at: usize) -> bool {
        self.state == State::Condition
            && self.sign(at) == "=>"
            && self.kind(at + 1) == Some(Kind::Number)
    }
}
