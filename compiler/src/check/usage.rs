//! What is declared and used by nothing.
//!
//! Says nothing when some of the text could not be read, or when the project has no
//! chain yet: then the use may still come.

use super::audience::Segments;
use crate::diagnostic::{Diagnostic, Findings, FormKind, Kind};
use crate::resolved::Resolved;
use std::collections::BTreeSet;

/// What the chains use.
#[derive(Debug, Default)]
pub(crate) struct Used {
    pub(crate) messages: BTreeSet<String>,
    /// Messages of a sketch that have been spoken of.
    pub(crate) drafts: BTreeSet<String>,
    pub(crate) brands: BTreeSet<String>,
}

/// Reports messages that no step sends and segments that nothing uses.
pub(crate) fn report(
    resolved: &Resolved<'_>,
    segments: &Segments,
    used: &Used,
    findings: &mut Findings,
) {
    if !resolved.whole || resolved.chains.is_empty() {
        return;
    }
    for (name, declared) in &resolved.messages {
        if !used.messages.contains(*name) {
            let kind = Kind::UnusedMessage { message: (*name).to_owned() };
            findings.push(Diagnostic::new(kind, declared.place()));
        }
    }
    for (name, declared) in &resolved.brands {
        if !used.brands.contains(*name) {
            let kind = Kind::Form(FormKind::UnusedBrand { brand: (*name).to_owned() });
            findings.push(Diagnostic::new(kind, declared.place()));
        }
    }
    for (name, declared) in &resolved.segments {
        if !segments.is_used(name) {
            let kind = Kind::UnusedSegment { segment: (*name).to_owned() };
            findings.push(Diagnostic::new(kind, declared.place()));
        }
    }
}
