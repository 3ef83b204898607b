//! One customer walks one chain, and every input is held against what is promised.

use crate::dice::Dice;
use chainc_compiler::ir::{Action, AtLimit, Chain, Channel, Event, Step, Touch};
use chainc_compiler::units::{Minor, Period, Points};
use chainc_runtime::customer::{Bought, Customer, Touched};
use chainc_runtime::links::Links;
use chainc_runtime::sources::{Heard, Known, Rule, Then};
use chainc_runtime::step::place::Place;
use chainc_runtime::step::{At, Effect, End, Facts, Input, Memory, Phase, State, Told, What, step};
use chainc_runtime::time::{Moment, Zone};
use chainc_runtime::wallet::Lot;
use std::collections::BTreeMap;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// What every walk of a chain shares.
pub(crate) struct Ground<'a> {
    chain: &'a Chain,
    zones: [Zone; 3],
    links: Links,
    /// How many steps a customer can come to at most.
    most: usize,
}

impl<'a> Ground<'a> {
    /// Returns what walks of a chain share.
    pub(crate) fn of(chain: &'a Chain) -> Self {
        let zone = |name| Zone::get(name).expect("a zone of the database");
        let page = |name: &str| Some(format!("https://shop.example/{name}"));
        Self {
            chain,
            zones: [Zone::utc(), zone("Europe/Riga"), zone("America/New_York")],
            links: Links { shop: page("go"), unsubscribe: page("bye") },
            most: most(&chain.steps),
        }
    }
}

/// How many steps can be come to, every round of every repeat done.
fn most(steps: &[Step]) -> usize {
    let each = steps.iter().map(|step| {
        let inner: usize = step.inner().map(most).sum();
        let rounds = match &step.action {
            Action::Repeat { max, .. } => {
                usize::try_from(max.expect("the generator writes one")).expect("a few")
            }
            _ => 1,
        };
        1 + rounds * inner
    });
    each.sum()
}

/// Walks to the end by random inputs; returns how many there were.
pub(crate) fn walk(ground: &Ground<'_>, dice: Dice) -> u64 {
    let mut life = Life::draw(ground, dice);
    for _ in 0..life.dice.range(2, 14) {
        life.something();
    }
    life.comes_to_an_end();
    life.inputs
}

/// A customer and what is drawn for her.
struct Life<'a> {
    ground: &'a Ground<'a>,
    dice: Dice,
    state: State,
    customer: Customer,
    zone: &'a Zone,
    business: &'a Zone,
    sources: Vec<Heard>,
    known: Known,
    points_left: Option<Points>,
    points_allowed: Option<Points>,
    at_limit: AtLimit,
    paused: bool,
    codes: BTreeMap<String, Vec<String>>,
    now: Moment,
    /// Steps and rounds that have given or sent something.
    done: Vec<At>,
    /// Codes she was given.
    given: Vec<String>,
    reached: usize,
    inputs: u64,
}

impl<'a> Life<'a> {
    fn draw(ground: &'a Ground<'a>, mut dice: Dice) -> Self {
        // A time from January to June 2026, through both changes of clocks.
        let now = Moment(1_767_225_600_000 + dice.range(0, 150 * DAY));
        let recency = dice.percent(90).then(|| u32::try_from(dice.roll(400)).expect("days"));
        let mut customer = Customer { id: dice.roll(1_000).to_string(), ..Customer::default() };
        customer.first_name = dice.percent(70).then(|| "Ada".to_owned());
        customer.city = dice.percent(50).then(|| "Riga".to_owned());
        if let Some(days) = recency {
            customer.last_purchase_at = Some(now.plus_millis(-i64::from(days) * DAY));
            customer.first_purchase_at = customer.last_purchase_at;
            customer.purchases = 1;
        }
        for channel in [Channel::Sms, Channel::Email, Channel::Push] {
            if dice.percent(70) {
                customer.agreed.insert(channel);
                customer.reachable.insert(channel);
            }
        }
        if dice.percent(30) {
            customer.attributes.insert("vip".to_owned(), "yes".to_owned());
        }
        let mut sources = Vec::new();
        if dice.percent(25) {
            for name in ["tills", "web"] {
                let then = dice.one(&[Then::Hold, Then::AssumeNone]);
                let rule = Rule { grace: Period::Days(2), then };
                let watermark =
                    dice.percent(70).then(|| now.plus_millis(dice.range(-5 * DAY, 9 * DAY)));
                sources.push(Heard { name: name.to_owned(), rule, watermark });
            }
        }
        let mut pool = |name: &str| {
            let codes = (0..dice.roll(5)).map(|number| format!("{name}-{number}"));
            (name.to_owned(), codes.collect())
        };
        let codes = BTreeMap::from([pool("toys"), pool("shoes")]);
        let zones: Vec<&Zone> = ground.zones.iter().collect();
        let points = |dice: &mut Dice, share| {
            dice.percent(share).then(|| Points(i64::try_from(dice.roll(600)).expect("points")))
        };
        Self {
            ground,
            state: State::entering(now, recency),
            customer,
            zone: dice.one(&zones),
            business: dice.one(&zones),
            known: Known::of(sources.clone()),
            sources,
            points_left: points(&mut dice, 30),
            points_allowed: points(&mut dice, 15),
            at_limit: dice.one(&[AtLimit::End, AtLimit::Skip, AtLimit::Hold]),
            paused: false,
            codes,
            now,
            done: Vec::new(),
            given: Vec::new(),
            reached: 0,
            inputs: 0,
            dice,
        }
    }

    /// Lets something happen, more often than not what she waits for.
    fn something(&mut self) {
        match self.dice.roll(20) {
            0..8 => self.what_she_waits_for(),
            8 => {
                // A timer that fires early, or a batch that comes to her for nothing.
                self.feed(Input::Due, self.now);
            }
            9 => {
                let reached = self.dice.percent(50);
                self.feed(Input::Settled(reached), self.now);
            }
            10 | 11 => self.buys(),
            12 | 13 => self.touches(),
            14 => self.paused = self.dice.percent(60),
            15 => {
                let left = Points(i64::try_from(self.dice.roll(600)).expect("points"));
                self.points_left = self.dice.percent(50).then_some(left);
            }
            16 => self.speaks(),
            17 => self.now = self.now.plus_millis(self.dice.range(0, 4 * DAY)),
            18 if self.dice.percent(10) => self.feed(Input::Stopped, self.now),
            _ => self.what_she_waits_for(),
        }
    }

    /// The moment comes, on time or late; the message is settled.
    fn what_she_waits_for(&mut self) {
        match self.state.phase {
            Phase::Ready(at) | Phase::Waiting(at) => {
                let late = if self.dice.percent(15) { self.dice.range(0, 9 * DAY) } else { 0 };
                self.now = self.now.max(at).plus_millis(late);
                self.feed(Input::Due, self.now);
            }
            Phase::Sending => {
                let took = if self.dice.percent(30) { self.dice.range(0, 5 * HOUR) } else { 0 };
                self.now = self.now.plus_millis(took);
                let reached = self.dice.percent(70);
                self.feed(Input::Settled(reached), self.now);
            }
            Phase::Undecided { look_at, .. } => {
                self.now = self.now.max(look_at.unwrap_or(self.now));
                self.feed(Input::Due, self.now);
            }
            Phase::Held(_) => {
                if self.dice.percent(40) {
                    self.points_left = None;
                }
                self.feed(Input::Due, self.now);
            }
            Phase::Ended(_) => self.feed(Input::Due, self.now),
        }
    }

    /// She buys: heard of at once or late, now and then twice.
    fn buys(&mut self) {
        let late = if self.dice.percent(40) { self.dice.range(0, 3 * DAY) } else { 0 };
        let at = self.now.plus_millis(-late);
        let amount = Minor(self.dice.range(0, 30_000));
        self.customer.last_purchase_at = self.customer.last_purchase_at.max(Some(at));
        self.customer.first_purchase_at.get_or_insert(at);
        self.customer.purchases += 1;
        self.customer.spent = Minor(self.customer.spent.0 + amount.0);
        self.customer.bought.push(Bought { at, amount, brand: None, categories: Vec::new() });
        let watched = self.state.memory.watching.contains(&Event::Purchase);
        let is_over = matches!(self.state.phase, Phase::Ended(_));
        self.feed(Input::Purchased(at), at);
        if watched && !is_over && at > self.state.entered_at {
            assert_eq!(self.state.phase, Phase::Ended(End::Purchased), "a purchase ends the chain");
        }
    }

    /// She opens, clicks, or visits; told once or twice.
    fn touches(&mut self) {
        let late = if self.dice.percent(40) { self.dice.range(0, 3 * DAY) } else { 0 };
        let at = self.now.plus_millis(-late);
        let (how, message) = self.dice.one(&[
            (Touch::Clicked, "offer"),
            (Touch::Opened, "reminder"),
            (Touch::Own, "visited"),
            (Touch::Received, "offer"),
        ]);
        let message = message.to_owned();
        self.customer.touched.push(Touched { how, message: message.clone(), at });
        let input = Input::Touched { how, message, at };
        self.feed(input.clone(), at);
        if self.dice.percent(30) {
            let before = self.state.clone();
            self.feed(input, at);
            assert_eq!(self.state, before, "an answer told twice changes nothing");
        }
    }

    /// The sources of purchases say how far they are.
    fn speaks(&mut self) {
        for source in &mut self.sources {
            let said = self.now.plus_millis(self.dice.range(-DAY, DAY));
            source.watermark = source.watermark.max(Some(said));
        }
        self.known = Known::of(self.sources.clone());
    }

    /// Time passes, what she waits for comes, obstacles are taken away: it ends.
    fn comes_to_an_end(&mut self) {
        self.paused = false;
        self.points_left = None;
        for source in &mut self.sources {
            source.watermark = Some(Moment(i64::MAX));
        }
        self.known = Known::of(self.sources.clone());
        let mut inputs = 0;
        while !matches!(self.state.phase, Phase::Ended(_)) {
            self.what_she_waits_for();
            inputs += 1;
            assert!(inputs <= 2 * self.ground.most + 2, "no end: {:?}", self.state);
        }
        let before = self.state.clone();
        for input in [Input::Due, Input::Settled(true), Input::Purchased(self.now), Input::Stopped]
        {
            self.feed(input, self.now.plus_millis(DAY));
        }
        assert_eq!(self.state, before, "the end is the end");
    }

    fn facts(&self, now: Moment) -> Facts<'_> {
        Facts {
            now,
            customer: &self.customer,
            zone: self.zone,
            business: self.business,
            points_left: self.points_left,
            at_limit: self.at_limit,
            points_allowed: self.points_allowed,
            cycle: 1,
            links: &self.ground.links,
            known: &self.known,
            paused: self.paused,
            codes: &self.codes,
        }
    }

    /// Feeds an input and holds the answer against what is promised.
    fn feed(&mut self, input: Input, now: Moment) {
        self.inputs += 1;
        let (before, chain) = (self.state.clone(), self.ground.chain);
        let transition = step(chain, before.clone(), input.clone(), self.facts(now));
        if self.dice.percent(20) {
            let again = step(chain, before.clone(), input.clone(), self.facts(now));
            assert_eq!(transition, again, "the same input, the same answer");
        }
        let effects = transition.effects;
        let fits = match (before.phase, &input) {
            (Phase::Ended(_), _) => false,
            (Phase::Ready(at) | Phase::Waiting(at), Input::Due) => at <= now,
            (Phase::Sending, Input::Due) => false,
            (phase, Input::Settled(_)) => phase == Phase::Sending,
            _ => true,
        };
        if !fits {
            assert!(effects.is_empty(), "{input:?} at {before:?} has no effect: {effects:#?}");
            assert_eq!(transition.state, before, "{input:?} changes nothing");
        }
        self.state = transition.state;
        self.stands_well(&before, now);
        self.gives_once(&effects, now);
        if input == Input::Due && self.dice.percent(25) {
            // The engine may come to her again before anything has changed.
            let again = step(chain, self.state.clone(), Input::Due, self.facts(now));
            assert!(again.effects.is_empty(), "twice at one moment: {:?}", again.effects);
            assert_eq!(again.state, self.state, "twice at one moment");
        }
    }

    /// What the state itself promises.
    fn stands_well(&mut self, before: &State, now: Moment) {
        let state = &self.state;
        // A timer that is set is one that is still to come.
        match state.phase {
            Phase::Waiting(at) | Phase::Undecided { look_at: Some(at), .. }
                if state.phase != before.phase =>
            {
                assert!(at > now, "a timer of the past: {state:?}");
            }
            Phase::Ready(_)
            | Phase::Waiting(_)
            | Phase::Undecided { .. }
            | Phase::Sending
            | Phase::Held(_)
            | Phase::Ended(_) => {}
        }
        // A paused chain may leave her behind the last step of a flow.
        if !matches!(state.phase, Phase::Ready(_) | Phase::Ended(_)) {
            assert!(state.place.step(self.ground.chain).is_some(), "nowhere: {state:?}");
        }
        if self.dice.percent(20) {
            let json = serde_json::to_string(&state.memory).expect("a memory is JSON");
            let read: Memory = serde_json::from_str(&json).expect("a memory is read back");
            assert_eq!(read, state.memory, "{json}");
            assert_eq!(Place::parse(&state.place.to_string()).as_ref(), Some(&state.place));
        }
    }

    /// What effects promise; carries them out.
    fn gives_once(&mut self, effects: &[Effect], now: Moment) {
        let ends = effects.iter().position(|effect| is_end(&effect.what));
        assert!(ends.is_none_or(|at| at + 1 == effects.len()), "the end comes last: {effects:#?}");
        let (mut points, mut sends) = (0, 0);
        for effect in effects {
            // What is heard of late is looked at as of its own moment; what came behind it counts.
            assert!(effect.at <= self.now.max(now), "an effect of the future: {effect:?}");
            let gives = match &effect.what {
                What::Grant { granted, .. } => {
                    points += granted.points.0;
                    self.customer.points.push(lot(granted.points, now));
                    true
                }
                What::Cashback(cashback) => {
                    points += cashback.up_to.map_or(0, |most| most.0);
                    true
                }
                What::Promo { pool, promo } => {
                    assert!(!self.given.contains(&promo.code), "{} was given before", promo.code);
                    self.given.push(promo.code.clone());
                    let pool = self.codes.get_mut(pool).expect("a pool of the chain");
                    pool.retain(|code| *code != promo.code);
                    true
                }
                What::Send { .. } => {
                    sends += 1;
                    true
                }
                What::Tag(tag) => {
                    self.customer.tags.insert(tag.clone());
                    assert!(!self.paused, "a step was done while paused");
                    false
                }
                What::Tell(Told::Reached) => {
                    self.reached += 1;
                    false
                }
                What::Cancel(_) | What::Tell(_) => false,
            };
            if gives {
                assert!(!self.paused, "a step was done while paused: {effect:?}");
                let at = effect.step.clone().expect("what is given is of a step");
                assert!(!self.done.contains(&at), "twice: {effect:?}");
                self.done.push(at);
            }
        }
        assert!(sends <= 1, "several messages at once: {effects:#?}");
        assert!(sends == 0 || self.state.phase == Phase::Sending, "nobody waits for a message");
        for room in [&mut self.points_left, &mut self.points_allowed].into_iter().flatten() {
            assert!(points <= room.0, "{points} points were given, and {} left", room.0);
            room.0 -= points;
        }
        assert!(self.reached <= self.ground.most, "{} steps come to", self.reached);
    }
}

fn is_end(what: &What) -> bool {
    matches!(what, What::Tell(Told::Ended(_)))
}

fn lot(points: Points, since: Moment) -> Lot {
    Lot { key: "granted".to_owned(), left: points, since, expires_at: None, brand: None }
}
