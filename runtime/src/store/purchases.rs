//! Purchases come in, each once: in the order in which they come, whosever they are.

mod heard;
mod once;

pub(crate) use heard::{
    HERS, News, count, first_within, is_news, move_all, news, recount, remove_all, tell,
};
pub(crate) use once::find;

use super::Problem;
use crate::mutant::{self, Mutant};
use crate::time::Moment;
use chainc_compiler::units::{Minor, Points};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::borrow::{Borrow, Cow};

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

/// Keeps purchases, each once; returns what became of each.
///
/// Who bought, and what is here already, is asked in the order in which the store holds it: if
/// many come together, several are on one page.
pub(crate) fn keep_all(
    tx: &Transaction<'_>,
    purchases: &[impl Borrow<Purchase>],
) -> Result<Vec<Kept>, Problem> {
    let purchases: Vec<&Purchase> = purchases.iter().map(Borrow::borrow).collect();
    if mutant::is(Mutant::RepeatsCount) || mutant::is(Mutant::DedupByWindow) {
        return purchases.into_iter().map(|purchase| wrong(tx, purchase)).collect();
    }
    keep_right(tx, &purchases)
}

fn keep_right(tx: &Transaction<'_>, purchases: &[&Purchase]) -> Result<Vec<Kept>, Problem> {
    let all: Vec<(&Purchase, Buyer<'_>)> =
        purchases.iter().copied().zip(buyers(tx, purchases)?).collect();
    let first: i64 =
        tx.query_row("SELECT coalesce(max(number), 0) + 1 FROM sale", [], |row| row.get(0))?;
    // Of those that come together the earliest is the first.
    let by_time = sorted(purchases.iter().map(|one| (one.occurred_at, one.event_id)));
    let numbered = || {
        let numbered = by_time.iter().zip(first..);
        numbered.filter_map(|(at, number)| all.get(*at).map(|one| (*at, number, one)))
    };
    let known = numbered().filter(|(.., (_, buyer))| buyer.number.is_some());
    let known = known.map(|(at, number, (purchase, _))| (purchase.event_id, at, number));
    let mut kept = vec![Kept::Stray; all.len()];
    for (at, is_new) in once::note_all(tx, known.collect())? {
        if let Some(kept) = kept.get_mut(at) {
            *kept = if is_new { Kept::New } else { Kept::Repeat };
        }
    }
    let mut insert = tx.prepare_cached(INSERT)?;
    for (at, number, (purchase, buyer)) in numbered() {
        let Some(kept) = kept.get_mut(at) else { continue };
        match (buyer.number, *kept) {
            (None, _) => *kept = set_aside(tx, purchase, &buyer.id)?,
            (Some(customer), Kept::New) => {
                insert.execute(params![
                    number,
                    customer,
                    purchase.occurred_at.0,
                    purchase.event_id.as_slice(),
                    purchase.amount.0,
                    purchase.external_id,
                    purchase.items,
                    purchase.store_id,
                    purchase.brand,
                    purchase.categories,
                    purchase.points_spent.0,
                    purchase.points_earned.0,
                ])?;
            }
            (Some(_), _) => {}
        }
    }
    Ok(kept)
}

const INSERT: &str = "INSERT INTO sale (number, customer, occurred_at, event_id, amount, \
    external_id, items, store_id, brand, categories, points_spent, points_earned) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// Returns the places of keys in their order. Keys that are sorted side by side are several
/// times as fast as ones that are looked up.
fn sorted<K: Ord>(keys: impl Iterator<Item = K>) -> Vec<usize> {
    let mut keys: Vec<(K, usize)> = keys.zip(0..).collect();
    keys.sort_unstable();
    keys.into_iter().map(|(_, at)| at).collect()
}

/// Who bought.
struct Buyer<'a> {
    /// Her key, as she is called now.
    id: Cow<'a, str>,
    /// Her number, if she is known.
    number: Option<i64>,
}

/// Returns the buyer of each purchase.
fn buyers<'a>(tx: &Transaction<'_>, purchases: &[&'a Purchase]) -> Result<Vec<Buyer<'a>>, Problem> {
    let merged = tx.prepare_cached("SELECT 1 FROM merged")?.exists([])?;
    let mut buyers = Vec::with_capacity(purchases.len());
    for purchase in purchases {
        let now =
            if merged { super::merging::now_called(tx, &purchase.customer_id)? } else { None };
        let id = now.map_or(Cow::Borrowed(purchase.customer_id.as_str()), Cow::Owned);
        buyers.push((crate::key::shard(&id), Buyer { id, number: None }));
    }
    // The beginning of a key is enough to come close.
    let start = |id: &str| {
        let mut start = [0; 16];
        start.iter_mut().zip(id.bytes()).for_each(|(to, from)| *to = from);
        start
    };
    let mut statement =
        tx.prepare_cached("SELECT number FROM customer WHERE shard = ? AND customer_id = ?")?;
    for at in sorted(buyers.iter().map(|(shard, buyer)| (*shard, start(&buyer.id)))) {
        if let Some((shard, buyer)) = buyers.get_mut(at) {
            let number = statement.query_row(params![*shard, buyer.id], |row| row.get(0));
            buyer.number = number.optional()?;
        }
    }
    Ok(buyers.into_iter().map(|(_, buyer)| buyer).collect())
}

fn set_aside(tx: &Transaction<'_>, purchase: &Purchase, id: &str) -> Result<Kept, Problem> {
    let new = tx
        .prepare_cached(
            "INSERT INTO stray_purchase (event_id, customer_id, occurred_at, amount, external_id, \
             items, store_id, brand, categories, points_spent, points_earned) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING",
        )?
        .execute(params![
            purchase.event_id.as_slice(),
            id,
            purchase.occurred_at.0,
            purchase.amount.0,
            purchase.external_id,
            purchase.items,
            purchase.store_id,
            purchase.brand,
            purchase.categories,
            purchase.points_spent.0,
            purchase.points_earned.0,
        ])?;
    Ok(if new == 0 { Kept::Repeat } else { Kept::Stray })
}

/// Keeps a purchase as a deliberate fault has it.
fn wrong(tx: &Transaction<'_>, purchase: &Purchase) -> Result<Kept, Problem> {
    let mut purchase = purchase.clone();
    if mutant::is(Mutant::RepeatsCount) {
        let same = "SELECT count(*) FROM sale WHERE external_id IS ?";
        let n: i64 = tx.query_row(same, [&purchase.external_id], |row| row.get(0))?;
        if n > 0 {
            purchase.event_id = crate::key::event(&[&purchase.event_id, &n.to_le_bytes()]);
        }
    } else {
        let near = "SELECT 1 FROM purchase WHERE customer_id = ? AND abs(occurred_at - ?) < 60000";
        if tx.prepare(near)?.exists(params![purchase.customer_id, purchase.occurred_at.0])? {
            return Ok(Kept::Repeat);
        }
    }
    let kept = keep_right(tx, &[&purchase])?;
    Ok(kept.first().copied().unwrap_or(Kept::Repeat))
}

/// Tells of each purchase whether it is here already under its own id.
pub(crate) fn are_kept(
    connection: &Connection,
    purchases: &[Purchase],
) -> Result<Vec<bool>, Problem> {
    let mut order: Vec<(usize, &Purchase)> = purchases.iter().enumerate().collect();
    order.sort_by_key(|(_, purchase)| purchase.event_id);
    let mut are_kept = vec![false; purchases.len()];
    let mut its = connection.prepare_cached(
        "SELECT 1 FROM sale s JOIN customer c ON c.number = s.customer \
         WHERE s.number = ? AND c.customer_id = ? AND s.occurred_at = ?",
    )?;
    let mut aside = connection.prepare_cached(
        "SELECT 1 FROM stray_purchase WHERE event_id = ? AND customer_id = ? AND occurred_at = ?",
    )?;
    for (at, purchase) in order {
        let Purchase { event_id, customer_id, occurred_at, .. } = purchase;
        let is_kept = match find(connection, event_id)? {
            Some(number) => its.exists(params![number, customer_id, occurred_at.0])?,
            None => false,
        };
        let id = event_id.as_slice();
        if let Some(kept) = are_kept.get_mut(at) {
            *kept = is_kept || aside.exists(params![id, customer_id, occurred_at.0])?;
        }
    }
    Ok(are_kept)
}

/// Takes in the purchases that were kept aside for a customer; returns how many.
pub(crate) fn adopt(tx: &Transaction<'_>, customer_id: &str) -> Result<usize, Problem> {
    let mut statement = tx.prepare_cached(
        "SELECT event_id, customer_id, occurred_at, amount, external_id, items, store_id, brand, \
         categories, points_spent, points_earned FROM stray_purchase WHERE customer_id = ?",
    )?;
    let strays = statement.query_map([customer_id], |row| {
        Ok(Purchase {
            event_id: row.get(0)?,
            customer_id: row.get(1)?,
            occurred_at: Moment(row.get(2)?),
            amount: Minor(row.get(3)?),
            external_id: row.get(4)?,
            items: row.get(5)?,
            store_id: row.get(6)?,
            brand: row.get(7)?,
            categories: row.get(8)?,
            points_spent: Points(row.get(9)?),
            points_earned: Points(row.get(10)?),
        })
    })?;
    let strays = strays.collect::<Result<Vec<_>, _>>()?;
    if strays.is_empty() {
        return Ok(0);
    }
    let kept = keep_right(tx, &strays.iter().collect::<Vec<_>>())?;
    tx.prepare_cached("DELETE FROM stray_purchase WHERE customer_id = ?")?
        .execute([customer_id])?;
    Ok(kept.into_iter().filter(|kept| *kept == Kept::New).count())
}

/// Returns how many purchases of unknown customers are kept aside.
pub(crate) fn strays(connection: &Connection) -> Result<i64, Problem> {
    Ok(connection.query_row("SELECT count(*) FROM stray_purchase", [], |row| row.get(0))?)
}
