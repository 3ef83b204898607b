//! Files of data and chain files that are not what they should be.

use crate::support::Project;
use crate::{SEED, shop};

const MB: usize = 1 << 20;

/// Imports a file that cannot come in: one error, and the store is what it was.
#[track_caller]
fn refused(bytes: &[u8], code: i32) -> String {
    let project = shop();
    project.write("bad.csv", bytes);
    let before = (project.store().dump(), project.names());
    let error = project.import("purchases", "bad.csv").failed_with(code).to_owned();
    assert_eq!((project.store().dump(), project.names()), before);
    assert!(error.contains("bad.csv"), "{error}");
    assert!(error.len() < 2_000, "an error to be read: {} bytes", error.len());
    error
}

#[test]
fn a_row_that_is_not_utf_8_is_rejected_with_its_bytes_and_the_others_are_kept() {
    let project = shop();
    project.write(
        "p.csv",
        b"customer_id,purchased_at,amount,brand\n1,2026-01-11,5,Caf\xe9\n1,2026-01-12,5,Cafe\n",
    );
    project.import("purchases", "p.csv").succeeded().says("1 new").says("1 rejected");
    let rejected = std::fs::read(project.path("p.rejected.csv")).unwrap();
    let text = String::from_utf8_lossy(&rejected);
    assert!(text.contains("2,`brand` is not UTF-8 text,1,2026-01-11,5,Caf"), "{text}");
    assert!(rejected.windows(4).any(|bytes| bytes == b"Caf\xe9"), "{text}");
}

#[test]
fn a_header_that_is_not_utf_8_is_refused() {
    let error = refused(b"customer_id,purchased_at,amount,caf\xe9\n1,2026-01-11,5,x\n", 2);
    assert!(error.contains("UTF-8"), "{error}");
}

#[test]
fn an_empty_file_is_refused() {
    let error = refused(b"", 2);
    assert!(error.contains("empty") || error.contains("no column"), "{error}");
}

#[test]
fn a_file_of_the_wrong_kind_is_refused() {
    let error = refused(&[0x89, b'P', b'N', b'G', 0, 0, 0, 1, 0xff, 0xfe], 2);
    assert!(error.contains("UTF-8"), "{error}");
}

#[test]
fn ten_megabytes_in_one_line_are_refused_as_a_header() {
    let error = refused(&vec![b'x'; 10 * MB], 2);
    assert!(error.contains("no column"), "{error}");
}

#[test]
fn a_field_of_ten_megabytes_is_rejected_and_not_copied() {
    let project = shop();
    let long = "x".repeat(10 * MB);
    project.write(
        "p.csv",
        format!(
            "customer_id,purchased_at,amount,brand\n1,2026-01-11,5,{long}\n1,2026-01-12,5,ok\n"
        ),
    );
    project.import("purchases", "p.csv").succeeded().says("1 new").says("1 rejected");
    let rejected = project.read("p.rejected.csv");
    assert!(rejected.contains("2,`brand` is longer than 65536 bytes"), "{} bytes", rejected.len());
    assert!(rejected.len() < 1_000, "{} bytes", rejected.len());
}

#[test]
fn a_quote_that_is_never_closed_swallows_the_rest_and_says_so() {
    let project = shop();
    let rest = "1,2026-01-12,5,ok\n".repeat(10_000);
    project.write(
        "p.csv",
        format!("customer_id,purchased_at,amount,brand\n1,2026-01-11,5,\"open\n{rest}"),
    );
    project.import("purchases", "p.csv").succeeded().says("0 new").says("1 rejected");
    let rejected = project.read("p.rejected.csv");
    assert!(rejected.contains("longer than 65536 bytes"), "{rejected:.300}");
}

#[test]
fn a_file_that_is_not_there_is_named_and_no_store_is_made() {
    let project = Project::empty();
    let failed = project.import("customers", "nobody.csv");
    assert!(failed.failed_with(3).contains("nobody.csv"));
    assert!(project.names().is_empty(), "{:?}", project.names());
}

#[test]
fn a_folder_instead_of_a_file_is_named_and_no_store_is_made() {
    let project = Project::empty();
    std::fs::create_dir(project.path("data.csv")).unwrap();
    let failed = project.import("customers", "data.csv");
    assert!(failed.failed_with(3).contains("data.csv"));
    assert_eq!(project.names(), ["data.csv"]);
}

#[test]
fn a_refused_file_makes_no_store() {
    let project = Project::empty();
    project.write("c.csv", "name\nAda\n");
    project.import("customers", "c.csv").failed_with(2);
    assert_eq!(project.names(), ["c.csv"]);
}

#[test]
fn rejected_rows_that_cannot_be_written_stop_the_import() {
    let project = shop();
    project.write("p.csv", "customer_id,purchased_at,amount\n1,2026-01-12,5\n1,soon,5\n");
    std::fs::create_dir(project.path("p.rejected.csv")).unwrap();
    let before = project.store().dump();
    let failed = project.import("purchases", "p.csv");
    assert!(failed.failed_with(3).contains("p.rejected.csv"), "{failed:?}");
    assert_eq!(project.store().dump(), before);
    assert!(!project.has("p.rejected.csv.tmp"));
}

#[test]
fn words_after_import_that_are_none_are_wrong_usage() {
    let project = Project::empty();
    assert_eq!(project.chainc(&["import", "orders", "c.csv"]).code, 2);
    assert_eq!(project.chainc(&["import"]).code, 2);
    assert_eq!(project.chainc(&["run", ".", "--replay", "yesterday"]).code, 2);
    assert_eq!(project.chainc(&["run", ".", "--replay", "2026-02-01..2026-01-01"]).code, 2);
    assert_eq!(project.chainc(&["run", ".", "--replay", "1969-02-01..2026-01-01"]).code, 2);
    assert_eq!(
        project.chainc(&["run", ".", "--once", "--replay", "2026-01-01..2026-01-02"]).code,
        2
    );
}

#[test]
fn a_chain_of_ten_megabytes_in_one_line_is_a_finding() {
    let project = Project::with(&[("seed.chain", SEED)]);
    for (start, megabytes) in [("message offer { sms \"", 10), ("x", 1), ("segment recency ", 1)] {
        project.write("long.chain", format!("{start}{}", "x".repeat(megabytes * MB)));
        let done = project.chainc(&["run", ".", "--replay", "2026-01-01..2026-01-02"]);
        assert_eq!(done.code, 1, "{:.2000}", done.stderr);
        assert!(done.stderr.contains("long.chain"), "{:.2000}", done.stderr);
        assert!(done.stderr.len() < 100_000, "{} bytes of findings", done.stderr.len());
        assert!(!project.has("chainc.db"));
    }
}

#[test]
fn a_chain_that_is_not_utf_8_is_a_finding_and_nothing_runs() {
    let project = Project::with(&[("seed.chain", SEED)]);
    project.write("bad.chain", b"segment recency 60..89 -> grant 300 -> sms off\xe9r\n");
    let done = project.chainc(&["run", ".", "--replay", "2026-01-01..2026-01-02"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stderr.contains("bad.chain"), "{done:?}");
    assert!(!project.has("chainc.db"));
}
