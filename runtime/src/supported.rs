//! What this version of the runtime can run. The language is larger than that: a chain
//! with a form that would not be kept is refused before anything begins, because running it
//! without (a cap, say) would break a promise.

use chainc_compiler::ir::{
    Action, Basis, Chain, Channel, Condition, Control, Delay, Event, Piece, Placeholder, Program,
    Schedule, Step, Text,
};

/// A form that cannot be run yet, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// The chain; the project's policy if `None`.
    pub chain: Option<String>,
    /// The form, as it is written.
    pub form: String,
}

/// Returns the first form of a program that cannot be run yet.
#[must_use]
pub fn unsupported(program: &Program) -> Option<Unsupported> {
    let policy = &program.policy;
    let rule = policy.consent.values().any(|rule| rule.basis == Basis::OptOut || rule.unsubscribe);
    let in_policy = [
        (!policy.caps.is_empty(), "cap"),
        (rule, "consent ... opt_out` and `unsubscribe"),
        (!program.brands.is_empty(), "brand"),
        (!program.experiments.is_empty(), "experiment"),
    ];
    if let Some((_, form)) = in_policy.into_iter().find(|(there, _)| *there) {
        return Some(Unsupported { chain: None, form: form.to_owned() });
    }
    program.chains.iter().find_map(|chain| {
        let form = in_chain(chain)?;
        Some(Unsupported { chain: Some(chain.name.clone()), form })
    })
}

fn in_chain(chain: &Chain) -> Option<String> {
    let settings = [
        (matches!(chain.control, Some(Control::Segment(_))), "control SEGMENT"),
        (chain.experiment.is_some(), "experiment"),
        (chain.brand.is_some(), "brand"),
        (chain.active.is_some(), "active"),
        (chain.schedule != Schedule::default(), "schedule"),
        (chain.exclusive.is_some(), "exclusive"),
        (chain.quiet.is_some(), "quiet"),
        (!chain.caps.is_empty() || chain.caps_off.is_some(), "cap"),
        (!chain.consent_off.is_empty(), "consent ... off"),
    ];
    settings
        .into_iter()
        .find(|(there, _)| *there)
        .map(|(_, form)| form.to_owned())
        .or_else(|| in_condition(&chain.audience).map(str::to_owned))
        .or_else(|| chain.steps.iter().find_map(in_step))
        .or_else(|| in_texts(chain))
}

fn in_condition(condition: &Condition) -> Option<&'static str> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().find_map(in_condition),
        Condition::Not(inner) => in_condition(inner),
        Condition::Recency(_)
        | Condition::Frequency { .. }
        | Condition::Spent { .. }
        | Condition::Tag(_) => None,
        Condition::Consent(channel) | Condition::Reachable(channel) => {
            (*channel == Channel::Webhook).then_some("webhook")
        }
        Condition::AverageCheck { .. } => Some("average_check"),
        Condition::Registered(_) => Some("registered"),
        Condition::Birthday(_) => Some("birthday"),
        Condition::Balance(_) => Some("balance"),
        Condition::Expiring(_) => Some("expiring"),
        Condition::Brand { .. } => Some("brand"),
        Condition::Bought { .. } => Some("bought"),
        Condition::Touched { how, .. } => Some(how.as_str()),
        Condition::City(_) => Some("city"),
        Condition::Churn(_) => Some("churn"),
        Condition::Overdue(_) => Some("overdue"),
        Condition::Attribute { .. } => Some("attribute"),
        Condition::Frozen { .. } => Some("frozen"),
    }
}

fn in_step(step: &Step) -> Option<String> {
    let form = match &step.action {
        Action::Grant { at: Some(_), .. } => "grant ... at",
        Action::Send { within: Some(_), .. } | Action::Fallback { within: Some(_), .. } => "within",
        Action::Send { channel: Channel::Webhook, .. }
        | Action::Fallback { channel: Channel::Webhook, .. } => "webhook",
        Action::Grant { at: None, .. } | Action::Send { .. } | Action::Fallback { .. } => {
            return None;
        }
        Action::Wait { delay: Delay::Until { .. }, .. } => "wait until",
        Action::Wait { delay: Delay::For(_), unless } => {
            let event = unless.iter().find_map(|event| match event {
                Event::Purchase => None,
                Event::Clicked(_) => Some("unless clicked"),
                Event::Opened(_) => Some("unless opened"),
            });
            return event.map(str::to_owned);
        }
        Action::Cashback { .. } => "cashback",
        Action::Promo { .. } => "promo",
        Action::If { .. } => "if",
        Action::Split { .. } => "split",
        Action::Repeat { .. } => "repeat",
        Action::Exit => "exit",
        Action::Tag(_) => "tag",
    };
    Some(form.to_owned())
}

fn in_texts(chain: &Chain) -> Option<String> {
    let texts = chain.messages.values().flat_map(|message| message.texts.values());
    let mut pieces = texts.flat_map(|text| {
        let parts: [&[Piece]; 2] = match text {
            Text::Sms { text } => [text, &[]],
            Text::Email { subject, body, .. } => [subject, body],
            Text::Push { title, body } => [title, body],
            Text::Webhook { body } => [body, &[]],
        };
        parts.into_iter().flatten()
    });
    pieces.find_map(|piece| match piece {
        Piece::Value(
            placeholder @ (Placeholder::CashbackRate
            | Placeholder::CashbackExpires
            | Placeholder::PromoCode
            | Placeholder::PromoExpires
            | Placeholder::Link
            | Placeholder::Unsubscribe),
        ) => Some(format!("{{{}}}", placeholder.as_str())),
        Piece::Value(_) | Piece::Text(_) => None,
    })
}
