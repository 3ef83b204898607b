//! What a customer reads: texts with places for values.

use super::Channel;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A message with a text for each channel it can go by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// True when no `message` block gives it a text. A draft can be written to a file,
    /// so that the seed line runs, but no channel to real people takes it.
    pub draft: bool,
    /// The texts, by channel.
    pub texts: BTreeMap<Channel, Text>,
}

/// The text of a message for one channel. The variant fits the channel it stands under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Text {
    /// One SMS, perhaps in several parts.
    Sms {
        /// The text.
        text: Template,
    },
    /// One e-mail.
    Email {
        /// The subject line.
        subject: Template,
        /// The body.
        body: Template,
        /// True when the body is HTML: values put into it are escaped.
        html: bool,
    },
    /// One push message.
    Push {
        /// The title.
        title: Template,
        /// The text below it.
        body: Template,
    },
    /// What a webhook is called with.
    Webhook {
        /// The body of the call.
        body: Template,
    },
}

/// A text with places for values.
pub type Template = Vec<Piece>;

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// As it stands.
    Text(String),
    /// A value known when the message is written.
    Value(Placeholder),
}

/// The values a message can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Placeholder {
    /// The customer's first name.
    #[serde(rename = "customer.first_name")]
    CustomerFirstName,
    /// The customer's last name.
    #[serde(rename = "customer.last_name")]
    CustomerLastName,
    /// The customer's city.
    #[serde(rename = "customer.city")]
    CustomerCity,
    /// The points of the last grant in this chain, with their noun: `300 points`.
    #[serde(rename = "grant.points")]
    GrantPoints,
    /// The last day of the last grant's points: `14 August`.
    #[serde(rename = "grant.expires")]
    GrantExpires,
    /// The last cashback's rate in this chain: `20%`.
    #[serde(rename = "cashback.rate")]
    CashbackRate,
    /// The last day of the last cashback: `14 August`.
    #[serde(rename = "cashback.expires")]
    CashbackExpires,
    /// The last promo code of this chain.
    #[serde(rename = "promo.code")]
    PromoCode,
    /// The last day of the last promo code.
    #[serde(rename = "promo.expires")]
    PromoExpires,
    /// The wallet's balance, with its noun.
    #[serde(rename = "wallet.balance")]
    WalletBalance,
    /// The message's own link, by which a click is known.
    #[serde(rename = "link")]
    Link,
    /// A link by which the customer says no.
    #[serde(rename = "unsubscribe")]
    Unsubscribe,
}

impl Placeholder {
    /// Every placeholder, in the order the reference lists them.
    pub const ALL: [Self; 12] = [
        Self::CustomerFirstName,
        Self::CustomerLastName,
        Self::CustomerCity,
        Self::GrantPoints,
        Self::GrantExpires,
        Self::CashbackRate,
        Self::CashbackExpires,
        Self::PromoCode,
        Self::PromoExpires,
        Self::WalletBalance,
        Self::Link,
        Self::Unsubscribe,
    ];

    /// Returns the name as it stands between braces.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerFirstName => "customer.first_name",
            Self::CustomerLastName => "customer.last_name",
            Self::CustomerCity => "customer.city",
            Self::GrantPoints => "grant.points",
            Self::GrantExpires => "grant.expires",
            Self::CashbackRate => "cashback.rate",
            Self::CashbackExpires => "cashback.expires",
            Self::PromoCode => "promo.code",
            Self::PromoExpires => "promo.expires",
            Self::WalletBalance => "wallet.balance",
            Self::Link => "link",
            Self::Unsubscribe => "unsubscribe",
        }
    }

    /// Returns how many characters its longest value has, unless the policy says otherwise.
    #[must_use]
    pub const fn longest(self) -> u32 {
        match self {
            // Of the given names of a customer base nearly all are shorter.
            Self::CustomerFirstName => 15,
            Self::CustomerLastName | Self::CustomerCity => 25,
            // `100_000 points` and its Russian `100000 баллов`.
            Self::GrantPoints | Self::WalletBalance => 14,
            // `30 September`, `30 сентября`
            Self::GrantExpires | Self::CashbackExpires | Self::PromoExpires => 12,
            Self::CashbackRate => 6,
            Self::PromoCode => 16,
            // `https://shop.example.com/go/` and the 32 signs of a key.
            Self::Link | Self::Unsubscribe => 64,
        }
    }
}
