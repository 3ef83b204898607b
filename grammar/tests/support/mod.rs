//! What the properties of the grammar and the compiler share: how long they run, and the
//! texts they start from.
#![allow(dead_code, reason = "each test uses its part")]

mod corpus;

use proptest::test_runner::{Config, RngSeed};
use std::hash::{BuildHasher, RandomState};

#[allow(unused_imports, reason = "each test uses its part")]
pub(crate) use corpus::{collect, corpus, root};

/// Returns how often a property is tried: seldom and always the same in a normal run, so
/// that it stays fast and only a change breaks it; with `CHAINC_LONG=1` fifty times as
/// often, and never twice the same.
pub(crate) fn cases(normal: u32) -> Config {
    let rng_seed = if is_long() { RngSeed::Random } else { RngSeed::Fixed(3) };
    Config { cases: times(normal), rng_seed, failure_persistence: None, ..Config::default() }
}

/// Returns how often something is tried, by the same rule.
pub(crate) fn times(normal: u32) -> u32 {
    if is_long() { normal * 50 } else { normal }
}

/// Returns true when there is time.
pub(crate) fn is_long() -> bool {
    std::env::var_os("CHAINC_LONG").is_some_and(|value| value != "0")
}

/// Numbers drawn by the same rule (xorshift).
pub(crate) struct Numbers(u64);

impl Numbers {
    /// Begins: always at the same number, with `CHAINC_LONG=1` anywhere.
    pub(crate) fn new() -> Self {
        Self(if is_long() { RandomState::new().hash_one(0) | 1 } else { 0x5eed })
    }

    /// Returns a number below another.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
    /// Returns one of several.
    pub(crate) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}
