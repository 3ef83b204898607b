//! A seeded stream of throws (SplitMix64): the same seed, the same cases, on every machine.

/// A stream.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Returns the stream of a number under a seed.
    pub(crate) fn of(seed: u64, number: u64) -> Self {
        Self(mix(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ mix(number)))
    }

    /// Returns another stream, by a number.
    pub(crate) fn fork(&self, number: u64) -> Self {
        Self(mix(self.0 ^ mix(number.wrapping_add(1))))
    }

    /// Returns a number below a limit.
    pub(crate) fn roll(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0) % limit.max(1)
    }

    /// Returns a number from a range, both ends included.
    pub(crate) fn range(&mut self, from: i64, to: i64) -> i64 {
        let width = u64::try_from(to - from).expect("a range goes up") + 1;
        from + i64::try_from(self.roll(width)).expect("narrower than the range")
    }

    /// Tells whether something happens that happens so often in a hundred.
    pub(crate) fn percent(&mut self, share: u64) -> bool {
        self.roll(100) < share
    }

    /// Returns one of several.
    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        let index = self.roll(u64::try_from(of.len()).expect("a few"));
        *of.get(usize::try_from(index).expect("a few")).expect("below the length")
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
