//! What the time line shows: gifts that are over, windows that are shut, quiet hours and
//! caps that hold messages back.

use crate::checked::{Checked, CheckedChain, Part};
use crate::diagnostic::{Diagnostic, Findings, Kind, Mention, Place, Safety, TimeKind};
use crate::ir::{Action, Cap, Channel, Day, Delay, Entry, Every, Piece, Step, Template, Text};
use crate::proof::path::{Path, ShownBy};
use crate::proof::timeline::{Entry as Enters, Fuel, Visit, Walked, days_of, names_dates, walk};
use crate::proof::{DAY, GiftKind, SaidBy, Terms, Timeline, minutes};
use crate::units::{ClockTime, Date, Period, Weekday};
use crate::zones;
use std::collections::{BTreeMap, BTreeSet};

/// Reports what is wrong with when things happen in a chain, and returns its time line.
pub(crate) fn check(
    checked: &Checked,
    chain: &CheckedChain,
    fuel: &mut Fuel,
    findings: &mut Findings,
) -> Timeline {
    let terms = checked.terms(chain);
    let mut seen = Seen::default();
    let (timeline, walked) =
        Timeline::with(&chain.chain, &terms, fuel, |visit| seen.visit(chain, visit));
    let mut surely = Surely::new();
    if seen.perhaps_late {
        // A customer of another zone comes at another hour: what is certain is so for her, too.
        walk(&chain.chain, &terms, Enters::AnyHour, fuel, |visit| {
            surely_over(chain, visit, &mut surely)
        });
    }
    Check { checked, chain, terms, seen, walked, findings }.run(&surely);
    timeline
}

/// Whether what a message speaks of is over on every path, whoever comes, and since when.
type Surely<'c> = BTreeMap<(&'c str, GiftKind), Option<Late<'c>>>;

/// What has been seen of each step.
#[derive(Default)]
struct Seen<'c> {
    /// The gifts a message may speak of too late, by step.
    late: BTreeMap<(&'c str, GiftKind), Late<'c>>,
    /// True when some message may speak of a gift too late, or nobody knows how late.
    perhaps_late: bool,
    /// Of each day of entering, how long after the entry a message surely leaves on the
    /// longest path to it.
    leaves: BTreeMap<&'c str, BTreeMap<Option<Weekday>, i64>>,
    /// Times of the day in quiet hours: when the message leaves, and which.
    quiet: BTreeMap<ShownBy<'c>, (ClockTime, &'c str)>,
    /// Messages that may wait only so long: whether they always do for longer, and how long.
    stale: BTreeMap<&'c str, Stale<'c>>,
    /// Repeats with rounds that send together, and when.
    together: BTreeMap<&'c str, Option<ClockTime>>,
    /// Which repeat a message is in.
    repeats: BTreeMap<&'c str, Option<&'c str>>,
    /// How often each cap has held a message back.
    lost: BTreeMap<(&'c str, usize), u32>,
    /// Waits for a date that was over whenever they were reached.
    waited: BTreeMap<&'c str, bool>,
}

/// A gift that may be over when a message speaks of it.
#[derive(Clone, Copy)]
struct Late<'c> {
    gift: &'c str,
    lasts: Period,
    after: i64,
    round: Option<u32>,
}

#[derive(Clone, Copy)]
struct Stale<'c> {
    always: bool,
    held: i64,
    by: Option<ShownBy<'c>>,
}

/// Returns the text a step sends, with the message's name; nothing of a draft.
fn text<'c>(chain: &'c CheckedChain, step: &Step) -> Option<(&'c str, Channel, &'c Text)> {
    let (Action::Send { channel, message, .. } | Action::Fallback { channel, message, .. }) =
        &step.action
    else {
        return None;
    };
    let (name, message) = chain.chain.messages.get_key_value(message)?;
    let text = message.texts.get(channel).filter(|_| !message.draft)?;
    Some((name, *channel, text))
}

/// Returns the gifts a text speaks of, each with the first placeholder that does.
fn mentions(text: &Text) -> Vec<(GiftKind, &'static str)> {
    let templates: Vec<&Template> = match text {
        Text::Sms { text } => vec![text],
        Text::Email { subject, body, .. } => vec![subject, body],
        Text::Push { title, body } => vec![title, body],
        Text::Webhook { body } => vec![body],
    };
    let mut found: Vec<(GiftKind, &'static str)> = Vec::new();
    for piece in templates.into_iter().flatten() {
        if let Piece::Value(placeholder) = piece
            && let Some(kind) = GiftKind::of(*placeholder)
            && found.iter().all(|(other, _)| *other != kind)
        {
            found.push((kind, placeholder.as_str()));
        }
    }
    found
}

/// Notes for each message and gift whether it is over on every path, whoever comes; the
/// time is the shortest.
fn surely_over<'c>(chain: &'c CheckedChain, visit: &Visit<'_, 'c>, surely: &mut Surely<'c>) {
    let Some((_, _, text)) = text(chain, visit.step) else { return };
    for (kind, _) in mentions(text) {
        let gifts: Vec<_> = visit.done.gifts.iter().filter(|gift| gift.kind == kind).collect();
        let over = gifts.iter().all(|gift| gift.lasts.is_some_and(|l| gift.since.is_over(l)));
        let first = gifts.iter().min_by_key(|gift| gift.since.age.least);
        let late = first.filter(|_| over).and_then(|gift| {
            let after = gift.since.age.least;
            Some(Late { gift: gift.step, lasts: gift.lasts?, after, round: None })
        });
        let known = surely.entry((visit.step.id.as_str(), kind)).or_insert(late);
        *known = known.zip(late).map(|(a, b)| if b.after < a.after { b } else { a });
    }
}

impl<'c> Seen<'c> {
    fn visit(&mut self, chain: &'c CheckedChain, visit: &Visit<'_, 'c>) {
        let id = visit.step.id.as_str();
        match &visit.step.action {
            Action::Send { within, .. } => {
                self.leave(visit);
                self.hold(visit, *within);
                self.repeats.insert(id, visit.repeat);
                if let Some(cap) = visit.lost {
                    *self.lost.entry((id, cap)).or_default() += 1;
                }
                if let Some(repeat) = visit.repeat.filter(|_| visit.together) {
                    let at = visit.done.clock;
                    let known = self.together.entry(repeat).or_insert(at);
                    *known = known.filter(|known| Some(*known) == at);
                }
            }
            Action::Fallback { .. } => {}
            Action::Wait { delay: Delay::Until { day: Day::Date(_), .. }, .. } => {
                let waited = visit.done.elapsed != visit.due.elapsed;
                *self.waited.entry(id).or_default() |= waited;
            }
            _ => return,
        }
        if let Some((_, _, text)) = text(chain, visit.step) {
            for (kind, _) in mentions(text) {
                self.mention(visit, kind);
            }
        }
    }

    fn leave(&mut self, visit: &Visit<'_, 'c>) {
        if visit.first {
            let leaves = self.leaves.entry(&visit.step.id).or_default();
            let longest = leaves.entry(visit.done.entered).or_default();
            *longest = (*longest).max(visit.done.elapsed.least);
        }
    }

    fn hold(&mut self, visit: &Visit<'_, 'c>, within: Option<Period>) {
        let held = visit.done.elapsed.least - visit.due.elapsed.least;
        let by = visit.due.shown_by;
        if within.is_some() {
            let stale = Stale { always: visit.stale, held, by };
            let known = self.stale.entry(&visit.step.id).or_insert(stale);
            known.always &= visit.stale;
            known.held = known.held.min(held);
        }
        if let (Some(by), Some(leaves)) = (by, visit.done.clock)
            && held > 0
            && !visit.stale
        {
            self.quiet.entry(by).or_insert((leaves, &visit.step.id));
        }
    }

    fn mention(&mut self, visit: &Visit<'_, 'c>, kind: GiftKind) {
        for gift in visit.done.gifts.iter().filter(|gift| gift.kind == kind) {
            let Some(lasts) = gift.lasts.filter(|lasts| gift.since.may_be_over(*lasts)) else {
                continue;
            };
            self.perhaps_late = true;
            let Some(after) = gift.since.age.most else { continue };
            let late = Late { gift: gift.step, lasts, after, round: visit.round };
            let known = self.late.entry((visit.step.id.as_str(), kind)).or_insert(late);
            let round = known.round.zip(late.round).map(|(a, b)| a.min(b));
            if late.after > known.after {
                *known = late;
            }
            known.round = round;
        }
    }
}

struct Check<'c, 'f> {
    checked: &'c Checked,
    chain: &'c CheckedChain,
    terms: Terms<'c>,
    seen: Seen<'c>,
    walked: Walked<'c>,
    findings: &'f mut Findings,
}

impl<'c> Check<'c, '_> {
    fn run(mut self, surely: &Surely<'c>) {
        self.expired(&self.chain.chain.steps, surely);
        self.goal();
        self.length();
        self.dates(&self.chain.chain.steps);
        let quiet = self.quiet();
        self.skipped(&self.chain.chain.steps, &quiet);
        self.caps();
    }

    fn report(&mut self, kind: TimeKind, place: Place, related: Vec<Place>) {
        let found = Diagnostic::new(Kind::Time(kind), place);
        self.findings.push(related.into_iter().fold(found, Diagnostic::related));
    }

    fn place(&self, step: &str, part: Part) -> Place {
        let step = self.chain.steps.get(step);
        step.map_or_else(|| self.chain.place.clone(), |step| step.part(part))
    }

    /// Returns where a message stands in its step: its name, else the channel.
    fn message_place(&self, step: &str) -> Place {
        match self.chain.steps.get(step) {
            Some(places) if places.parts.contains_key(&Part::Message) => places.part(Part::Message),
            _ => self.place(step, Part::Channel),
        }
    }

    /// Messages about gifts that are over; of a ladder the first one only.
    fn expired(&mut self, steps: &'c [Step], surely: &Surely<'c>) {
        let mut told = BTreeSet::new();
        for step in steps {
            if !matches!(step.action, Action::Fallback { .. }) {
                told.clear();
            }
            for steps in step.inner() {
                self.expired(steps, surely);
            }
            let Some((message, channel, text)) = text(self.chain, step) else { continue };
            for (gift, placeholder) in mentions(text) {
                let key = (step.id.as_str(), gift);
                let certain = surely.get(&key).copied().flatten();
                let Some(late) = certain.or(self.seen.late.get(&key).copied()) else { continue };
                if !told.insert(gift) {
                    continue;
                }
                let Late { gift: from, lasts, after, round } = late;
                let mention =
                    Mention { message: message.to_owned(), placeholder, gift, lasts, after };
                let round = round.filter(|round| *round > 1);
                let kind = match certain {
                    Some(_) => TimeKind::MentionsExpired(mention),
                    None => TimeKind::MayMentionExpired { mention, round },
                };
                let text = self.chain.texts.get(&(message.to_owned(), channel)).cloned();
                let related = [Some(self.place(from, Part::Expires)), text];
                let place = self.message_place(&step.id);
                self.report(kind, place, related.into_iter().flatten().collect());
            }
        }
    }

    /// Messages behind the goal's window, on some path for whoever enters.
    fn goal(&mut self) {
        let Some(goal) = &self.chain.chain.goal else { return };
        let window = minutes(goal.within);
        // The first of them: those behind it are later still.
        let late = self
            .seen
            .leaves
            .iter()
            .filter_map(|(step, leaves)| Some((*step, *leaves.values().min()?)))
            .filter(|(_, leaves)| *leaves >= window)
            .min_by_key(|(step, leaves)| (*leaves, self.message_place(step).span.start));
        let goal_place = self.chain.settings.get("goal").cloned();
        if let Some((step, after)) = late {
            let kind = TimeKind::BeyondGoal { after, window: goal.within };
            let place = self.message_place(step);
            self.report(kind, place, goal_place.iter().cloned().collect());
        }
    }

    /// A chain longer than the gap between two entries, or than its dates.
    fn length(&mut self) {
        let takes = self.walked.ends.iter().map(|path| path.elapsed.least).max().unwrap_or(0);
        if let Entry::Again { after, .. } = self.chain.chain.entry
            && takes > minutes(after)
            && let Some(place) = self.chain.settings.get("reenter")
        {
            self.report(TimeKind::BeyondReentry { gap: after, takes }, place.clone(), vec![]);
        }
        if let Some(active) = self.chain.chain.active
            && let days = days_of(active.from, active.to)
            && takes > days * DAY
            && !names_dates(&self.chain.chain.steps)
            && let Some(place) = self.chain.settings.get("active")
        {
            self.report(TimeKind::LongerThanActive { takes, days }, place.clone(), vec![]);
        }
    }

    /// Dates behind those of the chain, and before them.
    fn dates(&mut self, steps: &'c [Step]) {
        let Some(active) = self.chain.chain.active else { return };
        let dates: Vec<Place> = self.chain.settings.get("active").into_iter().cloned().collect();
        for step in steps {
            let id = step.id.as_str();
            let (date, repeat, over) = match &step.action {
                Action::Repeat { until: Some(until), .. } => {
                    let most = self.walked.rounds.get(id).map(|(_, most)| *most);
                    (*until, true, most == Some(Some(0)))
                }
                Action::Wait { delay: Delay::Until { day: Day::Date(date), .. }, .. } => {
                    (*date, false, self.seen.waited.get(id) == Some(&false))
                }
                _ => {
                    step.inner().for_each(|steps| self.dates(steps));
                    continue;
                }
            };
            let days = active.to.days_until(date);
            let place = self.place(id, Part::Until);
            if over {
                self.report(TimeKind::DateOver { date, repeat }, place, dates.clone());
            } else if days > 0 {
                self.report(TimeKind::BeyondActive { days, repeat }, place, dates.clone());
            }
            step.inner().for_each(|steps| self.dates(steps));
        }
    }

    /// Messages that quiet hours hold back though somebody said when they leave; returns
    /// the times that have been reported.
    fn quiet(&mut self) -> BTreeSet<ShownBy<'c>> {
        let rule = self.quiet_place();
        let mut told = BTreeSet::new();
        let stale: Vec<(&str, Stale<'c>)> =
            self.seen.stale.iter().map(|(step, stale)| (*step, *stale)).collect();
        for (step, Stale { held, by, .. }) in stale.into_iter().filter(|(_, stale)| stale.always) {
            let Some(within) = within(&self.chain.chain.steps, step) else { continue };
            told.extend(by);
            let related = by.and_then(|by| self.shown_at(by)).into_iter().map(|(place, _)| place);
            let related = related.collect();
            let place = self.place(step, Part::Within);
            self.report(TimeKind::NeverFresh { within, held }, place, related);
        }
        let quiet: Vec<_> = self.seen.quiet.iter().map(|(by, what)| (*by, *what)).collect();
        for (by, (leaves, step)) in quiet {
            let Some((place, due)) = self.shown_at(by) else { continue };
            told.insert(by);
            let mut related = vec![self.place(step, Part::Channel)];
            related.extend(rule.clone());
            let span = place.span;
            let found = Diagnostic::new(Kind::Time(TimeKind::InQuietHours { due, leaves }), place);
            let found = related.into_iter().fold(found, Diagnostic::related);
            self.findings.push(match by {
                ShownBy::Step(_) => found.fixed(Safety::Unsafe, span, leaves.to_string()),
                ShownBy::Schedule => found,
            });
        }
        let together: Vec<_> = self.seen.together.iter().map(|(id, at)| (*id, *at)).collect();
        for (repeat, leaves) in together {
            let place = self.place(repeat, Part::Every);
            self.report(TimeKind::Together { leaves }, place, rule.iter().cloned().collect());
        }
        told
    }

    /// Returns where a time of the day is written, if it is, and what it says.
    fn shown_at(&self, by: ShownBy<'_>) -> Option<(Place, ClockTime)> {
        match by {
            ShownBy::Schedule => {
                let place = self.chain.settings.get("schedule")?;
                Some((place.clone(), self.chain.chain.schedule.at))
            }
            ShownBy::Step(step) => {
                let place = self.chain.steps.get(step)?.parts.get(&Part::Clock)?;
                let (_, clock) = find(&self.chain.chain.steps, step).and_then(clock_of)?;
                Some((place.clone(), clock))
            }
        }
    }

    fn quiet_place(&self) -> Option<Place> {
        if self.chain.chain.quiet.is_some() {
            return self.chain.settings.get("quiet").cloned();
        }
        match self.terms.brand.and_then(|brand| brand.quiet) {
            Some(_) => None,
            None => self.checked.rules.get("quiet").cloned(),
        }
    }

    /// Times of the day that some day of the business zone does not have.
    fn skipped(&mut self, steps: &'c [Step], told: &BTreeSet<ShownBy<'c>>) {
        let schedule = self.chain.chain.schedule;
        if let Some(place) = self.chain.settings.get("schedule").cloned()
            && !told.contains(&ShownBy::Schedule)
        {
            self.skips(schedule.on.map_or(Day::Any, Day::Weekday), schedule.at, place);
        }
        self.skipped_in(steps, told);
    }

    fn skipped_in(&mut self, steps: &'c [Step], told: &BTreeSet<ShownBy<'c>>) {
        for step in steps {
            let by = ShownBy::Step(&step.id);
            if let Some((day, at)) = clock_of(step)
                && !told.contains(&by)
                && let Some((place, _)) = self.shown_at(by)
            {
                self.skips(day, at, place);
            }
            step.inner().for_each(|steps| self.skipped_in(steps, told));
        }
    }

    fn skips(&mut self, day: Day, at: ClockTime, place: Place) {
        let dates = self.chain.chain.active.map(|active| (active.from, active.to));
        // A chain without dates may run for years.
        let dates = dates.or(Date::new(2025, 1, 1).zip(Date::new(2034, 12, 31)));
        let (Some((from, to)), zone) = (dates, self.terms.timezone()) else { return };
        if let Some((date, instead)) = zones::skipped(zone, at, day, from, to) {
            let zone = zone.to_owned();
            self.report(TimeKind::SkippedTime { time: at, date, zone, instead }, place, vec![]);
        }
    }

    /// Messages that a cap certainly holds back.
    fn caps(&mut self) {
        let caps: Vec<(SaidBy, Cap)> = self.terms.caps(&self.chain.chain).collect();
        let groups: BTreeSet<Option<&str>> = self
            .seen
            .lost
            .keys()
            .filter_map(|(step, _)| self.seen.repeats.get(step))
            .copied()
            .collect();
        for group in groups {
            let inside = |step: &&str| self.seen.repeats.get(step) == Some(&group);
            let lost: Vec<(&str, usize, u32)> = self
                .seen
                .lost
                .iter()
                .filter(|((step, _), _)| inside(step))
                .map(|((step, cap), times)| (*step, *cap, *times))
                .collect();
            let most = |cap: usize| -> u32 {
                lost.iter().filter(|(_, other, _)| *other == cap).map(|(_, _, times)| times).sum()
            };
            let Some(worst) = lost.iter().map(|(_, cap, _)| *cap).max_by_key(|cap| most(*cap))
            else {
                continue;
            };
            let Some((by, cap)) = caps.get(worst).copied() else { continue };
            let steps: BTreeSet<&str> = lost.iter().map(|(step, _, _)| *step).collect();
            let Some(repeat) = group else {
                for step in steps {
                    let place = self.message_place(step);
                    let related = self.cap_place(by).into_iter().collect();
                    self.report(TimeKind::OverCap { cap }, place, related);
                }
                continue;
            };
            let sum = |path: &Path<'_>| {
                let of = path.tally.iter().filter(|(step, _)| inside(step));
                of.fold((0, 0), |(lost, planned): (u32, u32), (_, tally)| {
                    (lost + tally.lost, planned + tally.planned)
                })
            };
            let (lost, planned) = self.walked.ends.iter().map(sum).max().unwrap_or_default();
            let open = self.walked.rounds.get(repeat).is_none_or(|(_, most)| most.is_none());
            let kind = TimeKind::RepeatOverCap { planned, sent: planned - lost, open, cap };
            let related = steps.into_iter().map(|step| self.message_place(step));
            let related = related.collect();
            let place = self.place(repeat, Part::Every);
            if lost > 0 {
                self.report(kind, place, related);
            }
        }
    }

    /// Returns where a cap on messages is written, where that is known.
    fn cap_place(&self, by: SaidBy) -> Option<Place> {
        let word = "cap messages";
        match by {
            SaidBy::Chain => self.chain.settings.get(word),
            SaidBy::Experiment => {
                let name = self.chain.chain.experiment.as_ref()?;
                self.checked.experiments.iter().find(|e| e.name == *name)?.settings.get(word)
            }
            SaidBy::Brand => None,
            SaidBy::Policy => self.checked.rules.get(word),
        }
        .cloned()
    }
}

/// Returns the day and the time of the day a step names.
fn clock_of(step: &Step) -> Option<(Day, ClockTime)> {
    match &step.action {
        Action::Wait { delay: Delay::Until { day, at }, .. } => Some((*day, *at)),
        Action::Repeat { every: Every::Period { at, .. }, .. } => Some((Day::Any, (*at)?)),
        Action::Repeat { every: Every::Weekly { on, at }, .. } => Some((Day::Weekday(*on), (*at)?)),
        _ => None,
    }
}

/// Returns the step of an id.
fn find<'s>(steps: &'s [Step], id: &str) -> Option<&'s Step> {
    steps.iter().find_map(|step| {
        if step.id == id { Some(step) } else { step.inner().find_map(|steps| find(steps, id)) }
    })
}

/// Returns how late the message of a step may be.
fn within(steps: &[Step], id: &str) -> Option<Period> {
    match &find(steps, id)?.action {
        Action::Send { within, .. } | Action::Fallback { within, .. } => *within,
        _ => None,
    }
}
