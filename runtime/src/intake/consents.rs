//! A row of a consent file: somebody said yes or no to a channel.

use super::rows::Row;
use super::{Outcome, Reading, Report};
use crate::store::{Problem, customers, merging};
use crate::time::Moment;
use chainc_compiler::ir::Channel;
use rusqlite::Transaction;

/// The columns, required ones first.
pub(super) const COLUMNS: [&str; 6] =
    ["customer_id", "channel", "granted", "at", "source", "wording"];

pub(super) fn take(
    tx: &Transaction<'_>,
    row: &Row<'_>,
    reading: &Reading<'_>,
    report: &mut Report,
) -> Result<Outcome, Problem> {
    let (id, channel, granted, at) = match read(row, reading) {
        Ok(read) => read,
        Err(reason) => return Ok(Err(reason)),
    };
    let merged = merging::now_called(tx, id)?;
    let id = merged.as_deref().unwrap_or(id);
    if !customers::exists(tx, id)? {
        return Ok(Err(format!("customer `{id}` is not known; import customers first")));
    }
    let source = row.get("source").unwrap_or("import");
    let wording = row.get("wording");
    let word = customers::Word { channel, at, granted, source, wording, event_id: None };
    if customers::consent(tx, id, word)? {
        report.new += 1;
    } else {
        report.known += 1;
    }
    Ok(Ok(()))
}

fn read<'a>(
    row: &Row<'a>,
    reading: &Reading<'_>,
) -> Result<(&'a str, Channel, bool, Moment), String> {
    if let Some(broken) = &row.broken {
        return Err(broken.clone());
    }
    let id = row.need("customer_id")?;
    let channel = row.need("channel")?;
    let channel = Channel::from_keyword(&channel.to_lowercase())
        .ok_or_else(|| format!("`channel` is `{channel}`: write sms, email or push"))?;
    let granted = super::customers::yes_or_no("granted", row.need("granted")?)?;
    let at = row.need("at")?;
    let at = reading.zone.parse(at).ok_or_else(|| super::purchases::no_time("at", at))?;
    Ok((id, channel, granted, at))
}
