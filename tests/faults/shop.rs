//! A project that faults happen to, and what is known of it from outside: what the provider
//! took, what was on its way when a process ended, what imports acknowledged.

use crate::judge::{Case, Clock, judge};
use crate::life::{Came, Life, When, a_moment, ask, in_flight, in_flight_in_a_copy};
use crate::outsider::{Acknowledged, Outsider};
use crate::provider::{PATIENCE, Provider};
use crate::support::{Done, Project};
use crate::trial::Trial;
use crate::truth::Truth;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What is to happen to a life.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// When it is paused first, if it is.
    pause: Option<When>,
    /// Whether it ever goes on after that.
    resume: bool,
    /// When it is killed.
    kill: When,
}

impl Plan {
    /// Kills at a moment.
    pub(crate) const fn kill(kill: When) -> Self {
        Self { pause: None, resume: true, kill }
    }

    /// Draws one; so many mails leave between two kills, more or less, and one life in so many
    /// is paused.
    pub(crate) fn draw(mean: u64, paused: u64, trial: &mut Trial) -> Self {
        let is_paused = trial.counted("kills") % paused == paused - 1;
        let dice = &mut trial.dice;
        let kill = match dice.roll(100) {
            0..15 => When::After(Duration::from_millis(dice.roll(300))),
            15..40 => When::Written(1 + dice.roll(mean * 4)),
            _ => When::Taken(1 + dice.roll(mean * 2)),
        };
        let pause = is_paused.then(|| When::Taken(1 + dice.roll(mean)));
        Self { pause, resume: dice.percent(75), kill }
    }
}

/// The project and what is known of it.
pub(crate) struct Shop {
    pub(crate) project: Arc<Project>,
    pub(crate) store: PathBuf,
    pub(crate) provider: Provider,
    pub(crate) truth: Truth,
    interrupted: BTreeSet<String>,
    acknowledged: Vec<Acknowledged>,
}

impl Shop {
    /// Returns an empty project whose store will have that name, and a provider for it.
    pub(crate) fn new(trial: &Trial, store: &str) -> Self {
        let project = Arc::new(Project::empty());
        let provider = Provider::start(trial.seed, project.path("truth.jsonl"));
        let (store, truth) = (project.path(store), Truth::of(provider.truth()));
        let (interrupted, acknowledged) = (BTreeSet::new(), Vec::new());
        Self { project, store, provider, truth, interrupted, acknowledged }
    }

    /// Starts a command.
    pub(crate) fn start(&self, arguments: &[&str]) -> Life {
        Life::start(&self.project, self.project.command(arguments), "life.err")
    }

    /// Lives once by a plan; true if the process came to its end by itself, which must be a
    /// good one.
    pub(crate) fn lives(
        &mut self,
        arguments: &[&str],
        plan: Plan,
        is_over: &mut dyn FnMut(&Path) -> bool,
        trial: &mut Trial,
    ) -> bool {
        let mut life = self.start(arguments);
        for (when, is_pause) in
            plan.pause.map(|when| (when, true)).into_iter().chain([(plan.kill, false)])
        {
            match life.until(when, &self.store, &mut self.truth, is_over) {
                Came::Moment | Came::Nothing => {}
                Came::End(code, words) => {
                    if code != 0 {
                        trial.violated(format!("a restarted run ended with {code}: {words}"));
                    }
                    self.after_an_end(trial);
                    return true;
                }
            }
            if is_pause {
                a_moment(trial.dice.roll(3_000));
                self.pause(&mut life, arguments, trial);
                if !plan.resume {
                    break;
                }
                life.signal("CONT");
            }
        }
        match plan.kill {
            When::After(_) => trial.count("kills at a start", 1),
            When::Written(_) => trial.count("kills at a write", 1),
            When::Taken(_) | When::Never => trial.count("kills at a mail", 1),
        }
        self.kill(life, trial)
    }

    /// Kills a life; true if it came to a good end in that moment.
    pub(crate) fn kill(&mut self, life: Life, trial: &mut Trial) -> bool {
        a_moment(trial.dice.roll(3_000));
        if !life.kill() {
            self.after_an_end(trial);
            return true;
        }
        trial.count("kills", 1);
        if self.after_an_end(trial) {
            trial.count("kills with a message on its way", 1);
        }
        false
    }

    /// Notes which messages were on their way when a process ended; true if any were.
    pub(crate) fn after_an_end(&mut self, trial: &mut Trial) -> bool {
        self.provider.assert_alive();
        let on_their_way = in_flight(&self.store);
        if on_their_way.len() > 1 {
            trial.violated(format!("several mails were on their way at once: {on_their_way:?}"));
        }
        let any = !on_their_way.is_empty();
        self.interrupted.extend(on_their_way);
        let copy = self.project.path("copy.db");
        self.interrupted.extend(in_flight_in_a_copy(&self.store, &copy));
        any
    }

    /// Stops a life for longer than the provider waits for anybody. It keeps its right to run.
    pub(crate) fn pause(&mut self, life: &mut Life, arguments: &[&str], trial: &mut Trial) {
        life.signal("STOP");
        std::thread::sleep(PATIENCE * 5 / 4);
        let second = Done::of(&mut self.project.command(arguments));
        let refused = second.code == 3 && second.stderr.contains("another `chainc run`");
        // It may have come to its end in the moment before.
        if life.ended().is_none() {
            trial.count("pauses", 1);
            if !refused {
                trial.violated(format!("a second run beside a paused one: {second:?}"));
            }
        }
    }

    /// Returns somebody who imports into its store.
    pub(crate) fn outsider(&self, trial: &mut Trial) -> Outsider {
        Outsider::new(Arc::clone(&self.project), self.store.clone(), trial.dice.fork(), 30)
    }

    /// Takes over what somebody who imported was told.
    pub(crate) fn has_heard(&mut self, heard: crate::outsider::Heard, trial: &mut Trial) {
        trial.count("imports killed", heard.killed);
        trial.count("imports without room", heard.roomless);
        for violation in heard.violations {
            trial.violated(violation);
        }
        self.acknowledged.extend(heard.acknowledged);
    }

    /// Judges what came of it all.
    pub(crate) fn judge(&mut self, clock: Clock, trial: &mut Trial) {
        self.provider.assert_alive();
        self.truth.read_on();
        let clock_of = "SELECT CAST(value AS INTEGER) FROM run_state WHERE name = 'clock'";
        let now = ask(&self.store, |store| store.query_row(clock_of, [], |row| row.get(0)));
        let case = Case {
            store: &self.store,
            file: &self.store.with_extension("messages.jsonl"),
            truth: &self.truth,
            interrupted: &self.interrupted,
            acknowledged: &self.acknowledged,
            now: now.expect("a store that was run has a clock"),
            clock,
        };
        judge(&case, trial);
    }
}
