//! A process of chainc: how it starts beside the world, and how its work is driven.

use super::outside::{Shared, lock, remember};
use super::provider::Provider;
use chainc_compiler::ir::Channel as Kind;
use chainc_runtime::clock;
use chainc_runtime::engine::{Channels, Engine, Settings};
use chainc_runtime::sources::{Rule, Then};
use chainc_runtime::store::{RunLock, Store};
use chainc_runtime::time::Moment;
use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// A process starts: it takes the right to run, opens the store, reads the program.
pub(super) fn begin(
    shared: &Shared,
    scratch: &std::path::Path,
    process: u32,
    wall: Moment,
) -> Result<(Engine, RunLock, Moment), String> {
    let run_lock = RunLock::take(&scratch.join("shop.db")).map_err(|error| error.to_string())?;
    let (disk, program, settings, stop) = {
        let outside = lock(shared);
        let rules = outside.editions.draft.sources.iter().map(|(name, grace, hold)| {
            let then = if *hold { Then::Hold } else { Then::AssumeNone };
            let grace = chainc_compiler::units::Period::Days(*grace);
            ((*name).to_owned(), Rule { grace, then })
        });
        let settings = Settings { sources: rules.collect(), ..Settings::default() };
        let disk = outside.rig.disk.process(process);
        (disk, outside.running().program.clone(), settings, outside.stop.clone())
    };
    let store = Store::open_or_create(&disk.path("shop.db")).map_err(|error| error.to_string())?;
    remember(&store);
    let mut channels = Channels::new();
    for kind in Kind::ALL {
        let others = shared.clone();
        let meanwhile = move || {
            if process == 0 {
                let second = lock(&others).while_on_its_way();
                if second {
                    second_run(&others);
                }
            }
        };
        let provider = Provider { shared: shared.clone(), kind, meanwhile: Arc::new(meanwhile) };
        channels.insert(kind, Arc::new(provider));
    }
    let (engine, clock) = clock::start_at(store, program, settings, channels, stop, wall)
        .map_err(|error| error.to_string())?;
    Ok((engine, run_lock, clock))
}

/// Somebody starts a second run: it must be refused, and if it is not, it works.
pub(super) fn second_run(shared: &Shared) {
    let wall = Moment(lock(shared).wall);
    if let Ok((mut engine, _held, clock)) = begin(shared, &scratch(), 2, wall) {
        lock(shared).stats.count("second run");
        let _ = block_on(engine.work(clock));
    }
}

/// A folder of this thread for files that are imported.
pub(super) fn scratch() -> PathBuf {
    thread_local! {
        static FOLDER: PathBuf = {
            let shm = PathBuf::from("/dev/shm");
            let base = if shm.is_dir() { shm } else { std::env::temp_dir() };
            let thread = format!("{:?}", std::thread::current().id());
            let number: String = thread.chars().filter(char::is_ascii_digit).collect();
            let folder = base.join(format!("chainc-sim-{}-{number}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("a folder can be made for files");
            folder
        };
    }
    FOLDER.with(Clone::clone)
}

/// Runs a future to its end, on this thread and nothing else.
pub(super) fn block_on<F: Future>(work: F) -> F::Output {
    let mut work = pin!(work);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut context) {
            return done;
        }
    }
}
