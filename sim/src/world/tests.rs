//! The simulator itself: it repeats what it did, and shows what it once found.

use super::{Options, run};
use crate::disk::{Disk, Fault};
use crate::rng::Rng;
use chainc_runtime::store::Store;

#[test]
fn the_same_seed_is_the_same_world_to_the_last_byte() {
    for seed in [3, 4] {
        let one = run(seed, &Options::default());
        let other = run(seed, &Options::default());
        assert_eq!(one.digest, other.digest, "seed {seed}");
        assert_eq!(one.counts, other.counts, "seed {seed}");
        assert_eq!(one.violations, [], "seed {seed}");
    }
    assert_ne!(run(3, &Options::default()).digest, run(10, &Options::default()).digest);
}

/// A sync fails, the process ends and another one starts: what it sees in the log may never
/// reach the disk, and must not lie below what is acknowledged from then on.
#[test]
fn what_is_acknowledged_behind_a_failed_sync_survives_the_power() {
    for seed in 0..40 {
        let disk = Disk::new(seed);
        let path = disk.path("shop.db");
        let open = || Store::open_or_create(&path).expect("no fault is planned now");
        let keep = |store: &mut Store, n: i64| {
            store.write(|tx| {
                let sql = "INSERT INTO run_state (name, value) VALUES (?, 'kept')";
                Ok(tx.execute(sql, [n.to_string()])?)
            })
        };
        let mut store = open();
        keep(&mut store, 1).expect("no fault is planned now");
        disk.plan(Fault::FailedSync, disk.operations() + 1);
        assert!(keep(&mut store, 2).is_err());
        disk.kill();
        drop(store);
        let mut store = open();
        keep(&mut store, 3).expect("no fault is planned now");
        disk.crash_at(disk.operations() + 1);
        assert!(keep(&mut store, 4).is_err());
        disk.restart(&mut Rng::new(seed));
        drop(store);
        let kept: i64 = open()
            .read(|db| {
                let sql = "SELECT count(*) FROM run_state WHERE name IN ('1', '3')";
                Ok(db.query_row(sql, [], |row| row.get(0))?)
            })
            .expect("no fault is planned now");
        assert_eq!(kept, 2, "seed {seed}");
    }
}
