//! `chainc new`: a project that checks clean and runs, with invented customers to try it on.
//!
//! The files are those of `examples/new`, compiled in.

use crate::failure::Failure;
use crate::language::Language;
use crate::say;
use chainc_compiler::diagnostic::Lang;
use clap::Args;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What the command is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder of the new project; it must not hold anything yet
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    language: Language,
}

/// Makes a list of files and what stands in them.
macro_rules! files {
    ($lang:literal: $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../examples/new/", $lang, "/", $name)))),*]
    };
}

fn files(lang: Lang) -> &'static [(&'static str, &'static str)] {
    match lang {
        Lang::En => files!("en": "README.md" ".gitignore" "chainc.yaml" "policy.chain"
            "messages.chain" "winback.chain" "customers.csv" "purchases.csv"),
        Lang::Ru => files!("ru": "README.md" ".gitignore" "chainc.yaml" "policy.chain"
            "messages.chain" "winback.chain" "customers.csv" "purchases.csv"),
    }
}

/// Makes the project, whole or not at all.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let lang = arguments.language.lang();
    let folder = &arguments.folder;
    let shown = folder.display();
    match is_free(folder) {
        Ok(true) => {}
        Ok(false) => {
            return Err(Failure::usage(match lang {
                Lang::En => {
                    format!("{shown} is not empty; a new project wants a folder of its own")
                }
                Lang::Ru => format!("{shown} не пуста; новому проекту нужна своя папка"),
            }));
        }
        Err(error) => return Err(failed(folder, &error)),
    }
    make(folder, files(lang)).map_err(|error| failed(folder, &error))?;
    say::talk(&next(folder, lang));
    Ok(())
}

fn failed(folder: &Path, error: &io::Error) -> Failure {
    Failure::surroundings(format!("{} cannot be made: {error}", folder.display()))
}

/// Tells whether nothing is there, or a folder with nothing in it. What git keeps in a fresh
/// repository does not count.
fn is_free(folder: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    for entry in entries {
        if entry?.file_name() != ".git" {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes the files beside their place first, so that a full disk leaves nothing half.
fn make(folder: &Path, files: &[(&str, &str)]) -> io::Result<()> {
    let was_there = folder.is_dir();
    fs::create_dir_all(folder)?;
    let beside = folder.join(format!(".new.{}", std::process::id()));
    let mut moved = Vec::new();
    let made = (|| {
        fs::create_dir(&beside)?;
        for (name, text) in files {
            fs::write(beside.join(name), text)?;
        }
        for (name, _) in files {
            let place = folder.join(name);
            fs::rename(beside.join(name), &place)?;
            moved.push(place);
        }
        fs::remove_dir(&beside)
    })();
    if made.is_err() {
        for file in moved {
            let _ = fs::remove_file(file);
        }
        let _ = fs::remove_dir_all(&beside);
        if !was_there {
            let _ = fs::remove_dir(folder);
        }
    }
    made
}

/// Returns what to do next.
fn next(folder: &Path, lang: Lang) -> String {
    let here = folder == Path::new(".");
    let enter = if here { String::new() } else { format!("  cd {}\n", quoted(folder)) };
    let (made, next) = match lang {
        Lang::En => ("made a project in", "next:"),
        Lang::Ru => ("проект создан в", "дальше:"),
    };
    format!(
        "{made} {}\n{next}\n{enter}  chainc check\n  chainc show winback\n  \
         chainc run --replay 2026-03-01..2026-05-31",
        folder.display()
    )
}

/// Returns a path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-~".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
