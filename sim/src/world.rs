//! One seed, one world: a program, some customers, a clock, a store on a disk that fails, and
//! the real engine. One scheduler draws all that happens from the seed.

pub(crate) mod class;
pub(crate) mod life;
pub(crate) mod log;
pub(crate) mod outside;
mod process;
pub(crate) mod provider;
pub(crate) mod rig;
mod workload;
mod years;

use crate::check::zones::{DAY, HOUR, MINUTE};
use crate::check::{self, View, Violation};
use crate::disk::{Counts, Fault};
use crate::programs::editions;
use crate::rng::Rng;
use chainc_runtime::clock;
use chainc_runtime::engine::Engine;
use chainc_runtime::mutant::{self, Mutant};
use chainc_runtime::store::RunLock;
use chainc_runtime::time::Moment;
use class::Class;
use life::{Fate, Life};
use outside::{How, Op, Outside, Shared, Stats, lock};
use process::{begin, block_on, scratch, second_run};
use rig::Mishap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// What a world is to be like, beside its seed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) mutant: Option<Mutant>,
    /// What is left out.
    pub(crate) without: Vec<Class>,
    pub(crate) life: Life,
    pub(crate) trace: bool,
}

/// What became of a world.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) seed: u64,
    pub(crate) program: &'static str,
    pub(crate) days: i64,
    pub(crate) counts: Counts,
    pub(crate) stats: Stats,
    pub(crate) grants: u64,
    pub(crate) violations: Vec<Violation>,
    /// A hash of all that was traced, and of the rows at the end.
    pub(crate) digest: String,
}

impl Outcome {
    /// What becomes of a world in which something panics.
    pub(crate) fn panicked(seed: u64, said: String) -> Self {
        Self {
            seed,
            program: "?",
            days: 0,
            counts: Counts::default(),
            stats: Stats::default(),
            grants: 0,
            violations: vec![Violation::new("nothing panics", said)],
            digest: String::new(),
        }
    }
}

/// Runs the world of a seed.
pub(crate) fn run(seed: u64, options: &Options) -> Outcome {
    mutant::switch(options.mutant);
    let mut world = World::new(seed, options.clone());
    let keeping = lock(&world.shared).rig.disk.keep_connections();
    world.live();
    let outcome = world.close();
    drop(keeping);
    mutant::switch(None);
    outcome
}

/// More transactions than any moment of a small world takes.
const ENDLESS: u32 = 3_000;

struct World {
    seed: u64,
    options: Options,
    shared: Shared,
    rng: Rng,
    scratch: PathBuf,
    program: &'static str,
    longest: i64,
    /// The true time.
    now: i64,
    from: i64,
    /// Until when it is rough.
    to: i64,
    /// Crashes, faults and dangers, of a thousand turns.
    crashes: u64,
    faults: u64,
    dangers: u64,
    /// How many operations lie before a crash at most.
    reach: u64,
    engine: Option<Engine>,
    run_lock: Option<RunLock>,
    changes: Vec<i64>,
    turns: u64,
}

impl World {
    fn new(seed: u64, options: Options) -> Self {
        let mut rng = Rng::new(seed).fork("world");
        let draft = options.life.draft(seed);
        let fate = options.life.draw(&mut rng);
        let Fate { first_day, from, to, changes, crashes, faults, dangers, reach } = fate;
        let scratch = scratch();
        let editions = editions(draft, first_day);
        let outside = Outside::new(seed, scratch.clone(), editions, from, options.trace);
        let mut world = Self {
            seed,
            shared: Arc::new(Mutex::new(outside)),
            scratch,
            program: draft.name,
            longest: draft.longest,
            now: from,
            from,
            to,
            crashes,
            faults,
            dangers,
            reach,
            engine: None,
            run_lock: None,
            changes,
            turns: 0,
            options,
            rng,
        };
        world.set_up();
        world
    }

    fn has(&self, class: Class) -> bool {
        !self.options.without.contains(&class)
    }

    fn set_up(&mut self) {
        {
            let mut outside = lock(&self.shared);
            outside.without.clone_from(&self.options.without);
            match self.options.life {
                Life::Short => outside.draw_load(self.from, self.to),
                Life::Long => outside.draw_long_load(self.from, self.to),
            }
            if !self.has(Class::Providers) {
                outside.truth.behave();
            }
            if !self.has(Class::Editions) {
                // The one in which everybody comes to an end.
                outside.edition = outside.editions.draft.editions();
            }
        }
        let shared = self.shared.clone();
        let hook = move || {
            let second = lock(&shared).at_write_lock();
            if second {
                second_run(&shared);
            }
        };
        let disk = lock(&self.shared).rig.disk.clone();
        disk.before_write_lock(Some(Box::new(hook)));
    }

    fn is_broken(&self) -> bool {
        !lock(&self.shared).violations.is_empty()
    }

    fn live(&mut self) {
        while self.now < self.to && !self.is_broken() {
            self.turn();
        }
        if !self.is_broken() {
            self.calm_down();
        }
        let until = self.to + self.longest * DAY;
        while self.now < until && !self.is_broken() {
            self.turn();
        }
        if !self.is_broken() {
            self.look_at_all(true);
        }
    }

    /// Faults stop: what is under way has to come to its end.
    fn calm_down(&mut self) {
        self.engine = None;
        self.run_lock = None;
        let mut outside = lock(&self.shared);
        outside.is_calm = true;
        outside.log.calm_from = Some(outside.clock);
        outside.rig.forget();
        outside.edition = outside.editions.draft.editions();
        let disk = outside.rig.disk.clone();
        if disk.is_down() && self.has(Class::PowerLoss) {
            disk.restart(&mut self.rng);
        } else {
            disk.kill();
        }
        outside.lost();
        let every = match self.options.life {
            Life::Short => 12 * HOUR,
            Life::Long => 7 * DAY,
        };
        outside.resume_all(self.now, self.to + self.longest * DAY, every);
    }

    /// Something happens, and the engine does what is due.
    fn turn(&mut self) {
        self.turns += 1;
        let is_calm = lock(&self.shared).is_calm;
        let next = self.engine.as_ref().map(|engine| engine.next());
        // It dies as it looks at its timers, and nobody notices before something else happens.
        let has_died = matches!(next, Some(Err(_)));
        let next = next.and_then(Result::ok).flatten().map(|next| next.0);
        let is_up = self.engine.is_some();
        let shared = self.shared.clone();
        let mut outside = lock(&shared);
        let planned = outside.agenda.keys().next().map(|(at, _)| *at);
        let next = next.map(|next| next - outside.skew);
        let end = if is_calm { self.to + self.longest * DAY } else { self.to };
        let then = [planned, next, Some(end)].into_iter().flatten().min().unwrap_or(end);
        if is_up {
            if has_died && then > self.now {
                outside.log.away.push((self.now, then));
            }
            self.now = self.now.max(then);
        }
        outside.wall = self.now + outside.skew;
        if !is_calm && is_up && self.rng.chance(self.dangers, 1_000) {
            outside.draw_danger();
        }
        drop(outside);
        if !is_calm {
            self.draw_mishap();
        }
        let mut outside = lock(&shared);
        for (how, op) in outside.due(self.now) {
            match how {
                How::AtLock(after) if is_up => outside.at_lock.push((after, op)),
                How::Meanwhile if is_up => outside.meanwhile.push_back(op),
                _ if op == Op::SecondRun => {}
                _ => outside.perform(&op),
            }
        }
        drop(outside);
        let went_well = if self.engine.is_some() { self.work() } else { self.start() };
        if went_well {
            let came = self.late_ones();
            // Where nothing comes late, what comes behind the work is not left lying.
            if came && !self.has(Class::Late) && self.engine.is_some() {
                self.work();
            }
        }
        self.change();
    }

    /// What was to come at a worst moment that did not come is done now; true if there was any.
    fn late_ones(&mut self) -> bool {
        let mut outside = lock(&self.shared);
        let mut left = outside.left_over();
        left.retain(|op| *op != Op::SecondRun);
        for op in &left {
            outside.perform(op);
        }
        !left.is_empty()
    }

    fn draw_mishap(&mut self) {
        let (breaks, faults, reach) = (self.crashes, self.faults, self.reach);
        let shared = self.shared.clone();
        let mut outside = lock(&shared);
        if outside.rig.is_planned() {
            return;
        }
        if (self.has(Class::PowerLoss) || self.has(Class::Kill)) && self.rng.chance(breaks, 1_000) {
            let after = 1 + self.rng.below(reach);
            outside.rig.plan(Mishap::Crash, after);
        } else if self.has(Class::Disk) && self.rng.chance(faults, 1_000) {
            let fault = *self.rng.pick(&[
                Fault::Full,
                Fault::ReadError,
                Fault::ShortRead,
                Fault::WriteError,
                Fault::FailedSync,
            ]);
            let (after, times) = (1 + self.rng.below(reach), 1 + self.rng.below(4));
            if self.has(Class::of(fault)) {
                outside.rig.plan(Mishap::Fault(fault, times), after);
            }
        }
    }

    /// A chain is changed, now and then: the run starts anew with it.
    fn change(&mut self) {
        let due = self.changes.iter().filter(|at| **at <= self.now).count();
        if due == 0 || !self.has(Class::Editions) {
            return;
        }
        self.changes.retain(|at| *at > self.now);
        let mut outside = lock(&self.shared);
        if !outside.is_calm {
            outside.edition = (outside.edition + 1).min(outside.editions.draft.editions() - 1);
            drop(outside);
            self.ends();
        }
    }

    /// The process ends as it should.
    fn ends(&mut self) {
        self.engine = None;
        self.run_lock = None;
        lock(&self.shared).rig.disk.kill();
    }

    /// The process has died, in one way or another.
    fn died(&mut self) {
        self.engine = None;
        self.run_lock = None;
        let power = self.has(Class::PowerLoss) && (!self.has(Class::Kill) || self.rng.chance(1, 2));
        let shared = self.shared.clone();
        let mut outside = lock(&shared);
        let disk = outside.rig.disk.clone();
        let is_down = disk.is_down();
        outside.rig.forget();
        outside.lost();
        let counts = disk.counts();
        if is_down && power {
            disk.restart(&mut self.rng);
            outside.note(|| format!("the power was lost; {counts:?}"));
        } else {
            disk.kill();
            outside.note(|| format!("the process died, down {is_down}; {counts:?}"));
        }
        // What was to come at a worst moment comes before the next start.
        let left = outside.left_over();
        for op in left {
            if op != Op::SecondRun {
                outside.plan(self.now, How::Plain, op);
            }
        }
        drop(outside);
        let died = self.now;
        self.now += match self.rng.below(20) {
            0..=11 => 0,
            12..=15 => self.rng.between(1_000, 20 * MINUTE),
            16..=18 => self.rng.between(20 * MINUTE, 10 * HOUR),
            _ => match self.options.life {
                Life::Short => self.rng.between(10 * HOUR, 2 * DAY),
                Life::Long => self.rng.between(10 * HOUR, 20 * DAY),
            },
        };
        let shared = self.shared.clone();
        let mut outside = lock(&shared);
        if self.has(Class::Clock) && !outside.is_calm && self.rng.chance(1, 3) {
            outside.skew = self.rng.between(-HOUR / 1_000, HOUR / 1_000) * 1_000;
            outside.stats.count("clock: set");
        }
        outside.wall = self.now + outside.skew;
        if self.now > died {
            outside.log.away.push((died, self.now));
        }
    }

    /// A process starts and does what is due; true if it is at work now.
    fn start(&mut self) -> bool {
        // A mishap may meet it at once.
        if !lock(&self.shared).is_calm && self.rng.chance(1, 5) {
            let shared = self.shared.clone();
            let mut outside = lock(&shared);
            if !outside.rig.is_planned() && self.has(Class::PowerLoss) {
                outside.rig.plan(Mishap::Crash, 1 + self.rng.below(self.reach));
            }
        }
        let wall = {
            let outside = lock(&self.shared);
            Moment(outside.wall)
        };
        match begin(&self.shared, &self.scratch, 0, wall) {
            Ok((engine, run_lock, clock)) => {
                self.engine = Some(engine);
                self.run_lock = Some(run_lock);
                let mut outside = lock(&self.shared);
                if clock.0 < outside.stood {
                    let detail = format!("{} behind {}", clock.0, outside.stood);
                    outside.break_(Violation::new("the run's clock only moves forward", detail));
                }
                outside.clock = clock.0;
                let edition = outside.edition;
                // A start that was lost with the power has brought nobody in.
                outside.log.editions.retain(|(from, _)| *from <= clock.0);
                if outside.log.editions.last().is_none_or(|(_, last)| *last != edition) {
                    outside.log.editions.push((clock.0, edition));
                }
                outside.note(|| format!("a run starts with edition {edition}"));
                drop(outside);
                if !self.work() {
                    return false;
                }
                self.after_start();
                self.engine.is_some()
            }
            Err(error) => {
                self.failed("the run starts", &error);
                false
            }
        }
    }

    /// What went wrong is a mishap's doing, or a broken promise.
    fn failed(&mut self, promise: &'static str, error: &str) {
        let mut outside = lock(&self.shared);
        // A mishap has put off the codes, and no run starts without them.
        let by_mishap = outside.rig.has_struck()
            || error.contains("the provider")
            || (error.contains("gives codes of pool") && outside.waits_for_codes());
        outside.note(|| format!("{promise}? {error}"));
        if !by_mishap {
            let detail = format!("no fault struck, and yet: {error}");
            outside.break_(Violation::new(promise, detail));
        }
        drop(outside);
        self.died();
    }

    /// The engine does what is due; true if it could.
    fn work(&mut self) -> bool {
        let clock = {
            let mut outside = lock(&self.shared);
            let wall = Moment(outside.wall);
            let clock = match clock::believed(wall, Some(Moment(outside.clock))) {
                Ok(clock) => clock,
                Err(error) => {
                    let detail = error.to_string();
                    outside.break_(Violation::new("the clock", detail));
                    return false;
                }
            };
            outside.clock = clock.0;
            outside.reached = outside.reached.max(clock.0);
            outside.locks = 0;
            outside.came_between = false;
            clock
        };
        let Some(engine) = &mut self.engine else { return false };
        let mut done = block_on(engine.work(clock));
        // A service looks again, a moment later, at what came in while it was at work.
        while done.is_ok() && std::mem::take(&mut lock(&self.shared).came_between) {
            done = block_on(engine.work(clock));
        }
        if lock(&self.shared).locks > ENDLESS {
            let detail = "there is always more to do at one moment".to_owned();
            lock(&self.shared).break_(Violation::new("work comes to an end", detail));
            return false;
        }
        match done {
            Ok(()) => {
                lock(&self.shared).stood = clock.0;
                self.look_around();
                true
            }
            Err(error) => {
                self.failed("the run goes on", &error.to_string());
                false
            }
        }
    }

    /// Looks at what must hold whenever the engine has done what is due.
    fn look_around(&mut self) {
        let next = self.engine.as_ref().and_then(|engine| engine.next().ok().flatten());
        let mut outside = lock(&self.shared);
        let clock = outside.clock;
        if let Some(next) = next
            && next.0 <= clock
            && outside.at_lock.is_empty()
        {
            let detail = "something that was due is still due".to_owned();
            outside.break_(Violation::new("nothing is overdue", detail));
        }
        let found = look(&mut outside, check::cheap);
        found.into_iter().for_each(|violation| outside.break_(violation));
    }

    fn look_at_all(&mut self, is_end: bool) {
        let mut outside = lock(&self.shared);
        let found = look(&mut outside, |view| check::all(view, is_end));
        found.into_iter().for_each(|violation| outside.break_(violation));
    }

    /// Looks at more, now and then, when a process has started behind a crash.
    fn after_start(&mut self) {
        let is_calm = lock(&self.shared).is_calm;
        if self.rng.chance(1, 16) || is_calm {
            self.look_at_all(false);
        }
        let quiet = {
            let outside = lock(&self.shared);
            !outside.rig.is_planned() && outside.at_lock.is_empty() && outside.meanwhile.is_empty()
        };
        if quiet && self.rng.chance(1, 8) && !self.is_broken() {
            self.restart_again();
        }
    }

    /// Restarting twice is restarting once.
    fn restart_again(&mut self) {
        let before = lock(&self.shared).peek(check::dump);
        let handed_over = lock(&self.shared).truth.handovers.len();
        self.ends();
        let wall = Moment(lock(&self.shared).wall);
        let Ok((mut engine, run_lock, clock)) = begin(&self.shared, &self.scratch, 0, wall) else {
            self.failed("the run starts", "it would not start again");
            return;
        };
        let done = block_on(engine.work(clock));
        self.engine = Some(engine);
        self.run_lock = Some(run_lock);
        if let Err(error) = done {
            return self.failed("the run goes on", &error.to_string());
        }
        let mut outside = lock(&self.shared);
        let after = outside.peek(check::dump);
        outside.stats.checks += 1;
        if let (Some(before), Some(after)) = (before, after)
            && (before != after || outside.truth.handovers.len() != handed_over)
        {
            let tables = check::differing(&before, &after);
            let detail = format!("other rows in {tables}");
            outside.break_(Violation::new("restart twice equals restart once", detail));
        }
    }

    fn close(mut self) -> Outcome {
        self.engine = None;
        self.run_lock = None;
        let disk = lock(&self.shared).rig.disk.clone();
        disk.before_write_lock(None);
        let mut outside = lock(&self.shared);
        let grants = outside.peek(check::grants_made).unwrap_or(0);
        let rows = outside.peek(check::dump).unwrap_or_default();
        let digest = outside.digest(&rows);
        Outcome {
            seed: self.seed,
            program: self.program,
            days: (self.now - self.from) / DAY,
            counts: disk.counts(),
            stats: outside.stats.clone(),
            grants,
            violations: outside.violations.clone(),
            digest,
        }
    }
}

/// Looks into the store with some checks.
fn look(outside: &mut Outside, checks: impl Fn(View<'_>) -> check::Found) -> Vec<Violation> {
    outside.stats.checks += 1;
    let log = std::mem::take(&mut outside.log);
    let truth = std::mem::take(&mut outside.truth);
    let editions = outside.editions.clone();
    let (edition, now) = (outside.edition, outside.clock);
    let found = outside.peek(|db| {
        checks(View { db, log: &log, truth: &truth, editions: &editions, edition, now })
    });
    outside.log = log;
    outside.truth = truth;
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests;
