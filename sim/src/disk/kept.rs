//! Connections that outlive their processes: the next process of the same number opens the
//! store with the connection of the last one, which has its statements read already. Its cache
//! is emptied, its files are opened anew and its shared memory says nothing, so it knows no
//! more of the store than a connection that is opened now.

use super::{resolve, vfs};
use chainc_runtime::store::kept::{Keeper, keep_by};
use rusqlite::Connection;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

thread_local! {
    static KEPT: RefCell<BTreeMap<PathBuf, Connection>> = RefCell::default();
}

/// Connections are kept while this lives, in this thread.
#[derive(Debug)]
pub(crate) struct Keeping(());

impl Keeping {
    pub(super) fn begin() -> Self {
        keep_by(Some(Keeper { take, give_back }));
        Self(())
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        keep_by(None);
        drop(KEPT.take());
    }
}

fn take(path: &Path) -> Option<Connection> {
    let (machine, process, name) = resolve(path.to_str()?)?;
    {
        let state = machine.state();
        // What a fault is to strike is read from the beginning.
        if state.is_down() || state.has_plans() || !state.has_log(&name) {
            return None;
        }
    }
    let connection = KEPT.with_borrow_mut(|kept| kept.remove(path))?;
    match vfs::revive(&connection, process, &name) {
        Ok(()) => Some(connection),
        Err(_) => {
            vfs::leave(&connection);
            None
        }
    }
}

fn give_back(path: &Path, connection: Connection) {
    if vfs::leave(&connection) {
        let before = KEPT.with_borrow_mut(|kept| kept.insert(path.to_owned(), connection));
        drop(before);
    }
}
