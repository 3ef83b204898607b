//! The JSON contract of `check --format json`.

use super::lines::{Lines, Position, Sources};
use chainc_compiler::Diagnostic;
use chainc_compiler::diagnostic::Lang;
use serde::Serialize;

#[derive(Serialize)]
struct Entry<'d> {
    code: &'d str,
    slug: &'d str,
    severity: &'d str,
    message: String,
    file: &'d str,
    start: Place,
    end: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Fix<'d>>,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Fix<'d> {
    safety: &'d str,
    edits: Vec<Edit<'d>>,
}

#[derive(Serialize)]
struct Edit<'d> {
    start: Place,
    end: Place,
    text: &'d str,
}

fn place(lines: &Lines<'_>, offset: u32) -> Place {
    let Position { line, column } = lines.position(offset as usize);
    Place { line, column }
}

/// Returns one array, pretty, with a line break at its end.
pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources<'_>, lang: Lang) -> String {
    let entries: Vec<Entry<'_>> = diagnostics
        .iter()
        .map(|found| {
            let lines = sources.of(found.file());
            let span = found.place().span;
            Entry {
                code: found.code(),
                slug: found.slug(),
                severity: found.severity().as_str(),
                message: found.message(lang),
                file: found.file(),
                start: place(lines, span.start),
                end: place(lines, span.end),
                help: found.help(lang).or_else(|| found.note(lang)),
                fix: found.fix().map(|fix| Fix {
                    safety: fix.safety.as_str(),
                    edits: fix
                        .edits
                        .iter()
                        .map(|edit| Edit {
                            start: place(lines, edit.span.start),
                            end: place(lines, edit.span.end),
                            text: &edit.text,
                        })
                        .collect(),
                }),
            }
        })
        .collect();
    super::pretty(&entries)
}
