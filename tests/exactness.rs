//! The same facts give the same wallet and the same messages: undisturbed, killed again
//! and again, run twice, run in parts. The real binary on the deli's purchases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use support::{Folder, chainc, dump};

/// The replay that is disturbed: enough for every step of every chain.
const RANGE: &str = "2017-07-01..2017-09-15";

fn deli() -> Folder {
    example("deli")
}

fn example(name: &str) -> Folder {
    let folder = Folder::new();
    folder.copy(&format!("examples/{name}"));
    folder
}

fn replay(folder: &Folder, range: &str) -> String {
    let output = chainc(&["run", folder.str(), "--replay", range, "--format", "json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Everything the run has written: every table, and the messages byte for byte.
fn everything(folder: &Folder) -> (String, Vec<u8>) {
    (dump(&named(folder, ".db")), std::fs::read(named(folder, ".messages.jsonl")).unwrap())
}

/// The one file of a folder with such an end.
fn named(folder: &Folder, end: &str) -> PathBuf {
    let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let mut found = files.filter(|path| path.to_string_lossy().ends_with(end));
    found.next().unwrap_or_else(|| folder.path().join(end))
}

fn assert_same(one: &Folder, other: &Folder) {
    let ((one, one_messages), (other, other_messages)) = (everything(one), everything(other));
    for (line, (left, right)) in one.lines().zip(other.lines()).enumerate() {
        assert_eq!(left, right, "the stores differ in line {line} of their dumps");
    }
    assert_eq!(one.len(), other.len(), "one store has more rows");
    let lines = |bytes: &[u8]| -> Vec<String> {
        bytes
            .split(|byte| *byte == b'\n')
            .map(|l| String::from_utf8_lossy(l).into_owned())
            .collect()
    };
    for (n, (left, right)) in lines(&one_messages).iter().zip(lines(&other_messages)).enumerate() {
        assert_eq!(left, &right, "the messages differ in line {n}");
    }
    assert!(one_messages == other_messages, "one has more messages");
    assert!(one.contains("outbox") && one.contains("wallet_entry") && one_messages.len() > 10_000);
}

#[test]
fn killed_at_any_moment_it_grants_and_sends_the_same() {
    let disturbed = deli();
    same_after_kills(&deli(), &disturbed, RANGE);
}

/// Cashbacks that begin and end, rounds, frozen lists, a budget that runs out.
#[test]
fn killed_at_any_moment_it_earns_and_repeats_the_same() {
    let disturbed = example("quiet-churn");
    same_after_kills(&example("quiet-churn"), &disturbed, "2017-08-01..2017-09-30");
}

fn same_after_kills(undisturbed: &Folder, disturbed: &Folder, range: &str) {
    let summary = replay(undisturbed, range);
    let written = messages_written(undisturbed);
    let (mut kills, mut in_flight) = (0, 0);
    let mut dice = 0x9e37_79b9_u64;
    let mut roll = |limit: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % limit
    };
    loop {
        // Every fifth life ends by the clock, wherever it is: starting, importing, working.
        // The others end once they have sent a little more than the one before.
        let end = if kills % 5 == 4 {
            End::After(Duration::from_millis(roll(400)))
        } else {
            End::Written(messages_written(disturbed) + roll(written / 40))
        };
        if !killed_at(disturbed, range, end, Duration::from_micros(roll(3_000))) {
            break;
        }
        kills += 1;
        in_flight += i64::from(messages_in_flight(&named(disturbed, ".db")) > 0);
    }
    println!("{kills} kills, {in_flight} of them with messages on their way");
    assert!(kills >= 30, "only {kills} kills");
    assert!(in_flight > 0, "no kill met a message on its way");
    assert_same(undisturbed, disturbed);
    assert_eq!(summary, replay(disturbed, range));
}

/// When a life ends.
enum End {
    After(Duration),
    Written(u64),
}

/// Runs the replay and kills it at its end and a moment; false if it was done before.
fn killed_at(folder: &Folder, range: &str, end: End, moment: Duration) -> bool {
    let mut child = support::command(&["run", folder.str(), "--replay", range])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    loop {
        let over = match end {
            End::After(life) => started.elapsed() >= life,
            End::Written(bytes) => messages_written(folder) > bytes,
        };
        if over {
            break;
        }
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "a restarted replay failed: {status}");
            return false;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    std::thread::sleep(moment);
    child.kill().unwrap(); // SIGKILL
    // It may have come to its end in that moment.
    !child.wait().unwrap().success()
}

fn messages_written(folder: &Folder) -> u64 {
    std::fs::metadata(named(folder, ".messages.jsonl")).map_or(0, |meta| meta.len())
}

fn messages_in_flight(store: &Path) -> i64 {
    let Ok(connection) = rusqlite::Connection::open(store) else { return 0 };
    let count = "SELECT count(*) FROM outbox WHERE state = 'in_flight'";
    connection.query_row(count, [], |row| row.get(0)).unwrap_or(0)
}

#[test]
fn the_same_replay_twice_is_the_same() {
    let (one, other) = (deli(), deli());
    let range = "2017-07-01..2017-08-15";
    let summary = replay(&one, range);
    assert_eq!(summary, replay(&other, range));
    assert_same(&one, &other);
    assert_eq!(summary, replay(&one, range), "on the same store again");
    assert_same(&one, &other);
}

#[test]
fn a_replay_in_two_parts_is_the_same_as_in_one() {
    let (whole, parts) = (deli(), deli());
    let summary = replay(&whole, "2017-07-01..2017-09-15");
    replay(&parts, "2017-07-01..2017-08-03");
    assert_eq!(summary, replay(&parts, "2017-08-03..2017-09-15"));
    assert_same(&whole, &parts);
}

#[test]
fn a_replay_started_afresh_is_the_same() {
    let (whole, again) = (deli(), deli());
    replay(&whole, "2017-07-01..2017-07-31");
    replay(&again, "2017-03-01..2017-06-30");
    let output = chainc(&["run", again.str(), "--replay", "2017-07-01..2017-07-31", "--fresh"]);
    assert!(output.status.success());
    assert_same(&whole, &again);
}
