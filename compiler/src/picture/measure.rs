//! How wide a text is at most, without asking a font.
//!
//! The widths are those of DejaVu Sans, which with Verdana is the widest of the fonts that
//! interfaces are drawn with: what fits by these fits everywhere.

/// Hundredths of the font's size, from the space to `~`.
const LATIN: [u8; 95] = [
    32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 54, 100, 69, 69, 70, 78, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75,
    79, 61, 79, 70, 64, 62, 74, 69, 99, 69, 62, 69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36,
    64, 64, 28, 28, 58, 28, 98, 64, 62, 64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
];
/// From U+0400 to U+045F.
const CYRILLIC: [u8; 96] = [
    64, 64, 79, 61, 70, 64, 30, 30, 30, 110, 105, 79, 71, 75, 61, 76, 69, 69, 69, 61, 79, 64, 108,
    65, 75, 75, 71, 76, 87, 76, 79, 76, 61, 70, 62, 61, 87, 69, 78, 69, 107, 110, 84, 89, 69, 70,
    108, 70, 62, 62, 59, 53, 70, 62, 91, 54, 65, 65, 61, 64, 76, 66, 62, 66, 64, 55, 59, 60, 86,
    60, 69, 60, 92, 95, 71, 79, 59, 55, 85, 61, 62, 62, 63, 53, 55, 53, 28, 28, 28, 91, 90, 66, 61,
    65, 60, 66,
];

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Font {
    /// Pixels.
    pub(super) size: i32,
    pub(super) bold: bool,
}

impl Font {
    pub(super) const fn plain(size: i32) -> Self {
        Self { size, bold: false }
    }

    pub(super) const fn bold(size: i32) -> Self {
        Self { size, bold: true }
    }
}

fn hundredths(c: char) -> i32 {
    let at = |table: &[u8], first: u32| {
        let index = usize::try_from(u32::from(c).checked_sub(first)?).ok()?;
        table.get(index).map(|width| i32::from(*width))
    };
    match c {
        '\u{a0}' => 32,
        // Marks that sit on the letter before them.
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '·' => 32,
        '–' | '“' | '”' | '«' | '»' | '₽' => 64,
        c => at(&LATIN, 0x20).or_else(|| at(&CYRILLIC, 0x400)).unwrap_or(match u32::from(c) {
            0x1_F000.. => 140,
            0x1100..=0x115F | 0x2E80.. => 100,
            _ => 90,
        }),
    }
}

/// Returns how many pixels a text takes at most.
pub(super) fn width(text: &str, font: Font) -> i32 {
    let em: i32 = text.chars().map(hundredths).fold(0, i32::saturating_add);
    let em = if font.bold { em.saturating_mul(115) / 100 } else { em };
    em.saturating_mul(font.size).saturating_add(99) / 100
}

/// Returns a text that fits, its end cut off with `…` where it does not.
pub(super) fn cut(text: &str, font: Font, room: i32) -> String {
    if width(text, font) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, font) + width("…", font) > room {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end_matches([' ', '\u{a0}', ',', '.', ';', ':']))
}

/// Breaks a text at spaces into at most so many lines; what is left over is cut off with `…`.
pub(super) fn lines(text: &str, font: Font, room: i32, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut words = text.split([' ', '\n']).filter(|word| !word.is_empty()).peekable();
    let mut line = String::new();
    while let Some(word) = words.next() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width(&longer, font) <= room {
            line = longer;
        } else if lines.len() + 1 >= most {
            // The last line: all that is left, as far as it goes.
            let rest: Vec<&str> = std::iter::once(word).chain(words.by_ref()).collect();
            let all =
                if line.is_empty() { rest.join(" ") } else { format!("{line} {}", rest.join(" ")) };
            line = cut(&all, font, room);
        } else if line.is_empty() {
            lines.push(cut(word, font, room));
        } else {
            lines.push(std::mem::take(&mut line));
            line = cut(word, font, room);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const FONT: Font = Font::plain(13);

    #[test]
    fn what_is_cut_fits() {
        for text in [
            "Win back lapsed buyers",
            "Вернуть тех, кто давно не покупал",
            "WWWWWW",
            "日本語日本語",
        ] {
            for room in [30, 60, 90, 120] {
                let cut = cut(text, FONT, room);
                assert!(width(&cut, FONT) <= room, "{cut}");
                assert!(text.starts_with(cut.trim_end_matches('…')), "{cut}");
            }
        }
        assert_eq!(cut("short", FONT, 200), "short");
    }

    #[test]
    fn lines_fit_and_are_not_too_many() {
        let text = "customers whose last purchase was 60 to 89 days ago, and who are not tagged";
        let lines = lines(text, FONT, 150, 3);
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| width(line, FONT) <= 150), "{lines:?}");
        assert!(lines[2].ends_with('…'));
    }

    #[test]
    fn a_text_that_fits_is_whole() {
        let all = lines("one two three", FONT, 40, 9).join(" ");
        assert_eq!(all, "one two three");
        assert_eq!(lines("", FONT, 40, 3), Vec::<String>::new());
    }
}
