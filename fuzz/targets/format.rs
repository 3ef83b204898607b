//! Laying a text out keeps its tree and its comments, and twice is as good as once.
#![no_main]

#[path = "../../grammar/tests/support/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Some(laid_out) = promises::laid_out(&text)
        && let Err(broken) = promises::kept(&text, &laid_out)
    {
        panic!("{broken}\n---- from\n{text}");
    }
});
