//! Annotations for GitHub Actions: workflow commands, one line each.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use super::lines::Sources;
use chainc_compiler::Diagnostic;
use chainc_compiler::diagnostic::{Lang, Severity};

/// Writes all of them. `root` turns a path into one from the root of the repository.
pub(super) fn render(
    diagnostics: &[Diagnostic],
    sources: &Sources<'_>,
    lang: Lang,
    root: &dyn Fn(&str) -> String,
) -> String {
    let mut text = String::new();
    for found in diagnostics {
        let level = match found.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "notice",
        };
        let place = found.place();
        let lines = sources.of(&place.path);
        let start = lines.position(place.span.start as usize);
        let end = lines.position(place.span.end as usize);
        let mut where_ = format!("file={},line={}", property(&root(&place.path)), start.line);
        // GitHub refuses columns of a place that has several lines.
        if start.line == end.line {
            where_ +=
                &format!(",col={},endLine={},endColumn={}", start.column, end.line, end.column);
        } else {
            where_ += &format!(",endLine={}", end.line);
        }
        let title = property(&format!("{} {}", found.code(), found.slug()));
        let message = match found.help(lang) {
            Some(help) => format!("{}\n{help}", found.message(lang)),
            None => found.message(lang),
        };
        text += &format!("::{level} {where_},title={title}::{}\n", data(&message));
    }
    text
}

/// Escapes what stands behind `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_would_end_a_command_or_a_property_is_escaped() {
        assert_eq!(data("100% of\r\nit: a, b"), "100%25 of%0D%0Ait: a, b");
        assert_eq!(property("C:\\a,b%.chain"), "C%3A\\a%2Cb%25.chain");
    }
}
