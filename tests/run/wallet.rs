//! What becomes of points: given, earned, spent, expired, taken back.

use crate::support::Project;
use crate::{crowd, replay, shop};

/// Every entry of the wallet in the order of time: `DAY TIME KIND POINTS`.
fn entries(project: &Project) -> Vec<String> {
    project.store().rows(
        "SELECT strftime('%m-%d %H:%M', at / 1000, 'unixepoch') || ' ' || kind || ' ' || sum(points) \
         FROM wallet_entry GROUP BY at, kind, entry ORDER BY at, \
         instr('granted earned cashback spent given_back taken_back settled expired', kind), entry",
    )
}

fn balance(project: &Project) -> i64 {
    let store = project.store();
    let unbalanced = "SELECT count(*) FROM wallet_lot l WHERE points_left <> \
        (SELECT sum(points) FROM wallet_entry e \
         WHERE e.shard = l.shard AND e.customer_id = l.customer_id AND e.lot = l.lot)";
    assert_eq!(store.number(unbalanced), 0, "a lot is the sum of its entries");
    store.number("SELECT coalesce(sum(points), 0) FROM wallet_entry")
}

/// Brings in purchases: `customer_id,purchased_at,amount,external_id,brand,points_spent,points_earned`.
fn receipts(project: &Project, rows: &str) {
    let header = "customer_id,purchased_at,amount,external_id,brand,points_spent,points_earned";
    project.imported("purchases", &format!("{header}\n{rows}"));
}

const GIFT: &str = "chain gift { budget 900 points
    segment recency 5..5 -> grant 300 expires 10d -> wait 60d }";

#[test]
fn a_raised_cashback_brings_points_until_its_end_and_no_longer() {
    let chains = "message raised { push \"{cashback.rate} back until {cashback.expires}\" }
        segment recency 5..5 -> cashback 20% for 7d -> push raised";
    let project = crowd(chains, 1, "2026-01-10");
    receipts(
        &project,
        "1,2026-01-17T12:00,1904.99,b,,,\n\
         1,2026-01-19T12:00,100,c,,,15\n\
         1,2026-01-22T09:59,100,d,,,\n\
         1,2026-01-22T10:00,100,e,,,\n",
    );
    let summary = replay(&project, "2026-01-15..2026-01-31").json();
    // The till gave 15 of the 20 points for `c` itself.
    assert_eq!(
        entries(&project),
        [
            "01-17 12:00 cashback 380",
            "01-19 12:00 earned 15",
            "01-19 12:00 cashback 5",
            "01-22 09:59 cashback 20",
        ]
    );
    assert_eq!(project.messages()[0]["body"], "20% back until 22 January");
    let told = "SELECT what || ' ' || coalesce(detail, '') FROM journal \
                WHERE what IN ('raised', 'earned', 'lowered') ORDER BY number";
    assert_eq!(
        project.store().rows(told),
        ["raised 20%", "earned 380", "earned 5", "earned 20", "lowered 405"]
    );
    assert_eq!(summary["chains"][0]["points_granted"], 405);
}

#[test]
fn a_limit_of_a_cashback_is_reserved_from_the_budget_and_settled_at_its_end() {
    let chains = "chain back { budget 1_000 points
        segment recency 5..5 -> cashback 50% for 3d up to 400 points -> push offer -> wait 20d }";
    let project = crowd(chains, 3, "2026-01-10");
    receipts(
        &project,
        "3,2026-01-16T12:00,1000,a,,,\n3,2026-01-17T12:00,1000,b,,,\n2,2026-01-16T12:00,100,c,,,\n",
    );
    replay(&project, "2026-01-15..2026-01-17");
    let used = "SELECT used FROM budget_use WHERE budget = 'points'";
    // Two are served; for the third the budget has not enough in reserve.
    assert_eq!(project.store().number(used), 800);
    assert_eq!(
        project.store().rows("SELECT ended FROM enrolment WHERE ended IS NOT NULL"),
        ["budget"]
    );
    replay(&project, "2026-01-15..2026-01-31");
    assert_eq!(entries(&project), ["01-16 12:00 cashback 50", "01-16 12:00 cashback 400"]);
    assert_eq!(project.store().number(used), 450);
}

#[test]
fn of_two_cashbacks_the_higher_holds() {
    let chains = "chain low { segment recency 5..5 -> cashback 10% for 30d -> push offer }
        chain high { segment recency 6..6 -> cashback 30% for 2d up to 40 points -> push offer }";
    let project = crowd(chains, 1, "2026-01-10");
    receipts(
        &project,
        "1,2026-01-17T12:00,100,a,,,\n1,2026-01-17T13:00,100,b,,,\n1,2026-01-17T14:00,100,c,,,\n",
    );
    replay(&project, "2026-01-15..2026-01-31");
    assert_eq!(
        entries(&project),
        ["01-17 12:00 cashback 30", "01-17 13:00 cashback 10", "01-17 14:00 cashback 10"]
    );
}

#[test]
fn points_are_spent_before_they_expire_and_the_rest_expires() {
    let chains = "chain early { segment recency 5..5 -> grant 100 expires 30d -> wait 90d }
        chain late { segment recency 6..6 -> grant 100 expires 5d -> wait 90d }";
    let project = crowd(chains, 1, "2026-01-10");
    receipts(&project, "1,2026-01-18T12:00,500,a,,150,\n");
    replay(&project, "2026-01-15..2026-02-20");
    assert_eq!(
        entries(&project),
        [
            "01-15 10:00 granted 100",
            "01-16 10:00 granted 100",
            "01-18 12:00 spent -150",
            "02-14 10:00 expired -50",
        ]
    );
    assert_eq!(balance(&project), 0);
}

#[test]
fn a_balance_in_a_condition_and_in_a_text_is_what_is_left() {
    let chains = "message rest { push \"{wallet.balance}\" }
        chain gift { segment recency 5..5 -> grant 300 expires 10d -> wait 60d }
        chain rest { segment balance 100..299 -> push rest }";
    let project = crowd(chains, 2, "2026-01-10");
    receipts(&project, "1,2026-01-17T12:00,500,a,,120,\n");
    replay(&project, "2026-01-15..2026-02-20");
    let bodies: Vec<String> = project.messages().iter().map(|m| m["body"].to_string()).collect();
    assert_eq!(bodies, ["\"180 points\""]);
}

#[test]
fn what_the_till_took_without_asking_is_owed_and_paid_by_the_next_points() {
    let project = crowd(GIFT, 1, "2026-01-10");
    receipts(&project, "1,2026-01-11T12:00,500,a,,100,\n1,2026-01-12T12:00,500,b,,,30\n");
    replay(&project, "2026-01-11..2026-01-18");
    assert_eq!(
        entries(&project),
        [
            "01-11 12:00 spent -100",
            "01-12 12:00 earned 30",
            "01-12 12:00 settled 0",
            "01-17 10:00 granted 300",
            "01-17 10:00 settled 0",
        ]
    );
    assert_eq!(balance(&project), 230);
    let owed = "SELECT points_left FROM wallet_lot WHERE lot = 'owed'";
    assert_eq!(project.store().number(owed), 0);
}

#[test]
fn points_of_a_brand_are_spent_at_that_brand() {
    let chains = "brand toys { sender \"Toys\" }
        brand books { sender \"Books\" }
        chain gift { budget 900 points
          segment recency 5..5 -> grant 300 expires 10d at toys -> wait 60d }";
    let project = crowd(chains, 1, "2026-01-10");
    receipts(
        &project,
        "1,2026-01-17T12:00,500,a,toys,100,\n1,2026-01-18T12:00,500,b,books,100,\n1,2026-01-18T13:00,500,c,books,,100\n",
    );
    replay(&project, "2026-01-15..2026-01-19");
    let lots = "SELECT coalesce(brand, lot) || ' ' || points_left FROM wallet_lot WHERE brand IS NOT NULL \
                OR lot = 'owed' ORDER BY lot";
    assert_eq!(project.store().rows(lots), ["toys 200", "owed 0"]);
}

#[test]
fn a_purchase_heard_of_late_was_paid_with_points_that_have_expired_since() {
    let project = crowd(GIFT, 1, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-28");
    assert_eq!(entries(&project), ["01-15 10:00 granted 300", "01-25 10:00 expired -300"]);
    receipts(&project, "1,2026-01-20T12:00,500,a,,120,\n");
    replay(&project, "2026-01-15..2026-01-29");
    assert_eq!(
        entries(&project),
        [
            "01-15 10:00 granted 300",
            "01-20 12:00 spent -120",
            "01-20 12:00 expired 120",
            "01-25 10:00 expired -300",
        ]
    );
    assert_eq!(balance(&project), 0);
}

#[test]
fn a_returned_purchase_takes_its_points_back_and_gives_hers_back() {
    let chains = "chain gift { goal purchase within 30d
          segment recency 5..5 -> grant 300 expires 10d -> cashback 20% for 7d -> wait 60d }
        chain fans { segment frequency >= 2 -> push offer }";
    let project = crowd(chains, 1, "2026-01-10");
    receipts(&project, "1,2026-01-17T12:00,1000,a,,100,50\n");
    project.imported("returns", "external_id,returned_at,amount\na,2026-01-18T09:00,250\n");
    replay(&project, "2026-01-15..2026-01-18");
    // A quarter came back: a quarter of 150, of 50 and of 100.
    let day = |day: &str| -> Vec<String> {
        entries(&project).into_iter().filter(|entry| entry.starts_with(day)).collect()
    };
    assert_eq!(
        day("01-18 09"),
        ["01-18 09:00 given_back 25", "01-18 09:00 taken_back -37", "01-18 09:00 taken_back -12",]
    );
    project.imported("returns", "external_id,returned_at\na,2026-01-20T09:00\n");
    let summary = replay(&project, "2026-01-15..2026-01-21").json();
    assert_eq!(
        day("01-20 09"),
        ["01-20 09:00 given_back 75", "01-20 09:00 taken_back -113", "01-20 09:00 taken_back -38",]
    );
    assert_eq!(balance(&project), 300);
    // It is no purchase any more: not for her numbers, and not for the goal.
    let numbers = "SELECT purchases || ' ' || spent FROM customer";
    assert_eq!(project.store().rows(numbers), ["1 1000"]);
    assert_eq!(summary["chains"][1]["purchases"], 0);
    assert_eq!(summary["chains"][1]["points_granted"], 300);
}

#[test]
fn points_that_were_spent_before_their_purchase_came_back_are_owed() {
    let chains = "segment recency 5..5 -> cashback 20% for 7d -> push offer";
    let project = crowd(chains, 1, "2026-01-10");
    receipts(&project, "1,2026-01-17T12:00,1000,a,,,\n1,2026-01-18T12:00,1000,b,,200,200\n");
    project.imported("returns", "external_id,returned_at\na,2026-01-19\n");
    replay(&project, "2026-01-15..2026-01-21");
    // The 200 of `a` paid for `b`, whose own 200 pay for them now.
    assert_eq!(balance(&project), 0);
    project.imported("returns", "external_id,returned_at\nb,2026-01-20\n");
    replay(&project, "2026-01-15..2026-01-22");
    assert_eq!(balance(&project), 0);
    assert_eq!(project.store().number("SELECT min(points_left) FROM wallet_lot"), 0);
}

#[test]
fn points_that_come_back_after_their_time_expire_at_once() {
    let project = crowd(GIFT, 1, "2026-01-10");
    receipts(&project, "1,2026-01-20T12:00,500,a,,120,\n");
    project.imported("returns", "external_id,returned_at\na,2026-01-27T10:00\n");
    replay(&project, "2026-01-15..2026-01-31");
    assert_eq!(
        entries(&project)[2..],
        ["01-25 10:00 expired -180", "01-27 10:00 given_back 120", "01-27 10:00 expired -120"]
    );
    assert_eq!(balance(&project), 0);
}

#[test]
fn a_returned_purchase_leaves_the_goal_to_another_one() {
    let chains = "chain gift { goal purchase >= 100 RUB within 30d
        segment recency 5..5 -> push offer -> wait 60d }";
    let project = crowd(chains, 1, "2026-01-10");
    receipts(
        &project,
        "1,2026-01-17T12:00,500,a,,,\n1,2026-01-18T12:00,50,b,,,\n1,2026-01-19T12:00,100,c,,,\n",
    );
    project.imported("returns", "external_id,returned_at\na,2026-01-20\n");
    let summary = replay(&project, "2026-01-15..2026-01-21").json();
    assert_eq!(summary["chains"][0]["purchases"], 1);
    let at = "SELECT strftime('%m-%d', bought_at / 1000, 'unixepoch') FROM enrolment";
    assert_eq!(project.store().rows(at), ["01-19"]);
}

#[test]
fn a_purchase_comes_back_only_once() {
    let project = crowd(GIFT, 1, "2026-01-10");
    receipts(&project, "1,2026-01-17T12:00,500,a,,,\n");
    let file = "external_id,returned_at,amount\n\
        a,2026-01-18,200\n\
        a,2026-01-18,200\n\
        a,2026-01-19,400\n\
        a,2026-01-19,\n\
        a,2026-01-20,\n\
        a,2026-01-16,\n\
        nothing,2026-01-20,\n\
        a,2026-01-20,0\n";
    let done = project.imported("returns", file);
    assert!(done.stderr.contains("8 rows, 2 new, 1 known already"), "{done:#?}");
    let rejected = project.names().into_iter().find(|name| name.contains("rejected")).unwrap();
    let rejected = project.read(&rejected);
    for reason in [
        "of purchase a only 300.00 are left to return",
        "purchase a has been returned already",
        "`returned_at` is before purchase a was made",
        "no purchase with `external_id` nothing is known",
        "`amount` is 0: nothing came back",
    ] {
        assert!(rejected.contains(reason), "{reason}: {rejected}");
    }
    // The same file again changes nothing.
    let again = project.imported("returns", file);
    assert!(again.stderr.contains("0 new, 3 known already"), "{again:#?}");
}

const CODES: &str = "message toy { push \"{promo.code} until {promo.expires}\" }
    chain codes { segment recency 5..5 -> promo toys expires 14d -> push toy -> promo toys -> wait 9d }";

#[test]
fn each_code_is_given_once_and_a_dry_pool_ends_the_chain_before_it_is_promised() {
    let project = crowd(CODES, 3, "2026-01-10");
    let none = project.chainc(&["run", ".", "--replay", "2026-01-15..2026-01-20"]);
    assert_eq!(
        none.failed_with(2),
        "chainc: chain `codes` gives codes of pool `toys`, and the store has none; \
         bring them in with `chainc import promo FILE`"
    );
    let codes = "pool,code\ntoys,TOY-3\ntoys,TOY-1\ntoys,TOY-3\nbooks,TOY-1\ntoys,TOY 4\ntoys,TOY-2\ntoys,TOY-5\n";
    let done = project.imported("promo", codes);
    assert!(done.stderr.contains("7 rows, 4 new, 0 known already"), "{done:#?}");
    let rejected = project.names().into_iter().find(|name| name.contains("rejected")).unwrap();
    let rejected = project.read(&rejected);
    for reason in [
        "code `TOY-3` stands in this file twice; it is taken once",
        "code `TOY-1` is in pool `toys` already; a code can be given only once",
        "a code has no blanks in it",
    ] {
        assert!(rejected.contains(reason), "{reason}: {rejected}");
    }
    let replayed = replay(&project, "2026-01-15..2026-01-31").says(
        "pool `toys` has run dry: all of its 4 codes are given; `chainc import promo FILE` fills it",
    );
    let bodies: Vec<String> = project.messages().iter().map(|m| m["body"].to_string()).collect();
    assert_eq!(
        bodies,
        ["\"TOY-3 until 29 January\"", "\"TOY-1 until 29 January\"", "\"TOY-2 until 29 January\""]
    );
    assert_eq!(replayed.json()["chains"][0]["ended"]["pool"], 2);
    let twice = "SELECT count(*) - count(DISTINCT code) FROM promo_code WHERE given_at IS NOT NULL";
    assert_eq!(project.store().number(twice), 0);
}

#[test]
fn a_code_is_of_one_pool() {
    let project = crowd(CODES, 1, "2026-01-10");
    project.imported("promo", "pool,code\ntoys,A\n");
    let done = project.imported("promo", "pool,code\nbooks,A\ntoys,A\n");
    assert!(done.stderr.contains("2 rows, 0 new, 1 known already"), "{done:#?}");
    let rejected = project.names().into_iter().find(|name| name.contains("rejected")).unwrap();
    let reason = "code `A` is in pool `toys` already; a code can be given only once";
    assert!(project.read(&rejected).contains(reason));
}

#[test]
fn a_replay_from_the_start_gives_and_takes_the_same_again() {
    let chains = "chain gift { goal purchase within 30d
        segment recency 5..5 -> grant 300 expires 10d -> cashback 20% for 7d -> promo toys -> wait 60d }";
    let project = crowd(chains, 2, "2026-01-10");
    project.imported("promo", "pool,code\ntoys,A\ntoys,B\n");
    receipts(&project, "1,2026-01-17T12:00,1000,a,,100,50\n2,2026-01-17T12:00,1000,b,,400,\n");
    project.imported("returns", "external_id,returned_at\na,2026-01-18T09:00\n");
    replay(&project, "2026-01-15..2026-01-31");
    let first = project.store().dump();
    let range = "2026-01-15..2026-01-31";
    project.chainc(&["run", ".", "--replay", range, "--fresh"]).succeeded();
    assert_eq!(project.store().dump(), first);
}

#[test]
fn points_at_a_till_that_are_no_number_are_rejected() {
    let project = shop(GIFT, "1,,yes\n");
    receipts(&project, "1,2026-01-17,5,a,,-5,\n1,2026-01-17,5,b,,1.5,\n1,2026-01-17,5,c,,,many\n");
    let rejected = project.names().into_iter().find(|name| name.contains("rejected")).unwrap();
    let rejected = project.read(&rejected);
    assert_eq!(
        rejected.matches("not a whole number of points, 0 or more").count(),
        3,
        "{rejected}"
    );
}

#[test]
fn what_a_point_is_worth_is_the_policys_to_say() {
    let chains = "policy { currency USD
          price point 0.01 USD }
        segment recency 5..5 -> cashback 20% for 7d -> push offer";
    let project = crowd(chains, 1, "2026-01-10");
    receipts(&project, "1,2026-01-17T12:00,9.99,a,,,\n");
    replay(&project, "2026-01-15..2026-01-31");
    assert_eq!(entries(&project), ["01-17 12:00 cashback 199"]);
    let free = chains.replace("0.01", "0");
    let project = Project::with(&[("chains.chain", &free)]);
    let done = project.chainc(&["check"]);
    assert!(done.stderr.contains("a point that is worth nothing"), "{done:#?}");
}

/// Numbers without end, the same every time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

/// What has to hold of any wallet at any time; each counts nothing.
const BOOKS: [(&str, &str); 6] = [
    (
        "a lot is the sum of its entries",
        "SELECT count(*) FROM wallet_lot l WHERE points_left IS NOT (SELECT sum(points) \
         FROM wallet_entry e WHERE e.shard = l.shard AND e.customer_id = l.customer_id \
         AND e.lot = l.lot)",
    ),
    (
        "only what is owed is below zero, and it is never above",
        "SELECT count(*) FROM wallet_lot WHERE (lot = 'owed') <> (points_left < 0) \
         AND points_left <> 0",
    ),
    (
        "nobody owes who could pay",
        "SELECT count(*) FROM wallet_lot o JOIN wallet_lot l USING (shard, customer_id) \
         WHERE o.lot = 'owed' AND o.points_left < 0 AND l.points_left > 0 AND l.brand IS NULL",
    ),
    (
        "a purchase that came back whole has left no trace in points",
        "SELECT count(*) FROM purchase p WHERE p.known = 2 AND 0 <> (SELECT sum(points) \
         FROM wallet_entry e WHERE e.purchase = p.event_id AND e.kind NOT IN ('expired', 'settled'))",
    ),
    (
        "what purchases were paid with is spent",
        "SELECT count(*) FROM purchase p WHERE p.known = 1 AND p.returned = 0 \
         AND p.points_spent <> (SELECT coalesce(-sum(points), 0) FROM wallet_entry e \
         WHERE e.purchase = p.event_id AND e.kind = 'spent')",
    ),
    (
        "what is over has expired",
        "SELECT count(*) FROM wallet_lot WHERE points_left > 0 AND expires_at <= \
         (SELECT CAST(value AS INTEGER) FROM run_state WHERE name = 'clock')",
    ),
];

/// Purchases on time, late and in any order, paid with points that are there or not, some
/// of which come back in part or whole: the books balance after every week.
#[test]
fn whatever_comes_in_the_books_balance() {
    let chains = "brand toys { sender \"Toys\" }
        chain gifts { reenter after 10d
          segment recency 3..60 -> grant 100 expires 6d -> cashback 30% for 9d up to 90 points
            -> wait 4d -> grant 40 expires 20d at toys }
        chain more { reenter after 15d
          segment recency 4..60 -> cashback 10% for 30d -> wait 9d }";
    for seed in 0..3 {
        let mut dice = Dice(seed);
        let project = crowd(chains, 12, "2026-01-01");
        let mut bought: Vec<(u64, u64)> = Vec::new();
        for week in 1..=6 {
            let mut rows = String::new();
            let mut returns = String::from("external_id,returned_at,amount\n");
            for _ in 0..25 {
                // Up to ten days late.
                let day = (week * 7 + dice.roll(7)).saturating_sub(dice.roll(4) * dice.roll(4)) + 2;
                let (number, amount) = (bought.len(), 1 + dice.roll(300));
                let customer = 1 + dice.roll(12);
                let brand = if dice.roll(3) == 0 { "toys" } else { "" };
                let spent = if dice.roll(2) == 0 { dice.roll(120) } else { 0 };
                let earned = if dice.roll(2) == 0 { amount / 20 } else { 0 };
                rows += &format!(
                    "{customer},{},{amount},r{number},{brand},{spent},{earned}\n",
                    date(day)
                );
                bought.push((day, amount));
            }
            for _ in 0..8 {
                let number = usize::try_from(dice.roll(bought.len() as u64)).unwrap();
                let (day, amount) = bought[number];
                let part =
                    if dice.roll(2) == 0 { String::new() } else { dice.roll(amount).to_string() };
                returns += &format!("r{number},{},{part}\n", date(day + dice.roll(12)));
            }
            receipts(&project, &rows);
            project.imported("returns", &returns);
            replay(&project, &format!("2026-01-05..{}", &date(week * 7 + 2)[..10]));
            for (promise, broken) in BOOKS {
                assert_eq!(
                    project.store().number(broken),
                    0,
                    "{promise}: seed {seed}, week {week}"
                );
            }
        }
        let store = project.store();
        for kind in
            ["granted", "cashback", "spent", "expired", "taken_back", "given_back", "settled"]
        {
            let count = format!("SELECT count(*) FROM wallet_entry WHERE kind = '{kind}'");
            assert!(store.number(&count) > 3, "hardly anything {kind}: seed {seed}");
        }
    }
}

/// Noon of a day of 2026, by its number from the beginning of January.
fn date(day: u64) -> String {
    let (month, day) = match day {
        ..=31 => (1, day),
        32..=59 => (2, day - 31),
        _ => (3, day - 59),
    };
    format!("2026-{month:02}-{day:02}T12:00")
}
