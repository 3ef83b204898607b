//! One file: what readers see, what the platter holds, and the changes between the two.
//!
//! A change is lost or kept by sectors of 512 bytes, and only inside of what was written:
//! that is what a file system gives, and what `SQLite` is told of it (see the `vfs` module).

use crate::rng::Rng;
use std::sync::{Arc, OnceLock};

/// What a device writes whole or not at all.
const SECTOR: usize = 512;

/// How finely a copy of a file shares memory with the file.
const CHUNK: usize = 4096;

/// A part of a file, and its hash once somebody has asked for it.
#[derive(Debug)]
struct Chunk {
    bytes: [u8; CHUNK],
    hash: OnceLock<blake3::Hash>,
}

impl Chunk {
    const fn empty() -> Self {
        Self { bytes: [0; CHUNK], hash: OnceLock::new() }
    }

    fn hash(&self) -> &blake3::Hash {
        self.hash.get_or_init(|| blake3::hash(&self.bytes))
    }
}

/// Returns a chunk to be changed: nobody else has it, and its hash is not known any more.
fn own(chunk: &mut Arc<Chunk>) -> &mut [u8; CHUNK] {
    let chunk = Arc::make_mut(chunk);
    chunk.hash.take();
    &mut chunk.bytes
}

impl Clone for Chunk {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes, hash: OnceLock::new() }
    }
}

/// Bytes whose copy costs almost nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Bytes {
    chunks: Vec<Arc<Chunk>>,
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
            into[done..done + part].copy_from_slice(&self.chunks[chunk].bytes[from..from + part]);
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
            let chunk = own(&mut self.chunks[chunk]);
            chunk[from..from + part].copy_from_slice(&bytes[done..done + part]);
            done += part;
        }
    }

    /// Returns the part that begins at a place, if a chunk does, with how much of it there is.
    fn chunk_at(&self, offset: usize) -> Option<(&Arc<Chunk>, usize)> {
        let there = self.len.saturating_sub(offset).min(CHUNK);
        let chunk = self.chunks.get(offset / CHUNK).filter(|_| offset.is_multiple_of(CHUNK));
        chunk.filter(|_| there > 0).map(|chunk| (chunk, there))
    }

    /// Writes a chunk that somebody else has, too.
    fn share(&mut self, offset: usize, chunk: &Arc<Chunk>, len: usize) {
        let is_whole = len == CHUNK || offset + len >= self.len;
        match self.chunks.get_mut(offset / CHUNK).filter(|_| is_whole && offset < self.len) {
            Some(place) if Arc::ptr_eq(place, chunk) => {}
            Some(place) => *place = chunk.clone(),
            None => self.write(offset, &chunk.bytes[..len]),
        }
        self.len = self.len.max(offset + len);
    }

    /// Cuts, or fills up with zeros.
    fn resize(&mut self, len: usize) {
        if len < self.len {
            let from = len % CHUNK;
            if from > 0 {
                own(&mut self.chunks[len / CHUNK])[from..].fill(0);
            }
        }
        self.chunks.resize_with(len.div_ceil(CHUNK), || Arc::new(Chunk::empty()));
        self.len = len;
    }

    /// Tells whether two are copies of each other, without looking into them.
    fn is_copy_of(&self, other: &Self) -> bool {
        let chunks = self.chunks.iter().zip(&other.chunks);
        self.len == other.len && chunks.into_iter().all(|(one, other)| Arc::ptr_eq(one, other))
    }

    /// Hashes a database: all but the counters in its header by which connections notice that
    /// others have changed it.
    pub(super) fn hash_database(&self, hasher: &mut blake3::Hasher) {
        hasher.update(&self.len.to_le_bytes());
        if let Some((header, rest)) = self.chunks.split_first() {
            let mut header = header.bytes;
            header[24..28].fill(0);
            header[92..96].fill(0);
            hasher.update(&header);
            for chunk in rest {
                hasher.update(chunk.hash().as_bytes());
            }
        }
    }

    pub(super) fn hash(&self, hasher: &mut blake3::Hasher) {
        hasher.update(&self.len.to_le_bytes());
        for chunk in &self.chunks {
            hasher.update(chunk.hash().as_bytes());
        }
    }
}

/// A change of a file that the disk may not have yet.
#[derive(Debug, Clone)]
enum Change {
    Write {
        offset: usize,
        bytes: Arc<[u8]>,
    },
    /// What stood there is written once more: so much of a chunk.
    Again {
        offset: usize,
        chunk: Arc<Chunk>,
        len: usize,
    },
    Resize(usize),
}

impl Change {
    /// Returns what is written and where; nothing for a new length.
    fn written(&self) -> Option<(usize, &[u8])> {
        match self {
            Self::Write { offset, bytes } => Some((*offset, bytes)),
            Self::Again { offset, chunk, len } => Some((*offset, &chunk.bytes[..*len])),
            Self::Resize(_) => None,
        }
    }
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

    /// Writes the block of 4096 bytes that begins at a place once more, as it is.
    pub(super) fn write_again(&mut self, offset: usize) {
        if let Some((chunk, len)) = self.seen.chunk_at(offset) {
            self.unsynced.push(Change::Again { offset, chunk: chunk.clone(), len });
        }
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
            Change::Again { offset, chunk, len } => self.on_disk.share(*offset, chunk, *len),
            Change::Resize(len) => self.on_disk.resize(*len),
        }
    }

    /// Keeps some sectors of a write and not the others.
    fn tear(&mut self, change: &Change, rng: &mut Rng, toll: &mut Toll) {
        let Some((offset, bytes)) = change.written() else {
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
        let mut at = offset;
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
        if !self.seen.is_copy_of(&self.on_disk) {
            self.on_disk.hash(hasher);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(image: &Image) -> Vec<u8> {
        let mut bytes = vec![0; image.seen().len()];
        image.seen().read(0, &mut bytes);
        bytes
    }

    #[test]
    fn what_a_failed_sync_left_is_not_written_by_the_next_one() {
        let mut ends = std::collections::BTreeSet::new();
        for seed in 0..40 {
            let mut rng = Rng::new(seed);
            let mut image = Image::default();
            image.write(0, &[1; 100]);
            image.sync();
            image.write(0, &[2; 100]);
            image.fail_to_sync(&mut rng);
            image.write(100, &[3; 100]);
            assert_eq!(bytes(&image), [[2; 100], [3; 100]].concat(), "it is seen");
            image.sync();
            image.lose_power(Fate::Kept, &mut rng);
            assert_eq!(bytes(&image)[100..], [3; 100]);
            ends.insert(bytes(&image)[0]);
        }
        assert_eq!(ends.into_iter().collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_write_is_torn_between_sectors_and_changes_no_byte_beside_it() {
        let mut is_torn = false;
        for seed in 0..40 {
            let mut rng = Rng::new(seed);
            let mut image = Image::default();
            image.write(0, &[1; 4_000]);
            image.sync();
            image.write(300, &[2; 3_000]);
            let toll = image.lose_power(Fate::Mixed, &mut rng);
            let found = bytes(&image);
            assert!(found[..300].iter().chain(&found[3_300..]).all(|byte| *byte == 1));
            let changes = (301..3_300).filter(|at| found[*at] != found[at - 1]);
            assert!(changes.into_iter().all(|at| at % SECTOR == 0));
            is_torn |= toll.torn > 0;
        }
        assert!(is_torn);
    }

    #[test]
    fn what_is_written_again_is_as_if_its_bytes_had_been_written() {
        for seed in 0..200 {
            let mut rng = Rng::new(seed);
            let len = 1 + rng.below(3 * CHUNK as u64) as usize;
            let mut again = Image::default();
            again.write(0, &vec![7; len]);
            again.sync();
            again.write(rng.below(len as u64) as usize, &[8; 700]);
            again.fail_to_sync(&mut rng);
            let mut plain = again.clone();
            for offset in (0..again.seen().len()).step_by(CHUNK) {
                let end = (offset + CHUNK).min(again.seen().len());
                let part = bytes(&again)[offset..end].to_vec();
                again.write_again(offset);
                plain.write(offset, &part);
            }
            for image in [&mut again, &mut plain] {
                image.write(10, &[9; 20]);
                if seed % 2 == 0 {
                    image.sync();
                    image.write(len, &[6; 100]);
                }
                let _ = image.lose_power(Fate::Mixed, &mut Rng::new(seed));
            }
            assert_eq!(bytes(&again), bytes(&plain), "seed {seed}");
        }
    }

    #[test]
    fn a_file_that_is_longer_than_what_survived_is_filled_with_zeros() {
        let mut image = Image::default();
        image.write(5_000, &[1; 10]);
        image.resize(20);
        image.write(4_090, &[2; 10]);
        let mut expected = vec![0; 4_090];
        expected.extend([2; 10]);
        assert_eq!(bytes(&image), expected);
    }
}
