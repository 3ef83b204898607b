//! Text in, IR out: what programs mean, and what does not change it.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

use chainc_compiler::diagnostic::Lang;
use chainc_compiler::ir::{
    Action, Amount, AtLimit, Budget, Channel, Condition, Control, Delay, Entry, Event, Piece,
    Placeholder, Text, Window,
};
use chainc_compiler::units::{BasisPoints, Minor, Period, Points, Test};
use chainc_compiler::{Compiled, Settings, SourceFile, body_files, compile, ir};
use std::collections::BTreeMap;

fn project(files: &[(&str, &str)]) -> Compiled {
    let files: Vec<SourceFile> = files
        .iter()
        .map(|(path, text)| SourceFile { path: (*path).to_owned(), text: (*text).to_owned() })
        .collect();
    compile(&files, &BTreeMap::new(), &Settings::default())
}

fn program(text: &str) -> ir::Program {
    let compiled = project(&[("shop/back.chain", text)]);
    compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics))
}

fn slugs(compiled: &Compiled) -> Vec<&'static str> {
    compiled.diagnostics.iter().map(|found| found.slug()).collect()
}

#[test]
fn the_seed_line_is_a_whole_program() {
    let text = "segment recency 60..89 -> grant 300 -> sms offer -> wait 3d unless purchase \
                -> push reminder -> fallback email";
    let program = program(text);
    let chain = &program.chains[0];
    assert_eq!(chain.name, "back");
    assert_eq!(chain.version.len(), 16);
    assert_eq!(chain.audience, Condition::Recency(Test::Between(60, 89)));
    assert_eq!(chain.entry, Entry::Once);
    let texts: Vec<_> =
        chain.steps.iter().map(|step| (step.id.as_str(), step.text.as_str())).collect();
    assert_eq!(
        texts,
        [
            ("1", "grant 300"),
            ("2", "sms offer"),
            ("3", "wait 3d unless purchase"),
            ("4", "push reminder"),
            ("5", "fallback email"),
        ]
    );
    assert_eq!(
        chain.steps[2].action,
        Action::Wait { delay: Delay::For(Period::Days(3)), unless: vec![Event::Purchase] }
    );
    let resent =
        Action::Fallback { channel: Channel::Email, message: "reminder".to_owned(), within: None };
    assert_eq!(chain.steps[4].action, resent);
    let offer = &chain.messages["offer"];
    assert!(offer.draft);
    let text = vec![Piece::Text("[offer] ".to_owned()), Piece::Value(Placeholder::GrantPoints)];
    assert_eq!(offer.texts[&Channel::Sms], Text::Sms { text });
    assert_eq!(chain.messages["reminder"].texts.len(), 2);
}

#[test]
fn settings_have_their_types() {
    let program = program(
        "chain a {\n control 2.5%\n goal purchase >= 2_000.50 RUB within 2w\n\
         reenter after 36h at most 3 times\n budget 1_000 points\n budget 60_000 RUB on sms\n\
         segment tag a -> grant by recency { 30..59: 100\n 60: 2_000 } expires 30d -> sms m\n}",
    );
    let chain = &program.chains[0];
    assert_eq!(chain.control, Some(Control::Share(BasisPoints(250))));
    let goal = chain.goal.as_ref().unwrap();
    assert_eq!((goal.at_least, goal.within), (Some(Minor(200_050)), Period::Days(14)));
    let after = Period::Seconds(36 * 3600);
    assert_eq!(chain.entry, Entry::Again { after, at_most: Some(3) });
    let limit = Minor(6_000_000);
    assert_eq!(
        chain.budgets,
        [
            Budget::Points { limit: Points(1_000), then: AtLimit::End },
            Budget::Money { limit, on: Some(Channel::Sms), then: AtLimit::Skip }
        ]
    );
    assert_eq!(chain.steps[0].text, "grant by recency { 30..59: 100, 60: 2_000 } expires 30d");
    let Action::Grant { amount: Amount::ByRecency(bands), .. } = &chain.steps[0].action else {
        panic!("{:?}", chain.steps[0])
    };
    assert_eq!((bands[1].from, bands[1].to), (60, 60));
}

#[test]
fn segments_stand_in_place_of_their_names_across_files() {
    let files = [
        ("a.chain", "segment sleeping and not staff -> sms m"),
        ("b.chain", "segment staff = tag staff or tag \"the boss\""),
        ("c.chain", "segment sleeping = recency 60..89 and frequency < 1 per 36d"),
    ];
    let compiled = project(&files);
    let program = compiled.program.unwrap();
    let staff = Condition::Any(vec![
        Condition::Tag("staff".to_owned()),
        Condition::Tag("the boss".to_owned()),
    ]);
    let expected = Condition::All(vec![
        Condition::Recency(Test::Between(60, 89)),
        Condition::Frequency { test: Test::Below(1), window: Window::Per(Period::Days(36)) },
        Condition::Not(Box::new(staff)),
    ]);
    assert_eq!(program.chains[0].audience, expected);
}

#[test]
fn a_name_declared_in_two_files_shows_both() {
    let compiled = project(&[
        ("a.chain", "segment s = tag a\nsegment s -> sms m"),
        ("b.chain", "\nsegment s = tag b"),
    ]);
    let found: Vec<_> = compiled.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert_eq!(found.len(), 1);
    let labels: Vec<_> =
        found[0].labels(Lang::En).iter().map(|label| label.place.path.to_string()).collect();
    assert_eq!(labels, ["b.chain", "a.chain"]);
}

#[test]
fn a_version_is_the_meaning_and_not_the_layout() {
    let version = |text: &str| program(text).chains[0].version.clone();
    let one = version(
        "chain a {\n enter once\n control 10%\n goal purchase within 14d\n segment tag a -> sms m\n}",
    );
    let other = version(
        "## Described.\nchain a \"Titled\" { goal purchase within 2w control 10% # a note\n\
         segment (tag a)\n\n  -> sms m }",
    );
    assert_eq!(one, other);
    assert_ne!(
        one,
        version("chain a {\n control 10%\n goal purchase within 14d\n segment tag b -> sms m\n}")
    );
}

#[test]
fn the_policy_wins_over_the_settings_of_the_project() {
    let settings =
        Settings { timezone: Some("Europe/Moscow".to_owned()), currency: Some("KZT".to_owned()) };
    let compiled = |text: &str| {
        let file = SourceFile { path: "a.chain".to_owned(), text: text.to_owned() };
        compile(&[file], &BTreeMap::new(), &settings).program.unwrap().policy
    };
    let policy = compiled("segment spent >= 5 KZT -> sms m");
    assert_eq!((policy.timezone.as_str(), policy.currency.code.as_str()), ("Europe/Moscow", "KZT"));
    let policy =
        compiled("policy { timezone \"Asia/Omsk\" currency RUB }\nsegment spent >= 5 RUB -> sms m");
    assert_eq!((policy.timezone.as_str(), policy.currency.code.as_str()), ("Asia/Omsk", "RUB"));
}

#[test]
fn bodies_come_from_their_files_and_html_keeps_its_own_braces() {
    let file = SourceFile {
        path: "a.chain".to_owned(),
        text: "message m { email subject \"s\" body file \"mail/m.html\" }\n\
               segment tag a -> grant 5 -> email m"
            .to_owned(),
    };
    assert_eq!(body_files(std::slice::from_ref(&file)), ["mail/m.html"]);
    let html = "<style>p { color: red } @media{p{margin:0}}</style>{grant.points}\
                {{grant.points}}{link}{{link}}{other}";
    let bodies = BTreeMap::from([("mail/m.html".to_owned(), html.to_owned())]);
    let compiled = compile(&[file], &bodies, &Settings::default());
    let program = compiled.program.unwrap();
    let Text::Email { body, html, .. } = &program.chains[0].messages["m"].texts[&Channel::Email]
    else {
        panic!("not an e-mail")
    };
    assert!(html);
    let style = "<style>p { color: red } @media{p{margin:0}}</style>".to_owned();
    let points = Piece::Value(Placeholder::GrantPoints);
    let literal = Piece::Text("{grant.points}".to_owned());
    let link = Piece::Value(Placeholder::Link);
    let rest = Piece::Text("{link}{other}".to_owned());
    assert_eq!(body, &[Piece::Text(style), points, literal, link, rest]);
}

#[test]
fn nothing_is_reported_as_a_consequence() {
    let one = |text: &str, slug: &str| {
        let found = slugs(&project(&[("a.chain", text)]));
        assert_eq!(found, [slug], "{text}");
    };
    let message = "message m { sms \"{grant.points}\" }\n";
    // What could not be read may have declared the name, granted, or sent.
    one("mesage m { sms \"x\" }\nsegment tag a -> sms m", "unknown-word");
    one(&format!("{message}segment tag a -> gront 300 -> sms m"), "unknown-word");
    one(
        &format!("{message}segment tag a -> grant 300 -> telegram m -> fallback sms"),
        "unknown-word",
    );
    one(
        &format!("{message}segment s = recncy 1..2\nsegment s -> grant 3 -> sms m"),
        "unknown-word",
    );
    one(
        &format!("{message}segment s = s2\nsegment s2 = s\nsegment s -> grant 3 -> sms m"),
        "segment-cycle",
    );
    one("message m { sms \"x }\nsegment tag a -> sms m", "unclosed-text");
    one(
        "policy { currency RUR }\nmessage m { sms \"x\" }\nsegment spent > 5 KZT -> sms m",
        "unknown-currency",
    );
}
