//! Purchases become known: segments see them, goals count them, waits end by them.

use super::advance::Scene;
use super::{Engine, RunError};
use crate::enrolment::Enrolment;
use crate::step::{Input, Phase};
use crate::store::purchases::News;
use crate::store::{Problem, enrolments, purchases, returns, run_state};
use crate::time::Moment;

/// How many purchases one transaction takes in.
const BATCH: i64 = 5_000;

impl Engine {
    /// Moves the clock to a moment and learns of all purchases up to it.
    pub(super) fn learn(&mut self, now: Moment) -> Result<(), RunError> {
        loop {
            let world = &self.world;
            let moves = self.clock != Some(now);
            if !moves && !self.has_news(now)? {
                return Ok(());
            }
            let learned = self.store.write(|tx| {
                if moves {
                    run_state::set_clock(tx, now)?;
                }
                let news = purchases::news(tx, now, BATCH)?;
                let mut scene = Scene::new(tx, world)?;
                for purchase in &news {
                    purchases::tell(tx, purchase)?;
                    scene.book(purchase)?;
                    let (shard, id) = (purchase.shard, purchase.customer_id.as_str());
                    for enrolment in enrolments::of_buyer(tx, shard, id, purchase.occurred_at)? {
                        scene.bought(enrolment, purchase)?;
                    }
                }
                let mut more = !news.is_empty();
                if !more {
                    more = scene.learn_of_returns(now)? || scene.close_wallets(now, BATCH)?;
                }
                scene.close()?;
                Ok(more)
            })?;
            self.clock = Some(now);
            if !learned {
                return Ok(());
            }
        }
    }

    /// Tells whether there is anything to learn of at a moment, without writing.
    pub(super) fn has_news(&self, now: Moment) -> Result<bool, RunError> {
        let has_news = self.store.read(|connection| {
            Ok(!purchases::news(connection, now, 1)?.is_empty()
                || returns::next(connection, now)?.is_some()
                || super::wallet::is_due(connection, now)?)
        })?;
        Ok(has_news)
    }
}

impl Scene<'_> {
    /// Learns of what came back by a moment; true if anything did.
    fn learn_of_returns(&mut self, now: Moment) -> Result<bool, Problem> {
        for number in 0..BATCH {
            let Some(back) = returns::next(self.tx, now)? else { return Ok(number > 0) };
            self.returned(&back)?;
        }
        Ok(true)
    }

    /// What a purchase means for one enrolment. It counts by when it happened, so nothing
    /// here depends on when we hear of it.
    fn bought(&mut self, mut enrolment: Enrolment, purchase: &News) -> Result<(), Problem> {
        let at = purchase.occurred_at;
        let ended = matches!(enrolment.state.phase, Phase::Ended(_));
        let counts = enrolment.bought_at.is_none()
            && purchase.amount >= enrolment.goal_at_least
            && enrolment.goal_until.map_or(!ended, |until| at <= until);
        if counts {
            enrolments::set_bought(self.tx, &enrolment.key, Some(at))?;
            let what = if enrolment.control { "control bought" } else { "bought" };
            self.tell(&mut enrolment, at, None, what, None)?;
            self.save(&enrolment, at)?;
        }
        if !ended {
            self.advance(enrolment, Input::Purchased(at), at)?;
        }
        Ok(())
    }
}
