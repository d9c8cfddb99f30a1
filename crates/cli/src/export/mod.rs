//! `factory export`.

mod notes;
mod summary;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use graph::{ErrorKind, quoted};
use onnx::{ExportError, Options, Sizes};

use crate::failure::{Failure, cannot_write};
use crate::number::positive;
use crate::output::note;
use crate::source::write_rust;
use crate::stored::model_file;
use crate::with_weights::ModelWithWeights;

/// Write a trained model as ONNX, or a model as Rust source
#[derive(Args, Debug)]
pub(crate) struct Export {
    #[command(flatten)]
    model: ModelWithWeights,
    /// File to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Format of the file [default: from its extension, .onnx or .rs]
    #[arg(long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    onnx: OnnxOptions,
}

/// The formats of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// ONNX, with the weights
    Onnx,
    /// Rust source that builds the network, as `factory source` prints it, without weights
    Rust,
}

/// Options of an ONNX file.
#[derive(Args, Debug)]
#[command(next_help_heading = "Options of ONNX files")]
struct OnnxOptions {
    /// Keep norms and branches as trained [default: folded into convolutions]
    #[arg(long)]
    unmerged: bool,
    /// Accept only one size and one number of samples [default: one size, any number of samples]
    #[arg(long = "static", conflicts_with = "is_dynamic")]
    is_static: bool,
    /// Number of samples of a static file [default: 1]
    #[arg(long, value_name = "N", value_parser = positive, requires = "is_static")]
    batch_size: Option<NonZeroUsize>,
    /// Accept any length, or any height and width, that the network accepts
    #[arg(long = "dynamic")]
    is_dynamic: bool,
    /// Accept input in the units of the data; the file normalizes it. A regression model or a denoiser then also
    /// outputs values in these units
    #[arg(long)]
    raw_input: bool,
    /// Output probabilities of the classes instead of logits
    #[arg(long)]
    probabilities: bool,
    /// Write a series as an image of height 1, which some runtimes and accelerators prefer
    #[arg(long)]
    as_image: bool,
    /// Also output the value of this node or scope, such as `layer1`; may be repeated
    #[arg(long = "add-output", value_name = "NAME")]
    further_outputs: Vec<String>,
}

impl Export {
    pub(crate) fn run(mut self) -> Result<String, Failure> {
        match self.format()? {
            Format::Rust => {
                self.check_rust()?;
                write_rust(&self.model.model, &self.output)?;
                Ok(String::new())
            }
            Format::Onnx => self.write_onnx(),
        }
    }

    /// The format, from the option or from the file's extension.
    fn format(&self) -> Result<Format, Failure> {
        if let Some(format) = self.format {
            return Ok(format);
        }
        let extension = self.output.extension().and_then(|extension| extension.to_str());
        match extension {
            Some("onnx") => Ok(Format::Onnx),
            Some("rs") => Ok(Format::Rust),
            _ => {
                let found = match extension {
                    Some(extension) => quoted(&format!(".{extension}")),
                    None => "none".to_owned(),
                };
                let message =
                    format!("--output: expected the extension .onnx or .rs, found {found}; or use --format");
                Err(Failure::usage(message).in_file(&self.output))
            }
        }
    }

    /// Refuses arguments that have no effect on Rust source.
    fn check_rust(&self) -> Result<(), Failure> {
        let given = [
            (self.model.weights.is_some(), "WEIGHTS"),
            (self.onnx.unmerged, "--unmerged"),
            (self.onnx.is_static, "--static"),
            (self.onnx.is_dynamic, "--dynamic"),
            (self.onnx.raw_input, "--raw-input"),
            (self.onnx.probabilities, "--probabilities"),
            (self.onnx.as_image, "--as-image"),
            (!self.onnx.further_outputs.is_empty(), "--add-output"),
        ];
        for (is_given, name) in given {
            if is_given {
                return Err(Failure::usage(format!(
                    "{name}: no effect on Rust source; leave this argument out"
                )));
            }
        }
        Ok(())
    }

    fn write_onnx(&mut self) -> Result<String, Failure> {
        self.model.check_output(&self.output)?;
        let choice = &mut self.model.model;
        // A model file keeps its network, which may run at another size.
        let input = if model_file(&choice.model).is_some() { choice.input.take() } else { None };
        let (model, lacks) = self.model.read()?;
        let options = Options { input, ..self.onnx.options() };
        let exported = onnx::export(&model, &options).map_err(|error| self.refused(error))?;
        let bytes = exported.to_bytes();
        graph::file::write(&self.output, &bytes).map_err(|error| cannot_write(&self.output, &error))?;
        let mut sentences: Vec<String> = lacks.into_iter().map(str::to_owned).collect();
        sentences.extend(notes::notes(&model, &options));
        for sentence in sentences {
            note(&format!("note: {sentence}"));
        }
        let summary = summary::summary(&exported, bytes.len());
        if is_standard_output(&self.output) {
            note(summary.trim_end());
            return Ok(String::new());
        }
        Ok(summary)
    }

    /// The failure of an export, with the file that it concerns.
    fn refused(&self, error: ExportError) -> Failure {
        match error {
            ExportError::Options(_) => Failure::usage(error),
            ExportError::Graph(error) if error.kind() == ErrorKind::Name => {
                Failure::input(format!("--add-output: {}", error.message()))
            }
            ExportError::Model(_) => Failure::input(error).in_file(&self.model.weights_file()),
            error => Failure::input(error).in_file(Path::new(&self.model.model.model)),
        }
    }
}

/// Whether the file goes to standard output, where no text may follow it.
fn is_standard_output(file: &Path) -> bool {
    ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| file == Path::new(name))
}

impl OnnxOptions {
    fn options(&self) -> Options {
        let sizes = if self.is_dynamic {
            Sizes::Dynamic
        } else if self.is_static {
            Sizes::Static { batch: self.batch_size.map_or(1, NonZeroUsize::get) }
        } else {
            Sizes::DynamicBatch
        };
        Options {
            merged: !self.unmerged,
            sizes,
            input: None,
            raw_input: self.raw_input,
            probabilities: self.probabilities,
            as_image: self.as_image,
            further_outputs: self.further_outputs.clone(),
        }
    }
}
