//! The command `factory`: models by name and by config; their cost, training, predictions and weights.

mod adapt;
mod arguments;
mod backend;
mod baseline;
mod chosen;
mod compare;
mod completions;
mod convert;
mod curves;
mod described;
mod document;
#[cfg(all(test, feature = "torch"))]
mod documented;
mod evaluate;
mod export;
mod failure;
mod file_settings;
mod init;
mod list;
mod loading;
mod merge;
mod model;
mod number;
mod output;
#[cfg(feature = "torch")]
mod page;
mod predict;
#[cfg(feature = "torch")]
mod progress;
mod ranks;
mod runs;
mod settings;
mod shell;
mod show;
#[cfg(feature = "torch")]
mod signals;
mod source;
mod stored;
mod summary;
#[cfg(feature = "torch")]
mod train;
mod trained;
mod with_weights;
#[cfg(not(feature = "torch"))]
mod without_torch;

use std::process::ExitCode;
use std::sync::{Arc, LazyLock};

use ::train::Communicator;
use clap::{Parser, Subcommand};

use failure::{Exit, Failure};
use output::{CommandOutput, Verbosity};
use ranks::Ranks;

/// The version of this package and, if it is known, of libtorch.
fn version() -> String {
    #[cfg(feature = "torch")]
    if let Some(libtorch) = torch::libtorch_version() {
        return format!("{} (libtorch {libtorch})", env!("CARGO_PKG_VERSION"));
    }
    env!("CARGO_PKG_VERSION").to_owned()
}

static VERSION: LazyLock<String> = LazyLock::new(version);

/// Small convolutional networks: look at data, train, evaluate, predict, merge, export, convert weights
#[derive(Debug, Parser)]
#[command(name = "factory", version = VERSION.as_str())]
struct Cli {
    /// Print results and errors only, without notes and progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print all names of long lists
    #[arg(short, long, global = true)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the ready models and the presets of all families
    List(list::List),
    /// Show the layers of a model and their cost
    Summary(summary::Summary),
    /// Write a config for training on data files
    Init(init::Init),
    /// Print the config of a model with every default written out
    Show(show::Show),
    /// Print a model as Rust source that builds its graph, for you to own and change
    ///
    /// `factory export --format rust` writes the same source to a file.
    Source(source::Source),
    /// Train a model and write the run to a folder
    #[cfg(feature = "torch")]
    Train(train::Train),
    /// Check a config and its data without training
    #[cfg(feature = "torch")]
    Check(train::Check),
    /// Train a model and write the run to a folder
    #[cfg(not(feature = "torch"))]
    #[command(hide = true, disable_help_flag = true)]
    Train(without_torch::NeedsTorch),
    /// Check a config and its data without training
    #[cfg(not(feature = "torch"))]
    #[command(hide = true, disable_help_flag = true)]
    Check(without_torch::NeedsTorch),
    /// Measure a trained model on its test data or on labeled files, as stored and merged
    Evaluate(evaluate::Evaluate),
    /// Compare trained models in a table and on an HTML page
    Compare(compare::Compare),
    /// Run a trained model on files or on standard input
    Predict(predict::Predict),
    /// Fold norms and branches into convolutions, for inference
    Merge(merge::Merge),
    /// Write a trained model as ONNX for other runtimes, or a model as Rust source
    ///
    /// For a run or a model file, `--input` sets the input size of the ONNX file, instead of the size in training.
    Export(export::Export),
    /// Translate weights between packages' names and layouts
    Convert(convert::Convert),
    /// Change the number of classes or input channels of trained weights
    Adapt(adapt::Adapt),
    /// Print a script that completes the command's arguments in a shell
    Completions(completions::Completions),
}

impl Cli {
    fn verbosity(&self) -> Verbosity {
        if self.quiet {
            Verbosity::Quiet
        } else if self.verbose {
            Verbosity::Verbose
        } else {
            Verbosity::Normal
        }
    }
}

impl Command {
    /// Whether several ranks work on the command. Others are run by the first rank alone.
    fn has_ranks(&self) -> bool {
        match self {
            #[cfg(feature = "torch")]
            Self::Train(_) => true,
            Self::Evaluate(_) | Self::Predict(_) => true,
            _ => false,
        }
    }

    /// Chooses the GPU of this rank.
    #[cfg(feature = "torch")]
    fn choose_device(&mut self, ranks: &Ranks) {
        let device = match self {
            Self::Train(train) => &mut train.device,
            Self::Evaluate(evaluate) => &mut evaluate.backend.device,
            Self::Predict(predict) => &mut predict.backend.device,
            _ => return,
        };
        *device = ranks.device(*device);
    }

    fn run(self, ranks: &Arc<dyn Communicator>) -> Result<CommandOutput, Failure> {
        match self {
            Self::List(list) => list.run().map(CommandOutput::from),
            Self::Summary(summary) => summary.run().map(CommandOutput::from),
            Self::Init(init) => init.run().map(CommandOutput::from),
            Self::Show(show) => show.run().map(CommandOutput::from),
            Self::Source(source) => source.run().map(CommandOutput::from),
            #[cfg(feature = "torch")]
            Self::Train(train) => train.run(ranks),
            #[cfg(feature = "torch")]
            Self::Check(check) => check.run().map(CommandOutput::from),
            #[cfg(not(feature = "torch"))]
            Self::Train(train) => Err(train.refused("train")),
            #[cfg(not(feature = "torch"))]
            Self::Check(check) => Err(check.refused("check")),
            Self::Evaluate(evaluate) => evaluate.run(ranks.as_ref()).map(CommandOutput::from),
            Self::Compare(compare) => compare.run().map(CommandOutput::from),
            Self::Predict(predict) => predict.run(ranks.as_ref()).map(CommandOutput::from),
            Self::Merge(merge) => merge.run().map(CommandOutput::from),
            Self::Export(export) => export.run().map(CommandOutput::from),
            Self::Convert(convert) => convert.run().map(CommandOutput::from),
            Self::Adapt(adapt) => adapt.run().map(CommandOutput::from),
            Self::Completions(completions) => completions.run().map(CommandOutput::from),
        }
    }
}

fn main() -> ExitCode {
    let ranks = match Ranks::start() {
        Ok(ranks) => ranks,
        Err(failure) => return output::end(Err(failure)),
    };
    let communicator = ranks.communicator();
    let is_first = communicator.rank() == 0;
    #[cfg_attr(not(feature = "torch"), allow(unused_mut, reason = "the device is always the CPU"))]
    let mut cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if is_first => return arguments::end(error),
        Err(error) if error.use_stderr() => return Exit::Usage.into(),
        Err(_) => return Exit::Success.into(),
    };
    output::set_verbosity(if is_first { cli.verbosity() } else { Verbosity::Quiet });
    if !is_first && !cli.command.has_ranks() {
        return Exit::Success.into();
    }
    #[cfg(feature = "torch")]
    cli.command.choose_device(&ranks);
    let result = match cli.command.run(&communicator) {
        Ok(CommandOutput { exit, .. }) if !is_first => Ok(CommandOutput { text: String::new(), exit }),
        Err(failure) if !is_first => Err(failure.on_rank(communicator.rank())),
        result => result,
    };
    let failed = match &result {
        Err(failure) if !failure.is_of_another_rank => Some(failure.exit),
        Ok(_) | Err(_) => None,
    };
    let code = output::end(result);
    if let Some(exit) = failed {
        ranks.abort(exit);
    }
    code
}
