//! Quantities get their types here: what a place takes, and what stands there.

use super::Scope;
use crate::diagnostic::{Diagnostic, FormKind, Found, Kind, Safety, Wants};
use crate::units::{BasisPoints, ClockTime, Currency, Date, Minor, Period, Points, Test};
use chainc_grammar::fault::FaultKind;
use chainc_grammar::syntax::{self, Decimal, Node, Quantity, Scalar, Span, Unit};

/// More than anybody waits, and few enough for a calendar: 100 years.
const MOST_DAYS: u32 = 36_525;
const SECONDS_OF_A_DAY: u32 = 86_400;

impl Scope<'_> {
    /// Reads points.
    pub(crate) fn points(&mut self, node: &Node<Quantity>, wants: Wants) -> Option<Points> {
        let (number, unit) = self.number(node, wants)?;
        match unit {
            Unit::None | Unit::Points => self.whole(number, wants, node.span).map(Points),
            _ => self.wrong(node, wants),
        }
    }

    /// Reads a number of something above zero.
    pub(crate) fn count(&mut self, node: &Node<Quantity>, wants: Wants) -> Option<u32> {
        let count = self.count_or_none(node, wants)?;
        if count == 0 { self.zero(node, wants) } else { Some(count) }
    }

    /// Reads a number of something, which may be none.
    pub(crate) fn count_or_none(&mut self, node: &Node<Quantity>, wants: Wants) -> Option<u32> {
        let (number, unit) = self.number(node, wants)?;
        if unit != Unit::None {
            return self.wrong(node, wants);
        }
        let count = self.whole(number, wants, node.span)?;
        let Ok(count) = u32::try_from(count) else { return self.too_large(node.span) };
        Some(count)
    }

    /// Reads a share of a whole.
    pub(crate) fn share(&mut self, node: &Node<Quantity>, wants: Wants) -> Option<BasisPoints> {
        let (number, unit) = self.number(node, wants)?;
        let share = self.percent(number, unit, node, node.span, wants)?;
        match u32::try_from(share) {
            Ok(share) if share <= 10_000 => Some(BasisPoints(share)),
            _ => {
                self.report(Kind::ShareTooLarge { wants, text: self.text(node.span) }, node.span);
                None
            }
        }
    }

    fn percent(
        &mut self,
        number: Decimal,
        unit: Unit,
        node: &Node<Quantity>,
        span: Span,
        wants: Wants,
    ) -> Option<i64> {
        match unit {
            Unit::Percent => {}
            Unit::None => return self.no_unit(node, wants),
            _ => return self.wrong(node, wants),
        }
        let share = scaled(number, 2);
        if share.is_none() {
            let kind = Kind::Fraction { wants: Wants::Share, text: self.text(span) };
            self.report(kind, span);
        }
        share
    }

    /// Reads a day of the calendar.
    pub(crate) fn date(&mut self, node: &Node<Quantity>, wants: Wants) -> Option<Date> {
        match &node.value {
            Quantity::Bad => None,
            Quantity::One(Scalar::Date(year, month, day)) => {
                self.day_of(*year, *month, *day, node.span)
            }
            Quantity::One(_) | Quantity::Range(..) => self.wrong(node, wants),
        }
    }

    fn day_of(&mut self, year: u16, month: u8, day: u8, span: Span) -> Option<Date> {
        let date = i16::try_from(year).ok().and_then(|year| Date::new(year, month, day));
        if date.is_none() {
            let text = self.text(span);
            self.report(Kind::Form(FormKind::NoSuchDate { text }), span);
        }
        date
    }

    /// Reads two days of the calendar, both ends.
    pub(crate) fn dates(&mut self, node: &Node<Quantity>, wants: Wants) -> Option<(Date, Date)> {
        let Quantity::Range(from, to) = &node.value else {
            return if node.value == Quantity::Bad { None } else { self.wrong(node, wants) };
        };
        let (Scalar::Date(y, m, d), Scalar::Date(y2, m2, d2)) = (from.value, to.value) else {
            return self.wrong(node, wants);
        };
        let (first, last) = (self.day_of(y, m, d, from.span), self.day_of(y2, m2, d2, to.span));
        let (first, last) = (first?, last?);
        if first > last { self.reversed(node) } else { Some((first, last)) }
    }

    /// Reads a length of time that is counted in whole days.
    pub(crate) fn days_ahead(&mut self, node: &Node<Quantity>) -> Option<Period> {
        let period = self.period(node, Wants::Window)?;
        let Period::Seconds(seconds) = period else { return Some(period) };
        if seconds % SECONDS_OF_A_DAY == 0 {
            return Some(period);
        }
        let meant = Period::Days(seconds.div_ceil(SECONDS_OF_A_DAY)).to_string();
        let kind = FormKind::NotWholeDays { text: self.text(node.span), meant: meant.clone() };
        let found = Diagnostic::new(Kind::Form(kind), self.place(node.span));
        self.push(found.fixed(Safety::Unsafe, node.span, meant));
        None
    }

    /// Reads one clock time.
    pub(crate) fn time(&mut self, node: &Node<Quantity>, wants: Wants) -> Option<ClockTime> {
        match &node.value {
            Quantity::Bad => None,
            Quantity::One(one @ Scalar::Clock(..)) => self.clock(&Node::new(node.span, *one)),
            Quantity::One(_) | Quantity::Range(..) => self.wrong(node, wants),
        }
    }

    /// Reads money of the project's currency.
    pub(crate) fn money(&mut self, node: &Node<Quantity>, wants: Wants) -> Option<Minor> {
        let (number, unit) = self.number(node, wants)?;
        self.money_of(number, unit, node, node.span, wants)
    }

    fn money_of(
        &mut self,
        number: Decimal,
        unit: Unit,
        node: &Node<Quantity>,
        span: Span,
        wants: Wants,
    ) -> Option<Minor> {
        match unit {
            Unit::Currency(code) => self.same_currency(code, span)?,
            Unit::None => return self.no_unit(node, wants),
            _ => return self.wrong(node, wants),
        }
        let minor = scaled(number, self.currency.digits);
        if minor.is_none() {
            self.report(Kind::Fraction { wants, text: self.text(span) }, span);
        }
        minor.map(Minor)
    }

    fn same_currency(&mut self, code: [u8; 3], span: Span) -> Option<()> {
        let project = self.currency.code.clone();
        if project.as_bytes() == code || project.is_empty() {
            return Some(());
        }
        let found = String::from_utf8_lossy(&code).into_owned();
        // The code stands at the end of the quantity.
        let start = span.end.saturating_sub(3).max(span.start);
        let at = Span { start, end: span.end };
        let kind = if Currency::from_code(&found).is_some() {
            Kind::OtherCurrency { found, project }
        } else {
            let suggestion = Some(project)
                .filter(|p| chainc_grammar::words::nearest(&found, [p.as_str()]).is_some());
            Kind::UnknownCurrency { code: found, suggestion }
        };
        self.report(kind, at);
        None
    }

    /// Reads a length of time above zero.
    pub(crate) fn period(&mut self, node: &Node<Quantity>, wants: Wants) -> Option<Period> {
        let (number, unit) = self.number(node, wants)?;
        let (each, days) = match unit {
            Unit::Weeks => (7, true),
            Unit::Days => (1, true),
            Unit::Hours => (3600, false),
            Unit::Minutes => (60, false),
            Unit::None => return self.no_unit(node, wants),
            Unit::Percent | Unit::Points | Unit::Currency(_) | Unit::Cycles => {
                return self.wrong(node, wants);
            }
        };
        let count = self.whole(number, wants, node.span)?;
        if count == 0 {
            return self.zero(node, wants);
        }
        let most = if days { MOST_DAYS } else { MOST_DAYS * 24 * 3600 };
        let total = count.checked_mul(each).and_then(|n| u32::try_from(n).ok());
        match total.filter(|n| *n <= most) {
            Some(days_in) if days => Some(Period::Days(days_in)),
            Some(seconds) => Some(Period::Seconds(seconds)),
            None => self.too_large(node.span),
        }
    }

    /// Reads two clock times.
    pub(crate) fn hours(&mut self, node: &Node<Quantity>) -> Option<(ClockTime, ClockTime)> {
        match &node.value {
            Quantity::Bad => None,
            Quantity::Range(from, to) => match (from.value, to.value) {
                (Scalar::Clock(..), Scalar::Clock(..)) => {
                    let from = self.clock(from);
                    let to = self.clock(to);
                    from.zip(to)
                }
                _ => self.wrong(node, Wants::Quiet),
            },
            Quantity::One(_) => self.wrong(node, Wants::Quiet),
        }
    }

    fn clock(&mut self, node: &Node<Scalar>) -> Option<ClockTime> {
        let Scalar::Clock(hours, minutes) = node.value else { return None };
        if hours > 23 || minutes > 59 {
            self.report(Kind::InvalidClock { text: self.text(node.span) }, node.span);
            return None;
        }
        u16::try_from(hours * 60 + minutes).ok().map(ClockTime)
    }

    /// Reads the days of a table's row, both ends.
    pub(crate) fn row_days(&mut self, node: &Node<Quantity>) -> Option<(u32, u32)> {
        let ends = match &node.value {
            Quantity::Bad => return None,
            Quantity::One(one) => {
                let day = self.plain(*one, node, Wants::RowDays)?;
                (day, day)
            }
            Quantity::Range(from, to) => {
                let from = self.plain(from.value, node, Wants::RowDays)?;
                let to = self.plain(to.value, node, Wants::RowDays)?;
                if from > to {
                    return self.reversed(node);
                }
                (from, to)
            }
        };
        match (u32::try_from(ends.0), u32::try_from(ends.1)) {
            (Ok(from), Ok(to)) => Some((from, to)),
            _ => self.too_large(node.span),
        }
    }

    /// Reads a comparison or a range.
    pub(crate) fn test(&mut self, test: &syntax::Test, word: &str, wants: Wants) -> Option<Test> {
        let value = match (&test.value.value, &test.sign) {
            (Quantity::Bad, _) => return None,
            (Quantity::Range(from, to), None) => {
                let unit = match to.value {
                    Scalar::Number(_, unit) => unit,
                    Scalar::Clock(..) | Scalar::Date(..) => Unit::None,
                };
                let from = self.compared(with_unit(from.value, unit), &test.value, wants)?;
                let to = self.compared(to.value, &test.value, wants)?;
                if from > to {
                    return self.reversed(&test.value);
                }
                Test::Between(from, to)
            }
            (Quantity::Range(from, to), Some(sign)) => {
                // Only when the range itself is of the right kind.
                self.compared(from.value, &test.value, wants)?;
                self.compared(to.value, &test.value, wants)?;
                let span = sign.span.to(test.value.span);
                let kind = Kind::ComparedRange { sign: sign.value.as_str() };
                let text = self.text(test.value.span);
                let found = Diagnostic::new(kind, self.place(sign.span));
                self.push(found.fixed(Safety::Unsafe, span, text));
                return None;
            }
            (Quantity::One(one), sign) => {
                let n = self.compared(*one, &test.value, wants)?;
                let Some(sign) = sign else {
                    let text = self.text(test.value.span);
                    self.report(
                        Kind::MissingComparison { word: word.to_owned(), text },
                        test.value.span,
                    );
                    return None;
                };
                match sign.value {
                    syntax::Comparison::Below => Test::Below(n),
                    syntax::Comparison::AtMost => Test::AtMost(n),
                    syntax::Comparison::Exactly => Test::Exactly(n),
                    syntax::Comparison::AtLeast => Test::AtLeast(n),
                    syntax::Comparison::Above => Test::Above(n),
                }
            }
        };
        if value.bounds().1.is_some_and(|most| most < 0) {
            self.report(
                Kind::EmptyCondition { word: word.to_owned(), both: None },
                test.value.span,
            );
            return None;
        }
        Some(value)
    }

    fn compared(&mut self, one: Scalar, node: &Node<Quantity>, wants: Wants) -> Option<i64> {
        let Scalar::Number(number, unit) = one else { return self.wrong(node, wants) };
        match (wants, unit) {
            (Wants::Spent | Wants::AverageCheck, _) => {
                self.money_of(number, unit, node, node.span, wants).map(|minor| minor.0)
            }
            (Wants::Churn, _) => self.percent(number, unit, node, node.span, wants),
            (Wants::Overdue, Unit::Cycles) => {
                let cycles = scaled(number, 2);
                if cycles.is_none() {
                    self.report(Kind::Fraction { wants, text: self.text(node.span) }, node.span);
                }
                cycles
            }
            (Wants::Overdue, Unit::None) => self.no_unit(node, wants),
            (Wants::Balance, Unit::Points) => self.whole(number, wants, node.span),
            _ => self.plain(one, node, wants),
        }
    }

    /// Reads a whole number without a unit.
    fn plain(&mut self, one: Scalar, node: &Node<Quantity>, wants: Wants) -> Option<i64> {
        match one {
            Scalar::Number(number, Unit::None) => self.whole(number, wants, node.span),
            Scalar::Number(..) | Scalar::Clock(..) | Scalar::Date(..) => self.wrong(node, wants),
        }
    }

    fn number(&mut self, node: &Node<Quantity>, wants: Wants) -> Option<(Decimal, Unit)> {
        match &node.value {
            Quantity::Bad => None,
            Quantity::One(Scalar::Number(number, unit)) => Some((*number, *unit)),
            Quantity::One(_) | Quantity::Range(..) => self.wrong(node, wants),
        }
    }

    fn whole(&mut self, number: Decimal, wants: Wants, span: Span) -> Option<i64> {
        let whole = scaled(number, 0);
        if whole.is_none() {
            self.report(Kind::Fraction { wants, text: self.text(span) }, span);
        }
        whole
    }

    pub(crate) fn wrong<T>(&mut self, node: &Node<Quantity>, wants: Wants) -> Option<T> {
        if let Some(found) = found(&node.value) {
            let kind = Kind::WrongQuantity { wants, found, text: self.text(node.span) };
            self.report(kind, node.span);
        }
        None
    }

    fn no_unit<T>(&mut self, node: &Node<Quantity>, wants: Wants) -> Option<T> {
        let text = self.text(node.span);
        let known = Some(self.currency.code.clone()).filter(|code| !code.is_empty());
        let currency = known.unwrap_or_else(|| "RUB".to_owned());
        self.report(Kind::MissingUnit { wants, text, currency }, node.span);
        None
    }

    pub(crate) fn zero<T>(&mut self, node: &Node<Quantity>, wants: Wants) -> Option<T> {
        self.report(Kind::Zero { wants, text: self.text(node.span) }, node.span);
        None
    }

    fn too_large<T>(&mut self, span: Span) -> Option<T> {
        self.report(Kind::Syntax(FaultKind::NumberTooLarge), span);
        None
    }

    fn reversed<T>(&mut self, node: &Node<Quantity>) -> Option<T> {
        if let Quantity::Range(from, to) = &node.value {
            let meant = format!("{}..{}", self.text(to.span), self.text(from.span));
            let kind = Kind::ReversedRange { meant: meant.clone() };
            let found = Diagnostic::new(kind, self.place(node.span));
            self.push(found.fixed(Safety::Unsafe, node.span, meant));
        }
        None
    }
}

/// Returns what kind of quantity it is, nothing for a bad one.
fn found(quantity: &Quantity) -> Option<Found> {
    Some(match quantity {
        Quantity::Bad => return None,
        Quantity::Range(_, to) => match to.value {
            Scalar::Number(_, Unit::None) => Found::Range,
            other => kind_of(other),
        },
        Quantity::One(one) => kind_of(*one),
    })
}

fn kind_of(scalar: Scalar) -> Found {
    match scalar {
        Scalar::Clock(..) => Found::Clock,
        Scalar::Date(..) => Found::Date,
        Scalar::Number(_, unit) => match unit {
            Unit::None => Found::Number,
            Unit::Percent => Found::Percent,
            Unit::Points => Found::Points,
            Unit::Currency(_) => Found::Money,
            Unit::Weeks | Unit::Days | Unit::Hours | Unit::Minutes => Found::Period,
            Unit::Cycles => Found::Cycles,
        },
    }
}

/// `10_000..20_000 RUB`: the unit behind the range is that of both ends.
fn with_unit(scalar: Scalar, unit: Unit) -> Scalar {
    match scalar {
        Scalar::Number(number, Unit::None) => Scalar::Number(number, unit),
        other => other,
    }
}

/// Returns the number with so many digits behind the point as an integer.
fn scaled(number: Decimal, digits: u8) -> Option<i64> {
    let value = i64::try_from(number.digits).ok()?;
    if number.scale <= digits {
        let by = 10_i64.checked_pow(u32::from(digits - number.scale))?;
        value.checked_mul(by)
    } else {
        let by = 10_i64.checked_pow(u32::from(number.scale - digits))?;
        (value % by == 0).then(|| value / by)
    }
}
