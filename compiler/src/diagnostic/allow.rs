//! Words about comments that allow findings.

use super::Code;
use super::russian::perhaps;
use super::words::{Words, say};

/// What can be wrong with `# allow CODE: reason`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowKind {
    /// There is no such finding on the line it covers.
    Unused {
        /// The code as written.
        word: String,
        /// The line, from 1; none when nothing stands behind the comment.
        line: Option<usize>,
    },
    /// It does not say why.
    WithoutReason {
        /// The code as written.
        word: String,
    },
    /// No finding has this code or slug.
    Unknown {
        /// As written.
        word: String,
        /// What it resembles.
        suggestion: Option<String>,
    },
    /// The code of an error.
    OfError {
        /// The code as written.
        word: String,
    },
}

impl AllowKind {
    pub(super) const fn code(&self) -> Code {
        match self {
            Self::Unused { .. } => Code::UnusedAllow,
            Self::WithoutReason { .. } => Code::AllowWithoutReason,
            Self::Unknown { .. } | Self::OfError { .. } => Code::UnknownAllow,
        }
    }

    pub(super) fn english(&self) -> Words {
        match self {
            Self::Unused { word, line: Some(line) } => {
                say(format!("nothing to allow: line {line} has no `{word}`"), "allows nothing")
                    .help("delete the comment")
            }
            Self::Unused { word, line: None } => {
                say(format!("nothing to allow: no line follows for `{word}`"), "allows nothing")
                    .help("delete the comment")
            }
            Self::WithoutReason { word } => {
                say(format!("`{word}` is allowed, and nobody will know why"), "no reason given")
                    .help(format!("say it behind a colon: `# allow {word}: sent by hand in June`"))
            }
            Self::Unknown { word, suggestion } => {
                let words = say(
                    format!("`{word}` is no finding, so nothing is allowed"),
                    "no such finding",
                );
                match suggestion {
                    Some(meant) => words.help(format!("did you mean `{meant}`?")),
                    None => words.help("`chainc explain` lists the codes and their names"),
                }
            }
            Self::OfError { word } => say(
                format!("`{word}` is an error, and errors cannot be allowed"),
                "nothing runs with an error",
            )
            .help("repair the error, and delete the comment"),
        }
    }

    pub(super) fn russian(&self) -> Words {
        match self {
            Self::Unused { word, line: Some(line) } => say(
                format!("разрешать нечего: в строке {line} нет `{word}`"),
                "ничего не разрешает",
            )
            .help("удалите этот комментарий"),
            Self::Unused { word, line: None } => say(
                format!("разрешать нечего: после `{word}` нет ни одной строки"),
                "ничего не разрешает",
            )
            .help("удалите этот комментарий"),
            Self::WithoutReason { word } => {
                say(format!("`{word}` разрешено, но никто не узнает почему"), "нет причины")
                    .help(format!("назовите её после двоеточия: `# allow {word}: отправим в июне`"))
            }
            Self::Unknown { word, suggestion } => {
                let words =
                    say(format!("кода `{word}` нет, и разрешать нечего"), "неизвестный код");
                match suggestion {
                    Some(meant) => words.help(perhaps(meant)),
                    None => words.help("все коды и их имена покажет `chainc explain`"),
                }
            }
            Self::OfError { word } => say(
                format!("`{word}` — ошибка, а ошибки разрешить нельзя"),
                "с ошибкой ничего не запустится",
            )
            .help("исправьте ошибку и удалите этот комментарий"),
        }
    }
}
