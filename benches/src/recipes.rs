//! The recipes of docs/recipes.md, run on small files of the formats that they convert.
//!
//! `recipes/samples.py` writes the files, and as JSON the recordings that must be read from the results. The
//! expected values do not pass through the recipes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use data::{Config, Example, ExampleTarget, MASKED, Normalize, Order, Splits};
use factory::Factory;
use graph::Shape;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::command::output;
use crate::{environment, folder};

/// The page with the recipes.
pub const PAGE: &str = include_str!("../../docs/recipes.md");

/// A recipe of the page.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// Name of the script.
    pub name: &'static str,
    /// The script, in Python.
    pub script: &'static str,
    /// The config that reads the script's result.
    pub config: &'static str,
}

/// The recordings that must be read.
#[derive(Deserialize)]
struct Case {
    /// The name of the recipe.
    script: String,
    recordings: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    group: Option<String>,
    /// `[C, T]`.
    input: Vec<Vec<f32>>,
    target: ExpectedTarget,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ExpectedTarget {
    Class(String),
    /// A class for each sample, or `None` if it is unknown.
    Samples(Vec<Option<String>>),
}

/// The section `input` of a config.
#[derive(Deserialize)]
struct Input {
    channels: usize,
    length: usize,
}

/// The recipes of the page, in its order.
pub fn recipes() -> Vec<Recipe> {
    let mut found = Vec::new();
    let mut script = None;
    for block in PAGE.split("\n```").skip(1).step_by(2) {
        let Some((opening, text)) = block.split_once('\n') else { continue };
        match (opening.split_once(' '), script) {
            (Some(("python", name)), _) => script = Some((name, text)),
            (None, Some((name, script))) if opening == "yaml" => {
                found.push(Recipe { name, script, config: text });
            }
            _ => {}
        }
    }
    found
}

/// Path of the Python in the environment of the recipes, which is created if it does not exist.
///
/// # Errors
/// If the packages cannot be installed.
pub fn environment(tell: &mut impl FnMut(&str)) -> Result<PathBuf> {
    let requirements = folder("recipes").join("requirements.txt");
    environment::prepare("recipes", [&requirements, Path::new("")], "700 MB", tell)
        .context("could not install the packages of the recipes")
}

/// Runs every recipe and compares the recordings that are read from its result. Returns one line for each case.
///
/// # Errors
/// If a recipe fails, or if its result differs.
pub fn run(python: &Path) -> Result<Vec<String>> {
    let place = tempfile::tempdir()?;
    let samples = folder("recipes").join("samples.py");
    output(Command::new(python).arg(samples).arg(place.path()))?;
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(place.path())? {
        names.extend(entry?.file_name().into_string().ok());
    }
    names.sort_unstable();
    let recipes = recipes();
    let mut lines = Vec::new();
    for name in names {
        let count = check(python, &recipes, &place.path().join(&name)).with_context(|| name.clone())?;
        lines.push(format!("PASS {name} ({count} examples)"));
    }
    Ok(lines)
}

/// Runs the recipe of a case in the case's folder. Returns the number of examples.
fn check(python: &Path, recipes: &[Recipe], folder: &Path) -> Result<usize> {
    let case: Case = serde_json::from_str(&fs::read_to_string(folder.join("expected.json"))?)?;
    let recipe = recipes.iter().find(|recipe| recipe.name == case.script);
    let recipe = recipe.with_context(|| format!("no recipe is called `{}`", case.script))?;
    fs::write(folder.join(recipe.name), recipe.script)?;
    output(Command::new(python).arg(recipe.name).current_dir(folder))?;
    let Input { channels, length } = section(recipe.config, "input")?;
    let mut config: Config = section(recipe.config, "data")?;
    config.validation = None;
    config.normalize = Normalize::None;
    let splits = config.open(&Shape::new(channels, [length]), folder)?;
    let mut examples = 0..splits.train.len();
    for (i, recording) in case.recordings.iter().enumerate() {
        let samples = recording.input.first().map_or(0, Vec::len);
        for start in (0..samples / length).map(|window| window * length) {
            let index = examples.next().with_context(|| format!("recording {i} is missing"))?;
            let example = splits.train.example(index, Order::InOrder)?;
            compare(recording, start..start + length, &example, &splits)
                .with_context(|| format!("recording {i} from sample {start}"))?;
        }
    }
    ensure!(examples.is_empty(), "expected {} examples, found {}", examples.start, examples.end);
    Ok(examples.end)
}

fn compare(
    expected: &Expected,
    range: std::ops::Range<usize>,
    example: &Example,
    splits: &Splits,
) -> Result<()> {
    ensure!(
        example.group == expected.group,
        "expected the group {:?}, found {:?}",
        expected.group,
        example.group
    );
    let input: Vec<f32> =
        expected.input.iter().flat_map(|channel| &channel[range.clone()]).copied().collect();
    // The files hold integers and eighths, which no format rounds.
    let is_other = |(expected, found): (&f32, &f32)| expected.to_bits() != found.to_bits();
    let difference = input.iter().zip(example.input.data()).position(is_other);
    ensure!(
        input.len() == example.input.data().len() && difference.is_none(),
        "the input differs at {difference:?}"
    );
    let name = |class: i64| match usize::try_from(class) {
        Ok(class) => splits.classes.get(class).cloned(),
        Err(_) => None,
    };
    match (&expected.target, &example.target) {
        (ExpectedTarget::Class(class), ExampleTarget::Class(found)) => {
            ensure!(
                name(*found).as_ref() == Some(class),
                "expected the class {class}, found {:?}",
                name(*found)
            );
        }
        (ExpectedTarget::Samples(classes), ExampleTarget::Positions(found)) => {
            for (class, found) in classes[range].iter().zip(found) {
                let is_equal = if *found == MASKED { class.is_none() } else { *class == name(*found) };
                ensure!(is_equal, "expected the class {class:?}, found {:?}", name(*found));
            }
        }
        _ => anyhow::bail!("expected another kind of target"),
    }
    Ok(())
}

fn section<T: DeserializeOwned>(config: &str, key: &str) -> Result<T> {
    Factory::section(config, key)?.with_context(|| format!("the config has no `{key}`"))
}
