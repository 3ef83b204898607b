//! Findings that a file allows, with a reason: `# allow unused-message: goes out in June`.
//!
//! Behind something on its line the comment covers that line; alone on its line it covers
//! the next one that is neither blank nor a comment. Warnings and remarks can be allowed,
//! errors cannot. What allows nothing, or does not say why, is a finding itself.
//!
//! Input: the comments of the files and everything found; output: what is left of it.

use crate::diagnostic::{AllowKind, Code, Diagnostic, Kind, Safety, Severity};
use crate::parsed::{Parsed, ParsedFile};
use chainc_grammar::syntax::{Comment, Span};
use std::collections::HashMap;

/// Takes out what is allowed, and adds what is wrong with the comments that allow it.
pub(crate) fn apply(parsed: &Parsed, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    // With errors in it a program is not looked at to its end: what is not found now may
    // well be there.
    let is_complete = !found.iter().any(Diagnostic::is_error);
    let mut more = Vec::new();
    for file in &parsed.files {
        let mut allows = Allows::of(file);
        if allows.list.is_empty() {
            continue;
        }
        found.retain(|found| !allows.cover(found));
        more.extend(allows.findings(is_complete));
    }
    if !more.is_empty() {
        found.extend(more);
        let key = |d: &Diagnostic| (d.place().path.clone(), d.place().span.start);
        found.sort_by_key(key);
    }
    found
}

/// One code that a comment names.
struct Allow<'f> {
    comment: &'f Comment,
    /// The word itself.
    span: Span,
    word: &'f str,
    code: Option<Code>,
    /// How many the comment names.
    of: usize,
    has_reason: bool,
    /// The line it covers, from 0.
    line: Option<usize>,
    covers: bool,
}

/// Those of a file.
struct Allows<'f> {
    file: &'f ParsedFile,
    /// Where the lines begin.
    starts: Vec<usize>,
    list: Vec<Allow<'f>>,
    /// Which of them cover a line.
    by_line: HashMap<usize, Vec<usize>>,
}

impl<'f> Allows<'f> {
    fn of(file: &'f ParsedFile) -> Self {
        let comments = file.parsed.comments.iter().filter(|comment| !comment.doc);
        let mut list: Vec<Allow<'f>> =
            comments.flat_map(|comment| read(comment, &file.text)).collect();
        let mut allows =
            Self { file, starts: Vec::new(), list: Vec::new(), by_line: HashMap::new() };
        if list.is_empty() {
            return allows;
        }
        let breaks = file.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        allows.starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        for (at, allow) in list.iter_mut().enumerate() {
            allow.line = allows.covered_by(allow.comment);
            if let Some(line) = allow.line {
                allows.by_line.entry(line).or_default().push(at);
            }
        }
        allows.list = list;
        allows
    }

    fn line_of(&self, offset: u32) -> usize {
        self.starts.partition_point(|start| *start <= offset as usize).saturating_sub(1)
    }

    /// Returns a line without its blanks, and without the mark at a file's beginning.
    fn line(&self, line: usize) -> Option<&'f str> {
        let start = *self.starts.get(line)?;
        let end = self.starts.get(line + 1).copied().unwrap_or(self.file.text.len());
        let text = self.file.text.get(start..end).unwrap_or_default();
        Some(text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}'))
    }

    fn covered_by(&self, comment: &Comment) -> Option<usize> {
        let own = self.line_of(comment.span.start);
        if !self.line(own)?.starts_with('#') {
            return Some(own);
        }
        let mut line = own + 1;
        loop {
            let text = self.line(line)?;
            if !text.is_empty() && !text.starts_with('#') {
                return Some(line);
            }
            line += 1;
        }
    }

    /// Tells whether a finding is allowed.
    fn cover(&mut self, found: &Diagnostic) -> bool {
        let code = found.kind().code();
        if found.place().path != self.file.path || code.severity() == Severity::Error {
            return false;
        }
        let line = self.line_of(found.place().span.start);
        let mut is_covered = false;
        for at in self.by_line.get(&line).into_iter().flatten() {
            if let Some(allow) = self.list.get_mut(*at)
                && allow.code == Some(code)
            {
                allow.covers = true;
                is_covered = true;
            }
        }
        is_covered
    }

    /// Returns what is wrong with the comments themselves.
    fn findings(&self, is_complete: bool) -> Vec<Diagnostic> {
        let finding = |allow: &Allow<'f>| {
            let word = || allow.word.to_owned();
            let (kind, fix) = match allow.code {
                None => {
                    let suggestion = Code::resembling(allow.word).map(str::to_owned);
                    let fix = suggestion.clone().map(|meant| (Safety::Unsafe, allow.span, meant));
                    (AllowKind::Unknown { word: word(), suggestion }, fix)
                }
                Some(code) if code.severity() == Severity::Error => {
                    (AllowKind::OfError { word: word() }, None)
                }
                Some(_) if !allow.covers && is_complete => {
                    let line = allow.line.map(|line| line + 1);
                    let fix = Some((Safety::Safe, self.without(allow), String::new()));
                    (AllowKind::Unused { word: word(), line }, fix)
                }
                Some(_) if !allow.has_reason => (AllowKind::WithoutReason { word: word() }, None),
                Some(_) => return None,
            };
            let found = Diagnostic::new(Kind::Allow(kind), self.file.place(allow.span));
            Some(match fix {
                Some((safety, span, text)) => found.fixed(safety, span, text),
                None => found,
            })
        };
        self.list.iter().filter_map(finding).collect()
    }

    /// Returns what goes when an allow goes: its word, or the comment when it is the only
    /// one, with its line when nothing else stands there.
    fn without(&self, allow: &Allow<'f>) -> Span {
        let text = self.file.text.as_str();
        if allow.of > 1 {
            let (start, end) = (allow.span.start as usize, allow.span.end as usize);
            let behind = text.get(end..).unwrap_or_default();
            let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
            if behind.trim_start_matches([' ', '\t']).starts_with(',') {
                let rest = behind.get(blanks + 1..).unwrap_or_default();
                let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
                return Span::new(start, end + blanks + 1 + gap);
            }
            let before = text.get(..start).unwrap_or_default().trim_end_matches([' ', '\t', ',']);
            return Span::new(before.len(), end);
        }
        let comment = allow.comment.span;
        let line = self.line_of(comment.start);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let before = text.get(start..comment.start as usize).unwrap_or_default();
        if before.trim().is_empty() {
            let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
            return Span::new(start, end);
        }
        Span::new(start + before.trim_end().len(), comment.end as usize)
    }
}

/// Reads the codes a comment allows; none if it is a comment like any other.
fn read<'f>(comment: &'f Comment, text: &'f str) -> Vec<Allow<'f>> {
    let whole = comment.span.text(text).trim_end();
    let Some(inner) = whole.strip_prefix('#').map(str::trim_start) else { return Vec::new() };
    let Some(rest) = inner.strip_prefix("allow").filter(|rest| rest.starts_with([' ', '\t']))
    else {
        return Vec::new();
    };
    let (named, reason) = match rest.split_once(':') {
        Some((named, reason)) => (named, Some(reason.trim())),
        None => (rest, None),
    };
    let mut words: Vec<&str> = named.split(',').map(str::trim).collect();
    if reason.is_none() {
        // What stands behind the code may be a reason without its colon.
        words = words.into_iter().map_while(|word| word.split_whitespace().next()).collect();
    }
    // "allow customers to return" allows nothing, and is no mistake.
    let is_word = |word: &&str| !word.is_empty() && !word.contains(char::is_whitespace);
    let is_meant = reason.is_some() || words.first().is_some_and(|word| looks_like_a_code(word));
    if !is_meant || !words.iter().all(is_word) {
        return Vec::new();
    }
    let begin = text.as_ptr() as usize;
    let of = words.len();
    words
        .into_iter()
        .map(|word| {
            let start = word.as_ptr() as usize - begin;
            Allow {
                comment,
                span: Span::new(start, start + word.len()),
                word,
                code: Code::find(word),
                of,
                has_reason: reason.is_some_and(|reason| !reason.is_empty()),
                line: None,
                covers: false,
            }
        })
        .collect()
}

fn looks_like_a_code(word: &str) -> bool {
    let mut letters = word.chars();
    let is_number = letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && !letters.as_str().is_empty()
        && letters.all(|c| c.is_ascii_digit());
    is_number || Code::find(word).is_some()
}

#[cfg(test)]
mod tests {
    use crate::{SourceFile, compile};

    const OFFER: &str = "message offer { sms \"a\" }\nsegment recency 1..2 -> sms offer\n";

    /// Compiles a text behind a clean one, and returns the slugs of what is found in it with
    /// its lines, and what safe fixes make of it.
    fn check(text: &str) -> (Vec<String>, String) {
        let files = [("a.chain", OFFER), ("b.chain", text)]
            .map(|(path, text)| SourceFile { path: path.to_owned(), text: text.to_owned() });
        let found = compile(&files, &Default::default(), &Default::default()).diagnostics;
        let found: Vec<_> = found.iter().filter(|found| found.file() == "b.chain").collect();
        let told = found.iter().map(|found| {
            let before = text.get(..found.place().span.start as usize).unwrap();
            format!("{} {}", before.matches('\n').count() + 1, found.slug())
        });
        let mut fixed = text.to_owned();
        for edit in found.iter().rev().filter_map(|found| found.fix()).flat_map(|fix| &fix.edits) {
            fixed.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        }
        (told.collect(), fixed)
    }

    #[track_caller]
    fn found(text: &str, expected: &[&str]) {
        assert_eq!(check(text).0, expected, "{text}");
    }

    #[test]
    fn a_comment_covers_its_own_line_or_the_next_one_with_something_on_it() {
        let message = "message b { sms \"b\" }";
        found(message, &["1 unused-message"]);
        found(&format!("{message} # allow unused-message: later"), &[]);
        found(&format!("{message}# allow w0612: later"), &[]);
        found(&format!("#allow W0612: later\n\n# more words\r\n\t\r\n{message}\n"), &[]);
        found(&format!("\u{feff}# allow unused-message: later\r\n{message}"), &[]);
        found(
            &format!("# allow unused-message: later\n{message}\nmessage c {{ sms \"c\" }}"),
            &["3 unused-message"],
        );
        found(
            "message b {\n  sms \"b\" # allow unused-message: not here\n}\n",
            &["1 unused-message", "2 unused-allow"],
        );
    }

    #[test]
    fn comments_above_one_another_cover_the_same_line() {
        let text = "# allow unused-message: later\n# allow unused-segment: later\n";
        let line = "message b { sms \"b\" }";
        found(&format!("{text}{line}"), &["2 unused-allow"]);
        found(
            "# allow unused-message, unused-segment: later\nmessage b { sms \"b\" }",
            &["1 unused-allow"],
        );
    }

    #[test]
    fn what_allows_nothing_goes_with_what_belongs_to_it_only() {
        for (text, fixed) in [
            ("# allow W0612: a\n# b\n", "# b\n"),
            ("  # allow W0612: a", ""),
            ("segment x = recency 1..2 # allow W0612: a\n", "segment x = recency 1..2\n"),
            (
                "# allow W0612 , W0208: a\nsegment x = recency 1..2\n",
                "# allow W0208: a\nsegment x = recency 1..2\n",
            ),
            (
                "# allow W0208, W0612: a\nsegment x = recency 1..2\n",
                "# allow W0208: a\nsegment x = recency 1..2\n",
            ),
            ("# allow W0612: a\r\n\r\n", "\r\n"),
        ] {
            assert_eq!(check(text).1, fixed, "{text}");
        }
    }

    #[test]
    fn a_reason_stands_behind_a_colon() {
        let message = "message b { sms \"b\" }";
        for comment in
            ["# allow unused-message", "# allow W0612:", "# allow W0612: ", "# allow W0612 later"]
        {
            found(&format!("{message} {comment}"), &["1 allow-without-reason"]);
        }
    }

    #[test]
    fn an_error_is_never_allowed() {
        let line = "segment recency 1..2 -> sms b # allow unknown-message: later";
        found(&format!("chain x {{ {line}\n}}"), &["1 unknown-message", "1 unknown-allow"]);
        found("# allow E0203: later\n", &["1 unknown-allow"]);
        found("# allow W9999: later\n", &["1 unknown-allow"]);
    }

    #[test]
    fn nothing_is_called_unused_while_there_are_errors() {
        found(
            "# allow unused-message: later\nsegment x = recncy 1..2\n",
            &["2 unused-segment", "2 unknown-word"],
        );
    }

    #[test]
    fn other_comments_stay_what_they_are() {
        for comment in [
            "# allow customers to come back",
            "# allow customers to come back: they pay",
            "# allows W0612: x",
            "# allow",
            "# allow : why",
            "## allow W0612: a description",
        ] {
            found(&format!("{comment}\n"), &[]);
        }
    }
}
