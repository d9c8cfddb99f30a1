//! The argument for a model with trained weights: a model file, a run's folder, or a config with a weights file.

use std::path::{Path, PathBuf};

use clap::Args;
use factory::models;
use graph::printable;
use model::Model;

use crate::described::described;
use crate::failure::Failure;
use crate::loading::{Wanted, load, options};
use crate::model::Choice;
use crate::stored::{check_output, model_file};

/// A model with trained weights.
#[derive(Args, Debug)]
pub(crate) struct ModelWithWeights {
    #[command(flatten)]
    pub(crate) model: Choice,
    /// Trained weights, a safetensors file; by default, those of a model file or a run's folder
    pub(crate) weights: Option<PathBuf>,
}

impl ModelWithWeights {
    /// Refuses an output that would replace the model or the weights.
    pub(crate) fn check_output(&self, output: &Path) -> Result<(), Failure> {
        let mut inputs = vec![Path::new(&self.model.model)];
        inputs.extend(self.weights.as_deref());
        check_output(output, &inputs)
    }

    /// The file of the weights: WEIGHTS, or the model file.
    pub(crate) fn weights_file(&self) -> PathBuf {
        let model_file = model_file(&self.model.model);
        self.weights.clone().or(model_file).unwrap_or_else(|| PathBuf::from(&self.model.model))
    }

    /// The model, and a note about what it lacks.
    pub(crate) fn read(&self) -> Result<(Model, Option<&'static str>), Failure> {
        let stored = match model_file(&self.model.model) {
            Some(_) => self.model.choose()?.stored,
            None => None,
        };
        match (stored, &self.weights) {
            (Some(model), None) => Ok((model, None)),
            (Some(_), Some(file)) => {
                let message = "the model file has its own weights; leave this argument out";
                Err(Failure::input(message).in_file(file))
            }
            (None, Some(file)) => self.with_weights(file),
            (None, None) => {
                // An argument that is not even a config is the greater mistake.
                self.model.document()?;
                let model = &self.model.model;
                let mut message =
                    "expected WEIGHTS, a safetensors file with the trained weights, found none".to_owned();
                if models::get(model).is_some() {
                    message.push_str(&format!("; `factory train {model}` trains this model"));
                }
                Err(Failure::usage(format!("{}: {message}", printable(model))))
            }
        }
    }

    /// The config's network with the weights of a file.
    fn with_weights(&self, file: &Path) -> Result<(Model, Option<&'static str>), Failure> {
        let built = self.model.build()?;
        let build = |overrides| self.model.rebuild(overrides).ok();
        let wanted = Wanted { name: &self.model.model, model: &built, build: &build };
        let weights = load(file, &wanted, |differing| format!("use {}", options(differing, "")))?;
        Ok(described(&self.model, built.graph, weights, file))
    }
}
