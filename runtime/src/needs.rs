//! What a version of a chain asks of a customer, so that no more of her is loaded.

use chainc_compiler::ir::{Action, Chain, Condition, Event, Piece, Placeholder, Step, Window};
use std::collections::BTreeMap;

/// What the steps of a chain ask for beside a customer's own row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Needs {
    /// Her purchases, one by one.
    pub(crate) purchases: bool,
    /// Where she may be written to.
    pub(crate) consents: bool,
    /// Where she can be reached.
    pub(crate) addresses: bool,
    /// Her tags.
    pub(crate) tags: bool,
    /// Her attributes.
    pub(crate) attributes: bool,
    /// What happened to messages to her.
    pub(crate) touched: bool,
    /// Her points.
    pub(crate) points: bool,
    /// The frozen lists she stands on.
    pub(crate) lists: bool,
    /// The pools whose codes she may get, and how many at one go.
    pub(crate) pools: BTreeMap<String, usize>,
}

impl Needs {
    /// Returns what people ask for: everything.
    #[must_use]
    pub(crate) fn all() -> Self {
        Self {
            purchases: true,
            consents: true,
            addresses: true,
            tags: true,
            attributes: true,
            touched: true,
            points: true,
            lists: true,
            pools: BTreeMap::new(),
        }
    }

    /// Tells whether a customer's own row is not enough.
    #[must_use]
    pub(crate) const fn ask_anything(&self) -> bool {
        self.purchases
            || self.consents
            || self.addresses
            || self.tags
            || self.attributes
            || self.touched
            || self.points
            || self.lists
    }

    /// Returns what the steps and texts of a chain ask for.
    #[must_use]
    pub(crate) fn of(chain: &Chain) -> Self {
        let mut needs = Self::default();
        needs.steps(&chain.steps);
        let texts = chain.messages.values().flat_map(|message| message.texts.values());
        let balance = Piece::Value(Placeholder::WalletBalance);
        needs.points |= texts.flat_map(crate::message::pieces).any(|piece| *piece == balance);
        needs
    }

    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            match &step.action {
                Action::If { arms, .. } => {
                    arms.iter().for_each(|arm| self.condition(&arm.condition));
                }
                Action::Wait { unless, .. } => {
                    self.touched |= unless.iter().any(|event| *event != Event::Purchase);
                }
                Action::Promo { pool, .. } => {
                    *self.pools.entry(pool.clone()).or_default() += 1;
                }
                Action::Grant { .. }
                | Action::Cashback { .. }
                | Action::Send { .. }
                | Action::Fallback { .. }
                | Action::Split { .. }
                | Action::Repeat { .. }
                | Action::Exit
                | Action::Tag(_) => {}
            }
            step.inner().for_each(|inner| self.steps(inner));
        }
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| self.condition(part));
            }
            Condition::Not(inner) => self.condition(inner),
            Condition::Frequency { window: Window::Within(_), .. }
            | Condition::Spent { within: Some(_), .. }
            | Condition::AverageCheck { within: Some(_), .. }
            | Condition::Brand { .. }
            | Condition::Bought { .. } => self.purchases = true,
            Condition::Frequency { window: Window::Ever | Window::Per(_), .. }
            | Condition::Spent { within: None, .. }
            | Condition::AverageCheck { within: None, .. }
            | Condition::Recency(_)
            | Condition::Registered(_)
            | Condition::Birthday(_)
            | Condition::City(_)
            | Condition::Overdue(_) => {}
            Condition::Consent(_) => self.consents = true,
            Condition::Reachable(_) => self.addresses = true,
            Condition::Tag(_) => self.tags = true,
            Condition::Balance(_) | Condition::Expiring(_) => self.points = true,
            Condition::Touched { .. } => self.touched = true,
            Condition::Churn(_) | Condition::Attribute { .. } => self.attributes = true,
            Condition::Frozen { .. } => self.lists = true,
        }
    }
}
