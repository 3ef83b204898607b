//! `chainc why`: what happened to a customer, told as `tests/why` has it in both languages.
//!
//! `UPDATE=1 cargo test --test run why` writes them anew; read every change.

use crate::replay;
use crate::support::Project;
use std::path::Path;

const CHAINS: &str = r#"policy {
  timezone "Asia/Yekaterinburg"
  quiet 21:00..10:00
  cap 2 messages per 7d
  cap 150 points per 90d
  price sms 4.20 RUB
}

segment cooling  = recency 30..59
segment sleeping = recency 60..89

message offer {
  sms   "{customer.first_name}: {grant.points}"
  email subject "{grant.points}" body "Come in"
}
message reminder {
  push  title "Soon gone" body "Come in"
  email subject "Soon gone" body "Come in"
}
message raised { push title "More back" body "{cashback.rate}" }
message gift   { sms "{promo.code}" }

chain winback "Win back lapsed buyers" {
  goal purchase within 30d
  control 10%
  budget 600_000 points
  budget 60_000 RUB on sms
  reenter after 120d
  exclusive back priority 10

  segment cooling or sleeping
    -> grant by recency { 30..59: 100, 60..89: 300 } expires 30d
    -> sms offer
    -> fallback email
    -> wait 3d unless purchase or clicked offer
    -> push reminder within 12h
    -> fallback email
    -> wait 2d
    -> if tag vip { cashback 20% for 7d up to 500 points -> push raised } else { promo codes expires 9d -> sms gift }
    -> split { soft 50% { tag soft } hard 50% { tag hard } }
    -> repeat weekly on tue at 12:00 max 2 { push reminder }
}

chain evening "In the evening" {
  schedule daily at 22:00
  exclusive back priority 5
  segment recency 60..89 or tag late -> sms hello -> wait until sat 11:00
}
message hello { sms "Hello" }
"#;

fn shop() -> Project {
    let project = Project::with(&[("chains.chain", CHAINS)]);
    project.imported(
        "customers",
        "customer_id,first_name,last_name,phone,email,push_token,timezone,consent_sms,consent_email,consent_push,registered_at,tags\n\
         buyer,Vera,,+12025550104,vera@example.com,card-4,,yes,yes,yes,2025-06-01,\n\
         refused,Olga,,+12025550102,olga@example.com,,Asia/Vladivostok,no,yes,yes,2025-06-01,\n\
         vip,Anna,Example,+12025550101,anna@example.com,card-1,,yes,yes,yes,2025-06-01,vip\n\
         late,Nina,,+12025550105,nina@example.com,card-5,,yes,yes,yes,2025-06-01,late\n\
         fresh,,,,,,,,,,,\n",
    );
    project.imported(
        "purchases",
        "customer_id,purchased_at,amount\n\
         buyer,2026-01-04T12:00:00,2900\nbuyer,2026-02-04T18:22:00,1250\n\
         refused,2026-01-04T12:00:00,2900.50\nvip,2026-01-04T12:00:00,1900\n\
         late,2026-02-01T12:00:00,700\nfresh,2026-01-20T12:00:00,1900\n",
    );
    project.imported("promo", "pool,code\ncodes,SPRING-1\ncodes,SPRING-2\n");
    project
}

/// Compares what is told with what was recorded, or records it.
#[track_caller]
fn recorded(project: &Project, name: &str, arguments: &[&str]) {
    for lang in ["en", "ru"] {
        let told = project.chainc(&[&["why"], arguments, &["--lang", lang]].concat()).succeeded();
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/why/{name}.{lang}.txt"));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&file, &told.stdout).expect("the record is written");
        }
        let wanted = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(told.stdout, wanted, "{name} in {lang}");
        let wide = told.stdout.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{name} in {lang}");
    }
}

#[test]
fn what_happened_is_told_in_both_languages() {
    let project = shop();
    replay(&project, "2026-02-01..2026-02-06");
    recorded(&project, "bought", &["buyer"]);
    recorded(&project, "refused-sms", &["refused"]);
    recorded(&project, "held-at-night", &["late", "evening"]);
    recorded(&project, "never-in-a-chain", &["fresh"]);
    replay(&project, "2026-02-07..2026-02-12");
    recorded(&project, "all-the-way", &["vip", "winback"]);
    project.chainc(&["pause", "winback", "--by", "anna", "--reason", "wrong prices"]).succeeded();
    recorded(&project, "paused", &["refused", "winback"]);
    project.chainc(&["stop", "winback", "--by", "anna"]).succeeded();
    replay(&project, "2026-02-12..2026-02-13");
    recorded(&project, "stopped", &["refused", "winback"]);
}

#[test]
fn who_answered_who_waits_for_room_and_of_whom_nobody_knows_yet_is_told() {
    let chains = r#"policy { price sms 4.20 RUB }
message offer { sms "Hi" email subject "Hi" body "Come in" push title "Hi" body "Come in" }
message later { email subject "Still here" body "Come in" }
chain asks {
  budget 4.20 RUB on sms
  segment recency 5..5 -> sms offer -> fallback email -> wait 1d unless clicked offer
    -> push offer -> wait 3d unless purchase -> email later
}
chain gives {
  budget 100 points then hold
  segment recency 5..5 -> grant 100 expires 9d -> wait 2d
}
chain wants {
  segment frequency >= 2 in 30d and spent >= 5_000 RUB in 90d and consent email
    and churn >= 60% and reachable push -> email later
}
"#;
    let project = Project::with(&[
        ("chains.chain", chains),
        ("chainc.yaml", "sources: { tills: { grace: 2d, then: hold } }\n"),
    ]);
    project.imported(
        "customers",
        "customer_id,phone,email,push_token,consent_sms,consent_email,consent_push\n\
         1,+12025550101,c1@example.com,card-1,yes,yes,yes\n\
         2,+12025550102,c2@example.com,,yes,no,yes\n",
    );
    project.write(
        "purchases.csv",
        "customer_id,purchased_at,amount\n1,2026-01-10T12:00:00,10\n2,2026-01-10T12:00:00,20\n",
    );
    let complete = ["--source", "tills", "--watermark", "2026-01-17T00:00:00"];
    project
        .chainc(&[&["import", "purchases", "purchases.csv"], &complete[..]].concat())
        .succeeded();
    project.imported(
        "events",
        "customer_id,event,at,message\n1,opened,2026-01-15T11:00:00,offer\n\
         1,clicked,2026-01-15T12:00:00,offer\n",
    );
    replay(&project, "2026-01-14..2026-01-25");
    recorded(&project, "answered-and-held", &["1"]);
    recorded(&project, "undecided", &["2"]);
}

#[test]
fn machines_get_the_facts_with_their_sentences() {
    let project = shop();
    replay(&project, "2026-02-01..2026-02-06");
    let told = project.chainc(&["why", "refused", "--format", "json"]).succeeded().json();
    assert_eq!(told["customer_id"], "refused");
    assert_eq!(told["timezone"], "Asia/Vladivostok");
    let chain = &told["chains"][0];
    assert_eq!((&chain["name"], &chain["recency_days"]), (&"winback".into(), &30.into()));
    let events = chain["events"].as_array().unwrap();
    let skipped = events.iter().find(|event| event["what"] == "skipped").unwrap();
    assert_eq!((&skipped["step"], &skipped["detail"]), (&"2".into(), &"no consent".into()));
    assert_eq!(skipped["message"]["consent"]["granted"], false);
    assert_eq!(skipped["text"], "No SMS `offer`: she said no on 1 June 2025 (customer file).");
    assert_eq!(chain["now"]["phase"], "waiting");
    assert_eq!(chain["next"][0]["step"], "8");
    assert_eq!(told["points"][0]["points"], 100);
    let doors = told["not_in"].as_array().unwrap();
    assert_eq!(doors[0]["reason"], "excluded");
}

#[test]
fn a_customer_or_a_chain_that_is_none_is_told_with_the_likely_one() {
    let project = shop();
    let refused = project.chainc(&["why", "byer"]);
    assert!(refused.failed_with(2).contains("did you mean `buyer`?"), "{refused:?}");
    let refused = project.chainc(&["why", "vera@example.com"]);
    assert!(refused.failed_with(2).contains("did you mean `buyer`?"), "{refused:?}");
    let refused = project.chainc(&["why", "buyer", "winbak"]);
    assert!(refused.failed_with(2).contains("did you mean `winback`?"), "{refused:?}");
    project.chainc(&["erase", "buyer", "--yes"]).succeeded();
    let refused = project.chainc(&["why", "buyer"]);
    assert!(refused.failed_with(2).contains("was erased on"), "{refused:?}");
}
