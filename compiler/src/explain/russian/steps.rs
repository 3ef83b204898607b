//! What a step does, in Russian.

use super::super::voice::{Drawn, Steps, Voice};
use super::{
    Russian, date, event, joined, lasting, noun, on_weekdays, period, period_of, piece, points_of,
    share, unit,
};
use crate::diagnostic::plural;
use crate::ir::{Band, Channel, Delay, Event, Every};
use crate::units::{BasisPoints, Date, Period, Points};

impl Steps for Russian {
    fn grant(&self, points: Points, expires: Option<Period>, at: Option<&str>) -> String {
        format!("начислить {}{}", self.points(points), lasting(expires, at))
    }

    fn grant_table(&self, expires: Option<Period>, at: Option<&str>) -> String {
        let lasting = lasting(expires, at);
        format!("начислить баллы{lasting} — по числу дней без покупок на день входа")
    }

    fn grant_row(&self, band: &Band) -> String {
        let days = noun(band.to.into(), "день", "дня", "дней");
        let days = if band.from == band.to { days } else { format!("{}–{days}", band.from) };
        format!("{days}: {}", self.points(band.points))
    }

    fn never_expires(&self) -> &'static str {
        "баллы не сгорают"
    }

    fn code_never_expires(&self) -> &'static str {
        "срока у него нет"
    }

    fn cashback(&self, rate: BasisPoints, length: Period, up_to: Option<Points>) -> String {
        let back = format!(
            "возвращать баллами {} от каждой покупки в течение {}",
            share(rate.0.into()),
            period_of(length)
        );
        match up_to {
            Some(points) => format!("{back}, всего не больше {}", points_of(points)),
            None => back,
        }
    }

    fn cashback_open(&self) -> &'static str {
        "сумма не ограничена"
    }

    fn promo(&self, pool: &str, expires: Option<Period>) -> String {
        let pool = format!("выдать промокод из `{pool}`");
        match expires {
            Some(expires) => format!("{pool} на {}", period(expires)),
            None => pool,
        }
    }

    fn send(&self, channel: Channel, message: &str) -> String {
        match channel {
            Channel::Webhook => format!("вызвать вебхук с `{message}`"),
            channel => format!("отправить {} `{message}`", piece(channel)),
        }
    }

    fn fallback(&self, channel: Channel, message: &str, same: bool) -> String {
        let instead = match (channel, same) {
            (Channel::Webhook, _) => format!("вызвать вебхук с `{message}`"),
            (Channel::Sms, true) => "то же по SMS".to_owned(),
            (Channel::Email, true) => "то же письмом".to_owned(),
            (Channel::Push, true) => "то же пушем".to_owned(),
            (channel, false) => format!("{} `{message}`", piece(channel)),
        };
        format!("если не дошло: {instead}")
    }

    fn within(&self, length: Period) -> String {
        format!("если опоздает больше чем на {}, не уйдёт", period(length))
    }

    fn wait(&self, delay: Delay) -> String {
        match delay {
            Delay::For(length) => format!("подождать {}", period(length)),
            until @ Delay::Until { .. } => format!("ждать {}", self.short_delay(until)),
        }
    }

    fn unless(&self, events: &[Event]) -> String {
        let others: Vec<String> =
            events.iter().filter(|one| **one != Event::Purchase).map(event).collect();
        let others = joined(&others, "или");
        match (events.contains(&Event::Purchase), others.is_empty()) {
            (true, true) => "если после входа была покупка, цепочка завершается успехом".to_owned(),
            (true, false) => format!(
                "если после входа была покупка, цепочка завершается успехом; {others} тоже её \
                 завершает"
            ),
            (false, _) => format!("{others} завершает цепочку"),
        }
    }

    fn arm(&self, customers: &str, first: bool) -> String {
        if first {
            customers.to_owned()
        } else {
            format!("из остальных — {customers}")
        }
    }

    fn otherwise(&self) -> &'static str {
        "все остальные"
    }

    fn others_go_on(&self) -> &'static str {
        "все остальные идут дальше"
    }

    fn split(&self) -> &'static str {
        "по жребию, для одного клиента всегда одинаково"
    }

    fn split_arm(&self, name: &str, part: BasisPoints) -> String {
        format!("{} — `{name}`", share(part.0.into()))
    }

    fn repeat(
        &self,
        every: Every,
        until_purchase: bool,
        until: Option<Date>,
        max: Option<u32>,
    ) -> String {
        let rhythm = match every {
            Every::Period { period: Period::Days(1), .. } => "каждый день".to_owned(),
            Every::Period { period: length, .. } => {
                let unit = unit(length);
                let of_one = if unit.feminine { "каждую" } else { "каждый" };
                let each = plural(unit.n.into(), of_one, "каждые", "каждые");
                let count = if unit.n == 1 { unit.one.to_owned() } else { period(length) };
                format!("{each} {count}")
            }
            Every::Weekly { on, .. } => on_weekdays(on).to_owned(),
        };
        let (Every::Period { at, .. } | Every::Weekly { at, .. }) = every;
        let mut parts = vec![at.map_or_else(|| rhythm.clone(), |at| format!("{rhythm} в {at}"))];
        parts.extend(max.map(|n| format!("не больше {}", noun(n.into(), "раза", "раз", "раз"))));
        let mut ends = Vec::new();
        if until_purchase {
            ends.push("до покупки".to_owned());
        }
        ends.extend(until.map(|day| format!("до {}", date(day))));
        if !ends.is_empty() {
            parts.push(joined(&ends, "или"));
        }
        parts.join(", ")
    }

    fn exit(&self) -> &'static str {
        "для них цепочка на этом заканчивается"
    }

    fn end(&self) -> &'static str {
        "на этом цепочка заканчивается"
    }

    fn tag(&self, tag: &str) -> String {
        format!("пометить клиента тегом `{tag}`")
    }

    fn subject(&self) -> &'static str {
        "Тема"
    }

    fn draft(&self) -> &'static str {
        "текста пока нет: сообщение попадёт в файл, а не клиенту"
    }

    fn parts(&self, parts: u32, price: Option<&str>) -> String {
        let parts = noun(parts.into(), "часть", "части", "частей");
        let price = price.map(|price| format!(", {price}")).unwrap_or_default();
        format!("{parts}{price} при самых длинных значениях")
    }

    fn price(&self, price: &str) -> String {
        format!("стоит {price}")
    }

    fn example(&self, first_day: Date) -> String {
        format!("тексты показаны так, как их прочтёт вошедший {}", self.day_of_year(first_day))
    }
}
