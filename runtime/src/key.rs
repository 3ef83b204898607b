//! Keys that are derived, never drawn: shards, arms, effects, events.
//!
//! All are BLAKE3 over length-prefixed parts under a fixed context, so that the same
//! customer and the same effect have the same key on every machine and in every run.
//! A context string must never change: stores and providers hold what came of it.

use crate::mutant::{self, Mutant};

/// How many shards the keys are spread over. Fixed: it is part of stored primary keys.
pub const SHARDS: u64 = 256;

fn digest(context: &str, parts: &[&[u8]]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_derive_key(context);
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        hasher.update(&length.to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize()
}

fn first_u64(hash: &blake3::Hash) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(hash.as_bytes().get(..8).expect("a hash has 32 bytes"));
    u64::from_be_bytes(bytes)
}

/// Returns the shard of a customer, `0..SHARDS`.
#[must_use]
pub fn shard(customer_id: &str) -> i64 {
    let hash = digest("chainc shard v1", &[customer_id.as_bytes()]);
    i64::try_from(first_u64(&hash) % SHARDS).expect("a shard fits")
}

/// Returns what a customer draws in an experiment, which decides whether she is held out: any
/// number, each with the same chance, and independent of what she draws in another.
#[must_use]
pub fn arm(experiment: &str, customer_id: &str) -> u64 {
    first_u64(&digest("chainc arm v1", &[experiment.as_bytes(), customer_id.as_bytes()]))
}

/// Returns where a customer stands in the order in which those of one look are decided.
#[must_use]
pub fn order(experiment: &str, customer_id: &str) -> u64 {
    first_u64(&digest("chainc arm order v1", &[experiment.as_bytes(), customer_id.as_bytes()]))
}

/// Returns the lot a customer draws at a `split`, in `0..10_000`: the same at every entry,
/// and independent of every other split and of who is control.
#[must_use]
pub fn lot(experiment: &str, chain: &str, arms: &str, nth: u64, customer_id: &str) -> u32 {
    let hash = digest(
        "chainc lot v1",
        &[
            experiment.as_bytes(),
            chain.as_bytes(),
            arms.as_bytes(),
            &nth.to_le_bytes(),
            customer_id.as_bytes(),
        ],
    );
    place(&hash)
}

/// Where a hash lies in `0..10_000`.
fn place(hash: &blake3::Hash) -> u32 {
    let place = (u128::from(first_u64(hash)) * 10_000) >> 64;
    u32::try_from(place).expect("below 10,000")
}

/// Returns the idempotency key of an effect: 32 hexadecimal digits.
#[must_use]
pub fn effect(
    customer_id: &str,
    chain: &str,
    cycle: i64,
    step: &str,
    round: i64,
    channel: &str,
) -> String {
    let round = if mutant::is(Mutant::EffectKeyWithoutRound) { 0 } else { round };
    let hash = digest(
        "chainc effect v1",
        &[
            customer_id.as_bytes(),
            chain.as_bytes(),
            &cycle.to_le_bytes(),
            step.as_bytes(),
            &round.to_le_bytes(),
            channel.as_bytes(),
        ],
    );
    hash.to_hex().chars().take(32).collect()
}

/// Returns the id of an event that came from outside: 16 bytes.
#[must_use]
pub fn event(parts: &[&[u8]]) -> [u8; 16] {
    let hash = digest("chainc event v1", parts);
    let mut id = [0; 16];
    id.copy_from_slice(hash.as_bytes().get(..16).expect("a hash has 32 bytes"));
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stored shards and arms came of these values; if this test fails, the change is wrong.
    #[test]
    fn keys_never_change() {
        assert_eq!(shard("42"), KNOWN_SHARD);
        assert_eq!(effect("42", "winback", 1, "2", 0, "sms"), KNOWN_EFFECT);
    }
    const KNOWN_SHARD: i64 = 137;
    const KNOWN_EFFECT: &str = "677a45d036c9bdae0527fb1b59259c7c";
}
