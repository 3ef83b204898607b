//! What an event other than a purchase means: for its message, its customer, her chains.
//!
//! It counts by when it happened. What fits no message that had left, and no customer, has
//! no effect; it is kept, and counted at the end of a run.

use super::advance::Scene;
use crate::mutant::{self, Mutant};
use crate::step::Input;
use crate::store::customers::Word;
use crate::store::events::{CameTo, News, What};
use crate::store::outbox::Sent;
use crate::store::{Problem, customers, enrolments, events, outbox};
use chainc_compiler::ir::{Channel, Event, Touch};

/// What an unsubscription without a channel says no to.
const MARKETING: [Channel; 3] = [Channel::Sms, Channel::Email, Channel::Push];

impl Scene<'_> {
    /// Hears of an event.
    pub(super) fn hear_of_event(&mut self, news: &News) -> Result<(), Problem> {
        let sent = self.message_of(news)?;
        let own = (news.shard, news.customer_id.clone());
        let (shard, customer_id) = match &sent {
            Some(sent) if news.customer_id.is_empty() => {
                (sent.key.shard, sent.key.customer_id.clone())
            }
            _ => own,
        };
        let who = (shard, customer_id.as_str());
        let came_to = if customer_id.is_empty() {
            CameTo::NoMessage
        } else if !customers::exists(self.tx, &customer_id)? {
            CameTo::NoCustomer
        } else {
            self.happened(news, who, sent.as_ref())?
        };
        events::tell(self.tx, news, who, came_to)
    }

    /// The message an event is about: that of its key, or the last one of its name that had
    /// left to the customer. A message of somebody else is none.
    fn message_of(&mut self, news: &News) -> Result<Option<Sent>, Problem> {
        if let Some(key) = &news.key {
            if let Some(owner) = outbox::owner(self.tx, key)? {
                self.settle_down(owner)?;
            }
            let sent = outbox::by_key(self.tx, key)?;
            return Ok(sent.filter(|sent| {
                news.customer_id.is_empty() || news.customer_id == sent.key.customer_id
            }));
        }
        let Some(message) = &news.message else { return Ok(None) };
        let Some(number) = customers::number(self.tx, news.shard, &news.customer_id)? else {
            return Ok(None);
        };
        self.settle_down(number)?;
        outbox::last_sent(self.tx, number, message, news.channel, news.occurred_at)
    }

    fn happened(
        &mut self,
        news: &News,
        (shard, customer_id): (i64, &str),
        sent: Option<&Sent>,
    ) -> Result<CameTo, Problem> {
        // Who opens or gets what has not left?
        let left = sent.filter(|sent| sent.has_left || mutant::is(Mutant::ReceiptMovesBack));
        match (&news.what, left) {
            (What::Delivered, Some(sent)) => self.arrived(news, sent)?,
            (What::Opened, Some(sent)) => self.touched(news, Touch::Opened, sent)?,
            (What::Clicked, Some(sent)) => self.touched(news, Touch::Clicked, sent)?,
            (What::Delivered | What::Opened | What::Clicked, None) => {
                return Ok(CameTo::NoMessage);
            }
            (What::Unsubscribed, _) => {
                let one = news.channel.map(|channel| vec![channel]);
                let most = if mutant::is(Mutant::UnsubscribedFromOne) { 1 } else { 3 };
                for channel in one.unwrap_or_else(|| MARKETING.to_vec()).into_iter().take(most) {
                    let word = Word {
                        channel,
                        at: news.occurred_at,
                        granted: false,
                        source: news.source.as_deref().unwrap_or("unsubscribed"),
                        wording: None,
                        event_id: Some(&news.event_id),
                    };
                    customers::consent(self.tx, customer_id, word)?;
                }
                if let Some(sent) = sent {
                    self.tell_of_message(news, sent)?;
                }
            }
            (What::CardDeleted, _) => {
                if !customers::bury_token(self.tx, shard, customer_id, news.occurred_at)? {
                    return Ok(CameTo::NoToken);
                }
                if let Some(number) = customers::number(self.tx, shard, customer_id)? {
                    self.settle_down(number)?;
                    outbox::hurry(self.tx, number, Channel::Push, news.occurred_at)?;
                }
            }
            (What::Own(word), _) => self.did(news, (shard, customer_id), Touch::Own, word)?,
        }
        Ok(CameTo::Counted)
    }

    /// A message is known to have arrived. Its state only moves forward: what was found to
    /// be undeliverable, or has arrived already, stays as it is.
    fn arrived(&mut self, news: &News, sent: &Sent) -> Result<(), Problem> {
        if sent.is_pending || mutant::is(Mutant::ReceiptMovesBack) {
            outbox::deliver(&mut self.sheets, sent);
            let mut enrolment = self.load(&sent.key)?;
            let at = news.occurred_at;
            self.tell(&mut enrolment, at, Some(&sent.step), "delivered", None)?;
            self.save(&enrolment, at);
        }
        Ok(())
    }

    /// She opened a message or clicked in it; so it has arrived, too.
    fn touched(&mut self, news: &News, how: Touch, sent: &Sent) -> Result<(), Problem> {
        self.arrived(news, sent)?;
        self.tell_of_message(news, sent)?;
        let who = (sent.key.shard, sent.key.customer_id.as_str());
        self.did(news, who, how, &sent.message)
    }

    /// Conditions see what she did, and waits end by it.
    fn did(
        &mut self,
        news: &News,
        (shard, customer_id): (i64, &str),
        how: Touch,
        message: &str,
    ) -> Result<(), Problem> {
        events::touch(self.tx, news, (shard, customer_id), how, message)?;
        let watched = match how {
            Touch::Opened => Event::Opened(message.to_owned()),
            Touch::Clicked => Event::Clicked(message.to_owned()),
            Touch::Own => Event::Own(message.to_owned()),
            Touch::Received => return Ok(()),
        };
        let at = news.occurred_at;
        let Some(number) = customers::number(self.tx, shard, customer_id)? else { return Ok(()) };
        self.settle_down(number)?;
        for enrolment in enrolments::of_customer(self.tx, number, at)? {
            // Most events are watched for by nobody, and there may be many of them.
            if !enrolment.state.memory.watching.contains(&watched) {
                continue;
            }
            let input = Input::Touched { how, message: message.to_owned(), at };
            self.advance(enrolment, input, at)?;
        }
        Ok(())
    }

    /// Tells in the journal, at the step of a message, what happened to it.
    fn tell_of_message(&mut self, news: &News, sent: &Sent) -> Result<(), Problem> {
        let mut enrolment = self.load(&sent.key)?;
        let at = news.occurred_at;
        self.tell(&mut enrolment, at, Some(&sent.step), news.what.as_str(), None)?;
        self.save(&enrolment, at);
        Ok(())
    }
}
