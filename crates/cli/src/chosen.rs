//! The network that a command is about, from a config or from a model file.

use graph::{Graph, shown_path};
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
        if let Some(option) = self.change() {
            let found = format!("the model file {}, whose network is fixed", shown_path(&file));
            return Err(Failure::usage(format!("{option}: expected a config, found {found}")));
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

    /// The first option that changes the network.
    fn change(&self) -> Option<&'static str> {
        let options = [
            (self.input.is_some(), "--input"),
            (self.channels.is_some(), "--channels"),
            (self.classes.is_some(), "--classes"),
            (!self.settings.is_empty(), "--set"),
        ];
        options.into_iter().find(|(is_given, _)| *is_given).map(|(_, option)| option)
    }
}
