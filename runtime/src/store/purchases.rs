//! Purchases: kept once, told to the run at their own time.

use super::Problem;
use crate::mutant::{self, Mutant};
use crate::time::Moment;
use chainc_compiler::units::{Minor, Points};
use rusqlite::{Connection, Transaction, params};

/// A purchase as it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// What makes it the same purchase when it comes again.
    pub event_id: [u8; 16],
    /// Who bought.
    pub customer_id: String,
    /// When.
    pub occurred_at: Moment,
    /// For how much.
    pub amount: Minor,
    /// The shop's own number of the receipt.
    pub external_id: Option<String>,
    /// How many things.
    pub items: Option<i64>,
    /// In which store.
    pub store_id: Option<String>,
    /// Of which brand.
    pub brand: Option<String>,
    /// From which categories, separated by `;`.
    pub categories: Option<String>,
    /// Points she paid with.
    pub points_spent: Points,
    /// Points the till gave for it.
    pub points_earned: Points,
}

/// What became of a purchase that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is new and its customer is known.
    New,
    /// It was here already.
    Repeat,
    /// Its customer is not known: kept aside.
    Stray,
}

/// Keeps a purchase, once.
pub(crate) fn keep(tx: &Transaction<'_>, purchase: &Purchase) -> Result<Kept, Problem> {
    let merged = super::merging::now_called(tx, &purchase.customer_id)?;
    let customer_id = merged.as_ref().unwrap_or(&purchase.customer_id);
    let shard = crate::key::shard(customer_id);
    let mut id = purchase.event_id.as_slice();
    let again: [u8; 16];
    if mutant::is(Mutant::RepeatsCount) {
        let same = "SELECT count(*) FROM purchase WHERE external_id IS ?";
        let n: i64 = tx.query_row(same, [&purchase.external_id], |row| row.get(0))?;
        again = crate::key::event(&[id, &n.to_le_bytes()]);
        if n > 0 {
            id = &again;
        }
    }
    let near = "SELECT 1 FROM purchase WHERE customer_id = ? AND abs(occurred_at - ?) < 60000";
    if mutant::is(Mutant::DedupByWindow)
        && tx.prepare(near)?.exists(params![customer_id, purchase.occurred_at.0])?
    {
        return Ok(Kept::Repeat);
    }
    let known_customer = tx
        .prepare_cached("SELECT 1 FROM customer WHERE shard = ? AND customer_id = ?")?
        .exists(params![shard, customer_id])?;
    let rest = params![
        customer_id,
        purchase.occurred_at.0,
        purchase.amount.0,
        purchase.external_id,
        purchase.items,
        purchase.store_id,
        purchase.brand,
        purchase.categories,
        purchase.points_spent.0,
        purchase.points_earned.0,
        id,
    ];
    let inserted = if known_customer {
        tx.prepare_cached(
            "INSERT INTO purchase (shard, customer_id, occurred_at, amount, external_id, items, \
             store_id, brand, categories, points_spent, points_earned, event_id) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (event_id) DO NOTHING",
        )?
        .execute(&*[&[&shard as &dyn rusqlite::ToSql], rest].concat())?
    } else {
        tx.prepare_cached(
            "INSERT INTO stray_purchase (customer_id, occurred_at, amount, external_id, items, \
             store_id, brand, categories, points_spent, points_earned, event_id) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (event_id) DO NOTHING",
        )?
        .execute(rest)?
    };
    Ok(match (inserted, known_customer) {
        (0, _) => Kept::Repeat,
        (_, true) => Kept::New,
        (_, false) => Kept::Stray,
    })
}

/// Tells whether a purchase is here already under its own id.
pub(crate) fn is_kept(connection: &Connection, purchase: &Purchase) -> Result<bool, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM purchase WHERE event_id = ?1 AND customer_id = ?2 AND occurred_at = ?3 \
         UNION ALL SELECT 1 FROM stray_purchase \
         WHERE event_id = ?1 AND customer_id = ?2 AND occurred_at = ?3",
    )?;
    let id = purchase.event_id.as_slice();
    Ok(statement.exists(params![id, purchase.customer_id, purchase.occurred_at.0])?)
}

/// Takes in the purchases that were kept aside for a customer; returns how many.
pub(crate) fn adopt(tx: &Transaction<'_>, shard: i64, customer_id: &str) -> Result<usize, Problem> {
    let adopted = tx
        .prepare_cached(
            "INSERT INTO purchase (shard, customer_id, occurred_at, amount, external_id, items, \
             store_id, brand, categories, points_spent, points_earned, event_id) \
             SELECT ?1, customer_id, occurred_at, amount, external_id, items, store_id, brand, \
             categories, points_spent, points_earned, event_id FROM stray_purchase WHERE customer_id = ?2 \
             ON CONFLICT (event_id) DO NOTHING",
        )?
        .execute(params![shard, customer_id])?;
    tx.prepare_cached("DELETE FROM stray_purchase WHERE customer_id = ?")?
        .execute([customer_id])?;
    Ok(adopted)
}

/// A purchase that the run has not heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The buyer's shard.
    pub shard: i64,
    /// The buyer.
    pub customer_id: String,
    /// When.
    pub occurred_at: Moment,
    /// For how much.
    pub amount: Minor,
    /// What makes it this purchase.
    pub event_id: Vec<u8>,
    /// At which brand.
    pub brand: Option<String>,
    /// From which categories, separated by `;`.
    pub categories: Option<String>,
    /// Points she paid with.
    pub points_spent: Points,
    /// Points the till gave for it.
    pub points_earned: Points,
}

/// Returns purchases up to a moment that the run has not heard of, the oldest first.
pub(crate) fn news(
    connection: &Connection,
    until: Moment,
    limit: i64,
) -> Result<Vec<News>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT shard, customer_id, occurred_at, amount, event_id, brand, points_spent, \
         points_earned, categories FROM purchase \
         WHERE known = 0 AND occurred_at <= ? ORDER BY occurred_at, event_id LIMIT ?",
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
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Lets a purchase count: its customer's numbers follow.
pub(crate) fn tell(tx: &Transaction<'_>, news: &News) -> Result<(), Problem> {
    tx.prepare_cached(
        "UPDATE purchase SET known = 1 \
         WHERE shard = ? AND customer_id = ? AND occurred_at = ? AND event_id = ?",
    )?
    .execute(params![news.shard, news.customer_id, news.occurred_at.0, news.event_id])?;
    tx.prepare_cached(
        "UPDATE customer SET first_purchase_at = min(coalesce(first_purchase_at, ?1), ?1), \
         last_purchase_at = max(coalesce(last_purchase_at, ?1), ?1), \
         purchases = purchases + 1, spent = spent + ?2 \
         WHERE shard = ?3 AND customer_id = ?4",
    )?
    .execute(params![news.occurred_at.0, news.amount.0, news.shard, news.customer_id])?;
    let (at, who) = (news.occurred_at, (news.shard, news.customer_id.as_str()));
    super::windows::add(tx, who.0, who.1, at, news.amount)?;
    super::bought::add(tx, who, at, news.brand.as_deref(), news.categories.as_deref())
}

/// Reckons a customer's numbers anew from her purchases, where adding does not do.
pub(crate) fn recount(tx: &Transaction<'_>, shard: i64, customer_id: &str) -> Result<(), Problem> {
    tx.prepare_cached(
        "UPDATE customer SET (first_purchase_at, last_purchase_at, purchases, spent) = \
         (SELECT min(occurred_at), max(occurred_at), count(*), coalesce(sum(amount), 0) \
          FROM purchase WHERE shard = ?1 AND customer_id = ?2 AND known = 1) \
         WHERE shard = ?1 AND customer_id = ?2",
    )?
    .execute(params![shard, customer_id])?;
    super::windows::recount(tx, shard, customer_id)?;
    super::bought::recount(tx, shard, customer_id)
}

/// Returns when a customer first bought for so much after one moment and up to another.
pub(crate) fn first_within(
    connection: &Connection,
    (shard, customer_id): (i64, &str),
    (after, until): (Moment, Moment),
    at_least: Minor,
) -> Result<Option<Moment>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT min(occurred_at) FROM purchase WHERE shard = ? AND customer_id = ? \
         AND occurred_at > ? AND occurred_at <= ? AND amount >= ? AND known = 1",
    )?;
    let values = params![shard, customer_id, after.0, until.0, at_least.0];
    let first: Option<i64> = statement.query_row(values, |row| row.get(0))?;
    Ok(first.map(Moment))
}

/// Returns how many purchases of unknown customers are kept aside.
pub(crate) fn strays(connection: &Connection) -> Result<i64, Problem> {
    Ok(connection.query_row("SELECT count(*) FROM stray_purchase", [], |row| row.get(0))?)
}
