//! The scan before the parse: one linear walk over the characters.
//!
//! It collects comments, repairs what no grammar can (look-alike letters, foreign
//! quotes, marks left by a merge) in a copy of exactly the same length, so that every
//! offset stays true, caps the nesting, and finds where an unclosed brace must end:
//! before the next declaration at the left margin, where the copy carries U+000C
//! instead of the line end. It knows nothing of the grammar but quotes, comments,
//! brackets and words.

use crate::build::is_blank;
use crate::fault::{Fault, FaultKind, Repair};
use crate::syntax::{Comment, Span};
use crate::words;

/// How deep brackets may stand in one another.
pub const MAX_NESTING: usize = 64;

/// What the scan found.
pub(crate) struct Scan {
    /// The text to parse: as long as the original, byte for byte.
    pub(crate) text: String,
    /// What stands in it for something else and may be shorter: words and quotes, in order.
    pub(crate) replaced: Vec<Span>,
    /// All comments, in order.
    pub(crate) comments: Vec<Comment>,
    /// What was wrong.
    pub(crate) faults: Vec<Fault>,
    /// True when the text must not be parsed at all.
    pub(crate) too_deep: bool,
    /// Beginnings of lines where nothing is open and a declaration surely begins.
    pub(crate) cuts: Vec<usize>,
}

/// Walks over a text.
pub(crate) fn scan(source: &str) -> Scan {
    let mut faults = Vec::new();
    // The grammar's own mark is a blank in a user's text.
    let text = without_conflicts(source, &mut faults).replace('\u{c}', " ");
    let mut walk = Walk {
        text: &text,
        at: 0,
        patches: Vec::new(),
        comments: Vec::new(),
        faults,
        open: Vec::new(),
        open_by_margin: 0,
        opened_on_line: 0,
        margins: Vec::new(),
        certain: Vec::new(),
        is_indented: true,
        in_experiment: text.trim_start_matches('\u{feff}').starts_with("experiment"),
        cuts: Vec::new(),
        too_deep: false,
    };
    walk.run();
    let unclosed = walk.open.contains(&'{');
    let Walk { mut patches, comments, faults, margins, certain, too_deep, cuts, .. } = walk;
    let replaced = patches.iter().map(|(start, end, _)| Span::new(*start, *end)).collect();
    let margins = if unclosed { margins } else { certain };
    if !margins.is_empty() {
        patches.extend(margins.into_iter().map(|at| (at, at + 1, "\u{c}".to_owned())));
        patches.sort_by_key(|(start, ..)| *start);
    }
    Scan { text: patch(&text, &patches), replaced, comments, faults, too_deep, cuts }
}

/// Replaces stretches by others of the same length.
fn patch(text: &str, patches: &[(usize, usize, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (start, end, by) in patches {
        if *start < done || by.len() != end - start {
            continue;
        }
        out.push_str(text.get(done..*start).unwrap_or_default());
        out.push_str(by);
        done = *end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Blanks the marks of a merge and the second of its sides.
fn without_conflicts(source: &str, faults: &mut Vec<Fault>) -> String {
    if !source.contains("<<<<<<<") && !source.contains(">>>>>>>") {
        return source.to_owned();
    }
    let mut out = String::with_capacity(source.len());
    let (mut ours, mut theirs) = (false, false);
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let body = line.trim_end().trim_start_matches('\u{feff}');
        let mark = |sign: &str| {
            body.strip_prefix(sign).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        let (begin, end) = (mark("<<<<<<<"), mark(">>>>>>>"));
        let middle = mark("=======") || mark("|||||||");
        // A mark whose partner is gone is told, too.
        if begin || ((middle || end) && !ours && !theirs) {
            let span = Span::new(at, at + body.len());
            faults.push(Fault { span, kind: FaultKind::MergeConflict, repair: None });
        }
        theirs = (theirs || middle) && !begin;
        if theirs || begin || end {
            out.extend(line.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        } else {
            out.push_str(line);
        }
        theirs &= !end;
        ours = (ours || begin) && !theirs && !end;
        at += line.len();
    }
    out
}

struct Walk<'t> {
    text: &'t str,
    at: usize,
    patches: Vec<(usize, usize, String)>,
    comments: Vec<Comment>,
    faults: Vec<Fault>,
    /// Brackets that are open.
    open: Vec<char>,
    /// Braces that are open if every declaration at the left margin closes all before it.
    open_by_margin: usize,
    /// Braces opened on this line and still open.
    opened_on_line: usize,
    /// Line ends before such declarations.
    margins: Vec<usize>,
    /// Those of them that nothing can hold: what is in the block before is indented.
    certain: Vec<usize>,
    /// True while all lines since the last declaration are indented.
    is_indented: bool,
    /// True in an experiment, which may hold chains.
    in_experiment: bool,
    cuts: Vec<usize>,
    too_deep: bool,
}

impl Walk<'_> {
    fn run(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            let start = self.at;
            match c {
                '#' => self.comment(),
                '"' => self.string(),
                '“' | '„' | '«' | '\'' => self.foreign_quotes(c),
                '{' | '(' => self.opens(c),
                '}' | ')' => self.closes(c),
                '-' if self.rest().starts_with("->") => {
                    self.forget_parens();
                    self.at += 2;
                }
                '\n' => {
                    self.at += 1;
                    self.opened_on_line = 0;
                    if (self.open_by_margin > 0 || self.open.is_empty())
                        && opens_declaration(self.rest())
                    {
                        let is_inner = self.in_experiment
                            && !self.open.is_empty()
                            && self.rest().starts_with("chain");
                        if self.open.is_empty() {
                            self.cuts.push(self.at);
                        } else {
                            self.margins.push(start);
                            if self.is_indented && !is_inner {
                                self.certain.push(start);
                            }
                        }
                        self.open_by_margin = 0;
                        self.is_indented = true;
                        self.in_experiment = is_inner || self.rest().starts_with("experiment");
                    } else if !self.rest().starts_with([' ', '\t', '\r', '\n', '}', '#', '{']) {
                        self.is_indented = false;
                    }
                }
                c if c.is_alphabetic() || c == '_' => self.word(),
                c if c.is_ascii_digit() => {
                    self.at += span_of(self.rest(), |c| c.is_ascii_digit() || c == '_');
                }
                c => self.at += c.len_utf8(),
            }
        }
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn comment(&mut self) {
        let rest = self.rest();
        let line = rest.find('\n').map_or(rest, |end| rest.get(..end).unwrap_or_default());
        let length = line.len();
        let span = Span::new(self.at, self.at + line.trim_end().len());
        let doc = line.starts_with("##");
        self.comments.push(Comment { span, doc });
        self.at += length;
    }

    fn string(&mut self) {
        let start = self.at;
        let mut escaped = None;
        let mut length = 1;
        let mut escapes = Vec::new();
        let mut closed = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            if c == '\n' {
                break;
            }
            length = at + c.len_utf8();
            match (escaped.take(), c) {
                (Some(back), c) if !matches!(c, '"' | '\\' | 'n' | '\r') => escapes.push((back, c)),
                (Some(_), _) => {}
                (None, '\\') => escaped = Some(at),
                (None, '"') => {
                    closed = true;
                    break;
                }
                (None, _) => {}
            }
        }
        for (back, c) in escapes {
            let span = Span::new(start + back, start + back + 1 + c.len_utf8());
            let repair = Some(Repair { span, text: format!("\\\\{c}"), safe: false });
            let kind = FaultKind::Escape { found: format!("\\{c}") };
            self.faults.push(Fault { span, kind, repair });
        }
        if !closed && self.opened_on_line > 0 {
            length = self.before_brace(length, '}');
        } else if !closed && self.is_behind("chain") {
            length = self.before_brace(length, '{');
        }
        self.at += length;
    }

    /// Returns true on a line that begins with a word.
    fn is_behind(&self, word: &str) -> bool {
        let before = self.text.get(..self.at).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        before.get(line..).is_some_and(|line| line.starts_with(word))
    }

    /// A text without its closing quote that swallowed the brace of a block, that at the end
    /// of `{ sms "hello }` or of `chain a "Title {`, is closed before that brace. Returns its
    /// length then.
    fn before_brace(&mut self, length: usize, brace: char) -> usize {
        let text = self.rest().get(..length).unwrap_or_default().trim_end_matches(is_blank);
        let other = if brace == '}' { '{' } else { '}' };
        let braces = |brace| text.matches(brace).count();
        let more = braces(brace) > braces(other);
        let Some(inside) = text.strip_suffix(brace).filter(|_| more) else {
            return length;
        };
        // The quote takes the place of the last character, which stays as wide as it was.
        let Some((last, c)) = inside.char_indices().skip(1).last() else { return length };
        let (start, width) = (self.at + last, c.len_utf8());
        let shown = Span::new(self.at, self.at + inside.trim_end().len());
        let closed = inside.len();
        self.patches.push((start, start + width, format!("{:>width$}", '"')));
        self.faults.push(Fault { span: shown, kind: FaultKind::UnclosedText, repair: None });
        closed
    }

    fn foreign_quotes(&mut self, open: char) {
        let close: &[char] = match open {
            '«' => &['»'],
            '\'' => &['\''],
            _ => &['”', '“'],
        };
        let width = open.len_utf8();
        let body = self.rest().get(width..).unwrap_or_default();
        let found = body
            .char_indices()
            .take_while(|(_, c)| *c != '\n' && *c != '"')
            .find(|(_, c)| close.contains(c));
        let Some((inside, c)) = found else {
            self.at += width;
            return;
        };
        let (start, end) = (self.at, self.at + width + inside + c.len_utf8());
        let text = format!("\"{}\"", body.get(..inside).unwrap_or_default());
        self.patches.push((start, start + width, format!("{:>width$}", '"')));
        self.patches.push((
            end - c.len_utf8(),
            end,
            format!("{:<width$}", '"', width = c.len_utf8()),
        ));
        let span = Span::new(start, end);
        let repair = Some(Repair { span, text, safe: true });
        self.faults.push(Fault { span, kind: FaultKind::Quotes, repair });
        self.at = end;
    }

    fn opens(&mut self, bracket: char) {
        if bracket == '{' {
            self.forget_parens();
            self.open_by_margin += 1;
            self.opened_on_line += 1;
        }
        self.open.push(bracket);
        if self.open.len() > MAX_NESTING && !self.too_deep {
            self.too_deep = true;
            let span = Span::new(self.at, self.at + 1);
            let kind = FaultKind::TooDeep { limit: MAX_NESTING };
            self.faults.push(Fault { span, kind, repair: None });
        }
        self.at += 1;
    }

    fn closes(&mut self, bracket: char) {
        if bracket == '}' {
            self.forget_parens();
            self.open_by_margin = self.open_by_margin.saturating_sub(1);
            self.opened_on_line = self.opened_on_line.saturating_sub(1);
            self.open.pop();
        } else if self.open.last() == Some(&'(') {
            self.open.pop();
        }
        self.at += 1;
    }

    /// A parenthesis does not reach over a brace or an arrow.
    fn forget_parens(&mut self) {
        while self.open.last() == Some(&'(') {
            self.open.pop();
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let length = span_of(self.rest(), |c| c.is_alphanumeric() || c == '_');
        self.at += length;
        let word = self.text.get(start..self.at).unwrap_or_default();
        if word.is_ascii() {
            return;
        }
        let Some(letter) = word.chars().find(|c| latin_twin(*c).is_some()) else { return };
        let meant: String = word.chars().map(|c| latin_twin(c).unwrap_or(c)).collect();
        if !words::is_word(&meant) {
            return;
        }
        self.patches.push((start, self.at, format!("{meant:<length$}")));
        let span = Span::new(start, self.at);
        let repair = Some(Repair { span, text: meant.clone(), safe: true });
        self.faults.push(Fault { span, kind: FaultKind::LookAlike { meant, letter }, repair });
    }
}

/// Returns how many bytes at the beginning are of a kind.
fn span_of(text: &str, kind: impl Fn(char) -> bool) -> usize {
    text.find(|c| !kind(c)).unwrap_or(text.len())
}

/// Returns true for a line that can only be a declaration, never a part of a block.
fn opens_declaration(line: &str) -> bool {
    let word = line.get(..span_of(line, |c| c.is_alphanumeric() || c == '_')).unwrap_or_default();
    let rest = line.get(word.len()..).unwrap_or_default().trim_start_matches([' ', '\t']);
    let name = span_of(rest, |c| c.is_alphanumeric() || c == '_');
    let after = rest.get(name..).unwrap_or_default().trim_start_matches([' ', '\t']);
    match word {
        "segment" => name > 0 && after.starts_with('=') && !after.starts_with("=="),
        "chain" | "message" | "experiment" | "brand" => {
            name > 0 && (after.starts_with('{') || after.starts_with('"'))
        }
        "policy" => rest.starts_with('{'),
        "test" => rest.starts_with('"'),
        _ => false,
    }
}

/// Returns the Latin letter that a Cyrillic or Greek one looks like.
pub(crate) fn latin_twin(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' => 'a',
        'в' => 'b',
        'с' => 'c',
        'ԁ' => 'd',
        'е' | 'ё' => 'e',
        'һ' => 'h',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'н' => 'h',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' => 't',
        'у' => 'y',
        'х' => 'x',
        'В' | 'Β' => 'B',
        'А' => 'A',
        'Е' => 'E',
        'О' => 'O',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::scan;
    use crate::fault::FaultKind;

    #[test]
    fn the_copy_is_as_long_as_the_text() {
        for text in ["sмs offer", "“да” «нет»", "a\u{c}b", "<<<<<<< x\na\n=======\nб\n>>>>>>> y\n"]
        {
            assert_eq!(scan(text).text.len(), text.len(), "{text}");
        }
    }

    #[test]
    fn cyrillic_letters_in_a_keyword_are_read_as_latin() {
        let scan = scan("-> sмs offer");
        assert_eq!(scan.text, "-> sms  offer");
        assert!(
            matches!(&scan.faults[0].kind, FaultKind::LookAlike { meant, letter: 'м' } if meant == "sms")
        );
    }

    #[test]
    fn names_in_any_script_stay() {
        assert!(scan("segment спящие = recency 60..89 # это").faults.is_empty());
    }

    #[test]
    fn one_side_of_a_merge_remains() {
        let scan = scan("<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\nc\n");
        assert_eq!(scan.text.split_whitespace().collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(scan.faults.len(), 1);
    }

    #[test]
    fn marks_of_a_merge_without_their_partner_are_told() {
        for text in ["a\n>>>>>>> theirs\n", "a\n=======\nb\n>>>>>>> theirs\n"] {
            let scan = scan(text);
            assert_eq!(scan.text.split_whitespace().collect::<Vec<_>>(), ["a"], "{text}");
            assert_eq!(scan.faults.len(), 1, "{text}");
        }
    }

    #[test]
    fn an_unclosed_brace_ends_before_the_next_declaration() {
        assert!(scan("chain a {\n control 1%\nchain b {\n}\n").text.contains("1%\u{c}chain b"));
        assert!(!scan("experiment a {\nchain b {\n}\n}\n").text.contains('\u{c}'));
    }

    #[test]
    fn comments_are_kept_with_their_places() {
        let text = "# one\n## two\nsegment a = tag b # three\r\n";
        let comments: Vec<_> =
            scan(text).comments.iter().map(|c| (c.span.text(text).to_owned(), c.doc)).collect();
        let expected = [("# one", false), ("## two", true), ("# three", false)];
        assert_eq!(comments, expected.map(|(text, doc)| (text.to_owned(), doc)));
    }
}
