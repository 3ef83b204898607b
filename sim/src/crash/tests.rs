//! The smallest world, and the proof that the crashes bite.

use super::*;

fn seed(name: &str, wanted: &[&str]) -> usize {
    let wanted: Vec<String> = wanted.iter().map(|word| (*word).to_owned()).collect();
    let wanted = Wanted::read(&wanted).unwrap();
    let folder =
        std::env::temp_dir().join(format!("chainc-sim-crash-test-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    mutant::switch(wanted.mutant);
    let violations = table(&wanted, &folder);
    mutant::switch(None);
    std::fs::remove_dir_all(&folder).unwrap();
    violations
}

#[test]
fn the_seed_comes_to_the_same_end_whatever_operation_is_the_last() {
    assert_eq!(seed("whole", &["--project", "examples/seed", "--mode", "wal"]), 0);
}

#[test]
fn a_store_that_does_not_wait_for_the_disk_is_found_out() {
    let wanted = ["--project", "examples/seed", "--mode", "wal", "--mutant", "synchronous-normal"];
    assert!(seed("normal", &wanted) > 0);
}
