//! Texts as a customer reads them: an invented customer, and what the steps before have
//! given her.
//!
//! Points and days are written as the runtime writes them, in the language of the text.

use super::quantity::decimal;
use crate::diagnostic::plural;
use crate::ir::{Amount, Chain, Piece, Placeholder, Template};
use crate::units::{BasisPoints, Date, Period, Points};

/// The day the invented customer enters, where the chain does not say when it is active.
const FIRST_DAY: (i16, u8, u8) = (2026, 3, 1);
/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// Returns the day the invented customer enters: the first on which the chain lets anybody in.
pub(crate) fn first_day(chain: &Chain) -> Option<Date> {
    let (year, month, day) = FIRST_DAY;
    chain.active.map(|active| active.from).or_else(|| Date::new(year, month, day))
}

/// The invented customer at a step.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// The day of the entry.
    entered: Option<Date>,
    /// The minute of that day.
    minute: i64,
    granted: Option<(Points, Option<Date>)>,
    cashback: Option<(BasisPoints, Option<Date>)>,
    promo: Option<Option<Date>>,
    balance: i64,
}

impl Sample {
    /// Returns her as she enters.
    pub(crate) fn entering(chain: &Chain) -> Self {
        Self {
            entered: first_day(chain),
            minute: i64::from(chain.schedule.at.0),
            granted: None,
            cashback: None,
            promo: None,
            balance: 120,
        }
    }

    /// Gives her points, so many minutes after her entry.
    pub(crate) fn grant(&mut self, amount: &Amount, expires: Option<Period>, after: i64) {
        let points = match amount {
            Amount::Fixed(points) => *points,
            Amount::ByRecency(bands) => bands.first().map_or(Points(0), |band| band.points),
        };
        self.granted = Some((points, expires.and_then(|length| self.last_day(after, length))));
        self.balance = self.balance.saturating_add(points.0);
    }

    /// Gives her a cashback.
    pub(crate) fn cashback(&mut self, rate: BasisPoints, length: Period, after: i64) {
        self.cashback = Some((rate, self.last_day(after, length)));
    }

    /// Gives her a code.
    pub(crate) fn promo(&mut self, expires: Option<Period>, after: i64) {
        self.promo = Some(expires.and_then(|length| self.last_day(after, length)));
    }

    /// Puts what another path has given her in the place of what is not known yet.
    pub(crate) fn learn(&mut self, other: Self) {
        self.granted = self.granted.or(other.granted);
        self.cashback = self.cashback.or(other.cashback);
        self.promo = self.promo.or(other.promo);
    }

    fn last_day(&self, after: i64, length: Period) -> Option<Date> {
        let minutes = match length {
            Period::Days(days) => i64::from(days) * DAY,
            Period::Seconds(seconds) => i64::from(seconds) / 60,
        };
        let days = self.minute.saturating_add(after).saturating_add(minutes) / DAY;
        let day = self.entered?.civil().checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
        Date::new(day.year(), day.month().unsigned_abs(), day.day().unsigned_abs())
    }

    /// Returns a text as she reads it.
    pub(crate) fn read(&self, template: &Template) -> String {
        let russian = is_russian(template);
        let pieces = template.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value(placeholder) => self.value(*placeholder, russian),
        });
        pieces.collect()
    }

    fn value(&self, placeholder: Placeholder, russian: bool) -> String {
        let either = |en: &str, ru: &str| if russian { ru.to_owned() } else { en.to_owned() };
        let day = |date: Option<Date>| date.map_or_else(|| "…".to_owned(), |d| day(d, russian));
        match placeholder {
            Placeholder::CustomerFirstName => either("Anna", "Анна"),
            Placeholder::CustomerLastName => either("Smith", "Иванова"),
            Placeholder::CustomerCity => either("Omsk", "Омск"),
            Placeholder::GrantPoints => {
                points(self.granted.map_or(0, |(points, _)| points.0), russian)
            }
            Placeholder::GrantExpires => day(self.granted.and_then(|(_, day)| day)),
            Placeholder::CashbackRate => {
                let rate = self.cashback.map_or(0, |(rate, _)| i64::from(rate.0));
                let point = if russian { ',' } else { '.' };
                format!("{}%", decimal(rate, 2, ' ', point, true))
            }
            Placeholder::CashbackExpires => day(self.cashback.and_then(|(_, day)| day)),
            Placeholder::PromoCode => "7KQ4-M2XP".to_owned(),
            Placeholder::PromoExpires => day(self.promo.flatten()),
            Placeholder::WalletBalance => points(self.balance, russian),
            Placeholder::Link => "https://example.com/c/7kq4m2".to_owned(),
            Placeholder::Unsubscribe => "https://example.com/u/7kq4m2".to_owned(),
        }
    }
}

/// Tells whether a text is Russian, as the runtime does.
fn is_russian(template: &Template) -> bool {
    template.iter().any(|piece| match piece {
        Piece::Text(text) => text.chars().any(|c| ('\u{400}'..='\u{4ff}').contains(&c)),
        Piece::Value(_) => false,
    })
}

fn points(n: i64, russian: bool) -> String {
    let noun = match (russian, n) {
        (true, n) => plural(n.unsigned_abs(), "балл", "балла", "баллов"),
        (false, 1) => "point",
        (false, _) => "points",
    };
    format!("{n} {noun}")
}

fn day(date: Date, russian: bool) -> String {
    let voice = super::voice_of(if russian {
        crate::diagnostic::Lang::Ru
    } else {
        crate::diagnostic::Lang::En
    });
    voice.day_of_year(date)
}

/// Returns what is to be read of an HTML page: without its tags, with its letters.
pub(crate) fn readable(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((text, behind)) = rest.split_once('<') {
        out.push_str(text);
        let (tag, behind) = behind.split_once('>').unwrap_or((behind, ""));
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        if tag.starts_with("!--") {
            rest = rest.split_once("-->").map_or("", |(_, behind)| behind);
            continue;
        }
        if matches!(&*name, "style" | "script" | "head" | "title") && !tag.starts_with('/') {
            let closing = format!("</{name}");
            let lower = behind.to_ascii_lowercase();
            rest = lower.find(&closing).and_then(|at| behind.get(at..)).unwrap_or("");
            continue;
        }
        if matches!(&*name, "p" | "br" | "div" | "tr" | "li" | "h1" | "h2" | "h3" | "table") {
            out.push('\n');
        }
        rest = behind;
    }
    out.push_str(rest);
    for (written, read) in
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
    {
        out = out.replace(written, read);
    }
    let lines = out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_without_its_tags() {
        let html = "<html><head><title>x</title><style>p { color: red }</style></head>\
                    <body><!-- <p>no --><p>Anna,<br>300&nbsp;points</p>\n<p>Tea &amp; <b>cake</b></p>";
        assert_eq!(readable(html), "Anna,\n300 points\nTea & cake");
        assert_eq!(readable("a < b"), "a");
    }
}
