//! `factory adapt`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use factory::Overrides;
use graph::{AdaptError, Adapted, Shape, adapt, printable, shown_path};

use crate::failure::{Failure, read, write};
use crate::model::{build, shape};

/// Change the number of classes or input channels of trained weights
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("new").required(true).multiple(true).args(["to", "classes", "channels"]))]
pub(crate) struct Adapt {
    /// Model of the weights: a config file, a ready model or family/preset
    model: String,
    /// Weights to adapt, a safetensors file
    weights: PathBuf,
    /// The model to adapt them to
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["classes", "channels"])]
    to: Option<String>,
    /// Number of classes of the adapted weights
    #[arg(long, value_name = "N")]
    classes: Option<usize>,
    /// Number of input channels of the adapted weights
    #[arg(long, value_name = "N")]
    channels: Option<usize>,
    /// Input of a family/preset, such as 3x224x224 or 6x100
    #[arg(long, value_name = "SHAPE", value_parser = shape)]
    input: Option<Shape>,
    /// Number of classes of the given weights [default: that of the model]
    #[arg(long, value_name = "N")]
    old_classes: Option<usize>,
    /// Number of input channels of the given weights [default: that of the model]
    #[arg(long, value_name = "N")]
    old_channels: Option<usize>,
    /// Seed for initializing the new head
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Weights file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Adapt {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let old = Overrides { channels: self.old_channels, classes: self.old_classes };
        let from = build(&self.model, self.input.as_ref(), old)?.graph;
        let to = match &self.to {
            Some(model) => {
                let input = if is_preset(model) { self.input.as_ref() } else { None };
                build(model, input, Overrides::default())?
            }
            None => {
                let new = Overrides {
                    channels: self.channels.or(old.channels),
                    classes: self.classes.or(old.classes),
                };
                build(&self.model, self.input.as_ref(), new)?
            }
        };
        let adapted = adapt(&read(&self.weights)?, &from, &to.graph, self.seed)
            .map_err(|error| self.refused(&error))?;
        write(&self.output, &adapted.weights)?;
        let Adapted { kept, adapted, fresh, dropped, .. } = adapted;
        let mut text = format!("kept     {} parameters\n", kept.len());
        for (what, names) in [("adapted", adapted), ("fresh", fresh), ("dropped", dropped)] {
            for name in names {
                text.push_str(&format!("{what:7}  {}\n", printable(&name)));
            }
        }
        Ok(text)
    }
}

impl Adapt {
    /// Adds advice if only shapes differ: the weights may be for another number of classes or channels.
    fn refused(&self, error: &AdaptError) -> Failure {
        let advice = match error {
            AdaptError::Weights(report) if report.missing.is_empty() && report.unexpected.is_empty() => {
                "; describe the given weights with --old-classes and --old-channels"
            }
            _ => "",
        };
        Failure::input(format!("weights file {}: {error}{advice}", shown_path(&self.weights)))
    }
}

fn is_preset(model: &str) -> bool {
    model.contains('/') && !model.contains('.')
}
