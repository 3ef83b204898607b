//! How many parts an SMS has, by the alphabets of 3GPP TS 23.038.
//!
//! A text of the GSM-7 alphabet holds 160 septets in one part and 153 in each of
//! several; any other text is UCS-2 and holds 70 UTF-16 units in one part and 67
//! in each of several. Does not encode anything.

/// The basic GSM-7 table but for letters, digits and the space.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// The extension table: each costs an escape besides itself.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Returns the number of parts a text is sent in; an empty text is one part.
#[must_use]
pub fn parts(text: &str) -> u32 {
    match septets(text) {
        Some(units) => {
            split(units, 160, 153, text.chars().map(|c| if EXTENSION.contains(c) { 2 } else { 1 }))
        }
        None => split(text.encode_utf16().count(), 70, 67, text.chars().map(char::len_utf16)),
    }
}

/// Tells whether some character of a text is outside of GSM-7, so that all of it is UCS-2.
#[must_use]
pub fn is_wide(text: &str) -> bool {
    septets(text).is_none()
}

/// Returns the length of a text in the units of its alphabet.
#[must_use]
pub fn units(text: &str) -> u32 {
    let units = septets(text).unwrap_or_else(|| text.encode_utf16().count());
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// Returns how many units of a text's alphabet so many parts hold.
#[must_use]
pub fn room(text: &str, parts: u32) -> u32 {
    let (single, each) = if is_wide(text) { (70, 67) } else { (160, 153) };
    if parts <= 1 { single } else { parts.saturating_mul(each) }
}

/// Returns the length in GSM-7, or `None` if some character is outside of it.
fn septets(text: &str) -> Option<usize> {
    text.chars().try_fold(0, |sum, c| {
        if c == ' ' || c.is_ascii_alphanumeric() || BASIC.contains(c) {
            Some(sum + 1)
        } else if EXTENSION.contains(c) {
            Some(sum + 2)
        } else {
            None
        }
    })
}

/// Counts parts; a character of two units is never torn between two parts.
fn split(units: usize, single: usize, each: usize, widths: impl Iterator<Item = usize>) -> u32 {
    if units <= single {
        return 1;
    }
    let (mut parts, mut used) = (1, 0);
    for width in widths {
        if used + width > each {
            parts += 1;
            used = 0;
        }
        used += width;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn latin_holds_160_signs_in_one_part_and_153_in_each_of_several() {
        assert_eq!(parts(&"a".repeat(160)), 1);
        assert_eq!(parts(&"a".repeat(161)), 2);
        assert_eq!(parts(&"a".repeat(306)), 2);
        assert_eq!(parts(&"a".repeat(307)), 3);
    }

    #[test]
    fn cyrillic_holds_70_signs_in_one_part_and_67_in_each_of_several() {
        assert_eq!(parts(&"я".repeat(70)), 1);
        assert_eq!(parts(&"я".repeat(71)), 2);
        assert_eq!(parts(&"я".repeat(134)), 2);
        assert_eq!(parts(&"я".repeat(135)), 3);
    }

    #[test]
    fn the_euro_sign_counts_twice_and_is_not_torn() {
        assert_eq!(parts(&"€".repeat(80)), 1);
        assert_eq!(parts(&"€".repeat(81)), 2);
        // 152 + an escape that no longer fits in the first part
        assert_eq!(parts(&format!("{}{}", "a".repeat(152), "€".repeat(77))), 3);
    }

    #[test]
    fn an_emoji_is_two_units_of_ucs2() {
        assert_eq!(parts(&"🎁".repeat(35)), 1);
        assert_eq!(parts(&"🎁".repeat(36)), 2);
        assert_eq!(parts(""), 1);
    }
}
