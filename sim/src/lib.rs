//! The simulator: the real engine and store over virtual time, on a disk that fails.

pub mod crash;
pub mod disk;
pub mod rng;

mod check;
pub mod command;
mod ledger;
mod programs;
mod seeds;
mod world;
