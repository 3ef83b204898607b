//! Whether a condition holds of a customer at a moment: its meaning over plain values.
//!
//! The same conditions as SQL stand in [`crate::store::segment`]; tests hold the two against
//! each other. Whole days are counted in the business zone.

use crate::customer::{Bought, Customer};
use crate::time::{Day, Moment, Zone};
use chainc_compiler::ir::{AttributeTest, Basis, Channel, Condition, Policy, Window};
use chainc_compiler::units::{Date, Period, Test};

/// The attribute that holds the forecast chance to leave, in basis points.
pub(crate) const CHURN: &str = "churn";

/// Tells whether a condition holds.
#[must_use]
pub fn holds(condition: &Condition, who: &Customer, now: Moment, business: &Zone) -> bool {
    Look { who, now, business }.holds(condition)
}

struct Look<'a> {
    who: &'a Customer,
    now: Moment,
    business: &'a Zone,
}

impl Look<'_> {
    fn holds(&self, condition: &Condition) -> bool {
        let who = self.who;
        match condition {
            Condition::All(parts) => parts.iter().all(|part| self.holds(part)),
            Condition::Any(parts) => parts.iter().any(|part| self.holds(part)),
            Condition::Not(inner) => !self.holds(inner),
            Condition::Recency(test) => self.days_since(who.last_purchase_at, *test),
            Condition::Registered(test) => self.days_since(who.registered_at, *test),
            Condition::Frequency { test, window } => self.frequency(*test, *window),
            Condition::Spent { test, within } => passes(*test, self.sum(*within).0.into()),
            Condition::AverageCheck { test, within } => match self.sum(*within) {
                (_, 0) => false,
                (sum, count) => passes_of(*test, sum.into(), count.into()),
            },
            Condition::Overdue(test) => self.overdue(*test),
            Condition::Bought { category, within } => {
                self.bought(*within).any(|bought| bought.categories.contains(category))
            }
            Condition::Brand { brand, within } => {
                self.bought(*within).any(|bought| bought.brand.as_ref() == Some(brand))
            }
            Condition::Touched { how, message, within } => {
                let since = within.map_or(Moment(i64::MIN), |period| self.since(period));
                who.touched.iter().any(|touched| {
                    touched.how == *how
                        && touched.message == *message
                        && since <= touched.at
                        && touched.at <= self.now
                })
            }
            Condition::Consent(channel) => who.agreed.contains(channel),
            Condition::Reachable(channel) => who.reachable.contains(channel),
            Condition::Tag(tag) => who.tags.contains(tag),
            Condition::City(city) => who.city.as_ref() == Some(city),
            Condition::Birthday(period) => {
                who.birthday.is_some_and(|day| self.comes_round(day, *period))
            }
            Condition::Balance(test) => passes(*test, who.balance().0.into()),
            Condition::Expiring(period) => {
                let until = self.business.plus(self.now, *period);
                who.points
                    .iter()
                    .any(|lot| lot.left.0 > 0 && lot.expires_at.is_some_and(|at| at <= until))
            }
            Condition::Churn(test) => self
                .attribute(CHURN)
                .and_then(|text| text.parse().ok())
                .is_some_and(|chance: i64| passes(*test, chance.into())),
            Condition::Attribute { name, is } => self.has(name, is),
            Condition::Frozen { on, condition } => who.lists.contains(&list_key(*on, condition)),
        }
    }

    fn days_since(&self, at: Option<Moment>, test: Test) -> bool {
        let today = self.business.day(self.now);
        at.is_some_and(|at| passes(test, (today.0 - self.business.day(at).0).into()))
    }

    fn since(&self, period: Period) -> Moment {
        since(period, self.now, self.business)
    }

    fn bought(&self, within: Option<Period>) -> impl Iterator<Item = &Bought> {
        let since = within.map_or(Moment(i64::MIN), |period| self.since(period));
        self.who.bought.iter().filter(move |bought| since <= bought.at)
    }

    /// The sum and the number of purchases of a time.
    fn sum(&self, within: Option<Period>) -> (i64, i64) {
        if within.is_none() {
            return (self.who.spent.0, self.who.purchases);
        }
        self.bought(within).fold((0, 0), |(sum, count), bought| (sum + bought.amount.0, count + 1))
    }

    fn frequency(&self, test: Test, window: Window) -> bool {
        let who = self.who;
        match window {
            Window::Ever => passes(test, who.purchases.into()),
            Window::Within(period) => passes(test, self.sum(Some(period)).1.into()),
            // n purchases a period: purchases * period against n * time observed.
            Window::Per(period) => {
                let first = who.first_purchase_at.unwrap_or(self.now);
                let observed = (self.now.0 - first.0).max(millis(period));
                passes_of(
                    test,
                    i128::from(who.purchases) * i128::from(millis(period)),
                    observed.into(),
                )
            }
        }
    }

    /// Her own gap is the mean of those between her purchases; who has none is not overdue.
    fn overdue(&self, test: Test) -> bool {
        let who = self.who;
        let (Some(first), Some(last)) = (who.first_purchase_at, who.last_purchase_at) else {
            return false;
        };
        let span = last.0 - first.0;
        span > 0
            && passes_of(
                test,
                i128::from(self.now.0 - last.0) * 100 * i128::from(who.purchases - 1),
                span.into(),
            )
    }

    /// Tells whether a day that comes back every year does so within a time from today on.
    fn comes_round(&self, day: Date, period: Period) -> bool {
        let today = self.business.day(self.now);
        let last = self.business.day(self.business.plus(self.now, period));
        let days = u32::try_from(last.0 - today.0).unwrap_or(0);
        days_to(day, today.to_date()).is_some_and(|to| to <= days)
    }

    fn attribute(&self, name: &str) -> Option<&String> {
        self.who.attributes.get(name)
    }

    fn has(&self, name: &str, is: &AttributeTest) -> bool {
        let Some(value) = self.attribute(name) else { return false };
        match is {
            AttributeTest::Number(test) => {
                value.parse().is_ok_and(|number: i64| passes(*test, number.into()))
            }
            AttributeTest::Text(text) => value == text,
            AttributeTest::Flag => value == YES,
            AttributeTest::Within(period) => {
                date(value).is_some_and(|day| self.comes_round(day, *period))
            }
        }
    }
}

/// Tells whether somebody who never said anything of a channel may be written to by it. A call
/// of the project's own system writes to nobody.
pub(crate) fn silence_agrees(policy: &Policy, channel: Channel) -> bool {
    channel == Channel::Webhook
        || policy.consent.get(&channel).is_some_and(|rule| rule.basis == Basis::OptOut)
}

/// How a flag that is true stands in a store.
pub(crate) const YES: &str = "yes";

/// Reads a date as stores hold it.
pub(crate) fn date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Returns how many days it is to the next return of a day of the year, 0 on the day itself.
/// The 29th of February comes back on the 1st of March of other years.
pub(crate) fn days_to(day: Date, today: Date) -> Option<u32> {
    let (today, born) = (today.civil(), day.civil());
    let in_year = |year: i16| {
        jiff::civil::Date::new(year, born.month(), born.day())
            .or_else(|_| jiff::civil::Date::new(year, 3, 1))
            .ok()
    };
    let this = in_year(today.year()).filter(|date| *date >= today);
    let next = this.or_else(|| in_year(today.year().checked_add(1)?))?;
    u32::try_from(next.since(today).ok()?.get_days()).ok()
}

/// Returns the moment a window of time reaches back to: one of days to the start of its
/// first day.
pub(crate) fn since(period: Period, now: Moment, business: &Zone) -> Moment {
    match period {
        Period::Days(days) => {
            business.start_of(Day(business.day(now).0.saturating_sub(i64::from(days))))
        }
        Period::Seconds(_) => business.minus(now, period),
    }
}

/// A rate's period as a plain length: a day is 24 hours.
pub(crate) fn millis(period: Period) -> i64 {
    match period {
        Period::Days(days) => i64::from(days) * 86_400_000,
        Period::Seconds(seconds) => i64::from(seconds) * 1_000,
    }
}

/// Returns the key under which the customers of a frozen list are kept.
#[must_use]
pub fn list_key(on: Date, condition: &Condition) -> String {
    let json = serde_json::to_vec(&(on, condition)).expect("a condition becomes JSON");
    let mut key = blake3::hash(&json).to_hex().to_string();
    key.truncate(16);
    key
}

fn passes(test: Test, value: i128) -> bool {
    passes_of(test, value, 1)
}

/// Compares `value / of` with the limits of a test, in whole numbers.
fn passes_of(test: Test, value: i128, of: i128) -> bool {
    let limit = |n: i64| i128::from(n).saturating_mul(of);
    match test {
        Test::Below(n) => value < limit(n),
        Test::AtMost(n) => value <= limit(n),
        Test::Exactly(n) => value == limit(n),
        Test::AtLeast(n) => value >= limit(n),
        Test::Above(n) => value > limit(n),
        Test::Between(a, b) => limit(a) <= value && value <= limit(b),
    }
}
