//! Rows of a CSV file by the names of their columns, and the file of rejected ones.
//!
//! Comma, semicolon or tab, whichever the header uses most; a byte order mark, quotes and
//! any line ends are fine. Keeps no more than one row in memory.

use super::{IntakeError, Kind, Reading};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest field a row may have, in bytes.
const LONGEST: usize = 65_536;
/// How much of a field is shown or kept aside once it is too long.
const SHOWN: usize = 60;

/// The rows of an open file.
pub(super) struct Rows {
    path: PathBuf,
    reader: csv::Reader<BufReader<File>>,
    header: Vec<String>,
    /// chainc's name of each column of the header.
    names: Vec<String>,
    record: csv::ByteRecord,
    rejected: Option<(csv::Writer<File>, PathBuf)>,
}

/// One row: its values by chainc's column names.
pub(super) struct Row<'a> {
    names: &'a [String],
    record: &'a csv::ByteRecord,
    /// What is wrong with the row as such; it has no values then.
    pub(super) broken: Option<String>,
}

impl<'a> Row<'a> {
    /// Returns the columns and their values, without the blanks around them.
    pub(super) fn values(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let fields = self.record.iter().filter(|_| self.broken.is_none());
        self.names.iter().map(String::as_str).zip(fields.map(text))
    }

    /// Returns the value of a column, if the row has one.
    pub(super) fn get(&self, column: &str) -> Option<&'a str> {
        let at = self.names.iter().position(|name| name == column)?;
        let field = self.record.get(at).filter(|_| self.broken.is_none())?;
        Some(text(field)).filter(|text| !text.is_empty())
    }

    /// Returns the value of a column that must have one.
    pub(super) fn need(&self, column: &str) -> Result<&'a str, String> {
        self.get(column).ok_or_else(|| format!("`{column}` is empty"))
    }

    /// Tells whether the file has a column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.values().any(|(name, _)| name == column)
    }
}

fn text(field: &[u8]) -> &str {
    std::str::from_utf8(field).unwrap_or_default().trim()
}

impl Rows {
    pub(super) fn open(
        path: &Path,
        kind: Kind,
        reading: &Reading<'_>,
    ) -> Result<Self, IntakeError> {
        let failed = |error: std::io::Error| IntakeError::File {
            path: path.display().to_string(),
            detail: error.to_string(),
        };
        let mut first = Vec::new();
        let mut file = BufReader::new(File::open(path).map_err(failed)?);
        // A header longer than this is not one; the rest of the line is left unread.
        file.by_ref().take(1 << 20).read_until(b'\n', &mut first).map_err(failed)?;
        let delimiter = [b',', b';', b'\t']
            .into_iter()
            .rev()
            .max_by_key(|delimiter| first.iter().filter(|byte| *byte == delimiter).count())
            .unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(BufReader::new(File::open(path).map_err(failed)?));
        let bad = |detail: String| IntakeError::Header { path: path.display().to_string(), detail };
        let header = reader
            .headers()
            .map_err(|error| bad(header_problem(&error)))?
            .iter()
            .map(|name| name.trim().to_owned())
            .collect::<Vec<_>>();
        let names = names(&header, kind, reading.columns).map_err(bad)?;
        Ok(Self {
            path: path.to_owned(),
            reader,
            header,
            names,
            record: csv::ByteRecord::new(),
            rejected: None,
        })
    }

    /// Returns the columns that the kind has no use for.
    pub(super) fn unused(&self, kind: Kind) -> Vec<String> {
        if kind == Kind::Customers {
            return Vec::new(); // any other column is an attribute
        }
        let (known, _) = kind.columns();
        let unused = self.names.iter().zip(&self.header);
        unused.filter(|(name, _)| !known.contains(&name.as_str())).map(|(_, h)| h.clone()).collect()
    }

    /// Returns the next row.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, IntakeError> {
        let more = self.reader.read_byte_record(&mut self.record).map_err(|error| {
            IntakeError::File { path: self.path.display().to_string(), detail: error.to_string() }
        })?;
        if !more {
            return Ok(None);
        }
        let (fields, columns) = (self.record.len(), self.header.len());
        let broken = if fields == columns {
            self.record.iter().zip(&self.names).find_map(|(field, name)| problem(field, name))
        } else {
            Some(format!("the row has {fields} fields, the header {columns}"))
        };
        Ok(Some(Row { names: &self.names, record: &self.record, broken }))
    }

    /// Sets the current row aside.
    pub(super) fn reject(&mut self, reason: &str) -> Result<(), IntakeError> {
        let path = self.path.with_extension("rejected.csv");
        let failed =
            |detail: String| IntakeError::Rejected { path: path.display().to_string(), detail };
        if self.rejected.is_none() {
            let draft = self.path.with_extension("rejected.csv.tmp");
            let mut writer = csv::WriterBuilder::new()
                .flexible(true)
                .from_path(&draft)
                .map_err(|error| failed(error.to_string()))?;
            let header =
                ["line", "reason"].into_iter().chain(self.header.iter().map(String::as_str));
            writer.write_record(header).map_err(|error| failed(error.to_string()))?;
            self.rejected = Some((writer, draft));
        }
        let line = self.record.position().map_or(0, csv::Position::line).to_string();
        let mut out = csv::ByteRecord::new();
        out.push_field(line.as_bytes());
        out.push_field(reason.as_bytes());
        for field in &self.record {
            let kept =
                if field.len() > LONGEST { field.get(..SHOWN).unwrap_or(field) } else { field };
            out.push_field(kept);
        }
        match &mut self.rejected {
            Some((writer, _)) => {
                writer.write_byte_record(&out).map_err(|error| failed(error.to_string()))
            }
            None => Ok(()),
        }
    }

    /// Puts the file of rejected rows in its place; takes an old one away if there are none.
    pub(super) fn close(&mut self) -> Result<Option<PathBuf>, IntakeError> {
        let path = self.path.with_extension("rejected.csv");
        let failed = |error: std::io::Error| IntakeError::Rejected {
            path: path.display().to_string(),
            detail: error.to_string(),
        };
        let Some((writer, draft)) = &mut self.rejected else {
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(error)),
                _ => Ok(None),
            };
        };
        writer.flush().map_err(failed)?;
        std::fs::rename(draft, &path).map_err(failed)?;
        self.rejected = None;
        Ok(Some(path))
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.reader.position().byte()
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        // A draft that was not put in its place belongs to an import that failed.
        if let Some((_, draft)) = self.rejected.take() {
            let _ = std::fs::remove_file(draft);
        }
    }
}

/// What is wrong with a field as such.
fn problem(field: &[u8], name: &str) -> Option<String> {
    if field.len() > LONGEST {
        return Some(format!("`{name}` is longer than {LONGEST} bytes"));
    }
    std::str::from_utf8(field).err().map(|_| format!("`{name}` is not UTF-8 text"))
}

/// Gives each column of the header chainc's name.
fn names(
    header: &[String],
    kind: Kind,
    mapping: &BTreeMap<String, String>,
) -> Result<Vec<String>, String> {
    let (known, required) = kind.columns();
    for (ours, theirs) in mapping {
        if !header.contains(theirs) {
            return Err(format!(
                "`chainc.yaml` says that `{ours}` is the column `{}`, and the file has no such column; it has {}",
                shorten(theirs),
                listed(header)
            ));
        }
    }
    let mut names: Vec<String> = Vec::new();
    for theirs in header {
        let mapped = mapping.iter().find(|(_, from)| *from == theirs).map(|(ours, _)| ours.clone());
        let name = mapped.unwrap_or_else(|| {
            let lower = theirs.to_lowercase();
            if known.contains(&lower.as_str()) { lower } else { theirs.clone() }
        });
        if names.contains(&name) {
            return Err(format!("the column `{}` stands twice in the header", shorten(&name)));
        }
        names.push(name);
    }
    for column in known.iter().take(required) {
        if !names.iter().any(|name| name == column) {
            return Err(format!(
                "the header has no column `{column}`; it has {}. Name it in `chainc.yaml`: `import: {}: {{ columns: {{ {column}: THEIR NAME }} }}`",
                listed(header),
                kind.as_str()
            ));
        }
    }
    Ok(names)
}

fn listed(header: &[String]) -> String {
    let mut shown: Vec<String> =
        header.iter().take(20).map(|name| format!("`{}`", shorten(name))).collect();
    if header.len() > 20 {
        shown.push(format!("and {} more", header.len() - 20));
    }
    shown.join(", ")
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}

fn header_problem(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => {
            "the header is not UTF-8 text; save the file as UTF-8".to_owned()
        }
        _ => error.to_string(),
    }
}

/// Returns the hash of what a file says.
pub(super) fn hash(path: &Path) -> Result<String, IntakeError> {
    let failed = |error: std::io::Error| IntakeError::File {
        path: path.display().to_string(),
        detail: error.to_string(),
    };
    let mut hasher = blake3::Hasher::new();
    let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(failed)?);
    loop {
        let chunk = file.fill_buf().map_err(failed)?;
        if chunk.is_empty() {
            break;
        }
        hasher.update(chunk);
        let length = chunk.len();
        file.consume(length);
    }
    Ok(hasher.finalize().to_hex().to_string())
}
