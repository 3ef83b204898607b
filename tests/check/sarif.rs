//! SARIF: valid by the standard's own schema, and true to the text.

use crate::support::Project;
use serde_json::Value;
use std::path::Path;

/// Returns the log of a project, checked against the schema.
#[track_caller]
fn log(project: &Project, arguments: &[&str]) -> Value {
    let done = project.chainc(&[&["check", "--format", "sarif"], arguments].concat());
    let log = done.json();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sarif/sarif-schema-2.1.0.json");
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    let index = compiler.compile(schema.to_str().unwrap(), &mut schemas).unwrap();
    if let Err(error) = schemas.validate(&log, index) {
        unreachable!("not valid SARIF: {error:#}\n{log:#}");
    }
    log
}

#[test]
fn every_log_is_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let text = std::fs::read_to_string(root.join("many-slips.chain")).unwrap();
    let project = Project::with(&[("many slips %.chain", &text)]);
    project.write("bad.chain", b"segment recency 60..89 -> sms off\xe9r\n");
    for lang in ["en", "ru"] {
        let log = log(&project, &["--lang", lang]);
        assert_eq!(log["runs"][0]["language"], lang);
        assert!(log["runs"][0]["results"].as_array().unwrap().len() > 15);
    }
    let clean = Project::with(&[("a.chain", "# nothing\n")]);
    assert_eq!(log(&clean, &[])["runs"][0]["results"], Value::Array(Vec::new()));
}

#[test]
fn a_schema_that_takes_everything_would_be_noticed() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sarif/sarif-schema-2.1.0.json");
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    let index = compiler.compile(schema.to_str().unwrap(), &mut schemas).unwrap();
    let project = Project::with(&[("a.chain", "segment recency 1..2 → sms offer\n")]);
    let mut log = log(&project, &[]);
    log["runs"][0]["results"][0]["level"] = "severe".into();
    assert!(schemas.validate(&log, index).is_err());
}

#[test]
fn a_result_has_its_rule_its_place_and_the_places_that_belong_to_it() {
    let project = Project::with(&[
        ("a.chain", "message offer { sms \"a\" }\nsegment recency 1..2 -> sms offer\n"),
        ("b.chain", "message offer { sms \"b\" }\n"),
    ]);
    let log = log(&project, &[]);
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let result = results.iter().find(|result| result["ruleId"] == "E0202").unwrap();
    let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!((&rule["id"], &rule["name"]), (&"E0202".into(), &"duplicate-name".into()));
    assert!(rule["help"]["text"].as_str().unwrap().starts_with("E0202 duplicate-name\n\n"));
    let page = rule["help"]["markdown"].as_str().unwrap();
    assert!(page.contains("\n```chain\n") && !page.contains("```chain "), "{page}");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "b.chain");
    assert_eq!(place["region"]["startColumn"], 9);
    let related = &result["relatedLocations"][0];
    assert_eq!(related["physicalLocation"]["artifactLocation"]["uri"], "a.chain");
    assert!(!related["message"]["text"].as_str().unwrap().is_empty());
}

/// Takes the fixes of a log as an editor would: by lines, and columns in UTF-16.
fn repaired(text: &str, log: &Value) -> String {
    let mut units: Vec<u16> = text.encode_utf16().collect();
    let offset = |units: &[u16], region: &Value, side: &str| {
        let number = |name: String| region[name].as_u64().unwrap() as usize;
        let line = number(format!("{side}Line"));
        let mut starts = vec![0];
        starts.extend((1..=units.len()).filter(|at| units[at - 1] == u16::from(b'\n')));
        starts[line - 1] + number(format!("{side}Column")) - 1
    };
    let results = log["runs"][0]["results"].as_array().unwrap();
    let fixes = results.iter().filter_map(|result| result.get("fixes"));
    let mut edits: Vec<(usize, usize, Vec<u16>)> = fixes
        .flat_map(|fixes| fixes[0]["artifactChanges"][0]["replacements"].as_array().unwrap())
        .map(|edit| {
            let region = &edit["deletedRegion"];
            let new = edit.pointer("/insertedContent/text").map_or("", |t| t.as_str().unwrap());
            let new = new.encode_utf16().collect();
            (offset(&units, region, "start"), offset(&units, region, "end"), new)
        })
        .collect();
    edits.sort();
    for (start, end, new) in edits.into_iter().rev() {
        units.splice(start..end, new);
    }
    String::from_utf16(&units).unwrap()
}

#[test]
fn fixes_lead_to_the_same_text_as_our_own() {
    let text = "\
message offer { sms \"🎁🎁 подарок\" } # 🎁
chain a \"🎁🎁\" { segment recency 60–89 → grant 1 000 → sмs offer }
chain b { segment recency 60..89 sms offer } # 🎁
";
    let project = Project::with(&[("a.chain", text)]);
    let log = log(&project, &[]);
    assert_eq!(log["runs"][0]["columnKind"], "utf16CodeUnits");
    let theirs = repaired(text, &log);
    project.chainc(&["check", "--fix", "--unsafe-fixes"]);
    assert_ne!(theirs, text);
    assert_eq!(theirs, project.read("a.chain"));
}
