//! What a machine has: files and their names, open files and locks, and the count of
//! operations by which faults and crashes are planned.

use super::image::{Bytes, Fate, Image};
use super::locks::{HandleId, Level, Memory, Shared};
use super::{Counts, Fault, Outcome};
use crate::rng::Rng;
use libsqlite3_sys as ffi;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What `SQLite` is told: a value, or one of its codes.
pub(super) type Result<T> = std::result::Result<T, i32>;

pub(super) type FileId = u64;

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

/// An open file.
#[derive(Debug)]
pub(super) struct Handle {
    pub(super) name: String,
    pub(super) file: FileId,
    pub(super) opening: Opening,
    /// The next sync of the file takes the folder to the disk, too.
    pub(super) sync_folder: bool,
    pub(super) level: Level,
}

#[derive(Debug, Clone)]
struct Plan {
    fault: Fault,
    at: u64,
    times: u64,
}

/// Everything but who is waiting for what.
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
    pub(super) names: BTreeMap<String, FileId>,
    names_on_disk: BTreeMap<String, FileId>,
    moves: Vec<Move>,
    pub(super) handles: BTreeMap<HandleId, Handle>,
    pub(super) shared: BTreeMap<FileId, Shared>,
    /// The memory that was shared before, for connections that outlive their process.
    memories: Option<BTreeMap<FileId, Arc<Memory>>>,
    /// The last number given to a file or an open file.
    last_id: u64,
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        let rng = Rng::new(seed);
        Self {
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
            memories: None,
            last_id: 0,
        }
    }

    /// Returns the files as they are, and nothing of those who use them.
    pub(super) fn copy(&self) -> Self {
        let mut copy = Self {
            rng: self.rng.clone(),
            salts: self.salts.clone(),
            operations: self.operations,
            files: self.files.clone(),
            names: self.names.clone(),
            names_on_disk: self.names_on_disk.clone(),
            moves: self.moves.clone(),
            last_id: self.last_id,
            ..Self::new(0)
        };
        copy.sweep();
        copy
    }

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

    pub(super) const fn begin(&mut self) -> Result<u64> {
        if self.down {
            return Err(ffi::SQLITE_IOERR);
        }
        self.operations += 1;
        Ok(self.operations)
    }

    /// The machine may stop in the middle of an operation.
    pub(super) fn end<T>(&mut self, done: Result<T>) -> Result<T> {
        if self.crash_at.is_some_and(|at| at <= self.operations) {
            self.crash_at = None;
            self.down = true;
            self.counts.crashes += 1;
            return Err(ffi::SQLITE_IOERR);
        }
        done
    }

    /// Returns the fault that is due and is one of some.
    pub(super) fn strike(&mut self, faults: &[Fault]) -> Option<Fault> {
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

    /// Tells whether a fault may still strike.
    pub(super) const fn has_plans(&self) -> bool {
        !self.plans.is_empty()
    }

    /// Lets connections outlive their process: what was shared is shared again.
    pub(super) fn keep_memories(&mut self) {
        self.memories.get_or_insert_default();
    }

    /// Returns what the connections to a file share.
    pub(super) fn shared(&mut self, file: FileId) -> &mut Shared {
        let Self { shared, memories, .. } = self;
        shared.entry(file).or_insert_with(|| match memories {
            Some(memories) => Shared::of(memories.entry(file).or_default().clone()),
            None => Shared::default(),
        })
    }

    /// Tells whether others have the file of a name open, too.
    pub(super) fn has_others(&self, handle: HandleId) -> bool {
        let file = self.handles.get(&handle).map(|held| held.file);
        self.handles.iter().any(|(id, held)| *id != handle && Some(held.file) == file)
    }

    /// Tells whether a file is a database that has a write-ahead log.
    pub(super) fn has_log(&self, name: &str) -> bool {
        let mut versions = [0; 2];
        let image = self.names.get(name).and_then(|file| self.files.get(file));
        image.is_some_and(|image| image.seen().read(18, &mut versions) == 2 && versions == [2, 2])
    }

    pub(super) fn alive(&self, handle: HandleId) -> Result<()> {
        if self.down || !self.handles.contains_key(&handle) {
            return Err(ffi::SQLITE_IOERR);
        }
        Ok(())
    }

    pub(super) fn holder(&self, handle: HandleId) -> Result<(u32, Level)> {
        self.alive(handle)?;
        let held = self.handles.get(&handle).ok_or(ffi::SQLITE_IOERR)?;
        Ok((held.opening.process, held.level))
    }

    pub(super) fn file(&self, handle: HandleId) -> Result<FileId> {
        self.handles.get(&handle).map(|held| held.file).ok_or(ffi::SQLITE_IOERR)
    }

    pub(super) fn image(&mut self, handle: HandleId) -> Result<&mut Image> {
        let file = self.file(handle)?;
        self.files.get_mut(&file).ok_or(ffi::SQLITE_IOERR)
    }

    pub(super) fn level_of_others(&self, handle: HandleId) -> Result<Level> {
        let file = self.file(handle)?;
        let others = self.handles.iter().filter(|(id, it)| **id != handle && it.file == file);
        Ok(others.map(|(_, it)| it.level).max().unwrap_or(Level::None))
    }

    const fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn open(&mut self, name: &str, opening: Opening) -> Result<HandleId> {
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

    pub(super) fn unlink(&mut self, name: &str) {
        self.names.remove(name);
        self.moves.push(Move::Unlink(name.to_owned()));
    }

    pub(super) fn read(&mut self, handle: HandleId, offset: usize, into: &mut [u8]) -> Result<()> {
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

    pub(super) fn write(&mut self, handle: HandleId, offset: usize, bytes: &[u8]) -> Result<()> {
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

    pub(super) fn fail_to_sync(&mut self, handle: HandleId) -> Result<()> {
        let file = self.file(handle)?;
        let image = self.files.get_mut(&file).ok_or(ffi::SQLITE_IOERR)?;
        image.fail_to_sync(&mut self.rng);
        Err(ffi::SQLITE_IOERR_FSYNC)
    }

    pub(super) fn sync_folder(&mut self) {
        self.moves.clear();
        self.names_on_disk.clone_from(&self.names);
        self.sweep();
    }

    /// Forgets files that have no name and that nobody has open.
    pub(super) fn sweep(&mut self) {
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

    pub(super) fn digest_seen(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for (name, file) in &self.names {
            hasher.update(name.as_bytes());
            if let Some(image) = self.files.get(file) {
                image.seen().hash(&mut hasher);
            }
        }
        hasher.finalize()
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
