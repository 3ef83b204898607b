//! A row of a customer file.

use super::rows::Row;
use super::{Outcome, Reading, Report, attributes};
use crate::store::customers::{self, Profile};
use crate::store::{Problem, merging};
use crate::time::Zone;
use chainc_compiler::ir::Channel;
use rusqlite::Transaction;

/// The columns, the required one first; any other is an attribute.
pub(super) const COLUMNS: [&str; 14] = [
    "customer_id",
    "first_name",
    "last_name",
    "phone",
    "email",
    "push_token",
    "timezone",
    "city",
    "birthday",
    "registered_at",
    "consent_sms",
    "consent_email",
    "consent_push",
    "tags",
];

/// The columns that are kept as they are.
const PLAIN: [&str; 8] =
    ["first_name", "last_name", "phone", "email", "push_token", "timezone", "city", "birthday"];

pub(super) fn take(
    tx: &Transaction<'_>,
    row: &Row<'_>,
    reading: &Reading<'_>,
    report: &mut Report,
) -> Result<Outcome, Problem> {
    let profile = match profile(row, reading) {
        Ok(profile) => profile,
        Err(reason) => return Ok(Err(reason)),
    };
    if let Some(new) = merging::now_called(tx, &profile.customer_id)? {
        return Ok(Err(format!("this customer was merged into `{new}`; that row is hers")));
    }
    if customers::exists(tx, &profile.customer_id)? {
        report.known += 1;
    } else {
        report.new += 1;
    }
    report.adopted += u64::try_from(customers::write(tx, &profile, reading.now)?).unwrap_or(0);
    Ok(Ok(()))
}

fn profile(row: &Row<'_>, reading: &Reading<'_>) -> Result<Profile, String> {
    if let Some(broken) = &row.broken {
        return Err(broken.clone());
    }
    let mut profile =
        Profile { customer_id: row.need("customer_id")?.to_owned(), ..Profile::default() };
    if let Some(name) = row.get("timezone")
        && Zone::get(name).is_none()
    {
        return Err(format!(
            "`timezone` is `{name}`: no such zone; write one like `Asia/Yekaterinburg`"
        ));
    }
    if let Some(day) = row.get("birthday")
        && !crate::time::is_birthday(day)
    {
        return Err(format!("`birthday` is `{day}`: not a date like 1990-12-31 from 1900 on"));
    }
    for column in PLAIN.into_iter().filter(|column| row.has(column)) {
        profile.fields.push((column, row.get(column).map(str::to_owned)));
    }
    if let Some(text) = row.get("registered_at") {
        let at = reading
            .zone
            .parse(text)
            .ok_or_else(|| super::purchases::no_time("registered_at", text))?;
        profile.registered_at = Some(at);
    }
    for channel in Channel::ALL {
        let column = format!("consent_{channel}");
        if let Some(text) = row.get(&column) {
            profile.consents.insert(channel, yes_or_no(&column, text)?);
        }
    }
    if row.has("tags") {
        let tags = row.get("tags").unwrap_or_default().split([';', ',']).map(str::trim);
        profile.tags = Some(tags.filter(|tag| !tag.is_empty()).map(str::to_owned).collect());
    }
    for (name, value) in row.values().filter(|(name, _)| !COLUMNS.contains(name)) {
        let value = match value {
            "" => None,
            value => Some(attributes::parse(name, value, reading.attributes)?),
        };
        profile.attributes.push((name.to_owned(), value));
    }
    Ok(profile)
}

/// Reads yes or no as files have them.
pub(super) fn yes_or_no(column: &str, text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "1" | "да" => Ok(true),
        "no" | "n" | "false" | "f" | "0" | "нет" => Ok(false),
        _ => Err(format!("`{column}` is `{text}`: write yes or no")),
    }
}
