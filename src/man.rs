//! `chainc man`: the manual pages, one for each command.

use crate::failure::Failure;
use crate::say;
use clap::{Arg, Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use std::io;
use std::path::PathBuf;

/// What the command is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The command to print the page of; chainc itself if not given
    #[arg(conflicts_with = "out")]
    command: Option<String>,
    /// Write all pages into this folder, as chainc.1, chainc-check.1 and so on
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Exit codes, of all commands.
const EXIT: [(&str, &str); 4] = [
    ("0", "Done; warnings are allowed."),
    ("1", "The answer is no: a chain has mistakes, or --diff found something to change."),
    ("2", "The command or chainc.yaml is wrong."),
    ("3", "Something around failed: a file, the store, the disk."),
];

/// Prints a page, or writes all of them.
pub(crate) fn run(arguments: &Arguments, command: Command) -> Result<(), Failure> {
    let pages = pages(command);
    let Some(folder) = &arguments.out else {
        let wanted = match &arguments.command {
            Some(name) => format!("chainc-{name}"),
            None => "chainc".to_owned(),
        };
        let page = pages.iter().find(|page| name(page) == wanted).ok_or_else(|| {
            Failure::usage(format!("there is no command {}", wanted.replacen('-', " ", 1)))
        })?;
        let text = text(page, &pages).map_err(|error| Failure::surroundings(error.to_string()))?;
        return say::data(&String::from_utf8_lossy(&text));
    };
    let written = std::fs::create_dir_all(folder).and_then(|()| {
        pages.iter().try_for_each(|page| {
            let file = folder.join(format!("{}.1", name(page)));
            std::fs::write(file, text(page, &pages)?)
        })
    });
    written.map_err(|error| {
        Failure::surroundings(format!("{} cannot be written: {error}", folder.display()))
    })
}

/// Returns the commands that have a page, the one with all of them first.
fn pages(mut command: Command) -> Vec<Command> {
    command.build();
    let inner = command.get_subcommands().filter(|inner| !inner.is_hide_set());
    let inner: Vec<Command> =
        inner.map(|inner| inner.clone().version(env!("CARGO_PKG_VERSION"))).collect();
    std::iter::once(command).chain(inner).collect()
}

/// Returns the name of a command's page: `chainc-check`.
fn name(page: &Command) -> &str {
    page.get_display_name().unwrap_or_else(|| page.get_name())
}

/// Returns the variables of a command, and what each stands for.
fn variables(page: &Command) -> Vec<(String, String)> {
    let of = |argument: &Arg| {
        let name = argument.get_env()?.to_string_lossy().into_owned();
        let flag = match argument.get_long() {
            Some(long) => format!("--{long}"),
            None => argument.get_id().as_str().to_uppercase(),
        };
        Some((name, flag))
    };
    page.get_arguments().filter_map(of).collect()
}

fn text(page: &Command, pages: &[Command]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let man = Man::new(page.clone()).source(concat!("chainc ", env!("CARGO_PKG_VERSION")));
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if page.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    let mut roff = Roff::new();
    let variables = variables(page);
    if !variables.is_empty() {
        roff.control("SH", ["ENVIRONMENT"]);
    }
    for (name, flag) in variables {
        roff.control("TP", []);
        roff.text([bold(name)]);
        roff.text([roman(format!("Stands for {flag} where that is not given."))]);
    }
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in EXIT {
        roff.control("TP", []);
        roff.text([bold(code)]);
        roff.text([roman(meaning)]);
    }
    roff.control("SH", ["SEE ALSO"]);
    let others = pages.iter().filter(|other| name(other) != name(page));
    let others: Vec<String> = others.map(|other| format!("{}(1)", name(other))).collect();
    roff.text([roman(others.join(", "))]);
    roff.to_writer(&mut text)?;
    Ok(text)
}
