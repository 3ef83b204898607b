//! Syntax trees of every form, as they can be written.

use chainc_grammar::syntax::{
    Arm, Atom, Body, Brand, Chain, ChannelText, Comparison, Condition, Decimal, Declaration, Delay,
    Event, Experiment, File, Flow, GrantAmount, Item, Join, Label, Message, Name, Node, Over, Part,
    Phrase, Policy, Quantity, Role, Row, Scalar, Segment, Setting, Span, SplitArm, Step, Test,
    TestBlock, TestLine, Text, Unit,
};
use chainc_grammar::words::{self, Place};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn node<T>(value: T) -> Node<T> {
    Node::new(Span { start: 0, end: 0 }, value)
}

fn some<T: std::fmt::Debug>(
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<Node<T>>> {
    option::of(strategy.prop_map(node))
}

/// Returns whole files.
pub(crate) fn files() -> BoxedStrategy<File> {
    vec(declaration().prop_map(node), 0..6).prop_map(|declarations| File { declarations }).boxed()
}

// ------------------------------------------------------------ words

/// Words that a number before them would make a unit, in any spelling.
const UNITS: &[&str] = &[
    "m",
    "h",
    "d",
    "w",
    "pts",
    "р",
    "руб",
    "д",
    "дн",
    "ч",
    "мин",
    "нед",
    "hrs",
    "hr",
    "mins",
    "min",
    "rub",
    "usd",
    "eur",
    "минут",
    "часа",
    "часов",
    "час",
    "дня",
    "дней",
    "день",
    "балл",
];

/// A name is free where it is no word of the language, resembles none, and is no unit.
fn is_free(name: &str) -> bool {
    let latin: String = name.chars().map(latin_twin).collect();
    let is_known = |word: &str| words::is_word(word) || UNITS.contains(&word);
    let everywhere = Place::ALL.iter().flat_map(|place| words::at(*place).iter().copied());
    let more = ["unsubscribe", "opt_in", "opt_out", "every"];
    !is_known(name)
        && !is_known(&latin)
        && words::nearest(&latin, everywhere.clone().chain(more)).is_none()
        && words::nearest(name, everywhere.chain(more)).is_none()
}

fn latin_twin(c: char) -> char {
    const TWINS: [(&str, char); 16] = [
        ("аα", 'a'),
        ("в", 'b'),
        ("с", 'c'),
        ("её", 'e'),
        ("нһ", 'h'),
        ("іι", 'i'),
        ("ј", 'j'),
        ("кκ", 'k'),
        ("м", 'm'),
        ("оο", 'o'),
        ("рρ", 'p'),
        ("ѕ", 's'),
        ("т", 't'),
        ("у", 'y'),
        ("х", 'x'),
        ("ԁ", 'd'),
    ];
    TWINS.iter().find(|(letters, _)| letters.contains(c)).map_or(c, |(_, twin)| *twin)
}

fn word() -> BoxedStrategy<String> {
    prop_oneof![
        4 => "[a-z][a-z_0-9]{2,9}",
        1 => "[а-яё][а-яё_]{2,9}",
        1 => "[A-Z][a-z]{3,6}_[0-9]{1,3}",
        1 => "[α-ω一-龥א-ת][α-ω一-龥א-ת0-9]{1,5}",
        1 => "й[а-я]{3,5}\u{306}",
        1 => "_[a-z0-9]{3,6}",
    ]
    .prop_filter("a word of the language", |name| is_free(name))
    .boxed()
}

fn name() -> BoxedStrategy<Name> {
    word().prop_map(node).boxed()
}

fn named(list: &'static [&'static str]) -> BoxedStrategy<Name> {
    select(list).prop_map(|word| node(word.to_owned())).boxed()
}

fn channel() -> BoxedStrategy<Name> {
    named(&["sms", "email", "push", "webhook"]).boxed()
}

fn text() -> BoxedStrategy<Text> {
    let piece = prop_oneof![
        6 => r#"[ -!#-\[\]-~]{1,12}"#,
        2 => "[а-яё «»—→№…]{1,8}",
        1 => "\\PC{1,3}".prop_map(|text| text.replace(['"', '\\', '\u{c}'], "")),
        1 => select(&[r#"\""#, r"\\", r"\n"][..]).prop_map(str::to_owned),
        1 => select(&["{customer.first_name}", "# no comment", "} -> {", "👋🏽", " "][..]).prop_map(str::to_owned),
    ];
    vec(piece, 0..5).prop_map(|pieces| Text { raw: pieces.concat(), closed: true }).boxed()
}

fn description() -> BoxedStrategy<Option<String>> {
    let line = prop_oneof![r#"[A-Za-z"(][ -~]{0,20}[a-z.)]"#, "[А-Яа-я]{2,9} # -> \\{"];
    option::weighted(0.3, vec(line, 1..3).prop_map(|lines| lines.join("\n"))).boxed()
}

// ------------------------------------------------------------ values

fn scalar() -> BoxedStrategy<Scalar> {
    let digits = prop_oneof![0..100u64, 0..1_000_000_000u64, Just(1_000_000_000_000_000)];
    let unit = prop_oneof![
        select(
            &[
                Unit::None,
                Unit::Percent,
                Unit::Points,
                Unit::Weeks,
                Unit::Days,
                Unit::Hours,
                Unit::Minutes,
                Unit::Cycles,
            ][..]
        ),
        "[A-Z]{3}"
            .prop_filter("a joiner", |letters| letters != "AND" && letters != "NOT")
            .prop_map(|letters| {
                let bytes = letters.as_bytes();
                Unit::Currency([bytes[0], bytes[1], bytes[2]])
            }),
    ];
    prop_oneof![
        4 => (digits, 0..4u8, unit).prop_map(|(digits, scale, unit)| {
            Scalar::Number(Decimal { digits, scale }, unit)
        }),
        1 => (0..100u32, 0..100u32).prop_map(|(hours, minutes)| Scalar::Clock(hours, minutes)),
        1 => (0..10_000u16, 0..100u8, 0..100u8).prop_map(|(y, m, d)| Scalar::Date(y, m, d)),
    ]
    .boxed()
}

fn quantity() -> BoxedStrategy<Quantity> {
    prop_oneof![
        3 => scalar().prop_map(Quantity::One),
        1 => (scalar(), scalar()).prop_map(|(from, to)| Quantity::Range(node(from), node(to))),
    ]
    .boxed()
}

fn days() -> BoxedStrategy<Quantity> {
    let day = || {
        (0..1000u64, select(&[Unit::None, Unit::Days, Unit::Weeks][..]))
            .prop_map(|(digits, unit)| Scalar::Number(Decimal { digits, scale: 0 }, unit))
    };
    prop_oneof![
        day().prop_map(Quantity::One),
        (day(), day()).prop_map(|(from, to)| Quantity::Range(node(from), node(to))),
    ]
    .boxed()
}

fn comparison() -> BoxedStrategy<Comparison> {
    select(
        &[
            Comparison::Below,
            Comparison::AtMost,
            Comparison::Exactly,
            Comparison::AtLeast,
            Comparison::Above,
        ][..],
    )
    .boxed()
}

fn label() -> BoxedStrategy<Label> {
    prop_oneof![word().prop_map(Label::Word), text().prop_map(Label::Text)].boxed()
}

/// The rest of a setting. Two numbers in a row could be one.
fn atoms(list: &'static [&'static str]) -> BoxedStrategy<Vec<Node<Atom>>> {
    let known =
        if list.is_empty() { word().boxed() } else { select(list).prop_map(str::to_owned).boxed() };
    let atom = prop_oneof![
        2 => prop_oneof![known, word()].prop_map(Atom::Word),
        2 => quantity().prop_map(Atom::Quantity),
        1 => text().prop_map(Atom::Text),
        1 => comparison().prop_map(Atom::Compare),
    ];
    vec(atom, 1..5).prop_map(|atoms| apart(atoms).into_iter().map(node).collect()).boxed()
}

fn apart(atoms: Vec<Atom>) -> Vec<Atom> {
    let mut kept: Vec<Atom> = Vec::new();
    for atom in atoms {
        let is_behind = matches!(kept.last(), Some(Atom::Quantity(_)));
        let is_unit = match &atom {
            Atom::Quantity(_) => true,
            Atom::Word(word) => matches!(word.as_str(), "points" | "cycles"),
            Atom::Text(_) | Atom::Compare(_) => false,
        };
        if !(is_behind && is_unit) {
            kept.push(atom);
        }
    }
    kept
}

// ------------------------------------------------------------ conditions

fn condition() -> BoxedStrategy<Condition> {
    let window = || option::of(quantity().prop_map(|period| (Over::In, node(period))));
    let test = |sign: BoxedStrategy<Option<Node<Comparison>>>| {
        (sign, quantity()).prop_map(|(sign, value)| Test { sign, value: node(value) })
    };
    let any_sign = || some(comparison()).boxed();
    let measure = |word: BoxedStrategy<Name>, test, window| {
        (word, test, window).prop_map(|(word, test, window)| Condition::Measure {
            word,
            test,
            window,
        })
    };
    let labelled =
        |word: BoxedStrategy<Name>, label: BoxedStrategy<Label>, window| {
            (word, label.prop_map(node), window)
                .prop_map(|(word, label, window)| Condition::Label { word, label, window })
        };
    // `segment level = 5 -> ...` would be a named segment.
    let own_sign =
        some(comparison().prop_filter("an equals sign", |sign| *sign != Comparison::Exactly));
    let leaf = prop_oneof![
        2 => measure(
            named(&["recency", "registered", "balance", "churn", "overdue"]).boxed(),
            test(any_sign()).prop_map(Some).boxed(),
            Just(None).boxed(),
        ),
        1 => measure(
            named(&["spent", "average_check"]).boxed(),
            test(any_sign()).prop_map(Some).boxed(),
            window().boxed(),
        ),
        1 => measure(
            named(&["frequency"]).boxed(),
            test(any_sign()).prop_map(Some).boxed(),
            quantity().prop_map(|period| Some((Over::Per, node(period)))).boxed(),
        ),
        1 => measure(
            named(&["birthday", "expiring"]).boxed(),
            Just(None).boxed(),
            quantity().prop_map(|period| Some((Over::In, node(period)))).boxed(),
        ),
        1 => measure(name().boxed(), test(own_sign.boxed()).prop_map(Some).boxed(), Just(None).boxed()),
        1 => (named(&["consent", "reachable"]), channel())
            .prop_map(|(word, channel)| Condition::Reach { word, channel }),
        1 => labelled(named(&["tag", "city"]).boxed(), label().boxed(), Just(None).boxed()),
        1 => labelled(named(&["bought", "event", "brand"]).boxed(), label().boxed(), window().boxed()),
        1 => labelled(
            named(&["received", "opened", "clicked"]).boxed(),
            word().prop_map(Label::Word).boxed(),
            window().boxed(),
        ),
        1 => labelled(name().boxed(), text().prop_map(Label::Text).boxed(), Just(None).boxed()),
        2 => word().prop_map(Condition::Named),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        let join = select(&[Join::And, Join::Or][..]);
        let operand = inner
            .prop_map(|condition| match condition {
                Condition::Joined { .. } => Condition::Group(Box::new(node(condition))),
                other => other,
            })
            .boxed();
        prop_oneof![
            operand.clone().prop_map(|inner| Condition::Not(Box::new(node(inner)))),
            operand.clone().prop_map(|inner| Condition::Group(Box::new(node(inner)))),
            (operand.clone(), vec((join, operand), 1..4)).prop_map(|(first, rest)| {
                let rest = rest.into_iter().map(|(join, next)| (node(join), node(next))).collect();
                Condition::Joined { first: Box::new(node(first)), rest }
            }),
        ]
    })
    .boxed()
}

// ------------------------------------------------------------ steps

fn step() -> BoxedStrategy<Step> {
    let row = (days(), quantity())
        .prop_map(|(days, points)| Some(Row { days: node(days), points: node(points) }));
    let amount = prop_oneof![
        quantity().prop_map(GrantAmount::Fixed),
        vec(row, 0..5).prop_map(GrantAmount::ByRecency),
    ];
    let event = prop_oneof![
        Just(Event::Purchase),
        name().prop_map(Event::Clicked),
        name().prop_map(Event::Opened),
        label().prop_map(|event| Event::Own(node(event))),
    ];
    let until = atoms(&["mon", "tue", "sat", "sun"]).prop_map(|atoms| {
        let atoms: Vec<_> = atoms
            .into_iter()
            .filter(|atom| matches!(atom.value, Atom::Word(_) | Atom::Quantity(_)))
            .collect();
        let filled = if atoms.is_empty() { vec![node(Atom::Word("sat".into()))] } else { atoms };
        let kept = apart(filled.into_iter().map(|atom| atom.value).collect());
        let atoms = kept.into_iter().map(node).collect();
        Delay::Until(Setting { word: node("until".into()), atoms })
    });
    let leaf =
        prop_oneof![
            (amount.prop_map(node), some(quantity()), option::of(name()))
                .prop_map(|(amount, expires, at)| Step::Grant { amount, expires, at }),
            (quantity().prop_map(node), some(quantity()), some(quantity()))
                .prop_map(|(rate, period, up_to)| Step::Cashback { rate, period, up_to }),
            (name(), some(quantity())).prop_map(|(pool, expires)| Step::Promo { pool, expires }),
            (channel(), name(), some(quantity()))
                .prop_map(|(channel, message, within)| Step::Send { channel, message, within }),
            (channel(), option::of(name()), some(quantity()))
                .prop_map(|(channel, message, within)| Step::Fallback { channel, message, within }),
            (
                prop_oneof![quantity().prop_map(|period| Delay::For(node(period))), until],
                vec(event.prop_map(node), 0..3)
            )
                .prop_map(|(delay, unless)| Step::Wait { delay, unless }),
            Just(Step::Exit),
            label().prop_map(|label| Step::Tag(node(label))),
        ];
    leaf.prop_recursive(3, 24, 4, |step| {
        let body = vec(step.prop_map(node), 0..4).prop_map(node::<Vec<Node<Step>>>).boxed();
        let condition = condition().prop_map(node).boxed();
        let arm = (condition, body.clone())
            .prop_map(|(condition, body)| Arm { condition, body: Some(body) });
        let split = (name(), quantity().prop_map(node), body.clone())
            .prop_map(|(name, share, body)| Some(SplitArm { name, share, body }));
        let repeat: BoxedStrategy<(Vec<Node<Atom>>, Body)> =
            (atoms(&["daily", "weekly", "on", "tue", "at", "until", "max"]), body.clone()).boxed();
        prop_oneof![
            (vec(arm, 1..4), option::of(body))
                .prop_map(|(arms, otherwise)| Step::If { arms, otherwise }),
            vec(split, 0..4).prop_map(|arms| Step::Split { arms }),
            repeat.prop_map(|(atoms, body)| {
                let loose =
                    |atom: &Node<Atom>| matches!(atom.value, Atom::Word(_) | Atom::Quantity(_));
                let values = atoms.into_iter().filter(loose).map(|atom| atom.value).collect();
                let atoms = apart(values).into_iter().map(node).collect();
                Step::Repeat {
                    rule: Setting { word: node("repeat".into()), atoms },
                    body: Some(body),
                }
            }),
        ]
    })
    .boxed()
}

fn flow() -> BoxedStrategy<Flow> {
    (condition().prop_map(node), some(date()), vec(step().prop_map(node), 0..5))
        .prop_map(|(audience, frozen, steps)| Flow {
            description: None,
            keyword: node(()),
            audience,
            frozen,
            steps,
        })
        .boxed()
}

fn date() -> BoxedStrategy<Quantity> {
    (2000..2100u16, 1..13u8, 1..29u8)
        .prop_map(|(year, month, day)| Quantity::One(Scalar::Date(year, month, day)))
        .boxed()
}

// ------------------------------------------------------------ declarations

fn settings(place: Place) -> BoxedStrategy<Item> {
    let openers: Vec<&'static str> = words::at(place)
        .iter()
        .copied()
        .filter(|word| !matches!(*word, "segment" | "chain"))
        .collect();
    select(openers)
        .prop_flat_map(|word| {
            atoms(words::inside_setting(word)).prop_map(move |atoms| {
                Item::Setting(Setting { word: node(word.to_owned()), atoms })
            })
        })
        .boxed()
}

fn chain(place: Place) -> BoxedStrategy<Chain> {
    let item = prop_oneof![3 => settings(place), 1 => flow().prop_map(Item::Flow)];
    (description(), name(), some(text()), vec(item.prop_map(node), 0..5))
        .prop_map(|(description, name, title, items)| Chain {
            description,
            name: Some(name),
            title,
            items: Some(items),
        })
        .boxed()
}

fn part(is_first: bool) -> BoxedStrategy<Node<Part>> {
    let role = select(&[Role::Subject, Role::Title, Role::Body][..]).prop_map(node);
    let role = if is_first { option::of(role).boxed() } else { role.prop_map(Some).boxed() };
    (role, any::<bool>(), text())
        .prop_map(|(role, file, text)| node(Part { role, file, text: node(text) }))
        .boxed()
}

fn message() -> BoxedStrategy<Message> {
    let text =
        (channel(), part(true), vec(part(false), 0..3)).prop_map(|(channel, first, more)| {
            Some(ChannelText { channel, parts: std::iter::once(first).chain(more).collect() })
        });
    (description(), name(), vec(text, 0..4))
        .prop_map(|(description, name, texts)| Message { description, name: Some(name), texts })
        .boxed()
}

fn phrases(is_behind_number: bool) -> BoxedStrategy<Vec<Phrase>> {
    let phrase = (word(), atoms(&["grant", "sms", "consent", "purchase", "nothing", "recency"]))
        .prop_map(move |(first, mut atoms)| {
            if is_behind_number && matches!(atoms[0].value, Atom::Quantity(_)) {
                atoms.insert(0, node(Atom::Word(first)));
            }
            node(atoms)
        });
    vec(phrase, 1..4).boxed()
}

fn test_line() -> BoxedStrategy<TestLine> {
    prop_oneof![
        name().prop_map(TestLine::Chain),
        phrases(false).prop_map(TestLine::Given),
        (quantity().prop_map(node), some(quantity()), some(Just(())), phrases(true))
            .prop_map(|(day, at, expect, phrases)| TestLine::Day { day, at, expect, phrases }),
    ]
    .boxed()
}

fn declaration() -> BoxedStrategy<Declaration> {
    let items = |place| vec(settings(place).prop_map(node), 0..5);
    let of_experiment =
        prop_oneof![settings(Place::Experiment), chain(Place::Chain).prop_map(Item::Chain),];
    prop_oneof![
        chain(Place::Chain).prop_map(Declaration::Chain),
        (description(), flow())
            .prop_map(|(description, flow)| { Declaration::Flow(Flow { description, ..flow }) }),
        (description(), name(), condition().prop_map(node), some(date())).prop_map(
            |(description, name, condition, frozen)| {
                Declaration::Segment(Segment { description, name, condition, frozen })
            }
        ),
        message().prop_map(Declaration::Message),
        items(Place::Policy)
            .prop_map(|items| Declaration::Policy(Policy { keyword: node(()), items })),
        (description(), name(), some(text()), items(Place::Brand)).prop_map(
            |(description, name, title, items)| {
                let (name, items) = (Some(name), Some(items));
                Declaration::Brand(Brand { description, name, title, items })
            }
        ),
        (description(), name(), some(text()), vec(of_experiment.prop_map(node), 0..4)).prop_map(
            |(description, name, title, items)| {
                let (name, items) = (Some(name), Some(items));
                Declaration::Experiment(Experiment { description, name, title, items })
            }
        ),
        (text(), vec(test_line().prop_map(node), 0..5)).prop_map(|(title, lines)| {
            let (title, lines) = (Some(node(title)), Some(lines));
            Declaration::Test(TestBlock { keyword: node(()), title, lines })
        }),
    ]
    .boxed()
}
