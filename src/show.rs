//! `chainc show`: what a chain means.

use crate::failure::Failure;
use crate::project::Project;
use crate::{Form, render, say};
use chainc_compiler::Diagnostic;
use chainc_compiler::diagnostic::Lang;
use chainc_compiler::ir::{Chain, Program};
use std::path::Path;

/// Prints a chain by its name, or the only chain of a file.
pub(crate) fn run(chain: &str, form: Form, folder: &Path, lang: Lang) -> Result<(), Failure> {
    let file = Path::new(chain);
    let is_file = file.extension().is_some_and(|extension| extension == "chain");
    let project = if is_file { Project::load_around(file)? } else { Project::load(folder)? };
    let compiled = project.compile();
    let Some(program) = compiled.program else {
        let errors: Vec<Diagnostic> =
            compiled.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        say::talk(&render::human_for_terminal(&errors, &project.files, lang));
        return Err(Failure::no());
    };
    let found = if is_file { only(&program, &project, file)? } else { named(&program, chain)? };
    match form {
        Form::Ir => {
            let json = serde_json::to_string_pretty(found)
                .map_err(|error| Failure::surroundings(error.to_string()))?;
            say::data(&(json + "\n"))?;
        }
    }
    Ok(())
}

fn named<'p>(program: &'p Program, name: &str) -> Result<&'p Chain, Failure> {
    if let Some(chain) = program.chains.iter().find(|chain| chain.name == name) {
        return Ok(chain);
    }
    let names = || program.chains.iter().map(|chain| chain.name.as_str());
    let known: Vec<&str> = names().collect();
    Err(Failure::usage(match chainc_grammar::words::nearest(name, names()) {
        Some(meant) => format!("no chain is named `{name}`; did you mean `{meant}`?"),
        None if known.is_empty() => format!("no chain is named `{name}`: there are no chains here"),
        None => format!("no chain is named `{name}`; there are {}", known.join(", ")),
    }))
}

/// Returns the only chain of a file.
fn only<'p>(program: &'p Program, project: &Project, file: &Path) -> Result<&'p Chain, Failure> {
    let shown = file.display().to_string();
    let shown = shown.strip_prefix("./").unwrap_or(&shown);
    let names: Vec<String> = project
        .files
        .iter()
        .filter(|known| same(&known.path, shown))
        .flat_map(chainc_compiler::chain_names)
        .collect();
    match names.as_slice() {
        [one] => named(program, one),
        [] => Err(Failure::usage(format!("{shown} holds no chain"))),
        several => Err(Failure::usage(format!(
            "{shown} holds several chains; name one of them: {}",
            several.join(", ")
        ))),
    }
}

fn same(known: &str, wanted: &str) -> bool {
    known == wanted
        || match (Path::new(known).canonicalize(), Path::new(wanted).canonicalize()) {
            (Ok(known), Ok(wanted)) => known == wanted,
            _ => false,
        }
}
