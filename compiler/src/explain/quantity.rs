//! Numbers as people write them, for any language.

/// Groups the digits of a number by thousands.
pub(super) fn grouped(n: u64, by: char) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(by);
        }
        out.push(digit);
    }
    out
}

/// Groups the digits of a number that may be below zero.
pub(super) fn signed(n: i64, by: char) -> String {
    format!("{}{}", if n < 0 { "−" } else { "" }, grouped(n.unsigned_abs(), by))
}

/// Writes an amount of so many digits behind the point. A whole one has no point; of another
/// the zeros at the end go when it is `short`.
pub(super) fn decimal(n: i64, digits: u8, by: char, point: char, short: bool) -> String {
    let unit = 10_u64.pow(u32::from(digits.min(18)));
    let whole = grouped(n.unsigned_abs() / unit, by);
    let sign = if n < 0 { "−" } else { "" };
    let rest = n.unsigned_abs() % unit;
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let width = usize::from(digits);
    let rest = format!("{rest:0width$}");
    let rest = if short { rest.trim_end_matches('0') } else { &rest };
    format!("{sign}{whole}{point}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_thousands() {
        let each = [0, 7, 999, 1_000, 60_000, 207_819, 1_234_567].map(|n| grouped(n, ','));
        assert_eq!(each, ["0", "7", "999", "1,000", "60,000", "207,819", "1,234,567"]);
        assert_eq!(signed(-1_500, ' '), "−1 500");
    }

    #[test]
    fn whole_amounts_have_no_point() {
        assert_eq!(decimal(6_000_000, 2, ',', '.', false), "60,000");
        assert_eq!(decimal(420, 2, ',', '.', false), "4.20");
        assert_eq!(decimal(5, 2, ',', ',', false), "0,05");
        assert_eq!(decimal(250, 2, ',', '.', true), "2.5");
        assert_eq!(decimal(40, 0, ',', '.', false), "40");
    }
}
