//! Amounts as people write them, into minor units. Integers all the way.

use chainc_compiler::units::Minor;

/// The largest amount of one purchase, in minor units.
const LARGEST: i64 = 1_000_000_000_000_000;

/// Reads `1234.5`, `1234,50` or `1 234.50` of a currency with so many digits behind the point.
///
/// # Errors
/// A reason, in the user's words.
pub(super) fn parse(text: &str, digits: u8) -> Result<Minor, String> {
    if text.starts_with(['-', '\u{2212}']) {
        return Err(format!("`amount` is {text}: a purchase is not negative"));
    }
    let wrong = || format!("`amount` is `{text}`: not an amount");
    let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '_')).collect();
    let (whole, fraction) = plain.split_once(['.', ',']).unwrap_or((&plain, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return Err(wrong());
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > usize::from(digits) {
        return Err(format!(
            "`amount` is `{text}`: the currency has {digits} digits behind the point"
        ));
    }
    let padded = format!("{whole}{fraction:0<width$}", width = usize::from(digits));
    let minor: i64 = padded.parse().map_err(|_| too_large(text))?;
    if minor > LARGEST { Err(too_large(text)) } else { Ok(Minor(minor)) }
}

/// Writes an amount as files have it.
pub(super) fn show(Minor(minor): Minor, digits: u8) -> String {
    let unit = 10_i64.pow(u32::from(digits));
    if digits == 0 {
        return minor.to_string();
    }
    format!("{}.{:0width$}", minor / unit, minor % unit, width = usize::from(digits))
}

fn too_large(text: &str) -> String {
    format!("`amount` is `{text}`: too large for one purchase")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, digits, minor) in [
            ("1.96", 2, 196),
            ("1,9", 2, 190),
            ("12", 2, 1200),
            ("1 234.50", 2, 123_450),
            ("1900", 0, 1900),
            ("0.0", 2, 0),
            ("5.1000", 2, 510),
        ] {
            assert_eq!(parse(text, digits), Ok(Minor(minor)), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_said() {
        for text in ["-5", "−5", "5.001", "abc", "", ".5", "1e3", "99999999999999999999", "1.2.3"]
        {
            assert!(parse(text, 2).is_err(), "{text}");
        }
    }
}
