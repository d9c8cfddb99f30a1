//! The network that a command is about, from a config or from a model file.

use graph::Graph;
use model::Model;

use crate::failure::Failure;
use crate::model::Choice;
use crate::stored::{model_file, read_model};

/// A network with its name.
pub(crate) struct Chosen {
    pub(crate) name: String,
    /// The family; empty if it is not known.
    pub(crate) architecture: String,
    pub(crate) graph: Graph,
    /// The trained model, if the network comes from a model file.
    pub(crate) stored: Option<Model>,
}

impl Choice {
    /// The network of a config, of a preset, of a model file or of a run's folder.
    pub(crate) fn choose(&self) -> Result<Chosen, Failure> {
        let Some(file) = model_file(&self.model) else {
            let built = self.build()?;
            let (name, architecture, graph) = (built.name, built.architecture, built.graph);
            return Ok(Chosen { name, architecture, graph, stored: None });
        };
        let is_changed = self.input.is_some() || self.channels.is_some() || self.classes.is_some();
        if is_changed || !self.settings.is_empty() {
            let message = "--input, --channels, --classes and --set apply to configs; the network of a model file is fixed";
            return Err(Failure::usage(message).in_file(&file));
        }
        let (file, model) = read_model(&file)?;
        let config = model.source.as_ref().map_or("", |source| source.config.as_str());
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Chosen {
            name: factory::Factory::section(config, "name").ok().flatten().unwrap_or(stem),
            architecture: dialects::architecture(config).ok().flatten().unwrap_or_default(),
            graph: model.graph.clone(),
            stored: Some(model),
        })
    }
}
