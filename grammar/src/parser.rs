//! From text to tree: scan, parse, build.

use crate::build::Build;
use crate::fault::{Fault, FaultKind};
use crate::grammar::{ChainParser, Rule};
use crate::respell::{Edits, read_respelt};
use crate::scan::Scan;
use crate::syntax::{Comment, File, Span};
use pest::Parser;
use pest::error::InputLocation;
use std::num::NonZeroUsize;
use std::sync::Once;

/// What became of a text.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The tree; holds a bad node for everything that could not be read.
    pub file: File,
    /// All comments, in order.
    pub comments: Vec<Comment>,
    /// All faults, in order of place.
    pub faults: Vec<Fault>,
    /// True when nothing of the text could be read: names it would declare are unknown.
    pub unread: bool,
    /// True when the tree holds everything that was written, misspelt words put right.
    pub whole: bool,
}

/// The second belt, far above what any honest text of 10 MB needs.
const CALL_LIMIT: usize = 3_000_000_000;

/// Reads a text. Every text gives a tree.
#[must_use]
pub fn parse(source: &str) -> Parsed {
    read_respelt(source)
}

/// The least a stretch holds, in bytes, unless the text is shorter.
const STRETCH: usize = 16 << 10;

/// Returns the stretches of a text that are parsed one by one: what pest keeps of a text
/// is many times as large, and is let go with each of them.
fn stretches(text: &str, cuts: &[usize]) -> Vec<(usize, usize)> {
    let mut stretches = Vec::new();
    let mut start = 0;
    for cut in cuts {
        if cut - start >= STRETCH {
            stretches.push((start, *cut));
            start = *cut;
        }
    }
    stretches.push((start, text.len()));
    stretches
}

/// Reads a text as the scan has prepared it.
pub(crate) fn read(scan: Scan) -> Parsed {
    static LIMIT: Once = Once::new();
    LIMIT.call_once(|| pest::set_call_limit(NonZeroUsize::new(CALL_LIMIT)));

    let mut faults = scan.faults;
    let mut file = File::default();
    let mut unread = scan.too_deep;
    if !scan.too_deep {
        let mut build = Build::new(&scan.text, &scan.comments, &mut faults);
        let mut given_up = None;
        for (start, end) in stretches(&scan.text, &scan.cuts) {
            build.base = start;
            let stretch = scan.text.get(start..end).unwrap_or_default();
            match ChainParser::parse(Rule::file, stretch) {
                Ok(pairs) => build.stretch(pairs, &mut file),
                Err(error) => {
                    let (InputLocation::Pos(at) | InputLocation::Span((at, _))) = error.location;
                    given_up = given_up.or(Some(start + at));
                }
            }
        }
        build.finish(&mut file);
        if let Some(at) = given_up {
            unread = true;
            let span = Span::new(at, at);
            faults.push(Fault { span, kind: FaultKind::TooTangled, repair: None });
        }
    }
    faults.sort_by_key(|fault| (fault.span.start, fault.span.end));
    let whole = !unread && faults.iter().all(|f| f.repair.as_ref().is_some_and(|r| r.safe));
    let mut parsed = Parsed { file, comments: scan.comments, faults, unread, whole };
    if !scan.replaced.is_empty() {
        parsed.move_back(&Edits::in_place(&scan.replaced));
    }
    parsed
}
