//! `chainc check`: looks for mistakes, repairs them if asked to, and runs nothing.

mod repair;
mod repository;
mod selection;
mod targets;
mod told;

use crate::failure::Failure;
use crate::language::Language;
use crate::render::{self, Report};
use crate::{diff, replace, say};
use chainc_compiler::diagnostic::Lang;
use chainc_compiler::{Diagnostic, SourceFile};
use clap::{Args, ValueEnum};
use repair::{Daring, Repaired};
use repository::Repository;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use targets::Target;

pub(crate) use selection::Selection;

/// What the command is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Folders or .chain files; - reads one chain file from standard input
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How to print what is found
    #[arg(long, value_enum, default_value_t = Format::Human, env = "CHAINC_FORMAT")]
    format: Format,
    /// Repair what can be repaired beyond doubt, in the files that were named
    #[arg(long, group = "repairing")]
    fix: bool,
    /// Print what --fix would change, and change nothing
    #[arg(long, group = "repairing")]
    diff: bool,
    /// With --fix or --diff: repair what was most likely meant, too
    #[arg(long, requires = "repairing")]
    unsafe_fixes: bool,
    /// Only these codes or slugs; the beginning of a code means all that begin with it
    #[arg(long, value_name = "CODE", value_delimiter = ',', env = "CHAINC_SELECT")]
    select: Vec<String>,
    /// Without these warnings and remarks
    #[arg(long, value_name = "CODE", value_delimiter = ',', env = "CHAINC_IGNORE")]
    ignore: Vec<String>,
    /// With -: the file that standard input stands for
    #[arg(long, value_name = "FILE")]
    stdin_name: Option<PathBuf>,
    #[command(flatten)]
    language: Language,
}

/// For people, or for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for people
    Human,
    /// One line each, for editors: path:line:column: error[E0203] words
    Plain,
    /// JSON
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations for GitHub Actions
    Github,
    /// A code quality report for GitLab
    Gitlab,
}

/// Checks folders and files. What lies in a project is checked with it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let lang = arguments.language.lang();
    let told =
        Selection::of_command(&arguments.select, &arguments.ignore).map_err(Failure::usage)?;
    let is_buffer = reads_standard_input(arguments)?;
    let mut targets = match is_buffer {
        true => vec![targets::of_standard_input(arguments.stdin_name.as_deref())?],
        false => targets::of_paths(&arguments.paths)?,
    };
    let mut findings = Findings::default();
    for target in &mut targets {
        let selection =
            told.over(&target.project.config.check.selection().map_err(Failure::usage)?);
        let found = match arguments.daring() {
            None => target.project.compile().diagnostics,
            Some(daring) => {
                let (repaired, found) = repair::repair(target, &selection, daring)?;
                findings.repaired.push(repaired);
                found
            }
        };
        findings.add(found, &selection, lang);
    }
    let sources: BTreeMap<&str, &SourceFile> = targets
        .iter()
        .flat_map(|target| &target.project.files)
        .map(|file| (file.path.as_str(), file))
        .collect();
    if sources.is_empty() {
        say::talk(told::nothing_here(lang));
    }
    let report = Report::new(&findings.shown, sources.into_values(), lang);
    if arguments.diff {
        findings.print_diff()?;
    } else {
        if arguments.fix && is_buffer {
            let fixed = targets.iter().find_map(Target::buffer);
            say::data(fixed.map_or("", |file| &file.text))?;
        } else if arguments.fix {
            findings.write()?;
        }
        tell(&report, arguments.format)?;
    }
    findings.close(arguments, lang);
    let would_change = arguments.diff && findings.changes().next().is_some();
    if findings.errors > 0 || would_change { Err(Failure::no()) } else { Ok(()) }
}

/// Tells whether the text comes from standard input, and stands alone.
fn reads_standard_input(arguments: &Arguments) -> Result<bool, Failure> {
    let is_dash = |path: &PathBuf| path == Path::new("-");
    let is_buffer = arguments.paths.iter().any(is_dash);
    if is_buffer && arguments.paths.len() > 1 {
        return Err(Failure::usage("`-` is standard input alone; name no other paths with it"));
    }
    if !is_buffer && arguments.stdin_name.is_some() {
        return Err(Failure::usage("`--stdin-name` goes with `-`, which reads standard input"));
    }
    let prints_text = arguments.diff || (arguments.fix && is_buffer);
    if prints_text && arguments.format != Format::Human {
        let what = if arguments.diff { "the diff" } else { "the repaired text" };
        return Err(Failure::usage(format!(
            "{what} goes to standard output, so no `--format` can go there"
        )));
    }
    Ok(is_buffer)
}

impl Arguments {
    fn daring(&self) -> Option<Daring> {
        let daring = if self.unsafe_fixes { Daring::Unsafe } else { Daring::Safe };
        (self.fix || self.diff).then_some(daring)
    }
}

/// What was found in all projects.
#[derive(Default)]
struct Findings {
    shown: Vec<Diagnostic>,
    seen: BTreeSet<(String, u32, u32, String)>,
    errors: usize,
    /// Errors that are not shown, because others were selected.
    hidden: usize,
    repaired: Vec<Repaired>,
}

impl Findings {
    /// Adds what was found in a project. A file may be in two projects.
    fn add(&mut self, found: Vec<Diagnostic>, selection: &Selection, lang: Lang) {
        for found in found {
            let place = found.place();
            let message = found.message(lang);
            let key = (place.path.to_string(), place.span.start, place.span.end, message);
            if !self.seen.insert(key) {
                continue;
            }
            self.errors += usize::from(found.is_error());
            if selection.is_shown(&found) {
                self.shown.push(found);
            } else {
                self.hidden += usize::from(found.is_error());
            }
        }
    }

    fn changes(&self) -> impl Iterator<Item = &repair::Change> {
        self.repaired.iter().flat_map(|repaired| &repaired.changes)
    }

    fn print_diff(&self) -> Result<(), Failure> {
        let color = say::has_color(&std::io::stdout());
        let diffs = self
            .changes()
            .map(|change| diff::unified(&change.path, &change.before, &change.after, color));
        say::data(&diffs.collect::<String>())
    }

    fn write(&self) -> Result<(), Failure> {
        for change in self.changes() {
            let (before, after) = (change.before.as_bytes(), change.after.as_bytes());
            replace::replace(Path::new(&change.path), before, after).map_err(|error| {
                Failure::surroundings(format!("{} cannot be written: {error}", change.path))
            })?;
        }
        Ok(())
    }

    /// Says what the findings themselves do not.
    fn close(&self, arguments: &Arguments, lang: Lang) {
        if arguments.daring().is_some() {
            for found in self.repaired.iter().flat_map(|repaired| &repaired.refused) {
                say::talk(&told::refused(found.code(), found.file(), lang));
            }
            let sum = |of: fn(&Repaired) -> usize| self.repaired.iter().map(of).sum();
            let (fixed, more) = (sum(|repaired| repaired.fixed), sum(|repaired| repaired.more));
            let tense = if arguments.diff { told::Tense::Would } else { told::Tense::Did };
            say::talk(&told::fixed(tense, fixed, self.changes().count(), more, lang));
        } else if arguments.format == Format::Human
            && let Some(hint) = render::hint(&self.shown, lang)
        {
            say::talk(&hint);
        }
        if self.hidden > 0 {
            say::talk(&told::hidden(self.hidden, lang));
        }
    }
}

fn tell(report: &Report<'_>, format: Format) -> Result<(), Failure> {
    let repository = Repository::here();
    let root = |path: &str| repository.path(path);
    say::data(&match format {
        Format::Human => {
            let text = report.human(say::has_color(&std::io::stderr()));
            if !text.is_empty() {
                say::talk(&text);
            }
            return Ok(());
        }
        Format::Plain => report.plain(),
        Format::Json => report.json(),
        Format::Sarif => report.sarif(&root),
        Format::Github => report.github(&root),
        Format::Gitlab => report.gitlab(&root),
    })
}
