//! From text to tree: scan, parse, build.

use crate::build::Build;
use crate::fault::{Fault, FaultKind};
use crate::grammar::{ChainParser, Rule};
use crate::respell::read_respelt;
use crate::scan::scan;
use crate::syntax::{Comment, File, Span};
use pest::Parser;
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

/// Reads a text as it stands.
pub(crate) fn read(source: &str) -> Parsed {
    static LIMIT: Once = Once::new();
    LIMIT.call_once(|| pest::set_call_limit(NonZeroUsize::new(CALL_LIMIT)));

    let scan = scan(source);
    let mut faults = scan.faults;
    let mut file = File::default();
    let mut unread = scan.too_deep;
    if !scan.too_deep {
        match ChainParser::parse(Rule::file, &scan.text) {
            Ok(pairs) => {
                let mut build = Build::new(&scan.text, &scan.comments, &mut faults);
                file = build.file(pairs);
            }
            Err(error) => {
                unread = true;
                let at = match error.location {
                    pest::error::InputLocation::Pos(at)
                    | pest::error::InputLocation::Span((at, _)) => at,
                };
                let span = Span::new(at, at);
                faults.push(Fault { span, kind: FaultKind::TooTangled, repair: None });
            }
        }
    }
    faults.sort_by_key(|fault| (fault.span.start, fault.span.end));
    let whole = !unread && faults.iter().all(|f| f.repair.as_ref().is_some_and(|r| r.safe));
    Parsed { file, comments: scan.comments, faults, unread, whole }
}
