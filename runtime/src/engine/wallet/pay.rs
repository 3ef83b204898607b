//! A purchase is paid with points, and earns some.

use super::super::advance::Scene;
use super::hex;
use crate::mutant::{self, Mutant};
use crate::store::purchases::News;
use crate::store::wallet::{Entry, Kind};
use crate::store::{Problem, cashback, gift, wallet};
use crate::wallet::{OWED, cashback as worth, pay};
use chainc_compiler::units::Points;

impl Scene<'_> {
    /// Writes what a purchase does to the wallet, at the moment at which it was made.
    pub(in crate::engine) fn book(&mut self, purchase: &News) -> Result<(), Problem> {
        if purchase.points_spent.0 > 0 {
            self.spend(purchase)?;
        }
        if purchase.points_earned.0 > 0 {
            let key = format!("earned {}", hex(&purchase.event_id));
            let entry = entry(purchase, &key, Kind::Earned);
            wallet::open(self.tx, entry, purchase.points_earned, None, None)?;
        }
        self.reward(purchase)
    }

    /// Points leave the lots that expire first. The till has the last word: what no lot
    /// covers is owed.
    fn spend(&mut self, purchase: &News) -> Result<(), Problem> {
        self.gifts.write(self.tx)?;
        let (shard, at) = (purchase.shard, purchase.occurred_at);
        let who = (shard, purchase.customer_id.as_str());
        let brand = purchase.brand.as_deref();
        let spent = format!("spent {}", hex(&purchase.event_id));
        let spent = entry(purchase, &spent, Kind::Spent);
        gift::unwrap(self.tx, who)?;
        let payment = pay(&wallet::lots(self.tx, who)?, purchase.points_spent, at, brand);
        for (lot, points) in payment.from {
            wallet::write(self.tx, spent, &lot, Points(-points.0))?;
        }
        // Heard of late: what has expired since was still hers at that moment.
        let undone = format!("unexpired {}", hex(&purchase.event_id));
        let undone = entry(purchase, &undone, Kind::Expired);
        let expired = wallet::expired_since(self.tx, who, at)?;
        let payment = pay(&expired, payment.uncovered, at, brand);
        for (lot, points) in payment.from {
            wallet::write(self.tx, undone, &lot, points)?;
            wallet::write(
                self.tx,
                Entry { key: &late(purchase), ..spent },
                &lot,
                Points(-points.0),
            )?;
        }
        if payment.uncovered.0 > 0 && !mutant::is(Mutant::DebtLost) {
            wallet::write(self.tx, spent, OWED, Points(-payment.uncovered.0))?;
        }
        Ok(())
    }

    /// The highest cashback of the moment that has room brings points: what it comes to
    /// beyond what the till gave.
    fn reward(&mut self, purchase: &News) -> Result<(), Problem> {
        let who = (purchase.shard, purchase.customer_id.as_str());
        let raised = cashback::at(self.tx, who, purchase.occurred_at)?;
        let best = raised
            .into_iter()
            .filter(|raised| raised.room().0 > 0)
            .max_by_key(|raised| (raised.rate, std::cmp::Reverse(raised.ends_at)));
        let Some(raised) = best else { return Ok(()) };
        let point = self.world.point();
        let points = worth(purchase.amount, raised.rate, point, purchase.points_earned);
        let points = points.min(raised.room());
        if points.0 <= 0 {
            return Ok(());
        }
        let key = format!("cashback {}", hex(&purchase.event_id));
        let entry = Entry {
            step: Some((&raised.key, &raised.at)),
            ..entry(purchase, &key, Kind::Cashback)
        };
        wallet::open(self.tx, entry, points, None, None)?;
        self.earn(raised.clone(), points, purchase.occurred_at)
    }
}

/// The key of what is paid from points that had expired when the purchase was heard of.
fn late(purchase: &News) -> String {
    format!("spent late {}", hex(&purchase.event_id))
}

fn entry<'a>(purchase: &'a News, key: &'a str, kind: Kind) -> Entry<'a> {
    Entry {
        who: (purchase.shard, &purchase.customer_id),
        key,
        kind,
        at: purchase.occurred_at,
        step: None,
        purchase: Some(&purchase.event_id),
    }
}
