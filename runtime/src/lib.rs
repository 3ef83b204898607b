//! Compiled chains and a customer store in, effects out.
//!
//! The [`step`](mod@step) function is the one meaning of a chain; the [`engine`] applies it
//! to batches of customers in the [`store`], and messages leave through [`channel`]s.
//! [`intake`] brings customers and purchases in, [`clock`] turns time: the wall's or a
//! replay's. Reads IR only, never the text of a chain, and prints nothing.

pub mod channel;
pub mod clock;
pub mod condition;
mod control;
pub mod customer;
pub mod engine;
pub mod enrolment;
pub mod intake;
pub mod key;
pub mod links;
mod lists;
pub mod message;
pub mod mutant;
mod needs;
pub mod sources;
pub mod step;
pub mod store;
pub mod time;
pub mod wallet;
pub mod why;
