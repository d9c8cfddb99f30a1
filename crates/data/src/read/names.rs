//! The class names that are collected while a file is read.

use std::collections::BTreeMap;

use crate::classes::{self, MOST_CLASSES};
use crate::labels::{Labels, canonical, is_missing};
use crate::{Memory, Recording, Target};

/// The class names that a file declares, or those found so far.
#[derive(Debug, Default)]
pub(super) struct Names {
    indices: BTreeMap<String, usize>,
    names: Vec<String>,
    /// The class of each label that was found or declared, or `None` if the config ignores the label.
    labels: BTreeMap<String, Option<usize>>,
    declared: bool,
}

impl Names {
    /// The classes that a file declares by these labels. The file contains no others.
    pub(super) fn declared(declared: &[String], labels: &Labels) -> Self {
        let mut names = Self::default();
        for label in declared {
            let class = labels.declared_name(label).map(|name| names.add(name));
            names.labels.insert(canonical(label).into_owned(), class);
        }
        Self { declared: true, ..names }
    }

    /// Returns the index of the class that a label in the file stands for, or `None` if the class is unknown.
    ///
    /// # Errors
    /// If the file declares its classes, but not this one, or if there are too many classes.
    pub(super) fn label(&mut self, label: &str, labels: &Labels) -> Result<Option<usize>, String> {
        if let Some(class) = self.labels.get(label) {
            return Ok(*class);
        }
        if self.declared {
            if let Some(class) = self.labels.get(canonical(label).as_ref()) {
                return Ok(*class);
            }
            let is_unknown = labels.ignores(label) || !label.is_empty() && is_missing(label);
            return if is_unknown { Ok(None) } else { Err(classes::unknown(label, &self.names)) };
        }
        let Some(name) = labels.name(label) else { return Ok(None) };
        classes::check_name(&name)?;
        // Checked here so that a numeric column that is read as classes fails before all of it is read.
        if self.names.len() >= MOST_CLASSES && !self.indices.contains_key(name.as_ref()) {
            return Err(classes::too_many("more"));
        }
        let class = self.add(name.into_owned());
        // Bounded, because a class can be written in many ways.
        if self.labels.len() < 2 * MOST_CLASSES {
            self.labels.insert(label.to_owned(), Some(class));
        }
        Ok(Some(class))
    }

    fn add(&mut self, name: String) -> usize {
        let next = self.names.len();
        let index = *self.indices.entry(name.clone()).or_insert(next);
        if index == next {
            self.names.push(name);
        }
        index
    }

    /// Returns the recordings with their classes. Declared classes keep their order. Otherwise, the classes are
    /// those of the recordings that were selected, sorted.
    pub(super) fn with(self, mut recordings: Vec<Recording>) -> Memory {
        if self.declared {
            return Memory { classes: self.names, recordings, ..Memory::default() };
        }
        let mut used = vec![false; self.names.len()];
        for recording in &recordings {
            match &recording.target {
                Target::Class(class) => used[*class] = true,
                Target::Positions(found) => {
                    for class in found.iter().flatten() {
                        used[*class] = true;
                    }
                }
                Target::Labels(_) | Target::Numbers(_) | Target::Signal(_) | Target::None => {}
            }
        }
        let mut classes: Vec<String> =
            self.names.iter().zip(&used).filter(|(_, used)| **used).map(|(name, _)| name.clone()).collect();
        classes::sort(&mut classes);
        let index = classes::indices(&classes);
        let place = |name: &String| index.get(name.as_str()).copied().unwrap_or_default();
        let places: Vec<usize> = self.names.iter().map(place).collect();
        for recording in &mut recordings {
            match &mut recording.target {
                Target::Class(class) => *class = places[*class],
                Target::Positions(found) => {
                    for class in found.iter_mut().flatten() {
                        *class = places[*class];
                    }
                }
                Target::Labels(_) | Target::Numbers(_) | Target::Signal(_) | Target::None => {}
            }
        }
        Memory { classes, recordings, ..Memory::default() }
    }

    /// Returns all names, sorted, and the place of each index among them.
    pub(super) fn sorted(self) -> (Vec<String>, Vec<usize>) {
        let mut classes = self.names.clone();
        classes::sort(&mut classes);
        let index = classes::indices(&classes);
        let places = self.names.iter().map(|name| index.get(name.as_str()).copied().unwrap_or_default());
        let places = places.collect();
        (classes, places)
    }
}
