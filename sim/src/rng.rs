//! The one source of chance: a seeded generator whose streams never touch each other.
//!
//! `SplitMix64`. [`Rng::fork`] gives a part of a world its own stream, by name, so that a
//! draw more in one part changes nothing in another.

/// A seeded generator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// Returns the generator of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Returns a generator of its own for a part that has a name. Forking draws nothing:
    /// the same parent and label give the same child.
    #[must_use]
    pub fn fork(&self, label: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.state.to_le_bytes());
        hasher.update(label.as_bytes());
        let mut state = [0; 8];
        hasher.finalize_xof().fill(&mut state);
        Self { state: u64::from_le_bytes(state) }
    }

    /// Draws 64 bits.
    pub const fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Draws a number less than `n`; 0 if there is none.
    pub const fn below(&mut self, n: u64) -> u64 {
        // The high half of a product: no division, and no bias that anybody could see.
        ((self.draw() as u128 * n as u128) >> 64) as u64
    }

    /// Draws a number between two, both included.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let span = to.abs_diff(from).saturating_add(1);
        from.wrapping_add_unsigned(self.below(span))
    }

    /// Tells whether something happens that happens `n` times of `of`.
    pub const fn chance(&mut self, n: u64, of: u64) -> bool {
        self.below(of) < n
    }

    /// Draws one of some things.
    ///
    /// # Panics
    /// If there are none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let index = usize::try_from(self.below(of.len() as u64)).expect("it is less than a usize");
        of.get(index).expect("one is only picked where there are some")
    }

    /// Puts things into an order that is drawn.
    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for end in (1..things.len()).rev() {
            let other = self.below(end as u64 + 1);
            things.swap(end, usize::try_from(other).expect("it is less than a usize"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_label_give_the_same_stream() {
        let mut one = Rng::new(7);
        let mut other = Rng::new(7);
        assert_eq!(one.fork("disk"), other.fork("disk"));
        assert_ne!(one.fork("disk"), one.fork("clock"));
        assert!((0..100).all(|_| one.draw() == other.draw()));
    }

    #[test]
    fn draws_stay_in_their_bounds_and_reach_them() {
        let mut rng = Rng::new(1);
        let drawn: std::collections::BTreeSet<_> = (0..200).map(|_| rng.between(-2, 2)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [-2, -1, 0, 1, 2]);
        assert_eq!(rng.below(0), 0);
        assert!((0..100).all(|_| rng.chance(1, 1) && !rng.chance(0, 1)));
        let mut things: Vec<_> = (0..10).collect();
        rng.shuffle(&mut things);
        things.sort_unstable();
        assert_eq!(things, (0..10).collect::<Vec<_>>());
    }
}
