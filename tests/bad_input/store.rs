//! Stores that are missing, taken, guarded, foreign, too new, or on a full disk.

use crate::support::{Done, Look, Project};
use crate::{SEED, shop};
use rusqlite::Connection;

const REPLAY: [&str; 4] = ["run", ".", "--replay", "2026-03-01..2026-03-31"];
const IMPORT: [&str; 3] = ["import", "purchases", "purchases.csv"];

/// Makes a store of a file with these bytes wrong for every command: one error of exit
/// code 3 that names it, and not a byte of it changes.
#[track_caller]
fn refused(project: &Project, words: &[&str]) {
    let before = (std::fs::read(project.path("chainc.db")).ok(), project.names());
    for arguments in [&REPLAY[..], &IMPORT, &["run", ".", "--once"]] {
        let failed = project.chainc(arguments);
        let error = failed.failed_with(3);
        for word in ["chainc.db"].iter().chain(words) {
            assert!(error.contains(word), "`{word}` in: {error}");
        }
        let after = (std::fs::read(project.path("chainc.db")).ok(), project.names());
        assert!(after == before, "{arguments:?} changed something: {:?}", after.1);
    }
}

fn project_with_files() -> Project {
    Project::with(&[
        ("seed.chain", SEED),
        ("purchases.csv", "customer_id,purchased_at,amount\n1,2026-01-10,5\n"),
    ])
}

#[test]
fn a_run_without_a_store_and_without_files_says_how_to_make_one() {
    let project = project_with_files();
    let failed = project.chainc(&REPLAY);
    let error = failed.failed_with(3);
    assert!(error.contains("no store") && error.contains("chainc import"), "{error}");
    assert_eq!(project.names(), ["purchases.csv", "seed.chain"]);
}

#[test]
fn a_store_in_a_folder_that_does_not_exist_is_refused() {
    let project = project_with_files();
    for command in [&["run", ".", "--once"][..], &IMPORT] {
        let with_store = [command, &["--store", "sqlite:no/such/shop.db"]].concat();
        let failed = project.chainc(&with_store);
        let error = failed.failed_with(3);
        assert!(error.contains("no/such"), "{error}");
    }
    assert_eq!(project.names(), ["purchases.csv", "seed.chain"]);
}

#[test]
fn a_store_that_another_program_has_locked_is_refused_after_a_few_seconds() {
    let project = shop();
    let before = project.store().dump();
    let other = Connection::open(project.path("chainc.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let started = std::time::Instant::now();
    for arguments in [&REPLAY[..], &IMPORT] {
        let failed = project.chainc(arguments);
        let error = failed.failed_with(3);
        assert!(error.contains("locked by another program"), "{error}");
    }
    assert!(started.elapsed().as_secs() < 25, "{:?}", started.elapsed());
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(project.store().dump(), before);
    project.chainc(&REPLAY).succeeded();
}

#[test]
fn a_read_only_store_is_refused() {
    let project = shop();
    let path = project.path("chainc.db");
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    refused(&project, &["read-only"]);
}

#[test]
fn a_text_file_is_no_store() {
    let project = project_with_files();
    project.write("chainc.db", "a shopping list\n".repeat(200));
    refused(&project, &["not an SQLite database"]);
    project.write("chainc.db", "short");
    refused(&project, &["not an SQLite database"]);
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let project = project_with_files();
    let other = Connection::open(project.path("chainc.db")).unwrap();
    other
        .execute_batch("CREATE TABLE customer (id INTEGER); INSERT INTO customer VALUES (1)")
        .unwrap();
    drop(other);
    refused(&project, &["of another program"]);
}

#[test]
fn a_store_of_a_newer_version_is_refused_with_both_versions_named() {
    let project = shop();
    let newer = Connection::open(project.path("chainc.db")).unwrap();
    newer.execute_batch("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    newer.close().unwrap();
    refused(&project, &["version 99", "up to version 1"]);
}

#[test]
fn a_folder_is_no_store() {
    let project = project_with_files();
    std::fs::create_dir(project.path("chainc.db")).unwrap();
    refused(&project, &["folder"]);
}

#[test]
fn a_store_cut_in_half_is_refused_and_not_made_worse() {
    let project = shop();
    let bytes = std::fs::read(project.path("chainc.db")).unwrap();
    project.write("chainc.db", &bytes[..bytes.len() / 2]);
    for arguments in [&REPLAY[..], &IMPORT] {
        let failed = project.chainc(arguments);
        assert!(failed.failed_with(3).contains("damaged"), "{failed:?}");
    }
}

#[test]
fn a_file_of_no_bytes_becomes_a_store() {
    let project = project_with_files();
    project.write("chainc.db", "");
    project.write("c.csv", "customer_id\n1\n");
    project.import("customers", "c.csv").succeeded();
    assert_eq!(project.store().number("SELECT count(*) FROM customer"), 1);
}

/// A file of purchases that is some megabytes as a store.
fn many_purchases(project: &Project) {
    let mut rows = String::from("customer_id,purchased_at,amount,brand\n");
    for n in 0..20_000 {
        rows += &format!("1,2026-01-{:02}T{:02}:{:02}:00,{n},Sample\n", 1 + n % 28, n % 24, n % 60);
    }
    rows += "1,never,5,Sample\n";
    project.write("many.csv", rows);
}

#[test]
fn an_import_onto_a_full_disk_leaves_the_store_as_it_was() {
    let project = shop();
    many_purchases(&project);
    let before = project.store().dump();
    // From "not a page more" to "nearly enough".
    for blocks in [0, 100, 400, 1_000, 2_000] {
        let failed =
            Done::of(&mut project.on_a_small_disk(blocks, &["import", "purchases", "many.csv"]));
        let error = failed.failed_with(3);
        assert!(error.contains("no room left"), "{blocks}: {error}");
        assert_eq!(project.store().dump(), before, "{blocks}");
        let left: Vec<String> =
            project.names().into_iter().filter(|name| name.contains("rejected")).collect();
        assert!(left.is_empty(), "{blocks}: {left:?}");
    }
    project.import("purchases", "many.csv").succeeded().says("20000 new").says("1 rejected");
}

#[test]
fn a_new_store_on_a_full_disk_is_one_error_and_works_once_there_is_room() {
    let project = project_with_files();
    project.write("c.csv", "customer_id\n1\n");
    for blocks in [0, 8, 40] {
        let failed =
            Done::of(&mut project.on_a_small_disk(blocks, &["import", "customers", "c.csv"]));
        let error = failed.failed_with(3);
        assert!(error.contains("no room left"), "{blocks}: {error}");
    }
    project.import("customers", "c.csv").succeeded().says("1 new");
    assert_eq!(Look::at(&project.path("chainc.db")).rows("PRAGMA integrity_check"), ["ok"]);
}

#[test]
fn a_replay_onto_a_full_disk_stops_with_one_error_and_goes_on_where_it_was() {
    let crowd = || {
        let project = shop();
        let ids: String = (2..3_000).map(|id| format!("{id},+12025550101,yes\n")).collect();
        project.imported("customers", &format!("customer_id,phone,consent_sms\n{ids}"));
        let rows: String =
            (2..3_000).map(|id| format!("{id},2026-01-{:02},5\n", 1 + id % 28)).collect();
        project.imported("purchases", &format!("customer_id,purchased_at,amount\n{rows}"));
        project
    };
    let (undisturbed, full) = (crowd(), crowd());
    undisturbed.chainc(&REPLAY).succeeded();
    let mut failures = 0;
    for blocks in [1_000, 2_000, 3_000, 4_000, 6_000, 20_000] {
        let done = Done::of(&mut full.on_a_small_disk(blocks, &REPLAY));
        if done.code != 0 {
            done.failed_with(3);
            failures += 1;
        }
        assert_eq!(full.store().rows("PRAGMA integrity_check"), ["ok"]);
    }
    assert!(failures > 1, "the disk was never full");
    full.chainc(&REPLAY).succeeded();
    assert!(full.store().dump() == undisturbed.store().dump());
    assert!(full.messages() == undisturbed.messages());
    assert!(full.messages().len() > 2_000);
}
