//! `factory list`.

use clap::Args;
use factory::{BuiltModel, Factory, Overrides, models};
use graph::{Shape, format};

use crate::failure::Failure;
use crate::model::{of_preset, shape, written};

/// Show the ready models and the families' presets.
#[derive(Args, Debug)]
pub(crate) struct List {
    /// Only those like this, such as 'mobileone/*'; without `*`, those that contain it
    pattern: Option<String>,
    /// Input of the presets, such as 3x224x224 or 6x100, instead of each family's usual one
    #[arg(long, value_name = "SHAPE", value_parser = shape)]
    input: Option<Shape>,
    /// Classes of the presets
    #[arg(long, value_name = "N")]
    classes: Option<usize>,
}

impl List {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let pattern = match self.pattern.as_deref() {
            None => "*".to_owned(),
            Some(pattern) if pattern.contains('*') => pattern.to_owned(),
            Some(part) => format!("*{part}*"),
        };
        let (factory, overrides) = (Factory::builtin(), Overrides { channels: None, classes: self.classes });
        let head = ["model", "architecture", "input", "output", "parameters"];
        let mut rows = vec![head.map(str::to_owned)];
        for name in models::like(&pattern) {
            rows.push(row(name, &factory.build_ready(name)?));
        }
        for family in factory.list() {
            for preset in factory.presets(&pattern) {
                let Some(of) = preset.strip_prefix(family.name()).and_then(|rest| rest.strip_prefix('/'))
                else {
                    continue;
                };
                let model = of_preset(&factory, family, of, self.input.as_ref(), overrides)?;
                rows.push(row(&preset, &model));
            }
        }
        if rows.len() == 1 {
            let message = format!("no model is like {:?}", self.pattern.unwrap_or(pattern));
            return Err(Failure::input(message));
        }
        Ok(format::table(&rows, 4))
    }
}

fn row(name: &str, model: &BuiltModel) -> [String; 5] {
    let trainable = model.graph.parameters().filter(|parameter| parameter.role.is_trainable());
    let parameters = trainable.map(|parameter| parameter.elements() as u64).fold(0, u64::saturating_add);
    let output = &model.graph.node(model.graph.main_output().value).shape;
    let [input, output] = [&model.input, output].map(written);
    [name.to_owned(), model.architecture.clone(), input, output, format::thousands(parameters)]
}
