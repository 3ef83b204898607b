//! Who is held out of an experiment as control: an exact share of every stratum.
//!
//! A stratum is what customers of an experiment have in common when they first enter: the
//! alternative of the audience they meet, and their band of the chain's first table of grants.
//! Within a stratum customers are decided one after the other by Chromy's sequential method
//! (1979): each one's chance is exactly the share, and after any number of them those held
//! out are the share of that number, rounded up or down. Her draw is a keyed hash of the
//! experiment and her key, so that experiments hold out independently of each other.

use crate::key;
use chainc_compiler::ir::{Action, Amount, Band, Chain, Condition, Step};
use chainc_compiler::units::BasisPoints;

/// A whole customer, in basis points.
const WHOLE: i64 = 10_000;

/// Returns the id of what holds the same customers out: the experiment's, or the chain's own.
#[must_use]
pub(crate) fn experiment(chain: &Chain) -> &str {
    chain.experiment.as_ref().unwrap_or(&chain.name)
}

/// How much of a stratum has been decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stratum {
    /// The shares of all customers decided so far, added up, in basis points of a customer.
    pub(crate) due: i64,
    /// How many of them are held out: `due` in whole customers, rounded up or down.
    pub(crate) held_out: i64,
}

impl Stratum {
    /// Decides the next customer; true if she is held out.
    ///
    /// With the part of a customer that is due, `before` her and `after`, and nobody held out
    /// for it yet, she is taken with the chance that makes the part come true: those taken
    /// before her had the chance `before`. The share may differ from one to the next.
    pub(crate) fn decide(&mut self, experiment: &str, customer: &str, share: BasisPoints) -> bool {
        let (whole, before) = (self.due / WHOLE, self.due % WHOLE);
        self.due = self.due.saturating_add(i64::from(share.0));
        let after = self.due % WHOLE;
        let crosses = self.due / WHOLE > whole;
        let is_ahead = self.held_out > whole;
        let (wanted, of) = match (crosses, is_ahead) {
            (false, false) => (after - before, WHOLE - before),
            (false, true) => (0, 1),
            (true, false) => (1, 1),
            (true, true) => (after, before),
        };
        let draw = key::arm(experiment, customer);
        let is_control = i128::from(draw) * i128::from(of) < i128::from(wanted) << 64;
        self.held_out = self.held_out.saturating_add(i64::from(is_control));
        is_control
    }
}

/// Returns the alternatives of an audience, in the order in which they are written: the parts
/// of an `or`, also of one beside other conditions, as in `(a or b) and not staff`.
pub(crate) fn alternatives(audience: &Condition) -> Vec<&Condition> {
    match audience {
        Condition::Any(parts) => parts.iter().flat_map(alternatives).collect(),
        Condition::All(parts) => {
            let mut several = parts.iter().map(alternatives).filter(|found| found.len() > 1);
            several.next().unwrap_or_else(|| vec![audience])
        }
        _ => vec![audience],
    }
}

/// The strata of a chain. The same condition is the same stratum in every version and every
/// chain of an experiment.
pub(crate) struct Strata<'c> {
    alternatives: Vec<String>,
    bands: &'c [Band],
}

impl<'c> Strata<'c> {
    /// Returns the strata that customers of a chain fall into.
    pub(crate) fn of(chain: &'c Chain) -> Self {
        let ids = alternatives(&chain.audience).into_iter().map(|alternative| {
            let json = serde_json::to_vec(alternative).expect("a condition becomes JSON");
            let mut id = blake3::hash(&json).to_hex().to_string();
            id.truncate(16);
            id
        });
        Self { alternatives: ids.collect(), bands: bands(&chain.steps).unwrap_or_default() }
    }

    /// Returns the stratum of who meets an alternative and has not bought for so many days:
    /// a hash of the alternative, and the days of her band.
    pub(crate) fn name(&self, alternative: usize, recency: Option<u32>) -> String {
        let id = self.alternatives.get(alternative).map_or("", String::as_str);
        let is_hers = |band: &&Band| recency.is_some_and(|d| band.from <= d && d <= band.to);
        match self.bands.iter().find(is_hers) {
            Some(band) => format!("{id} {}..{}", band.from, band.to),
            None => id.to_owned(),
        }
    }
}

/// Returns the first table of grants in a flow.
fn bands(steps: &[Step]) -> Option<&[Band]> {
    steps.iter().find_map(|step| match &step.action {
        Action::Grant { amount: Amount::ByRecency(bands), .. } => Some(bands.as_slice()),
        _ => step.inner().find_map(bands),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chainc_compiler::units::Test;

    fn held_out(experiment: &str, share: u32, n: usize) -> Vec<bool> {
        let mut stratum = Stratum::default();
        (0..n).map(|id| stratum.decide(experiment, &id.to_string(), BasisPoints(share))).collect()
    }

    #[test]
    fn the_share_is_exact_up_to_rounding_at_every_moment() {
        for share in [0, 1, 250, 333, 500, 1_000, 3_300, 5_000, 6_667, 9_900, 10_000] {
            let mut count = 0;
            for (seen, control) in held_out("spring", share, 4_000).into_iter().enumerate() {
                count += i64::from(control);
                let due = i64::from(share) * i64::try_from(seen + 1).unwrap();
                assert!((due - count * WHOLE).abs() < WHOLE, "{count} of {} at {share}", seen + 1);
            }
        }
    }

    #[test]
    fn everybodys_chance_is_the_share_wherever_she_comes() {
        // Over 4,000 experiments the one who comes n-th is held out in 10%: 400 +- 4 sigma.
        let mut times = [0_u32; 25];
        for experiment in 0..4_000 {
            let arms = held_out(&experiment.to_string(), 1_000, times.len());
            times.iter_mut().zip(arms).for_each(|(n, control)| *n += u32::from(control));
        }
        assert!(times.iter().all(|n| (324..=476).contains(n)), "{times:?}");
    }

    #[test]
    fn two_experiments_are_independent() {
        for share in [1_000, 2_000, 333] {
            let (one, other) =
                (held_out("spring", share, 20_000), held_out("autumn", share, 20_000));
            let both = one.iter().zip(&other).filter(|(one, other)| **one && **other).count();
            let expected = 20_000 * i64::from(share) * i64::from(share) / (WHOLE * WHOLE);
            let off = i64::try_from(both).unwrap() - expected;
            assert!(off * off < 16 * expected, "{both} in both, {expected} expected"); // 4 sigma
        }
    }

    #[test]
    fn a_changed_share_holds_from_the_next_customer_on() {
        let mut stratum = Stratum::default();
        let mut count = |range: std::ops::Range<u32>, share| {
            range.filter(|id| stratum.decide("x", &id.to_string(), BasisPoints(share))).count()
        };
        assert_eq!(count(0..1_000, 1_000), 100);
        assert_eq!(count(1_000..2_000, 5_000), 500);
        assert_eq!(count(2_000..3_000, 0), 0);
    }

    #[test]
    fn alternatives_are_the_parts_of_an_or_wherever_it_stands() {
        let recency = |from, to| Condition::Recency(Test::Between(from, to));
        let (cooling, sleeping, leaving) = (recency(30, 59), recency(60, 89), recency(90, 120));
        let nested = Condition::Any(vec![
            Condition::Any(vec![cooling.clone(), sleeping.clone()]),
            leaving.clone(),
        ]);
        let beside = Condition::All(vec![
            Condition::Not(Box::new(Condition::Tag("staff".into()))),
            nested.clone(),
        ]);
        let all = vec![&cooling, &sleeping, &leaving];
        assert_eq!(alternatives(&nested), all);
        assert_eq!(alternatives(&beside), all);
        assert_eq!(alternatives(&cooling), [&cooling]);
    }
}
