//! The report as lines of text and as JSON.

use std::fmt;

use graph::one_line;
use onnx::Sizes;
use serde_json::{Value, json};

use super::readers::Reader;

/// A way to export a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Whether norms and branches are folded.
    pub merged: bool,
    /// The sizes that the file accepts.
    pub sizes: Sizes,
    /// Whether a series is an image of height 1.
    pub as_image: bool,
}

/// The result for one model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelReport {
    /// Family, preset and input.
    pub name: String,
    /// Number of trainable parameters.
    pub parameters: u64,
    /// The forms, in the order of [`Form::all`].
    pub forms: Vec<FormReport>,
    /// Duration of the verification.
    pub seconds: f64,
}

/// The result for one form of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct FormReport {
    /// The form.
    pub form: Form,
    /// The result in each reader, or the reason why nothing was exported.
    pub result: Result<Vec<Cell>, Outcome>,
}

/// The result for one form of a model in one reader.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The reader.
    pub reader: Reader,
    /// The result.
    pub outcome: Outcome,
}

/// A result.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The reader agrees with libtorch, with this largest difference.
    Agrees(f64),
    /// The reader agrees with libtorch, although it is known to have a limit here.
    AgreesBeyondLimit {
        /// The largest difference.
        difference: f64,
        /// The reason of the limit.
        reason: String,
    },
    /// The reader does not support the file, for a known reason.
    Limited {
        /// The reason.
        reason: String,
        /// The place where the reason is documented.
        source: String,
    },
    /// The graph accepts one size only, so it is not exported for others; the refusal.
    OneSize(String),
    /// The reader or the export fails, with the reason.
    Failed(String),
}

impl Form {
    /// All forms of a model whose input has this many spatial axes.
    pub fn all(rank: usize) -> Vec<Self> {
        let mut forms = Vec::new();
        for merged in [false, true] {
            for sizes in [Sizes::Static { batch: 1 }, Sizes::DynamicBatch, Sizes::Dynamic] {
                forms.push(Self { merged, sizes, as_image: false });
            }
        }
        if rank == 1 {
            for sizes in [Sizes::DynamicBatch, Sizes::Dynamic] {
                forms.push(Self { merged: true, sizes, as_image: true });
            }
        }
        forms
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weights = if self.merged { "merged" } else { "as trained" };
        let sizes = match self.sizes {
            Sizes::Static { .. } => "static",
            Sizes::DynamicBatch => "dynamic batch",
            Sizes::Dynamic => "dynamic",
        };
        write!(f, "{weights}, {sizes}")?;
        if self.as_image { f.write_str(", as image") } else { Ok(()) }
    }
}

impl ModelReport {
    /// The results in all forms: of each reader, or of the export.
    fn outcomes(&self) -> impl Iterator<Item = (Form, Option<Reader>, &Outcome)> {
        self.forms.iter().flat_map(|FormReport { form, result }| {
            let found: Vec<(Form, Option<Reader>, &Outcome)> = match result {
                Ok(cells) => cells.iter().map(|cell| (*form, Some(cell.reader), &cell.outcome)).collect(),
                Err(outcome) => vec![(*form, None, outcome)],
            };
            found
        })
    }

    /// Whether there is a failure that no limit explains.
    pub fn is_failed(&self) -> bool {
        self.outcomes().any(|(_, _, outcome)| matches!(outcome, Outcome::Failed(_)))
    }

    /// Whether a reader agrees in spite of a known limit.
    pub fn exceeds_limit(&self) -> bool {
        self.outcomes().any(|(_, _, outcome)| matches!(outcome, Outcome::AgreesBeyondLimit { .. }))
    }

    /// Whether a reader does not support a form of the model.
    pub fn is_limited(&self) -> bool {
        self.outcomes().any(|(_, _, outcome)| matches!(outcome, Outcome::Limited { .. }))
    }

    /// Whether the graph accepts one size only.
    pub fn has_one_size(&self) -> bool {
        self.outcomes().any(|(_, _, outcome)| matches!(outcome, Outcome::OneSize(_)))
    }

    /// The largest difference of a reader from libtorch in the forms that it supports. `None` if it supports none.
    pub fn difference(&self, reader: Reader) -> Option<f64> {
        let mut largest: Option<f64> = None;
        for (_, found, outcome) in self.outcomes() {
            if let Outcome::Agrees(difference) | Outcome::AgreesBeyondLimit { difference, .. } = outcome
                && found == Some(reader)
            {
                largest = Some(largest.unwrap_or(0.0).max(*difference));
            }
        }
        largest
    }

    /// The forms that a reader does not support, each with the reason and its source.
    pub fn limits(&self, reader: Reader) -> Vec<(Form, &str, &str)> {
        let mut limits = Vec::new();
        for (form, found, outcome) in self.outcomes() {
            if let Outcome::Limited { reason, source } = outcome
                && found == Some(reader)
            {
                limits.push((form, reason.as_str(), source.as_str()));
            }
        }
        limits
    }

    /// The report as JSON.
    pub fn json(&self) -> Value {
        let forms = self.outcomes().map(|(form, reader, outcome)| {
            let mut value = json!({ "form": form.to_string(), "reader": reader.map(Reader::name) });
            match outcome {
                Outcome::Agrees(difference) => value["difference"] = (*difference).into(),
                Outcome::AgreesBeyondLimit { difference, reason } => {
                    value["difference"] = (*difference).into();
                    value["unexpected_limit"] = reason.as_str().into();
                }
                Outcome::Limited { reason, source } => value["limit"] = json!([reason, source]),
                Outcome::OneSize(refusal) => value["one_size"] = refusal.as_str().into(),
                Outcome::Failed(reason) => value["failed"] = reason.as_str().into(),
            }
            value
        });
        let forms: Vec<Value> = forms.collect();
        json!({ "model": self.name, "parameters": self.parameters, "seconds": self.seconds, "results": forms })
    }
}

impl fmt::Display for ModelReport {
    /// A line with the largest difference of each reader, and a further line for each failure.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = if self.is_failed() { "FAIL" } else { "PASS" };
        write!(f, "{status} {}:", self.name)?;
        for reader in Reader::ALL {
            if reader == Reader::Checker {
                continue;
            }
            match self.difference(reader) {
                Some(difference) => write!(f, " {} {difference:.1e},", reader.name())?,
                None => write!(f, " {} –,", reader.name())?,
            }
        }
        write!(f, " {:.1} s", self.seconds)?;
        if self.has_one_size() {
            write!(f, "; one size only")?;
        }
        for (form, reader, outcome) in self.outcomes() {
            let reader = reader.map_or("export", Reader::name);
            match outcome {
                Outcome::Limited { reason, .. } => write!(f, "\n    {reader} ({form}): limit: {reason}")?,
                Outcome::AgreesBeyondLimit { reason, .. } => {
                    write!(f, "\n    {reader} ({form}): agrees, although it is known that it {reason}")?;
                }
                Outcome::Failed(reason) => write!(f, "\n    {reader} ({form}): {}", one_line(reason))?,
                Outcome::Agrees(_) | Outcome::OneSize(_) => {}
            }
        }
        Ok(())
    }
}

/// The results of all models.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Random graphs around each operation.
    pub operations: Vec<ModelReport>,
    /// The models in the order in which they were verified.
    pub models: Vec<ModelReport>,
    /// Further checks that failed, each in a sentence.
    pub failures: Vec<String>,
}

impl Report {
    /// Number of graphs, models and further checks that failed.
    pub fn failed(&self) -> usize {
        let graphs = self.operations.iter().chain(&self.models);
        graphs.filter(|report| report.is_failed()).count() + self.failures.len()
    }

    /// The counts of the models in a line.
    pub fn summary(&self) -> String {
        format!("{} models: {}", self.models.len(), Self::counts(&self.models))
    }

    /// The counts of some reports.
    pub fn counts(reports: &[ModelReport]) -> String {
        let (mut files, mut passed, mut limited, mut failed) = (0, 0, 0, 0);
        for report in reports {
            files += report.forms.iter().filter(|form| form.result.is_ok()).count();
            if report.is_failed() {
                failed += 1;
            } else {
                passed += 1;
                if report.is_limited() {
                    limited += 1;
                }
            }
        }
        format!("{files} files, {passed} passed, {limited} of them with a limit of a reader, {failed} failed")
    }

    /// The report as JSON.
    pub fn json(&self) -> String {
        let models: Vec<Value> = self.models.iter().map(ModelReport::json).collect();
        let operations: Vec<Value> = self.operations.iter().map(ModelReport::json).collect();
        let value = json!({
            "summary": self.summary(), "models": models, "operations": operations, "failures": self.failures,
        });
        format!("{value:#}\n")
    }
}
