//! What happened becomes known: segments see purchases, goals count them, waits end by them;
//! receipts settle messages; an unsubscription is a no.

use super::advance::Scene;
use super::{Engine, RunError};
use crate::enrolment::Enrolment;
use crate::mutant::{self, Mutant};
use crate::step::{Input, Phase};
use crate::store::purchases::News as Purchase;
use crate::store::{self, Problem, enrolments, events, outbox, purchases, returns, run_state};
use crate::time::Moment;
use rusqlite::Connection;

/// How many purchases, and how many events, one transaction takes in.
const BATCH: i64 = 2_000;

/// Something that the run has not heard of.
enum News {
    Purchase(Purchase),
    Event(events::News),
}

impl News {
    const fn at(&self) -> Moment {
        match self {
            Self::Purchase(purchase) => purchase.occurred_at,
            Self::Event(event) => event.occurred_at,
        }
    }
}

/// Tells whether anything up to a moment has not been heard of.
pub(super) fn is_news(connection: &Connection, now: Moment) -> Result<bool, Problem> {
    if mutant::is(Mutant::LearnLast) {
        return Ok(false);
    }
    Ok(purchases::is_news(connection, now)? || !events::news(connection, now, 1)?.is_empty())
}

/// Tells whether another process has brought something in that is to be heard first: a
/// purchase, a no. It may have happened behind `now`, if this process was held up since it
/// looked at its clock; the next turn has a later one.
pub(super) fn is_interrupted(
    connection: &Connection,
    seen: &mut i64,
    now: Moment,
) -> Result<bool, Problem> {
    if mutant::is(Mutant::GuardPurchase) {
        return Ok(false);
    }
    let brought_in = store::brought_in(connection)?;
    Ok(std::mem::replace(seen, brought_in) != brought_in || is_news(connection, now)?)
}

/// Returns what has not been heard of, the oldest first; of one moment, purchases first.
fn news(connection: &Connection, now: Moment) -> Result<Vec<News>, Problem> {
    let full = usize::try_from(BATCH).unwrap_or(usize::MAX);
    let bought = purchases::news(connection, now, BATCH)?;
    let happened = events::news(connection, now, BATCH)?;
    // What lies behind the end of a full batch waits for the next one, so that nothing is
    // heard before what happened before it.
    let end = |last: Option<Moment>, length: usize| last.filter(|_| length >= full);
    let ends = [
        end(bought.last().map(|last| last.occurred_at), bought.len()),
        end(happened.last().map(|last| last.occurred_at), happened.len()),
    ];
    let until = ends.into_iter().flatten().min().unwrap_or(now);
    let mut all: Vec<News> = bought.into_iter().map(News::Purchase).collect();
    all.extend(happened.into_iter().map(News::Event));
    all.retain(|news| news.at() <= until);
    all.sort_by_key(News::at);
    Ok(all)
}

impl Engine {
    /// Moves the clock to a moment and learns of all that happened up to it.
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
                let news = news(tx, now)?;
                let mut scene = Scene::new(tx, world)?;
                for one in &news {
                    match one {
                        News::Purchase(purchase) => scene.hear_of_purchase(purchase)?,
                        News::Event(event) => scene.hear_of_event(event)?,
                    }
                }
                let mut more = !news.is_empty();
                if !more {
                    more = scene.learn_of_returns(now)? || scene.close_wallets(now, BATCH)?;
                }
                scene.close(&mut [])?;
                Ok(more)
            })?;
            self.clock = Some(now);
            if !learned {
                return Ok(());
            }
        }
    }

    /// Learns when all else is done, as a deliberate fault has it.
    pub(super) fn learn_last(&mut self, now: Moment) -> Result<bool, RunError> {
        let has_news = self.clock != Some(now) || self.has_news(now)?;
        self.learn(now)?;
        Ok(has_news)
    }

    /// Tells whether there is anything to learn of at a moment, without writing.
    pub(super) fn has_news(&self, now: Moment) -> Result<bool, RunError> {
        let has_news = self.store.read(|connection| {
            Ok(is_news(connection, now)?
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
            if mutant::is(Mutant::ReturnsIgnored) {
                return Ok(false);
            }
            self.returned(&back)?;
        }
        Ok(true)
    }

    fn hear_of_purchase(&mut self, purchase: &Purchase) -> Result<(), Problem> {
        purchases::tell(self.tx, purchase)?;
        self.book(purchase)?;
        self.settle_down(purchase.customer)?;
        for enrolment in enrolments::of_buyer(self.tx, purchase.customer, purchase.occurred_at)? {
            self.bought(enrolment, purchase)?;
        }
        Ok(())
    }

    /// What a purchase means for one enrolment. It counts by when it happened, so nothing
    /// here depends on when we hear of it.
    fn bought(&mut self, mut enrolment: Enrolment, purchase: &Purchase) -> Result<(), Problem> {
        let mut at = purchase.occurred_at;
        if mutant::is(Mutant::LateByHearing) {
            at = run_state::clock(self.tx)?.unwrap_or(at).max(at);
        }
        let ended = matches!(enrolment.state.phase, Phase::Ended(_));
        let counts = enrolment.bought_at.is_none()
            && purchase.amount >= enrolment.goal_at_least
            && enrolment
                .goal_until
                .map_or(!ended, |until| at <= until || mutant::is(Mutant::GoalWithoutEnd));
        if counts {
            enrolment.bought_at = Some(at);
            let what = if enrolment.control { "control bought" } else { "bought" };
            self.tell(&mut enrolment, at, None, what, None)?;
            self.save(&enrolment, at);
        }
        self.tell_of_too_late(&mut enrolment, at)?;
        if !ended {
            self.advance(enrolment, Input::Purchased(at), at)?;
        }
        Ok(())
    }

    /// Tells of messages that would not have left, had the purchase been heard of in time.
    fn tell_of_too_late(&mut self, enrolment: &mut Enrolment, at: Moment) -> Result<(), Problem> {
        let Some(from) = enrolment.state.memory.watched_from else { return Ok(()) };
        self.settle_sheets(enrolment.key.number)?;
        let steps = outbox::left_after(self.tx, enrolment.key.id(), from, at)?;
        for step in &steps {
            let why = "bought before the message left, heard of after it";
            self.tell(enrolment, at, Some(step), "too late", Some(why))?;
        }
        if !steps.is_empty() {
            self.save(enrolment, at);
        }
        Ok(())
    }
}
