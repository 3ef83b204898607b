//! A value of a column of the project's own, brought into the one form stores hold.

use super::customers::yes_or_no;
use crate::condition::{CHURN, YES};
use chainc_compiler::ir::AttributeKind;
use std::collections::BTreeMap;

/// Reads a value by what the project declared; what it did not declare stays as it is.
pub(super) fn parse(
    name: &str,
    text: &str,
    declared: &BTreeMap<String, AttributeKind>,
) -> Result<String, String> {
    match declared.get(name) {
        Some(AttributeKind::Number) => text
            .parse::<i64>()
            .map(|number| number.to_string())
            .map_err(|_| format!("`{name}` is `{text}`: not a whole number")),
        Some(AttributeKind::Flag) => {
            yes_or_no(name, text).map(|yes| if yes { YES } else { "no" }.to_owned())
        }
        Some(AttributeKind::Date) if !crate::time::is_birthday(text) => {
            Err(format!("`{name}` is `{text}`: not a date like 1990-03-01"))
        }
        Some(AttributeKind::Date | AttributeKind::Text) => Ok(text.to_owned()),
        None if name == CHURN => churn(text)
            .map(|chance| chance.to_string())
            .ok_or_else(|| format!("`{name}` is `{text}`: write a share like 0.67 or 67%")),
        None => Ok(text.to_owned()),
    }
}

/// Reads `0.67` or `67%` as basis points. A bare number above 1 says neither.
fn churn(text: &str) -> Option<i64> {
    let (digits, hundredths) = match text.strip_suffix('%') {
        Some(percent) => (percent.trim_end(), 100),
        None => (text, 10_000),
    };
    let (whole, part) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(part) || part.len() > 12 {
        return None;
    }
    let scale = 10_i64.checked_pow(u32::try_from(part.len()).ok()?)?;
    let number: i64 = format!("{whole}{part}").parse().ok()?;
    let chance = number.checked_mul(hundredths)?.checked_add(scale / 2)? / scale;
    (chance <= 10_000).then_some(chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chance_is_a_share_or_a_percentage_and_nothing_else() {
        for (text, chance) in [
            ("0.67", 6_700),
            ("67%", 6_700),
            ("0,5", 5_000),
            ("1", 10_000),
            ("0", 0),
            ("12.34 %", 1_234),
            ("0.12345", 1_235),
        ] {
            assert_eq!(churn(text), Some(chance), "{text}");
        }
        for text in ["67", "1.01", "101%", "-0.1", "", ".", "high", "0.6.7", "%"] {
            assert_eq!(churn(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_declared_is_read_by_its_kind() {
        use AttributeKind::{Date, Flag, Number, Text};
        let declared = [("age", Number), ("level", Text), ("member", Flag), ("since", Date)];
        let declared = declared.map(|(name, kind)| (name.to_owned(), kind)).into();
        let read = |name: &str, text: &str| parse(name, text, &declared);
        assert_eq!(read("age", "+30").as_deref(), Ok("30"));
        assert_eq!(read("member", "Да").as_deref(), Ok("yes"));
        assert_eq!(read("since", "2020-02-29").as_deref(), Ok("2020-02-29"));
        assert_eq!(read("other", "anything").as_deref(), Ok("anything"));
        assert!(read("age", "30.5").unwrap_err().contains("not a whole number"));
        assert!(read("member", "perhaps").unwrap_err().contains("yes or no"));
        assert!(read("since", "29.02.2020").unwrap_err().contains("not a date"));
    }
}
