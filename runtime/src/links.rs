//! Links that come back as events: a base of the project's own, and the key of the message.

use chainc_compiler::ir::{Chain, Channel, Piece, Placeholder, Program};

/// Where the links in messages lead. The page behind one tells of a click or a no with the
/// key, which is the last part of the link.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Links {
    /// `{link}`
    pub shop: Option<String>,
    /// `{unsubscribe}`
    pub unsubscribe: Option<String>,
}

/// How many signs a key has.
const KEY: usize = 32;

impl Links {
    /// Returns the link that a placeholder shows in the message of a key; `None` if the
    /// project does not say where it leads.
    #[must_use]
    pub fn of(&self, placeholder: Placeholder, key: &str) -> Option<String> {
        let base = self.base(placeholder)?;
        Some(format!("{}/{key}", base.trim_end_matches('/')))
    }

    fn base(&self, placeholder: Placeholder) -> Option<&str> {
        match placeholder {
            Placeholder::Link => self.shop.as_deref(),
            Placeholder::Unsubscribe => self.unsubscribe.as_deref(),
            _ => None,
        }
    }

    /// Returns a message that shows a link which leads nowhere: its name, and the placeholder.
    #[must_use]
    pub fn missing(&self, program: &Program) -> Option<(String, Placeholder)> {
        let shown = |chain: &Chain| {
            let mut texts = chain
                .messages
                .iter()
                .flat_map(|(name, message)| message.texts.values().map(move |text| (name, text)));
            texts.find_map(|(name, text)| {
                let placeholder = crate::message::pieces(text).find_map(|piece| match piece {
                    Piece::Value(link @ (Placeholder::Link | Placeholder::Unsubscribe)) => {
                        Some(*link).filter(|link| self.base(*link).is_none())
                    }
                    Piece::Value(_) | Piece::Text(_) => None,
                })?;
                Some((name.clone(), placeholder))
            })
        };
        program.chains.iter().find_map(shown)
    }

    /// Returns a link that is longer than the SMS which show it are counted with: what it is,
    /// its length, and what it is counted with.
    #[must_use]
    pub fn too_long(&self, program: &Program) -> Option<(&'static str, usize, u32)> {
        let messages = program.chains.iter().flat_map(|chain| chain.messages.values());
        let texts = messages.filter_map(|message| message.texts.get(&Channel::Sms));
        texts.flat_map(crate::message::pieces).find_map(|piece| {
            let Piece::Value(placeholder) = piece else { return None };
            let length = self.of(*placeholder, &"0".repeat(KEY))?.chars().count();
            let longest = program.policy.longest.get(placeholder);
            let counted = longest.copied().unwrap_or_else(|| placeholder.longest());
            let is_longer = u32::try_from(length).is_ok_and(|length| length > counted);
            is_longer.then(|| (placeholder.as_str(), length, counted))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_the_base_and_the_key_whatever_the_base_ends_with() {
        let links = |base: &str| Links { shop: Some(base.to_owned()), ..Links::default() };
        for base in ["https://shop.example/go", "https://shop.example/go/"] {
            let link = links(base).of(Placeholder::Link, "k");
            assert_eq!(link.as_deref(), Some("https://shop.example/go/k"));
        }
        assert_eq!(links("https://shop.example").of(Placeholder::Unsubscribe, "k"), None);
    }
}
