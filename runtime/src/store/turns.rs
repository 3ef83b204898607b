//! Who wants to write stands in a line.
//!
//! SQLite lets in whoever asks while nobody writes, and a run asks again as soon as it has
//! committed: a purchase that looks every now and then would wait until the run has nothing
//! more to do. So all programs of chainc stand at the gate of the store while they ask, one at
//! a time: a run that has committed finds the gate taken by whoever waited, and comes next.

use super::Problem;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long one waits at the gate between two looks.
const LOOK: Duration = Duration::from_millis(1);

/// The gate of a store: a file beside it that is locked by whoever asks to write.
#[derive(Debug)]
pub(super) struct Gate(File);

/// Keeps the gate until it is dropped.
pub(super) struct Standing<'a>(&'a File);

impl Gate {
    pub(super) fn of(store: &Path) -> io::Result<Self> {
        let path = PathBuf::from(format!("{}.gate", store.display()));
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        Ok(Self(file))
    }
}

/// Takes the gate, if there is one.
pub(super) fn stand(
    gate: Option<&Gate>,
    patience: Duration,
) -> Result<Option<Standing<'_>>, Problem> {
    let Some(Gate(file)) = gate else { return Ok(None) };
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(Standing(file))),
            Err(TryLockError::Error(error)) => return Err(Problem::Gate(error)),
            Err(TryLockError::WouldBlock) if began.elapsed() >= patience => {
                return Err(Problem::Locked);
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK),
        }
    }
}

impl Drop for Standing<'_> {
    fn drop(&mut self) {
        // What cannot be let go of is let go of when the file is closed.
        let _ = self.0.unlock();
    }
}
