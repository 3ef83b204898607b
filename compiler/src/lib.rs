//! Syntax trees of chain files in, a checked program (IR) and diagnostics out.
//!
//! Names are resolved here, quantities get their types, a chain gets the hash of
//! its meaning. Pure: no clock, no files, no database, no printing; the caller
//! hands in every text and every setting. The runtime sees only [`ir`], [`units`]
//! and [`sms`].

pub mod ir;
pub mod sms;
pub mod units;
