//! Purchases that came back.

use super::{Problem, purchases};
use crate::mutant::{self, Mutant};
use crate::time::Moment;
use chainc_compiler::units::{Minor, Points};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// A return as it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Return {
    /// What makes it the same return when it comes again.
    pub(crate) event_id: [u8; 16],
    /// The purchase that came back.
    pub(crate) purchase: [u8; 16],
    /// When.
    pub(crate) occurred_at: Moment,
    /// For how much; all that is left of it if `None`.
    pub(crate) amount: Option<Minor>,
}

/// What became of a return that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is new.
    New,
    /// It was here already.
    Repeat,
    /// There is no such purchase.
    NoPurchase,
    /// The purchase was made later than that.
    TooEarly,
    /// Only so much of the purchase has not been returned yet.
    TooMuch(Minor),
}

/// Keeps a return, once.
pub(crate) fn keep(tx: &Transaction<'_>, back: &Return) -> Result<Kept, Problem> {
    let is_known = tx
        .prepare_cached("SELECT 1 FROM purchase_return WHERE event_id = ?")?
        .exists([back.event_id.as_slice()])?;
    if is_known {
        return Ok(Kept::Repeat);
    }
    let Some(sale) = purchases::find(tx, &back.purchase)? else { return Ok(Kept::NoPurchase) };
    let (bought_at, paid): (i64, i64) = tx
        .prepare_cached("SELECT occurred_at, amount + returned FROM sale WHERE number = ?")?
        .query_row([sale], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if back.occurred_at.0 < bought_at {
        return Ok(Kept::TooEarly);
    }
    let (times, returned): (i64, i64) = tx
        .prepare_cached(
            "SELECT count(*), coalesce(sum(amount), 0) FROM purchase_return WHERE sale = ?",
        )?
        .query_row([sale], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let left = Minor(paid - returned);
    let amount = back.amount.unwrap_or(left);
    if amount > left || (left.0 == 0 && times > 0) {
        return Ok(Kept::TooMuch(left));
    }
    tx.prepare_cached(
        "INSERT INTO purchase_return (event_id, purchase, sale, occurred_at, amount) \
         VALUES (?, ?, ?, ?, ?)",
    )?
    .execute(params![
        back.event_id.as_slice(),
        back.purchase.as_slice(),
        sale,
        back.occurred_at.0,
        amount.0,
    ])?;
    Ok(Kept::New)
}

/// A return that the run has not heard of, with the purchase it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News {
    /// The return.
    pub(crate) event_id: Vec<u8>,
    /// The customer's shard.
    pub(crate) shard: i64,
    /// The customer.
    pub(crate) customer_id: String,
    /// When it came back.
    pub(crate) occurred_at: Moment,
    /// The purchase.
    pub(crate) purchase: Vec<u8>,
    /// Its number.
    pub(crate) sale: i64,
    /// When that was made.
    pub(crate) bought_at: Moment,
    /// At which brand.
    pub(crate) brand: Option<String>,
    /// What was paid for it.
    pub(crate) paid: Minor,
    /// What of it has come back, this return included.
    pub(crate) returned: Minor,
    /// Points she paid with.
    pub(crate) points_spent: Points,
}

/// Returns the oldest return up to a moment that the run has not heard of. A purchase that
/// has had no effect yet comes first.
pub(crate) fn next(connection: &Connection, until: Moment) -> Result<Option<News>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT r.event_id, c.shard, c.customer_id, r.occurred_at, r.purchase, p.occurred_at, \
         p.brand, p.amount + p.returned, p.returned + r.amount, p.points_spent, p.number \
         FROM purchase_return r CROSS JOIN sale p ON p.number = r.sale \
         CROSS JOIN customer c ON c.number = p.customer \
         WHERE r.known = 0 AND r.occurred_at <= ? AND p.known > 0 \
         ORDER BY r.occurred_at, r.event_id LIMIT 1",
    )?;
    let news = statement.query_row([until.0], |row| {
        Ok(News {
            event_id: row.get(0)?,
            shard: row.get(1)?,
            customer_id: row.get(2)?,
            occurred_at: Moment(row.get(3)?),
            purchase: row.get(4)?,
            bought_at: Moment(row.get(5)?),
            brand: row.get(6)?,
            paid: Minor(row.get(7)?),
            returned: Minor(row.get(8)?),
            points_spent: Points(row.get(9)?),
            sale: row.get(10)?,
        })
    });
    Ok(news.optional()?)
}

/// Lets a return count: what came back is part of her numbers no more.
pub(crate) fn tell(tx: &Transaction<'_>, news: &News) -> Result<(), Problem> {
    tx.prepare_cached("UPDATE purchase_return SET known = 1 WHERE event_id = ?")?
        .execute([&news.event_id])?;
    let left = news.paid.0 - news.returned.0;
    let known = if left > 0 || mutant::is(Mutant::ReturnStillCounts) { 1 } else { 2 };
    tx.prepare_cached("UPDATE sale SET amount = ?, returned = ?, known = ? WHERE number = ?")?
        .execute(params![left, news.returned.0, known, news.sale])?;
    purchases::recount(tx, news.shard, &news.customer_id)
}
