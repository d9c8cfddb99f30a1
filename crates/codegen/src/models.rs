//! `docs/models.md`: every preset and every ready model, with its cost.

use std::fmt::Write;

use anyhow::{Context, Result, ensure};
use factory::{Factory, Family};
use graph::format::thousands;
use graph::{Array, Cost, Field, Graph, Shape, Weights};

use crate::files::{COMMAND, File};
use crate::published;

const HEAD: &str = "\
Every preset of every family, at one input size; other sizes are possible. Ready models, \
each at its own size, are at the end. *Parameters* counts \
trained parameters only; *merged* is the inference form, with batch norms folded and branches joined. \
MACs are multiply-adds of convolutions and linear layers for one sample. *Memory* is the most that \
activations take at once, in inference, as f32. The receptive field is in elements of the input, along \
each axis; *all* means the whole input, however large. A named source gives exactly the same \
number of parameters.
";

pub(crate) fn file(factory: &Factory) -> Result<File> {
    let mut text = format!("<!-- Made by `{COMMAND}`; do not edit. -->\n\n# Models\n\n{HEAD}");
    for family in factory.list() {
        let is_image = family.input().rank() == 2;
        write!(text, "\n## {}\n", family.name())?;
        table(factory, family, family.input(), &mut text)?;
        if is_image {
            table(factory, family, &Shape::from([6, 100]), &mut text)?;
        }
    }
    ready(factory, &mut text)?;
    Ok(File { path: "docs/models.md".to_owned(), text })
}

/// The ready models at their own sizes, with the task and data of those that can be trained directly.
fn ready(factory: &Factory, text: &mut String) -> Result<()> {
    text.push_str(
        "\n## Ready models\n\nConfigs in `crates/factory/models`, by name wherever a config file is accepted. \
         Those with data can be trained directly: `factory train NAME`.\n\n\
         | name | family | input | output | parameters | merged | MACs | merged | memory | receptive field | \
         task | data |\n|---|---|---|---|--:|--:|--:|--:|--:|--:|---|---|\n",
    );
    for name in factory::models::names() {
        let model = factory.build_ready(name).with_context(|| name.to_owned())?;
        let output = model.graph.output_shape();
        let costs = costs(&model.graph)?.join(" | ");
        let config = factory::models::get(name).unwrap_or_default();
        let data: Option<serde_json::Value> = Factory::section(config, "data")?;
        let (task, files) = data.as_ref().map_or(("–".to_owned(), "–".to_owned()), |data| {
            let train = &data["train"];
            let file = train.as_str().or_else(|| train["file"].as_str()).unwrap_or_default();
            (data["task"].as_str().unwrap_or_default().to_owned(), format!("`{file}`"))
        });
        let (family, input) = (&model.architecture, &model.input);
        writeln!(text, "| `{name}` | {family} | `{input}` | `{output}` | {costs} | {task} | {files} |")?;
    }
    Ok(())
}

/// The presets of a family at one size.
fn table(factory: &Factory, family: &Family, input: &Shape, text: &mut String) -> Result<()> {
    let of = if input.rank() == 1 { "Series" } else { "Images" };
    write!(text, "\n{of}, `{input}`:\n\n")?;
    text.push_str(
        "| preset | classes | parameters | merged | MACs | merged | memory | receptive field | source |\n",
    );
    text.push_str("|---|--:|--:|--:|--:|--:|--:|--:|---|\n");
    for preset in family.presets() {
        let name = format!("{}/{preset}", family.name());
        let row = row(factory, family, preset, input).with_context(|| name.clone())?;
        writeln!(text, "| `{preset}` | {row} |")?;
    }
    Ok(())
}

fn row(factory: &Factory, family: &Family, preset: &str, input: &Shape) -> Result<String> {
    let graph = build(factory, family, preset, input)?;
    let classes = family.classes(preset).map_or_else(|| "–".to_owned(), |classes| classes.to_string());
    let source = match published::of(family.name(), preset) {
        Some((_, _, at, parameters, source)) => {
            let counted = build(factory, family, preset, &Shape::new(at[0], &at[1..]))?.cost()?.trainable;
            ensure!(counted == *parameters, "expected {parameters} parameters ({source}), found {counted}");
            // A count for an image does not apply to a series.
            if at.len() == input.dims().len() { (*source).to_owned() } else { "–".to_owned() }
        }
        None => "–".to_owned(),
    };
    Ok(format!("{classes} | {} | {source}", costs(&graph)?.join(" | ")))
}

/// Parameters, merged, MACs, merged, memory, receptive field.
fn costs(graph: &Graph) -> Result<[String; 6]> {
    let (cost, merged) = (graph.cost()?, merged(graph)?);
    Ok([
        thousands(cost.trainable),
        thousands(merged.trainable),
        thousands(cost.macs),
        thousands(merged.macs),
        memory(cost.peak_bytes()),
        receptive_field(graph),
    ])
}

fn build(factory: &Factory, family: &Family, preset: &str, input: &Shape) -> Result<Graph> {
    let classes = family.classes(preset);
    Ok(factory.preset(family.name(), preset, input.clone(), classes)?.graph)
}

/// The cost after merging, which is the same for all weights.
fn merged(graph: &Graph) -> Result<Cost> {
    let one = |parameter: graph::Parameter| (parameter.name, Array::from_fn(parameter.shape, |_| 1.0));
    let weights: Weights = graph.parameters().map(one).collect();
    Ok(graph::merge(graph, &weights).graph.cost()?)
}

fn receptive_field(graph: &Graph) -> String {
    let axis = |field: &Field| match field {
        Field::Steps { steps, .. } => thousands(*steps as u64),
        Field::Whole { .. } => "all".to_owned(),
    };
    let axes: Vec<String> = graph.receptive_field().axes.iter().map(axis).collect();
    match axes.as_slice() {
        [height, width] if height == width => height.clone(),
        axes => axes.join(" × "),
    }
}

/// Bytes in units of 1024.
fn memory(bytes: u64) -> String {
    match bytes {
        0..10_240 => format!("{bytes} B"),
        10_240..10_485_760 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{} MiB", bytes.div_ceil(1024 * 1024)),
    }
}
