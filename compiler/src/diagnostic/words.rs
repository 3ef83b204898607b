//! What a language says about a finding, and the pieces its sentences are made of.

/// What a language says about a kind.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) message: String,
    pub(super) label: String,
    /// The labels of related places, in their order; the last serves all that follow.
    pub(super) related: Vec<String>,
    pub(super) help: Option<String>,
    pub(super) note: Option<String>,
}

/// Returns words without related places, help and note.
pub(super) fn say(message: impl Into<String>, label: impl Into<String>) -> Words {
    Words {
        message: message.into(),
        label: label.into(),
        related: Vec::new(),
        help: None,
        note: None,
    }
}

impl Words {
    /// Says what to do.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what else is worth knowing.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Says what the next related place has to do with it.
    pub(super) fn related(mut self, related: impl Into<String>) -> Self {
        self.related.push(related.into());
        self
    }
}

/// Returns `a`, `a or b`, `a, b or c`, with the language's word for "or".
pub(super) fn listed(words: &[impl AsRef<str>], or: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} {or} {}", first.join(", "), last.as_ref())
        }
    }
}
