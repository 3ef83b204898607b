//! The built-in wallet: an append-only ledger, and what its entries come to for each lot.

use super::{Problem, gift};
use crate::enrolment::Key;
use crate::step::At;
use crate::time::Moment;
use crate::wallet::{Lot, OWED, pay};
use chainc_compiler::units::Points;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

/// Why points came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A step gave them.
    Granted,
    /// A raised cashback did, for a purchase.
    Cashback,
    /// The till did, for a purchase.
    Earned,
    /// She paid with them.
    Spent,
    /// Their time was over; or it turned out that she had spent them before.
    Expired,
    /// A purchase came back, and with it what it had brought.
    TakenBack,
    /// A purchase came back, and she has again what she had paid with.
    GivenBack,
    /// Points that came in paid for what she owed.
    Settled,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Cashback => "cashback",
            Self::Earned => "earned",
            Self::Spent => "spent",
            Self::Expired => "expired",
            Self::TakenBack => "taken_back",
            Self::GivenBack => "given_back",
            Self::Settled => "settled",
        }
    }
}

/// One thing that happens to a wallet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    /// Whose wallet.
    pub(crate) who: (i64, &'a str),
    /// What it is, so that it cannot be written twice.
    pub(crate) key: &'a str,
    /// Why.
    pub(crate) kind: Kind,
    /// When.
    pub(crate) at: Moment,
    /// The step that caused it.
    pub(crate) step: Option<(&'a Key, &'a At)>,
    /// The purchase that did, or whose return did.
    pub(crate) purchase: Option<&'a [u8]>,
}

/// Writes what an entry does to a lot. The same entry a second time is a bug, and fails the
/// transaction.
pub(crate) fn write(
    tx: &Transaction<'_>,
    entry: Entry<'_>,
    lot: &str,
    points: Points,
) -> Result<(), Problem> {
    gift::unwrap(tx, entry.who)?;
    append(tx, entry, lot, points)?;
    let (shard, customer_id) = entry.who;
    tx.prepare_cached(
        "INSERT INTO lot (shard, customer_id, lot, points_left, since) \
         VALUES (?, ?, ?, ?, ?) ON CONFLICT (shard, customer_id, lot) \
         DO UPDATE SET points_left = points_left + excluded.points_left",
    )?
    .execute(params![shard, customer_id, lot, points.0, entry.at.0])?;
    Ok(())
}

fn append(
    tx: &Transaction<'_>,
    entry: Entry<'_>,
    lot: &str,
    points: Points,
) -> Result<(), Problem> {
    let (shard, customer_id) = entry.who;
    let (key, at) = entry.step.unzip();
    tx.prepare_cached(
        "INSERT INTO entry (shard, customer_id, entry, lot, kind, points, at, chain, \
         cycle, step, round, purchase) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        shard,
        customer_id,
        entry.key,
        lot,
        entry.kind.as_str(),
        points.0,
        entry.at.0,
        key.map(|key| &key.chain),
        key.map(|key| key.cycle),
        at.map(|at| &at.step),
        at.map(|at| at.round),
        entry.purchase,
    ])?;
    Ok(())
}

/// Opens a lot with points that come in; what she owes is paid from them at once, unless
/// they are for one brand only.
pub(crate) fn open(
    tx: &Transaction<'_>,
    entry: Entry<'_>,
    points: Points,
    expires_at: Option<Moment>,
    brand: Option<&str>,
) -> Result<(), Problem> {
    let (shard, customer_id) = entry.who;
    tx.prepare_cached(
        "INSERT INTO lot (shard, customer_id, lot, points_left, since, expires_at, brand) \
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        shard,
        customer_id,
        entry.key,
        points.0,
        entry.at.0,
        expires_at.map(|at| at.0),
        brand,
    ])?;
    append(tx, entry, entry.key, points)?;
    settle(tx, entry)
}

/// Pays what she owes from the points she has, as far as they go: a consequence of an entry
/// that brought some.
pub(crate) fn settle(tx: &Transaction<'_>, entry: Entry<'_>) -> Result<(), Problem> {
    let owed = owed(tx, entry.who)?;
    if owed.0 == 0 {
        return Ok(());
    }
    let payment = pay(&lots(tx, entry.who)?, owed, entry.at, None);
    let paid = Points(owed.0 - payment.uncovered.0);
    if paid.0 == 0 {
        return Ok(());
    }
    let key = format!("settled {}", entry.key);
    let settled = Entry { key: &key, kind: Kind::Settled, ..entry };
    for (lot, points) in payment.from {
        write(tx, settled, &lot, Points(-points.0))?;
    }
    write(tx, settled, OWED, paid)
}

/// Returns what a customer owes.
pub(crate) fn owed(connection: &Connection, who: (i64, &str)) -> Result<Points, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(-sum(points_left), 0) FROM lot \
         WHERE shard = ? AND customer_id = ? AND lot = ?",
    )?;
    Ok(Points(statement.query_row(params![who.0, who.1, OWED], |row| row.get(0))?))
}

/// Returns a customer's lots that have something in them, in the order of their keys.
pub(crate) fn lots(connection: &Connection, who: (i64, &str)) -> Result<Vec<Lot>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT lot, points_left, since, expires_at, brand FROM wallet_lot \
         WHERE shard = ? AND customer_id = ? AND points_left <> 0 ORDER BY lot",
    )?;
    let rows = statement.query_map(params![who.0, who.1], lot)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn lot(row: &Row<'_>) -> rusqlite::Result<Lot> {
    Ok(Lot {
        key: row.get(0)?,
        left: Points(row.get(1)?),
        since: Moment(row.get(2)?),
        expires_at: row.get::<_, Option<i64>>(3)?.map(Moment),
        brand: row.get(4)?,
    })
}

/// Returns lots whose points expired after a moment, and how many did: a purchase of that
/// moment that is heard of late could still be paid with them.
pub(crate) fn expired_since(
    connection: &Connection,
    who: (i64, &str),
    at: Moment,
) -> Result<Vec<Lot>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT l.lot, -sum(e.points), l.since, l.expires_at, l.brand FROM lot l \
         JOIN entry e USING (shard, customer_id, lot) \
         WHERE l.shard = ? AND l.customer_id = ? AND l.expires_at > ? AND e.kind = 'expired' \
         GROUP BY l.lot HAVING sum(e.points) < 0 ORDER BY l.lot",
    )?;
    let rows = statement.query_map(params![who.0, who.1, at.0], lot)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Points whose time is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expiring {
    /// The customer's shard.
    pub(crate) shard: i64,
    /// The customer.
    pub(crate) customer_id: String,
    /// Their lot.
    pub(crate) lot: String,
    /// How many.
    pub(crate) points: Points,
    /// Since when.
    pub(crate) expires_at: Moment,
    /// How often points of the lot have expired before.
    pub(crate) times_before: i64,
}

/// Returns lots with points whose time is over at a moment, in its order.
pub(crate) fn expiring(
    connection: &Connection,
    now: Moment,
    limit: i64,
) -> Result<Vec<Expiring>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT shard, customer_id, lot, points_left, expires_at, \
         (SELECT count(*) FROM entry e WHERE e.shard = l.shard \
          AND e.customer_id = l.customer_id AND e.lot = l.lot AND e.kind = 'expired') \
         FROM lot l WHERE points_left > 0 AND expires_at IS NOT NULL AND expires_at <= ? \
         ORDER BY expires_at, shard, customer_id, lot LIMIT ?",
    )?;
    let rows = statement.query_map(params![now.0, limit], |row| {
        Ok(Expiring {
            shard: row.get(0)?,
            customer_id: row.get(1)?,
            lot: row.get(2)?,
            points: Points(row.get(3)?),
            expires_at: Moment(row.get(4)?),
            times_before: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What an entry brought, and the step that had it brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gain {
    /// How much.
    pub(crate) points: Points,
    /// The step, if one did.
    pub(crate) step: Option<(Key, At)>,
}

/// Returns what an entry brought into its own lot.
pub(crate) fn gain(
    connection: &Connection,
    (shard, customer_id): (i64, &str),
    entry: &str,
) -> Result<Option<Gain>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT points, chain, cycle, step, round, \
         (SELECT c.number FROM customer c WHERE c.shard = ?1 AND c.customer_id = ?2), \
         (SELECT n.number FROM chain n WHERE n.name = chain) FROM entry \
         WHERE shard = ?1 AND customer_id = ?2 AND entry = ?3 AND lot = ?3",
    )?;
    let gain = statement.query_row(params![shard, customer_id, entry], |row| {
        let chain: Option<String> = row.get(1)?;
        let step = match chain {
            Some(chain) => {
                let customer_id = customer_id.to_owned();
                let key = Key {
                    shard,
                    customer_id,
                    chain,
                    cycle: row.get(2)?,
                    number: row.get(5)?,
                    chain_number: row.get(6)?,
                };
                Some((key, At { step: row.get(3)?, round: row.get(4)? }))
            }
            None => None,
        };
        Ok(Gain { points: Points(row.get(0)?), step })
    });
    Ok(gain.optional()?)
}

/// Returns what returns of a purchase have taken back so far, by the beginning of the
/// entries' keys.
pub(crate) fn taken_back(
    connection: &Connection,
    who: (i64, &str),
    purchase: &[u8],
    prefix: &str,
) -> Result<Points, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(-sum(points), 0) FROM entry WHERE shard = ? AND customer_id = ? \
         AND purchase = ? AND kind = 'taken_back' AND instr(entry, ?) = 1",
    )?;
    let sum = statement.query_row(params![who.0, who.1, purchase, prefix], |row| row.get(0))?;
    Ok(Points(sum))
}

/// Returns the lots a purchase was paid from, with what has not come back of it.
pub(crate) fn paid(
    connection: &Connection,
    who: (i64, &str),
    purchase: &[u8],
) -> Result<Vec<Lot>, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT e.lot, -sum(e.points), l.since, l.expires_at, l.brand FROM entry e \
         JOIN lot l USING (shard, customer_id, lot) \
         WHERE e.shard = ? AND e.customer_id = ? AND e.purchase = ? \
         AND e.kind IN ('spent', 'given_back') GROUP BY e.lot ORDER BY e.lot",
    )?;
    let rows = statement.query_map(params![who.0, who.1, purchase], lot)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns what a customer was given since a moment, by some chains or by all.
pub(crate) fn given_since(
    connection: &Connection,
    key: &Key,
    chains: Option<&[String]>,
    since: Moment,
) -> Result<i64, Problem> {
    let mut statement = connection.prepare_cached(
        "SELECT chain, points FROM wallet_entry WHERE shard = ? AND customer_id = ? \
         AND at > ? AND kind IN ('granted', 'cashback')",
    )?;
    let mut rows = statement.query(params![key.shard, key.customer_id, since.0])?;
    let mut sum: i64 = 0;
    while let Some(row) = rows.next()? {
        let (chain, points): (String, i64) = (row.get(0)?, row.get(1)?);
        if chains.is_none_or(|chains| chains.contains(&chain)) {
            sum = sum.saturating_add(points);
        }
    }
    Ok(sum)
}
