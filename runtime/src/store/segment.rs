//! A condition as parameterised SQL over the row `c` of `customer`.
//!
//! No word of a chain file reaches the SQL text: every value is a parameter. What is
//! counted in whole days is counted in the business zone; a window of days reaches
//! back to the start of its first day.

use crate::time::{Day, Moment, Zone};
use chainc_compiler::ir::{Channel, Condition, Window};
use chainc_compiler::units::{Period, Test};
use rusqlite::types::Value;

/// A piece of SQL that is true or false of a customer, and its parameters in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate {
    /// The SQL, with `?` for each parameter.
    pub sql: String,
    /// The parameters.
    pub params: Vec<Value>,
}

/// Compiles a condition as it reads at a moment in the business zone.
#[must_use]
pub fn compile(condition: &Condition, now: Moment, business: &Zone) -> Predicate {
    let mut writer = Writer { sql: String::new(), params: Vec::new(), now, business };
    writer.condition(condition);
    Predicate { sql: writer.sql, params: writer.params }
}

struct Writer<'a> {
    sql: String,
    params: Vec<Value>,
    now: Moment,
    business: &'a Zone,
}

impl Writer<'_> {
    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::All(parts) => self.joined(parts, " AND ", "1"),
            Condition::Any(parts) => self.joined(parts, " OR ", "0"),
            Condition::Not(inner) => {
                self.sql.push_str("NOT ");
                self.condition(inner);
            }
            Condition::Recency(test) => self.recency(*test),
            Condition::Frequency { test, window } => self.frequency(*test, *window),
            Condition::Spent { test, within: None } => self.test("c.spent", *test, None),
            Condition::Spent { test, within: Some(period) } => {
                self.windowed("SELECT coalesce(sum(p.amount), 0)", *period, *test);
            }
            Condition::Consent(channel) => {
                self.push("(");
                self.push(CONSENT);
                self.push(")");
                self.params.push(Value::Text(channel.as_str().to_owned()));
                self.params.push(Value::Integer(self.now.0));
            }
            Condition::Reachable(channel) => {
                let (address, dead) = address_columns(*channel);
                self.push(&format!("(c.{address} IS NOT NULL AND c.{address} IS NOT c.{dead})"));
            }
            Condition::Tag(tag) => {
                self.push(
                    "EXISTS (SELECT 1 FROM customer_tag t WHERE t.shard = c.shard \
                     AND t.customer_id = c.customer_id AND t.tag = ?)",
                );
                self.params.push(Value::Text(tag.clone()));
            }
            // The engine refuses chains with these before anybody enters.
            Condition::AverageCheck { .. }
            | Condition::Registered(_)
            | Condition::Birthday(_)
            | Condition::Balance(_)
            | Condition::Expiring(_)
            | Condition::Brand { .. }
            | Condition::Bought { .. }
            | Condition::Touched { .. }
            | Condition::City(_)
            | Condition::Churn(_)
            | Condition::Overdue(_)
            | Condition::Attribute { .. }
            | Condition::Frozen { .. } => self.push("0"),
        }
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

    /// Whole days since the last purchase are a range of `last_purchase_at`.
    fn recency(&mut self, test: Test) {
        let today = self.business.day(self.now);
        let (least, most) = test.bounds();
        self.push("(c.last_purchase_at IS NOT NULL");
        if let Some(most) = most {
            self.push(" AND c.last_purchase_at >= ?");
            let day = Day(today.0.saturating_sub(most));
            self.params.push(Value::Integer(self.business.start_of(day).0));
        }
        if let Some(least) = least {
            self.push(" AND c.last_purchase_at < ?");
            let day = Day(today.0.saturating_sub(least).saturating_add(1));
            self.params.push(Value::Integer(self.business.start_of(day).0));
        }
        self.push(")");
    }

    fn frequency(&mut self, test: Test, window: Window) {
        match window {
            Window::Ever => self.test("c.purchases", test, None),
            Window::Within(period) => self.windowed("SELECT count(*)", period, test),
            // n purchases per period: purchases * period against n * time observed.
            Window::Per(period) => {
                self.params.push(Value::Integer(millis(period)));
                self.test("c.purchases * ?", test, Some(period));
            }
        }
    }

    fn windowed(&mut self, what: &str, period: Period, test: Test) {
        let since = match period {
            Period::Days(days) => {
                let first = Day(self.business.day(self.now).0 - i64::from(days));
                self.business.start_of(first)
            }
            Period::Seconds(_) => self.business.minus(self.now, period),
        };
        self.params.push(Value::Integer(since.0));
        let expression = format!(
            "({what} FROM purchase p WHERE p.shard = c.shard AND p.customer_id = c.customer_id \
             AND p.occurred_at >= ? AND p.known = 1)"
        );
        self.test(&expression, test, None);
    }

    /// Compares an expression, whose own parameters are pushed already, with the limits of
    /// a test; each limit is times the time observed where it is a rate.
    fn test(&mut self, expression: &str, test: Test, rate: Option<Period>) {
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
            if let Some(period) = rate {
                self.push(" * max(? - coalesce(c.first_purchase_at, ?), ?)");
                self.params.extend([self.now.0, self.now.0, millis(period)].map(Value::Integer));
            }
        }
        self.push(")");
    }

    fn push(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }
}

/// The consent that holds at a moment; parameters are the channel and the moment.
const CONSENT: &str = "coalesce((SELECT k.granted FROM consent k WHERE k.shard = c.shard \
     AND k.customer_id = c.customer_id AND k.channel = ? AND k.at <= ? \
     ORDER BY k.at DESC, k.number DESC LIMIT 1), 0) = 1";

/// Returns the columns of a channel's address and of the address known to be dead.
#[must_use]
pub fn address_columns(channel: Channel) -> (&'static str, &'static str) {
    match channel {
        Channel::Sms => ("phone", "dead_phone"),
        Channel::Email => ("email", "dead_email"),
        Channel::Push => ("push_token", "dead_push_token"),
        // A call of the retailer's own system is about a customer, not to her.
        Channel::Webhook => ("customer_id", "dead_push_token"),
    }
}

/// A rate's period as a plain length: a day is 24 hours.
fn millis(period: Period) -> i64 {
    match period {
        Period::Days(days) => i64::from(days) * 86_400_000,
        Period::Seconds(seconds) => i64::from(seconds) * 1_000,
    }
}

#[cfg(test)]
mod tests;
