//! The simulator: the real engine and store over virtual time, on a disk that fails.

pub mod disk;
pub mod rng;
