//! The Russian words, one exhaustive `match`.

use super::kind::Kind;
use super::{Words, english};

/// Returns the words for a kind.
pub(super) fn words(kind: &Kind) -> Words {
    english::words(kind)
}
