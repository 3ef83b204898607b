//! The command line of chainc: arguments in, exit codes out. One file per command; what
//! the commands do is the compiler's and the runtime's.

// `print!` panics when the reader has gone; `say` does not.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod check;
mod completions;
mod config;
mod diff;
mod erase;
mod explain;
mod failure;
mod fmt;
mod import;
mod language;
mod man;
mod merge;
mod new;
mod order;
mod project;
mod render;
mod replace;
mod run;
mod say;
mod show;
mod status;
mod table;
mod why;

use chainc_runtime::store::operations::Standing;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use language::Language;
use std::path::PathBuf;
use std::process::ExitCode;

/// Customer-retention campaigns: written as text, checked, and run without ever granting
/// twice, losing a timer, or writing to somebody who said no.
#[derive(Debug, Parser)]
#[command(name = "chainc", version, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a project that checks clean and runs, with invented customers to try it on
    New(new::Arguments),
    /// Look for mistakes in chain files; nothing is run
    Check(check::Arguments),
    /// Lay out chain files in the one layout; nothing they mean changes
    Fmt(fmt::Arguments),
    /// Tell the long story of a finding
    Explain(explain::Arguments),
    /// Show what a chain means, or which chains there are
    Show(show::Arguments),
    /// Bring customers, purchases, consents, returns or promo codes into the store
    Import {
        /// What the file holds
        #[arg(value_enum)]
        kind: Kind,
        /// A CSV file with a header
        file: PathBuf,
        /// The source of these purchases or returns, as chainc.yaml names it
        #[arg(long, value_name = "NAME")]
        source: Option<String>,
        /// Up to when that source is complete with this file, like 2026-03-01T23:59:59
        #[arg(long, value_name = "TIME", requires = "source")]
        watermark: Option<String>,
        /// The store, like sqlite:shop.db
        #[arg(long, value_name = "URL", env = "CHAINC_STORE")]
        store: Option<String>,
        /// The project's folder; the nearest one above with a chainc.yaml if not given
        #[arg(long, env = "CHAINC_PROJECT")]
        project: Option<PathBuf>,
        #[command(flatten)]
        language: Language,
    },
    /// Run the chains of a project against its store
    Run {
        /// The project's folder
        #[arg(default_value = ".", env = "CHAINC_PROJECT")]
        project: PathBuf,
        /// The store, like sqlite:shop.db
        #[arg(long, value_name = "URL", env = "CHAINC_STORE")]
        store: Option<String>,
        /// Do what is due now, and exit
        #[arg(long, conflicts_with = "replay")]
        once: bool,
        /// Drive a virtual clock over the purchases in the store, both days included
        #[arg(long, value_name = "FROM..TO")]
        replay: Option<String>,
        /// Forget what an earlier replay of this store did, and start over
        #[arg(long, requires = "replay")]
        fresh: bool,
        /// Let a replay send through the configured channels instead of into a file
        #[arg(long, requires = "replay")]
        real_channels: bool,
        /// How to print the numbers at the end
        #[arg(long, value_enum, default_value_t = Format::Human, env = "CHAINC_FORMAT")]
        format: Format,
        #[command(flatten)]
        language: Language,
    },
    /// Show how the chains of a store stand: who is in them, what they wait for, what is spent
    Status(status::Arguments),
    /// Tell what happened to a customer and what will, and what keeps her out of chains
    Why(why::Arguments),
    /// Pause a chain: nobody enters, no step is done and no message leaves until it resumes
    Pause(order::Arguments),
    /// Let a chain go on that was paused or stopped
    Resume(order::Arguments),
    /// Stop a chain: nobody enters any more, and it ends for everybody who is in it
    Stop(order::Arguments),
    /// Erase a customer and everything of hers from the store
    Erase(erase::Arguments),
    /// Make two keys of one customer one: everything of the first becomes the second's
    Merge(merge::Arguments),
    /// Print a script that completes commands and flags in a shell
    Completions(completions::Arguments),
    /// Print a manual page, or write all of them
    Man(man::Arguments),
}

/// For people, or for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for people
    Human,
    /// JSON on standard output
    Json,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// One customer a row
    Customers,
    /// One receipt a row
    Purchases,
    /// One yes or no a row
    Consents,
    /// One purchase that came back a row
    Returns,
    /// One code of a pool a row
    Promo,
    /// One thing that happened a row: a click, a receipt, an unsubscription
    Events,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::New(arguments) => new::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Fmt(arguments) => fmt::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments, Arguments::command()),
        Command::Man(arguments) => man::run(&arguments, Arguments::command()),
        Command::Show(arguments) => show::run(&arguments),
        Command::Pause(arguments) => order::run(&arguments, Standing::Paused),
        Command::Resume(arguments) => order::run(&arguments, Standing::Running),
        Command::Stop(arguments) => order::run(&arguments, Standing::Stopped),
        Command::Status(arguments) => status::run(&arguments),
        Command::Why(arguments) => why::run(&arguments),
        Command::Erase(arguments) => erase::run(&arguments),
        Command::Merge(arguments) => merge::run(&arguments),
        Command::Import { kind, file, source, watermark, store, project, language } => {
            let said = import::Said { source: source.as_deref(), watermark: watermark.as_deref() };
            let (store, project) = (store.as_deref(), project.as_deref());
            import::run(kind.into(), &file, said, store, project, language.lang())
        }
        Command::Run { project, store, once, replay, fresh, real_channels, format, language } => {
            let mode =
                match (once, replay) {
                    (true, _) => Ok(run::Mode::Once),
                    (false, None) => Ok(run::Mode::Service),
                    (false, Some(range)) => run::Range::parse(&range)
                        .map(|range| run::Mode::Replay { range, fresh, real_channels }),
                };
            mode.and_then(|mode| {
                run::run(&project, store.as_deref(), mode, format, language.lang())
            })
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

impl From<Kind> for chainc_runtime::intake::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Customers => Self::Customers,
            Kind::Purchases => Self::Purchases,
            Kind::Consents => Self::Consents,
            Kind::Returns => Self::Returns,
            Kind::Promo => Self::Promo,
            Kind::Events => Self::Events,
        }
    }
}
