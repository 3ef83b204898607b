//! Templates in, written messages out: what a customer will read.
//!
//! Pure. The language of nouns and months follows the script of the template. Does
//! not know addresses, consents or providers.

use crate::customer::Customer;
use crate::links::Links;
use crate::step::{Cashback, Granted, Promo};
use crate::time::{Moment, Zone};
use chainc_compiler::ir::{Channel, Piece, Placeholder, Template, Text};
use chainc_compiler::months;
use chainc_compiler::sms;
use chainc_compiler::units::Points;
use serde::{Deserialize, Serialize};

/// A message as it will be read, for one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Content {
    /// An e-mail.
    Email {
        /// The subject line, without line breaks.
        subject: String,
        /// The body.
        body: String,
        /// True if the body is HTML.
        html: bool,
    },
    /// A push message.
    Push {
        /// The title.
        title: String,
        /// The text below it.
        body: String,
    },
    /// An SMS.
    Sms {
        /// The text.
        text: String,
    },
    /// A call of a system of the project's own. The last of all: others have a body, too.
    Webhook {
        /// What is handed over.
        body: String,
    },
}

impl Content {
    /// Returns the channel this is written for.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Email { .. } => Channel::Email,
            Self::Push { .. } => Channel::Push,
            Self::Sms { .. } => Channel::Sms,
            Self::Webhook { .. } => Channel::Webhook,
        }
    }

    /// Returns how many times the channel's price it costs: the parts of an SMS, else 1.
    #[must_use]
    pub fn parts(&self) -> u32 {
        match self {
            Self::Sms { text } => sms::parts(text),
            Self::Email { .. } | Self::Push { .. } | Self::Webhook { .. } => 1,
        }
    }
}

/// What a template may show.
pub(crate) struct Values<'a> {
    pub(crate) customer: &'a Customer,
    pub(crate) zone: &'a Zone,
    pub(crate) granted: Option<Granted>,
    pub(crate) cashback: Option<Cashback>,
    pub(crate) promo: Option<&'a Promo>,
    pub(crate) balance: Points,
    pub(crate) links: &'a Links,
    /// The idempotency key of the message.
    pub(crate) key: &'a str,
}

/// Tells why a message must not be written: it shows what she was not given.
pub(crate) fn missing(text: &Text, values: &Values<'_>) -> Option<&'static str> {
    pieces(text).find_map(|piece| {
        let Piece::Value(placeholder) = piece else { return None };
        match placeholder {
            Placeholder::GrantPoints | Placeholder::GrantExpires => {
                values.granted.is_none().then_some("no points granted")
            }
            Placeholder::CashbackRate | Placeholder::CashbackExpires => {
                values.cashback.is_none().then_some("no cashback given")
            }
            Placeholder::PromoCode | Placeholder::PromoExpires => {
                values.promo.is_none().then_some("no code given")
            }
            Placeholder::CustomerFirstName
            | Placeholder::CustomerLastName
            | Placeholder::CustomerCity
            | Placeholder::WalletBalance => None,
            // A version of the chain from when the project said where it leads.
            Placeholder::Link | Placeholder::Unsubscribe => {
                values.links.of(*placeholder, values.key).is_none().then_some("no link")
            }
        }
    })
}

/// Returns the pieces of a text, whatever its channel.
pub(crate) fn pieces(text: &Text) -> impl Iterator<Item = &Piece> {
    let parts: [&[Piece]; 2] = match text {
        Text::Sms { text } => [text, &[]],
        Text::Email { subject, body, .. } => [subject, body],
        Text::Push { title, body } => [title, body],
        Text::Webhook { body } => [body, &[]],
    };
    parts.into_iter().flatten()
}

/// Writes a message with a customer's values.
pub(crate) fn write(text: &Text, values: &Values<'_>) -> Content {
    match text {
        Text::Sms { text } => Content::Sms { text: fill(text, values, plain) },
        Text::Webhook { body } => Content::Webhook { body: fill(body, values, plain) },
        Text::Push { title, body } => {
            Content::Push { title: fill(title, values, plain), body: fill(body, values, plain) }
        }
        Text::Email { subject, body, html } => Content::Email {
            subject: fill(subject, values, plain).replace(['\r', '\n'], " "),
            body: fill(body, values, if *html { escaped } else { plain }),
            html: *html,
        },
    }
}

fn plain(value: String) -> String {
    value
}

fn escaped(value: String) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Puts the values into a template. Where a name is not known, it is left out together
/// with the comma behind it, and the sentence starts with a capital: `{customer.first_name},
/// your gift` becomes `Your gift`.
fn fill(template: &Template, values: &Values<'_>, encode: fn(String) -> String) -> String {
    let russian = is_russian(template);
    let mut out = String::new();
    let mut left_out = false;
    for piece in template {
        match piece {
            Piece::Text(text) if left_out => out.push_str(&without_comma(text, &out)),
            Piece::Text(text) => out.push_str(text),
            Piece::Value(placeholder) => match value(*placeholder, values, russian) {
                Some(value) => out.push_str(&encode(value)),
                None => {
                    left_out = true;
                    continue;
                }
            },
        }
        left_out = false;
    }
    out
}

fn without_comma(text: &str, before: &str) -> String {
    let Some(rest) = text.strip_prefix([',', '!']) else { return text.to_owned() };
    let rest = rest.trim_start_matches(' ');
    let starts_sentence =
        before.trim_end().is_empty() || before.trim_end().ends_with(['.', '!', '?', '>']);
    let mut chars = rest.chars();
    match chars.next() {
        Some(first) if starts_sentence => first.to_uppercase().chain(chars).collect(),
        _ => rest.to_owned(),
    }
}

fn is_russian(template: &Template) -> bool {
    template.iter().any(|piece| match piece {
        Piece::Text(text) => text.chars().any(|c| ('\u{400}'..='\u{4ff}').contains(&c)),
        Piece::Value(_) => false,
    })
}

fn value(placeholder: Placeholder, values: &Values<'_>, russian: bool) -> Option<String> {
    let known = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    match placeholder {
        Placeholder::CustomerFirstName => known(&values.customer.first_name),
        Placeholder::CustomerLastName => known(&values.customer.last_name),
        Placeholder::CustomerCity => known(&values.customer.city),
        Placeholder::GrantPoints => values.granted.map(|granted| points(granted.points, russian)),
        Placeholder::GrantExpires => {
            let at = values.granted?.expires_at?;
            Some(date(at, values.zone, russian))
        }
        Placeholder::WalletBalance => Some(points(values.balance, russian)),
        Placeholder::CashbackRate => values.cashback.map(|cashback| cashback.rate.to_string()),
        Placeholder::CashbackExpires => {
            let until = values.cashback?.until;
            Some(date(until, values.zone, russian))
        }
        Placeholder::PromoCode => values.promo.map(|promo| promo.code.clone()),
        Placeholder::PromoExpires => {
            let at = values.promo?.expires_at?;
            Some(date(at, values.zone, russian))
        }
        Placeholder::Link | Placeholder::Unsubscribe => values.links.of(placeholder, values.key),
    }
}

fn points(Points(n): Points, russian: bool) -> String {
    let noun = if russian {
        match (n.unsigned_abs() % 100, n.unsigned_abs() % 10) {
            (11..=14, _) => "баллов",
            (_, 1) => "балл",
            (_, 2..=4) => "балла",
            _ => "баллов",
        }
    } else if n == 1 {
        "point"
    } else {
        "points"
    };
    format!("{n} {noun}")
}

fn date(at: Moment, zone: &Zone, russian: bool) -> String {
    let (day, month) = zone.day_and_month(at);
    let names = if russian { months::RUSSIAN } else { months::ENGLISH };
    let name = names.get(usize::from(month).saturating_sub(1)).copied().unwrap_or_default();
    format!("{day} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(template: &[Piece], first_name: Option<&str>, granted: i64) -> String {
        let zone = Zone::get("Asia/Yekaterinburg").unwrap();
        let customer =
            Customer { first_name: first_name.map(str::to_owned), ..Customer::default() };
        let expires_at = zone.parse("2026-08-14T10:00");
        let granted = Some(Granted { points: Points(granted), expires_at });
        let values = Values {
            customer: &customer,
            zone: &zone,
            granted,
            cashback: None,
            promo: None,
            balance: Points(7),
            links: &Links::default(),
            key: "k",
        };
        fill(&template.to_vec(), &values, plain)
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    const NAME: Piece = Piece::Value(Placeholder::CustomerFirstName);
    const GIFT: Piece = Piece::Value(Placeholder::GrantPoints);
    const UNTIL: Piece = Piece::Value(Placeholder::GrantExpires);

    #[test]
    fn points_agree_with_their_number_in_both_languages() {
        let russian = [text("вам "), GIFT];
        for (n, says) in [
            (1, "вам 1 балл"),
            (2, "вам 2 балла"),
            (5, "вам 5 баллов"),
            (11, "вам 11 баллов"),
            (21, "вам 21 балл"),
            (112, "вам 112 баллов"),
            (300, "вам 300 баллов"),
        ] {
            assert_eq!(written(&russian, None, n), says);
        }
        assert_eq!(written(&[text("you have "), GIFT], None, 1), "you have 1 point");
        assert_eq!(written(&[text("you have "), GIFT], None, 300), "you have 300 points");
    }

    #[test]
    fn dates_are_written_in_the_language_of_the_text() {
        assert_eq!(written(&[text("до "), UNTIL], None, 1), "до 14 августа");
        assert_eq!(written(&[text("until "), UNTIL], None, 1), "until 14 August");
    }

    #[test]
    fn an_unknown_name_takes_its_comma_along() {
        let template = [NAME, text(", вам "), GIFT];
        assert_eq!(written(&template, Some("Анна"), 5), "Анна, вам 5 баллов");
        assert_eq!(written(&template, None, 5), "Вам 5 баллов");
        assert_eq!(written(&template, Some("  "), 5), "Вам 5 баллов");
        assert_eq!(written(&[text("Hi "), NAME, text(", hello")], None, 5), "Hi hello");
    }

    #[test]
    fn values_are_escaped_in_html_and_only_there() {
        let zone = Zone::utc();
        let first_name = Some("<b>\"A&B\"</b>\r\nBcc: x".to_owned());
        let customer = Customer { first_name, ..Customer::default() };
        let values = Values {
            customer: &customer,
            zone: &zone,
            granted: None,
            cashback: None,
            promo: None,
            balance: Points(0),
            links: &Links::default(),
            key: "k",
        };
        let text = Text::Email { subject: vec![NAME], body: vec![text("<p>"), NAME], html: true };
        let Content::Email { subject, body, .. } = write(&text, &values) else { panic!() };
        assert_eq!(subject, "<b>\"A&B\"</b>  Bcc: x");
        assert_eq!(body, "<p>&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;\r\nBcc: x");
    }
}
