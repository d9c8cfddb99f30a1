//! Reading the files of a config's splits.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graph::{FieldError, Shape, shown_path};

use super::arrays::Arrays;
use super::budget::Budget;
use super::cache::Cache;
use super::cached::Cached;
use super::part::Part;
use super::paths::{self, Found};
use super::shared::{FileSource, Given, SharedFile, divided};
use super::{Request, Wanted, array_extension, images, masks, select};
use crate::joined::Joined;
use crate::labels::Labels;
use crate::neighbors::Neighbors;
use crate::sharing::differs;
use crate::{
    Config, DataError, File, MessageReader, MessageWriter, OpenProgress, Sharing, Source, Split, Task,
    parallel,
};

/// Reads the files of a config for a network with a certain input.
pub(crate) struct Reading<'a> {
    config: &'a Config,
    input: &'a Shape,
    /// The folder that file names are relative to.
    pub(crate) folder: PathBuf,
}

/// The sources of several splits, and the cache that they use.
pub(crate) struct OpenedFiles {
    pub(crate) splits: Vec<Arc<dyn Source>>,
    pub(crate) cache: Arc<Cache>,
}

impl Config {
    /// Returns a reader of this config's files. Relative paths refer to `base`.
    pub(crate) fn reading<'a>(&'a self, input: &'a Shape, base: &Path) -> Reading<'a> {
        Reading { config: self, input, folder: self.folder_in(base) }
    }
}

impl Reading<'_> {
    /// Finds the files of several splits.
    pub(crate) fn entries(&self, splits: &[(&str, &Split)]) -> Result<Vec<Vec<Entry>>, DataError> {
        let of_split = |(name, files): &(&str, &Split)| {
            if files.0.is_empty() {
                return Err(FieldError::expected(*name, "at least one file", "none").into());
            }
            files.0.iter().map(|file| self.entry(file)).collect()
        };
        splits.iter().map(of_split).collect()
    }

    /// Reads the files of several splits, each as one source, unless they were not found. Files are read on several
    /// threads. The processes of a machine divide the files among them.
    pub(crate) fn splits(
        &self,
        splits: Result<Vec<Vec<Entry>>, DataError>,
        progress: &(dyn Fn(OpenProgress) + Sync),
        sharing: Sharing<'_>,
    ) -> Result<OpenedFiles, DataError> {
        let work = self.shared_work(&splits, &sharing)?;
        let splits = splits?;
        let cache = Cache::shared(self.config.cache_size, Neighbors::find(&sharing));
        let mut files = Vec::new();
        for entry in splits.iter().flatten() {
            files.extend(entry.paths.iter().map(|path| (entry, path)));
        }
        let sources = self.read(&files, &work, &cache, progress, &sharing)?;
        let mut sources = sources.into_iter();
        let join = |split: &Vec<Entry>| {
            let entry = |entry: &Entry| entry.source(sources.by_ref().take(entry.paths.len()).collect());
            Joined::union(split.iter().map(entry).collect::<Result<_, _>>()?)
        };
        let splits = sharing.agree(splits.iter().map(join).collect())?;
        Ok(OpenedFiles { splits, cache })
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

    /// Returns a source for each file, given the work that each process has found.
    fn read(
        &self,
        files: &[(&Entry, &PathBuf)],
        work: &[Vec<usize>],
        cache: &Arc<Cache>,
        progress: &(dyn Fn(OpenProgress) + Sync),
        sharing: &Sharing<'_>,
    ) -> Result<Vec<Arc<dyn Source>>, DataError> {
        let readers = self.readers(files, work, &cache.neighbors);
        let is_own = |i: usize| readers[i].is_none_or(|reader| reader == cache.neighbors.share.index);
        let (done, total) = (AtomicUsize::new(0), (0..files.len()).filter(|i| is_own(*i)).count());
        let own = parallel::map(self.config.threads(), files.len(), |i| {
            if !is_own(i) {
                return Ok(FileSource::Neighbors);
            }
            let file = self.file(files[i], (cache, i), None).map_err(|error| (i, error))?;
            progress(OpenProgress::Files { done: done.fetch_add(1, Ordering::Relaxed) + 1, total });
            Ok(file)
        });
        let found = cache.exchange(sharing, own)?;
        let process = sharing.share.index;
        let missing = || differs(process, files.len(), None);
        sharing.agree(parallel::map(self.config.threads(), files.len(), |i| match &found[i] {
            Some(SharedFile::Source(source)) => Ok(Arc::clone(source)),
            Some(SharedFile::Given(given)) => {
                let file = self.file(files[i], (cache, i), Some(given))?;
                file.into_source().ok_or_else(missing)
            }
            None => Err(missing()),
        }))
    }

    /// Opens a file at a position among all files, with what a neighbor has found in it, if one has opened it before.
    fn file(
        &self,
        (entry, path): (&Entry, &PathBuf),
        (cache, position): (&Arc<Cache>, usize),
        given: Option<&Given>,
    ) -> Result<FileSource, DataError> {
        let wanted = match self.config.task {
            Task::Classification | Task::Segmentation => Wanted::Classes,
            Task::MultiLabel => Wanted::Labels,
            Task::Regression => Wanted::Numbers,
            Task::Denoising if self.config.noise.is_some() => Wanted::Nothing,
            Task::Denoising => Wanted::Signal,
        };
        let any_length = self.config.takes_any_length();
        let whole = File { from: None, to: None, ..entry.settings.clone() };
        let unpacked = cache.unpacked(given);
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
            unpacked: &unpacked,
        };
        if self.has_masks(entry) {
            let classes = given.map(|given| &given.classes[..]);
            let images = masks::MaskedImages::open(&request, &self.folder, self.config.threads(), classes)?;
            let classes = images.classes().to_vec();
            let source = Arc::new(Cached::new(images, cache, position));
            return Ok(FileSource::Opened(source, Given { classes, arrays: Vec::new() }));
        }
        if entry.of_images {
            let images = images::Images::open(&request, self.config.task)?;
            return Ok(FileSource::Own(Arc::new(Cached::new(images, cache, position))));
        }
        let Some(extension) = array_extension(path) else { return request.kept(cache) };
        let source = Arc::new(Arrays::open(&request, extension)?);
        Ok(FileSource::Opened(source, Given { classes: Vec::new(), arrays: unpacked.into_written() }))
    }

    /// Whether an entry is a folder of images with a folder of masks.
    fn has_masks(&self, entry: &Entry) -> bool {
        entry.of_images && self.config.task == Task::Segmentation && entry.settings.target.is_some()
    }

    /// Returns the amount of work that opening a file takes, in bytes of text; `None` if it is so little that each process
    /// opens the file on its own.
    fn work(&self, (entry, path): (&Entry, &PathBuf)) -> Option<usize> {
        let is_read = match array_extension(path) {
            // The masks are decoded to find the classes.
            _ if self.has_masks(entry) => true,
            _ if entry.of_images => return None,
            Some("npz") | None => true,
            Some(_) => false,
        };
        let length = std::fs::metadata(path).map_or(0, |found| found.len());
        Some(if is_read { usize::try_from(length).unwrap_or(usize::MAX) } else { 0 })
    }

    /// Returns the work that each process has found in the files that the processes of a machine divide among them, unless
    /// one of them has not found its files.
    fn shared_work(
        &self,
        splits: &Result<Vec<Vec<Entry>>, DataError>,
        sharing: &Sharing<'_>,
    ) -> Result<Vec<Vec<usize>>, DataError> {
        if sharing.is_alone() {
            return Ok(Vec::new());
        }
        let mut own = Vec::new();
        for entry in splits.iter().flatten().flatten() {
            own.extend(entry.paths.iter().filter_map(|path| self.work((entry, path))));
        }
        let mut message = MessageWriter::default();
        message.sizes(&own);
        let checked = splits.as_ref().map(|_| message.into_bytes()).map_err(|error| (0, error.clone()));
        let mut all = Vec::new();
        for (process, message) in sharing.exchange(checked)?.iter().enumerate() {
            let found = MessageReader::new(message).sizes().unwrap_or_default();
            if found.len() != own.len() {
                return Err(differs(process, own.len(), Some(&found.len())));
            }
            all.push(found);
        }
        Ok(all)
    }

    /// Returns the process among the neighbors that reads each file; `None` if each reads the file itself. `work` is that
    /// which each process has found.
    fn readers(
        &self,
        files: &[(&Entry, &PathBuf)],
        work: &[Vec<usize>],
        neighbors: &Neighbors,
    ) -> Vec<Option<usize>> {
        if neighbors.share.count == 1 {
            return vec![None; files.len()];
        }
        // All neighbors use that which the first one has found.
        let mut readers = divided(&work[neighbors.processes[0]], neighbors.share.count).into_iter();
        let reader = |file: &(&Entry, &PathBuf)| self.work(*file).and_then(|_| readers.next());
        files.iter().map(reader).collect()
    }
}

/// The files that an entry of a split refers to.
pub(crate) struct Entry {
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
