//! A condition has one meaning: what SQL finds in a store, and what holds of the same
//! customers in memory, are the same people: at every look, while purchases come in between
//! the looks in any order, late ones too, and some come back.

use super::compile;
use crate::condition::{holds, list_key};
use crate::customer::Customer;
use crate::needs::Needs;
use crate::store::customers::{self, Profile};
use crate::store::purchases::{self, Purchase};
use crate::store::{Problem, Store, frozen, knowledge, windows};
use crate::time::{Day, Moment, Zone};
use chainc_compiler::ir::{AttributeTest, Channel, Condition, Policy, Touch, Window};
use chainc_compiler::units::{Date, Minor, Period, Points, Test};
use chainc_compiler::{Settings, SourceFile};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rusqlite::{Connection, Transaction, params, params_from_iter};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

const HOUR: i64 = 3_600_000;

/// The moment of the first look: midday in Berlin, two days after the clocks went forward.
fn now() -> Moment {
    zone().parse("2026-03-31T12:00").unwrap()
}

/// The moments of all looks.
fn looks() -> [Moment; 4] {
    [0, 7, 3 * 24, 33 * 24].map(|hours| now().plus_millis(hours * HOUR))
}

fn zone() -> Zone {
    Zone::get("Europe/Berlin").unwrap()
}

fn policy() -> Policy {
    let text = "policy { consent email opt_out attribute age number attribute level text \
                attribute member flag attribute since date }";
    let text = text.replace(" attribute", "\nattribute");
    let file = SourceFile { path: "policy.chain".into(), text };
    let compiled = chainc_compiler::compile(&[file], &BTreeMap::new(), &Settings::default());
    compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics)).policy
}

/// A frozen list that half of the customers stand on.
fn listed() -> (Date, Condition) {
    (Date::new(2026, 3, 1).unwrap(), Condition::Tag("vip".into()))
}

// ---------------------------------------------------------------- customers

#[derive(Debug, Clone)]
struct Bought {
    hours_ago: i64,
    amount: i64,
    brand: Option<&'static str>,
    categories: Option<&'static str>,
    /// From which look on it is known, if it was made by then.
    heard_of: usize,
    /// Before which look it came back.
    returned: Option<usize>,
}

#[derive(Debug, Clone)]
struct Person {
    purchases: Vec<Bought>,
    registered: Option<i64>,
    birthday: Option<i64>,
    city: Option<&'static str>,
    phone: Option<bool>,
    vip: bool,
    /// Hours ago (or to come), channel, yes or no.
    consents: Vec<(i64, Channel, bool)>,
    attributes: Vec<(&'static str, &'static str)>,
    /// Points, and hours until they expire.
    points: Vec<(i64, Option<i64>)>,
    /// Hours ago, message, state or what she did with it.
    messages: Vec<(i64, &'static str, &'static str)>,
}

/// Moments that lie close to the edges of days, and some that do not.
fn hours_ago() -> impl Strategy<Value = i64> {
    prop_oneof![0..60_i64, (0..40_i64, -1..=1_i64).prop_map(|(days, off)| days * 24 + 12 + off)]
}

fn person() -> impl Strategy<Value = Person> {
    let brand = prop::option::of(prop::sample::select(vec!["toys", "books"]));
    let categories =
        prop::option::of(prop::sample::select(vec!["kids", "kids;food", "food", "kid"]));
    let made = prop_oneof![4 => hours_ago(), 1 => -33 * 24..0_i64];
    let returned = prop_oneof![4 => Just(None), 1 => (1..4_usize).prop_map(Some)];
    let purchase = (made, 1..5_i64, brand, categories, 0..4_usize, returned).prop_map(
        |(hours_ago, amount, brand, categories, heard_of, returned)| Bought {
            hours_ago,
            amount,
            brand,
            categories,
            heard_of,
            returned,
        },
    );
    let consent =
        (-3..60_i64, prop::sample::select(vec![Channel::Sms, Channel::Email]), any::<bool>());
    let attribute = prop::sample::select(vec![
        ("age", "17"),
        ("age", "18"),
        ("age", "30"),
        ("level", "gold"),
        ("level", "Gold"),
        ("member", "yes"),
        ("member", "no"),
        ("since", "2020-02-29"),
        ("since", "2019-04-01"),
        ("since", "1999-03-30"),
        ("churn", "6000"),
        ("churn", "5999"),
    ]);
    // A lot can be spent, and what is owed stands in one below zero.
    let points = (-1..4_i64, prop::option::of(-30..60_i64));
    let states =
        vec!["delivered", "pending", "undeliverable", "skipped", "opened", "clicked", "event"];
    let message =
        (hours_ago(), prop::sample::select(vec!["offer", "other"]), prop::sample::select(states));
    let first = (
        vec(purchase, 0..5),
        prop::option::of(hours_ago()),
        prop::option::of(0..800_i64),
        prop::option::of(prop::sample::select(vec!["Омск", "Пермь"])),
        prop::option::of(any::<bool>()),
        any::<bool>(),
    );
    let second = (vec(consent, 0..3), vec(attribute, 0..5), vec(points, 0..3), vec(message, 0..3));
    (first, second).prop_map(|(first, second)| {
        let (purchases, registered, birthday, city, phone, vip) = first;
        let (consents, attributes, points, messages) = second;
        Person {
            purchases,
            registered,
            birthday,
            city,
            phone,
            vip,
            consents,
            attributes,
            points,
            messages,
        }
    })
}

fn event(id: &str, number: usize) -> [u8; 16] {
    crate::key::event(&[id.as_bytes(), &number.to_le_bytes()])
}

/// Hears of what is to be known at a look, the newest first, and of what has come back.
fn hear(tx: &Transaction<'_>, id: &str, person: &Person, look: usize) -> Result<(), Problem> {
    let mut news = purchases::news(tx, looks()[look], 1_000)?;
    news.reverse();
    for (number, bought) in person.purchases.iter().enumerate() {
        let event = event(id, number);
        let heard = news.iter().find(|one| one.event_id == event && bought.heard_of <= look);
        if let Some(one) = heard {
            purchases::tell(tx, one)?;
        }
        if bought.returned == Some(look) {
            let sql = "UPDATE sale SET known = 2 WHERE event_id = ? AND known = 1";
            tx.execute(sql, [event.as_slice()])?;
            purchases::recount(tx, crate::key::shard(id), id)?;
        }
    }
    Ok(())
}

fn bring_in(tx: &Transaction<'_>, id: &str, person: &Person) -> Result<(), Problem> {
    let ago = |hours: i64| now().plus_millis(-hours * HOUR);
    let mut fields = vec![("city", person.city.map(str::to_owned))];
    let day = |ago: i64| Day(zone().day(now()).0 - ago).to_string();
    fields.push(("birthday", person.birthday.map(day)));
    fields.push(("phone", person.phone.map(|_| "+12025550101".to_owned())));
    let profile = Profile {
        customer_id: id.to_owned(),
        fields,
        registered_at: person.registered.map(ago),
        tags: Some(person.vip.then(|| "vip".to_owned()).into_iter().collect()),
        attributes: person
            .attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned())))
            .collect(),
        ..Profile::default()
    };
    customers::write(tx, &profile, now())?;
    let shard = crate::key::shard(id);
    if person.phone == Some(false) {
        customers::bury(tx, shard, id, Channel::Sms, "+12025550101")?;
    }
    for (hours, channel, granted) in &person.consents {
        let word = customers::Word {
            channel: *channel,
            at: ago(*hours),
            granted: *granted,
            source: "test",
            wording: None,
            event_id: None,
        };
        customers::consent(tx, id, word)?;
    }
    for (number, bought) in person.purchases.iter().enumerate() {
        let purchase = Purchase {
            event_id: event(id, number),
            customer_id: id.to_owned(),
            occurred_at: ago(bought.hours_ago),
            amount: Minor(bought.amount * 1_000),
            external_id: None,
            items: None,
            store_id: None,
            brand: bought.brand.map(str::to_owned),
            categories: bought.categories.map(str::to_owned),
            points_spent: Points(0),
            points_earned: Points(0),
        };
        purchases::keep_all(tx, &[purchase])?;
    }
    for (number, (points, expires)) in person.points.iter().enumerate() {
        tx.execute(
            "INSERT INTO lot (shard, customer_id, lot, points_left, since, expires_at) \
             VALUES (?, ?, ?, ?, 0, ?)",
            params![
                shard,
                id,
                number.to_string(),
                points * 100,
                expires.map(|hours| ago(-hours).0)
            ],
        )?;
    }
    for (number, (hours, message, state)) in person.messages.iter().enumerate() {
        if matches!(*state, "opened" | "clicked" | "event") {
            tx.execute(
                "INSERT INTO touch (shard, customer_id, message, how, at, event_id) \
                 VALUES (?, ?, ?, ?, ?, ?)",
                params![shard, id, message, state, ago(*hours).0, [u8::try_from(number).unwrap()]],
            )?;
            continue;
        }
        let number = i64::try_from(number).unwrap();
        tx.execute(
            "INSERT INTO sheet (letters, first, chain, version, step, round, channel, message, \
             state, rejections, written_at, settled_at, cost, unknown) \
             VALUES (1, ?, 'c', 'v', '1', ?, 'sms', ?, ?, 0, 0, ?, 0, 0)",
            params![crate::key::number(id), number, message, state, ago(*hours).0],
        )?;
        tx.execute(
            "INSERT INTO letter (customer, chain, cycle, step, round, channel, sheet, key) \
             VALUES (?, 1, 1, '1', ?, 1, ?, 0)",
            [crate::key::number(id), number, tx.last_insert_rowid()],
        )?;
    }
    Ok(())
}

// ---------------------------------------------------------------- conditions

fn test(values: impl Strategy<Value = i64> + Clone) -> impl Strategy<Value = Test> {
    prop_oneof![
        values.clone().prop_map(Test::Below),
        values.clone().prop_map(Test::AtMost),
        values.clone().prop_map(Test::Exactly),
        values.clone().prop_map(Test::AtLeast),
        values.clone().prop_map(Test::Above),
        (values, 0..3_i64).prop_map(|(from, more)| Test::Between(from, from + more)),
    ]
}

fn period() -> impl Strategy<Value = Period> {
    prop_oneof![
        (0..45_u32).prop_map(Period::Days),
        (1..60_u32).prop_map(|h| Period::Seconds(h * 3_600))
    ]
}

fn within() -> impl Strategy<Value = Option<Period>> {
    prop::option::of(period())
}

fn condition() -> impl Strategy<Value = Condition> {
    let money = prop::sample::select(vec![0, 1_000, 2_000, 2_500, 5_000]);
    let channel = prop::sample::select(vec![Channel::Sms, Channel::Email, Channel::Webhook]);
    let window = prop_oneof![
        Just(Window::Ever),
        period().prop_map(Window::Within),
        (1..40_u32).prop_map(|days| Window::Per(Period::Days(days))),
    ];
    let attribute = prop_oneof![
        test(prop::sample::select(vec![17, 18, 30]))
            .prop_map(|test| ("age", AttributeTest::Number(test))),
        Just(("level", AttributeTest::Text("gold".into()))),
        Just(("member", AttributeTest::Flag)),
        (0..400_u32).prop_map(|days| ("since", AttributeTest::Within(Period::Days(days)))),
        // A declared number that a file brought as something else.
        test(0..30_i64).prop_map(|test| ("level", AttributeTest::Number(test))),
    ];
    let (on, frozen) = listed();
    let leaf = prop_oneof![
        test(0..42_i64).prop_map(Condition::Recency),
        test(0..42_i64).prop_map(Condition::Registered),
        (test(0..4_i64), window).prop_map(|(test, window)| Condition::Frequency { test, window }),
        (test(money.clone()), within())
            .prop_map(|(test, within)| Condition::Spent { test, within }),
        (test(money), within()).prop_map(|(test, within)| Condition::AverageCheck { test, within }),
        test(0..400_i64).prop_map(Condition::Overdue),
        (prop::sample::select(vec!["kids", "food"]), within())
            .prop_map(|(category, within)| Condition::Bought { category: category.into(), within }),
        within().prop_map(|within| Condition::Brand { brand: "toys".into(), within }),
        (
            prop::sample::select(vec![Touch::Received, Touch::Opened, Touch::Clicked, Touch::Own]),
            within()
        )
            .prop_map(|(how, within)| Condition::Touched {
                how,
                message: "offer".into(),
                within
            }),
        channel.prop_map(Condition::Consent),
        prop::sample::select(vec![Channel::Sms, Channel::Webhook]).prop_map(Condition::Reachable),
        Just(Condition::Tag("vip".into())),
        Just(Condition::City("Омск".into())),
        (0..400_u32).prop_map(|days| Condition::Birthday(Period::Days(days))),
        test(prop::sample::select(vec![0, 100, 200, 300])).prop_map(Condition::Balance),
        period().prop_map(Condition::Expiring),
        test(prop::sample::select(vec![5_999, 6_000])).prop_map(Condition::Churn),
        attribute.prop_map(|(name, is)| Condition::Attribute { name: name.into(), is }),
        Just(Condition::Frozen { on, condition: Box::new(frozen) }),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Condition::All),
            vec(inner.clone(), 0..3).prop_map(Condition::Any),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

// ---------------------------------------------------------------- both meanings

const EVERYTHING: Needs = Needs {
    purchases: true,
    consents: true,
    addresses: true,
    tags: true,
    attributes: true,
    touched: true,
    points: true,
    lists: true,
    pools: BTreeMap::new(),
};

fn by_sql(
    tx: &Transaction<'_>,
    condition: &Condition,
    now: Moment,
) -> Result<BTreeSet<String>, Problem> {
    windows::refresh(tx, condition, now, &zone())?;
    let found = compile(condition, &policy(), now, &zone());
    let sql = format!("SELECT c.customer_id FROM customer c WHERE {}", found.sql);
    let mut statement = tx.prepare(&sql)?;
    let rows = statement.query_map(params_from_iter(found.params), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn in_memory(
    connection: &Connection,
    ids: &[String],
    now: Moment,
) -> Result<Vec<Customer>, Problem> {
    let load = |id: &String| {
        let shard = crate::key::shard(id);
        let mut customer = customers::load(connection, shard, id)?;
        knowledge::complete(connection, shard, &mut customer, &EVERYTHING, &policy(), now)?;
        Ok(customer)
    };
    ids.iter().map(load).collect()
}

/// How often it is tried: seldom and the same in a normal run, long and at random with
/// `CHAINC_LONG=1`.
fn config() -> ProptestConfig {
    let is_long = std::env::var_os("CHAINC_LONG").is_some_and(|value| value != "0");
    let (cases, rng_seed) =
        if is_long { (2_000, RngSeed::Random) } else { (40, RngSeed::Fixed(4)) };
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn sql_and_memory_find_the_same_customers() {
    let folder = std::env::temp_dir().join(format!("chainc-agreement-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (number, met) = (Cell::new(0), Cell::new(0));
    proptest!(config(), |(people in vec(person(), 1..12), conditions in vec(condition(), 24))| {
        number.set(number.get() + 1);
        let mut store = Store::open_or_create(&folder.join(format!("{}.db", number.get()))).unwrap();
        let ids: Vec<String> = (0..people.len()).map(|n| n.to_string()).collect();
        let (on, list) = listed();
        store.write(|tx| {
            for (id, person) in ids.iter().zip(&people) {
                bring_in(tx, id, person)?;
            }
            let members = compile(&list, &policy(), now(), &zone());
            frozen::make(tx, &list_key(on, &list), &members, now())
        }).unwrap();
        for (look, now) in looks().into_iter().enumerate() {
            store.write(|tx| {
                let mut heard = ids.iter().zip(&people);
                heard.try_for_each(|(id, person)| hear(tx, id, person, look))
            }).unwrap();
            let customers = store.read(|connection| in_memory(connection, &ids, now)).unwrap();
            for condition in &conditions {
                let found = store.write(|tx| by_sql(tx, condition, now)).unwrap();
                let held: BTreeSet<String> = customers
                    .iter()
                    .filter(|customer| holds(condition, customer, now, &zone()))
                    .map(|customer| customer.id.clone())
                    .collect();
                let tells_apart = !held.is_empty() && held.len() < people.len();
                met.set(met.get() + usize::from(tells_apart));
                prop_assert_eq!(&found, &held, "look {}: {:?}\n{:#?}", look, condition, people);
            }
        }
        std::fs::remove_file(store.path()).unwrap();
    });
    std::fs::remove_dir_all(&folder).unwrap();
    // It would be no test if every condition held of all customers or of none.
    let (number, met) = (number.get(), met.get());
    assert!(met > number * 16, "{met} of {} conditions told customers apart", number * 96);
}
