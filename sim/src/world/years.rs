//! What customers, shops and operators do in a world that lasts for years: each of it as it
//! is in worlds of days, and all of it much more rarely.

use super::log::{Gone, Standing, Told};
use super::outside::{How, Op, Outside};
use super::workload::MARKETING;
use crate::check::zones::{DAY, HOUR, date_of, day_of};

const YEAR: i64 = 365 * DAY;

impl Outside {
    /// Draws who there is, and what they will do from a moment to another.
    pub(super) fn draw_long_load(&mut self, from: i64, to: i64) {
        let n = self.rng.between(2, 6);
        let (mut first, mut known) = (Vec::new(), Vec::new());
        for number in 0..n {
            let mut person = self.draw_person(number, from);
            // Everybody's day comes round; that of some once in four years.
            let (month, day) = match self.rng.below(8) {
                0 => (2, 29),
                1 => (3, 1),
                2 => (1, self.rng.between(1, 4)),
                _ => (self.rng.between(1, 12), self.rng.between(1, 28)),
            };
            person.birthday = Some((4 * self.rng.between(480, 500), month, day));
            person.since = Some(date_of(day_of(2000, 1, 1) + self.rng.between(0, 20 * 365)));
            self.log.people.push(person);
            let place = self.log.people.len() - 1;
            if self.rng.chance(4, 5) {
                first.push(place);
                known.push(from);
            } else {
                let at = from + self.rng.between(0, (to - from) * 2 / 3);
                self.plan(at, How::Plain, Op::People(vec![place]));
                known.push(at);
            }
        }
        self.plan(from, How::Plain, Op::People(first));
        for pool in self.editions.pools() {
            let codes = usize::try_from(self.rng.between(2, 20)).unwrap_or(2);
            self.plan(from, How::Plain, Op::Codes(pool, codes));
        }
        self.draw_history(from);
        for (person, known) in known.into_iter().enumerate() {
            self.draw_life(person, (from, known, to));
        }
        self.draw_operators(from, to);
        for source in 0..self.editions.draft.sources.len() {
            let mut at = from;
            while at < to {
                self.watermark(source, at, 6);
                at += match self.rng.below(6) {
                    0..=2 => self.rng.between(4 * DAY, 15 * DAY),
                    3..=4 => self.rng.between(15 * DAY, 30 * DAY),
                    _ => self.rng.between(30 * DAY, 80 * DAY),
                };
            }
        }
    }

    /// What one customer does in all those years, of which a part may be over when a file first
    /// names her: then only her purchases have come in.
    fn draw_life(&mut self, person: usize, (from, known, to): (i64, i64, i64)) {
        let id = self.log.people[person].id.clone();
        let gap = *self.rng.pick(&[30, 60, 90, 150, 300, 450]) * DAY;
        let mut at = from + self.rng.between(0, gap);
        while at < to - DAY {
            let n = self.purchase(id.clone(), at);
            let heard = at + self.lateness();
            self.tell_purchase(n, heard.max(from), How::Plain);
            if at > known && self.rng.chance(1, 8) {
                self.draw_return(n, heard, to);
            }
            // Now and then she is away for a year or two.
            let longest = if self.rng.chance(1, 12) { 2 * YEAR } else { 2 * gap };
            at += self.rng.between(HOUR, longest);
        }
        let mut at = known + self.rng.between(5 * DAY, YEAR);
        while at < to - DAY {
            self.draw_word(&id, at, (to - at) / 2);
            at += self.rng.between(10 * DAY, 2 * YEAR);
        }
        // Addresses die in years; she has new ones.
        let mut at = known + self.rng.between(DAY, 2 * YEAR);
        while at < to - DAY {
            self.plan(at, How::Plain, Op::Moved(person));
            at += self.rng.between(60 * DAY, 3 * YEAR);
        }
    }

    /// She says or does something; what was a no is a yes again, mostly.
    fn draw_word(&mut self, id: &str, at: i64, most: i64) {
        let heard = at + self.lateness();
        let what = *self.rng.pick(&["yes", "no", "visited", "visited", "unsubscribed"]);
        let channel = *self.rng.pick(&MARKETING);
        let op = match what {
            "yes" | "no" => self.word(id.to_owned(), channel, what == "yes", at),
            what => self.happening(id.to_owned(), what, at),
        };
        self.plan(heard, How::Plain, op);
        let lost: &[_] = match what {
            "no" => &[channel],
            "unsubscribed" => &MARKETING,
            _ => &[],
        };
        for channel in lost {
            if self.rng.chance(4, 5) {
                let later = at + self.rng.between(HOUR, (YEAR / 2).min(most).max(2 * HOUR));
                let op = self.word(id.to_owned(), *channel, true, later);
                self.plan(later + 1_000, How::Plain, op);
            }
        }
    }

    fn draw_operators(&mut self, from: i64, to: i64) {
        let chains: Vec<String> =
            self.running().program.chains.iter().map(|chain| chain.name.clone()).collect();
        let mut at = from + self.rng.between(DAY, YEAR);
        while at < to - DAY {
            let chain = self.rng.pick(&chains).clone();
            if self.rng.chance(1, 2) {
                self.pause(chain, at, How::Plain);
            } else {
                let still =
                    if self.rng.chance(2, 3) { Standing::Paused } else { Standing::Stopped };
                let order = self.order(chain.clone(), still);
                self.plan(at, How::Plain, order);
                let again = self.order(chain, Standing::Running);
                let later = at + self.rng.between(HOUR, 200 * DAY);
                self.plan(later, How::Plain, again);
            }
            at += self.rng.between(20 * DAY, 2 * YEAR);
        }
        // Of whom there are many rows goes, or becomes somebody else.
        let late = |world: &mut Self| from + world.rng.between((to - from) / 2, to - from - DAY);
        match self.rng.below(4) {
            0 => {
                let at = late(self);
                let customer = self.rng.pick(&self.log.people).id.clone();
                self.log.erased.push(Gone { customer, told: Told::default() });
                self.plan(at, How::Plain, Op::Erase(self.log.erased.len() - 1));
            }
            1 => {
                let at = late(self);
                let (one, other) = (self.log.people[0].id.clone(), self.log.people[1].id.clone());
                self.plan(at, How::Plain, Op::Merge(one, other));
            }
            _ => {}
        }
    }
}
