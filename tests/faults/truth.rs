//! What the provider knows, read from its notes: the truth about mail.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A mail that the provider took.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    /// The idempotency key, from `Message-ID`.
    pub(crate) key: String,
    /// To whom.
    pub(crate) to: String,
    /// Its subject.
    pub(crate) subject: String,
}

/// The provider's notes, as far as they were read.
#[derive(Debug)]
pub(crate) struct Truth {
    path: PathBuf,
    offset: u64,
    /// What it took, in order.
    pub(crate) taken: Vec<Mail>,
    /// Keys of which it never said that it took them.
    pub(crate) unanswered: BTreeSet<String>,
    /// To whom a text was under way that never came whole.
    pub(crate) torn: BTreeSet<String>,
    /// How often it noted what.
    pub(crate) noted: BTreeMap<String, usize>,
    /// Notes that a client of this kind cannot have caused.
    pub(crate) odd: Vec<String>,
}

impl Truth {
    /// Returns the notes in a file, none of them read yet.
    pub(crate) fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            offset: 0,
            taken: Vec::new(),
            unanswered: BTreeSet::new(),
            torn: BTreeSet::new(),
            noted: BTreeMap::new(),
            odd: Vec::new(),
        }
    }

    /// Reads what is new; returns how many mails were taken in all.
    pub(crate) fn read_on(&mut self) -> usize {
        let length = std::fs::metadata(&self.path).map_or(0, |meta| meta.len());
        if length > self.offset {
            let mut file = std::fs::File::open(&self.path).expect("the notes are there");
            file.seek(SeekFrom::Start(self.offset)).expect("a file");
            let mut new = Vec::new();
            file.read_to_end(&mut new).expect("the notes can be read");
            // A line that is just being written comes with the next reading.
            let whole = new.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
            self.offset += u64::try_from(whole).expect("a length");
            for line in new.split_at(whole).0.split(|byte| *byte == b'\n') {
                if !line.is_empty() {
                    self.note(&serde_json::from_slice(line).expect("a note is JSON"));
                }
            }
        }
        self.taken.len()
    }

    fn note(&mut self, note: &Value) {
        let word = |name: &str| note[name].as_str().unwrap_or_default().to_owned();
        let (what, key) = (word("what"), word("key"));
        *self.noted.entry(what.clone()).or_default() += 1;
        match what.as_str() {
            "taken" => {
                let answer = word("answer");
                *self.noted.entry(format!("taken, answer {answer}")).or_default() += 1;
                if answer == "never" {
                    self.unanswered.insert(key.clone());
                }
                if word("id") != format!("{key}@example.com") || word("echo") != key {
                    self.odd.push(note.to_string());
                }
                self.taken.push(Mail { key, to: word("to"), subject: word("subject") });
            }
            "unheard" => {
                self.unanswered.insert(key);
            }
            "half" => {
                self.torn.insert(word("to"));
            }
            "impatient" if word("place") == "text" => {
                self.torn.insert(word("to"));
            }
            _ => {}
        }
    }
}
