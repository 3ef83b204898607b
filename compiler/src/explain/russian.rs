//! Russian, as people of the trade write it.

use super::clause::Clause;
use super::quantity::{decimal, signed};
use super::voice::{Days, Heading, Label, Owner, Voice};
use crate::diagnostic::plural;
use crate::ir::{
    Active, AtLimit, Budget, Cap, Capped, Channel, Control, Entry, Event, Exclusive, Goal,
    QuietHours, Schedule,
};
use crate::months;
use crate::proof::Dearest;
use crate::units::{BasisPoints, Currency, Date, Minor, Period, Points, Weekday};

mod picture;
mod steps;
mod who;

/// Russian.
#[derive(Debug)]
pub(super) struct Russian;

/// Returns a number with the form of its noun: «2 дня».
pub(super) fn noun(n: i64, one: &str, few: &str, many: &str) -> String {
    format!("{}\u{a0}{}", signed(n, '\u{a0}'), plural(n.unsigned_abs(), one, few, many))
}

/// Returns «60 000 ₽»; whole amounts have no comma.
pub(super) fn money(amount: Minor, currency: &Currency) -> String {
    let sign = if currency.code == "RUB" { "₽" } else { &currency.code };
    format!("{}\u{a0}{sign}", decimal(amount.0, currency.digits, '\u{a0}', ',', false))
}

/// Returns «20%», «2,5%».
pub(super) fn share(hundredths: i64) -> String {
    format!("{}%", decimal(hundredths, 2, '\u{a0}', ',', true))
}

/// The unit of a length of time, and how many there are.
pub(super) struct Unit {
    pub(super) n: u32,
    /// True of «минута».
    pub(super) feminine: bool,
    /// «день», «минуту»: how long, of one.
    pub(super) one: &'static str,
    few: &'static str,
    many: &'static str,
    /// «дня», «минуты»: of one in the genitive.
    one_of: &'static str,
}

/// Returns the unit that fits a length of time.
pub(super) fn unit(period: Period) -> Unit {
    let of = |n, feminine, one, few, many, one_of| Unit { n, feminine, one, few, many, one_of };
    match period {
        Period::Days(n) => of(n, false, "день", "дня", "дней", "дня"),
        Period::Seconds(s) if s % 3600 == 0 => of(s / 3600, false, "час", "часа", "часов", "часа"),
        Period::Seconds(s) if s % 60 == 0 => {
            of(s / 60, true, "минуту", "минуты", "минут", "минуты")
        }
        Period::Seconds(s) => of(s, true, "секунду", "секунды", "секунд", "секунды"),
    }
}

/// Returns how long: «3 дня», «21 минуту».
pub(super) fn period(period: Period) -> String {
    let unit = unit(period);
    noun(unit.n.into(), unit.one, unit.few, unit.many)
}

/// Returns within what: «в течение 3 дней», «больше 1 часа».
fn period_of(period: Period) -> String {
    let unit = unit(period);
    noun(unit.n.into(), unit.one_of, unit.many, unit.many)
}

/// Returns «1 августа 2025 года».
pub(super) fn date(date: Date) -> String {
    let civil = date.civil();
    format!("{}\u{a0}{}\u{a0}{}\u{a0}года", civil.day(), month(date), civil.year())
}

fn month(date: Date) -> &'static str {
    let number = usize::try_from(date.civil().month()).unwrap_or(1);
    months::RUSSIAN.get(number.saturating_sub(1)).copied().unwrap_or_default()
}

/// «по вторникам»
const fn on_weekdays(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "по понедельникам",
        Weekday::Tue => "по вторникам",
        Weekday::Wed => "по средам",
        Weekday::Thu => "по четвергам",
        Weekday::Fri => "по пятницам",
        Weekday::Sat => "по субботам",
        Weekday::Sun => "по воскресеньям",
    }
}

/// «до вторника»
const fn until_weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "понедельника",
        Weekday::Tue => "вторника",
        Weekday::Wed => "среды",
        Weekday::Thu => "четверга",
        Weekday::Fri => "пятницы",
        Weekday::Sat => "субботы",
        Weekday::Sun => "воскресенья",
    }
}

/// Returns «a, b и c».
fn joined(things: &[String], and: &str) -> String {
    match things {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}

/// What goes out by a channel, in the accusative: «отправить письмо».
const fn piece(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "SMS",
        Channel::Email => "письмо",
        Channel::Push => "пуш",
        Channel::Webhook => "вебхук",
    }
}

/// What a channel carries, all of it: «на SMS и письма».
const fn all_pieces(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "SMS",
        Channel::Email => "письма",
        Channel::Push => "пуши",
        Channel::Webhook => "вебхук",
    }
}

fn pieces(channel: Channel, n: u64) -> String {
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    match channel {
        Channel::Sms => noun(n, "SMS", "SMS", "SMS"),
        Channel::Email => noun(n, "письмо", "письма", "писем"),
        Channel::Push => noun(n, "пуш", "пуша", "пушей"),
        Channel::Webhook => noun(n, "вызов вебхука", "вызова вебхука", "вызовов вебхука"),
    }
}

fn channels(channels: &[Channel]) -> String {
    let names: Vec<String> = channels.iter().map(|c| all_pieces(*c).to_owned()).collect();
    joined(&names, "и")
}

/// «больше 500 баллов»: points in the genitive.
fn points_of(points: Points) -> String {
    noun(points.0, "балла", "баллов", "баллов")
}

/// «на 14 дней», and from which brand.
fn lasting(expires: Option<Period>, at: Option<&str>) -> String {
    let mut out = String::new();
    if let Some(at) = at {
        out.push_str(&format!(" от `{at}`"));
    }
    if let Some(expires) = expires {
        out.push_str(&format!(" на {}", period(expires)));
    }
    out
}

fn budget(budget: &Budget, currency: &Currency) -> String {
    match budget {
        Budget::Points { limit, .. } => points_of(*limit),
        Budget::Money { limit, on: None, .. } => {
            format!("{} на сообщения", money(*limit, currency))
        }
        Budget::Money { limit, on: Some(channel), .. } => {
            format!("{} на {}", money(*limit, currency), all_pieces(*channel))
        }
    }
}

/// Returns what becomes of what a budget has no room for, where that is not the usual.
fn at_limit(budget: &Budget) -> Option<&'static str> {
    let is_points = matches!(budget, Budget::Points { .. });
    match (budget.then(), is_points) {
        (usual, _) if usual == budget.unsaid() => None,
        // Said of points alone, where it is the usual.
        (AtLimit::End, _) => None,
        (AtLimit::Skip, true) => Some("если баллов не хватает, начисление пропускается"),
        (AtLimit::Skip, false) => Some("если денег не хватает, сообщение пропускается"),
        (AtLimit::Hold, true) => Some("если баллов не хватает, начисление ждёт, пока они появятся"),
        (AtLimit::Hold, false) => Some("если денег не хватает, сообщение ждёт, пока они появятся"),
    }
}

fn event(event: &Event) -> String {
    match event {
        Event::Purchase => "покупка".to_owned(),
        Event::Clicked(message) => format!("переход по ссылке в `{message}`"),
        Event::Opened(message) => format!("открытие `{message}`"),
        Event::Own(event) => format!("событие «{event}»"),
    }
}

impl Voice for Russian {
    fn points(&self, points: Points) -> String {
        noun(points.0, "балл", "балла", "баллов")
    }

    fn money(&self, amount: Minor, currency: &Currency) -> String {
        money(amount, currency)
    }

    fn share(&self, part: BasisPoints) -> String {
        share(part.0.into())
    }

    fn day_of_year(&self, date: Date) -> String {
        format!("{}\u{a0}{}", date.civil().day(), month(date))
    }

    fn days(&self, days: Days) -> String {
        match days.to {
            Some(to) if to == days.from => format!("День {to}"),
            Some(to) => format!("День {}–{to}", days.from),
            None => format!("С дня {}", days.from),
        }
    }

    fn by_default(&self, sentence: &str) -> String {
        format!("{sentence} (по умолчанию)")
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Who => "Кто",
            Label::When => "Когда",
            Label::Again => "Как часто",
            Label::Control => "Контроль",
            Label::Goal => "Цель",
            Label::Exclusive => "Пересечения",
            Label::Experiment => "Эксперимент",
            Label::Brand => "Бренд",
            Label::Budget => "Бюджет",
            Label::Caps => "Лимиты",
            Label::Quiet => "Тихие часы",
            Label::Consent => "Согласие",
            Label::Late => "Опоздания",
            Label::Owner => "Отвечает",
            Label::Examples => "Примеры",
        }
    }

    fn heading(&self, heading: Heading) -> &'static str {
        match heading {
            Heading::Steps => "Что происходит",
            Heading::Cost => "Сколько стоит самое большее",
        }
    }

    fn customers(&self, clause: &Clause, currency: &Currency) -> String {
        who::customers(clause, currency)
    }

    fn schedule(&self, schedule: Schedule, zone: &str) -> String {
        let days = schedule.on.map_or("каждый день", on_weekdays);
        format!("{days} в {} по времени {zone}", schedule.at)
    }

    fn active(&self, active: Option<Active>) -> String {
        match active {
            Some(Active { from, to }) if from == to => format!("только {}", date(from)),
            Some(Active { from, to }) => format!("вход с {} по {}", date(from), date(to)),
            None => "первого и последнего дня у неё нет".to_owned(),
        }
    }

    fn entry(&self, entry: Entry) -> String {
        match entry {
            Entry::Once => "клиент входит один раз за всю жизнь".to_owned(),
            Entry::Again { after, at_most } => {
                let most = match at_most {
                    Some(n) => format!("всего не больше {}", noun(n.into(), "раза", "раз", "раз")),
                    None => "сколько угодно раз".to_owned(),
                };
                format!("клиент может войти снова через {}, {most}", period(after))
            }
        }
    }

    fn control(&self, control: Option<&Control>, currency: &Currency) -> String {
        match control {
            None => "контрольной группы нет".to_owned(),
            Some(Control::Share(part)) => format!(
                "{} клиентов по жребию не получают ничего: с ними сравнивают остальных",
                share(part.0.into())
            ),
            Some(Control::Segment(condition)) => format!(
                "не получают ничего, с ними сравнивают остальных: {}",
                self.customers(&Clause::of(condition), currency)
            ),
        }
    }

    fn goal(&self, goal: Option<&Goal>, currency: &Currency) -> String {
        match goal {
            None => "не задана".to_owned(),
            Some(Goal { at_least: None, within }) => {
                format!("покупка в течение {} после входа", period_of(*within))
            }
            Some(Goal { at_least: Some(sum), within }) => format!(
                "покупка от {} в течение {} после входа",
                money(*sum, currency),
                period_of(*within)
            ),
        }
    }

    fn exclusive(&self, exclusive: Option<&Exclusive>) -> String {
        let Some(Exclusive { group, priority }) = exclusive else {
            return "клиент может идти и по другим цепочкам".to_owned();
        };
        let one = format!("клиент идёт только по одной цепочке группы `{group}`");
        match priority {
            None => one,
            Some(n) => format!("{one}; первой берёт та, у которой выше приоритет, здесь он {n}"),
        }
    }

    fn experiment(&self, name: &str, title: Option<&str>, chains: usize) -> String {
        let title = title.map(|title| format!(" «{title}»")).unwrap_or_default();
        match chains {
            0 | 1 => format!("`{name}`{title}; других цепочек в нём нет"),
            n => format!(
                "`{name}`{title}; на {} одна цель, одна контрольная группа и один бюджет",
                noun(n as i64, "цепочку", "цепочки", "цепочек")
            ),
        }
    }

    fn brand(&self, name: &str, title: Option<&str>, sender: Option<&str>) -> String {
        let title = title.map(|title| format!(" «{title}»")).unwrap_or_default();
        match sender {
            Some(sender) => format!("`{name}`{title}; отправитель сообщений — «{sender}»"),
            None => format!("`{name}`{title}"),
        }
    }

    fn budgets(&self, budgets: &[Budget], whose: Owner<'_>, currency: &Currency) -> String {
        let sums: Vec<String> = budgets.iter().map(|one| budget(one, currency)).collect();
        let sums = joined(&sums, "и");
        let most = match whose {
            Owner::Experiment(_) => format!("не больше {sums} на весь эксперимент"),
            Owner::Chain | Owner::Brand(_) | Owner::Project => format!("не больше {sums}"),
        };
        let limits = budgets.iter().filter_map(at_limit);
        limits.fold(most, |most, limit| format!("{most}; {limit}"))
    }

    fn no_budget(&self) -> &'static str {
        "баллы и деньги не ограничены"
    }

    fn caps(&self, caps: &[Cap], whose: Owner<'_>) -> String {
        let each = |cap: &Cap| {
            let most = match cap.most {
                Capped::Messages(n) => noun(n.into(), "сообщения", "сообщений", "сообщений"),
                Capped::Points(points) => points_of(points),
            };
            match cap.per {
                Period::Days(1) => format!("{most} в день"),
                per => format!("{most} за {}", period(per)),
            }
        };
        let listed = joined(&caps.iter().map(each).collect::<Vec<_>>(), "и");
        let from = match whose {
            Owner::Chain => "от этой цепочки".to_owned(),
            Owner::Experiment(_) => "от всего эксперимента".to_owned(),
            Owner::Brand(name) => format!("от `{name}`"),
            Owner::Project => "от всех цепочек вместе".to_owned(),
        };
        format!("одному клиенту не больше {listed} {from}")
    }

    fn no_cap(&self, why: Option<&str>) -> String {
        match why {
            None => "на одного клиента ограничений нет".to_owned(),
            Some(why) => format!("число её сообщений не ограничено: «{why}»"),
        }
    }

    fn quiet(&self, hours: QuietHours) -> String {
        let QuietHours { from, to } = hours;
        format!("с {from} до {to} по времени клиента ничего не отправляется")
    }

    fn no_quiet(&self, why: Option<&str>) -> String {
        match why {
            None => "сообщения уходят в любой час".to_owned(),
            Some(why) => format!("сообщения уходят в любой час: «{why}»"),
        }
    }

    fn opt_in(&self, on: &[Channel]) -> String {
        format!("{}: только тем, кто согласился", channels(on))
    }

    fn opt_out(&self, on: &[Channel]) -> String {
        format!("{}: всем, кто не отказался", channels(on))
    }

    fn no_consent(&self, channel: Channel, why: &str) -> String {
        format!("{}: всем: «{why}»", all_pieces(channel))
    }

    fn never_late(&self) -> &'static str {
        "сообщение уходит, как бы оно ни опоздало"
    }

    fn dearest(&self, dearest: &Dearest, currency: &Currency) -> String {
        let mut parts = Vec::new();
        match dearest.points {
            Some(0) => {}
            Some(points) => parts.push(self.points(Points(points))),
            None => parts.push("баллы без ограничения".to_owned()),
        }
        match dearest.cashback {
            Some(0) => {}
            Some(points) => parts.push(format!("{} кэшбэка", self.points(Points(points)))),
            None => parts.push("кэшбэк без ограничения".to_owned()),
        }
        match dearest.codes {
            Some(0) => {}
            Some(n) => parts.push(noun(n, "промокод", "промокода", "промокодов")),
            None => parts.push("промокоды без ограничения".to_owned()),
        }
        for (channel, messages) in &dearest.messages {
            parts.push(match messages.count {
                Some(n) => pieces(*channel, n.unsigned_abs()),
                None => format!("{} без ограничения", all_pieces(*channel)),
            });
        }
        if parts.is_empty() {
            return "нисколько".to_owned();
        }
        let messages = match dearest.money {
            Some(0) => String::new(),
            Some(sum) => format!("; {} за сообщения", money(Minor(sum), currency)),
            None => "; деньги за сообщения без ограничения".to_owned(),
        };
        format!("один клиент за один проход: {}{messages}", joined(&parts, "и"))
    }

    fn times_a_year(&self, n: u32) -> String {
        let times = noun(n.into(), "раза", "раз", "раз");
        format!("за год клиент может пройти цепочку до {times}")
    }

    fn enough(&self, limit: &Budget, customers: i64, currency: &Currency) -> String {
        let customers = noun(customers, "такого клиента", "таких клиента", "таких клиентов");
        let sum = match limit {
            Budget::Points { limit, .. } => self.points(*limit),
            Budget::Money { limit, on: None, .. } => money(*limit, currency),
            Budget::Money { limit, on: Some(channel), .. } => {
                format!("{} на {}", money(*limit, currency), all_pieces(*channel))
            }
        };
        format!("бюджета {sum} хватит на {customers}")
    }

    fn steps(&self, n: usize) -> String {
        noun(n as i64, "шаг", "шага", "шагов")
    }

    fn no_chains(&self) -> &'static str {
        "Цепочек здесь нет."
    }
}
