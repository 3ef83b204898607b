//! The life of a customer for machines: the facts, each with its sentence.

use super::Telling;
use super::page::told;
use super::voice::Voice;
use crate::failure::Failure;
use chainc_compiler::explain::sentence;
use chainc_runtime::store::history::Sent;
use chainc_runtime::time::Moment;
use chainc_runtime::why::door::Door;
use chainc_runtime::why::{Address, Line, Said, Way};
use serde_json::{Value, json};

/// Writes the object.
pub(super) fn of(telling: &Telling<'_>) -> Result<String, Failure> {
    let Telling { life, voice } = telling;
    let at = |moment: Moment| voice.clock().zone.rfc3339(moment);
    let customer = &life.customer;
    let channels: Vec<Value> = life
        .channels
        .iter()
        .map(|reach| {
            json!({
                "channel": reach.channel.as_str(),
                "agrees": reach.said.as_ref().map_or(reach.silence_is_yes, |said| said.granted),
                "said": reach.said.as_ref().map(|said| consent(said, *voice)),
                "address": match reach.address {
                    Address::Good => "good",
                    Address::Dead => "dead",
                    Address::None => "none",
                },
            })
        })
        .collect();
    let doors: Vec<Value> = life
        .doors
        .iter()
        .map(|(chain, door)| {
            json!({
                "chain": chain,
                "reason": reason(door),
                "text": plain(&sentence(&voice.door(door, life))),
            })
        })
        .collect();
    let value = json!({
        "customer_id": customer.id,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "timezone": life.timezone,
        "now": at(life.now),
        "last_purchase": life.last_purchase.map(|bought| {
            json!({ "at": at(bought.at), "amount_minor": bought.amount.0 })
        }),
        "purchases": customer.purchases,
        "spent_minor": customer.spent.0,
        "balance": customer.balance().0,
        "channels": channels,
        "chains": life.ways.iter().map(|w| way(w, *voice)).collect::<Vec<_>>(),
        "points": life.entries.iter().map(|entry| json!({
            "at": at(entry.at),
            "kind": entry.kind,
            "points": entry.points.0,
            "chain": entry.chain,
            "text": plain(&sentence(&voice.entry(entry))),
        })).collect::<Vec<_>>(),
        "not_in": doors,
    });
    let text = serde_json::to_string_pretty(&value)
        .map_err(|error| Failure::surroundings(error.to_string()))?;
    Ok(text + "\n")
}

fn way(way: &Way, voice: &dyn Voice) -> Value {
    let at = |moment: Moment| voice.clock().zone.rfc3339(moment);
    let mut before = None;
    let mut events = Vec::new();
    for line in &way.lines {
        events.push(event(line, before, way, voice));
        before = Some(line);
    }
    let stands = way.stands.as_ref().map(|stands| {
        json!({
            "step": stands.place.to_string(),
            "phase": stands.phase,
            "until": stands.until.map(at),
            "message": stands.message.as_ref().map(|sent| message(sent, voice)),
            "text": plain(&sentence(&voice.stands(stands, way))),
        })
    });
    let next: Vec<Value> = told(way, voice)
        .into_iter()
        .map(|(step, words)| json!({ "step": step.id, "text": plain(&sentence(&words)) }))
        .collect();
    json!({
        "name": way.chain.name,
        "version": way.chain.version,
        "cycle": way.cycle,
        "control": way.control,
        "entered_at": at(way.entered_at),
        "recency_days": way.recency,
        "goal_until": way.goal_until.map(at),
        "bought_at": way.bought_at.map(at),
        "ended": way.ended.as_ref().map(|(when, how)| json!({ "at": at(*when), "reason": how })),
        "standing": way.told.as_ref().map(|told| json!({
            "is": told.standing,
            "at": at(told.at),
            "who": told.who,
            "reason": told.reason,
        })),
        "events": events,
        "now": stands,
        "next": next,
    })
}

fn event(line: &Line, before: Option<&Line>, way: &Way, voice: &dyn Voice) -> Value {
    let at = |moment: Moment| voice.clock().zone.rfc3339(moment);
    let step = line.step.as_deref();
    json!({
        "at": at(line.at),
        "step": step,
        "step_text": step.and_then(|id| way.step(id)).map(|step| step.text.clone()),
        "what": line.what,
        "detail": line.detail,
        "amount_minor": line.amount.map(|amount| amount.0),
        "expires_at": line.expires_at.map(at),
        "message": line.message.as_ref().map(|sent| message(sent, voice)),
        "text": voice.happened(line, before, way).map(|words| plain(&sentence(&words))),
    })
}

fn message(sent: &Sent, voice: &dyn Voice) -> Value {
    let at = |moment: Moment| voice.clock().zone.rfc3339(moment);
    json!({
        "channel": sent.channel.as_str(),
        "message": sent.message,
        "state": sent.state,
        "reason": sent.reason,
        "written_at": at(sent.written_at),
        "due_at": sent.due_at.map(at),
        "taken_at": sent.taken_at.map(at),
        "settled_at": sent.settled_at.map(at),
        "address": sent.address,
        "consent": sent.consent.as_ref().map(|said| consent(said, voice)),
        "cost_minor": sent.cost.0,
    })
}

fn consent(said: &Said, voice: &dyn Voice) -> Value {
    let at = voice.clock().zone.rfc3339(said.at);
    json!({ "granted": said.granted, "at": at, "source": said.source })
}

const fn reason(door: &Door) -> &'static str {
    match door {
        Door::Paused(_) => "paused",
        Door::Stopped(_) => "stopped",
        Door::NotYet(_) => "not_yet_active",
        Door::Over(_) => "no_longer_active",
        Door::Once(_) => "entered_once",
        Door::Often(_) => "entered_often_enough",
        Door::Again(_) => "may_not_come_back_yet",
        Door::Rival { .. } => "excluded",
        Door::NotMeant { .. } => "not_in_segment",
        Door::Open(_) => "enters_next",
    }
}

/// Spaces that keep words together are for pages.
fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ")
}
