//! A purchase comes back: it takes along what it had brought, she has again what she had
//! paid with, and it counts no more for a goal.

use super::super::advance::Scene;
use super::hex;
use crate::mutant::{self, Mutant};
use crate::store::returns::{self, News};
use crate::store::wallet::{Entry, Kind};
use crate::store::{Problem, cashback, customers, enrolments, gift, purchases, wallet};
use crate::wallet::{Lot, OWED, pay, share};
use chainc_compiler::units::Points;

impl Scene<'_> {
    /// Writes what a return means.
    pub(in crate::engine) fn returned(&mut self, back: &News) -> Result<(), Problem> {
        returns::tell(self.tx, back)?;
        self.gifts.write(self.tx)?;
        gift::unwrap(self.tx, (back.shard, &back.customer_id))?;
        // First what is hers again, so that as little as possible is owed.
        self.give_back(back)?;
        self.take_back(back, Kind::Cashback)?;
        if !mutant::is(Mutant::EarnedIsKept) {
            self.take_back(back, Kind::Earned)?;
        }
        self.goals(back)
    }

    /// The points that the returned part had brought are taken: from their own lot, then
    /// from what expires first; what is spent already is owed.
    fn take_back(&mut self, back: &News, brought: Kind) -> Result<(), Problem> {
        let who = (back.shard, back.customer_id.as_str());
        let own = format!("{} {}", brought.as_str(), hex(&back.purchase));
        let Some(gain) = wallet::gain(self.tx, who, &own)? else { return Ok(()) };
        let prefix = format!("taken back {} ", brought.as_str());
        let before = wallet::taken_back(self.tx, who, &back.purchase, &prefix)?;
        let due = share(gain.points, back.returned, back.paid).0 - before.0;
        if due <= 0 {
            return Ok(());
        }
        let key = format!("{prefix}{}", hex(&back.event_id));
        let entry = entry(back, &key, Kind::TakenBack);
        let lots = wallet::lots(self.tx, who)?;
        let (first, others): (Vec<Lot>, Vec<Lot>) =
            lots.into_iter().partition(|lot| lot.key == own);
        let mut owed = Points(due);
        for lots in [first, others] {
            let payment = pay(&lots, owed, back.occurred_at, back.brand.as_deref());
            for (lot, points) in payment.from {
                wallet::write(self.tx, entry, &lot, Points(-points.0))?;
            }
            owed = payment.uncovered;
        }
        if owed.0 > 0 {
            wallet::write(self.tx, entry, OWED, Points(-owed.0))?;
        }
        match gain.step {
            Some((key, at)) => {
                let raised = cashback::of(self.tx, &key, &at)?;
                self.earn(raised, Points(-due), back.occurred_at)
            }
            None => Ok(()),
        }
    }

    /// What she had paid with comes back into its lots: what is owed is paid first, then
    /// what lives longest. Lots whose time is over by then expire at once.
    fn give_back(&self, back: &News) -> Result<(), Problem> {
        let who = (back.shard, back.customer_id.as_str());
        let mut paid = wallet::paid(self.tx, who, &back.purchase)?;
        paid.sort_by_key(|lot| {
            let lives = lot.expires_at.map_or(i64::MAX, |at| at.0);
            (lot.key != OWED, std::cmp::Reverse(lives), lot.key.clone())
        });
        let still_paid: i64 = paid.iter().map(|lot| lot.left.0).sum();
        let returned = share(back.points_spent, back.returned, back.paid);
        let mut due = still_paid - (back.points_spent.0 - returned.0);
        let given = format!("given back {}", hex(&back.event_id));
        let given = entry(back, &given, Kind::GivenBack);
        let over = format!("expired {}", hex(&back.event_id));
        for lot in paid {
            let part = due.min(lot.left.0);
            if part <= 0 {
                continue;
            }
            due -= part;
            if lot.key == OWED {
                self.give_back_owed(given, Points(part))?;
                continue;
            }
            wallet::write(self.tx, given, &lot.key, Points(part))?;
            if !lot.is_valid(back.occurred_at) {
                let over = entry(back, &over, Kind::Expired);
                wallet::write(self.tx, over, &lot.key, Points(-part))?;
            }
        }
        wallet::settle(self.tx, given)
    }

    /// What she had not covered is owed less now. Where other points have paid for it since,
    /// she has those again, for good.
    fn give_back_owed(&self, given: Entry<'_>, points: Points) -> Result<(), Problem> {
        let owed = wallet::owed(self.tx, given.who)?.min(points);
        if owed.0 > 0 {
            wallet::write(self.tx, given, OWED, owed)?;
        }
        let rest = Points(points.0 - owed.0);
        if rest.0 > 0 { wallet::open(self.tx, given, rest, None, None) } else { Ok(()) }
    }

    /// Enrolments that the purchase had converted count another one of hers, or none.
    fn goals(&mut self, back: &News) -> Result<(), Problem> {
        let (shard, id) = (back.shard, back.customer_id.as_str());
        let Some(number) = customers::number(self.tx, shard, id)? else { return Ok(()) };
        self.settle_down(number)?;
        for mut enrolment in enrolments::converted_at(self.tx, number, back.bought_at)? {
            let since = enrolment.state.entered_at;
            let other = match enrolment.goal_until {
                Some(until) => {
                    let most = (since, until);
                    purchases::first_within(self.tx, (shard, id), most, enrolment.goal_at_least)?
                }
                None => None,
            };
            if other == Some(back.bought_at) {
                continue;
            }
            enrolment.bought_at = other;
            let what = if enrolment.control { "control returned" } else { "returned" };
            self.tell(&mut enrolment, back.occurred_at, None, what, None)?;
            if other.is_none() {
                let what = if enrolment.control { "control bought" } else { "bought" };
                self.add(&enrolment, "", what, -1);
            }
            self.keep(&enrolment);
        }
        Ok(())
    }
}

fn entry<'a>(back: &'a News, key: &'a str, kind: Kind) -> Entry<'a> {
    Entry {
        who: (back.shard, &back.customer_id),
        key,
        kind,
        at: back.occurred_at,
        step: None,
        purchase: Some(&back.purchase),
    }
}
