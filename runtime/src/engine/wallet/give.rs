//! Steps give points and raise cashbacks.

use super::super::advance::Scene;
use super::super::world::Rules;
use crate::enrolment::{Enrolment, Key};
use crate::mutant::{self, Mutant};
use crate::step::{At, Cashback, Granted};
use crate::store::wallet::{Entry, Kind};
use crate::store::{Problem, cashback, wallet};
use crate::time::Moment;

impl Scene<'_> {
    /// Writes the one entry of a grant, and takes it from the budgets.
    pub(in crate::engine) fn grant(
        &mut self,
        enrolment: &mut Enrolment,
        rules: &Rules,
        at: &At,
        granted: Granted,
        brand: Option<&str>,
        now: Moment,
    ) -> Result<(), Problem> {
        let key = &enrolment.key;
        if wallet::owed(self.tx, (key.shard, &key.customer_id))?.0 == 0 {
            self.gifts.give(self.tx, key, at, granted, brand, now)?;
        } else {
            let name = name("granted", key, at);
            let entry = Entry {
                who: (key.shard, &key.customer_id),
                key: &name,
                kind: Kind::Granted,
                at: now,
                step: Some((key, at)),
                purchase: None,
            };
            self.gifts.write(self.tx)?;
            wallet::open(self.tx, entry, granted.points, granted.expires_at, brand)?;
        }
        mutant::split(self.tx, Mutant::GrantInAnotherTransaction)?;
        if !mutant::is(Mutant::GrantNotCharged) {
            self.charge(rules, granted.points)?;
        }
        self.add(enrolment, &at.step, "points", granted.points.0);
        let points = granted.points.0.to_string();
        self.tell(enrolment, now, Some(&at.step), "granted", Some(&points))
    }

    /// Writes the one cashback of a step. What it is to earn at most is reserved from the
    /// budgets until its end; without a limit, each purchase is taken from them.
    pub(in crate::engine) fn raise(
        &mut self,
        enrolment: &mut Enrolment,
        rules: &Rules,
        at: &At,
        given: Cashback,
        now: Moment,
    ) -> Result<(), Problem> {
        cashback::raise(self.tx, &enrolment.key, at, given, now)?;
        if let Some(most) = given.up_to.filter(|_| !mutant::is(Mutant::CashbackNotReserved)) {
            self.charge(rules, most)?;
        }
        let rate = given.rate.to_string();
        self.tell(enrolment, now, Some(&at.step), "raised", Some(&rate))
    }
}

/// The key of a step's entry: the same in every attempt, another in every round.
fn name(what: &str, key: &Key, at: &At) -> String {
    let cycle = if mutant::is(Mutant::KeyWithoutCycle) { 0 } else { key.cycle };
    let round = if mutant::is(Mutant::KeyWithoutRound) { 0 } else { at.round };
    format!("{what} {} {cycle} {} {round}", key.chain, at.step)
}
