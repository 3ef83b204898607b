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
//! What a hook holds is let go of by setting `None`: a connection in it keeps the disk alive.
//! A panic in a hook ends the process, since it would have to pass through `SQLite`.
//!
//! The same seed and calls give the same bytes, but for the salts of a write-ahead log where
//! two threads run at once: `SQLite` has one generator for all. No draw depends on them.
//!
//! Two processes on one store: [`Disk::process`] is the same disk as another process sees
//! it, and [`Disk::before_write_lock`] lets it do something at the worst moment.

mod image;
pub(crate) mod kept;
mod locks;
mod machine;
mod state;
mod vfs;

use crate::rng::Rng;
use chainc_runtime::store::log;
use machine::Machine;
use state::Opening;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

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

/// What is called in the middle of each operation that changes the disk, with its number.
pub type ChangeHook = Box<dyn FnMut(u64) + Send>;

/// What a loss of power does to what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// All of it is on the disk.
    All,
    /// None of it is.
    Nothing,
    /// Of each file, what came before some write is, and that write is torn.
    Torn,
    /// Each file has a fate of its own; in the worst, each write has.
    Drawn,
}

/// A disk, as one process of its machine sees it. A clone is the same disk.
#[derive(Debug, Clone)]
pub struct Disk {
    machine: Arc<Machine>,
    process: u32,
}

/// The disks that there are, for `SQLite` to find them by the paths of their files.
static DISKS: Mutex<BTreeMap<u64, Weak<Machine>>> = Mutex::new(BTreeMap::new());

static LAST: AtomicU64 = AtomicU64::new(0);

/// Returns a folder that really exists, since the store asks for it. It stays empty.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join("chainc-sim");
        std::fs::create_dir_all(&folder).expect("there is a place for an empty folder");
        folder
    })
}

/// Reads a path that [`Disk::path`] wrote.
fn resolve(path: &str) -> Option<(Arc<Machine>, u32, String)> {
    let file = Path::new(path).file_name().and_then(OsStr::to_str)?;
    let (disk, rest) = file.strip_prefix('d')?.split_once("-p")?;
    let (process, name) = rest.split_once('-')?;
    let disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    let process = process.parse().ok()?;
    let machine = disks.get(&disk.parse().ok()?)?.upgrade()?;
    Some((machine, process, name.to_owned()))
}

/// A machine is gone.
fn forget(id: u64) {
    DISKS.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
}

/// Writes a file over itself, and waits until it is on the disk.
fn write_anew(path: &Path) -> std::io::Result<()> {
    let found = path.to_str().and_then(resolve);
    let (machine, process, name) = found.ok_or(std::io::ErrorKind::NotFound)?;
    if !machine.state().names.contains_key(&name) {
        return Ok(());
    }
    let failed = |code| std::io::Error::other(format!("disk I/O error ({code})"));
    let (create, is_log, delete_on_close) = (false, true, false);
    let opening = Opening { process, create, is_wal: true, is_log, delete_on_close };
    let handle = machine.open(&name, opening).map_err(failed)?;
    let done = machine.write_over(handle).map_err(failed);
    machine.close(handle);
    done
}

impl Disk {
    /// Returns an empty disk. `seed` decides how a fault does its damage.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        vfs::register();
        log::simulated::write_by(write_anew);
        Self::of(Machine::new(LAST.fetch_add(1, Ordering::Relaxed), seed))
    }

    /// Lets the connections of this thread outlive their processes, which must have ended when
    /// the machine starts anew.
    pub(crate) fn keep_connections(&self) -> kept::Keeping {
        self.machine.state().keep_memories();
        kept::Keeping::begin()
    }

    fn of(machine: Machine) -> Self {
        let machine = Arc::new(machine);
        let mut disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
        disks.insert(machine.id, Arc::downgrade(&machine));
        Self { machine, process: 0 }
    }

    /// Returns this disk as another process sees it. The first one is 0.
    #[must_use]
    pub fn process(&self, process: u32) -> Self {
        Self { machine: self.machine.clone(), process }
    }

    /// Returns the path by which this process opens a file.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        folder().join(format!("d{}-p{}-{name}", self.machine.id, self.process))
    }

    /// Returns how many operations there have been.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.machine.state().operations()
    }

    /// Plans a fault for the first operation from `at` on that it can strike.
    pub fn plan(&self, fault: Fault, at: u64) {
        self.plan_many(fault, at, 1);
    }

    /// Plans a fault for the first so many operations from `at` on that it can strike: a disk
    /// that stays full for a while.
    pub fn plan_many(&self, fault: Fault, at: u64, times: u64) {
        self.machine.state().plan(fault, at, times);
    }

    /// Forgets all that is planned, a crash too.
    pub fn forget_plans(&self) {
        self.machine.state().forget_plans();
    }

    /// Stops the machine at an operation, which may be half done.
    pub fn crash_at(&self, operation: u64) {
        self.machine.state().crash_at(operation);
    }

    /// Tells whether the machine has stopped.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.machine.state().is_down()
    }

    /// The power is lost and comes back: each unsynced write survives, vanishes or is torn;
    /// locks and shared memory are gone, and so are all processes.
    pub fn restart(&self, rng: &mut Rng) {
        self.lose_power(Outcome::Drawn, rng);
    }

    /// As [`Disk::restart`], with an outcome that is given.
    pub fn lose_power(&self, outcome: Outcome, rng: &mut Rng) {
        self.machine.state().lose_power(outcome, rng);
    }

    /// This process dies (all of them, if the machine has stopped) and its locks go; the
    /// system keeps what it wrote.
    pub fn kill(&self) {
        self.machine.state().kill(self.process);
    }

    /// Returns an independent copy of all files, with what is unsynced; of processes, plans,
    /// hooks and counts it has none. It costs little.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self::of(self.machine.copy(LAST.fetch_add(1, Ordering::Relaxed)))
    }

    /// Has something done each time this process is about to take the write lock, before
    /// it is taken. While it runs it is not called again. If it writes, `SQLite` begins the
    /// transaction of this process anew and calls it again, so it must not write each time.
    pub fn before_write_lock(&self, hook: Option<Hook>) {
        self.machine.set_hook(self.process, hook);
    }

    /// Has something done in the middle of each operation that changes the disk: what a
    /// [`Disk::copy`] then has is what a crash in this operation finds.
    pub fn at_each_change(&self, hook: Option<ChangeHook>) {
        self.machine.set_watcher(hook);
    }

    /// Returns how often each thing really happened.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.machine.state().counts()
    }

    /// Returns a digest of what readers see of a database that nobody has open, whatever the
    /// number of its changes; empty if there is none.
    #[must_use]
    pub fn digest_of_database(&self, name: &str) -> String {
        let digest = self.machine.state().digest_of_database(name);
        digest.map_or_else(String::new, |digest| digest.to_hex().to_string())
    }

    /// Returns a digest of what readers see of all files.
    #[must_use]
    pub fn digest_seen(&self) -> String {
        self.machine.state().digest_seen().to_hex().to_string()
    }

    /// Returns a digest of all files, both what is seen and what is on the disk.
    #[must_use]
    pub fn digest(&self) -> String {
        self.machine.state().digest().to_hex().to_string()
    }
}

#[cfg(test)]
mod tests;
