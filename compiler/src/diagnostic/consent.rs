//! Findings about consent.

use super::code::Code;
use super::words::{Words, say};
use crate::ir::Channel;

/// Something sent against the rules of consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentKind {
    /// A channel without a rule, where others have one.
    NoRule {
        /// The channel.
        channel: Channel,
    },
    /// A text without a way to say no; the rule is related.
    MissingUnsubscribe {
        /// The message.
        message: String,
        /// The channel.
        channel: Channel,
    },
}

impl ConsentKind {
    pub(super) const fn code(&self) -> Code {
        match self {
            Self::NoRule { .. } => Code::NoConsentRule,
            Self::MissingUnsubscribe { .. } => Code::MissingUnsubscribe,
        }
    }

    pub(super) fn english(&self) -> Words {
        match self {
            Self::NoRule { channel } => say(
                format!("the policy has rules of consent, but none for `{channel}`"),
                "who may be written to?",
            )
            .help(format!("add it to the policy: `consent {channel} opt_in`"))
            .note("without a rule only those are written to who said yes"),
            Self::MissingUnsubscribe { message, channel } => say(
                format!("the {channel} text of `{message}` does not say how to unsubscribe"),
                "no `{unsubscribe}` in it",
            )
            .related("wanted here")
            .help("put `{unsubscribe}` into the text"),
        }
    }

    pub(super) fn russian(&self) -> Words {
        match self {
            Self::NoRule { channel } => say(
                format!("в `policy` есть правила согласия, а для `{channel}` — нет"),
                "кому можно писать?",
            )
            .help(format!("добавьте правило в `policy`: `consent {channel} opt_in`"))
            .note("без правила пишут только тем, кто согласился"),
            Self::MissingUnsubscribe { message, channel } => say(
                format!("в тексте `{channel}` сообщения `{message}` не сказано, как отписаться"),
                "нет `{unsubscribe}`",
            )
            .related("этого требует правило")
            .help("вставьте в текст `{unsubscribe}`"),
        }
    }
}
