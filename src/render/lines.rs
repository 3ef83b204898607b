//! Where lines begin, and miette's view of a text over that table.
//!
//! miette's own source types walk the text from its start for every label, and show a
//! line whole however long it is. These look lines up, and show a window of a long one.

use chainc_compiler::SourceFile;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::collections::HashMap;
use std::sync::OnceLock;

/// A line longer than this many characters is shown in part: with the frame around it, it
/// would not fit into 80 columns.
const LONGEST: usize = 72;
/// How many bytes of a long line stand before a label's place.
const BEFORE: usize = 20;
/// The width to fit into, and what the frame and the hook at a label take of it, the line's
/// number left out.
const COLUMNS: usize = 80;
const FRAME: usize = 8;

/// A line and a column, both from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// A text with the places where its lines begin.
pub(super) struct Lines<'s> {
    path: &'s str,
    text: &'s str,
    starts: Vec<usize>,
    /// For texts with long lines: every how many bytes characters have been counted.
    counted: Vec<Count>,
}

/// What stands before an offset.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    characters: usize,
    /// Those of them that are two units of UTF-16.
    wide: usize,
}

impl Count {
    fn add(&mut self, bytes: &[u8]) {
        self.characters += bytes.iter().filter(|byte| is_start(**byte)).count();
        self.wide += bytes.iter().filter(|byte| **byte >= 0xF0).count();
    }
}

/// How many bytes before and behind a place are near.
const NEAR: usize = 200;

/// Every so many bytes the characters before are counted once.
const STRIDE: usize = 4096;

impl<'s> Lines<'s> {
    pub(super) fn new(source: &'s SourceFile) -> Self {
        let text = source.text.as_str();
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1));
        let mut counted = Vec::with_capacity(text.len() / STRIDE + 1);
        let mut count = Count::default();
        for chunk in text.as_bytes().chunks(STRIDE) {
            counted.push(count);
            count.add(chunk);
        }
        counted.push(count);
        Self { path: &source.path, text, starts, counted }
    }

    /// Returns what begins between two offsets.
    fn between(&self, start: usize, end: usize) -> Count {
        if end.saturating_sub(start) <= STRIDE {
            let mut count = Count::default();
            count.add(self.text.as_bytes().get(start..end).unwrap_or_default());
            return count;
        }
        let (before, all) = (self.count_before(start), self.count_before(end));
        Count { characters: all.characters - before.characters, wide: all.wide - before.wide }
    }

    fn count_before(&self, offset: usize) -> Count {
        let chunk = (offset / STRIDE).min(self.counted.len().saturating_sub(1));
        let rest = self.text.as_bytes().get(chunk * STRIDE..offset).unwrap_or_default();
        let mut count = self.counted.get(chunk).copied().unwrap_or_default();
        count.add(rest);
        count
    }

    fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    fn start_of(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    /// Returns where the line ends, its line break left out.
    fn end_of(&self, line: usize) -> usize {
        match self.starts.get(line + 1) {
            Some(next) => {
                let end = next - 1;
                let before = self.text.as_bytes().get(end.wrapping_sub(1));
                if before == Some(&b'\r') && end > self.start_of(line) { end - 1 } else { end }
            }
            None => self.text.len(),
        }
    }

    /// Returns the position of a byte. A mark at the very beginning of a file is no column.
    pub(super) fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.line_of(offset);
        let start = self.start_of(line);
        let marked = line == 0 && self.text.starts_with('\u{feff}') && offset > 0;
        let column = self.between(start, offset).characters;
        Position { line: line + 1, column: column + 1 - usize::from(marked) }
    }

    /// Returns the position of a byte, its column in units of UTF-16.
    pub(super) fn position_utf16(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let Position { line, column } = self.position(offset);
        let start = self.start_of(line - 1);
        let wide = self.between(start, offset).wide;
        Position { line, column: column + wide }
    }

    /// Returns what stands on a place's line before and behind it, the near part of it where
    /// the line is long.
    pub(super) fn around(&self, offset: usize) -> (&'s str, &'s str) {
        let offset = self.boundary(offset);
        let line = self.line_of(offset);
        let start = self.boundary_behind(self.start_of(line).max(offset.saturating_sub(NEAR)));
        let end = self.boundary(self.end_of(line).max(offset).min(offset + NEAR));
        let text = |from, to| self.text.get(from..to).unwrap_or_default();
        (text(start, offset), text(offset, end))
    }

    /// Returns true when words at a label would not fit behind its hook.
    pub(super) fn is_crowded(&self, from: usize, length: usize, words: usize) -> bool {
        self.position(from).column + length / 2 + words > self.room(from) + 1
    }

    /// Returns how many columns the frame at a line leaves.
    fn room(&self, from: usize) -> usize {
        let digits = (self.line_of(from) + 2).to_string().len();
        COLUMNS - FRAME - digits.min(20)
    }

    /// Returns how much of a stretch is underlined: no more than its first line, and no more
    /// than a terminal shows of it.
    pub(super) fn shown_length(&self, start: usize, end: usize) -> usize {
        let line_end = self.end_of(self.line_of(start)).max(start);
        let most = self.boundary((start + LONGEST).min(self.text.len()));
        end.min(line_end).min(most).saturating_sub(start)
    }

    fn is_long(&self, line: usize) -> bool {
        let (start, end) = (self.start_of(line), self.end_of(line));
        end - start > LONGEST
            && (end - start > 4 * LONGEST || self.between(start, end).characters > LONGEST)
    }

    /// Returns where a line is cut, so that no more than so many bytes stand before a place:
    /// at a word's beginning, if one is there.
    fn cut_before(&self, place: usize, most: usize, line_start: usize) -> usize {
        if place - line_start <= most {
            return line_start;
        }
        let near = self.boundary_behind(place - most).min(place);
        let text = self.text.get(near..place).unwrap_or_default();
        text.find(' ').map_or(near, |blank| near + blank + 1)
    }

    /// Returns where the last whole word before an offset ends, not before `least`.
    fn word_behind(&self, offset: usize, least: usize, most: usize) -> usize {
        let offset = self.boundary(offset).max(least);
        if offset >= most {
            return most;
        }
        let text = self.text.get(least..offset).unwrap_or_default();
        text.rfind(' ').map_or(offset, |blank| least + blank)
    }

    /// Returns the nearest character boundary at or behind an offset.
    fn boundary_behind(&self, mut offset: usize) -> usize {
        while !self.text.is_char_boundary(offset) {
            offset += 1;
        }
        offset
    }

    /// Returns the nearest character boundary at or before an offset.
    fn boundary(&self, mut offset: usize) -> usize {
        offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

const fn is_start(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// A text as one report shows it: narrow enough for the words at its labels.
pub(super) struct View<'d, 's> {
    pub(super) lines: &'d Lines<'s>,
    /// The longest words at a label, in characters.
    pub(super) words: usize,
    /// Lines shown in part.
    pub(super) parts: Parts,
}

/// What miette was shown of long lines; it borrows from here.
#[derive(Default)]
pub(super) struct Parts {
    text: OnceLock<String>,
    next: OnceLock<Box<Parts>>,
}

impl Parts {
    fn keep(&self, text: &str) -> &str {
        let mut at = self;
        while at.text.get().is_some() {
            at = at.next.get_or_init(Box::default);
        }
        at.text.get_or_init(|| text.to_owned())
    }
}

/// Stands where a line was cut.
const CUT: &str = "…";

impl SourceCode for View<'_, '_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        behind: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        self.lines.window(span, before, behind, self)
    }
}

impl Lines<'_> {
    fn window<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        behind: usize,
        view: &'a View<'_, '_>,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (from, to) = (span.offset(), span.offset() + span.len());
        if to > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let (own, own_last) = (self.line_of(from), self.line_of(to));
        // Labels on two lines stand in two pictures when one of the lines is shown in part.
        let apart = own < own_last || to - from > LONGEST;
        if before > 0 && apart && (own..=own_last).any(|line| self.is_long(line)) {
            return Err(MietteError::OutOfBounds);
        }
        let mut first = own.saturating_sub(before);
        let mut last = (own_last + behind).min(self.starts.len() - 1);
        let mut start = if before == 0 { from } else { self.start_of(first) };
        let mut end = self.end_of(last);
        // A long line among them: only the window around the label itself.
        // Of labels on several lines each has made sure of its own room.
        let length = if own == own_last { span.len() } else { 0 };
        let crowded = self.is_crowded(from, length, view.words);
        if before > 0 && (crowded || (first..=last).any(|line| self.is_long(line))) {
            (first, last) = (own, own_last);
            start = self.start_of(own);
            end = self.end_of(own_last);
            if crowded || self.is_long(own) || self.is_long(own_last) {
                let room = self.room(from).saturating_sub(1 + view.words + length / 2);
                let most = BEFORE.min(room).min((LONGEST - 2).saturating_sub(length));
                start = self.cut_before(from, most, start);
                end = self.word_behind(to.max((start + LONGEST - 2).min(end)), to, end);
            }
        }
        let (cut_before, cut_behind) = if before > 0 {
            (start > self.start_of(first), end < self.end_of(last))
        } else {
            (false, false)
        };
        let column = self.between(self.start_of(first), start).characters;
        let bytes = self.text.as_bytes().get(start..end).unwrap_or_default();
        let shown = self.text.get(start..end).unwrap_or_default();
        let (bytes, start) = if cut_before && start >= CUT.len() {
            let text = format!("{CUT}{shown}{}", if cut_behind { CUT } else { "" });
            // The mark stands in place of as many bytes before, so that labels stay put.
            (view.parts.keep(&text).as_bytes(), start - CUT.len())
        } else if cut_behind {
            (view.parts.keep(&format!("{shown}{CUT}")).as_bytes(), start)
        } else {
            (bytes, start)
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.to_owned(),
            bytes,
            SourceSpan::from((start, bytes.len())),
            first,
            column,
            last - first + 1,
        )))
    }
}

/// The texts of a run, by path.
pub(super) struct Sources<'s> {
    by_path: HashMap<&'s str, Lines<'s>>,
    empty: Lines<'s>,
}

impl<'s> Sources<'s> {
    pub(super) fn new(sources: impl IntoIterator<Item = &'s SourceFile>) -> Self {
        let by_path =
            sources.into_iter().map(|file| (file.path.as_str(), Lines::new(file))).collect();
        let empty = Lines { path: "", text: "", starts: vec![0], counted: vec![Count::default()] };
        Self { by_path, empty }
    }

    /// Returns the lines of a file, those of an empty text for a path nobody knows.
    pub(super) fn of(&self, path: &str) -> &Lines<'s> {
        self.by_path.get(path).unwrap_or(&self.empty)
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, Parts, Position, View};
    use chainc_compiler::SourceFile;
    use miette::SourceCode;

    fn source(text: &str) -> SourceFile {
        SourceFile { path: "a.chain".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn columns_count_characters_from_one() {
        let file = source("да\nнет no\r\n");
        let lines = Lines::new(&file);
        assert_eq!(lines.position(0), Position { line: 1, column: 1 });
        assert_eq!(lines.position("да\nнет ".len()), Position { line: 2, column: 5 });
        assert_eq!(lines.position(file.text.len()), Position { line: 3, column: 1 });
    }

    #[test]
    fn columns_of_utf_16_count_a_character_beyond_it_twice() {
        let file = source("\u{feff}\u{1F381}да\n\u{1F381}x");
        let lines = Lines::new(&file);
        let end = file.text.find('\n').unwrap();
        assert_eq!(lines.position(end), Position { line: 1, column: 4 });
        assert_eq!(lines.position_utf16(end), Position { line: 1, column: 5 });
        assert_eq!(lines.position_utf16(file.text.len() - 1), Position { line: 2, column: 3 });
        let long = source(&"\u{1F381}".repeat(10_000));
        let lines = Lines::new(&long);
        assert_eq!(lines.position_utf16(4 * 9_000).column, 18_001);
    }

    #[test]
    fn what_stands_around_a_place_is_of_its_line() {
        let file = source("first\r\n  one two\r\nlast");
        let lines = Lines::new(&file);
        assert_eq!(lines.around(file.text.find("two").unwrap()), ("  one ", "two"));
        let long = source(&"ы".repeat(1_000));
        let (before, behind) = Lines::new(&long).around(1_000);
        assert_eq!((before.len(), behind.len()), (200, 200));
    }

    #[test]
    fn a_line_that_was_cut_has_a_mark_at_each_cut() {
        let file = source(&"word ".repeat(40));
        let lines = Lines::new(&file);
        let view = View { lines: &lines, words: 10, parts: Parts::default() };
        let shown = view.read_span(&(100, 4).into(), 1, 1).unwrap();
        let text = std::str::from_utf8(shown.data()).unwrap();
        assert!(text.starts_with("…word") && text.ends_with("word…"), "{text}");
        assert!(text.chars().count() <= 72, "{text}");
        // Labels are counted from where the text is said to begin.
        let place = 100 - shown.span().offset();
        assert_eq!(text.get(place..place + 4), Some("word"));
    }

    #[test]
    fn a_long_line_is_shown_in_part() {
        let file = source(&"ы".repeat(5_000_000));
        let lines = Lines::new(&file);
        let view = View { lines: &lines, words: 10, parts: Parts::default() };
        let shown = view.read_span(&(5_000_000, 2).into(), 1, 1).unwrap().data().len();
        assert!(shown < 300, "{shown}");
        assert_eq!(lines.position(5_000_000).column, 2_500_001);
    }
}
