//! What came of the cases: lines to read, and the same as JSON.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::names::Count;

/// What came of one case.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It agrees.
    Pass(Agreement),
    /// It differs: the first difference.
    Fail(String),
    /// It cannot be built yet: why.
    Skip(String),
    /// It differs, and that is documented: why.
    Excepted(String),
}

/// How well a net agrees with its reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// The largest difference of a value from the reference's.
    pub difference: f64,
    /// What was allowed.
    pub tolerance: f64,
    /// The largest difference of a value of the merged net from the reference's.
    pub merged: f64,
    /// Trainable elements, here and there.
    pub parameters: Count,
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The case, or the file where it cannot be read.
    pub id: String,
    /// What came of it.
    pub outcome: Outcome,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, status) = (&self.id, self.outcome.status());
        match &self.outcome {
            Outcome::Pass(Agreement {
                difference,
                tolerance,
                merged,
                parameters: Count { ours, theirs },
            }) => {
                write!(
                    f,
                    "{status} {id} (max diff {difference:.1e} of tolerance {tolerance:.1e}, merged {merged:.1e}"
                )?;
                // Only where they differ: kernel rows that meet nothing but padding.
                if ours != theirs {
                    write!(f, "; {ours} of {theirs} parameters meet data")?;
                }
                f.write_str(")")
            }
            Outcome::Fail(reason) | Outcome::Skip(reason) | Outcome::Excepted(reason) => {
                write!(f, "{status} {id}: {reason}")
            }
        }
    }
}

impl Outcome {
    fn status(&self) -> &'static str {
        match self {
            Self::Pass(_) => "PASS",
            Self::Fail(_) => "FAIL",
            Self::Skip(_) => "SKIP",
            Self::Excepted(_) => "EXCEPTED",
        }
    }
}

impl Serialize for Line {
    /// Keys in alphabetical order, and numbers as the line shows them: equal lines, equal bytes.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        match &self.outcome {
            Outcome::Pass(agreement) => {
                map.serialize_entry("max_difference", &shown(agreement.difference))?;
                map.serialize_entry("merged_max_difference", &shown(agreement.merged))?;
                map.serialize_entry("parameters", &agreement.parameters.ours)?;
                map.serialize_entry("reference_parameters", &agreement.parameters.theirs)?;
                map.serialize_entry("status", self.outcome.status())?;
                map.serialize_entry("tolerance", &shown(agreement.tolerance))?;
            }
            Outcome::Fail(reason) | Outcome::Skip(reason) | Outcome::Excepted(reason) => {
                map.serialize_entry("reason", reason)?;
                map.serialize_entry("status", self.outcome.status())?;
            }
        }
        map.end()
    }
}

/// The number with the digits that a line shows.
fn shown(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value)
}

/// What came of all cases, in order. Fields in alphabetical order, for the JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// One line per case.
    pub cases: Vec<Line>,
    /// Cases that differ.
    pub failed: usize,
    /// Cases that agree.
    pub passed: usize,
    /// Cases that cannot be built yet or are excepted.
    pub skipped: usize,
}

impl Report {
    /// Adds a line and counts it.
    pub fn push(&mut self, line: Line) {
        match line.outcome {
            Outcome::Pass(_) => self.passed += 1,
            Outcome::Fail(_) => self.failed += 1,
            Outcome::Skip(_) | Outcome::Excepted(_) => self.skipped += 1,
        }
        self.cases.push(line);
    }

    /// The counts in a sentence.
    pub fn summary(&self) -> String {
        format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }

    /// The report as JSON.
    ///
    /// # Errors
    /// None that is known: every number in it is finite or becomes null.
    pub fn json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}
