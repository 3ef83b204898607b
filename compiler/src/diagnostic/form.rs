//! Findings about the forms of the language: names of brands and attributes, dates,
//! experiments, branches, repeats, tests.

use super::words::{Words, say};
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
    /// Something in a test that a test cannot say.
    UnexpectedInTest {
        /// As written.
        found: String,
        /// The forms there are.
        forms: &'static str,
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
            Self::UnexpectedInTest { .. } => Code::UnexpectedInTest,
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
        FormKind::UnknownChain { name, suggestion } => did_you_mean(
            say(format!("there is no chain `{name}` to test"), "no such chain"),
            suggestion.as_deref(),
            Lang::En,
        ),
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
        FormKind::Unreachable => {
            say("nobody reaches this step", "everybody has left before").related("left here")
        }
        FormKind::EmptyBranch { of } => {
            say(format!("nothing happens in the braces of `{of}`"), "empty")
                .help("add a step, or take the braces out")
        }
        FormKind::ArmsNotWhole { sum, off, above } => say(
            format!("the arms come to {sum}, not to 100%"),
            if *above { format!("{off} too much") } else { format!("{off} missing") },
        )
        .help("an arm that gets nothing is written too: `bare 20% { exit }`"),
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
        FormKind::UnexpectedInTest { found, forms } => {
            let shown: String = found.chars().take(40).collect();
            say(format!("a test cannot say `{shown}` here"), "does not belong here")
                .help(format!("write it like {forms}"))
        }
        FormKind::DaysGoBack => {
            say("this day lies before the one above it", "goes back").related("already later here")
        }
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
        FormKind::UnknownChain { name, suggestion } => did_you_mean(
            say(format!("нет цепочки `{name}`, которую можно проверить"), "такой цепочки нет"),
            suggestion.as_deref(),
            Lang::Ru,
        ),
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
        }
        FormKind::EmptyBranch { of } => {
            say(format!("в скобках после `{of}` ничего не происходит"), "пусто")
                .help("добавьте шаг или уберите скобки")
        }
        FormKind::ArmsNotWhole { sum, off, above } => say(
            format!("доли веток дают {sum}, а не 100%"),
            if *above { format!("{off} лишние") } else { format!("не хватает {off}") },
        )
        .help("ветка, которой ничего не достаётся, тоже пишется: `bare 20% { exit }`"),
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
        FormKind::UnexpectedInTest { found, forms } => {
            let shown: String = found.chars().take(40).collect();
            say(format!("в тесте здесь нельзя написать `{shown}`"), "не к месту")
                .help(format!("пишется так: {}", forms.replace(" or ", " или ")))
        }
        FormKind::DaysGoBack => {
            say("этот день раньше того, что стоит выше", "назад во времени").related("а здесь уже позже")
        }
        FormKind::TestWithoutExpect => {
            say("этот тест ничего не ожидает, поэтому пройдёт всегда", "нет строки с `expect`")
                .help("добавьте, что должно было случиться: `day 0 expect sms offer`")
        }
    }
}
