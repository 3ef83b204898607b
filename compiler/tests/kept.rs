//! What once broke a promise keeps it: the smallest texts that did, found by the fuzz
//! targets and the properties, each tried with every promise.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

#[path = "../../grammar/tests/support/promises.rs"]
mod layout;
#[path = "support/promises.rs"]
mod promises;
#[path = "../../grammar/tests/support/mod.rs"]
mod support;

use promises::{compiled, repaired, told};
use support::{collect, root};

#[test]
fn what_once_broke_a_promise_keeps_it() {
    let mut files = Vec::new();
    collect(&root().join("tests/kept"), "chain", &mut files);
    assert!(!files.is_empty());
    for file in files {
        // A panic says nothing of where it came from.
        eprintln!("{}", file.display());
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        told(&compiled(&text));
        repaired(&text);
        layout::printed(&text).unwrap_or_else(|broken| panic!("{broken}"));
        if let Some(laid_out) = layout::laid_out(&text) {
            layout::kept(&text, &laid_out).unwrap_or_else(|broken| panic!("{broken}"));
        }
    }
}
