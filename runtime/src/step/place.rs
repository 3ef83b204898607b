//! Where in a chain a customer stands: the way to a step through the blocks around it.

use chainc_compiler::ir::{Chain, Step};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The way to a step. It reads like the step's id: `3.1.2` is the second step of the first
/// arm of the third step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Place(Vec<u32>);

impl Place {
    /// Returns the first step of a chain.
    #[must_use]
    pub fn first() -> Self {
        Self(vec![1])
    }

    /// Reads what [`Place`] displays.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Option<Vec<u32>> =
            text.split('.').map(|part| part.parse().ok().filter(|number| *number > 0)).collect();
        parts.filter(|parts| parts.len() % 2 == 1).map(Self)
    }

    /// Returns the step that stands here; `None` behind the last step of a flow.
    #[must_use]
    pub fn step<'c>(&self, chain: &'c Chain) -> Option<&'c Step> {
        let mut steps = chain.steps.as_slice();
        let mut numbers = self.0.iter();
        loop {
            let step = steps.get(index(*numbers.next()?))?;
            let Some(arm) = numbers.next() else { return Some(step) };
            steps = step.inner().nth(index(*arm))?;
        }
    }

    /// Goes to the next step of the flow.
    pub(crate) fn go_on(&mut self) {
        if let Some(last) = self.0.last_mut() {
            *last = last.saturating_add(1);
        }
    }

    /// Goes to the first step of an arm of the block that stands here, counted from 0.
    pub(crate) fn enter(&mut self, arm: usize) {
        let number = u32::try_from(arm).unwrap_or(u32::MAX).saturating_add(1);
        self.0.extend([number, 1]);
    }

    /// Goes back to the block around this place; false where there is none.
    pub(crate) fn leave(&mut self) -> bool {
        if self.0.len() < 3 {
            return false;
        }
        self.0.truncate(self.0.len() - 2);
        true
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX).wrapping_sub(1)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, number) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            write!(f, "{number}")?;
        }
        Ok(())
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.to_string()
    }
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no place in a chain"))
    }
}
