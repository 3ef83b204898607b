//! Time ends things: points expire, raised cashbacks are over.

use super::super::advance::Scene;
use crate::mutant::{self, Mutant};
use crate::store::wallet::{Entry, Kind};
use crate::store::{Problem, cashback, gift, wallet};
use crate::time::Moment;
use chainc_compiler::units::Points;

impl Scene<'_> {
    /// Writes down what has ended by a moment, each at its own time; true if there is more.
    pub(in crate::engine) fn close_wallets(
        &mut self,
        now: Moment,
        limit: i64,
    ) -> Result<bool, Problem> {
        self.gifts.write(self.tx)?;
        gift::unwrap_expired(self.tx, now, limit)?;
        let expiring = wallet::expiring(self.tx, now, limit)?;
        for lot in &expiring {
            // A return that is heard of late can fill a lot again whose time is over.
            let key = match lot.times_before {
                0 => "expired".to_owned(),
                before => format!("expired {}", before + 1),
            };
            let entry = Entry {
                who: (lot.shard, &lot.customer_id),
                key: &key,
                kind: Kind::Expired,
                at: lot.expires_at,
                step: None,
                purchase: None,
            };
            wallet::write(self.tx, entry, &lot.lot, Points(-lot.points.0))?;
            if mutant::is(Mutant::ExpiredTwice) {
                let again = Entry { key: &format!("{key} again"), ..entry };
                wallet::write(self.tx, again, &lot.lot, Points(-lot.points.0))?;
            }
        }
        let ending = cashback::ending(self.tx, now, limit)?;
        for raised in &ending {
            let mut enrolment = self.load(&raised.key)?;
            if raised.up_to.is_some() && !mutant::is(Mutant::CashbackKeepsReserve) {
                let version = self.world.chain(&enrolment)?;
                self.charge(&version.rules, Points(-raised.room().0))?;
            }
            let mut over = raised.clone();
            over.ended = true;
            cashback::save(self.tx, &over)?;
            let earned = over.earned.0.to_string();
            let step = Some(over.at.step.as_str());
            self.tell(&mut enrolment, over.ends_at, step, "lowered", Some(&earned))?;
            self.keep(&enrolment);
        }
        let full = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(expiring.len() >= full || ending.len() >= full)
    }
}

/// Tells whether anything in a wallet has ended by a moment and has not been written down.
pub(in crate::engine) fn is_due(
    connection: &rusqlite::Connection,
    now: Moment,
) -> Result<bool, Problem> {
    Ok(gift::next_expiry(connection)?.is_some_and(|at| at <= now)
        || !wallet::expiring(connection, now, 1)?.is_empty()
        || !cashback::ending(connection, now, 1)?.is_empty())
}
