//! Steps in their one layout, as reports show them.

use crate::ir::{Action, Amount, Event};
use crate::units::Points;

/// Returns the canonical text of a step. `own` is the message a fallback names itself.
pub(crate) fn step(action: &Action, own: bool) -> String {
    match action {
        Action::Grant { amount, expires } => {
            let amount = match amount {
                Amount::Fixed(points) => grouped(*points),
                Amount::ByRecency(bands) => {
                    let rows: Vec<String> = bands
                        .iter()
                        .map(|band| {
                            let points = grouped(band.points);
                            if band.from == band.to {
                                format!("{}: {points}", band.from)
                            } else {
                                format!("{}..{}: {points}", band.from, band.to)
                            }
                        })
                        .collect();
                    format!("by recency {{ {} }}", rows.join(", "))
                }
            };
            match expires {
                Some(period) => format!("grant {amount} expires {period}"),
                None => format!("grant {amount}"),
            }
        }
        Action::Send { channel, message } => format!("{channel} {message}"),
        Action::Fallback { channel, message } if own => format!("fallback {channel} {message}"),
        Action::Fallback { channel, .. } => format!("fallback {channel}"),
        Action::Wait { period, unless } => {
            let events: Vec<&str> = unless
                .iter()
                .map(|event| match event {
                    Event::Purchase => "purchase",
                })
                .collect();
            if events.is_empty() {
                format!("wait {period}")
            } else {
                format!("wait {period} unless {}", events.join(" or "))
            }
        }
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
