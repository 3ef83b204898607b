//! What this version of the runtime can run. The language is larger than that: a chain
//! with a form that would not be kept is refused before anything begins, because running it
//! without (a cap, say) would break a promise.

use chainc_compiler::ir::{
    Action, Chain, Channel, Condition, Control, Piece, Placeholder, Program, Step, Text,
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
    if program.policy.consent.values().any(|rule| rule.unsubscribe) {
        return Some(Unsupported { chain: None, form: "consent ... unsubscribe".to_owned() });
    }
    program.chains.iter().find_map(|chain| {
        let form = in_chain(chain)?;
        Some(Unsupported { chain: Some(chain.name.clone()), form })
    })
}

fn in_chain(chain: &Chain) -> Option<String> {
    let control = match &chain.control {
        Some(Control::Segment(held_out)) => in_condition(held_out),
        Some(Control::Share(_)) | None => None,
    };
    control
        .or_else(|| in_condition(&chain.audience))
        .map(str::to_owned)
        .or_else(|| chain.steps.iter().find_map(in_step))
        .or_else(|| in_texts(chain))
}

fn in_condition(condition: &Condition) -> Option<&'static str> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().find_map(in_condition),
        Condition::Not(inner) => in_condition(inner),
        Condition::Frozen { condition, .. } => in_condition(condition),
        Condition::Consent(channel) | Condition::Reachable(channel) => {
            (*channel == Channel::Webhook).then_some("webhook")
        }
        Condition::Recency(_)
        | Condition::Frequency { .. }
        | Condition::Spent { .. }
        | Condition::Tag(_)
        | Condition::AverageCheck { .. }
        | Condition::Registered(_)
        | Condition::Birthday(_)
        | Condition::Balance(_)
        | Condition::Expiring(_)
        | Condition::Brand { .. }
        | Condition::Bought { .. }
        | Condition::Touched { .. }
        | Condition::City(_)
        | Condition::Churn(_)
        | Condition::Overdue(_)
        | Condition::Attribute { .. } => None,
    }
}

fn in_step(step: &Step) -> Option<String> {
    let form = match &step.action {
        Action::Send { channel: Channel::Webhook, .. }
        | Action::Fallback { channel: Channel::Webhook, .. } => Some("webhook"),
        Action::If { arms, .. } => arms.iter().find_map(|arm| in_condition(&arm.condition)),
        Action::Grant { .. }
        | Action::Cashback { .. }
        | Action::Promo { .. }
        | Action::Send { .. }
        | Action::Fallback { .. }
        | Action::Split { .. }
        | Action::Wait { .. }
        | Action::Repeat { .. }
        | Action::Exit
        | Action::Tag(_) => None,
    };
    let mut inner = step.inner().flatten();
    form.map(str::to_owned).or_else(|| inner.find_map(in_step))
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
        Piece::Value(placeholder @ (Placeholder::Link | Placeholder::Unsubscribe)) => {
            Some(format!("{{{}}}", placeholder.as_str()))
        }
        Piece::Value(_) | Piece::Text(_) => None,
    })
}
