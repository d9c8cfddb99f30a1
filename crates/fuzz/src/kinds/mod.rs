//! The kinds of input, each in a file of its own.

mod arrays;
mod configs;
mod exercise;
mod exports;
mod foreign;
mod graphs;
mod images;
mod journals;
mod models;
mod planted;
mod random_graphs;
mod recordings;
mod sources;
mod streams;
mod tables;
mod tape;
mod texts;
mod ts;
mod weights;

use std::path::Path;

use anyhow::{Context, Result};

use crate::mutate;
use crate::outcome::Outcome;
use crate::random::Random;

/// A kind of input: creates inputs, and runs the code under test on them.
pub(crate) trait Kind {
    /// The initial inputs.
    fn bases(&self) -> &[Vec<u8>];

    /// Creates an input from the initial ones, by default as mutated text.
    fn mutate(&self, random: &mut Random) -> Vec<u8> {
        let start = base(random, self.bases());
        mutate::text(random, start, self.bases())
    }

    /// Runs the code under test on an input.
    fn run(&self, input: &[u8]) -> Outcome;
}

/// A kind with its name and its number of cases in the short run.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    /// Number of cases in the short run; 0 for a kind that is used only by the tests of this tool.
    pub(crate) quick_cases: u64,
    /// Creates the kind, with a folder for its files.
    pub(crate) new: fn(&Path) -> Result<Box<dyn Kind>>,
}

impl Entry {
    /// Whether the kind runs only if it is selected with `--kind`.
    pub(crate) fn is_hidden(&self) -> bool {
        self.quick_cases == 0
    }
}

/// All kinds.
pub(crate) const ALL: [Entry; 16] = [
    Entry { name: "configs", quick_cases: 4000, new: configs::new },
    Entry { name: "foreign", quick_cases: 6000, new: foreign::new },
    Entry { name: "weights", quick_cases: 40_000, new: weights::new },
    Entry { name: "arrays", quick_cases: 8000, new: arrays::new },
    Entry { name: "tables", quick_cases: 6000, new: tables::new },
    Entry { name: "ts", quick_cases: 8000, new: ts::new },
    Entry { name: "images", quick_cases: 3000, new: images::new },
    Entry { name: "models", quick_cases: 6000, new: models::new },
    Entry { name: "graphs", quick_cases: 10_000, new: graphs::new },
    Entry { name: "sources", quick_cases: 10_000, new: sources::new },
    Entry { name: "random", quick_cases: 4000, new: random_graphs::new },
    Entry { name: "texts", quick_cases: 6000, new: texts::new },
    Entry { name: "streams", quick_cases: 4000, new: streams::new },
    Entry { name: "journals", quick_cases: 4000, new: journals::new },
    Entry { name: "planted", quick_cases: 0, new: planted::new },
    Entry { name: "endless", quick_cases: 0, new: planted::endless },
];

pub(crate) fn find(name: &str) -> Result<&'static Entry> {
    ALL.iter().find(|entry| entry.name == name).with_context(|| {
        let known: Vec<&str> =
            ALL.iter().filter(|entry| !entry.is_hidden()).map(|entry| entry.name).collect();
        format!("--kind: expected one of {}, found `{name}`", known.join(", "))
    })
}

/// Picks one of the initial inputs.
fn base<'a>(random: &mut Random, bases: &'a [Vec<u8>]) -> &'a [u8] {
    &bases[random.below(bases.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::child::input;

    #[test]
    fn the_same_case_has_the_same_input() {
        let folder = tempfile::tempdir().unwrap();
        for entry in &ALL {
            let kind = (entry.new)(folder.path()).unwrap();
            let again = (entry.new)(folder.path()).unwrap();
            for case in [0, 1 << 40, u64::MAX] {
                let inputs = [&kind, &again].map(|kind| input(kind.as_ref(), case));
                assert!(inputs[0] == inputs[1], "{}: case {case}", entry.name);
            }
        }
    }

    #[test]
    fn only_known_kinds_are_found() {
        assert_eq!(find("images").unwrap().name, "images");
        let message = find("image").unwrap_err().to_string();
        assert!(message.starts_with("--kind: expected one of configs, "), "{message}");
        assert!(!message.contains("planted"), "{message}");
    }
}
