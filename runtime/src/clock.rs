//! How the engine's clock is turned: once, by the wall, or over history.

use crate::channel::Broken;
use crate::engine::{Channels, Engine, RunError, Settings, Stop};
use crate::mutant::{self, Mutant};
use crate::store::{Store, run_state};
use crate::time::{Day, Moment, Zone};
use chainc_compiler::ir::Program;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How often a service looks for purchases that other processes brought in.
const LOOK: Duration = Duration::from_millis(250);

const DAY: i64 = 86_400_000;

/// No clock of a machine that is right says less: 1 January 2020.
const FIRST_DAY: Day = Day(18_262);

/// Does what is due now, and what becomes so meanwhile, and returns.
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
    let (mut engine, mut clock) = start_live(store, program, settings, channels, stop)?;
    work(&mut engine, &mut clock).await?;
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
    work(&mut engine, &mut clock).await?;
    while !stop.is_asked() {
        if engine.has_work(clock)? {
            work(&mut engine, &mut clock).await?;
        }
        let pause = engine.next()?.map_or(LOOK, |next| {
            let wait = next.0.saturating_sub(Moment::now().0).max(0);
            Duration::from_millis(u64::try_from(wait).unwrap_or(0)).min(LOOK)
        });
        tokio::time::sleep(pause).await;
        clock = believed(Moment::now(), Some(clock))?;
    }
    Ok(engine)
}

/// Works until nothing is due. The clock goes on with each batch: to send all that is due at one
/// moment may take hours, and who says no or buys in them must not be written to.
async fn work(engine: &mut Engine, clock: &mut Moment) -> Result<(), RunError> {
    while engine.turn(*clock).await? {
        *clock = believed(Moment::now(), Some(*clock))?;
    }
    Ok(())
}

fn start_live(
    store: Store,
    program: Program,
    settings: Settings,
    channels: Channels,
    stop: Stop,
) -> Result<(Engine, Moment), RunError> {
    start_at(store, program, settings, channels, stop, Moment::now())
}

/// Returns an engine for real customers and the moment at which it is to work first, by what
/// the machine's clock says. For who turns that clock, too.
///
/// # Errors
/// If the clock cannot be believed, or the store is used for a replay or cannot go on.
pub fn start_at(
    mut store: Store,
    program: Program,
    settings: Settings,
    channels: Channels,
    stop: Stop,
    wall: Moment,
) -> Result<(Engine, Moment), RunError> {
    run_state::claim(&mut store, run_state::Use::Live)?;
    let stood = store.read(run_state::clock)?;
    let clock = believed(wall, stood)?;
    // A chain that is new looks at its segment at once, not tomorrow.
    let engine = Engine::start(store, program, settings, channels, stop, clock.plus_millis(-DAY))?;
    Ok((engine, clock))
}

/// Returns the moment of a wall clock if it can be believed. One that is a little behind is
/// waited for, so that nothing is undone. With one that is wrong altogether nothing is begun:
/// everything would be due at once, or nothing for years.
///
/// # Errors
/// [`RunError::Clock`].
pub fn believed(wall: Moment, stood: Option<Moment>) -> Result<Moment, RunError> {
    let day = Zone::utc().day(wall);
    if day < FIRST_DAY || day > Day::RANGE.1 {
        return Err(RunError::Clock { wall: Zone::utc().rfc3339(wall), stood: None });
    }
    match stood {
        Some(stood) if stood.0.saturating_sub(wall.0) > DAY => Err(RunError::Clock {
            wall: Zone::utc().rfc3339(wall),
            stood: Some(Zone::utc().rfc3339(stood)),
        }),
        Some(stood) => Ok(if mutant::is(Mutant::ClockGoesBack) { wall } else { stood.max(wall) }),
        None => Ok(wall),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_that_is_wrong_altogether_is_not_believed() {
        let at = |text: &str| Zone::utc().parse(text).unwrap();
        let told = |wall, stood| believed(wall, stood).map_err(|error| error.to_string());
        let today = at("2026-03-01T12:00");
        assert_eq!(told(today, None), Ok(today));
        assert_eq!(told(today, Some(at("2026-02-01T12:00"))), Ok(today));
        // A little behind: nothing happens until it has come up again.
        let stood = at("2026-03-02T11:00");
        assert_eq!(told(today, Some(stood)), Ok(stood));
        for (wall, stood, words) in [
            (Moment(0), None, "1970-01-01"),
            (Moment(0), Some(today), "1970-01-01"),
            (at("2200-12-31T23:59").plus_millis(DAY), Some(today), "2201-01-01"),
            (at("2025-03-01T12:00"), Some(today), "last run was at 2026-03-01T12:00"),
        ] {
            let said = told(wall, stood).unwrap_err();
            assert!(said.contains(words) && said.contains("set the clock"), "{said}");
        }
    }
}
