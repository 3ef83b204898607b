//! The same seed, the same bytes. SQLite has one generator of random numbers for a whole
//! process, and salts its logs from it: this stands alone, so that no other test draws too.

#![allow(clippy::unwrap_used, reason = "a test")]

use chainc_sim::disk::Disk;
use chainc_sim::rng::Rng;
use rusqlite::Connection;
use std::convert::Infallible;

fn write_until_it_fails(disk: &Disk, rng: &mut Rng) -> rusqlite::Result<Infallible> {
    let connection = Connection::open(disk.path("shop.db"))?;
    connection.query_row("PRAGMA journal_mode=wal", [], |_| Ok(()))?;
    connection.execute_batch(
        "PRAGMA synchronous=full; PRAGMA wal_autocheckpoint=8;
         CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY, filler BLOB) STRICT",
    )?;
    loop {
        let row = (rng.draw().cast_signed(), rng.below(6_000).cast_signed());
        connection.execute("INSERT INTO kept VALUES (?1, zeroblob(?2))", row)?;
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let run = |seed| {
        let mut rng = Rng::new(seed);
        let disk = Disk::new(seed);
        let mut digests = Vec::new();
        for _ in 0..50 {
            disk.crash_at(disk.operations() + 1 + rng.below(100));
            let _ = write_until_it_fails(&disk, &mut rng);
            digests.push(disk.digest());
            disk.restart(&mut rng);
            digests.push(disk.digest());
        }
        digests
    };
    assert_eq!(run(10), run(10));
    assert_ne!(run(10), run(11));
}
