//! Sentences of people where the language has a form.

use super::context::State;
use super::quantities::{is_said, is_unit};
use super::tokens::is_dash;
use super::{Kind, Walk};
use crate::fault::{FaultKind, Form};
use crate::words::{self, Place};

impl Walk<'_> {
    fn is_amount(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Number) || is_said(self.word(at)) && is_unit(self.word(at + 1))
    }

    /// Returns the last token of a number whose digits may be grouped by blanks.
    fn grouped_end(&self, at: usize) -> usize {
        let mut last = at;
        while self.number(at).len() <= 3
            && self.number(last + 1).len() == 3
            && !self.is_glued(last + 1)
        {
            last += 1;
        }
        last
    }

    /// Returns a number with its groups as we write them.
    fn grouped(&self, at: usize) -> String {
        let last = self.grouped_end(at);
        (at..=last).map(|at| self.raw(at)).collect::<Vec<_>>().join("_")
    }

    /// Returns the token behind a number and its unit.
    fn past_amount(&self, at: usize) -> usize {
        let mut next = self.grouped_end(at) + 1;
        if is_unit(self.word(next))
            || matches!(self.word(next), "am" | "pm")
            || self.sign(next) == "%"
        {
            next += 1;
        }
        next
    }

    /// `between 60 and 89`, `from 21:00 to 10:00`.
    pub(super) fn range_from(&mut self, at: usize) -> Option<usize> {
        let opens = matches!(self.word(at), "between" | "from" | "от" | "с" | "между");
        if !opens || !matches!(self.state, State::Condition | State::Setting | State::Step) {
            return None;
        }
        if self.kind(at + 1) != Some(Kind::Number) {
            return None;
        }
        let middle = self.past_amount(at + 1);
        if !self.is_middle(middle, self.word(at)) {
            if matches!(self.word(at), "от" | "from") && self.state == State::Condition {
                self.written(at, at, ">=", Form::Compare, true);
                return Some(at + 1);
            }
            return None;
        }
        self.range(at, at + 1, middle)
    }

    /// `60 to 89`.
    pub(super) fn range_of(&mut self, at: usize) -> Option<usize> {
        if !matches!(self.state, State::Condition | State::Setting | State::Row | State::Start) {
            return None;
        }
        let middle = self.past_amount(at);
        let word = self.word(middle);
        if !matches!(word, "to" | "till" | "through" | "до" | "по")
            || self.kind(middle + 1) != Some(Kind::Number)
        {
            return None;
        }
        if self.state == State::Start {
            self.advance(at);
        }
        self.range(at, at, middle)
    }

    fn is_middle(&self, at: usize, opened: &str) -> bool {
        let word = self.word(at);
        let sign = self.sign(at);
        let fits = match opened {
            "between" => matches!(word, "and" | "to"),
            "между" => word == "и",
            _ => matches!(word, "to" | "till" | "until" | "through" | "до" | "по"),
        };
        (fits || sign == ".." || !sign.is_empty() && sign.chars().all(is_dash))
            && self.kind(at + 1) == Some(Kind::Number)
    }

    fn range(&mut self, from: usize, first: usize, middle: usize) -> Option<usize> {
        let (low, high) = (self.right_moment(first), self.right_moment(middle + 1));
        if low.is_some() || high.is_some() {
            let last = high.as_ref().map_or(middle + 1, |(_, last, _)| *last);
            let sure = [&low, &high].into_iter().flatten().all(|(.., sure)| *sure);
            let low = low.map_or_else(|| self.raw(first).to_owned(), |(text, ..)| text);
            let high = high.map_or_else(|| self.raw(middle + 1).to_owned(), |(text, ..)| text);
            self.written(from, last, &format!("{low}..{high}"), Form::Range, sure);
            return Some(last + 1);
        }
        let whole_days = self.counts_days(from);
        // The unit of the first number is that of the second.
        let low = self.grouped(first);
        let high = match self.said_amount(middle + 1) {
            Some((meant, last, _)) if is_unit(self.word(last)) => {
                let bare = self.raw(middle + 1).to_owned();
                Some((if whole_days { bare } else { meant }, last))
            }
            _ => None,
        };
        let end = self.grouped_end(middle + 1);
        let last = high.as_ref().map_or(end, |(_, last)| *last);
        let high = high.map_or_else(|| self.grouped(middle + 1), |(text, _)| text);
        self.written(from, last, &format!("{low}..{high}"), Form::Range, true);
        Some(last + 1)
    }

    /// Returns true behind a word that counts days, so that its numbers have no unit.
    fn counts_days(&self, at: usize) -> bool {
        self.state == State::Row
            || (1..=3)
                .any(|back| matches!(self.word(at.wrapping_sub(back)), "recency" | "registered"))
    }

    /// Reports words before an amount, and the amount with them where it is in prose, too.
    fn before_amount(
        &mut self,
        from: usize,
        amount: usize,
        meant: &str,
        of: Form,
    ) -> Option<usize> {
        let whole_days = self.counts_days(from);
        match self.said_amount(amount) {
            Some((text, last, sure)) => {
                let text = match text.strip_suffix('d') {
                    Some(number) if whole_days => number.to_owned(),
                    _ => text,
                };
                self.written(from, last, format!("{meant} {text}").trim(), of, sure);
                Some(last + 1)
            }
            None if meant.is_empty() => {
                self.removed(from, amount - 1, of, true);
                Some(amount)
            }
            None => {
                self.written(from, amount - 1, meant, of, true);
                Some(amount)
            }
        }
    }

    /// Words of prose.
    pub(super) fn phrase(&mut self, at: usize) -> Option<usize> {
        match self.state {
            State::Condition => self.compared(at).or_else(|| self.look_back(at)),
            State::Step => self
                .lasting(at)
                .or_else(|| self.bare_wait(at))
                .or_else(|| self.verb(at))
                .or_else(|| self.otherwise(at))
                .or_else(|| self.schedule(at))
                .or_else(|| self.event(at)),
            State::Setting => self.setting(at),
            State::Start => self.otherwise(at).or_else(|| self.heading(at)),
            _ => None,
        }
    }

    fn is_measure(&self, at: usize) -> bool {
        let word = self.word(at);
        matches!(
            word,
            "recency"
                | "frequency"
                | "spent"
                | "average_check"
                | "registered"
                | "balance"
                | "churn"
                | "overdue"
        ) || !word.is_empty()
            && !words::is_word(word)
            && matches!(self.word(at.wrapping_sub(1)), "segment" | "and" | "or" | "not" | "if")
    }

    /// `spent more than 1_000 RUB`, `recency at least 60`.
    fn compared(&mut self, at: usize) -> Option<usize> {
        if matches!(
            self.word(at),
            "last_purchase"
                | "last_order"
                | "days_since_last_purchase"
                | "days_since_purchase"
                | "days_since_last_order"
                | "последняя_покупка"
        ) {
            return self.last_purchase(at);
        }
        if !self.is_measure(at.checked_sub(1)?) {
            return None;
        }
        let filler = usize::from(matches!(self.word(at), "is" | "of" | "was"));
        let first = at + filler;
        let (sign, length) = match (self.word(first), self.word(first + 1), self.word(first + 2)) {
            ("more" | "greater" | "older" | "longer" | "higher" | "larger", "than", _) => (">", 2),
            ("less" | "fewer" | "lower" | "smaller" | "shorter" | "newer", "than", _) => ("<", 2),
            ("at", "least", _) => (">=", 2),
            ("at", "most", _) | ("up", "to", _) => ("<=", 2),
            ("no" | "not", "more" | "longer" | "older", "than") => ("<=", 3),
            ("no" | "not", "less" | "fewer", "than") => (">=", 3),
            ("не", "менее" | "меньше" | "ниже" | "раньше", _) => (">=", 2),
            ("не", "более" | "больше" | "выше" | "позже", _) => ("<=", 2),
            ("more" | "over" | "above" | "больше" | "более" | "свыше" | "выше", _, _) => {
                (">", 1)
            }
            ("less" | "under" | "below" | "меньше" | "менее" | "ниже", _, _) => {
                ("<", 1)
            }
            ("equals" | "exactly" | "ровно" | "равно", _, _) => ("=", 1),
            ("до", _, _) => ("<=", 1),
            _ => ("", 0),
        };
        let last = (first + length).checked_sub(1)?;
        let value = last + 1;
        let valued = self.is_amount(value) || matches!(self.sign(value), "₽" | "$" | "€");
        if filler == 1 && length == 0 && self.kind(first) == Some(Kind::Number) {
            self.removed(at, at, Form::Filler, true);
            return Some(at + 1);
        }
        if length == 0 || !valued {
            return None;
        }
        self.before_amount(at, value, sign, Form::Compare)
    }

    /// `last_purchase > 60 days`.
    fn last_purchase(&mut self, at: usize) -> Option<usize> {
        let sign = self.sign(at + 1).to_owned();
        let value = at + 1 + usize::from(!sign.is_empty());
        let number = self.number(value).to_owned();
        if number.is_empty() {
            return None;
        }
        let last = if is_unit(self.word(value + 1)) { value + 1 } else { value };
        let days = self.said_amount(value).map_or(number, |(text, ..)| text);
        let meant = format!("recency {sign} {}", days.trim_end_matches('d'));
        let meant = meant.replace("  ", " ");
        self.written(at, last, &meant, Form::Word, true);
        Some(last + 1)
    }

    /// `bought "kids" within the last 180 days`.
    fn look_back(&mut self, at: usize) -> Option<usize> {
        let mut next = at;
        let mut filled = false;
        match self.word(at) {
            "in" => next += 1,
            "within" | "over" | "for" | "during" | "за" | "last" | "past" => {
                filled = true;
                next += 1;
            }
            _ => return None,
        }
        while matches!(
            self.word(next),
            "the" | "last" | "past" | "next" | "последние" | "последний" | "последних"
        ) {
            filled = true;
            next += 1;
        }
        let before = at.checked_sub(1)?;
        if !filled || !self.is_amount(next) || self.is_measure(before) && self.word(at) == "over" {
            return None;
        }
        self.before_amount(at, next, "in", Form::Window)
    }

    /// `grant 300 for 14 days`, `cashback 10% expires 7d`.
    fn lasting(&mut self, at: usize) -> Option<usize> {
        let meant = match self.head.as_str() {
            "grant" | "promo" => "expires",
            "cashback" => "for",
            _ => return None,
        };
        let (mut next, own) = match (self.word(at), meant) {
            ("expires" | "expire" | "expiring", "expires") | ("for", "for") => (at + 1, true),
            (
                "expires" | "expire" | "expiring" | "for" | "valid" | "на" | "within" | "lasting"
                | "сроком" | "сгорают" | "действует",
                _,
            ) => (at + 1, false),
            _ => return None,
        };
        let mut filled = false;
        while matches!(
            self.word(next),
            "in" | "after" | "for" | "within" | "на" | "через" | "the" | "next"
        ) {
            filled = true;
            next += 1;
        }
        if own && !filled || !self.is_amount(next) {
            return None;
        }
        let of = if meant == "for" { Form::Lasting } else { Form::Expiry };
        self.before_amount(at, next, meant, of)
    }

    /// `wait for 3d`.
    fn bare_wait(&mut self, at: usize) -> Option<usize> {
        let fits = self.head == "wait"
            && self.word(at.checked_sub(1)?) == "wait"
            && matches!(self.word(at), "for" | "in" | "another" | "на" | "about")
            && self.is_amount(at + 1);
        if fits {
            return self.before_amount(at, at + 1, "", Form::Filler);
        }
        let until =
            self.head == "wait" && self.word(at) == "until" && self.word(at + 1) == "purchase";
        let timed = self.kind(at - 1) != Some(Kind::Word) || is_unit(self.word(at - 1));
        if until && timed {
            self.written(at, at, "unless", Form::Unless, false);
            return Some(at + 1);
        }
        None
    }

    /// `send sms offer`, `send an sms offer`, `send offer by sms`.
    fn verb(&mut self, at: usize) -> Option<usize> {
        if !self.head.is_empty() || !matches!(self.word(at), "send" | "отправить" | "послать")
        {
            return None;
        }
        let is_channel = |at: usize| matches!(self.word(at), "sms" | "email" | "push" | "webhook");
        let article = usize::from(matches!(self.word(at + 1), "a" | "an" | "the"));
        let next = at + 1 + article;
        if is_channel(next) {
            self.removed(at, next - 1, Form::Filler, true);
            return Some(next);
        }
        let named = self.kind(next) == Some(Kind::Word)
            && matches!(self.word(next + 1), "by" | "via" | "through" | "in" | "as" | "по")
            && is_channel(next + 2);
        if !named {
            return None;
        }
        let meant = format!("{} {}", self.word(next + 2), self.raw(next));
        self.written(at, next + 2, &meant, Form::Word, true);
        Some(next + 3)
    }

    /// `} otherwise {`.
    fn otherwise(&mut self, at: usize) -> Option<usize> {
        let brace = self.sign(self.past_lines(at + 1)) == "{";
        let fits = matches!(self.word(at), "otherwise" | "иначе") && brace;
        if !fits || self.sign(at.wrapping_sub(1)) != "}" && !self.line_start {
            return None;
        }
        self.written(at, at, "else", Form::Word, true);
        self.state = State::Head;
        "else".clone_into(&mut self.head);
        Some(at + 1)
    }

    /// `steps:` on a line of its own.
    fn heading(&mut self, at: usize) -> Option<usize> {
        let is_heading = self.line_start
            && matches!(
                self.word(at),
                "steps" | "actions" | "settings" | "then" | "шаги" | "настройки"
            )
            && self.sign(at + 1) == ":"
            && self.kind(at + 2) == Some(Kind::Line);
        if !is_heading {
            return None;
        }
        self.removed(at, at + 1, Form::Filler, true);
        Some(at + 2)
    }

    /// `repeat every day`, `every week on tue`, `each tuesday`.
    fn schedule(&mut self, at: usize) -> Option<usize> {
        if !matches!(self.head.as_str(), "repeat" | "schedule") {
            return None;
        }
        let meant = match (self.word(at), self.word(at + 1)) {
            ("every" | "each", "day") => "daily",
            ("every" | "each", "week") => "weekly",
            // The language's own: `repeat every tue at 12:00`.
            ("every", day) if self.head == "repeat" && words::at(Place::Weekday).contains(&day) => {
                return None;
            }
            ("every" | "each", day) => {
                let weekdays = words::at(Place::Weekday).iter().copied();
                let day = words::find(day)
                    .or_else(|| words::VOCABULARY.iter().find(|word| word.aliases.contains(&day)));
                let day =
                    day.filter(|day| weekdays.into_iter().any(|weekday| weekday == day.text))?;
                self.written(at, at + 1, &format!("weekly on {}", day.text), Form::Word, true);
                return Some(at + 2);
            }
            // The language's own: `max 3 times`.
            ("times", _) if self.word(at.wrapping_sub(2)) == "max" => return None,
            ("times" | "раз" | "раза", _)
                if self.kind(at.wrapping_sub(1)) == Some(Kind::Number) =>
            {
                self.removed(at, at, Form::Filler, true);
                return Some(at + 1);
            }
            _ => return None,
        };
        self.written(at, at + 1, meant, Form::Word, true);
        Some(at + 2)
    }

    /// `unless clicked on offer`.
    fn event(&mut self, at: usize) -> Option<usize> {
        let fits = matches!(self.word(at.checked_sub(1)?), "clicked" | "opened")
            && matches!(self.word(at), "on" | "the" | "in")
            && self.kind(at + 1) == Some(Kind::Word);
        if !fits {
            return None;
        }
        self.removed(at, at, Form::Filler, true);
        Some(at + 1)
    }

    /// `goal 30 days after purchase`.
    pub(super) fn goal(&mut self, at: usize) -> Option<usize> {
        let period = match self.said_amount(at) {
            Some((text, last, _)) => (text, last),
            None if is_unit(self.word(at + 1)) => {
                (self.stretch(at, at + 1).text(self.text).to_owned(), at + 1)
            }
            None => return None,
        };
        let (text, mut last) = period;
        while self.kind(last + 1) == Some(Kind::Word)
            && matches!(
                self.word(last + 1),
                "after"
                    | "from"
                    | "of"
                    | "to"
                    | "till"
                    | "until"
                    | "for"
                    | "the"
                    | "a"
                    | "purchase"
                    | "purchases"
                    | "buy"
                    | "после"
                    | "на"
                    | "до"
                    | "покупки"
                    | "покупку"
            )
        {
            last += 1;
        }
        self.written(at, last, &format!("purchase within {text}"), Form::Window, false);
        Some(last + 1)
    }

    /// `goal purchase in 30d`, `control group 10%`.
    fn setting(&mut self, at: usize) -> Option<usize> {
        let before = self.word(at.wrapping_sub(1));
        match (self.head.as_str(), self.word(at)) {
            ("goal", _) if before == "goal" && is_said(self.word(at)) => self.goal(at),
            ("goal", "in" | "during" | "over" | "за" | "в") if self.is_amount(at + 1) => {
                self.before_amount(at, at + 1, "within", Form::Window)
            }
            ("control", "group" | "of" | "группа")
                if matches!(before, "control" | "group")
                    && (self.is_amount(at + 1) || self.word(at + 1) == "of") =>
            {
                self.removed(at, at, Form::Filler, true);
                Some(at + 1)
            }
            ("cap", "in" | "за" | "в") if self.is_amount(at + 1) => {
                self.before_amount(at, at + 1, "per", Form::Window)
            }
            ("schedule", _) => self.schedule(at),
            ("goal" | "cap" | "reenter", _)
                if self.raw(at) != self.word(at) && words::is_word(self.word(at)) =>
            {
                let span = self.span(at);
                let meant = self.word(at).to_owned();
                let kind = FaultKind::Form {
                    found: self.raw(at).to_owned(),
                    meant: meant.clone(),
                    of: Form::Capitals,
                };
                self.replaced(span, kind, &meant, true);
                Some(at + 1)
            }
            _ => None,
        }
    }
}
