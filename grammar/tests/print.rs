//! A tree has a text, and the text has that tree.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

mod support;
#[path = "support/trees.rs"]
mod trees;

use chainc_grammar::fault::{Fault, FaultKind};
use chainc_grammar::{format, parse, print};
use proptest::prelude::*;
use support::cases;

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn reading_a_printed_tree_gives_the_tree(file in trees::files()) {
        let text = print(&file).expect("a tree without bad nodes has a text");
        let parsed = parse(&text);
        // Trees of chance have settings that read like a habit, such as `control = 3`.
        let is_habit = |fault: &Fault| matches!(fault.kind, FaultKind::Form { .. });
        prop_assume!(!parsed.faults.iter().any(is_habit));
        prop_assert_eq!(&parsed.file, &file, "\n{}\n{:?}", text, parsed.faults);
        let again = format(&text);
        prop_assert_eq!(again.as_deref(), Ok(text.as_str()));
    }
}
