//! What makes a finding the same finding when lines above it come and go: its code, its
//! file, its line before and behind the place, and how many like it stand before.

use super::lines::Lines;
use chainc_compiler::Diagnostic;
use std::collections::HashMap;

/// Makes the fingerprints of one report.
#[derive(Default)]
pub(super) struct Fingerprints {
    seen: HashMap<blake3::Hash, u32>,
}

impl Fingerprints {
    /// Returns the fingerprint of the next finding, 32 hexadecimal digits.
    pub(super) fn of(&mut self, found: &Diagnostic, path: &str, lines: &Lines<'_>) -> String {
        let (before, behind) = lines.around(found.place().span.start as usize);
        let mut hasher = blake3::Hasher::new();
        // Neither a new indent nor another line end makes it another finding.
        for piece in [found.code(), path, before.trim_start(), behind.trim_end()] {
            hasher.update(piece.as_bytes());
            hasher.update(&[0]);
        }
        let number = self.seen.entry(hasher.finalize()).or_default();
        hasher.update(&number.to_le_bytes());
        *number += 1;
        hasher.finalize().to_hex().chars().take(32).collect()
    }
}
