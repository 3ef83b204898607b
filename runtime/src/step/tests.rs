//! What a chain means, told day by day to the step function alone.

use super::*;
use chainc_compiler::ir::{Band, Channel, Message, Piece, Placeholder, Text};
use chainc_compiler::units::Period;
use std::collections::BTreeMap;

const DAY: i64 = 86_400_000;

/// `segment ... -> grant 300 -> sms offer -> wait 3d unless purchase -> push reminder
/// -> fallback email`
fn seed() -> Chain {
    let offer = Text::Sms {
        text: vec![Piece::Text("you have ".into()), Piece::Value(Placeholder::WalletBalance)],
    };
    let push = Text::Push { title: vec![], body: vec![Piece::Text("soon gone".into())] };
    let mail = Text::Email { subject: vec![], body: vec![], html: false };
    let send =
        |channel, message: &str| Action::Send { channel, message: message.into(), within: None };
    let actions = vec![
        Action::Grant {
            amount: Amount::Fixed(Points(300)),
            expires: Some(Period::Days(14)),
            at: None,
        },
        send(Channel::Sms, "offer"),
        Action::Wait { delay: Delay::For(Period::Days(3)), unless: vec![Event::Purchase] },
        send(Channel::Push, "reminder"),
        Action::Fallback { channel: Channel::Email, message: "reminder".into(), within: None },
    ];
    let message = |texts| Message { draft: false, texts };
    Chain {
        steps: actions
            .into_iter()
            .enumerate()
            .map(|(n, action)| Step { id: (n + 1).to_string(), text: String::new(), action })
            .collect(),
        messages: BTreeMap::from([
            ("offer".into(), message(BTreeMap::from([(Channel::Sms, offer)]))),
            (
                "reminder".into(),
                message(BTreeMap::from([(Channel::Push, push), (Channel::Email, mail)])),
            ),
        ]),
        ..Chain::empty("seed")
    }
}

/// A customer who walks a chain; every call is one thing that happens to her.
struct Walk {
    chain: Chain,
    state: State,
    customer: Customer,
    zone: Zone,
    points_left: Option<Points>,
}

impl Walk {
    fn of(chain: Chain) -> Self {
        let customer = Customer { id: "1".into(), ..Customer::default() };
        let state = State::entering(Moment(0), Some(64));
        Self { chain, state, customer, zone: Zone::utc(), points_left: None }
    }

    /// Says what an input does on a day, in one word for each effect.
    fn on(&mut self, day: i64, input: Input) -> Vec<String> {
        let facts = Facts {
            now: Moment(day * DAY),
            customer: &self.customer,
            zone: &self.zone,
            balance: Points(20),
            points_left: self.points_left,
        };
        let transition = step(&self.chain, self.state.clone(), input, facts);
        self.state = transition.state;
        let words = transition.effects.into_iter().filter_map(|effect| match effect {
            Effect::Grant { granted, .. } => Some(format!("grant {}", granted.points.0)),
            Effect::Send { content, .. } => Some(content.channel().to_string()),
            Effect::Cancel { .. } => Some("cancel".into()),
            Effect::Tell { what: Told::Skipped(why), .. } => Some(format!("skipped: {why}")),
            Effect::Tell { what: Told::Ended(end), .. } => Some(end.as_str().into()),
            Effect::Tell { .. } => None,
        });
        words.collect()
    }

    fn buys(&mut self, day: i64) -> Vec<String> {
        self.customer.last_purchase_at = Some(Moment(day * DAY));
        self.on(day, Input::Purchased(Moment(day * DAY)))
    }
}

#[test]
fn nobody_buys_and_the_reminder_arrives() {
    let mut walk = Walk::of(seed());
    assert_eq!(walk.on(0, Input::Due), ["grant 300", "sms"]);
    assert!(walk.on(0, Input::Settled(true)).is_empty());
    assert!(walk.on(2, Input::Due).is_empty(), "no timer fires early");
    assert_eq!(walk.on(3, Input::Due), ["push"]);
    assert_eq!(walk.on(3, Input::Settled(true)), ["skipped: not needed", "completed"]);
}

#[test]
fn the_card_was_deleted_and_another_channel_is_tried() {
    let mut walk = Walk::of(seed());
    walk.on(0, Input::Due);
    walk.on(0, Input::Settled(true));
    walk.on(3, Input::Due);
    assert_eq!(walk.on(3, Input::Settled(false)), ["email"]);
    assert_eq!(walk.on(3, Input::Settled(true)), ["completed"]);
}

#[test]
fn a_purchase_on_the_second_day_stops_the_reminders() {
    let mut walk = Walk::of(seed());
    walk.on(0, Input::Due);
    walk.on(0, Input::Settled(true));
    assert_eq!(walk.buys(2), ["purchased"]);
    assert!(walk.on(3, Input::Due).is_empty());
}

#[test]
fn a_purchase_before_the_wait_ends_the_chain_at_the_wait() {
    let mut walk = Walk::of(seed());
    walk.on(0, Input::Due);
    assert!(walk.buys(1).is_empty(), "no `unless` was met yet");
    assert_eq!(walk.on(1, Input::Settled(true)), ["purchased"]);
}

#[test]
fn a_purchase_while_the_reminder_is_queued_cancels_it() {
    let mut walk = Walk::of(seed());
    walk.on(0, Input::Due);
    walk.on(0, Input::Settled(true));
    assert_eq!(walk.on(3, Input::Due), ["push"]);
    assert_eq!(walk.buys(3), ["cancel", "purchased"]);
    assert!(walk.on(4, Input::Settled(true)).is_empty());
}

#[test]
fn a_purchase_from_before_entering_ends_nothing() {
    let mut walk = Walk::of(seed());
    walk.on(0, Input::Due);
    walk.on(0, Input::Settled(true));
    assert!(walk.buys(-1).is_empty());
    assert_eq!(walk.on(3, Input::Due), ["push"]);
}

#[test]
fn a_purchase_that_is_seen_only_when_the_timer_fires_counts_all_the_same() {
    let mut walk = Walk::of(seed());
    walk.on(0, Input::Due);
    walk.on(0, Input::Settled(true));
    walk.customer.last_purchase_at = Some(Moment(2 * DAY));
    assert_eq!(walk.on(3, Input::Due), ["purchased"]);
}

#[test]
fn the_same_input_twice_does_nothing_the_second_time() {
    let mut walk = Walk::of(seed());
    assert_eq!(walk.on(0, Input::Due), ["grant 300", "sms"]);
    assert!(walk.on(0, Input::Due).is_empty());
    walk.on(0, Input::Settled(true));
    assert!(walk.on(0, Input::Settled(true)).is_empty());
}

#[test]
fn the_balance_in_a_text_includes_the_grant_before_it() {
    let walk = Walk::of(seed());
    let facts = Facts {
        now: Moment(0),
        customer: &walk.customer,
        zone: &walk.zone,
        balance: Points(20),
        points_left: None,
    };
    let transition = step(&walk.chain, walk.state.clone(), Input::Due, facts);
    let text = transition.effects.iter().find_map(|effect| match effect {
        Effect::Send { content: Content::Sms { text }, .. } => Some(text.as_str()),
        _ => None,
    });
    assert_eq!(text, Some("you have 320 points"));
}

#[test]
fn an_empty_points_budget_ends_the_chain_before_any_promise() {
    let mut walk = Walk::of(seed());
    walk.points_left = Some(Points(299));
    assert_eq!(walk.on(0, Input::Due), ["skipped: over budget", "budget"]);
    let mut walk = Walk::of(seed());
    walk.points_left = Some(Points(300));
    assert_eq!(walk.on(0, Input::Due), ["grant 300", "sms"]);
}

#[test]
fn a_table_gives_by_the_recency_of_the_day_of_entering() {
    let band = |from, to, points| Band { from, to, points: Points(points) };
    let table = vec![band(30, 59, 100), band(60, 89, 300)];
    for (days, first) in
        [(30, "grant 100"), (59, "grant 100"), (60, "grant 300"), (90, "skipped: no band")]
    {
        let mut chain = seed();
        chain.steps[0].action =
            Action::Grant { amount: Amount::ByRecency(table.clone()), expires: None, at: None };
        let mut walk = Walk::of(chain);
        walk.state.recency = Some(days);
        assert_eq!(walk.on(0, Input::Due)[0], first, "{days} days");
    }
}

#[test]
fn a_wait_keeps_the_local_hour_when_the_clocks_change() {
    let mut walk = Walk::of(seed());
    walk.zone = Zone::get("Europe/Berlin").unwrap();
    let friday = walk.zone.parse("2026-03-27T10:00").unwrap();
    walk.state = State::entering(friday, Some(64));
    let (chain, customer, zone) = (&walk.chain, &walk.customer, &walk.zone);
    let facts = Facts { now: friday, customer, zone, balance: Points(0), points_left: None };
    let sent = step(chain, walk.state.clone(), Input::Due, facts).state;
    let waiting = step(chain, sent, Input::Settled(true), facts).state;
    assert_eq!(waiting.phase, Phase::Waiting(walk.zone.parse("2026-03-30T10:00").unwrap()));
}
