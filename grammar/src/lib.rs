//! Text of a chain file in, a syntax tree and typed faults out.
//!
//! [`parse`] never fails: what could not be read is a `Bad` node in the tree and a
//! [`fault::Fault`] beside it, and everything around it is read as usual. Comments are
//! kept in a table of their own. Knows nothing of names, types or meaning, has no
//! wording for people, does no I/O.
//!
//! [`format()`] lays a text out, [`print`] writes a tree.
//!
//! How recovery works is told at the top of `chain.pest`.

mod build;
pub mod fault;
mod format;
mod grammar;
mod moved;
mod parser;
mod print;
mod recover;
mod respell;
mod scan;
mod slips;
pub mod syntax;
pub mod words;

pub use format::{Left, format};
pub use parser::{Parsed, parse};
pub use print::print;
pub use scan::MAX_NESTING;
