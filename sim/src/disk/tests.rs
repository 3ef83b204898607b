//! The disk against plain `SQLite`: what was acknowledged survives, and each fault bites.

use super::*;
use rusqlite::{Connection, ErrorCode};

fn open(disk: &Disk, journal: &str, synchronous: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(disk.path("shop.db"))?;
    connection.query_row(&format!("PRAGMA journal_mode={journal}"), [], |_| Ok(()))?;
    connection.execute_batch(&format!(
        "PRAGMA synchronous={synchronous}; PRAGMA wal_autocheckpoint=8;
         CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY, filler BLOB) STRICT"
    ))?;
    Ok(connection)
}

fn insert(connection: &Connection, number: i64, size: u64) -> rusqlite::Result<usize> {
    connection.execute("INSERT INTO kept VALUES (?1, zeroblob(?2))", (number, size as i64))
}

fn numbers(connection: &Connection) -> Vec<i64> {
    let check: String =
        connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    let mut rows = connection.prepare("SELECT number FROM kept ORDER BY 1").unwrap();
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

struct Tally {
    lost: u64,
    lost_before_the_last: u64,
    counts: Counts,
}

/// Writes, loses power at an operation that is drawn, looks at what is left, and so on.
fn lose_power(losses: u64, seed: u64, journal: &str, synchronous: &str) -> Tally {
    let mut rng = Rng::new(seed);
    let disk = Disk::new(seed);
    let mut next = 0;
    let (mut lost, mut lost_before_the_last) = (0, 0);
    let mut told: Vec<i64> = Vec::new();
    for _ in 0..losses {
        disk.crash_at(disk.operations() + 1 + rng.below(200));
        let mut work = || -> rusqlite::Result<()> {
            let connection = open(&disk, journal, synchronous)?;
            loop {
                next += 1;
                insert(&connection, next, rng.below(6_000))?;
                told.push(next);
            }
        };
        let error = work().unwrap_err();
        assert!(disk.is_down(), "{error}");
        disk.restart(&mut rng);
        let connection = open(&disk, journal, synchronous).unwrap();
        let found = numbers(&connection);
        let gone: Vec<_> = told.iter().filter(|it| !found.contains(it)).collect();
        lost += u64::from(!gone.is_empty());
        lost_before_the_last += u64::from(gone.iter().any(|it| Some(*it) != told.last()));
        told = found;
        connection.execute("DELETE FROM kept WHERE number < ?1", [next - 50]).unwrap();
        told.retain(|it| *it >= next - 50);
    }
    assert_eq!(disk.counts().crashes, losses);
    Tally { lost, lost_before_the_last, counts: disk.counts() }
}

#[test]
fn a_log_with_full_sync_keeps_what_it_told_through_a_thousand_losses_of_power() {
    let tally = lose_power(1_000, 1, "wal", "full");
    assert_eq!(tally.lost, 0);
    let Counts { survived, vanished, torn, .. } = tally.counts;
    assert!(survived > 300 && vanished > 300 && torn > 100, "{:?}", tally.counts);
}

#[test]
fn a_log_with_normal_sync_does_not() {
    let tally = lose_power(300, 2, "wal", "normal");
    assert!(tally.lost > 20, "{}", tally.lost);
}

#[test]
fn a_rollback_journal_with_extra_sync_keeps_what_it_told() {
    assert_eq!(lose_power(1_000, 3, "delete", "extra").lost, 0);
}

/// `FULL` does not wait until the deletion of the journal is on the disk: the journal may
/// come back, and take back the last transaction.
#[test]
fn a_rollback_journal_with_full_sync_may_lose_the_last_commit_and_no_other() {
    let tally = lose_power(1_000, 4, "delete", "full");
    assert!(tally.lost > 10, "{}", tally.lost);
    assert_eq!(tally.lost_before_the_last, 0);
}

#[test]
fn a_process_that_dies_leaves_its_writes_and_none_of_its_locks() {
    let mut rng = Rng::new(5);
    let disk = Disk::new(5);
    let mut told = 0;
    for _ in 0..300 {
        disk.crash_at(disk.operations() + 1 + rng.below(100));
        let connection = open(&disk, "wal", "off").and_then(|connection| {
            loop {
                insert(&connection, told + 1, rng.below(6_000))?;
                told += 1;
            }
            #[expect(unreachable_code, reason = "says what the closure returns")]
            Ok(connection)
        });
        drop(connection);
        disk.kill();
        let found = numbers(&open(&disk, "wal", "off").unwrap());
        // What was on its way may have got there.
        let last = i64::try_from(found.len()).unwrap();
        assert!(last == told || last == told + 1, "{last} {told}");
        told = last;
    }
}

fn code(error: &rusqlite::Error) -> ErrorCode {
    error.sqlite_error_code().expect("it is SQLite's")
}

#[test]
fn a_full_disk_is_said_and_changes_nothing() {
    for journal in ["wal", "delete"] {
        let disk = Disk::new(6);
        let connection = open(&disk, journal, "full").unwrap();
        insert(&connection, 1, 10).unwrap();
        disk.plan_many(Fault::Full, disk.operations(), 3);
        assert_eq!(code(&insert(&connection, 2, 100_000).unwrap_err()), ErrorCode::DiskFull);
        assert_eq!(disk.counts().full, 1);
        disk.forget_plans();
        assert_eq!(numbers(&connection), [1]);
        insert(&connection, 3, 100_000).unwrap();
        assert_eq!(numbers(&connection), [1, 3]);
    }
}

#[test]
fn faults_are_errors_that_change_nothing_told_before() {
    let all =
        [Fault::Full, Fault::ReadError, Fault::ShortRead, Fault::WriteError, Fault::FailedSync];
    for journal in ["wal", "delete"] {
        let mut rng = Rng::new(7);
        let disk = Disk::new(7);
        let mut told: Vec<i64> = Vec::new();
        for number in 0..600 {
            let fault = *rng.pick(&all);
            disk.plan(fault, disk.operations() + 1 + rng.below(60));
            // A new process each time, so that reads come from the disk.
            let work = open(&disk, journal, "full").and_then(|connection| {
                insert(&connection, number, rng.below(20_000))?;
                insert(&connection, number + 1_000_000, rng.below(20_000))
            });
            disk.forget_plans();
            if rng.chance(1, 2) {
                disk.kill()
            } else {
                disk.restart(&mut rng)
            }
            let found = numbers(&open(&disk, journal, "extra").unwrap());
            if work.is_ok() {
                told.extend([number, number + 1_000_000]);
            }
            if journal == "wal" {
                assert!(told.iter().all(|it| found.contains(it)), "{number} {fault:?}");
            }
            told = found;
        }
        let counts = disk.counts();
        let struck = [
            counts.full,
            counts.read_errors,
            counts.short_reads,
            counts.write_errors,
            counts.failed_syncs,
        ];
        assert!(struck.iter().all(|it| *it > 20), "{journal} {counts:?}");
    }
}

#[test]
fn connections_see_each_other_and_take_turns() {
    for journal in ["wal", "delete"] {
        let disk = Disk::new(8);
        let one = open(&disk, journal, "full").unwrap();
        let other = open(&disk.process(1), journal, "full").unwrap();
        other.busy_timeout(std::time::Duration::ZERO).unwrap();
        insert(&one, 1, 10).unwrap();
        assert_eq!(numbers(&other), [1]);
        one.execute_batch("BEGIN IMMEDIATE").unwrap();
        insert(&one, 2, 10).unwrap();
        assert_eq!(numbers(&other), [1]);
        assert_eq!(
            code(&other.execute_batch("BEGIN IMMEDIATE").unwrap_err()),
            ErrorCode::DatabaseBusy
        );
        // The first one dies with the lock in its hand.
        disk.kill();
        insert(&other, 3, 10).unwrap();
        assert!(one.execute_batch("COMMIT").is_err());
        assert!(insert(&one, 4, 10).is_err());
        drop(one);
        assert_eq!(numbers(&other), [1, 3]);
        assert_eq!(numbers(&open(&disk, journal, "full").unwrap()), [1, 3]);
    }
}

#[test]
fn another_process_can_act_just_before_the_write_lock_is_taken() {
    for journal in ["wal", "delete"] {
        let disk = Disk::new(9);
        let one = open(&disk, journal, "full").unwrap();
        let other = open(&disk.process(1), journal, "full").unwrap();
        let mut next = 100;
        disk.before_write_lock(Some(Box::new(move || {
            next += 1;
            // Each second time, or the first process never gets its turn. It fails where
            // there is no log, since the first process is reading.
            let _ = if next % 2 == 0 { insert(&other, next, 10) } else { Ok(0) };
        })));
        one.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
        for number in 0..10 {
            one.execute_batch("BEGIN IMMEDIATE").unwrap();
            let seen: i64 =
                one.query_row("SELECT max(number) FROM kept", [], |row| row.get(0)).unwrap_or(0);
            insert(&one, number, 10).unwrap();
            one.execute_batch("COMMIT").unwrap();
            // What it did is seen by the transaction that began after it.
            assert!(journal == "delete" || number == 0 || seen > 100, "{seen}");
        }
        disk.before_write_lock(None);
        assert_eq!(numbers(&one).len() > 15, journal == "wal");
    }
}

#[test]
fn a_copy_goes_its_own_way() {
    let disk = Disk::new(12);
    let copies = Arc::new(Mutex::new(Vec::new()));
    let connection = open(&disk, "wal", "full").unwrap();
    let (watched, list) = (disk.clone(), copies.clone());
    disk.at_each_change(Some(Box::new(move |operation| {
        list.lock().unwrap().push((operation, watched.copy()));
    })));
    for number in 0..20 {
        insert(&connection, number, 3_000).unwrap();
    }
    disk.at_each_change(None);
    let copies = std::mem::take(&mut *copies.lock().unwrap());
    assert!(copies.len() > 60);
    let mut before = 0;
    for (operation, copy) in copies {
        assert!(operation > before);
        before = operation;
        copy.lose_power(Outcome::Nothing, &mut Rng::new(operation));
        numbers(&open(&copy, "wal", "full").unwrap());
    }
    assert_eq!(numbers(&connection).len(), 20);
}

#[test]
fn disks_in_two_threads_do_not_meet() {
    let run = |seed| move || lose_power(100, seed, "wal", "full").lost;
    let threads: Vec<_> = (0..4).map(|seed| std::thread::spawn(run(seed))).collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap() == 0));
}
