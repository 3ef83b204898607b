//! One file: what readers see, what the platter holds, and the changes between the two.
//!
//! A change is lost or kept by sectors of 512 bytes, and only inside of what was written:
//! that is what a file system gives, and what `SQLite` is told of it (see the `vfs` module).

use crate::rng::Rng;
use std::sync::Arc;

/// What a device writes whole or not at all.
const SECTOR: usize = 512;

/// How finely a copy of a file shares memory with the file.
const CHUNK: usize = 4096;

/// Bytes whose copy costs almost nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Bytes {
    chunks: Vec<Arc<[u8; CHUNK]>>,
    len: usize,
}

impl Bytes {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Fills a buffer from a place on; returns how many bytes there were.
    pub(super) fn read(&self, offset: usize, into: &mut [u8]) -> usize {
        let there = self.len.saturating_sub(offset).min(into.len());
        let mut done = 0;
        while done < there {
            let (chunk, from) = ((offset + done) / CHUNK, (offset + done) % CHUNK);
            let part = (CHUNK - from).min(there - done);
            into[done..done + part].copy_from_slice(&self.chunks[chunk][from..from + part]);
            done += part;
        }
        there
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) {
        if offset + bytes.len() > self.len {
            self.resize(offset + bytes.len());
        }
        let mut done = 0;
        while done < bytes.len() {
            let (chunk, from) = ((offset + done) / CHUNK, (offset + done) % CHUNK);
            let part = (CHUNK - from).min(bytes.len() - done);
            let chunk = Arc::make_mut(&mut self.chunks[chunk]);
            chunk[from..from + part].copy_from_slice(&bytes[done..done + part]);
            done += part;
        }
    }

    /// Cuts, or fills up with zeros.
    fn resize(&mut self, len: usize) {
        if len < self.len {
            let from = len % CHUNK;
            if from > 0 {
                Arc::make_mut(&mut self.chunks[len / CHUNK])[from..].fill(0);
            }
        }
        self.chunks.resize_with(len.div_ceil(CHUNK), || Arc::new([0; CHUNK]));
        self.len = len;
    }

    pub(super) fn hash(&self, hasher: &mut blake3::Hasher) {
        hasher.update(&self.len.to_le_bytes());
        for chunk in &self.chunks {
            hasher.update(&**chunk);
        }
    }
}

/// A change of a file that the disk may not have yet.
#[derive(Debug, Clone)]
enum Change {
    Write { offset: usize, bytes: Arc<[u8]> },
    Resize(usize),
}

/// What a loss of power does to the unsynced changes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// All are on the disk.
    Kept,
    /// None is.
    Lost,
    /// Those up to one of them, which is torn.
    Cut,
    /// Each as it comes: whole, torn, or not at all.
    Mixed,
}

/// What became of unsynced writes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Toll {
    pub(super) survived: u64,
    pub(super) vanished: u64,
    pub(super) torn: u64,
}

/// One file.
#[derive(Debug, Clone, Default)]
pub(super) struct Image {
    seen: Bytes,
    on_disk: Bytes,
    unsynced: Vec<Change>,
}

impl Image {
    pub(super) const fn seen(&self) -> &Bytes {
        &self.seen
    }

    pub(super) fn write(&mut self, offset: usize, bytes: &[u8]) {
        self.seen.write(offset, bytes);
        self.unsynced.push(Change::Write { offset, bytes: bytes.into() });
    }

    pub(super) fn resize(&mut self, len: usize) {
        self.seen.resize(len);
        self.unsynced.push(Change::Resize(len));
    }

    /// What was changed is on the disk.
    pub(super) fn sync(&mut self) {
        for change in std::mem::take(&mut self.unsynced) {
            self.keep(&change);
        }
    }

    /// The system said that what was changed is not on the disk, and forgets that it should
    /// be: readers see it, a later sync does not write it.
    pub(super) fn fail_to_sync(&mut self, rng: &mut Rng) {
        self.settle(Fate::Mixed, rng);
    }

    /// The power is lost: what is on the disk is all there is.
    pub(super) fn lose_power(&mut self, fate: Fate, rng: &mut Rng) -> Toll {
        let toll = self.settle(fate, rng);
        self.seen = self.on_disk.clone();
        toll
    }

    fn settle(&mut self, fate: Fate, rng: &mut Rng) -> Toll {
        let mut toll = Toll::default();
        let changes = std::mem::take(&mut self.unsynced);
        let cut = rng.below(changes.len() as u64) as usize;
        for (number, change) in changes.iter().enumerate() {
            let way = match fate {
                Fate::Kept => 0,
                Fate::Lost => 1,
                Fate::Cut => match number.cmp(&cut) {
                    std::cmp::Ordering::Less => 0,
                    std::cmp::Ordering::Equal => 2,
                    std::cmp::Ordering::Greater => 1,
                },
                Fate::Mixed => rng.below(3),
            };
            match way {
                0 => {
                    self.keep(change);
                    toll.survived += 1;
                }
                1 => toll.vanished += 1,
                _ => self.tear(change, rng, &mut toll),
            }
        }
        toll
    }

    fn keep(&mut self, change: &Change) {
        match change {
            Change::Write { offset, bytes } => self.on_disk.write(*offset, bytes),
            Change::Resize(len) => self.on_disk.resize(*len),
        }
    }

    /// Keeps some sectors of a write and not the others.
    fn tear(&mut self, change: &Change, rng: &mut Rng, toll: &mut Toll) {
        let Change::Write { offset, bytes } = change else {
            // A new length is one record of the file system: there or not.
            if rng.chance(1, 2) {
                self.keep(change);
            }
            return;
        };
        // The length is another record, and may be there before the bytes are.
        let end = offset + bytes.len();
        if rng.chance(1, 4) && end > self.on_disk.len() {
            self.on_disk.resize(end);
        }
        let (mut kept, mut lost) = (0_u64, 0_u64);
        let mut at = *offset;
        while at < end {
            let next = ((at / SECTOR + 1) * SECTOR).min(end);
            if rng.chance(1, 2) {
                self.on_disk.write(at, &bytes[at - offset..next - offset]);
                kept += 1;
            } else {
                lost += 1;
            }
            at = next;
        }
        match (kept, lost) {
            (_, 0) => toll.survived += 1,
            (0, _) => toll.vanished += 1,
            (_, _) => toll.torn += 1,
        }
    }

    pub(super) fn hash(&self, hasher: &mut blake3::Hasher) {
        self.seen.hash(hasher);
        self.on_disk.hash(hasher);
    }
}
