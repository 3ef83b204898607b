//! Which purchases are here, so that each counts once.
//!
//! What makes a purchase the same when it comes again is a hash, so this is the one place where
//! every purchase goes anywhere: it is kept as small as it can be. A purchase has the place that
//! the beginning of its hash says, or the next free one behind it.

use crate::store::Problem;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, params};

/// Returns where a purchase is looked for first: 42 bits, which take six bytes in the store.
/// Of a hundred million purchases a thousand have to move on.
fn place(event_id: &[u8]) -> i64 {
    let first = u64::from_be_bytes(event_id.first_chunk().copied().unwrap_or_default());
    (first >> 22).cast_signed()
}

/// Returns the number of a purchase.
pub(crate) fn find(connection: &Connection, event_id: &[u8]) -> Result<Option<i64>, Problem> {
    let mut place = place(event_id);
    while let Some(sale) = at(connection, place)? {
        if is(connection, sale, event_id)? {
            return Ok(Some(sale));
        }
        place = place.wrapping_add(1);
    }
    Ok(None)
}

/// Notes purchases that come together, each by what makes it this one, its place among them
/// and its number; tells of each whether it is new. Of two that are one, the first is.
pub(super) fn note_all(
    tx: &Transaction<'_>,
    mut all: Vec<([u8; 16], usize, i64)>,
) -> Result<Vec<(usize, bool)>, Problem> {
    // That is the order of their places, too.
    all.sort_unstable();
    let mut noted = Vec::with_capacity(all.len());
    let mut before = None;
    let mut insert = tx.prepare_cached(INSERT)?;
    for (event_id, at, number) in all {
        let is_new = before != Some(event_id) && note(tx, &mut insert, &event_id, number)?;
        noted.push((at, is_new));
        before = Some(event_id);
    }
    Ok(noted)
}

/// Notes that a purchase is here, under a number; false if it was already.
fn note(
    tx: &Transaction<'_>,
    insert: &mut CachedStatement<'_>,
    event_id: &[u8],
    sale: i64,
) -> Result<bool, Problem> {
    let mut place = place(event_id);
    while insert.execute([place, sale])? == 0 {
        if let Some(there) = at(tx, place)?
            && is(tx, there, event_id)?
        {
            return Ok(false);
        }
        place = place.wrapping_add(1);
    }
    Ok(true)
}

const INSERT: &str = "INSERT INTO sale_once (place, sale) VALUES (?, ?) ON CONFLICT DO NOTHING";

/// Forgets a purchase that is about to go.
pub(super) fn forget(tx: &Transaction<'_>, event_id: &[u8], sale: i64) -> Result<(), Problem> {
    let mut place = place(event_id);
    while at(tx, place)?.is_some_and(|there| there != sale) {
        place = place.wrapping_add(1);
    }
    let take = |place: i64| -> Result<Option<i64>, Problem> {
        let mut delete =
            tx.prepare_cached("DELETE FROM sale_once WHERE place = ? RETURNING sale")?;
        Ok(delete.query_row([place], |row| row.get(0)).optional()?)
    };
    take(place)?;
    // Whoever comes right behind may stand there because the place was taken.
    loop {
        place = place.wrapping_add(1);
        let Some(next) = take(place)? else { return Ok(()) };
        let its: Option<Vec<u8>> = tx
            .prepare_cached("SELECT event_id FROM sale WHERE number = ?")?
            .query_row([next], |row| row.get(0))
            .optional()?;
        if let Some(its) = its {
            note(tx, &mut tx.prepare_cached(INSERT)?, &its, next)?;
        }
    }
}

fn at(connection: &Connection, place: i64) -> Result<Option<i64>, Problem> {
    let mut statement = connection.prepare_cached("SELECT sale FROM sale_once WHERE place = ?")?;
    Ok(statement.query_row([place], |row| row.get(0)).optional()?)
}

fn is(connection: &Connection, sale: i64, event_id: &[u8]) -> Result<bool, Problem> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM sale WHERE number = ? AND event_id = ?")?;
    Ok(statement.exists(params![sale, event_id])?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::store::Store;

    /// Purchases whose hashes begin alike stand side by side, also when some of them go.
    #[test]
    fn purchases_of_one_place_are_told_apart() {
        let path = std::env::temp_dir().join(format!("chainc-once-{}.db", std::process::id()));
        let mut store = Store::open_or_create(&path).unwrap();
        let id = |place: u64, last: u8| {
            let mut id = [last; 16];
            id[..8].copy_from_slice(&(place << 22).to_be_bytes());
            id
        };
        // Three of one place, one of the next, and those at the very end of all places.
        let ids =
            [id(7, 1), id(7, 2), id(8, 3), id(7, 4), id((1 << 42) - 1, 5), id((1 << 42) - 1, 6)];
        store
            .write(|tx| {
                let add = |number: usize| {
                    let number = i64::try_from(number).unwrap();
                    let id = ids[usize::try_from(number - 1).unwrap()];
                    tx.execute(
                        "INSERT INTO sale (number, customer, occurred_at, event_id, amount) \
                         VALUES (?, 1, 0, ?, 0)",
                        params![number, id.as_slice()],
                    )?;
                    note(tx, &mut tx.prepare_cached(INSERT)?, &id, number)
                };
                for number in 1..=ids.len() {
                    assert!(add(number)?);
                }
                for (at, id) in ids.iter().enumerate() {
                    assert_eq!(find(tx, id)?, i64::try_from(at + 1).ok());
                    assert!(!note(tx, &mut tx.prepare_cached(INSERT)?, id, 99)?);
                }
                for gone in 1..=ids.len() {
                    let number = i64::try_from(gone).unwrap();
                    forget(tx, &ids[gone - 1], number)?;
                    tx.execute("DELETE FROM sale WHERE number = ?", [number])?;
                    for (at, id) in ids.iter().enumerate() {
                        let left = (at >= gone).then(|| i64::try_from(at + 1).unwrap());
                        assert_eq!(find(tx, id)?, left, "{at} behind {gone}");
                    }
                }
                let left: i64 =
                    tx.query_row("SELECT count(*) FROM sale_once", [], |row| row.get(0))?;
                assert_eq!(left, 0);
                Ok(())
            })
            .unwrap();
        drop(store);
        std::fs::remove_file(path).unwrap();
    }
}
