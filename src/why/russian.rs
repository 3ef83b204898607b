//! A customer's life in Russian.

use super::voice::{Clock, Label, Voice};
use chainc_compiler::diagnostic::{Lang, plural};
use chainc_compiler::explain;
use chainc_compiler::ir::{Action, Channel};
use chainc_compiler::units::{Currency, Minor, Points};
use chainc_runtime::store::history::Sent;
use chainc_runtime::store::operations::{Operation, Standing};
use chainc_runtime::time::Moment;
use chainc_runtime::why::door::Door;
use chainc_runtime::why::{Address, Entry, Life, Line, Reach, Said, Stands, Way};

mod door;
mod happened;

/// Russian.
pub(crate) struct Russian {
    pub(crate) clock: Clock,
    pub(crate) currency: Currency,
}

const fn piece(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "SMS",
        Channel::Email => "письмо",
        Channel::Push => "пуш",
        Channel::Webhook => "вызов вебхука",
    }
}

/// The ending of a verb about it: «SMS отправлено», «пуш отправлен».
const fn o(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms | Channel::Email => "о",
        Channel::Push | Channel::Webhook => "",
    }
}

/// What a channel carries, all of it.
const fn pieces(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "SMS",
        Channel::Email => "письма",
        Channel::Push => "пуши",
        Channel::Webhook => "вебхук",
    }
}

/// «нет номера телефона»
const fn no_address(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "номера телефона",
        Channel::Email => "адреса почты",
        Channel::Push => "приложения или карты для пушей",
        Channel::Webhook => "адреса",
    }
}

const fn dead(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "номер телефона не работает",
        Channel::Email => "адрес почты не работает",
        Channel::Push => "приложение или карта удалены",
        Channel::Webhook => "адрес не работает",
    }
}

fn noun(n: i64, one: &str, few: &str, many: &str) -> String {
    format!("{n}\u{a0}{}", plural(n.unsigned_abs(), one, few, many))
}

fn days(n: i64) -> String {
    noun(n, "день", "дня", "дней")
}

/// What the store calls the places where people say yes and no.
fn source(source: &str) -> &str {
    match source {
        "customer file" => "файл клиентов",
        "import" => "импорт согласий",
        other => other,
    }
}

fn by(who: &str, reason: Option<&str>) -> String {
    let reason = reason.map(|reason| format!(": «{reason}»")).unwrap_or_default();
    format!("({who}{reason})")
}

impl Russian {
    fn day(&self, at: Moment) -> String {
        self.clock.day(at, Lang::Ru)
    }

    fn moment(&self, at: Moment) -> String {
        self.clock.moment(at, Lang::Ru)
    }

    fn money(&self, amount: Minor) -> String {
        explain::money(amount, &self.currency, Lang::Ru)
    }

    fn points(&self, detail: Option<&str>) -> String {
        let number = detail.and_then(|text| text.parse().ok()).unwrap_or(0);
        explain::points(Points(number), Lang::Ru)
    }

    fn until(&self, at: Option<Moment>) -> String {
        at.map_or_else(|| " без срока".to_owned(), |at| format!(" до {}", self.moment(at)))
    }

    fn said(&self, said: &Said) -> String {
        let word = if said.granted { "согласие" } else { "отказ" };
        if said.at == Moment(0) {
            return format!("{word} ({})", source(&said.source));
        }
        format!("{word} от {} ({})", self.day(said.at), source(&said.source))
    }

    /// What a message waits for.
    fn waits(&self, sent: &Sent) -> String {
        let name = format!("{} `{}`", piece(sent.channel), sent.message);
        match (sent.state.as_str(), sent.due_at) {
            ("queued", Some(due)) if sent.rejections > 0 => {
                let why = sent.reason.as_deref().unwrap_or("не сейчас");
                format!("{name}: следующая попытка {}; ответ провайдера: {why}", self.moment(due))
            }
            ("queued", Some(due)) => format!("{name} уйдёт {}", self.moment(due)),
            ("queued", None) => {
                format!("{name} ждёт: {}", sent.reason.as_deref().unwrap_or("отложено"))
            }
            _ => format!("{name} в пути, дошло ли — пока неизвестно"),
        }
    }
}

impl Voice for Russian {
    fn lang(&self) -> Lang {
        Lang::Ru
    }

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn currency(&self) -> &Currency {
        &self.currency
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Customer => "Клиент",
            Label::Purchases => "Покупки",
            Label::Channels => "Каналы",
            Label::Wallet => "Счёт",
            Label::Now => "Сейчас",
            Label::Next => "Дальше",
        }
    }

    fn customer(&self, life: &Life) -> String {
        let names = [&life.customer.first_name, &life.customer.last_name];
        let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
        let name = if names.is_empty() { String::new() } else { format!(", {}", names.join(" ")) };
        format!(
            "`{}`{name}; по времени клиента ({}) сейчас {}",
            life.customer.id,
            life.timezone,
            self.moment(life.now)
        )
    }

    fn purchases(&self, life: &Life) -> String {
        match life.last_purchase {
            None => "не было".to_owned(),
            Some(last) => format!(
                "{} на {}; последняя — {}, на {}",
                noun(life.customer.purchases, "покупка", "покупки", "покупок"),
                self.money(life.customer.spent),
                self.moment(last.at),
                self.money(last.amount)
            ),
        }
    }

    fn reach(&self, reach: &Reach) -> String {
        let said = match &reach.said {
            Some(said) => self.said(said),
            None if reach.silence_is_yes => "отказа не было, этого здесь достаточно".to_owned(),
            None => "согласия не было".to_owned(),
        };
        let agrees = reach.said.as_ref().map_or(reach.silence_is_yes, |said| said.granted);
        let joint = if agrees { "но" } else { "и" };
        let place = match reach.address {
            Address::Good => String::new(),
            Address::Dead => format!(", {joint} {}", dead(reach.channel)),
            Address::None => format!(", {joint} нет {}", no_address(reach.channel)),
        };
        format!("{}: {said}{place}", pieces(reach.channel))
    }

    fn wallet(&self, life: &Life) -> String {
        let balance = explain::points(life.customer.balance(), Lang::Ru);
        let next = life.customer.points.iter().filter(|lot| lot.left.0 > 0);
        let next = next.filter_map(|lot| Some((lot.expires_at?, lot.left))).min();
        match next {
            Some((at, points)) if points == life.customer.balance() => {
                format!("{balance} до {}", self.moment(at))
            }
            Some((at, points)) => {
                format!("{balance}, из них {} до {}", points.0, self.moment(at))
            }
            None => balance,
        }
    }

    fn never(&self) -> &'static str {
        "ни в одной цепочке клиент ещё не был"
    }

    fn way(&self, way: &Way) -> String {
        let title = way.chain.title.as_deref().map(|title| format!(": {title}"));
        let time = if way.cycle > 1 { format!(", {}-й раз", way.cycle) } else { String::new() };
        let old = if way.is_current { "" } else { ", прежняя версия" };
        format!("{}{}{time}{old}", way.chain.name, title.unwrap_or_default())
    }

    fn entries(&self) -> &'static str {
        "Баллы"
    }

    fn entry(&self, entry: &Entry) -> String {
        let why = match entry.kind.as_str() {
            "granted" => "начислено",
            "cashback" => "повышенный кэшбэк",
            "earned" => "начислено на кассе",
            "spent" => "потрачено",
            "expired" => "сгорело",
            "taken_back" => "списано: покупка возвращена",
            "given_back" => "вернулось: покупка возвращена",
            "settled" => "зачтено в счёт долга",
            other => other,
        };
        let by = entry.chain.as_deref();
        let by = by.map(|chain| format!(", цепочка `{chain}`")).unwrap_or_default();
        let sign = if entry.points.0 > 0 { "+" } else { "−" };
        let points = explain::points(Points(entry.points.0.abs()), Lang::Ru);
        format!("{sign}{points}: {why}{by}")
    }

    fn elsewhere(&self) -> &'static str {
        "Цепочки, по которым клиент сейчас не идёт"
    }

    fn happened(&self, line: &Line, before: Option<&Line>, way: &Way) -> Option<String> {
        self.what_happened(line, before, way)
    }

    fn stands(&self, stands: &Stands, way: &Way) -> String {
        let ends = if stands.a_purchase_ends_it {
            "; покупка до этого завершит цепочку"
        } else {
            ""
        };
        let step = stands.place.step(&way.chain).map(|step| &step.action);
        match (stands.phase.as_str(), stands.until, &stands.message) {
            ("waiting", Some(until), _) => match step {
                Some(Action::Repeat { .. }) => {
                    format!("следующий повтор начнётся {}{ends}", self.moment(until))
                }
                _ => format!("ожидание до {}{ends}", self.moment(until)),
            },
            ("sending", _, Some(sent)) => self.waits(sent),
            ("ready", Some(_), _) => "пора делать следующий шаг".to_owned(),
            ("held", ..) => "шаг ждёт, пока в бюджете найдётся место для баллов".to_owned(),
            ("undecided", Some(until), _) => format!(
                "была ли покупка, пока неизвестно; это решится не позже {}",
                self.moment(until)
            ),
            ("undecided", None, _) => {
                "была ли покупка, пока неизвестно; клиент ждёт, пока это не выяснится".to_owned()
            }
            (phase, Some(until), _) => format!("{phase} до {}", self.moment(until)),
            (phase, None, _) => format!("{phase} на шаге {}", stands.place),
        }
    }

    fn told(&self, told: &Operation) -> String {
        let since = self.clock.of_business(told.at, Lang::Ru);
        let who = by(&told.who, told.reason.as_deref());
        match told.standing {
            Standing::Stopped => format!("цепочка остановлена {since} {who}"),
            Standing::Paused | Standing::Running => format!(
                "цепочка стоит на паузе с {since} {who}: до возобновления ничего не происходит"
            ),
        }
    }

    fn goal(&self, until: Moment) -> String {
        format!("покупка до {} засчитывается в цель", self.moment(until))
    }

    fn fork(&self, arms: &[String], has_else: bool) -> String {
        let rest =
            if has_else { "; по-другому — все остальные" } else { "" };
        format!("дальше по-разному: {}{rest}", arms.join("; "))
    }

    fn then_over(&self) -> &'static str {
        "на этом цепочка заканчивается"
    }

    fn door(&self, door: &Door, life: &Life) -> String {
        self.what_keeps_out(door, life)
    }
}
