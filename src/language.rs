//! In which language a command speaks: what its flag says, else the environment.

use chainc_compiler::diagnostic::Lang;
use clap::{Args, ValueEnum};

/// The flag, for every command that speaks of chains.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Language {
    /// In which language to speak; that of the environment if not given
    #[arg(long = "lang", value_enum, value_name = "LANG", env = "CHAINC_LANG")]
    told: Option<Spoken>,
}

/// A language, as the command line has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Spoken {
    /// English
    En,
    /// Russian
    Ru,
    /// That of the environment: `CHAINC_LANG=` is not set to anything
    #[value(name = "", hide = true)]
    Unset,
}

impl Language {
    /// Returns the language.
    pub(crate) fn lang(self) -> Lang {
        match self.told {
            Some(Spoken::En) => Lang::En,
            Some(Spoken::Ru) => Lang::Ru,
            Some(Spoken::Unset) | None => of_locale(|name| std::env::var(name).ok()),
        }
    }
}

/// Returns the language of messages as the system's variables have it: the first that says
/// something decides. English where that is a language nobody here speaks.
fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Lang {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(variable)
        .find(|value| !value.is_empty())
        .and_then(|tag| Lang::from_tag(&tag))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::of_locale;
    use chainc_compiler::diagnostic::Lang;

    #[test]
    fn the_first_variable_that_says_something_decides() {
        for (variables, lang) in [
            (&[][..], Lang::En),
            (&[("LANG", "ru_RU.UTF-8")], Lang::Ru),
            (&[("LC_ALL", ""), ("LANG", "ru_RU.UTF-8")], Lang::Ru),
            (&[("LC_ALL", "C"), ("LANG", "ru_RU.UTF-8")], Lang::En),
            (&[("LC_MESSAGES", "ru_RU"), ("LANG", "en_US.UTF-8")], Lang::Ru),
            (&[("LC_ALL", "de_DE.UTF-8"), ("LANG", "ru_RU.UTF-8")], Lang::En),
        ] {
            let found = of_locale(|name| {
                let set = variables.iter().find(|(known, _)| *known == name);
                set.map(|(_, value)| (*value).to_owned())
            });
            assert_eq!(found, lang, "{variables:?}");
        }
    }
}
