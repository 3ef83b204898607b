//! What people and other programs do to the store: by the real commands and imports, until
//! the store has said yes.

use super::{How, Op, Outside};
use crate::check::Violation;
use crate::check::zones::text;
use crate::world::log::{Ack, Happening, Lines, Person, Standing, Told};
use chainc_compiler::ir::Channel;
use chainc_runtime::intake::{self, Complete, Kind, Reading};
use chainc_runtime::store::{Store, erasure, merging, operations};
use chainc_runtime::time::Moment;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

impl Outside {
    /// Does an operation; what fails is tried again later.
    pub(crate) fn perform(&mut self, op: &Op) {
        if self.rig.disk.is_down() || !self.is_possible(op) {
            return self.again(op);
        }
        if self.is_pointless(op) {
            return;
        }
        self.try_it(op);
        if self.before_erasure(op).is_none() {
            return self.again(op);
        }
        let Some(mut store) = self.open() else {
            self.note(|| format!("{op:?} cannot open"));
            return self.again(op);
        };
        let done = self.do_it(&mut store, op);
        if done.is_ok() {
            self.store = Some(store);
        }
        match done {
            Ok(note) => {
                self.note(|| format!("{op:?} done{note}"));
                self.acknowledge(op);
            }
            Err(error) => {
                self.note(|| format!("{op:?} failed: {error}"));
                if !self.rig.has_struck() {
                    self.break_(Violation::new(
                        "commands work",
                        format!("{op:?} failed though no fault struck: {error}"),
                    ));
                }
                self.again(op);
            }
        }
    }

    /// Nothing comes back whose purchase has not come in, and nobody speaks whom nobody knows.
    fn is_possible(&self, op: &Op) -> bool {
        let log = &self.log;
        match op {
            Op::Returns(all) => all.iter().all(|n| {
                let bought = &log.purchases[log.returns[*n].purchase];
                let person = log.person(&bought.customer);
                bought.told.is_acked() && person.is_some_and(|person| person.told.is_acked())
            }),
            Op::Said(all) => all.iter().all(|n| {
                log.person(&log.said[*n].customer).is_some_and(|person| person.told.is_acked())
            }),
            _ => true,
        }
    }

    /// A file does not bring somebody in who is not there yet, or not any more.
    fn is_pointless(&self, op: &Op) -> bool {
        let Op::Moved(n) = op else { return false };
        let person = &self.log.people[*n];
        !person.told.is_acked() || !self.log.is_plain(&person.id)
    }

    /// A fault is no reason to forget what is to be told: it is told again.
    fn again(&mut self, op: &Op) {
        let later = self.wall - self.skew + self.rng.between(1_000, 1_800_000);
        self.plan(later, How::Plain, op.clone());
    }

    /// Notes what is tried, since it may come in though an error is returned.
    fn try_it(&mut self, op: &Op) {
        // A clock that was set back does not undo what the run's clock has passed.
        let clock = self.stood;
        self.each(op, |told| {
            told.tried.get_or_insert(clock);
        });
        match op {
            Op::Erase(gone) => {
                let id = self.log.erased[*gone].customer.clone();
                self.log.muddled.insert(id);
            }
            Op::Merge(old, new) => {
                self.log.muddled.extend([old.clone(), new.clone()]);
            }
            Op::Moved(n) => self.log.people[*n].moves(),
            _ => {}
        }
    }

    fn each(&mut self, op: &Op, mut change: impl FnMut(&mut Told)) {
        let log = &mut self.log;
        match op {
            Op::People(all) => all.iter().for_each(|n| change(&mut log.people[*n].told)),
            Op::Purchases(all, _, watermark) => {
                all.iter().for_each(|n| change(&mut log.purchases[*n].told));
                watermark.iter().for_each(|n| change(&mut log.watermarks[*n].told));
            }
            Op::Returns(all) => all.iter().for_each(|n| change(&mut log.returns[*n].told)),
            Op::Said(all) => all.iter().for_each(|n| change(&mut log.said[*n].told)),
            Op::Happenings(all) => all.iter().for_each(|n| change(&mut log.happenings[*n].told)),
            Op::Order(n) => change(&mut log.orders[*n].told),
            Op::Erase(n) => change(&mut log.erased[*n].told),
            Op::Codes(..) | Op::Merge(..) | Op::Moved(_) | Op::SecondRun => {}
        }
    }

    fn acknowledge(&mut self, op: &Op) {
        let ack = Ack { seq: self.next_seq(), clock: self.clock.max(self.reached) };
        self.each(op, |told| {
            told.acked.get_or_insert(ack);
        });
        let on_their_way = self.peek(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT effect_key FROM outbox WHERE state = 'in_flight'")?;
            let keys = statement.query_map([], |row| row.get::<_, String>(0))?;
            keys.collect::<rusqlite::Result<Vec<_>>>()
        });
        self.log.exempt.extend(on_their_way.unwrap_or_default());
    }

    /// What goes with a customer is counted before she goes; nothing can come between. `None`
    /// if it cannot be looked at.
    fn before_erasure(&mut self, op: &Op) -> Option<()> {
        let Op::Erase(n) = op else { return Some(()) };
        let id = self.log.erased[*n].customer.clone();
        // What a provider is about to be handed cannot be called back.
        let on_its_way = self.peek(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT effect_key FROM outbox WHERE customer_id = ? AND state = 'in_flight'",
            )?;
            let keys = statement.query_map([&id], |row| row.get::<_, String>(0))?;
            keys.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let lines: Lines = self.peek(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT j.chain, e.version, coalesce(j.step, ''), j.what, count(*) FROM journal j \
                 JOIN enrolment e USING (shard, customer_id, chain, cycle) WHERE customer_id = ?1 \
                 GROUP BY 1, 2, 3, 4 UNION ALL \
                 SELECT chain, version, step, 'sent', count(*) FROM outbox \
                 WHERE customer_id = ?1 AND state = 'in_flight' GROUP BY 1, 2, 3",
            )?;
            let rows = statement.query_map([&id], |row| {
                Ok(((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?), row.get(4)?))
            })?;
            rows.collect()
        })?;
        self.log.exempt.extend(on_its_way);
        // An attempt that failed may have been one that came true: then nothing is left.
        if !lines.is_empty() {
            self.log.gone.insert(id, lines);
        }
        Some(())
    }

    fn do_it(&mut self, store: &mut Store, op: &Op) -> Result<String, String> {
        let now = Moment(self.wall);
        let said = |error: &dyn std::fmt::Display| error.to_string();
        match op {
            Op::Order(n) => {
                let order = self.log.orders[*n].clone();
                let standing = match order.standing {
                    Standing::Running => operations::Standing::Running,
                    Standing::Paused => operations::Standing::Paused,
                    Standing::Stopped => operations::Standing::Stopped,
                };
                let who = "sim".to_owned();
                let told = operations::Operation { at: now, standing, who, reason: None };
                let done =
                    operations::order(store, &order.chain, told).map_err(|error| said(&error))?;
                if matches!(done, operations::Ordered::Stopped(_)) {
                    // There is nothing to pause: it stays as it is.
                    self.log.orders[*n].standing = Standing::Stopped;
                }
                Ok(format!(" {done:?}"))
            }
            Op::Erase(n) => {
                let id = &self.log.erased[*n].customer;
                erasure::erase(store, id, "sim", now)
                    .map(|done| format!(" {done:?}"))
                    .map_err(|error| said(&error))
            }
            Op::Merge(old, new) => merging::merge(store, old, new, "sim", now)
                .map(|done| format!(" {done:?}"))
                .map_err(|error| said(&error)),
            Op::SecondRun => Ok(String::new()),
            _ => self.import(store, op),
        }
    }

    fn import(&mut self, store: &mut Store, op: &Op) -> Result<String, String> {
        let (kind, rows) = self.rows(op);
        let path = self.scratch.join(format!("{}.csv", kind.as_str()));
        std::fs::write(&path, rows).map_err(|error| error.to_string())?;
        let (source, complete) = match op {
            Op::Purchases(_, source, watermark) => {
                let until = watermark.map(|n| self.log.watermarks[n].until);
                (*source, until.map_or(Complete::Unsaid, |at| Complete::Until(Moment(at))))
            }
            Op::Returns(all) => {
                let first = all.first().map(|n| self.log.returns[*n].purchase);
                (first.and_then(|n| self.log.purchases[n].source), Complete::Unsaid)
            }
            _ => (None, Complete::Unsaid),
        };
        let sources = self.editions.draft.sources;
        let from = source.map(|n| intake::From { source: sources[n].0, complete });
        let reading = Reading {
            zone: &self.zone,
            digits: 2,
            columns: &BTreeMap::new(),
            attributes: &self.editions.all[0].program.policy.attributes,
            from,
            now: Moment(self.wall),
        };
        match intake::import(store, kind, &path, &reading, &mut |_| {}) {
            Ok(report) => {
                let muddled: BTreeSet<&String> = self.log.muddled.iter().collect();
                if report.rejected > 0 && muddled.is_empty() {
                    let why = std::fs::read_to_string(path.with_extension("rejected.csv"));
                    return Err(format!("rows were rejected: {why:?}"));
                }
                let intake::Report { new, known, aside, rejected, .. } = report;
                Ok(format!(" new {new} known {known} aside {aside} rejected {rejected}"))
            }
            // An attempt that failed may have moved it.
            Err(intake::IntakeError::Backwards { .. }) => Ok(" backwards".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn rows(&self, op: &Op) -> (Kind, String) {
        let mut out = String::new();
        let log = &self.log;
        let money = |amount: i64| format!("{}.{:02}", amount / 100, amount % 100);
        let kind = match op {
            Op::People(all) => {
                people(&mut out, all.iter().map(|n| &log.people[*n]));
                Kind::Customers
            }
            Op::Moved(n) => {
                people(&mut out, std::iter::once(&log.people[*n]));
                Kind::Customers
            }
            Op::Purchases(all, ..) => {
                out.push_str(
                    "customer_id,purchased_at,amount,external_id,brand,points_spent,points_earned\n",
                );
                for bought in all.iter().map(|n| &log.purchases[*n]) {
                    let _ = writeln!(
                        out,
                        "{},{},{},{},{},{},{}",
                        bought.customer,
                        text(bought.at),
                        money(bought.amount),
                        bought.receipt,
                        bought.brand.unwrap_or_default(),
                        bought.spent,
                        bought.earned,
                    );
                }
                Kind::Purchases
            }
            Op::Returns(all) => {
                out.push_str("external_id,returned_at,amount,return_id\n");
                for (n, back) in all.iter().map(|n| (*n, &log.returns[*n])) {
                    let receipt = &log.purchases[back.purchase].receipt;
                    let amount = back.amount.map(money).unwrap_or_default();
                    let _ = writeln!(out, "{receipt},{},{amount},b{n}", text(back.at));
                }
                Kind::Returns
            }
            Op::Said(all) => {
                out.push_str("customer_id,channel,granted,at,source\n");
                for said in all.iter().map(|n| &log.said[*n]) {
                    let granted = if said.granted { "yes" } else { "no" };
                    let (id, channel) = (&said.customer, said.channel);
                    let _ = writeln!(out, "{id},{channel},{granted},{},desk", text(said.at));
                }
                Kind::Consents
            }
            Op::Happenings(all) => {
                out.push_str("event,at,customer_id,key,channel,event_id\n");
                for Happening { id, what, at, customer, key, channel, .. } in
                    all.iter().map(|n| &log.happenings[*n])
                {
                    let _ = writeln!(
                        out,
                        "{what},{},{},{},{},{id}",
                        text(*at),
                        customer.as_deref().unwrap_or_default(),
                        key.as_deref().unwrap_or_default(),
                        channel.map_or("", Channel::as_str),
                    );
                }
                Kind::Events
            }
            Op::Codes(pool, n) => {
                out.push_str("pool,code\n");
                for code in 0..*n {
                    let _ = writeln!(out, "{pool},{}{code}", pool.to_uppercase());
                }
                Kind::Promo
            }
            Op::Order(_) | Op::Erase(_) | Op::Merge(..) | Op::SecondRun => {
                unreachable!("no file brings these")
            }
        };
        (kind, out)
    }
}

/// Writes a file of customers.
fn people<'a>(out: &mut String, all: impl Iterator<Item = &'a Person>) {
    let all: Vec<&Person> = all.collect();
    out.push_str(
        "customer_id,first_name,phone,email,push_token,timezone,registered_at,\
         consent_sms,consent_email,consent_push,tags,age,member",
    );
    let has_days = all.iter().any(|person| person.birthday.is_some());
    out.push_str(if has_days { ",birthday,since\n" } else { "\n" });
    for person in all {
        let stated = |channel| match person.states.get(&channel) {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        let _ = write!(
            out,
            "{},N{},{},{},{},{},{},{},{},{},{},{},{}",
            person.id,
            person.id,
            person.phone.as_deref().unwrap_or_default(),
            person.email.as_deref().unwrap_or_default(),
            person.push.as_deref().unwrap_or_default(),
            person.zone.unwrap_or_default(),
            text(person.registered_at),
            stated(Channel::Sms),
            stated(Channel::Email),
            stated(Channel::Push),
            person.tags.join(";"),
            person.age,
            if person.member { "yes" } else { "no" },
        );
        for (year, month, day) in person.birthday.iter().chain(&person.since) {
            let _ = write!(out, ",{year:04}-{month:02}-{day:02}");
        }
        out.push('\n');
    }
}
