//! The class names that are collected while a file is read.

use std::collections::BTreeMap;

use crate::classes::{self, MOST_CLASSES};
use crate::{Memory, Recording, Target};

/// The class names that a file declares, or those found so far.
#[derive(Debug, Default)]
pub(super) struct Names {
    indices: BTreeMap<String, usize>,
    names: Vec<String>,
    declared: bool,
}

impl Names {
    /// Declared names. All other names are unknown.
    pub(super) fn declared(names: Vec<String>) -> Self {
        let indices = names.iter().enumerate().map(|(i, name)| (name.clone(), i)).collect();
        Self { indices, names, declared: true }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the index of a name. If the file declares its classes, returns `None` for any other name; otherwise,
    /// adds new names.
    pub(super) fn index(&mut self, name: &str) -> Result<Option<usize>, String> {
        if let Some(&index) = self.indices.get(name) {
            return Ok(Some(index));
        }
        if self.declared {
            return Ok(None);
        }
        classes::check_name(name)?;
        // Checked here so that a numeric column that is read as classes fails before all of it is read.
        if self.names.len() >= MOST_CLASSES {
            return Err(classes::too_many("more"));
        }
        self.indices.insert(name.to_owned(), self.names.len());
        self.names.push(name.to_owned());
        Ok(Some(self.names.len() - 1))
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
}
