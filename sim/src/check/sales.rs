//! Purchases are found where they are looked for: each once by what makes it the same when it
//! comes again, and those of a customer that are known from her own row on.

use super::{Found, View, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// A purchase as it lies in the store.
struct Sale {
    customer: i64,
    at: (i64, Vec<u8>),
    known: bool,
    before: Option<i64>,
}

pub(super) fn check(view: View<'_>) -> Found {
    let mut statement = view.db.prepare_cached(
        "SELECT number, customer, occurred_at, event_id, known, before FROM sale",
    )?;
    let rows = statement.query_map([], |row| {
        let known: i64 = row.get(4)?;
        let sale = Sale {
            customer: row.get(1)?,
            at: (row.get(2)?, row.get(3)?),
            known: known > 0,
            before: row.get(5)?,
        };
        Ok((row.get(0)?, sale))
    })?;
    let sales: BTreeMap<i64, Sale> = rows.collect::<rusqlite::Result<_>>()?;
    let mut found = hanging(view, &sales)?;
    found.extend(places(view, &sales)?);
    Ok(found)
}

/// Every known purchase hangs at its customer, once, and the later ones come first.
fn hanging(view: View<'_>, sales: &BTreeMap<i64, Sale>) -> Found {
    const PROMISE: &str = "a customer's purchases hang together";
    let mut found = Vec::new();
    let mut met = BTreeSet::new();
    let mut statement =
        view.db.prepare_cached("SELECT number, customer_id, last_sale FROM customer")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (customer, id): (i64, String) = (row.get(0)?, row.get(1)?);
        let mut next: Option<i64> = row.get(2)?;
        let mut last: Option<&(i64, Vec<u8>)> = None;
        while let Some(number) = next {
            let Some(sale) = sales.get(&number).filter(|sale| sale.known) else {
                found.push(Violation::new(PROMISE, format!("{id} has no purchase {number}")));
                break;
            };
            let is_in_order = last.is_none_or(|last| sale.at < *last);
            if sale.customer != customer || !is_in_order || !met.insert(number) {
                found.push(Violation::new(PROMISE, format!("{id}: {number} is out of place")));
                break;
            }
            (last, next) = (Some(&sale.at), sale.before);
        }
    }
    let known = sales.iter().filter(|(_, sale)| sale.known);
    for (number, _) in known.filter(|(number, _)| !met.contains(number)) {
        found.push(Violation::new(PROMISE, format!("nobody has purchase {number}")));
    }
    Ok(found)
}

/// Every purchase has a place, and none before it is free.
fn places(view: View<'_>, sales: &BTreeMap<i64, Sale>) -> Found {
    const PROMISE: &str = "a purchase is known when it comes again";
    let mut statement = view.db.prepare_cached("SELECT place, sale FROM sale_once")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let places: BTreeMap<i64, i64> = rows.collect::<rusqlite::Result<_>>()?;
    let mut found = Vec::new();
    for (place, number) in &places {
        let Some(sale) = sales.get(number) else {
            found.push(Violation::new(PROMISE, format!("there is no purchase {number}")));
            continue;
        };
        let begins = sale.at.1.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let first = i64::try_from(begins >> 22).unwrap_or(i64::MAX);
        if first > *place || (first..*place).any(|before| !places.contains_key(&before)) {
            found.push(Violation::new(PROMISE, format!("{number} is not found at {place}")));
        }
    }
    let placed: BTreeSet<i64> = places.into_values().collect();
    for number in sales.keys().filter(|number| !placed.contains(number)) {
        found.push(Violation::new(PROMISE, format!("{number} has no place")));
    }
    Ok(found)
}
