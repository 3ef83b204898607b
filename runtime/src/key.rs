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

/// Returns the number of a customer: her shard in the highest of 55 bits, and a hash of her
/// key. The store gives the next one that is free where somebody has it already.
#[must_use]
pub fn number(customer_id: &str) -> i64 {
    let hash = first_u64(&digest("chainc customer v1", &[customer_id.as_bytes()]));
    (shard(customer_id) << 47) | (hash >> 17).cast_signed()
}

/// A message that a step writes.
#[derive(Debug, Clone, Copy)]
pub struct Effect<'a> {
    /// The customer's number in the store.
    pub number: i64,
    /// Her key.
    pub customer_id: &'a str,
    /// The chain.
    pub chain: &'a str,
    /// How many times she has entered it.
    pub cycle: i64,
    /// The step.
    pub step: &'a str,
    /// The round it is in.
    pub round: u32,
    /// The channel of the message.
    pub channel: &'a str,
}

impl Effect<'_> {
    /// Returns what tells it from everything else of this customer.
    #[must_use]
    pub fn rest(&self) -> i64 {
        let round = if mutant::is(Mutant::EffectKeyWithoutRound) { 0 } else { self.round };
        let hash = digest(
            "chainc effect v1",
            &[
                self.customer_id.as_bytes(),
                self.chain.as_bytes(),
                &self.cycle.to_le_bytes(),
                self.step.as_bytes(),
                &i64::from(round).to_le_bytes(),
                self.channel.as_bytes(),
            ],
        );
        first_u64(&hash).cast_signed()
    }

    /// Returns the idempotency key: 30 hexadecimal digits, of which the first 14 say whose it
    /// is, so that it is found without an index of its own.
    #[must_use]
    pub fn key(&self) -> String {
        whole(self.number, self.rest())
    }
}

/// Returns the idempotency key of a message of a customer.
#[must_use]
pub fn whole(number: i64, rest: i64) -> String {
    format!("{number:014x}{:016x}", rest.cast_unsigned())
}

/// Takes an idempotency key apart: the customer's number, and the rest.
#[must_use]
pub fn parts(key: &str) -> Option<(i64, i64)> {
    let (number, rest) = key.split_at_checked(14).filter(|(_, rest)| rest.len() == 16)?;
    let number = i64::from_str_radix(number, 16).ok()?;
    Some((number, u64::from_str_radix(rest, 16).ok()?.cast_signed()))
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
        assert_eq!(number("42") >> 47, KNOWN_SHARD);
        let effect = Effect {
            number: number("42"),
            customer_id: "42",
            chain: "winback",
            cycle: 1,
            step: "2",
            round: 0,
            channel: "sms",
        };
        assert_eq!(effect.key(), KNOWN_EFFECT);
        assert_eq!(parts(KNOWN_EFFECT), Some((effect.number, effect.rest())));
    }
    const KNOWN_SHARD: i64 = 137;
    const KNOWN_EFFECT: &str = "44b770a50a3f16677a45d036c9bdae";
}
