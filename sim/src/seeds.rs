//! Seeds that have failed once: they are run first, for good.

/// The list: a seed, when it was fixed, and why it failed, a line each.
const KEPT: &str = include_str!("../seeds.txt");

/// Returns the seeds that have failed once.
pub(crate) fn kept() -> Vec<u64> {
    let lines = KEPT.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect()
}
