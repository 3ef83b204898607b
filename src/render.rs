//! Diagnostics for people (through miette) and for machines, one file for each format.
//!
//! Input: the compiler's diagnostics and the texts they speak of. Output: text. Decides
//! nothing and prints nothing.

mod fingerprint;
mod github;
mod gitlab;
mod human;
mod json;
mod lines;
mod plain;
mod sarif;
mod summary;

use crate::say;
use chainc_compiler::diagnostic::Lang;
use chainc_compiler::{Diagnostic, SourceFile};
use lines::Sources;
use serde::Serialize;

pub(crate) use summary::hint;

/// What there is to tell.
pub(crate) struct Report<'d> {
    diagnostics: &'d [Diagnostic],
    sources: Sources<'d>,
    lang: Lang,
}

impl<'d> Report<'d> {
    /// Puts findings and the texts they speak of together.
    pub(crate) fn new(
        diagnostics: &'d [Diagnostic],
        sources: impl IntoIterator<Item = &'d SourceFile>,
        lang: Lang,
    ) -> Self {
        Self { diagnostics, sources: Sources::new(sources), lang }
    }

    /// As people read them, with a line that counts them at the end; empty when there are
    /// none.
    pub(crate) fn human(&self, color: bool) -> String {
        human::render(self.diagnostics, &self.sources, self.lang, color, WIDTH)
    }

    /// One line each.
    pub(crate) fn plain(&self) -> String {
        plain::render(self.diagnostics, &self.sources, self.lang)
    }

    /// One JSON array.
    pub(crate) fn json(&self) -> String {
        json::render(self.diagnostics, &self.sources, self.lang)
    }

    /// A SARIF log. `root` turns a path into one from the root of the repository, here and
    /// below.
    pub(crate) fn sarif(&self, root: &dyn Fn(&str) -> String) -> String {
        sarif::render(self.diagnostics, &self.sources, self.lang, root)
    }

    /// Annotations for GitHub Actions.
    pub(crate) fn github(&self, root: &dyn Fn(&str) -> String) -> String {
        github::render(self.diagnostics, &self.sources, self.lang, root)
    }

    /// A code quality report for GitLab.
    pub(crate) fn gitlab(&self, root: &dyn Fn(&str) -> String) -> String {
        gitlab::render(self.diagnostics, &self.sources, self.lang, root)
    }
}

/// Returns the diagnostics as standard error can show them.
pub(crate) fn human_for_terminal(
    diagnostics: &[Diagnostic],
    sources: &[SourceFile],
    lang: Lang,
) -> String {
    Report::new(diagnostics, sources, lang).human(say::has_color(&std::io::stderr()))
}

/// Columns that every terminal has.
const WIDTH: usize = 80;

/// Returns a value as JSON, pretty, with a line break at its end.
fn pretty(value: &impl Serialize) -> String {
    // Only maps with keys that are no texts, and writers, can fail.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
