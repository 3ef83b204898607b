//! E-mail over SMTP, by lettre.
//!
//! The envelope is spoken step by step, so that a lost connection is known for what it is:
//! before the message was handed over it is rejected and may be tried again; after that
//! its outcome is unknown, and it counts as sent. The Message-ID is the effect's key.
//! There is no look-up and there are no receipts here: bounces come back as mail.

use super::{Broken, Channel, LookUp, Outcome, Outgoing, Receipt, Work};
use crate::message::Content;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message};
use std::fmt;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long one word of the server may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where and how to hand mail over.
#[derive(Clone)]
pub struct SmtpSettings {
    /// The relay's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is protected.
    pub tls: Tls,
    /// User and password, if the relay asks for them.
    pub login: Option<(String, String)>,
    /// Whom the mail is from: `Shop <shop@example.com>`.
    pub from: String,
}

impl fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// How the way to the relay is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Not at all: for a relay on this machine.
    None,
    /// From the first byte.
    Implicit,
    /// After `STARTTLS`; without it nothing is sent.
    StartTls,
}

/// Sends e-mail.
pub struct SmtpChannel {
    settings: SmtpSettings,
    from: Mailbox,
    connection: Mutex<Option<AsyncSmtpConnection>>,
}

impl SmtpChannel {
    /// Returns a channel; connects at the first message.
    ///
    /// # Errors
    /// A sentence if `from` is no mail address.
    pub fn new(settings: SmtpSettings) -> Result<Self, String> {
        let from = settings.from.parse().map_err(|_| {
            format!("`{}` is not a mail address; write `Shop <shop@example.com>`", settings.from)
        })?;
        Ok(Self { settings, from, connection: Mutex::new(None) })
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
        let SmtpSettings { host, port, tls, login, .. } = &self.settings;
        let us = ClientId::Domain(self.from.email.domain().to_owned());
        let parameters = || TlsParameters::new(host.clone());
        let implicit = if *tls == Tls::Implicit { Some(parameters()?) } else { None };
        let server = (host.as_str(), *port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(PATIENCE), &us, implicit, None)
                .await?;
        if *tls == Tls::StartTls {
            connection.starttls(parameters()?, &us).await?;
        }
        if let Some((user, password)) = login {
            let credentials = Credentials::new(user.clone(), password.clone());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }

    fn build(&self, message: &Outgoing, to: Address) -> Result<Vec<u8>, String> {
        let Content::Email { subject, body, html } = &message.content else {
            return Err(format!(
                "a message for {} came to the mail channel",
                message.content.channel()
            ));
        };
        let content_type = if *html { ContentType::TEXT_HTML } else { ContentType::TEXT_PLAIN };
        let name = message.sender.clone().or_else(|| self.from.name.clone());
        let from = Mailbox::new(name, self.from.email.clone());
        let header =
            |name, value: String| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
        let mut builder = Message::builder();
        if let Some(page) = &message.unsubscribe {
            builder = builder.raw_header(header("List-Unsubscribe", format!("<{page}>")));
            // RFC 8058: the mail program asks by POST; opening the page alone says no to nothing.
            if page.starts_with("https://") {
                let one_click = "List-Unsubscribe=One-Click".to_owned();
                builder = builder.raw_header(header("List-Unsubscribe-Post", one_click));
            }
        }
        let built = builder
            .from(from)
            .to(Mailbox::new(None, to))
            .subject(subject.clone())
            .message_id(Some(format!("<{}@{}>", message.key, self.from.email.domain())))
            .raw_header(header("X-Chainc-Key", message.key.clone()))
            .singlepart(SinglePart::builder().header(content_type).body(body.clone()));
        Ok(built.map_err(|error| error.to_string())?.formatted())
    }

    async fn send_one(&self, message: &Outgoing) -> Outcome {
        let Ok(to) = message.address.parse::<Address>() else {
            return Outcome::Receipt(Receipt::Undeliverable("not a mail address".into()));
        };
        let bytes = match self.build(message, to.clone()) {
            Ok(bytes) => bytes,
            Err(error) => return Outcome::Receipt(Receipt::Error(error)),
        };
        let mut slot = self.connection.lock().await;
        let mut connection = match slot.take() {
            Some(connection) => connection,
            None => match timed(self.connect()).await {
                Ok(connection) => connection,
                Err(failure) => return Outcome::Receipt(failure.before_handing_over(false)),
            },
        };
        let envelope = async {
            connection.command(Mail::new(Some(self.from.email.clone()), vec![])).await?;
            Ok(())
        };
        if let Err(failure) = timed(envelope).await {
            return Outcome::Receipt(failure.before_handing_over(false));
        }
        let recipient = async {
            connection.command(Rcpt::new(to, vec![])).await?;
            Ok(())
        };
        if let Err(failure) = timed(recipient).await {
            return Outcome::Receipt(failure.before_handing_over(true));
        }
        let data = async {
            connection.command(Data).await?;
            Ok(())
        };
        if let Err(failure) = timed(data).await {
            return Outcome::Receipt(failure.before_handing_over(true));
        }
        match timed(async { connection.message(&bytes).await }).await {
            Ok(_) => {
                *slot = Some(connection);
                Outcome::Receipt(Receipt::Pending)
            }
            Err(Failure::Said(code, words)) => Outcome::Receipt(verdict(code, words, true)),
            Err(Failure::Silent(words)) => Outcome::Unknown(words),
        }
    }
}

/// Why a word to the server had no good end.
enum Failure {
    /// The server said no: its code and its words.
    Said(u16, String),
    /// It said nothing: no connection, a broken one, or too slow.
    Silent(String),
}

impl Failure {
    fn before_handing_over(self, about_recipient: bool) -> Receipt {
        match self {
            Self::Said(code, words) => verdict(code, words, about_recipient),
            Self::Silent(words) => Receipt::Rejected(words),
        }
    }
}

async fn timed<T>(
    work: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(PATIENCE, work).await {
        Err(_) => Err(Failure::Silent(format!("no answer in {} s", PATIENCE.as_secs()))),
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(match error.status() {
            Some(code) => Failure::Said(u16::from(code), error.to_string()),
            None => Failure::Silent(error.to_string()),
        }),
    }
}

/// What an SMTP reply means (RFC 5321 section 4.2, RFC 3463): 4xx may be tried again; a
/// permanent 5xx about the mailbox (enhanced code 5.1.x or 5.2.1, or 550, 551, 553 without
/// one) makes the address dead; any other 5xx is our fault.
fn verdict(code: u16, words: String, about_recipient: bool) -> Receipt {
    if code < 500 {
        return Receipt::Rejected(words);
    }
    let enhanced = words
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .find(|word| word.starts_with("5.") && word.split('.').count() == 3);
    let dead = match enhanced {
        // 5.1.7 and 5.1.8 are about the sender.
        Some("5.1.7" | "5.1.8") => false,
        Some(code) => code.starts_with("5.1.") || code == "5.2.1",
        None => about_recipient && matches!(code, 550 | 551 | 553),
    };
    if dead { Receipt::Undeliverable(words) } else { Receipt::Error(words) }
}

impl Channel for SmtpChannel {
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> Work<'a, Result<Vec<Outcome>, Broken>> {
        Box::pin(async move {
            let mut outcomes = Vec::with_capacity(messages.len());
            for message in messages {
                outcomes.push(self.send_one(message).await);
            }
            Ok(outcomes)
        })
    }

    fn look_up<'a>(&'a self, keys: &'a [String]) -> Work<'a, Result<Vec<LookUp>, Broken>> {
        Box::pin(async move { Ok(keys.iter().map(|_| LookUp::CannotTell).collect()) })
    }

    fn at_once(&self) -> usize {
        1
    }

    fn is_real(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_read_by_their_codes() {
        let read = |code, words: &str| verdict(code, words.to_owned(), true);
        assert!(matches!(read(451, "4.3.0 later"), Receipt::Rejected(_)));
        assert!(matches!(read(550, "5.1.1 no such user"), Receipt::Undeliverable(_)));
        assert!(matches!(read(550, "no such user"), Receipt::Undeliverable(_)));
        assert!(matches!(read(550, "5.7.1 spam from 5.1.1.1"), Receipt::Error(_)));
        assert!(matches!(read(554, "no"), Receipt::Error(_)));
    }
}
