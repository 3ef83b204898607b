//! How the engine's clock is turned: once, by the wall, or over history.

use crate::channel::Broken;
use crate::engine::{Channels, Engine, RunError, Settings, Stop};
use crate::store::{Store, run_state};
use crate::time::Moment;
use chainc_compiler::ir::Program;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How often a service looks for purchases that other processes brought in.
const LOOK: Duration = Duration::from_millis(250);

const DAY: i64 = 86_400_000;

/// Does what is due now, and returns.
///
/// # Errors
/// If the store or a channel cannot go on.
pub async fn once(
    store: Store,
    program: Program,
    settings: Settings,
    channels: Channels,
    stop: Stop,
) -> Result<Engine, RunError> {
    let (mut engine, clock) = start_live(store, program, settings, channels, stop)?;
    engine.work(clock).await?;
    Ok(engine)
}

/// Runs until asked to stop.
///
/// # Errors
/// If the store or a channel cannot go on.
pub async fn serve(
    store: Store,
    program: Program,
    settings: Settings,
    channels: Channels,
    stop: Stop,
) -> Result<Engine, RunError> {
    let (mut engine, mut clock) = start_live(store, program, settings, channels, stop.clone())?;
    engine.work(clock).await?;
    while !stop.is_asked() {
        if engine.has_work(clock)? {
            engine.work(clock).await?;
        }
        let pause = engine.next()?.map_or(LOOK, |next| {
            let wait = next.0.saturating_sub(Moment::now().0).max(0);
            Duration::from_millis(u64::try_from(wait).unwrap_or(0)).min(LOOK)
        });
        tokio::time::sleep(pause).await;
        // A wall clock that is set back must not undo what has been.
        clock = clock.max(Moment::now());
    }
    Ok(engine)
}

fn start_live(
    mut store: Store,
    program: Program,
    settings: Settings,
    channels: Channels,
    stop: Stop,
) -> Result<(Engine, Moment), RunError> {
    run_state::claim(&mut store, run_state::Use::Live)?;
    let stood = store.read(run_state::clock)?;
    let clock = stood.map_or_else(Moment::now, |stood| stood.max(Moment::now()));
    // A chain that is new looks at its segment at once, not tomorrow.
    let engine = Engine::start(store, program, settings, channels, stop, clock.plus_millis(-DAY))?;
    Ok((engine, clock))
}

/// Where a replay stands, for a progress bar.
pub type Progress<'a> = &'a mut dyn FnMut(Moment);

/// Runs over history from one moment to another, both included. Goes on from where an
/// earlier replay of this store stopped, whatever stopped it.
///
/// # Errors
/// If the store or a channel cannot go on.
pub async fn replay(
    mut store: Store,
    program: Program,
    settings: Settings,
    channels: Channels,
    stop: Stop,
    (from, to): (Moment, Moment),
    progress: Progress<'_>,
) -> Result<Engine, RunError> {
    run_state::claim(&mut store, run_state::Use::Replay)?;
    let stood = store.read(run_state::clock)?;
    if stood.is_none() {
        start_over(&channels)?;
    }
    let mut clock = stood.unwrap_or(from);
    let mut engine =
        Engine::start(store, program, settings, channels, stop, clock.plus_millis(-1))?;
    if clock > to {
        return Ok(engine);
    }
    loop {
        progress(clock);
        engine.work(clock).await?;
        if engine.stop().is_asked() {
            return Ok(engine);
        }
        match engine.next()? {
            // INVARIANT: `work` leaves nothing due, so time goes on.
            Some(next) if next <= to => clock = next.max(clock.plus_millis(1)),
            Some(_) | None => break,
        }
    }
    engine.close(to)?;
    progress(to);
    Ok(engine)
}

fn start_over(channels: &Channels) -> Result<(), Broken> {
    let mut seen = BTreeSet::new();
    for channel in channels.values() {
        if seen.insert(Arc::as_ptr(channel).cast::<()>()) {
            channel.start_over()?;
        }
    }
    Ok(())
}
