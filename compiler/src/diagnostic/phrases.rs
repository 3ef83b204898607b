//! The Russian of what the grammar says it expects. A test holds it to every phrase of the
//! vocabulary, so that nobody reads half a sentence in another language.

/// Returns a phrase of the vocabulary in Russian. Words of the language stay what they are.
pub(super) fn russian(phrase: &'static str) -> &'static str {
    known(phrase).unwrap_or(phrase)
}

fn known(phrase: &'static str) -> Option<&'static str> {
    Some(match phrase {
        "a text in quotes" => "текст в кавычках",
        "a step such as `sms offer`" => "шаг вроде `sms offer`",
        "a number of points such as `300`" => "число баллов вроде `300`",
        "a time such as `3d` or `36h`" => "срок вроде `3d` или `36h`",
        "a value such as `60..89` or `>= 3`" => "значение вроде `60..89` или `>= 3`",
        "days such as `30..59`" => "дни вроде `30..59`",
        "a number" => "число",
        "a clock time such as `10:00`" => "время вроде `10:00`",
        "a date such as `2026-03-01`" => "дата вроде `2026-03-01`",
        "a unit" => "единица измерения",
        "the name of a message" => "имя сообщения",
        "the name of a segment" => "имя сегмента",
        "a name or a text in quotes" => "имя или текст в кавычках",
        "a share such as `40%`" => "доля вроде `40%`",
        "a number of days such as `2`" => "число дней вроде `2`",
        "a clock time such as `12:00`" => "время вроде `12:00`",
        "something such as `consent sms`" => "что-то вроде `consent sms`",
        "an arm such as `soft 40% { ... }`" => "ветка вроде `soft 40% { ... }`",
        "a date such as `2025-08-01`" => "дата вроде `2025-08-01`",
        "a name" => "имя",
        "a word" => "слово",
        "a setting such as `control 10%`" => "настройка вроде `control 10%`",
        "a condition such as `recency 60..89`" => "условие вроде `recency 60..89`",
        "a comma" => "запятая",
        "the end of the line" => "конец строки",
        word if word.starts_with('`') && word.ends_with('`') => word,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::known;

    #[test]
    fn every_phrase_of_the_vocabulary_has_its_russian() {
        let missing: Vec<_> =
            chainc_grammar::words::phrases().filter(|phrase| known(phrase).is_none()).collect();
        assert!(missing.is_empty(), "without Russian: {missing:?}");
    }
}
