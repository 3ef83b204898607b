//! `chainc why`: what happened to a customer, what will, and what keeps her out.

mod cause;
mod english;
mod json;
mod page;
mod russian;
mod voice;

use crate::erase;
use crate::failure::Failure;
use crate::language::Language;
use crate::order;
use crate::project::Project;
use crate::{Format, render, say};
use chainc_compiler::Diagnostic;
use chainc_compiler::diagnostic::Lang;
use chainc_compiler::units::Currency;
use chainc_runtime::store::Store;
use chainc_runtime::time::Zone;
use chainc_runtime::why::{self, Life};
use clap::Args;
use std::path::PathBuf;
use voice::{Clock, Voice};

/// What the command is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Her key
    customer: String,
    /// A chain's name; all chains if not given
    chain: Option<String>,
    /// The store, like sqlite:shop.db
    #[arg(long, value_name = "URL", env = "CHAINC_STORE")]
    store: Option<String>,
    /// The project's folder
    #[arg(long, default_value = ".", env = "CHAINC_PROJECT")]
    project: PathBuf,
    /// How to tell it
    #[arg(long, value_enum, default_value_t = Format::Human, env = "CHAINC_FORMAT")]
    format: Format,
    #[command(flatten)]
    language: Language,
}

/// A customer's life, and how it is to be told.
pub(crate) struct Telling<'a> {
    life: &'a Life,
    voice: &'a dyn Voice,
}

/// Tells of a customer.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let lang = arguments.language.lang();
    let project = Project::load(&arguments.project)?;
    let store = Store::open(&project.store(arguments.store.as_deref())?)?;
    let compiled = project.compile();
    let Some(program) = compiled.program else {
        let errors: Vec<Diagnostic> =
            compiled.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        say::talk(&render::human_for_terminal(&errors, &project.files, lang));
        return Err(Failure::no());
    };
    if let Some(chain) = &arguments.chain {
        order::known(&project, &store, chain)?;
    }
    let only = arguments.chain.as_deref();
    let Some(life) = why::tell(&store, &program, &arguments.customer, only)? else {
        return Err(Failure::usage(erase::unknown(&store, &arguments.customer)?));
    };
    let clock = Clock {
        zone: life.zone.clone(),
        business: Zone::get(&program.policy.timezone).unwrap_or_else(Zone::utc),
    };
    let currency: Currency = program.policy.currency.clone();
    let (english, russian);
    let voice: &dyn Voice = match lang {
        Lang::En => {
            english = english::English { clock, currency };
            &english
        }
        Lang::Ru => {
            russian = russian::Russian { clock, currency };
            &russian
        }
    };
    let telling = Telling { life: &life, voice };
    say::data(&match arguments.format {
        Format::Human => page::of(&telling),
        Format::Json => json::of(&telling)?,
    })
}
