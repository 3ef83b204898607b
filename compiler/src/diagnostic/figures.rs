//! Numbers in sentences, as each language writes them: `300,000 points`, `300 000 баллов`,
//! `4.20 RUB`, `4,20 ₽`. What stands between backticks is a chain file's and stays.

use super::Lang;

/// From how many digits a number is grouped wherever it stands; with a unit behind it, one
/// of four digits is as well, which else may be a year.
const LONG: usize = 5;

/// Returns the sentence with its numbers written as the language does.
pub(super) fn figures(sentence: &str, lang: Lang) -> String {
    let prose = |(at, part): (usize, &str)| {
        if at % 2 == 0 { numbers(part, lang) } else { part.to_owned() }
    };
    sentence.split('`').enumerate().map(prose).collect::<Vec<_>>().join("`")
}

fn numbers(prose: &str, lang: Lang) -> String {
    let mut written = String::with_capacity(prose.len());
    let mut rest = prose;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
        let (whole, mut after) = number.split_at(end);
        written.push_str(before);
        // A day, a clock time, the name of something.
        let other = |c: char| c.is_alphanumeric() || matches!(c, '-' | ':' | '_' | '.' | '+');
        let is_part = written.chars().next_back().is_some_and(other);
        let has_unit = after
            .strip_prefix([' ', '.'])
            .is_some_and(|after| after.starts_with(|c: char| c.is_alphanumeric()));
        if is_part || !(whole.len() >= LONG || whole.len() == LONG - 1 && has_unit) {
            written.push_str(whole);
        } else {
            group(whole, lang, &mut written);
        }
        if !is_part && lang == Lang::Ru {
            if let Some(fraction) = after.strip_prefix('.')
                && fraction.starts_with(|c: char| c.is_ascii_digit())
            {
                let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
                let (digits, left) = fraction.split_at(end);
                written.push(',');
                written.push_str(digits);
                after = left;
            }
            if let Some(left) = after.strip_prefix(" RUB") {
                written.push_str("\u{a0}₽");
                after = left;
            }
        }
        rest = after;
    }
    written.push_str(rest);
    written
}

fn group(whole: &str, lang: Lang, written: &mut String) {
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            written.push(if lang == Lang::En { ',' } else { '\u{a0}' });
        }
        written.push(digit);
    }
}

#[cfg(test)]
mod tests {
    use super::{Lang, figures};

    #[test]
    fn numbers_are_written_as_people_read_them() {
        for (sentence, english, russian) in [
            ("300000 points", "300,000 points", "300\u{a0}000 points"),
            (
                "1900 RUB of 12000.50 RUB",
                "1,900 RUB of 12,000.50 RUB",
                "1\u{a0}900\u{a0}₽ of 12\u{a0}000,50\u{a0}₽",
            ),
            ("4.20 RUB", "4.20 RUB", "4,20\u{a0}₽"),
            ("until 2027-10-31 at 12:00", "until 2027-10-31 at 12:00", "until 2027-10-31 at 12:00"),
            ("in 2027", "in 2027", "in 2027"),
            ("Windows-1251 is", "Windows-1251 is", "Windows-1251 is"),
            (
                "`budget 600000 points` of 600000",
                "`budget 600000 points` of 600,000",
                "`budget 600000 points` of 600\u{a0}000",
            ),
            ("60..89 and E0203", "60..89 and E0203", "60..89 and E0203"),
        ] {
            assert_eq!(figures(sentence, Lang::En), english);
            assert_eq!(figures(sentence, Lang::Ru), russian);
        }
    }
}
