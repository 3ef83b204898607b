//! A condition as parameterised SQL over the row `c` of `customer`.
//!
//! No word of a chain file reaches the SQL text: every value is a parameter. What is
//! counted in whole days is counted in the business zone; a window of days reaches
//! back to the start of its first day.

use super::windows;
use crate::condition::{self, CHURN, YES, millis};
use crate::mutant::{self, Mutant};
use crate::time::{Day, Moment, Zone};
use chainc_compiler::ir::{AttributeTest, Channel, Condition, Policy, Touch, Window};
use chainc_compiler::units::{Date, Period, Test};
use rusqlite::types::Value;

/// A piece of SQL that is true or false of a customer, and its parameters in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate {
    /// The SQL, with `?` for each parameter.
    pub sql: String,
    /// The parameters.
    pub params: Vec<Value>,
}

/// Compiles a condition as it reads at a moment in the business zone. Its windows must reach
/// back from that moment: [`windows::refresh`] comes before.
#[must_use]
pub fn compile(condition: &Condition, policy: &Policy, now: Moment, business: &Zone) -> Predicate {
    let mut writer = Writer { sql: String::new(), params: Vec::new(), policy, now, business };
    writer.condition(condition);
    Predicate { sql: writer.sql, params: writer.params }
}

struct Writer<'a> {
    sql: String,
    params: Vec<Value>,
    policy: &'a Policy,
    now: Moment,
    business: &'a Zone,
}

/// What a limit is times: SQL, and its parameters.
type Times<'a> = (&'a str, &'a [Value]);

impl Writer<'_> {
    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::All(parts) => self.joined(parts, " AND ", "1"),
            Condition::Any(parts) => self.joined(parts, " OR ", "0"),
            Condition::Not(inner) => {
                self.sql.push_str("NOT ");
                self.condition(inner);
            }
            Condition::Recency(test) => self.days_since("c.last_purchase_at", *test),
            Condition::Registered(test) => self.days_since("c.registered_at", *test),
            Condition::Frequency { test, window } => self.frequency(*test, *window),
            Condition::Spent { test, within: None } => self.test("c.spent", *test, None),
            Condition::Spent { test, within: Some(period) } => {
                self.of_window("w.spent", *period, *test);
            }
            Condition::AverageCheck { test, within: None } => {
                self.push("(c.purchases > 0 AND ");
                self.test("c.spent", *test, Some(("c.purchases", &[])));
                self.push(")");
            }
            Condition::AverageCheck { test, within: Some(period) } => {
                self.push("EXISTS (SELECT 1 FROM purchase_window w");
                self.in_window(*period, " AND ");
                self.test("w.spent", *test, Some(("w.purchases", &[])));
                self.push(")");
            }
            Condition::Overdue(test) => self.overdue(*test),
            Condition::Brand { brand, within } => {
                self.bought("brand", brand, *within);
            }
            Condition::Bought { category, within } => {
                self.bought("category", category, *within);
            }
            Condition::Touched { how, message, within } => self.touched(*how, message, *within),
            Condition::Consent(channel) => self.consent(*channel),
            Condition::Reachable(channel) => {
                let reachable = address_columns(*channel).map(|(address, dead)| {
                    format!("(c.{address} IS NOT NULL AND c.{address} IS NOT c.{dead})")
                });
                self.push(reachable.as_deref().unwrap_or("1"));
            }
            Condition::Tag(tag) => {
                self.push("EXISTS (SELECT 1 FROM customer_tag t");
                self.of_her("t", " AND t.tag = ?)", Value::Text(tag.clone()));
            }
            Condition::City(city) => {
                self.push("c.city IS ?");
                self.params.push(Value::Text(city.clone()));
            }
            Condition::Birthday(period) => self.comes_round("c.birthday", *period),
            Condition::Balance(test) => {
                self.params.push(Value::Integer(self.now.0));
                self.test(
                    "(SELECT coalesce(sum(w.points_left), 0) FROM wallet_lot w WHERE w.shard = c.shard \
                     AND w.customer_id = c.customer_id \
                     AND (w.expires_at IS NULL OR w.expires_at > ?))",
                    *test,
                    None,
                );
            }
            Condition::Expiring(period) => {
                self.push("EXISTS (SELECT 1 FROM wallet_lot w");
                self.of_her(
                    "w",
                    " AND w.points_left > 0 AND w.expires_at > ?",
                    Value::Integer(self.now.0),
                );
                self.push(" AND w.expires_at <= ?)");
                let until = self.business.plus(self.now, *period);
                self.params.push(Value::Integer(until.0));
            }
            Condition::Churn(test) => {
                self.attribute(CHURN, |writer| writer.test("a.number", *test, None));
            }
            Condition::Attribute { name, is } => self.attribute(name, |writer| match is {
                AttributeTest::Number(test) => writer.test("a.number", *test, None),
                AttributeTest::Text(text) => {
                    writer.push("a.value = ?");
                    writer.params.push(Value::Text(text.clone()));
                }
                AttributeTest::Flag => {
                    writer.push("a.value = ?");
                    writer.params.push(Value::Text(YES.to_owned()));
                }
                AttributeTest::Within(period) => writer.comes_round("a.value", *period),
            }),
            Condition::Frozen { on, condition } => {
                let list = condition::list_key(*on, condition);
                self.push("EXISTS (SELECT 1 FROM frozen_member f");
                self.of_her("f", " AND f.list = ?)", Value::Text(list));
            }
        }
    }

    /// Ties the rows of a table to the customer, and to one thing more.
    fn of_her(&mut self, alias: &str, more: &str, value: Value) {
        self.push(&format!(
            " WHERE {alias}.shard = c.shard AND {alias}.customer_id = c.customer_id{more}"
        ));
        self.params.push(value);
    }

    fn attribute(&mut self, name: &str, is: impl FnOnce(&mut Self)) {
        self.push("EXISTS (SELECT 1 FROM customer_attribute a");
        self.of_her("a", " AND a.name = ? AND ", Value::Text(name.to_owned()));
        is(self);
        self.push(")");
    }

    /// What holds by the latest word; without one, what the project's rule says.
    fn consent(&mut self, channel: Channel) {
        let unsaid = i32::from(condition::silence_agrees(self.policy, channel));
        self.push(&format!(
            "(coalesce((SELECT k.granted FROM consent k WHERE k.shard = c.shard \
             AND k.customer_id = c.customer_id AND k.channel = ? AND k.at <= ? \
             ORDER BY k.at DESC, k.number DESC LIMIT 1), {unsaid}) = 1)"
        ));
        self.params.push(Value::Text(channel.as_str().to_owned()));
        self.params.push(Value::Integer(self.now.0));
    }

    fn touched(&mut self, how: Touch, message: &str, within: Option<Period>) {
        let since = within.map_or(i64::MIN, |period| self.since(period).0);
        match how {
            // Handed over counts: who may have got it is not to get it again.
            Touch::Received => {
                self.push(
                    "EXISTS (SELECT 1 FROM letter l JOIN sheet s ON s.number = l.sheet \
                     WHERE l.customer = c.number AND s.message = ? \
                     AND s.state IN ('pending', 'delivered') AND s.settled_at BETWEEN ? AND ?)",
                );
                self.params.push(Value::Text(message.to_owned()));
            }
            Touch::Opened | Touch::Clicked | Touch::Own => {
                self.push("EXISTS (SELECT 1 FROM touch o");
                self.of_her("o", " AND o.message = ?", Value::Text(message.to_owned()));
                self.push(" AND o.how = ? AND o.at BETWEEN ? AND ?)");
                self.params.push(Value::Text(how.as_str().to_owned()));
            }
        }
        self.params.extend([since, self.now.0].map(Value::Integer));
    }

    /// A day that comes back every year does so within a time from today on. Dates are text
    /// of the form `2026-03-01`, so that months and days compare as they stand.
    fn comes_round(&mut self, column: &str, period: Period) {
        let today = self.business.day(self.now);
        let last = self.business.day(self.business.plus(self.now, period));
        let days = last.0 - today.0;
        let leap_day =
            Date::new(2000, 2, 29).and_then(|day| condition::days_to(day, today.to_date()));
        let leap_day_comes =
            leap_day.is_some_and(|to| i64::from(to) <= days) && !mutant::is(Mutant::LeapDaySkipped);
        let (from, to) = (today.to_date().to_string(), last.to_date().to_string());
        let (year_of_from, year_of_to) = (from.get(..4), to.get(..4));
        let is_one_year = year_of_from == year_of_to || mutant::is(Mutant::YearEndsTheView);
        let joined = if is_one_year { "AND" } else { "OR" };
        let always = i64::from(days >= 366);
        self.push(&format!(
            "({column} IS NOT NULL AND CASE substr({column}, 6, 5) WHEN '02-29' THEN ? ELSE ? \
             OR (substr({column}, 6, 5) >= ? {joined} substr({column}, 6, 5) <= ?) END)"
        ));
        let month_and_day = |date: &str| Value::Text(date.get(5..).unwrap_or_default().to_owned());
        self.params.extend([
            Value::Integer(i64::from(leap_day_comes)),
            Value::Integer(always),
            month_and_day(&from),
            month_and_day(&to),
        ]);
    }

    fn joined(&mut self, parts: &[Condition], by: &str, empty: &str) {
        self.push("(");
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.push(by);
            }
            self.condition(part);
        }
        if parts.is_empty() {
            self.push(empty);
        }
        self.push(")");
    }

    /// Whole days since a moment are a range of its column.
    fn days_since(&mut self, column: &str, test: Test) {
        let today = self.business.day(self.now);
        let (least, most) = test.bounds();
        self.push(&format!("({column} IS NOT NULL"));
        if let Some(most) = most {
            self.push(&format!(" AND {column} >= ?"));
            let day = Day(today.0.saturating_sub(most));
            self.params.push(Value::Integer(self.business.start_of(day).0));
        }
        if let Some(least) = least {
            self.push(&format!(" AND {column} < ?"));
            let day = Day(today.0.saturating_sub(least).saturating_add(1));
            self.params.push(Value::Integer(self.business.start_of(day).0));
        }
        self.push(")");
    }

    fn frequency(&mut self, test: Test, window: Window) {
        match window {
            Window::Ever => self.test("c.purchases", test, None),
            Window::Within(period) => self.of_window("w.purchases", period, test),
            // n purchases per period: purchases * period against n * time observed.
            Window::Per(period) => {
                self.params.push(Value::Integer(millis(period)));
                let values = [self.now.0, self.now.0, millis(period)].map(Value::Integer);
                let observed = "max(? - coalesce(c.first_purchase_at, ?), ?)";
                self.test("c.purchases * ?", test, Some((observed, &values)));
            }
        }
    }

    /// Her own gap is the mean of those between her purchases; who has none is not overdue.
    fn overdue(&mut self, test: Test) {
        self.push("(coalesce(c.last_purchase_at > c.first_purchase_at, 0) AND ");
        self.params.push(Value::Integer(self.now.0));
        self.test(
            "(? - c.last_purchase_at) * 100 * (c.purchases - 1)",
            test,
            Some(("(c.last_purchase_at - c.first_purchase_at)", &[])),
        );
        self.push(")");
    }

    /// A number of a window, which is 0 without a row.
    fn of_window(&mut self, column: &str, period: Period, test: Test) {
        let window = windows::name(period, self.business);
        self.params.push(Value::Text(window));
        let expression = format!(
            "coalesce((SELECT {column} FROM purchase_window w WHERE w.shard = c.shard \
             AND w.customer_id = c.customer_id AND w.window = ?), 0)"
        );
        self.test(&expression, test, None);
    }

    fn in_window(&mut self, period: Period, more: &str) {
        let window = windows::name(period, self.business);
        self.of_her("w", &format!(" AND w.window = ?{more}"), Value::Text(window));
    }

    fn bought(&mut self, kind: &str, word: &str, within: Option<Period>) {
        self.push("EXISTS (SELECT 1 FROM bought_last b");
        self.of_her(
            "b",
            &format!(" AND b.kind = '{kind}' AND b.word = ?"),
            Value::Text(word.to_owned()),
        );
        self.push(" AND b.last_at >= ?)");
        let since = within.map_or(i64::MIN, |period| self.since(period).0);
        self.params.push(Value::Integer(since));
    }

    fn since(&self, period: Period) -> Moment {
        condition::since(period, self.now, self.business)
    }

    /// Compares an expression, whose own parameters are pushed already, with the limits of
    /// a test; each limit is times another expression where it is a rate.
    fn test(&mut self, expression: &str, test: Test, times: Option<Times<'_>>) {
        let (comparison, limits) = match test {
            Test::Below(n) => ("<", vec![n]),
            Test::AtMost(n) => ("<=", vec![n]),
            Test::Exactly(n) => ("=", vec![n]),
            Test::AtLeast(n) => (">=", vec![n]),
            Test::Above(n) => (">", vec![n]),
            Test::Between(a, b) => ("BETWEEN", vec![a, b]),
        };
        self.push(&format!("({expression} {comparison} "));
        for (index, limit) in limits.into_iter().enumerate() {
            self.push(if index > 0 { " AND ?" } else { "?" });
            self.params.push(Value::Integer(limit));
            if let Some((times, values)) = times {
                self.push(&format!(" * {times}"));
                self.params.extend_from_slice(values);
            }
        }
        self.push(")");
    }

    fn push(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }
}

/// Returns the columns of a channel's address and of the address known to be dead; `None` for
/// a call of the project's own system, which is about a customer and not to her.
#[must_use]
pub const fn address_columns(channel: Channel) -> Option<(&'static str, &'static str)> {
    match channel {
        Channel::Sms => Some(("phone", "dead_phone")),
        Channel::Email => Some(("email", "dead_email")),
        Channel::Push => Some(("push_token", "dead_push_token")),
        Channel::Webhook => None,
    }
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod speed;
#[cfg(test)]
mod tests;
