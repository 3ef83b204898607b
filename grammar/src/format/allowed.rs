//! Lines that a comment speaks of: `# allow unused-message: goes out in June`.
//!
//! Such a comment covers the line it stands on, or the next one when it stands alone. What
//! it covers must stay on that line.

use super::token::is_blank;
use crate::syntax::{Comment, Span};

/// Returns the line each such comment covers, without the comment, in order.
pub(super) fn lines(source: &str, comments: &[Comment]) -> Vec<Span> {
    let speaks = |comment: &&Comment| {
        let text = comment.span.text(source).trim_start_matches('#').trim_start();
        text.strip_prefix("allow").is_some_and(|rest| rest.starts_with([' ', '\t']))
    };
    comments.iter().filter(speaks).map(|comment| line(source, comment.span)).collect()
}

fn line(source: &str, comment: Span) -> Span {
    let before = source.get(..comment.start as usize).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    if !before.get(start..).unwrap_or_default().chars().all(is_blank) {
        return Span::new(start, before.len());
    }
    let mut start = comment.end as usize;
    for line in source.get(start..).unwrap_or_default().split_inclusive('\n') {
        let text = line.trim_matches(is_blank);
        if !text.is_empty() && !text.starts_with('#') {
            return Span::new(start, start + line.len());
        }
        start += line.len();
    }
    Span::new(start, start)
}

/// Returns true when each line still holds what it held.
pub(super) fn is_covered(source: &str, before: &[Span], text: &str, after: &[Span]) -> bool {
    let solid = |text: &str| text.chars().filter(|c| !is_blank(*c)).collect::<String>();
    before.len() == after.len()
        && before
            .iter()
            .zip(after)
            .all(|(before, after)| solid(after.text(text)).contains(&solid(before.text(source))))
}
