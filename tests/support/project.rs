//! What whole-program tests share: a folder of their own with a project in it, the binary
//! run inside of it, and the store looked at from outside.
//!
//! Nothing here knows what a right answer is; that stands in the tests.

#![allow(dead_code, reason = "each test program uses a part of this")]

#[path = "rows.rs"]
mod rows;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

/// A folder with a project, gone when the test is.
pub(crate) struct Project {
    folder: PathBuf,
}

impl Project {
    /// Returns an empty folder.
    pub(crate) fn empty() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let nanos = SystemTime::UNIX_EPOCH.elapsed().expect("a clock after 1970").subsec_nanos();
        let name = format!(
            "chainc-test-{}-{}-{nanos}",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::Relaxed)
        );
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).expect("a folder for the test");
        Self { folder }
    }

    /// Returns a folder with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let project = Self::empty();
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    /// Returns a copy of one of the examples.
    pub(crate) fn example(name: &str) -> Self {
        let project = Self::empty();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
        for entry in std::fs::read_dir(&source).expect("the example is there") {
            let entry = entry.expect("the example can be listed");
            let name = entry.file_name();
            let kept = ["chain", "csv", "yaml", "html"];
            let path = entry.path();
            if path.extension().is_some_and(|e| kept.iter().any(|kept| *kept == e)) {
                std::fs::copy(&path, project.folder.join(name)).expect("the example is copied");
            }
        }
        project
    }

    /// Returns the path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).expect("the folder of the file");
        }
        std::fs::write(path, text).expect("the file is written");
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|e| format!("<no {name}: {e}>"))
    }

    /// Tells whether a file is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Returns the names in the folder, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder).expect("the folder can be listed");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Returns the command, to be run in the folder, without settings from outside.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chainc"));
        command.args(arguments);
        self.at_home(&mut command);
        command
    }

    /// Returns the command behind a limit on the size of files, in units of 512 bytes:
    /// writes beyond it fail as they do on a full disk.
    pub(crate) fn on_a_small_disk(&self, blocks: u32, arguments: &[&str]) -> Command {
        let mut command = Command::new("sh");
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_chainc")]).args(arguments);
        self.at_home(&mut command);
        command
    }

    fn at_home(&self, command: &mut Command) {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CHAINC_") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .env("NO_COLOR", "1")
            .env("CHAINC_LANG", "en");
    }

    /// Runs the command to its end.
    pub(crate) fn chainc(&self, arguments: &[&str]) -> Done {
        Done::of(&mut self.command(arguments))
    }

    /// Imports a file into the store of the project.
    pub(crate) fn import(&self, kind: &str, file: &str) -> Done {
        self.chainc(&["import", kind, file])
    }

    /// Writes a file and imports it; it has to succeed.
    pub(crate) fn imported(&self, kind: &str, text: &str) -> Done {
        let file = format!("{kind}-{}.csv", self.names().len());
        self.write(&file, text);
        self.import(kind, &file).succeeded()
    }

    /// Returns the store of the project, opened for looking only.
    pub(crate) fn store(&self) -> Look {
        Look::at(&self.path("chainc.db"))
    }

    /// Changes the store behind the program's back: lets time have gone by.
    pub(crate) fn change(&self, sql: &str) {
        let store = Connection::open(self.path("chainc.db")).expect("the store can be opened");
        store.busy_timeout(std::time::Duration::from_secs(5)).expect("a timeout");
        store.execute(sql, []).expect("the change is made");
    }

    /// Gives a customer rows of her own where she shares some with others, so that a change
    /// of them is about her alone.
    pub(crate) fn set_apart(&self, customer_id: &str) {
        let store = Connection::open(self.path("chainc.db")).expect("the store can be opened");
        store.busy_timeout(std::time::Duration::from_secs(5)).expect("a timeout");
        let parts = [
            ("member", "cohort", "members", "m.customer"),
            ("letter", "sheet", "letters", "json_array(m.customer, m.cycle, w.value -> 2)"),
        ];
        for (one, shared, count, entry) in parts {
            store
                .execute_batch(&format!(
                    "BEGIN IMMEDIATE;
                     CREATE TEMP TABLE apart AS SELECT s.* FROM {shared} s JOIN {one} m
                       ON m.{shared} = s.number JOIN customer c ON c.number = m.customer
                       WHERE c.customer_id = '{customer_id}' AND s.{count} > 1;
                     CREATE TEMP TABLE old AS SELECT number FROM apart;
                     UPDATE apart SET {count} = 1, who = (SELECT json_group_array(json({entry}))
                       FROM {one} m JOIN customer c ON c.number = m.customer, json_each(apart.who) w
                       WHERE m.{shared} = apart.number AND c.customer_id = '{customer_id}'
                       AND (w.value = m.customer OR w.value ->> 0 = m.customer))
                       WHERE who IS NOT NULL;
                     UPDATE apart SET number = number + (SELECT max(number) FROM {shared});
                     INSERT INTO {shared} SELECT * FROM apart;
                     UPDATE {shared} SET {count} = {count} - 1
                       WHERE number IN (SELECT number FROM old);
                     UPDATE {one} SET {shared} = {shared} + (SELECT max(number) FROM {shared} s
                       WHERE s.number NOT IN (SELECT number FROM apart))
                       WHERE {shared} IN (SELECT number FROM old) AND customer IN
                       (SELECT number FROM customer WHERE customer_id = '{customer_id}');
                     DROP TABLE temp.apart; DROP TABLE temp.old; COMMIT"
                ))
                .expect("she is set apart");
        }
    }

    /// Returns the messages that went into the project's file, a JSON value each.
    pub(crate) fn messages(&self) -> Vec<serde_json::Value> {
        let Ok(text) = std::fs::read_to_string(self.path("chainc.messages.jsonl")) else {
            return Vec::new();
        };
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// Returns the messages as `DAY TIME CHANNEL CUSTOMER`, in the order they went out.
    pub(crate) fn sent(&self) -> Vec<String> {
        let word =
            |line: &serde_json::Value, key: &str| line[key].as_str().unwrap_or("<none>").to_owned();
        let messages = self.messages();
        let lines = messages.iter().map(|line| {
            let at = word(line, "at");
            let (day, time) = at.split_once('T').unwrap_or((&at, ""));
            let time: String = time.chars().take(5).collect();
            format!("{day} {time} {} {}", word(line, "channel"), word(line, "customer_id"))
        });
        lines.collect()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Done {
    /// The exit code; -1 if a signal ended it.
    pub(crate) code: i32,
    /// What stands on standard output.
    pub(crate) stdout: String,
    /// What stands on standard error.
    pub(crate) stderr: String,
}

impl Done {
    /// Runs a command to its end. Whatever it was given, it must not have panicked.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the command starts");
        Self::from(output)
    }

    /// Asserts that all went well.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, 0, "{self:#?}");
        self
    }

    /// Asserts an exit code and exactly one line of error, which is returned.
    #[track_caller]
    pub(crate) fn failed_with(&self, code: i32) -> &str {
        assert_eq!(self.code, code, "{self:#?}");
        let errors: Vec<&str> =
            self.stderr.lines().filter(|line| line.starts_with("chainc: ")).collect();
        assert_eq!(errors.len(), 1, "one clear error: {self:#?}");
        errors.first().expect("just counted")
    }

    /// Asserts that something stands on standard error.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "`{words}` is not said: {self:#?}");
        self
    }

    /// Reads standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        let read = serde_json::from_str(&self.stdout);
        assert!(read.is_ok(), "{read:?}: {self:#?}");
        read.expect("just asserted")
    }
}

impl From<std::process::Output> for Done {
    #[track_caller]
    fn from(output: std::process::Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let done = Self {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        assert!(!done.stderr.contains("panicked"), "{done:#?}");
        assert_ne!(done.code, -1, "{done:#?}");
        done
    }
}

/// A store, looked at from outside.
pub(crate) struct Look(Connection);

impl Look {
    /// Opens a store for reading.
    pub(crate) fn at(path: &Path) -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self(Connection::open_with_flags(path, flags).expect("the store can be read"))
    }

    /// Returns the rows of a query, columns joined by `|`.
    #[track_caller]
    pub(crate) fn rows(&self, sql: &str) -> Vec<String> {
        let mut statement = self.0.prepare(sql).expect("the query is right");
        let width = statement.column_count();
        let mut rows = statement.query([]).expect("the query can be asked");
        let mut found = Vec::new();
        while let Some(row) = rows.next().expect("the rows can be read") {
            let fields: Vec<String> =
                (0..width).map(|i| shown(row.get(i).expect("a column"))).collect();
            found.push(fields.join("|"));
        }
        found
    }

    /// Returns the one number that a query asks for.
    #[track_caller]
    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.0.query_row(sql, [], |row| row.get(0)).expect("one number")
    }

    /// Returns every row of every table, and asserts that the file is sound.
    #[track_caller]
    pub(crate) fn dump(&self) -> Vec<String> {
        assert_eq!(self.rows("PRAGMA integrity_check"), ["ok"]);
        rows::all(&self.0)
    }
}

fn shown(value: Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::Integer(n) => n.to_string(),
        Value::Real(n) => n.to_string(),
        Value::Text(text) => text,
        Value::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// Returns noon UTC so many days before today, as files write it.
pub(crate) fn days_ago(days: u32) -> String {
    let memory = Connection::open_in_memory().expect("a database in memory");
    let sql = format!("SELECT strftime('%Y-%m-%dT12:00:00Z', 'now', '-{days} days')");
    memory.query_row(&sql, [], |row| row.get(0)).expect("a date")
}
