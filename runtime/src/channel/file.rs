//! The file channel: JSON lines, one for each message, for trying out and for replays.
//!
//! Every message counts as delivered. After a crash the file itself says which messages
//! went out, so none is written twice; a line torn by the crash is taken back.

use super::{Broken, Channel, LookUp, Outcome, Outgoing, Receipt, Work};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Writes messages to a file.
#[derive(Debug)]
pub struct FileChannel {
    path: PathBuf,
    /// Opened at the first message; one file may serve several channels.
    file: Mutex<Option<File>>,
}

/// A line of the file.
#[derive(Serialize)]
struct Line<'a> {
    key: &'a str,
    at: &'a str,
    channel: &'a str,
    to: &'a str,
    customer_id: &'a str,
    chain: &'a str,
    step: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(flatten)]
    content: &'a crate::message::Content,
}

/// The part of a line that a look-up needs.
#[derive(Deserialize)]
struct Written {
    key: String,
}

impl FileChannel {
    /// Returns a channel that appends to a file.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: Mutex::new(None) }
    }

    fn broken(&self, error: &std::io::Error) -> Broken {
        Broken(format!("messages cannot be written to {}: {error}", self.path.display()))
    }

    fn write(&self, messages: &[Outgoing]) -> std::io::Result<()> {
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = Some(open(&self.path)?);
        }
        let Some(file) = slot.as_mut() else { return Ok(()) };
        let start = file.seek(SeekFrom::End(0))?;
        let written = append(file, messages);
        if written.is_err() {
            // Half a batch must not stand there as if it had been sent.
            file.set_len(start)?;
        }
        written
    }

    fn keys(&self) -> std::io::Result<HashSet<String>> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(HashSet::new()),
            Err(error) => return Err(error),
        };
        let mut keys = HashSet::new();
        let mut reader = BufReader::new(file);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            // A line without its end is torn, whole as it may look: it will be taken back.
            if line.ends_with(b"\n")
                && let Ok(Written { key }) = serde_json::from_slice(&line)
            {
                keys.insert(key);
            }
            line.clear();
        }
        Ok(keys)
    }
}

fn append(file: &mut File, messages: &[Outgoing]) -> std::io::Result<()> {
    let mut writer = BufWriter::new(&mut *file);
    for message in messages {
        let line = Line {
            key: &message.key,
            at: &message.at,
            channel: message.content.channel().as_str(),
            to: &message.address,
            customer_id: &message.customer_id,
            chain: &message.chain,
            step: &message.step,
            message: &message.message,
            from: message.sender.as_deref(),
            content: &message.content,
        };
        serde_json::to_writer(&mut writer, &line)?;
        writer.write_all(b"\n")?;
    }
    writer.flush()?;
    drop(writer);
    file.sync_data()
}

/// Opens the file for appending and takes back a torn last line.
fn open(path: &Path) -> std::io::Result<File> {
    let mut file =
        File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    let length = file.seek(SeekFrom::End(0))?;
    let mut end = length;
    let mut byte = [0];
    while end > 0 {
        file.seek(SeekFrom::Start(end - 1))?;
        file.read_exact(&mut byte)?;
        if byte == *b"\n" {
            break;
        }
        end -= 1;
    }
    if end < length {
        file.set_len(end)?;
    }
    Ok(file)
}

impl Channel for FileChannel {
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> Work<'a, Result<Vec<Outcome>, Broken>> {
        Box::pin(async move {
            self.write(messages).map_err(|error| self.broken(&error))?;
            Ok(messages.iter().map(|_| Outcome::Receipt(Receipt::Delivered)).collect())
        })
    }

    fn look_up<'a>(&'a self, keys: &'a [String]) -> Work<'a, Result<Vec<LookUp>, Broken>> {
        Box::pin(async move {
            let written = self.keys().map_err(|error| self.broken(&error))?;
            let look = |key: &String| {
                if written.contains(key) {
                    LookUp::Found(Receipt::Delivered)
                } else {
                    LookUp::NotFound
                }
            };
            Ok(keys.iter().map(look).collect())
        })
    }

    fn start_over(&self) -> Result<(), Broken> {
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = None;
        if std::fs::metadata(&self.path).is_ok_and(|meta| meta.len() > 0) {
            let mut aside = self.path.clone().into_os_string();
            aside.push(".previous");
            std::fs::rename(&self.path, aside).map_err(|error| self.broken(&error))?;
        }
        Ok(())
    }

    fn at_once(&self) -> usize {
        500
    }

    fn is_real(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Content;

    fn message(key: &str) -> Outgoing {
        Outgoing {
            key: key.into(),
            at: "2026-01-01T10:00:00Z".into(),
            address: "+79990000001".into(),
            customer_id: "1".into(),
            chain: "winback".into(),
            step: "2".into(),
            message: "offer".into(),
            sender: None,
            unsubscribe: None,
            content: Content::Sms { text: "привет".into() },
        }
    }

    #[test]
    fn a_torn_line_is_taken_back_and_whole_ones_are_found() {
        let folder = std::env::temp_dir().join(format!("chainc-file-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("messages.jsonl");
        let _ = std::fs::remove_file(&path);
        FileChannel::new(path.clone()).write(&[message("a"), message("b")]).unwrap();
        let whole = std::fs::read(&path).unwrap();
        // Torn in the middle, and torn just before its end.
        for torn in [r#"{"key":"c","at"#, r#"{"key":"c","at":"2026-01-01T10:00:00Z"}"#] {
            std::fs::write(&path, [whole.as_slice(), torn.as_bytes()].concat()).unwrap();
            let again = FileChannel::new(path.clone());
            let known = again.keys().unwrap();
            assert!(known.contains("a") && known.contains("b") && !known.contains("c"));
            again.write(&[message("c")]).unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            assert_eq!(text.lines().count(), 3);
            assert!(text.starts_with(std::str::from_utf8(&whole).unwrap()));
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
