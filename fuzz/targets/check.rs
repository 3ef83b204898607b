//! Whatever stands in a file, it is read, checked and told in every language; what is found
//! lies within the text.
#![no_main]

#[path = "../../compiler/tests/support/promises.rs"]
mod promises;
/// How people and editors read it.
#[path = "../../src/render"]
#[allow(dead_code, reason = "only what goes to terminals is drawn")]
mod render {
    mod human;
    mod lines;
    mod plain;
    mod summary;

    use chainc_compiler::diagnostic::Lang;
    use chainc_compiler::{Compiled, SourceFile};

    pub(crate) fn drawn(text: &str, compiled: &Compiled) {
        let file = SourceFile { path: "a.chain".to_owned(), text: text.to_owned() };
        let sources = lines::Sources::new([&file]);
        for lang in Lang::ALL {
            let plain = plain::render(&compiled.diagnostics, &sources, *lang);
            assert_eq!(plain.lines().count(), compiled.diagnostics.len(), "a line each:\n{plain}");
            human::render(&compiled.diagnostics, &sources, *lang, false, 80);
        }
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let compiled = promises::compiled(&text);
    promises::told(&compiled);
    render::drawn(&text, &compiled);
});
