//! `factory show`.

use clap::Args;
use factory::{ConfigError, Document, Factory, Overrides};

use crate::failure::Failure;
use crate::model::Choice;
use crate::shell;

/// Print the config of a model with every default written out.
#[derive(Args, Debug)]
pub(crate) struct Show {
    #[command(flatten)]
    model: Choice,
}

impl Show {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let (document, overrides) = (self.model.document()?, self.model.overrides());
        // The errors are those of all commands.
        document.build(overrides)?;
        let full = Document::parse(&document.source.config).and_then(|config| full(&config, overrides));
        let full = full.map_err(|error| document.blame(error.into()))?;
        let model = shell::word(&self.model.model);
        Ok(format!("# Every default written out by `factory show {model}`.\n{full}"))
    }
}

/// The config with every default of the network, of `data` and of `train`.
fn full(config: &Document, overrides: Overrides) -> Result<Document, ConfigError> {
    if dialects::is_foreign(config) {
        let message = "expected a config of this project, found one of SleepKit or heartKIT; `factory source` \
                       and `factory summary` show its network";
        return Err(ConfigError::new("", message));
    }
    let mut full = Factory::builtin().full_config(config, overrides)?;
    let data = config.section::<data::Config>("data")?;
    let train = config.section::<train::Config>("train")?;
    let trains = data.is_some() || train.is_some();
    if let Some(data) = data {
        full.insert("data", &data)?;
    }
    if trains {
        full.insert("train", &train.unwrap_or_default())?;
    }
    Ok(full)
}
