//! Sentences on a page of 80 columns.

/// How wide the page is.
pub(super) const COLUMNS: usize = 80;
/// A line is never narrower than this, however deep it stands.
const LEAST: usize = 24;

/// A page that is being written.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
}

impl Page {
    /// Leaves a line free.
    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    /// Writes text behind a margin that stands on its first line only; `indent` columns
    /// belong to the margin.
    pub fn hanging(&mut self, margin: &str, indent: usize, text: &str) {
        self.marked(margin, indent, "", text);
    }

    /// As [`Page::hanging`], with a mark before every line.
    pub fn marked(&mut self, margin: &str, indent: usize, mark: &str, text: &str) {
        let room = COLUMNS.saturating_sub(indent + width(mark)).max(LEAST);
        // Deep down a margin may be wider than its column.
        let first = room.saturating_sub(width(margin).saturating_sub(indent)).max(LEAST);
        let mut margin = margin;
        for line in text.lines().flat_map(|line| wrapped(line, first, room)) {
            let pad = indent.saturating_sub(width(margin));
            let whole = format!("{margin}{}{mark}{line}", " ".repeat(pad));
            self.text.push_str(whole.trim_end());
            self.text.push('\n');
            margin = "";
        }
    }

    /// Returns the page; what was kept together has common spaces now.
    pub fn finish(self) -> String {
        self.text.replace('\u{a0}', " ")
    }
}

/// Returns how many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().count()
}

/// Makes a sentence of words: a capital at the beginning, a stop at the end.
pub fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let mut out: String = match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => return String::new(),
    };
    if !out.ends_with(['.', '!', '?', ':']) {
        out.push('.');
    }
    out
}

/// Cuts a line at spaces, with a room of its own for the first piece; a word that is wider
/// than the room is cut itself.
pub(super) fn wrapped(line: &str, first: usize, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        loop {
            let used = lines.last().map_or(0, |last| width(last));
            let space = usize::from(used > 0);
            let room = if lines.len() == 1 { first } else { room };
            let Some(last) = lines.last_mut() else { break };
            if used + space + width(word) <= room {
                if space == 1 {
                    last.push(' ');
                }
                last.push_str(word);
                break;
            }
            if used > 0 {
                lines.push(String::new());
                continue;
            }
            let cut = word.char_indices().nth(room).map_or(word.len(), |(at, _)| at);
            let (head, rest) = word.split_at(cut);
            last.push_str(head);
            lines.push(String::new());
            word = rest;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_together_stays_on_one_line() {
        assert_eq!(wrapped("grant 300\u{a0}points", 12, 12), ["grant", "300\u{a0}points"]);
        assert_eq!(wrapped("a  b", 80, 80), ["a b"]);
        assert_eq!(wrapped("", 80, 80), [""]);
    }

    #[test]
    fn a_word_without_end_is_cut() {
        assert_eq!(wrapped("ab abcdefgh c", 3, 3), ["ab", "abc", "def", "gh", "c"]);
    }

    #[test]
    fn behind_a_wide_margin_the_first_line_is_shorter() {
        assert_eq!(wrapped("one two three", 3, 9), ["one", "two three"]);
        let mut page = Page::default();
        page.hanging("1.2.3.4.5", 4, &"word ".repeat(40));
        let page = page.finish();
        assert!(page.lines().all(|line| width(line) <= COLUMNS), "{page}");
    }

    #[test]
    fn sentences_begin_large_and_stop_once() {
        assert_eq!(sentence("every day"), "Every day.");
        assert_eq!(sentence("каждый день"), "Каждый день.");
        assert_eq!(sentence("`soft`: 40%:"), "`soft`: 40%:");
        assert_eq!(sentence(""), "");
    }
}
