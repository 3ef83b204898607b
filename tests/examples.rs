//! Every project of `examples` has exactly the findings it deserves: they stand in
//! `tests/examples/NAME.txt`, an empty file for one without any.
//!
//! `UPDATE=1 cargo test --test examples` writes the files anew; read every change.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test says what is wrong by failing")]

use std::path::Path;
use std::process::Command;

fn findings(project: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_chainc"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["check", "--lang", "en", "--format", "plain"])
        .arg(format!("examples/{project}"))
        .env_remove("CHAINC_FORMAT")
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_example_has_exactly_the_findings_it_deserves() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut changed = Vec::new();
    for entry in std::fs::read_dir(root.join("examples")).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        let found = findings(name);
        let golden = root.join("tests/examples").join(name).with_extension("txt");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&golden, &found).unwrap();
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != found {
            changed.push(format!("{name}:\n{found}"));
        }
    }
    assert!(changed.is_empty(), "found otherwise than recorded:\n{}", changed.join("\n"));
}
