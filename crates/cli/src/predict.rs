//! `factory predict`.

mod gathered;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use data::{Filling, InputReader, summary_of_notes};
use predict::{MAX_BATCH, PredictError, Prediction, Predictor};
use train::Communicator;

use crate::backend::{Backend, Form};
use crate::failure::{Failure, cannot_write};
use crate::file_settings::FileSettings;
use crate::number::positive;
use crate::output::{EscapedOutput, cannot_print, data_notes};
use crate::ranks::{agree, share_of};
use crate::stored::read_model;
use crate::trained::Described;

/// The text of `--help` after the options.
const HELP: &str = "\
Inputs are normalized as in training. The merged network is run on them, on the engine of this project unless --device
is a GPU or `--with torch` is set.

INPUT is an .npz, .npy or .safetensors file (the array `input`), a .ts file, a table (.csv, .tsv, .txt), an image, or
a folder or a pattern (such as 'night/*.csv') of such files. A file is read as the config of the model describes files
of its kind: with the same layout, channels, columns and array names. Targets, groups and times are not required.
--layout, --target, --channels and --array replace what the config says. Predictions are printed as a table, or
written to a file.
  classification  One row per recording: its class and the probability of each class. A series that is
                  longer than the network's input is cut into windows of that length, with one row per
                  window; `start` is its first sample. Samples after the last whole window are not
                  used. A shorter series is passed as it is, if the network takes it. In a table with one
                  recording per row, all rows have the length of those that the model was trained on.
  multi_label     One row per recording or window: 1 or 0 for each class, then the probabilities.
  segmentation    One row per sample or pixel: its class and the probability of that class.
  regression      One row per recording or window: its values, in the units of the training targets.
  denoising       One row per sample: the value of each channel, in the data's own units.
With one row per sample, a series can have any length that the network takes. If the outputs of the
network depend on the whole input (see `factory summary`; squeeze-excite is a common reason), the series is
cut into windows of the length that the network was built for, which overlap by half, and the middle of each
window is used.

STANDARD INPUT, written as `-`, is a single series: one line per sample with its channels, separated by
commas or white space. The first line may contain the names of the columns; those of the model's channels are
read. Predictions are printed as soon as they are known, before the next line is read. They equal those of the
same series in a file; the last ones follow the end of the input.
  classification, multi_label, regression
                              A line for the latest window after every --step samples.
  segmentation, denoising     A line per sample. A causal network responds to each sample at once;
                              another network once the future samples that it needs have arrived,
                              several lines at a time if it has strides. The engine computes each sample
                              once, at the cost of that sample alone, unless lengths must be multiples of
                              the strides. A network that depends on the whole input uses the overlapping
                              windows, half a window at a time.

An .npz file contains `outputs`, `origin` and `start`; with classes also `probabilities`, `class_names` and `classes`
(indices) or, for multi_label, `labels` (0 or 1); with values `output_names`. The first axis of every array except
the names is the prediction. If predictions differ in length, each has its own arrays `outputs_0`, `outputs_1` and so
on.";

/// Number of files that a rank reads at once: those of a batch, if each file is one input.
const FILES_AT_ONCE: usize = MAX_BATCH;

/// Run a trained model on files or on standard input.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub(crate) struct Predict {
    /// A model file, or the folder of a run
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Files, folders or patterns of files, or `-` for samples on standard input
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    settings: FileSettings,
    /// Write predictions to this .csv, .json or .npz file instead of printing them
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Format of the predictions; by default that of the file's extension, or csv
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Samples between the starts of neighboring windows; by default the length of a window
    ///
    /// For standard input and a network with an output per sample: number of samples to run at once; by
    /// default 1. Larger numbers raise throughput and delay each sample.
    #[arg(long, value_name = "N", value_parser = positive)]
    step: Option<NonZeroUsize>,
    /// Run the network as it was trained, without merging
    #[arg(long)]
    unmerged: bool,
    #[command(flatten)]
    pub(crate) backend: Backend,
}

/// Formats of predictions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table with a row per result
    Csv,
    /// An object with the classes, and an entry per prediction
    Json,
    /// NumPy arrays, only in a file
    Npz,
}

impl Predict {
    pub(crate) fn run(self, ranks: &dyn Communicator) -> Result<String, Failure> {
        if self.reads_standard_input() {
            // Only the first rank has it.
            if ranks.rank() == 0 {
                let (_, _, mut predictor) = self.prepare()?;
                self.predict_stream(&mut predictor)?;
            }
            return Ok(String::new());
        }
        let (format, described, mut predictor) = agree(ranks, self.prepare())?;
        let predictions = self.predict_files(&mut predictor, &described, ranks)?;
        if ranks.rank() > 0 {
            return Ok(String::new());
        }
        let bytes = format.bytes(&predictor, &predictions);
        let Some(file) = &self.output else { return Ok(String::from_utf8_lossy(&bytes).into_owned()) };
        graph::file::write(file, &bytes).map_err(|error| cannot_write(file, &error))?;
        Ok(String::new())
    }

    /// Everything that is known before the inputs are read.
    fn prepare(&self) -> Result<(Format, Described, Predictor), Failure> {
        let format = self.output_format(self.reads_standard_input())?;
        let (file, model) = read_model(&self.model)?;
        self.check_output(&file)?;
        let described = Described::of(&model).map_err(|failure| failure.in_file(&file))?;
        let form = if self.unmerged { Form::Stored } else { Form::Merged };
        let mut predictor = self.backend.predictor(&model, form)?;
        if let Some(data) = &described.data {
            let filling = Filling::of(data, predictor.input());
            predictor = predictor.with_filling(filling);
        }
        Ok((format, described, predictor))
    }

    fn reads_standard_input(&self) -> bool {
        self.inputs.iter().any(|input| input == Path::new("-"))
    }

    fn step(&self) -> Option<usize> {
        self.step.map(NonZeroUsize::get)
    }

    fn predict_stream(&self, predictor: &mut Predictor) -> Result<(), Failure> {
        if !predictor.takes_series() {
            let message =
                format!("expected a network that takes series, found the input {}", predictor.input());
            return Err(Failure::input(format!("standard input: {message}")));
        }
        let output = EscapedOutput::new(std::io::stdout().lock());
        let result = predictor.predict_stream(self.step(), std::io::stdin().lock(), output);
        result.map_err(|error| match error {
            PredictError::Input { .. } => Failure::input(format!("standard input: {error}")),
            PredictError::Write(error) => cannot_print(&error),
            _ => Failure::input(error),
        })
    }

    /// Predicts the files in rounds: in each of them, every rank reads and predicts some files. Returns the predictions on
    /// the first rank, in the order of the files, and nothing on the others.
    fn predict_files(
        &self,
        predictor: &mut Predictor,
        described: &Described,
        ranks: &dyn Communicator,
    ) -> Result<Vec<Prediction>, Failure> {
        let listed = self.check_step(predictor).and_then(|()| self.list(&self.reader(predictor, described)));
        let (files, notes_of_folders) = agree(ranks, listed)?;
        agree(ranks, compare_files(&files, ranks))?;
        data_notes(&notes_of_folders);
        let (mut predictions, mut notes) = (Vec::new(), Vec::new());
        for round in files.chunks(ranks.size() * FILES_AT_ONCE) {
            let part = self.predict_part(&round[share_of(ranks).of(0..round.len())], predictor, described);
            for (predictions_of_part, notes_of_part) in gathered::on_first(ranks, agree(ranks, part)?) {
                predictions.extend(predictions_of_part);
                notes.extend(notes_of_part);
            }
        }
        data_notes(&summary_of_notes(&notes));
        Ok(predictions)
    }

    /// Lists the files of all inputs. Returns them with notes about folders.
    fn list(&self, reader: &InputReader<'_>) -> Result<(Vec<PathBuf>, Vec<String>), Failure> {
        let (mut files, mut notes) = (Vec::new(), Vec::new());
        for input in &self.inputs {
            let (files_of_input, notes_of_input) = reader.list(input)?;
            files.extend(files_of_input);
            notes.extend(notes_of_input);
        }
        Ok((files, notes))
    }

    fn predict_part(
        &self,
        files: &[PathBuf],
        predictor: &mut Predictor,
        described: &Described,
    ) -> Result<gathered::Part, Failure> {
        let reader = self.reader(predictor, described);
        let (mut recordings, mut notes) = (Vec::new(), Vec::new());
        for file in files {
            let memory = reader.read(file)?;
            notes.extend(memory.description.notes);
            recordings.extend(memory.recordings);
        }
        let predictions = predictor.predict(&recordings, self.step()).map_err(Failure::input)?;
        Ok((predictions, notes))
    }

    fn check_step(&self, predictor: &Predictor) -> Result<(), Failure> {
        if self.step.is_some() && predictor.is_dense() {
            let message = "--step: not supported for files with a network that has an output per sample";
            return Err(Failure::usage(message));
        }
        Ok(())
    }

    fn reader<'a>(&self, predictor: &'a Predictor, described: &'a Described) -> InputReader<'a> {
        InputReader {
            input: predictor.input(),
            config: described.data.as_ref().map(|data| (data, described.folder.as_path())),
            channels: predictor.channel_names(),
            columns: predictor.column_names(),
            settings: self.settings.file(),
        }
    }

    /// Refuses to replace the model or an input by the predictions.
    fn check_output(&self, model: &Path) -> Result<(), Failure> {
        let Some(output) = &self.output else { return Ok(()) };
        let Ok(output_file) = output.canonicalize() else { return Ok(()) };
        let mut read = self.inputs.iter().map(PathBuf::as_path).chain([model]);
        if read.any(|file| file.canonicalize().is_ok_and(|file| file == output_file)) && output_file.is_file()
        {
            let message = "the output would replace the model or an input; use another file";
            return Err(Failure::input(message).in_file(output));
        }
        Ok(())
    }

    /// Checks the options for outputs.
    fn output_format(&self, is_stream: bool) -> Result<Format, Failure> {
        if is_stream && self.inputs.len() > 1 {
            return Err(Failure::usage("standard input cannot be combined with other inputs"));
        }
        if is_stream && (self.output.is_some() || self.format.is_some_and(|format| format != Format::Csv)) {
            return Err(Failure::usage("predictions on standard input are printed as csv only"));
        }
        match (self.format, &self.output) {
            (Some(Format::Npz), None) => Err(Failure::usage("npz is a binary format; use --output FILE")),
            (Some(format), _) => Ok(format),
            (None, Some(file)) => Format::of_file(file),
            (None, None) => Ok(Format::Csv),
        }
    }
}

/// Refuses files that are not those of the first rank.
fn compare_files(files: &[PathBuf], ranks: &dyn Communicator) -> Result<(), Failure> {
    let mut names = Vec::new();
    for file in files {
        names.extend_from_slice(file.as_os_str().as_encoded_bytes());
        names.push(0);
    }
    if ranks.gather(&names)[0] == names {
        return Ok(());
    }
    Err(Failure::input("expected the same files on every rank, found other files than on rank 0"))
}

impl Format {
    /// The format of a file's extension.
    fn of_file(file: &Path) -> Result<Self, Failure> {
        let extension = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        Self::from_str(&extension, true).map_err(|_| {
            let message = "expected the extension .csv, .json or .npz; use --format for other names";
            Failure::input(message).in_file(file)
        })
    }

    fn bytes(self, predictor: &Predictor, predictions: &[Prediction]) -> Vec<u8> {
        match self {
            Self::Csv => predict::csv(predictor, predictions),
            Self::Json => predict::json(predictor, predictions),
            Self::Npz => predict::npz(predictor, predictions),
        }
    }
}
