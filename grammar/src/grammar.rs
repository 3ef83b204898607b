//! The pest parser of `chain.pest`, alone in a module because what pest generates has
//! no documentation.
#![allow(missing_docs, reason = "pest generates a variant per rule, without words")]

use pest_derive::Parser;

/// The parser pest makes of the grammar.
#[derive(Parser)]
#[grammar = "chain.pest"]
pub(crate) struct ChainParser;
