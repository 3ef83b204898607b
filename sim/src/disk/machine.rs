//! What stands behind all connections to one disk: its files and their names, its open
//! files and locks, and the count of operations by which faults and crashes are planned.

use super::image::{Bytes, Fate, Image};
use super::locks::{HandleId, Level, Memory, Shared};
use super::{ChangeHook, Counts, Fault, Hook, Outcome};
use crate::rng::Rng;
use libsqlite3_sys as ffi;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What `SQLite` is told: a value, or one of its codes.
pub(super) type Result<T> = std::result::Result<T, i32>;

type FileId = u64;

/// A change of the folder that the disk may not have yet.
#[derive(Debug, Clone)]
enum Move {
    Link(String, FileId),
    Unlink(String),
}

/// How a file is opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening {
    pub(super) process: u32,
    /// It may be made.
    pub(super) create: bool,
    /// It is a write-ahead log.
    pub(super) is_wal: bool,
    /// `SQLite` wants its name to be on the disk once it is synced.
    pub(super) is_log: bool,
    pub(super) delete_on_close: bool,
}

#[derive(Debug)]
struct Handle {
    name: String,
    file: FileId,
    opening: Opening,
    sync_folder: bool,
    level: Level,
}

#[derive(Debug, Clone)]
struct Plan {
    fault: Fault,
    at: u64,
    times: u64,
}

#[derive(Debug)]
pub(super) struct State {
    rng: Rng,
    salts: Rng,
    operations: u64,
    crash_at: Option<u64>,
    down: bool,
    plans: Vec<Plan>,
    counts: Counts,
    files: BTreeMap<FileId, Image>,
    names: BTreeMap<String, FileId>,
    names_on_disk: BTreeMap<String, FileId>,
    moves: Vec<Move>,
    handles: BTreeMap<HandleId, Handle>,
    shared: BTreeMap<FileId, Shared>,
    /// The last number given to a file or an open file.
    last_id: u64,
}

/// A machine with a disk.
pub(super) struct Machine {
    pub(super) id: u64,
    state: Mutex<State>,
    hooks: Mutex<BTreeMap<u32, Hook>>,
    watcher: Mutex<Option<ChangeHook>>,
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Machine({})", self.id)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        super::forget(self.id);
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Machine {
    pub(super) fn new(id: u64, seed: u64) -> Self {
        let rng = Rng::new(seed);
        Self::with(
            id,
            State {
                salts: rng.fork("salts"),
                rng: rng.fork("damage"),
                operations: 0,
                crash_at: None,
                down: false,
                plans: Vec::new(),
                counts: Counts::default(),
                files: BTreeMap::new(),
                names: BTreeMap::new(),
                names_on_disk: BTreeMap::new(),
                moves: Vec::new(),
                handles: BTreeMap::new(),
                shared: BTreeMap::new(),
                last_id: 0,
            },
        )
    }

    const fn with(id: u64, state: State) -> Self {
        Self {
            id,
            state: Mutex::new(state),
            hooks: Mutex::new(BTreeMap::new()),
            watcher: Mutex::new(None),
        }
    }

    pub(super) fn copy(&self, id: u64) -> Self {
        let state = self.state();
        let mut copy = State {
            rng: state.rng.clone(),
            salts: state.salts.clone(),
            operations: state.operations,
            crash_at: None,
            down: false,
            plans: Vec::new(),
            counts: Counts::default(),
            files: state.files.clone(),
            names: state.names.clone(),
            names_on_disk: state.names_on_disk.clone(),
            moves: state.moves.clone(),
            handles: BTreeMap::new(),
            shared: BTreeMap::new(),
            last_id: state.last_id,
        };
        drop(state);
        copy.sweep();
        Self::with(id, copy)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        held(&self.state)
    }

    pub(super) fn set_hook(&self, process: u32, hook: Option<Hook>) {
        let before = match hook {
            Some(hook) => held(&self.hooks).insert(process, hook),
            None => held(&self.hooks).remove(&process),
        };
        // What it holds may be connections of this very machine.
        drop(before);
    }

    pub(super) fn set_watcher(&self, watcher: Option<ChangeHook>) {
        let before = std::mem::replace(&mut *held(&self.watcher), watcher);
        drop(before);
    }

    /// Lets somebody act just before a process takes the write lock.
    fn before_write_lock(&self, process: u32) {
        let hook = held(&self.hooks).remove(&process);
        if let Some(mut hook) = hook {
            hook();
            held(&self.hooks).entry(process).or_insert(hook);
        }
    }

    fn tell_watcher(&self, operation: u64) {
        let watcher = held(&self.watcher).take();
        if let Some(mut watcher) = watcher {
            watcher(operation);
            held(&self.watcher).get_or_insert(watcher);
        }
    }

    /// Counts an operation and does what comes first; then, if the machine still runs and
    /// after the watcher has seen the disk in the middle of it, does the rest.
    fn change<T, R>(
        &self,
        first: impl FnOnce(&mut State) -> Result<T>,
        rest: impl FnOnce(&mut State, T) -> R,
    ) -> Result<R> {
        let mut state = self.state();
        let operation = state.begin()?;
        let half = first(&mut state);
        let half = state.end(half);
        drop(state);
        self.tell_watcher(operation);
        Ok(rest(&mut self.state(), half?))
    }

    pub(super) fn open(&self, name: &str, opening: Opening) -> Result<HandleId> {
        let mut state = self.state();
        if state.names.contains_key(name) {
            state.begin()?;
            let handle = state.open(name, opening);
            return state.end(handle);
        }
        drop(state);
        self.change(|state| state.open(name, opening), |_, handle| handle)
    }

    pub(super) fn close(&self, handle: HandleId) {
        self.unmap(handle);
        let mut state = self.state();
        let Some(closed) = state.handles.remove(&handle) else { return };
        if closed.opening.delete_on_close && state.names.get(&closed.name) == Some(&closed.file) {
            state.unlink(&closed.name);
        }
        state.sweep();
    }

    pub(super) fn delete(&self, name: &str, sync_folder: bool) -> Result<()> {
        self.change(
            |state| {
                if !state.names.contains_key(name) {
                    return Err(ffi::SQLITE_IOERR_DELETE_NOENT);
                }
                if state.strike(&[Fault::WriteError]).is_some() {
                    return Err(ffi::SQLITE_IOERR_DELETE);
                }
                state.unlink(name);
                Ok(())
            },
            |state, ()| {
                if sync_folder {
                    state.sync_folder();
                }
                state.sweep();
            },
        )
    }

    pub(super) fn read(&self, handle: HandleId, offset: usize, into: &mut [u8]) -> Result<()> {
        let mut state = self.state();
        state.alive(handle)?;
        state.begin()?;
        let done = state.read(handle, offset, into);
        state.end(done)
    }

    pub(super) fn write(&self, handle: HandleId, offset: usize, bytes: &[u8]) -> Result<()> {
        self.state().alive(handle)?;
        self.change(|state| state.write(handle, offset, bytes), |_, ()| ())
    }

    pub(super) fn cut(&self, handle: HandleId, len: usize) -> Result<()> {
        self.state().alive(handle)?;
        self.change(
            |state| {
                if state.strike(&[Fault::WriteError]).is_some() {
                    return Err(ffi::SQLITE_IOERR_TRUNCATE);
                }
                state.image(handle)?.resize(len);
                Ok(())
            },
            |_, ()| (),
        )
    }

    pub(super) fn sync(&self, handle: HandleId) -> Result<()> {
        self.state().alive(handle)?;
        self.change(
            |state| {
                if state.strike(&[Fault::FailedSync]).is_some() {
                    let mut rng = state.rng.clone();
                    state.image(handle)?.fail_to_sync(&mut rng);
                    state.rng = rng;
                    return Err(ffi::SQLITE_IOERR_FSYNC);
                }
                Ok(())
            },
            // Nobody can have closed it in between: that is for whoever syncs it to do.
            |state, ()| {
                if let Ok(image) = state.image(handle) {
                    image.sync();
                }
                let fresh = state.handles.get_mut(&handle).map(|it| &mut it.sync_folder);
                if fresh.is_some_and(std::mem::take) {
                    state.sync_folder();
                }
            },
        )
    }

    pub(super) fn size(&self, handle: HandleId) -> Result<usize> {
        let mut state = self.state();
        state.alive(handle)?;
        Ok(state.image(handle)?.seen().len())
    }

    pub(super) fn lock(&self, handle: HandleId, level: Level) -> Result<bool> {
        let (process, before) = self.state().holder(handle)?;
        if level >= Level::Reserved && before < Level::Reserved {
            self.before_write_lock(process);
        }
        let mut state = self.state();
        let others = state.level_of_others(handle)?;
        let Some(held) = state.handles.get_mut(&handle) else { return Err(ffi::SQLITE_IOERR) };
        let (after, got) = held.level.ask(level, others);
        held.level = after;
        Ok(got)
    }

    pub(super) fn unlock(&self, handle: HandleId, level: Level) -> Result<()> {
        let mut state = self.state();
        state.alive(handle)?;
        if let Some(held) = state.handles.get_mut(&handle) {
            held.level = held.level.min(level);
        }
        Ok(())
    }

    pub(super) fn is_reserved(&self, handle: HandleId) -> Result<bool> {
        let state = self.state();
        let (_, own) = state.holder(handle)?;
        Ok(own.max(state.level_of_others(handle)?) >= Level::Reserved)
    }

    /// Returns the memory that the connections to a file share, with so many regions of so
    /// many bytes if it may grow.
    pub(super) fn map(
        &self,
        handle: HandleId,
        region: usize,
        bytes: usize,
        grow: bool,
    ) -> Result<Arc<Memory>> {
        let mut state = self.state();
        state.alive(handle)?;
        let file = state.file(handle)?;
        let shared = state.shared.entry(file).or_default();
        shared.users.insert(handle);
        let memory = shared.memory.clone();
        let mut regions = held(&memory.regions);
        if grow && regions.len() <= region {
            state.begin()?;
            let full = state.strike(&[Fault::Full]).map_or(Ok(()), |_| {
                // As the system says it of a file that cannot be made longer.
                Err(ffi::SQLITE_IOERR_SHMSIZE)
            });
            state.end(full)?;
            regions.resize_with(region + 1, || (0..bytes / 8).map(|_| 0.into()).collect());
        }
        drop(regions);
        Ok(memory)
    }

    pub(super) fn unmap(&self, handle: HandleId) {
        let mut state = self.state();
        state.shared.retain(|_, shared| !shared.leave(handle));
    }

    pub(super) fn take_slots(
        &self,
        handle: HandleId,
        slots: std::ops::Range<usize>,
        alone: bool,
    ) -> Result<bool> {
        let (process, _) = self.state().holder(handle)?;
        // INVARIANT: slot 0 is the write lock of a write-ahead log.
        if alone && slots == (0..1) {
            self.before_write_lock(process);
        }
        let mut state = self.state();
        state.alive(handle)?;
        let file = state.file(handle)?;
        let shared = state.shared.entry(file).or_default();
        shared.users.insert(handle);
        Ok(if alone { shared.seize(slots, handle) } else { shared.share(slots, handle) })
    }

    pub(super) fn release_slots(
        &self,
        handle: HandleId,
        slots: std::ops::Range<usize>,
    ) -> Result<()> {
        let mut state = self.state();
        state.alive(handle)?;
        let file = state.file(handle)?;
        if let Some(shared) = state.shared.get_mut(&file) {
            shared.release(slots, handle);
        }
        Ok(())
    }
}

impl State {
    pub(super) const fn operations(&self) -> u64 {
        self.operations
    }

    pub(super) const fn counts(&self) -> Counts {
        self.counts
    }

    pub(super) const fn is_down(&self) -> bool {
        self.down
    }

    pub(super) const fn crash_at(&mut self, operation: u64) {
        self.crash_at = Some(operation);
    }

    pub(super) fn plan(&mut self, fault: Fault, at: u64, times: u64) {
        self.plans.push(Plan { fault, at, times });
    }

    pub(super) fn forget_plans(&mut self) {
        self.plans.clear();
        self.crash_at = None;
    }

    /// Draws what `SQLite` takes its own randomness from.
    pub(super) const fn salt(&mut self) -> u64 {
        self.salts.draw()
    }

    pub(super) fn exists(&self, name: &str) -> Result<Option<&Bytes>> {
        if self.down {
            return Err(ffi::SQLITE_IOERR_ACCESS);
        }
        Ok(self.names.get(name).and_then(|file| self.files.get(file)).map(Image::seen))
    }

    const fn begin(&mut self) -> Result<u64> {
        if self.down {
            return Err(ffi::SQLITE_IOERR);
        }
        self.operations += 1;
        Ok(self.operations)
    }

    /// The machine may stop in the middle of an operation.
    fn end<T>(&mut self, done: Result<T>) -> Result<T> {
        if self.crash_at.is_some_and(|at| at <= self.operations) {
            self.crash_at = None;
            self.down = true;
            self.counts.crashes += 1;
            return Err(ffi::SQLITE_IOERR);
        }
        done
    }

    /// Returns the fault that is due and is one of some.
    fn strike(&mut self, faults: &[Fault]) -> Option<Fault> {
        let operation = self.operations;
        let due = self
            .plans
            .iter_mut()
            .find(|plan| plan.at <= operation && plan.times > 0 && faults.contains(&plan.fault))?;
        due.times -= 1;
        let fault = due.fault;
        self.plans.retain(|plan| plan.times > 0);
        *match fault {
            Fault::Full => &mut self.counts.full,
            Fault::ReadError => &mut self.counts.read_errors,
            Fault::ShortRead => &mut self.counts.short_reads,
            Fault::WriteError => &mut self.counts.write_errors,
            Fault::FailedSync => &mut self.counts.failed_syncs,
        } += 1;
        Some(fault)
    }

    fn alive(&self, handle: HandleId) -> Result<()> {
        if self.down || !self.handles.contains_key(&handle) {
            return Err(ffi::SQLITE_IOERR);
        }
        Ok(())
    }

    fn holder(&self, handle: HandleId) -> Result<(u32, Level)> {
        self.alive(handle)?;
        let held = self.handles.get(&handle).ok_or(ffi::SQLITE_IOERR)?;
        Ok((held.opening.process, held.level))
    }

    fn file(&self, handle: HandleId) -> Result<FileId> {
        self.handles.get(&handle).map(|held| held.file).ok_or(ffi::SQLITE_IOERR)
    }

    fn image(&mut self, handle: HandleId) -> Result<&mut Image> {
        let file = self.file(handle)?;
        self.files.get_mut(&file).ok_or(ffi::SQLITE_IOERR)
    }

    fn level_of_others(&self, handle: HandleId) -> Result<Level> {
        let file = self.file(handle)?;
        let others = self.handles.iter().filter(|(id, it)| **id != handle && it.file == file);
        Ok(others.map(|(_, it)| it.level).max().unwrap_or(Level::None))
    }

    const fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    fn open(&mut self, name: &str, opening: Opening) -> Result<HandleId> {
        let file = match self.names.get(name) {
            Some(file) => *file,
            None if opening.create => {
                let file = self.next_id();
                self.files.insert(file, Image::default());
                self.names.insert(name.to_owned(), file);
                self.moves.push(Move::Link(name.to_owned(), file));
                file
            }
            None => return Err(ffi::SQLITE_CANTOPEN),
        };
        let handle = self.next_id();
        let opened = Handle {
            name: name.to_owned(),
            file,
            opening,
            // As on Unix: whoever may have made it lets its name reach the disk.
            sync_folder: opening.create && opening.is_log,
            level: Level::None,
        };
        self.handles.insert(handle, opened);
        Ok(handle)
    }

    fn unlink(&mut self, name: &str) {
        self.names.remove(name);
        self.moves.push(Move::Unlink(name.to_owned()));
    }

    fn read(&mut self, handle: HandleId, offset: usize, into: &mut [u8]) -> Result<()> {
        let fault = self.strike(&[Fault::ReadError, Fault::ShortRead]);
        let is_wal = self.handles.get(&handle).is_some_and(|held| held.opening.is_wal);
        let short = if fault == Some(Fault::ShortRead) {
            self.rng.below(into.len() as u64) as usize
        } else {
            into.len()
        };
        let there = self.image(handle)?.seen().read(offset, &mut into[..short]);
        into[there..].fill(0);
        match fault {
            // INVARIANT: of a database, `SQLite` takes a short read to be the end of the
            // file, and believes the zeros; a system reports that only where the end is, and
            // else goes on reading until it has all or an error. Of a log it is an error.
            Some(Fault::ShortRead) if is_wal => Err(ffi::SQLITE_IOERR_SHORT_READ),
            Some(_) => Err(ffi::SQLITE_IOERR_READ),
            None if there < into.len() => Err(ffi::SQLITE_IOERR_SHORT_READ),
            None => Ok(()),
        }
    }

    fn write(&mut self, handle: HandleId, offset: usize, bytes: &[u8]) -> Result<()> {
        let grows = offset + bytes.len() > self.image(handle)?.seen().len();
        let faults = [Fault::WriteError, Fault::Full];
        let fault = self.strike(if grows { &faults } else { &faults[..1] });
        let Some(fault) = fault else {
            self.image(handle)?.write(offset, bytes);
            return Ok(());
        };
        let part = self.rng.below(bytes.len() as u64) as usize;
        self.image(handle)?.write(offset, &bytes[..part]);
        Err(if fault == Fault::Full { ffi::SQLITE_FULL } else { ffi::SQLITE_IOERR_WRITE })
    }

    fn sync_folder(&mut self) {
        self.moves.clear();
        self.names_on_disk.clone_from(&self.names);
        self.sweep();
    }

    /// Forgets files that have no name and that nobody has open.
    fn sweep(&mut self) {
        let Self { files, names, names_on_disk, moves, handles, .. } = self;
        files.retain(|id, _| {
            names.values().chain(names_on_disk.values()).any(|file| file == id)
                || handles.values().any(|handle| handle.file == *id)
                || moves.iter().any(|it| matches!(it, Move::Link(_, file) if file == id))
        });
    }

    pub(super) fn lose_power(&mut self, outcome: Outcome, rng: &mut Rng) {
        self.counts.power_losses += 1;
        self.handles.clear();
        self.shared.clear();
        self.down = false;
        self.crash_at = None;
        // The folder's changes reach the disk in their order.
        let moves = std::mem::take(&mut self.moves);
        let kept = match outcome {
            Outcome::All => moves.len(),
            Outcome::Nothing => 0,
            Outcome::Torn | Outcome::Drawn => rng.below(moves.len() as u64 + 1) as usize,
        };
        for one in moves.into_iter().take(kept) {
            match one {
                Move::Link(name, file) => drop(self.names_on_disk.insert(name, file)),
                Move::Unlink(name) => drop(self.names_on_disk.remove(&name)),
            }
        }
        self.names.clone_from(&self.names_on_disk);
        self.sweep();
        for image in self.files.values_mut() {
            let fate = match outcome {
                Outcome::All => Fate::Kept,
                Outcome::Nothing => Fate::Lost,
                Outcome::Torn => Fate::Cut,
                Outcome::Drawn => *rng.pick(&[Fate::Kept, Fate::Lost, Fate::Cut, Fate::Mixed]),
            };
            let toll = image.lose_power(fate, rng);
            self.counts.survived += toll.survived;
            self.counts.vanished += toll.vanished;
            self.counts.torn += toll.torn;
        }
    }

    pub(super) fn kill(&mut self, process: u32) {
        self.counts.kills += 1;
        let all = std::mem::take(&mut self.down);
        self.crash_at = None;
        let dead: Vec<HandleId> = (self.handles.iter())
            .filter(|(_, handle)| all || handle.opening.process == process)
            .map(|(id, _)| *id)
            .collect();
        for handle in dead {
            self.handles.remove(&handle);
            self.shared.retain(|_, shared| !shared.leave(handle));
        }
        self.sweep();
    }

    pub(super) fn digest_of_database(&self, name: &str) -> Option<blake3::Hash> {
        let image = self.files.get(self.names.get(name)?)?;
        let mut hasher = blake3::Hasher::new();
        image.seen().hash_database(&mut hasher);
        Some(hasher.finalize())
    }

    pub(super) fn digest(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for (name, file) in self.names.iter().chain(&self.names_on_disk) {
            hasher.update(name.as_bytes());
            hasher.update(&file.to_le_bytes());
        }
        for (id, image) in &self.files {
            hasher.update(&id.to_le_bytes());
            image.hash(&mut hasher);
        }
        hasher.finalize()
    }
}
