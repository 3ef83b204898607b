//! Numbers, units, times and dates as other people write them.

use super::context::State;
use super::tokens::is_dash;
use super::{Kind, Walk};
use crate::fault::{FaultKind, Form, Repair};
use crate::syntax::Span;

/// Returns how many days a unit has that is not one of ours.
fn long_unit(word: &str) -> Option<u64> {
    Some(match word {
        "month" | "months" | "mo" | "mos" | "мес" | "месяц" | "месяца" | "месяцев" => {
            30
        }
        "quarter" | "quarters" | "квартал" | "квартала" => 90,
        "year" | "years" | "yr" | "yrs" | "y" | "год" | "года" | "лет" => 365,
        _ => return None,
    })
}

/// Returns our unit for a word.
fn unit(word: &str) -> Option<&'static str> {
    Some(match word {
        "d" | "day" | "days" | "д" | "дн" | "день" | "дня" | "дней" | "сутки" | "суток" => {
            "d"
        }
        "h" | "hr" | "hrs" | "hour" | "hours" | "ч" | "час" | "часа" | "часов" => "h",
        "m" | "min" | "mins" | "minute" | "minutes" | "мин" | "минуту" | "минуты" | "минут" => {
            "m"
        }
        "w" | "week" | "weeks" | "wk" | "wks" | "нед" | "неделя" | "неделю" | "недели"
        | "недель" => "w",
        _ => return None,
    })
}

fn is_percent(word: &str) -> bool {
    matches!(word, "percent" | "percents" | "pct" | "процент" | "процента" | "процентов" | "проц")
}

/// Returns the number that a word says.
fn said(word: &str) -> Option<u64> {
    Some(match word {
        "a" | "an" | "one" | "один" | "одну" | "одна" => 1,
        "two" | "два" | "две" => 2,
        "three" | "три" => 3,
        "four" | "четыре" => 4,
        "five" | "пять" => 5,
        "six" | "шесть" => 6,
        "seven" | "семь" => 7,
        "eight" | "восемь" => 8,
        "nine" | "девять" => 9,
        "ten" | "десять" => 10,
        "twelve" | "двенадцать" => 12,
        "fourteen" | "четырнадцать" => 14,
        "twenty" | "двадцать" => 20,
        "thirty" | "тридцать" => 30,
        _ => return None,
    })
}

fn thousands(word: &str) -> Option<u32> {
    Some(match word {
        "k" | "к" | "т" | "тыс" | "тысяч" | "тысячи" | "thousand" => 3,
        "mln" | "млн" | "million" | "миллион" | "миллиона" | "миллионов" => {
            6
        }
        _ => return None,
    })
}

/// Groups digits by three.
fn grouped(digits: &str) -> String {
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && digits.len() > 3 {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

fn currency(sign: &str) -> Option<&'static str> {
    Some(match sign {
        "₽" | "rub" | "руб" => "RUB",
        "$" | "usd" => "USD",
        "€" | "eur" => "EUR",
        "£" | "gbp" => "GBP",
        "₸" | "kzt" => "KZT",
        _ => return None,
    })
}

/// Returns `HH:MM` of hours and minutes, where a day has them.
fn clock(hours: &str, minutes: &str, half: &str) -> Option<String> {
    let mut hours: u32 = hours.parse().ok()?;
    let minutes: u32 = minutes.parse().ok()?;
    match half {
        "am" | "утра" if hours <= 12 => hours %= 12,
        "pm" | "вечера" if hours <= 12 => hours = hours % 12 + 12,
        "" => {}
        _ if hours > 12 => {}
        _ => return None,
    }
    (hours < 24 && minutes < 60).then(|| format!("{hours:02}:{minutes:02}"))
}

/// Returns a date as we write it, and whether it could be no other.
fn date(text: &str) -> Option<(String, bool)> {
    let mark = text.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = text.split(mark).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    if first.len() == 4 {
        let written = format!("{first}-{second:0>2}-{third:0>2}");
        return (written != text).then_some((written, true));
    }
    let (mut day, mut month): (u32, u32) = (first.parse().ok()?, second.parse().ok()?);
    if third.len() != 4 {
        return None;
    }
    let swapped = month > 12 && day <= 12;
    if swapped {
        std::mem::swap(&mut day, &mut month);
    }
    // `03/04/2026` is in March or in April, as one is used to.
    let sure = mark != '/' || swapped || day > 12 || day == month;
    Some((format!("{third}-{month:02}-{day:02}"), sure))
}

impl Walk<'_> {
    /// Returns an amount in prose, such as `14 days` or `two weeks`, as we write it, and
    /// its last token; nothing for one that is right already.
    pub(super) fn said_amount(&self, at: usize) -> Option<(String, usize, bool)> {
        let text = self.number(at);
        let word = self.word(at + 1);
        let number = match said(self.word(at)) {
            Some(number) => number,
            None if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok()?,
            None => return None,
        };
        let is_said = text.is_empty();
        if let Some(unit) = unit(word).filter(|unit| is_said || *unit != self.raw(at + 1)) {
            return Some((format!("{number}{unit}"), at + 1, true));
        }
        let days = number.checked_mul(long_unit(word)?)?;
        Some((format!("{days}d"), at + 1, false))
    }

    /// Returns a date or a clock time as we write it, and its last token.
    pub(super) fn right_moment(&self, at: usize) -> Option<(String, usize, bool)> {
        let text = self.number(at);
        if let Some((meant, sure)) = text.contains(['.', '/', '-']).then(|| date(text)).flatten() {
            return Some((meant, at, sure));
        }
        let (half, last) = match self.word(at + 1) {
            half @ ("am" | "pm" | "утра" | "вечера") => (half, at + 1),
            _ => ("", at),
        };
        let (hours, rest) = text.split_once([':', '.']).unwrap_or((text, "00"));
        let minutes = rest.split(':').next().unwrap_or_default();
        let is_right = text.contains(':') && rest == minutes && half.is_empty();
        let is_clock = self.head == "quiet" || !half.is_empty() || text.contains(':');
        if is_right || !is_clock || hours.len() > 2 || minutes.len() != 2 {
            return None;
        }
        Some((clock(hours, minutes, half)?, last, true))
    }

    fn holds_quantities(&self) -> bool {
        !matches!(self.state, State::Head | State::Text | State::Start)
    }

    /// A number with what stands around it.
    pub(super) fn quantity(&mut self, at: usize) -> Option<usize> {
        if !self.holds_quantities() && self.state != State::Start {
            return None;
        }
        let text = self.number(at).to_owned();
        if self.head == "goal" && self.word(at.wrapping_sub(1)) == "goal" {
            return self.goal(at);
        }
        if let Some((meant, sure)) = text.contains(['.', '/', '-']).then(|| date(&text)).flatten() {
            self.written(at, at, &meant, Form::Date, sure);
            self.advance(at);
            return Some(at + 1);
        }
        self.clock_time(at, &text)
            .or_else(|| self.decimal_comma(at, &text))
            .or_else(|| self.at_least(at))
            .or_else(|| self.unit_of(at, &text))
    }

    fn clock_time(&mut self, at: usize, text: &str) -> Option<usize> {
        let half = match self.word(at + 1) {
            half @ ("am" | "pm" | "утра" | "вечера") => half.to_owned(),
            _ => String::new(),
        };
        let last = if half.is_empty() { at } else { at + 1 };
        if let Some((hours, rest)) = text.split_once(':') {
            let minutes = rest.split(':').next().unwrap_or_default();
            if rest.len() == minutes.len() && half.is_empty() {
                return None;
            }
            let meant = clock(hours, minutes, &half)?;
            self.written(
                at,
                last,
                &meant,
                Form::Clock,
                !rest.contains(':') || rest.ends_with(":00"),
            );
            self.advance(at);
            return Some(last + 1);
        }
        let (hours, minutes) = text.split_once('.').unwrap_or((text, "00"));
        if hours.len() > 2 || minutes.len() != 2 {
            return None;
        }
        if half.is_empty() && !self.is_clock_place(at) {
            return None;
        }
        let meant = clock(hours, minutes, &half)?;
        self.written(at, last, &meant, Form::Clock, true);
        self.advance(at);
        Some(last + 1)
    }

    /// Returns true where only a clock time can stand.
    fn is_clock_place(&self, at: usize) -> bool {
        let next = at + 1;
        if self.kind(next) == Some(Kind::Word) && self.is_glued(next)
            || matches!(self.sign(next), "%" | "₽" | ":")
            || unit(self.word(next)).is_some()
            || self.word(next) == "most"
        {
            return false;
        }
        let before = at.wrapping_sub(1);
        let is_range = |mark: usize| {
            let sign = self.sign(mark);
            sign == ".." || !sign.is_empty() && sign.chars().all(is_dash)
        };
        match self.word(before) {
            "quiet" => true,
            "at" => {
                matches!(self.head.as_str(), "schedule" | "repeat")
                    || self.head == "wait"
                    || self.state == State::Line
            }
            _ if self.head == "quiet" => is_range(before),
            _ => false,
        }
    }

    /// `4,20 RUB`, `2,5%`.
    fn decimal_comma(&mut self, at: usize, text: &str) -> Option<usize> {
        let fits =
            matches!(self.state, State::Setting | State::Condition | State::Step | State::Arm);
        let glued = self.sign(at + 1) == "," && self.is_glued(at + 1) && self.is_glued(at + 2);
        let fraction = self.number(at + 2);
        let short = matches!(fraction.len(), 1 | 2) && fraction.bytes().all(|b| b.is_ascii_digit());
        if !fits || !glued || !short || text.contains(['.', ':', '-']) {
            return None;
        }
        let meant = format!("{text}.{fraction}");
        self.written(at, at + 2, &meant, Form::Fraction, true);
        Some(at + 3)
    }

    /// `recency 60+`, `60 or more`.
    fn at_least(&mut self, at: usize) -> Option<usize> {
        if self.state != State::Condition {
            return None;
        }
        let unit_at = at + 1;
        let with_unit = unit(self.word(unit_at)).is_some();
        let mark = if with_unit { unit_at + 1 } else { unit_at };
        let compared = self.word(at.wrapping_sub(1)).is_empty();
        if compared {
            return None;
        }
        let (sign, last) = match (self.sign(mark), self.word(mark), self.word(mark + 1)) {
            ("+", _, _)
                if self.is_glued(mark) && self.word(mark + 1) != "and"
                    || self.sign(mark) == "+" && self.is_glued(mark) =>
            {
                (">=", mark)
            }
            (_, "or" | "and", "more" | "longer" | "above" | "over" | "higher") => (">=", mark + 1),
            (_, "or" | "and", "less" | "fewer" | "below" | "under") => ("<=", mark + 1),
            (_, "и" | "или", "более" | "больше" | "выше") => (">=", mark + 1),
            (_, "и" | "или", "менее" | "меньше" | "ниже") => ("<=", mark + 1),
            _ => return None,
        };
        let value = self.stretch(at, mark - 1).text(self.text);
        let meant = format!("{sign} {value}");
        self.written(at, last, &meant, Form::Compare, true);
        Some(last + 1)
    }

    fn unit_of(&mut self, at: usize, text: &str) -> Option<usize> {
        let next = at + 1;
        let word = self.word(next).to_owned();
        if is_percent(&word) {
            return self.measured(at, next, &format!("{text}%"), true);
        }
        if word == "per" && self.word(next + 1) == "cent" {
            return self.measured(at, next + 1, &format!("{text}%"), true);
        }
        // `3-d`, `14-days`.
        let hyphen = self.sign(next).chars().all(is_dash)
            && !self.sign(next).is_empty()
            && self.is_glued(next)
            && self.is_glued(next + 1);
        if hyphen {
            let unit = unit(self.word(next + 1))?;
            return self.measured(at, next + 1, &format!("{text}{unit}"), true);
        }
        if word.is_empty() || !text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.'))
        {
            return None;
        }
        if let Some(zeros) = thousands(&word).filter(|_| self.holds_quantities()) {
            return self.in_thousands(at, text, zeros);
        }
        if let Some(days) = long_unit(&word) {
            let number: u64 = text.parse().ok()?;
            let meant = format!("{}d", number.checked_mul(days)?);
            let span = self.stretch(at, next);
            let kind = FaultKind::UnknownUnit { number: text.to_owned(), unit: word };
            let repair = Repair { span, text: meant.clone(), safe: false };
            let fault = self.span(next);
            self.push(kind, fault, repair, vec![(span, meant)]);
            return Some(next + 1);
        }
        let is_capital = self.raw(next) != word;
        if is_capital && (unit(&word).is_some() || word == "points" || word == "cycles") {
            let meant =
                unit(&word).map_or(format!("{text} {word}"), |unit| format!("{text}{unit}"));
            return self.measured(at, next, &meant, true);
        }
        None
    }

    fn measured(&mut self, from: usize, to: usize, meant: &str, safe: bool) -> Option<usize> {
        let span = self.stretch(from, to);
        let found = span.text(self.text).to_owned();
        let kind = FaultKind::UnitName { found, meant: meant.to_owned() };
        self.replaced(span, kind, meant, safe);
        Some(to + 1)
    }

    /// `10k`, `1.5 млн`.
    fn in_thousands(&mut self, at: usize, text: &str, zeros: u32) -> Option<usize> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let zeros = usize::try_from(zeros).ok()?.checked_sub(fraction.len())?;
        let digits = format!("{whole}{fraction}{}", "0".repeat(zeros));
        let meant = grouped(digits.trim_start_matches('0'));
        let dot = usize::from(self.sign(at + 2) == "." && self.word(at + 1).chars().count() == 3);
        self.written(at, at + 1 + dot, &meant, Form::Thousands, true);
        Some(at + 2 + dot)
    }

    /// `₽60 000`, `$50`, `RUB 300`.
    pub(super) fn money_first(&mut self, at: usize) -> Option<usize> {
        if !self.holds_quantities() {
            return None;
        }
        let sign = self.sign(at);
        let word = self.raw(at);
        let is_code = self.kind(at) == Some(Kind::Word)
            && (word == self.word(at).to_uppercase() || matches!(self.word(at), "руб"))
            && self.kind(at.wrapping_sub(1)) != Some(Kind::Number);
        let code = currency(sign).or_else(|| currency(self.word(at)).filter(|_| is_code))?;
        if self.kind(at.wrapping_sub(1)) == Some(Kind::Number) || self.number(at + 1).is_empty() {
            return None;
        }
        let mut last = at + 1;
        let mut digits = self.number(last).to_owned();
        if digits.contains([':', '-', '/']) {
            return None;
        }
        loop {
            let comma = self.sign(last + 1) == "," && self.is_glued(last + 2);
            let next = if comma { last + 2 } else { last + 1 };
            let more = self.number(next);
            let gap = Span { start: self.span(last).end, end: self.span(next).start };
            let near = gap.end - gap.start <= 3 && !gap.text(self.text).contains('\n');
            if more.len() != 3 || !near || self.word(next + 1) == "d" {
                break;
            }
            digits.push_str(more);
            last = next;
        }
        let number = match digits.split_once('.') {
            Some((whole, fraction)) => format!("{}.{fraction}", grouped(whole)),
            None if digits.contains('_') || last > at + 1 => grouped(&digits),
            None => digits,
        };
        let end = if self.raw(last + 1) == code { last + 1 } else { last };
        self.written(at, end, &format!("{number} {code}"), Form::Money, true);
        Some(end + 1)
    }

    /// `three days`, `a month`, `per week`.
    pub(super) fn number_word(&mut self, at: usize) -> Option<usize> {
        if !self.holds_quantities() {
            return None;
        }
        let word = self.word(at);
        let next = self.word(at + 1);
        let before = at.wrapping_sub(1);
        let takes = matches!(
            self.word(before),
            "in" | "within"
                | "per"
                | "for"
                | "expires"
                | "wait"
                | "after"
                | "every"
                | "most"
                | "least"
                | "than"
                | "over"
                | "max"
                | "up"
                | "to"
                | "on"
                | "goal"
                | "control"
                | "cashback"
                | "grant"
                | "budget"
                | "cap"
                | "recency"
                | "registered"
                | "spent"
                | "balance"
                | "churn"
                | "overdue"
                | "на"
                | "за"
                | "через"
        ) || matches!(self.sign(before), ">" | ">=" | "<" | "<=" | "=");
        if !takes && self.head != "cap" {
            return None;
        }
        if let Some(number) = said(word) {
            let is_article = matches!(word, "a" | "an");
            if let Some(unit) = unit(next) {
                if is_article && self.head == "cap" {
                    return self.each(at, at + 1);
                }
                return self.measured(at, at + 1, &format!("{number}{unit}"), true);
            }
            if let Some(days) = long_unit(next) {
                if is_article && self.head == "cap" {
                    return self.each(at, at + 1);
                }
                let meant = format!("{}d", number * days);
                let safe = false;
                return self.measured(at, at + 1, &meant, safe);
            }
            if is_percent(next) {
                return self.measured(at, at + 1, &format!("{number}%"), true);
            }
            let counted = matches!(
                next,
                "points" | "times" | "time" | "messages" | "rub" | "cycles" | "раз" | "раза"
            );
            if counted && !is_article {
                self.written(at, at, &number.to_string(), Form::Digits, true);
                return Some(at + 1);
            }
            return None;
        }
        // `per week`, `every day`: a span of time without its number.
        let is_each = matches!(word, "per" | "each" | "every")
            && self.head == "cap"
            && (unit(next).is_some() || long_unit(next).is_some());
        if is_each {
            return self.each(at, at + 1);
        }
        if word == "per"
            && self.state == State::Condition
            && let Some(meant) = period(next)
        {
            let safe = long_unit(next).is_none();
            self.advance(at);
            return self.measured(at + 1, at + 1, &meant, safe);
        }
        None
    }

    /// `cap 3 messages per week`, `... a week`.
    fn each(&mut self, at: usize, to: usize) -> Option<usize> {
        let word = self.word(to);
        let meant = format!("per {}", period(word)?);
        let safe = long_unit(word).is_none();
        let from = if self.word(at) == "per" { to } else { at };
        let meant = if from == to { meant.trim_start_matches("per ").to_owned() } else { meant };
        if from == to {
            return self.measured(to, to, &meant, safe);
        }
        self.written(from, to, &meant, Form::Window, safe);
        Some(to + 1)
    }
}

/// Returns the length of one of a unit.
fn period(word: &str) -> Option<String> {
    match (unit(word), long_unit(word)) {
        _ if word.len() == 1 => None,
        (Some("w"), _) => Some("7d".to_owned()),
        (Some(unit), _) => Some(format!("1{unit}")),
        (None, Some(days)) => Some(format!("{days}d")),
        _ => None,
    }
}

/// Returns true for a word that says how much a number counts.
pub(super) fn is_unit(word: &str) -> bool {
    unit(word).is_some()
        || long_unit(word).is_some()
        || matches!(word, "points" | "rub" | "usd" | "eur")
}

/// Returns true for a word that stands for a number before a unit.
pub(super) fn is_said(word: &str) -> bool {
    said(word).is_some()
}
