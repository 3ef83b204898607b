//! `chainc show`: what a chain means, for people and for machines; and which chains there are.

use crate::failure::Failure;
use crate::language::Language;
use crate::project::Project;
use crate::{Format, render, say};
use chainc_compiler::diagnostic::Lang;
use chainc_compiler::ir::{Chain, Program};
use chainc_compiler::{Diagnostic, explain, picture};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What the command is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A chain's name, or a .chain file with one chain; all chains are listed if not given
    chain: Option<String>,
    /// In which form; sentences if not given
    #[arg(long = "as", value_enum, value_name = "FORM", requires = "chain")]
    form: Option<Form>,
    /// The project's folder
    #[arg(long, default_value = ".", env = "CHAINC_PROJECT")]
    project: PathBuf,
    /// How to print the list; of one chain, json is --as ir
    #[arg(long, value_enum, default_value_t = Format::Human, env = "CHAINC_FORMAT")]
    format: Format,
    #[command(flatten)]
    language: Language,
}

/// A form of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Sentences, on 80 columns
    Text,
    /// A picture, one file
    Svg,
    /// A Mermaid flowchart
    Mermaid,
    /// The checked program, as JSON
    Ir,
}

/// A line of the list, for machines.
#[derive(Debug, Serialize)]
struct Listed<'p> {
    name: &'p str,
    title: Option<&'p str>,
    description: Option<&'p str>,
    experiment: Option<&'p str>,
    version: &'p str,
    audience: String,
    steps: usize,
}

/// Prints a chain by its name, or the only chain of a file, or a list of all chains.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let lang = arguments.language.lang();
    let Some(chain) = &arguments.chain else {
        let program = compiled(&Project::load(&arguments.project)?, lang)?;
        return list(&program, arguments.format, lang);
    };
    let file = Path::new(chain);
    let is_file = file.extension().is_some_and(|extension| extension == "chain");
    let project =
        if is_file { Project::load_around(file)? } else { Project::load(&arguments.project)? };
    let program = compiled(&project, lang)?;
    let found = if is_file { only(&program, &project, file)? } else { named(&program, chain)? };
    let form = arguments.form.unwrap_or(match arguments.format {
        Format::Human => Form::Text,
        Format::Json => Form::Ir,
    });
    say::data(&match form {
        Form::Text => explain::chain(&program, found, lang),
        Form::Svg => picture::svg(&program, found, lang),
        Form::Mermaid => picture::mermaid(&program, found, lang),
        Form::Ir => json(found)?,
    })
}

/// Compiles a project, or says what is wrong with it.
fn compiled(project: &Project, lang: Lang) -> Result<Program, Failure> {
    let compiled = project.compile();
    compiled.program.ok_or_else(|| {
        let errors: Vec<Diagnostic> =
            compiled.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        say::talk(&render::human_for_terminal(&errors, &project.files, lang));
        Failure::no()
    })
}

fn list(program: &Program, format: Format, lang: Lang) -> Result<(), Failure> {
    let listed = |chain: &Chain| explain::audience(&chain.audience, &program.policy.currency, lang);
    match format {
        Format::Human => say::data(&explain::list(program, lang)),
        Format::Json => {
            let chains: Vec<Listed<'_>> = program
                .chains
                .iter()
                .map(|chain| Listed {
                    name: &chain.name,
                    title: chain.title.as_deref(),
                    description: chain.description.as_deref(),
                    experiment: chain.experiment.as_deref(),
                    version: &chain.version,
                    audience: listed(chain),
                    steps: explain::count(&chain.steps),
                })
                .collect();
            say::data(&json(&chains)?)
        }
    }
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    let json = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::surroundings(error.to_string()))?;
    Ok(json + "\n")
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
