//! How a world lives: for days, in which much happens, or for years, in which little does.

use crate::check::zones::DAY;
use crate::programs::{DRAFTS, Draft, FIRST_DAYS, LONG, LONG_FIRST_DAYS};
use crate::rng::Rng;

/// How long a world lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Life {
    /// For 20 to 300 days, with much in each.
    #[default]
    Short,
    /// For 3 to 12 years, with weeks in which nothing happens.
    Long,
}

/// What is drawn of a world before anybody lives in it.
pub(crate) struct Fate {
    pub(crate) first_day: i64,
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// When chains are changed.
    pub(crate) changes: Vec<i64>,
    /// Crashes, faults and dangers, of a thousand turns.
    pub(crate) crashes: u64,
    pub(crate) faults: u64,
    pub(crate) dangers: u64,
    /// How many operations lie before a crash at most.
    pub(crate) reach: u64,
}

impl Life {
    /// The program of a seed.
    pub(crate) fn draft(self, seed: u64) -> &'static Draft {
        let all: &[Draft] = match self {
            Self::Short => &DRAFTS,
            Self::Long => &LONG,
        };
        &all[usize::try_from(seed % all.len() as u64).unwrap_or(0)]
    }

    pub(crate) fn draw(self, rng: &mut Rng) -> Fate {
        let first_days: &[i64] = match self {
            Self::Short => &FIRST_DAYS,
            Self::Long => &LONG_FIRST_DAYS,
        };
        let first_day = *rng.pick(first_days);
        let from = first_day * DAY + rng.between(0, DAY);
        let days = match self {
            Self::Short => match rng.below(20) {
                0..=10 => rng.between(20, 40),
                11..=17 => rng.between(40, 70),
                18 => rng.between(70, 150),
                _ => rng.between(150, 300),
            },
            Self::Long => rng.between(3 * 365, 12 * 365),
        };
        let to = from + days * DAY;
        let times = match self {
            Self::Short => rng.below(3),
            Self::Long => 1 + rng.below(8),
        };
        let changes = (0..times).map(|_| from + rng.between(2 * DAY, to - from)).collect();
        let [crashes, faults, dangers] = match self {
            Self::Short => [
                *rng.pick(&[20, 60, 60, 120]),
                *rng.pick(&[0, 10, 30]),
                *rng.pick(&[100, 350, 600]),
            ],
            Self::Long => {
                [*rng.pick(&[3, 8, 8, 20]), *rng.pick(&[0, 3, 8]), *rng.pick(&[15, 50, 100])]
            }
        };
        let reach = *rng.pick(&[15, 60, 150]);
        Fate { first_day, from, to, changes, crashes, faults, dangers, reach }
    }
}
