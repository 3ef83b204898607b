//! A replay that sends for real is killed again and again, and paused, while the history that
//! it will come to is imported beside it.

use crate::judge::Clock;
use crate::life::{When, keys};
use crate::outsider::{Errand, Fact, Outsider, iso, millis, rest};
use crate::shop::{Plan, Shop};
use crate::support::Project;
use crate::trial::{Dice, with_every_seed};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Two chains of all that gives and sends: a ladder behind a grant, a raised cashback, rounds.
const CHAINS: &str = r#"
policy { timezone "UTC" currency USD price email 0.01 USD price sms 0.04 USD }

message offer { email subject "An offer" body "{grant.points} are yours" sms "{grant.points} are yours" }
message reminder { email subject "Still yours" body "Come in" sms "Come in" }
message last { email subject "The last one" body "Come in" }
message gift { email subject "A gift" body "{grant.points}" sms "{grant.points}" }

chain winback {
  goal purchase within 30d
  control 10%
  budget 5_000_000 points
  budget 5_000 USD
  reenter after 40d
  segment recency 20..40
    -> grant by recency { 20..29: 100, 30..40: 200 } expires 60d
    -> email offer
    -> fallback sms
    -> wait 3d unless purchase
    -> cashback 10% for 7d up to 50 points
    -> email reminder
    -> fallback sms
    -> wait 5d unless purchase or event "visited"
    -> email last
}

chain weekly {
  goal purchase within 30d
  budget 5_000_000 points
  reenter after 50d
  segment recency 12..14
    -> repeat every 2d until purchase max 3 {
         grant 20 expires 30d -> email gift -> fallback sms
       }
}
"#;

/// The first day of a replay; behind it the history comes in pieces, a chapter for each range
/// that follows, and is imported before the replay comes to it.
const OPENING: &str = "2025-12-31..2025-12-31";

/// The ranges of a whole replay, in order.
pub(crate) const RANGES: [&str; 4] =
    [OPENING, "2026-01-01..2026-01-20", "2026-01-21..2026-02-09", "2026-02-10..2026-02-28"];

/// An invented shop and its history, drawn from a seed.
pub(crate) struct History {
    customers: String,
    /// What happened before the first chapter, as a file that `chainc.yaml` names.
    before: String,
    /// What happened in each chapter.
    chapters: Vec<Vec<Errand>>,
}

impl History {
    /// Draws one. Everybody buys in the afternoon: no mail that is tried again after an hour
    /// crosses a purchase, so that faults change no grant.
    pub(crate) fn draw(dice: &mut Dice, customers: u64) -> Self {
        let mut people =
            String::from("customer_id,phone,email,registered_at,consent_sms,consent_email\n");
        let mut before = String::from("external_id,customer_id,purchased_at,amount\n");
        let day = 86_400_000;
        let ends = RANGES.map(|range| range.split_once("..").expect("a range").1);
        let [first, ends @ ..] = ends.map(|last| millis(last, 24));
        let mut bought = vec![Vec::new(); ends.len()];
        let (mut refused, mut happened) = (bought.clone(), bought.clone());
        let chapter = |at: i64| ends.iter().position(|end| at < *end);
        for n in 1..=customers {
            people += &format!(
                "c{n},+1202555{n:04},c{n}@example.com,2020-01-01,yes,{}\n",
                if dice.percent(93) { "yes" } else { "no" }
            );
            let moment = |dice: &mut Dice, days: i64| {
                let minute = i64::try_from(16 * 60 + dice.roll(240)).expect("a minute");
                first + days * day + minute * 60_000 + i64::try_from(dice.roll(60_000)).expect("ms")
            };
            let mut days = -400;
            while days < 60 {
                days +=
                    i64::try_from(3 + dice.roll(if days < -60 { 8 } else { 38 })).expect("days");
                let at = moment(dice, days);
                let receipt = format!("r{n}-{days}");
                match chapter(at) {
                    _ if days < 0 => before += &format!("{receipt},c{n},{},5\n", iso(at)),
                    Some(number) => {
                        bought[number].push((Fact::Bought(format!("c{n}"), receipt), at))
                    }
                    None => {}
                }
            }
            for _ in 0..2 {
                let days = i64::try_from(dice.roll(58)).expect("a day");
                let (at, who) = (moment(dice, days), format!("c{n}"));
                let Some(number) = chapter(at) else { continue };
                match dice.roll(12) {
                    0 => refused[number].push((Fact::SaidNo(who), at)),
                    1 => happened[number].push((Fact::Unsubscribed(who), at)),
                    2..5 => happened[number].push((Fact::Visited(who), at)),
                    _ => {}
                }
            }
        }
        let chapters = bought.into_iter().zip(refused).zip(happened).map(|((one, two), three)| {
            let errands = [one, two, three].into_iter().filter(|facts| !facts.is_empty());
            errands.map(Errand::of).collect()
        });
        Self { customers: people, before, chapters: chapters.collect() }
    }

    /// Returns what has to be imported behind a range, before the next one.
    pub(crate) fn after(&self, range: &str) -> Option<&Vec<Errand>> {
        self.chapters.get(RANGES.iter().position(|other| *other == range)?)
    }

    /// Puts it into a project, with some settings for its channels.
    pub(crate) fn write(&self, project: &Project, settings: &str) {
        project.write("shop.chain", CHAINS);
        project.write("customers.csv", &self.customers);
        project.write("before.csv", &self.before);
        let import =
            "import:\n  customers: { file: customers.csv }\n  purchases: { file: before.csv }\n";
        project.write("chainc.yaml", format!("{settings}{import}"));
    }

    /// Runs it without a fault and without a provider; returns what was granted to whom, and
    /// how many mails there were.
    pub(crate) fn undisturbed(&self) -> (Vec<String>, usize) {
        let project = Arc::new(Project::empty());
        self.write(&project, "");
        let store = project.path("chainc.db");
        let mut outsider = Outsider::new(Arc::clone(&project), store.clone(), Dice(0), 0);
        for range in RANGES {
            project.chainc(&["run", ".", "--replay", range]).succeeded();
            outsider.bring_all(self.after(range).map_or(&[], Vec::as_slice));
        }
        assert!(outsider.heard.violations.is_empty(), "{:?}", outsider.heard);
        let mails = project.messages();
        (granted(&store), mails.iter().filter(|line| line["channel"] == "email").count())
    }
}

/// What was granted to whom.
pub(crate) fn granted(store: &Path) -> Vec<String> {
    keys(
        store,
        "SELECT printf('%s %s %d %s %d: %d', customer_id, chain, cycle, step, round, points) \
         FROM wallet_entry WHERE kind = 'granted' ORDER BY 1",
    )
}

/// How many faults there are at least.
pub(crate) const KILLS: u64 = 40;
pub(crate) const PAUSES: u64 = 3;

#[test]
fn a_replay_killed_again_and_again_mails_and_grants_once() {
    with_every_seed("a_replay_killed_again_and_again_mails_and_grants_once", |trial| {
        let history = History::draw(&mut trial.dice, 50);
        let (expected, mails) = history.undisturbed();
        let mut shop = Shop::new(trial, "chainc.db");
        history.write(&shop.project, &shop.provider.settings());
        // Killed while it makes the store, imports and starts, each time a little later.
        let mut life = Duration::from_millis(5);
        let opening = ["run", ".", "--replay", OPENING, "--real-channels"];
        while !shop.lives(&opening, Plan::kill(When::After(life)), &mut |_| false, trial) {
            life += Duration::from_millis(20 + trial.dice.roll(60));
        }
        let mean = u64::try_from(mails).expect("mails").div_ceil(KILLS - 10);
        let mut outsider = shop.outsider(trial);
        outsider.bring_all(history.after(OPENING).expect("the first chapter"));
        shop.has_heard(outsider.heard, trial);
        for range in &RANGES[1..] {
            let run = ["run", ".", "--replay", range, "--real-channels"];
            let next = history.after(range).map_or(&[][..], Vec::as_slice);
            let mut outsider = shop.outsider(trial);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    for errand in next {
                        rest(&mut outsider.dice);
                        outsider.bring(errand.clone());
                    }
                });
                while !shop.lives(&run, Plan::draw(mean, 6, trial), &mut |_| false, trial) {}
            });
            shop.has_heard(outsider.heard, trial);
        }
        // What is missing of the kills comes while there is nothing to do but to start.
        while trial.counted("kills") < KILLS {
            let life = Duration::from_millis(trial.dice.roll(60));
            shop.lives(&opening, Plan::kill(When::After(life)), &mut |_| false, trial);
        }
        if granted(&shop.store) != expected {
            trial.violated("other points were granted than by an undisturbed run".to_owned());
        }
        shop.judge(Clock::Replay, trial);
        trial.assert_at_least("kills", KILLS);
        trial.assert_at_least("kills with a message on its way", 1);
        trial.assert_at_least("pauses", PAUSES);
    });
}
