//! Sheets: messages that have everything in common but the customer share one row.
//!
//! As with cohorts, what a transaction makes of messages is kept in [`Sheets`] until all of
//! it is known: a sheet whose messages all come to the same costs one row.

use super::{Lookup, Problem};
use crate::enrolment::Id;
use rusqlite::types::{ToSqlOutput, Value};
use rusqlite::{Row, ToSql, Transaction, params, params_from_iter};

const CONTENT: &str = "chain, version, step, round, channel, message, state, due_at, parked_at, held, \
    held_at, stale_at, rejections, written_at, taken_at, settled_at, cost, unknown, reason";

/// How many letters a new sheet has at most: the fewer, the less there is to look through
/// when one of them goes its own way.
const LARGEST: usize = 500;

/// A message as the keys of the store name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LetterId {
    /// The enrolment that wrote it.
    pub(crate) of: Id,
    /// The step that did.
    pub(crate) step: String,
    /// The round it is of.
    pub(crate) round: u32,
    /// The number of its channel.
    pub(crate) channel: i64,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Cell {
    Null,
    Number(i64),
    Text(String),
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Option<i64>> for Cell {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Number)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Option<&str>> for Cell {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Null, Self::from)
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Number(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Text(text) => ToSqlOutput::from(text.as_str()),
        })
    }
}

/// What new messages of a transaction, or changes of old ones, have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Change {
    /// The sheet they come from.
    from: i64,
    /// What is set, as SQL with `?` for each value.
    set: &'static str,
    values: Vec<Cell>,
}

/// A sheet that is new.
#[derive(Debug)]
struct New {
    number: i64,
    who: String,
    letters: usize,
    first: i64,
}

/// What a transaction has made of messages.
#[derive(Debug, Default)]
pub(crate) struct Sheets {
    /// Sheets that are new, with the letters on them: who, and what they read as JSON.
    open: Lookup<Vec<Cell>, usize>,
    new: Vec<New>,
    /// Changes, in the order in which they came first.
    alike: Lookup<Change, usize>,
    changes: Vec<(Change, Vec<LetterId>)>,
    /// The customers some of whose messages are not in the store as they are now.
    customers: Lookup<i64, ()>,
    last: Option<usize>,
    /// The sheets of messages that were given another one, in all of the transaction.
    moved: Lookup<LetterId, i64>,
}

impl Sheets {
    /// Returns a sheet of this transaction for a message that is new, with these values for
    /// chain, version, step, round, channel, message, state, due, stale, written and taken at,
    /// and cost.
    pub(crate) fn place(
        &mut self,
        tx: &Transaction<'_>,
        content: Vec<Cell>,
        of: Id,
        reads: &str,
    ) -> Result<i64, Problem> {
        let room = |at: &&usize| self.new.get(**at).is_some_and(|new| new.letters < LARGEST);
        let at = match self.open.get(&content).filter(room) {
            Some(at) => *at,
            None => {
                tx.prepare_cached(
                    "INSERT INTO sheet (letters, first, rejections, unknown, chain, version, step, round, \
                     channel, message, state, due_at, stale_at, written_at, taken_at, cost) \
                     VALUES (0, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                )?
                .execute(params_from_iter(&content))?;
                self.open.insert(content, self.new.len());
                self.new.push(New {
                    number: tx.last_insert_rowid(),
                    who: String::from("["),
                    letters: 0,
                    first: of.customer,
                });
                self.new.len() - 1
            }
        };
        self.customers.insert(of.customer, ());
        let New { number, who, letters, first } =
            self.new.get_mut(at).expect("it was found or opened");
        if *letters > 0 {
            who.push(',');
        }
        *letters += 1;
        *first = of.customer.min(*first);
        who.push('[');
        who.push_str(&of.customer.to_string());
        who.push(',');
        who.push_str(&of.cycle.to_string());
        who.push(',');
        who.push_str(reads);
        who.push(']');
        Ok(*number)
    }

    /// Notes a change of a message; its letter stays as it is.
    pub(crate) fn change(
        &mut self,
        letter: LetterId,
        from: i64,
        set: &'static str,
        values: Vec<Cell>,
    ) {
        self.customers.insert(letter.of.customer, ());
        let from = self.moved.get(&letter).copied().unwrap_or(from);
        let change = Change { from, set, values };
        if let Some((last, letters)) = self.last.and_then(|last| self.changes.get_mut(last))
            && *last == change
        {
            letters.push(letter);
            return;
        }
        let at = match self.alike.get(&change) {
            Some(at) => *at,
            None => {
                self.alike.insert(change.clone(), self.changes.len());
                self.changes.push((change, Vec::new()));
                self.changes.len() - 1
            }
        };
        if let Some((_, letters)) = self.changes.get_mut(at) {
            letters.push(letter);
        }
        self.last = Some(at);
    }

    /// Tells whether some message of a customer is not in the store as it is now.
    pub(crate) fn has(&self, customer: i64) -> bool {
        self.customers.contains_key(&customer)
    }

    /// Returns the sheet of a message, if that is another one than when it was read.
    pub(crate) fn moved(&self, letter: &LetterId) -> Option<i64> {
        self.moved.get(letter).copied()
    }

    /// Brings everything into the store.
    pub(crate) fn write(&mut self, tx: &Transaction<'_>) -> Result<(), Problem> {
        let all = std::mem::take(self);
        self.moved = all.moved;
        for New { number, mut who, letters, first } in all.new {
            who.push(']');
            let letters = i64::try_from(letters).unwrap_or(i64::MAX);
            tx.prepare_cached("UPDATE sheet SET letters = ?, who = ?, first = ? WHERE number = ?")?
                .execute(params![letters, who, first, number])?;
        }
        let mut from: Lookup<i64, Vec<(Change, Vec<LetterId>)>> = Lookup::default();
        let mut order = Vec::new();
        for (change, letters) in all.changes {
            let of_sheet = from.entry(change.from).or_default();
            if of_sheet.is_empty() {
                order.push(change.from);
            }
            of_sheet.push((change, letters));
        }
        for sheet in order {
            go(tx, sheet, from.remove(&sheet).unwrap_or_default(), &mut self.moved)?;
        }
        Ok(())
    }
}

/// Writes what has become of messages of one sheet. If all of it is known, the most stay in
/// its row; each other group gets one of its own.
fn go(
    tx: &Transaction<'_>,
    sheet: i64,
    mut groups: Vec<(Change, Vec<LetterId>)>,
    moved: &mut Lookup<LetterId, i64>,
) -> Result<(), Problem> {
    let letters: i64 = tx
        .prepare_cached("SELECT letters FROM sheet WHERE number = ?")?
        .query_row([sheet], |row| row.get(0))?;
    let changing: usize = groups.iter().map(|(_, letters)| letters.len()).sum();
    let mut stays = None;
    if i64::try_from(changing).is_ok_and(|changing| changing == letters) {
        let largest = (0..groups.len()).max_by_key(|at| {
            (groups.get(*at).map_or(0, |(_, of)| of.len()), std::cmp::Reverse(*at))
        });
        stays = largest.map(|at| groups.remove(at));
    }
    for (change, of_group) in groups {
        let own = split(tx, sheet, &of_group)?;
        set(tx, own, &change)?;
        moved.extend(of_group.into_iter().map(|letter| (letter, own)));
    }
    match stays {
        Some((change, _)) => set(tx, sheet, &change),
        None => Ok(()),
    }
}

fn set(tx: &Transaction<'_>, sheet: i64, change: &Change) -> Result<(), Problem> {
    let number = Cell::Number(sheet);
    let values = change.values.iter().chain([&number]);
    tx.prepare_cached(&format!("UPDATE sheet SET {} WHERE number = ?", change.set))?
        .execute(params_from_iter(values))?;
    tx.prepare_cached(
        "UPDATE sheet SET who = NULL WHERE number = ? AND who IS NOT NULL \
         AND state <> 'queued' AND state <> 'in_flight'",
    )?
    .execute([sheet])?;
    Ok(())
}

/// Gives letters of a sheet one of their own.
fn split(tx: &Transaction<'_>, sheet: i64, letters: &[LetterId]) -> Result<i64, Problem> {
    tx.prepare_cached(&format!(
        "INSERT INTO sheet (letters, first, {CONTENT}) SELECT ?, ?, {CONTENT} FROM sheet \
         WHERE number = ?"
    ))?
    .execute(params![
        i64::try_from(letters.len()).unwrap_or(i64::MAX),
        letters.iter().map(|letter| letter.of.customer).min(),
        sheet
    ])?;
    let own = tx.last_insert_rowid();
    let mut point = tx.prepare_cached(
        "UPDATE letter SET sheet = ? WHERE customer = ? AND chain = ? AND cycle = ? AND step = ? \
         AND round = ? AND channel = ? AND sheet = ?",
    )?;
    for LetterId { of, step, round, channel } in letters {
        let changed = point.execute(params![
            own,
            of.customer,
            of.chain,
            of.cycle,
            step,
            round,
            channel,
            sheet
        ])?;
        if changed != 1 {
            return Err(Problem::Damaged("a message vanished".into()));
        }
    }
    let customers: Vec<String> = letters.iter().map(|one| one.of.customer.to_string()).collect();
    tx.prepare_cached(
        "UPDATE sheet SET who = (SELECT json_group_array(json(w.value)) \
          FROM sheet o CROSS JOIN json_each(o.who) w WHERE o.number = ?2 \
          AND w.value ->> 0 IN (SELECT value FROM json_each(?3))) WHERE number = ?1 \
         AND EXISTS (SELECT 1 FROM sheet o WHERE o.number = ?2 AND o.who IS NOT NULL)",
    )?
    .execute(params![own, sheet, format!("[{}]", customers.join(","))])?;
    leave(tx, sheet, letters.len())?;
    Ok(own)
}

/// So many letters have left a sheet; one that is empty goes.
fn leave(tx: &Transaction<'_>, number: i64, left: usize) -> Result<(), Problem> {
    let left = i64::try_from(left).unwrap_or(i64::MAX);
    tx.prepare_cached("UPDATE sheet SET letters = letters - ? WHERE number = ?")?
        .execute([left, number])?;
    tx.prepare_cached("DELETE FROM sheet WHERE number = ? AND letters = 0")?.execute([number])?;
    Ok(())
}

/// Returns the sheet of a message that has it for itself alone; it leaves the one it shares
/// with others for that.
pub(crate) fn own(tx: &Transaction<'_>, letter: &LetterId) -> Result<i64, Problem> {
    let LetterId { of, step, round, channel } = letter;
    let (number, letters): (i64, i64) = tx
        .prepare_cached(
            "SELECT s.number, s.letters FROM letter l JOIN sheet s ON s.number = l.sheet \
             WHERE l.customer = ? AND l.chain = ? AND l.cycle = ? AND l.step = ? AND l.round = ? \
             AND l.channel = ?",
        )?
        .query_row(params![of.customer, of.chain, of.cycle, step, round, channel], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if letters == 1 {
        return Ok(number);
    }
    split(tx, number, std::slice::from_ref(letter))
}

/// Returns the messages of a customer that a condition on the letter `l` and its sheet `s`
/// holds for, each with a sheet of its own.
pub(crate) fn own_all(
    tx: &Transaction<'_>,
    customer: i64,
    condition: &str,
) -> Result<Vec<i64>, Problem> {
    let mut statement = tx.prepare_cached(&format!(
        "SELECT l.customer, l.chain, l.cycle, l.step, l.round, l.channel FROM letter l \
         JOIN sheet s ON s.number = l.sheet WHERE l.customer = ? AND {condition}"
    ))?;
    let rows = statement.query_map([customer], letter_id)?;
    let letters = rows.collect::<Result<Vec<_>, _>>()?;
    letters.iter().map(|letter| own(tx, letter)).collect()
}

/// Reads the parts of a letter's key.
pub(crate) fn letter_id(row: &Row<'_>) -> rusqlite::Result<LetterId> {
    Ok(LetterId {
        of: Id { customer: row.get(0)?, chain: row.get(1)?, cycle: row.get(2)? },
        step: row.get(3)?,
        round: row.get(4)?,
        channel: row.get(5)?,
    })
}

/// Takes the letters of a customer away.
pub(crate) fn remove_all(tx: &Transaction<'_>, customer: i64) -> Result<(), Problem> {
    for sheet in own_all(tx, customer, "true")? {
        tx.prepare_cached("DELETE FROM sheet WHERE number = ?")?.execute([sheet])?;
    }
    tx.prepare_cached("DELETE FROM letter WHERE customer = ?")?.execute([customer])?;
    Ok(())
}
