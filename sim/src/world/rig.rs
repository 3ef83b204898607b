//! The disk of a world, with at most one mishap planned, which looks on from outside do not
//! meet.

use crate::disk::{Counts, Disk, Fault};

/// What is planned to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// The machine or the process stops.
    Crash,
    /// A fault, so many times.
    Fault(Fault, u64),
}

#[derive(Debug)]
pub(crate) struct Rig {
    pub(crate) disk: Disk,
    planned: Option<(Mishap, u64)>,
    before: Counts,
}

impl Rig {
    pub(crate) fn new(seed: u64) -> Self {
        let disk = Disk::new(seed);
        let before = disk.counts();
        Self { disk, planned: None, before }
    }

    /// Plans a mishap so many operations from now; another one is forgotten.
    pub(crate) fn plan(&mut self, mishap: Mishap, after: u64) {
        self.disk.forget_plans();
        self.before = self.disk.counts();
        let at = self.disk.operations() + after.max(1);
        self.planned = Some((mishap, at));
        self.set(mishap, at);
    }

    fn set(&self, mishap: Mishap, at: u64) {
        match mishap {
            Mishap::Crash => self.disk.crash_at(at),
            Mishap::Fault(fault, times) => self.disk.plan_many(fault, at, times),
        }
    }

    pub(crate) fn forget(&mut self) {
        self.disk.forget_plans();
        self.planned = None;
    }

    pub(crate) fn is_planned(&self) -> bool {
        self.planned.is_some()
    }

    /// Tells whether the planned fault, or crash, has struck since it was planned.
    pub(crate) fn has_struck(&self) -> bool {
        self.disk.is_down() || faults(&self.disk.counts()) > faults(&self.before)
    }

    /// Does something that no mishap meets.
    pub(crate) fn quietly<T>(&mut self, look: impl FnOnce() -> T) -> T {
        let Some((mishap, at)) = self.planned else { return look() };
        if self.disk.is_down() {
            return look();
        }
        let struck = self.has_struck();
        self.disk.forget_plans();
        let from = self.disk.operations();
        let seen = look();
        let at = at + (self.disk.operations() - from);
        if struck || at <= self.disk.operations() {
            // It has done its damage; what is left of it is forgotten.
            self.planned = None;
        } else {
            self.planned = Some((mishap, at));
            self.set(mishap, at);
        }
        seen
    }
}

/// How many faults there were that are no crashes.
pub(crate) const fn faults(counts: &Counts) -> u64 {
    counts.full
        + counts.read_errors
        + counts.short_reads
        + counts.write_errors
        + counts.failed_syncs
}
