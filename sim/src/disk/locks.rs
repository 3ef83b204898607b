//! Who holds what: the five levels of a lock on a file, and the eight slots and the memory
//! that the connections to one file in WAL mode share.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// An open file of a process.
pub(super) type HandleId = u64;

/// How many slots there are.
const SLOTS: usize = 8;

/// The levels of a lock on a file, in `SQLite`'s order and numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    None,
    Shared,
    Reserved,
    Pending,
    Exclusive,
}

impl Level {
    pub(super) const fn of(number: i32) -> Self {
        match number {
            ..=0 => Self::None,
            1 => Self::Shared,
            2 => Self::Reserved,
            3 => Self::Pending,
            4.. => Self::Exclusive,
        }
    }

    /// Returns what a handle has after it asked for `wanted`, given the highest level that
    /// any other has, and whether it got it.
    pub(super) fn ask(self, wanted: Self, others: Self) -> (Self, bool) {
        if self >= wanted {
            return (self, true);
        }
        let free = match wanted {
            Self::None | Self::Shared => others < Self::Pending,
            Self::Reserved | Self::Pending => others < Self::Reserved,
            // It waits for readers to leave, and lets no new ones in.
            Self::Exclusive if others == Self::Shared => return (Self::Pending, false),
            Self::Exclusive => others == Self::None,
        };
        if free { (wanted, true) } else { (self, false) }
    }
}

/// One region of shared memory; as numbers, because it has to be aligned for them.
pub(super) type Region = Box<[AtomicU64]>;

/// What the connections to one file share.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) regions: Mutex<Vec<Region>>,
}

impl Memory {
    /// All of it says nothing, as when it is made.
    fn clear(&self) {
        let regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        for word in regions.iter().flatten() {
            word.store(0, Ordering::Relaxed);
        }
    }
}

/// The shared memory of a file, who uses it, and who holds which slot.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) memory: Arc<Memory>,
    /// How many regions of the memory there are by what was asked for.
    pub(super) mapped: usize,
    pub(super) users: BTreeSet<HandleId>,
    /// Who holds each slot together with others, and who alone.
    readers: [Vec<HandleId>; SLOTS],
    writers: [Option<HandleId>; SLOTS],
}

impl Shared {
    /// Returns what is shared from the beginning, in memory that was used before.
    pub(super) fn of(memory: Arc<Memory>) -> Self {
        memory.clear();
        Self { memory, ..Self::default() }
    }

    /// Takes slots together with others; tells whether they could be had.
    pub(super) fn share(&mut self, slots: Range<usize>, who: HandleId) -> bool {
        let free = self.writers[slots.clone()].iter().flatten().all(|by| *by == who);
        if free {
            for readers in &mut self.readers[slots] {
                if !readers.contains(&who) {
                    readers.push(who);
                }
            }
        }
        free
    }

    /// Takes slots alone; tells whether they could be had.
    pub(super) fn seize(&mut self, slots: Range<usize>, who: HandleId) -> bool {
        let mut others = self.writers[slots.clone()].iter().flatten();
        let mut readers = self.readers[slots.clone()].iter().flatten();
        let free = others.all(|by| *by == who) && readers.all(|by| *by == who);
        if free {
            self.writers[slots].fill(Some(who));
        }
        free
    }

    /// Lets go of slots.
    pub(super) fn release(&mut self, slots: Range<usize>, who: HandleId) {
        for readers in &mut self.readers[slots.clone()] {
            readers.retain(|by| *by != who);
        }
        for writer in &mut self.writers[slots] {
            *writer = writer.filter(|by| *by != who);
        }
    }

    /// Somebody is gone; tells whether nobody is left.
    pub(super) fn leave(&mut self, who: HandleId) -> bool {
        self.release(0..SLOTS, who);
        self.users.remove(&who);
        self.users.is_empty()
    }
}
