//! An example project, compiled from its files.

use chainc_compiler::ir::{Action, Program, Step};
use chainc_compiler::{Settings, SourceFile, body_files, compile};
use chainc_runtime::engine;
use chainc_runtime::links::Links;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Returns the folder with the examples of this repository.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// Compiles the project of an example.
pub(super) fn compiled(name: &str) -> Result<Program, String> {
    let folder = folder().join(name);
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{name}: {error}"))?;
    let mut files = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|extension| extension == "chain") {
            let text =
                std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
            let path = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push(SourceFile { path, text });
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let bodies: BTreeMap<String, String> = body_files(&files)
        .into_iter()
        .filter_map(|file| Some((file.clone(), std::fs::read_to_string(folder.join(file)).ok()?)))
        .collect();
    let compiled = compile(&files, &bodies, &Settings::default());
    compiled.program.ok_or_else(|| format!("{name} does not compile: {:#?}", compiled.diagnostics))
}

/// Returns what the project's surroundings are: links that lead somewhere.
pub(super) fn settings() -> engine::Settings {
    let links = Links {
        shop: Some("https://shop.example/go".to_owned()),
        unsubscribe: Some("https://shop.example/no".to_owned()),
    };
    engine::Settings { links, ..engine::Settings::default() }
}

/// Returns what has to stand in the tally if every step was reached: of a message that it was
/// sent, of any other step that somebody came to it.
pub(super) fn steps(program: &Program) -> BTreeSet<(String, String, &'static str)> {
    let mut all = BTreeSet::new();
    for chain in &program.chains {
        walk(&chain.name, &chain.steps, &mut all);
    }
    all
}

fn walk(chain: &str, steps: &[Step], all: &mut BTreeSet<(String, String, &'static str)>) {
    for step in steps {
        let what = match step.action {
            Action::Send { .. } | Action::Fallback { .. } => "sent",
            _ => "reached",
        };
        all.insert((chain.to_owned(), step.id.clone(), what));
        step.inner().for_each(|inner| walk(chain, inner, all));
    }
}
