//! What goes out: data to standard output, talk to standard error.
//!
//! `print!` panics when the reader has gone (`chainc show x | head`); this does not. Who
//! closes standard output has read enough, so that is no failure.

use crate::failure::Failure;
use std::io::{ErrorKind, IsTerminal, Write};

/// Writes data to standard output.
pub(crate) fn data(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::surroundings(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line, or several, to standard error. If nobody listens, nothing is lost that a
/// command depends on.
pub(crate) fn talk(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = out.write_all(text.trim_end_matches('\n').as_bytes());
    let _ = out.write_all(b"\n");
}

/// Tells whether colours are shown there: on a terminal, unless the environment says otherwise.
pub(crate) fn has_color(stream: &impl IsTerminal) -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if set("NO_COLOR").is_some() {
        return false;
    }
    set("CLICOLOR_FORCE").is_some_and(|value| value != "0") || stream.is_terminal()
}
