//! Marks that other languages have and this one has not.

use super::context::{Block, State};
use super::{Kind, Walk};
use crate::fault::{Form, Repair};
use crate::syntax::Span;
use crate::words;

impl Walk<'_> {
    /// Letters and signs of the width that some keyboards type.
    pub(super) fn wide(&mut self, at: usize) -> Option<usize> {
        let narrow = |c: char| match c {
            '、' => ',',
            '。' => '.',
            c => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        };
        let span = self.span(at);
        let meant: String = span.text(self.text).chars().map(narrow).collect();
        // They do not open a text or a comment: where it ends could not be known.
        if meant.contains(['"', '#', '\'']) {
            return None;
        }
        let kind = self.form(span, &meant, Form::Wide);
        let repair = Repair { span, text: meant.clone(), safe: true };
        self.push(kind, span, repair, vec![(span, meant)]);
        Some(at + 1)
    }

    /// `// so`, `/* so */`, `-- so`.
    pub(super) fn comment(&mut self, at: usize) -> Option<usize> {
        match self.sign(at) {
            "//" => self.line_comment(at),
            "--" | "—" if self.is_margin(at) && !self.is_like_step(at + 1) => {
                self.line_comment(at)
            }
            "/*" if !self.endless => self.long_comment(at),
            _ => None,
        }
    }

    fn is_margin(&self, at: usize) -> bool {
        self.state == State::Start
            && self.line_start
            && self.kind(at + 1) == Some(Kind::Word)
            && !matches!(self.before, State::Step | State::Condition)
    }

    fn line_comment(&mut self, at: usize) -> Option<usize> {
        let span = self.span(at);
        let kind = self.form(span, "#", Form::Comment);
        let repair = Repair { span, text: "#".to_owned(), safe: true };
        self.push(kind, span, repair, vec![(span, "#".to_owned())]);
        let mut end = at + 1;
        while self.kind(end).is_some_and(|kind| kind != Kind::Line) {
            end += 1;
        }
        Some(end)
    }

    fn long_comment(&mut self, at: usize) -> Option<usize> {
        let start = self.span(at).start as usize;
        let rest = self.text.get(start + 2..).unwrap_or_default();
        let Some(length) = rest.find("*/") else {
            self.endless = true;
            return None;
        };
        let end = start + 2 + length + 2;
        let inside = rest.get(..length).unwrap_or_default();
        let lines: Vec<String> = inside
            .lines()
            .map(|line| line.trim().trim_start_matches('*').trim_start())
            .filter(|line| !line.is_empty())
            .map(|line| format!("# {line}"))
            .collect();
        let line_ends = inside.matches('\n').count();
        let after = self.text.get(end..).unwrap_or_default();
        let is_last = after.trim_start_matches([' ', '\t', '\r']).starts_with('\n')
            || after.trim().is_empty();
        let mut text = lines.join("\n");
        if !is_last {
            text.push('\n');
        }
        let whole = Span::new(start, end);
        let kind = self.form(self.span(at), "#", Form::Comment);
        let fault = self.span(at);
        let repair = Repair { span: whole, text, safe: true };
        self.push(kind, fault, repair, vec![(whole, "\n".repeat(line_ends) + " ")]);
        let mut next = at + 1;
        while self.tokens.get(next).is_some_and(|token| (token.span.start as usize) < end) {
            next += 1;
        }
        Some(next)
    }

    /// `control: 10%`, `sms = offer`: what belongs to a word follows it at once.
    pub(super) fn mark(&mut self, at: usize) -> Option<usize> {
        let sign = self.sign(at);
        let is_colon = sign == ":";
        let is_equals = matches!(sign, "=" | "==" | ":=");
        if !is_colon && !is_equals {
            return None;
        }
        let before = at.checked_sub(1)?;
        let word = self.word(before);
        let behind_number = self.kind(before) == Some(Kind::Number);
        let own = !word.is_empty() && words::is_word(word);
        let ends = matches!(self.kind(at + 1), None | Some(Kind::Line));
        let goes = match self.state {
            State::Head if self.head == "message" && self.kind(at + 1) == Some(Kind::Text) => {
                let meant = format!("{{ sms {} }}", self.raw(at + 1));
                let span = self.stretch(at, at + 1);
                let kind = self.form(span, &meant, Form::Word);
                let repair = Repair { span, text: meant.clone(), safe: false };
                // The text itself stays in its place: findings in it have to point there.
                let reads = vec![(self.span(at), "{ sms ".into()), (span.after(), " }".into())];
                self.push(kind, self.span(at), repair, reads);
                self.state = State::Start;
                return Some(at + 2);
            }
            State::Head => true,
            State::Setting => {
                let compares = is_equals && word == "purchase";
                !compares && !word.is_empty() && (own || word == self.head)
            }
            State::Condition if self.head == "segment" && word == "segment" => {
                return self.behind_segment(at);
            }
            State::Condition if self.is_declared_name(before) => {
                if is_equals && sign == "=" {
                    return None;
                }
                if ends {
                    return None;
                }
                self.written(at, at, "=", Form::Equals, true);
                return Some(at + 1);
            }
            State::Condition => {
                let labelled = matches!(
                    word,
                    "tag"
                        | "city"
                        | "bought"
                        | "event"
                        | "brand"
                        | "consent"
                        | "reachable"
                        | "received"
                        | "opened"
                        | "clicked"
                        | "frozen"
                        | "in"
                        | "per"
                );
                !ends && (is_colon && own && word != "and" || labelled)
            }
            State::Step => !word.is_empty() && (own || is_equals) && !ends,
            State::Text => own && !ends,
            State::Arm => !word.is_empty(),
            State::Line => is_colon && (own || behind_number),
            State::Row => own && is_colon,
            State::Start | State::Loose => false,
        };
        // In front of a brace, or of nothing.
        let shut = is_colon && own && ends && matches!(self.state, State::Condition | State::Step);
        if !goes && !shut {
            return None;
        }
        self.removed(at, at, Form::Mark, true);
        Some(at + 1)
    }

    /// Returns true for the name in `segment sleeping: recency 60..89`.
    fn is_declared_name(&self, at: usize) -> bool {
        self.head == "segment"
            && self.word(at.wrapping_sub(1)) == "segment"
            && self.block() == Block::File
            && !self.word(at).is_empty()
            && !words::at(words::Place::Condition).contains(&self.word(at))
            && matches!(self.kind(at + 2), Some(Kind::Word) | Some(Kind::Sign))
            && !self.is_like_step(at + 2)
            && (matches!(self.sign(at + 2), "(") || !self.word(at + 2).is_empty())
    }

    /// `segment: recency 60..89`; `segment = ...` only where it has steps.
    fn behind_segment(&mut self, at: usize) -> Option<usize> {
        let is_flow = || {
            (at..at + 40)
                .take_while(|at| self.kind(*at).is_some())
                .map(|at| self.sign(at))
                .take_while(|sign| *sign != "}" && *sign != "{")
                .any(super::context::is_arrow)
        };
        if self.sign(at) != ":" && self.block() != Block::Chain && !is_flow() {
            return None;
        }
        self.removed(at, at, Form::Mark, true);
        Some(at + 1)
    }

    /// `wait(3d)`, `consent(sms)`.
    pub(super) fn call(&mut self, at: usize) -> Option<usize> {
        if self.sign(at) != "(" || !self.is_glued(at) {
            return None;
        }
        let word = self.word(at.wrapping_sub(1));
        let is_step = self.state == State::Step && word == self.head && word != "if";
        let is_condition = self.state == State::Condition
            && words::at(words::Place::Condition).contains(&word)
            && word != "not";
        if !is_step && !is_condition {
            return None;
        }
        let close = (at + 1..at + 8)
            .take_while(|at| !matches!(self.sign(*at), "," | "(" | "{" | "}"))
            .find(|at| self.sign(*at) == ")")?;
        let whole = self.stretch(at, close);
        let inside = Span { start: self.span(at).end, end: self.span(close).start };
        let inside = inside.text(self.text).trim();
        let kind = self.form(whole, inside, Form::Call);
        let repair = Repair { span: whole, text: format!(" {inside}"), safe: true };
        let reads = vec![(self.span(at), " ".to_owned()), (self.span(close), " ".to_owned())];
        self.push(kind, whole, repair, reads);
        Some(at + 1)
    }
}
