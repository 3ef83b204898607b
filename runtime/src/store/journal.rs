//! The journal (who, what, when, why) and the tally, which is the journal in numbers.
//!
//! The lines of an enrolment stand in the row of its cohort, one behind the other, so that
//! telling costs no row of its own; the view `journal` shows them as rows.

use super::Problem;
use crate::enrolment::Id;
use crate::time::Moment;
use rusqlite::{Connection, Transaction, params};
use std::collections::BTreeMap;

/// The words of the journal. A line holds the place of its word here, so the order must never
/// change, and a new one goes to the end; `journal_word` has the same list.
pub(crate) const WORDS: [&str; 31] = [
    "entered",
    "control",
    "reached",
    "done",
    "skipped",
    "granted",
    "raised",
    "code",
    "queued",
    "sent",
    "delivered",
    "undeliverable",
    "held",
    "arm",
    "round",
    "undecided",
    "assumed",
    "purchased",
    "answered",
    "ended",
    "bought",
    "control bought",
    "too late",
    "earned",
    "lowered",
    "opened",
    "clicked",
    "taken back",
    "unsubscribed",
    "returned",
    "control returned",
];

/// The lines of one enrolment, as its row holds them: a JSON array of `[milliseconds since
/// she entered, step, word, detail]`, without what is not there at the end.
///
/// INVARIANT: it only grows. What has been told stays told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    lines: String,
    /// How many bytes of it stand in the row.
    kept: usize,
}

impl Default for Journal {
    fn default() -> Self {
        Self { lines: "[]".to_owned(), kept: 0 }
    }
}

impl Journal {
    /// Returns the journal of a row.
    pub(crate) const fn of_row(lines: String) -> Self {
        Self { kept: lines.len(), lines }
    }

    /// How long the row's journal must be when this one takes its place: else somebody has
    /// told something that this one does not know of.
    pub(crate) fn kept(&self) -> i64 {
        i64::try_from(self.kept).unwrap_or(i64::MAX)
    }

    /// It stands in the row as it is now.
    pub(crate) fn keep(&mut self) {
        self.kept = self.lines.len();
    }

    /// Returns what the row holds.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.lines
    }

    /// Appends a line: when it happened, seen from when she entered; the step it is about, if
    /// it is about one; what happened, in one word; the cause or the particulars.
    pub(crate) fn tell(
        &mut self,
        after: i64,
        step: Option<&str>,
        what: &str,
        detail: Option<&str>,
    ) -> Result<(), Problem> {
        use std::fmt::Write as _;
        let closed = self.lines.pop();
        debug_assert_eq!(closed, Some(']'), "a journal is an array");
        if self.lines.len() > 1 {
            self.lines.push(',');
        }
        let written = match step {
            Some(step) => write!(self.lines, "[{after},\"{step}\","),
            None => write!(self.lines, "[{after},null,"),
        };
        written.map_err(|error| Problem::Other(error.to_string()))?;
        match WORDS.iter().position(|word| *word == what) {
            Some(number) => {
                write!(self.lines, "{number}")
                    .map_err(|error| Problem::Other(error.to_string()))?;
            }
            None => self.lines.push_str(&quoted(what)?),
        }
        if let Some(detail) = detail {
            self.lines.push(',');
            self.lines.push_str(&quoted(detail)?);
        }
        self.lines.push_str("]]");
        Ok(())
    }
}

fn quoted(text: &str) -> Result<String, Problem> {
    serde_json::to_string(text).map_err(|error| Problem::Other(error.to_string()))
}

/// Appends a line to the journals of what a customer is in.
pub(crate) fn tell_all_under_way(
    tx: &Transaction<'_>,
    (shard, customer_id): (i64, &str),
    at: Moment,
    what: &str,
    detail: &str,
) -> Result<(), Problem> {
    let mut statement = tx.prepare(
        "SELECT m.customer, m.chain, m.cycle, h.entered_at, h.lines \
         FROM customer c JOIN member m ON m.customer = c.number JOIN cohort h ON h.number = m.cohort \
         WHERE c.shard = ? AND c.customer_id = ? AND h.ended_at IS NULL",
    )?;
    let rows = statement.query_map(params![shard, customer_id], |row| {
        let id = Id { customer: row.get(0)?, chain: row.get(1)?, cycle: row.get(2)? };
        Ok((id, row.get::<_, i64>(3)?, Journal::of_row(row.get(4)?)))
    })?;
    for row in rows.collect::<Result<Vec<_>, _>>()? {
        let (id, entered_at, mut journal) = row;
        journal.tell(at.0.saturating_sub(entered_at), None, what, Some(detail))?;
        tx.prepare_cached("UPDATE cohort SET lines = ? WHERE number = ?")?
            .execute(params![journal.as_str(), super::cohort::own(tx, id)?])?;
    }
    Ok(())
}

/// What a transaction adds to the tally: by chain, version, step (empty for the chain as a
/// whole) and word.
#[derive(Debug, Default)]
pub struct Tally(Of<Of<Of<Of<i64>>>>);

type Of<T> = BTreeMap<String, T>;

/// Numbers by chain, version, step and word.
pub(crate) type Numbers = BTreeMap<(String, String, String, String), i64>;

impl Tally {
    /// Adds to one number.
    pub fn add(&mut self, chain: &str, version: &str, step: &str, what: &str, n: i64) {
        *at(at(at(at(&mut self.0, chain), version), step), what) += n;
    }

    /// Writes the numbers into the transaction that they belong to.
    pub(crate) fn write(self, tx: &Transaction<'_>) -> Result<(), Problem> {
        let mut statement = tx.prepare_cached(
            "INSERT INTO tally (chain, version, step, what, n) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (chain, version, step, what) DO UPDATE SET n = n + excluded.n",
        )?;
        for (chain, versions) in &self.0 {
            for (version, steps) in versions {
                for (step, words) in steps {
                    for (what, n) in words {
                        statement.execute(params![chain, version, step, what, n])?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// What stands at a word; a word that is there already is not written again.
fn at<'a, T: Default>(map: &'a mut BTreeMap<String, T>, word: &str) -> &'a mut T {
    if !map.contains_key(word) {
        map.insert(word.to_owned(), T::default());
    }
    map.get_mut(word).expect("it was put there if it was not there")
}

/// Returns how often something was told, in all chains.
pub(crate) fn count(connection: &Connection, what: &str) -> Result<i64, Problem> {
    let mut statement =
        connection.prepare("SELECT coalesce(sum(n), 0) FROM tally WHERE what = ?")?;
    Ok(statement.query_row([what], |row| row.get(0))?)
}

/// Returns every number of the tally.
pub(crate) fn tally(connection: &Connection) -> Result<Numbers, Problem> {
    let mut statement = connection.prepare("SELECT chain, version, step, what, n FROM tally")?;
    let rows = statement.query_map([], |row| {
        Ok(((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?), row.get(4)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_store_are_those_of_the_program() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(crate::store::SCHEMA).unwrap();
        let mut statement =
            connection.prepare("SELECT word FROM journal_word ORDER BY number").unwrap();
        let words: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(words, WORDS);
    }

    #[test]
    fn lines_are_read_as_they_were_told() {
        let mut journal = Journal::default();
        journal.tell(0, None, "entered", None).unwrap();
        journal.tell(60_000, Some("2.1"), "skipped", Some("a \"cap\"")).unwrap();
        journal.tell(60_001, None, "a new word", None).unwrap();
        assert_eq!(
            journal.as_str(),
            r#"[[0,null,0],[60000,"2.1",4,"a \"cap\""],[60001,null,"a new word"]]"#
        );
    }
}
