//! The earliest and the latest moment of every step, on every path.
//!
//! A walk over the tree carries what is known at each point of each path
//! ([`Path`]); where a chain branches paths part, where they meet they stay apart as long
//! as there are few. `repeat` is walked round by round. Nothing here judges: a check
//! looks at every [`Visit`].

use super::Terms;
use super::moments::{DAY, Stretch, day_number, minutes};
use super::path::{Days, GiftKind, Moment, Path, Since};
use crate::ir::{Action, Capped, Chain, Day, Delay, Every, QuietHours, Schedule, Step};
use crate::units::{ClockTime, Date, Period, Weekday};
use std::collections::BTreeMap;

/// How many paths are kept apart.
const PATHS: usize = 64;
/// How many rounds of a repeat are walked, and how many of one that only an unknown date ends.
const ROUNDS: u32 = 1000;
const OPEN_ROUNDS: u32 = 60;
/// How many visits of steps a walk may take: beyond it, rounds are no longer counted.
const FUEL: u32 = 10_000;
/// How many those of all chains of a project may take, and how many each has even then.
const ALL_FUEL: u32 = 200_000;
const LEAST_FUEL: u32 = 500;

/// What is left of the visits that all chains of a project may take, so that the time a
/// check takes grows with the length of the text, not with what it says.
#[derive(Debug)]
pub(crate) struct Fuel(u32);

impl Default for Fuel {
    fn default() -> Self {
        Self(ALL_FUEL)
    }
}

/// When everything of a chain happens, for a customer of the business zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// When each step comes, by its id. A step that nobody reaches is missing.
    pub steps: BTreeMap<String, StepTime>,
    /// How long a customer is in the chain who never does what a wait is for.
    pub run: Stretch,
    /// False where the chain has more rounds than were followed: what is open may be long.
    pub followed: bool,
    /// What the clock shows at the entry.
    entry: ClockTime,
}

/// When a step comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepTime {
    /// From the entry to the moment the step is reached, in minutes.
    pub reached: Stretch,
    /// From the entry to the moment it is done: a message has left, a wait is over.
    pub done: Stretch,
    /// What the clock shows when it is done, where it is the same on every path.
    pub clock: Option<ClockTime>,
    /// On how many paths it is reached; rounds of a repeat are one path.
    pub paths: u32,
    /// Of a repeat: at least and at most so many rounds; open where nothing counts them.
    pub rounds: Option<(u32, Option<u32>)>,
}

impl Timeline {
    /// Follows every path of a chain.
    #[must_use]
    pub fn of(chain: &Chain, terms: &Terms<'_>) -> Self {
        Self::with(chain, terms, &mut Fuel::default(), |_| {}).0
    }

    /// Follows every path of a chain, and shows every visit of a step.
    pub(crate) fn with<'c>(
        chain: &'c Chain,
        terms: &Terms<'_>,
        fuel: &mut Fuel,
        mut watch: impl FnMut(&Visit<'_, 'c>),
    ) -> (Self, Walked<'c>) {
        let mut steps: BTreeMap<&str, StepTime> = BTreeMap::new();
        let walked = walk(chain, terms, Entry::Scheduled, fuel, |visit| {
            let new = StepTime {
                reached: visit.due.elapsed,
                done: visit.done.elapsed,
                clock: visit.done.clock,
                paths: if visit.first { visit.done.ways } else { 0 },
                rounds: None,
            };
            steps.entry(&visit.step.id).and_modify(|old| *old = old.join(new)).or_insert(new);
            watch(visit);
        });
        for (id, rounds) in &walked.rounds {
            if let Some(step) = steps.get_mut(id) {
                step.rounds = Some(*rounds);
            }
        }
        let timeline = Self {
            steps: steps.into_iter().map(|(id, time)| (id.to_owned(), time)).collect(),
            run: walked.run(),
            followed: walked.whole,
            entry: chain.schedule.at,
        };
        (timeline, walked)
    }

    /// Returns the first and the last calendar day on which a stretch may end, counted
    /// from the day of the entry, which is 0.
    #[must_use]
    pub fn days(&self, stretch: Stretch) -> (i64, Option<i64>) {
        let day = |minutes: i64| minutes.saturating_add(i64::from(self.entry.0)) / DAY;
        (day(stretch.least), stretch.most.map(day))
    }
}

impl StepTime {
    fn join(self, other: Self) -> Self {
        Self {
            reached: self.reached.or(other.reached),
            done: self.done.or(other.done),
            clock: self.clock.filter(|clock| other.clock == Some(*clock)),
            paths: self.paths.saturating_add(other.paths),
            rounds: None,
        }
    }
}

/// What is known of the moment of entering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The chain's schedule, for a customer of the business zone.
    Scheduled,
    /// Nothing: a customer of any zone, at any hour.
    AnyHour,
}

/// A step on a path.
pub(crate) struct Visit<'v, 'c> {
    pub(crate) step: &'c Step,
    /// When it is reached.
    pub(crate) due: Moment<'c>,
    /// When it is done.
    pub(crate) done: &'v Path<'c>,
    /// Which round of the innermost repeat.
    pub(crate) round: Option<u32>,
    /// True in the first round of every repeat around it, and outside of them.
    pub(crate) first: bool,
    /// The innermost repeat around it.
    pub(crate) repeat: Option<&'c str>,
    /// Of a message: true when it is held back for longer than it may be stale.
    pub(crate) stale: bool,
    /// Of a message that a cap certainly holds back: which of the caps.
    pub(crate) lost: Option<usize>,
    /// Of a message: true when that of the round before leaves at the same moment.
    pub(crate) together: bool,
}

/// What a walk has found besides its visits.
pub(crate) struct Walked<'c> {
    /// The paths at their ends.
    pub(crate) ends: Vec<Path<'c>>,
    /// The fewest and the most rounds of each repeat.
    pub(crate) rounds: BTreeMap<&'c str, (u32, Option<u32>)>,
    /// False where rounds were no longer followed.
    pub(crate) whole: bool,
}

impl Walked<'_> {
    /// Returns how long the chain takes.
    pub(crate) fn run(&self) -> Stretch {
        let times = self.ends.iter().map(|path| path.elapsed);
        times.reduce(Stretch::or).unwrap_or(Stretch::NONE)
    }
}

/// Follows every path of a chain, and shows every visit of a step.
pub(crate) fn walk<'c>(
    chain: &'c Chain,
    terms: &Terms<'_>,
    entry: Entry,
    fuel: &mut Fuel,
    mut watch: impl FnMut(&Visit<'_, 'c>),
) -> Walked<'c> {
    let most = fuel.0.clamp(LEAST_FUEL, FUEL);
    let caps = terms.caps(chain).map(|(_, cap)| match cap.most {
        Capped::Messages(most) => Some((most, cap.per)),
        Capped::Points(_) => None,
    });
    let caps: Vec<Option<(u32, Period)>> =
        if chain.caps_off.is_some() { Vec::new() } else { caps.collect() };
    let mut walk = Walk {
        quiet: terms.quiet(chain),
        remembered: caps.iter().flatten().map(|(_, per)| minutes(*per)).fold(1, i64::max),
        caps,
        walked: Walked { ends: Vec::new(), rounds: BTreeMap::new(), whole: true },
        inside: Vec::new(),
        fuel: most,
        born: 0,
        watch: &mut watch,
    };
    let ends = walk.flow(&chain.steps, entries(chain, entry));
    walk.walked.ends.extend(ends);
    fuel.0 = fuel.0.saturating_sub(most - walk.fuel);
    walk.walked
}

/// Returns the paths at the entry: one, or one for each day of the week where it matters.
fn entries<'c>(chain: &Chain, entry: Entry) -> Vec<Path<'c>> {
    // Dates that nobody waits for would only keep paths apart.
    let days = chain.active.filter(|_| names_dates(&chain.steps)).map(|active| {
        // Somewhere the day of the entry is the one before, or behind.
        let more = i64::from(entry == Entry::AnyHour);
        Days { first: day_number(active.from) - more, last: Some(day_number(active.to) + more) }
    });
    match (entry, chain.schedule) {
        (Entry::AnyHour, _) => vec![Path::entering(None, None, days)],
        (Entry::Scheduled, Schedule { on, at })
            if on.is_some() || !counts_weekdays(&chain.steps) =>
        {
            vec![Path::entering(Some(at), on, days)]
        }
        (Entry::Scheduled, Schedule { at, .. }) => {
            let paths = Weekday::ALL.map(|day| Path {
                entered: Some(day),
                ways: 0,
                ..Path::entering(Some(at), Some(day), days)
            });
            let exists = |path: &Path<'_>| {
                path.days.is_none_or(|days| days.last.is_none_or(|last| days.first <= last))
            };
            let mut paths: Vec<Path<'_>> = paths.into_iter().filter(exists).collect();
            if let Some(first) = paths.first_mut() {
                first.ways = 1;
            }
            paths
        }
    }
}

/// Tells whether a date says how long some step takes.
pub(crate) fn names_dates(steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.action {
        Action::Repeat { until: Some(_), .. }
        | Action::Wait { delay: Delay::Until { day: Day::Date(_), .. }, .. } => true,
        _ => step.inner().any(names_dates),
    })
}

fn counts_weekdays(steps: &[Step]) -> bool {
    steps.iter().any(|step| {
        let counts = match &step.action {
            Action::Wait { delay: Delay::Until { day, .. }, .. } => matches!(day, Day::Weekday(_)),
            Action::Repeat { every, .. } => matches!(every, Every::Weekly { .. }),
            _ => false,
        };
        counts || step.inner().any(counts_weekdays)
    })
}

struct Walk<'c, 'w> {
    quiet: Option<QuietHours>,
    /// The caps on messages, in the order of [`Terms::caps`].
    caps: Vec<Option<(u32, Period)>>,
    /// How long a message matters to some cap, and at least as long as it is leaving.
    remembered: i64,
    walked: Walked<'c>,
    /// The repeats around.
    inside: Vec<Inside<'c>>,
    fuel: u32,
    born: u32,
    watch: &'w mut dyn FnMut(&Visit<'_, 'c>),
}

/// A repeat whose round is walked.
struct Inside<'c> {
    repeat: &'c str,
    round: u32,
    /// What has happened before the round: see [`Since::born`].
    born: u32,
}

impl<'c> Walk<'c, '_> {
    /// Returns the paths behind some steps.
    fn flow(&mut self, steps: &'c [Step], mut paths: Vec<Path<'c>>) -> Vec<Path<'c>> {
        for step in steps {
            if paths.is_empty() {
                break;
            }
            let cost = u32::try_from(paths.len()).unwrap_or(u32::MAX);
            self.fuel = self.fuel.saturating_sub(cost);
            paths = self.step(step, paths);
            self.narrow(&mut paths);
        }
        paths
    }

    fn step(&mut self, step: &'c Step, paths: Vec<Path<'c>>) -> Vec<Path<'c>> {
        match &step.action {
            Action::Grant { expires, .. } => self.gift(step, paths, GiftKind::Grant, *expires),
            Action::Cashback { period, .. } => {
                self.gift(step, paths, GiftKind::Cashback, Some(*period))
            }
            Action::Promo { expires, .. } => self.gift(step, paths, GiftKind::Promo, *expires),
            Action::Tag(_) => {
                self.pass_by(step, &paths);
                paths
            }
            Action::Send { within, .. } => self.send(step, paths, *within, true),
            Action::Fallback { within, .. } => self.send(step, paths, *within, false),
            Action::Wait { delay, .. } => {
                let mut behind = Vec::with_capacity(paths.len());
                for path in paths {
                    let due = path.moment();
                    let (waits, over) = path.wait(*delay, &step.id);
                    for done in waits.into_iter().chain(over) {
                        self.show(step, due, &done);
                        behind.push(done);
                    }
                }
                behind
            }
            Action::If { arms, otherwise } => {
                self.pass_by(step, &paths);
                let mut behind = Vec::new();
                for arm in arms {
                    behind.extend(self.flow(&arm.steps, paths.clone()));
                }
                match otherwise {
                    Some(steps) => behind.extend(self.flow(steps, paths)),
                    None => behind.extend(paths),
                }
                behind
            }
            Action::Split { arms } => {
                self.pass_by(step, &paths);
                arms.iter().flat_map(|arm| self.flow(&arm.steps, paths.clone())).collect()
            }
            Action::Repeat { .. } => {
                self.pass_by(step, &paths);
                self.repeat(step, paths)
            }
            Action::Exit => {
                self.pass_by(step, &paths);
                self.walked.ends.extend(paths);
                self.narrow_ends();
                Vec::new()
            }
        }
    }

    fn gift(
        &mut self,
        step: &'c Step,
        mut paths: Vec<Path<'c>>,
        kind: GiftKind,
        lasts: Option<Period>,
    ) -> Vec<Path<'c>> {
        for path in &mut paths {
            self.born += 1;
            path.give(kind, &step.id, lasts, self.born);
        }
        self.pass_by(step, &paths);
        paths
    }

    fn pass_by(&mut self, step: &'c Step, paths: &[Path<'c>]) {
        for path in paths {
            self.show(step, path.moment(), path);
        }
    }

    fn show(&mut self, step: &'c Step, due: Moment<'c>, done: &Path<'c>) {
        let visit = self.visit(step, due, done);
        (self.watch)(&visit);
    }

    fn visit<'v>(&self, step: &'c Step, due: Moment<'c>, done: &'v Path<'c>) -> Visit<'v, 'c> {
        let inner = self.inside.last();
        Visit {
            step,
            due,
            done,
            round: inner.map(|inner| inner.round),
            first: self.inside.iter().all(|inside| inside.round == 1),
            repeat: inner.map(|inner| inner.repeat),
            stale: false,
            lost: None,
            together: false,
        }
    }

    /// A message leaves at once, or when quiet hours are over; one that cannot be sent at
    /// all (no address, no consent) holds nobody up.
    fn send(
        &mut self,
        step: &'c Step,
        paths: Vec<Path<'c>>,
        within: Option<Period>,
        head: bool,
    ) -> Vec<Path<'c>> {
        let mut behind = Vec::with_capacity(paths.len());
        for mut path in paths {
            let due = path.moment();
            let held = path.held(self.quiet);
            if let Some(time) = held {
                if time.least > 0 {
                    behind.push(path.clone());
                }
                let ends = self.quiet.filter(|_| due.clock.is_some()).map(|quiet| quiet.to);
                path.hold(time);
                path.clock = ends.or(path.clock);
            }
            let stale = held.zip(within).is_some_and(|(held, within)| held.least > minutes(within));
            let counts = head && !stale;
            let together = counts && self.meets_another_round(&path);
            let lost = if counts { self.count(step, &mut path) } else { None };
            let visit = Visit { stale, lost, together, ..self.visit(step, due, &path) };
            (self.watch)(&visit);
            behind.push(path);
        }
        behind
    }

    /// Tells whether a message of the round before left at this very moment, which only
    /// quiet hours bring about.
    fn meets_another_round(&self, path: &Path<'_>) -> bool {
        let inside = self.inside.last().filter(|inside| inside.round > 1 && self.quiet.is_some());
        inside.is_some_and(|inside| {
            path.sent
                .iter()
                .rev()
                .any(|since| since.born <= inside.born && since.age == Stretch::NONE)
        })
    }

    /// Counts a message that leaves now, and returns the cap that certainly holds it back.
    fn count(&mut self, step: &'c Step, path: &mut Path<'c>) -> Option<usize> {
        while path.sent.front().is_some_and(|since| since.age.least >= self.remembered) {
            path.sent.pop_front();
        }
        let lost = self.caps.iter().position(|cap| {
            let Some((most, per)) = cap else { return false };
            let recent = path.sent.iter().filter(|since| !since.may_be_over(*per)).count();
            recent >= usize::try_from(*most).unwrap_or(usize::MAX)
        });
        let tally = path.tally.entry(&step.id).or_default();
        tally.planned = tally.planned.saturating_add(1);
        if lost.is_some() {
            tally.lost = tally.lost.saturating_add(1);
        } else {
            self.born += 1;
            path.sent.push_back(Since::now(self.born));
        }
        lost
    }

    fn repeat(&mut self, step: &'c Step, paths: Vec<Path<'c>>) -> Vec<Path<'c>> {
        let Action::Repeat { every, until_purchase, until, max, steps } = &step.action else {
            return paths;
        };
        let id = step.id.as_str();
        let most = max.unwrap_or(u32::MAX);
        let open = max.is_none() && paths.iter().any(|path| path.days.is_none());
        let walked = if open { OPEN_ROUNDS } else { ROUNDS };
        let until = until.map(day_number);
        let mut behind = Vec::new();
        let mut starts = Vec::new();
        let mut fewest = u32::MAX;
        for path in paths {
            let begun = path.clone().first_round(*every, id);
            let (goes, leaves) = begun.divide(until);
            if leaves {
                fewest = 0;
                behind.push(path);
            }
            starts.extend(goes);
        }
        let mut round = 0;
        while !starts.is_empty() && round < most {
            round += 1;
            self.narrow(&mut starts);
            self.inside.push(Inside { repeat: id, round, born: self.born });
            let mut ends = Vec::new();
            for start in &starts {
                let mut inner = start.clone();
                inner.rounds.push(Stretch::NONE);
                ends.extend(self.flow(steps, vec![inner]).into_iter().map(|end| (start, end)));
            }
            self.inside.pop();
            let mut next = Vec::new();
            let last = round == most;
            let cut = !last && (round == walked || self.fuel == 0);
            for (start, mut end) in ends {
                if last || cut {
                    end.rounds.pop();
                    if cut {
                        end.lose();
                    }
                    fewest = fewest.min(round);
                    behind.push(end);
                    continue;
                }
                let perhaps_last = *until_purchase || until.is_some();
                let out = perhaps_last.then(|| {
                    let mut out = end.clone();
                    out.rounds.pop();
                    out
                });
                let begun = Path::next_round(start, end, *every, id);
                let (goes, leaves) = begun.divide(until);
                if let Some(out) = out.clone().filter(|_| leaves) {
                    fewest = fewest.min(round);
                    behind.push(out);
                }
                if let Some(begun) = goes {
                    if let Some(out) = out.filter(|_| *until_purchase) {
                        fewest = fewest.min(round);
                        behind.push(bought(out, &begun));
                    }
                    next.push(begun);
                }
            }
            if cut {
                self.walked.whole = false;
                self.tell_rounds(id, fewest, None);
                return behind;
            }
            self.narrow(&mut behind);
            starts = next;
        }
        self.tell_rounds(id, fewest.min(round), Some(round));
        behind
    }

    fn tell_rounds(&mut self, repeat: &'c str, fewest: u32, most: Option<u32>) {
        let known = self.walked.rounds.entry(repeat).or_insert((fewest, most));
        known.0 = known.0.min(fewest);
        known.1 = known.1.zip(most).map(|(a, b)| a.max(b));
    }

    /// Makes one path of those that are alike in all that will matter.
    fn narrow(&mut self, paths: &mut Vec<Path<'c>>) {
        if paths.len() > 1 {
            self.merge(paths, |a, b| a.is_same(b));
        }
        if paths.len() > PATHS {
            self.gather(paths);
        }
    }

    fn narrow_ends(&mut self) {
        let mut ends = std::mem::take(&mut self.walked.ends);
        self.narrow(&mut ends);
        self.walked.ends = ends;
    }

    /// Makes one path of those that differ in lengths of time only; of all, where that is
    /// not few enough.
    fn gather(&mut self, paths: &mut Vec<Path<'c>>) {
        self.merge(paths, |a, b| a.entered == b.entered && a.is_like(b));
        if paths.len() > PATHS {
            self.merge(paths, |a, b| a.is_like(b));
        }
        if paths.len() > PATHS {
            self.merge(paths, |_, _| true);
        }
    }

    fn merge(&mut self, paths: &mut Vec<Path<'c>>, alike: impl Fn(&Path<'_>, &Path<'_>) -> bool) {
        let mut kept: Vec<Path<'c>> = Vec::new();
        for path in paths.drain(..) {
            match kept.iter_mut().find(|other| alike(other, &path)) {
                Some(other) => other.join(path, &mut self.born),
                None => kept.push(path),
            }
        }
        *paths = kept;
    }
}

/// Returns the path of a customer who bought between two rounds.
fn bought<'c>(mut out: Path<'c>, next: &Path<'c>) -> Path<'c> {
    let rest = next.elapsed.most.zip(out.elapsed.most).map(|(next, out)| (next - out).max(0));
    out.hold(Stretch { least: 0, most: rest });
    out
}

/// Returns the number of days from one day to another, both belonging.
pub(crate) fn days_of(from: Date, to: Date) -> i64 {
    from.days_until(to) + 1
}
