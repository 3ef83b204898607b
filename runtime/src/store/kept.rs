//! Connections that outlive the processes they were opened by, for the simulator: of what a
//! process knew such a connection keeps nothing but its statements, which cost more to read
//! anew than most processes live.

use rusqlite::{Connection, OpenFlags};
use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

/// Who keeps the connections of a thread.
#[derive(Debug, Clone, Copy)]
pub struct Keeper {
    /// Returns a connection that is as good as one opened now.
    pub take: fn(&Path) -> Option<Connection>,
    /// Keeps a connection, or closes it.
    pub give_back: fn(&Path, Connection),
}

thread_local! {
    static KEEPER: Cell<Option<Keeper>> = const { Cell::new(None) };
}

/// Has somebody keep the connections of this thread from now on, or nobody.
pub fn keep_by(keeper: Option<Keeper>) {
    KEEPER.set(keeper);
}

/// A connection that is given back when it is dropped.
#[derive(Debug)]
pub(super) struct Link {
    path: PathBuf,
    connection: Option<Connection>,
    /// One that was not opened to the end is not worth keeping.
    pub(super) is_open: bool,
}

impl Link {
    pub(super) fn open_with_flags(path: &Path, flags: OpenFlags) -> rusqlite::Result<Self> {
        let kept = KEEPER.get().and_then(|keeper| (keeper.take)(path));
        let connection = kept.map_or_else(|| Connection::open_with_flags(path, flags), Ok)?;
        Ok(Self { path: path.to_owned(), connection: Some(connection), is_open: false })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let connection = self.connection.take().filter(|_| self.is_open);
        if let (Some(keeper), Some(connection)) = (KEEPER.get(), connection) {
            (keeper.give_back)(&self.path, connection);
        }
    }
}

impl Deref for Link {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("it is there until it is dropped")
    }
}

impl DerefMut for Link {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("it is there until it is dropped")
    }
}
