//! `chainc pause`, `resume` and `stop`: a word to a chain. A run on the store obeys it in its
//! next transaction; without one, the next run does.

use crate::failure::Failure;
use crate::project::Project;
use crate::say;
use chainc_runtime::store::operations::{self, Operation, Ordered, Standing};
use chainc_runtime::store::{Store, run_state};
use chainc_runtime::time::{Moment, Zone};
use clap::Args;
use std::path::PathBuf;

/// What the commands are told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The chain's name
    chain: String,
    /// Why, for those who ask later
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// Which store is meant, and who speaks.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Who says so; the system's user if not given
    #[arg(long, value_name = "NAME", env = "CHAINC_USER")]
    by: Option<String>,
    /// The store, like sqlite:shop.db
    #[arg(long, value_name = "URL", env = "CHAINC_STORE")]
    store: Option<String>,
    /// The project's folder
    #[arg(long, default_value = ".", env = "CHAINC_PROJECT")]
    project: PathBuf,
}

impl Place {
    /// Opens the project and its store, which must be there.
    pub(crate) fn open(&self) -> Result<(Project, Store), Failure> {
        let project = Project::load(&self.project)?;
        let store = Store::open(&project.store(self.store.as_deref())?)?.take_turns()?;
        Ok((project, store))
    }

    /// Returns who speaks.
    pub(crate) fn who(&self) -> String {
        let of_system = || {
            let names = ["USER", "LOGNAME"].into_iter();
            names.filter_map(|name| std::env::var(name).ok()).find(|name| !name.is_empty())
        };
        let told = self.by.clone().filter(|name| !name.trim().is_empty());
        told.or_else(of_system).unwrap_or_else(|| "unknown".to_owned())
    }
}

/// Tells a chain how to stand.
pub(crate) fn run(arguments: &Arguments, standing: Standing) -> Result<(), Failure> {
    let (project, mut store) = arguments.place.open()?;
    let chain = arguments.chain.as_str();
    known(&project, &store, chain)?;
    let order = Operation {
        at: Moment::now(),
        standing,
        who: arguments.place.who(),
        reason: arguments.reason.clone(),
    };
    match operations::order(&mut store, chain, order)? {
        Ordered::Done(in_it) => say::talk(&told(chain, standing, in_it)),
        Ordered::Already(last) => {
            let since = last.map(|last| since(&project, &last)).unwrap_or_default();
            say::talk(&format!("chain `{chain}` is {} already{since}", standing.as_str()));
        }
        Ordered::Stopped(last) => {
            return Err(Failure::usage(format!(
                "chain `{chain}` is stopped{}: nobody is in it; `chainc resume {chain}` starts it again",
                since(&project, &last)
            )));
        }
    }
    Ok(())
}

fn told(chain: &str, standing: Standing, in_it: i64) -> String {
    let customers = if in_it == 1 { "customer" } else { "customers" };
    match standing {
        Standing::Paused => format!(
            "chain `{chain}` is paused: nobody enters, nothing is done and no message leaves; {in_it} {customers} in it.\n\
             Purchases and opt-outs are heard. `chainc resume {chain}` lets it go on; what is due by then is done at once"
        ),
        Standing::Running => format!(
            "chain `{chain}` goes on: what became due meanwhile is done now; {in_it} {customers} in it"
        ),
        Standing::Stopped => format!(
            "chain `{chain}` is stopped: nobody enters, and the chain ends for {in_it} {customers}; queued messages do not leave, what was given stays.\n\
             `chainc resume {chain}` lets customers enter again"
        ),
    }
}

/// `, since 2026-03-01 10:00 by anna: wrong prices`, in the business zone.
fn since(project: &Project, last: &Operation) -> String {
    let program = project.compile().program;
    let zone = program.and_then(|program| Zone::get(&program.policy.timezone));
    format!(", {}", told_at(last, &zone.unwrap_or_else(Zone::utc)))
}

/// `since 2026-03-01 10:00 by anna: wrong prices`
fn told_at(last: &Operation, zone: &Zone) -> String {
    let (day, clock) = (zone.day(last.at), zone.clock(last.at));
    let reason = last.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("since {day} {clock} by {}{reason}", last.who)
}

/// Says which chains stand still, so that nobody wonders why a run does nothing.
pub(crate) fn tell_of_standing(store: &Store, zone: &Zone) -> Result<(), Failure> {
    for (chain, last) in operations::standing_still(store)? {
        let is = last.standing.as_str();
        say::talk(&format!(
            "chain `{chain}` is {is} {}; `chainc resume {chain}` lets it go on",
            told_at(&last, zone)
        ));
    }
    Ok(())
}

/// Refuses a name that is no chain, neither of the store nor of the project. The project need
/// not be free of mistakes: a chain must be paused first and repaired then.
pub(crate) fn known(project: &Project, store: &Store, chain: &str) -> Result<(), Failure> {
    let mut names = run_state::chains(store)?;
    names.extend(project.files.iter().flat_map(chainc_compiler::chain_names));
    names.sort();
    names.dedup();
    if names.iter().any(|name| name == chain) {
        return Ok(());
    }
    let meant = chainc_grammar::words::nearest(chain, names.iter().map(String::as_str));
    Err(Failure::usage(match meant {
        Some(meant) => format!("no chain is named `{chain}`; did you mean `{meant}`?"),
        None if names.is_empty() => {
            format!("no chain is named `{chain}`: there are no chains here")
        }
        None => format!("no chain is named `{chain}`; there are {}", names.join(", ")),
    }))
}
