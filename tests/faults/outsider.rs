//! Somebody else who imports: purchases, refusals and events, by processes of their own that
//! are killed like the others. What an import acknowledged is remembered and held against
//! the store.

use crate::life::{Life, ask};
use crate::support::Project;
use crate::trial::Dice;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) enum Fact {
    /// A customer bought; the receipt's own number.
    Bought(String, String),
    /// A customer said no to e-mail.
    SaidNo(String),
    /// A customer said no to everything.
    Unsubscribed(String),
    /// The message of a key arrived.
    Arrived(String),
    /// An event of the project's own.
    Visited(String),
}

/// A file to import: facts of one kind with their moments.
#[derive(Debug, Clone)]
pub(crate) struct Errand {
    /// The kind, as the command line has it.
    kind: &'static str,
    /// What happened when, in milliseconds.
    pub(crate) facts: Vec<(Fact, i64)>,
}

/// What an import said had come in.
#[derive(Debug)]
pub(crate) struct Acknowledged {
    /// What came in.
    pub(crate) errand: Errand,
    /// Keys of messages that had left by then, or were on their way.
    pub(crate) gone: BTreeSet<String>,
}

impl Errand {
    /// Returns an errand with facts of one kind.
    pub(crate) fn of(facts: Vec<(Fact, i64)>) -> Self {
        let kind = match facts.first() {
            Some((Fact::Bought(..), _)) => "purchases",
            Some((Fact::SaidNo(_), _)) => "consents",
            _ => "events",
        };
        Self { kind, facts }
    }

    fn csv(&self) -> String {
        let mut text = String::from(match self.kind {
            "purchases" => "external_id,customer_id,purchased_at,amount\n",
            "consents" => "customer_id,channel,granted,at\n",
            _ => "event,at,customer_id,key\n",
        });
        for (fact, at) in &self.facts {
            let at = iso(*at);
            text += &match fact {
                Fact::Bought(who, receipt) => format!("{receipt},{who},{at},5\n"),
                Fact::SaidNo(who) => format!("{who},email,no,{at}\n"),
                Fact::Unsubscribed(who) => format!("unsubscribed,{at},{who},\n"),
                Fact::Arrived(key) => format!("delivered,{at},,{key}\n"),
                Fact::Visited(who) => format!("visited,{at},{who},\n"),
            };
        }
        text
    }

    /// Returns how many of its facts are in a store, each of them once.
    pub(crate) fn present(&self, store: &Connection) -> rusqlite::Result<usize> {
        let is_there = |fact: &Fact, at: i64| -> rusqlite::Result<bool> {
            let ask = |sql: &str, word: &str| -> rusqlite::Result<i64> {
                store.query_row(sql, (word, at), |row| row.get(0))
            };
            let found = match fact {
                Fact::Bought(_, receipt) => ask(
                    "SELECT count(*) FROM purchase WHERE external_id = ? AND occurred_at = ?",
                    receipt,
                ),
                Fact::SaidNo(who) => ask(
                    "SELECT count(*) FROM consent WHERE customer_id = ? AND at = ? \
                     AND channel = 'email' AND granted = 0",
                    who,
                ),
                Fact::Unsubscribed(who) => ask(
                    "SELECT count(*) FROM event WHERE customer_id = ? AND occurred_at = ? \
                     AND what = 'unsubscribed'",
                    who,
                ),
                Fact::Arrived(key) => ask(
                    "SELECT count(*) FROM event WHERE message_key = ? AND occurred_at = ? \
                     AND what = 'delivered'",
                    key,
                ),
                Fact::Visited(who) => ask(
                    "SELECT count(*) FROM event WHERE customer_id = ? AND occurred_at = ? \
                     AND what = 'visited'",
                    who,
                ),
            };
            Ok(found? == 1)
        };
        let mut present = 0;
        for (fact, at) in &self.facts {
            present += usize::from(is_there(fact, *at)?);
        }
        Ok(present)
    }
}

/// How an import is run.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Room {
    /// As usual.
    Enough,
    /// Behind a limit on the size of files, in units of 512 bytes.
    Blocks(u32),
}

/// What came of imports.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// What imports acknowledged.
    pub(crate) acknowledged: Vec<Acknowledged>,
    /// How many imports were killed.
    pub(crate) killed: usize,
    /// How many imports found no room.
    pub(crate) roomless: usize,
    /// What must not have happened.
    pub(crate) violations: Vec<String>,
}

/// Somebody who imports.
pub(crate) struct Outsider {
    project: Arc<Project>,
    store: PathBuf,
    /// Its own throws.
    pub(crate) dice: Dice,
    /// How many imports of a hundred are killed.
    kills: u64,
    /// What came of them.
    pub(crate) heard: Heard,
}

impl Outsider {
    /// Returns somebody who imports into the store of a project, so many of whose imports in a
    /// hundred are killed at first.
    pub(crate) fn new(project: Arc<Project>, store: PathBuf, dice: Dice, kills: u64) -> Self {
        Self { project, store, dice, kills, heard: Heard::default() }
    }

    /// Imports until it is acknowledged.
    pub(crate) fn bring(&mut self, errand: Errand) {
        while !self.try_to_bring(&errand, Room::Enough) {}
        self.remember(errand);
    }

    /// Imports several files, one after the other.
    pub(crate) fn bring_all(&mut self, errands: &[Errand]) {
        for errand in errands {
            self.bring(errand.clone());
        }
    }

    /// Imports once; true if it was acknowledged. Whatever ends it, it is there as a whole or
    /// not at all.
    pub(crate) fn try_to_bring(&mut self, errand: &Errand, room: Room) -> bool {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let file = format!("{}-{number}.csv", errand.kind);
        self.project.write(&file, errand.csv());
        let arguments = ["import", errand.kind, &file];
        let command: Command = match room {
            Room::Enough => self.project.command(&arguments),
            Room::Blocks(blocks) => self.project.on_a_small_disk(blocks, &arguments),
        };
        let mut life = Life::start(&self.project, command, &format!("import-{number}.err"));
        let acknowledged = if matches!(room, Room::Enough) && self.dice.percent(self.kills) {
            let micros = self.dice.roll(150_000);
            crate::life::a_moment(micros);
            match life.ended() {
                Some(_) => self.came_to(life),
                None => {
                    self.heard.killed += usize::from(life.kill());
                    false
                }
            }
        } else {
            self.came_to(life)
        };
        self.is_whole(errand, acknowledged);
        acknowledged
    }

    /// Remembers what was acknowledged, and which messages were out of reach by then.
    pub(crate) fn remember(&mut self, errand: Errand) {
        let gone = crate::life::keys(
            &self.store,
            "SELECT effect_key FROM outbox WHERE state IN ('in_flight', 'pending', 'delivered')",
        );
        self.heard.acknowledged.push(Acknowledged { errand, gone: gone.into_iter().collect() });
    }

    fn came_to(&mut self, life: Life) -> bool {
        let (code, words) = life.end();
        if code == 3 && words.contains("no room left") {
            self.heard.roomless += 1;
        } else if code != 0 {
            self.heard.violations.push(format!("an import ended with {code}: {words}"));
        }
        code == 0
    }

    fn is_whole(&mut self, errand: &Errand, acknowledged: bool) {
        let present = ask(&self.store, |store| errand.present(store)).unwrap_or(0);
        let whole = present == errand.facts.len();
        if !whole && (acknowledged || present > 0) {
            self.heard.violations.push(format!(
                "an import ({}) left {present} of {} facts: {errand:?}",
                if acknowledged { "acknowledged" } else { "not acknowledged" },
                errand.facts.len()
            ));
        }
    }
}

/// Writes a moment as files have it.
pub(crate) fn iso(millis: i64) -> String {
    let memory = Connection::open_in_memory().expect("a database in memory");
    let sql = "SELECT strftime('%Y-%m-%dT%H:%M:%S', ?, 'unixepoch')";
    let text: String = memory
        .query_row(sql, [millis.div_euclid(1_000)], |row| row.get(0))
        .expect("a date of this age");
    format!("{text}.{:03}Z", millis.rem_euclid(1_000))
}

/// Returns the milliseconds of a date, its hour in UTC.
pub(crate) fn millis(date: &str, hour: i64) -> i64 {
    let memory = Connection::open_in_memory().expect("a database in memory");
    let seconds: i64 = memory
        .query_row("SELECT CAST(strftime('%s', ?) AS INTEGER)", [date], |row| row.get(0))
        .expect("a date");
    (seconds + hour * 3_600) * 1_000
}

/// Waits a little while the world goes on.
pub(crate) fn rest(dice: &mut Dice) {
    std::thread::sleep(Duration::from_millis(dice.roll(300)));
}
