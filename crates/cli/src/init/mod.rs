//! `factory init`: writes a config for given data.

mod arrays;
mod classes;
mod draft;
mod files;
mod images;
mod network;
mod series;
mod table;
mod text;

use std::path::{Path, PathBuf};

use clap::Args;
use data::{
    Config, Content, DataError, File, Inspection, RecordingFacts, TableLayout, Task, Validation, inspect,
};
use factory::{Factory, Overrides};
use graph::{listed, shown_path};

use crate::failure::Failure;
use crate::file_settings::FileSettings;
use crate::number::positive;
use crate::output::note;
use crate::shell;
use draft::Draft;
use files::Paths;
use network::Network;
use table::TargetKind;

/// Write a config for training on data files
///
/// Reads the files to determine their format, columns, classes, lengths and groups. Comments in the config give the
/// conclusions, the reasons and the alternatives. If the files do not show which column is the target, the error asks
/// for it.
///
/// Files and folders called `train`, `validation` or `test`, or with such a word in their names, become the sets of
/// these names. Otherwise, some of the recordings are held out for validation.
#[derive(Args, Debug)]
pub(crate) struct Init {
    /// Data files, folders of data files or images, or patterns such as 'subjects/*.csv'
    #[arg(value_name = "DATA", required = true)]
    data: Vec<PathBuf>,
    /// The config file to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The task: classification, multi_label, segmentation, regression or denoising [default: determined from the
    /// targets]
    #[arg(long, value_name = "TASK", value_parser = task)]
    task: Option<Task>,
    /// Length of the input in samples; longer series are cut into windows [default: determined from the data]
    #[arg(long, value_name = "SAMPLES", value_parser = positive)]
    length: Option<std::num::NonZeroUsize>,
    #[command(flatten)]
    settings: FileSettings,
}

/// Reads the name of a task.
fn task(name: &str) -> Result<Task, String> {
    serde_json::from_value(name.into()).map_err(|_| {
        let tasks = "classification, multi_label, segmentation, regression or denoising";
        format!("expected {tasks}, found {}", graph::quoted(name))
    })
}

impl Init {
    pub(crate) fn run(self) -> Result<String, Failure> {
        if let Some(output) = &self.output
            && output.exists()
        {
            let message = "the file exists; choose another name with --output, or remove it";
            return Err(Failure::input(message).in_file(output));
        }
        let base = self.output.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).to_owned();
        let text = self.config(&base)?;
        let Some(output) = &self.output else { return Ok(text) };
        graph::file::write(output, text.as_bytes())
            .map_err(|error| Failure::failed(format!("{}: cannot write: {error}", shown_path(output))))?;
        let word = shell::word(output);
        Ok(format!("{}: written; read its comments, then `factory check {word}`\n", shown_path(output)))
    }

    /// Returns the text of the config, which has been opened with its data.
    fn config(&self, base: &Path) -> Result<String, Failure> {
        let paths = Paths::of(&self.data);
        let name = files::name_of(self.output.as_ref().unwrap_or(&self.data[0]));
        let mut draft = Draft::new(name, files::split(&paths.train, base));
        if paths.is_divided() {
            let sentence = "The training, validation and test files are distinguished by their names.";
            draft.remarks.because("data.train", sentence);
        }
        if paths.others > 0 {
            let sentence = format!("Not read: {} other files or folders in the folder.", paths.others);
            draft.remarks.because("data.train", sentence);
        }
        let train = self.conclude(&mut draft, &paths.train, base)?;
        if !paths.validation.is_empty() {
            draft.data.validation = Some(Validation::Files(files::split(&paths.validation, base)));
        }
        if !paths.test.is_empty() {
            draft.data.test = Some(files::split(&paths.test, base));
        }
        let facts = self.facts(&mut draft, base)?;
        if let ([file], 1) = (&train[..], facts.count) {
            // Its samples are divided, and a range in a folder would select recordings.
            draft.data.train = files::split(std::slice::from_ref(file), base);
        }
        for note in &facts.notes {
            draft.remarks.because("data.train", format!("{note}."));
        }
        series::fill(&mut draft, &facts);
        let length = self.length.map(std::num::NonZeroUsize::get);
        let examples = series::cut(&mut draft, &facts, length);
        series::hold_out(&mut draft, &facts);
        classes::describe(&mut draft, &facts);
        let has_signals = draft.has_samples_as_rows && draft.data.task == Task::Regression;
        let network = Network::of(&draft.input, draft.data.task, has_signals, examples);
        draft.remarks.or(
            "train",
            "patience: 20",
            "stop after 20 epochs without improvement on the validation set",
        );
        let text = text::config(&draft, &command(), &network, &network::training(examples))?;
        check(&text, base)?;
        Ok(text)
    }

    /// Adds conclusions from the contents of the training files, and returns the files.
    fn conclude(&self, draft: &mut Draft, paths: &[PathBuf], base: &Path) -> Result<Vec<PathBuf>, Failure> {
        let inspections: Vec<Inspection> =
            paths.iter().map(|path| inspect(path)).collect::<Result<_, _>>()?;
        let place = shown_path(&paths[0]);
        let settings = self.settings.file();
        let count = inspections.iter().map(|inspection| inspection.files.len()).sum();
        match &inspections[0].content {
            Content::Tables(table) => {
                let conclusion = table::conclude(table, &settings, self.task, (&place, count))?;
                self.apply(draft, conclusion, count);
            }
            Content::Arrays(arrays) => arrays::conclude(draft, arrays, &settings, self.task, &place)?,
            Content::Images(images) => {
                images::conclude(draft, images, self.task, (&inspections[0].files[0], base))?;
            }
            Content::Ts => draft.data.task = self.task.unwrap_or(Task::Classification),
        }
        Ok(inspections.into_iter().flat_map(|inspection| inspection.files).collect())
    }

    /// Adds conclusions about a table.
    fn apply(&self, draft: &mut Draft, conclusion: table::TableConclusion, files: usize) {
        let table::TableConclusion { format, target, columns, labels, layout, channels, channels_because } =
            conclusion;
        draft.has_samples_as_rows = format.layout == Some(TableLayout::Samples);
        draft.remarks.because("format", format!("{layout}."));
        let other = if draft.has_samples_as_rows { "recordings" } else { "samples" };
        draft.remarks.or(
            "layout",
            format!("layout: {other}"),
            "if that is what a row contains; try `factory init` with --layout",
        );
        draft.remarks.because("format", "The columns:");
        for column in columns {
            draft.remarks.because("format", format!("- {column}"));
        }
        if format.group.is_none() && draft.has_samples_as_rows && files > 1 {
            draft.remarks.or(
                "group",
                "group: file",
                "if each file is a subject, so that no subject is on both sides of a split",
            );
        }
        let count = match (&format.channels, draft.has_samples_as_rows) {
            (Some(columns), true) => columns.0.len(),
            _ => channels,
        };
        draft.input = graph::Shape::new(count, [1]);
        if let Some(because) = channels_because {
            draft.remarks.because("input", format!("{count} channels, because {because}."));
        } else if !draft.has_samples_as_rows {
            let line = "input: { channels: 3, length: … }";
            draft.remarks.or(
                "input",
                line,
                "if a row holds the samples of several channels, one channel after another",
            );
            draft.remarks.or(
                "input",
                "input: { channels: 1, height: …, width: … }",
                "if a row holds the pixels of an image",
            );
        }
        draft.data.task = match (self.task, target) {
            (Some(task), _) => task,
            (None, TargetKind::Classes) if draft.has_samples_as_rows => Task::Segmentation,
            (None, TargetKind::Classes) => Task::Classification,
            (None, TargetKind::Labels) => Task::MultiLabel,
            (None, TargetKind::Numbers) => Task::Regression,
            (None, TargetKind::None) => Task::Denoising,
        };
        classes::from_labels(draft, &labels);
        if target == TargetKind::None {
            draft.data.noise = serde_json::from_value(serde_json::json!({ "snr": 5, "white": 1 })).ok();
        }
        if format != File::default() {
            draft.data.format = Some(format);
        }
    }

    /// Reads the training recordings and refines the task.
    fn facts(&self, draft: &mut Draft, base: &Path) -> Result<RecordingFacts, Failure> {
        let read = |data: &Config, draft: &Draft| data.recording_facts(&draft.input, base);
        let facts = read(&draft.data, draft)?;
        if self.task.is_none() && draft.has_samples_as_rows && draft.data.task == Task::Segmentation {
            series::refine_task(draft, &facts);
        }
        let is_of_numbers = draft.data.task == Task::Classification
            && self.task.is_none()
            && facts.classes.len() * 2 > facts.count
            && facts.classes.iter().all(|(name, _)| name.parse::<f64>().is_ok());
        if is_of_numbers {
            draft.data.task = Task::Regression;
            draft.remarks.because("task", "The targets are numbers that rarely repeat.");
            draft.remarks.or("task", "task: classification", "if they are labels");
            return self.shaped(draft, read(&draft.data, draft)?);
        }
        self.shaped(draft, facts)
    }

    fn shaped(&self, draft: &mut Draft, facts: RecordingFacts) -> Result<RecordingFacts, Failure> {
        if draft.data.task.has_classes() && facts.classes.len() < 2 && draft.data.task != Task::MultiLabel {
            let found: Vec<String> = facts.classes.iter().map(|(name, _)| name.clone()).collect();
            let message = format!("expected at least 2 classes, found {} ({})", found.len(), listed(&found));
            return Err(Failure::input(message).in_file(&self.data[0]));
        }
        if draft.input.rank() == 1 {
            draft.input = graph::Shape::new(facts.channels, [1]);
        }
        draft.outputs = match draft.data.task {
            Task::Regression => facts.outputs,
            Task::Denoising => draft.input.channels,
            Task::Classification | Task::MultiLabel | Task::Segmentation => facts.classes.len(),
        };
        Ok(facts)
    }
}

/// The command that writes the config.
fn command() -> String {
    let arguments: Vec<String> = std::env::args_os().skip(1).map(shell::word).collect();
    format!("factory {}", arguments.join(" "))
}

/// Builds the network of a config and opens its data, so that nothing is written that could not be trained.
fn check(text: &str, base: &Path) -> Result<(), Failure> {
    let built = dialects::build(&Factory::builtin(), text, Overrides::default())?;
    let Some(data) = Factory::section::<Config>(text, "data")? else {
        return Err(Failure::failed("data: missing"));
    };
    let splits = data.resolved().open(&built.input, base).map_err(|error: DataError| Failure::from(error))?;
    for line in splits.describe() {
        note(&graph::escaped(&line));
    }
    Ok(())
}
