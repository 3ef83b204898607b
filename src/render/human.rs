//! Diagnostics as people read them, drawn by miette.

use super::lines::{Lines, Parts, Sources, View};
use super::summary;
use chainc_compiler::Diagnostic;
use chainc_compiler::diagnostic::{Label, Lang, Severity};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use std::fmt;
use std::sync::Arc;

/// One diagnostic in miette's terms. Labels in another file stand in reports of their own
/// below it, because miette draws one source for one report.
struct Report<'d> {
    message: String,
    title: Option<String>,
    severity: miette::Severity,
    labels: Vec<LabeledSpan>,
    source: View<'d, 'd>,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.title.as_ref().map(|title| Box::new(title) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }
}

/// Draws all of them, and counts them.
pub(super) fn render(
    diagnostics: &[Diagnostic],
    sources: &Sources<'_>,
    lang: Lang,
    color: bool,
    width: usize,
) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(width)
        .with_context_lines(1)
        .with_links(false);
    let mut text = String::new();
    for found in diagnostics {
        let (report, others) = report(found, sources, lang);
        for report in std::iter::once(&report).chain(&others) {
            // Writing into a text cannot fail; a report miette refuses is told in one line.
            if handler.render_report(&mut text, report).is_err() {
                text.push_str(&format!("{}: {}\n", found.file(), report.message));
            }
        }
        let advice = [(help_word(lang), found.help(lang)), (note_word(lang), found.note(lang))];
        for (word, said) in advice {
            if let Some(said) = said {
                text.push_str(&paragraph(word, &said, color, width));
            }
        }
        text.push('\n');
    }
    text.push_str(&summary::count(diagnostics, lang));
    text.push('\n');
    text
}

/// Returns the report, and one for each label in another file.
fn report<'d>(
    found: &Diagnostic,
    sources: &'d Sources<'_>,
    lang: Lang,
) -> (Report<'d>, Vec<Report<'d>>) {
    let severity = match found.severity() {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
        Severity::Advice => miette::Severity::Advice,
    };
    let path = found.file();
    let mut labels: Vec<LabeledSpan> = Vec::new();
    let mut others = Vec::new();
    let all = without_neighbours(found.labels(lang), sources.of(path));
    let several = all.iter().filter(|label| *label.place.path == *path).count() > 1;
    for (at, label) in all.into_iter().enumerate() {
        let span = label.place.span;
        let length =
            sources.of(&label.place.path).shown_length(span.start as usize, span.end as usize);
        // A line with one label is shown in part to make room; with several it stays whole.
        let crowded = several
            && sources.of(path).is_crowded(span.start as usize, length, label.text.chars().count());
        let words = Some(label.text).filter(|text| !text.is_empty() && !crowded);
        if *label.place.path == *path {
            let new = if at == 0 {
                LabeledSpan::new_primary_with_span
            } else {
                LabeledSpan::new_with_span
            };
            labels.push(new(words, (span.start as usize, length)));
        } else {
            others.push(Report {
                message: words.unwrap_or_default(),
                title: None,
                severity: miette::Severity::Advice,
                labels: vec![LabeledSpan::new_primary_with_span(
                    None,
                    (span.start as usize, length),
                )],
                source: View {
                    lines: sources.of(&label.place.path),
                    words: 0,
                    parts: Parts::default(),
                },
            });
        }
    }
    let words = labels.iter().filter_map(|label| label.label()).map(|text| text.chars().count());
    let words = words.max().unwrap_or(0);
    let report = Report {
        message: found.message(lang),
        title: Some(format!("{} {}", found.code(), found.slug())),
        severity,
        labels,
        source: View { lines: sources.of(path), words, parts: Parts::default() },
    };
    (report, others)
}

/// Leaves the labels out that share a line with the first one, if its words would not fit
/// beside them: what must change is said before what it has to do with.
fn without_neighbours(mut labels: Vec<Label>, lines: &Lines<'_>) -> Vec<Label> {
    let Some(first) = labels.first() else { return labels };
    let path = Arc::clone(&first.place.path);
    let (start, end) = (first.place.span.start as usize, first.place.span.end as usize);
    let length = lines.shown_length(start, end);
    if lines.is_crowded(start, length, first.text.chars().count()) {
        let line = |label: &Label| lines.position(label.place.span.start as usize).line;
        let own = line(first);
        let mut at = 0;
        labels.retain(|label| {
            at += 1;
            at == 1 || label.place.path != path || line(label) != own
        });
    }
    labels
}

const fn help_word(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "help:",
        Lang::Ru => "совет:",
    }
}

const fn note_word(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "note:",
        Lang::Ru => "примечание:",
    }
}

/// Returns what is said below a report, its lines as wide as the word before them leaves room.
/// What stands in backticks stays on one line if it can.
fn paragraph(word: &str, said: &str, color: bool, width: usize) -> String {
    let indent = " ".repeat(INDENT + word.chars().count() + 1);
    let room = width.saturating_sub(indent.len()).max(20);
    let pieces = said.split('`').enumerate().map(|(at, piece)| {
        let code = at % 2 == 1 && piece.chars().count() + 2 <= room;
        if code { piece.replace(' ', "\u{a0}") } else { piece.to_owned() }
    });
    let said = pieces.collect::<Vec<_>>().join("`");
    let options = textwrap::Options::new(room)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    let body = textwrap::wrap(&said, options).join(&format!("\n{indent}")).replace('\u{a0}', " ");
    let word = if color { format!("\u{1b}[36m{word}\u{1b}[0m") } else { word.to_owned() };
    format!("{}{word} {body}\n", " ".repeat(INDENT))
}

/// How far what is said below a report stands from the margin.
const INDENT: usize = 2;
