//! Arguments that name a model.

use std::path::Path;

use clap::Args;
use factory::{BuiltModel, ConfigError, Document, Factory, Family, Overrides, models};
use graph::{Shape, printable, quoted};

use crate::failure::Failure;
use crate::stored::{can_be_read, is_config_name, is_pipe, model_file, read_config, read_model, source_of};

/// The model.
#[derive(Args, Debug)]
pub(crate) struct Choice {
    /// A config file (YAML, or SleepKit's or heartKIT's JSON), a ready model, family/preset, a model file
    /// or a run's folder
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
    /// Input of a family/preset, such as 3x224x224 (an image) or 6x100 (a series)
    #[arg(long, value_name = "SHAPE", value_parser = shape)]
    pub(crate) input: Option<Shape>,
    /// Number of input channels [default: that of the config]
    #[arg(long, value_name = "N")]
    pub(crate) channels: Option<usize>,
    /// Number of classes [default: that of the config]
    #[arg(long, value_name = "N")]
    pub(crate) classes: Option<usize>,
}

impl Choice {
    pub(crate) fn build(&self) -> Result<BuiltModel, Failure> {
        self.build_with(Overrides::default())
    }

    /// Builds the model again, with these numbers instead of those of the options. `None` if that is impossible.
    pub(crate) fn rebuild(&self, overrides: Overrides) -> Option<BuiltModel> {
        if is_pipe(&self.model) { None } else { self.build_with(overrides).ok() }
    }

    fn build_with(&self, overrides: Overrides) -> Result<BuiltModel, Failure> {
        let overrides = Overrides {
            channels: overrides.channels.or(self.channels),
            classes: overrides.classes.or(self.classes),
        };
        build(&self.model, self.input.as_ref(), overrides)
    }
}

/// The model of a config file, a ready model, or a family's preset.
pub(crate) fn build(name: &str, input: Option<&Shape>, overrides: Overrides) -> Result<BuiltModel, Failure> {
    let (factory, path) = (Factory::builtin(), Path::new(name));
    if let Some(file) = model_file(name) {
        let source = source_of(&read_model(&file)?.1).map_err(|failure| failure.in_file(&file))?;
        let built = dialects::build(&factory, &source.config, overrides);
        return Ok(built.map_err(|error| error.in_file(&file))?);
    }
    let is_config = is_config_name(path) || can_be_read(path);
    let preset = name.split_once('/').and_then(|(family, preset)| Some((factory.get(family)?, preset)));
    if let (Some((family, preset)), false) = (preset, is_config) {
        return Ok(of_preset(&factory, family, preset, input, overrides)?);
    }
    if input.is_some() {
        return Err(Failure::usage(format!(
            "--input applies only to family/preset; {} has its own input",
            printable(name)
        )));
    }
    match models::get(name) {
        _ if is_config => build_file(&factory, path, overrides),
        Some(text) => Ok(factory.build_with(text, overrides)?),
        None => Err(Failure::input(format!(
            "expected a config file, a ready model, a model file or family/preset, found {}; `factory list` shows the names",
            quoted(name)
        ))),
    }
}

/// The model of a config file of this project, SleepKit or heartKIT.
fn build_file(factory: &Factory, file: &Path, overrides: Overrides) -> Result<BuiltModel, Failure> {
    let text = read_config(file)?;
    let built = dialects::build(factory, &text, overrides).and_then(|built| {
        check_sections(&text)?;
        Ok(built)
    });
    Ok(built.map_err(|error| error.in_file(file))?)
}

/// Checks the sections `data` and `train`, so that every command reports errors in them.
fn check_sections(text: &str) -> Result<(), ConfigError> {
    let document = Document::parse(text)?;
    // Configs of SleepKit and heartKIT have training settings of their own.
    if dialects::is_foreign(&document) {
        return Ok(());
    }
    document.section::<data::Config>("data")?;
    document.section::<train::Config>("train")?;
    Ok(())
}

/// A family's preset; by default for the family's usual input and the preset's number of classes.
pub(crate) fn of_preset(
    factory: &Factory,
    family: &Family,
    preset: &str,
    input: Option<&Shape>,
    overrides: Overrides,
) -> Result<BuiltModel, ConfigError> {
    let Shape { channels, space } = input.unwrap_or_else(|| family.input()).clone();
    let input = Shape::new(overrides.channels.unwrap_or(channels), space);
    let classes = overrides.classes.or_else(|| family.classes(preset));
    factory.preset(family.name(), preset, input, classes)
}

/// Reads `3x224x224` or `6x100`.
pub(crate) fn shape(text: &str) -> Result<Shape, String> {
    let sizes: Result<Vec<usize>, _> = text.split('x').map(str::parse).collect();
    match sizes.as_deref() {
        Ok([channels, space @ ..]) if (1..=2).contains(&space.len()) => Ok(Shape::new(*channels, space)),
        _ => Err("expected channels and length (6x100) or channels, height and width (3x224x224)".to_owned()),
    }
}

/// A shape as `--input` takes it.
pub(crate) fn written(shape: &Shape) -> String {
    shape.dims().iter().map(ToString::to_string).collect::<Vec<_>>().join("x")
}
