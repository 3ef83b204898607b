//! The Russian words, one exhaustive `match`.
//!
//! Written for people, not translated: lower case, one sentence, no final stop, what people
//! wrote in backticks and uninflected, «ё» wherever it is spoken.

use super::english::around;
use super::kind::{About, Before, Found, Kind, Wants};
use super::lang::plural;
use super::russian_syntax::{self, unknown_word};
use super::words::{Words, is_everybody, percent, say};
use super::{Lang, form};
use crate::ir::{Channel, Placeholder};
use chainc_grammar::fault::Named;
use chainc_grammar::words::is_word;

fn named(of: Named) -> &'static str {
    match of {
        Named::Chain => "цепочка",
        Named::Segment => "сегмент",
        Named::Message => "сообщение",
        Named::Brand => "бренд",
        Named::Experiment => "эксперимент",
        Named::Arm => "ветка",
        Named::Test => "тест",
    }
}

fn about(setting: &About) -> String {
    match setting {
        About::Setting(word) => format!("настройка `{word}` задана дважды"),
        About::Entry => "дважды сказано, как часто клиент входит в цепочку".to_owned(),
        About::PointsBudget => "бюджет в баллах задан дважды".to_owned(),
        About::MoneyBudget => "бюджет в деньгах задан дважды".to_owned(),
        About::ChannelBudget(channel) => format!("бюджет на `{channel}` задан дважды"),
        About::Price(channel) => format!("цена `{channel}` задана дважды"),
        About::Point => "цена балла задана дважды".to_owned(),
        About::MessageCap(per) => format!("лимит сообщений за `{per}` задан дважды"),
        About::PointsCap(per) => format!("лимит баллов за `{per}` задан дважды"),
        About::Consent(channel) => format!("согласие на `{channel}` задано дважды"),
        About::Attribute(name) => format!("атрибут `{name}` объявлен дважды"),
        About::Longest(name) => format!("длина `{{{name}}}` задана дважды"),
    }
}

fn before(step: Before) -> &'static str {
    match step {
        Before::Segment => "стоит сразу после сегмента",
        Before::Grant => "стоит сразу после начисления",
        Before::Wait => "стоит сразу после ожидания",
        Before::Step => "стоит после шага, который ничего не отправляет",
    }
}

fn found_words(found: Found) -> &'static str {
    match found {
        Found::Number => "число без единицы",
        Found::Percent => "проценты",
        Found::Points => "баллы",
        Found::Money => "деньги",
        Found::Period => "срок",
        Found::Clock => "время на часах",
        Found::Date => "дата",
        Found::Range => "диапазон",
        Found::Cycles => "циклы",
    }
}

/// Returns who takes what, and an example.
fn wants_words(wants: Wants) -> (&'static str, &'static str) {
    match wants {
        Wants::Points => ("`grant` начисляет баллы", "`grant 300`"),
        Wants::Days => ("`recency` считают целыми днями", "`recency 60..89` или `recency >= 60`"),
        Wants::RowDays => ("строки таблицы делят по целым дням", "`30..59: 100`"),
        Wants::Count => ("`frequency` считает покупки", "`frequency >= 2 in 180d`"),
        Wants::Spent => ("`spent` сравнивает деньги", "`spent >= 15_000 RUB in 90d`"),
        Wants::GoalMoney => {
            ("сумму покупки пишут в деньгах", "`goal purchase >= 2_000 RUB within 30d`")
        }
        Wants::Budget => (
            "бюджет бывает в деньгах или в баллах",
            "`budget 60_000 RUB on sms` или `budget 600_000 points`",
        ),
        Wants::Price => ("цену пишут в деньгах", "`price sms 4.20 RUB`"),
        Wants::Share => ("после `control` нужны проценты", "`control 10%`"),
        Wants::Wait => ("после `wait` нужен срок", "`wait 3d` или `wait 36h`"),
        Wants::Expiry => ("после `expires` нужен срок", "`expires 14d`"),
        Wants::Window => ("здесь нужен срок", "`90d`"),
        Wants::GoalWindow => ("после `within` нужен срок", "`within 30d`"),
        Wants::Gap => ("после `reenter after` нужен срок", "`reenter after 90d`"),
        Wants::Times => ("после `at most` нужно число раз", "`at most 3 times`"),
        Wants::Quiet => ("тихие часы пишут временем от и до", "`quiet 21:00..10:00`"),
        Wants::Registered => ("`registered` считает целые дни", "`registered 0..7`"),
        Wants::AverageCheck => {
            ("`average_check` сравнивает деньги", "`average_check >= 1_000 RUB in 90d`")
        }
        Wants::Balance => ("`balance` считает баллы", "`balance >= 100`"),
        Wants::Churn => ("`churn` — это проценты", "`churn >= 60%`"),
        Wants::Overdue => ("`overdue` считает собственные циклы клиента", "`overdue > 1.5 cycles`"),
        Wants::Number => ("этот атрибут — целое число", "`age 18..35`"),
        Wants::Cashback => ("после `cashback` нужны проценты", "`cashback 20% for 7d`"),
        Wants::Arm => ("доля ветки пишется в процентах", "`soft 40% { ... }`"),
        Wants::CashbackPeriod => ("после `for` нужен срок", "`cashback 20% for 7d`"),
        Wants::UpTo => ("после `up to` нужны баллы", "`up to 500 points`"),
        Wants::Freshness => ("после `within` нужен срок", "`push offer within 6h`"),
        Wants::Clock => ("после `at` нужно время", "`at 12:00`"),
        Wants::Active => ("после `active` нужны две даты", "`active 2026-03-01..2026-05-31`"),
        Wants::Frozen => ("после `frozen` нужна дата", "`frozen 2025-08-01`"),
        Wants::Until => ("после `until` нужна дата", "`until 2025-10-31`"),
        Wants::Rounds => ("после `max` нужно число повторов", "`max 13`"),
        Wants::Every => ("после `every` нужен срок", "`repeat every 3d at 12:00`"),
        Wants::Messages => ("лимит считает сообщения или баллы", "`cap 3 messages per 7d`"),
        Wants::CapPer => ("после `per` нужен срок", "`cap 3 messages per 7d`"),
        Wants::Priority => ("после `priority` нужно число", "`exclusive winback priority 20`"),
        Wants::Given => ("тест называет одно точное значение", "`given recency 64`"),
        Wants::TestDay => ("после `day` нужно число дней", "`day 2 purchase 1_900 RUB`"),
        Wants::Longest => {
            ("после `longest` нужно число знаков", "`longest \"customer.first_name\" 20`")
        }
    }
}

/// Asks whether a near word was meant.
pub(super) fn perhaps(meant: &str) -> String {
    format!("возможно, имелось в виду `{meant}`?")
}

/// Returns what a channel brings, in the genitive: «текст письма».
fn of_channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "SMS",
        Channel::Email => "письма",
        Channel::Push => "пуша",
        Channel::Webhook => "вебхука",
    }
}

fn form_of(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "пишется так: `sms \"...\"`",
        Channel::Email => {
            "пишется так: `email subject \"...\" body \"...\"` или `... body file \"offer.html\"`"
        }
        Channel::Push => "пишется так: `push title \"...\" body \"...\"` или `push \"...\"`",
        Channel::Webhook => "пишется так: `webhook \"...\"` или `webhook body file \"call.json\"`",
    }
}

/// Returns the Russian of forms joined by "or".
fn forms(form: &str) -> String {
    format!("пишется так: {}", form.replace("` or `", "` или `"))
}

/// Returns who gets nothing: «клиентам с давностью в 60..89 дней».
fn customers_at(from: u32, to: u32) -> String {
    let days = plural(u64::from(to), "день", "дня", "дней");
    let span = if from == to { from.to_string() } else { format!("{from}..{to}") };
    format!("клиентам с давностью в {span} {days} таблица ничего не даёт")
}

/// Returns the words for a kind.
pub(super) fn words(kind: &Kind) -> Words {
    match kind {
        Kind::Syntax(fault) => russian_syntax::words(fault),
        Kind::UnknownWord { slot, word, suggestion } => {
            unknown_word(*slot, word, suggestion.as_deref())
        }
        Kind::InvalidUtf8 => say("файл не в кодировке UTF-8", "отсюда текст не читается")
            .help("сохраните файл в UTF-8; Windows-1251 не читается"),
        Kind::Allow(allow) => allow.russian(),
        Kind::MixedAndOr => say("`and` и `or` стоят подряд без скобок", "что раньше?")
            .related("другое слово")
            .help("возьмите в скобки то, что относится друг к другу: `a and (b or c)`"),
        Kind::UnknownSegment { name, suggestion } => {
            let words = say(format!("сегмент `{name}` не объявлен"), "такого сегмента нет");
            match suggestion {
                Some(meant) => words.help(perhaps(meant)),
                None if is_everybody(name) => words.help(
                    "все клиенты — это `frequency >= 0`, все, кто хоть раз купил, — `recency >= 0`",
                ),
                None if name == "purchase" => {
                    words.help("кто покупал за последнюю неделю — это `recency 0..7`")
                }
                // Nobody can declare it.
                None if is_word(name) => {
                    words.help(format!("`{name}` — слово языка; у сегмента своё имя"))
                }
                None => words.help(format!("объявите его: `segment {name} = recency 60..89`")),
            }
        }
        Kind::DuplicateName { of, name } => {
            let declared = match of {
                Named::Chain | Named::Arm => "объявлена",
                Named::Segment | Named::Brand | Named::Experiment | Named::Test => "объявлен",
                Named::Message => "объявлено",
            };
            say(format!("{} `{name}` {declared} дважды", named(*of)), "второй раз здесь")
                .related("первый раз здесь")
                .note("имена общие для всего проекта, для всех файлов `.chain` вместе")
        }
        Kind::UnknownMessage { name, suggestion } => {
            let words = say(format!("сообщение `{name}` не объявлено"), "такого сообщения нет");
            match suggestion {
                Some(meant) => words.help(perhaps(meant)),
                None => words.help(format!("объявите его: `message {name} {{ sms \"...\" }}`")),
            }
        }
        Kind::SegmentCycle { round } => {
            let round: Vec<String> = round.iter().map(|name| format!("`{name}`")).collect();
            say("этот сегмент собран из самого себя: клиентов в нём нет", "ведёт обратно к нему же")
                .help("скажите один из них без остальных: `segment name = recency 60..89`")
                .note(format!("круг такой: {}", round.join(" -> ")))
        }
        Kind::NotASegment { name, is } => {
            say(format!("`{name}` — это {}, а не сегмент", named(*is)), "здесь нужно условие")
                .related("объявление здесь")
                .help(match is {
                    Named::Message => format!(
                        "кому оно дошло — `received {name} in 30d`, кто нажал — `clicked {name}`"
                    ),
                    Named::Brand => format!("кто у него покупал — `brand {name} in 90d`"),
                    _ => "дайте её аудитории имя, `segment name = ...`, и пишите его в обеих"
                        .to_owned(),
                })
        }
        Kind::ConditionTooLarge => say(
            "здесь набралось больше 10000 условий или больше 40 уровней",
            "слишком много, чтобы уследить",
        )
        .help(
            "пометьте часть клиентов отдельной цепочкой, `-> tag group`, и спрашивайте здесь \
             `tag group`",
        ),
        Kind::WrongQuantity { wants, found, text } => {
            let (who, example) = wants_words(*wants);
            if let (Wants::Days | Wants::RowDays | Wants::Registered, Found::Period) =
                (wants, found)
            {
                return say(format!("{who}, единица не нужна"), "хватит одного числа")
                    .help(format!("напишите, например, {example}"));
            }
            if let (Wants::Points, Found::Percent) = (wants, found) {
                return say(format!("{who}, а `{text}` — это проценты"), "это проценты")
                    .help(format!("доля от каждой покупки — это `cashback {text} for 7d`"));
            }
            say(
                format!("{who}, а `{text}` — это {}", found_words(*found)),
                format!("это {}", found_words(*found)),
            )
            .help(format!("напишите, например, {example}"))
        }
        Kind::MissingUnit { wants, text, currency } => {
            let (who, example) = wants_words(*wants);
            let missing = |what: &str, help: String| {
                say(format!("{who}, а у `{text}` нет {what}"), format!("нет {what}")).help(help)
            };
            match wants {
                Wants::Spent | Wants::AverageCheck | Wants::GoalMoney | Wants::Price => {
                    missing("валюты", format!("напишите `{text} {currency}`"))
                }
                Wants::Budget => {
                    missing("единицы", format!("напишите `{text} points` или `{text} {currency}`"))
                }
                Wants::Share | Wants::Churn | Wants::Cashback | Wants::Arm => {
                    missing("знака `%`", format!("напишите `{}`", percent(text)))
                }
                Wants::Overdue => missing("единицы", format!("напишите `{text} cycles`")),
                Wants::Wait
                | Wants::Expiry
                | Wants::Window
                | Wants::GoalWindow
                | Wants::Gap
                | Wants::CashbackPeriod
                | Wants::Freshness
                | Wants::Every
                | Wants::CapPer => missing(
                    "единицы",
                    format!("напишите `{text}d`, если это дни, или `{text}h`, если часы"),
                ),
                _ => missing("единицы", format!("напишите, например, {example}")),
            }
        }
        Kind::ReversedRange { meant } => say(
            "этот диапазон кончается раньше, чем начинается: в него никто не попадёт",
            "края переставлены",
        )
        .help(perhaps(meant)),
        Kind::ShareTooLarge { wants: Wants::Cashback, text } => {
            say(format!("`{text}` возвращает больше, чем заплатили"), "больше 100%")
                .help("кэшбэк бывает не больше `100%`; что сверх того — это `grant`")
        }
        Kind::ShareTooLarge { text, .. } => {
            say(format!("`{text}` — это больше, чем все клиенты"), "больше 100%")
                .help("доля бывает не больше `100%`")
        }
        Kind::InvalidClock { text } => {
            say(format!("на часах не бывает `{text}`"), "такого времени нет")
                .help("время бывает от `00:00` до `23:59`")
        }
        Kind::Fraction { wants, text } => {
            let (who, example) = wants_words(*wants);
            match wants {
                Wants::Spent
                | Wants::AverageCheck
                | Wants::GoalMoney
                | Wants::Budget
                | Wants::Price => say(
                    format!("`{text}` дробит самую мелкую монету"),
                    "слишком много цифр после точки",
                )
                .help("округлите вверх: цены, суммы и бюджеты считают в целых копейках"),
                Wants::Points | Wants::UpTo | Wants::Balance => {
                    let (less, more) = around(text);
                    say(format!("баллы бывают только целые, а `{text}` — дробь"), "часть балла")
                        .help(format!("напишите `{less}` или `{more}`"))
                }
                Wants::Share => say(
                    format!("`{text}` точнее, чем сотая доля процента"),
                    "слишком много цифр после точки",
                ),
                Wants::Days | Wants::RowDays | Wants::Registered => {
                    say(format!("{who}, а `{text}` — дробь"), "не целое число")
                        .help(perhaps(&text.replace('.', "..")))
                }
                _ => say(format!("{who}, а `{text}` — дробь"), "не целое число")
                    .help(format!("напишите, например, {example}")),
            }
        }
        Kind::OtherCurrency { found, project } => {
            say(format!("`{found}` — не валюта этого проекта"), format!("ожидается {project}"))
                .help(format!("напишите {project} или смените `currency` в `policy`"))
                .note("валюта в проекте одна")
        }
        Kind::MissingComparison { word, text } => say(
            format!("по `{word} {text}` не понять, больше имеется в виду или меньше"),
            "нужно сравнение или диапазон",
        )
        .help(format!("напишите `{word} >= {text}`, `{word} = {text}` или диапазон")),
        Kind::ComparedRange { sign } => {
            say(format!("после `{sign}` диапазон не ставят"), "диапазон сам называет оба края")
                .help(format!("уберите `{sign}` или оставьте после него одно число"))
        }
        Kind::Zero { wants, text } => {
            let message = match wants {
                Wants::Points => "начисление на ноль баллов".to_owned(),
                Wants::Times => "`at most 0 times` значит: ни разу".to_owned(),
                Wants::Rounds => "`max 0` значит: ни разу".to_owned(),
                Wants::Messages => "нулевой лимит не пропустит ни одного сообщения".to_owned(),
                Wants::Cashback => "кэшбэк в ноль процентов".to_owned(),
                Wants::Price => "балл, который ничего не стоит".to_owned(),
                Wants::UpTo => "кэшбэк не больше нуля баллов".to_owned(),
                Wants::Arm => "в этой ветке не будет никого".to_owned(),
                Wants::Budget => "с нулевым бюджетом цепочка остановится, не начавшись".to_owned(),
                Wants::Wait => format!("ждать `{text}` — значит не ждать: шаг ничего не делает"),
                Wants::Expiry => format!("что сгорает через `{text}`, того сразу и нет"),
                _ => format!("`{text}` — это нисколько"),
            };
            let help = match wants {
                Wants::Arm => {
                    "уберите ветку или скажите, сколько в ней: `bare 20% { exit }`".to_owned()
                }
                Wants::Messages => "напишите, сколько можно: `cap 3 messages per 7d`".to_owned(),
                Wants::Times | Wants::Rounds => {
                    format!("напишите, сколько раз: {}", wants_words(*wants).1)
                }
                Wants::Budget => {
                    format!("напишите, сколько можно потратить: {}", wants_words(*wants).1)
                }
                Wants::Wait => "уберите шаг или скажите, сколько ждать: `wait 1d`".to_owned(),
                _ => format!("уберите или напишите, например, {}", wants_words(*wants).1),
            };
            say(message, "нужно больше нуля").help(help)
        }
        Kind::EmptyCondition { word, both: Some((one, other)) } => say(
            format!("ни один клиент не попадает сразу и в `{one}`, и в `{other}`"),
            format!("`{word}` бывает только одним"),
        )
        .related("и это")
        .help("чтобы взять и тех и других, соедините их `or`; иначе оставьте одно"),
        Kind::EmptyCondition { word, both: None } => say(
            "этому условию не соответствует ни один клиент",
            format!("`{word}` таким не бывает"),
        )
        .help("сравните с числом, которое у клиентов бывает"),
        Kind::SettingUnexpected { setting, found, form, suggestion } => {
            let shown: String = found.chars().take(40).collect();
            let message = format!("непонятное `{shown}` после `{setting}`");
            match suggestion {
                Some(meant) => say(message, "опечатка?").help(perhaps(meant)),
                None => say(message, "не к месту").help(forms(form)),
            }
        }
        Kind::SettingIncomplete { setting, form } => {
            say(format!("настройка `{setting}` не дописана"), "после этого чего-то не хватает")
                .help(forms(form))
        }
        Kind::DuplicateSetting { setting } => say(about(setting), "второй раз здесь")
            .related("первый раз здесь")
            .help("оставьте одно из двух: действовать может только одно"),
        Kind::ChainWithoutFlow => {
            say("в эту цепочку никто не войдёт", "нет строки, которая начинается с `segment`")
                .help("добавьте её: `segment recency 60..89 -> sms offer`")
        }
        Kind::SeveralFlows { in_chain: true } => {
            say("в этой цепочке вторая строка с шагами", "вторая")
                .related("первая")
                .help("сделайте две цепочки или соедините сегменты словом `or`")
        }
        Kind::SeveralFlows { in_chain: false } => {
            say("без имени в файле может быть только одна цепочка", "вторая")
                .related("первая")
                .help("дайте каждой имя: `chain name { segment ... -> ... }`")
        }
        Kind::ControlWithoutGoal => say(
            "контрольная группа есть, а по какой цели её сравнивать, не сказано",
            "что с ней сравнивать?",
        )
        .help("добавьте цель: `goal purchase within 30d`"),
        Kind::ChainWithoutSteps => {
            say("с этим сегментом ничего не происходит", "после него нет ни одного шага")
                .help("добавьте шаг, `-> sms offer`, или дайте сегменту имя: `segment name = ...`")
        }
        Kind::FallbackWithoutSend { after } => {
            say("перед `fallback` нет сообщения, которое можно послать иначе", before(*after))
                .help("`fallback` ставят сразу после `sms`, `email`, `push` или другого `fallback`")
        }
        Kind::FallbackSameChannel { channel } => say(
            format!("`{channel}` уже пробовали: этот `fallback` никого нового не достанет"),
            "тот же канал",
        )
        .related("пробовали здесь")
        .help("укажите другой канал"),
        Kind::TableOverlap { from, to } => say(
            if from == to {
                format!("день {from} попал в две строки таблицы")
            } else {
                format!("дни {from}..{to} попали в две строки таблицы")
            },
            "снова здесь",
        )
        .related("уже здесь")
        .help(format!(
            "у дня одна строка: начните эту с `{}` или кончите прежнюю на `{}`",
            to.saturating_add(1),
            from.saturating_sub(1)
        )),
        Kind::EmptyTable => say("в этой таблице нет строк: баллов никто не получит", "пусто")
            .help("строка пишется так: `30..59: 100`"),
        Kind::TableShort { from, to, before } => say(
            customers_at(*from, *to),
            if *before {
                "первая строка начинается позже"
            } else {
                "последняя строка кончается раньше"
            },
        )
        .help("добавьте для них строку или не берите их в сегмент"),
        Kind::TableGap { from, to } => say(customers_at(*from, *to), "эта начинается позже")
            .related("эта кончается раньше")
            .help(format!("начните эту строку с `{from}` или кончите прежнюю на `{to}`")),
        Kind::MissingText { message, channel } => say(
            format!("у сообщения `{message}` нет текста для `{channel}`"),
            match channel {
                Channel::Sms => "здесь уходит по SMS",
                Channel::Email => "здесь уходит письмом",
                Channel::Push => "здесь уходит пушем",
                Channel::Webhook => "здесь уходит вебхуком",
            },
        )
        .related("объявлено здесь")
        .help(match channel {
            Channel::Sms => "добавьте в сообщение `sms \"...\"`",
            Channel::Email => "добавьте в сообщение `email subject \"...\" body \"...\"`",
            Channel::Push => "добавьте в сообщение `push \"...\"`",
            Channel::Webhook => "добавьте в сообщение `webhook \"...\"`",
        }),
        Kind::UnknownPlaceholder { name, suggestion, file } => {
            let words = match file {
                Some(_) => {
                    say(format!("в этом файле неизвестная подстановка `{{{name}}}`"), "стоит в нём")
                }
                None => say(format!("подстановки `{{{name}}}` не бывает"), "такой подстановки нет"),
            };
            match suggestion {
                Some(meant) => words.help(perhaps(&format!("{{{meant}}}"))),
                None => {
                    let all: Vec<String> =
                        Placeholder::ALL.iter().map(|p| format!("`{{{}}}`", p.as_str())).collect();
                    words.help(format!("бывают {}; сама скобка пишется `{{{{`", all.join(", ")))
                }
            }
        }
        Kind::Form(kind) => form::words(kind, Lang::Ru),
        Kind::Time(kind) => kind.russian(),
        Kind::Money(kind) => kind.russian(),
        Kind::Consent(kind) => kind.russian(),
        Kind::Audience(kind) => kind.russian(),
        Kind::PlaceholderWithoutGrant { name, message } => say(
            format!("в сообщении `{message}` есть `{{{name}}}`, а баллов до него не начисляли"),
            "баллы, которых никто не получил",
        )
        .related("отправляется здесь")
        .help("добавьте `grant` перед этим шагом или уберите подстановку"),
        Kind::PlaceholderWithoutExpiry { message } => say(
            format!("в сообщении `{message}` есть `{{grant.expires}}`, а баллы не сгорают"),
            "не наступит никогда",
        )
        .related("отправляется здесь")
        .help("укажите срок баллов: `grant 300 expires 14d`"),
        Kind::UnclosedPlaceholder { brace, file } => {
            let words = match file {
                Some(_) => say(format!("в этом файле у `{brace}` нет пары"), "стоит в нём"),
                None if *brace == '{' => {
                    say("подстановка открыта и не закрыта", "за именем нет `}`")
                }
                None => say("эта `}` не закрывает подстановку", "перед ней нет `{`"),
            };
            words.help(format!(
                "подстановка пишется `{{customer.first_name}}`, а сама скобка — `{brace}{brace}`"
            ))
        }
        Kind::MissingBodyFile { path } => say(format!("файла `{path}` нет"), "прочитать нечего")
            .help("путь считается от папки проекта"),
        Kind::DuplicateText { channel, part } => {
            let of = of_channel(*channel);
            match part {
                Some(part) => {
                    say(format!("в тексте {of} дважды стоит `{part}`"), "второй раз здесь")
                }
                None => say(format!("в этом сообщении два текста {of}"), "второй раз здесь"),
            }
            .related("первый раз здесь")
            .help(match part {
                Some(_) => "оставьте одно из двух",
                None => "оставьте один или отдайте второй другому сообщению",
            })
        }
        Kind::UnexpectedPart { channel, part } => {
            say(format!("у {} не бывает `{part}`", of_channel(*channel)), "здесь лишнее")
                .help(form_of(*channel))
        }
        Kind::MissingPart { channel, part } => say(
            format!("в тексте {} нет `{part}`", of_channel(*channel)),
            format!("ожидается `{part} \"...\"`"),
        )
        .help(form_of(*channel)),
        Kind::EmptyMessage { message } => {
            say(format!("у сообщения `{message}` нет ни одного текста"), "отправлять нечего").help(
                "добавьте: `sms \"...\"`, `email subject \"...\" body \"...\"` или `push \"...\"`",
            )
        }
        Kind::EmptyText { channel, part } => say(
            if *part == "body" {
                format!("текст {} пустой", of_channel(*channel))
            } else {
                format!("в тексте {} пустой `{part}`", of_channel(*channel))
            },
            "читать нечего",
        )
        .help(form_of(*channel)),
        Kind::MessageWithoutText { message } => {
            say(format!("у сообщения `{message}` ещё нет текста"), "пойдёт черновик")
                .help(format!("напишите его: `message {message} {{ sms \"...\" }}`"))
                .note("черновик попадает только в файл, клиентам он не уходит")
        }
        Kind::UnusedMessage { message } => {
            say(format!("ни один шаг не отправляет сообщение `{message}`"), "не отправляется")
                .help("отправьте его в одном из шагов или удалите")
        }
        Kind::UnusedSegment { segment } => {
            say(format!("сегмент `{segment}` нигде не нужен"), "не используется")
                .help("назовите его после `segment` в цепочке или удалите")
        }
        Kind::DuplicatePolicy => say("в проекте вторая `policy`", "вторая")
            .related("первая")
            .help("перенесите её настройки в первую"),
        Kind::UnknownTimezone { name, suggestion } => {
            let words = say(format!("часового пояса `{name}` нет"), "неизвестный часовой пояс");
            match suggestion {
                Some(meant) => words.help(perhaps(meant)),
                None => words,
            }
        }
        Kind::UnknownCurrency { code, suggestion } => {
            let words = say(format!("валюты `{code}` chainc не знает"), "неизвестная валюта");
            match suggestion {
                Some(meant) => words.help(perhaps(meant)),
                None => words.help("код валюты — три заглавные буквы: `RUB`, `KZT`, `EUR`"),
            }
        }
        Kind::EmptyQuiet => {
            say("эти тихие часы кончаются в ту же минуту, что и начинаются", "между ними ни минуты")
                .help("чтобы слать в любое время, уберите `quiet`")
        }
    }
}
