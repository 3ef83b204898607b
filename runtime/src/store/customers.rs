//! Customers and their consents as they come in.

use super::{Problem, Store};
use crate::customer::Customer;
use crate::time::Moment;
use chainc_compiler::ir::Channel;
use chainc_compiler::units::Minor;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::collections::BTreeMap;

/// A customer as a file describes her; `None` where the file has no such column, so that
/// what is known stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// Her key.
    pub customer_id: String,
    /// Column of `customer` and its value; an empty value forgets what was known.
    pub fields: Vec<(&'static str, Option<String>)>,
    /// When she registered.
    pub registered_at: Option<Moment>,
    /// Consents the file states, by channel.
    pub consents: BTreeMap<Channel, bool>,
    /// Her tags, if the file has a column of tags.
    pub tags: Option<Vec<String>>,
    /// Further columns; an empty value forgets.
    pub attributes: Vec<(String, Option<String>)>,
}

/// Writes a customer; returns how many purchases had been kept aside for her.
pub(crate) fn write(
    tx: &Transaction<'_>,
    profile: &Profile,
    now: Moment,
) -> Result<usize, Problem> {
    let id = profile.customer_id.as_str();
    let shard = crate::key::shard(id);
    let registered_at = profile.registered_at.map(|at| at.0);
    let known = tx
        .prepare_cached(
            "UPDATE customer SET registered_at = coalesce(?, registered_at) \
             WHERE shard = ? AND customer_id = ?",
        )?
        .execute(params![registered_at, shard, id])?;
    if known == 0 {
        tx.prepare_cached(
            "INSERT INTO customer (number, shard, customer_id, registered_at) VALUES (?, ?, ?, ?)",
        )?
        .execute(params![free_number(tx, id)?, shard, id, registered_at])?;
    }
    if let Some((_, Some(token))) = profile.fields.iter().find(|(name, _)| *name == "push_token") {
        date_token(tx, shard, id, token, profile.registered_at, now)?;
    }
    for (column, value) in &profile.fields {
        // The column is one of ours, never a word of the file.
        tx.prepare_cached(&format!(
            "UPDATE customer SET {column} = ?1 WHERE shard = ?2 AND customer_id = ?3 \
             AND {column} IS NOT ?1"
        ))?
        .execute(params![value, shard, id])?;
    }
    for (channel, granted) in &profile.consents {
        state_consent(tx, profile, *channel, *granted, now)?;
    }
    if let Some(tags) = &profile.tags {
        tx.prepare_cached("DELETE FROM customer_tag WHERE shard = ? AND customer_id = ?")?
            .execute(params![shard, id])?;
        for tag in tags {
            tx.prepare_cached("INSERT OR IGNORE INTO customer_tag VALUES (?, ?, ?)")?
                .execute(params![shard, id, tag])?;
        }
    }
    for (name, value) in &profile.attributes {
        match value {
            Some(value) => tx
                .prepare_cached(
                    "INSERT INTO customer_attribute VALUES (?, ?, ?, ?, ?) \
                     ON CONFLICT (shard, customer_id, name) \
                     DO UPDATE SET value = excluded.value, number = excluded.number",
                )?
                .execute(params![shard, id, name, value, value.parse::<i64>().ok()])?,
            None => tx
                .prepare_cached(
                    "DELETE FROM customer_attribute \
                     WHERE shard = ? AND customer_id = ? AND name = ?",
                )?
                .execute(params![shard, id, name])?,
        };
    }
    super::events::adopt(tx, shard, id)?;
    super::purchases::adopt(tx, id)
}

/// Returns a number for a new customer: hers, or the next one that nobody has.
fn free_number(connection: &Connection, id: &str) -> Result<i64, Problem> {
    let mut taken = connection.prepare_cached("SELECT 1 FROM customer WHERE number = ?")?;
    let mut number = crate::key::number(id);
    while taken.exists([number])? {
        number += 1;
    }
    Ok(number)
}

/// Returns the number of a customer; `None` if she is not known.
pub(crate) fn number(
    connection: &Connection,
    shard: i64,
    customer_id: &str,
) -> Result<Option<i64>, Problem> {
    let mut statement = connection
        .prepare_cached("SELECT number FROM customer WHERE shard = ? AND customer_id = ?")?;
    Ok(statement.query_row(params![shard, customer_id], |row| row.get(0)).optional()?)
}

/// Notes since when a push token is known: like a consent that a file states, the first one
/// from her registration on, another one from the import on.
fn date_token(
    tx: &Transaction<'_>,
    shard: i64,
    customer_id: &str,
    token: &str,
    registered_at: Option<Moment>,
    now: Moment,
) -> Result<(), Problem> {
    tx.prepare_cached(
        "UPDATE customer SET push_token_at = CASE WHEN push_token_at IS NULL THEN ? ELSE ? END \
         WHERE shard = ? AND customer_id = ? AND push_token IS NOT ?",
    )?
    .execute(params![registered_at.map_or(0, |at| at.0), now.0, shard, customer_id, token])?;
    Ok(())
}

/// What a customer file states first holds from her registration on (from ever, if that is
/// not known). When a later file states the opposite, that holds from now on. A file that
/// repeats itself says nothing new, so it cannot undo an opt-out that came in between.
fn state_consent(
    tx: &Transaction<'_>,
    profile: &Profile,
    channel: Channel,
    granted: bool,
    now: Moment,
) -> Result<(), Problem> {
    let id = profile.customer_id.as_str();
    let stated: Option<bool> = tx
        .prepare_cached(
            "SELECT granted FROM consent WHERE shard = ? AND customer_id = ? AND channel = ? \
             AND source = ? ORDER BY at DESC, number DESC LIMIT 1",
        )?
        .query_row(params![crate::key::shard(id), id, channel.as_str(), CUSTOMER_FILE], |row| {
            row.get(0)
        })
        .optional()?;
    let at = match stated {
        Some(before) if before == granted => return Ok(()),
        Some(_) => now,
        None => profile.registered_at.unwrap_or(Moment(0)),
    };
    let word = Word { channel, at, granted, source: CUSTOMER_FILE, wording: None, event_id: None };
    consent(tx, id, word)?;
    Ok(())
}

/// The source of consents that stand in a customer file.
const CUSTOMER_FILE: &str = "customer file";

/// A yes or no of a customer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word<'a> {
    /// To which channel.
    pub(crate) channel: Channel,
    /// From when on.
    pub(crate) at: Moment,
    /// Yes, or no.
    pub(crate) granted: bool,
    /// Who says so.
    pub(crate) source: &'a str,
    /// What she agreed to, word for word.
    pub(crate) wording: Option<&'a str>,
    /// The event that says so, where it was one.
    pub(crate) event_id: Option<&'a [u8]>,
}

/// Appends to the log of consents; false if the log says so at that moment already.
pub(crate) fn consent(
    tx: &Transaction<'_>,
    customer_id: &str,
    word: Word<'_>,
) -> Result<bool, Problem> {
    let Word { channel, at, granted, source, wording, event_id } = word;
    let shard = crate::key::shard(customer_id);
    let at_that_moment = params![shard, customer_id, channel.as_str(), at.0];
    let (said, number): (bool, i64) = tx
        .prepare_cached(
            "SELECT coalesce(sum(granted = ?5), 0) > 0, coalesce(max(number), -1) + 1 \
             FROM consent WHERE shard = ?1 AND customer_id = ?2 AND channel = ?3 AND at = ?4",
        )?
        .query_row(&*[at_that_moment, &[&granted]].concat(), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if said {
        return Ok(false);
    }
    tx.prepare_cached("INSERT INTO consent VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")?.execute(
        params![
            shard,
            customer_id,
            channel.as_str(),
            at.0,
            number,
            granted,
            source,
            wording,
            event_id,
        ],
    )?;
    Ok(true)
}

/// Returns what a customer's own row says of her.
pub(crate) fn load(
    connection: &Connection,
    shard: i64,
    customer_id: &str,
) -> Result<Customer, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT first_name, last_name, city, birthday, registered_at, first_purchase_at, \
         last_purchase_at, purchases, spent, number FROM customer \
         WHERE shard = ? AND customer_id = ?",
    )?;
    let customer = statement.query_row(params![shard, customer_id], |row| {
        let moment = |index: usize| row.get::<_, Option<i64>>(index).map(|at| at.map(Moment));
        let birthday: Option<String> = row.get(3)?;
        Ok(Customer {
            id: customer_id.to_owned(),
            number: row.get(9)?,
            first_name: row.get(0)?,
            last_name: row.get(1)?,
            city: row.get(2)?,
            birthday: birthday.as_deref().and_then(crate::condition::date),
            registered_at: moment(4)?,
            first_purchase_at: moment(5)?,
            last_purchase_at: moment(6)?,
            purchases: row.get(7)?,
            spent: Minor(row.get(8)?),
            ..Customer::default()
        })
    })?;
    Ok(customer)
}

/// Returns what a customer has said of a channel by a moment; `None` if nothing.
pub(crate) fn said(
    connection: &Connection,
    shard: i64,
    customer_id: &str,
    channel: Channel,
    now: Moment,
) -> Result<Option<bool>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT granted FROM consent WHERE shard = ? AND customer_id = ? AND channel = ? \
         AND at <= ? ORDER BY at DESC, number DESC LIMIT 1",
    )?;
    let said = statement
        .query_row(params![shard, customer_id, channel.as_str(), now.0], |row| row.get(0))
        .optional()?;
    Ok(said)
}

/// Puts a tag on a customer.
pub(crate) fn tag(
    tx: &Transaction<'_>,
    shard: i64,
    customer_id: &str,
    tag: &str,
) -> Result<(), Problem> {
    tx.prepare_cached("INSERT OR IGNORE INTO customer_tag VALUES (?, ?, ?)")?.execute(params![
        shard,
        customer_id,
        tag
    ])?;
    Ok(())
}

/// Tells whether a customer is known.
pub(crate) fn exists(connection: &Connection, customer_id: &str) -> Result<bool, Problem> {
    let shard = crate::key::shard(customer_id);
    Ok(connection
        .prepare_cached("SELECT 1 FROM customer WHERE shard = ? AND customer_id = ?")?
        .exists(params![shard, customer_id])?)
}

/// Remembers that the card of a push token was deleted at a moment; false if there is no
/// token, or one that is newer.
pub(crate) fn bury_token(
    tx: &Transaction<'_>,
    shard: i64,
    customer_id: &str,
    at: Moment,
) -> Result<bool, Problem> {
    let changed = tx
        .prepare_cached(
            "UPDATE customer SET dead_push_token = push_token WHERE shard = ? \
             AND customer_id = ? AND push_token IS NOT NULL AND push_token_at <= ?",
        )?
        .execute(params![shard, customer_id, at.0])?;
    Ok(changed > 0)
}

/// Returns whom a key that nobody has may mean: the same key in other letters or with other
/// zeros, the owner of that phone or mail address.
///
/// # Errors
/// Whatever the store says.
pub fn meant(store: &Store, key: &str) -> super::Result<Vec<String>> {
    store.read(|connection| {
        let mut statement = connection.prepare(
            "SELECT customer_id FROM customer WHERE lower(customer_id) = lower(trim(?1)) \
             OR ltrim(customer_id, '0') = ltrim(trim(?1), '0') \
             OR phone = trim(?1) OR lower(email) = lower(trim(?1)) ORDER BY 1 LIMIT 3",
        )?;
        let found = statement.query_map([key], |row| row.get(0))?;
        Ok(found.collect::<Result<_, _>>()?)
    })
}

/// Returns keys that are about as long as another.
///
/// # Errors
/// Whatever the store says.
pub fn as_long(store: &Store, key: &str) -> super::Result<Vec<String>> {
    store.read(|connection| {
        let mut statement = connection.prepare(
            "SELECT customer_id FROM customer WHERE length(customer_id) \
             BETWEEN length(?1) - 1 AND length(?1) + 1 ORDER BY 1 LIMIT 100000",
        )?;
        let found = statement.query_map([key], |row| row.get(0))?;
        Ok(found.collect::<Result<_, _>>()?)
    })
}

/// Remembers that an address is dead, so that nothing is sent to it again.
pub(crate) fn bury(
    tx: &Transaction<'_>,
    shard: i64,
    customer_id: &str,
    channel: Channel,
    address: &str,
) -> Result<(), Problem> {
    let Some((_, dead)) = super::segment::address_columns(channel) else { return Ok(()) };
    tx.prepare_cached(&format!(
        "UPDATE customer SET {dead} = ? WHERE shard = ? AND customer_id = ?"
    ))?
    .execute(params![address, shard, customer_id])?;
    Ok(())
}
