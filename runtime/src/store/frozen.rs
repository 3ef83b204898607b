//! Frozen lists: who met a condition at a moment, kept for good.

use super::Problem;
use super::segment::Predicate;
use crate::time::Moment;
use rusqlite::types::Value;
use rusqlite::{Connection, Transaction, params, params_from_iter};

/// Tells whether a list was written down.
pub(crate) fn is_made(connection: &Connection, list: &str) -> Result<bool, Problem> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM frozen_list WHERE list = ?")?;
    Ok(statement.exists([list])?)
}

/// Writes a list down, if that has not been done before.
pub(crate) fn make(
    tx: &Transaction<'_>,
    list: &str,
    members: &Predicate,
    now: Moment,
) -> Result<(), Problem> {
    let new = tx
        .prepare_cached("INSERT INTO frozen_list VALUES (?, ?) ON CONFLICT (list) DO NOTHING")?
        .execute(params![list, now.0])?;
    if new == 0 {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO frozen_member (shard, customer_id, list) \
         SELECT c.shard, c.customer_id, ? FROM customer c WHERE {}",
        members.sql
    );
    let mut values = vec![Value::Text(list.to_owned())];
    values.extend(members.params.iter().cloned());
    tx.prepare(&sql)?.execute(params_from_iter(values))?;
    Ok(())
}
