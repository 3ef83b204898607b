//! What else is known of a customer: read for the chains that ask for it.

use super::Problem;
use super::purchases::HERS;
use super::segment::address_columns;
use crate::condition::silence_agrees;
use crate::customer::{Bought, Customer, Touched};
use crate::needs::Needs;
use crate::time::Moment;
use chainc_compiler::ir::{Channel, Policy, Touch};
use chainc_compiler::units::Minor;
use rusqlite::{Connection, params};

/// Fills in what a chain asks of a customer at a moment.
pub(crate) fn complete(
    connection: &Connection,
    shard: i64,
    customer: &mut Customer,
    needs: &Needs,
    policy: &Policy,
    now: Moment,
) -> Result<(), Problem> {
    if !needs.ask_anything() {
        return Ok(());
    }
    let id = customer.id.clone();
    let who = (connection, shard, id.as_str());
    if needs.purchases {
        customer.bought = bought(who)?;
    }
    if needs.consents {
        for channel in Channel::ALL {
            let said = super::customers::said(connection, shard, &id, channel, now)?;
            if said.unwrap_or(silence_agrees(policy, channel)) {
                customer.agreed.insert(channel);
            }
        }
    }
    if needs.addresses {
        for channel in Channel::ALL {
            if is_reachable(who, channel)? {
                customer.reachable.insert(channel);
            }
        }
    }
    if needs.tags {
        customer.tags = column(who, "SELECT tag FROM customer_tag")?.into_iter().collect();
    }
    if needs.lists {
        customer.lists = column(who, "SELECT list FROM frozen_member")?.into_iter().collect();
    }
    if needs.attributes {
        let mut statement = connection.prepare_cached(
            "SELECT name, value FROM customer_attribute WHERE shard = ? AND customer_id = ?",
        )?;
        let rows = statement.query_map(params![shard, id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        customer.attributes = rows.collect::<Result<_, _>>()?;
    }
    if needs.touched {
        customer.touched = touched(who)?;
    }
    if needs.points {
        customer.points = super::wallet::lots(connection, (shard, &id))?;
        customer.points.retain(|lot| lot.is_valid(now));
    }
    Ok(())
}

/// A customer in a store.
type Who<'a> = (&'a Connection, i64, &'a str);

fn bought((connection, shard, id): Who<'_>) -> Result<Vec<Bought>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "{HERS} SELECT occurred_at, amount, brand, categories FROM hers \
         WHERE known = 1 ORDER BY occurred_at, event_id"
    ))?;
    let rows = statement.query_map(params![shard, id, i64::MIN], |row| {
        let categories: Option<String> = row.get(3)?;
        let words = super::bought::words(categories.as_deref());
        Ok(Bought {
            at: Moment(row.get(0)?),
            amount: Minor(row.get(1)?),
            brand: row.get(2)?,
            categories: words.map(str::to_owned).collect(),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Messages that went to her, as far as anybody knows, and what she did with them.
fn touched((connection, shard, id): Who<'_>) -> Result<Vec<Touched>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT s.message, 'received', s.settled_at FROM customer c \
         JOIN letter l ON l.customer = c.number JOIN sheet s ON s.number = l.sheet \
         WHERE c.shard = ?1 AND c.customer_id = ?2 \
         AND s.state IN ('pending', 'delivered') AND s.settled_at IS NOT NULL \
         UNION ALL SELECT message, how, at FROM touch WHERE shard = ?1 AND customer_id = ?2",
    )?;
    let rows = statement.query_map(params![shard, id], |row| {
        let how: String = row.get(1)?;
        let how = match how.as_str() {
            "received" => Touch::Received,
            "opened" => Touch::Opened,
            "event" => Touch::Own,
            _ => Touch::Clicked,
        };
        Ok(Touched { how, message: row.get(0)?, at: Moment(row.get(2)?) })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn is_reachable((connection, shard, id): Who<'_>, channel: Channel) -> Result<bool, Problem> {
    let Some((address, dead)) = address_columns(channel) else { return Ok(true) };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT 1 FROM customer c WHERE shard = ? AND customer_id = ? \
         AND c.{address} IS NOT NULL AND c.{address} IS NOT c.{dead}"
    ))?;
    Ok(statement.exists(params![shard, id])?)
}

/// The texts of one column of a table that customers own.
fn column((connection, shard, id): Who<'_>, select: &str) -> Result<Vec<String>, Problem> {
    let mut statement =
        connection.prepare_cached(&format!("{select} WHERE shard = ? AND customer_id = ?"))?;
    let rows = statement.query_map(params![shard, id], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
