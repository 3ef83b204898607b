//! Measures and example customers as the language writes them.

use super::measure::{ABSENT, MOST, Measure, MeasureId, Measures, Reach};
use super::ranges::Ranges;
use super::sets::{Fact, Value, Witness};
use crate::ir::Touch;
use crate::units::{BasisPoints, Currency};

impl Measures {
    /// Returns what a measure within ranges is as a condition, `None` where that would be
    /// more than one: `recency 60..89`, `spent >= 30_000 RUB in 90d`, `not tag vip`.
    pub(crate) fn written(
        &self,
        id: MeasureId,
        left: &Ranges,
        currency: &Currency,
    ) -> Option<String> {
        let measure = self.measure(id);
        if measure.is_yes_or_no() {
            return Some(yes_or_no(measure, left.contains(1)));
        }
        let &[(low, high)] = left.pieces() else { return None };
        if low == ABSENT {
            return None;
        }
        if let Measure::City | Measure::Text(_) = measure {
            let text = self.spelt(low).filter(|_| low == high)?;
            return Some(format!("{} {text:?}", measure.word()));
        }
        compared(measure, low, high, currency)
    }
}

/// Returns a range of numbers as a condition.
pub(crate) fn compared(
    measure: &Measure,
    low: i64,
    high: i64,
    currency: &Currency,
) -> Option<String> {
    let number = |value| amount(measure, value, currency);
    let (floor, top) = bounds(measure);
    let scale = if measure.is_dense() { 2 } else { 1 };
    let (at_low, above) = (low.div_euclid(scale), low.rem_euclid(scale) != 0);
    let (at_high, below) = ((high + scale - 1).div_euclid(scale), high.rem_euclid(scale) != 0);
    let test = match (low > floor, high < top) {
        _ if low == high && !above => format!("= {}", number(at_low)),
        (true, true) if !above && !below => range(measure, at_low, at_high, currency),
        (false, true) if below => format!("< {}", number(at_high)),
        (false, true) => format!("<= {}", number(at_high)),
        (true, false) if above => format!("> {}", number(at_low)),
        (true, false) => format!(">= {}", number(at_low)),
        (true, true) | (false, false) => return None,
    };
    Some(format!("{} {test}{}", measure.word(), window(measure)))
}

/// Returns everything above a number up to another as a condition, where the next number
/// is too near to be written: `spent > 10_000 RUB and spent <= 20_000 RUB`.
pub(crate) fn above(measure: &Measure, low: i64, high: i64, currency: &Currency) -> String {
    let scale = if measure.is_dense() { 2 } else { 1 };
    let (word, window) = (measure.word(), window(measure));
    let from = format!("{word} > {}{window}", amount(measure, low / scale, currency));
    let (_, top) = bounds(measure);
    let up_to = (high < top).then(|| compared(measure, bounds(measure).0, high, currency));
    match up_to.flatten() {
        Some(up_to) => format!("{from} and {up_to}"),
        None => from,
    }
}

/// Returns `60..89`, `15_000..30_000 RUB`, `40%..60%`.
fn range(measure: &Measure, low: i64, high: i64, currency: &Currency) -> String {
    let (low, high) = (amount(measure, low, currency), amount(measure, high, currency));
    match (low.split_once(' '), measure) {
        (Some((low, _)), Measure::Spent(_) | Measure::AverageCheck(_) | Measure::Overdue) => {
            format!("{low}..{high}")
        }
        _ => format!("{low}..{high}"),
    }
}

fn bounds(measure: &Measure) -> (i64, i64) {
    let domain = measure.domain();
    let floor = domain.least_from(ABSENT + 1).unwrap_or(-MOST);
    (floor, domain.greatest().unwrap_or(MOST))
}

impl Measure {
    /// Returns the word it begins with.
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::Recency => "recency",
            Self::Frequency(_) | Self::Rate(_) => "frequency",
            Self::Spent(_) => "spent",
            Self::AverageCheck(_) => "average_check",
            Self::Bought(..) => "bought",
            Self::Brand(..) => "brand",
            Self::Overdue => "overdue",
            Self::Registered => "registered",
            Self::Balance => "balance",
            Self::Expiring(_) => "expiring",
            Self::Churn => "churn",
            Self::Birthday(_) => "birthday",
            Self::Consent(_) => "consent",
            Self::Reachable(_) => "reachable",
            Self::Tag(_) => "tag",
            Self::Touched(how, ..) => how.as_str(),
            Self::City => "city",
            Self::Number(name) | Self::Text(name) | Self::Flag(name) | Self::Coming(name, _) => {
                name
            }
        }
    }
}

/// Returns what stands behind the comparison: ` in 90d`, ` per 36d`.
fn window(measure: &Measure) -> String {
    let last = |reach: &Reach| match reach {
        Reach::Last(period) => format!(" in {period}"),
        Reach::Ever => String::new(),
    };
    match measure {
        Measure::Frequency(reach)
        | Measure::Spent(reach)
        | Measure::AverageCheck(reach)
        | Measure::Bought(_, reach)
        | Measure::Brand(_, reach)
        | Measure::Touched(_, _, reach) => last(reach),
        Measure::Rate(period) => format!(" per {period}"),
        Measure::Expiring(period) | Measure::Birthday(period) | Measure::Coming(_, period) => {
            last(&Reach::Last(*period))
        }
        Measure::Recency
        | Measure::Overdue
        | Measure::Registered
        | Measure::Balance
        | Measure::Churn
        | Measure::Consent(_)
        | Measure::Reachable(_)
        | Measure::Tag(_)
        | Measure::City
        | Measure::Number(_)
        | Measure::Text(_)
        | Measure::Flag(_) => String::new(),
    }
}

fn yes_or_no(measure: &Measure, is: bool) -> String {
    let not = if is { "" } else { "not " };
    let about = match measure {
        Measure::Tag(name) | Measure::Bought(name, _) | Measure::Brand(name, _) => {
            format!(" {}", label(name))
        }
        Measure::Touched(Touch::Own, event, _) => format!(" {}", label(event)),
        Measure::Touched(_, message, _) => format!(" {message}"),
        Measure::Consent(channel) | Measure::Reachable(channel) => format!(" {channel}"),
        _ => String::new(),
    };
    format!("{not}{}{about}{}", measure.word(), window(measure))
}

/// Returns a name as a word where it can be one, else in quotes.
fn label(name: &str) -> String {
    let is_word = name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if is_word { name.to_owned() } else { format!("{name:?}") }
}

/// Returns a number in the unit of its measure.
fn amount(measure: &Measure, value: i64, currency: &Currency) -> String {
    match measure {
        Measure::Spent(_) | Measure::AverageCheck(_) => money(value, currency),
        Measure::Churn => BasisPoints(u32::try_from(value).unwrap_or(0)).to_string(),
        Measure::Overdue => {
            let cycles = fraction(value, 2);
            // `1.5 cycles`, but `4.20 RUB`.
            let cycles = if cycles.contains('.') { cycles.trim_end_matches('0') } else { &cycles };
            format!("{cycles} cycles")
        }
        _ => grouped(value),
    }
}

fn money(minor: i64, currency: &Currency) -> String {
    format!("{} {}", fraction(minor, currency.digits), currency.code)
}

/// Returns an amount with its point so many digits from the right, nothing behind it where that is nothing.
fn fraction(amount: i64, digits: u8) -> String {
    let unit = 10_i64.pow(u32::from(digits));
    let (whole, part) = (amount / unit, amount % unit);
    if part == 0 {
        return grouped(whole);
    }
    let part = format!("{part:0width$}", width = usize::from(digits));
    format!("{}.{part}", grouped(whole))
}

/// Returns digits in groups of three: `20_000`.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

impl Witness {
    /// Returns the example customer in the words of the language, `None` when nothing of
    /// her is worth telling: `churn 60%, spent 30_000 RUB in 90d`.
    pub(crate) fn written(&self, currency: &Currency) -> Option<String> {
        let Self(facts) = self;
        let same_day =
            facts.iter().all(|fact| Some(fact.on) == facts.first().map(|first| first.on));
        let told: Vec<String> = facts
            .iter()
            .filter_map(|fact| {
                let told = fact.written(currency)?;
                Some(match fact.on {
                    Some(day) if !same_day => format!("{told} on {day}"),
                    _ => told,
                })
            })
            .collect();
        (!told.is_empty()).then(|| told.join(", "))
    }
}

impl Fact {
    /// Returns it in the words of the language, `None` where there is nothing to tell.
    fn written(&self, currency: &Currency) -> Option<String> {
        let measure = &self.measure;
        let about = match &self.value {
            Value::Is(true) => return Some(yes_or_no(measure, true)),
            Value::Text(text) => return Some(format!("{} {text:?}", measure.word())),
            Value::Absent if *measure == Measure::Recency => {
                return Some("frequency 0".to_owned());
            }
            Value::Is(false) | Value::OtherText | Value::Absent => return None,
            Value::Number(value) => amount(measure, *value, currency),
            Value::Above(value) => between(measure, *value, currency),
        };
        Some(format!("{} {about}{}", measure.word(), window(measure)))
    }
}

/// Returns what is half a step above a number.
fn between(measure: &Measure, value: i64, currency: &Currency) -> String {
    match measure {
        Measure::Rate(_) => format!("{}.5", grouped(value)),
        // Between two kopecks or two hundredths of a percent there is nothing to show.
        _ => amount(measure, value, currency),
    }
}
