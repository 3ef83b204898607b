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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::disk::Disk;
    use crate::rng::Rng;
    use chainc_runtime::store::Store;

    fn rows(store: &Store) -> Vec<(String, String)> {
        let all = store.read(|db| {
            let said: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
            assert_eq!(said, "ok");
            let mut statement = db.prepare_cached("SELECT name, value FROM run_state")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?)
        });
        all.unwrap()
    }

    /// What is read with a connection that was kept is what one reads that is opened now.
    #[test]
    fn a_kept_connection_knows_what_the_disk_says_and_nothing_else() {
        let mut kept = 0;
        for seed in 0..40 {
            let mut rng = Rng::new(seed);
            let disk = Disk::new(seed);
            let _keeping = disk.keep_connections();
            let path = disk.path("shop.db");
            for round in 0..8 {
                let mut store = Store::open_or_create(&path).unwrap();
                let other = Store::open_or_create(&disk.process(1).path("shop.db")).unwrap();
                assert_eq!(rows(&store), rows(&other));
                disk.crash_at(disk.operations() + 1 + rng.below(60));
                for n in 0.. {
                    let value = format!("{round} {n} {}", "x".repeat(n % 7 * 900));
                    let written = store.write(|tx| {
                        let sql = "INSERT OR REPLACE INTO run_state (name, value) VALUES (?, ?)";
                        tx.execute(sql, [(n % 9).to_string(), value])?;
                        Ok(())
                    });
                    if written.is_err() {
                        break;
                    }
                }
                drop((store, other));
                kept += KEPT.with_borrow(BTreeMap::len);
                if rng.chance(1, 2) {
                    disk.restart(&mut rng);
                } else {
                    disk.kill();
                }
                // A copy has another path, so nothing is kept for it.
                let copy = disk.copy();
                let anew = Store::open_or_create(&copy.path("shop.db")).unwrap();
                let again = Store::open_or_create(&path).unwrap();
                assert_eq!(rows(&again), rows(&anew), "seed {seed} round {round}");
            }
        }
        assert!(kept > 600, "{kept} were kept");
    }
}
