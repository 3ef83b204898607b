//! What keeps a customer out of a chain: the first of its rules that does, as the engine asks
//! them when it looks at the segment.

use super::Way;
use crate::condition;
use crate::customer::Customer;
use crate::store::operations::{Operation, Standing};
use crate::time::{Day, Moment, Zone};
use chainc_compiler::ir::{Chain, Channel, Condition, Entry, Program, Window};
use chainc_compiler::units::{BasisPoints, Date, Minor, Period, Points, Test};

/// What keeps a customer out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Door {
    /// Somebody paused the chain.
    Paused(Operation),
    /// Somebody stopped the chain.
    Stopped(Operation),
    /// Nobody enters before this day.
    NotYet(Date),
    /// Nobody enters after this day.
    Over(Date),
    /// She was in it, and everybody enters once.
    Once(Moment),
    /// She was in it as often as anybody may be.
    Often(u32),
    /// She was in it, and may come back from this moment on.
    Again(Moment),
    /// She is in a chain that excludes this one.
    Rival {
        /// The other chain.
        chain: String,
        /// Since when she is in it.
        since: Moment,
    },
    /// She is not whom the chain is for.
    NotMeant {
        /// What does not hold of her.
        fails: Vec<Fails>,
        /// From which day on she will be, if she does not buy before.
        from: Option<Date>,
    },
    /// Nothing: she enters when the chain looks at its segment next.
    Open(Moment),
}

/// A part of the condition that does not hold of her, and what is known instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fails {
    /// The part.
    pub part: Condition,
    /// What is known instead.
    pub instead: Known,
}

/// What is known of a customer in place of what a chain wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// So many days since her last purchase; none if `None`.
    LastPurchase(Option<i64>),
    /// So many purchases, over a time or in all.
    Purchases(i64, Option<Period>),
    /// So much spent, over a time or in all.
    Spent(Minor, Option<Period>),
    /// What a channel is to her.
    Channel(Channel),
    /// The forecast chance that she leaves, or none.
    Churn(Option<BasisPoints>),
    /// So many days since she registered; nobody knows if `None`.
    Registered(Option<i64>),
    /// So many points to spend.
    Balance(Points),
    /// This city, or none known.
    City(Option<String>),
    /// This value of an attribute, or none known.
    Attribute(Option<String>),
    /// Nothing that would say more than the condition.
    Nothing,
}

/// A customer before the door of a chain.
pub(super) struct Visit<'a> {
    pub(super) program: &'a Program,
    pub(super) chain: &'a Chain,
    pub(super) customer: &'a Customer,
    pub(super) ways: &'a [Way],
    pub(super) now: Moment,
}

impl Visit<'_> {
    pub(super) fn door(&self, told: Option<Operation>) -> Door {
        if let Some(told) = told {
            return match told.standing {
                Standing::Stopped => Door::Stopped(told),
                Standing::Paused | Standing::Running => Door::Paused(told),
            };
        }
        let business = self.business();
        let today = business.day(self.now);
        if let Some(active) = self.chain.active {
            if today < Day::from_date(active.from) {
                return Door::NotYet(active.from);
            }
            if today > Day::from_date(active.to) {
                return Door::Over(active.to);
            }
        }
        self.been(&business)
            .or_else(|| self.rival())
            .or_else(|| self.not_meant(&business))
            .unwrap_or_else(|| Door::Open(self.next_look(&business)))
    }

    fn business(&self) -> Zone {
        let brand = self.chain.brand.as_ref().and_then(|name| self.program.brands.get(name));
        let own = brand.and_then(|brand| brand.timezone.as_deref());
        Zone::get(own.unwrap_or(&self.program.policy.timezone)).unwrap_or_else(Zone::utc)
    }

    /// What her earlier ways through the chain leave open.
    fn been(&self, business: &Zone) -> Option<Door> {
        let mine: Vec<&Way> =
            self.ways.iter().filter(|way| way.chain.name == self.chain.name).collect();
        let last = mine.iter().map(|way| way.entered_at).max()?;
        match self.chain.entry {
            Entry::Once => Some(Door::Once(last)),
            Entry::Again { after, at_most } => {
                let times = u32::try_from(mine.len()).unwrap_or(u32::MAX);
                if let Some(most) = at_most.filter(|most| times >= *most) {
                    return Some(Door::Often(most));
                }
                let from = business.plus(last, after);
                (from > self.now).then_some(Door::Again(from))
            }
        }
    }

    fn rival(&self) -> Option<Door> {
        let own = self.chain.exclusive.as_ref()?;
        let is_rival = |way: &&Way| {
            let current = self.program.chains.iter().find(|chain| chain.name == way.chain.name);
            let group = current.and_then(|chain| chain.exclusive.as_ref()).map(|e| &e.group);
            way.ended.is_none() && way.chain.name != self.chain.name && group == Some(&own.group)
        };
        let way = self.ways.iter().find(is_rival)?;
        Some(Door::Rival { chain: way.chain.name.clone(), since: way.entered_at })
    }

    fn not_meant(&self, business: &Zone) -> Option<Door> {
        let parts = match &self.chain.audience {
            Condition::All(parts) => parts.iter().collect(),
            other => vec![other],
        };
        let fails: Vec<Fails> = parts
            .into_iter()
            .filter(|part| !condition::holds(part, self.customer, self.now, business))
            .map(|part| Fails { part: part.clone(), instead: self.known(part, business) })
            .collect();
        if fails.is_empty() {
            return None;
        }
        let from = match fails.as_slice() {
            [Fails { part, .. }] => self.from(part, business),
            _ => None,
        };
        Some(Door::NotMeant { fails, from })
    }

    fn known(&self, part: &Condition, business: &Zone) -> Known {
        let who = self.customer;
        let days = |at: Option<Moment>| at.map(|at| business.day(self.now).0 - business.day(at).0);
        match part {
            Condition::Recency(_) => Known::LastPurchase(days(who.last_purchase_at)),
            Condition::Any(parts) | Condition::All(parts)
                if parts.iter().all(|part| matches!(part, Condition::Recency(_))) =>
            {
                Known::LastPurchase(days(who.last_purchase_at))
            }
            Condition::Frequency { window: Window::Within(period), .. } => {
                Known::Purchases(self.bought(*period, business).0, Some(*period))
            }
            Condition::Frequency { .. } => Known::Purchases(who.purchases, None),
            Condition::Spent { within: Some(period), .. } => {
                Known::Spent(self.bought(*period, business).1, Some(*period))
            }
            Condition::Spent { within: None, .. } => Known::Spent(who.spent, None),
            Condition::Consent(channel) | Condition::Reachable(channel) => Known::Channel(*channel),
            Condition::Churn(_) => Known::Churn(
                who.attributes
                    .get(condition::CHURN)
                    .and_then(|text| text.parse().ok())
                    .map(BasisPoints),
            ),
            Condition::Registered(_) => Known::Registered(days(who.registered_at)),
            Condition::Balance(_) => Known::Balance(who.balance()),
            Condition::City(_) => Known::City(who.city.clone()),
            Condition::Attribute { name, .. } => {
                Known::Attribute(who.attributes.get(name).cloned())
            }
            Condition::Not(inner) => self.known(inner, business),
            _ => Known::Nothing,
        }
    }

    /// How often she bought over a time, and for how much.
    fn bought(&self, period: Period, business: &Zone) -> (i64, Minor) {
        let since = condition::since(period, self.now, business);
        let bought = self.customer.bought.iter().filter(|bought| since <= bought.at);
        bought.fold((0, Minor(0)), |(n, sum), bought| (n + 1, Minor(sum.0 + bought.amount.0)))
    }

    /// The day on which time alone brings her into a band of recency.
    fn from(&self, part: &Condition, business: &Zone) -> Option<Date> {
        let last = business.day(self.customer.last_purchase_at?);
        let today = business.day(self.now).0 - last.0;
        let least = |test: &Test| test.bounds().0.filter(|least| *least > today);
        let least = match part {
            Condition::Recency(test) => least(test),
            Condition::Any(parts) => {
                let tests = parts.iter().map(|part| match part {
                    Condition::Recency(test) => least(test),
                    _ => None,
                });
                tests.flatten().min()
            }
            _ => None,
        }?;
        Some(Day(last.0.saturating_add(least)).to_date())
    }

    fn next_look(&self, business: &Zone) -> Moment {
        let schedule = self.chain.schedule;
        business.first_at(self.now.plus_millis(1), schedule.on, schedule.at)
    }
}
