//! Diagnostics for people (through miette) and for machines (the JSON contract).
//!
//! Input: the compiler's diagnostics and the texts they speak of. Output: text. Decides
//! nothing and prints nothing.

mod human;
mod json;
mod lines;
mod summary;

use crate::say;
use chainc_compiler::diagnostic::Lang;
use chainc_compiler::{Diagnostic, SourceFile};
use lines::Sources;

/// Returns the diagnostics as people read them, with a line that counts them at the end;
/// empty when there are none.
pub(crate) fn human(
    diagnostics: &[Diagnostic],
    sources: &[SourceFile],
    lang: Lang,
    color: bool,
    width: usize,
) -> String {
    human::render(diagnostics, &Sources::new(sources), lang, color, width)
}

/// Returns the diagnostics as one JSON array.
pub(crate) fn json(diagnostics: &[Diagnostic], sources: &[SourceFile], lang: Lang) -> String {
    json::render(diagnostics, &Sources::new(sources), lang)
}

/// Returns what [`human`] does, as standard error can show it.
pub(crate) fn human_for_terminal(
    diagnostics: &[Diagnostic],
    sources: &[SourceFile],
    lang: Lang,
) -> String {
    human(diagnostics, sources, lang, say::has_color(&std::io::stderr()), WIDTH)
}

/// Columns that every terminal has.
const WIDTH: usize = 80;
