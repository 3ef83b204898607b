//! Who is meant, in Russian: every condition as a clause behind «клиенты».

use super::super::clause::{Clause, opposite};
use super::super::quantity::{decimal, signed};
use super::{date, money, noun, period, share, unit};
use crate::diagnostic::plural;
use crate::ir::{AttributeTest, Channel, Condition, Touch, Window};
use crate::units::{Currency, Minor, Period, Test};

/// Returns «клиенты, которые не покупали от 60 до 89 дней».
pub(super) fn customers(clause: &Clause, currency: &Currency) -> String {
    match clause {
        Clause::One { of: Condition::Frozen { on, condition }, holds: true } => format!(
            "клиенты из списка на {}: те, {}",
            date(*on),
            top(&Clause::of(condition), currency).said()
        ),
        other => format!("клиенты, {}", top(other, currency).said()),
    }
}

/// A clause in two pieces, so that neighbours can share the first.
#[derive(Debug, Clone)]
struct Said {
    /// «которые», «у которых»; of a row nothing.
    which: &'static str,
    what: String,
    /// What the next clause can share.
    last: &'static str,
}

impl Said {
    fn said(self) -> String {
        if self.which.is_empty() { self.what } else { format!("{} {}", self.which, self.what) }
    }
}

fn who(what: impl Into<String>) -> Said {
    Said { which: "которые", what: what.into(), last: "которые" }
}

fn with(what: impl Into<String>) -> Said {
    Said { which: "у которых", what: what.into(), last: "у которых" }
}

fn whole(what: String) -> Said {
    Said { which: "", what, last: "" }
}

fn top(clause: &Clause, currency: &Currency) -> Said {
    match clause {
        Clause::One { of, holds } => one(of, *holds, currency),
        Clause::All(parts) => whole(every(parts, currency)),
        Clause::Any(parts) => {
            let nested = parts.iter().any(|part| matches!(part, Clause::All(_)));
            let parts: Vec<Said> = parts.iter().map(|part| top(part, currency)).collect();
            whole(if nested {
                parts.into_iter().map(Said::said).collect::<Vec<_>>().join("; или ")
            } else {
                row(parts, "или")
            })
        }
    }
}

fn every(parts: &[Clause], currency: &Currency) -> String {
    let parts: Vec<Said> = parts
        .iter()
        .map(|part| match part {
            Clause::Any(choices) => choice(choices, currency),
            other => top(other, currency),
        })
        .collect();
    row(parts, "и")
}

/// Returns «которые либо a, либо b»: the first of them opens the clause.
fn choice(choices: &[Clause], currency: &Currency) -> Said {
    let mut all = Said { which: "", what: String::new(), last: "" };
    for (at, one) in choices.iter().map(|choice| within(choice, currency)).enumerate() {
        if at == 0 {
            all = Said { what: format!("либо {}", one.what), ..one };
            continue;
        }
        let shared = !one.which.is_empty() && one.which == all.last;
        all.last = one.last;
        let text = if shared { one.what } else { one.said() };
        all.what.push_str(&format!(", либо {text}"));
    }
    all
}

/// A clause inside of a choice: a row in it takes parentheses.
fn within(clause: &Clause, currency: &Currency) -> Said {
    match clause {
        Clause::One { .. } => top(clause, currency),
        Clause::All(_) | Clause::Any(_) => whole(format!("({})", top(clause, currency).said())),
    }
}

/// Returns «которые a, b и c»: a neighbour with the same «которые» leaves it out.
fn row(parts: Vec<Said>, word: &str) -> String {
    let last = parts.len().saturating_sub(1);
    let mut out = String::new();
    let mut which = "";
    for (at, part) in parts.into_iter().enumerate() {
        let shared = at > 0 && !part.which.is_empty() && part.which == which;
        which = part.last;
        let text = if shared { part.what } else { part.said() };
        match at {
            0 => {}
            _ if at == last => out.push_str(&format!(" {word} ")),
            _ => out.push_str(", "),
        }
        out.push_str(&text);
    }
    out
}

fn one(of: &Condition, holds: bool, currency: &Currency) -> Said {
    let not = |verb: &str| if holds { verb.to_owned() } else { format!("не {verb}") };
    match of {
        // These three are rows and never stand alone.
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) => top(&Clause::of(of), currency),
        Condition::Recency(test) => recency(*test, holds),
        Condition::Frequency { test, window } => who(frequency(*test, *window, holds)),
        Condition::Spent { test, within } => {
            let sum = amount(known(*test, holds), &|n, _| money(Minor(n), currency));
            who(format!("{}потратили {sum}", lately(*within, "всего ")))
        }
        Condition::AverageCheck { test, within } => {
            let sum = unknown(*test, holds, "покупок не было", &|n, _| {
                money(Minor(n), currency)
            });
            with(format!("{}средний чек {sum}", lately(*within, "")))
        }
        Condition::Consent(channel) => who(format!(
            "{} на {}",
            if holds { "согласились" } else { "не соглашались" },
            sent(*channel)
        )),
        Condition::Reachable(channel) => {
            with(format!("{}{}", if holds { "есть " } else { "нет " }, address(*channel, holds)))
        }
        Condition::Tag(tag) => who(format!("{} тегом `{tag}`", not("помечены"))),
        Condition::Registered(test) => {
            let ago = unknown(*test, holds, "дата регистрации неизвестна", &days);
            with(format!("с регистрации прошло {ago}"))
        }
        Condition::Birthday(within) => {
            let soon = soon(*within);
            with(if holds {
                format!("{soon} день рождения")
            } else {
                format!("{soon} нет дня рождения")
            })
        }
        Condition::Balance(test) => {
            with(format!("на счёте {}", amount(known(*test, holds), &points)))
        }
        Condition::Expiring(within) => with(format!("{} {} баллы", soon(*within), not("сгорают"))),
        Condition::Brand { brand, within } => {
            who(format!("{}{} в `{brand}`", lately(*within, ""), not("покупали")))
        }
        Condition::Bought { category, within } => {
            who(format!("{}{} «{category}»", lately(*within, ""), not("покупали")))
        }
        Condition::Touched { how: Touch::Own, message: event, within } => {
            let was =
                if holds { "было событие" } else { "не было события" };
            with(format!("{}{was} «{event}»", lately(*within, "")))
        }
        Condition::Touched { how, message, within } => {
            let verb = match (how, holds) {
                (Touch::Received, true) => "получили",
                (Touch::Received, false) => "не получали",
                (Touch::Opened, true) => "открыли",
                (Touch::Opened, false) => "не открывали",
                (Touch::Clicked | Touch::Own, true) => "перешли по ссылке в",
                (Touch::Clicked | Touch::Own, false) => "не переходили по ссылке в",
            };
            who(format!("{}{verb} `{message}`", lately(*within, "")))
        }
        Condition::City(city) => who(format!("{} в городе «{city}»", not("живут"))),
        Condition::Churn(test) => {
            with(format!("риск ухода {}", unknown(*test, holds, "неизвестен", &|n, _| share(n))))
        }
        Condition::Overdue(test) => {
            let pause = unknown(*test, holds, "обычный цикл неизвестен", &cycles);
            with(format!("с последней покупки прошло {pause}"))
        }
        Condition::Attribute { name, is } => match is {
            AttributeTest::Number(test) => with(format!(
                "`{name}` {}",
                unknown(*test, holds, "неизвестно", &|n, _| signed(n, '\u{a0}'))
            )),
            AttributeTest::Text(text) => with(format!("`{name}` — {}", not(&format!("«{text}»")))),
            AttributeTest::Flag => {
                with(format!("{} отметка `{name}`", if holds { "стоит" } else { "не стоит" }))
            }
            AttributeTest::Within(length) => {
                let soon = soon(*length);
                with(if holds {
                    format!("`{name}` {soon}")
                } else {
                    format!("`{name}` не {soon}")
                })
            }
        },
        Condition::Frozen { on, condition } => {
            let those = top(&Clause::of(condition), currency).said();
            who(format!("{} в список на {} (те, {those})", not("попали"), date(*on)))
        }
    }
}

/// In which case a number and its noun stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    /// «ровно 2 дня»
    Accusative,
    /// «не меньше 2 дней»
    Genitive,
}

fn days(n: i64, case: Case) -> String {
    match case {
        Case::Accusative => noun(n, "день", "дня", "дней"),
        Case::Genitive => noun(n, "дня", "дней", "дней"),
    }
}

fn points(n: i64, case: Case) -> String {
    match case {
        Case::Accusative => noun(n, "балл", "балла", "баллов"),
        Case::Genitive => noun(n, "балла", "баллов", "баллов"),
    }
}

fn times(n: i64, case: Case) -> String {
    match case {
        Case::Accusative => noun(n, "раз", "раза", "раз"),
        Case::Genitive => noun(n, "раза", "раз", "раз"),
    }
}

/// Hundredths of a customer's own cycle.
fn cycles(n: i64, case: Case) -> String {
    if n % 100 != 0 {
        return format!("{}\u{a0}обычного цикла", decimal(n, 2, '\u{a0}', ',', true));
    }
    match case {
        Case::Accusative => noun(n / 100, "обычный цикл", "обычных цикла", "обычных циклов"),
        Case::Genitive => noun(n / 100, "обычного цикла", "обычных циклов", "обычных циклов"),
    }
}

/// «за последние 90 дней », or what is said of all time.
fn lately(within: Option<Period>, ever: &str) -> String {
    match within {
        Some(length) => format!("за {} ", last(length)),
        None => ever.to_owned(),
    }
}

/// «последние 90 дней», «последний 21 день», «последний день»
fn last(length: Period) -> String {
    nearest(length, ["последний", "последнюю", "последние"])
}

/// «в ближайшие 7 дней»
pub(super) fn soon(length: Period) -> String {
    format!("в {}", nearest(length, ["ближайший", "ближайшую", "ближайшие"]))
}

fn nearest(length: Period, [masculine, feminine, several]: [&str; 3]) -> String {
    let unit = unit(length);
    let of_one = if unit.feminine { feminine } else { masculine };
    let adjective = plural(unit.n.into(), of_one, several, several);
    let count = if unit.n == 1 { unit.one.to_owned() } else { period(length) };
    format!("{adjective} {count}")
}

const fn sent(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "SMS",
        Channel::Email => "письма",
        Channel::Push => "пуши",
        Channel::Webhook => "вебхук",
    }
}

const fn address(channel: Channel, has: bool) -> &'static str {
    match (channel, has) {
        (Channel::Sms, true) => "рабочий номер телефона",
        (Channel::Sms, false) => "рабочего номера телефона",
        (Channel::Email, true) => "рабочий адрес почты",
        (Channel::Email, false) => "рабочего адреса почты",
        (Channel::Push, true) => "приложение или карта для пушей",
        (Channel::Push, false) => "приложения или карты для пушей",
        (Channel::Webhook, true) => "рабочий адрес для вебхука",
        (Channel::Webhook, false) => "рабочего адреса для вебхука",
    }
}

/// A comparison, for values that everybody has.
#[derive(Debug, Clone, Copy)]
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

type Value<'a> = &'a dyn Fn(i64, Case) -> String;

fn amount(compared: Compared, value: Value<'_>) -> String {
    let genitive = |n| value(n, Case::Genitive);
    match compared {
        Compared::Plain(Test::Below(n)) => format!("меньше {}", genitive(n)),
        Compared::Plain(Test::AtMost(n)) => format!("не больше {}", genitive(n)),
        Compared::Plain(Test::Exactly(n)) => format!("ровно {}", value(n, Case::Accusative)),
        Compared::Plain(Test::AtLeast(n)) => format!("не меньше {}", genitive(n)),
        Compared::Plain(Test::Above(n)) => format!("больше {}", genitive(n)),
        Compared::Plain(Test::Between(a, b)) => {
            format!("от {} до {}", bare(a, value), genitive(b))
        }
        Compared::Outside(a, b) if a == b => format!("не ровно {}", value(a, Case::Accusative)),
        Compared::Outside(a, b) => {
            format!("меньше {} или больше {}", bare(a, value), genitive(b))
        }
    }
}

/// The first end of a range: its noun is that of the other end.
fn bare(n: i64, value: Value<'_>) -> String {
    let text = value(n, Case::Genitive);
    match text.rsplit_once('\u{a0}') {
        Some((number, unit)) if unit.chars().all(|c| c.is_alphabetic() || c == '₽' || c == ' ') => {
            number.to_owned()
        }
        _ => text,
    }
}

/// A comparison of a value that some have not: "not at least 60%" holds of them, too.
fn unknown(test: Test, holds: bool, none: &str, value: Value<'_>) -> String {
    let said = amount(known(test, holds), value);
    if holds { said } else { format!("{said} или {none}") }
}

fn recency(test: Test, holds: bool) -> Said {
    let ago = |length: String| who(format!("последний раз покупали {length} назад"));
    let genitive = |n| days(n, Case::Genitive);
    match (test, holds) {
        (Test::AtLeast(0), false) => who("ни разу не покупали"),
        (test, false) => with(format!(
            "с последней покупки прошло {} или покупок ещё не было",
            amount(known(test, false), &days)
        )),
        (Test::Exactly(0) | Test::Between(0, 0) | Test::AtMost(0) | Test::Below(1), true) => {
            who("покупали сегодня")
        }
        (Test::Below(n), true) => ago(format!("меньше {}", genitive(n))),
        (Test::AtMost(n) | Test::Between(0, n), true) => ago(format!("не больше {}", genitive(n))),
        (Test::Exactly(n), true) => who(format!("не покупали ровно {}", days(n, Case::Accusative))),
        (Test::AtLeast(n), true) => {
            who(format!("не покупали {} и дольше", days(n, Case::Accusative)))
        }
        (Test::Above(n), true) => who(format!("не покупали больше {}", genitive(n))),
        (Test::Between(from, to), true) => {
            who(format!("не покупали от {} до {}", signed(from, '\u{a0}'), genitive(to)))
        }
    }
}

fn frequency(test: Test, window: Window, holds: bool) -> String {
    let compared = known(test, holds);
    let none =
        matches!(compared, Compared::Plain(Test::Below(1) | Test::AtMost(0) | Test::Exactly(0)));
    let often = match compared {
        Compared::Plain(Test::AtLeast(1)) => "хотя бы раз".to_owned(),
        other => amount(other, &times),
    };
    match window {
        Window::Ever if none => "ни разу не покупали".to_owned(),
        Window::Ever => format!("покупали {often}"),
        Window::Within(length) if none => {
            format!("{}не покупали", lately(Some(length), ""))
        }
        Window::Within(length) => format!("{}покупали {often}", lately(Some(length), "")),
        Window::Per(length) => {
            let rate = match compared {
                Compared::Plain(Test::Below(n)) => format!("реже {}", times(n, Case::Genitive)),
                Compared::Plain(Test::AtMost(n)) => format!("не чаще {}", times(n, Case::Genitive)),
                Compared::Plain(Test::AtLeast(n)) => {
                    format!("не реже {}", times(n, Case::Genitive))
                }
                Compared::Plain(Test::Above(n)) => format!("чаще {}", times(n, Case::Genitive)),
                other => amount(other, &times),
            };
            let unit = unit(length);
            let each = if unit.n == 1 { unit.one.to_owned() } else { period(length) };
            format!("в среднем покупают {rate} в {each}")
        }
    }
}
