//! `chainc erase`: a customer and everything of hers goes, for good.

use crate::failure::Failure;
use crate::order::Place;
use crate::project::Project;
use crate::say;
use chainc_runtime::store::erasure::{self, Erasure, Gone};
use chainc_runtime::store::{Store, customers, merging};
use chainc_runtime::time::{Moment, Zone};
use clap::Args;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// How long the command waits for other programs to let go of old pages.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the command is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Her key
    customer: String,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Let files bring her in again; what was erased does not come back
    #[arg(long)]
    undo: bool,
    #[command(flatten)]
    place: Place,
}

/// Erases a customer, or lets her in again.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (project, mut store) = arguments.place.open()?;
    let (id, who) = (arguments.customer.as_str(), arguments.place.who());
    if arguments.undo {
        return if erasure::admit(&mut store, id, &who, Moment::now())? {
            say::talk("files may bring her in again; what was erased does not come back");
            Ok(())
        } else {
            Err(Failure::usage(format!("no customer `{id}` was erased from this store")))
        };
    }
    if !arguments.yes {
        ask(id)?;
    }
    let erasure = erasure::erase(&mut store, id, &who, Moment::now())?;
    if erasure == Erasure::Unknown {
        return Err(Failure::usage(unknown(&store, id)?));
    }
    scrub(&mut store)?;
    say::talk(&match erasure {
        Erasure::Before(at) => {
            format!("she was erased on {} already; nothing of hers is left", day(&project, at))
        }
        Erasure::Done(gone) => told(gone),
        Erasure::Unknown => String::new(),
    });
    Ok(())
}

fn ask(id: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("erasing cannot be taken back; say `--yes` if it is meant"));
    }
    say::talk(&format!("Everything of customer `{id}` is erased for good. Type yes to go on:"));
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    match (read, answer.trim().to_lowercase().as_str()) {
        (Ok(_), "yes" | "y" | "да") => Ok(()),
        _ => Err(Failure::usage("nothing was erased")),
    }
}

/// Old rows must not stay in the store's files.
fn scrub(store: &mut Store) -> Result<(), Failure> {
    let path = store.path().display().to_string();
    let again = |why: &str| {
        Failure::surroundings(format!(
            "she is erased, but old pages of the store {path} may still hold rows of hers: {why}; give the same command again"
        ))
    };
    let started = Instant::now();
    let mut is_clean = erasure::scrub(store).map_err(|error| again(&error.to_string()))?;
    while !is_clean {
        if started.elapsed() > PATIENCE {
            return Err(again("another program is reading them"));
        }
        std::thread::sleep(Duration::from_millis(50));
        is_clean = erasure::empty_log(store)?;
    }
    Ok(())
}

fn told(gone: Gone) -> String {
    let mut text = "she is erased, with everything of hers in the store".to_owned();
    let mut add = |n: i64, one: &str, many: &str| {
        if n > 0 {
            text.push_str(&format!("; {n} {}", if n == 1 { one } else { many }));
        }
    };
    add(gone.chains, "chain ended for her", "chains ended for her");
    add(gone.queued, "queued message will not leave", "queued messages will not leave");
    add(gone.in_flight, "message on its way counts as sent", "messages on their way count as sent");
    text.push_str(
        ".\nRows of hers in later files are rejected; `chainc erase --undo` lets them in again. \
         What stands outside of the store (files that were imported, messages written to a file, backups) is not touched",
    );
    text
}

fn day(project: &Project, at: Moment) -> String {
    let program = project.compile().program;
    let zone = program.and_then(|program| Zone::get(&program.policy.timezone));
    zone.unwrap_or_else(Zone::utc).day(at).to_string()
}

/// Says that nobody has such a key, and who might be meant.
pub(crate) fn unknown(store: &Store, id: &str) -> Result<String, Failure> {
    if let Some(new) = merging::new_key(store, id)? {
        return Ok(format!("customer `{id}` was merged into `{new}`; say `{new}`"));
    }
    if let Some(at) = erasure::since(store, id)? {
        let day = Zone::utc().day(at);
        return Ok(format!("customer `{id}` was erased on {day}; nothing of hers is left"));
    }
    let mut meant = customers::meant(store, id)?;
    // Of numbers each is like its neighbour.
    if meant.is_empty() && !id.chars().all(|c| c.is_ascii_digit()) {
        let ids = customers::as_long(store, id)?;
        let nearest = chainc_grammar::words::nearest(id, ids.iter().map(String::as_str));
        meant.extend(nearest.map(str::to_owned));
    }
    Ok(match meant.as_slice() {
        [] => format!("no customer is known as `{id}` in the store {}", store.path().display()),
        likely => {
            let likely: Vec<String> = likely.iter().map(|id| format!("`{id}`")).collect();
            format!("no customer is known as `{id}`; did you mean {}?", likely.join(" or "))
        }
    })
}
