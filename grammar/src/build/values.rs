//! Quantities, texts and signs.

use super::{Build, find, is_blank};
use crate::fault::FaultKind;
use crate::grammar::Rule;
use crate::syntax::{Comparison, Decimal, Node, Quantity, Scalar, Span, Text, Unit};
use pest::iterators::Pair;

impl Build<'_> {
    /// Builds a quantity from any of the rules that have its shape.
    pub(super) fn quantity(&mut self, pair: Pair<'_, Rule>) -> Node<Quantity> {
        let span = self.place(&pair);
        let mut ends = Vec::new();
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            match inner.as_rule() {
                Rule::compat_dots => {
                    let kind = FaultKind::RangeMark { found: at.text(self.text).to_owned() };
                    self.repaired(at, kind, "..", true);
                }
                _ => ends.push(self.scalar(inner).map(|scalar| Node::new(at, scalar))),
            }
        }
        let mut ends = ends.into_iter();
        let value = match (ends.next(), ends.next()) {
            (Some(Some(from)), Some(Some(to))) => Quantity::Range(from, to),
            (Some(Some(one)), None) => Quantity::One(one.value),
            _ => Quantity::Bad,
        };
        Node::new(span, value)
    }

    fn scalar(&mut self, pair: Pair<'_, Rule>) -> Option<Scalar> {
        let span = self.place(&pair);
        match pair.as_rule() {
            Rule::date => {
                let mut parts = span.text(self.text).split('-');
                let year = parts.next()?.parse().ok()?;
                let month = parts.next()?.parse().ok()?;
                Some(Scalar::Date(year, month, parts.next()?.parse().ok()?))
            }
            Rule::clock => {
                let (hours, minutes) = span.text(self.text).split_once(':')?;
                Some(Scalar::Clock(hours.parse().ok()?, minutes.parse().ok()?))
            }
            _ => self.amount(pair, span),
        }
    }

    fn amount(&mut self, pair: Pair<'_, Rule>, span: Span) -> Option<Scalar> {
        let mut number = None;
        let mut unit = Some(Unit::None);
        for inner in pair.into_inner() {
            let at = self.place(&inner);
            let text = at.text(self.text);
            match inner.as_rule() {
                Rule::number | Rule::day_number => {
                    if find(inner.into_inner(), Rule::compat_spaced).is_some() {
                        let by = if text.contains(',') { "commas" } else { "blanks" };
                        let groups: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).collect();
                        let meant = groups.join("_");
                        let kind = FaultKind::SpacedNumber { meant: meant.clone(), by };
                        // A comma could have been a point.
                        self.repaired(at, kind, &meant, by == "blanks");
                    }
                    number = decimal(text);
                    if number.is_none() {
                        self.fault(at, FaultKind::NumberTooLarge);
                    }
                }
                Rule::percent => unit = Some(Unit::Percent),
                _ => unit = self.unit(text, at, span),
            }
        }
        Some(Scalar::Number(number?, unit?))
    }

    fn unit(&mut self, text: &str, at: Span, whole: Span) -> Option<Unit> {
        let (unit, meant) = match text {
            "d" => return Some(Unit::Days),
            "h" => return Some(Unit::Hours),
            "m" => return Some(Unit::Minutes),
            "w" => return Some(Unit::Weeks),
            "points" | "point" => return Some(Unit::Points),
            "cycles" | "cycle" => return Some(Unit::Cycles),
            "циклов" | "цикла" | "цикл" => (Unit::Cycles, " cycles"),
            "pts" | "баллов" | "балла" | "балл" | "бонусов" | "бонуса" => {
                (Unit::Points, " points")
            }
            "days" | "day" | "дней" | "день" | "дня" | "дн" | "д" => {
                (Unit::Days, "d")
            }
            "hours" | "hour" | "hrs" | "hr" | "часов" | "часа" | "час" | "ч" => {
                (Unit::Hours, "h")
            }
            "minutes" | "minute" | "mins" | "min" | "минуты" | "минут" | "мин" => {
                (Unit::Minutes, "m")
            }
            "weeks" | "week" | "неделю" | "недели" | "недель" | "нед" => {
                (Unit::Weeks, "w")
            }
            "₽" | "rub" | "rubles" | "roubles" | "ruble" | "rouble" | "рублей" | "рубля"
            | "рубль" | "руб" | "р" => (Unit::Currency(*b"RUB"), " RUB"),
            "$" | "usd" | "dollars" | "dollar" => (Unit::Currency(*b"USD"), " USD"),
            "€" | "eur" | "euros" | "euro" => (Unit::Currency(*b"EUR"), " EUR"),
            _ => {
                if let [a, b, c] = text.as_bytes()
                    && [a, b, c].into_iter().all(u8::is_ascii_uppercase)
                {
                    return Some(Unit::Currency([*a, *b, *c]));
                }
                let number = Span { start: whole.start, end: at.start };
                let kind = FaultKind::UnknownUnit {
                    number: number.text(self.text).trim().to_owned(),
                    unit: text.to_owned(),
                };
                self.fault(at, kind);
                return None;
            }
        };
        let number = Span { start: whole.start, end: at.start }.text(self.text).trim().to_owned();
        let kind = FaultKind::UnitName {
            found: whole.text(self.text).to_owned(),
            meant: format!("{number}{meant}"),
        };
        let gap =
            Span { start: whole.start + u32::try_from(number.len()).unwrap_or(0), end: at.end };
        self.faults.push(crate::fault::Fault {
            span: at,
            kind,
            repair: Some(crate::fault::Repair { span: gap, text: meant.to_owned(), safe: true }),
        });
        Some(unit)
    }

    /// Builds a text from a `string` pair.
    pub(super) fn string(&mut self, pair: Pair<'_, Rule>) -> Node<Text> {
        let span = self.place(&pair);
        let mut raw = String::new();
        let mut closed = true;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::missing_quote => closed = false,
                _ => raw = inner.as_str().to_owned(),
            }
        }
        if !closed {
            raw.truncate(raw.trim_end_matches(is_blank).len());
            self.fault(span, FaultKind::UnclosedText);
        }
        Node::new(span, Text { raw, closed })
    }

    /// Builds a sign of comparison.
    pub(super) fn comparison(&mut self, pair: &Pair<'_, Rule>) -> Node<Comparison> {
        let span = self.place(pair);
        let found = span.text(self.text);
        let (sign, meant) = match found {
            "<" => (Comparison::Below, None),
            "<=" => (Comparison::AtMost, None),
            ">" => (Comparison::Above, None),
            ">=" => (Comparison::AtLeast, None),
            "≥" | "=>" => (Comparison::AtLeast, Some(">=")),
            "≤" | "=<" => (Comparison::AtMost, Some("<=")),
            "==" => (Comparison::Exactly, Some("=")),
            _ => (Comparison::Exactly, None),
        };
        if let Some(meant) = meant {
            let kind = FaultKind::ComparisonSign { found: found.to_owned(), meant };
            self.repaired(span, kind, meant, true);
        }
        Node::new(span, sign)
    }
}

/// Reads digits with `_`, blanks and a point between them.
fn decimal(text: &str) -> Option<Decimal> {
    let mut digits: u64 = 0;
    let mut scale: Option<u8> = None;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            digits = digits.checked_mul(10)?.checked_add(u64::from(digit))?;
            scale = scale.map(|scale| scale.checked_add(1)).map_or(Some(None), |s| s.map(Some))?;
        } else if c == '.' {
            scale = Some(0);
        }
    }
    (digits <= 1_000_000_000_000_000).then_some(Decimal { digits, scale: scale.unwrap_or(0) })
}
