//! What the store has kept of one customer, read back for people who ask.

use super::purchases::HERS;
use super::segment::address_columns;
use super::{Problem, customers, knowledge};
use crate::customer::Customer;
use crate::needs::Needs;
use crate::step::Memory;
use crate::step::place::Place;
use crate::time::Moment;
use crate::why::{Address, Bought, Entry, Line, Said, Stands, Way};
use chainc_compiler::ir::{Chain, Channel, Event, Policy};
use chainc_compiler::units::{Minor, Points};
use rusqlite::{Connection, OptionalExtension, params};

/// A customer in a store.
#[derive(Clone, Copy)]
pub(crate) struct Who<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) shard: i64,
    pub(crate) customer_id: &'a str,
}

/// A message of hers, as the outbox has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// By which channel.
    pub channel: Channel,
    /// Which message.
    pub message: String,
    /// What became of it.
    pub state: String,
    /// Why, where that is worth a word.
    pub reason: Option<String>,
    /// When it was written.
    pub written_at: Moment,
    /// When it leaves at the earliest, while it is queued.
    pub due_at: Option<Moment>,
    /// When it was handed over.
    pub taken_at: Option<Moment>,
    /// When its outcome was known.
    pub settled_at: Option<Moment>,
    /// Where it went.
    pub address: Option<String>,
    /// What allowed it.
    pub consent: Option<Said>,
    /// What it cost.
    pub cost: Minor,
    /// How often a provider asked to try again later.
    pub rejections: i64,
    step: String,
}

/// One enrolment as its row has it.
struct Row {
    chain: String,
    cycle: i64,
    version: String,
    control: bool,
    entered_at: i64,
    recency: Option<u32>,
    goal_until: Option<i64>,
    bought_at: Option<i64>,
    ended_at: Option<i64>,
    ended: Option<String>,
    place: String,
    phase: String,
    until: Option<i64>,
    memory: String,
}

impl Who<'_> {
    /// Returns what is known of her at a moment.
    pub(crate) fn customer(self, policy: &Policy, now: Moment) -> Result<Customer, Problem> {
        let mut customer = customers::load(self.connection, self.shard, self.customer_id)?;
        let all = Needs::all();
        knowledge::complete(self.connection, self.shard, &mut customer, &all, policy, now)?;
        Ok(customer)
    }

    /// Returns the name of her own zone.
    pub(crate) fn timezone(self) -> Result<Option<String>, Problem> {
        let sql = "SELECT timezone FROM customer WHERE shard = ? AND customer_id = ?";
        Ok(self
            .connection
            .query_row(sql, params![self.shard, self.customer_id], |row| row.get(0))?)
    }

    /// Returns her last purchase that is known by now.
    pub(crate) fn last_purchase(self) -> Result<Option<Bought>, Problem> {
        let sql = format!("{HERS} SELECT occurred_at, amount FROM hers WHERE known = 1 LIMIT 1");
        let of_her = params![self.shard, self.customer_id, i64::MIN];
        let row = self.connection.query_row(&sql, of_her, |row| {
            Ok(Bought { at: Moment(row.get(0)?), amount: Minor(row.get(1)?) })
        });
        Ok(row.optional()?)
    }

    /// Returns what she last said of a channel.
    pub(crate) fn said(self, channel: Channel, now: Moment) -> Result<Option<Said>, Problem> {
        let sql = "SELECT granted, at, source FROM consent WHERE shard = ? AND customer_id = ? \
             AND channel = ? AND at <= ? ORDER BY at DESC, number DESC LIMIT 1";
        let of_her = params![self.shard, self.customer_id, channel.as_str(), now.0];
        let row = self.connection.query_row(sql, of_her, |row| {
            Ok(Said { granted: row.get(0)?, at: Moment(row.get(1)?), source: row.get(2)? })
        });
        Ok(row.optional()?)
    }

    /// Returns whether there is an address for a channel.
    pub(crate) fn address(self, channel: Channel) -> Result<Address, Problem> {
        let Some((address, dead)) = address_columns(channel) else { return Ok(Address::Good) };
        let sql = format!(
            "SELECT {address} IS NULL, {address} IS {dead} FROM customer \
             WHERE shard = ? AND customer_id = ?"
        );
        let of_her = params![self.shard, self.customer_id];
        Ok(self.connection.query_row(&sql, of_her, |row| {
            Ok(match (row.get(0)?, row.get(1)?) {
                (true, _) => Address::None,
                (false, true) => Address::Dead,
                (false, false) => Address::Good,
            })
        })?)
    }

    /// Returns what happened in her wallet, the first first; several lots of one cause as one.
    pub(crate) fn entries(self) -> Result<Vec<Entry>, Problem> {
        let mut statement = self.connection.prepare(
            "SELECT at, kind, sum(points), chain FROM wallet_entry \
             WHERE shard = ? AND customer_id = ? GROUP BY at, kind, entry, chain \
             HAVING sum(points) <> 0 ORDER BY at, entry",
        )?;
        let rows = statement.query_map(params![self.shard, self.customer_id], |row| {
            Ok(Entry {
                at: Moment(row.get(0)?),
                kind: row.get(1)?,
                points: Points(row.get(2)?),
                chain: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns her ways through chains, the first first.
    pub(crate) fn ways(self, now: Moment) -> Result<Vec<Way>, Problem> {
        let mut statement = self.connection.prepare(
            "SELECT chain, cycle, version, control, entered_at, recency, goal_until, bought_at, \
             ended_at, ended, place, phase, coalesce(due_at, parked_at), memory FROM enrolment \
             WHERE shard = ? AND customer_id = ? ORDER BY entered_at, chain, cycle",
        )?;
        let rows = statement.query_map(params![self.shard, self.customer_id], |row| {
            Ok(Row {
                chain: row.get(0)?,
                cycle: row.get(1)?,
                version: row.get(2)?,
                control: row.get(3)?,
                entered_at: row.get(4)?,
                recency: row.get(5)?,
                goal_until: row.get(6)?,
                bought_at: row.get(7)?,
                ended_at: row.get(8)?,
                ended: row.get(9)?,
                place: row.get(10)?,
                phase: row.get(11)?,
                until: row.get(12)?,
                memory: row.get(13)?,
            })
        })?;
        rows.map(|row| self.way(row?, now)).collect()
    }

    fn way(self, row: Row, now: Moment) -> Result<Way, Problem> {
        let damaged =
            |what: &str| Problem::Damaged(format!("{what} of customer `{}`", self.customer_id));
        let messages = self.messages(&row.chain, row.cycle, now)?;
        let ended = match (row.ended_at, row.ended) {
            (Some(at), Some(how)) => Some((Moment(at), how)),
            _ => None,
        };
        let memory: Memory =
            serde_json::from_str(&row.memory).map_err(|_| damaged("the memory"))?;
        let place = Place::parse(&row.place).ok_or_else(|| damaged("the place"))?;
        let on_its_way = messages
            .iter()
            .filter(|sent| sent.step == row.place && row.phase == "sending")
            .max_by_key(|sent| sent.written_at);
        let stands = ended.is_none().then(|| Stands {
            place,
            until: row.until.map(Moment),
            message: on_its_way.cloned(),
            a_purchase_ends_it: memory.watching.contains(&Event::Purchase),
            phase: row.phase.clone(),
        });
        Ok(Way {
            chain: self.version(&row.chain, &row.version)?,
            is_current: false,
            cycle: row.cycle,
            control: row.control,
            entered_at: Moment(row.entered_at),
            recency: row.recency,
            goal_until: row.goal_until.map(Moment),
            bought_at: row.bought_at.map(Moment),
            ended,
            lines: self.lines(&row.chain, row.cycle, &messages)?,
            stands,
            told: None,
        })
    }

    fn version(self, chain: &str, version: &str) -> Result<Chain, Problem> {
        let sql = "SELECT ir FROM chain_version WHERE chain = ? AND version = ?";
        let ir: Option<String> =
            self.connection.query_row(sql, [chain, version], |row| row.get(0)).optional()?;
        ir.and_then(|ir| serde_json::from_str(&ir).ok()).ok_or_else(|| {
            Problem::Damaged(format!("version {version} of chain `{chain}` is not in it"))
        })
    }

    fn messages(self, chain: &str, cycle: i64, now: Moment) -> Result<Vec<Sent>, Problem> {
        let mut statement = self.connection.prepare(
            "SELECT channel, message, state, reason, written_at, coalesce(due_at, parked_at), \
             taken_at, settled_at, address, consent_at, consent_number, cost, rejections, step \
             FROM outbox WHERE shard = ? AND customer_id = ? AND chain = ? AND cycle = ? \
             ORDER BY written_at, step, round",
        )?;
        let mut rows = statement.query(params![self.shard, self.customer_id, chain, cycle])?;
        let mut messages = Vec::new();
        while let Some(row) = rows.next()? {
            let word: String = row.get(0)?;
            let Some(channel) = Channel::from_keyword(&word) else { continue };
            let moment = |index: usize| row.get::<_, Option<i64>>(index).map(|at| at.map(Moment));
            let (at, number): (Option<i64>, Option<i64>) = (row.get(9)?, row.get(10)?);
            // Of what did not leave for want of a yes: what she had said by then.
            let consent = match (at, number) {
                (Some(at), Some(number)) => self.consent(channel, at, number)?,
                _ => self.said(channel, moment(7)?.unwrap_or(now))?,
            };
            messages.push(Sent {
                channel,
                message: row.get(1)?,
                state: row.get(2)?,
                reason: row.get(3)?,
                written_at: Moment(row.get(4)?),
                due_at: moment(5)?,
                taken_at: moment(6)?,
                settled_at: moment(7)?,
                address: row.get(8)?,
                consent,
                cost: Minor(row.get(11)?),
                rejections: row.get(12)?,
                step: row.get(13)?,
            });
        }
        Ok(messages)
    }

    fn consent(self, channel: Channel, at: i64, number: i64) -> Result<Option<Said>, Problem> {
        let sql = "SELECT granted, at, source FROM consent WHERE shard = ? AND customer_id = ? \
             AND channel = ? AND at = ? AND number = ?";
        let of_her = params![self.shard, self.customer_id, channel.as_str(), at, number];
        let row = self.connection.query_row(sql, of_her, |row| {
            Ok(Said { granted: row.get(0)?, at: Moment(row.get(1)?), source: row.get(2)? })
        });
        Ok(row.optional()?)
    }

    fn lines(self, chain: &str, cycle: i64, messages: &[Sent]) -> Result<Vec<Line>, Problem> {
        let mut statement = self.connection.prepare(
            "SELECT at, step, what, detail FROM journal \
             WHERE shard = ? AND customer_id = ? AND chain = ? AND cycle = ? ORDER BY number",
        )?;
        let mut rows = statement.query(params![self.shard, self.customer_id, chain, cycle])?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            let (at, step): (Moment, Option<String>) = (Moment(row.get(0)?), row.get(1)?);
            let what: String = row.get(2)?;
            let is_of_message = |sent: &&Sent| {
                let moments = [Some(sent.written_at), sent.taken_at, sent.settled_at];
                step.as_ref() == Some(&sent.step) && moments.contains(&Some(at))
            };
            let at_the_step =
                |sent: &&Sent| step.as_ref() == Some(&sent.step) && sent.written_at <= at;
            let message = messages.iter().find(is_of_message);
            let message = message.or_else(|| messages.iter().rev().find(at_the_step));
            lines.push(Line {
                amount: self.amount(&what, at)?,
                expires_at: self.expiry(&what, chain, cycle, step.as_deref(), at)?,
                message: message.cloned(),
                at,
                step,
                what,
                detail: row.get(3)?,
            });
        }
        Ok(lines)
    }

    /// What she paid with the purchase that a line is about.
    fn amount(self, what: &str, at: Moment) -> Result<Option<Minor>, Problem> {
        if !["purchased", "bought", "control bought"].contains(&what) {
            return Ok(None);
        }
        let sql = format!(
            "{HERS} SELECT amount FROM hers WHERE occurred_at = ?3 ORDER BY event_id LIMIT 1"
        );
        let of_her = params![self.shard, self.customer_id, at.0];
        let row = self.connection.query_row(&sql, of_her, |row| row.get(0).map(Minor));
        Ok(row.optional()?)
    }

    /// Until when what a step gave holds.
    fn expiry(
        self,
        what: &str,
        chain: &str,
        cycle: i64,
        step: Option<&str>,
        at: Moment,
    ) -> Result<Option<Moment>, Problem> {
        let sql = match what {
            "granted" => {
                "SELECT l.expires_at FROM wallet_entry e JOIN wallet_lot l \
                 USING (shard, customer_id, lot) WHERE e.shard = ? AND e.customer_id = ? \
                 AND e.chain = ? AND e.cycle = ? AND e.step = ? AND e.at = ? \
                 AND e.kind = 'granted' LIMIT 1"
            }
            "raised" => {
                "SELECT ends_at FROM cashback WHERE shard = ? AND customer_id = ? \
                 AND chain = ? AND cycle = ? AND step = ? AND since = ? LIMIT 1"
            }
            "code" => {
                "SELECT expires_at FROM promo_code WHERE shard = ? AND customer_id = ? \
                 AND chain = ? AND cycle = ? AND step = ? AND given_at = ? LIMIT 1"
            }
            _ => return Ok(None),
        };
        let of_step = params![self.shard, self.customer_id, chain, cycle, step, at.0];
        let row = self.connection.query_row(sql, of_step, |row| row.get::<_, Option<i64>>(0));
        Ok(row.optional()?.flatten().map(Moment))
    }
}
