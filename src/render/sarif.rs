//! SARIF 2.1.0, for code scanning and for viewers.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html>

use super::fingerprint::Fingerprints;
use super::lines::{Lines, Sources};
use crate::explain::page;
use chainc_compiler::Diagnostic;
use chainc_compiler::diagnostic::{Code, Fix, Lang, Place, Safety, Severity};
use chainc_grammar::syntax::Span;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'d> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'d>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'d> {
    tool: Tool,
    language: &'static str,
    column_kind: &'static str,
    results: Vec<Outcome<'d>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: &'static str,
    short_description: Message,
    help: Help,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

/// What SARIF calls a result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'d> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Repair<'d>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Repair<'d> {
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Message>,
    artifact_changes: [Change<'d>; 1],
    properties: Properties,
}

#[derive(Serialize)]
struct Properties {
    safety: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'d> {
    artifact_location: Artifact,
    replacements: Vec<Replacement<'d>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'d> {
    deleted_region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    inserted_content: Option<Content<'d>>,
}

#[derive(Serialize)]
struct Content<'d> {
    text: &'d str,
}

/// Writes all of them as one log. `root` turns a path into one from the root of the
/// repository.
pub(super) fn render(
    diagnostics: &[Diagnostic],
    sources: &Sources<'_>,
    lang: Lang,
    root: &dyn Fn(&str) -> String,
) -> String {
    let mut codes: Vec<Code> = diagnostics.iter().map(|found| found.kind().code()).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut fingerprints = Fingerprints::default();
    let results = diagnostics
        .iter()
        .map(|found| {
            let code = found.kind().code();
            let path = root(found.file());
            let lines = sources.of(found.file());
            let fingerprint = fingerprints.of(found, &path, lines);
            let mut labels = found.labels(lang).into_iter();
            let own = labels.next().map(|label| label.text).filter(|text| !text.is_empty());
            let related = labels.enumerate().map(|(at, label)| Location {
                id: Some(at + 1),
                physical_location: physical(&label.place, sources, root),
                message: Some(Message { text: label.text }),
            });
            let message = match found.help(lang) {
                Some(help) => format!("{}\n{help}", found.message(lang)),
                None => found.message(lang),
            };
            Outcome {
                rule_id: code.as_str(),
                rule_index: codes.binary_search(&code).unwrap_or_default(),
                level: level(code.severity()),
                message: Message { text: message },
                locations: [Location {
                    id: None,
                    physical_location: physical(found.place(), sources, root),
                    message: own.map(|text| Message { text }),
                }],
                related_locations: related.collect(),
                partial_fingerprints: BTreeMap::from([("chainc/v1", fingerprint)]),
                fixes: found
                    .fix()
                    .filter(|fix| fix.safety != Safety::Display)
                    .map(|fix| repair(fix, found.help(lang), &path, lines))
                    .into_iter()
                    .collect(),
            }
        })
        .collect();
    let rules = codes.into_iter().map(|code| rule(code, lang)).collect();
    super::pretty(&Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "chainc",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules,
                },
            },
            language: lang.tag(),
            column_kind: "utf16CodeUnits",
            results,
        }],
    })
}

fn rule(code: Code, lang: Lang) -> Rule {
    Rule {
        id: code.as_str(),
        name: code.slug(),
        short_description: Message { text: code.summary(lang).to_owned() },
        help: Help {
            text: page::render(code.page(lang), false, 80),
            markdown: fences(code.page(lang)),
        },
        default_configuration: Configuration { level: level(code.severity()) },
    }
}

/// Returns a page as others can draw it: a block says its language and no more.
fn fences(page: &str) -> String {
    let line = |line: &str| match line.strip_prefix("```") {
        Some(kind) => format!("```{}\n", kind.split(' ').next().unwrap_or_default()),
        None => format!("{line}\n"),
    };
    page.lines().map(line).collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    }
}

fn physical(place: &Place, sources: &Sources<'_>, root: &dyn Fn(&str) -> String) -> Physical {
    Physical {
        artifact_location: artifact(&root(&place.path)),
        region: region(place.span, sources.of(&place.path)),
    }
}

fn region(span: Span, lines: &Lines<'_>) -> Region {
    let start = lines.position_utf16(span.start as usize);
    let end = lines.position_utf16(span.end as usize);
    Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

fn repair<'d>(fix: &'d Fix, help: Option<String>, path: &str, lines: &Lines<'_>) -> Repair<'d> {
    let replacements = fix.edits.iter().map(|edit| Replacement {
        deleted_region: region(edit.span, lines),
        inserted_content: (!edit.text.is_empty()).then_some(Content { text: &edit.text }),
    });
    Repair {
        description: help.map(|text| Message { text }),
        artifact_changes: [Change {
            artifact_location: artifact(path),
            replacements: replacements.collect(),
        }],
        properties: Properties { safety: fix.safety.as_str() },
    }
}

/// Returns a file as a URI: from the root of the repository, or whole.
fn artifact(path: &str) -> Artifact {
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    if std::path::Path::new(&path).is_absolute() {
        let slash = if uri.starts_with('/') { "" } else { "/" };
        return Artifact { uri: format!("file://{slash}{uri}"), uri_base_id: None };
    }
    Artifact { uri, uri_base_id: Some("%SRCROOT%") }
}

#[cfg(test)]
mod tests {
    use super::artifact;

    #[test]
    fn a_path_is_a_uri_whatever_stands_in_it() {
        let uri = |path| (artifact(path).uri, artifact(path).uri_base_id.is_some());
        assert_eq!(uri("shop/a.chain"), ("shop/a.chain".to_owned(), true));
        assert_eq!(uri("a b%:ё.chain"), ("a%20b%25%3A%D1%91.chain".to_owned(), true));
        assert_eq!(uri("<stdin>"), ("%3Cstdin%3E".to_owned(), true));
        #[cfg(unix)]
        assert_eq!(uri("/shop/a.chain"), ("file:///shop/a.chain".to_owned(), false));
    }
}
