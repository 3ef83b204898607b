//! Consent: she agrees to the channel at this moment, and is told how to say no where the
//! project says that she must be.

use super::super::advance::Scene;
use super::super::world::World;
use super::{Leaving, Verdict};
use crate::condition::silence_agrees;
use crate::mutant::{self, Mutant};
use crate::store::outbox::Queued;
use chainc_compiler::ir::{Chain, Channel, Piece, Placeholder};

impl Scene<'_> {
    pub(super) fn without_consent(&self, leaving: &Leaving<'_>) -> Option<Verdict> {
        let Leaving { message, version, .. } = leaving;
        let chain = &version.chain;
        let said = message.said.map(|(_, _, granted)| granted);
        if mutant::is(Mutant::GuardConsent) {
            return None;
        }
        if !self.world.agrees(chain, message.channel, said) {
            return Some(Verdict::Skip("no consent".to_owned()));
        }
        let mute = self.world.wants_a_way_out(chain, message);
        mute.then(|| Verdict::Skip("no way to unsubscribe".to_owned()))
    }
}

impl World {
    /// Tells whether a customer may be written to, by what she last said of a channel. A no
    /// always holds; a chain that asks for no consent takes silence for a yes.
    fn agrees(&self, chain: &Chain, channel: Channel, said: Option<bool>) -> bool {
        let silence = silence_agrees(&self.program.policy, channel)
            || chain.consent_off.contains_key(&channel);
        said.unwrap_or(silence || mutant::is(Mutant::GuardConsentRule))
    }

    /// Tells whether a message must say how to say no, and does not: the compiler refuses such
    /// a text, but the rule may be younger than the version she walks.
    fn wants_a_way_out(&self, chain: &Chain, message: &Queued) -> bool {
        let channel = &message.channel;
        let rule = self.program.policy.consent.get(channel);
        let wanted = rule.is_some_and(|rule| rule.unsubscribe);
        let declared = chain.messages.get(&message.message).filter(|message| !message.draft);
        let text = declared.and_then(|message| message.texts.get(channel));
        wanted
            && !chain.consent_off.contains_key(channel)
            && text.is_some_and(|text| {
                let way_out = Piece::Value(Placeholder::Unsubscribe);
                !crate::message::pieces(text).any(|piece| *piece == way_out)
            })
    }
}
