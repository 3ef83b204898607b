//! Findings about the forms of the language: names of brands and attributes, dates,
//! experiments, branches, repeats, tests.

use super::words::{Words, listed, say};
use super::{Code, Lang};
use crate::ir::AttributeKind;
use chainc_grammar::fault::Named;

/// A form that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormKind {
    /// No such brand.
    UnknownBrand {
        /// The name.
        name: String,
        /// The brand it resembles.
        suggestion: Option<String>,
    },
    /// No such chain, in a test.
    UnknownChain {
        /// The name.
        name: String,
        /// The chain it resembles.
        suggestion: Option<String>,
        /// The first chains there are.
        known: Vec<String>,
    },
    /// A condition where `control` takes a share or a name.
    ControlCondition {
        /// As written.
        text: String,
    },
    /// An attribute called like a word of the language.
    ReservedAttribute {
        /// The word.
        word: String,
        /// True when it is a condition already.
        known: bool,
    },
    /// Hours that are no whole days, where days are counted.
    NotWholeDays {
        /// As written.
        text: String,
        /// The days that come next.
        meant: String,
    },
    /// A cap in a chain with `cap off`, which is related.
    CapBesideOff,
    /// A clock time for rounds that come every so many hours.
    HoursAtClock {
        /// The hours, as written.
        every: String,
    },
    /// A segment or a chain sent as a message; its declaration is related.
    NotAMessage {
        /// The name.
        name: String,
        /// What it is.
        is: Named,
    },
    /// A brand nothing uses.
    UnusedBrand {
        /// The brand.
        brand: String,
    },
    /// Something compared that nobody declared.
    UnknownAttribute {
        /// The name.
        name: String,
        /// The attribute it resembles.
        suggestion: Option<String>,
    },
    /// A declared attribute used in the form of another kind; the declaration is related.
    WrongAttribute {
        /// The name.
        name: String,
        /// What it was declared as.
        is: AttributeKind,
    },
    /// A day that no calendar has.
    NoSuchDate {
        /// As written.
        text: String,
    },
    /// A step that says something twice.
    SaidTwice {
        /// The word.
        word: &'static str,
    },
    /// A cap without the time it is for.
    MissingPeriod {
        /// As written so far.
        text: String,
    },
    /// A setting both in a chain and in its experiment; the latter is related.
    SetByExperiment {
        /// The setting's word.
        setting: String,
    },
    /// `quiet off` and the like without a reason.
    OffWithoutReason {
        /// The setting's word.
        setting: String,
    },
    /// A flow right in an experiment.
    FlowInExperiment,
    /// An experiment without chains.
    EmptyExperiment,
    /// A step that nobody reaches; what ends the chain before it is related.
    Unreachable,
    /// Braces with nothing between.
    EmptyBranch {
        /// The word before them: `if`, `else`, `split`, `repeat`, or the name of an arm.
        of: String,
    },
    /// Shares that do not come to 100%.
    ArmsNotWhole {
        /// What they come to, as written: `90%`.
        sum: String,
        /// What is missing or too much.
        off: String,
        /// True when they come to more.
        above: bool,
    },
    /// A repeat that only a purchase would end.
    EndlessRepeat,
    /// `{cashback.rate}`, `{promo.code}` with nothing of the kind before; the step is related.
    PlaceholderWithoutGift {
        /// The placeholder.
        name: &'static str,
        /// The message.
        message: String,
        /// The step that would give it.
        step: &'static str,
    },
    /// A placeholder whose value is given on some ways to the message only; the step and a
    /// way without it are related.
    PlaceholderOnSomePaths {
        /// The placeholder.
        name: &'static str,
        /// The message.
        message: String,
        /// The step that would give it.
        step: &'static str,
    },
    /// `{promo.expires}` of a code without an end; the step is related.
    PromoWithoutExpiry {
        /// The message.
        message: String,
    },
    /// A placeholder of another tool, which is plain text here.
    ForeignPlaceholder {
        /// As written.
        text: String,
        /// What it is called here.
        meant: Option<&'static str>,
        /// The file it stands in, if not in quotes.
        file: Option<String>,
    },
    /// Something in a test that a test cannot say.
    UnexpectedInTest {
        /// As written.
        found: String,
        /// The forms there are.
        forms: &'static str,
    },
    /// `not` before a fact that is not so unless it is said.
    UnsaidInTest {
        /// As written.
        found: String,
    },
    /// A day of a test before the day above it; that is related.
    DaysGoBack,
    /// A test that expects nothing at all.
    TestWithoutExpect,
}

impl FormKind {
    pub(super) const fn code(&self) -> Code {
        match self {
            Self::UnknownBrand { .. } => Code::UnknownBrand,
            Self::UnknownChain { .. } => Code::UnknownChain,
            Self::ControlCondition { .. } => Code::SettingUnexpected,
            Self::ReservedAttribute { .. } => Code::ReservedName,
            Self::NotWholeDays { .. } => Code::Fraction,
            Self::CapBesideOff => Code::DuplicateSetting,
            Self::HoursAtClock { .. } => Code::WrongQuantity,
            Self::NotAMessage { .. } => Code::NotAMessage,
            Self::UnusedBrand { .. } => Code::UnusedBrand,
            Self::UnknownAttribute { .. } => Code::UnknownAttribute,
            Self::WrongAttribute { .. } => Code::WrongAttribute,
            Self::NoSuchDate { .. } => Code::NoSuchDate,
            Self::SaidTwice { .. } => Code::SaidTwice,
            Self::MissingPeriod { .. } => Code::MissingPeriod,
            Self::SetByExperiment { .. } => Code::SetByExperiment,
            Self::OffWithoutReason { .. } => Code::OffWithoutReason,
            Self::FlowInExperiment => Code::FlowInExperiment,
            Self::EmptyExperiment => Code::EmptyExperiment,
            Self::Unreachable => Code::Unreachable,
            Self::EmptyBranch { .. } => Code::EmptyBranch,
            Self::ArmsNotWhole { .. } => Code::ArmsNotWhole,
            Self::EndlessRepeat => Code::EndlessRepeat,
            Self::PlaceholderWithoutGift { .. } => Code::PlaceholderWithoutGift,
            Self::PlaceholderOnSomePaths { .. } => Code::PlaceholderOnSomePaths,
            Self::PromoWithoutExpiry { .. } => Code::PromoWithoutExpiry,
            Self::ForeignPlaceholder { .. } => Code::ForeignPlaceholder,
            Self::UnexpectedInTest { .. } => Code::UnexpectedInTest,
            Self::UnsaidInTest { .. } => Code::UnexpectedInTest,
            Self::DaysGoBack => Code::DaysGoBack,
            Self::TestWithoutExpect => Code::TestWithoutExpect,
        }
    }
}

/// Returns the words for a kind.
pub(super) fn words(kind: &FormKind, lang: Lang) -> Words {
    match lang {
        Lang::En => english(kind),
        Lang::Ru => russian(kind),
    }
}

fn did_you_mean(words: Words, suggestion: Option<&str>, lang: Lang) -> Words {
    match (suggestion, lang) {
        (Some(meant), Lang::En) => words.help(format!("did you mean `{meant}`?")),
        (Some(meant), Lang::Ru) => words.help(format!("возможно, имелось в виду `{meant}`?")),
        (None, _) => words,
    }
}

fn example(name: &str, is: AttributeKind) -> String {
    match is {
        AttributeKind::Number => format!("`{name} >= 18` or `{name} 18..35`"),
        AttributeKind::Text => format!("`{name} \"gold\"`"),
        AttributeKind::Flag => format!("`{name}`"),
        AttributeKind::Date => format!("`{name} in 7d`"),
    }
}

fn english(kind: &FormKind) -> Words {
    match kind {
        FormKind::UnknownBrand { name, suggestion } => {
            let words = say(format!("brand `{name}` is not declared"), "no such brand");
            match suggestion {
                Some(_) => did_you_mean(words, suggestion.as_deref(), Lang::En),
                None => words.help(format!("declare it: `brand {name} {{ sender \"...\" }}`")),
            }
        }
        FormKind::UnknownChain { name, suggestion, known } => {
            let words = say(format!("there is no chain `{name}` to test"), "no such chain");
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            match (suggestion, known.as_slice()) {
                (Some(_), _) => did_you_mean(words, suggestion.as_deref(), Lang::En),
                (None, []) => words.help("the project has no chain yet: `chain name { ... }`"),
                (None, [one]) => words.help(format!("the project has {one}")),
                (None, known) => words.help(format!("the project has {}", listed(known, "and"))),
            }
        }
        FormKind::ControlCondition { text } => {
            say("`control` takes a share or the name of a segment", "a condition without a name")
                .help(format!(
                    "name it in a line of its own, `segment held_out = {text}`, and write \
                     `control held_out`"
                ))
        }
        FormKind::ReservedAttribute { word, known } => {
            let words = say(
                format!("`{word}` is a word of the language and cannot name an attribute"),
                if *known { "known without being declared" } else { "choose another name" },
            );
            if *known {
                words.help(format!(
                    "take the line out to use `{word}` as it is, or name yours `own_{word}`"
                ))
            } else {
                words.help(format!("`own_{word}` would do"))
            }
        }
        FormKind::NotWholeDays { text, meant } => {
            say(format!("this looks ahead by whole days, and `{text}` is none"), "not whole days")
                .help(format!("write `{meant}`"))
        }
        FormKind::CapBesideOff => {
            say("this cap stands in a chain that has `cap off`", "would never hold")
                .related("all caps are off here")
                .help("keep one of the two")
        }
        FormKind::HoursAtClock { every } => say(
            format!("rounds every `{every}` come at other times of each day, not at this one"),
            "cannot hold for every round",
        )
        .help(format!("write `repeat every {every}` or `repeat daily at 12:00`")),
        FormKind::NotAMessage { name, is } => {
            let what = if *is == Named::Chain { "a chain" } else { "a segment" };
            say(format!("`{name}` is {what}, not a message"), "not a message")
                .related("declared here")
                .help(format!("declare the text: `message {name} {{ sms \"...\" }}`"))
        }
        FormKind::UnusedBrand { brand } => {
            say(format!("nothing uses brand `{brand}`"), "never used")
                .help(format!("write `brand {brand}` in a chain, or delete it"))
        }
        FormKind::UnknownAttribute { name, suggestion } => {
            let words =
                say(format!("nothing in this project says what `{name}` is"), "not declared");
            match suggestion {
                Some(_) => did_you_mean(words, suggestion.as_deref(), Lang::En),
                None => words
                    .help(format!("declare it in the policy, such as `attribute {name} number`")),
            }
        }
        FormKind::WrongAttribute { name, is } => {
            let kind = match is {
                AttributeKind::Number => "a number",
                AttributeKind::Text => "a text",
                AttributeKind::Flag => "a yes or no",
                AttributeKind::Date => "a date",
            };
            say(format!("attribute `{name}` is {kind}"), "used as something else")
                .related("declared here")
                .help(format!("write it like {}", example(name, *is)))
        }
        FormKind::NoSuchDate { text } => {
            say(format!("no calendar has the day `{text}`"), "no such day")
                .help("dates read year, month, day: `2026-03-01`")
        }
        FormKind::SaidTwice { word } => {
            say(format!("`{word}` stands twice in one step"), "again here")
                .help("keep the one that is meant")
        }
        FormKind::MissingPeriod { text } => {
            say(format!("`{text}` does not say over what time"), "per what time?")
                .help(format!("write `{text} per 7d`"))
        }
        FormKind::SetByExperiment { setting } => say(
            format!("the experiment sets `{setting}` for all of its chains"),
            "cannot be set again here",
        )
        .related("set for all here")
        .help("keep one of the two"),
        FormKind::OffWithoutReason { setting } => say(
            format!("`{setting} off` takes a protection from customers, so it says why"),
            "expected a reason in quotes",
        )
        .help(format!("write it like `{setting} off \"delivery notices, asked for\"`")),
        FormKind::FlowInExperiment => {
            say("a flow in an experiment stands in a chain with a name", "in which chain?")
                .help("wrap it: `chain name { segment ... -> ... }`")
        }
        FormKind::EmptyExperiment => {
            say("this experiment has no chains, so there is nothing to compare", "no chains")
                .help("add one: `chain name { segment ... -> ... }`")
        }
        FormKind::Unreachable => say("nobody reaches this step", "everybody has left before")
            .related("left here")
            .help("take it out, or let somebody go on to it"),
        FormKind::EmptyBranch { of } => {
            say(format!("nothing happens in the braces of `{of}`"), "empty")
                .help("add a step, or take the braces out")
        }
        FormKind::ArmsNotWhole { sum, off, above: true } => say(
            format!("the arms come to {sum}, and nobody can be in two of them"),
            format!("{off} too much"),
        )
        .help(format!("take {off} away from one of the arms")),
        FormKind::ArmsNotWhole { sum, off, above: false } => say(
            format!("the arms come to {sum}, so {off} of customers would be in none"),
            format!("{off} missing"),
        )
        .help(format!(
            "give them to an arm, or say that they get nothing: `bare {off} {{ exit }}`"
        )),
        FormKind::EndlessRepeat => {
            say("this repeat goes on for as long as the customer does not buy", "no last round")
                .help("say where it ends: `max 13` or `until 2025-10-31`")
        }
        FormKind::PlaceholderWithoutGift { name, message, step } => say(
            format!("message `{message}` shows `{{{name}}}`, but no `{step}` stands before it"),
            "promised to nobody",
        )
        .related("sent here")
        .help(format!("add a `{step}` before this step, or take the placeholder out")),
        FormKind::PlaceholderOnSomePaths { name, message, step } => say(
            format!("message `{message}` shows `{{{name}}}`, but not everybody has one by then"),
            "empty for some customers",
        )
        .related("sent here")
        .related(format!("here without a `{step}`"))
        .help(format!("give a `{step}` on every way to this step, or send those another message")),
        FormKind::PromoWithoutExpiry { message } => say(
            format!("message `{message}` shows `{{promo.expires}}`, but the code never expires"),
            "a day that never comes",
        )
        .related("sent here")
        .help("write the promo with its end: `promo toys expires 14d`"),
        FormKind::ForeignPlaceholder { text, meant, file } => {
            let label = match file {
                None => "plain text here, the same for everybody".to_owned(),
                Some(_) => "stands in this file".to_owned(),
            };
            let own = meant.is_some_and(|meant| *text == format!("${{{meant}}}"));
            let message = if own {
                format!("customers would read a `$` before the value of `{text}`")
            } else {
                format!("customers would read `{text}` as it stands")
            };
            let words = say(message, label);
            match meant {
                Some(meant) => words.help(format!("write `{{{meant}}}`")),
                None => {
                    words.help("a placeholder has one brace on each side: `{customer.first_name}`")
                }
            }
        }
        FormKind::UnexpectedInTest { found, forms } => {
            let shown: String = found.chars().take(40).collect();
            say(format!("a test cannot say `{shown}` here"), "does not belong here")
                .help(format!("write it like {forms}"))
        }
        FormKind::UnsaidInTest { found } => {
            let shown: String = found.chars().take(40).collect();
            say(format!("`{shown}` needs no word in a test"), "so without being said")
                .help("take it out: what `given` does not say of the customer is not so")
                .note("only `consent` and `reachable` take a `not`")
        }
        FormKind::DaysGoBack => say("this day lies before the one above it", "goes back")
            .related("already later here")
            .help("put the lines in the order of their days"),
        FormKind::TestWithoutExpect => {
            say("this test expects nothing, so it can never fail", "no line with `expect`")
                .help("add what must have happened: `day 0 expect sms offer`")
        }
    }
}

fn russian(kind: &FormKind) -> Words {
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
