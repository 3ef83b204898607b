//! Writes the tokens of a file in their order, with other blanks between them.
//!
//! Whoever walks the tree says where lines begin and how far they are indented; the
//! writer brings over everything that stands on the way: tokens, comments, and stretches
//! that are not touched. So nothing can be lost, whatever the walk forgets.

use super::token::{Between, Kind, between, is_blank, token};
use crate::syntax::{Comment, Span};

/// How wide a line may be that could be broken.
pub(super) const WIDTH: usize = 120;

/// What stands before the next token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// What its neighbour asks for.
    Usual,
    /// Blanks up to a column.
    Column(usize),
    /// A line end.
    Line {
        /// How far the line is indented.
        indent: usize,
        /// How far comments on lines before it are.
        comments: usize,
        /// True when a blank line must stand before it.
        apart: bool,
    },
}

/// How far the writer is. Small, so that an attempt can be taken back.
#[derive(Debug, Clone, Copy)]
struct State {
    /// Up to where the source has been written.
    at: usize,
    /// How many comments have been passed.
    comments: usize,
    /// How many untouched stretches have been passed.
    untouched: usize,
    /// In which column the last line ends.
    column: usize,
    /// What was written last.
    last: Option<Kind>,
    before: Before,
    table: Table,
    /// How far a line is indented that only a comment made necessary.
    rest: usize,
}

/// How near a `by recency` table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Far,
    By,
    ByRecency,
    /// In a table, where the days of a row are next.
    Days,
    /// In a table, behind the days of a row.
    Points,
}

/// A piece of the source that is next.
enum Piece {
    Comment(Span),
    Untouched(Span),
    Token(usize),
}

pub(super) struct Writer<'s> {
    source: &'s str,
    comments: &'s [Comment],
    /// What is written as it stands, in order, without overlaps.
    untouched: &'s [Span],
    /// Lines that are not broken, however wide.
    kept: &'s [Span],
    line_end: &'static str,
    out: String,
    state: State,
}

impl<'s> Writer<'s> {
    pub(super) fn new(
        source: &'s str,
        comments: &'s [Comment],
        untouched: &'s [Span],
        kept: &'s [Span],
    ) -> Self {
        // Only where all line ends are: what is not touched keeps its own.
        let is_dos = source.contains('\n')
            && source.split_inclusive('\n').all(|l| l.ends_with("\r\n") || !l.ends_with('\n'));
        let mut out = String::with_capacity(source.len() + source.len() / 8);
        if source.starts_with('\u{feff}') {
            out.push('\u{feff}');
        }
        let state = State {
            at: out.len(),
            comments: 0,
            untouched: 0,
            column: 0,
            last: None,
            before: Before::Line { indent: 0, comments: 0, apart: false },
            table: Table::Far,
            rest: 0,
        };
        let line_end = if is_dos { "\r\n" } else { "\n" };
        Self { source, comments, untouched, kept, line_end, out, state }
    }

    /// Returns the source.
    pub(super) fn source(&self) -> &'s str {
        self.source
    }

    /// Returns the column in which the next token will stand, if it begins a line or stands
    /// behind a blank.
    pub(super) fn column(&self) -> usize {
        match self.state.before {
            Before::Line { indent, .. } => indent,
            Before::Column(column) => column.max(self.state.column + 1),
            Before::Usual if self.state.last == Some(Kind::OpenParen) => self.state.column,
            Before::Usual => self.state.column + 1,
        }
    }

    /// Begins a line with the next token.
    pub(super) fn line(&mut self, indent: usize) {
        self.state.before = Before::Line { indent, comments: indent, apart: false };
    }

    /// Begins a line with the next token, unless it begins one anyway.
    pub(super) fn ensure_line(&mut self, indent: usize) {
        if !matches!(self.state.before, Before::Line { .. }) {
            self.line(indent);
        }
    }

    /// Begins a line with the next token, and a blank line before it and its comments.
    pub(super) fn line_apart(&mut self, indent: usize) {
        self.state.before = Before::Line { indent, comments: indent, apart: true };
    }

    /// Begins a line with the `}` that is next; comments before it belong to its block.
    pub(super) fn line_of_close(&mut self, indent: usize) {
        self.state.before = Before::Line { indent, comments: indent + 2, apart: false };
    }

    /// Puts the next token into a column.
    pub(super) fn tab(&mut self, column: usize) {
        self.state.before = Before::Column(column);
    }

    /// Says how far a line is indented that a comment makes necessary.
    pub(super) fn rest_at(&mut self, indent: usize) {
        self.state.rest = indent;
    }

    /// Returns true when a stretch is not touched.
    pub(super) fn is_untouched(&self, span: Span) -> bool {
        let before = self.untouched.partition_point(|other| other.start <= span.start);
        let last = before.checked_sub(1).and_then(|last| self.untouched.get(last));
        last.is_some_and(|other| other.end >= span.end && span.start < span.end)
    }

    /// Returns true when a stretch stands on a line that is not broken.
    pub(super) fn is_kept(&self, span: Span) -> bool {
        let before = self.kept.partition_point(|line| line.start <= span.start);
        let last = before.checked_sub(1).and_then(|last| self.kept.get(last));
        last.is_some_and(|line| line.end >= span.end)
    }

    /// Writes everything before a place.
    pub(super) fn write_to(&mut self, end: u32) {
        while let Some(piece) = self.next(end as usize) {
            self.put(&piece);
        }
    }

    /// Writes everything up to the next `{`, and that.
    pub(super) fn write_open(&mut self, end: u32) {
        while let Some(piece) = self.next(end as usize) {
            self.put(&piece);
            if self.state.last == Some(Kind::Open) {
                return;
            }
        }
    }

    /// Writes everything before a place on one line, or nothing: when a comment, a line end
    /// or the width of the line is in the way. `more` is what else must fit.
    pub(super) fn write_flat(&mut self, end: u32, more: usize) -> bool {
        let (state, length) = (self.state, self.out.len());
        let start = self.next(end as usize).map_or(end as usize, |piece| self.start(&piece));
        let is_kept = self.is_kept(Span { start: Span::new(start, start).start, end });
        let width = if is_kept { usize::MAX } else { WIDTH.saturating_sub(more) };
        let mut is_first = true;
        while let Some(piece) = self.next(end as usize) {
            let gap = self.gap(&piece);
            let is_broken = !is_first && gap.contains('\n')
                || match &piece {
                    Piece::Comment(_) => true,
                    Piece::Untouched(span) => span.text(self.source).contains('\n'),
                    Piece::Token(_) => false,
                };
            if !is_broken {
                self.put(&piece);
                is_first = false;
            }
            if is_broken || self.state.column > width {
                self.out.truncate(length);
                self.state = state;
                return false;
            }
        }
        true
    }

    /// Writes the next comments, those on lines of their own if they stand deeper in the
    /// source than something else.
    pub(super) fn write_deeper_comments(&mut self, than: u32, indent: usize) {
        while let Some(piece @ Piece::Comment(span)) = self.next(self.source.len()) {
            let start = span.start as usize;
            if !self.gap(&piece).contains('\n') {
                self.put(&piece);
            } else if self.source_column(start) > self.source_column(than as usize) {
                self.line(indent);
                self.put(&piece);
            } else {
                return;
            }
        }
    }

    /// Returns in which column of the source a place stands.
    fn source_column(&self, at: usize) -> usize {
        let before = self.source.get(..at).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        before.get(line..).unwrap_or_default().chars().filter(|c| *c != '\u{feff}').count()
    }

    /// Writes the rest, and returns everything.
    pub(super) fn finish(mut self) -> String {
        self.line(0);
        self.write_to(u32::MAX);
        if self.state.last.is_some() {
            self.out.push_str(self.line_end);
        }
        self.out
    }

    /// Returns what stands next before a place.
    fn next(&mut self, end: usize) -> Option<Piece> {
        let State { at, comments, untouched, .. } = self.state;
        let rest = self.source.get(at..)?;
        let start = at + rest.find(|c| !is_blank(c)).unwrap_or(rest.len());
        if let Some(span) = self.untouched.get(untouched)
            && (span.start as usize) <= start
            && (span.start as usize) < end
        {
            return Some(Piece::Untouched(*span));
        }
        if start >= end.min(self.source.len()) {
            return None;
        }
        match self.comments.get(comments) {
            Some(comment) if comment.span.start as usize == start => {
                Some(Piece::Comment(comment.span))
            }
            _ => Some(Piece::Token(start)),
        }
    }

    fn start(&self, piece: &Piece) -> usize {
        match piece {
            Piece::Comment(span) | Piece::Untouched(span) => {
                (span.start as usize).max(self.state.at)
            }
            Piece::Token(start) => *start,
        }
    }

    fn gap(&self, piece: &Piece) -> &'s str {
        self.source.get(self.state.at..self.start(piece)).unwrap_or_default()
    }

    fn put(&mut self, piece: &Piece) {
        match piece {
            Piece::Comment(span) => self.put_comment(piece, *span),
            Piece::Untouched(span) => self.put_untouched(piece, *span),
            Piece::Token(start) => self.put_token(piece, *start),
        }
    }

    fn put_comment(&mut self, piece: &Piece, span: Span) {
        let gap = self.gap(piece);
        let line = match self.state.before {
            Before::Line { .. } => self.state.before,
            Before::Usual | Before::Column(_) => {
                let indent = self.state.rest;
                Before::Line { indent, comments: indent, apart: false }
            }
        };
        self.state.before = line;
        if self.state.last.is_some() && !gap.contains('\n') {
            self.push("  ");
        } else if let Before::Line { indent, comments, apart } = line {
            self.new_line(comments, gap, apart, Kind::Comment);
            self.state.before = Before::Line { indent, comments, apart: false };
        }
        self.push(span.text(self.source));
        self.state.comments += 1;
        self.state.at = span.end as usize;
        self.state.last = Some(Kind::Comment);
    }

    fn put_untouched(&mut self, piece: &Piece, span: Span) {
        let start = self.start(piece);
        let end = (span.end as usize).max(start);
        self.begin(self.gap(piece), super::token::Token { kind: Kind::Other, text: "" });
        self.push(self.source.get(start..end).unwrap_or_default());
        self.state.untouched += 1;
        let passed = |comment: &&Comment| (comment.span.start as usize) < end;
        let rest = self.comments.get(self.state.comments..).unwrap_or_default();
        self.state.comments += rest.iter().take_while(passed).count();
        self.state.at = end;
        self.state.last = Some(Kind::Other);
        self.state.table = Table::Far;
    }

    fn put_token(&mut self, piece: &Piece, start: usize) {
        let rest = self.source.get(start..).unwrap_or_default();
        let gap = self.gap(piece);
        if self.state.table == Table::Points && gap.contains('\n') {
            self.state.table = Table::Days;
        }
        let token = token(rest, self.state.table == Table::Days);
        self.begin(gap, token);
        self.push(token.text);
        self.state.at = start + token.text.len();
        self.state.last = Some(token.kind);
        self.state.table = match (self.state.table, token.kind, token.text) {
            (Table::Days | Table::Points, Kind::Close, _) => Table::Far,
            (Table::Days, Kind::Colon, _) => Table::Points,
            (Table::Points, Kind::Comma, _) | (Table::ByRecency, Kind::Open, _) => Table::Days,
            (inside @ (Table::Days | Table::Points), ..) => inside,
            (Table::By, _, "recency") => Table::ByRecency,
            (_, _, "by") => Table::By,
            _ => Table::Far,
        };
    }

    /// Writes what stands before a token.
    fn begin(&mut self, gap: &str, token: super::token::Token<'_>) {
        let last = self.state.last;
        match self.state.before {
            // A comma closes what stands before it.
            Before::Line { .. } if token.kind == Kind::Comma && last != Some(Kind::Comment) => {}
            Before::Line { .. } if last == Some(Kind::Open) && token.kind == Kind::Close => {
                self.state.before = Before::Usual;
            }
            Before::Line { indent, apart, .. } => {
                self.new_line(indent, gap, apart, token.kind);
                if token.kind != Kind::Comma {
                    self.state.before = Before::Usual;
                }
            }
            Before::Column(column) => {
                let blanks = column.saturating_sub(self.state.column).max(1);
                self.push_blanks(blanks);
                self.state.before = Before::Usual;
            }
            Before::Usual => match last.map(|last| between(last, token, gap)) {
                None | Some(Between::Nothing) => {}
                Some(Between::Blank) => self.push(" "),
                Some(Between::AsWritten) if gap.contains('\n') => self.push(" "),
                Some(Between::AsWritten) => self.push(gap),
            },
        }
    }

    /// Ends the line, keeps a blank line that was there, and indents the next one.
    fn new_line(&mut self, indent: usize, gap: &str, apart: bool, next: Kind) {
        if let Some(last) = self.state.last {
            self.out.push_str(self.line_end);
            let was_apart = gap.matches('\n').take(2).count() > 1;
            let at_brace = last == Kind::Open || next == Kind::Close;
            if apart || (was_apart && !at_brace) {
                self.out.push_str(self.line_end);
            }
        }
        self.state.column = 0;
        self.push_blanks(indent);
    }

    fn push_blanks(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(' ', count));
        self.state.column += count;
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        let from = text.rfind('\n').map_or(0, |end| end + 1);
        if from > 0 {
            self.state.column = 0;
        }
        self.state.column += text.get(from..).unwrap_or_default().chars().count();
    }
}
