//! Sets of whole numbers as ranges: what a comparison leaves of a measure.
//!
//! A measure that can lie between whole numbers (a rate, a share) is doubled before it
//! comes here: `2n` is `n` itself, `2n + 1` is all that lies between `n` and `n + 1`.
//! Comparisons are with whole numbers, so nothing can tell those apart.

/// A set of whole numbers: ranges in order, with room between them; both ends belong.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Ranges(Vec<(i64, i64)>);

impl Ranges {
    /// Returns the numbers from `low` to `high`; none when they are reversed.
    pub(crate) fn new(low: i64, high: i64) -> Self {
        if low > high { Self(Vec::new()) } else { Self(vec![(low, high)]) }
    }

    /// Returns one number.
    pub(crate) fn one(value: i64) -> Self {
        Self::new(value, value)
    }

    /// Returns the ranges, lowest first.
    pub(crate) fn pieces(&self) -> &[(i64, i64)] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, value: i64) -> bool {
        self.0.iter().any(|&(low, high)| low <= value && value <= high)
    }

    pub(crate) fn least(&self) -> Option<i64> {
        self.0.first().map(|&(low, _)| low)
    }

    pub(crate) fn greatest(&self) -> Option<i64> {
        self.0.last().map(|&(_, high)| high)
    }

    /// Returns the least number that is not below `from`.
    pub(super) fn least_from(&self, from: i64) -> Option<i64> {
        self.0.iter().find(|&&(_, high)| high >= from).map(|&(low, _)| low.max(from))
    }

    /// Returns what is in both.
    pub(crate) fn and(&self, other: &Self) -> Self {
        let mut both = Vec::new();
        let (mut mine, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(&&(a, b)), Some(&&(c, d))) = (mine.peek(), theirs.peek()) {
            if a.max(c) <= b.min(d) {
                both.push((a.max(c), b.min(d)));
            }
            if b < d {
                mine.next()
            } else {
                theirs.next()
            };
        }
        Self(both)
    }

    /// Returns true when something is in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let (mut mine, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(&&(a, b)), Some(&&(c, d))) = (mine.peek(), theirs.peek()) {
            if a.max(c) <= b.min(d) {
                return true;
            }
            if b < d {
                mine.next()
            } else {
                theirs.next()
            };
        }
        false
    }

    /// Returns what is in one of them at least.
    pub(crate) fn or(&self, other: &Self) -> Self {
        let mut pieces: Vec<(i64, i64)> = self.0.iter().chain(&other.0).copied().collect();
        pieces.sort_unstable();
        let mut joined: Vec<(i64, i64)> = Vec::with_capacity(pieces.len());
        for (low, high) in pieces {
            match joined.last_mut() {
                Some((_, end)) if low <= end.saturating_add(1) => *end = high.max(*end),
                _ => joined.push((low, high)),
            }
        }
        Self(joined)
    }

    /// Returns what is in this one only.
    pub(crate) fn without(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for &(low, high) in &self.0 {
            let mut from = low;
            for &(c, d) in other.0.iter().filter(|&&(c, d)| c <= high && d >= low) {
                if c > from {
                    left.push((from, c - 1));
                }
                from = from.max(d.saturating_add(1));
            }
            if from <= high {
                left.push((from, high));
            }
        }
        Self(left)
    }

    /// Returns it moved up by something between `least` and `most`, as far as `end`.
    pub(crate) fn moved(&self, least: i64, most: i64, end: i64) -> Self {
        self.0.iter().fold(Self(Vec::new()), |moved, &(low, high)| {
            let to = high.saturating_add(most).min(end);
            moved.or(&Self::new(low.saturating_add(least).min(end), to))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Ranges;
    use crate::support::cases;
    use proptest::prelude::*;

    fn ranges() -> impl Strategy<Value = Ranges> {
        prop::collection::vec((0..30_i64, 0..6_i64), 0..5).prop_map(|pieces| {
            pieces
                .into_iter()
                .fold(Ranges::new(1, 0), |all, (low, more)| all.or(&Ranges::new(low, low + more)))
        })
    }

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn sets_are_what_their_members_say(a in ranges(), b in ranges()) {
            let mut meet = false;
            for n in -2..40 {
                let (in_a, in_b) = (a.contains(n), b.contains(n));
                meet |= in_a && in_b;
                prop_assert_eq!(a.and(&b).contains(n), in_a && in_b);
                prop_assert_eq!(a.or(&b).contains(n), in_a || in_b);
                prop_assert_eq!(a.without(&b).contains(n), in_a && !in_b);
                let next = (n..40).find(|&m| a.contains(m));
                prop_assert_eq!(a.least_from(n), next);
            }
            prop_assert_eq!(a.meets(&b), meet);
            prop_assert_eq!(a.and(&b).is_empty(), !meet);
        }

        #[test]
        fn ranges_stay_in_order_and_apart(a in ranges(), b in ranges()) {
            for set in [a.and(&b), a.or(&b), a.without(&b), a.moved(1, 3, 1000)] {
                prop_assert!(set.pieces().iter().all(|(low, high)| low <= high));
                let apart = |pair: &[(i64, i64)]| pair[0].1 + 1 < pair[1].0;
                prop_assert!(set.pieces().windows(2).all(apart), "{:?}", set);
            }
        }
    }
}
