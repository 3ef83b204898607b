//! First stage: every file has its tree, and the faults of the text are findings.

use crate::SourceFile;
use crate::diagnostic::{Diagnostic, Findings, Kind, Place, Safety};
use chainc_grammar::fault::FaultKind;
use chainc_grammar::syntax::{Declaration, Span};
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
    pub(crate) fn parse(files: &[SourceFile], findings: &mut Findings) -> Self {
        let files: Vec<ParsedFile> = files
            .iter()
            .map(|file| ParsedFile {
                path: Arc::from(file.path.as_str()),
                text: file.text.clone(),
                parsed: chainc_grammar::parse(&file.text),
            })
            .collect();
        for file in &files {
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
                findings.push(found);
            }
        }
        Self { files }
    }

    /// Returns true when the trees hold everything that was written.
    pub(crate) fn is_whole(&self) -> bool {
        self.files.iter().all(|file| file.parsed.whole)
    }

    pub(crate) fn body_files(&self) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        for file in &self.files {
            for declaration in &file.parsed.file.declarations {
                let Declaration::Message(message) = &declaration.value else { continue };
                let parts = message.texts.iter().flatten().flat_map(|text| &text.parts);
                for part in parts.filter(|part| part.value.file) {
                    let path = part.value.text.value.value();
                    if !paths.contains(&path) {
                        paths.push(path);
                    }
                }
            }
        }
        paths
    }
}
