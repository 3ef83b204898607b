//! Syntax trees of chain files in, a checked program (IR) and diagnostics out.
//!
//! Names are resolved here, quantities get their types, a chain gets the hash of
//! its meaning. Pure: no clock, no files, no database, no printing; the caller
//! hands in every text and every setting. The runtime sees only [`ir`], [`units`]
//! and [`sms`].
//!
//! The stages are types, each made from the one before: [`parsed`] -> `resolved` ->
//! `checked` -> lowered to [`ir`]. What was not checked cannot be lowered.

mod allow;
mod check;
mod checked;
pub mod diagnostic;
pub mod explain;
pub mod ir;
mod lower;
pub mod months;
pub mod parsed;
pub mod picture;
pub mod proof;
mod resolved;
pub mod scenario;
pub mod sms;
#[cfg(test)]
#[path = "../../grammar/tests/support/mod.rs"]
mod support;
pub mod units;
pub mod zones;

use crate::diagnostic::Findings;
use std::collections::BTreeMap;

pub use diagnostic::Diagnostic;
pub use parsed::Parsed;

/// A chain file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path, as shown to people. A chain without a name is named after it.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// What a project says outside of its chain files. The policy wins over it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The business zone; UTC when nobody says.
    pub timezone: Option<String>,
    /// The currency; RUB when nobody says.
    pub currency: Option<String>,
}

/// What became of a project.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// Everything found, by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// The program, exactly when no diagnostic is an error. Chains stand by name, sealed.
    pub program: Option<ir::Program>,
}

/// Compiles all chain files of a project as one program.
///
/// `bodies` holds the texts of the files that [`body_files`] named, by the path written
/// in the chain file. Who needs both, or more, reads the files once with [`Parsed::parse`].
///
/// ```
/// use chainc_compiler::{Settings, SourceFile, compile};
/// let file = SourceFile {
///     path: "seed.chain".to_owned(),
///     text: "segment recency 60..89 -> grant 300 -> sms offer".to_owned(),
/// };
/// let compiled = compile(&[file], &Default::default(), &Settings::default());
/// assert_eq!(compiled.program.unwrap().chains[0].steps.len(), 2);
/// ```
#[must_use]
pub fn compile(
    files: &[SourceFile],
    bodies: &BTreeMap<String, String>,
    settings: &Settings,
) -> Compiled {
    Parsed::parse(files).compile(bodies, settings)
}

impl Parsed {
    /// Compiles the files as one program; see [`compile`].
    #[must_use]
    pub fn compile(&self, bodies: &BTreeMap<String, String>, settings: &Settings) -> Compiled {
        let mut findings = Findings::default();
        self.report(&mut findings);
        let resolved = self.resolve(&mut findings);
        let checked = resolved.check(bodies, settings, &mut findings);
        let program = if findings.has_errors() { None } else { checked.lower() };
        Compiled { diagnostics: allow::apply(self, findings.into_sorted()), program }
    }
}

/// Returns the paths that `body file "..."` names, each once, in order of appearance.
#[must_use]
pub fn body_files(files: &[SourceFile]) -> Vec<String> {
    Parsed::parse(files).body_files()
}

/// Returns the names of the chains a file declares.
#[must_use]
pub fn chain_names(file: &SourceFile) -> Vec<String> {
    let parsed = Parsed::parse([file]);
    let resolved = parsed.resolve(&mut Findings::default());
    resolved.chains.into_iter().map(|chain| chain.name).filter(|name| !name.is_empty()).collect()
}
