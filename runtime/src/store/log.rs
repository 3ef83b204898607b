//! SQLite's write-ahead log as a file of the system.
//!
//! A sync that fails leaves what was written in the system's memory, marked as if it had
//! reached the disk: every process sees it, no later sync writes it, and with the power it is
//! gone. Such a log must neither lie below what is acknowledged from now on, nor be brought
//! into the store, where half of it could stay. Written over itself its bytes are to be
//! written again, and the next sync says whether they are safe.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Writes the log of a store over itself and waits until it is on the disk. Nobody else may
/// write to the store meanwhile; readers find the same bytes all the time.
pub(super) fn write_anew(store: &Path) -> io::Result<()> {
    #[cfg(feature = "mutants")]
    if let Some(write) = simulated::writer() {
        return write(&of(store));
    }
    let mut log = match std::fs::File::options().read(true).write(true).open(of(store)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        log => log?,
    };
    let mut bytes = vec![0; 1 << 20];
    let mut at = 0;
    loop {
        log.seek(SeekFrom::Start(at))?;
        let read = log.read(&mut bytes)?;
        if read == 0 {
            break;
        }
        log.seek(SeekFrom::Start(at))?;
        log.write_all(bytes.get(..read).unwrap_or_default())?;
        at += u64::try_from(read).unwrap_or(0);
    }
    if at > 0 { log.sync_all() } else { Ok(()) }
}

fn of(store: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", store.display()))
}

/// Logs on a disk that the system does not know.
#[cfg(feature = "mutants")]
pub mod simulated {
    use std::cell::Cell;
    use std::io;
    use std::path::Path;

    /// Writes the log of a path over itself.
    pub type Writer = fn(&Path) -> io::Result<()>;

    thread_local! {
        static WRITER: Cell<Option<Writer>> = const { Cell::new(None) };
    }

    /// Has this thread write its logs in another way from now on.
    pub fn write_by(writer: Writer) {
        WRITER.set(Some(writer));
    }

    pub(super) fn writer() -> Option<Writer> {
        WRITER.get()
    }
}
