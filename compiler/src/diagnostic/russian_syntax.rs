//! The Russian words for faults of the text itself.

use super::hint::{
    Hint, SHORT, Stranger, UnitSlip, hint, is_translated, openers, shown, stranger, unit_slip,
};
use super::phrases;
use super::russian::perhaps;
use super::words::{Words, listed, say};
use super::{FormKind, Lang, form, habit};
use chainc_grammar::fault::{BlockOf, FaultKind, Named, Slot};

/// Returns `a`, `a или b`, `a, b или c`.
fn either(words: &[impl AsRef<str>]) -> String {
    listed(words, "или")
}

/// Returns what has no name or no block: «у этой цепочки нет имени».
fn of_this(of: Named) -> &'static str {
    match of {
        Named::Chain => "этой цепочки",
        Named::Segment => "этого сегмента",
        Named::Message => "этого сообщения",
        Named::Brand => "этого бренда",
        Named::Experiment => "этого эксперимента",
        Named::Arm => "этой ветки",
        Named::Test => "этого теста",
    }
}

fn of_this_block(of: BlockOf) -> &'static str {
    match of {
        BlockOf::Chain => "этой цепочки",
        BlockOf::Message => "этого сообщения",
        BlockOf::Policy => "этой `policy`",
        BlockOf::Table => "этой таблицы",
        BlockOf::Brand => "этого бренда",
        BlockOf::Experiment => "этого эксперимента",
        BlockOf::Test => "этого теста",
        BlockOf::Arm => "этой ветки",
        BlockOf::Split => "этого `split`",
        BlockOf::Repeat => "этого `repeat`",
    }
}

/// Returns where a slot is, for «непонятное ... в этом шаге».
fn inside(slot: Slot) -> &'static str {
    match slot {
        Slot::Declaration => "у левого края",
        Slot::ChainItem => "в этой цепочке",
        Slot::PolicyItem => "в этой `policy`",
        Slot::BrandItem => "в этом бренде",
        Slot::ExperimentItem => "в этом эксперименте",
        Slot::TestLine => "в этом тесте",
        Slot::Arm => "в этом `split`",
        Slot::Step => "в этом шаге",
        Slot::Condition => "в этом условии",
        Slot::Row => "в этой таблице",
        Slot::MessageText => "в этом тексте",
        Slot::ChainHead | Slot::Head => "перед `{`",
        Slot::End => "здесь",
    }
}

/// Returns what a word in a slot would be.
fn as_what(slot: Slot) -> Option<&'static str> {
    match slot {
        Slot::Declaration => Some("объявление"),
        Slot::ChainItem => Some("настройка цепочки"),
        Slot::PolicyItem => Some("настройка из `policy`"),
        Slot::BrandItem => Some("настройка бренда"),
        Slot::ExperimentItem => Some("настройка эксперимента"),
        Slot::TestLine => Some("строка теста"),
        Slot::Step => Some("шаг"),
        Slot::Condition => Some("условие"),
        Slot::MessageText => Some("канал"),
        Slot::Row | Slot::ChainHead | Slot::Head | Slot::End | Slot::Arm => None,
    }
}

/// Returns what a slot can begin with.
fn choices(slot: Slot) -> Option<String> {
    let list = |what: &str| Some(format!("{what} {}", either(&openers(slot))));
    match slot {
        Slot::Declaration => list("объявление начинается с"),
        Slot::ChainItem => list("строка цепочки начинается с"),
        Slot::PolicyItem => list("строка `policy` начинается с"),
        Slot::BrandItem => list("строка бренда начинается с"),
        Slot::ExperimentItem => list("строка эксперимента начинается с"),
        Slot::TestLine => list("строка теста начинается с"),
        Slot::Arm => Some("ветка пишется так: `soft 40% { ... }`".to_owned()),
        Slot::Step => list("шаг начинается с"),
        Slot::Condition => list("условие — это имя сегмента, или оно начинается с"),
        Slot::MessageText => list("тексты сообщения бывают для"),
        Slot::Row => Some("строка таблицы пишется так: `30..59: 100`".to_owned()),
        Slot::ChainHead => {
            Some("цепочка открывается так: `chain name {` или `chain name \"Title\" {`".to_owned())
        }
        Slot::Head | Slot::End => None,
    }
}

/// Returns the words for an unknown word; settings use it too.
pub(super) fn unknown_word(slot: Slot, word: &str, suggestion: Option<&str>) -> Words {
    if let Some(meant) = suggestion.filter(|meant| *meant == word.to_lowercase()) {
        return say("слова языка пишут маленькими буквами", "заглавные буквы")
            .help(format!("напишите `{meant}`"));
    }
    if let Some(meant) = suggestion.filter(|meant| is_translated(word, meant)) {
        return say(format!("вместо `{word}` пишут `{meant}`"), "слова языка английские")
            .help(format!("напишите `{meant}`; по-русски могут быть ваши имена и тексты"));
    }
    let message = match slot {
        Slot::Declaration => format!("объявления `{word}` не бывает"),
        Slot::ChainItem => format!("настройки `{word}` у цепочки не бывает"),
        Slot::PolicyItem => format!("настройки `{word}` в `policy` не бывает"),
        Slot::BrandItem => format!("настройки `{word}` у бренда не бывает"),
        Slot::ExperimentItem => format!("настройки `{word}` у эксперимента не бывает"),
        Slot::TestLine => format!("строки `{word}` в тесте не бывает"),
        Slot::Step => format!("шага `{word}` не бывает"),
        Slot::Condition => format!("условия `{word}` не бывает"),
        Slot::MessageText => format!("канала `{word}` не бывает"),
        Slot::Row | Slot::ChainHead | Slot::Head | Slot::End | Slot::Arm => {
            format!("слово `{word}` здесь незнакомо")
        }
    };
    let words = say(message, "незнакомое слово");
    let stranger = stranger(slot, word).map(|stranger| match stranger {
        Stranger::Send => "шаг начинается с канала: `sms offer`",
        Stranger::Messenger => "до других каналов доходят через ваш адрес: `webhook offer`",
    });
    if let Some(help) = stranger {
        return words.help(help);
    }
    match (suggestion, choices(slot)) {
        (Some(meant), _) => words.help(perhaps(meant)),
        (None, Some(choices)) => words.help(choices),
        (None, None) => words,
    }
}

fn unexpected(
    slot: Slot,
    found: &str,
    english: &[&'static str],
    suggestion: Option<&str>,
) -> Words {
    let expected: Vec<&str> = english.iter().map(|phrase| phrases::russian(phrase)).collect();
    let list = either(&expected);
    if found.is_empty() {
        let what = match slot {
            Slot::Step => "этот шаг не дописан",
            Slot::Condition => "это условие не дописано",
            Slot::MessageText => "этот текст не дописан",
            _ => "эта строка не дописана",
        };
        return match list.chars().count() {
            0 => say(what, ""),
            1..=SHORT => say(what, format!("ожидается {list}")),
            _ => say(what, "здесь чего-то не хватает").help(format!("ожидается {list}")),
        };
    }
    let short = !list.is_empty() && list.chars().count() <= SHORT;
    let label = match suggestion {
        _ if short => format!("ожидается {list}"),
        Some(_) => "опечатка?".to_owned(),
        None => "не к месту".to_owned(),
    };
    let mut words = say(format!("непонятное `{}` {}", shown(found), inside(slot)), label);
    if !short && !list.is_empty() {
        words = words.help(format!("ожидается {list}"));
    }
    if let Some(meant) = suggestion {
        return words.help(perhaps(meant));
    }
    match hint(slot, found, english).and_then(|hint| hinted(hint, slot, found)) {
        Some(help) => words.help(help),
        None => words,
    }
}

fn hinted(hint: Hint, slot: Slot, found: &str) -> Option<String> {
    let words = match hint {
        Hint::Range => "диапазон пишется `60..89`; оба края входят",
        Hint::Joined => "условия соединяют словами `and` и `or`",
        Hint::JoinedOrSteps => "условия соединяют словами `and` и `or`, шаги — стрелкой `->`",
        Hint::Steps => "каждый шаг пишется после стрелки: `-> sms offer -> wait 3d`",
        Hint::ArrowOrComparison => {
            "стрелка пишется `->`, а сравнение стоит после слова вроде `recency`"
        }
        Hint::Opposite => "отрицание пишется словом `not`: `not tag staff`",
        Hint::BelowZero => "меньше нуля здесь ничего не бывает",
        Hint::UnitBehind => {
            return Some(format!("единица стоит после числа: `300 {found}`"));
        }
        Hint::Arrow => "стрелка пишется `->`, а в именах вместо `-` ставят `_`",
        Hint::Name => "в именах и словах вместо `-` пишут `_`",
        Hint::NoColon => "уберите `:`: то, что относится к слову, идёт сразу за ним",
        Hint::Point => "дробь пишется через точку, `4.20`, а каждая настройка — на своей строке",
        Hint::OwnLine => "каждая пишется на своей строке, и в конце ничего не ставят",
        Hint::ZoneInQuotes => "возьмите имя в кавычки: `timezone \"Asia/Yekaterinburg\"`",
        Hint::Expiry => "срок пишется так: `expires 14d`",
        Hint::LongUnit => "месяцы и годы пишут в днях: `30d`, `365d`",
        Hint::WholeCondition => "каждое условие пишут целиком: `city \"Омск\" or city \"Томск\"`",
        Hint::Braces => "скобки идут сразу за условием: `if vip { sms offer }`",
        Hint::BareTime => "срок идёт сразу после `wait`: `wait 3d`",
        Hint::OneTime => "срок — одно число с одной единицей: `wait 74h`",
        Hint::Purchase => "покупка пишется `purchase`: `wait 3d unless purchase`",
        Hint::Events => {
            "ожидание прерывают `purchase`, `opened offer`, `clicked offer` и `event \"visited\"`"
        }
        Hint::BareValue => "значение пишется сразу за словом: `city \"Омск\" or city \"Томск\"`",
        Hint::OneNumber => "условие сравнивает с одним готовым числом: `recency >= 35`",
        Hint::Everybody => "все клиенты — это `frequency >= 0`",
        Hint::Table => "таблица пишется так: `grant by recency { 30..59: 100, 60..89: 300 }`",
        Hint::TextInMessage => {
            "тексты пишут в сообщениях, `message offer { sms \"...\" }`, а в шаге — имя: `sms offer`"
        }
        Hint::BareName => {
            let name = found.trim_matches('"');
            return Some(format!("имена пишут без кавычек: `{name}`"));
        }
        Hint::Else => "`else` идёт после скобки: `if vip { sms offer } else { email offer }`",
        Hint::Ladder => "другой канал для тех, до кого не дошло: `-> fallback email`",
        Hint::OneChannel => "один шаг — один канал: `-> sms offer -> email offer`",
        Hint::Comment => "примечание начинается с `#`",
        Hint::NamedSegment => {
            "у именованного сегмента нет шагов; они пишутся после имени: `segment name -> ...`"
        }
        Hint::Flow => "шаги начинаются с сегмента: `segment recency 60..89 -> sms offer`",
        Hint::Choices => return choices(slot),
    };
    Some(words.to_owned())
}

fn misplaced(slot: Slot, word: &str, belongs: Slot) -> Words {
    let is = as_what(belongs).unwrap_or("слово языка");
    let message = match as_what(slot) {
        Some(wanted) => format!("`{word}` — это {is}, а не {wanted}"),
        None => format!("`{word}` — это {is}, а здесь нужно другое"),
    };
    let place = if slot == Slot::Step { "после стрелки" } else { inside(slot) };
    let words = say(message, format!("не может стоять {place}"));
    match belongs {
        Slot::Step => words.help("шаги идут после сегмента: `segment recency 60..89 -> sms offer`"),
        Slot::ChainItem => words.help("место ей на отдельной строке внутри `chain name { ... }`"),
        Slot::PolicyItem => words.help("место ей внутри `policy { ... }`"),
        Slot::BrandItem => words.help("место ей внутри `brand name { ... }`"),
        Slot::ExperimentItem => words.help("место ей внутри `experiment name { ... }`"),
        Slot::TestLine => words.help("место ей внутри `test \"...\" { ... }`"),
        Slot::Condition => {
            words.help("условия идут после `segment`: `segment recency 60..89 -> sms offer`")
        }
        Slot::Declaration => words.help("сначала закройте предыдущий блок: `}`"),
        Slot::Row | Slot::MessageText | Slot::ChainHead | Slot::Head | Slot::End | Slot::Arm => {
            words
        }
    }
}

/// Returns the words for a fault of the text.
pub(super) fn words(fault: &FaultKind) -> Words {
    match fault {
        FaultKind::Unexpected { slot, found, expected, suggestion } => {
            unexpected(*slot, found, expected, suggestion.as_deref())
        }
        FaultKind::UnknownWord { slot, word, suggestion } => {
            unknown_word(*slot, word, suggestion.as_deref())
        }
        FaultKind::SettingWord { setting, found, meant } => {
            say(format!("непонятное `{found}` после `{setting}`"), "опечатка?").help(perhaps(meant))
        }
        FaultKind::Misplaced { slot, word, belongs } => misplaced(*slot, word, *belongs),
        FaultKind::UnclosedBlock { of, .. } => {
            let message = match of {
                BlockOf::Chain => "эта цепочка не закрыта",
                BlockOf::Message => "это сообщение не закрыто",
                BlockOf::Policy => "эта `policy` не закрыта",
                BlockOf::Table => "эта таблица не закрыта",
                BlockOf::Brand => "этот бренд не закрыт",
                BlockOf::Experiment => "этот эксперимент не закрыт",
                BlockOf::Test => "этот тест не закрыт",
                BlockOf::Arm => "эта ветка не закрыта",
                BlockOf::Split => "этот `split` не закрыт",
                BlockOf::Repeat => "этот `repeat` не закрыт",
            };
            say(message, "здесь ожидается `}`").related("открыто здесь")
        }
        FaultKind::MissingBlock { of } => {
            let words =
                say(format!("у {} нет `{{ ... }}`", of_this_block(*of)), "здесь ожидается `{`");
            match of {
                BlockOf::Chain => {
                    words.help("цепочка пишется так: `chain name { segment ... -> ... }`")
                }
                BlockOf::Message => {
                    words.help("сообщение пишется так: `message name { sms \"...\" }`")
                }
                BlockOf::Policy => words.help("пишется так: `policy { currency RUB }`"),
                BlockOf::Brand => words.help("бренд пишется так: `brand name { sender \"...\" }`"),
                BlockOf::Experiment => {
                    words.help("пишется так: `experiment name { chain name { ... } }`")
                }
                BlockOf::Test => {
                    words.help("тест пишется так: `test \"...\" { day 0 expect ... }`")
                }
                BlockOf::Arm => words.help("ветка пишется так: `if vip { sms offer }`"),
                BlockOf::Split => {
                    words.help("пишется так: `split { soft 40% { ... } hard 60% { ... } }`")
                }
                BlockOf::Repeat => {
                    words.help("пишется так: `repeat weekly on tue at 12:00 max 13 { ... }`")
                }
                BlockOf::Table => words,
            }
        }
        FaultKind::StrayClose => say("эта `}` ничего не закрывает", "перед ней нет открытой `{`"),
        FaultKind::ClosedEarly => {
            say("эта `}` закрывает цепочку раньше последних шагов", "за ней ещё шаги")
                .help("уберите её: после шагов есть другая `}`")
        }
        FaultKind::UnclosedParen { .. } => say("эта скобка не закрыта", "ожидается её `)`"),
        FaultKind::UnclosedText => say("у этого текста нет закрывающей `\"`", "открыт здесь")
            .help("текст кончается на той же строке; перенос внутри него пишется `\\n`"),
        FaultKind::Quotes => say("тексты пишут в прямых кавычках", "кавычки не те")
            .help("поставьте `\"` с обеих сторон"),
        FaultKind::Escape { found } => {
            say(format!("`{found}` в тексте ничего не значит"), "непонятно")
                .help("обратная черта пишется `\\\\`, кавычка `\\\"`, новая строка `\\n`")
        }
        FaultKind::MissingArrow { step } => {
            say(format!("перед `{step}` нет `->`"), "этот шаг идёт следом за другим")
                .help(format!("напишите `-> {step} ...`"))
        }
        FaultKind::MissingStep => say("за этой стрелкой нет шага", "ведёт в никуда")
            .help("допишите шаг или уберите стрелку"),
        FaultKind::MissingCondition { after } => {
            let message = if after.is_empty() {
                "здесь не хватает условия".to_owned()
            } else {
                format!("после `{after}` нет условия")
            };
            say(message, "нужно условие вроде `recency 60..89`")
        }
        FaultKind::MissingName { of } => {
            let form = match of {
                Named::Chain => "`chain name {`",
                Named::Segment => "`segment name =`",
                Named::Message => "`message name {`",
                Named::Brand => "`brand name {`",
                Named::Experiment => "`experiment name {`",
                Named::Arm => "`soft 40% {`",
                Named::Test => "`test \"...\" {`",
            };
            say(format!("у {} нет имени", of_this(*of)), format!("ожидается {form}"))
                .help("имена состоят из букв, цифр и `_`")
        }
        FaultKind::ReservedName { of, word } => {
            let (whom, suffix) = match of {
                Named::Chain => ("цепочку", "chain"),
                Named::Segment => ("сегмент", "segment"),
                Named::Message => ("сообщение", "message"),
                Named::Brand => ("бренд", "brand"),
                Named::Experiment => ("эксперимент", "experiment"),
                Named::Arm => ("ветку", "arm"),
                Named::Test => ("тест", "test"),
            };
            say(format!("`{word}` — слово языка, назвать им {whom} нельзя"), "выберите другое имя")
                .help(format!("подойдёт, например, `{word}_{suffix}`"))
        }
        FaultKind::SegmentInChain { name } => {
            say(format!("сегмент `{name}` объявлен внутри цепочки"), "место ему снаружи")
                .help("объявляйте сегменты у левого края, до цепочки")
        }
        FaultKind::MissingEquals { name } => {
            say(format!("после сегмента `{name}` нет `=`"), "после имени ожидается `=`")
                .help(format!("именованный сегмент пишется так: `segment {name} = recency 60..89`"))
        }
        FaultKind::Arrow { found } if !found.contains(['>', '→']) => {
            say(format!("шаги соединяет `->`, а не `{found}`"), "").help("напишите `->`")
        }
        FaultKind::Arrow { found } => {
            say(format!("стрелка пишется `->`, а не `{found}`"), "").help("напишите `->`")
        }
        FaultKind::RangeMark { found } => {
            say(format!("диапазон пишется через `..`, а не через `{found}`"), "")
                .help("напишите `..`, как в `60..89`")
        }
        FaultKind::SpacedNumber { meant, by } => {
            let by = if *by == "commas" { "запятыми" } else { "пробелами" };
            say(format!("разряды числа разделяют знаком `_`, а не {by}"), "")
                .help(format!("напишите `{meant}`"))
        }
        FaultKind::ComparisonSign { found, meant } => {
            say(format!("вместо `{found}` пишут `{meant}`"), "").help(format!("напишите `{meant}`"))
        }
        FaultKind::UnitName { found, meant } => {
            say(format!("вместо `{found}` пишут `{meant}`"), "").help(format!("напишите `{meant}`"))
        }
        FaultKind::Form { found, meant, of } => habit::words(found, meant, *of, Lang::Ru),
        FaultKind::UnknownUnit { number, unit } => {
            let (message, help) = match unit_slip(unit) {
                UnitSlip::Clock => (
                    format!("часы считают до 24, без `{unit}`"),
                    "напишите, например, `10:00` или `21:30`".to_owned(),
                ),
                UnitSlip::Thousands => (
                    format!("единицы `{unit}` не бывает, тысячи пишут цифрами"),
                    format!("напишите `{number}_000`, а после — единицу"),
                ),
                UnitSlip::Capital => (
                    format!("единицы пишут маленькими буквами, а `{unit}` — заглавная"),
                    format!("напишите `{number}{}`", unit.to_lowercase()),
                ),
                UnitSlip::Month => (
                    format!("единицы `{unit}` не бывает: месяцы разной длины"),
                    "напишите в днях: `30d`".to_owned(),
                ),
                UnitSlip::Year => (
                    format!("единицы `{unit}` не бывает"),
                    "напишите в днях: год — это `365d`".to_owned(),
                ),
                UnitSlip::Other => (
                    format!("единицы `{unit}` не бывает"),
                    format!(
                        "бывают `{number}d`, `{number}h`, `{number}m`, `{number}w`, \
                         `{number}%`, `{number} points` и деньги вроде `{number} RUB`"
                    ),
                ),
            };
            say(message, "неизвестная единица").help(help)
        }
        FaultKind::NumberTooLarge => say("это число слишком большое", "больше 10^15"),
        FaultKind::LookAlike { meant, letter } => say(
            format!("`{letter}` в этом слове — не латинская буква, хотя и похожа на неё"),
            "похоже на слово языка",
        )
        .help(format!("наберите `{meant}` латинскими буквами")),
        FaultKind::MergeConflict => {
            say("здесь остались пометки слияния", "две версии одних и тех же строк")
                .help("оставьте одну версию и удалите строки с `<<<<<<<`, `=======`, `>>>>>>>`")
                .note("проверена только первая версия")
        }
        FaultKind::TooDeep { limit } => {
            say(format!("скобки вложены друг в друга больше {limit} раз"), "слишком глубоко")
                .note("остальное в этом файле не проверено")
        }
        FaultKind::TooTangled => {
            say("этот файл не удалось прочитать до конца", "дальше прочитать не удалось")
                .note("остальное в этом файле не проверено")
        }
        FaultKind::SaidTwice { word } => form::words(&FormKind::SaidTwice { word }, Lang::Ru),
    }
}
