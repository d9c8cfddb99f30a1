//! `factory list`.

use clap::Args;
use data::Task;
use factory::{BuiltModel, ConfigError, Factory, Overrides, models};
use graph::{Shape, format, quoted};
use serde::Serialize;
use serde::de::IgnoredAny;

use crate::failure::Failure;
use crate::model::{shape, written};
use crate::output::is_verbose;

/// List the ready models and the presets of all families.
///
/// The task is that of the data which a ready model trains on; models without a task have only a network.
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
    /// Print JSON: a list of objects
    #[arg(long)]
    json: bool,
}

/// A model of the list.
#[derive(Serialize)]
struct Entry {
    name: String,
    architecture: String,
    /// Channels and sizes of one sample.
    input: Vec<usize>,
    output: Vec<usize>,
    /// Number of trainable values.
    parameters: u64,
    task: Option<Task>,
    /// Whether `factory train` trains it without further arguments.
    trains: bool,
    description: Option<String>,
}

impl List {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let pattern = match self.pattern.as_deref() {
            None => "*".to_owned(),
            Some(pattern) if pattern.contains('*') => pattern.to_owned(),
            Some(part) => format!("*{part}*"),
        };
        let factory = Factory::builtin();
        let mut entries = Vec::new();
        for name in models::like(&pattern) {
            entries.push(ready(&factory, name)?);
        }
        for name in factory.presets(&pattern) {
            entries.push(Entry::of(&name, &self.preset(&factory, &name)?));
        }
        if entries.is_empty() {
            let pattern = self.pattern.unwrap_or(pattern);
            return Err(Failure::input(format!("no model matches {}", quoted(&pattern))));
        }
        if self.json {
            return serde_json::to_string_pretty(&entries).map(|text| text + "\n").map_err(Failure::failed);
        }
        Ok(table(&entries))
    }

    /// A preset with the input and the number of classes that the options give.
    fn preset(&self, factory: &Factory, name: &str) -> Result<BuiltModel, Failure> {
        let model = factory.find(name).map_err(Failure::input)?;
        let overrides = Overrides { channels: None, classes: self.classes };
        let config = match &self.input {
            Some(input) => crate::document::with_input(&model.config(), input)?,
            None => model.config(),
        };
        Ok(factory.build_with(&config, overrides)?)
    }
}

/// A ready model with its task.
fn ready(factory: &Factory, name: &str) -> Result<Entry, ConfigError> {
    let config = models::get(name).unwrap_or_default();
    let data = Factory::section::<data::Config>(config, "data")?;
    let train = Factory::section::<IgnoredAny>(config, "train")?;
    Ok(Entry {
        trains: data.is_some() && train.is_some(),
        task: data.map(|data| data.task),
        description: models::description(name),
        ..Entry::of(name, &factory.build_ready(name)?)
    })
}

impl Entry {
    fn of(name: &str, model: &BuiltModel) -> Self {
        let trainable = model.graph.parameters().filter(|parameter| parameter.role.is_trainable());
        let sizes = trainable.map(|parameter| parameter.elements() as u64);
        Self {
            name: name.to_owned(),
            architecture: model.architecture.clone(),
            input: model.input.dims(),
            output: model.graph.output_shape().dims(),
            parameters: sizes.fold(0, u64::saturating_add),
            task: None,
            trains: false,
            description: None,
        }
    }
}

/// The models as text; with `--verbose`, the descriptions too.
fn table(entries: &[Entry]) -> String {
    let head = ["model", "task", "architecture", "input", "output", "parameters"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for entry in entries {
        let task = entry.task.map_or("–".to_owned(), |task| task.to_string());
        let [input, output] = [&entry.input, &entry.output].map(|sizes| written(sizes));
        let parameters = format::thousands(entry.parameters);
        rows.push(vec![entry.name.clone(), task, entry.architecture.clone(), input, output, parameters]);
    }
    let table = format::table(&rows, 5);
    if !is_verbose() {
        return table;
    }
    let mut text = String::new();
    let descriptions = std::iter::once(None).chain(entries.iter().map(|entry| entry.description.as_deref()));
    for (line, description) in table.lines().zip(descriptions) {
        text.push_str(line);
        if let Some(description) = description {
            text.push_str(&format!("  {description}"));
        }
        text.push('\n');
    }
    text
}
