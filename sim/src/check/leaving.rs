//! Never after no: what a provider is handed may leave at that moment, by all that the store
//! had said yes to before the message was taken. And one send: never twice what has reached
//! her, never again what may have.

use super::Violation;
use super::walk::{minus, plus, step, watching};
use super::zones::{Zone, read, text};
use crate::programs::Edition;
use crate::world::log::Standing;
use crate::world::outside::Outside;
use crate::world::provider::Reply;
use chainc_compiler::ir::{
    Action, Basis, Budget, Cap, Capped, Chain, Channel, Event, Quiet, QuietHours,
};
use chainc_runtime::channel::Outgoing;
use rusqlite::{Connection, OptionalExtension, params};

/// A message's row with its enrolment's and its customer's.
struct Row {
    chain: String,
    cycle: i64,
    step: String,
    version: String,
    state: String,
    written_at: i64,
    consent: Option<(i64, i64)>,
    cost: i64,
    control: bool,
    entered_at: i64,
    ended: bool,
    stands_there: bool,
    dead: bool,
    /// The last word on the channel up to now, as the log of consents has it.
    last: Option<(i64, i64, bool)>,
    /// The steps of the enrolment that were reached.
    reached: Vec<String>,
    /// What budgets have used, by owner and name.
    used: Vec<(String, String, i64)>,
}

/// Looks at a message that is handed over.
pub(crate) fn check(outside: &mut Outside, channel: Channel, message: &Outgoing) {
    outside.stats.checks += 1;
    let mut found = Vec::new();
    let mut bad = |promise: &'static str, detail: String| {
        let who = format!("{} {} {}", message.customer_id, message.chain, message.step);
        found.push(Violation::new(promise, format!("{who} ({}): {detail}", message.key)));
    };
    // One send.
    if let Some(last) = outside.truth.last(&message.key) {
        if last.has_reached() {
            bad("one send", format!("it had reached her at {}", text(last.at)));
        } else if last.reply != Reply::Rejected && !last.denied {
            bad("one send", format!("it was sent again blindly after {:?}", last.reply));
        }
    }
    let exempt = outside.log.exempt.remove(&message.key);
    let now = outside.clock;
    if read(&message.at) != Some(now) {
        bad("nothing fires early", format!("it says {} at {}", message.at, text(now)));
    }
    let key = message.key.clone();
    let seen = outside.peek(|connection| row(connection, &key, channel, now));
    let row = match seen {
        None => {
            outside.violations.extend(found);
            return;
        }
        Some(None) => {
            if !exempt {
                bad("taken before sent", "it is in no outbox".to_owned());
            }
            for violation in found {
                outside.break_(violation);
            }
            return;
        }
        Some(Some(row)) => row,
    };
    if row.state != "in_flight" {
        bad("taken before sent", format!("it is {} in the store", row.state));
    }
    let edition = outside.running();
    let log = &outside.log;
    let (id, plain) = (message.customer_id.as_str(), log.is_plain(&message.customer_id));
    let Some(walked) = outside.editions.version(&row.chain, &row.version) else {
        bad("the version entered", format!("nobody wrote version {}", row.version));
        return outside.violations.extend(found);
    };
    let policy = &edition.program.policy;
    let zone = log.person(id).and_then(|person| person.zone).unwrap_or(&policy.timezone);
    let zone = Zone::get(zone);

    if row.control {
        bad("control gets nothing", "she is held out".to_owned());
    }
    if plain && (row.ended || !row.stands_there) {
        bad("left the chain", "she does not stand at the step".to_owned());
    }
    if plain && !exempt {
        let silence = channel == Channel::Webhook
            || walked.consent_off.contains_key(&channel)
            || policy.consent.get(&channel).is_some_and(|rule| rule.basis == Basis::OptOut);
        let said = log.said(id, channel, now);
        if !said.unwrap_or(silence) {
            bad("never after no", format!("she had said {said:?} to {channel}"));
        }
        if log.standing(&row.chain).is_some_and(|standing| standing != Standing::Running) {
            bad("paused or stopped", format!("the chain stands {:?}", log.standing(&row.chain)));
        }
        let reached_watch = |event: &Event| {
            watching(walked, event).iter().any(|id| row.reached.iter().any(|step| step == id))
        };
        if reached_watch(&Event::Purchase) {
            let bought = log.purchases.iter().find(|bought| {
                // What comes back whole before she is watched counts no more.
                bought.customer == id
                    && !bought.returned
                    && bought.told.is_acked()
                    && row.entered_at < bought.at
                    && bought.at <= now
            });
            if let Some(bought) = bought {
                bad("never after a purchase", format!("she bought {}", text(bought.at)));
            }
        }
        if reached_watch(&Event::Own("visited".to_owned())) {
            let visited = log.happenings.iter().find(|event| {
                event.what == "visited"
                    && event.customer.as_deref() == Some(id)
                    && event.told.is_acked()
                    && row.entered_at < event.at
                    && event.at <= now
            });
            if let Some(visited) = visited {
                bad("never after a purchase", format!("she visited {}", text(visited.at)));
            }
        }
    }
    match (row.consent, row.last) {
        (None, None) => {}
        (Some(kept), Some((at, number, true))) if kept == (at, number) => {}
        // She may have taken it back while it was on its way.
        (Some(_), _) if exempt => {}
        (kept, last) => {
            bad("a consent for each message", format!("it points to {kept:?}, she said {last:?}"));
        }
    }
    if let Some(QuietHours { from, to }) = quiet(edition, walked)
        && plain
        && zone.is_between(now, i64::from(from.0), i64::from(to.0))
    {
        bad("quiet hours", format!("it is {} for her", zone.minute(now) / 60));
    }
    let within = step(walked, &row.step).and_then(|step| match &step.action {
        Action::Send { within, .. } | Action::Fallback { within, .. } => *within,
        _ => None,
    });
    if let Some(within) = within
        && plain
        && now > plus(zone, row.written_at, within)
    {
        bad("not staler than within", format!("it was written {}", text(row.written_at)));
    }
    if row.dead && plain && !exempt {
        bad("dead addresses", format!("{} is dead", message.address));
    }
    if plain {
        for (cap, chains) in caps(edition, walked) {
            let Capped::Messages(most) = cap.most else { continue };
            let since = minus(zone, now, cap.per);
            let before = outside.truth.handovers.iter().filter(|sent| {
                sent.customer == id
                    && sent.has_reached()
                    && sent.at > since
                    && chains.as_ref().is_none_or(|chains| chains.contains(&sent.chain))
            });
            let sent = before.count();
            if sent >= usize::try_from(most).unwrap_or(usize::MAX) {
                bad("caps", format!("{sent} reached her since {}, cap {most}", text(since)));
            }
        }
    }
    let price = policy.prices.get(&channel).map_or(0, |price| price.0);
    if row.cost != price {
        bad("budgets", format!("it costs {} instead of {price}", row.cost));
    }
    if price > 0 {
        for (owner, name, limit) in purses(edition, walked, channel) {
            let used = row.used.iter().find(|(o, n, _)| *o == owner && *n == name);
            let used = used.map_or(0, |(_, _, used)| *used);
            if used > limit || used < price {
                bad("budgets", format!("{used} of {limit} are used of {name} of {owner}"));
            }
        }
    }
    let marker = format!("v{}", edition_of(outside, walked));
    let shown = serde_json::to_string(&message.content).unwrap_or_default();
    if outside.editions.draft.name != "seed" && !shown.contains(&marker) {
        bad("the version entered", format!("{shown} is not of {marker}"));
    }
    for violation in found {
        outside.break_(violation);
    }
}

fn edition_of(outside: &Outside, walked: &Chain) -> usize {
    let same = |edition: &&Edition| {
        edition.chain(&walked.name).is_some_and(|chain| chain.version == walked.version)
    };
    outside.editions.all.iter().find(same).map_or(0, |edition| edition.number + 1)
}

fn row(
    connection: &Connection,
    key: &str,
    channel: Channel,
    now: i64,
) -> rusqlite::Result<Option<Row>> {
    let mut statement = connection.prepare_cached(
        "SELECT o.chain, o.cycle, o.step, o.version, o.state, o.written_at, o.consent_at, \
         o.consent_number, o.cost, e.control, e.entered_at, e.ended_at IS NOT NULL, \
         e.phase = 'sending' AND e.place = o.step AND e.round = o.round AND e.version = o.version, \
         CASE o.channel WHEN 'sms' THEN c.dead_phone IS o.address WHEN 'email' THEN \
         c.dead_email IS o.address WHEN 'push' THEN c.dead_push_token IS o.address ELSE 0 END, \
         o.shard, o.customer_id FROM outbox o JOIN enrolment e USING (shard, customer_id, chain, cycle) \
         JOIN customer c USING (shard, customer_id) WHERE o.effect_key = ?",
    )?;
    let found = statement
        .query_row([key], |row| {
            let consent_at: Option<i64> = row.get(6)?;
            let consent_number: Option<i64> = row.get(7)?;
            let found = Row {
                chain: row.get(0)?,
                cycle: row.get(1)?,
                step: row.get(2)?,
                version: row.get(3)?,
                state: row.get(4)?,
                written_at: row.get(5)?,
                consent: consent_at.zip(consent_number),
                cost: row.get(8)?,
                control: row.get(9)?,
                entered_at: row.get(10)?,
                ended: row.get(11)?,
                stands_there: row.get(12)?,
                dead: row.get(13)?,
                last: None,
                reached: Vec::new(),
                used: Vec::new(),
            };
            let who: (i64, String) = (row.get(14)?, row.get(15)?);
            Ok((found, who))
        })
        .optional()?;
    let Some((mut found, (shard, id))) = found else { return Ok(None) };
    let mut statement = connection.prepare_cached(
        "SELECT at, number, granted FROM consent WHERE shard = ? AND customer_id = ? \
         AND channel = ? AND at <= ? ORDER BY at DESC, number DESC LIMIT 1",
    )?;
    found.last = statement
        .query_row(params![shard, id, channel.as_str(), now], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT step FROM journal WHERE shard = ? AND customer_id = ? AND chain = ? \
         AND cycle = ? AND what = 'reached'",
    )?;
    let steps = statement
        .query_map(params![shard, id, found.chain, found.cycle], |row| row.get::<_, String>(0))?;
    found.reached = steps.collect::<rusqlite::Result<_>>()?;
    let mut statement = connection.prepare_cached("SELECT owner, budget, used FROM budget_use")?;
    let used = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    found.used = used.collect::<rusqlite::Result<_>>()?;
    Ok(Some(found))
}

/// When a chain sends nothing.
fn quiet(edition: &Edition, chain: &Chain) -> Option<QuietHours> {
    match &chain.quiet {
        Some(Quiet::Hours(hours)) => Some(*hours),
        Some(Quiet::Off(_)) => None,
        None => {
            let brand = chain.brand.as_ref().and_then(|name| edition.program.brands.get(name));
            brand.and_then(|brand| brand.quiet).or(edition.program.policy.quiet)
        }
    }
}

/// The caps that hold for a chain, each with the chains that it counts.
pub(crate) fn caps(edition: &Edition, chain: &Chain) -> Vec<(Cap, Option<Vec<String>>)> {
    if chain.caps_off.is_some() {
        return Vec::new();
    }
    let program = &edition.program;
    let mut all: Vec<_> = program.policy.caps.iter().map(|cap| (*cap, None)).collect();
    if let Some(name) = &chain.brand {
        let of_brand = program.chains.iter().filter(|other| other.brand.as_ref() == Some(name));
        let of_brand: Vec<String> = of_brand.map(|other| other.name.clone()).collect();
        let caps = program.brands.get(name).map_or(&[][..], |brand| &brand.caps);
        all.extend(caps.iter().map(|cap| (*cap, Some(of_brand.clone()))));
    }
    if let Some(experiment) =
        chain.experiment.as_ref().and_then(|name| program.experiments.get(name))
    {
        let chains = Some(experiment.chains.clone());
        all.extend(experiment.caps.iter().map(|cap| (*cap, chains.clone())));
    }
    all.extend(chain.caps.iter().map(|cap| (*cap, Some(vec![chain.name.clone()]))));
    all
}

/// The budgets that a message of a chain is paid from: owner, name, limit.
pub(crate) fn purses(
    edition: &Edition,
    chain: &Chain,
    channel: Channel,
) -> Vec<(String, String, i64)> {
    let of = |owner: &str, budgets: &[Budget]| -> Vec<(String, String, i64)> {
        let paying = budgets.iter().filter_map(|budget| match budget {
            Budget::Money { limit, on: None, .. } => {
                Some((owner.to_owned(), "money".to_owned(), limit.0))
            }
            Budget::Money { limit, on: Some(on), .. } if *on == channel => {
                Some((owner.to_owned(), format!("money on {on}"), limit.0))
            }
            Budget::Money { .. } | Budget::Points { .. } => None,
        });
        paying.collect()
    };
    let current = edition.chain(&chain.name).unwrap_or(chain);
    let mut all = of(&chain.name, &current.budgets);
    if let Some(name) = &chain.experiment
        && let Some(experiment) = edition.program.experiments.get(name)
    {
        all.extend(of(&format!("experiment {name}"), &experiment.budgets));
    }
    all
}
