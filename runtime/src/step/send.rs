//! Sends and their fallbacks: a message is written, and she stands at the step until its
//! outcome is known.

use super::{Phase, Then, Told, Walk, What};
use crate::message::{self, Values};
use crate::mutant::{self, Mutant};
use chainc_compiler::ir::Channel;
use chainc_compiler::units::{Period, Points};

impl Walk<'_> {
    pub(super) fn send(
        &mut self,
        channel: Channel,
        message: &str,
        within: Option<Period>,
        fallback: bool,
    ) -> Then {
        // Until its outcome is known, the ladder has reached nobody.
        self.state.memory.reached = Some(false);
        let text = self.chain.messages.get(message).and_then(|m| m.texts.get(&channel));
        let Some(text) = text else {
            // The compiler refuses such a chain; an IR from elsewhere must still not stall.
            self.tell(Told::Skipped("no text"));
            return Then::Next;
        };
        let effect = crate::key::Effect {
            number: self.facts.customer.number,
            customer_id: &self.facts.customer.id,
            chain: &self.chain.name,
            cycle: self.facts.cycle,
            step: &self.state.place.to_string(),
            round: self.state.round(),
            channel: channel.as_str(),
        };
        let rest = effect.rest();
        let key = crate::key::whole(effect.number, rest);
        let memory = &self.state.memory;
        let values = Values {
            customer: self.facts.customer,
            zone: self.facts.zone,
            granted: memory.granted,
            cashback: memory.cashback,
            promo: memory.promo.as_ref(),
            balance: self.balance(),
            links: self.facts.links,
            key: &key,
        };
        if let Some(why) = message::missing(text, &values) {
            self.tell(Told::Skipped(why));
            return Then::Next;
        }
        let content = message::write(text, &values);
        let stale_at = within.map(|period| self.facts.zone.plus(self.facts.now, period));
        let message = message.to_owned();
        self.cause(What::Send { message, content, stale_at, fallback, key: rest });
        self.state.phase = Phase::Sending;
        Then::Stay
    }

    pub(super) fn fallback(
        &mut self,
        channel: Channel,
        message: &str,
        within: Option<Period>,
    ) -> Then {
        if self.state.memory.reached == Some(true) && !mutant::is(Mutant::FallbackThoughReached) {
            self.tell(Told::Skipped("not needed"));
            return Then::Next;
        }
        self.send(channel, message, within, true)
    }

    /// What she has, with what this call has given her.
    fn balance(&self) -> Points {
        let new = self.effects.iter().map(|effect| match &effect.what {
            What::Grant { granted, .. } => granted.points.0,
            _ => 0,
        });
        Points(self.facts.customer.balance().0.saturating_add(new.sum()))
    }
}
