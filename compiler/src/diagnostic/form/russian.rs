//! The words of these findings in Russian.

use super::super::Lang;
use super::super::words::{Words, listed, say};
use super::{FormKind, did_you_mean, example};
use crate::ir::AttributeKind;
use chainc_grammar::fault::Named;

pub(super) fn words(kind: &FormKind) -> Words {
    match kind {
        FormKind::UnknownBrand { name, suggestion } => {
            let words = say(format!("бренд `{name}` не объявлен"), "такого бренда нет");
            match suggestion {
                Some(_) => did_you_mean(words, suggestion.as_deref(), Lang::Ru),
                None => words.help(format!("объявите его: `brand {name} {{ sender \"...\" }}`")),
            }
        }
        FormKind::UnknownChain { name, suggestion, known } => {
            let words =
                say(format!("нет цепочки `{name}`, которую можно проверить"), "такой цепочки нет");
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            match (suggestion, known.as_slice()) {
                (Some(_), _) => did_you_mean(words, suggestion.as_deref(), Lang::Ru),
                (None, []) => words.help("в проекте ещё нет цепочек: `chain name { ... }`"),
                (None, [one]) => words.help(format!("в проекте есть {one}")),
                (None, known) => words.help(format!("в проекте есть {}", listed(known, "и"))),
            }
        }
        FormKind::ControlCondition { text } => {
            say("после `control` идёт доля или имя сегмента", "условие без имени")
                .help(format!(
                    "дайте ему имя отдельной строкой, `segment held_out = {text}`, и напишите \
                     `control held_out`"
                ))
        }
        FormKind::ReservedAttribute { word, known } => {
            let words = say(
                format!("`{word}` — слово языка, так нельзя назвать атрибут"),
                if *known { "известно и без объявления" } else { "выберите другое имя" },
            );
            if *known {
                words.help(format!(
                    "уберите строку, и `{word}` можно писать как есть, или назовите своё `own_{word}`"
                ))
            } else {
                words.help(format!("подойдёт `own_{word}`"))
            }
        }
        FormKind::NotWholeDays { text, meant } => {
            say(format!("вперёд смотрят на целые дни, а `{text}` — не целые"), "не целые дни")
                .help(format!("напишите `{meant}`"))
        }
        FormKind::CapBesideOff => {
            say("этот лимит стоит в цепочке, где есть `cap off`", "никогда не сработает")
                .related("здесь все лимиты сняты")
                .help("оставьте одно из двух")
        }
        FormKind::HoursAtClock { every } => say(
            format!("повторы каждые `{every}` приходятся на разное время суток, а не на это"),
            "подойдёт не каждому повтору",
        )
        .help(format!("напишите `repeat every {every}` или `repeat daily at 12:00`")),
        FormKind::NotAMessage { name, is } => {
            let what = if *is == Named::Chain { "цепочка" } else { "сегмент" };
            say(format!("`{name}` — это {what}, а не сообщение"), "не сообщение")
                .related("объявлено здесь")
                .help(format!("объявите текст: `message {name} {{ sms \"...\" }}`"))
        }
        FormKind::UnusedBrand { brand } => {
            say(format!("бренд `{brand}` нигде не нужен"), "не используется")
                .help(format!("напишите в цепочке `brand {brand}` или удалите его"))
        }
        FormKind::UnknownAttribute { name, suggestion } => {
            let words = say(format!("что такое `{name}`, в проекте не сказано"), "не объявлено");
            match suggestion {
                Some(_) => did_you_mean(words, suggestion.as_deref(), Lang::Ru),
                None => words
                    .help(format!("объявите в `policy`, например `attribute {name} number`")),
            }
        }
        FormKind::WrongAttribute { name, is } => {
            let kind = match is {
                AttributeKind::Number => "число",
                AttributeKind::Text => "текст",
                AttributeKind::Flag => "признак «да или нет»",
                AttributeKind::Date => "дата",
            };
            let example = example(name, *is).replace(" or ", " или ");
            say(format!("атрибут `{name}` — это {kind}"), "использован иначе")
                .related("объявлен здесь")
                .help(format!("пишется так: {example}"))
        }
        FormKind::NoSuchDate { text } => {
            say(format!("дня `{text}` нет ни в одном календаре"), "такого дня нет")
                .help("дата пишется так: год, месяц, день — `2026-03-01`")
        }
        FormKind::SaidTwice { word } => {
            say(format!("`{word}` стоит в одном шаге дважды"), "второй раз")
                .help("оставьте то, что имелось в виду")
        }
        FormKind::MissingPeriod { text } => {
            say(format!("`{text}` не говорит, за какое время"), "за какое время?")
                .help(format!("напишите `{text} per 7d`"))
        }
        FormKind::SetByExperiment { setting } => say(
            format!("`{setting}` уже задано экспериментом для всех его цепочек"),
            "здесь задать ещё раз нельзя",
        )
        .related("задано для всех здесь")
        .help("оставьте одно из двух"),
        FormKind::OffWithoutReason { setting } => say(
            format!("`{setting} off` снимает с клиентов защиту, поэтому нужна причина"),
            "нужна причина в кавычках",
        )
        .help(format!("пишется так: `{setting} off \"уведомления о доставке\"`")),
        FormKind::FlowInExperiment => say(
            "в эксперименте шаги пишут внутри цепочки с именем",
            "в какой цепочке?",
        )
        .help("оберните их: `chain name { segment ... -> ... }`"),
        FormKind::EmptyExperiment => {
            say("в эксперименте нет цепочек, сравнивать нечего", "нет цепочек")
                .help("добавьте цепочку: `chain name { segment ... -> ... }`")
        }
        FormKind::Unreachable => {
            say("до этого шага никто не дойдёт", "все уже вышли").related("вышли здесь")
                .help("уберите его или дайте кому-нибудь до него дойти")
        }
        FormKind::EmptyBranch { of } => {
            say(format!("в скобках после `{of}` ничего не происходит"), "пусто")
                .help("добавьте шаг или уберите скобки")
        }
        FormKind::ArmsNotWhole { sum, off, above: true } => say(
            format!("доли веток дают {sum}, а в двух ветках сразу клиент быть не может"),
            format!("{off} лишние"),
        )
        .help(format!("убавьте одну из веток на {off}")),
        FormKind::ArmsNotWhole { sum, off, above: false } => say(
            format!("доли веток дают {sum}: {off} клиентов не попадут ни в одну"),
            format!("не хватает {off}"),
        )
        .help(format!(
            "отдайте их одной из веток или скажите, что им ничего: `bare {off} {{ exit }}`"
        )),
        FormKind::EndlessRepeat => say(
            "повтор длится, пока клиент не купит, и может не кончиться никогда",
            "нет последнего раза",
        )
        .help("скажите, где он кончается: `max 13` или `until 2025-10-31`"),
        FormKind::PlaceholderWithoutGift { name, message, step } => say(
            format!("в сообщении `{message}` есть `{{{name}}}`, а `{step}` до него нет"),
            "обещано, но не дано",
        )
        .related("отправляется здесь")
        .help(format!("добавьте `{step}` перед этим шагом или уберите подстановку")),
        FormKind::PlaceholderOnSomePaths { name, message, step } => say(
            format!("в сообщении `{message}` есть `{{{name}}}`, а `{step}` был не у всех"),
            "у части клиентов будет пусто",
        )
        .related("отправляется здесь")
        .related(format!("здесь без `{step}`"))
        .help(format!(
            "поставьте `{step}` на каждом пути к этому шагу или отправьте остальным другое сообщение"
        )),
        FormKind::PromoWithoutExpiry { message } => say(
            format!("в сообщении `{message}` есть `{{promo.expires}}`, а промокод бессрочный"),
            "этот день не наступит",
        )
        .related("отправляется здесь")
        .help("укажите срок промокода: `promo toys expires 14d`"),
        FormKind::ForeignPlaceholder { text, meant, file } => {
            let label = match file {
                None => "здесь это просто текст, один для всех".to_owned(),
                Some(_) => "стоит в этом файле".to_owned(),
            };
            let own = meant.is_some_and(|meant| *text == format!("${{{meant}}}"));
            let message = if own {
                format!("клиенты прочтут знак `$` перед значением `{text}`")
            } else {
                format!("клиенты прочтут `{text}` так, как написано")
            };
            let words = say(message, label);
            match meant {
                Some(meant) => words.help(format!("напишите `{{{meant}}}`")),
                None => words.help(
                    "у подстановки по одной фигурной скобке: `{customer.first_name}`",
                ),
            }
        }
        FormKind::UnexpectedInTest { found, forms } => {
            let shown: String = found.chars().take(40).collect();
            say(format!("в тесте здесь нельзя написать `{shown}`"), "не к месту")
                .help(format!("пишется так: {}", forms.replace(" or ", " или ")))
        }
        FormKind::UnsaidInTest { found } => {
            let shown: String = found.chars().take(40).collect();
            say(format!("`{shown}` в тесте говорить не нужно"), "это и так верно")
                .help("уберите: чего нет в `given`, того у клиента нет")
                .note("`not` пишут только перед `consent` и `reachable`")
        }
        FormKind::DaysGoBack => {
            say("этот день раньше того, что стоит выше", "назад во времени").related("а здесь уже позже")
                .help("расставьте строки по порядку дней")
        }
        FormKind::TestWithoutExpect => {
            say("этот тест ничего не ожидает, поэтому пройдёт всегда", "нет строки с `expect`")
                .help("добавьте, что должно было случиться: `day 0 expect sms offer`")
        }
    }
}
