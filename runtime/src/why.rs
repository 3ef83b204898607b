//! What happened to one customer and what will: read back from the journal, the outbox, the
//! wallet and the enrolments, as values. Words are for who shows them.
//!
//! [`door`] says of a chain that she is not in what keeps her out.

pub mod door;

use crate::condition;
use crate::customer::Customer;
use crate::step::place::Place;
use crate::store::history::{self, Sent};
use crate::store::operations::{self, Operation, Standing};
use crate::store::{Problem, Result, Store, customers, run_state};
use crate::time::{Moment, Zone};
use chainc_compiler::ir::{Action, Chain, Channel, Program, Step};
use chainc_compiler::units::{Minor, Points};
use door::Door;
use rusqlite::Connection;

/// A customer, and everything the store can tell of her ways through chains.
#[derive(Debug, Clone)]
pub struct Life {
    /// What is known of her now.
    pub customer: Customer,
    /// The zone she lives in.
    pub zone: Zone,
    /// Its name.
    pub timezone: String,
    /// The moment at which this is told.
    pub now: Moment,
    /// Her last purchase that is known by now.
    pub last_purchase: Option<Bought>,
    /// Where she can be written to.
    pub channels: Vec<Reach>,
    /// Her ways through chains, the first first.
    pub ways: Vec<Way>,
    /// What happened in her wallet, the first first.
    pub entries: Vec<Entry>,
    /// The chains that she is not in now, and what keeps her out.
    pub doors: Vec<(String, Door)>,
}

/// A purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bought {
    /// When.
    pub at: Moment,
    /// For how much.
    pub amount: Minor,
}

/// Something that happened in her wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Moment,
    /// Why points came or went, in one word.
    pub kind: String,
    /// How many came; went, where it is negative.
    pub points: Points,
    /// The chain that caused it, where one did.
    pub chain: Option<String>,
}

/// Whether and how a channel reaches her.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The channel.
    pub channel: Channel,
    /// What she last said of it.
    pub said: Option<Said>,
    /// Whether she may be written to where she said nothing.
    pub silence_is_yes: bool,
    /// Her address there.
    pub address: Address,
}

/// An address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// There is one, and nothing speaks against it.
    Good,
    /// A provider called it dead.
    Dead,
    /// There is none.
    None,
}

/// A yes or a no to a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Which of them.
    pub granted: bool,
    /// When.
    pub at: Moment,
    /// Where.
    pub source: String,
}

/// One way through a chain.
#[derive(Debug, Clone)]
pub struct Way {
    /// The version she walks or walked.
    pub chain: Chain,
    /// True if that is the version of the project.
    pub is_current: bool,
    /// How many times she has entered the chain, this time included.
    pub cycle: i64,
    /// True if she is held out.
    pub control: bool,
    /// When she entered.
    pub entered_at: Moment,
    /// Whole days since her last purchase then.
    pub recency: Option<u32>,
    /// Until when a purchase counts for the goal.
    pub goal_until: Option<Moment>,
    /// The first purchase that did.
    pub bought_at: Option<Moment>,
    /// How it ended.
    pub ended: Option<(Moment, String)>,
    /// What happened, in order.
    pub lines: Vec<Line>,
    /// Where she stands, if it has not ended.
    pub stands: Option<Stands>,
    /// What somebody told of the chain, if it does not run now.
    pub told: Option<Operation>,
}

/// Where she stands in a chain.
#[derive(Debug, Clone)]
pub struct Stands {
    /// At which step.
    pub place: Place,
    /// What she waits for there: `ready`, `waiting`, `sending` and the like.
    pub phase: String,
    /// When that is over, where a moment decides it.
    pub until: Option<Moment>,
    /// The message that is on its way.
    pub message: Option<Sent>,
    /// True once an `unless purchase` was met: a purchase ends the chain.
    pub a_purchase_ends_it: bool,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Line {
    /// When.
    pub at: Moment,
    /// The id of the step.
    pub step: Option<String>,
    /// What, in one word.
    pub what: String,
    /// The cause or the particulars.
    pub detail: Option<String>,
    /// The purchase it is about.
    pub amount: Option<Minor>,
    /// Until when what was given holds.
    pub expires_at: Option<Moment>,
    /// The message it is about.
    pub message: Option<Sent>,
}

impl Way {
    /// Returns a step by its id.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&Step> {
        Place::parse(id)?.step(&self.chain)
    }

    /// Returns the steps that come next, up to one that forks or begins rounds, and whether
    /// the chain is over behind them.
    #[must_use]
    pub fn ahead(&self) -> (Vec<&Step>, bool) {
        let Some(stands) = &self.stands else { return (Vec::new(), false) };
        let mut place = stands.place.clone();
        let is_repeat = |place: &Place| {
            let step = place.step(&self.chain);
            step.is_some_and(|step| matches!(step.action, Action::Repeat { .. }))
        };
        match stands.phase.as_str() {
            "ready" | "held" => {}
            // Between two rounds.
            "waiting" if is_repeat(&place) => place.enter(0),
            _ => place.go_on(),
        }
        let mut found = Vec::new();
        while found.len() < MOST_AHEAD {
            match place.step(&self.chain) {
                Some(step) => {
                    found.push(step);
                    if step.inner().next().is_some() {
                        return (found, false);
                    }
                    place.go_on();
                }
                None if !place.leave() => return (found, true),
                // Behind a round comes the next one, or what is behind the repeat.
                None if is_repeat(&place) => return (found, false),
                None => place.go_on(),
            }
        }
        (found, false)
    }
}

/// How many steps ahead are told at most.
const MOST_AHEAD: usize = 8;

/// Tells of a customer; `None` if nobody has such a key. Of all chains, or of one.
///
/// # Errors
/// Whatever the store says.
pub fn tell(
    store: &Store,
    program: &Program,
    customer_id: &str,
    only: Option<&str>,
) -> Result<Option<Life>> {
    store.read(|connection| {
        if !customers::exists(connection, customer_id)? {
            return Ok(None);
        }
        let shard = crate::key::shard(customer_id);
        let now = match run_state::replayed_to(connection)? {
            Some(at) => at,
            None => {
                run_state::clock(connection)?.map_or_else(Moment::now, |at| at.max(Moment::now()))
            }
        };
        let known = history::Who { connection, shard, customer_id };
        let customer = known.customer(&program.policy, now)?;
        let business = program.policy.timezone.clone();
        let timezone = known.timezone()?.unwrap_or(business);
        let zone = Zone::get(&timezone).unwrap_or_else(Zone::utc);
        let standings = operations::standings(connection)?;
        let mut ways = known.ways(now)?;
        for way in &mut ways {
            way.is_current = program
                .chains
                .iter()
                .any(|chain| chain.name == way.chain.name && chain.version == way.chain.version);
            operations_between(connection, way, now)?;
            if way.ended.is_none() && standings.stands_still(&way.chain.name) {
                way.told = operations::last(connection, &way.chain.name)?;
            }
        }
        let mut doors = Vec::new();
        for chain in &program.chains {
            let is_in = ways.iter().any(|way| way.chain.name == chain.name && way.ended.is_none());
            if !is_in && only.is_none_or(|only| only == chain.name) {
                let told = operations::last(connection, &chain.name)?
                    .filter(|told| told.standing != Standing::Running);
                let visit = door::Visit { program, chain, customer: &customer, ways: &ways, now };
                doors.push((chain.name.clone(), visit.door(told)));
            }
        }
        ways.retain(|way| only.is_none_or(|only| only == way.chain.name));
        let channels = reaches(&known, program, now)?;
        let last_purchase = known.last_purchase()?;
        let entries = known.entries()?;
        Ok(Some(Life {
            customer,
            zone,
            timezone,
            now,
            last_purchase,
            channels,
            ways,
            entries,
            doors,
        }))
    })
}

/// Puts what people told of a chain while she was in it between the lines of her way.
fn operations_between(
    connection: &Connection,
    way: &mut Way,
    now: Moment,
) -> std::result::Result<(), Problem> {
    let until = way.ended.as_ref().map_or(now, |(at, _)| *at);
    for told in operations::all(connection, &way.chain.name)? {
        if way.control || told.at < way.entered_at || told.at > until {
            continue;
        }
        let what = match told.standing {
            Standing::Running => "chain resumed",
            Standing::Paused => "chain paused",
            Standing::Stopped => "chain stopped",
        };
        let reason = told.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let at = way.lines.partition_point(|line| line.at <= told.at);
        // The end that a stop brings is told behind it.
        let at = match way.lines.get(at.wrapping_sub(1)) {
            Some(last) if last.what == "ended" && last.at == told.at => at - 1,
            _ => at,
        };
        let line = Line {
            at: told.at,
            step: None,
            what: what.to_owned(),
            detail: Some(format!("{}{reason}", told.who)),
            amount: None,
            expires_at: None,
            message: None,
        };
        way.lines.insert(at, line);
    }
    Ok(())
}

fn reaches(
    known: &history::Who<'_>,
    program: &Program,
    now: Moment,
) -> std::result::Result<Vec<Reach>, Problem> {
    let channels = Channel::ALL.into_iter().filter(|channel| *channel != Channel::Webhook);
    let reach = |channel| {
        Ok(Reach {
            channel,
            said: known.said(channel, now)?,
            silence_is_yes: condition::silence_agrees(&program.policy, channel),
            address: known.address(channel)?,
        })
    };
    channels.map(reach).collect()
}
