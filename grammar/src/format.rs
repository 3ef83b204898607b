//! The formatter: the text of a chain file in, the same file in the one layout out.
//!
//! Only blanks and line ends change; words, numbers, signs and comments stay in their
//! order as they were written, and what could not be read stays byte for byte. The result
//! is proved before it is returned: it is read again, and must hold the same tree and the
//! same comments, and must not change when it is laid out once more.
//!
//! A comment that allows a finding keeps the line it speaks of.
//!
//! [`layout`] decides where lines begin, [`writer`] carries everything over, [`token`]
//! knows the blanks within a line, [`untouched`] finds what must stay as it is, [`allowed`]
//! the lines that comments speak of.

mod allowed;
mod layout;
mod token;
mod untouched;
mod writer;

use crate::fault::FaultKind;
use crate::parser::{Parsed, parse};
use untouched::Care;
use writer::Writer;

/// Why a text is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// A merge left lines in it: they are in no tree.
    Merge,
    /// Nothing of it can be read.
    Unread,
    /// The result could not be proved to mean the same.
    Unproven,
}

/// Returns a text in the one layout. A part of it that cannot be read stays as it is.
///
/// ```
/// let text = "segment  recency 60..89->grant 300\n  ->sms offer";
/// let laid_out = "segment recency 60..89\n  -> grant 300\n  -> sms offer\n";
/// assert_eq!(chainc_grammar::format(text).as_deref(), Ok(laid_out));
/// ```
pub fn format(source: &str) -> Result<String, Left> {
    let parsed = parse(source);
    if parsed.unread {
        return Err(Left::Unread);
    }
    if parsed.faults.iter().any(|fault| fault.kind == FaultKind::MergeConflict) {
        return Err(Left::Merge);
    }
    [Care::Parts, Care::Declarations]
        .into_iter()
        .find_map(|care| {
            let text = lay_out(source, &parsed, care);
            is_proven(source, &parsed, &text).then_some(text)
        })
        // Where something is wrong, the file may stay as it is.
        .or_else(|| (!parsed.faults.is_empty()).then(|| source.to_owned()))
        .ok_or(Left::Unproven)
}

fn lay_out(source: &str, parsed: &Parsed, care: Care) -> String {
    let allowed = allowed::lines(source, &parsed.comments);
    let untouched = untouched::untouched(parsed, source, care, &allowed);
    let mut writer = Writer::new(source, &parsed.comments, &untouched, &allowed);
    layout::file(&mut writer, &parsed.file.declarations);
    writer.finish()
}

/// Returns true when a result means the same and would not be laid out otherwise.
fn is_proven(source: &str, parsed: &Parsed, text: &str) -> bool {
    if text == source {
        return true;
    }
    let again = parse(text);
    is_same(source, parsed, text, &again) && is_settled(text, &again)
}

fn is_same(source: &str, parsed: &Parsed, text: &str, again: &Parsed) -> bool {
    let comments = parsed.comments.iter().map(|comment| comment.span.text(source));
    parsed.file == again.file
        && parsed.faults.len() == again.faults.len()
        && comments.eq(again.comments.iter().map(|comment| comment.span.text(text)))
        && allowed::is_covered(
            source,
            &allowed::lines(source, &parsed.comments),
            text,
            &allowed::lines(text, &again.comments),
        )
}

/// Returns true when laying a text out gives the text itself.
fn is_settled(text: &str, parsed: &Parsed) -> bool {
    for care in [Care::Parts, Care::Declarations] {
        let next = lay_out(text, parsed, care);
        if next == text {
            return true;
        }
        if is_same(text, parsed, &next, &parse(&next)) {
            return false;
        }
    }
    false
}
