//! The few words of a picture, in English.

use super::super::voice::{Drawn, Voice};
use super::{English, date, grouped, period, share, weekday};
use crate::ir::{Channel, Control, Day, Delay, Event};
use crate::units::{BasisPoints, Period, Points};

impl Drawn for English {
    fn short_table(&self, least: Points, most: Points) -> String {
        if least == most {
            return self.points(most);
        }
        format!("{} to {}", grouped(least.0.unsigned_abs()), self.points(most))
    }

    fn by_recency(&self) -> &'static str {
        "by days without a purchase"
    }

    fn short_expiry(&self, length: Period) -> String {
        format!("for {}", period(length))
    }

    fn short_cashback(&self, rate: BasisPoints) -> String {
        format!("{} cashback", share(rate.0.into()))
    }

    fn short_up_to(&self, points: Points) -> String {
        format!("up to {}", self.points(points))
    }

    fn short_promo(&self, pool: &str) -> String {
        format!("Code from {pool}")
    }

    fn channel(&self, channel: Channel) -> &'static str {
        match channel {
            Channel::Sms => "SMS",
            Channel::Email => "E-mail",
            Channel::Push => "Push",
            Channel::Webhook => "Webhook",
        }
    }

    fn short_delay(&self, delay: Delay) -> String {
        match delay {
            Delay::For(length) => period(length),
            Delay::Until { day: Day::Any, at } => format!("until {at}"),
            Delay::Until { day: Day::Weekday(day), at } => format!("until {} {at}", weekday(day)),
            Delay::Until { day: Day::Date(day), at } => format!("until {}, {at}", date(day)),
        }
    }

    fn short_event(&self, event: &Event) -> String {
        match event {
            Event::Purchase => "bought".to_owned(),
            Event::Clicked(message) => format!("clicked {message}"),
            Event::Opened(message) => format!("opened {message}"),
            Event::Own(event) => event.clone(),
        }
    }

    fn not_reached(&self) -> &'static str {
        "not reached"
    }

    fn short_others(&self) -> &'static str {
        "all others"
    }

    fn short_end(&self) -> &'static str {
        "end"
    }

    fn short_success(&self) -> &'static str {
        "success"
    }

    fn short_tag(&self, tag: &str) -> String {
        format!("Tag {tag}")
    }

    fn short_split(&self) -> &'static str {
        "by lot"
    }

    fn short_if(&self) -> &'static str {
        "which customers?"
    }

    fn short_goal(&self, goal: &str) -> String {
        format!("goal: {goal}")
    }

    fn short_control(&self, control: &Control) -> String {
        match control {
            Control::Share(part) => format!("control {}", share(part.0.into())),
            Control::Segment(_) => "a control segment".to_owned(),
        }
    }

    fn picture(&self, name: &str, steps: usize) -> String {
        format!("The chain {name} from top to bottom, {}", self.steps(steps))
    }
}
