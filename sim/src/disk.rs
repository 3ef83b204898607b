//! The disk of one simulated machine: a file system for `SQLite`, all in memory, that loses
//! power, runs full and fails where it is told to.
//!
//! Every store that this process opens lies on such a disk (it is the default of `SQLite`):
//! `Store::open_or_create(&disk.path("shop.db"))`. `Store::open` would ask the real file
//! system and find nothing. Paths differ from run to run, so print none of them.
//!
//! Operations are numbered from 1; those that can change the disk or fail for a reason are
//! counted: opening a file, reading, writing, cutting, syncing, deleting, and asking for
//! more shared memory. A fault strikes the first operation from its number on that it can
//! strike. After [`Disk::crash_at`] has struck, each call fails until [`Disk::restart`]
//! (power was lost) or [`Disk::kill`] (only the process died, the system keeps its writes);
//! connections from before never work again, and may be dropped before or after.
//!
//! Two processes on one store: [`Disk::process`] is the same disk as another process sees
//! it, and [`Disk::before_write_lock`] lets it do something at the worst moment.

use crate::rng::Rng;
use std::path::PathBuf;

/// What can go wrong with one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// A write that makes a file longer finds no room; a part of it may have been written.
    Full,
    /// A read fails.
    ReadError,
    /// A read brings a part of what was asked for, and fails.
    ShortRead,
    /// A write or a cut fails; a part of it may have been written.
    WriteError,
    /// A sync fails. As on Linux, a part may have reached the disk, and what has not is
    /// never tried again, though readers see it until the power goes.
    FailedSync,
}

/// How often each thing really happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// [`Fault::Full`].
    pub full: u64,
    /// [`Fault::ReadError`].
    pub read_errors: u64,
    /// [`Fault::ShortRead`].
    pub short_reads: u64,
    /// [`Fault::WriteError`].
    pub write_errors: u64,
    /// [`Fault::FailedSync`].
    pub failed_syncs: u64,
    /// Operations at which the machine stopped.
    pub crashes: u64,
    /// Times the power was lost.
    pub power_losses: u64,
    /// Processes that died.
    pub kills: u64,
    /// Unsynced writes that a power loss kept whole.
    pub survived: u64,
    /// Unsynced writes that a power loss took.
    pub vanished: u64,
    /// Unsynced writes that a power loss kept a part of.
    pub torn: u64,
}

/// What is called when a process is about to take the write lock.
pub type Hook = Box<dyn FnMut() + Send>;

/// A disk, as one process of its machine sees it. A clone is the same disk.
#[derive(Debug, Clone)]
pub struct Disk {}

impl Disk {
    /// Returns an empty disk. `seed` decides how a fault does its damage.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        todo!("{seed}")
    }

    /// Returns this disk as another process sees it. The first one is 0.
    #[must_use]
    pub fn process(&self, process: u32) -> Self {
        todo!("{process}")
    }

    /// Returns the path by which this process opens a file.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        todo!("{name}")
    }

    /// Returns how many operations there have been.
    #[must_use]
    pub fn operations(&self) -> u64 {
        todo!()
    }

    /// Plans a fault for the first operation from `at` on that it can strike.
    pub fn plan(&self, fault: Fault, at: u64) {
        self.plan_many(fault, at, 1);
    }

    /// Plans a fault for the first so many operations from `at` on that it can strike: a disk
    /// that stays full for a while.
    pub fn plan_many(&self, fault: Fault, at: u64, times: u64) {
        todo!("{fault:?} {at} {times}")
    }

    /// Forgets all that is planned, a crash too.
    pub fn forget_plans(&self) {
        todo!()
    }

    /// Stops the machine at an operation, which may be half done.
    pub fn crash_at(&self, operation: u64) {
        todo!("{operation}")
    }

    /// Tells whether the machine has stopped.
    #[must_use]
    pub fn is_down(&self) -> bool {
        todo!()
    }

    /// The power is lost and comes back: each unsynced write survives, vanishes or is torn;
    /// locks and shared memory are gone, and so are all processes.
    pub fn restart(&self, rng: &mut Rng) {
        todo!("{rng:?}")
    }

    /// This process dies (all of them, if the machine has stopped) and its locks go; the
    /// system keeps what it wrote.
    pub fn kill(&self) {
        todo!()
    }

    /// Returns an independent copy of all files, with what is unsynced; of processes,
    /// plans and counts it has none.
    #[must_use]
    pub fn copy(&self) -> Self {
        todo!()
    }

    /// Has something done each time this process is about to take the write lock, before
    /// it is taken. While it runs it is not called again.
    pub fn before_write_lock(&self, hook: Option<Hook>) {
        drop(hook);
        todo!()
    }

    /// Returns how often each thing really happened.
    #[must_use]
    pub fn counts(&self) -> Counts {
        todo!()
    }
}
