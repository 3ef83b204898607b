//! The few words of a picture, in Russian.

use super::super::quantity::grouped;
use super::super::voice::{Drawn, Voice};
use super::{Russian, date, period, points_of, share, until_weekday};
use crate::ir::{Channel, Control, Day, Delay, Event};
use crate::units::{BasisPoints, Period, Points};

impl Drawn for Russian {
    fn short_table(&self, least: Points, most: Points) -> String {
        if least == most {
            return self.points(most);
        }
        format!("{}–{}", grouped(least.0.unsigned_abs(), '\u{a0}'), self.points(most))
    }

    fn by_recency(&self) -> &'static str {
        "по числу дней без покупок"
    }

    fn short_expiry(&self, length: Period) -> String {
        format!("на {}", period(length))
    }

    fn short_cashback(&self, rate: BasisPoints) -> String {
        format!("Кэшбэк {}", share(rate.0.into()))
    }

    fn short_up_to(&self, points: Points) -> String {
        format!("до {}", points_of(points))
    }

    fn short_promo(&self, pool: &str) -> String {
        format!("Промокод {pool}")
    }

    fn channel(&self, channel: Channel) -> &'static str {
        match channel {
            Channel::Sms => "SMS",
            Channel::Email => "Письмо",
            Channel::Push => "Пуш",
            Channel::Webhook => "Вебхук",
        }
    }

    fn short_delay(&self, delay: Delay) -> String {
        match delay {
            Delay::For(length) => period(length),
            Delay::Until { day: Day::Any, at } => format!("до {at}"),
            Delay::Until { day: Day::Weekday(day), at } => {
                format!("до {}, {at}", until_weekday(day))
            }
            Delay::Until { day: Day::Date(day), at } => format!("до {}, {at}", date(day)),
        }
    }

    fn short_event(&self, event: &Event) -> String {
        match event {
            Event::Purchase => "покупка".to_owned(),
            Event::Clicked(message) => format!("переход из {message}"),
            Event::Opened(message) => format!("открытие {message}"),
            Event::Own(event) => event.clone(),
        }
    }

    fn not_reached(&self) -> &'static str {
        "не дошло"
    }

    fn short_others(&self) -> &'static str {
        "остальные"
    }

    fn short_end(&self) -> &'static str {
        "конец"
    }

    fn short_success(&self) -> &'static str {
        "успех"
    }

    fn short_tag(&self, tag: &str) -> String {
        format!("Тег {tag}")
    }

    fn short_split(&self) -> &'static str {
        "по жребию"
    }

    fn short_if(&self) -> &'static str {
        "какие клиенты?"
    }

    fn short_goal(&self, goal: &str) -> String {
        format!("цель: {goal}")
    }

    fn short_control(&self, control: &Control) -> String {
        match control {
            Control::Share(part) => format!("контроль {}", share(part.0.into())),
            Control::Segment(_) => "контрольный сегмент".to_owned(),
        }
    }

    fn picture(&self, name: &str, steps: usize) -> String {
        format!("Цепочка {name} сверху вниз, {}", self.steps(steps))
    }
}
