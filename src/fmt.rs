//! `chainc fmt`: the one layout for chain files.

mod told;

use crate::failure::Failure;
use crate::language::Language;
use crate::{diff, project, replace, say};
use chainc_compiler::diagnostic::Lang;
use chainc_grammar::Left;
use clap::Args;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;

/// What the command is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Folders or .chain files; - reads one from standard input and prints it
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// List the files that would change, and change nothing
    #[arg(long, conflicts_with = "diff")]
    check: bool,
    /// Print what would change, and change nothing
    #[arg(long)]
    diff: bool,
    #[command(flatten)]
    language: Language,
}

/// A file, and what becomes of it.
struct File {
    path: String,
    bytes: Vec<u8>,
    outcome: Outcome,
}

enum Outcome {
    /// It is laid out already.
    Same,
    /// This is what it becomes.
    Changed(String),
    /// It stays as it is.
    Left(Left),
    /// It is no text from this byte on.
    NoText(usize),
}

/// Lays out files and folders.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let lang = arguments.language.lang();
    let is_buffer = arguments.paths.iter().any(|path| path == Path::new("-"));
    let files = if is_buffer {
        if arguments.paths.len() > 1 {
            return Err(Failure::usage("`-` is standard input alone; name no other paths with it"));
        }
        vec![File::of(project::BUFFER.to_owned(), project::read_standard_input()?)]
    } else {
        lay_out(files(&arguments.paths)?)?
    };
    if files.is_empty() {
        say::talk(told::nothing_here(lang));
    }
    let changed = files.iter().filter(|file| matches!(file.outcome, Outcome::Changed(_))).count();
    if arguments.check {
        list(&files)?;
    } else if arguments.diff {
        print_diff(&files)?;
    } else if is_buffer {
        files.iter().try_for_each(print)?;
    } else {
        files.iter().try_for_each(write)?;
    }
    let is_done = !arguments.check && !arguments.diff;
    if !is_buffer && !files.is_empty() {
        say::talk(&told::laid_out(is_done, changed, files.len(), lang));
    }
    tell_what_is_left(&files, lang)?;
    if changed > 0 && !is_done { Err(Failure::no()) } else { Ok(()) }
}

impl File {
    fn of(path: String, bytes: Vec<u8>) -> Self {
        let outcome = match std::str::from_utf8(&bytes) {
            Err(error) => Outcome::NoText(error.valid_up_to()),
            Ok(text) => match chainc_grammar::format(text) {
                Ok(laid_out) if laid_out == text => Outcome::Same,
                Ok(laid_out) => Outcome::Changed(laid_out),
                Err(left) => Outcome::Left(left),
            },
        };
        Self { path, bytes, outcome }
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_default()
    }
}

/// Returns the chain files of the paths, each once.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    let mut known = BTreeSet::new();
    for path in paths {
        let below = if path.is_dir() {
            project::files_below(path)?
        } else if project::is_chain(path) || !path.exists() {
            vec![path.clone()]
        } else {
            return Err(Failure::usage(format!(
                "{} is not a .chain file; give one, or a folder with some",
                path.display()
            )));
        };
        files.extend(
            below
                .into_iter()
                .filter(|file| known.insert(file.canonicalize().unwrap_or_else(|_| file.clone()))),
        );
    }
    Ok(files)
}

/// Reads and lays out files, several at once.
fn lay_out(paths: Vec<PathBuf>) -> Result<Vec<File>, Failure> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = paths.len().div_ceil(threads).max(1);
    let read = |path: &PathBuf| Ok(File::of(project::shown(path), project::read(path)?));
    thread::scope(|scope| {
        let shares: Vec<_> = paths
            .chunks(share)
            .map(|paths| scope.spawn(move || paths.iter().map(read).collect::<Vec<_>>()))
            .collect();
        let broken = |_| vec![Err(Failure::surroundings("laying out files stopped half way"))];
        shares.into_iter().flat_map(|share| share.join().unwrap_or_else(broken)).collect()
    })
}

fn list(files: &[File]) -> Result<(), Failure> {
    let changed = files.iter().filter(|file| matches!(file.outcome, Outcome::Changed(_)));
    say::data(&changed.map(|file| file.path.clone() + "\n").collect::<String>())
}

fn print_diff(files: &[File]) -> Result<(), Failure> {
    let color = say::has_color(&std::io::stdout());
    let diffs = files.iter().filter_map(|file| match &file.outcome {
        Outcome::Changed(after) => Some(diff::unified(&file.path, file.text(), after, color)),
        Outcome::Same | Outcome::Left(_) | Outcome::NoText(_) => None,
    });
    say::data(&diffs.collect::<String>())
}

/// Prints standard input, laid out or as it came.
fn print(file: &File) -> Result<(), Failure> {
    match &file.outcome {
        Outcome::Changed(after) => say::data(after),
        Outcome::Same | Outcome::Left(_) => say::data(file.text()),
        Outcome::NoText(_) => Ok(()),
    }
}

fn write(file: &File) -> Result<(), Failure> {
    let Outcome::Changed(after) = &file.outcome else { return Ok(()) };
    replace::replace(Path::new(&file.path), &file.bytes, after.as_bytes())
        .map_err(|error| Failure::surroundings(format!("{} cannot be written: {error}", file.path)))
}

/// Says of each file that stays as it is why it does. A file that should have been laid out
/// and was not is a failure.
fn tell_what_is_left(files: &[File], lang: Lang) -> Result<(), Failure> {
    let mut failed = 0;
    for file in files {
        match file.outcome {
            Outcome::Same | Outcome::Changed(_) => {}
            Outcome::Left(left) => {
                failed += usize::from(left == Left::Unproven);
                say::talk(&told::left(&file.path, left, lang));
            }
            Outcome::NoText(at) => {
                failed += 1;
                say::talk(&told::no_text(&file.path, at, lang));
            }
        }
    }
    if failed > 0 { Err(Failure::surroundings(told::failed(failed, lang))) } else { Ok(()) }
}
