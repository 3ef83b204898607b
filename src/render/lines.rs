//! Where lines begin, and miette's view of a text over that table.
//!
//! miette's own source types walk the text from its start for every label, and show a
//! line whole however long it is. These look lines up, and show a window of a long one.

use chainc_compiler::SourceFile;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::collections::HashMap;

/// A line longer than this many characters is shown in part.
const LONGEST: usize = 200;
/// How much of a long line stands before a label's place, and how much behind it.
const BEFORE: usize = 30;
const BEHIND: usize = 80;

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
    counted: Vec<usize>,
}

/// Every so many bytes the characters before are counted once.
const STRIDE: usize = 4096;

impl<'s> Lines<'s> {
    pub(super) fn new(source: &'s SourceFile) -> Self {
        let text = source.text.as_str();
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1));
        let mut counted = Vec::with_capacity(text.len() / STRIDE + 1);
        let mut count = 0;
        for chunk in text.as_bytes().chunks(STRIDE) {
            counted.push(count);
            count += chunk.iter().filter(|byte| is_start(**byte)).count();
        }
        counted.push(count);
        Self { path: &source.path, text, starts, counted }
    }

    /// Returns how many characters begin before an offset.
    fn characters_before(&self, offset: usize) -> usize {
        let chunk = (offset / STRIDE).min(self.counted.len().saturating_sub(1));
        let rest = self.text.as_bytes().get(chunk * STRIDE..offset).unwrap_or_default();
        let known = self.counted.get(chunk).copied().unwrap_or(0);
        known + rest.iter().filter(|byte| is_start(**byte)).count()
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
        let column = self.characters_before(offset) - self.characters_before(start);
        Position { line: line + 1, column: column + 1 - usize::from(marked) }
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

impl SourceCode for Lines<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        behind: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (from, to) = (span.offset(), span.offset() + span.len());
        if to > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let first = self.line_of(from).saturating_sub(before);
        let last = (self.line_of(to) + behind).min(self.starts.len() - 1);
        let mut start = self.start_of(first);
        let mut end = self.end_of(last);
        let mut first_shown = first;
        // Any long line among them: only the window around the label itself.
        let long = (first..=last).any(|line| self.end_of(line) - self.start_of(line) > LONGEST);
        if long {
            let (own, own_last) = (self.line_of(from), self.line_of(to));
            first_shown = own;
            start = self.boundary(from.saturating_sub(BEFORE)).max(self.start_of(own));
            end = self.boundary((to + BEHIND).min(self.end_of(own_last)));
            if own_last == own {
                end = end.max(to);
            }
        }
        let column = self.characters_before(start) - self.characters_before(self.start_of(first_shown));
        let bytes = self.text.as_bytes().get(start..end).unwrap_or_default();
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.to_owned(),
            bytes,
            SourceSpan::from((start, end - start)),
            first_shown,
            column,
            last - first_shown + 1,
        )))
    }
}

/// The texts of a run, by path.
pub(super) struct Sources<'s> {
    by_path: HashMap<&'s str, Lines<'s>>,
    empty: Lines<'s>,
}

impl<'s> Sources<'s> {
    pub(super) fn new(sources: &'s [SourceFile]) -> Self {
        let by_path = sources.iter().map(|file| (file.path.as_str(), Lines::new(file))).collect();
        let empty = Lines { path: "", text: "", starts: vec![0], counted: vec![0] };
        Self { by_path, empty }
    }

    /// Returns the lines of a file, those of an empty text for a path nobody knows.
    pub(super) fn of(&self, path: &str) -> &Lines<'s> {
        self.by_path.get(path).unwrap_or(&self.empty)
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, Position};
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
    fn a_long_line_is_shown_in_part() {
        let file = source(&"ы".repeat(5_000_000));
        let lines = Lines::new(&file);
        let shown = lines.read_span(&(5_000_000, 2).into(), 1, 1).unwrap().data().len();
        assert!(shown < 300, "{shown}");
        assert_eq!(lines.position(5_000_000).column, 2_500_001);
    }
}
