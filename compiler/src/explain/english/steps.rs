//! What a step does, in English.

use super::super::voice::{Drawn, Steps, Voice};
use super::{English, count, date, event, joined, lasting, period, piece, share, times, weekday};
use crate::ir::{Band, Channel, Delay, Event, Every};
use crate::units::{BasisPoints, Date, Period, Points};

impl Steps for English {
    fn grant(&self, points: Points, expires: Option<Period>, at: Option<&str>) -> String {
        format!("grant {}{}", self.points(points), lasting(expires, at))
    }

    fn grant_table(&self, expires: Option<Period>, at: Option<&str>) -> String {
        let lasting = lasting(expires, at);
        format!("grant points{lasting}, by the days without a purchase on the day of entering")
    }

    fn grant_row(&self, band: &Band) -> String {
        let days = if band.from == band.to {
            count(band.to.into(), "day", "days")
        } else {
            format!("{} to {}", band.from, count(band.to.into(), "day", "days"))
        };
        format!("{days}: {}", self.points(band.points))
    }

    fn never_expires(&self) -> &'static str {
        "they never expire"
    }

    fn code_never_expires(&self) -> &'static str {
        "it never expires"
    }

    fn cashback(&self, rate: BasisPoints, length: Period, up_to: Option<Points>) -> String {
        let back = format!(
            "give {} of every purchase back as points for {}",
            share(rate.0.into()),
            period(length)
        );
        match up_to {
            Some(points) => format!("{back}, at most {} in all", self.points(points)),
            None => back,
        }
    }

    fn cashback_open(&self) -> &'static str {
        "there is no limit to the sum"
    }

    fn promo(&self, pool: &str, expires: Option<Period>) -> String {
        let pool = format!("give a promo code from `{pool}`");
        match expires {
            Some(expires) => format!("{pool}, good for {}", period(expires)),
            None => pool,
        }
    }

    fn send(&self, channel: Channel, message: &str) -> String {
        match channel {
            Channel::Webhook => format!("call the webhook with `{message}`"),
            channel => format!("send the {} `{message}`", piece(channel)),
        }
    }

    fn fallback(&self, channel: Channel, message: &str, same: bool) -> String {
        match (channel, same) {
            (Channel::Webhook, _) => {
                format!("if it did not reach the customer: call the webhook with `{message}`")
            }
            (channel, true) => {
                format!("if it did not reach the customer: the same by {}", piece(channel))
            }
            (channel, false) => {
                format!("if it did not reach the customer: the {} `{message}`", piece(channel))
            }
        }
    }

    fn within(&self, length: Period) -> String {
        format!("it is dropped when more than {} late", period(length))
    }

    fn wait(&self, delay: Delay) -> String {
        match delay {
            Delay::For(length) => format!("wait {}", period(length)),
            until @ Delay::Until { .. } => format!("wait {}", self.short_delay(until)),
        }
    }

    fn unless(&self, events: &[Event]) -> String {
        let others: Vec<String> =
            events.iter().filter(|one| **one != Event::Purchase).map(event).collect();
        let others = joined(&others, "or");
        match (events.contains(&Event::Purchase), others.is_empty()) {
            (true, true) => "a purchase since entering ends the chain, as a success".to_owned(),
            (true, false) => format!(
                "a purchase since entering ends the chain, as a success; {others} ends it, too"
            ),
            (false, _) => format!("{others} ends the chain"),
        }
    }

    fn arm(&self, customers: &str, first: bool) -> String {
        if first { format!("for {customers}") } else { format!("of the others, for {customers}") }
    }

    fn otherwise(&self) -> &'static str {
        "for all others"
    }

    fn others_go_on(&self) -> &'static str {
        "all others go on"
    }

    fn split(&self) -> &'static str {
        "by lot, the same for a customer every time"
    }

    fn split_arm(&self, name: &str, part: BasisPoints) -> String {
        format!("{} get `{name}`", share(part.0.into()))
    }

    fn repeat(
        &self,
        every: Every,
        until_purchase: bool,
        until: Option<Date>,
        max: Option<u32>,
    ) -> String {
        let rhythm = match every {
            Every::Period { period: Period::Days(1), .. } => "every day".to_owned(),
            Every::Period { period: length, .. } => format!("every {}", period(length)),
            Every::Weekly { on, .. } => format!("every {}", weekday(on)),
        };
        let (Every::Period { at, .. } | Every::Weekly { at, .. }) = every;
        let mut parts = vec![at.map_or_else(|| rhythm.clone(), |at| format!("{rhythm} at {at}"))];
        parts.extend(max.map(|max| format!("at most {}", times(max.into()))));
        let mut ends = Vec::new();
        ends.extend(until.map(date));
        if until_purchase {
            ends.push("a purchase".to_owned());
        }
        if !ends.is_empty() {
            parts.push(format!("until {}", joined(&ends, "or")));
        }
        parts.join(", ")
    }

    fn exit(&self) -> &'static str {
        "the chain is over for them"
    }

    fn end(&self) -> &'static str {
        "then the chain is over"
    }

    fn tag(&self, tag: &str) -> String {
        format!("tag the customer `{tag}`")
    }

    fn subject(&self) -> &'static str {
        "Subject"
    }

    fn draft(&self) -> &'static str {
        "it has no text yet: it goes to a file, and never to customers"
    }

    fn parts(&self, parts: u32, price: Option<&str>) -> String {
        let parts = count(parts.into(), "part", "parts");
        let price = price.map(|price| format!(", {price}")).unwrap_or_default();
        format!("{parts}{price} with the longest values")
    }

    fn price(&self, price: &str) -> String {
        format!("it costs {price}")
    }

    fn example(&self, first_day: Date) -> String {
        format!("texts are shown as read by somebody who enters on {}", self.day_of_year(first_day))
    }
}
