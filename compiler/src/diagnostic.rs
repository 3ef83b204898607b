//! One finding, for every face: terminal, JSON, editor.
//!
//! A diagnostic is a [`Kind`] with typed arguments at a place. Its code and slug come
//! from the kind, its words from one exhaustive `match` per language. Nothing here
//! knows how it is drawn.

mod allow;
mod audience;
mod code;
mod consent;
mod english;
mod english_syntax;
mod figures;
mod form;
mod habit;
mod hint;
mod kind;
mod lang;
mod money;
mod phrases;
mod russian;
mod russian_syntax;
mod time;
mod words;

pub use allow::AllowKind;
pub use audience::{AudienceKind, Because, Overlap, Shares};
pub use code::{Code, FAMILIES};
pub use consent::ConsentKind;
pub use form::FormKind;
pub(crate) use hint::is_name;
pub use kind::{About, Before, Found, Kind, Wants};
pub use lang::{Lang, plural};
pub use money::{Cost, MoneyKind};
pub use time::{Mention, TimeKind};
use words::Words;
pub(crate) use words::is_everybody;

use chainc_grammar::fault::FaultKind;
use chainc_grammar::syntax::Span;
use std::sync::Arc;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing runs.
    Error,
    /// It runs, and probably not as meant.
    Warning,
    /// It could be better.
    Advice,
}

impl Severity {
    /// Returns the word the JSON contract uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Advice => "advice",
        }
    }
}

/// A stretch of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as shown to people.
    pub path: Arc<str>,
    /// The bytes.
    pub span: Span,
}

/// A place with what it has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub place: Place,
    /// The words.
    pub text: String,
}

/// How sure a fix is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safety {
    /// Never changes who is contacted or what is granted.
    Safe,
    /// Most likely what was meant.
    Unsafe,
    /// To look at only.
    Display,
}

impl Safety {
    /// Returns the word the JSON contract uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Display => "display",
        }
    }
}

/// A change that would repair the finding, in the file of its primary place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// How sure it is.
    pub safety: Safety,
    /// What it changes.
    pub edits: Vec<Edit>,
}

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    kind: Kind,
    place: Place,
    related: Vec<Place>,
    fix: Option<Fix>,
}

impl Diagnostic {
    /// Puts a finding at a place.
    #[must_use]
    pub fn new(kind: Kind, place: Place) -> Self {
        Self { kind, place, related: Vec::new(), fix: None }
    }

    /// Returns the finding that a file is not UTF-8. `offset` is the place of its first
    /// bad byte; in the lossy text, which shows it, three bytes stand there instead.
    #[must_use]
    pub fn invalid_utf8(path: &str, offset: usize) -> Self {
        let width = char::REPLACEMENT_CHARACTER.len_utf8();
        let place = Place { path: Arc::from(path), span: Span::new(offset, offset + width) };
        Self::new(Kind::InvalidUtf8, place)
    }

    /// Adds another place that belongs to the story.
    #[must_use]
    pub(crate) fn related(mut self, place: Place) -> Self {
        self.related.push(place);
        self
    }

    /// Adds the change that would repair it.
    #[must_use]
    pub(crate) fn fixed(mut self, safety: Safety, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { safety, edits: vec![Edit { span, text: text.into() }] });
        self
    }

    /// Returns the kind with its arguments.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Returns the code: `E0203`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.code().as_str()
    }

    /// Returns the slug: `unknown-message`.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        self.kind.code().slug()
    }

    /// Returns how bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.kind.code().severity()
    }

    /// Returns true when nothing may run.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }

    /// Returns the place of the word that must change.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Returns the file it is in, as shown to people.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.place.path
    }

    /// Returns the sentence.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        clip(self.words(lang).message)
    }

    /// Returns the labels, that of the primary place first.
    #[must_use]
    pub fn labels(&self, lang: Lang) -> Vec<Label> {
        let words = self.words(lang);
        let mut labels = vec![Label { place: self.place.clone(), text: clip(words.label) }];
        let last = words.related.last().cloned().unwrap_or_default();
        let texts = words.related.into_iter().chain(std::iter::repeat(last));
        labels.extend(
            self.related
                .iter()
                .zip(texts)
                .map(|(place, text)| Label { place: place.clone(), text: clip(text) }),
        );
        labels
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn help(&self, lang: Lang) -> Option<String> {
        self.words(lang).help.map(clip)
    }

    /// Returns what else is worth knowing.
    #[must_use]
    pub fn note(&self, lang: Lang) -> Option<String> {
        self.words(lang).note.map(clip)
    }

    fn words(&self, lang: Lang) -> Words {
        let words = match lang {
            Lang::En => english::words(&self.kind),
            Lang::Ru => russian::words(&self.kind),
        };
        words.each(|sentence| figures::figures(&sentence, lang))
    }

    /// Returns the change that would repair it.
    #[must_use]
    pub fn fix(&self) -> Option<&Fix> {
        self.fix.as_ref()
    }
}

/// The longest piece of a user's text that a sentence shows.
const LONGEST_QUOTE: usize = 80;
/// The longest piece between two quotes: a text with a backtick of its own turns them round.
const LONGEST_PIECE: usize = 4 * LONGEST_QUOTE;

/// Shortens what stands between backticks: a file may be one word of ten megabytes.
fn clip(sentence: String) -> String {
    if sentence.len() <= LONGEST_QUOTE {
        return sentence;
    }
    let parts = sentence.split('`').enumerate().map(|(at, part)| {
        let most = if at % 2 == 1 { LONGEST_QUOTE } else { LONGEST_PIECE };
        match part.char_indices().nth(most) {
            Some((end, _)) => {
                let cut = part.char_indices().nth(LONGEST_QUOTE / 2).map_or(end, |(at, _)| at);
                format!("{}…", part.get(..cut).unwrap_or_default())
            }
            None => part.to_owned(),
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

/// Collects what the stages find.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Diagnostic>,
    errors: usize,
}

impl Findings {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.is_error());
        self.list.push(diagnostic);
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.list.iter().any(Diagnostic::is_error)
    }

    pub(crate) fn errors(&self) -> usize {
        self.errors
    }

    /// Returns them by place, one for each place and severity.
    pub(crate) fn into_sorted(self) -> Vec<Diagnostic> {
        let mut list = self.list;
        let key = |d: &Diagnostic| {
            (d.place.path.clone(), d.place.span.start, d.place.span.end, d.severity())
        };
        list.sort_by_key(key);
        // How a number is written matters no longer where the whole of it is of a wrong kind.
        let wrong: Vec<Place> = list
            .iter()
            .filter(|d| matches!(d.kind, Kind::WrongQuantity { .. }))
            .map(|d| d.place.clone())
            .collect();
        let is_inside = |d: &Diagnostic| {
            let at = wrong.partition_point(|w| {
                (&w.path, w.span.start) <= (&d.place.path, d.place.span.start)
            });
            at.checked_sub(1)
                .and_then(|last| wrong.get(last))
                .is_some_and(|w| w.path == d.place.path && d.place.span.end <= w.span.end)
        };
        list.retain(|d| {
            !matches!(d.kind, Kind::Syntax(FaultKind::UnitName { .. })) || !is_inside(d)
        });
        // Of two findings at one place the second is most often what follows from the first. Not
        // where the first is about how it is written: it would come to light with the fix.
        list.dedup_by(|later, first| {
            let is_writing = first.fix().is_some_and(|fix| fix.safety == Safety::Safe);
            later.place == first.place
                && (first.is_error() && !is_writing || later.kind == first.kind)
        });
        list
    }
}
