//! The wall clock: once, as a service, and beside other processes.

use crate::support::{Done, Project, days_ago};
use crate::{buy, say, shop};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const CHAINS: &str =
    "segment recency 60..89 -> sms offer -> wait 3d unless purchase -> sms reminder\n";

fn live_shop() -> Project {
    let project = shop(CHAINS, "1,,yes\n2,,yes\n3,,no\n");
    let seventy = days_ago(70);
    buy(&project, &format!("1,{seventy},5\n2,{seventy},5\n3,{seventy},5\n2,{},5\n", days_ago(1)));
    project
}

/// A `chainc run` under way; killed with the test if it is still there then.
struct Service {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    heard: String,
}

impl Service {
    /// Starts it and waits until it says that it runs.
    fn start(project: &Project) -> Self {
        let mut command = project.command(&["run", ".", "--format", "json"]);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let stderr = BufReader::new(child.stderr.take().expect("just piped"));
        let mut service = Self { child, stderr, heard: String::new() };
        while !service.heard.contains("running") {
            let read = service.stderr.read_line(&mut service.heard).expect("its words");
            assert!(read > 0, "it ended before it ran: {}", service.heard);
        }
        service
    }

    /// Asks it to stop as the system does; returns what it came to, and how long that took.
    fn stop(mut self) -> (Done, Duration) {
        let started = Instant::now();
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().expect("kill");
        assert!(sent.success());
        while self.child.try_wait().expect("its state").is_none() {
            assert!(started.elapsed() < Duration::from_secs(10), "it does not stop");
            std::thread::sleep(Duration::from_millis(10));
        }
        let took = started.elapsed();
        let mut stdout = String::new();
        self.stderr.read_to_string(&mut self.heard).expect("its last words");
        let mut out = self.child.stdout.take().expect("piped");
        out.read_to_string(&mut stdout).expect("its numbers");
        let status = self.child.wait().expect("it ends");
        let code = status.code().unwrap_or(-1);
        (Done { code, stdout, stderr: std::mem::take(&mut self.heard) }, took)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for something that another process is about to do.
#[track_caller]
fn eventually(what: &str, mut is: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is() {
        assert!(started.elapsed() < Duration::from_secs(10), "still not: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn once_does_what_is_due_and_a_second_time_nothing() {
    let project = live_shop();
    let done = project.chainc(&["run", ".", "--once", "--format", "json"]).succeeded();
    assert_eq!(done.json()["chains"][0]["entered"], 2);
    let sent = project.messages();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["customer_id"], "1");
    let outside_the_clock = |project: &Project| -> Vec<String> {
        let all = project.store().dump();
        all.into_iter().filter(|row| !row.starts_with("run_state: clock")).collect()
    };
    let before = outside_the_clock(&project);
    let again = project.chainc(&["run", ".", "--once", "--format", "json"]).succeeded();
    assert_eq!(again.json(), done.json());
    assert_eq!(outside_the_clock(&project), before);
    assert_eq!(project.messages(), sent);
}

#[test]
fn a_service_stops_cleanly_when_it_is_asked_to() {
    let project = live_shop();
    let service = Service::start(&project);
    let (done, took) = service.stop();
    assert_eq!(done.code, 0, "{done:?}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(done.stderr.contains("stopped as asked"), "{done:?}");
    assert_eq!(done.json()["chains"][0]["name"], "chains");
    // What it has not come to, the next run does.
    project.chainc(&["run", ".", "--once"]).succeeded();
    assert_eq!(project.messages().len(), 1);
}

#[test]
fn a_second_run_on_the_same_store_is_refused_and_the_first_goes_on() {
    let project = live_shop();
    let service = Service::start(&project);
    for mode in [&["--once"][..], &[], &["--replay", "2026-01-01..2026-01-02"]] {
        let failed = project.chainc(&[&["run", "."], mode].concat());
        assert!(failed.failed_with(3).contains("another `chainc run`"), "{failed:?}");
    }
    let (done, _) = service.stop();
    assert_eq!(done.code, 0, "{done:?}");
    project.chainc(&["run", ".", "--once"]).succeeded();
}

#[test]
fn a_purchase_that_another_process_imports_ends_the_chain_of_a_waiting_service() {
    let project = live_shop();
    let service = Service::start(&project);
    let phase = "SELECT phase FROM enrolment WHERE customer_id = '1'";
    eventually("1 waits", || project.store().rows(phase) == ["waiting"]);
    let now = rusqlite::Connection::open_in_memory()
        .and_then(|memory| {
            memory.query_row("SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')", [], |row| {
                row.get::<_, String>(0)
            })
        })
        .unwrap();
    buy(&project, &format!("1,{now},25\n"));
    let ended = "SELECT ended FROM enrolment WHERE customer_id = '1'";
    eventually("1 has left by buying", || project.store().rows(ended) == ["purchased"]);
    let (done, _) = service.stop();
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(done.json()["chains"][0]["ended"]["purchased"], 1);
}

#[test]
fn a_running_service_obeys_pause_and_resume() {
    let project = live_shop();
    let service = Service::start(&project);
    let phase = "SELECT phase FROM enrolment WHERE customer_id = '1'";
    eventually("1 waits", || project.store().rows(phase) == ["waiting"]);
    project.chainc(&["pause", "chains"]).succeeded();
    // Due now, as if three days had gone by.
    project.set_apart("1");
    let shift = "UPDATE cohort SET due_at = 1 \
        WHERE number = (SELECT cohort FROM enrolment WHERE customer_id = '1')";
    project.change(shift);
    let parked = "SELECT parked_at FROM enrolment WHERE customer_id = '1'";
    eventually("1 is parked", || project.store().rows(parked) == ["1"]);
    assert_eq!(project.messages().len(), 1);
    let asked = Instant::now();
    project.chainc(&["resume", "chains"]).succeeded();
    eventually("1 is reminded", || project.messages().len() == 2);
    assert!(asked.elapsed() < Duration::from_millis(1500), "{:?}", asked.elapsed());
    project.chainc(&["stop", "chains"]).succeeded();
    let left = "SELECT count(*) FROM stopping";
    eventually("the chain is stopped", || project.store().number(left) == 0);
    let (done, _) = service.stop();
    assert_eq!(done.json()["chains"][0]["ended"]["completed"], 1);
    // 3 never said yes, so nothing is sent to her, and she waits.
    assert_eq!(done.json()["chains"][0]["ended"]["stopped"], 1, "{done:?}");
}

#[test]
fn a_customer_is_erased_beside_a_running_service_and_the_others_go_on() {
    let project = live_shop();
    let service = Service::start(&project);
    let waiting = "SELECT count(*) FROM enrolment WHERE phase = 'waiting'";
    eventually("1 and 3 wait", || project.store().number(waiting) == 2);
    project.chainc(&["erase", "1", "--yes"]).succeeded().says("1 chain ended for her");
    let bytes = [project.path("chainc.db"), project.path("chainc.db-wal")];
    let holds = |word: &str| {
        let files = bytes.iter().filter_map(|file| std::fs::read(file).ok());
        files.into_iter().any(|file| file.windows(word.len()).any(|part| part == word.as_bytes()))
    };
    assert!(!holds("c1@example.com"));
    assert!(holds("c3@example.com"));
    // 3 agrees meanwhile, and three days go by.
    say(&project, "3,sms,yes,2026-01-01\n");
    project.change("UPDATE cohort SET due_at = 1");
    eventually("3 is reminded", || project.messages().len() == 2);
    let (done, _) = service.stop();
    assert_eq!(done.code, 0, "{done:?}");
    let ended = &done.json()["chains"][0]["ended"];
    assert_eq!((&ended["erased"], &ended["completed"]), (&1.into(), &1.into()));
}

#[test]
fn a_live_store_refuses_a_replay_and_a_replay_refuses_to_go_live() {
    let (live, past) = (live_shop(), live_shop());
    let replay = ["run", ".", "--replay", "2026-01-01..2026-01-31"];
    let once = ["run", ".", "--once"];
    live.chainc(&once).succeeded();
    past.chainc(&replay).succeeded();
    for (project, arguments) in [
        (&live, &replay[..]),
        (&live, &[&replay[..], &["--fresh"]].concat()),
        (&past, &once),
        (&past, &["run", "."]),
    ] {
        let before = (project.store().dump(), project.messages());
        let failed = project.chainc(arguments);
        assert!(failed.failed_with(3).contains("needs a store of its own"), "{failed:?}");
        assert_eq!((project.store().dump(), project.messages()), before);
    }
}
