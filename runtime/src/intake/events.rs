//! A row of an event file: what a customer did, or what a provider says of a message.

use super::rows::Row;
use super::{Outcome, Reading, Report};
use crate::store::Problem;
use crate::store::events::{self, Event, Kept, What};
use chainc_compiler::ir::Channel;
use rusqlite::Transaction;

/// The columns, required ones first.
pub(super) const COLUMNS: [&str; 8] =
    ["event", "at", "customer_id", "key", "message", "channel", "event_id", "source"];

pub(super) fn take(
    tx: &Transaction<'_>,
    row: &Row<'_>,
    reading: &Reading<'_>,
    report: &mut Report,
) -> Result<Outcome, Problem> {
    let event = match event(row, reading) {
        Ok(event) => event,
        Err(reason) => return Ok(Err(reason)),
    };
    match events::keep(tx, &event)? {
        Kept::New => report.new += 1,
        Kept::Repeat => report.known += 1,
        Kept::Stray => report.aside += 1,
    }
    if let What::Own(word) = event.what {
        *report.own_events.entry(word).or_default() += 1;
    }
    Ok(Ok(()))
}

fn event(row: &Row<'_>, reading: &Reading<'_>) -> Result<Event, String> {
    if let Some(broken) = &row.broken {
        return Err(broken.clone());
    }
    let word = row.need("event")?;
    let what = What::of(word);
    let at = row.need("at")?;
    let occurred_at = reading.zone.parse(at).ok_or_else(|| super::purchases::no_time("at", at))?;
    let own = |column: &str| row.get(column).map(str::to_owned);
    let (customer_id, key, message) = (own("customer_id"), own("key"), own("message"));
    if customer_id.is_none() && key.is_none() {
        return Err("`customer_id` and `key` are empty: nobody knows whose event it is".to_owned());
    }
    let of_message = matches!(what, What::Delivered | What::Opened | What::Clicked);
    if of_message && message.is_none() && key.is_none() {
        return Err(format!("`message` and `key` are empty: nobody knows what was {word}"));
    }
    if word.eq_ignore_ascii_case("purchase") {
        let help = "purchases have a file of their own: `chainc import purchases FILE`";
        return Err(format!("`event` is `{word}`: {help}"));
    }
    let channel = match row.get("channel") {
        None => None,
        Some(word) => Some(Channel::from_keyword(&word.to_lowercase()).ok_or_else(|| {
            format!("`channel` is `{word}`: write sms, email or push, or leave it empty for all")
        })?),
    };
    let source = own("source");
    let from = source.as_deref().unwrap_or_default().as_bytes();
    let event_id = match row.get("event_id") {
        Some(id) => crate::key::event(&[b"event by id", from, id.as_bytes()]),
        None => {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            crate::key::event(&[
                b"event by content",
                from,
                text(&customer_id).as_bytes(),
                text(&key).as_bytes(),
                what.as_str().as_bytes(),
                &occurred_at.0.to_le_bytes(),
                text(&message).as_bytes(),
                channel.map_or("", Channel::as_str).as_bytes(),
            ])
        }
    };
    Ok(Event { event_id, customer_id, occurred_at, what, message, channel, key, source })
}
