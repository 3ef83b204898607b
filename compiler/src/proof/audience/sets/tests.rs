//! Answers held against customers who are written out one by one.

use super::*;
use crate::ir::{AttributeTest, Channel, Condition as C, Touch, Window};
use crate::support::cases;
use crate::units::{Period, Test};
use proptest::prelude::*;

const D: fn(u32) -> Period = Period::Days;

fn recency(low: i64, high: i64) -> C {
    C::Recency(Test::Between(low, high))
}

fn count(test: Test, window: Window) -> C {
    C::Frequency { test, window }
}

fn spent(test: Test, days: Option<u32>) -> C {
    C::Spent { test, within: days.map(D) }
}

fn average(test: Test, days: Option<u32>) -> C {
    C::AverageCheck { test, within: days.map(D) }
}

fn tag(name: &str) -> C {
    C::Tag(name.to_owned())
}

fn city(name: &str) -> C {
    C::City(name.to_owned())
}

fn not(condition: C) -> C {
    C::Not(Box::new(condition))
}

fn frozen(day: u8, condition: C) -> C {
    let on = Date::new(2025, 8, day).expect("a day of August");
    C::Frozen { on, condition: Box::new(condition) }
}

fn nobody(conditions: &[C]) -> bool {
    super::nobody(&conditions.iter().collect::<Vec<_>>())
}

fn implies(first: &C, second: &C) -> bool {
    super::implies(&[first], second)
}

fn disjoint(first: &C, second: &C) -> bool {
    super::nobody(&[first, second])
}

fn equivalent(first: &C, second: &C) -> bool {
    implies(first, second) && implies(second, first)
}

fn somebody(conditions: &[C]) -> bool {
    let conditions: Vec<&C> = conditions.iter().collect();
    matches!(can_hold(&conditions), Answer::Yes(_))
}

#[test]
fn neighbouring_bands_are_apart_and_overlapping_ones_are_not() {
    assert!(disjoint(&recency(30, 59), &recency(60, 89)));
    assert!(somebody(&[recency(30, 60), recency(60, 89)]));
    assert!(implies(&recency(60, 89), &C::Recency(Test::AtLeast(30))));
    let joined = C::Any(vec![recency(30, 59), recency(60, 89)]);
    assert!(equivalent(&joined, &recency(30, 89)));
}

#[test]
fn who_never_bought_is_outside_of_every_band() {
    let never = C::All(vec![not(C::Recency(Test::AtLeast(0)))]);
    assert!(somebody(std::slice::from_ref(&never)));
    assert!(somebody(&[not(recency(60, 89)), count(Test::Exactly(0), Window::Ever)]));
    assert!(disjoint(&never, &count(Test::AtLeast(1), Window::Ever)));
    assert!(disjoint(&recency(0, 9), &count(Test::Exactly(0), Window::Ever)));
    assert!(disjoint(&never, &spent(Test::AtLeast(1), Some(30))));
    assert!(disjoint(&never, &C::Overdue(Test::AtLeast(0))));
}

#[test]
fn a_window_reaches_as_many_days_back_as_recency_counts() {
    let bought = count(Test::AtLeast(1), Window::Within(D(30)));
    assert!(equivalent(&bought, &C::Recency(Test::AtMost(30))));
    assert!(disjoint(&recency(31, 40), &bought));
    assert!(somebody(&[recency(30, 40), bought]));
}

#[test]
fn a_longer_time_holds_no_less() {
    let spent_lately = spent(Test::AtLeast(30_000), Some(30));
    assert!(implies(&spent_lately, &spent(Test::AtLeast(15_000), Some(90))));
    assert!(implies(&spent_lately, &spent(Test::AtLeast(15_000), None)));
    assert!(!implies(&spent(Test::AtLeast(15_000), Some(90)), &spent_lately));
    let often = count(Test::AtLeast(3), Window::Within(D(30)));
    assert!(disjoint(&often, &count(Test::AtMost(2), Window::Within(D(180)))));
    assert!(disjoint(&often, &recency(60, 89)));
    let kids = |days| C::Bought { category: "kids".to_owned(), within: Some(D(days)) };
    assert!(implies(&kids(30), &kids(180)));
    assert!(implies(&kids(30), &C::Recency(Test::AtMost(30))));
    assert!(somebody(&[kids(180), not(kids(30)), recency(0, 5)]));
    assert!(nobody(&[
        kids(180),
        not(kids(30)),
        count(Test::Exactly(1), Window::Ever),
        recency(0, 5)
    ]));
    let hours = count(Test::AtLeast(1), Window::Within(Period::Seconds(36 * 3600)));
    assert!(implies(&hours, &C::Recency(Test::AtMost(4))));
}

#[test]
fn money_comes_from_purchases() {
    // All of it is older than thirty days, so something was bought before.
    let later = [spent(Test::AtLeast(5), Some(90)), spent(Test::AtMost(0), Some(30))];
    assert!(somebody(&later));
    let once = count(Test::Exactly(1), Window::Ever);
    assert!(nobody(&[later[0].clone(), later[1].clone(), once.clone(), recency(0, 30)]));
    assert!(somebody(&[later[0].clone(), later[1].clone(), once, recency(31, 90)]));
}

#[test]
fn an_average_is_the_sum_by_the_count() {
    let twice = count(Test::Exactly(2), Window::Ever);
    let average = |test| average(test, None);
    assert!(nobody(&[twice.clone(), average(Test::AtLeast(500)), spent(Test::Below(1_000), None)]));
    assert!(somebody(&[
        twice.clone(),
        average(Test::AtLeast(500)),
        spent(Test::AtMost(1_000), None)
    ]));
    assert!(nobody(&[average(Test::AtLeast(0)), count(Test::Exactly(0), Window::Ever)]));
    assert!(nobody(&[average(Test::AtLeast(200)), spent(Test::Between(1, 199), None)]));
    assert!(somebody(&[average(Test::Between(1, 2)), spent(Test::AtLeast(1_000_000), None)]));
    assert!(somebody(&[twice, not(average(Test::AtLeast(500)))]));
}

#[test]
fn a_rate_is_purchases_by_the_time_since_the_first() {
    let rate = |test| count(test, Window::Per(D(36)));
    assert!(disjoint(&rate(Test::Below(1)), &rate(Test::Between(1, 2))));
    assert!(somebody(&[rate(Test::Below(1)), count(Test::AtLeast(50), Window::Ever)]));
    assert!(somebody(&[rate(Test::AtLeast(2)), recency(365, 400)]));
    assert!(nobody(&[rate(Test::AtLeast(2)), count(Test::Exactly(1), Window::Ever)]));
    assert!(nobody(&[rate(Test::Above(0)), count(Test::Exactly(0), Window::Ever)]));
    assert!(nobody(&[rate(Test::Exactly(0)), C::Recency(Test::AtLeast(0))]));
    let once = count(Test::Exactly(1), Window::Ever);
    assert!(nobody(&[rate(Test::AtLeast(1)), once.clone(), recency(100, 200)]));
    assert!(somebody(&[rate(Test::Below(1)), once.clone(), recency(100, 200)]));
    assert!(somebody(&[rate(Test::AtLeast(1)), once, recency(36, 36)]));
}

#[test]
fn texts_exclude_each_other_and_tags_do_not() {
    assert!(disjoint(&city("Omsk"), &city("Perm")));
    assert!(somebody(&[not(city("Omsk")), not(city("Perm"))]));
    assert!(somebody(&[tag("vip"), tag("staff")]));
    assert!(disjoint(&tag("vip"), &not(tag("vip"))));
    let level = |text: &str| C::Attribute {
        name: "level".to_owned(),
        is: AttributeTest::Text(text.to_owned()),
    };
    assert!(disjoint(&level("gold"), &level("silver")));
    assert!(somebody(&[level("gold"), city("gold")]));
}

#[test]
fn what_lasts_longer_follows_from_what_lasts_shorter() {
    let expiring = |days| C::Expiring(D(days));
    assert!(implies(&expiring(7), &expiring(30)));
    assert!(!implies(&expiring(30), &expiring(7)));
    assert!(implies(&expiring(7), &C::Balance(Test::AtLeast(1))));
    assert!(disjoint(&expiring(7), &C::Balance(Test::Exactly(0))));
    assert!(implies(&C::Birthday(D(7)), &C::Birthday(D(30))));
    let opened = |days: Option<u32>| C::Touched {
        how: Touch::Opened,
        message: "offer".to_owned(),
        within: days.map(D),
    };
    assert!(implies(&opened(Some(7)), &opened(None)));
    assert!(!implies(&opened(None), &opened(Some(7))));
}

#[test]
fn a_frozen_list_is_compared_with_lists_of_its_day_only() {
    assert!(disjoint(&frozen(1, recency(30, 59)), &frozen(1, recency(60, 89))));
    assert!(somebody(&[frozen(1, recency(30, 59)), frozen(2, recency(60, 89))]));
    assert!(somebody(&[frozen(1, recency(30, 59)), recency(60, 89)]));
    assert!(implies(&frozen(1, frozen(2, tag("vip"))), &frozen(2, tag("vip"))));
    assert!(nobody(&[frozen(1, tag("vip")), not(frozen(1, tag("vip")))]));
}

#[test]
fn the_five_lists_of_the_churn_campaign() {
    let churn = |share: i64| C::Churn(Test::AtLeast(share * 100));
    let list = |parts: Vec<C>| frozen(1, C::All(parts));
    let rate = |test| count(test, Window::Per(D(36)));
    let rare = list(vec![churn(60), rate(Test::Below(1))]);
    let promising = list(vec![churn(60), rate(Test::Between(1, 2))]);
    let valued = list(vec![churn(40), spent(Test::AtLeast(1_500_000), Some(90))]);
    let stars = list(vec![churn(40), spent(Test::AtLeast(3_000_000), Some(90))]);
    assert!(disjoint(&rare, &promising));
    assert!(implies(&stars, &valued));
    assert!(!implies(&valued, &stars));
    let Answer::Yes(Witness(facts)) = can_hold(&[&rare, &valued]) else {
        panic!("somebody is in both")
    };
    let value =
        |of: &Measure| facts.iter().find(|fact| fact.measure == *of).map(|f| f.value.clone());
    assert_eq!(value(&Measure::Churn), Some(Value::Number(6_000)));
    assert_eq!(value(&Measure::Rate(D(36))), Some(Value::Above(0)));
    let sum = Measure::Spent(Reach::Last(D(90)));
    assert_eq!(value(&sum), Some(Value::Number(1_500_000)));
}

#[test]
fn a_condition_beyond_the_cap_is_left_open_at_once() {
    let choice = |n: usize| C::Any(vec![tag(&format!("a{n}")), tag(&format!("b{n}"))]);
    let apart = |n: usize| C::Any(vec![not(tag(&format!("a{n}"))), not(tag(&format!("b{n}")))]);
    let mut parts: Vec<C> = (0..40).map(choice).collect();
    parts.extend((0..40).map(apart));
    parts.push(C::Any(vec![recency(0, 1), spent(Test::AtLeast(1), Some(1))]));
    parts.push(C::Any(vec![
        count(Test::Exactly(0), Window::Ever),
        C::All(vec![recency(5, 5), tag("a0")]),
    ]));
    parts.push(C::Any(vec![count(Test::Exactly(0), Window::Ever), tag("b0")]));
    let start = std::time::Instant::now();
    let all = C::All(parts);
    assert_eq!(can_hold(&[&all]), Answer::Unknown);
    let many = C::Any((0..600).map(|n| tag(&n.to_string())).collect());
    assert_eq!(can_hold(&[&many]), Answer::Unknown);
    assert!(start.elapsed().as_secs() < 2);
}

// ------------------------------------------------------------ one by one

/// A customer, written out.
#[derive(Debug, Clone, Default)]
struct Person {
    /// How many days ago, and for how much.
    purchases: Vec<(i64, i64)>,
    vip: bool,
    staff: bool,
    city: Option<&'static str>,
    /// In whole percent.
    churn: Option<i64>,
    /// The days until some points expire.
    expiring: Option<i64>,
    balance: i64,
}

fn passes(value: Option<(i64, i64)>, test: Test) -> bool {
    // A quotient is compared with whole numbers by multiplying.
    value.is_some_and(|(amount, by)| match test {
        Test::Below(n) => amount < n * by,
        Test::AtMost(n) => amount <= n * by,
        Test::Exactly(n) => amount == n * by,
        Test::AtLeast(n) => amount >= n * by,
        Test::Above(n) => amount > n * by,
        Test::Between(a, b) => amount >= a * by && amount <= b * by,
    })
}

fn days(period: Period) -> i64 {
    match period {
        Period::Days(days) => i64::from(days),
        Period::Seconds(seconds) => i64::from(seconds) / 86_400,
    }
}

impl Person {
    fn since(&self, within: Option<Period>) -> impl Iterator<Item = &(i64, i64)> {
        self.purchases
            .iter()
            .filter(move |(ago, _)| within.is_none_or(|period| *ago <= days(period)))
    }

    fn meets(&self, condition: &C) -> bool {
        match condition {
            C::All(parts) => parts.iter().all(|part| self.meets(part)),
            C::Any(parts) => parts.iter().any(|part| self.meets(part)),
            C::Not(inner) => !self.meets(inner),
            C::Recency(test) => passes(self.purchases.iter().map(|p| (p.0, 1)).min(), *test),
            C::Frequency { test, window } => {
                let count = |within| i64::try_from(self.since(within).count()).unwrap_or(0);
                match window {
                    Window::Ever => passes(Some((count(None), 1)), *test),
                    Window::Within(period) => passes(Some((count(Some(*period)), 1)), *test),
                    Window::Per(period) => {
                        let first = self.purchases.iter().map(|p| p.0).max().unwrap_or(0);
                        let time = first.max(days(*period));
                        passes(Some((count(None) * days(*period), time)), *test)
                    }
                }
            }
            C::Spent { test, within } => {
                passes(Some((self.since(*within).map(|p| p.1).sum(), 1)), *test)
            }
            C::AverageCheck { test, within } => {
                let count = i64::try_from(self.since(*within).count()).unwrap_or(0);
                let sum = self.since(*within).map(|p| p.1).sum();
                passes((count > 0).then_some((sum, count)), *test)
            }
            C::Tag(tag) => {
                if tag == "vip" {
                    self.vip
                } else {
                    self.staff
                }
            }
            C::City(city) => self.city == Some(city.as_str()),
            C::Churn(test) => passes(self.churn.map(|share| (share, 1)), *test),
            C::Expiring(period) => self.expiring.is_some_and(|in_days| in_days <= days(*period)),
            C::Balance(test) => passes(Some((self.balance, 1)), *test),
            other => unreachable!("not made here: {other:?}"),
        }
    }
}

/// Everybody with up to four purchases of up to two roubles on six days: as much as the
/// conditions of [`bought`] can tell apart.
fn buyers() -> Vec<Person> {
    let events: Vec<(i64, i64)> =
        (0..6).flat_map(|day| (0..3).map(move |amount| (day, amount))).collect();
    let mut people = vec![Person::default()];
    let mut open: Vec<(Vec<(i64, i64)>, usize)> = vec![(Vec::new(), 0)];
    while let Some((purchases, from)) = open.pop() {
        for (at, event) in events.iter().enumerate().skip(from) {
            let mut purchases = purchases.clone();
            purchases.push(*event);
            people.push(Person { purchases: purchases.clone(), ..Person::default() });
            if purchases.len() < 4 {
                open.push((purchases, at));
            }
        }
    }
    people
}

/// Everybody with any of a few values of everything else.
fn others() -> Vec<Person> {
    let mut all = Vec::new();
    for vip in [false, true] {
        for staff in [false, true] {
            for city in [None, Some("Omsk"), Some("Perm"), Some("Tula")] {
                for churn in [None, Some(0), Some(1), Some(2), Some(3)] {
                    for expiring in [None, Some(1), Some(2), Some(3), Some(4), Some(9)] {
                        // Points that expire are in the balance.
                        for balance in i64::from(expiring.is_some())..5 {
                            let purchases = Vec::new();
                            let person =
                                Person { purchases, vip, staff, city, churn, expiring, balance };
                            all.push(person);
                        }
                    }
                }
            }
        }
    }
    all
}

fn test(most: i64) -> impl Strategy<Value = Test> {
    prop_oneof![
        (0..=most).prop_map(Test::Below),
        (0..=most).prop_map(Test::AtMost),
        (0..=most).prop_map(Test::Exactly),
        (0..=most).prop_map(Test::AtLeast),
        (0..=most).prop_map(Test::Above),
        (0..=most, 0..=most).prop_map(|(a, b)| Test::Between(a.min(b), a.max(b))),
    ]
}

fn within() -> impl Strategy<Value = Option<Period>> {
    prop_oneof![Just(None), Just(Some(D(1))), Just(Some(D(3)))]
}

/// What comes from purchases and needs no more of them than [`buyers`] have: two within the
/// shortest time, and one more for each of the others.
fn bought() -> impl Strategy<Value = C> {
    prop_oneof![
        test(4).prop_map(C::Recency),
        (test(1), within()).prop_map(|(test, within)| {
            count(test, within.map_or(Window::Ever, Window::Within))
        }),
        (test(1), within()).prop_map(|(test, within)| C::Spent { test, within }),
    ]
}

/// What may need any number of purchases.
fn quotient() -> impl Strategy<Value = C> {
    prop_oneof![
        (test(3), within()).prop_map(|(test, within)| C::AverageCheck { test, within }),
        (test(3), 1..5_u32).prop_map(|(test, days)| count(test, Window::Per(D(days)))),
        bought(),
    ]
}

/// What hangs together most: all of it over one time.
fn ratio() -> impl Strategy<Value = C> {
    prop_oneof![
        3 => test(3).prop_map(|test| average(test, None)),
        3 => (test(2), 1..5_u32).prop_map(|(test, days)| count(test, Window::Per(D(days)))),
        1 => test(3).prop_map(|test| count(test, Window::Ever)),
        1 => test(8).prop_map(|test| spent(test, None)),
        1 => test(4).prop_map(C::Recency),
    ]
}

fn hours() -> impl Strategy<Value = C> {
    let hours = prop_oneof![Just(24), Just(48), Just(96)];
    (test(3), hours)
        .prop_map(|(test, hours)| count(test, Window::Within(Period::Seconds(hours * 3600))))
}

fn other() -> impl Strategy<Value = C> {
    prop_oneof![
        prop_oneof![Just("vip"), Just("staff")].prop_map(tag),
        prop_oneof![Just("Omsk"), Just("Perm")].prop_map(city),
        test(3).prop_map(C::Churn),
        test(3).prop_map(C::Balance),
        (1..5_u32).prop_map(|days| C::Expiring(D(days))),
    ]
}

fn joined(leaf: impl Strategy<Value = C> + 'static) -> impl Strategy<Value = C> {
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(C::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(C::Any),
            inner.prop_map(not),
        ]
    })
}

thread_local! {
    static BUYERS: Vec<Person> = buyers();
    static OTHERS: Vec<Person> = others();
}

/// Returns whether what the example customer has rules the condition out, as far as it goes.
fn contradicts(facts: &[Fact], condition: &C) -> Option<bool> {
    let lookup = |measure: &Measure| facts.iter().find(|fact| fact.measure == *measure);
    let number = |measure: Measure, test: Test| {
        let fact = lookup(&measure)?;
        Some(match fact.value {
            Value::Number(n) => passes(Some((n, 1)), test),
            Value::Above(n) => passes(Some((2 * n + 1, 2)), test),
            Value::Text(_) | Value::OtherText | Value::Is(_) | Value::Absent => false,
        })
    };
    let is = |measure: Measure| Some(lookup(&measure)?.value == Value::Is(true));
    match condition {
        C::All(parts) => {
            let parts: Vec<_> = parts.iter().map(|part| contradicts(facts, part)).collect();
            if parts.contains(&Some(false)) {
                Some(false)
            } else {
                parts.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
            }
        }
        C::Any(parts) => {
            let parts: Vec<_> = parts.iter().map(|part| contradicts(facts, part)).collect();
            if parts.contains(&Some(true)) {
                Some(true)
            } else {
                parts.into_iter().collect::<Option<Vec<_>>>().map(|_| false)
            }
        }
        C::Not(inner) => contradicts(facts, inner).map(|is| !is),
        C::Recency(test) => number(Measure::Recency, *test),
        C::Frequency { test, window } => number(Measure::frequency(*window), *test),
        C::Spent { test, within } => number(Measure::Spent(Reach::of(*within)), *test),
        C::AverageCheck { test, within } => {
            number(Measure::AverageCheck(Reach::of(*within)), *test)
        }
        C::Churn(test) => number(Measure::Churn, *test),
        C::Balance(test) => number(Measure::Balance, *test),
        C::Expiring(period) => is(Measure::Expiring(*period)),
        C::Tag(tag) => is(Measure::Tag(tag.clone())),
        C::City(city) => {
            let fact = lookup(&Measure::City)?;
            Some(fact.value == Value::Text(city.clone()))
        }
        other => unreachable!("not made here: {other:?}"),
    }
}

/// Checks an answer against everybody there is. `complete` when there is everybody.
fn agrees(condition: &C, people: &[Person], complete: bool) -> Result<(), TestCaseError> {
    let found = people.iter().find(|person| person.meets(condition));
    match can_hold(&[condition]) {
        Answer::No => prop_assert!(found.is_none(), "{found:?} was overlooked"),
        Answer::Yes(Witness(facts)) => {
            prop_assert_ne!(contradicts(&facts, condition), Some(false), "{:?}", facts);
            prop_assert!(found.is_some() || !complete, "there is nobody like {facts:?}");
        }
        Answer::Unknown => prop_assert!(!complete, "an exact question was left open"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn who_has_bought_what_is_exact(condition in joined(bought())) {
        BUYERS.with(|people| agrees(&condition, people, true))?;
    }

    #[test]
    fn everything_else_is_exact(condition in joined(other())) {
        // A share lies between whole numbers, too, so there can be more than these.
        let has_churn = format!("{condition:?}").contains("Churn");
        OTHERS.with(|people| agrees(&condition, people, !has_churn))?;
    }

    #[test]
    fn averages_rates_and_hours_overlook_nobody(
        condition in joined(prop_oneof![3 => quotient(), 1 => hours()])
    ) {
        BUYERS.with(|people| agrees(&condition, people, false))?;
    }

    #[test]
    fn averages_and_rates_agree_with_their_purchases(
        parts in prop::collection::vec(ratio(), 2..5)
    ) {
        BUYERS.with(|people| agrees(&C::All(parts), people, false))?;
    }

    #[test]
    fn one_follows_from_another_for_everybody(a in joined(bought()), b in joined(bought())) {
        let follows = implies(&a, &b);
        let counter = BUYERS.with(|people| {
            people.iter().find(|person| person.meets(&a) && !person.meets(&b)).cloned()
        });
        prop_assert_eq!(follows, counter.is_none(), "{:?}", counter);
    }

    #[test]
    fn profiles_are_the_whole_of_a_form(condition in joined(prop_oneof![other(), bought()])) {
        let mut measures = Measures::default();
        let form = Form::read(&condition, &mut measures).expect("is small");
        if let Some(profiles) = measures.profiles(&form, 64) {
            let any = profiles.iter().any(|profile| matches!(measures.fits(profile), Answer::Yes(_)));
            prop_assert_eq!(any, matches!(measures.solve(&form), Answer::Yes(_)));
        }
    }
}

#[test]
fn hardly_any_average_is_left_open() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let strategy = joined(quotient());
    let open = (0..2_000)
        .filter(|_| {
            let condition = strategy.new_tree(&mut runner).expect("no filter").current();
            can_hold(&[&condition]) == Answer::Unknown
        })
        .count();
    assert!(open < 40, "{open} of 2000 are open");
}

#[test]
fn consent_and_addresses_are_free_of_each_other() {
    let (consent, reach) = (C::Consent(Channel::Sms), C::Reachable(Channel::Sms));
    assert!(somebody(&[consent, not(reach)]));
}
