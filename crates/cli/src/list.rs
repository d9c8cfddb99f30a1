//! `factory list`.

use clap::Args;
use factory::{BuiltModel, Factory, Overrides, models};
use graph::{Shape, format, quoted};

use crate::failure::Failure;
use crate::model::{build, shape, written};

/// List the ready models and the presets of all families.
#[derive(Args, Debug)]
pub(crate) struct List {
    /// Only models that match, such as 'mobileone/*', or whose name contains this text
    pattern: Option<String>,
    /// Input of the presets, such as 3x224x224 or 6x100 [default: the usual input of each family]
    #[arg(long, value_name = "SHAPE", value_parser = shape)]
    input: Option<Shape>,
    /// Number of classes of the presets
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
        for name in factory.presets(&pattern) {
            let model = build(&name, self.input.as_ref(), overrides)?;
            rows.push(row(&name, &model));
        }
        if rows.len() == 1 {
            let pattern = self.pattern.unwrap_or(pattern);
            return Err(Failure::input(format!("no model matches {}", quoted(&pattern))));
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
