//! How long a text can become: SMS parts for the longest and the shortest values.
//!
//! A value is taken to be written in the alphabet of the text around it.

use crate::ir::{Action, Amount, Chain, Piece, Placeholder, Policy, Step, Template};
use crate::sms;
use crate::units::BasisPoints;

/// The longest and the shortest values a chain's placeholders can have.
#[derive(Debug, Clone)]
pub struct Values<'v> {
    policy: &'v Policy,
    /// The fewest and the most points of a grant.
    points: Option<(i64, i64)>,
    /// The characters of the shortest and of the longest cashback rate.
    rate: Option<(u32, u32)>,
}

/// How many parts an SMS has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// With the shortest values.
    pub fewest: u32,
    /// With the longest values.
    pub most: u32,
    /// How many signs the longest values are too many for the fewest parts.
    pub over: u32,
    /// How many signs the fewest parts hold.
    pub room: u32,
}

impl<'v> Values<'v> {
    /// Returns what the values of a chain's placeholders can be.
    #[must_use]
    pub fn of(chain: &Chain, policy: &'v Policy) -> Self {
        let mut values = Self { policy, points: None, rate: None };
        values.learn(&chain.steps);
        values
    }

    fn learn(&mut self, steps: &[Step]) {
        for step in steps {
            match &step.action {
                Action::Grant { amount: Amount::Fixed(points), .. } => self.point(points.0),
                Action::Grant { amount: Amount::ByRecency(bands), .. } => {
                    bands.iter().for_each(|band| self.point(band.points.0));
                }
                Action::Cashback { rate, .. } => {
                    let length = length_of(*rate);
                    let known = self.rate.unwrap_or((length, length));
                    self.rate = Some((known.0.min(length), known.1.max(length)));
                }
                _ => {}
            }
            for steps in step.inner() {
                self.learn(steps);
            }
        }
    }

    fn point(&mut self, points: i64) {
        let known = self.points.unwrap_or((points, points));
        self.points = Some((known.0.min(points), known.1.max(points)));
    }

    /// Returns how many characters the longest value has.
    #[must_use]
    pub fn longest(&self, placeholder: Placeholder) -> u32 {
        if let Some(said) = self.policy.longest.get(&placeholder) {
            return *said;
        }
        match (placeholder, self.points, self.rate) {
            // `500 points`, `500 баллов`
            (Placeholder::GrantPoints, Some((_, most)), _) => digits(most) + 7,
            (Placeholder::CashbackRate, _, Some((_, most))) => most,
            _ => placeholder.longest(),
        }
    }

    /// Returns how many characters the shortest value has.
    #[must_use]
    pub fn shortest(&self, placeholder: Placeholder) -> u32 {
        let length = match (placeholder, self.points, self.rate) {
            (Placeholder::CustomerFirstName | Placeholder::CustomerLastName, _, _) => 2,
            (Placeholder::CustomerCity, _, _) => 3,
            // `1 балл`
            (Placeholder::GrantPoints, Some((fewest, _)), _) => digits(fewest) + 5,
            (Placeholder::GrantPoints | Placeholder::WalletBalance, _, _) => 6,
            // `1 May`, `1 мая`
            (
                Placeholder::GrantExpires
                | Placeholder::CashbackExpires
                | Placeholder::PromoExpires,
                _,
                _,
            ) => 5,
            (Placeholder::CashbackRate, _, Some((fewest, _))) => fewest,
            (Placeholder::CashbackRate, _, None) => 2,
            (Placeholder::PromoCode, _, _) => 4,
            (Placeholder::Link | Placeholder::Unsubscribe, _, _) => 12,
        };
        length.min(self.longest(placeholder))
    }

    /// Returns how many parts a text is sent in.
    #[must_use]
    pub fn parts(&self, template: &Template) -> Parts {
        let is_wide = |piece: &Piece| match piece {
            Piece::Text(text) => sms::is_wide(text),
            Piece::Value(_) => false,
        };
        let sign = if template.iter().any(is_wide) { "я" } else { "a" };
        let filled = |length: &dyn Fn(Placeholder) -> u32| -> String {
            let pieces = template.iter().map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Value(placeholder) => {
                    sign.repeat(usize::try_from(length(*placeholder)).unwrap_or(0).min(2000))
                }
            });
            pieces.collect()
        };
        let longest = filled(&|placeholder| self.longest(placeholder));
        let fewest = sms::parts(&filled(&|placeholder| self.shortest(placeholder)));
        let room = sms::room(&longest, fewest);
        let over = sms::units(&longest).saturating_sub(room);
        Parts { fewest, most: sms::parts(&longest), over, room }
    }
}

fn digits(points: i64) -> u32 {
    points.checked_ilog10().unwrap_or(0) + 1
}

fn length_of(rate: BasisPoints) -> u32 {
    let whole = digits(i64::from(rate.0 / 100));
    let part = match rate.0 % 100 {
        0 => 0,
        part if part % 10 == 0 => 2,
        _ => 3,
    };
    whole + part + 1
}

#[cfg(test)]
mod tests {
    use super::{digits, length_of};
    use crate::units::BasisPoints;

    #[test]
    fn numbers_have_their_lengths() {
        assert_eq!([0, 9, 10, 300, 1_000].map(digits), [1, 1, 2, 3, 4]);
        assert_eq!(
            [500, 2_000, 250, 1_225, 10_000].map(|r| length_of(BasisPoints(r))),
            [2, 3, 4, 6, 4]
        );
    }
}
