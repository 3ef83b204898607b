//! Seeds that have failed once: they are run first, for good.

use crate::world::life::Life;

/// The list: a seed, when it was fixed, and why it failed, a line each; before the seed of a
/// long life `long`.
const KEPT: &str = include_str!("../seeds.txt");

/// Returns the seeds that have failed once.
pub(crate) fn kept(life: Life) -> Vec<u64> {
    let lines = KEPT.lines().filter(|line| !line.starts_with('#'));
    let of_life = lines.filter_map(|line| match life {
        Life::Short => Some(line),
        Life::Long => line.strip_prefix("long "),
    });
    of_life.filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect()
}
