//! Who holds what: the five levels of a lock on a file, and the eight slots and the memory
//! that the connections to one file in WAL mode share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

/// An open file of a process.
pub(super) type HandleId = u64;

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

/// The shared memory of a file, who uses it, and who holds which slot.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) memory: Arc<Memory>,
    pub(super) users: BTreeSet<HandleId>,
    readers: BTreeMap<usize, BTreeSet<HandleId>>,
    writers: BTreeMap<usize, HandleId>,
}

impl Shared {
    /// Takes slots together with others; tells whether they could be had.
    pub(super) fn share(&mut self, slots: std::ops::Range<usize>, who: HandleId) -> bool {
        let free = slots.clone().all(|slot| self.writers.get(&slot).is_none_or(|by| *by == who));
        if free {
            for slot in slots {
                self.readers.entry(slot).or_default().insert(who);
            }
        }
        free
    }

    /// Takes slots alone; tells whether they could be had.
    pub(super) fn seize(&mut self, slots: std::ops::Range<usize>, who: HandleId) -> bool {
        let free = slots.clone().all(|slot| {
            self.writers.get(&slot).is_none_or(|by| *by == who)
                && self.readers.get(&slot).is_none_or(|by| by.iter().all(|one| *one == who))
        });
        if free {
            for slot in slots {
                self.writers.insert(slot, who);
            }
        }
        free
    }

    /// Lets go of slots.
    pub(super) fn release(&mut self, slots: std::ops::Range<usize>, who: HandleId) {
        for slot in slots {
            if let Some(readers) = self.readers.get_mut(&slot) {
                readers.remove(&who);
            }
            if self.writers.get(&slot) == Some(&who) {
                self.writers.remove(&slot);
            }
        }
    }

    /// Somebody is gone; tells whether nobody is left.
    pub(super) fn leave(&mut self, who: HandleId) -> bool {
        self.release(0..8, who);
        self.users.remove(&who);
        self.users.is_empty()
    }
}
