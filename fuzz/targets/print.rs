//! A text without faults has a tree, and the tree a text with the same tree.
#![no_main]

#[path = "../../grammar/tests/support/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Err(broken) = promises::printed(&text) {
        panic!("{broken}\n---- from\n{text}");
    }
});
