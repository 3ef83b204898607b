//! Forms of other languages and of prose, whose meaning is clear.

use super::Lang;
use super::words::{Words, say};
use chainc_grammar::fault::Form;

/// Returns the words for something that is written otherwise, or not at all.
pub(super) fn words(found: &str, meant: &str, of: Form, lang: Lang) -> Words {
    let message = match (lang, meant.is_empty(), of) {
        (_, _, Form::Row) if meant == ":" => match lang {
            Lang::En => "days and points of a row stand on both sides of `:`".to_owned(),
            Lang::Ru => "дни и баллы в строке таблицы разделяет `:`".to_owned(),
        },
        (Lang::En, true, _) => format!("`{found}` does not belong here"),
        (Lang::Ru, true, _) => format!("`{found}` здесь лишнее"),
        (Lang::En, false, _) => format!("`{found}` is written `{meant}`"),
        (Lang::Ru, false, _) => format!("вместо `{found}` пишут `{meant}`"),
    };
    let help = match lang {
        Lang::En => english(of, meant),
        Lang::Ru => russian(of, meant),
    };
    say(message, "").help(help)
}

fn english(of: Form, meant: &str) -> String {
    match of {
        Form::Joiner => "conditions are joined by the words `and` and `or`; `not` is the opposite",
        Form::Capitals => "words of the language are in small letters",
        Form::Mark => "take it away; what belongs to a word follows it at once",
        Form::Equals => "a named segment is written `segment sleeping = recency 60..89`",
        Form::Sign => "take it away; a line ends without a sign",
        Form::Bullet => "take it away; a line begins with its word",
        Form::Numbered if meant.is_empty() => "take it away; steps have no numbers",
        Form::Numbered => "steps have no numbers: each is led by `->`",
        Form::Quoted => "names stand without quotes",
        Form::Hyphen => "names have `_` instead of `-`",
        Form::Row => "a row is written `30..59: 100`; rows are separated by `,`",
        Form::Table => "a table reads `grant by recency { 30..59: 100, 60..89: 300 }`",
        Form::Unless => "what a purchase must prevent is written `wait 3d unless purchase -> ...`",
        Form::Digits | Form::Thousands => "numbers are written in digits",
        Form::Money => "the currency stands behind the number",
        Form::Fraction => "a fraction is written with a point",
        Form::Clock => "clock times are hours and minutes: `09:30`, `21:00`",
        Form::Date => "a date is year, month and day: `2026-03-01`",
        Form::Range => "a range is written with `..`; both ends belong to it",
        Form::Compare => "comparisons are written `>`, `>=`, `=`, `<=` and `<`",
        Form::Window => "so far back is written `in 90d`, so often `per 7d`",
        Form::Expiry => "how long it lasts is written `expires 14d`",
        Form::Lasting => "how long a cashback lasts is written `for 7d`",
        Form::Filler => "take it away; nothing needs it",
        Form::Word => return format!("write `{meant}`"),
        Form::Comment => "a comment begins with `#` and ends with the line",
        Form::Wide => "signs of the language are of the usual width",
        Form::Braced => "steps follow their segment by `->`, without braces around them",
        Form::Call => "what belongs to a word follows it without parentheses",
    }
    .to_owned()
}

fn russian(of: Form, meant: &str) -> String {
    match of {
        Form::Joiner => "условия соединяют словами `and` и `or`, отрицание — `not`",
        Form::Capitals => "слова языка пишутся маленькими буквами",
        Form::Mark => "уберите: то, что относится к слову, идёт сразу за ним",
        Form::Equals => "именованный сегмент пишется так: `segment sleeping = recency 60..89`",
        Form::Sign => "уберите: строка кончается без знака",
        Form::Bullet => "уберите: строка начинается со своего слова",
        Form::Numbered if meant.is_empty() => "уберите: шаги не нумеруют",
        Form::Numbered => "шаги не нумеруют: перед каждым стоит `->`",
        Form::Quoted => "имена пишут без кавычек",
        Form::Hyphen => "в именах вместо `-` пишут `_`",
        Form::Row => "строка таблицы пишется `30..59: 100`, строки разделяет `,`",
        Form::Table => "таблица пишется `grant by recency { 30..59: 100, 60..89: 300 }`",
        Form::Unless => "шаги на случай, если покупки не было: `wait 3d unless purchase -> ...`",
        Form::Digits | Form::Thousands => "числа пишут цифрами",
        Form::Money => "валюту пишут после числа",
        Form::Fraction => "дробную часть отделяет точка",
        Form::Clock => "время — это часы и минуты: `09:30`, `21:00`",
        Form::Date => "дата — это год, месяц и день: `2026-03-01`",
        Form::Range => "диапазон пишут через `..`, оба края входят",
        Form::Compare => "сравнения пишут знаками `>`, `>=`, `=`, `<=` и `<`",
        Form::Window => "за какой срок — пишут `in 90d`, как часто — `per 7d`",
        Form::Expiry => "сколько это действует, пишут так: `expires 14d`",
        Form::Lasting => "сколько действует кэшбэк, пишут так: `for 7d`",
        Form::Filler => "уберите: это слово здесь ни к чему",
        Form::Word => return format!("напишите `{meant}`"),
        Form::Comment => "комментарий начинается с `#` и длится до конца строки",
        Form::Wide => "знаки языка — обычной ширины",
        Form::Braced => "шаги идут за сегментом через `->`, без скобок вокруг",
        Form::Call => "то, что относится к слову, идёт за ним без скобок",
    }
    .to_owned()
}
