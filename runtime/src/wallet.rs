//! The arithmetic of a wallet: which points pay for what, and what comes back.
//!
//! Pure; integers only. Points that came at once are a lot. They are spent in the order in
//! which they expire, so that as few as possible are lost.

use crate::time::Moment;
use chainc_compiler::units::{BasisPoints, Minor, Points};

/// What is left of points that came at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// Its name in the wallet: the key of the entry that brought it.
    pub key: String,
    /// What is left of it; below zero only for what she owes.
    pub left: Points,
    /// When they came.
    pub since: Moment,
    /// From when on they cannot be spent any more; for good if `None`.
    pub expires_at: Option<Moment>,
    /// The only brand they can be spent at; anywhere if `None`.
    pub brand: Option<String>,
}

/// The name of the lot that holds what a customer owes: points she had spent before they
/// had to be taken back, or spent at a till that did not ask.
pub const OWED: &str = "owed";

impl Lot {
    /// Tells whether they can be spent at a moment.
    #[must_use]
    pub fn is_valid(&self, at: Moment) -> bool {
        self.expires_at.is_none_or(|expires_at| expires_at > at)
    }

    fn pays(&self, at: Moment, brand: Option<&str>) -> bool {
        let is_hers = self.brand.as_deref().is_none_or(|own| Some(own) == brand);
        self.left.0 > 0 && self.since <= at && self.is_valid(at) && is_hers
    }
}

/// How a sum of points is paid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payment {
    /// Keys of lots, and what each gives.
    pub from: Vec<(String, Points)>,
    /// What no lot could give.
    pub uncovered: Points,
}

/// Pays points at a moment, at a brand: first what expires first; of two that expire
/// together, what can be spent at fewer places, then what came first.
#[must_use]
pub fn pay(lots: &[Lot], points: Points, at: Moment, brand: Option<&str>) -> Payment {
    let mut paying: Vec<&Lot> = lots.iter().filter(|lot| lot.pays(at, brand)).collect();
    paying.sort_by_key(|lot| {
        let expires = lot.expires_at.map_or(i64::MAX, |at| at.0);
        (expires, lot.brand.is_none(), lot.since, lot.key.clone())
    });
    let mut payment = Payment { from: Vec::new(), uncovered: points };
    for lot in paying {
        let part = lot.left.0.min(payment.uncovered.0);
        if part > 0 {
            payment.from.push((lot.key.clone(), Points(part)));
            payment.uncovered.0 -= part;
        }
    }
    payment
}

/// What a purchase brings at a rate, in whole points of a worth, rounded down. What the
/// till gave for the purchase already is part of it.
#[must_use]
pub fn cashback(amount: Minor, rate: BasisPoints, point: Minor, given: Points) -> Points {
    let worth = i128::from(point.0.max(1));
    let points = i128::from(amount.0) * i128::from(rate.0) / (10_000 * worth);
    let points = i64::try_from(points).unwrap_or(i64::MAX);
    Points(points.saturating_sub(given.0).max(0))
}

/// The share of points that belongs to what was returned of a purchase, rounded down.
/// A purchase for nothing is returned whole.
#[must_use]
pub fn share(points: Points, returned: Minor, of: Minor) -> Points {
    if returned >= of {
        return points;
    }
    let part = i128::from(points.0) * i128::from(returned.0) / i128::from(of.0);
    Points(i64::try_from(part).unwrap_or(points.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lot(key: &str, left: i64, expires_at: Option<i64>, brand: Option<&str>) -> Lot {
        Lot {
            key: key.into(),
            left: Points(left),
            since: Moment(0),
            expires_at: expires_at.map(Moment),
            brand: brand.map(str::to_owned),
        }
    }

    fn paid(lots: &[Lot], points: i64, brand: Option<&str>) -> (String, i64) {
        let payment = pay(lots, Points(points), Moment(10), brand);
        let from: Vec<String> =
            payment.from.iter().map(|(key, part)| format!("{key} {}", part.0)).collect();
        (from.join(", "), payment.uncovered.0)
    }

    #[test]
    fn what_expires_first_is_spent_first() {
        let lots = [
            lot("for good", 100, None, None),
            lot("late", 100, Some(40), None),
            lot("soon", 100, Some(20), None),
            lot("over", 100, Some(10), None),
        ];
        assert_eq!(paid(&lots, 150, None), ("soon 100, late 50".into(), 0));
        assert_eq!(paid(&lots, 350, None), ("soon 100, late 100, for good 100".into(), 50));
    }

    #[test]
    fn points_of_a_brand_are_spent_there_only_and_before_others() {
        let lots = [lot("any", 100, Some(20), None), lot("toys", 100, Some(20), Some("toys"))];
        assert_eq!(paid(&lots, 150, Some("toys")), ("toys 100, any 50".into(), 0));
        assert_eq!(paid(&lots, 150, Some("books")), ("any 100".into(), 50));
        assert_eq!(paid(&lots, 150, None), ("any 100".into(), 50));
    }

    #[test]
    fn debts_and_points_still_to_come_pay_nothing() {
        let mut later = lot("later", 100, None, None);
        later.since = Moment(11);
        assert_eq!(paid(&[lot(OWED, -50, None, None), later], 10, None), (String::new(), 10));
    }

    #[test]
    fn a_fifth_of_1_900_roubles_is_380_points() {
        let fifth = BasisPoints(2_000);
        let rouble = Minor(100);
        assert_eq!(cashback(Minor(190_000), fifth, rouble, Points(0)), Points(380));
        assert_eq!(cashback(Minor(190_499), fifth, rouble, Points(0)), Points(380));
        assert_eq!(cashback(Minor(190_000), fifth, rouble, Points(95)), Points(285));
        assert_eq!(cashback(Minor(190_000), fifth, rouble, Points(500)), Points(0));
        assert_eq!(cashback(Minor(1_900), fifth, Minor(1), Points(0)), Points(380));
        let most = cashback(Minor(i64::MAX), BasisPoints(10_000), Minor(1), Points(0));
        assert_eq!(most, Points(i64::MAX));
    }

    #[test]
    fn a_part_that_comes_back_takes_its_part_of_the_points() {
        assert_eq!(share(Points(381), Minor(500), Minor(1_000)), Points(190));
        assert_eq!(share(Points(381), Minor(1_000), Minor(1_000)), Points(381));
        assert_eq!(share(Points(381), Minor(0), Minor(0)), Points(381));
    }
}
