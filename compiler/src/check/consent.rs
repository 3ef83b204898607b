//! Consent: channels without a rule, texts that do not say how to say no.

use crate::checked::{Checked, CheckedChain, Part};
use crate::diagnostic::{ConsentKind, Diagnostic, Findings, Kind};
use crate::ir::{Action, Channel, Piece, Placeholder, Step, Template, Text};
use std::collections::BTreeSet;

/// Reports what chains send against the rules of consent.
pub(crate) fn check(checked: &Checked, findings: &mut Findings) {
    if checked.policy.consent.is_empty() || !checked.policy_whole {
        return;
    }
    let mut texts = BTreeSet::new();
    for chain in checked.chains.iter().filter(|chain| checked.is_proved(chain)) {
        let mut ruleless = BTreeSet::new();
        channels(&chain.chain.steps, &mut |step, channel| {
            let known = checked.policy.consent.contains_key(&channel)
                || chain.chain.consent_off.contains_key(&channel)
                || channel == Channel::Webhook;
            if !known
                && ruleless.insert(channel)
                && let Some(places) = chain.steps.get(step)
            {
                let kind = Kind::Consent(ConsentKind::NoRule { channel });
                findings.push(Diagnostic::new(kind, places.part(Part::Channel)));
            }
        });
        unsubscribe(checked, chain, &mut texts, findings);
    }
}

fn channels<'s>(steps: &'s [Step], see: &mut dyn FnMut(&'s str, Channel)) {
    for step in steps {
        if let Action::Send { channel, .. } | Action::Fallback { channel, .. } = &step.action {
            see(&step.id, *channel);
        }
        step.inner().for_each(|steps| channels(steps, see));
    }
}

/// Texts without a way to say no where the rule of their channel wants one.
fn unsubscribe(
    checked: &Checked,
    chain: &CheckedChain,
    told: &mut BTreeSet<(std::sync::Arc<str>, u32)>,
    findings: &mut Findings,
) {
    for (name, message) in chain.chain.messages.iter().filter(|(_, message)| !message.draft) {
        for (channel, text) in &message.texts {
            let wanted = checked.policy.consent.get(channel).is_some_and(|rule| rule.unsubscribe);
            if !wanted || chain.chain.consent_off.contains_key(channel) || says_how(text) {
                continue;
            }
            let Some(place) = chain.texts.get(&(name.clone(), *channel)) else { continue };
            if !told.insert((place.path.clone(), place.span.start)) {
                continue;
            }
            let kind = ConsentKind::MissingUnsubscribe { message: name.clone(), channel: *channel };
            let found = Diagnostic::new(Kind::Consent(kind), place.clone());
            findings.push(match checked.rules.get(&format!("consent {channel}")) {
                Some(rule) => found.related(rule.clone()),
                None => found,
            });
        }
    }
}

fn says_how(text: &Text) -> bool {
    let says = |template: &Template| {
        template.iter().any(|piece| matches!(piece, Piece::Value(Placeholder::Unsubscribe)))
    };
    match text {
        Text::Sms { text } => says(text),
        Text::Email { subject: _, body, .. } | Text::Webhook { body } => says(body),
        Text::Push { title, body } => says(title) || says(body),
    }
}
