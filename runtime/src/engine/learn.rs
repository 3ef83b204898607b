//! Purchases become known: segments see them, goals count them, waits end by them.

use super::advance::Scene;
use super::{Engine, RunError};
use crate::enrolment::Enrolment;
use crate::step::{Input, Phase};
use crate::store::purchases::News;
use crate::store::{Problem, enrolments, purchases, run_state};
use crate::time::Moment;

/// How many purchases one transaction takes in.
const BATCH: i64 = 5_000;

impl Engine {
    /// Moves the clock to a moment and learns of all purchases up to it.
    pub(super) fn learn(&mut self, now: Moment) -> Result<(), RunError> {
        loop {
            let world = &self.world;
            let moves = self.clock != Some(now);
            if !moves
                && self.store.read(|connection| purchases::news(connection, now, 1))?.is_empty()
            {
                return Ok(());
            }
            let learned = self.store.write(|tx| {
                if moves {
                    run_state::set_clock(tx, now)?;
                }
                let news = purchases::news(tx, now, BATCH)?;
                let mut scene = Scene::new(tx, world);
                for purchase in &news {
                    purchases::tell(tx, purchase)?;
                    let (shard, id) = (purchase.shard, purchase.customer_id.as_str());
                    for enrolment in enrolments::of_buyer(tx, shard, id, purchase.occurred_at)? {
                        scene.bought(enrolment, purchase)?;
                    }
                }
                scene.close()?;
                Ok(news.len())
            })?;
            self.clock = Some(now);
            if learned == 0 {
                return Ok(());
            }
        }
    }
}

impl Scene<'_> {
    /// What a purchase means for one enrolment. It counts by when it happened, so nothing
    /// here depends on when we hear of it.
    fn bought(&mut self, mut enrolment: Enrolment, purchase: &News) -> Result<(), Problem> {
        let at = purchase.occurred_at;
        let ended = matches!(enrolment.state.phase, Phase::Ended(_));
        let counts = enrolment.bought_at.is_none()
            && purchase.amount >= enrolment.goal_at_least
            && enrolment.goal_until.map_or(!ended, |until| at <= until);
        if counts {
            enrolments::bought(self.tx, &enrolment.key, at)?;
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
