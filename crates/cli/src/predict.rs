//! `factory predict`.

mod cut;
mod files;
mod network;
mod npz;
mod output;
mod stream;
mod table;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use torch::tch::{self, Device};

use crate::failure::Failure;
use crate::trained::{Trained, device};
use network::Network;
use output::{Format, write};

/// What `--help` says after the options.
const HELP: &str = "\
Inputs are brought to the scale that the model was trained at, and the merged network is run on them.

FILES are .npz, .npy and .safetensors (the array `input`), .ts and .csv (a row for each recording, no
target), images, and folders of images. Results are a table on standard output, or a file, which is
written whole or not at all.
  classification  For each recording its class and the probability of each class. A series longer than
                  the network's input is cut into windows of that length, with a result for each:
                  `start` is its first sample. Samples after the last whole window have none. A
                  shorter series goes in as it is, where the network takes it.
  segmentation    For each sample or pixel its class, and that class's probability.
  regression      For each recording or window the values.
  denoising       For each sample the value of each channel, in the data's own units.
Where there are results for each sample, a series is one piece, of any length that the network takes.
A network whose outputs see the whole input (`factory summary` says so; squeeze-excite is one reason) is
given windows of the length that it was built for, each half over the one before, and says of each
sample what it says where that is in a window's middle.

STANDARD INPUT, as `-`, is one series: a line for each sample with its channels, separated by commas or
white space. Results are lines too, written before the next line is read, as soon as they are known.
They are those of the same series in a file; the last ones come when the input ends.
  classification, regression  Every --step samples a line for the last window.
  segmentation, denoising     A line for each sample: that of a causal network together with the
                              sample, that of another when all is there that it sees ahead, several
                              at a time where the network has strides. A network that sees the whole
                              input works on the windows above, half a window at a time.

An .npz file holds `outputs`, `origin` and `start`, and of classes `probabilities`, `classes` (indices)
and `class_names`; each but the last has an entry for each result. Where results have unequal lengths
the arrays are one for each, `outputs_0`, `outputs_1` and so on.";

/// Say what a trained model makes of files, or of samples on standard input.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub(crate) struct Predict {
    /// A run's folder, or its model.safetensors
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Files, folders of images, or `-` for samples on standard input
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    /// Where results go, in place of standard output: a .csv, .json or .npz file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What is written, where the file's name does not say it
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Samples from one window to the next; without, a window's length
    ///
    /// Of standard input with results for each sample: how many samples are worked on at once; without,
    /// 1. More cost less in all, and come later.
    #[arg(long, value_name = "N")]
    step: Option<NonZeroUsize>,
    /// Run the network as it was trained, norms and branches not merged
    #[arg(long)]
    unmerged: bool,
    /// cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu", value_parser = device)]
    device: Device,
    /// Threads that libtorch computes with; without, one for a small network, else as many as it likes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=1024))]
    threads: Option<i32>,
}

impl Predict {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let is_stream = self.inputs.iter().any(|input| input == Path::new("-"));
        let format = self.format(is_stream)?;
        let network = Network::new(Trained::read(&self.run)?, self.device, self.unmerged)?;
        let batch = if is_stream { 1 } else { files::BATCH };
        if let Some(threads) = self.threads.or(network.is_small(batch)?.then_some(1)) {
            tch::set_num_threads(threads);
        }
        let step = self.step.map(NonZeroUsize::get);
        if is_stream {
            if !network.is_of_series() {
                let message = format!("samples of a series; the network's input is {}", network.input);
                return Err(Failure::input(format!("standard input: {message}")));
            }
            stream::stream(&network, step, std::io::stdin().lock(), std::io::stdout().lock())?;
            return Ok(String::new());
        }
        if step.is_some() && network.is_of_each() {
            let message = "--step is for windows and for standard input; the network says something of each";
            return Err(Failure::input(format!("{message} sample")));
        }
        let mut recordings = Vec::new();
        for input in &self.inputs {
            recordings.extend(data::read_inputs(input, &network.input)?);
        }
        let answers = files::answers(&network, &recordings, step)?;
        let bytes = format.bytes(&network, &answers);
        match &self.output {
            Some(file) => {
                write(file, &bytes)?;
                Ok(String::new())
            }
            None => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// Checks what goes where.
    fn format(&self, is_stream: bool) -> Result<Format, Failure> {
        if is_stream && self.inputs.len() > 1 {
            return Err(Failure::input("standard input is one series; no file can stand beside it"));
        }
        if is_stream && (self.output.is_some() || self.format.is_some_and(|format| format != Format::Csv)) {
            return Err(Failure::input("the results of standard input go to standard output, as csv"));
        }
        match (self.format, &self.output) {
            (Some(Format::Npz), None) => Err(Failure::input("npz is no text; --output must name a file")),
            (Some(format), _) => Ok(format),
            (None, Some(file)) => Format::of(file),
            (None, None) => Ok(Format::Csv),
        }
    }
}
