//! What a chain means, told day by day to the step function alone.

use super::*;
use crate::customer::Touched;
use crate::message::Content;
use chainc_compiler::{Settings, SourceFile, compile};

const DAY: i64 = 86_400_000;

const SEED: &str = "message offer { sms \"you have {wallet.balance}\" }
    message reminder { push title \"Points\" body \"soon gone\" email subject \"Points\" body \"soon gone\" }
    segment recency 60..89 -> grant 300 -> sms offer -> wait 3d unless purchase
    -> push reminder -> fallback email";

fn chain(text: &str) -> Chain {
    let file = SourceFile { path: "shop.chain".into(), text: text.into() };
    let compiled = compile(&[file], &BTreeMap::new(), &Settings::default());
    let program = compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics));
    program.chains.into_iter().next().unwrap()
}

/// A customer who walks a chain; every call is one thing that happens to her.
struct Walk {
    chain: Chain,
    state: State,
    customer: Customer,
    zone: Zone,
    business: Zone,
    known: Known,
    links: Links,
    points_left: Option<Points>,
    at_limit: AtLimit,
    points_allowed: Option<Points>,
    paused: bool,
    codes: BTreeMap<String, Vec<String>>,
}

impl Walk {
    fn of(text: &str) -> Self {
        Self {
            chain: chain(text),
            state: State::entering(Moment(0), Some(64)),
            customer: Customer { id: "1".into(), ..Customer::default() },
            zone: Zone::utc(),
            business: Zone::utc(),
            known: Known::default(),
            links: Links::default(),
            points_left: None,
            at_limit: AtLimit::End,
            points_allowed: None,
            paused: false,
            codes: BTreeMap::new(),
        }
    }

    /// Lets her enter at a local time.
    fn entering(mut self, at: &str) -> Self {
        self.state = State::entering(self.zone.parse(at).unwrap(), Some(64));
        self
    }

    fn input(&mut self, now: Moment, input: Input) -> Vec<Effect> {
        let facts = Facts {
            now,
            customer: &self.customer,
            zone: &self.zone,
            business: &self.business,
            cycle: 1,
            links: &self.links,
            known: &self.known,
            points_left: self.points_left,
            at_limit: self.at_limit,
            points_allowed: self.points_allowed,
            paused: self.paused,
            codes: &self.codes,
        };
        let transition = step(&self.chain, self.state.clone(), input, facts);
        self.state = transition.state;
        transition.effects
    }

    /// Says what an input does on a day, in one word for each effect.
    fn on(&mut self, day: i64, input: Input) -> Vec<String> {
        words(self.input(Moment(day * DAY), input))
    }

    fn buys(&mut self, day: i64) -> Vec<String> {
        self.customer.last_purchase_at = Some(Moment(day * DAY));
        self.on(day, Input::Purchased(Moment(day * DAY)))
    }

    /// Walks to the end; every message arrives at once. Says what happened when.
    fn walks_on(&mut self) -> Vec<String> {
        self.up_to(Moment(i64::MAX))
    }

    fn up_to(&mut self, end: Moment) -> Vec<String> {
        let mut told = Vec::new();
        let mut now = Moment(0);
        for _ in 0..1_000 {
            let input = match self.state.phase {
                Phase::Ready(at) | Phase::Waiting(at) if at <= end => {
                    now = at;
                    Input::Due
                }
                Phase::Sending => Input::Settled(true),
                Phase::Ready(_)
                | Phase::Waiting(_)
                | Phase::Undecided { .. }
                | Phase::Held(_)
                | Phase::Ended(_) => {
                    return told;
                }
            };
            let at = self.zone.rfc3339(now);
            let at = at.get(..16).unwrap().replace('T', " ");
            told.extend(
                words(self.input(now, input)).into_iter().map(|word| format!("{at} {word}")),
            );
        }
        panic!("no end: {told:#?}");
    }
}

fn words(effects: Vec<Effect>) -> Vec<String> {
    let words = effects.into_iter().filter_map(|effect| match effect.what {
        What::Grant { granted, .. } => Some(format!("grant {}", granted.points.0)),
        What::Cashback(cashback) => Some(format!("cashback {}", cashback.rate)),
        What::Promo { promo, .. } => Some(format!("code {}", promo.code)),
        What::Tag(tag) => Some(format!("tag {tag}")),
        What::Send { content, .. } => Some(content.channel().to_string()),
        What::Cancel(_) => Some("cancel".into()),
        What::Tell(Told::Skipped(why)) => Some(format!("skipped: {why}")),
        What::Tell(Told::NoRoom) => Some("held".into()),
        What::Tell(Told::Arm(arm)) => Some(format!("arm {arm}")),
        What::Tell(Told::Undecided(who)) => Some(format!("undecided: {who}")),
        What::Tell(Told::Held(who)) => Some(format!("held: {who}")),
        What::Tell(Told::Assumed(who)) => Some(format!("assumed: {who}")),
        What::Tell(Told::Ended(end)) => Some(end.as_str().into()),
        What::Tell(_) => None,
    });
    words.collect()
}

#[test]
fn nobody_buys_and_the_reminder_arrives() {
    let mut walk = Walk::of(SEED);
    assert_eq!(walk.on(0, Input::Due), ["grant 300", "sms"]);
    assert!(walk.on(0, Input::Settled(true)).is_empty());
    assert!(walk.on(2, Input::Due).is_empty(), "no timer fires early");
    assert_eq!(walk.on(3, Input::Due), ["push"]);
    assert_eq!(walk.on(3, Input::Settled(true)), ["skipped: not needed", "completed"]);
}

#[test]
fn the_card_was_deleted_and_another_channel_is_tried() {
    let mut walk = Walk::of(SEED);
    walk.on(0, Input::Due);
    walk.on(0, Input::Settled(true));
    walk.on(3, Input::Due);
    assert_eq!(walk.on(3, Input::Settled(false)), ["email"]);
    assert_eq!(walk.on(3, Input::Settled(true)), ["completed"]);
}

#[test]
fn a_purchase_on_the_second_day_stops_the_reminders() {
    let mut walk = Walk::of(SEED);
    walk.on(0, Input::Due);
    walk.on(0, Input::Settled(true));
    assert_eq!(walk.buys(2), ["purchased"]);
    assert!(walk.on(3, Input::Due).is_empty());
}

#[test]
fn a_purchase_before_the_wait_ends_the_chain_at_the_wait() {
    let mut walk = Walk::of(SEED);
    walk.on(0, Input::Due);
    assert!(walk.buys(1).is_empty(), "no `unless` was met yet");
    assert_eq!(walk.on(1, Input::Settled(true)), ["purchased"]);
}

#[test]
fn a_purchase_while_the_reminder_is_queued_cancels_it() {
    let mut walk = Walk::of(SEED);
    walk.on(0, Input::Due);
    walk.on(0, Input::Settled(true));
    assert_eq!(walk.on(3, Input::Due), ["push"]);
    assert_eq!(walk.buys(3), ["cancel", "purchased"]);
    assert!(walk.on(4, Input::Settled(true)).is_empty());
}

#[test]
fn a_purchase_from_before_entering_ends_nothing() {
    let mut walk = Walk::of(SEED);
    walk.on(0, Input::Due);
    walk.on(0, Input::Settled(true));
    assert!(walk.buys(-1).is_empty());
    assert_eq!(walk.on(3, Input::Due), ["push"]);
}

#[test]
fn a_purchase_that_is_seen_only_when_the_timer_fires_counts_all_the_same() {
    let mut walk = Walk::of(SEED);
    walk.on(0, Input::Due);
    walk.on(0, Input::Settled(true));
    walk.customer.last_purchase_at = Some(Moment(2 * DAY));
    assert_eq!(walk.on(3, Input::Due), ["purchased"]);
}

#[test]
fn the_same_input_twice_does_nothing_the_second_time() {
    let mut walk = Walk::of(SEED);
    assert_eq!(walk.on(0, Input::Due), ["grant 300", "sms"]);
    assert!(walk.on(0, Input::Due).is_empty());
    walk.on(0, Input::Settled(true));
    assert!(walk.on(0, Input::Settled(true)).is_empty());
}

#[test]
fn the_balance_in_a_text_includes_the_grant_before_it() {
    let mut walk = Walk::of(SEED);
    walk.customer.points = vec![crate::wallet::Lot {
        key: "earlier".into(),
        left: Points(20),
        since: Moment(0),
        expires_at: None,
        brand: None,
    }];
    let effects = walk.input(Moment(0), Input::Due);
    let text = effects.iter().find_map(|effect| match &effect.what {
        What::Send { content: Content::Sms { text }, .. } => Some(text.as_str()),
        _ => None,
    });
    assert_eq!(text, Some("you have 320 points"));
}

#[test]
fn an_empty_points_budget_ends_the_chain_before_any_promise() {
    let mut walk = Walk::of(SEED);
    walk.points_left = Some(Points(299));
    assert_eq!(walk.on(0, Input::Due), ["skipped: over budget", "budget"]);
    let mut walk = Walk::of(SEED);
    walk.points_left = Some(Points(300));
    assert_eq!(walk.on(0, Input::Due), ["grant 300", "sms"]);
}

/// It is paid when it earns something: there has to be room, and none is taken.
#[test]
fn a_cashback_without_a_limit_takes_nothing_from_a_grant_behind_it() {
    let mut walk = Walk::of("segment recency 60..89 -> cashback 10% for 7d -> grant 80");
    walk.points_left = Some(Points(80));
    assert_eq!(walk.on(0, Input::Due), ["cashback 10%", "grant 80", "completed"]);
    let mut walk = Walk::of("segment recency 60..89 -> cashback 10% for 7d -> grant 80");
    walk.points_left = Some(Points(0));
    assert_eq!(walk.on(0, Input::Due), ["skipped: over budget", "budget"]);
}

#[test]
fn a_grant_that_is_held_waits_for_room_and_says_so_once() {
    let mut walk = Walk::of(SEED);
    (walk.points_left, walk.at_limit) = (Some(Points(299)), AtLimit::Hold);
    assert_eq!(walk.on(0, Input::Due), ["held"]);
    assert_eq!(walk.state.phase, Phase::Held(Points(300)));
    assert!(walk.on(1, Input::Due).is_empty());
    walk.points_left = Some(Points(300));
    assert_eq!(walk.on(2, Input::Due), ["grant 300", "sms"]);
}

#[test]
fn a_grant_that_is_skipped_at_the_limit_is_promised_by_no_text() {
    let text = "message offer { sms \"{grant.points} are yours\" }
        segment recency 60..89 -> grant 300 -> sms offer -> exit";
    let mut walk = Walk::of(text);
    (walk.points_left, walk.at_limit) = (Some(Points(299)), AtLimit::Skip);
    let told = walk.on(0, Input::Due);
    assert_eq!(told, ["skipped: over budget", "skipped: no points granted", "exited"]);
}

#[test]
fn a_table_gives_by_the_recency_of_the_day_of_entering() {
    for (days, first) in
        [(30, "grant 100"), (59, "grant 100"), (60, "grant 300"), (90, "skipped: no band")]
    {
        let mut walk = Walk::of(
            "segment recency 30..90 -> grant by recency { 30..59: 100, 60..89: 300 } -> sms offer",
        );
        walk.state.recency = Some(days);
        assert_eq!(walk.on(0, Input::Due)[0], first, "{days} days");
    }
}

#[test]
fn nothing_is_promised_that_was_not_given() {
    let text = "message offer { sms \"{grant.points} are yours\" }
        message plain { email subject \"Points\" body \"come back\" }
        segment recency 60..89 -> grant 300 -> sms offer -> fallback email plain";
    let mut walk = Walk::of(text);
    walk.points_allowed = Some(Points(299));
    assert_eq!(
        walk.on(0, Input::Due),
        ["skipped: over cap", "skipped: no points granted", "email"]
    );
}

#[test]
fn a_wait_keeps_the_local_hour_when_the_clocks_change() {
    let mut walk = Walk::of(SEED);
    walk.zone = Zone::get("Europe/Berlin").unwrap();
    let mut walk = walk.entering("2026-03-27T10:00");
    assert_eq!(
        walk.walks_on(),
        [
            "2026-03-27 10:00 grant 300",
            "2026-03-27 10:00 sms",
            "2026-03-30 10:00 push",
            "2026-03-30 10:00 skipped: not needed",
            "2026-03-30 10:00 completed",
        ]
    );
}

#[test]
fn a_wait_until_is_for_the_next_such_moment_and_never_the_present_one() {
    let when = |entering: &str, wait: &str| {
        let text = format!("segment recency 60..89 -> wait until {wait} -> push late");
        // 6 June 2026 is a Saturday.
        let mut walk = Walk::of(&text).entering(entering);
        walk.walks_on().into_iter().find(|line| line.ends_with("push")).unwrap()
    };
    assert_eq!(when("2026-06-06T10:59", "sat 11:00"), "2026-06-06 11:00 push");
    assert_eq!(when("2026-06-06T11:00", "sat 11:00"), "2026-06-13 11:00 push");
    assert_eq!(when("2026-06-06T11:00", "sat"), "2026-06-13 10:00 push");
    assert_eq!(when("2026-06-06T11:00", "11:00"), "2026-06-07 11:00 push");
    assert_eq!(when("2026-06-06T11:00", "2026-06-08 09:30"), "2026-06-08 09:30 push");
    assert_eq!(when("2026-06-06T11:00", "2026-06-01 09:30"), "2026-06-06 11:00 push");
}

const ROUNDS: &str = "segment recency 60..89
    -> repeat weekly on tue at 12:00 until purchase or 2026-06-30 max 3 {
         grant 100 -> push gift -> fallback sms
       }
    -> tag done";

#[test]
fn rounds_begin_at_their_time_and_end_by_their_number() {
    let mut walk = Walk::of(ROUNDS).entering("2026-06-06T10:00");
    let round =
        |at: &str| ["grant 100", "push", "skipped: not needed"].map(|w| format!("{at} {w}"));
    let mut expected = Vec::new();
    for day in ["2026-06-09 12:00", "2026-06-16 12:00", "2026-06-23 12:00"] {
        expected.extend(round(day));
    }
    expected.extend(["2026-06-23 12:00 tag done".into(), "2026-06-23 12:00 completed".into()]);
    assert_eq!(walk.walks_on(), expected);
}

#[test]
fn no_round_begins_behind_the_last_day() {
    let mut walk = Walk::of(ROUNDS).entering("2026-06-24T10:00");
    let told = walk.walks_on();
    assert_eq!(told.iter().filter(|line| line.ends_with("push")).count(), 1, "{told:#?}");
    assert_eq!(told.last().unwrap(), "2026-06-30 12:00 completed");
    let mut walk = Walk::of(ROUNDS).entering("2026-06-30T12:01");
    assert_eq!(walk.walks_on(), ["2026-07-07 12:00 tag done", "2026-07-07 12:00 completed"]);
}

#[test]
fn a_purchase_between_rounds_ends_the_repeat_and_not_the_chain() {
    let mut walk = Walk::of(ROUNDS).entering("2026-06-06T10:00");
    walk.up_to(walk.zone.parse("2026-06-10").unwrap());
    let at = walk.zone.parse("2026-06-12").unwrap();
    walk.customer.last_purchase_at = Some(at);
    assert_eq!(words(walk.input(at, Input::Purchased(at))), ["tag done", "completed"]);
}

#[test]
fn a_purchase_inside_a_round_lets_the_round_end() {
    let text = "segment recency 60..89
        -> repeat daily until purchase max 3 { push a -> wait 2h -> push b } -> tag done";
    let mut walk = Walk::of(text).entering("2026-06-06T10:00");
    walk.up_to(walk.zone.parse("2026-06-06T11:00").unwrap());
    let at = walk.zone.parse("2026-06-06T11:00").unwrap();
    walk.customer.last_purchase_at = Some(at);
    assert!(words(walk.input(at, Input::Purchased(at))).is_empty());
    assert_eq!(
        walk.walks_on(),
        ["2026-06-06 12:00 push", "2026-06-06 12:00 tag done", "2026-06-06 12:00 completed"]
    );
}

#[test]
fn a_round_that_is_due_while_one_is_under_way_is_left_out() {
    let text = "segment recency 60..89 -> repeat daily at 12:00 max 3 { push a -> wait 30h }";
    let mut walk = Walk::of(text).entering("2026-06-06T10:00");
    let pushes: Vec<String> =
        walk.walks_on().into_iter().filter(|line| line.ends_with("push")).collect();
    assert_eq!(pushes, ["2026-06-06 12:00 push", "2026-06-08 12:00 push", "2026-06-10 12:00 push"]);
}

#[test]
fn of_rounds_that_were_due_while_nothing_ran_one_is_done() {
    let mut walk = Walk::of("segment recency 60..89 -> repeat daily at 12:00 max 9 { push offer }");
    assert!(walk.on(0, Input::Due).is_empty());
    assert_eq!(walk.on(4, Input::Due), ["push"]);
    assert!(walk.on(4, Input::Settled(true)).is_empty());
    assert_eq!(walk.state.phase, Phase::Waiting(Moment(4 * DAY + DAY / 2)));
}

#[test]
fn rounds_within_rounds_have_keys_of_their_own() {
    let text = "segment recency 60..89
        -> repeat daily max 2 { grant 10 -> repeat every 2h max 2 { grant 1 } }";
    let mut walk = Walk::of(text);
    let mut keys = Vec::new();
    while let Phase::Ready(at) | Phase::Waiting(at) = walk.state.phase {
        let grants = walk.input(at, Input::Due).into_iter();
        keys.extend(
            grants
                .filter(|effect| matches!(effect.what, What::Grant { .. }))
                .map(|effect| effect.step.map(|at| format!("{} {}", at.step, at.round)).unwrap()),
        );
    }
    let expected =
        ["1.1.1 1", "1.1.2.1.1 2", "1.1.2.1.1 3", "1.1.1 4", "1.1.2.1.1 5", "1.1.2.1.1 6"];
    assert_eq!(keys, expected);
}

#[test]
fn rounds_keep_the_local_hour_and_come_back_to_an_hour_the_clock_skipped() {
    let text = "segment recency 60..89 -> repeat daily at 02:30 max 3 { push a }";
    let mut walk = Walk::of(text);
    walk.zone = Zone::get("Europe/Berlin").unwrap();
    let mut walk = walk.entering("2026-03-28T00:00");
    let pushes: Vec<String> =
        walk.walks_on().into_iter().filter(|line| line.ends_with("push")).collect();
    assert_eq!(pushes, ["2026-03-28 02:30 push", "2026-03-29 03:30 push", "2026-03-30 02:30 push"]);
}

#[test]
fn the_first_arm_whose_condition_holds_is_taken_and_all_go_on_together() {
    let text = "segment recency 60..89
        -> if tag vip { push a } else if spent >= 100 RUB { sms b -> exit } else { email c }
        -> tag seen";
    let way = |tag: Option<&str>, spent: i64| {
        let mut walk = Walk::of(text);
        walk.customer.tags.extend(tag.map(str::to_owned));
        walk.customer.spent.0 = spent;
        let told = walk.walks_on();
        told.iter().map(|line| line[17..].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(way(Some("vip"), 10_000), ["arm 1", "push", "tag seen", "completed"]);
    assert_eq!(way(None, 10_000), ["arm 2", "sms", "exited"]);
    assert_eq!(way(None, 9_999), ["arm else", "email", "tag seen", "completed"]);
}

#[test]
fn who_fits_no_arm_goes_on_behind_the_block() {
    let mut walk = Walk::of("segment recency 60..89 -> if tag vip { push a } -> tag seen");
    assert_eq!(walk.on(0, Input::Due), ["skipped: no arm", "tag seen", "completed"]);
}

#[test]
fn a_lot_is_the_same_at_every_entry_and_shares_come_out() {
    let text = "chain lots { goal purchase within 30d
        segment recency 60..89 -> split { soft 40% { tag a } hard 40% { tag b } bare 20% { exit } } }";
    let mut walk = Walk::of(text);
    let (mut counts, mut arms) = (BTreeMap::new(), Vec::new());
    for id in 0..5_000 {
        walk.customer.id = id.to_string();
        walk.state = State::entering(Moment(0), None);
        let arm = walk.on(0, Input::Due).swap_remove(0);
        *counts.entry(arm.clone()).or_insert(0) += 1;
        arms.push(arm);
    }
    // 2,000, 2,000 and 1,000, each +- 4 sigma.
    assert!((1_860..=2_140).contains(&counts["arm soft"]), "{counts:?}");
    assert!((1_860..=2_140).contains(&counts["arm hard"]), "{counts:?}");
    assert!((886..=1_114).contains(&counts["arm bare"]), "{counts:?}");
    // A step more before it draws no new lot.
    let mut other = Walk::of(&text.replace("89 ->", "89 -> tag first ->"));
    for (id, arm) in arms.iter().enumerate().take(200) {
        other.customer.id = id.to_string();
        other.state = State::entering(Moment(0), None);
        assert_eq!(other.on(0, Input::Due)[1], *arm, "customer {id}");
    }
}

#[test]
fn two_splits_of_the_same_names_draw_two_lots() {
    let split = "split { a 50% { tag x } b 50% { tag y } }";
    let text = format!("segment recency 60..89 -> {split} -> {split}");
    let mut walk = Walk::of(&text);
    let mut both = 0;
    for id in 0..2_000 {
        walk.customer.id = id.to_string();
        walk.state = State::entering(Moment(0), None);
        let told = walk.on(0, Input::Due);
        both += i32::from(told[0] == told[2]);
    }
    assert!((910..=1_090).contains(&both), "the same arm twice for {both} of 2,000");
}

#[test]
fn a_click_ends_the_chain_when_it_was_named() {
    let text = "segment recency 60..89 -> sms offer -> wait 3d unless clicked offer -> push late";
    let clicked =
        |at: i64| Input::Touched { how: Touch::Clicked, message: "offer".into(), at: Moment(at) };
    let mut walk = Walk::of(text);
    walk.on(0, Input::Due);
    walk.on(0, Input::Settled(true));
    assert!(
        walk.on(1, Input::Touched { how: Touch::Opened, message: "offer".into(), at: Moment(DAY) })
            .is_empty()
    );
    assert_eq!(walk.on(1, clicked(DAY)), ["answered"]);
    // Heard of only when the timer fires, it counts all the same.
    let mut walk = Walk::of(text);
    walk.on(0, Input::Due);
    walk.on(0, Input::Settled(true));
    walk.customer.touched =
        vec![Touched { how: Touch::Clicked, message: "offer".into(), at: Moment(DAY) }];
    assert_eq!(walk.on(3, Input::Due), ["answered"]);
}

#[test]
fn a_pool_that_is_dry_ends_the_chain_before_any_promise() {
    let text = "message gift { push title \"Points\" body \"{promo.code}\" }
        segment recency 60..89 -> promo toys expires 14d -> push gift";
    let mut walk = Walk::of(text);
    assert_eq!(walk.on(0, Input::Due), ["skipped: no code left", "pool"]);
    let mut walk = Walk::of(text);
    walk.codes.insert("toys".into(), vec!["TOY-1".into()]);
    assert_eq!(walk.on(0, Input::Due), ["code TOY-1", "push"]);
}

#[test]
fn a_paused_chain_hears_what_happens_and_does_no_step() {
    let mut walk = Walk::of(SEED);
    walk.on(0, Input::Due);
    walk.paused = true;
    assert!(walk.on(0, Input::Settled(true)).is_empty(), "the wait has not begun");
    assert_eq!(walk.state.phase, Phase::Ready(Moment(0)));
    walk.paused = false;
    walk.on(2, Input::Due);
    assert_eq!(walk.state.phase, Phase::Waiting(Moment(5 * DAY)), "it begins when that is over");
    walk.paused = true;
    assert_eq!(walk.buys(3), ["purchased"]);
}

#[test]
fn a_stop_ends_the_chain_wherever_she_stands_and_cancels_what_is_queued() {
    let mut walk = Walk::of(SEED);
    walk.on(0, Input::Due);
    assert_eq!(walk.on(1, Input::Stopped), ["cancel", "stopped"]);
    assert!(walk.on(2, Input::Stopped).is_empty(), "once");
}

/// Sources with the days up to which they are complete, and what holds after two days.
fn known(sources: &[(&str, Option<i64>, crate::sources::Then)]) -> Known {
    use crate::sources::{Heard, Rule};
    let grace = chainc_compiler::units::Period::Days(2);
    let heard = |(name, day, then): &(&str, Option<i64>, crate::sources::Then)| Heard {
        name: (*name).to_owned(),
        rule: Rule { grace, then: *then },
        watermark: day.map(|day| Moment(day * DAY)),
    };
    Known::of(sources.iter().map(heard).collect())
}

const WATCHED: &str =
    "segment recency 60..89 -> wait 3d unless purchase -> push reminder -> fallback email";

#[test]
fn a_wait_is_decided_when_every_source_has_passed_its_end() {
    use crate::sources::Then::{AssumeNone, Hold};
    let mut walk = Walk::of(WATCHED);
    walk.on(0, Input::Due);
    walk.known = known(&[("tills", Some(2), Hold), ("web", Some(9), AssumeNone)]);
    assert_eq!(walk.on(3, Input::Due), ["undecided: tills"]);
    let since = Moment(3 * DAY);
    let look_at = Some(Moment(5 * DAY));
    assert_eq!(walk.state.phase, Phase::Undecided { since, look_at });
    assert!(walk.on(4, Input::Due).is_empty(), "nothing more is known");
    walk.known = known(&[("tills", Some(3), Hold), ("web", Some(9), AssumeNone)]);
    assert_eq!(walk.on(4, Input::Due), ["push"]);
    // Known in time, it is no different from a project without sources.
    let mut walk = Walk::of(WATCHED);
    walk.on(0, Input::Due);
    walk.known = known(&[("tills", Some(3), Hold)]);
    assert_eq!(walk.on(3, Input::Due), ["push"]);
}

#[test]
fn behind_the_grace_a_silent_source_holds_her_or_counts_as_nothing() {
    use crate::sources::Then::{AssumeNone, Hold};
    let mut walk = Walk::of(WATCHED);
    walk.on(0, Input::Due);
    walk.known = known(&[("tills", Some(2), AssumeNone)]);
    assert_eq!(walk.on(3, Input::Due), ["undecided: tills"]);
    assert_eq!(walk.on(5, Input::Due), ["assumed: tills", "push"]);

    let mut walk = Walk::of(WATCHED);
    walk.on(0, Input::Due);
    walk.known = known(&[("tills", None, Hold), ("web", Some(2), AssumeNone)]);
    assert_eq!(walk.on(3, Input::Due), ["undecided: tills, web"]);
    assert_eq!(walk.on(5, Input::Due), ["held: tills, web"]);
    assert_eq!(walk.state.phase, Phase::Undecided { since: Moment(3 * DAY), look_at: None });
    assert!(walk.on(9, Input::Due).is_empty(), "it is told once");
    walk.known = known(&[("tills", Some(8), Hold), ("web", Some(2), AssumeNone)]);
    assert_eq!(walk.on(9, Input::Due), ["assumed: web", "push"]);
}

#[test]
fn a_purchase_that_is_heard_of_while_she_is_undecided_ends_the_chain() {
    let mut walk = Walk::of(WATCHED);
    walk.on(0, Input::Due);
    walk.known = known(&[("tills", Some(1), crate::sources::Then::Hold)]);
    walk.on(3, Input::Due);
    assert_eq!(walk.buys(2), ["purchased"]);
    assert!(walk.on(9, Input::Due).is_empty());
}

#[test]
fn a_wait_that_watches_for_nothing_asks_no_source_and_one_behind_an_unless_does() {
    let mut walk = Walk::of(
        "segment recency 60..89 -> wait 1d -> push a -> wait 1d unless purchase -> wait 1d -> push b",
    );
    walk.known = known(&[("tills", Some(2), crate::sources::Then::Hold)]);
    walk.on(0, Input::Due);
    assert_eq!(walk.on(1, Input::Due), ["push"]);
    walk.on(1, Input::Settled(true));
    assert!(walk.on(2, Input::Due).is_empty());
    assert_eq!(walk.on(3, Input::Due), ["undecided: tills"]);
}
