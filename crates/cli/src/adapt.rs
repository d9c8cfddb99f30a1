//! `factory adapt`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use factory::Overrides;
use graph::{AdaptError, Adapted, Graph, Shape, Weights, adapt, printable, shown_path};
use model::Model;

use crate::described::describe;
use crate::failure::{Failure, failed_write};
use crate::loading::{Wanted, load, options};
use crate::model::{build, shape};
use crate::stored::{is_pipe, weights_file};

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
    /// Model file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Adapt {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let old = Overrides { channels: self.old_channels, classes: self.old_classes };
        let from = build(&self.model, self.input.as_ref(), old)?;
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
        let rebuild = |overrides: Overrides| {
            let overrides = Overrides {
                channels: overrides.channels.or(old.channels),
                classes: overrides.classes.or(old.classes),
            };
            if is_pipe(&self.model) { None } else { build(&self.model, self.input.as_ref(), overrides).ok() }
        };
        let wanted = Wanted { name: &self.model, model: &from, build: &rebuild };
        let weights =
            load(&self.weights, &wanted, |differing| format!("use {}", options(differing, "old-")))?;
        let adapted =
            adapt(&weights, &from.graph, &to.graph, self.seed).map_err(|error| self.refused(&error))?;
        let model = self.described(to.graph, adapted.weights.clone());
        model.write(&self.output).map_err(failed_write)?;
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
    fn refused(&self, error: &AdaptError) -> Failure {
        Failure::input(format!("weights file {}: {error}", shown_path(&self.weights)))
    }

    /// The model file of the adapted weights: what the config says about its data, and the normalization of the old
    /// model file, if the input has the same channels.
    fn described(&self, graph: Graph, weights: Weights) -> Model {
        let mut model = Model::new(graph, weights);
        let count = model.normalization.mean.len();
        if let Ok(stored) = Model::read(weights_file(&self.weights))
            && stored.normalization.mean.len() == count
        {
            model.normalization = stored.normalization;
            model.channels = stored.channels;
            model.columns = stored.columns;
            model.sampling_rate = stored.sampling_rate;
        }
        match &self.to {
            Some(config) => describe(&mut model, config, false),
            None => describe(&mut model, &self.model, true),
        };
        model
    }
}

fn is_preset(model: &str) -> bool {
    model.contains('/') && !model.contains('.')
}
