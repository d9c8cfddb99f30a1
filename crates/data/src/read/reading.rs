//! Reading the files of a config's splits.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graph::{FieldError, Shape, shown_path};

use super::budget::Budget;
use super::cache::{Cache, Cached};
use super::part::Part;
use super::paths::{self, Found};
use super::{Request, Wanted, images, masks, select};
use crate::joined::Joined;
use crate::labels::Labels;
use crate::{Config, DataError, File, OpenProgress, Source, Split, Task, parallel};

/// Reads the files of a config for a network with a certain input.
pub(crate) struct Reading<'a> {
    pub(crate) config: &'a Config,
    pub(crate) input: &'a Shape,
    /// The folder that file names are relative to.
    pub(crate) folder: PathBuf,
    cache: Arc<Cache>,
}

impl Config {
    /// Returns a reader of this config's files. Relative paths refer to `base`.
    pub(crate) fn reading<'a>(&'a self, input: &'a Shape, base: &Path) -> Reading<'a> {
        Reading { config: self, input, folder: self.folder_in(base), cache: Cache::new(self.cache_size) }
    }
}

impl Reading<'_> {
    /// Reads the files of several splits, each as one source. Files are read on several threads.
    pub(crate) fn splits(
        &self,
        splits: &[(&str, &Split)],
        progress: &(dyn Fn(OpenProgress) + Sync),
    ) -> Result<Vec<Arc<dyn Source>>, DataError> {
        let mut entries = Vec::new();
        for (name, files) in splits {
            if files.0.is_empty() {
                return Err(FieldError::expected(*name, "at least one file", "none").into());
            }
            for file in &files.0 {
                entries.push(self.entry(file)?);
            }
        }
        let mut sources = self.read(&entries, progress)?.into_iter();
        let union =
            |(_, files): &(&str, &Split)| Joined::union(sources.by_ref().take(files.0.len()).collect());
        splits.iter().map(union).collect()
    }

    /// Finds the files of an entry of a split.
    fn entry(&self, file: &File) -> Result<Entry, DataError> {
        let (settings, found) = (self.config.with_settings(file), paths::find(&self.folder, &file.file)?);
        Ok(match found {
            Found::File(path) => Entry::one(settings, path, false),
            Found::Images(path) => Entry::one(settings, path, true),
            Found::Files { files, notes } => {
                Entry { settings, paths: files, of_images: false, many: Some(notes) }
            }
        })
    }

    /// Reads the files of all entries. Returns a source for each entry.
    fn read(
        &self,
        entries: &[Entry],
        progress: &(dyn Fn(OpenProgress) + Sync),
    ) -> Result<Vec<Arc<dyn Source>>, DataError> {
        let mut files: Vec<(&Entry, &PathBuf)> = Vec::new();
        for entry in entries {
            files.extend(entry.paths.iter().map(|path| (entry, path)));
        }
        let (total, done) = (files.len(), AtomicUsize::new(0));
        let sources = parallel::map(self.config.threads(), total, |i| {
            let (entry, path) = files[i];
            let source = self.file(entry, path)?;
            progress(OpenProgress::Files { done: done.fetch_add(1, Ordering::Relaxed) + 1, total });
            Ok::<_, DataError>(source)
        })?;
        let mut sources = sources.into_iter();
        entries.iter().map(|entry| entry.source(sources.by_ref().take(entry.paths.len()).collect())).collect()
    }

    fn file(&self, entry: &Entry, path: &Path) -> Result<Arc<dyn Source>, DataError> {
        let wanted = match self.config.task {
            Task::Classification | Task::Segmentation => Wanted::Classes,
            Task::MultiLabel => Wanted::Labels,
            Task::Regression => Wanted::Numbers,
            Task::Denoising if self.config.noise.is_some() => Wanted::Nothing,
            Task::Denoising => Wanted::Signal,
        };
        let any_length = self.config.takes_any_length();
        let whole = File { from: None, to: None, ..entry.settings.clone() };
        let request = Request {
            path,
            folder: &self.folder,
            file: if entry.many.is_some() { &whole } else { &entry.settings },
            input: self.input,
            wanted,
            labels: Labels::of(self.config),
            any_length,
            budget: Budget::unlimited(),
            reads_missing: self.config.reads_missing(),
            drops_short: self.config.drops_short(),
            prediction: None,
        };
        let has_masks = self.config.task == Task::Segmentation && request.file.target.is_some();
        if entry.of_images && has_masks {
            let images = masks::MaskedImages::open(&request, &self.folder, self.config.threads())?;
            return Ok(Arc::new(Cached::new(images, &self.cache)));
        }
        if entry.of_images {
            let images = images::Images::open(&request, self.config.task)?;
            return Ok(Arc::new(Cached::new(images, &self.cache)));
        }
        request.source(&self.cache)
    }
}

/// The files that an entry of a split refers to.
struct Entry {
    /// The settings of the entry, whose `from` and `to` count the recordings of all files.
    settings: File,
    paths: Vec<PathBuf>,
    of_images: bool,
    /// For a folder of data files or a pattern, notes about the files that were not read.
    many: Option<Vec<String>>,
}

impl Entry {
    fn one(settings: File, path: PathBuf, of_images: bool) -> Self {
        Self { settings, paths: vec![path], of_images, many: None }
    }

    /// Returns the sources of all files as one.
    fn source(&self, sources: Vec<Arc<dyn Source>>) -> Result<Arc<dyn Source>, DataError> {
        let source = Joined::union(sources)?;
        let Some(notes) = &self.many else { return Ok(source) };
        let (count, first) = (source.len(), self.settings.from.unwrap_or(0));
        let to = self.settings.to.unwrap_or(count);
        if first >= to || to > count {
            let message = select::out_of_range("recordings", first, to, count);
            return Err(DataError::new(shown_path(&self.settings.file), message));
        }
        Ok(Arc::new(Part { source, first, count: to - first, notes: notes.clone() }))
    }
}
