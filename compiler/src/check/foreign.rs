//! Placeholders of other tools, which would go to customers as they stand: `%name%`,
//! `{{first_name}}`, `[NAME]`, `*|FNAME|*`, `${name}`, `<name>`, `#NAME#`.
//!
//! Marks that texts have anyway, brackets and `#`, count only around names that every tool
//! knows; marks that no text has, such as `*|...|*`, count around any.

use crate::ir::Placeholder;
use chainc_grammar::words;

/// The longest name anybody gives a placeholder.
const LONGEST: usize = 48;

/// A placeholder of another tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Foreign {
    /// How many bytes it takes.
    pub(super) length: usize,
    /// What it is called here.
    pub(super) meant: Option<Placeholder>,
}

/// What a pair of marks says about what stands between.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// Any name between them is one of a placeholder.
    Marks,
    /// A name made like those of programs is, or one that is known.
    Shape,
    /// Only a name that is known is.
    Name,
}

const MARKS: [(&str, &str, Proof); 11] = [
    ("*|", "|*", Proof::Marks),
    ("%%", "%%", Proof::Shape),
    ("%recipient.", "%", Proof::Marks),
    ("%", "%", Proof::Shape),
    ("{{", "}}", Proof::Shape),
    ("${", "}", Proof::Name),
    ("[[", "]]", Proof::Name),
    ("[", "]", Proof::Name),
    ("<<", ">>", Proof::Name),
    ("<", ">", Proof::Name),
    ("#", "#", Proof::Name),
];

/// Returns the placeholder of another tool that `rest` begins with, `before` being the
/// character in front of it.
pub(super) fn at(rest: &str, before: Option<char>) -> Option<Foreign> {
    MARKS.iter().find_map(|(open, close, proof)| {
        let inside = rest.strip_prefix(open)?;
        // `{{{grant.points}}}` is a value between braces.
        if *open == "{{" && (inside.starts_with('{') || before == Some('{')) {
            return None;
        }
        // `20%хлопок%`: a sign of percent behind its number.
        if *open == "%" && before.is_some_and(|c| c.is_alphanumeric()) {
            return None;
        }
        let end = inside.find(close).filter(|end| *end <= LONGEST)?;
        let name = inside.get(..end)?.trim();
        let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ' '));
        let meant = is_name.then(|| known(name)).flatten();
        // A tag or a button in brackets says more often what it is than who reads it.
        let meant =
            meant.filter(|meant| *proof != Proof::Name || *open == "${" || is_of_all(*meant));
        let counts = match proof {
            Proof::Marks => is_name,
            Proof::Shape => is_name && (meant.is_some() || is_made(name, open)),
            Proof::Name => meant.is_some(),
        };
        counts.then(|| Foreign { length: open.len() + end + close.len(), meant })
    })
}

/// Returns what a name means here that other tools have, or that leaves the first word out.
pub(super) fn known(name: &str) -> Option<Placeholder> {
    let all = || Placeholder::ALL.into_iter();
    if let Some(same) = all().find(|known| known.as_str() == name) {
        return Some(same);
    }
    let lower = name.to_lowercase();
    let plain: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let same = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).eq(plain.chars());
    let last = |known: &Placeholder| known.as_str().split_once('.').map(|(_, last)| last);
    // `rate` and `expires` could be of several things.
    let unlike =
        |known: &Placeholder| last(known) != Some("expires") && last(known) != Some("rate");
    all()
        .find(|known| same(known.as_str()) || unlike(known) && last(known).is_some_and(same))
        .or_else(|| {
            let who =
                ["customer", "client", "contact", "user", "recipient", "subscriber", "person"];
            let bare = who.iter().find_map(|who| plain.strip_prefix(who)).unwrap_or(&plain);
            let bare =
                ["клиента", "клиент"].iter().find_map(|who| bare.strip_suffix(who)).unwrap_or(bare);
            Some(match bare {
                "name" | "firstname" | "fname" | "givenname" | "имя" => {
                    Placeholder::CustomerFirstName
                }
                "lastname" | "lname" | "surname" | "фамилия" => {
                    Placeholder::CustomerLastName
                }
                "город" => Placeholder::CustomerCity,
                "bonus" | "bonuses" | "баллы" | "бонусы" => Placeholder::GrantPoints,
                "promo" | "promocode" | "coupon" | "couponcode" | "промокод" | "купон" => {
                    Placeholder::PromoCode
                }
                "баланс" => Placeholder::WalletBalance,
                "url" | "ссылка" => Placeholder::Link,
                "unsub" | "unsubscribeurl" | "unsubscribelink" | "отписка" | "отписаться" => {
                    Placeholder::Unsubscribe
                }
                _ => return None,
            })
        })
}

/// Returns true for a value that every customer has, whatever was given to her before.
const fn is_of_all(placeholder: Placeholder) -> bool {
    match placeholder {
        Placeholder::CustomerFirstName
        | Placeholder::CustomerLastName
        | Placeholder::CustomerCity
        | Placeholder::WalletBalance
        | Placeholder::Link
        | Placeholder::Unsubscribe => true,
        Placeholder::GrantPoints
        | Placeholder::GrantExpires
        | Placeholder::CashbackRate
        | Placeholder::CashbackExpires
        | Placeholder::PromoCode
        | Placeholder::PromoExpires => false,
    }
}

/// Returns true for a name as programs have them: `order_id`, `contact.city`, `ORDER`; between
/// signs of percent any Latin word is one.
fn is_made(name: &str, open: &str) -> bool {
    let is_latin = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    let joined = name.contains('_') || name.contains('.');
    let loud = name.len() > 2 && name.chars().all(|c| c.is_ascii_uppercase());
    let percent = open.starts_with('%');
    // `%D0%BF` is a letter of an address.
    let is_byte = percent && name.chars().take(2).all(|c| c.is_ascii_hexdigit());
    is_latin && !is_byte && (joined || loud || percent)
}

/// Returns the placeholder that a name was most likely meant to be.
pub(super) fn nearest(name: &str) -> Option<Placeholder> {
    let all = || Placeholder::ALL.into_iter();
    if let Some(known) = known(name) {
        return Some(known);
    }
    let meant = match name.split_once('.') {
        // `{customer.age}` is no slip of `{customer.city}`: each word has to be near.
        Some((first, last)) => {
            let near =
                |word: &str, known: &str| word == known || words::nearest(word, [known]).is_some();
            let parts = |known: Placeholder| known.as_str().split_once('.');
            let near = all().filter(|known| {
                parts(*known).is_some_and(|(one, two)| near(first, one) && near(last, two))
            });
            let near: Vec<&str> = near.map(Placeholder::as_str).collect();
            words::nearest(name, near)
        }
        None => words::nearest(name, all().map(Placeholder::as_str)).or_else(|| {
            let lasts = all().filter_map(|known| Some((known, known.as_str().split_once('.')?.1)));
            let lasts: Vec<_> =
                lasts.filter(|(_, last)| !matches!(*last, "expires" | "rate")).collect();
            let meant = words::nearest(name, lasts.iter().map(|(_, last)| *last))?;
            lasts.iter().find(|(_, last)| *last == meant).map(|(known, _)| known.as_str())
        }),
    };
    all().find(|known| Some(known.as_str()) == meant)
}

#[cfg(test)]
mod tests {
    use super::{Placeholder, at, nearest};

    fn found(text: &str) -> Option<(&str, Option<&'static str>)> {
        text.char_indices().find_map(|(start, _)| {
            let before = text.get(..start).and_then(|before| before.chars().next_back());
            let foreign = at(text.get(start..)?, before)?;
            let placeholder = text.get(start..start + foreign.length)?;
            Some((placeholder, foreign.meant.map(Placeholder::as_str)))
        })
    }

    #[test]
    fn placeholders_of_other_tools_are_known() {
        for (text, placeholder, meant) in [
            ("%name%, hello", "%name%", Some("customer.first_name")),
            ("hi %FIRST_NAME%!", "%FIRST_NAME%", Some("customer.first_name")),
            ("%%FirstName%%", "%%FirstName%%", Some("customer.first_name")),
            ("%order_id%", "%order_id%", None),
            ("%recipient.name%", "%recipient.name%", Some("customer.first_name")),
            ("{{first_name}}", "{{first_name}}", Some("customer.first_name")),
            ("{{ contact.FIRSTNAME }}", "{{ contact.FIRSTNAME }}", Some("customer.first_name")),
            ("{{customer.city}}", "{{customer.city}}", Some("customer.city")),
            ("{{order.total}}", "{{order.total}}", None),
            ("{{имя}}, привет", "{{имя}}", Some("customer.first_name")),
            ("[NAME], hello", "[NAME]", Some("customer.first_name")),
            ("[Имя клиента], привет", "[Имя клиента]", Some("customer.first_name")),
            ("<first name>", "<first name>", Some("customer.first_name")),
            ("${name}", "${name}", Some("customer.first_name")),
            ("${promo.code}", "${promo.code}", Some("promo.code")),
            ("#NAME#", "#NAME#", Some("customer.first_name")),
            ("*|FNAME|*", "*|FNAME|*", Some("customer.first_name")),
            ("*|MC:DATE|*", "", None),
            ("*|ORDER|*", "*|ORDER|*", None),
        ] {
            assert_eq!(found(text).unwrap_or_default(), (placeholder, meant), "{text}");
        }
    }

    #[test]
    fn texts_that_only_look_like_it_are_left_alone() {
        for text in [
            "скидка 20% и ещё 30% на всё",
            "20%хлопок% и 100% лён",
            "100% cotton, 50% off",
            "% АКЦИЯ %",
            "{{{grant.points}}}",
            "%скидки%",
            "[Акция] [SALE] [Промокод внутри] [PROMO]",
            "{{не подстановка}} {{curly}}",
            "https://example.com/?q=%D0%BF%D1%80%D0%BE&x=%20a%20",
            "#акция #скидки# <3 a<b>c",
            "{customer.first_name} и {{ скобки }}",
            "5 * 3 | 2 * 4",
            "$100 и ${",
            "<b>Bold</b> <br>",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_is_near_only_if_each_of_its_words_is() {
        for (name, meant) in [
            ("customer.frst_name", Some("customer.first_name")),
            ("custmer.city", Some("customer.city")),
            ("grant.point", Some("grant.points")),
            ("client.name", Some("customer.first_name")),
            ("points", Some("grant.points")),
            ("balanse", Some("wallet.balance")),
            ("customer.age", None),
            ("age", None),
            ("expires", None),
        ] {
            assert_eq!(nearest(name).map(Placeholder::as_str), meant, "{name}");
        }
    }
}
