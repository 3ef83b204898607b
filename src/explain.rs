//! `chainc explain`: the long story of a code, or all codes in a line each.

pub(crate) mod page;

use crate::Format;
use crate::failure::Failure;
use crate::language::Language;
use crate::say;
use chainc_compiler::diagnostic::{Code, FAMILIES, Lang};
use clap::Args;
use serde::Serialize;
use std::io::IsTerminal;

/// What the command is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A code, like E0203, or the words beside it, like unknown-message; all of them if not given
    code: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Human, env = "CHAINC_FORMAT")]
    format: Format,
    #[command(flatten)]
    language: Language,
}

/// A code, for machines.
#[derive(Serialize)]
struct Entry {
    code: &'static str,
    slug: &'static str,
    severity: &'static str,
    summary: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'static str>,
}

/// Columns that every terminal has.
const WIDTH: usize = 80;

/// Prints a page, or the list.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let lang = arguments.language.lang();
    let color = say::has_color(&std::io::stdout());
    let text = match (&arguments.code, arguments.format) {
        (Some(word), Format::Human) => page::render(found(word, lang)?.page(lang), color, WIDTH),
        (Some(word), Format::Json) => json(&entry(found(word, lang)?, lang, true))?,
        (None, Format::Human) => {
            // One line each for `grep`, as many as it takes for people.
            let width = if std::io::stdout().is_terminal() { WIDTH } else { usize::MAX };
            list(lang, color, width)
        }
        (None, Format::Json) => {
            json(&Code::ALL.iter().map(|code| entry(*code, lang, false)).collect::<Vec<_>>())?
        }
    };
    say::data(&text)
}

fn found(word: &str, lang: Lang) -> Result<Code, Failure> {
    Code::find(word.trim()).ok_or_else(|| {
        Failure::usage(match (lang, Code::resembling(word)) {
            (Lang::En, Some(near)) => {
                format!("no finding is called `{word}`; did you mean `{near}`?")
            }
            (Lang::En, None) => {
                format!("no finding is called `{word}`; `chainc explain` lists them all")
            }
            (Lang::Ru, Some(near)) => {
                format!("кода `{word}` нет; возможно, имелось в виду `{near}`?")
            }
            (Lang::Ru, None) => format!("кода `{word}` нет; все коды покажет `chainc explain`"),
        })
    })
}

fn entry(code: Code, lang: Lang, with_page: bool) -> Entry {
    Entry {
        code: code.as_str(),
        slug: code.slug(),
        severity: code.severity().as_str(),
        summary: code.summary(lang),
        page: with_page.then(|| code.page(lang)),
    }
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::surroundings(error.to_string()))?;
    Ok(text + "\n")
}

/// Returns all codes, family by family.
fn list(lang: Lang, color: bool, width: usize) -> String {
    let longest = Code::ALL.iter().map(|code| code.slug().len()).max().unwrap_or_default();
    let (bold, reset) = if color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    let mut text = String::new();
    for (digits, english, russian) in FAMILIES {
        let mut codes: Vec<Code> =
            Code::ALL.iter().copied().filter(|code| code.family() == *digits).collect();
        codes.sort_by_key(|code| code.as_str().get(1..));
        let title = match lang {
            Lang::En => english,
            Lang::Ru => russian,
        };
        if !text.is_empty() {
            text.push('\n');
        }
        text += &format!("{bold}{title}{reset}\n");
        for code in codes {
            let head = format!("  {} {:longest$}  ", code.as_str(), code.slug());
            let lines = page::wrap(code.summary(lang), width.saturating_sub(head.len()));
            let gap = format!("\n{}", " ".repeat(head.len()));
            text += &format!("{head}{}\n", lines.join(&gap));
        }
    }
    text
}
