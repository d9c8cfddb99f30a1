//! The report as lines of text and as JSON.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::names::Count;

/// Result of one case.
#[derive(Clone, Debug, PartialEq)]
pub enum CaseOutcome {
    /// The case agrees.
    Pass(Agreement),
    /// The case differs, with the first difference.
    Fail(String),
    /// The case cannot be run, with the reason.
    Skip(String),
    /// The case differs for a documented reason.
    Excepted(String),
}

/// The agreement of a network with its reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// Largest difference of an output value.
    pub difference: f64,
    /// Tolerance of a single value.
    pub tolerance: f64,
    /// Largest difference of an output value of the merged network.
    pub merged: f64,
    /// Number of trainable parameters in the model and in the reference.
    pub parameters: Count,
}

/// One case and its result; a line of the report.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseReport {
    /// Name of the case, or of the file if it is not a valid case.
    pub id: String,
    /// Result of the case.
    pub outcome: CaseOutcome,
}

impl fmt::Display for CaseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, status) = (&self.id, self.outcome.status());
        match &self.outcome {
            CaseOutcome::Pass(Agreement {
                difference,
                tolerance,
                merged,
                parameters: Count { ours, theirs },
            }) => {
                write!(
                    f,
                    "{status} {id} (max diff {difference:.1e} of tolerance {tolerance:.1e}, merged {merged:.1e}"
                )?;
                // They differ by kernel rows that meet only padding.
                if ours != theirs {
                    write!(f, "; {ours} of {theirs} parameters meet data")?;
                }
                f.write_str(")")
            }
            CaseOutcome::Fail(reason) | CaseOutcome::Skip(reason) | CaseOutcome::Excepted(reason) => {
                write!(f, "{status} {id}: {reason}")
            }
        }
    }
}

impl CaseOutcome {
    fn status(&self) -> &'static str {
        match self {
            Self::Pass(_) => "PASS",
            Self::Fail(_) => "FAIL",
            Self::Skip(_) => "SKIP",
            Self::Excepted(_) => "EXCEPTED",
        }
    }
}

impl Serialize for CaseReport {
    /// Writes keys in alphabetical order and numbers as rounded in the line, so that equal lines give equal
    /// bytes.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        match &self.outcome {
            CaseOutcome::Pass(agreement) => {
                map.serialize_entry("max_difference", &shown(agreement.difference))?;
                map.serialize_entry("merged_max_difference", &shown(agreement.merged))?;
                map.serialize_entry("parameters", &agreement.parameters.ours)?;
                map.serialize_entry("reference_parameters", &agreement.parameters.theirs)?;
                map.serialize_entry("status", self.outcome.status())?;
                map.serialize_entry("tolerance", &shown(agreement.tolerance))?;
            }
            CaseOutcome::Fail(reason) | CaseOutcome::Skip(reason) | CaseOutcome::Excepted(reason) => {
                map.serialize_entry("reason", reason)?;
                map.serialize_entry("status", self.outcome.status())?;
            }
        }
        map.end()
    }
}

/// Rounds a number to the digits shown in a line.
fn shown(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value)
}

/// Results of all cases, in order. Fields are in alphabetical order, for the JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Cases in the order in which they ran.
    pub cases: Vec<CaseReport>,
    /// Number of cases that differ.
    pub failed: usize,
    /// Number of cases that agree.
    pub passed: usize,
    /// Number of cases that cannot be run or are excepted.
    pub skipped: usize,
}

impl Report {
    /// Adds a case and counts it.
    pub fn push(&mut self, line: CaseReport) {
        match line.outcome {
            CaseOutcome::Pass(_) => self.passed += 1,
            CaseOutcome::Fail(_) => self.failed += 1,
            CaseOutcome::Skip(_) | CaseOutcome::Excepted(_) => self.skipped += 1,
        }
        self.cases.push(line);
    }

    /// Formats the counts.
    pub fn summary(&self) -> String {
        format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }

    /// Formats the report as JSON. A number that is not finite becomes `null`.
    ///
    /// # Errors
    /// If the report cannot be serialized.
    pub fn json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}
