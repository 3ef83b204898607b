//! Safe fixes leave fewer findings and the meaning as it was.
#![no_main]

#[path = "../../compiler/tests/support/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    promises::repaired_if_it_helps(&String::from_utf8_lossy(bytes));
});
