//! A change of a file as a unified diff, as `git apply` and `patch -p1` take it.

use similar::{ChangeTag, TextDiff};
use std::path::Path;

/// Returns the diff of two texts of a file; empty when they are the same.
pub(crate) fn unified(path: &str, before: &str, after: &str, color: bool) -> String {
    let name = |side: &str| match Path::new(path).is_absolute() {
        true => path.to_owned(),
        false => format!("{side}/{path}"),
    };
    let diff = TextDiff::from_lines(before, after);
    let mut unified = diff.unified_diff();
    unified.header(&name("a"), &name("b"));
    if !color {
        return unified.to_string();
    }
    let mut text = String::new();
    for hunk in unified.iter_hunks() {
        if text.is_empty() {
            text = format!("{BOLD}--- {}\n+++ {}{RESET}\n", name("a"), name("b"));
        }
        text += &format!("{CYAN}{}{RESET}\n", hunk.header());
        for change in hunk.iter_changes() {
            let color = match change.tag() {
                ChangeTag::Delete => RED,
                ChangeTag::Insert => GREEN,
                ChangeTag::Equal => "",
            };
            let line = change.value().trim_end_matches('\n');
            let end = if color.is_empty() { "" } else { RESET };
            text += &format!("{color}{}{line}{end}\n", change.tag());
            if change.missing_newline() {
                text += "\\ No newline at end of file\n";
            }
        }
    }
    text
}

const BOLD: &str = "\x1b[1m";
const CYAN: &str = "\x1b[36m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const RESET: &str = "\x1b[0m";

#[cfg(test)]
mod tests {
    use super::unified;

    const BEFORE: &str = "segment recency 60..89\r\n  → sms offer";
    const AFTER: &str = "segment recency 60..89\r\n  -> sms offer";

    #[test]
    fn line_ends_are_shown_as_they_are() {
        assert_eq!(
            unified("a.chain", BEFORE, AFTER, false),
            "--- a/a.chain\n+++ b/a.chain\n@@ -1,2 +1,2 @@\n segment recency 60..89\r\n\
             -  → sms offer\n\\ No newline at end of file\n\
             +  -> sms offer\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("a.chain", BEFORE, BEFORE, false), "");
    }

    #[test]
    fn colors_change_no_word() {
        let colored = unified("/shop/a.chain", BEFORE, AFTER, true);
        let mut plain = colored;
        for code in ["\x1b[1m", "\x1b[36m", "\x1b[31m", "\x1b[32m", "\x1b[0m"] {
            assert!(plain.contains(code), "{code:?} in {plain:?}");
            plain = plain.replace(code, "");
        }
        assert_eq!(plain, unified("/shop/a.chain", BEFORE, AFTER, false));
    }
}
