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

    /// Changes every sentence.
    pub(super) fn each(self, change: impl Fn(String) -> String) -> Self {
        Self {
            message: change(self.message),
            label: change(self.label),
            related: self.related.into_iter().map(&change).collect(),
            help: self.help.map(&change),
            note: self.note.map(&change),
        }
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

/// Returns true for a name by which other tools call all customers.
pub(crate) fn is_everybody(name: &str) -> bool {
    let lower = name.to_lowercase();
    matches!(
        lower.as_str(),
        "all"
            | "any"
            | "anyone"
            | "anybody"
            | "everyone"
            | "everybody"
            | "every"
            | "customers"
            | "all_customers"
            | "clients"
            | "true"
            | "все"
            | "всем"
            | "всех"
            | "все_клиенты"
            | "клиенты"
            | "каждый"
    )
}

/// Returns what was meant by a share without its sign: `10%` by `10`, `60%` by `0.6`.
pub(super) fn percent(text: &str) -> String {
    match text.strip_prefix("0.").map(str::as_bytes) {
        Some([tens @ b'1'..=b'9']) => format!("{}0%", char::from(*tens)),
        Some([b'0', ones @ b'1'..=b'9']) => format!("{}%", char::from(*ones)),
        Some([tens @ b'1'..=b'9', ones @ b'0'..=b'9']) => {
            format!("{}{}%", char::from(*tens), char::from(*ones))
        }
        _ => format!("{text}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_share_of_one_is_read_as_percent() {
        for (text, meant) in
            [("10", "10%"), ("0.6", "60%"), ("0.05", "5%"), ("0.25", "25%"), ("0.125", "0.125%")]
        {
            assert_eq!(percent(text), meant);
        }
    }
}
