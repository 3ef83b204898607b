//! Who is meant, in English: every condition as a clause behind "customers".

use super::super::clause::{Clause, opposite};
use super::super::quantity::{decimal, signed};
use super::{date, joined, money, period, share, times};
use crate::ir::{AttributeTest, Channel, Condition, Touch, Window};
use crate::units::{Currency, Minor, Period, Test};

/// Returns `customers whose last purchase was 60 to 89 days ago`.
pub(super) fn customers(clause: &Clause, currency: &Currency) -> String {
    match clause {
        Clause::One { of: Condition::Frozen { on, condition }, holds: true } => {
            format!(
                "customers frozen on {}: those {}",
                date(*on),
                top(&Clause::of(condition), currency)
            )
        }
        other => format!("customers {}", top(other, currency)),
    }
}

fn top(clause: &Clause, currency: &Currency) -> String {
    match clause {
        Clause::One { of, holds } => one(of, *holds, currency),
        Clause::All(parts) => every(parts, currency),
        Clause::Any(parts) => {
            let nested = parts.iter().any(|part| matches!(part, Clause::All(_)));
            let parts: Vec<String> = parts.iter().map(|part| top(part, currency)).collect();
            if nested { parts.join("; or ") } else { row(&parts, "or") }
        }
    }
}

fn every(parts: &[Clause], currency: &Currency) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match part {
            Clause::Any(choices) => {
                let choices: Vec<String> =
                    choices.iter().map(|choice| within(choice, currency)).collect();
                format!("either {}", joined(&choices, "or"))
            }
            other => top(other, currency),
        })
        .collect();
    row(&parts, "and")
}

/// A clause inside of a choice: a row in it takes parentheses.
fn within(clause: &Clause, currency: &Currency) -> String {
    match clause {
        Clause::One { .. } => top(clause, currency),
        Clause::All(_) | Clause::Any(_) => format!("({})", top(clause, currency)),
    }
}

/// Returns `a and b`, and `a, b, and c`: the parts are clauses.
fn row(parts: &[String], word: &str) -> String {
    match parts {
        [first @ .., last] if first.len() > 1 => format!("{}, {word} {last}", first.join(", ")),
        _ => joined(parts, word),
    }
}

fn one(of: &Condition, holds: bool, currency: &Currency) -> String {
    let not = |yes: &str, no: &str| if holds { yes.to_owned() } else { no.to_owned() };
    let points =
        |n: i64| format!("{}\u{a0}{}", signed(n, ','), if n == 1 { "point" } else { "points" });
    match of {
        // These three are rows and never stand alone.
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) => top(&Clause::of(of), currency),
        Condition::Recency(test) => recency(*test, holds),
        Condition::Frequency { test, window } => frequency(*test, *window, holds),
        Condition::Spent { test, within } => {
            let sum = amount(known(*test, holds), &|n| money(Minor(n), currency));
            format!("who have spent {sum}{}", lately(*within, " so far"))
        }
        Condition::AverageCheck { test, within } => {
            let sum = amount(known(*test, holds), &|n| money(Minor(n), currency));
            let lately = lately(*within, "");
            let average = format!("whose average purchase{lately} is {sum}");
            if holds { average } else { format!("{average}, or who have not bought{lately}") }
        }
        Condition::Consent(channel) => {
            let by = sent(*channel);
            not(&format!("who agreed to {by}"), &format!("who have not agreed to {by}"))
        }
        Condition::Reachable(channel) => {
            let by = address(*channel);
            not(&format!("who have {by}"), &format!("who do not have {by}"))
        }
        Condition::Tag(tag) => {
            not(&format!("who are tagged `{tag}`"), &format!("who are not tagged `{tag}`"))
        }
        Condition::Registered(test) => {
            let ago = format!("who registered {} ago", amount(known(*test, holds), &days));
            if holds { ago } else { format!("{ago}, or nobody knows when") }
        }
        Condition::Birthday(within) => {
            let soon = soon(*within);
            not(&format!("whose birthday is {soon}"), &format!("whose birthday is not {soon}"))
        }
        Condition::Balance(test) => {
            format!("who have {} in the wallet", amount(known(*test, holds), &points))
        }
        Condition::Expiring(within) => {
            let soon = soon(*within);
            not(
                &format!("who have points that expire {soon}"),
                &format!("who have no points that expire {soon}"),
            )
        }
        Condition::Brand { brand, within } => {
            let lately = lately(*within, "");
            not(
                &format!("who have bought at `{brand}`{lately}"),
                &format!("who have not bought at `{brand}`{lately}"),
            )
        }
        Condition::Bought { category, within } => {
            let lately = lately(*within, "");
            not(
                &format!("who have bought “{category}”{lately}"),
                &format!("who have not bought “{category}”{lately}"),
            )
        }
        Condition::Touched { how: Touch::Own, message: event, within } => {
            let lately = lately(*within, "");
            not(
                &format!("with the event “{event}”{lately}"),
                &format!("without the event “{event}”{lately}"),
            )
        }
        Condition::Touched { how, message, within } => {
            let verb = match how {
                Touch::Received => "received",
                Touch::Opened => "opened",
                Touch::Clicked | Touch::Own => "clicked",
            };
            let lately = lately(*within, "");
            not(
                &format!("who have {verb} `{message}`{lately}"),
                &format!("who have not {verb} `{message}`{lately}"),
            )
        }
        Condition::City(city) => {
            not(&format!("who live in {city}"), &format!("who do not live in {city}"))
        }
        Condition::Churn(test) => {
            let chance = unknown(*test, holds, "unknown", &share);
            format!("whose risk of leaving is {chance}")
        }
        Condition::Overdue(test) => {
            let silence = amount(known(*test, holds), &|n| match n {
                100 => "the usual time between their purchases".to_owned(),
                n => {
                    let times = decimal(n, 2, ',', '.', true);
                    format!("{times}\u{a0}times the usual time between their purchases")
                }
            });
            let none = if holds { "" } else { ", or who have no usual time yet" };
            format!("whose silence is {silence}{none}")
        }
        Condition::Attribute { name, is } => match is {
            AttributeTest::Number(test) => {
                let number = unknown(*test, holds, "unknown", &|n| signed(n, ','));
                format!("whose `{name}` is {number}")
            }
            AttributeTest::Text(text) => not(
                &format!("whose `{name}` is “{text}”"),
                &format!("whose `{name}` is not “{text}”"),
            ),
            AttributeTest::Flag => {
                not(&format!("who are marked `{name}`"), &format!("who are not marked `{name}`"))
            }
            AttributeTest::Within(length) => {
                let soon = soon(*length);
                not(&format!("whose `{name}` is {soon}"), &format!("whose `{name}` is not {soon}"))
            }
        },
        Condition::Frozen { on, condition } => {
            let list = format!("on the list of {}", date(*on));
            let those = top(&Clause::of(condition), currency);
            not(
                &format!("who are {list} (those {those})"),
                &format!("who are not {list} (those {those})"),
            )
        }
    }
}

fn days(n: i64) -> String {
    format!("{}\u{a0}{}", signed(n, ','), if n == 1 { "day" } else { "days" })
}

/// ` in the last 90 days`, or what is said of all time.
fn lately(within: Option<Period>, ever: &str) -> String {
    match within {
        Some(Period::Days(1)) => " in the last day".to_owned(),
        Some(length) => format!(" in the last {}", period(length)),
        None => ever.to_owned(),
    }
}

fn soon(within: Period) -> String {
    match within {
        Period::Days(1) => "within the next day".to_owned(),
        length => format!("within the next {}", period(length)),
    }
}

const fn sent(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "SMS",
        Channel::Email => "e-mails",
        Channel::Push => "pushes",
        Channel::Webhook => "the webhook",
    }
}

const fn address(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "a working phone number",
        Channel::Email => "a working e-mail address",
        Channel::Push => "an app or a card for pushes",
        Channel::Webhook => "a working address for the webhook",
    }
}

/// A comparison, for values that everybody has.
enum Compared {
    Plain(Test),
    /// The opposite of a range or of one value.
    Outside(i64, i64),
}

fn known(test: Test, holds: bool) -> Compared {
    match (holds, opposite(test), test.bounds()) {
        (true, ..) => Compared::Plain(test),
        (false, Some(other), _) => Compared::Plain(other),
        (false, None, (from, to)) => Compared::Outside(from.unwrap_or(0), to.unwrap_or(0)),
    }
}

fn amount(compared: Compared, value: &dyn Fn(i64) -> String) -> String {
    match compared {
        Compared::Plain(Test::Below(n)) => format!("less than {}", value(n)),
        Compared::Plain(Test::AtMost(n)) => format!("at most {}", value(n)),
        Compared::Plain(Test::Exactly(n)) => format!("exactly {}", value(n)),
        Compared::Plain(Test::AtLeast(n)) => format!("at least {}", value(n)),
        Compared::Plain(Test::Above(n)) => format!("more than {}", value(n)),
        Compared::Plain(Test::Between(a, b)) => format!("{} to {}", bare(a, b, value), value(b)),
        Compared::Outside(a, b) if a == b => format!("not exactly {}", value(a)),
        Compared::Outside(a, b) => {
            format!("less than {} or more than {}", bare(a, b, value), value(b))
        }
    }
}

/// The first end of a range, without its unit where the other end has the same.
fn bare(a: i64, b: i64, value: &dyn Fn(i64) -> String) -> String {
    let (from, to) = (value(a), value(b));
    match (from.split_once('\u{a0}'), to.split_once('\u{a0}')) {
        (Some((number, one)), Some((_, other)))
            if one.trim_end_matches('s') == other.trim_end_matches('s') =>
        {
            number.to_owned()
        }
        _ => from,
    }
}

/// A comparison of a value that some have not: "not at least 60%" holds of them, too.
fn unknown(test: Test, holds: bool, none: &str, value: &dyn Fn(i64) -> String) -> String {
    let said = amount(known(test, holds), value);
    if holds { said } else { format!("{said} or {none}") }
}

fn recency(test: Test, holds: bool) -> String {
    if !holds && matches!(test, Test::AtLeast(0)) {
        return "who have never bought".to_owned();
    }
    let ago = match known(test, holds) {
        Compared::Plain(Test::Exactly(0)) => "was today".to_owned(),
        other => format!("was {} ago", amount(other, &days)),
    };
    let never = if holds { "" } else { ", or who have never bought" };
    format!("whose last purchase {ago}{never}")
}

fn frequency(test: Test, window: Window, holds: bool) -> String {
    let compared = known(test, holds);
    let none =
        matches!(compared, Compared::Plain(Test::Below(1) | Test::AtMost(0) | Test::Exactly(0)));
    let often = match compared {
        Compared::Plain(Test::Between(1, 2)) => "once or twice".to_owned(),
        range @ (Compared::Plain(Test::Between(..)) | Compared::Outside(..)) => {
            amount(range, &|n| format!("{}\u{a0}times", signed(n, ',')))
        }
        other => amount(other, &times),
    };
    match window {
        Window::Per(Period::Days(1)) => format!("who buy {often} a day on average"),
        Window::Per(length) => format!("who buy {often} in {} on average", period(length)),
        Window::Ever if none => "who have never bought".to_owned(),
        Window::Ever => format!("who have bought {often}"),
        Window::Within(length) if none => {
            format!("who have not bought{}", lately(Some(length), ""))
        }
        Window::Within(length) => {
            format!("who have bought {often}{}", lately(Some(length), ""))
        }
    }
}
