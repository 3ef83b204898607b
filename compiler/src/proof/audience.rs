//! Who is in a condition: whether somebody can be in several at once, whether everybody of
//! one is in another, with an example customer where somebody is.
//!
//! `docs/proofs.md` has what is exact and what is left open.

mod crowds;
mod measure;
mod profile;
mod purchases;
mod ranges;
mod sets;
mod shown;

pub(crate) use crowds::{Crowds, Meeting};
pub(crate) use measure::{ABSENT, MOST, Measure};
pub(crate) use ranges::Ranges;
pub(crate) use sets::{Answer, can_hold, implies, nobody, only_measure, sole_measure, values};
pub(crate) use shown::{above, compared};
