//! When customers last bought of a brand or from a category, kept current.

use super::Problem;
use super::purchases::HERS;
use crate::time::Moment;
use rusqlite::{Transaction, params};

/// Returns the words of a purchase's categories.
pub(crate) fn words(categories: Option<&str>) -> impl Iterator<Item = &str> {
    let words = categories.into_iter().flat_map(|all| all.split(';')).map(str::trim);
    words.filter(|word| !word.is_empty())
}

/// Remembers what a purchase was of.
pub(crate) fn add(
    tx: &Transaction<'_>,
    (shard, customer_id): (i64, &str),
    at: Moment,
    brand: Option<&str>,
    categories: Option<&str>,
) -> Result<(), Problem> {
    let brands = brand.into_iter().map(|brand| ("brand", brand));
    let mut statement = tx.prepare_cached(
        "INSERT INTO bought_last (shard, customer_id, kind, word, last_at) VALUES (?, ?, ?, ?, ?) \
         ON CONFLICT (shard, customer_id, kind, word) \
         DO UPDATE SET last_at = max(last_at, excluded.last_at)",
    )?;
    for (kind, word) in brands.chain(words(categories).map(|word| ("category", word))) {
        statement.execute(params![shard, customer_id, kind, word, at.0])?;
    }
    Ok(())
}

/// Looks through a customer's purchases anew, where adding does not do.
pub(crate) fn recount(tx: &Transaction<'_>, shard: i64, customer_id: &str) -> Result<(), Problem> {
    tx.prepare_cached("DELETE FROM bought_last WHERE shard = ? AND customer_id = ?")?
        .execute(params![shard, customer_id])?;
    let mut statement = tx.prepare_cached(&format!(
        "{HERS} SELECT occurred_at, brand, categories FROM hers \
         WHERE known = 1 AND (brand IS NOT NULL OR categories IS NOT NULL)"
    ))?;
    let mut rows = statement.query(params![shard, customer_id, i64::MIN])?;
    while let Some(row) = rows.next()? {
        let (at, brand, categories): (i64, Option<String>, Option<String>) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let who = (shard, customer_id);
        add(tx, who, Moment(at), brand.as_deref(), categories.as_deref())?;
    }
    Ok(())
}
