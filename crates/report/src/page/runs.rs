//! Several runs on one page: the folds of a cross-validation, or runs that are compared.

use std::collections::BTreeMap;
use std::path::Path;

use graph::visible;
use maud::{Markup, html};

use super::layout::{Header, Section, frame, reproduce};
use super::{Chart, Figure, chart, metric, results, runs_table};
use crate::{Details, Outcome, ReportError, Spread, file};

/// Several runs as a page.
///
/// All strings are escaped as in a [`Page`](crate::Page).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunsPage {
    /// The title.
    pub title: String,
    /// A sentence below the title.
    pub summary: String,
    /// Whether the runs are the folds of a cross-validation. Then they are summarized by their mean and range, and the
    /// outcomes of all folds are added. Otherwise the best run is marked.
    pub folds: bool,
    /// The runs.
    pub runs: Vec<RunResult>,
    /// Curves of the runs, one series for each.
    pub curves: Vec<Chart>,
    /// Notes, one sentence each.
    pub notes: Vec<String>,
    /// The command that repeats the runs; may be empty.
    pub command: String,
    /// The config of all runs, as YAML; may be empty.
    pub config: String,
}

/// One of several runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunResult {
    /// The name of the run, such as `fold 2` or its folder.
    pub name: String,
    /// The facts that distinguish this run, by name, such as `held out` or `train.learning_rate`.
    pub facts: BTreeMap<String, String>,
    /// The metrics, as those of [`Outcome::summary`].
    pub metrics: BTreeMap<String, f64>,
    /// The outcome, if the runs are folds.
    pub outcome: Option<Outcome>,
    /// Details of the outcome.
    pub details: Details,
}

impl RunsPage {
    /// The page as a document that refers to nothing outside itself. Equal pages give equal bytes.
    pub fn html(&self) -> String {
        let figures = self.figures();
        let header = Header { title: &self.title, summary: &self.summary, figures: &figures };
        visible(&frame(&header, &self.sections()).into_string())
    }

    /// Writes the page.
    ///
    /// # Errors
    /// Names the file.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), ReportError> {
        file::write(path.as_ref(), self.html().as_bytes())
    }

    /// The table of the runs as text, with a row of names first. For folds, the last rows are the mean, the standard
    /// deviation and the range.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let (facts, keys) = (self.facts(), self.keys());
        let mut rows = vec![[self.what(), facts.clone(), keys.clone()].concat()];
        for run in &self.runs {
            let facts = facts.iter().map(|fact| run.facts.get(fact).cloned().unwrap_or_default());
            let metrics = keys.iter().map(|key| number(run.metrics.get(key).copied()));
            rows.push([run.name.clone()].into_iter().chain(facts).chain(metrics).collect());
        }
        if self.folds {
            rows.extend(self.summary_rows());
        }
        rows
    }

    /// The mean, the standard deviation and the range of all runs, as rows of the table.
    pub fn summary_rows(&self) -> Vec<Vec<String>> {
        let (facts, keys) = (self.facts(), self.keys());
        let row = |name: &str, value: &dyn Fn(Spread) -> String| {
            let metrics = keys.iter().map(|key| self.spread(key).map_or("–".to_owned(), value));
            let blank = facts.iter().map(|_| String::new());
            [name.to_owned()].into_iter().chain(blank).chain(metrics).collect()
        };
        vec![
            row("mean", &|spread| number(Some(spread.mean))),
            row("std", &|spread| number(spread.deviation)),
            row("min", &|spread| number(Some(spread.low))),
            row("max", &|spread| number(Some(spread.high))),
        ]
    }

    /// The mean, standard deviation and range of a metric over the runs that have it.
    pub fn spread(&self, key: &str) -> Option<Spread> {
        Spread::of(self.runs.iter().filter_map(|run| run.metrics.get(key).copied()))
    }

    /// Names of all metrics, in a fixed order.
    pub fn keys(&self) -> Vec<String> {
        metric::keys(self.runs.iter().map(|run| &run.metrics)).into_iter().map(str::to_owned).collect()
    }

    /// Names of the metrics that are drawn: the squared error repeats its root.
    pub(super) fn shown_keys(&self) -> Vec<String> {
        let has_root = self.keys().iter().any(|key| key == "rmse");
        self.keys().into_iter().filter(|key| !(has_root && key == "mse")).collect()
    }

    /// Names of all facts, in order.
    pub(super) fn facts(&self) -> Vec<String> {
        let mut facts: Vec<String> = self.runs.iter().flat_map(|run| run.facts.keys().cloned()).collect();
        facts.sort_unstable();
        facts.dedup();
        facts
    }

    fn what(&self) -> Vec<String> {
        vec![if self.folds { "fold".to_owned() } else { "run".to_owned() }]
    }

    /// The most important metrics.
    fn figures(&self) -> Vec<Figure> {
        if !self.folds {
            return Vec::new();
        }
        let keys = self.shown_keys();
        let figure = |key: &String| {
            let spread = self.spread(key)?;
            let deviation =
                spread.deviation.map_or(String::new(), |sd| format!("± {}, ", metric::value(key, sd)));
            let range = format!("{} to {}", metric::value(key, spread.low), metric::value(key, spread.high));
            Some(Figure {
                name: metric::title(key),
                value: metric::value(key, spread.mean),
                note: format!("{deviation}{range} over {} folds", spread.count),
            })
        };
        keys.iter().filter_map(figure).take(4).collect()
    }

    fn sections(&self) -> Vec<Section> {
        let title = if self.folds { "Folds" } else { "Runs" };
        let mut sections = vec![Section { id: "runs", title, content: runs_table::render(self) }];
        let pooled = Outcome::pooled(self.runs.iter().filter_map(|run| run.outcome.as_ref()));
        if let Some(outcome) = pooled.filter(|_| self.folds) {
            let details = Details::pooled(self.runs.iter().map(|run| &run.details));
            let content = html! {
                p.note.under-title { "Every fold is predicted by the model that was not trained on it; the counts and errors of all folds are added." }
                div.stack { (results::render(&outcome, &details)) }
            };
            sections.push(Section { id: "results", title: "All folds together", content });
        }
        if !self.curves.is_empty() {
            let content = html! { div.curves { @for chart in &self.curves { (chart::render(chart)) } } };
            sections.push(Section { id: "curves", title: "Training", content });
        }
        if !self.notes.is_empty() {
            sections.push(Section { id: "notes", title: "Notes", content: notes(&self.notes) });
        }
        if !(self.command.is_empty() && self.config.is_empty()) {
            let content = reproduce(&self.command, &self.config);
            sections.push(Section { id: "reproduce", title: "Reproduce", content });
        }
        sections
    }
}

fn notes(notes: &[String]) -> Markup {
    html! { div.card.lines { ul { @for note in notes { li { (note) } } } } }
}

/// A number of a table as text.
fn number(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |value| format!("{value:.4}"))
}
