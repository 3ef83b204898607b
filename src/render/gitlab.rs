//! The report that GitLab shows in merge requests: a subset of the Code Climate format.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use super::fingerprint::Fingerprints;
use super::lines::Sources;
use chainc_compiler::Diagnostic;
use chainc_compiler::diagnostic::{Lang, Severity};
use serde::Serialize;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Extent,
}

#[derive(Serialize)]
struct Extent {
    begin: usize,
    end: usize,
}

/// Writes all of them as one array. `root` turns a path into one from the root of the
/// repository.
pub(super) fn render(
    diagnostics: &[Diagnostic],
    sources: &Sources<'_>,
    lang: Lang,
    root: &dyn Fn(&str) -> String,
) -> String {
    let mut fingerprints = Fingerprints::default();
    let issues: Vec<Issue> = diagnostics
        .iter()
        .map(|found| {
            let place = found.place();
            let lines = sources.of(&place.path);
            let path = root(&place.path);
            Issue {
                description: format!("{}: {}", found.code(), found.message(lang)),
                check_name: found.slug(),
                fingerprint: fingerprints.of(found, &path, lines),
                severity: match found.severity() {
                    Severity::Error => "critical",
                    Severity::Warning => "major",
                    Severity::Advice => "info",
                },
                location: Location {
                    path,
                    lines: Extent {
                        begin: lines.position(place.span.start as usize).line,
                        end: lines.position(place.span.end as usize).line,
                    },
                },
            }
        })
        .collect();
    super::pretty(&issues)
}
