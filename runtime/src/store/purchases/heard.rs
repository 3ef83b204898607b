//! Purchases become known to the run, each at its own time.
//!
//! Those of a customer that are known hang together, the latest first: `customer.last_sale`,
//! then `sale.before`. Purchases lie in the order in which they came, so an index by customer
//! would be written to anywhere by each of them; her own row is written to anyway.

use crate::mutant::{self, Mutant};
use crate::store::Problem;
use crate::time::Moment;
use chainc_compiler::units::{Minor, Points};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// `hers`: the known purchases of a customer from a moment on, the latest first. `?1` is her
/// shard, `?2` her key, `?3` the moment.
pub(crate) const HERS: &str = "WITH RECURSIVE hers AS (\
    SELECT s.* FROM customer c JOIN sale s ON s.number = c.last_sale \
    WHERE c.shard = ?1 AND c.customer_id = ?2 AND s.occurred_at >= ?3 \
    UNION ALL SELECT s.* FROM hers h JOIN sale s ON s.number = h.before \
    WHERE s.occurred_at >= ?3)";

/// A purchase that the run has not heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News {
    /// The purchase's number.
    pub(crate) number: i64,
    /// The buyer's number.
    pub(crate) customer: i64,
    /// The buyer's shard.
    pub(crate) shard: i64,
    /// The buyer.
    pub(crate) customer_id: String,
    /// When.
    pub(crate) occurred_at: Moment,
    /// For how much.
    pub(crate) amount: Minor,
    /// What makes it this purchase.
    pub(crate) event_id: Vec<u8>,
    /// At which brand.
    pub(crate) brand: Option<String>,
    /// From which categories, separated by `;`.
    pub(crate) categories: Option<String>,
    /// Points she paid with.
    pub(crate) points_spent: Points,
    /// Points the till gave for it.
    pub(crate) points_earned: Points,
}

/// Returns purchases up to a moment that the run has not heard of, the oldest first.
pub(crate) fn news(
    connection: &Connection,
    until: Moment,
    limit: i64,
) -> Result<Vec<News>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT c.shard, c.customer_id, s.occurred_at, s.amount, s.event_id, s.brand, \
         s.points_spent, s.points_earned, s.categories, s.number, s.customer \
         FROM sale s CROSS JOIN customer c ON c.number = s.customer \
         WHERE s.known = 0 AND s.occurred_at <= ? ORDER BY s.occurred_at, s.event_id LIMIT ?",
    )?;
    let rows = statement.query_map(params![until.0, limit], |row| {
        Ok(News {
            shard: row.get(0)?,
            customer_id: row.get(1)?,
            occurred_at: Moment(row.get(2)?),
            amount: Minor(row.get(3)?),
            event_id: row.get(4)?,
            brand: row.get(5)?,
            points_spent: Points(row.get(6)?),
            points_earned: Points(row.get(7)?),
            categories: row.get(8)?,
            number: row.get(9)?,
            customer: row.get(10)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Tells whether there are purchases up to a moment that the run has not heard of.
pub(crate) fn is_news(connection: &Connection, until: Moment) -> Result<bool, Problem> {
    let mut statement = connection
        .prepare_cached("SELECT 1 FROM sale WHERE known = 0 AND occurred_at <= ? LIMIT 1")?;
    Ok(statement.exists([until.0])?)
}

/// Lets a purchase count: its customer's numbers follow.
pub(crate) fn tell(tx: &Transaction<'_>, news: &News) -> Result<(), Problem> {
    let (later, before) = neighbours(tx, news)?;
    tx.prepare_cached("UPDATE sale SET known = 1, before = ? WHERE number = ?")?
        .execute(params![before, news.number])?;
    if let Some(later) = later {
        tx.prepare_cached("UPDATE sale SET before = ? WHERE number = ?")?
            .execute([news.number, later])?;
    }
    tx.prepare_cached(
        "UPDATE customer SET first_purchase_at = min(coalesce(first_purchase_at, ?1), ?1), \
         last_purchase_at = max(coalesce(last_purchase_at, ?1), ?1), \
         purchases = purchases + 1, spent = spent + ?2, last_sale = coalesce(?3, last_sale) \
         WHERE number = ?4",
    )?
    .execute(params![
        news.occurred_at.0,
        news.amount.0,
        later.is_none().then_some(news.number),
        news.customer
    ])?;
    let (at, who) = (news.occurred_at, (news.shard, news.customer_id.as_str()));
    crate::store::windows::add(tx, who.0, who.1, at, news.amount)?;
    crate::store::bought::add(tx, who, at, news.brand.as_deref(), news.categories.as_deref())
}

/// Between which of a customer's purchases a new one comes: the later one and the earlier one.
fn neighbours(tx: &Transaction<'_>, news: &News) -> Result<(Option<i64>, Option<i64>), Problem> {
    let mut later = None;
    let mut at: Option<i64> = tx
        .prepare_cached("SELECT last_sale FROM customer WHERE number = ?")?
        .query_row([news.customer], |row| row.get(0))
        .optional()?
        .flatten();
    let mut statement =
        tx.prepare_cached("SELECT occurred_at, event_id, before FROM sale WHERE number = ?")?;
    while let Some(number) = at {
        let (occurred_at, event_id, before): (i64, Vec<u8>, Option<i64>) =
            statement.query_row([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let is_earlier = (occurred_at, &event_id) <= (news.occurred_at.0, &news.event_id);
        if is_earlier || mutant::is(Mutant::LateHangsInFront) {
            break;
        }
        later = Some(number);
        at = before;
    }
    Ok((later, at))
}

/// Reckons a customer's numbers anew from her purchases, where adding does not do.
pub(crate) fn recount(tx: &Transaction<'_>, shard: i64, customer_id: &str) -> Result<(), Problem> {
    tx.prepare_cached(&format!(
        "UPDATE customer SET (first_purchase_at, last_purchase_at, purchases, spent) = \
         ({HERS} SELECT min(occurred_at), max(occurred_at), count(*), coalesce(sum(amount), 0) \
          FROM hers WHERE known = 1) WHERE shard = ?1 AND customer_id = ?2"
    ))?
    .execute(params![shard, customer_id, i64::MIN])?;
    crate::store::windows::recount(tx, shard, customer_id)?;
    crate::store::bought::recount(tx, shard, customer_id)
}

/// Returns when a customer first bought for so much after one moment and up to another.
pub(crate) fn first_within(
    connection: &Connection,
    (shard, customer_id): (i64, &str),
    (after, until): (Moment, Moment),
    at_least: Minor,
) -> Result<Option<Moment>, Problem> {
    let mut statement = connection.prepare_cached(&format!(
        "{HERS} SELECT min(occurred_at) FROM hers WHERE occurred_at > ?3 AND occurred_at <= ?4 \
         AND amount >= ?5 AND known = 1"
    ))?;
    let values = params![shard, customer_id, after.0, until.0, at_least.0];
    let first: Option<i64> = statement.query_row(values, |row| row.get(0))?;
    Ok(first.map(Moment))
}

/// A purchase's place among those of its customer: when it was made, what makes it this one,
/// its number, and whether it is known.
type Placed = (i64, Vec<u8>, i64, bool);

/// Returns all purchases of a customer, known or not, the oldest first.
fn all(connection: &Connection, customer: i64) -> Result<Vec<Placed>, Problem> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE hers AS (SELECT s.* FROM customer c JOIN sale s ON s.number = c.last_sale \
         WHERE c.number = ?1 UNION ALL SELECT s.* FROM hers h JOIN sale s ON s.number = h.before) \
         SELECT occurred_at, event_id, number, 1 FROM hers \
         UNION ALL SELECT occurred_at, event_id, number, 0 FROM sale \
         WHERE known = 0 AND customer = ?1 ORDER BY 1, 2",
    )?;
    let rows = statement
        .query_map([customer], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns how many purchases of a customer are here, known or not.
pub(crate) fn count(connection: &Connection, customer: i64) -> Result<i64, Problem> {
    Ok(i64::try_from(all(connection, customer)?.len()).unwrap_or(i64::MAX))
}

/// Makes the purchases of one customer another one's.
pub(crate) fn move_all(tx: &Transaction<'_>, from: i64, to: i64) -> Result<(), Problem> {
    let mut sales = all(tx, from)?;
    for (_, _, number, _) in &sales {
        tx.execute("UPDATE sale SET customer = ? WHERE number = ?", [to, *number])?;
    }
    // Her own that are not known yet are among those of hers by now.
    sales = all(tx, to)?.into_iter().chain(sales).filter(|(.., known)| *known).collect();
    sales.sort();
    let mut before = None;
    for (_, _, number, _) in &sales {
        tx.execute("UPDATE sale SET before = ? WHERE number = ?", params![before, number])?;
        before = Some(*number);
    }
    tx.execute("UPDATE customer SET last_sale = ? WHERE number = ?", params![before, to])?;
    tx.execute("UPDATE customer SET last_sale = NULL WHERE number = ?", [from])?;
    Ok(())
}

/// Takes the purchases of a customer away, and what came back of them.
pub(crate) fn remove_all(tx: &Transaction<'_>, customer: i64) -> Result<(), Problem> {
    for (_, event_id, number, _) in all(tx, customer)? {
        tx.execute("DELETE FROM purchase_return WHERE sale = ?", [number])?;
        super::once::forget(tx, &event_id, number)?;
        tx.execute("DELETE FROM sale WHERE number = ?", [number])?;
    }
    tx.execute("UPDATE customer SET last_sale = NULL WHERE number = ?", [customer])?;
    Ok(())
}
