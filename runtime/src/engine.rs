//! The engine: what is due at a moment is learned, decided and carried out, in batches of
//! one transaction each.
//!
//! It holds no state of its own between transactions: whatever stands in the store is all
//! there is, so a process that is killed at any point goes on where it was. The clock is an
//! argument; the service, `--once` and the replay differ only in how they turn it.

mod advance;
mod assign;
mod dispatch;
mod enrol;
mod hear;
mod learn;
mod obey;
mod policy;
mod release;
mod undecided;
mod wallet;
mod world;

pub(crate) use policy::budget::limits;

use crate::channel::{Broken, Channel};
use crate::links::Links;
use crate::mutant::{self, Mutant};
use crate::needs::Needs;
use crate::sources::Rules;
use crate::store::{Store, StoreError, enrolments, events, outbox, promo, run_state, windows};
use crate::time::Moment;
use chainc_compiler::ir::{self, Program};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use world::World;

/// What a project says of its surroundings that its chains do not.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where purchases come from.
    pub sources: Rules,
    /// Where the links in messages lead.
    pub links: Links,
}

impl Settings {
    /// Refuses a program that needs what the project does not say.
    ///
    /// # Errors
    /// [`RunError::NoLink`].
    pub fn refuse_missing(&self, program: &Program) -> Result<(), RunError> {
        self.links.missing(program).map_or(Ok(()), |(message, placeholder)| {
            Err(RunError::NoLink { message, placeholder: placeholder.as_str() })
        })
    }
}

/// The channels of a run.
pub type Channels = BTreeMap<ir::Channel, Arc<dyn Channel>>;

/// Why a run cannot go on. What was done is done once; the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A channel.
    #[error(transparent)]
    Channel(#[from] Broken),
    /// The clock of the machine cannot be right.
    #[error(
        "the clock of this machine says {wall}{}; set the clock and start again, nothing was done",
        .stood.as_ref().map(|stood| format!(", and the last run was at {stood}")).unwrap_or_default()
    )]
    Clock {
        /// What it says.
        wall: String,
        /// Where the run's clock stands, if that is the matter.
        stood: Option<String>,
    },
    /// Texts are missing where real people would read them.
    #[error(
        "message `{message}` has no text, and {channel} goes to real people; declare `message {message} {{ {channel} ... }}`"
    )]
    Draft {
        /// The message.
        message: String,
        /// The channel.
        channel: ir::Channel,
    },
    /// A pool was never filled: nobody could get past the step.
    #[error(
        "chain `{chain}` gives codes of pool `{pool}`, and the store has none; bring them in with `chainc import promo FILE`"
    )]
    NoCodes {
        /// The chain.
        chain: String,
        /// The pool.
        pool: String,
    },
    /// A text shows a link, and nobody has said where it leads.
    #[error(
        "message `{message}` shows `{{{placeholder}}}`, and chainc.yaml does not say where that leads; write `links: {{ {}: https://... }}`",
        if *.placeholder == "link" { "shop" } else { "unsubscribe" }
    )]
    NoLink {
        /// The message.
        message: String,
        /// What it shows.
        placeholder: &'static str,
    },
}

/// Asks a run to stop after the batch it is at.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Tells whether it was asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Runs a program against a store.
pub struct Engine {
    store: Store,
    world: World,
    channels: Channels,
    stop: Stop,
    /// Where this process has moved the clock to; `None` before its first work.
    clock: Option<Moment>,
    /// What other processes had brought in, as far as a turn has seen: `store::brought_in`.
    seen: i64,
    steps: i64,
}

impl Engine {
    /// Returns an engine that is ready to work from a moment on.
    ///
    /// Chains that are new to the store look at their segments from `first_look` on.
    ///
    /// # Errors
    /// If a text shows a link that leads nowhere, if the store cannot be read or
    /// written, or if a draft would go to real people.
    pub fn start(
        mut store: Store,
        program: Program,
        settings: Settings,
        channels: Channels,
        stop: Stop,
        first_look: Moment,
    ) -> Result<Self, RunError> {
        settings.refuse_missing(&program)?;
        refuse_drafts(&program, &channels)?;
        refuse_empty_pools(&program, &store)?;
        store.be_patient()?;
        store.write(|tx| {
            for chain in &program.chains {
                run_state::keep_version(tx, chain)?;
                if run_state::last_slot(tx, &chain.name)?.is_none() {
                    run_state::set_last_slot(tx, &chain.name, first_look)?;
                }
            }
            Ok(())
        })?;
        let versions = store.read(run_state::versions)?;
        let numbers = store.read(run_state::numbers)?;
        let world = World::new(program, versions, numbers, settings);
        store.write(|tx| windows::retain(tx, &world.windows()))?;
        Ok(Self { store, world, channels, stop, clock: None, seen: 0, steps: 0 })
    }

    /// Does everything that is due at a moment, until nothing is, or until asked to stop.
    ///
    /// # Errors
    /// If the store or a channel cannot go on.
    pub async fn work(&mut self, now: Moment) -> Result<(), RunError> {
        while self.turn(now).await? {}
        Ok(())
    }

    /// Does one batch of what is due at a moment; false if nothing is, or if asked to stop.
    ///
    /// Where the clock goes on by itself, each turn wants the moment at which it begins: what is
    /// due at one moment may take hours to be sent, and what happens in them has to be heard.
    ///
    /// # Errors
    /// If the store or a channel cannot go on.
    pub async fn turn(&mut self, now: Moment) -> Result<bool, RunError> {
        // What an earlier process left on its way is learned of before anything else.
        if self.clock.is_none() && !mutant::is(Mutant::RecoverSkipped) {
            self.recover(now).await?;
        }
        if self.stop.is_asked() {
            return Ok(false);
        }
        // Lets signals in.
        tokio::task::yield_now().await;
        // INVARIANT: what the store holds alone decides what is done next, so that a process
        // that starts in the middle goes on in the same order.
        // News first: what a purchase ends must not be done any more.
        if !mutant::is(Mutant::LearnLast) {
            self.learn(now)?;
        }
        // What people told next: a chain that was stopped does nothing more.
        // Segments last: who leaves a chain at this moment may enter one at this moment.
        Ok(self.obey(now)?
            || self.wake(now)?
            || self.advance_batch(now).await?
            || self.dispatch_batch(now).await?
            || self.release_held(now)?
            || self.enrol_next(now)?
            || (mutant::is(Mutant::LearnLast) && self.learn_last(now)?))
    }

    /// Returns the next moment at which something is due by itself: a timer, a message, a
    /// look at a segment, a card that is deleted. Purchases and other events are not among them.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn next(&self) -> Result<Option<Moment>, RunError> {
        let due = self.store.read(|connection| {
            let timer = enrolments::next_due(connection)?;
            Ok([timer, outbox::next_due(connection)?, events::next_card(connection)?])
        })?;
        Ok(due.into_iter().chain([self.next_slot()?]).flatten().min())
    }

    /// Tells whether anything is due at a moment, without writing.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub(crate) fn has_work(&self, now: Moment) -> Result<bool, RunError> {
        let is_due = || Ok::<_, RunError>(self.next()?.is_some_and(|next| next <= now));
        let is_decided = || {
            Ok::<_, RunError>(
                self.store.read(|connection| self.decided(connection, now))?.is_some(),
            )
        };
        Ok(self.has_news(now)? || self.has_orders()? || is_due()? || is_decided()?)
    }

    /// Returns how many steps customers have come to in this run.
    #[must_use]
    pub const fn steps(&self) -> i64 {
        self.steps
    }

    /// Returns the store.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) const fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Learns of what happened up to a moment and leaves the clock there.
    pub(crate) fn close(&mut self, now: Moment) -> Result<(), RunError> {
        self.learn(now)
    }
}

fn refuse_empty_pools(program: &Program, store: &Store) -> Result<(), RunError> {
    for chain in &program.chains {
        for pool in Needs::of(chain).pools.into_keys() {
            if !store.read(|connection| promo::exists(connection, &pool))? {
                return Err(RunError::NoCodes { chain: chain.name.clone(), pool });
            }
        }
    }
    Ok(())
}

fn refuse_drafts(program: &Program, channels: &Channels) -> Result<(), RunError> {
    for chain in &program.chains {
        for (name, message) in chain.messages.iter().filter(|(_, message)| message.draft) {
            for channel in message.texts.keys() {
                if channels.get(channel).is_some_and(|way| way.is_real()) {
                    return Err(RunError::Draft { message: name.clone(), channel: *channel });
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
