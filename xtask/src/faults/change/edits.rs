//! Changes of a scenario's config and data.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::super::scenario::Scenario::{self, Denoising, Images, Series};
use super::super::scenario::{CONFIG, write_image};

/// A change of the config or the data.
pub(super) struct Change {
    pub(super) name: &'static str,
    /// The scenario to which it applies; `None` for all.
    pub(super) scenario: Option<Scenario>,
    /// The refusal must contain one of these.
    pub(super) named: &'static [&'static str],
    edit: Edit,
}

enum Edit {
    /// Replaces text in the config.
    Config(&'static str, &'static str),
    /// Changes the lines of a data file.
    Lines(&'static str, fn(&mut Vec<String>)),
    /// Changes the folder.
    Folder(fn(&Path) -> Result<()>),
}

const fn config(
    name: &'static str,
    scenario: Option<Scenario>,
    named: &'static [&'static str],
    [from, to]: [&'static str; 2],
) -> Change {
    Change { name, scenario, named, edit: Edit::Config(from, to) }
}

const fn lines(
    name: &'static str,
    scenario: Scenario,
    named: &'static [&'static str],
    file: &'static str,
    edit: fn(&mut Vec<String>),
) -> Change {
    Change { name, scenario: Some(scenario), named, edit: Edit::Lines(file, edit) }
}

const TRAIN: &[&str] = &["data.train"];
const VALIDATION: &[&str] = &["data.validation"];

/// Changes that affect the result.
pub(super) const HARMFUL: &[Change] = &[
    lines("two labels", Series, TRAIN, "data/train.csv", |rows| relabel(rows)),
    lines("a value", Series, TRAIN, "data/train.csv", |rows| rows[3].insert(0, '1')),
    lines("the order of rows", Series, TRAIN, "data/train.csv", |rows| rows.swap(2, 5)),
    lines("a row left out", Series, TRAIN, "data/train.csv", |rows| drop(rows.pop())),
    lines("a value of validation", Series, VALIDATION, "data/validation.csv", |rows| rows[1].insert(0, '1')),
    lines("a row of validation left out", Series, VALIDATION, "data/validation.csv", |rows| drop(rows.pop())),
    lines("a value", Denoising, TRAIN, "data/pulse.csv", |rows| rows[9].push('9')),
    lines("two samples", Denoising, TRAIN, "data/pulse.csv", |rows| rows.swap(20, 25)),
    lines("samples left out", Denoising, TRAIN, "data/pulse.csv", |rows| rows.truncate(380)),
    Change { name: "an image", scenario: Some(Images), named: TRAIN, edit: Edit::Folder(repaint) },
    Change { name: "two images", scenario: Some(Images), named: TRAIN, edit: Edit::Folder(exchange) },
    Change { name: "an image left out", scenario: Some(Images), named: TRAIN, edit: Edit::Folder(remove) },
    config("learning_rate", None, &["train.learning_rate"], ["learning_rate: 0.01", "learning_rate: 0.011"]),
    config("batch_size", None, &["train.batch_size"], ["batch_size: 8", "batch_size: 7"]),
    config("weight_decay", None, &["train.weight_decay"], ["train:\n", "train:\n  weight_decay: 0.5\n"]),
    config("clip_norm", None, &["train.clip_norm"], ["train:\n", "train:\n  clip_norm: 1\n"]),
    config("ema", Some(Series), &["train.ema"], ["ema: 0.9", "ema: 0.8"]),
    config("epochs of a cosine", Some(Series), &["train.epochs"], ["epochs: 16", "epochs: 17"]),
    config("fewer epochs", Some(Denoising), &["train.epochs"], ["epochs: 8", "epochs: 1"]),
    config("jitter", Some(Series), &["data.augment.jitter"], ["jitter: 0.05", "jitter: 0.06"]),
    config("crop", Some(Images), &["data.augment.crop"], ["crop: 1", "crop: 2"]),
    config("noise", Some(Denoising), &["data.noise.snr"], ["snr: 0", "snr: 1"]),
    config("window", Some(Denoising), &["data.window.step"], ["step: 8", "step: 4"]),
    config("normalize", None, &["data.normalize"], ["data:\n", "data:\n  normalize: none\n"]),
    config(
        "share of validation",
        Some(Images),
        &["data.validation"],
        ["validation: 0.25", "validation: 0.3"],
    ),
    config("optimizer", Some(Images), &["train.optimizer"], ["optimizer: sgd", "optimizer: adamw"]),
    config("depth of the network", None, &["network"], ["depth: 1", "depth: 2"]),
    config("dropout", Some(Series), &["network"], ["dropout: 0.2", "dropout: 0.3"]),
];

/// Changes that do not affect the result.
pub(super) const HARMLESS: &[Change] = &[
    config("a comment", None, &[], ["train:\n", "# More of it.\ntrain:\n"]),
    config("format", None, &[], ["batch_size: 8", "batch_size:    8"]),
    config("a default", None, &[], ["train:\n", "train:\n  precision: f32\n"]),
    config("data.threads", None, &[], ["data:\n", "data:\n  threads: 3\n"]),
    config("keep_checkpoints", Some(Series), &[], ["keep_checkpoints: 2", "keep_checkpoints: 4"]),
    config("fewer keep_checkpoints", Some(Denoising), &[], ["keep_checkpoints: 3", "keep_checkpoints: 1"]),
    config("checkpoint_steps", Some(Series), &[], ["checkpoint_steps: 2", "checkpoint_steps: 5"]),
    config("more epochs", Some(Denoising), &[], ["epochs: 8", "epochs: 10"]),
    Change { name: "the place of the data", scenario: None, named: &[], edit: Edit::Folder(relocate) },
];

impl Change {
    /// Makes the change in the folder with the config and the data.
    pub(super) fn make(&self, folder: &Path) -> Result<()> {
        match &self.edit {
            Edit::Config(from, to) => {
                let path = folder.join(CONFIG);
                let text = fs::read_to_string(&path)?;
                ensure!(text.contains(from), "expected {from:?} in the config");
                Ok(fs::write(path, text.replacen(from, to, 1))?)
            }
            Edit::Lines(file, edit) => {
                let path = folder.join(file);
                let text = fs::read_to_string(&path)?;
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                edit(&mut lines);
                Ok(fs::write(path, lines.join("\n") + "\n")?)
            }
            Edit::Folder(edit) => edit(folder).with_context(|| format!("could not change {}", self.name)),
        }
    }
}

/// Swaps the labels of two rows with different labels.
fn relabel(rows: &mut [String]) {
    let label = |row: &String| row.rsplit_once(',').map_or(0, |(values, _)| values.len());
    let first = rows[0].split_off(label(&rows[0]));
    let Some(other) = rows.iter_mut().skip(1).find(|row| !row.ends_with(&first)) else { return };
    let second = other.split_off(label(other));
    other.push_str(&first);
    rows[0].push_str(&second);
}

fn repaint(folder: &Path) -> Result<()> {
    write_image(&folder.join("data/photos/left/3.png"), &[90; 64])
}

fn exchange(folder: &Path) -> Result<()> {
    let photos = folder.join("data/photos");
    fs::rename(photos.join("left/1.png"), photos.join("other"))?;
    fs::rename(photos.join("right/1.png"), photos.join("left/1.png"))?;
    Ok(fs::rename(photos.join("other"), photos.join("right/1.png"))?)
}

fn remove(folder: &Path) -> Result<()> {
    Ok(fs::remove_file(folder.join("data/photos/right/19.png"))?)
}

fn relocate(folder: &Path) -> Result<()> {
    let config = folder.join(CONFIG);
    let text = fs::read_to_string(&config)?.replacen("folder: data", "folder: moved", 1);
    fs::write(config, text)?;
    Ok(fs::rename(folder.join("data"), folder.join("moved"))?)
}

#[cfg(test)]
mod tests {
    use super::super::super::folder;
    use super::*;

    #[test]
    fn each_change_applies_to_its_scenarios() {
        for change in HARMFUL.iter().chain(HARMLESS) {
            for scenario in Scenario::ALL {
                if change.scenario.is_some_and(|own| own != scenario) {
                    continue;
                }
                let place = tempfile::tempdir().unwrap();
                scenario.write(place.path()).unwrap();
                let before = folder::content(place.path()).unwrap();
                change.make(place.path()).unwrap();
                assert_ne!(folder::content(place.path()).unwrap(), before, "{}", change.name);
            }
        }
    }

    #[test]
    fn two_labels_are_swapped() {
        let mut rows = ["1,2,a", "3,4,a", "5,6,b"].map(str::to_owned);
        relabel(&mut rows);
        assert_eq!(rows, ["1,2,b", "3,4,a", "5,6,a"]);
    }
}
