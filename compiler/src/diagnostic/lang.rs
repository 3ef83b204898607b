//! The languages findings are told in, and how they count.

/// A language people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Russian.
    Ru,
}

impl Lang {
    /// Every language.
    pub const ALL: &'static [Self] = &[Self::En, Self::Ru];

    /// Returns the language of a tag as people and systems write it: `ru`, `ru-RU`,
    /// `ru_RU.UTF-8`, `en`. `C` and `POSIX` are English; what is spoken nowhere here is none.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['_', '-', '.', '@']).next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "en" | "c" | "posix" => Some(Self::En),
            "ru" => Some(Self::Ru),
            _ => None,
        }
    }

    /// Returns the tag: `en`, `ru`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }
}

/// Returns the Russian form that goes with a number: `1 день, 2 дня, 5 дней`.
#[must_use]
pub const fn plural<'w>(n: u64, one: &'w str, few: &'w str, many: &'w str) -> &'w str {
    match (n % 10, n % 100) {
        (_, 11..=14) => many,
        (1, _) => one,
        (2..=4, _) => few,
        _ => many,
    }
}

#[cfg(test)]
mod tests {
    use super::{Lang, plural};

    #[test]
    fn tags_of_systems_and_of_people_are_read() {
        for tag in ["ru", "RU", "ru_RU.UTF-8", "ru-RU", "ru_UA"] {
            assert_eq!(Lang::from_tag(tag), Some(Lang::Ru), "{tag}");
        }
        for tag in ["en", "en_US.UTF-8", "en-GB", "C", "C.UTF-8", "POSIX"] {
            assert_eq!(Lang::from_tag(tag), Some(Lang::En), "{tag}");
        }
        for tag in ["", "de_DE.UTF-8", "russian", "r"] {
            assert_eq!(Lang::from_tag(tag), None, "{tag}");
        }
    }

    #[test]
    fn numbers_take_the_form_that_russian_gives_them() {
        let days = |n| plural(n, "день", "дня", "дней");
        for n in [1, 21, 101, 1_001] {
            assert_eq!(days(n), "день", "{n}");
        }
        for n in [2, 3, 4, 22, 104] {
            assert_eq!(days(n), "дня", "{n}");
        }
        for n in [0, 5, 10, 11, 12, 14, 19, 20, 25, 111, 112, 213] {
            assert_eq!(days(n), "дней", "{n}");
        }
    }
}
