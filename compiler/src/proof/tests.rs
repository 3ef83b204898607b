//! Small chains, run minute by minute in every way they can go, against what is proved.

use super::moments::{day_number, weekday_of};
use super::{Dearest, Stretch, Terms, Timeline};
use crate::ir::{
    Action, Active, Amount, Cap, Capped, Chain, Channel, Condition, Day, Delay, Entry, Event,
    Every, IfArm, Message, Policy, QuietHours, Schedule, SplitArm, Step, Text,
};
use crate::support::{Numbers, is_long, times};
use crate::units::{BasisPoints, ClockTime, Currency, Date, Minor, Period, Points, Test, Weekday};
use std::collections::BTreeMap;

const DAY: i64 = 24 * 60;

pub(super) fn policy(quiet: Option<(u16, u16)>) -> Policy {
    Policy {
        timezone: "Asia/Yekaterinburg".to_owned(),
        currency: Currency { code: "RUB".to_owned(), digits: 2 },
        quiet: quiet.map(|(from, to)| QuietHours { from: clock(from), to: clock(to) }),
        prices: BTreeMap::from([(Channel::Sms, Minor(420)), (Channel::Email, Minor(10))]),
        point: None,
        caps: Vec::new(),
        consent: BTreeMap::new(),
        attributes: BTreeMap::new(),
        longest: BTreeMap::new(),
        owner: None,
    }
}

pub(super) fn clock(hour: u16) -> ClockTime {
    ClockTime(hour * 60)
}

/// Numbers steps as the compiler does.
pub(super) fn numbered(actions: Vec<Action>) -> Vec<Step> {
    fn number(prefix: &str, steps: &mut [Step]) {
        for (at, step) in steps.iter_mut().enumerate() {
            step.id = format!("{prefix}{}", at + 1);
            let inner = |arm: usize, id: &str| format!("{id}.{}.", arm + 1);
            match &mut step.action {
                Action::If { arms, otherwise } => {
                    let lists = arms.iter_mut().map(|arm| &mut arm.steps).chain(otherwise);
                    lists.enumerate().for_each(|(at, steps)| number(&inner(at, &step.id), steps));
                }
                Action::Split { arms } => {
                    let lists = arms.iter_mut().map(|arm| &mut arm.steps);
                    lists.enumerate().for_each(|(at, steps)| number(&inner(at, &step.id), steps));
                }
                Action::Repeat { steps, .. } => number(&inner(0, &step.id), steps),
                _ => {}
            }
        }
    }
    let mut steps: Vec<Step> = actions.into_iter().map(step).collect();
    number("", &mut steps);
    steps
}

fn step(action: Action) -> Step {
    Step { id: String::new(), text: String::new(), action }
}

pub(super) fn steps(actions: Vec<Action>) -> Vec<Step> {
    actions.into_iter().map(step).collect()
}

pub(super) fn chain(actions: Vec<Action>) -> Chain {
    let texts = BTreeMap::from([
        (Channel::Sms, Text::Sms { text: vec![] }),
        (Channel::Push, Text::Push { title: vec![], body: vec![] }),
    ]);
    Chain {
        name: "a".to_owned(),
        version: String::new(),
        title: None,
        description: None,
        owner: None,
        experiment: None,
        brand: None,
        control: None,
        goal: None,
        entry: Entry::Once,
        active: None,
        schedule: Schedule::default(),
        exclusive: None,
        quiet: None,
        budgets: Vec::new(),
        caps: Vec::new(),
        caps_off: None,
        consent_off: BTreeMap::new(),
        audience: Condition::Recency(Test::Between(30, 120)),
        steps: numbered(actions),
        messages: BTreeMap::from([("m".to_owned(), Message { draft: false, texts })]),
    }
}

pub(super) fn send(channel: Channel) -> Action {
    Action::Send { channel, message: "m".to_owned(), within: None }
}

fn fallback(channel: Channel) -> Action {
    Action::Fallback { channel, message: "m".to_owned(), within: None }
}

pub(super) fn wait(period: Period) -> Action {
    Action::Wait { delay: Delay::For(period), unless: vec![Event::Purchase] }
}

pub(super) fn until(day: Day, hour: u16) -> Action {
    Action::Wait { delay: Delay::Until { day, at: clock(hour) }, unless: vec![] }
}

pub(super) fn grant(points: i64) -> Action {
    Action::Grant { amount: Amount::Fixed(Points(points)), expires: None, at: None }
}

/// What may stand in a chain made at random.
#[derive(Clone, Copy)]
struct Make {
    dates: bool,
    purchases: bool,
}

fn actions(numbers: &mut Numbers, make: Make, depth: usize, most: usize) -> Vec<Action> {
    let count = 1 + numbers.below(most);
    (0..count).map(|_| action(numbers, make, depth)).collect()
}

fn action(numbers: &mut Numbers, make: Make, depth: usize) -> Action {
    let hours: [u16; 6] = [0, 6, 9, 11, 20, 23];
    match numbers.below(if depth == 0 { 9 } else { 13 }) {
        0 => Action::Grant {
            amount: if numbers.below(2) == 0 {
                Amount::Fixed(Points(numbers.below(500) as i64 + 1))
            } else {
                let band = |from, to, points| crate::ir::Band { from, to, points: Points(points) };
                Amount::ByRecency(vec![band(0, 29, 900), band(30, 59, 100), band(60, 120, 300)])
            },
            expires: None,
            at: None,
        },
        1 => Action::Cashback {
            rate: BasisPoints(2000),
            period: Period::Days(7),
            up_to: Some(Points(numbers.below(100) as i64)),
        },
        2 => Action::Promo { pool: "p".to_owned(), expires: None },
        3 => send(numbers.one(&[Channel::Sms, Channel::Push])),
        4 => fallback(numbers.one(&[Channel::Email, Channel::Sms])),
        5 => wait(Period::Days(1 + numbers.below(9) as u32)),
        6 => wait(Period::Seconds(3600 * (1 + numbers.below(40) as u32))),
        7 => until(Day::Any, numbers.one(&hours)),
        8 => {
            let date = Date::new(2026, 3, 5 + numbers.below(8) as u8).unwrap();
            let day = if make.dates && numbers.below(2) == 0 {
                Day::Date(date)
            } else {
                Day::Weekday(numbers.one(&Weekday::ALL))
            };
            until(day, numbers.one(&hours))
        }
        9 => {
            let arms = (0..1 + numbers.below(2)).map(|_| IfArm {
                condition: Condition::Tag("x".to_owned()),
                steps: steps(actions(numbers, make, depth - 1, 2)),
            });
            let arms = arms.collect();
            let otherwise = numbers.below(2) == 0;
            Action::If {
                arms,
                otherwise: otherwise.then(|| steps(actions(numbers, make, depth - 1, 2))),
            }
        }
        10 => {
            let arm = |name: &str, steps| SplitArm {
                name: name.to_owned(),
                share: BasisPoints(5000),
                steps,
            };
            let mut body = || steps(actions(numbers, make, depth - 1, 2));
            Action::Split { arms: vec![arm("a", body()), arm("b", body())] }
        }
        11 => {
            let at = numbers.one(&[None, Some(clock(12)), Some(clock(8))]);
            let every = match numbers.below(4) {
                0 => Every::Weekly { on: numbers.one(&Weekday::ALL), at },
                1 => Every::Period { period: Period::Seconds(6 * 3600), at: None },
                2 => Every::Period { period: Period::Days(2), at },
                _ => Every::Period { period: Period::Days(1), at },
            };
            let until = (make.dates && numbers.below(2) == 0)
                .then(|| Date::new(2026, 3, 3 + numbers.below(8) as u8).unwrap());
            Action::Repeat {
                every,
                until_purchase: make.purchases && numbers.below(2) == 0,
                until,
                max: Some(1 + numbers.below(3) as u32),
                steps: steps(actions(numbers, make, depth - 1, 2)),
            }
        }
        _ => Action::Exit,
    }
}

/// One way a run can go: what is chosen, choice by choice.
struct Way {
    chosen: Vec<(usize, usize)>,
    at: usize,
}

impl Way {
    fn choose(&mut self, of: usize) -> usize {
        if self.at == self.chosen.len() {
            self.chosen.push((0, of));
        }
        let (choice, _) = self.chosen[self.at];
        self.at += 1;
        choice
    }

    /// Goes on to the next way; false when there is none.
    fn next(&mut self) -> bool {
        self.at = 0;
        while let Some((choice, of)) = self.chosen.pop() {
            if choice + 1 < of {
                self.chosen.push((choice + 1, of));
                return true;
            }
        }
        false
    }
}

#[derive(Default, Clone)]
struct Bill {
    points: i64,
    codes: i64,
    cashback: i64,
    money: i64,
    count: BTreeMap<Channel, i64>,
}

/// A run of one customer. Time is counted in minutes from 1970 on her clock.
struct Run<'r> {
    chain: &'r Chain,
    policy: &'r Policy,
    now: i64,
    entered: i64,
    left: bool,
    bill: Bill,
    /// Steps, when they were reached and done; a message that did not leave is never done.
    seen: Vec<(&'r str, i64, Option<i64>)>,
}

enum On {
    Goes,
    Ends,
}

impl<'r> Run<'r> {
    fn flow(&mut self, steps: &'r [Step], way: &mut Way) -> On {
        for step in steps {
            let at = self.seen.len();
            let before = self.now;
            self.seen.push((&step.id, before - self.entered, Some(before - self.entered)));
            match self.step(step, way) {
                On::Goes => {}
                On::Ends => return On::Ends,
            }
            self.seen[at].2 = match step.action {
                Action::Wait { .. } => Some(self.now - self.entered),
                Action::Send { .. } | Action::Fallback { .. } => {
                    self.left.then_some(self.now - self.entered)
                }
                _ => continue,
            };
        }
        On::Goes
    }

    fn clock(&self) -> u16 {
        u16::try_from(self.now.rem_euclid(DAY)).unwrap()
    }

    fn is_quiet(&self) -> bool {
        let Some(QuietHours { from, to }) = self.policy.quiet else { return false };
        let clock = self.clock();
        if from <= to { from.0 <= clock && clock < to.0 } else { from.0 <= clock || clock < to.0 }
    }

    /// Lets minutes pass until something holds; at least one where `later`.
    fn pass_until(&mut self, later: bool, mut holds: impl FnMut(&Self) -> bool) {
        if later {
            self.now += 1;
        }
        while !holds(self) {
            self.now += 1;
        }
    }

    fn weekday(&self) -> Weekday {
        weekday_of(self.now.div_euclid(DAY))
    }

    fn send(&mut self, channel: Channel, way: &mut Way) {
        // Not every customer has an address for every channel.
        if self.is_quiet() && way.choose(2) == 1 {
            self.left = false;
            return;
        }
        self.pass_until(false, |run| !run.is_quiet());
        self.left = true;
        *self.bill.count.entry(channel).or_default() += 1;
        self.bill.money += self.policy.prices.get(&channel).map_or(0, |price| price.0);
    }

    fn step(&mut self, step: &'r Step, way: &mut Way) -> On {
        match &step.action {
            Action::Grant { amount, .. } => {
                self.bill.points += match amount {
                    Amount::Fixed(points) => points.0,
                    Amount::ByRecency(_) => [100, 300][way.choose(2)],
                };
            }
            Action::Cashback { up_to, .. } => self.bill.cashback += up_to.unwrap().0,
            Action::Promo { .. } => self.bill.codes += 1,
            Action::Send { channel, .. } | Action::Fallback { channel, .. } => {
                self.send(*channel, way);
            }
            Action::Wait { delay, .. } => match *delay {
                Delay::For(Period::Days(days)) => self.now += i64::from(days) * DAY,
                Delay::For(Period::Seconds(seconds)) => self.now += i64::from(seconds) / 60,
                Delay::Until { day, at } => match day {
                    Day::Any => self.pass_until(true, |run| run.clock() == at.0),
                    Day::Weekday(day) => {
                        self.pass_until(true, |run| run.clock() == at.0 && run.weekday() == day);
                    }
                    Day::Date(date) => {
                        let moment = day_number(date) * DAY + i64::from(at.0);
                        self.now = self.now.max(moment);
                    }
                },
            },
            Action::If { .. } | Action::Split { .. } => {
                let mut lists: Vec<&[Step]> = step.inner().collect();
                if matches!(step.action, Action::If { otherwise: None, .. }) {
                    lists.push(&[]);
                }
                let arm = lists[way.choose(lists.len())];
                return self.flow(arm, way);
            }
            Action::Repeat { every, until_purchase, until, max, steps } => {
                return self.repeat(*every, *until_purchase, *until, max.unwrap(), steps, way);
            }
            Action::Exit => return On::Ends,
            Action::Tag(_) => {}
        }
        On::Goes
    }

    fn repeat(
        &mut self,
        every: Every,
        until_purchase: bool,
        until: Option<Date>,
        max: u32,
        steps: &'r [Step],
        way: &mut Way,
    ) -> On {
        let over =
            |moment: i64| until.is_some_and(|until| moment.div_euclid(DAY) > day_number(until));
        let mut begin = {
            let mut first = Run { seen: vec![], bill: Bill::default(), ..*self };
            match every {
                Every::Period { at: None, .. } => {}
                Every::Period { at: Some(at), .. } => {
                    first.pass_until(true, |run| run.clock() == at.0);
                }
                Every::Weekly { on, at: None } => {
                    let clock = self.clock();
                    first.pass_until(false, |run| run.clock() == clock && run.weekday() == on);
                }
                Every::Weekly { on, at: Some(at) } => {
                    first.pass_until(true, |run| run.clock() == at.0 && run.weekday() == on);
                }
            }
            first.now
        };
        let gap = match every {
            Every::Period { period: Period::Days(days), .. } => i64::from(days) * DAY,
            Every::Period { period: Period::Seconds(seconds), .. } => i64::from(seconds) / 60,
            Every::Weekly { .. } => 7 * DAY,
        };
        for round in 0..max {
            if over(begin) {
                return On::Goes;
            }
            if round > 0 && until_purchase && way.choose(3) == 1 {
                // She bought right away, or just before the next round.
                if way.choose(2) == 1 {
                    self.now = begin;
                }
                return On::Goes;
            }
            self.now = begin;
            if let On::Ends = self.flow(steps, way) {
                return On::Ends;
            }
            begin += gap;
            while begin < self.now {
                begin += gap;
            }
        }
        On::Goes
    }
}

/// What was seen of each step: earliest and latest reached, earliest and latest done.
type Seen = BTreeMap<String, (i64, i64, Option<(i64, i64)>)>;

/// Runs a chain in every way; `None` where there are too many of them.
fn every_way(chain: &Chain, policy: &Policy) -> Option<(Seen, (i64, i64), Bill)> {
    let mut way = Way { chosen: vec![], at: 0 };
    let mut seen = Seen::new();
    let mut run = (i64::MAX, 0);
    let mut worst = Bill::default();
    for _ in 0..4000 {
        let (first, last) = match chain.active {
            Some(active) => (day_number(active.from), day_number(active.to)),
            None => (
                day_number(Date::new(2026, 3, 2).unwrap()),
                day_number(Date::new(2026, 3, 8).unwrap()),
            ),
        };
        let days = usize::try_from(last - first + 1).unwrap();
        let day = first + way.choose(days) as i64;
        let is_day = chain.schedule.on.is_none_or(|on| weekday_of(day) == on);
        if is_day {
            let entered = day * DAY + i64::from(chain.schedule.at.0);
            let mut one = Run {
                chain,
                policy,
                now: entered,
                entered,
                left: false,
                bill: Bill::default(),
                seen: vec![],
            };
            one.flow(&one.chain.steps, &mut way);
            let length = one.now - entered;
            run = (run.0.min(length), run.1.max(length));
            for (id, reached, done) in &one.seen {
                let known = seen.entry((*id).to_owned()).or_insert((*reached, *reached, None));
                known.0 = known.0.min(*reached);
                known.1 = known.1.max(*reached);
                if let Some(done) = *done {
                    let (first, last) = known.2.unwrap_or((done, done));
                    known.2 = Some((first.min(done), last.max(done)));
                }
            }
            worst.points = worst.points.max(one.bill.points);
            worst.codes = worst.codes.max(one.bill.codes);
            worst.cashback = worst.cashback.max(one.bill.cashback);
            worst.money = worst.money.max(one.bill.money);
            for (channel, count) in one.bill.count {
                let known = worst.count.entry(channel).or_default();
                *known = (*known).max(count);
            }
        }
        if !way.next() {
            return Some((seen, run, worst));
        }
    }
    None
}

fn compare(make: Make, tight: bool) {
    let mut numbers = Numbers::new();
    // A bound may be wider than what can happen, and is for one chain in thousands.
    let tight = tight && !is_long();
    let mut tried = 0;
    for _ in 0..times(1500) {
        let mut chain = chain(actions(&mut numbers, make, 2, 4));
        chain.schedule.at = clock(numbers.one(&[10, 22, 8]));
        if numbers.below(3) == 0 {
            chain.schedule.on = Some(numbers.one(&Weekday::ALL));
        }
        if make.dates {
            let day = |day| Date::new(2026, 3, day).unwrap();
            chain.active = Some(Active { from: day(2), to: day(8) });
        }
        let policy = policy(numbers.one(&[None, Some((21, 10)), Some((13, 14)), Some((23, 7))]));
        let terms = Terms { policy: &policy, brand: None, experiment: None };
        let timeline = Timeline::of(&chain, &terms);
        let dearest = Dearest::of(&chain, &terms, &timeline);
        let Some((seen, run, worst)) = every_way(&chain, &policy) else { continue };
        tried += 1;
        let told = || {
            let proved = timeline.steps.iter().map(|(id, time)| format!("\n{id}: {time:?}"));
            let seen = seen.iter().map(|(id, seen)| format!("\n{id}: {seen:?}"));
            let (proved, seen): (String, String) = (proved.collect(), seen.collect());
            let Chain { schedule, active, steps, .. } = &chain;
            let quiet = policy.quiet;
            format!("{schedule:?} {active:?} {quiet:?} {steps:?}{proved}{seen}")
        };
        for (id, (first, last, done)) in &seen {
            let Some(time) = timeline.steps.get(id) else { panic!("{id} is reached: {}", told()) };
            let bounds = |stretch: Stretch, low: i64, high: i64| {
                assert!(stretch.holds(low) && stretch.holds(high), "{id}: {}", told());
                if tight {
                    assert_eq!(stretch, Stretch::between(low, high), "{id}: {}", told());
                }
            };
            bounds(time.reached, *first, *last);
            let Some((done, latest)) = *done else { continue };
            bounds(time.done, done, latest);
            if let Some(clock) = time.clock {
                let shown = (done + i64::from(chain.schedule.at.0)).rem_euclid(DAY);
                assert_eq!(shown, i64::from(clock.0), "{id}: {}", told());
            }
        }
        assert!(timeline.run.holds(run.0) && timeline.run.holds(run.1), "{}", told());
        assert!(timeline.followed);
        if tight {
            let ids: Vec<&String> = timeline.steps.keys().collect();
            assert_eq!(ids, seen.keys().collect::<Vec<_>>(), "{}", told());
            assert_eq!(timeline.run, Stretch::between(run.0, run.1), "{}", told());
        }
        let figures = |bill: &Bill| [bill.points, bill.codes, bill.cashback, bill.money];
        let most = [dearest.points, dearest.codes, dearest.cashback, dearest.money];
        let count = |channel| {
            let most = dearest.messages.get(&channel).map_or(Some(0), |messages| messages.count);
            (worst.count.get(&channel).copied().unwrap_or(0), most)
        };
        let pairs = figures(&worst).into_iter().zip(most).chain(Channel::ALL.map(count));
        for (found, most) in pairs {
            assert!(most.is_none_or(|most| found <= most), "{found} {most:?} {}", told());
            if !make.dates {
                assert_eq!(Some(found), most, "the dearest is one of them: {}", told());
            }
        }
    }
    assert!(tried > 500, "{tried}");
}

#[test]
fn every_run_lies_within_the_bounds_and_some_run_reaches_them() {
    compare(Make { dates: false, purchases: false }, true);
}

#[test]
fn every_run_with_dates_and_purchases_lies_within_the_bounds() {
    compare(Make { dates: true, purchases: true }, false);
}

#[test]
fn caps_on_points_limit_the_dearest_customer() {
    let round = vec![grant(300)];
    let mut chain = chain(vec![Action::Repeat {
        every: Every::Weekly { on: Weekday::Tue, at: Some(clock(12)) },
        until_purchase: false,
        until: None,
        max: Some(13),
        steps: steps(round),
    }]);
    chain.caps = vec![Cap { most: Capped::Points(Points(1000)), per: Period::Days(120) }];
    let policy = policy(None);
    let terms = Terms { policy: &policy, brand: None, experiment: None };
    let timeline = Timeline::of(&chain, &terms);
    assert_eq!(Dearest::of(&chain, &terms, &timeline).points, Some(1000));
    chain.caps.clear();
    assert_eq!(Dearest::of(&chain, &terms, &timeline).points, Some(3900));
}

#[test]
fn rounds_beyond_counting_leave_the_latest_moment_open() {
    let inner = Action::Repeat {
        every: Every::Period { period: Period::Seconds(3600), at: None },
        until_purchase: false,
        until: None,
        max: Some(1000),
        steps: steps(vec![send(Channel::Push), until(Day::Any, 12)]),
    };
    let outer = |steps| Action::Repeat {
        every: Every::Period { period: Period::Days(1), at: None },
        until_purchase: false,
        until: None,
        max: Some(1000),
        steps,
    };
    let chain = chain(vec![outer(steps(vec![inner])), wait(Period::Days(1)), grant(1)]);
    let policy = policy(None);
    let terms = Terms { policy: &policy, brand: None, experiment: None };
    let timeline = Timeline::of(&chain, &terms);
    assert!(!timeline.followed);
    assert_eq!(timeline.steps["1"].rounds.unwrap().1, None);
    assert_eq!(timeline.steps["3"].reached.most, None);
    assert_eq!(Dearest::of(&chain, &terms, &timeline).messages[&Channel::Push].count, None);
}
