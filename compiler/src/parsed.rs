//! First stage: every file has its tree, and the faults of the text are findings.

use crate::SourceFile;
use crate::diagnostic::{Diagnostic, Findings, Kind, Place, Safety, is_name};
use chainc_grammar::fault::{FaultKind, Slot};
use chainc_grammar::syntax::{Declaration, Span};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A file with its tree.
#[derive(Debug, Clone)]
pub struct ParsedFile {
    /// The path, as shown to people.
    pub path: Arc<str>,
    /// The text.
    pub text: String,
    /// Tree, comments and faults.
    pub parsed: chainc_grammar::Parsed,
}

impl ParsedFile {
    /// Returns a place in this file.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        Place { path: Arc::clone(&self.path), span }
    }
}

/// All files of a project, parsed.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    pub(crate) files: Vec<ParsedFile>,
}

impl Parsed {
    /// Reads the text of every file.
    #[must_use]
    pub fn parse<'s>(files: impl IntoIterator<Item = &'s SourceFile>) -> Self {
        Self { files: files.into_iter().map(parse).collect() }
    }

    /// Reads one file anew.
    pub fn replace(&mut self, new: &SourceFile) {
        if let Some(file) = self.files.iter_mut().find(|file| *file.path == *new.path) {
            *file = parse(new);
        }
    }

    /// Reports what is wrong with the texts as texts.
    pub(crate) fn report(&self, findings: &mut Findings) {
        for file in &self.files {
            for fault in &file.parsed.faults {
                let mut found =
                    Diagnostic::new(Kind::Syntax(fault.kind.clone()), file.place(fault.span));
                if let FaultKind::UnclosedBlock { open, .. } = fault.kind {
                    found = found.related(file.place(open));
                }
                if let Some(repair) = &fault.repair {
                    let safety = if repair.safe { Safety::Safe } else { Safety::Unsafe };
                    found = found.fixed(safety, repair.span, repair.text.as_str());
                }
                if let (None, Some(name)) = (&fault.repair, bare_name(&fault.kind)) {
                    found = found.fixed(Safety::Unsafe, fault.span, name);
                }
                findings.push(found);
            }
        }
    }

    /// Returns true when the trees hold everything that was written.
    pub(crate) fn is_whole(&self) -> bool {
        self.files.iter().all(|file| file.parsed.whole)
    }

    /// Returns the paths that `body file "..."` names, each once, in order of appearance.
    #[must_use]
    pub fn body_files(&self) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        let mut known = BTreeSet::new();
        for file in &self.files {
            for declaration in &file.parsed.file.declarations {
                let Declaration::Message(message) = &declaration.value else { continue };
                let parts = message.texts.iter().flatten().flat_map(|text| &text.parts);
                for part in parts.filter(|part| part.value.file) {
                    let path = part.value.text.value.value();
                    if known.insert(path.clone()) {
                        paths.push(path);
                    }
                }
            }
        }
        paths
    }
}

/// Returns the name of something that a step put into quotes.
fn bare_name(fault: &FaultKind) -> Option<&str> {
    let FaultKind::Unexpected { slot: Slot::Step, found, expected, .. } = fault else {
        return None;
    };
    let name = found.strip_prefix('"')?.strip_suffix('"')?;
    let named = expected.iter().any(|phrase| phrase.contains("name"));
    (named && is_name(name)).then_some(name)
}

fn parse(file: &SourceFile) -> ParsedFile {
    ParsedFile {
        path: Arc::from(file.path.as_str()),
        text: file.text.clone(),
        parsed: chainc_grammar::parse(&file.text),
    }
}
