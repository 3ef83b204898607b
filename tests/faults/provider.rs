//! A mail provider in a process of its own: takes mail, notes it safely before it answers, and
//! misbehaves as its seed says.
//!
//! What it does to a mail depends on the seed, the address, and how often it was tried, so
//! that a run without faults meets the same misbehaviour. It ends with its standard input.

use crate::trial::hash;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

/// How long it waits for a word of its client before it hangs up.
pub(crate) const PATIENCE: Duration = Duration::from_millis(400);

const ASKED: &str = "FAULTS_PROVIDER";

/// The provider's process, seen from the test; gone with it.
pub(crate) struct Provider {
    child: Child,
    port: u16,
    truth: PathBuf,
}

impl Provider {
    /// Starts one that writes what it knows to a file.
    pub(crate) fn start(seed: u64, truth: PathBuf) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this test's own binary"))
            .args(["--exact", "the_provider", "--ignored", "--nocapture"])
            .env(ASKED, format!("{seed} {}", truth.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the provider starts");
        let said = BufReader::new(child.stdout.take().expect("just piped"));
        let port = said.lines().find_map(|line| line.ok()?.strip_prefix("port ")?.parse().ok());
        Self { child, port: port.expect("the provider says its port"), truth }
    }

    /// Returns a `chainc.yaml` whose mail goes to it.
    pub(crate) fn settings(&self) -> String {
        format!(
            "channels:\n  email:\n    type: smtp\n    host: 127.0.0.1\n    port: {}\n    \
             tls: none\n    from: Shop <shop@example.com>\n",
            self.port
        )
    }

    /// Returns where it writes what it knows.
    pub(crate) fn truth(&self) -> &Path {
        &self.truth
    }

    /// Panics unless it has lived through everything so far.
    pub(crate) fn assert_alive(&mut self) {
        assert!(self.child.try_wait().expect("its state").is_none(), "the provider has died");
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves until standard input ends, if this process was started for it.
pub(crate) fn serve_if_asked() {
    let Ok(asked) = std::env::var(ASKED) else { return };
    let (seed, truth) = asked.split_once(' ').expect("a seed and a path");
    let file = File::options().create(true).append(true).open(truth).expect("its notes");
    let notes = Notes {
        seed: seed.parse().expect("a seed"),
        file: Mutex::new(file),
        tries: Mutex::default(),
    };
    let notes = Arc::new(notes);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port of the loopback");
    println!("\nport {}", listener.local_addr().expect("its address").port());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let notes = Arc::clone(&notes);
            std::thread::spawn(move || {
                // A client that is gone, or too slow, ends the conversation.
                let _ = Conversation::with(&stream, &notes).hold();
            });
        }
    });
    // Whoever started this holds the other end, however it ends.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    std::process::exit(0);
}

/// What the provider keeps.
struct Notes {
    seed: u64,
    file: Mutex<File>,
    /// How often something was tried: a recipient, a key.
    tries: Mutex<HashMap<String, u64>>,
}

impl Notes {
    /// Writes a line and waits until it is on the disk.
    fn write(&self, mut line: serde_json::Value) {
        line["at"] = now().into();
        let mut file = self.file.lock().expect("no thread panics with it");
        file.write_all(format!("{line}\n").as_bytes()).expect("the provider's disk has room");
        file.sync_data().expect("the provider's disk works");
    }

    /// Counts one more try of something; returns a throw of 0..1000 for it.
    fn throw(&self, what: &str, of: &str) -> u64 {
        let mut tries = self.tries.lock().expect("no thread panics with it");
        let count = tries.entry(format!("{what} {of}")).or_default();
        *count += 1;
        hash(&[&self.seed.to_string(), what, of, &count.to_string()]) % 1_000
    }
}

/// Returns the milliseconds of the wall clock.
pub(crate) fn now() -> u64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().expect("a clock after 1970");
    u64::try_from(since.as_millis()).expect("a clock of this age")
}

/// What is done to a mail whose text has come whole.
enum Fate {
    /// Not taken for now.
    Decline,
    /// Taken, and never answered.
    Vanish,
    /// Taken, and answered after so long.
    Answer(Duration),
}

/// One connection.
struct Conversation<'a> {
    notes: &'a Notes,
    reader: BufReader<&'a TcpStream>,
    writer: &'a TcpStream,
    to: String,
    began: u64,
}

impl<'a> Conversation<'a> {
    fn with(stream: &'a TcpStream, notes: &'a Notes) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket has a patience");
        stream.set_nodelay(true).expect("a socket");
        let reader = BufReader::new(stream);
        Self { notes, reader, writer: stream, to: String::new(), began: 0 }
    }

    fn say(&mut self, words: &str) -> std::io::Result<()> {
        self.writer.write_all(format!("{words}\r\n").as_bytes())
    }

    fn line(&mut self, place: &str) -> std::io::Result<Option<String>> {
        let mut line = String::new();
        match self.reader.read_line(&mut line) {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(line)),
            Err(error) => {
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                ) {
                    let to = &self.to;
                    self.notes
                        .write(serde_json::json!({"what": "impatient", "place": place, "to": to}));
                }
                Err(error)
            }
        }
    }

    fn hold(mut self) -> std::io::Result<()> {
        self.say("220 provider of the tests")?;
        while let Some(line) = self.line("between")? {
            let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" | "HELO" => self.say("250 provider of the tests")?,
                "MAIL" => {
                    self.began = now();
                    self.say("250 ok")?;
                }
                "RCPT" => self.recipient(&line)?,
                "DATA" => {
                    if !self.mail()? {
                        return Ok(());
                    }
                }
                "QUIT" => return self.say("221 bye"),
                _ => self.say("250 ok")?,
            }
        }
        Ok(())
    }

    fn recipient(&mut self, line: &str) -> std::io::Result<()> {
        let to = line.split(['<', '>']).nth(1).unwrap_or_default();
        self.to = to.to_owned();
        let nobody = hash(&[&self.notes.seed.to_string(), "nobody", to]) % 1_000 < 40;
        if nobody {
            self.notes.write(serde_json::json!({"what": "refused", "to": to}));
            return self.say("550 5.1.1 no such mailbox");
        }
        if self.notes.throw("busy", to) < 60 {
            self.notes.write(serde_json::json!({"what": "busy", "to": to}));
            return self.say("451 4.3.0 try again later");
        }
        self.say("250 ok")
    }

    /// Takes a mail, or does not; true if the conversation goes on.
    fn mail(&mut self) -> std::io::Result<bool> {
        if self.notes.throw("dropped", &self.to) < 30 {
            self.notes.write(serde_json::json!({"what": "dropped", "to": self.to}));
            return Ok(false);
        }
        self.say("354 go on")?;
        let mut text = String::new();
        loop {
            let Some(line) = self.line("text")? else {
                self.notes.write(serde_json::json!({"what": "half", "to": self.to}));
                return Ok(false);
            };
            if line == ".\r\n" {
                break;
            }
            text.push_str(&line);
        }
        let header = |name: &str| {
            let mut lines = text.lines().take_while(|line| !line.is_empty());
            lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
        };
        let id = header("Message-ID").trim_matches(['<', '>']).to_owned();
        let key = id.split('@').next().unwrap_or_default().to_owned();
        let mut line = serde_json::json!({
            "what": "taken", "key": key, "id": id, "to": self.to, "began": self.began,
            "subject": header("Subject"), "echo": header("X-Chainc-Key"),
        });
        match fate(self.notes, &key) {
            Fate::Decline => {
                self.notes.write(serde_json::json!({"what": "declined", "key": key}));
                self.say("451 4.3.0 try the same again")?;
            }
            Fate::Vanish => {
                line["answer"] = "never".into();
                self.notes.write(line);
                return Ok(false);
            }
            Fate::Answer(after) => {
                line["answer"] = if after.is_zero() { "prompt" } else { "late" }.into();
                self.notes.write(line);
                std::thread::sleep(after);
                if self.say("250 taken").is_err() {
                    self.notes.write(serde_json::json!({"what": "unheard", "key": key}));
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

fn fate(notes: &Notes, key: &str) -> Fate {
    match notes.throw("fate", key) {
        0..20 => Fate::Decline,
        20..80 => Fate::Vanish,
        thrown @ 80..230 => Fate::Answer(Duration::from_millis(10 + thrown / 4)),
        _ => Fate::Answer(Duration::ZERO),
    }
}
