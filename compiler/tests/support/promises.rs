//! What the compiler promises of any text. The tests hold it to them, and so do the fuzz
//! targets.
#![allow(dead_code, reason = "each test uses its part")]

use chainc_compiler::diagnostic::{Edit, Lang, Safety};
use chainc_compiler::{Compiled, Diagnostic, Settings, SourceFile, compile, explain, picture};

/// Compiles a text. There is a program exactly when there is no error, and what is found
/// lies within the text.
pub(crate) fn compiled(text: &str) -> Compiled {
    let file = SourceFile { path: "a.chain".to_owned(), text: text.to_owned() };
    let compiled = compile(&[file], &Default::default(), &Settings::default());
    let errors = compiled.diagnostics.iter().any(Diagnostic::is_error);
    assert_eq!(compiled.program.is_none(), errors, "a program exactly when there is no error");
    for found in &compiled.diagnostics {
        let labels = found.labels(Lang::En).into_iter().map(|label| label.place.span);
        let edits = found.fix().into_iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
        for span in labels.chain(edits).chain([found.place().span]) {
            let within = text.get(span.start as usize..span.end as usize).is_some();
            assert!(within, "{} points outside of the text: {span:?}", found.code());
        }
    }
    compiled
}

/// Says in every language what was found, and what a program means.
pub(crate) fn told(compiled: &Compiled) {
    for lang in Lang::ALL {
        for found in &compiled.diagnostics {
            assert!(!found.message(*lang).is_empty(), "{}", found.code());
            assert_eq!(found.labels(*lang).len(), found.labels(Lang::En).len());
            assert_ne!(found.help(*lang).as_deref(), Some(""), "{}", found.code());
            assert_ne!(found.note(*lang).as_deref(), Some(""), "{}", found.code());
        }
        let Some(program) = &compiled.program else { continue };
        assert!(program.chains.is_empty() || !explain::list(program, *lang).is_empty());
        for chain in &program.chains {
            assert!(!explain::chain(program, chain, *lang).is_empty());
            assert!(picture::svg(program, chain, *lang).ends_with("</svg>\n"));
            assert!(!picture::mermaid(program, chain, *lang).is_empty());
        }
    }
}

/// Returns the text with its safe fixes, of two that overlap the first; and how many.
fn once_repaired(text: &str, found: &Compiled) -> (String, usize) {
    let fixes = found.diagnostics.iter().filter_map(|found| found.fix());
    let mut edits: Vec<&Edit> = Vec::new();
    let mut count = 0;
    for fix in fixes.filter(|fix| fix.safety == Safety::Safe) {
        let free = |edit: &Edit| {
            edits
                .iter()
                .all(|other| edit.span.end <= other.span.start || other.span.end <= edit.span.start)
        };
        if fix.edits.iter().all(free) {
            edits.extend(&fix.edits);
            count += 1;
        }
    }
    edits.sort_by_key(|edit| edit.span);
    let mut fixed = String::new();
    let mut done = 0;
    for edit in edits {
        fixed.push_str(&text[done..edit.span.start as usize]);
        fixed.push_str(&edit.text);
        done = edit.span.end as usize;
    }
    fixed.push_str(&text[done..]);
    (fixed, count)
}

/// Applies safe fixes until there are none, and returns how many. Each time there are fewer
/// findings, the text is read as it was read before, and the program is the same.
pub(crate) fn repaired(text: &str) -> usize {
    repairs(text, true)
}

/// The same of a text that may be anything: there a fix need not help, since `chainc check
/// --fix` leaves it out then, and what could not be read may be read otherwise. What did
/// compile means the same after it.
#[allow(dead_code, reason = "each target uses its part")]
pub(crate) fn repaired_if_it_helps(text: &str) -> usize {
    repairs(text, false)
}

fn repairs(text: &str, always_helps: bool) -> usize {
    let mut text = text.to_owned();
    let mut applied = 0;
    for _ in 0..10 {
        let before = compiled(&text);
        let (fixed, count) = once_repaired(&text, &before);
        if count == 0 {
            return applied;
        }
        applied += count;
        let after = compiled(&fixed);
        // What an error hid may come to light, but is no error.
        let count = |compiled: &Compiled| {
            let errors = compiled.diagnostics.iter().filter(|found| found.is_error()).count();
            (errors, compiled.diagnostics.len())
        };
        let (were, are) = (count(&before), count(&after));
        if are >= were && !always_helps {
            return applied;
        }
        assert!(are < were, "{were:?} findings became {are:?}:\n{text}\n----\n{fixed}");
        if always_helps {
            let tree = chainc_grammar::parse(&text).file;
            let same = chainc_grammar::parse(&fixed).file;
            assert_eq!(tree, same, "read otherwise than before:\n{text}\n----\n{fixed}");
        }
        if let Some(program) = before.program {
            assert_eq!(Some(program), after.program, "{text}\n----\n{fixed}");
        }
        text = fixed;
    }
    panic!("no end of fixes:\n{text}");
}
