//! A customer's life in Russian.

use super::cause::{self, Cause, Full, Of, Purse, Shown};
use super::voice::{Clock, Label, Voice};
use chainc_compiler::diagnostic::{Lang, plural};
use chainc_compiler::explain;
use chainc_compiler::ir::{Action, Channel};
use chainc_compiler::units::{Currency, Minor, Period, Points};
use chainc_runtime::store::history::Sent;
use chainc_runtime::store::operations::{Operation, Standing};
use chainc_runtime::time::Moment;
use chainc_runtime::why::door::{Door, Fails, Known};
use chainc_runtime::why::{Address, Entry, Life, Line, Reach, Said, Stands, Way};

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

fn lately(within: Option<Period>) -> String {
    match within {
        Some(period) => format!("за {}", explain::period(period, Lang::Ru)),
        None => "всего".to_owned(),
    }
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

    fn of(&self, of: Of<'_>) -> String {
        match of {
            Of::AllChains => "на все цепочки вместе".to_owned(),
            Of::ThisChain => "этой цепочки".to_owned(),
            Of::Chain(name) => format!("цепочки `{name}`"),
            Of::Brand(name) => format!("бренда `{name}`"),
            Of::Experiment(name) => format!("эксперимента `{name}`"),
        }
    }

    /// Why something was left out; `what` says what did not happen.
    fn left_out(&self, what: &str, cause: &Cause<'_>, sent: Option<&Sent>, way: &Way) -> String {
        match cause {
            Cause::NoConsent => match sent.and_then(|sent| sent.consent.as_ref()) {
                Some(said) => format!("{what}: {}", self.said(said)),
                None => format!("{what}: согласия на этот канал не было"),
            },
            Cause::TooLate => {
                format!("{what}: ушло бы позже, чем разрешает `within`")
            }
            Cause::Cap(Some(Full { most, is_points, per, of })) => {
                let per = explain::period(*per, Lang::Ru);
                let of = self.of(*of);
                let most = if *is_points {
                    explain::points(Points(*most), Lang::Ru)
                } else {
                    noun(*most, "сообщение", "сообщения", "сообщений")
                };
                if *is_points {
                    format!("{what}: не хватает лимита {of} ({most} за {per})")
                } else {
                    format!("{what}: лимит {of} ({most} за {per}) уже выбран")
                }
            }
            Cause::Cap(None) => format!("{what}: лимит выбран"),
            Cause::Budget(Some(Purse { on, is_points, of })) => {
                let of = match of {
                    Of::AllChains => String::new(),
                    other => format!(" {}", self.of(*other)),
                };
                let kind = match (is_points, on) {
                    (true, _) => "бюджете баллов".to_owned(),
                    (false, Some(channel)) => format!("бюджете на {channel}"),
                    (false, None) => "бюджете на сообщения".to_owned(),
                };
                format!("{what}: в {kind}{of} не хватает остатка")
            }
            Cause::Budget(None) => format!("{what}: бюджета не хватает"),
            Cause::NoBand => match way.recency {
                Some(n) => {
                    format!("баллы не начислены: в таблице нет строки на {}", days(n.into()))
                }
                None => "баллы не начислены: таблица только для тех, кто покупал".to_owned(),
            },
            Cause::NotNeeded => "не понадобилось: предыдущее сообщение дошло".to_owned(),
            Cause::NothingToShow(shown) => {
                let thing = match shown {
                    Shown::Points => "баллы, а их не начислили",
                    Shown::Cashback => "кэшбэк, а его не дали",
                    Shown::Code => "промокод, а его не выдали",
                };
                format!("{what}: в тексте {thing}")
            }
            Cause::NoText => format!("{what}: для этого канала нет текста"),
            Cause::NoWayOut => format!("{what}: в нём нет способа отписаться"),
            Cause::NoArm => "ни одно условие не выполнено: дальше, за ветвлением".to_owned(),
            Cause::NoCode => "промокод не выдан: они закончились".to_owned(),
            Cause::NoAddress => match sent {
                Some(sent) => format!("{what}: нет {}", no_address(sent.channel)),
                None => format!("{what}: нет адреса"),
            },
            Cause::DeadAddress => match sent {
                Some(sent) => format!("{what}: {}", dead(sent.channel)),
                None => format!("{what}: адрес не работает"),
            },
            Cause::Words(words) => format!("{what}: {words}"),
        }
    }

    /// For whom an arm of an `if` is.
    fn arm(&self, step: Option<&Action>, arm: &str) -> Option<String> {
        let Some(Action::If { arms, .. }) = step else { return None };
        let at = arm.parse::<usize>().ok()?.checked_sub(1)?;
        Some(explain::audience(&arms.get(at)?.condition, &self.currency, Lang::Ru))
    }

    fn sent(&self, line: &Line, sent: &Sent) -> String {
        let arrived = sent.state == "delivered" && sent.settled_at == Some(line.at);
        let verb = if arrived { "доставлен" } else { "отправлен" };
        let verb = format!("{verb}{}", o(sent.channel));
        let to = sent.address.as_ref().filter(|_| sent.channel != Channel::Push);
        let to = to.map(|to| format!(" на {to}")).unwrap_or_default();
        let consent = match &sent.consent {
            Some(said) if said.granted => format!("; {}", self.said(said)),
            _ => "; отказа не было, а согласие не требовалось".to_owned(),
        };
        let unknown = line.detail.as_ref().map(|why| {
            format!("; ответ провайдера потерян, поэтому сообщение считается отправленным ({why})")
        });
        format!(
            "{} `{}` {verb}{to}{consent}{}",
            piece(sent.channel),
            sent.message,
            unknown.unwrap_or_default()
        )
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

    fn known(&self, fails: &Fails, life: &Life) -> String {
        match &fails.instead {
            Known::LastPurchase(None) => "у клиента покупок ещё не было".to_owned(),
            Known::LastPurchase(Some(n)) => {
                let day = life
                    .customer
                    .last_purchase_at
                    .map(|at| explain::date(self.clock.business.day(at).to_date(), Lang::Ru));
                let day = day.map(|day| format!(" ({day})")).unwrap_or_default();
                match n {
                    0 => "последняя покупка клиента была сегодня".to_owned(),
                    n => format!("последняя покупка клиента была {} назад{day}", days(*n)),
                }
            }
            Known::Purchases(n, within) => {
                let n = noun(*n, "покупка", "покупки", "покупок");
                format!("у клиента {} {n}", lately(*within))
            }
            Known::Spent(sum, within) => {
                format!("у клиента {} покупок на {}", lately(*within), self.money(*sum))
            }
            Known::Channel(channel) => {
                let reach = life.channels.iter().find(|reach| reach.channel == *channel);
                reach.map_or_else(
                    || "этот клиент к ним не относится".to_owned(),
                    |reach| self.reach(reach),
                )
            }
            Known::Churn(None) => "для клиента прогноза нет".to_owned(),
            Known::Churn(Some(chance)) => {
                format!("у клиента он {}", explain::share(*chance, Lang::Ru))
            }
            Known::Registered(None) => "дата регистрации клиента неизвестна".to_owned(),
            Known::Registered(Some(n)) => format!("с регистрации клиента прошло {}", days(*n)),
            Known::Balance(points) => {
                format!("на счёте клиента {}", explain::points(*points, Lang::Ru))
            }
            Known::City(None) => "город клиента неизвестен".to_owned(),
            Known::City(Some(city)) => format!("город клиента — «{city}»"),
            Known::Attribute(None) => "о клиенте это неизвестно".to_owned(),
            Known::Attribute(Some(value)) => format!("у клиента это `{value}`"),
            Known::Nothing => "этот клиент к ним не относится".to_owned(),
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
        let detail = line.detail.as_deref();
        let step = line.step.as_deref().and_then(|id| way.step(id)).map(|step| &step.action);
        let sent = line.message.as_ref();
        let together = |what: &str| before.is_some_and(|b| b.what == what && b.at == line.at);
        let bought = line.amount.map(|sum| format!(" на {}", self.money(sum))).unwrap_or_default();
        Some(match line.what.as_str() {
            "reached" => return None,
            "entered" => match way.recency {
                Some(0) => "вход в цепочку в день покупки".to_owned(),
                Some(n) => {
                    let n = i64::from(n);
                    let passed = plural(n.unsigned_abs(), "прошёл", "прошло", "прошло");
                    format!("вход в цепочку; с последней покупки {passed} {}", days(n))
                }
                None => "вход в цепочку; покупок ещё не было".to_owned(),
            },
            "control" => {
                let of = way.chain.experiment.as_ref().unwrap_or(&way.chain.name);
                format!("контрольная группа `{of}`: ничего не отправляется и не начисляется")
            }
            "done" => match step? {
                Action::Wait { .. } => "ожидание закончилось".to_owned(),
                Action::Tag(tag) => format!("поставлен тег `{tag}`"),
                Action::Repeat { .. } => "повторы закончились".to_owned(),
                _ => return None,
            },
            "granted" => {
                let verb = match detail.and_then(|text| text.parse::<u64>().ok()) {
                    Some(n) => plural(n, "начислен", "начислено", "начислено"),
                    None => "начислено",
                };
                format!("{verb} {}{}", self.points(detail), self.until(line.expires_at))
            }
            "raised" => {
                let rate = detail.unwrap_or("?").replace('.', ",");
                format!("кэшбэк повышен до {rate}{}", self.until(line.expires_at))
            }
            "earned" => format!("повышенный кэшбэк принёс {}", self.points(detail)),
            "taken back" => {
                format!("из кэшбэка списано {}: покупка возвращена", self.points(detail))
            }
            "lowered" => {
                format!("повышенный кэшбэк закончился; он принёс {}", self.points(detail))
            }
            "code" => {
                format!("выдан промокод {}{}", detail.unwrap_or("?"), self.until(line.expires_at))
            }
            "queued" => {
                let sent = sent?;
                let left = sent.taken_at.or(sent.settled_at).or(sent.due_at);
                let until = left.filter(|left| left.0 - line.at.0 >= 60_000)?;
                let name = format!("{} `{}`", piece(sent.channel), sent.message);
                let o = o(sent.channel);
                format!("{name} подготовлен{o} и отложен{o} до {}", self.moment(until))
            }
            "sent" => match sent {
                Some(sent) => self.sent(line, sent),
                None => "сообщение отправлено".to_owned(),
            },
            "delivered" if together("sent") => return None,
            "delivered" => match sent {
                Some(sent) => {
                    let verb = if o(sent.channel).is_empty() { "дошёл" } else { "дошло" };
                    format!("{} `{}` {verb}", piece(sent.channel), sent.message)
                }
                None => "сообщение дошло".to_owned(),
            },
            "opened" => format!("сообщение `{}` открыто", sent?.message),
            "clicked" => format!("переход по ссылке в `{}`", sent?.message),
            "unsubscribed" => format!("отказ по ссылке в `{}`", sent?.message),
            "skipped" | "undeliverable" => {
                let verb = if line.what == "skipped" {
                    "не отправлен"
                } else {
                    "не доставлен"
                };
                let what = match (sent, step) {
                    (_, Some(Action::Grant { .. })) => "баллы не начислены".to_owned(),
                    (_, Some(Action::Cashback { .. })) => "кэшбэк не повышен".to_owned(),
                    (Some(sent), _) => {
                        let name = format!("{} `{}`", piece(sent.channel), sent.message);
                        format!("{name} {verb}{}", o(sent.channel))
                    }
                    (
                        None,
                        Some(
                            Action::Send { channel, message, .. }
                            | Action::Fallback { channel, message, .. },
                        ),
                    ) => format!("{} `{message}` {verb}{}", piece(*channel), o(*channel)),
                    (None, _) => "шаг пропущен".to_owned(),
                };
                self.left_out(
                    &what,
                    &cause::read(detail.unwrap_or("причина неизвестна")),
                    sent,
                    way,
                )
            }
            "arm" => match (step, detail.unwrap_or_default()) {
                (Some(Action::Split { .. }), arm) => format!("по жребию — `{arm}`"),
                (_, "else") => {
                    "ни одно условие не выполнено: выбран путь для всех остальных".to_owned()
                }
                (step, arm) => match self.arm(step, arm) {
                    Some(who) => format!("выбран путь: {who}"),
                    None => format!("выполнено условие {arm}"),
                },
            },
            "undecided" => format!(
                "ожидание закончилось, но была ли покупка, пока неизвестно: нет данных от {}",
                detail.unwrap_or("источника")
            ),
            "assumed" => format!(
                "данных от {} вовремя не было: считается, что покупки не было",
                detail.unwrap_or("источника")
            ),
            "held" => match (detail, sent) {
                (Some("over budget"), Some(sent)) => {
                    format!("{} `{}` ждёт места в бюджете", piece(sent.channel), sent.message)
                }
                (Some("over budget"), None) => "шаг ждёт места в бюджете".to_owned(),
                (sources, _) => format!(
                    "данных от {} вовремя не было: клиент ждёт их здесь",
                    sources.unwrap_or("источника")
                ),
            },
            "too late" => {
                "покупка была до отправки этого сообщения, но стала известна позже".to_owned()
            }
            "chain paused" => format!("цепочку поставили на паузу ({})", detail.unwrap_or("?")),
            "chain resumed" => format!("цепочку возобновили ({})", detail.unwrap_or("?")),
            "chain stopped" => format!("цепочку остановили ({})", detail.unwrap_or("?")),
            "round" => format!("начался повтор {}", detail.unwrap_or("?")),
            "bought" => format!("покупка{bought}: она засчитана в цель"),
            "control bought" => {
                format!("покупка{bought}: она засчитана в цель контрольной группы")
            }
            "returned" | "control returned" => "засчитанная в цель покупка возвращена".to_owned(),
            "purchased" if together("bought") => "эта покупка завершила цепочку".to_owned(),
            "purchased" => format!("покупка{bought}: она завершила цепочку"),
            "answered" if together("clicked") || together("opened") => {
                "это завершило цепочку".to_owned()
            }
            "answered" => match detail.and_then(|text| text.split_once(' ')) {
                Some(("clicked", message)) => {
                    format!("переход по ссылке в `{message}` завершил цепочку")
                }
                Some(("opened", message)) => format!("открытие `{message}` завершило цепочку"),
                Some((_, event)) => format!("событие «{event}» завершило цепочку"),
                None => "ответ клиента завершил цепочку".to_owned(),
            },
            "ended" => match detail.unwrap_or_default() {
                "purchased" | "answered" => return None,
                "completed" => "все шаги пройдены, цепочка закончилась".to_owned(),
                "exited" => "`exit`: цепочка для клиента закончилась".to_owned(),
                "budget" => "бюджет баллов исчерпан, цепочка для клиента закончилась".to_owned(),
                "pool" => "промокоды закончились, цепочка для клиента закончилась".to_owned(),
                "stopped" => "цепочку остановили, для клиента она закончилась".to_owned(),
                "merged" => {
                    "ключ клиента объединён с другим, поэтому цепочка закончилась".to_owned()
                }
                other => format!("цепочка для клиента закончилась: {other}"),
            },
            other => match detail {
                Some(detail) => format!("{other}: {detail}"),
                None => other.to_owned(),
            },
        })
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
        match door {
            Door::Paused(told) | Door::Stopped(told) => {
                let since = self.clock.of_business(told.at, Lang::Ru);
                let who = by(&told.who, told.reason.as_deref());
                let what = match told.standing {
                    Standing::Stopped => "цепочка остановлена",
                    Standing::Paused | Standing::Running => "цепочка стоит на паузе с",
                };
                format!("никто не входит: {what} {since} {who}")
            }
            Door::NotYet(day) => {
                format!("вход откроется {}", explain::date(*day, Lang::Ru))
            }
            Door::Over(day) => {
                format!("вход закрыт: он был открыт по {}", explain::date(*day, Lang::Ru))
            }
            Door::Once(at) => {
                format!("клиент уже входил {}, а вход здесь один раз", self.moment(*at))
            }
            Door::Often(times) => format!(
                "клиент уже входил {}, больше нельзя",
                noun(i64::from(*times), "раз", "раза", "раз")
            ),
            Door::Again(from) => format!("войти снова можно будет с {}", self.moment(*from)),
            Door::Rival { chain, since } => format!(
                "клиент с {} идёт по цепочке `{chain}`, а по обеим сразу идти нельзя",
                self.moment(*since)
            ),
            Door::NotMeant { fails, from } => {
                let each: Vec<String> = fails
                    .iter()
                    .map(|one| {
                        let who = explain::audience(&one.part, &self.currency, Lang::Ru);
                        format!("нужны {who}; {}", self.known(one, life))
                    })
                    .collect();
                let from = from.map(|day| {
                    let day = explain::date(day, Lang::Ru);
                    format!(". Если покупки не будет, условие выполнится {day}")
                });
                format!("{}{}", each.join(". Ещё "), from.unwrap_or_default())
            }
            Door::Open(at) => {
                let at = self.clock.of_business(*at, Lang::Ru);
                format!("ничто не мешает: следующий отбор клиентов {at}")
            }
        }
    }
}
