//! Two keys turn out to be one customer: everything of the one becomes the other's.
//!
//! One transaction. What she was in under the old key ends as `merged`; what she has been
//! in, was given and was told counts as hers, so that nothing is given to her twice. Files
//! may go on naming the old key.

use super::wallet::{Entry, Kind};
use super::{Problem, Result, Store, cohort, gift, purchases, run_state, sheet, wallet};
use crate::enrolment::Id;
use crate::time::Moment;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// What a merge came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merge {
    /// The two are one.
    Done(Moved),
    /// They were, already.
    Already,
    /// A key cannot be merged into itself.
    Same,
    /// Nobody has this key.
    Unknown(String),
}

/// What went over to the other key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moved {
    /// Chains that ended for her.
    pub chains: i64,
    /// Queued messages that will not leave any more.
    pub queued: i64,
    /// Purchases.
    pub purchases: i64,
    /// Points.
    pub points: i64,
}

/// A customer in a store: shard and key.
type Who<'a> = (i64, &'a str);

/// Makes everything of one key another one's.
///
/// # Errors
/// Whatever the store says; then nothing has changed.
pub fn merge(store: &mut Store, old: &str, new: &str, by: &str, now: Moment) -> Result<Merge> {
    store.write(|tx| {
        if old == new {
            return Ok(Merge::Same);
        }
        if now_called(tx, old)?.as_deref() == Some(new) {
            return Ok(Merge::Already);
        }
        for id in [old, new] {
            if !super::customers::exists(tx, id)? {
                return Ok(Merge::Unknown(id.to_owned()));
            }
        }
        let at = run_state::replayed_to(tx)?.unwrap_or(now);
        let (from, to) = ((crate::key::shard(old), old), (crate::key::shard(new), new));
        let old_number = number_of(tx, from)?;
        gift::unwrap(tx, from)?;
        gift::unwrap(tx, to)?;
        let moved = end(tx, from, at)?;
        consents(tx, from, to)?;
        rename_lots(tx, from)?;
        walked(tx, from, to)?;
        points(tx, from, to)?;
        profile(tx, from, to)?;
        everything_else(tx, from, to)?;
        purchases::move_all(tx, old_number, number_of(tx, to)?)?;
        tx.execute(
            "DELETE FROM customer WHERE shard = ? AND customer_id = ?",
            params![from.0, old],
        )?;
        tx.execute("UPDATE merged SET customer_id = ? WHERE customer_id = ?", [new, old])?;
        tx.execute(
            "INSERT INTO merged (old_id, old_number, customer_id, at, who) VALUES (?, ?, ?, ?, ?)",
            params![old, old_number, new, at.0, by],
        )?;
        purchases::recount(tx, to.0, new)?;
        let key = format!("merged {old}");
        let settled =
            Entry { who: to, key: &key, kind: Kind::Settled, at, step: None, purchase: None };
        wallet::settle(tx, settled)?;
        Ok(Merge::Done(moved))
    })
}

/// Returns the key that a key is merged into.
pub(crate) fn now_called(
    connection: &Connection,
    id: &str,
) -> std::result::Result<Option<String>, Problem> {
    let mut statement =
        connection.prepare_cached("SELECT customer_id FROM merged WHERE old_id = ?")?;
    Ok(statement.query_row([id], |row| row.get(0)).optional()?)
}

/// Returns the keys that are merged into a key.
pub(crate) fn merged_into(
    connection: &Connection,
    id: &str,
) -> std::result::Result<Vec<String>, Problem> {
    let mut statement =
        connection.prepare("SELECT old_id FROM merged WHERE customer_id = ? ORDER BY old_id")?;
    let rows = statement.query_map([id], |row| row.get(0))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// Returns the key that a key of a store is merged into.
///
/// # Errors
/// Whatever the store says.
pub fn new_key(store: &Store, id: &str) -> Result<Option<String>> {
    store.read(|connection| now_called(connection, id))
}

/// Ends what she is in, and counts what goes over.
fn end(tx: &Transaction<'_>, from: Who<'_>, at: Moment) -> std::result::Result<Moved, Problem> {
    let whose = params![from.0, from.1];
    let number = |sql: &str| tx.query_row(sql, whose, |row| row.get::<_, i64>(0));
    let moved = Moved {
        purchases: purchases::count(tx, number_of(tx, from)?)?,
        points: number(
            "SELECT coalesce(sum(points), 0) FROM wallet_entry \
             WHERE shard = ? AND customer_id = ?",
        )?,
        ..Moved::default()
    };
    let number = number_of(tx, from)?;
    let mut queued = 0;
    for sheet in sheet::own_all(tx, number, "s.state = 'queued'")? {
        queued += tx.execute(
            "UPDATE sheet SET state = 'cancelled', due_at = NULL, parked_at = NULL, \
             held = NULL, settled_at = ?, reason = 'merged', who = NULL WHERE number = ?",
            [at.0, sheet],
        )?;
    }
    super::journal::tell_all_under_way(tx, from, at, "ended", "merged")?;
    tx.execute(
        "INSERT INTO tally (chain, version, step, what, n) \
         SELECT chain, version, '', w.what, count(*) FROM enrolment, \
         (SELECT 'ended' AS what UNION ALL SELECT 'ended merged') w \
         WHERE shard = ?1 AND customer_id = ?2 AND ended_at IS NULL GROUP BY 1, 2, 4 \
         ON CONFLICT (chain, version, step, what) DO UPDATE SET n = n + excluded.n",
        whose,
    )?;
    let mut chains = 0;
    for id in ids(tx, number, "h.ended_at IS NULL")? {
        chains += tx.execute(
            "UPDATE cohort SET phase = 'ended', due_at = NULL, parked_at = NULL, \
             undecided_since = NULL, held = NULL, ended_at = ?, ended = 'merged', \
             who = NULL WHERE number = ?",
            [at.0, cohort::own(tx, id)?],
        )?;
    }
    let many = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Ok(Moved { chains: many(chains), queued: many(queued), ..moved })
}

/// Returns the number of a customer who is known.
fn number_of(connection: &Connection, (shard, id): Who<'_>) -> std::result::Result<i64, Problem> {
    super::customers::number(connection, shard, id)?
        .ok_or_else(|| Problem::Damaged(format!("customer `{id}` has no number")))
}

/// Returns the enrolments of a customer that a condition on the cohort `h` holds for.
fn ids(
    connection: &Connection,
    customer: i64,
    condition: &str,
) -> std::result::Result<Vec<Id>, Problem> {
    let mut statement = connection.prepare(&format!(
        "SELECT m.customer, m.chain, m.cycle FROM member m JOIN cohort h ON h.number = m.cohort \
         WHERE m.customer = ? AND {condition}"
    ))?;
    let rows = statement.query_map([customer], |row| {
        Ok(Id { customer: row.get(0)?, chain: row.get(1)?, cycle: row.get(2)? })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// The chains she has walked under the old key come behind those under the new one.
fn walked(tx: &Transaction<'_>, from: Who<'_>, to: Who<'_>) -> std::result::Result<(), Problem> {
    let (old, new) = (number_of(tx, from)?, number_of(tx, to)?);
    let mut statement = tx.prepare(
        "SELECT o.chain, n.name, (SELECT coalesce(max(b.cycle), 0) FROM member b \
          WHERE b.customer = ? AND b.chain = o.chain) \
         FROM member o JOIN chain n ON n.number = o.chain WHERE o.customer = ? GROUP BY o.chain",
    )?;
    let rows = statement.query_map([new, old], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
    })?;
    for row in rows.collect::<std::result::Result<Vec<_>, _>>()? {
        let (number, chain, behind) = row;
        // Who is on a sheet or in a cohort is read there as long as anything is to be done.
        for id in ids(tx, old, "h.ended_at IS NULL")? {
            cohort::own(tx, id)?;
        }
        tx.execute(
            "UPDATE member SET customer = ?, cycle = cycle + ? WHERE customer = ? AND chain = ?",
            [new, behind, old, number],
        )?;
        let on_its_way = format!("s.who IS NOT NULL AND l.chain = {number}");
        for sheet in sheet::own_all(tx, old, &on_its_way)? {
            tx.execute(
                "UPDATE sheet SET first = ?1, who = json_replace(who, '$[0][0]', ?1, '$[0][1]', \
                 (who ->> '$[0][1]') + ?2) WHERE number = ?3",
                [new, behind, sheet],
            )?;
        }
        tx.execute(
            "UPDATE letter SET customer = ?1, cycle = cycle + ?2, \
             written_for = coalesce(written_for, customer) WHERE customer = ?3 AND chain = ?4",
            [new, behind, old, number],
        )?;
        for table in ["entry", "cashback", "promo_code"] {
            tx.execute(
                &format!(
                    "UPDATE {table} SET shard = ?, customer_id = ?, cycle = cycle + ? \
                     WHERE shard = ? AND customer_id = ? AND chain = ?"
                ),
                params![to.0, to.1, behind, from.0, from.1, chain],
            )?;
        }
    }
    Ok(())
}

/// Both logs are one log; messages go on pointing at what allowed them.
fn consents(tx: &Transaction<'_>, from: Who<'_>, to: Who<'_>) -> std::result::Result<(), Problem> {
    let behind: i64 = tx.query_row(
        "SELECT coalesce(max(number), -1) + 1 FROM consent WHERE shard = ? AND customer_id = ?",
        params![to.0, to.1],
        |row| row.get(0),
    )?;
    tx.execute(
        "UPDATE letter SET consent_number = consent_number + ? \
         WHERE customer = ? AND consent_number IS NOT NULL",
        [behind, number_of(tx, from)?],
    )?;
    tx.execute(
        "UPDATE consent SET shard = ?, customer_id = ?, number = number + ? \
         WHERE shard = ? AND customer_id = ?",
        params![to.0, to.1, behind, from.0, from.1],
    )?;
    Ok(())
}

/// Gifts are named after chain, cycle and step, which the other key may have had too; what
/// purchases brought is named after them, and keeps its name.
fn rename_lots(tx: &Transaction<'_>, from: Who<'_>) -> std::result::Result<(), Problem> {
    let renamed = |column: &str| {
        format!(
            "{column} = CASE WHEN {column} LIKE 'granted %' OR {column} LIKE 'settled granted %' \
             THEN {column} || ' of ' || ?2 ELSE {column} END"
        )
    };
    let (entry, lot) = (renamed("entry"), renamed("lot"));
    for set in [format!("entry SET {entry}, {lot}"), format!("lot SET {lot}")] {
        tx.execute(
            &format!("UPDATE {set} WHERE shard = ?1 AND customer_id = ?2"),
            params![from.0, from.1],
        )?;
    }
    Ok(())
}

/// Two wallets become one.
fn points(tx: &Transaction<'_>, from: Who<'_>, to: Who<'_>) -> std::result::Result<(), Problem> {
    tx.execute(
        "INSERT INTO lot (shard, customer_id, lot, points_left, since, expires_at, brand) \
         SELECT ?1, ?2, lot, points_left, since, expires_at, brand FROM lot \
         WHERE shard = ?3 AND customer_id = ?4 ON CONFLICT (shard, customer_id, lot) \
         DO UPDATE SET points_left = points_left + excluded.points_left",
        params![to.0, to.1, from.0, from.1],
    )?;
    tx.execute("DELETE FROM lot WHERE shard = ? AND customer_id = ?", params![from.0, from.1])?;
    tx.execute(
        "UPDATE entry SET shard = ?, customer_id = ? WHERE shard = ? AND customer_id = ?",
        params![to.0, to.1, from.0, from.1],
    )?;
    Ok(())
}

/// What the new key does not know of her, the old one tells.
fn profile(tx: &Transaction<'_>, from: Who<'_>, to: Who<'_>) -> std::result::Result<(), Problem> {
    let plain = ["first_name", "last_name", "timezone", "city", "birthday"];
    let mut set: Vec<String> =
        plain.iter().map(|column| format!("{column} = coalesce(n.{column}, o.{column})")).collect();
    for address in ["phone", "email", "push_token"] {
        set.push(format!("{address} = coalesce(n.{address}, o.{address})"));
        set.push(format!("dead_{address} = coalesce(n.dead_{address}, o.dead_{address})"));
    }
    set.push(
        "registered_at = min(coalesce(n.registered_at, o.registered_at), \
              coalesce(o.registered_at, n.registered_at))"
            .to_owned(),
    );
    tx.execute(
        &format!(
            "UPDATE customer AS n SET {} FROM customer AS o WHERE n.shard = ? AND n.customer_id = ? \
             AND o.shard = ? AND o.customer_id = ?",
            set.join(", ")
        ),
        params![to.0, to.1, from.0, from.1],
    )?;
    Ok(())
}

/// Every other row goes over; where both keys have one of a kind, the new one's stays.
fn everything_else(
    tx: &Transaction<'_>,
    from: Who<'_>,
    to: Who<'_>,
) -> std::result::Result<(), Problem> {
    let mut statement = tx.prepare(
        "SELECT name FROM sqlite_schema t WHERE type = 'table' AND name <> 'customer' AND 2 = \
         (SELECT count(*) FROM pragma_table_info(t.name) c WHERE c.name IN ('shard', 'customer_id')) \
         ORDER BY name",
    )?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    for table in names.collect::<std::result::Result<Vec<_>, _>>()? {
        tx.execute(
            &format!(
                "UPDATE OR IGNORE {table} SET shard = ?, customer_id = ? \
                 WHERE shard = ? AND customer_id = ?"
            ),
            params![to.0, to.1, from.0, from.1],
        )?;
        tx.execute(
            &format!("DELETE FROM {table} WHERE shard = ? AND customer_id = ?"),
            params![from.0, from.1],
        )?;
    }
    Ok(())
}
