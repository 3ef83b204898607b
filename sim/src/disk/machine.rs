//! What stands behind all connections to one disk: each call of `SQLite` is an operation on
//! the state, told of to hooks, and stopped where a crash is planned.

use super::locks::{HandleId, Level, Memory};
use super::state::{Opening, Result, State};
use super::{ChangeHook, Fault, Hook};
use libsqlite3_sys as ffi;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
        Self::with(id, State::new(seed))
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
        let copy = self.state().copy();
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
                    return state.fail_to_sync(handle);
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

    /// Writes a file over itself, block by block, and syncs it.
    pub(super) fn write_over(&self, handle: HandleId) -> Result<()> {
        let size = self.size(handle)?;
        let mut block = [0; 4_096];
        for offset in (0..size).step_by(block.len()) {
            // The two operations that follow, without moving a byte.
            if !self.state().has_plans() {
                self.read_block(handle)?;
                self.write_block(handle, offset)?;
                continue;
            }
            let length = block.len().min(size - offset);
            let block = &mut block[..length];
            self.read(handle, offset, block)?;
            self.write(handle, offset, block)?;
        }
        if size > 0 { self.sync(handle) } else { Ok(()) }
    }

    /// Reads a block that nobody looks at, where no fault is planned.
    fn read_block(&self, handle: HandleId) -> Result<()> {
        let mut state = self.state();
        state.alive(handle)?;
        state.begin()?;
        state.end(Ok(()))
    }

    /// Writes a block as it is, where no fault is planned.
    fn write_block(&self, handle: HandleId, offset: usize) -> Result<()> {
        self.state().alive(handle)?;
        self.change(
            |state| {
                state.image(handle)?.write_again(offset);
                Ok(())
            },
            |_, ()| (),
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
    /// many bytes if it may grow, and whether the region is there.
    pub(super) fn map(
        &self,
        handle: HandleId,
        region: usize,
        bytes: usize,
        grow: bool,
    ) -> Result<(Arc<Memory>, bool)> {
        let mut state = self.state();
        state.alive(handle)?;
        let file = state.file(handle)?;
        let shared = state.shared(file);
        shared.users.insert(handle);
        let (memory, mapped) = (shared.memory.clone(), shared.mapped);
        if grow && mapped <= region {
            state.begin()?;
            let full = state.strike(&[Fault::Full]).map_or(Ok(()), |_| {
                // As the system says it of a file that cannot be made longer.
                Err(ffi::SQLITE_IOERR_SHMSIZE)
            });
            state.end(full)?;
            let mut regions = held(&memory.regions);
            while regions.len() <= region {
                regions.push((0..bytes / 8).map(|_| 0.into()).collect());
            }
            state.shared(file).mapped = region + 1;
        }
        Ok((memory, grow || region < mapped))
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
        // INVARIANT: slot 0 is the write lock of a write-ahead log.
        if alone && slots == (0..1) {
            let (process, _) = self.state().holder(handle)?;
            self.before_write_lock(process);
        }
        let mut state = self.state();
        state.alive(handle)?;
        let file = state.file(handle)?;
        let shared = state.shared(file);
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
