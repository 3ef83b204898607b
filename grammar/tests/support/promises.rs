//! What the grammar promises of any text. The tests hold it to them, and so do the fuzz
//! targets.
#![allow(dead_code, reason = "each test uses its part")]

use chainc_grammar::{Left, Parsed, format, parse, print};

/// Returns a text as it is laid out, or left for a reason; nothing if there was no proof.
pub(crate) fn laid_out(text: &str) -> Option<String> {
    match format(text) {
        Ok(laid_out) => Some(laid_out),
        Err(Left::Merge | Left::Unread) => Some(text.to_owned()),
        Err(Left::Unproven) => None,
    }
}

/// Returns what a layout has changed that it must not change.
pub(crate) fn kept(text: &str, laid_out: &str) -> Result<(), String> {
    let (before, after) = (parse(text), parse(laid_out));
    if solid(text) != solid(laid_out) {
        return Err(format!("something was lost or came in:\n{laid_out}"));
    }
    if comments(&before, text) != comments(&after, laid_out) {
        return Err(format!("comments have changed:\n{laid_out}"));
    }
    if before.file != after.file {
        return Err(format!("the tree has changed:\n{laid_out}"));
    }
    match self::laid_out(laid_out) {
        Some(again) if again == laid_out => Ok(()),
        again => Err(format!("not settled:\n{laid_out}\nagain: {again:?}")),
    }
}

/// Returns everything of a text but its blanks.
fn solid(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !"\u{feff}\u{200b}".contains(*c)).collect()
}

fn comments<'t>(parsed: &Parsed, text: &'t str) -> Vec<&'t str> {
    parsed.comments.iter().map(|comment| comment.span.text(text)).collect()
}

/// Returns what the printed tree of a text without faults is not.
pub(crate) fn printed(text: &str) -> Result<(), String> {
    let parsed = parse(text);
    if !parsed.faults.is_empty() {
        return Ok(());
    }
    let Some(printed) = print(&parsed.file) else {
        return Err("a tree without faults has no text".to_owned());
    };
    let again = parse(&printed);
    if !again.faults.is_empty() {
        return Err(format!("the printed text has faults: {:?}\n{printed}", again.faults));
    }
    if again.file != parsed.file {
        return Err(format!("the printed text has another tree:\n{printed}"));
    }
    match format(&printed) {
        Ok(laid_out) if laid_out == printed => Ok(()),
        other => Err(format!("the printed text is not in the one layout:\n{printed}\n{other:?}")),
    }
}
