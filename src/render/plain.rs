//! One line for each finding, for editors and `grep`: `path:line:column: error[E0203] words`.

use super::lines::Sources;
use chainc_compiler::Diagnostic;
use chainc_compiler::diagnostic::{Lang, Severity};

/// Writes all of them.
pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources<'_>, lang: Lang) -> String {
    let mut text = String::new();
    for found in diagnostics {
        let place = found.place();
        let at = sources.of(&place.path).position(place.span.start as usize);
        // The words that editors know from other compilers.
        let severity = match found.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "note",
        };
        let line = format!(
            "{}:{}:{}: {severity}[{}] {}",
            place.path,
            at.line,
            at.column,
            found.code(),
            found.message(lang)
        );
        text.extend(line.chars().map(|c| if c.is_control() { ' ' } else { c }));
        text.push('\n');
    }
    text
}
