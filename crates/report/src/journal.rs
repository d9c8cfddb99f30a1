//! The metrics of a run in `metrics.jsonl`: one JSON object per line.
//!
//! ```text
//! {"step":100,"train/loss":0.8312,"learning_rate":0.001}
//! ```

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use crate::ReportError;
use crate::file::{self, Log};

/// The name of the file in the folder of a run.
const NAME: &str = "metrics.jsonl";

/// The metrics of a run.
///
/// The file depends only on what is written: it contains no times, and after a resume it has the same bytes
/// as in a run that was never killed.
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
    /// Opens the journal in `folder` to write after step `keep`: entries of later steps and an incomplete
    /// last line are removed. An absent journal is created.
    ///
    /// # Errors
    /// Names the file, and the line if one is invalid.
    pub fn open(folder: impl AsRef<Path>, keep: u64) -> Result<Self, ReportError> {
        let path = folder.as_ref().join(NAME);
        let log = Log::open(path.clone(), |bytes| {
            let lines = lines(bytes, &path)?.into_iter();
            Ok(lines.filter(|(_, entry)| entry.step <= keep).flat_map(|(line, _)| line.to_vec()).collect())
        })?;
        Ok(Self(log))
    }

    /// Creates an empty journal in `folder`.
    ///
    /// # Errors
    /// Names the file.
    pub fn create(folder: impl AsRef<Path>) -> Result<Self, ReportError> {
        Log::open(folder.as_ref().join(NAME), |_| Ok(Vec::new())).map(Self)
    }

    /// Writes one line: the step, then the values in their order. A value that is not finite becomes `null`.
    ///
    /// # Errors
    /// Names the file.
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

    /// Waits until everything written is on disk; called before a checkpoint is written.
    ///
    /// # Errors
    /// Names the file.
    pub fn sync(&self) -> Result<(), ReportError> {
        self.0.sync()
    }

    /// The entries of the journal in `folder`, except for an incomplete last line; none if it is absent.
    ///
    /// # Errors
    /// Names the file, and the line if one is invalid.
    pub fn entries(folder: impl AsRef<Path>) -> Result<Vec<Entry>, ReportError> {
        let path = folder.as_ref().join(NAME);
        let bytes = file::read(&path)?;
        Ok(lines(&bytes, &path)?.into_iter().map(|(_, entry)| entry).collect())
    }
}

/// All complete lines with their entries.
fn lines<'a>(bytes: &'a [u8], path: &Path) -> Result<Vec<(&'a [u8], Entry)>, ReportError> {
    let whole = bytes.split_inclusive(|&byte| byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let entry = |(i, line): (usize, &'a [u8])| match entry(line) {
        Ok(entry) => Ok((line, entry)),
        Err(found) => Err(ReportError::Line { path: path.into(), line: i + 1, found }),
    };
    whole.enumerate().map(entry).collect()
}

/// The entry in a line, or a description of the line.
fn entry(line: &[u8]) -> Result<Entry, String> {
    let object: BTreeMap<String, Value> =
        serde_json::from_slice(line).map_err(|_| "other text".to_owned())?;
    let step = object.get("step").ok_or("an object without `step`")?;
    let step = step.as_u64().ok_or_else(|| format!("the step {step}"))?;
    let mut values = BTreeMap::new();
    for (name, value) in object {
        if name == "step" {
            continue;
        }
        let number = if value.is_null() { Some(f64::NAN) } else { value.as_f64() };
        let number = number.ok_or_else(|| format!("`{name}` as {value}"))?;
        values.insert(name, number);
    }
    Ok(Entry { step, values })
}
