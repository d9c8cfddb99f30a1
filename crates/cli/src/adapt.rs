//! `factory adapt`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use factory::Overrides;
use graph::{AdaptError, Adapted, Graph, Shape, Weights, adapt, shown_path};
use model::Model;

use crate::described::describe;
use crate::document::Document;
use crate::failure::{Failure, failed_write};
use crate::loading::{Wanted, load, options};
use crate::model::shape;
use crate::output::names;
use crate::settings::Settings;
use crate::stored::weights_file;

/// Change the number of classes or input channels of trained weights
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("new").required(true).multiple(true).args(["to", "classes", "channels"]))]
pub(crate) struct Adapt {
    /// Model of the weights: a config file, `-` for a config on standard input, a ready model or a preset
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
    /// Input of the network, such as 3x224x224 or 6x100 [default: that of the config]
    #[arg(long, value_name = "SHAPE", value_parser = shape)]
    input: Option<Shape>,
    #[command(flatten)]
    settings: Settings,
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
        let document = Document::read(&self.model, &self.settings)?.with_input(self.input.as_ref())?;
        let from = document.build(old)?;
        let other = match &self.to {
            Some(to) => Some(self.other(to)?),
            None => None,
        };
        let to = match &other {
            Some(other) => other.build(Overrides::default())?,
            None => {
                let new = Overrides {
                    channels: self.channels.or(old.channels),
                    classes: self.classes.or(old.classes),
                };
                document.build(new)?
            }
        };
        let rebuild = |overrides: Overrides| {
            let overrides = Overrides {
                channels: overrides.channels.or(old.channels),
                classes: overrides.classes.or(old.classes),
            };
            document.build(overrides).ok()
        };
        let wanted = Wanted { name: &self.model, model: &from, build: &rebuild };
        let weights =
            load(&self.weights, &wanted, |differing| format!("use {}", options(differing, "old-")))?;
        let Adapted { weights, kept, adapted, fresh, dropped } =
            adapt(&weights, &from.graph, &to.graph, self.seed).map_err(|error| self.refused(&error))?;
        let mut model = self.normalized(to.graph, weights);
        let is_changed = other.is_none();
        describe(&mut model, other.unwrap_or(document), is_changed);
        model.write(&self.output).map_err(failed_write)?;
        let mut text = format!("kept     {} parameters\n", kept.len());
        text.push_str(&names("adapted", &adapted));
        text.push_str(&names("fresh  ", &fresh));
        text.push_str(&names("dropped", &dropped));
        Ok(text)
    }

    fn refused(&self, error: &AdaptError) -> Failure {
        Failure::input(format!("weights file {}: {error}", shown_path(&self.weights)))
    }

    /// The config of `--to`.
    fn other(&self, to: &str) -> Result<Document, Failure> {
        let other = Document::read(to, &Settings::default())?;
        if other.preset().is_some() { other.with_input(self.input.as_ref()) } else { Ok(other) }
    }

    /// The model of the adapted weights, with the normalization of the old model file if the input has the same
    /// channels.
    fn normalized(&self, graph: Graph, weights: Weights) -> Model {
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
        model
    }
}
