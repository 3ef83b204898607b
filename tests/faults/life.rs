//! One life of a chainc process: started, watched, and ended by a signal or by itself.

use crate::support::Project;
use crate::truth::Truth;
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// How long anything may take before a test gives up; nothing is concluded from less.
const PATIENCE: Duration = Duration::from_secs(60);

/// A moment in a life, told by what has been done.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    /// The provider has taken so many mails more.
    Taken(u64),
    /// The store's write-ahead log was seen to change so many times.
    Written(u64),
    /// So long after the start: while it starts, or imports.
    After(Duration),
    /// None: the life goes on until it ends, or until there is nothing left to do.
    Never,
}

/// What ended the waiting for a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Came {
    /// The moment.
    Moment,
    /// The end of the process, with its exit code (-1: a signal) and its last words.
    End(i32, String),
    /// There is nothing left to wait for.
    Nothing,
}

/// A process under way; killed with the test if it is still there then.
pub(crate) struct Life {
    child: Child,
    started: Instant,
    said: PathBuf,
}

impl Life {
    /// Starts a command of a project. What it says goes into a file of that name.
    pub(crate) fn start(project: &Project, mut command: Command, said: &str) -> Self {
        let said = project.path(said);
        let words = File::create(&said).expect("a file for its words");
        let child = command.stdout(Stdio::null()).stderr(words).spawn().expect("chainc starts");
        Self { child, started: Instant::now(), said }
    }

    /// Waits for a moment. In between it looks now and then whether there is anything left to
    /// wait for.
    pub(crate) fn until(
        &mut self,
        when: When,
        store: &Path,
        truth: &mut Truth,
        is_over: &mut dyn FnMut(&Path) -> bool,
    ) -> Came {
        let taken = truth.read_on();
        let (mut written, mut writes) = (log(store), 0);
        let began = Instant::now();
        let mut looked = Instant::now();
        loop {
            let come = match when {
                When::Taken(more) => {
                    let goal = taken + usize::try_from(more).expect("a few");
                    truth.read_on() >= goal
                }
                When::Written(times) => {
                    let log = log(store);
                    writes += u64::from(log != written);
                    written = log;
                    writes >= times
                }
                When::After(life) => self.started.elapsed() >= life,
                When::Never => false,
            };
            if come {
                return Came::Moment;
            }
            if let Some(code) = self.ended() {
                return Came::End(code, self.words());
            }
            if looked.elapsed() > Duration::from_millis(40) {
                looked = Instant::now();
                if is_over(store) {
                    return Came::Nothing;
                }
            }
            assert!(began.elapsed() < PATIENCE, "nothing happens: {when:?}: {}", self.words());
            std::thread::sleep(Duration::from_micros(300));
        }
    }

    /// Returns its exit code if it has ended; -1 if a signal ended it.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        let status = self.child.try_wait().expect("the state of a child");
        status.map(|status| status.code().unwrap_or(-1))
    }

    /// Waits for its end; returns its exit code and its last words.
    #[track_caller]
    pub(crate) fn end(mut self) -> (i32, String) {
        let began = Instant::now();
        loop {
            if let Some(code) = self.ended() {
                return (code, self.words());
            }
            assert!(began.elapsed() < PATIENCE, "it does not end: {}", self.words());
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until it has said something.
    #[track_caller]
    pub(crate) fn says(&mut self, words: &str) {
        let began = Instant::now();
        while !self.words().contains(words) {
            assert!(self.ended().is_none() && began.elapsed() < PATIENCE, "{}", self.words());
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Kills it (SIGKILL); true if it was there to be killed.
    pub(crate) fn kill(mut self) -> bool {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("it ends").code().is_none()
    }

    /// Sends it a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status();
        assert!(sent.expect("kill is there").success(), "it is gone: {}", self.words());
    }

    fn words(&self) -> String {
        std::fs::read_to_string(&self.said).unwrap_or_default()
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits a moment that is too short to count on and long enough to get somewhere else.
pub(crate) fn a_moment(micros: u64) {
    std::thread::sleep(Duration::from_micros(micros));
}

fn log(store: &Path) -> Option<(u64, SystemTime)> {
    let path = format!("{}-wal", store.display());
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.len(), meta.modified().ok()?))
}

/// Asks a store by looking only: neither is the write-ahead log brought home, nor is it taken
/// away at the end, so that the next chainc finds what the last one left. `None` where there is
/// no store, or not yet the tables that are asked.
///
/// Others may be opening or closing the store at this moment; it is asked until it answers.
#[track_caller]
pub(crate) fn ask<T>(
    store: &Path,
    question: impl Fn(&Connection) -> rusqlite::Result<T>,
) -> Option<T> {
    let began = Instant::now();
    loop {
        if !store.exists() {
            return None;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let asked = Connection::open_with_flags(store, flags).and_then(|connection| {
            connection.busy_timeout(Duration::from_secs(5))?;
            question(&connection)
        });
        match asked {
            Ok(answer) => return Some(answer),
            Err(error) if error.to_string().contains("no such table") => return None,
            Err(error) => {
                assert!(began.elapsed() < PATIENCE, "{} does not answer: {error}", store.display());
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

/// Returns the keys that a query finds; none where there is no such table yet.
#[track_caller]
pub(crate) fn keys(store: &Path, sql: &str) -> Vec<String> {
    let found = ask(store, |connection| {
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()
    });
    found.unwrap_or_default()
}

const IN_FLIGHT: &str =
    "SELECT effect_key FROM outbox WHERE state = 'in_flight' AND channel = 'email'";

/// Returns the keys of the mails that are on their way, as far as the store knows.
pub(crate) fn in_flight(store: &Path) -> Vec<String> {
    keys(store, IN_FLIGHT)
}

/// Returns the keys of the mails that the next process may find on their way.
///
/// A process that is killed while it waits for the disk may have written its last transaction
/// and not have said so to the others that are at the store. As long as they are, the transaction
/// is not there; it is when they are gone, unless one of them has written over it. A copy of the
/// files shows it.
pub(crate) fn in_flight_in_a_copy(store: &Path, copy: &Path) -> Vec<String> {
    let log = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
    let copied = std::fs::copy(store, copy).and_then(|_| std::fs::copy(log(store), log(copy)));
    // Somebody may be writing while it is copied: then nothing can be read from it.
    let found = copied.ok().and_then(|_| {
        let connection = Connection::open(copy).ok()?;
        let mut statement = connection.prepare(IN_FLIGHT).ok()?;
        let rows = statement.query_map([], |row| row.get(0)).ok()?;
        rows.collect::<Result<_, _>>().ok()
    });
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", copy.display()));
    }
    found.unwrap_or_default()
}
