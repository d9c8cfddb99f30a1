//! The identity of a run: everything that its result depends on, as named parts.
//!
//! Two configs that differ in comments, in their formatting or in defaults that one of them spells out
//! have the same identity. Keys that have no effect on the result are not part of it:
//! `train.keep_checkpoints`, `train.checkpoint_steps`, `data.threads`, `data.cache_size`, `data.folder`,
//! `data.sampling_rate`, `data.allow_overlap`, and the names and formats of files, whose contents count instead.

mod difference;
mod settings;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) use self::difference::Difference;
use crate::run::Run;
use crate::{ScheduleConfig, digest};

const EPOCHS: &str = "train.epochs";

/// The identity of a run. The key of each part is the config key, such as `train.learning_rate`, if there
/// is one; the value is JSON, a digest, or the text of the graph.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Identity {
    parts: BTreeMap<String, String>,
}

impl Identity {
    pub(crate) fn of(run: &Run) -> Self {
        let Run { graph, splits, config, seed, initial, .. } = run;
        let mut parts = BTreeMap::new();
        settings::add_training(&mut parts, config, splits.config.task);
        settings::add_data(&mut parts, splits);
        let mut add = |key: &str, value: String| parts.insert(key.to_owned(), value);
        add("data.train", splits.train.digest().to_owned());
        for (key, split) in [("data.validation", &splits.validation), ("data.test", &splits.test)] {
            if let Some(examples) = split {
                add(key, examples.digest().to_owned());
            }
        }
        add("network", graph.text());
        add("seed", seed.to_string());
        add(
            "weights",
            match initial {
                Some(weights) => digest::of_weights(weights),
                None => "random".to_owned(),
            },
        );
        Self { parts }
    }

    /// Returns the parts in which the run `now` differs from this earlier one and cannot continue it.
    ///
    /// A larger number of epochs does not count if the learning rate does not depend on it.
    pub(crate) fn differences(&self, now: &Self) -> Vec<Difference> {
        let mut differences = self.all_differences(now);
        differences.retain(|difference| {
            let is_extension = now.can_be_extended() && difference.is_more_epochs();
            !is_extension
        });
        differences
    }

    fn can_be_extended(&self) -> bool {
        let schedule = self.parts.get("train.schedule").and_then(|name| serde_json::from_str(name).ok());
        schedule.is_some_and(|schedule: ScheduleConfig| !schedule.depends_on_epochs())
    }

    /// Returns all parts in which the run `now` differs from this one.
    pub(crate) fn all_differences(&self, now: &Self) -> Vec<Difference> {
        let keys: std::collections::BTreeSet<&String> = self.parts.keys().chain(now.parts.keys()).collect();
        let mut differences: Vec<Difference> = Vec::new();
        for key in keys {
            let [then, now] = [self, now].map(|identity| identity.parts.get(key).cloned());
            // If the optimizer differs, its settings differ as well.
            let is_below =
                |above: &Difference| key.strip_prefix(&above.key).is_some_and(|rest| rest.starts_with('.'));
            if then != now && !differences.iter().any(is_below) {
                differences.push(Difference { key: key.clone(), then, now });
            }
        }
        differences
    }
}
