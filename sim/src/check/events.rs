//! Every event that the store has said yes to is there, once, and counts once; who was erased
//! is gone.

use super::rows::none;
use super::{Found, View, Violation};
use rusqlite::Row;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(view: View<'_>) -> Found {
    let mut found = Vec::new();
    purchases(view, &mut found)?;
    words(view, &mut found)?;
    erased(view, &mut found)?;
    found.extend(numbers(view)?);
    Ok(found)
}

/// Reads rows, each under a key.
fn by_key<K: Ord, R>(
    view: View<'_>,
    sql: &str,
    key: impl Fn(&Row<'_>) -> rusqlite::Result<K>,
    value: impl Fn(&Row<'_>) -> rusqlite::Result<R>,
) -> rusqlite::Result<BTreeMap<K, R>> {
    let mut statement = view.db.prepare_cached(sql)?;
    statement.query_map([], |row| Ok((key(row)?, value(row)?)))?.collect()
}

/// Purchases and returns.
fn purchases(view: View<'_>, found: &mut Vec<Violation>) -> rusqlite::Result<()> {
    const PROMISE: &str = "every acknowledged event is there";
    let log = view.log;
    let rows = by_key(
        view,
        "SELECT external_id, count(*), max(occurred_at), max(amount + returned), max(known), \
         max(customer_id) FROM purchase GROUP BY external_id",
        |row| row.get::<_, String>(0),
        |row| Ok((row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)),
    )?;
    let aside = by_key(
        view,
        "SELECT external_id, count(*) FROM stray_purchase WHERE external_id IS NOT NULL \
         GROUP BY external_id",
        |row| row.get::<_, String>(0),
        |row| row.get::<_, i64>(1),
    )?;
    for bought in log.purchases.iter().filter(|bought| bought.told.is_acked()) {
        if !log.is_plain(&bought.customer) {
            continue;
        }
        let known = log.person(&bought.customer).is_some_and(|person| person.told.is_acked());
        let row: Option<&(i64, i64, i64, i64, String)> = rows.get(&bought.receipt);
        let (n, at, amount, told, who) = row.cloned().unwrap_or_default();
        let strays = aside.get(&bought.receipt).copied().unwrap_or(0);
        let what = format!("purchase {} of {}", bought.receipt, bought.customer);
        if n + strays == 0 {
            found.push(Violation::new(PROMISE, what));
        } else if n + strays > 1 {
            found.push(Violation::new("an event counts once", format!("{what}: {n}")));
        } else if n == 1 && (at != bought.at || amount != bought.amount || who != bought.customer) {
            found.push(Violation::new(PROMISE, format!("{what} is another one: {at} {amount}")));
        } else if known && (strays > 0 || (bought.at <= view.now && told == 0)) {
            found.push(Violation::new(PROMISE, format!("{what} was never told")));
        }
    }
    let receipts: BTreeSet<&String> = log
        .purchases
        .iter()
        .filter(|bought| bought.told.tried.is_some())
        .map(|bought| &bought.receipt)
        .collect();
    for receipt in rows.keys().filter(|receipt| !receipts.contains(receipt)) {
        found.push(Violation::new("an event counts once", format!("nobody told {receipt}")));
    }
    let returned = by_key(
        view,
        "SELECT p.external_id, r.occurred_at, count(*) FROM purchase_return r \
         JOIN purchase p ON p.event_id = r.purchase GROUP BY 1, 2",
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)),
        |row| row.get::<_, i64>(2),
    )?;
    for back in log.returns.iter().filter(|back| back.told.is_acked()) {
        let bought = &log.purchases[back.purchase];
        let n = returned.get(&(bought.receipt.clone(), back.at)).copied().unwrap_or(0);
        if log.is_plain(&bought.customer) && n != 1 {
            let what = format!("return of {} stands there {n} times", bought.receipt);
            found.push(Violation::new(PROMISE, what));
        }
    }
    Ok(())
}

/// What customers said and did.
fn words(view: View<'_>, found: &mut Vec<Violation>) -> rusqlite::Result<()> {
    const PROMISE: &str = "every acknowledged event is there";
    let log = view.log;
    let said = by_key(
        view,
        "SELECT customer_id, channel, at, granted, count(*) FROM consent GROUP BY 1, 2, 3, 4",
        |row| {
            let (id, channel): (String, String) = (row.get(0)?, row.get(1)?);
            Ok((id, channel, row.get::<_, i64>(2)?, row.get::<_, bool>(3)?))
        },
        |row| row.get::<_, i64>(4),
    )?;
    let has = |id: &str, channel: &str, at: i64, granted: bool| {
        said.get(&(id.to_owned(), channel.to_owned(), at, granted)).copied().unwrap_or(0)
    };
    for word in log.said.iter().filter(|word| word.told.is_acked()) {
        let n = has(&word.customer, word.channel.as_str(), word.at, word.granted);
        if log.is_plain(&word.customer) && n != 1 {
            let what =
                format!("{}'s word on {} stands there {n} times", word.customer, word.channel);
            found.push(Violation::new(PROMISE, what));
        }
    }
    for person in log.people.iter().filter(|one| one.told.is_acked() && log.is_plain(&one.id)) {
        for (channel, granted) in &person.states {
            if has(&person.id, channel.as_str(), person.registered_at, *granted) != 1 {
                found.push(Violation::new(PROMISE, format!("{}'s word on {channel}", person.id)));
            }
        }
    }
    let events = by_key(
        view,
        "SELECT occurred_at, what, count(*), count(came_to), max(customer_id) FROM event \
         GROUP BY 1, 2",
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
        |row| Ok((row.get(2)?, row.get(3)?, row.get(4)?)),
    )?;
    let mut tried: BTreeMap<(i64, &str), usize> = BTreeMap::new();
    for happening in log.happenings.iter().filter(|one| one.told.tried.is_some()) {
        *tried.entry((happening.at, happening.what)).or_default() += 1;
    }
    for happening in log.happenings.iter().filter(|one| one.told.is_acked()) {
        let wanted = tried.get(&(happening.at, happening.what)).copied().unwrap_or(0);
        let row: Option<&(i64, i64, String)> =
            events.get(&(happening.at, happening.what.to_owned()));
        let (n, heard, who) = row.cloned().unwrap_or_default();
        let is_muddled = !log.muddled.is_empty();
        if is_muddled || wanted > 1 {
            continue;
        }
        let what = format!("{} {} of {who}", happening.what, happening.id);
        if n != 1 {
            found.push(Violation::new(PROMISE, format!("{what} stands there {n} times")));
        } else if happening.at <= view.now && heard == 0 {
            found.push(Violation::new(PROMISE, format!("{what} was never heard of")));
        }
    }
    Ok(())
}

fn erased(view: View<'_>, found: &mut Vec<Violation>) -> rusqlite::Result<()> {
    let gone = view.log.erased.iter().filter(|gone| gone.told.is_acked());
    let gone: Vec<&String> = gone.map(|gone| &gone.customer).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let mut tables = view.db.prepare_cached(
        "SELECT name FROM sqlite_schema t WHERE type = 'table' AND EXISTS (SELECT 1 FROM \
         pragma_table_info(t.name) c WHERE c.name = 'customer_id') ORDER BY name",
    )?;
    let names = tables.query_map([], |row| row.get::<_, String>(0))?;
    for table in names.collect::<rusqlite::Result<Vec<_>>>()? {
        for customer in &gone {
            let sql = format!("SELECT count(*) FROM {table} WHERE customer_id = ?");
            let n: i64 = view.db.query_row(&sql, [customer], |row| row.get(0))?;
            if n > 0 {
                let what = format!("{n} rows of {customer} in {table}");
                found.push(Violation::new("who is erased is gone", what));
            }
        }
    }
    Ok(())
}

/// A customer's numbers are those of her purchases.
fn numbers(view: View<'_>) -> Found {
    let mut found = none(
        view,
        "an event counts once",
        "SELECT c.customer_id || ': ' || c.purchases || ' purchases of ' || c.spent || ', and ' \
         || count(p.event_id) || ' of ' || coalesce(sum(p.amount), 0) || ' are known' \
         FROM customer c LEFT JOIN purchase p ON p.shard = c.shard \
         AND p.customer_id = c.customer_id AND p.known = 1 GROUP BY c.shard, c.customer_id \
         HAVING c.purchases <> count(p.event_id) OR c.spent <> coalesce(sum(p.amount), 0) \
         OR c.last_purchase_at IS NOT max(p.occurred_at) \
         OR c.first_purchase_at IS NOT min(p.occurred_at)",
    )?;
    found.extend(none(
        view,
        "an event counts once",
        "SELECT x.customer_id || ' in ' || x.window || ': ' || x.purchases FROM \
         (SELECT c.shard, c.customer_id, w.window, w.since, coalesce(v.purchases, 0) AS purchases, \
          coalesce(v.spent, 0) AS spent FROM customer c CROSS JOIN counted_window w \
          LEFT JOIN purchase_window v USING (shard, customer_id, window)) x \
         LEFT JOIN purchase p ON p.shard = x.shard AND p.customer_id = x.customer_id \
         AND p.known = 1 AND p.occurred_at >= x.since GROUP BY x.shard, x.customer_id, x.window \
         HAVING x.purchases <> count(p.event_id) OR x.spent <> coalesce(sum(p.amount), 0)",
    )?);
    found.extend(none(
        view,
        "an event counts once",
        "SELECT p.external_id || ' is returned by ' || p.returned FROM purchase p LEFT JOIN \
         purchase_return r ON r.purchase = p.event_id AND r.known = 1 GROUP BY p.event_id, p.shard, \
         p.customer_id, p.occurred_at HAVING p.returned <> coalesce(sum(r.amount), 0) \
         OR (p.known = 2) <> (p.amount = 0 AND p.returned > 0)",
    )?);
    Ok(found)
}
