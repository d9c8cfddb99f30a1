//! The metrics of a run in `metrics.jsonl`: one JSON object per line.
//!
//! ```text
//! {"step":100,"train/loss":0.8312,"learning_rate":0.001}
//! ```

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use graph::{printable, quoted};
use serde_json::Value;

use crate::ReportError;
use crate::file::{self, Kept, Log};

/// The name of the file in the folder of a run.
const NAME: &str = "metrics.jsonl";

/// The metrics of a run.
///
/// The file depends only on what is written: it contains no times, and if the metrics after a resume are those of a run
/// that was never killed, so are its bytes.
#[derive(Debug)]
pub struct Journal(Log);

/// One line of a journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Number of optimizer steps taken before it was written.
    pub step: u64,
    /// Values by name; NaN stands for any value that was not finite.
    pub values: BTreeMap<String, f64>,
}

impl Journal {
    /// Opens the journal in `folder` to write after step `keep`. Entries of later steps are removed, and so
    /// is everything from the first damaged or incomplete line on. An absent journal is created.
    ///
    /// # Errors
    /// If the file cannot be read or written. The error names the file.
    pub fn open(folder: impl AsRef<Path>, keep: u64) -> Result<Self, ReportError> {
        let path = Self::path(folder);
        let log = Log::open(path.clone(), |bytes| {
            let (mut lines, damage) = lines(bytes, &path);
            lines.retain(|(_, entry)| entry.step <= keep);
            let bytes = lines.iter().flat_map(|(line, _)| line.to_vec()).collect();
            Kept { bytes, records: lines.len(), damage }
        })?;
        Ok(Self(log))
    }

    /// Creates an empty journal in `folder`.
    ///
    /// # Errors
    /// Names the file.
    pub fn create(folder: impl AsRef<Path>) -> Result<Self, ReportError> {
        let nothing = |_: &[u8]| Kept { bytes: Vec::new(), records: 0, damage: None };
        Log::open(Self::path(folder), nothing).map(Self)
    }

    /// The path of the journal in `folder`.
    pub fn path(folder: impl AsRef<Path>) -> PathBuf {
        folder.as_ref().join(NAME)
    }

    /// Number of entries that were kept when the journal was opened.
    pub fn records(&self) -> usize {
        self.0.records()
    }

    /// The first damaged line that was found when the journal was opened.
    pub fn damage(&self) -> Option<&ReportError> {
        self.0.damage()
    }

    /// Writes one line: the step, then the values in their order. A value that is not finite becomes `null`.
    ///
    /// # Errors
    /// If the file cannot be written; the error names it. The line is kept and written later, before the
    /// next one.
    ///
    /// # Panics
    /// If a value is called `step`.
    pub fn write<N: AsRef<str>>(
        &mut self,
        step: u64,
        values: impl IntoIterator<Item = (N, f64)>,
    ) -> Result<(), ReportError> {
        let mut line = format!("{{\"step\":{step}");
        for (name, value) in values {
            assert_ne!(name.as_ref(), "step", "the name `step` is reserved");
            let (name, value) = (Value::from(name.as_ref()), Value::from(value));
            write!(line, ",{name}:{value}").expect("strings can be written to");
        }
        line.push_str("}\n");
        self.0.append(line.as_bytes())
    }

    /// Writes lines that could not be written before, and waits until everything is on disk; called before
    /// a checkpoint is written.
    ///
    /// # Errors
    /// Names the file.
    pub fn sync(&mut self) -> Result<(), ReportError> {
        self.0.sync()
    }

    /// The entries of the journal in `folder`, except for an incomplete last line; none if it is absent.
    ///
    /// # Errors
    /// Names the file, and the line if one is invalid.
    pub fn entries(folder: impl AsRef<Path>) -> Result<Vec<Entry>, ReportError> {
        let path = Self::path(folder);
        let bytes = file::read(&path)?;
        let (lines, damage) = lines(&bytes, &path);
        match damage {
            Some(damage) => Err(damage),
            None => Ok(lines.into_iter().map(|(_, entry)| entry).collect()),
        }
    }
}

/// Returns the complete lines before the first damaged one, with their entries, and the damage, if any.
fn lines<'a>(bytes: &'a [u8], path: &Path) -> (Vec<(&'a [u8], Entry)>, Option<ReportError>) {
    let mut lines = Vec::new();
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        if !line.ends_with(b"\n") {
            break;
        }
        match entry(line) {
            Ok(entry) => lines.push((line, entry)),
            Err(found) => {
                let damage = ReportError::Line { path: path.into(), line: lines.len() + 1, found };
                return (lines, Some(damage));
            }
        }
    }
    (lines, None)
}

/// The entry in a line, or a description of the line.
fn entry(line: &[u8]) -> Result<Entry, String> {
    let object: BTreeMap<String, Value> =
        serde_json::from_slice(line).map_err(|_| "other text".to_owned())?;
    let step = object.get("step").ok_or("an object without `step`")?;
    let step = step.as_u64().ok_or_else(|| format!("the step {}", printable(&step.to_string())))?;
    let mut values = BTreeMap::new();
    for (name, value) in object {
        if name == "step" {
            continue;
        }
        let number = if value.is_null() { Some(f64::NAN) } else { value.as_f64() };
        let number =
            number.ok_or_else(|| format!("{} as {}", quoted(&name), printable(&value.to_string())))?;
        values.insert(name, number);
    }
    Ok(Entry { step, values })
}
