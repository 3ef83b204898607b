//! `chainc check`: looks for mistakes and runs nothing.

use crate::Format;
use crate::failure::Failure;
use crate::project::Project;
use crate::{render, say};
use chainc_compiler::diagnostic::Lang;
use chainc_compiler::{Diagnostic, SourceFile};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Checks folders and files. A file belongs to the project around it, and is checked with it.
pub(crate) fn run(paths: &[PathBuf], format: Format, lang: Lang) -> Result<(), Failure> {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let mut sources: Vec<SourceFile> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut checked = 0;
    for path in paths {
        let projects = if path.is_dir() {
            Project::load_all(path)?
        } else {
            vec![Project::load_around(path)?]
        };
        for project in projects {
            let found = project.compile().diagnostics;
            checked += project.files.len();
            for diagnostic in found {
                let place = diagnostic.place();
                let key = (place.path.clone(), place.span, diagnostic.message(lang));
                if seen.insert(key) {
                    diagnostics.push(diagnostic);
                }
            }
            for file in project.files {
                if !sources.iter().any(|known| known.path == file.path) {
                    sources.push(file);
                }
            }
        }
    }
    tell(&diagnostics, &sources, format, lang, checked)?;
    if diagnostics.iter().any(Diagnostic::is_error) { Err(Failure::no()) } else { Ok(()) }
}

fn tell(
    diagnostics: &[Diagnostic],
    sources: &[SourceFile],
    format: Format,
    lang: Lang,
    checked: usize,
) -> Result<(), Failure> {
    match format {
        Format::Json => return say::data(&render::json(diagnostics, sources, lang)),
        Format::Human if checked == 0 => say::talk("no .chain files here"),
        Format::Human if diagnostics.is_empty() => {}
        Format::Human => say::talk(&render::human_for_terminal(diagnostics, sources, lang)),
    }
    Ok(())
}
