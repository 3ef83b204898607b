//! The command line of chainc.
fn main() {}
