//! Steps in their one layout, as reports show them.

use crate::ir::{Action, Amount, Day, Delay, Event, Every};
use crate::units::{Period, Points};

/// Returns the canonical text of a step, of a block what stands before its brace. `own` is
/// true when a fallback names its message itself.
pub(crate) fn step(action: &Action, own: bool) -> String {
    match action {
        Action::Grant { amount, expires, at } => {
            let mut text = match amount {
                Amount::Fixed(points) => format!("grant {}", grouped(*points)),
                Amount::ByRecency(bands) => {
                    let rows: Vec<String> = bands.iter().map(row).collect();
                    format!("grant by recency {{ {} }}", rows.join(", "))
                }
            };
            tail(&mut text, " expires ", expires.as_ref());
            tail(&mut text, " at ", at.as_ref());
            text
        }
        Action::Cashback { rate, period, up_to } => {
            let mut text = format!("cashback {rate} for {period}");
            if let Some(points) = up_to {
                text.push_str(&format!(" up to {} points", grouped(*points)));
            }
            text
        }
        Action::Promo { pool, expires } => {
            let mut text = format!("promo {pool}");
            tail(&mut text, " expires ", expires.as_ref());
            text
        }
        Action::Send { channel, message, within } => {
            let mut text = format!("{channel} {message}");
            tail(&mut text, " within ", within.as_ref());
            text
        }
        Action::Fallback { channel, message, within } => {
            let mut text = format!("fallback {channel}");
            tail(&mut text, " ", own.then_some(message));
            tail(&mut text, " within ", within.as_ref());
            text
        }
        Action::Wait { delay, unless } => {
            let mut text = match delay {
                Delay::For(period) => format!("wait {period}"),
                Delay::Until { day: Day::Any, at } => format!("wait until {at}"),
                Delay::Until { day: Day::Weekday(day), at } => format!("wait until {day} {at}"),
                Delay::Until { day: Day::Date(date), at } => format!("wait until {date} {at}"),
            };
            let events: Vec<String> = unless
                .iter()
                .map(|event| match event {
                    Event::Purchase => "purchase".to_owned(),
                    Event::Clicked(message) => format!("clicked {message}"),
                    Event::Opened(message) => format!("opened {message}"),
                    Event::Own(event) => format!("event {event:?}"),
                })
                .collect();
            if !events.is_empty() {
                text.push_str(" unless ");
                text.push_str(&events.join(" or "));
            }
            text
        }
        Action::If { .. } => "if".to_owned(),
        Action::Split { .. } => "split".to_owned(),
        Action::Repeat { every, until_purchase, until, max, .. } => {
            let (mut text, at) = match every {
                Every::Period { period: Period::Days(1), at } => ("repeat daily".to_owned(), at),
                Every::Period { period, at } => (format!("repeat every {period}"), at),
                Every::Weekly { on, at } => (format!("repeat weekly on {on}"), at),
            };
            tail(&mut text, " at ", at.as_ref());
            match (until_purchase, until) {
                (true, Some(date)) => text.push_str(&format!(" until purchase or {date}")),
                (true, None) => text.push_str(" until purchase"),
                (false, Some(date)) => text.push_str(&format!(" until {date}")),
                (false, None) => {}
            }
            tail(&mut text, " max ", max.as_ref());
            text
        }
        Action::Exit => "exit".to_owned(),
        Action::Tag(tag) => format!("tag {tag:?}"),
    }
}

fn tail<T: std::fmt::Display>(text: &mut String, word: &str, value: Option<&T>) {
    if let Some(value) = value {
        text.push_str(word);
        text.push_str(&value.to_string());
    }
}

fn row(band: &crate::ir::Band) -> String {
    let points = grouped(band.points);
    if band.from == band.to {
        format!("{}: {points}", band.from)
    } else {
        format!("{}..{}: {points}", band.from, band.to)
    }
}

/// Returns digits in groups of three: `20_000`.
fn grouped(points: Points) -> String {
    let digits = points.0.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;
    use crate::units::Points;

    #[test]
    fn digits_are_grouped_by_three() {
        assert_eq!(grouped(Points(300)), "300");
        assert_eq!(grouped(Points(2_000)), "2_000");
        assert_eq!(grouped(Points(1_234_567)), "1_234_567");
    }
}
