//! What people put between steps and between conditions.

use super::context::{Block, State, is_arrow};
use super::tokens::is_dash;
use super::{Kind, Walk};
use crate::fault::{FaultKind, Form, Repair};
use crate::syntax::Span;

/// Returns true for a sign that people put between steps.
fn is_joint(sign: &str) -> bool {
    matches!(
        sign,
        "," | ";"
            | "|"
            | ">"
            | ">>"
            | "+"
            | "/"
            | "."
            | "..."
            | "…"
            | "»"
            | "›"
            | "⇒"
            | "➔"
            | "➜"
            | "➡"
            | "⟶"
            | "►"
            | "▶"
            | "&"
            | "&&"
            | ":"
    ) || is_run_of_dashes(sign)
}

fn is_run_of_dashes(sign: &str) -> bool {
    !sign.is_empty() && sign.chars().all(is_dash)
}

fn is_bullet(sign: &str) -> bool {
    matches!(sign, "*" | "•" | "·" | "◦" | "▪" | "‣" | "+" | ">" | ">>") || is_run_of_dashes(sign)
}

fn is_then(word: &str) -> bool {
    matches!(word, "then" | "потом" | "затем" | "далее")
}

impl Walk<'_> {
    /// `sms offer, wait 3d`, `sms offer then wait 3d`: arrows, all of them.
    pub(super) fn joint(&mut self, at: usize) -> Option<usize> {
        let flows = match self.state {
            State::Step => true,
            State::Condition => self.parens == 0,
            _ => false,
        };
        if !flows || !self.is_joint_at(at) {
            return None;
        }
        // A step that has not even begun is another slip.
        let before = self.word(at.wrapping_sub(1));
        if self.state == State::Step && before == self.head && !matches!(before, "" | "exit") {
            return self.both_channels(at);
        }
        // `segment: sms offer` has no audience, and `sms: offer` is another slip.
        if self.sign(at) == ":" && self.is_own_word(at) {
            return None;
        }
        let mut last = at;
        let mut next = self.past_lines(at + 1);
        while next - last <= 2
            && (self.is_joint_at(next) || self.word(at) == "and" && is_then(self.word(next)))
        {
            last = next;
            next = self.past_lines(next + 1);
        }
        if is_arrow(self.sign(next)) {
            if self.sign(at) == ":" {
                return None;
            }
            self.removed(at, last, Form::Sign, true);
            return Some(last + 1);
        }
        let is_if = self.state == State::Condition && self.head == "if";
        let is_then = is_then(self.word(last)) || is_then(self.word(at));
        if is_if {
            let brace = self.sign(next) == "{" && (is_then || matches!(self.sign(at), ":" | ","));
            if brace {
                self.removed(at, last, Form::Filler, true);
                return Some(last + 1);
            }
            return None;
        }
        let stepped = self.is_like_step(next)
            || is_then && self.kind(next) == Some(Kind::Word)
            || self.state == State::Step && self.word(next) == "tag" && next == at + 1;
        if !stepped || self.word(at) == "and" && !is_then && self.state == State::Condition {
            return None;
        }
        self.arrow(at, last);
        self.onward();
        Some(last + 1)
    }

    fn is_joint_at(&self, at: usize) -> bool {
        is_joint(self.sign(at))
            || is_then(self.word(at))
            || self.word(at) == "and" && self.state == State::Step
    }

    /// `-=>`, `−>`: arrows that the grammar does not know.
    pub(super) fn odd_arrow(&mut self, at: usize) -> Option<usize> {
        let sign = self.sign(at);
        let shaft = sign.trim_end_matches(['>', '→']);
        let first = shaft.chars().next()?;
        let same = shaft.chars().all(|c| c == first);
        let tips = sign.chars().count() - shaft.chars().count();
        let known = same
            && match first {
                '-' => shaft.len() <= 4 && (sign.ends_with('>') && tips <= 3 || tips == 1),
                '=' => shaft.len() <= 4 && tips == 1 && sign.ends_with('>'),
                '–' | '—' => shaft.chars().count() == 1 && sign.ends_with('>') && tips == 1,
                _ => false,
            };
        if known || !is_arrow(sign) || !self.is_flowing() {
            return None;
        }
        self.arrow(at, at);
        self.onward();
        Some(at + 1)
    }

    /// `sms and email offer`: two steps.
    fn both_channels(&mut self, at: usize) -> Option<usize> {
        let is_channel = |at: usize| matches!(self.word(at), "sms" | "email" | "push" | "webhook");
        let fits = is_channel(at.wrapping_sub(1)) && is_channel(at + 1);
        if !fits || self.kind(at + 2) != Some(Kind::Word) {
            return None;
        }
        let span = self.span(at);
        let text = format!("{} ->", self.raw(at + 2));
        let meant =
            format!("{} {text} {} {}", self.raw(at - 1), self.raw(at + 1), self.raw(at + 2));
        let kind = self.form(self.stretch(at - 1, at + 2), &meant, Form::Word);
        self.replaced(span, kind, &text, false);
        self.onward();
        Some(at + 1)
    }

    /// Returns true behind a word of the language that takes something.
    fn is_own_word(&self, at: usize) -> bool {
        let before = self.word(at.wrapping_sub(1));
        !before.is_empty() && (before == self.head || crate::words::is_word(before))
    }

    fn arrow(&mut self, from: usize, to: usize) {
        let span = self.stretch(from, to);
        let found: String = span.text(self.text).split_whitespace().collect::<Vec<_>>().join(" ");
        self.replaced(span, FaultKind::Arrow { found }, "->", true);
    }

    /// `- sms offer`, `* sms offer` at the beginning of a line.
    pub(super) fn bullet(&mut self, at: usize) -> Option<usize> {
        let fresh = self.state == State::Start && is_bullet(self.sign(at)) && self.line_start;
        if !fresh {
            return None;
        }
        // Behind what could not be read, it is not known what a step belongs to.
        if self.is_behind_step() && self.is_like_step(at + 1) {
            self.arrow(at, at);
            self.onward();
        } else if self.opens_line(at + 1) {
            self.removed(at, at, Form::Bullet, true);
        } else {
            return None;
        }
        Some(at + 1)
    }

    /// Returns true for a word that opens a line of the block, and no step.
    fn opens_line(&self, at: usize) -> bool {
        let word = self.word(at);
        match self.block() {
            Block::Chain | Block::Policy | Block::Experiment => {
                word == "segment"
                    || crate::words::settings_of(crate::fault::Slot::ChainItem).contains(&word)
                    || crate::words::settings_of(crate::fault::Slot::PolicyItem).contains(&word)
            }
            Block::Message => matches!(word, "sms" | "email" | "push" | "webhook"),
            _ => false,
        }
    }

    /// Returns true where a line would go on with a step.
    fn is_behind_step(&self) -> bool {
        matches!(self.before, State::Step | State::Condition)
    }

    /// `1. grant 300`, `2) sms offer`, `step 3: wait 1d`.
    pub(super) fn numbered(&mut self, at: usize) -> Option<usize> {
        let is_start = self.state == State::Start && self.line_start;
        let is_behind_arrow = self.state == State::Step && self.head.is_empty();
        if !is_start && !is_behind_arrow {
            return None;
        }
        let named = matches!(self.word(at), "step" | "шаг");
        let number = if named { at + 1 } else { at };
        if self.number(number).is_empty() {
            return None;
        }
        let mark = number + 1;
        let marked = matches!(self.sign(mark), "." | ")" | ":")
            || named && is_run_of_dashes(self.sign(mark));
        if !marked && !named {
            return None;
        }
        let last = if marked { mark } else { number };
        let next = last + 1;
        let is_step = self.is_like_step(next) || self.word(next) == "tag";
        if !is_step && !is_arrow(self.sign(next)) && self.word(next) != "segment" {
            return None;
        }
        let span = self.stretch(at, last);
        if is_start && is_step && self.is_behind_step() {
            let kind = self.form(span, "->", Form::Numbered);
            self.replaced(span, kind, "->", true);
            self.onward();
        } else {
            self.removed(at, last, Form::Numbered, true);
        }
        Some(next)
    }

    /// `control 10%;`, `sms "hi",`: nothing ends a line but its end.
    pub(super) fn trailing(&mut self, at: usize) -> Option<usize> {
        let sign = self.sign(at);
        let is_end = matches!(sign, ";" | "," | ".");
        let ends = |kind| matches!(kind, None | Some(Kind::Line));
        let next = self.kind(at + 1);
        let closes = ends(next) || self.sign(at + 1) == "}";
        let removable = match self.state {
            State::Setting => closes || sign == ";" || sign == "," && self.is_setting(at + 1),
            State::Text => {
                let goes_on = matches!(
                    self.word(at + 1),
                    "sms" | "email" | "push" | "webhook" | "subject" | "title" | "body"
                );
                closes || goes_on
            }
            State::Step | State::Line => closes && (self.state == State::Step || sign != ","),
            State::Condition => closes && self.parens == 0 && sign != ",",
            State::Row => sign == ";" && closes,
            // Behind a block that has ended.
            State::Start => {
                sign != "."
                    && closes
                    && !matches!(self.block(), Block::Table | Block::Split)
                    && self.sign(at.wrapping_sub(1)) == "}"
            }
            _ => false,
        };
        if !is_end || !removable {
            return None;
        }
        self.removed(at, at, Form::Sign, true);
        // A line end behind it ends what it ended.
        Some(at + 1)
    }

    fn is_setting(&self, at: usize) -> bool {
        let at = self.past_lines(at);
        let word = self.word(at);
        !word.is_empty() && crate::words::settings_of(crate::fault::Slot::ChainItem).contains(&word)
    }

    /// `&&`, `||`, `!`, `AND`, `и` between conditions.
    pub(super) fn joiner(&mut self, at: usize) -> Option<usize> {
        if self.state != State::Condition {
            return None;
        }
        let meant = match (self.sign(at), self.word(at)) {
            ("&" | "&&", _) | (_, "и") => "and",
            ("|" | "||", _) | (_, "или") => "or",
            ("!", _) | (_, "не") => "not",
            (_, "and" | "or" | "not") if self.raw(at) != self.word(at) => {
                let meant = self.word(at).to_owned();
                self.written(at, at, &meant, Form::Capitals, true);
                return Some(at + 1);
            }
            ("," | "+", _) if self.joins(at) => {
                self.written(at, at, "and", Form::Joiner, false);
                return Some(at + 1);
            }
            _ => return None,
        };
        let follows = self.kind(at + 1) == Some(Kind::Word)
            || matches!(self.sign(at + 1), "(" | "!")
            || self.kind(at + 1) == Some(Kind::Line);
        let is_label = matches!(
            self.word(at.wrapping_sub(1)),
            "tag" | "city" | "bought" | "event" | "brand" | "consent" | "reachable"
        );
        // A name of one letter: nothing stands before it that could be joined.
        let last = at.wrapping_sub(1);
        let is_first = meant != "not"
            && (matches!(self.word(last), "segment" | "and" | "or" | "not" | "if")
                || matches!(self.sign(last), "=" | "("));
        if !follows || is_label || is_first {
            return None;
        }
        let span = self.span(at);
        let kind = self.form(span, meant, Form::Joiner);
        // `!tag staff` touches what follows it.
        let text = self.set_apart(span, meant);
        let touches = self.is_glued(at + 1) && !text.ends_with(' ') && self.sign(at + 1) != "(";
        let text = if touches { format!("{text} ") } else { text };
        let repair = Repair { span, text: text.clone(), safe: true };
        self.push(kind, span, repair, vec![(span, text)]);
        Some(at + 1)
    }

    /// Returns true for a comma between two whole conditions.
    fn joins(&self, at: usize) -> bool {
        let next = self.word(self.past_lines(at + 1));
        matches!(
            next,
            "recency"
                | "frequency"
                | "spent"
                | "average_check"
                | "registered"
                | "birthday"
                | "balance"
                | "expiring"
                | "churn"
                | "overdue"
                | "bought"
                | "received"
                | "opened"
                | "clicked"
                | "event"
                | "city"
                | "brand"
                | "consent"
                | "reachable"
                | "tag"
                | "not"
        )
    }

    /// `-> if not purchase`, `if no order`, `unless bought` behind a wait.
    pub(super) fn instead_of_unless(&mut self, at: usize) -> Option<usize> {
        if self.head != "wait" {
            return None;
        }
        let flows =
            self.state == State::Step || self.state == State::Start && self.before == State::Step;
        if !flows {
            return None;
        }
        let led = is_arrow(self.sign(at));
        let word = if led { self.past_lines(at + 1) } else { at };
        let is_if = matches!(self.word(word), "if" | "если" | "unless");
        if !is_if {
            return None;
        }
        let is_unless = self.word(word) == "unless";
        let mut next = word + 1;
        let mut negated = is_unless;
        let mut filled = is_unless && led;
        for _ in 0..4 {
            match self.word(next) {
                "not" | "no" | "не" | "нет" | "didn" | "without" if !is_unless => {
                    negated = true
                }
                "they" | "he" | "she" | "customer" | "client" | "the" | "a" | "any" | "was"
                | "there" | "is" | "there_is" | "клиент" | "has" | "have" | "did" | "been"
                | "новая" | "была" | "было" | "yet" => {
                    filled = true;
                }
                _ => break,
            }
            next += 1;
        }
        let event = self.word(next);
        let bought = match event {
            "purchase" => false,
            "purchased" | "purchases" | "bought" | "buy" | "buys" | "order" | "ordered"
            | "orders" | "покупка" | "покупки" | "покупок" | "купил" | "купила" | "купили" => {
                true
            }
            _ => return None,
        };
        // `if not bought "kids" { ... }` is a branch.
        let ends = matches!(self.kind(next + 1), None | Some(Kind::Line))
            || matches!(self.sign(next + 1), "{" | "}")
            || is_arrow(self.sign(next + 1))
            || matches!(self.word(next + 1), "or" | "then");
        let has_unless = (2..5).any(|back| self.word(at.wrapping_sub(back)) == "unless");
        if !negated || !ends || has_unless || is_unless && !bought && !filled {
            return None;
        }
        if self.sign(next + 1) == "{" {
            return self.unless_before_block(at, next);
        }
        self.written(at, next, "unless purchase", Form::Unless, true);
        self.state = State::Step;
        Some(next + 1)
    }

    /// `wait 3d -> if not purchase { push reminder }`: the steps need no braces.
    fn unless_before_block(&mut self, at: usize, event: usize) -> Option<usize> {
        let open = event + 1;
        let close = self.closing(open)?;
        if self.word(self.past_lines(close + 1)) == "else" {
            return None;
        }
        let after = self.past_lines(close + 1);
        let is_last = !is_arrow(self.sign(after));
        let fault = self.stretch(at, event);
        let inside = Span { start: self.span(open).end, end: self.span(close).start };
        let inside = inside.text(self.text).trim();
        let whole = self.stretch(at, close);
        let repair =
            Repair { span: whole, text: format!("unless purchase -> {inside}"), safe: is_last };
        let kind = self.form(fault, "unless purchase", Form::Unless);
        let opening = self.stretch(at, open);
        let reads =
            vec![(opening, "unless purchase ->".to_owned()), (self.span(close), " ".to_owned())];
        self.push(kind, fault, repair, reads);
        self.onward();
        Some(open + 1)
    }
}
