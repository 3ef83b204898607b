//! The judge: holds the provider's truth, the file of the other channels, and what imports
//! acknowledged against the store's tables, by SQL of its own.

use crate::outsider::{Acknowledged, Fact};
use crate::trial::Trial;
use crate::truth::Truth;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is judged.
pub(crate) struct Case<'a> {
    /// The store.
    pub(crate) store: &'a Path,
    /// The messages that went into a file.
    pub(crate) file: &'a Path,
    /// What the provider knows, read to its end.
    pub(crate) truth: &'a Truth,
    /// Messages that were on their way when a process was ended.
    pub(crate) interrupted: &'a BTreeSet<String>,
    /// What imports acknowledged.
    pub(crate) acknowledged: &'a [Acknowledged],
    /// Up to when everything that was due has been done, in milliseconds.
    pub(crate) now: i64,
    /// Whether facts hold from the moment at which they were acknowledged, as those of the wall
    /// clock do, or from their own, which a replay comes to later.
    pub(crate) clock: Clock,
}

/// Which clock a case ran by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// That on the wall.
    Wall,
    /// That of a replay.
    Replay,
}

/// Queries that must find nothing, and what it means if they do.
const NOTHING: [(&str, &str); 14] = [
    (
        "a second grant of one step and round",
        "SELECT customer_id, chain, cycle, step, round FROM wallet_entry WHERE kind = 'granted' \
         GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1",
    ),
    (
        "grants and journal differ",
        "SELECT customer_id, chain, cycle, step, n, m FROM \
         (SELECT customer_id, chain, cycle, step, count(*) AS n FROM wallet_entry \
          WHERE kind = 'granted' GROUP BY 1, 2, 3, 4) FULL JOIN \
         (SELECT customer_id, chain, cycle, step, count(*) AS m FROM journal \
          WHERE what = 'granted' GROUP BY 1, 2, 3, 4) USING (customer_id, chain, cycle, step) \
         WHERE n IS NOT m",
    ),
    (
        "entries do not sum to what is left of a lot",
        "SELECT customer_id, lot, entries, points_left FROM \
         (SELECT customer_id, lot, sum(points) AS entries FROM wallet_entry GROUP BY 1, 2) \
         FULL JOIN (SELECT customer_id, lot, points_left FROM wallet_lot) USING (customer_id, lot) \
         WHERE coalesce(entries, 0) <> coalesce(points_left, 0)",
    ),
    (
        "a lot is below nothing",
        "SELECT customer_id, lot FROM wallet_lot WHERE points_left < 0 AND lot NOT LIKE 'owed%'",
    ),
    (
        "a budget of points and the ledger differ",
        "SELECT owner, used, granted, reserved, earned FROM budget_use LEFT JOIN \
         (SELECT chain, sum(points) AS granted FROM wallet_entry WHERE kind = 'granted' GROUP BY 1) AS g \
         ON g.chain = owner LEFT JOIN \
         (SELECT chain, sum(CASE WHEN ended = 0 THEN up_to ELSE earned END) AS reserved, sum(earned) AS earned \
          FROM cashback GROUP BY 1) AS c ON c.chain = owner \
         WHERE budget = 'points' AND used <> coalesce(granted, 0) + coalesce(reserved, 0)",
    ),
    (
        "journal and tally differ",
        "SELECT chain, version, step, what, n, m FROM \
         (SELECT chain, version, step, what, n FROM tally WHERE what IN \
          ('reached', 'granted', 'sent', 'queued', 'delivered', 'skipped', 'undeliverable') AND n <> 0) FULL JOIN \
         (SELECT j.chain, e.version, coalesce(j.step, '') AS step, j.what, count(*) AS m FROM journal AS j \
          JOIN enrolment AS e USING (shard, customer_id, chain, cycle) WHERE j.what IN \
          ('reached', 'granted', 'sent', 'queued', 'delivered', 'skipped', 'undeliverable') GROUP BY 1, 2, 3, 4) \
         USING (chain, version, step, what) WHERE n IS NOT m",
    ),
    (
        "somebody is in a chain twice",
        "SELECT customer_id, chain FROM enrolment WHERE phase <> 'ended' GROUP BY 1, 2 HAVING count(*) > 1",
    ),
    (
        "nobody will ever wake an enrolment",
        "SELECT customer_id, chain, cycle, phase, due_at FROM enrolment AS e WHERE phase <> 'ended' AND NOT \
         CASE phase WHEN 'sending' THEN EXISTS (SELECT 1 FROM outbox AS o \
          WHERE (o.shard, o.customer_id, o.chain, o.cycle) = (e.shard, e.customer_id, e.chain, e.cycle) \
          AND o.step = e.place AND o.round = e.round AND o.state = 'queued' AND o.due_at > :now) \
         ELSE e.due_at IS NOT NULL AND e.due_at > :now END",
    ),
    (
        "an ended enrolment has a timer or no reason",
        "SELECT customer_id, chain FROM enrolment WHERE phase = 'ended' AND (due_at IS NOT NULL OR ended IS NULL)",
    ),
    (
        "a message is overdue",
        "SELECT customer_id, effect_key, state, due_at FROM outbox WHERE state = 'in_flight' \
         OR (state = 'queued' AND (due_at IS NULL OR due_at <= :now))",
    ),
    (
        "a message left without a consent that was valid then",
        "SELECT o.customer_id, o.effect_key FROM outbox AS o LEFT JOIN consent AS k ON k.shard = o.shard \
         AND k.customer_id = o.customer_id AND k.channel = o.channel AND k.at = o.consent_at \
         AND k.number = o.consent_number WHERE o.state IN ('pending', 'delivered') \
         AND (k.granted IS NOT 1 OR k.at > o.taken_at)",
    ),
    (
        "a message was sent that was never taken",
        "SELECT effect_key FROM outbox WHERE taken_at IS NULL AND state IN ('pending', 'delivered')",
    ),
    ("two messages have one key", "SELECT effect_key FROM outbox GROUP BY 1 HAVING count(*) > 1"),
    ("the file is damaged", "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
];

/// Judges a case; what was violated is noted in the trial.
pub(crate) fn judge(case: &Case<'_>, trial: &mut Trial) {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let store = Connection::open_with_flags(case.store, flags).expect("the store is there");
    for (meaning, sql) in NOTHING {
        for row in rows(&store, sql, case.now) {
            trial.violated(format!("{meaning}: {row}"));
        }
    }
    for odd in &case.truth.odd {
        trial.violated(format!("a mail without the key of its message: {odd}"));
    }
    mail(case, &store, trial);
    file(case, &store, trial);
    said(case, &store, trial);
}

/// Rows that look like rows: columns joined by `|`.
fn rows(store: &Connection, sql: &str, now: i64) -> Vec<String> {
    let mut statement = store.prepare(sql).expect("the judge's SQL is right");
    if let Some(index) = statement.parameter_index(":now").expect("a name") {
        statement.raw_bind_parameter(index, now).expect("a number");
    }
    let width = statement.column_count();
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next().expect("the store can be read") {
        let shown = |index| match row.get_ref(index).expect("a column") {
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            other => format!("{other:?}"),
        };
        let fields: Vec<String> = (0..width).map(shown).collect();
        found.push(fields.join("|"));
    }
    found
}

/// A message as the store tells of it.
struct Told {
    customer: String,
    channel: String,
    state: String,
    unknown: bool,
    address: Option<String>,
    /// The subject of its message.
    subject: &'static str,
    taken_at: Option<i64>,
    entered_at: i64,
}

fn told(store: &Connection) -> BTreeMap<String, Told> {
    let sql = "SELECT effect_key, customer_id, channel, state, unknown, address, message, \
               taken_at, entered_at FROM outbox JOIN enrolment USING (shard, customer_id, chain, cycle)";
    let mut statement = store.prepare(sql).expect("the judge's SQL is right");
    let rows = statement.query_map([], |row| {
        let message: String = row.get(6)?;
        let told = Told {
            customer: row.get(1)?,
            channel: row.get(2)?,
            state: row.get(3)?,
            unknown: row.get(4)?,
            address: row.get(5)?,
            subject: match message.as_str() {
                "offer" => "An offer",
                "reminder" => "Still yours",
                "last" => "The last one",
                "gift" => "A gift",
                _ => "",
            },
            taken_at: row.get(7)?,
            entered_at: row.get(8)?,
        };
        Ok((row.get(0)?, told))
    });
    rows.expect("the store can be read").map(|row| row.expect("a row")).collect()
}

/// What the provider took against what the store says of it.
fn mail(case: &Case<'_>, store: &Connection, trial: &mut Trial) {
    let told = told(store);
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    for mail in &case.truth.taken {
        *taken.entry(&mail.key).or_default() += 1;
        match told.get(&mail.key) {
            None => trial.violated(format!("a mail that the store knows nothing of: {mail:?}")),
            Some(row) if !matches!(row.state.as_str(), "pending" | "delivered") => {
                trial.violated(format!("the store calls a mail that left {}: {mail:?}", row.state));
            }
            Some(row) => {
                if row.address.as_ref() != Some(&mail.to) || row.subject != mail.subject {
                    trial.violated(format!("another mail than the store's left: {mail:?}"));
                }
            }
        }
    }
    for (key, times) in &taken {
        if *times > 1 {
            trial.violated(format!("{key} was sent {times} times"));
        }
    }
    let mut unknown = 0;
    for (key, row) in told.iter().filter(|(_, row)| row.channel == "email") {
        if !matches!(row.state.as_str(), "pending" | "delivered") {
            continue;
        }
        let torn = row.address.as_ref().is_some_and(|to| case.truth.torn.contains(to));
        let may_be_unknown =
            case.interrupted.contains(key) || case.truth.unanswered.contains(key) || torn;
        unknown += usize::from(row.unknown);
        if row.unknown && !may_be_unknown {
            trial.violated(format!("{key} counts as unknown, and nothing happened to it"));
        }
        if !row.unknown && !taken.contains_key(key.as_str()) {
            trial.violated(format!("{key} counts as {} and was never taken", row.state));
        }
    }
    trial.count("messages taken", case.truth.taken.len());
    trial.count("messages unknown", unknown);
    for (what, name) in [
        ("taken, answer never", "provider: taken without an answer"),
        ("taken, answer late", "provider: answered late"),
        ("dropped", "provider: hung up before the text"),
        ("busy", "provider: busy"),
        ("declined", "provider: declined the text"),
        ("refused", "provider: nobody of that name"),
        ("impatient", "provider: ran out of patience"),
    ] {
        trial.count(name, case.truth.noted.get(what).copied().unwrap_or(0));
    }
}

/// What went into the file against what the store says of it.
fn file(case: &Case<'_>, store: &Connection, trial: &mut Trial) {
    let text = std::fs::read_to_string(case.file).unwrap_or_default();
    let mut seen = BTreeSet::new();
    for line in text.lines() {
        let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else {
            trial.violated(format!("a torn line stands in the file of messages: {line}"));
            continue;
        };
        let key = line["key"].as_str().unwrap_or_default().to_owned();
        if !seen.insert(key.clone()) {
            trial.violated(format!("{key} stands in the file twice"));
        }
    }
    for (key, row) in told(store).iter().filter(|(_, row)| row.channel != "email") {
        let counts = matches!(row.state.as_str(), "pending" | "delivered");
        if counts != seen.contains(key) {
            trial.violated(format!("{key} counts as {} and the file says otherwise", row.state));
        }
    }
    trial.count("messages in the file", seen.len());
}

/// What imports acknowledged: it is there, and holds for what left later.
fn said(case: &Case<'_>, store: &Connection, trial: &mut Trial) {
    let told = told(store);
    let left: Vec<(&String, &Told)> = told
        .iter()
        .filter(|(_, row)| matches!(row.state.as_str(), "pending" | "delivered"))
        .collect();
    let reminders: BTreeSet<String> = keys(store, "message <> 'offer' AND message <> 'gift'");
    for Acknowledged { errand, gone } in case.acknowledged {
        let present = errand.present(store).expect("the store can be read");
        if present != errand.facts.len() {
            trial.violated(format!(
                "{present} of {} acknowledged facts are there: {errand:?}",
                errand.facts.len()
            ));
        }
        trial.count("facts acknowledged", present);
        for (fact, at) in &errand.facts {
            let late = |who: &str, is_meant: &dyn Fn(&str, &Told) -> bool| -> Vec<String> {
                let hers = left.iter().filter(|(key, row)| {
                    let holds = case.clock == Clock::Wall || row.taken_at > Some(*at);
                    row.customer == who && holds && !gone.contains(*key) && is_meant(key, row)
                });
                hers.map(|(key, row)| format!("{key} by {}", row.channel)).collect()
            };
            let (broken, found) = match fact {
                Fact::SaidNo(who) => ("a no", late(who, &|_, row| row.channel == "email")),
                Fact::Unsubscribed(who) => ("an unsubscription", late(who, &|_, _| true)),
                Fact::Bought(who, _) => (
                    "a purchase",
                    late(who, &|key, row| row.entered_at <= *at && reminders.contains(key)),
                ),
                Fact::Arrived(_) | Fact::Visited(_) => continue,
            };
            for message in found {
                trial.violated(format!("{fact:?}: {message} left after {broken} was acknowledged"));
            }
        }
    }
}

fn keys(store: &Connection, which: &str) -> BTreeSet<String> {
    let sql = format!("SELECT effect_key FROM outbox WHERE {which}");
    let mut statement = store.prepare(&sql).expect("the judge's SQL is right");
    let rows = statement.query_map([], |row| row.get(0)).expect("the store can be read");
    rows.map(|row| row.expect("a row")).collect()
}
