//! What happens to a customer, arrow by arrow.

use super::{Channel, Condition};
use crate::units::{BasisPoints, ClockTime, Date, Period, Points, Weekday};
use serde::{Deserialize, Serialize};

/// One arrow of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Stable within a version, part of every effect's key: `1`, `2`, ...; the second step
    /// of the first arm of step 3 is `3.1.2`, an `else` is the last arm, the inside of a
    /// `repeat` its only one.
    pub id: String,
    /// The step in its one layout, for reports; of a block what stands before its brace.
    /// Not part of the meaning of a chain.
    pub text: String,
    /// What it does.
    pub action: Action,
}

impl Step {
    /// Returns the flows inside of it, in order.
    pub fn inner(&self) -> impl Iterator<Item = &[Step]> {
        let lists: Vec<&[Step]> = match &self.action {
            Action::If { arms, otherwise } => {
                let arms = arms.iter().map(|arm| arm.steps.as_slice());
                arms.chain(otherwise.iter().map(Vec::as_slice)).collect()
            }
            Action::Split { arms } => arms.iter().map(|arm| arm.steps.as_slice()).collect(),
            Action::Repeat { steps, .. } => vec![steps],
            Action::Grant { .. }
            | Action::Cashback { .. }
            | Action::Promo { .. }
            | Action::Send { .. }
            | Action::Fallback { .. }
            | Action::Wait { .. }
            | Action::Exit
            | Action::Tag(_) => Vec::new(),
        };
        lists.into_iter()
    }
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// `grant 300 expires 14d at toys`
    Grant {
        /// How many points.
        amount: Amount,
        /// How long they live, counted from the grant.
        expires: Option<Period>,
        /// The brand that gives them.
        at: Option<String>,
    },
    /// `cashback 20% for 7d up to 500 points`
    Cashback {
        /// How much of each purchase comes back as points.
        rate: BasisPoints,
        /// For how long.
        period: Period,
        /// At most so many points in all.
        up_to: Option<Points>,
    },
    /// `promo toys expires 14d`
    Promo {
        /// The pool a code is taken from.
        pool: String,
        /// How long it can be used, counted from the step.
        expires: Option<Period>,
    },
    /// `sms offer within 6h`
    Send {
        /// By which channel.
        channel: Channel,
        /// Which message of [`Chain::messages`].
        message: String,
        /// Staler than that it is not sent.
        within: Option<Period>,
    },
    /// `fallback email`: sends only if no send of its ladder reached the customer.
    Fallback {
        /// By which channel.
        channel: Channel,
        /// Which message of [`Chain::messages`].
        message: String,
        /// Staler than that it is not sent.
        within: Option<Period>,
    },
    /// `wait 3d unless purchase`
    Wait {
        /// How long.
        delay: Delay,
        /// What ends the chain instead, a purchase as converted.
        unless: Vec<Event>,
    },
    /// `if vip { ... } else { ... }`: the first arm whose condition holds.
    If {
        /// The arms with a condition, in order.
        arms: Vec<IfArm>,
        /// What the others get; they go on behind the block when `None`.
        otherwise: Option<Vec<Step>>,
    },
    /// `split { soft 40% { ... } hard 60% { ... } }`: by lot, the same at every entry.
    Split {
        /// The arms, in order; their shares come to 100%.
        arms: Vec<SplitArm>,
    },
    /// `repeat weekly on tue at 12:00 until 2025-10-31 max 13 { ... }`
    Repeat {
        /// The moments a round begins.
        every: Every,
        /// True for `until purchase`.
        until_purchase: bool,
        /// The last day a round may begin, in the business zone.
        until: Option<Date>,
        /// At most so many rounds.
        max: Option<u32>,
        /// What happens in a round.
        steps: Vec<Step>,
    },
    /// `exit`: the chain is over for this customer.
    Exit,
    /// `tag "reactivated-2026"`
    Tag(String),
}

/// How long a wait is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delay {
    /// `wait 3d`
    For(Period),
    /// `wait until sat 11:00`, `wait until 2026-03-08 11:00`: the next such moment in the
    /// customer's zone, never the present one.
    Until {
        /// The day.
        day: Day,
        /// The time of that day.
        at: ClockTime,
    },
}

/// Which day a wait is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// The next day on which the time is still to come.
    Any,
    /// The next such day of the week.
    Weekday(Weekday),
    /// This day; no wait at all when it is over.
    Date(Date),
}

/// An arm of `if`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IfArm {
    /// For whom.
    pub condition: Condition,
    /// What happens to them.
    pub steps: Vec<Step>,
}

/// An arm of `split`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitArm {
    /// Its name.
    pub name: String,
    /// Its share.
    pub share: BasisPoints,
    /// What happens to them.
    pub steps: Vec<Step>,
}

/// When a round of `repeat` begins, in the customer's zone. The first one is the first
/// such moment after the step is reached, or at once where no time of the day is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// `daily [at 12:00]`, `every 3d [at 12:00]`, `every 6h`: from one beginning to the next.
    Period {
        /// The time between.
        period: Period,
        /// The time of the day.
        at: Option<ClockTime>,
    },
    /// `weekly on tue [at 12:00]`
    Weekly {
        /// The day of the week.
        on: Weekday,
        /// The time of the day.
        at: Option<ClockTime>,
    },
}

/// How many points a grant gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// The same for everybody.
    Fixed(Points),
    /// `by recency { 30..59: 100, ... }`: by whole days since the last purchase on the
    /// day the customer entered. Nobody outside the bands gets anything.
    ByRecency(Vec<Band>),
}

/// One row of a `by recency` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// First day of the band.
    pub from: u32,
    /// Last day of the band, which belongs to it.
    pub to: u32,
    /// What it gives.
    pub points: Points,
}

/// Something that happens to a customer from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A purchase since the customer entered the chain.
    Purchase,
    /// A click in this message since the customer entered the chain.
    Clicked(String),
    /// This message was opened since the customer entered the chain.
    Opened(String),
    /// This event of the project's own happened since the customer entered the chain.
    Own(String),
}
