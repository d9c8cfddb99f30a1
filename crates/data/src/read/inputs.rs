//! Inputs for prediction.

use std::path::{Path, PathBuf};

use graph::{Shape, shown_path};

use super::budget::Budget;
use super::folder::{Contents, is_image};
use super::kind::Kind;
use super::part::summary_of_notes;
use super::paths::{self, Found};
use super::picture::picture;
use super::unpacked::UnpackedArrays;
use super::{ForPrediction, Request, Wanted, origin};
use crate::error::expected;
use crate::labels::Labels;
use crate::requirements::check_finite;
use crate::{Config, DataError, File, Filling, Memory, Recording, TableLayout, Target, Task};

/// Reads files for prediction with a trained model, as the model's config describes files of this kind: with the
/// same layout, channels and array names. Columns and arrays that contain the target, the group or the time are
/// not inputs, if the file has them.
#[derive(Clone, Debug)]
pub struct InputReader<'a> {
    /// The input of the network.
    pub input: &'a Shape,
    /// The `data` section of the model's config, and the folder that its paths are relative to. By default,
    /// nothing is known about the files.
    pub config: Option<(&'a Config, &'a Path)>,
    /// The names of the input channels, by which they are found in tables. Empty if they are unknown.
    pub channels: &'a [String],
    /// The names of the input columns of a table whose rows are recordings. Empty if they are unknown.
    pub columns: &'a [String],
    /// Settings that take precedence over those of the config.
    pub settings: File,
}

/// Reads recordings without targets, as inputs of a network with this input shape. `path` is a `.npz`, `.npy`,
/// safetensors, `.ts` or CSV file (with one recording per row), an image, or a folder of such files at any depth.
/// Series keep their own length, except for those in tables; images are scaled to the input.
///
/// ```
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../benches/data");
/// let photograph = data::read_inputs(format!("{folder}/china.jpg"), &[3, 96, 96].into())?;
/// assert_eq!(photograph[0].input.shape(), [3, 96, 96]);
/// # Ok::<(), data::DataError>(())
/// ```
///
/// # Errors
/// As [`InputReader::read`].
pub fn read_inputs(path: impl AsRef<Path>, input: &Shape) -> Result<Vec<Recording>, DataError> {
    Ok(InputReader::new(input).read(path.as_ref())?.recordings)
}

impl<'a> InputReader<'a> {
    /// A reader for a network with this input, without a config.
    pub fn new(input: &'a Shape) -> Self {
        Self { input, config: None, channels: &[], columns: &[], settings: File::default() }
    }

    /// Reads the recordings of a file, of a folder of data files or images, or of the files that match a pattern such
    /// as `night/*.csv`. They have no targets. Series can have any length. Those in the rows of a table can if the
    /// model was trained on windows or padded rows.
    ///
    /// # Errors
    /// If the inputs cannot be read or have another shape, or if the config describes files of this kind in
    /// several ways. The error names the file, row and column.
    pub fn read(&self, path: &Path) -> Result<Memory, DataError> {
        let (files, mut notes) = self.list(path)?;
        let mut all = Memory::default();
        for file in files {
            let memory = self.file(&file)?;
            all.recordings.extend(memory.recordings);
            all.description.notes.extend(memory.description.notes);
        }
        notes.extend(summary_of_notes(&all.description.notes));
        all.description.notes = notes;
        Ok(all)
    }

    /// Lists the files that [`read`](Self::read) reads, in this order, with notes about those that it does not.
    ///
    /// # Errors
    /// If a folder or a pattern has no such files.
    pub fn list(&self, path: &Path) -> Result<(Vec<PathBuf>, Vec<String>), DataError> {
        // A folder may contain both images and other data files.
        let takes_images = self.input.rank() == 2;
        if takes_images && path.is_dir() {
            let (files, notes) = images(path)?;
            if !files.is_empty() {
                return Ok((files, notes));
            }
        }
        match paths::find(Path::new(""), path)? {
            Found::File(file) => Ok((vec![file], Vec::new())),
            Found::Images(folder) => {
                let (files, notes) = images(&folder)?;
                if files.is_empty() {
                    return Err(DataError::new(shown_path(&folder), expected("at least one image", "none")));
                }
                Ok((files, notes))
            }
            Found::Files { files, notes } => Ok((files, notes)),
        }
    }

    fn file(&self, path: &Path) -> Result<Memory, DataError> {
        if is_image(path) {
            return Ok(Memory { recordings: vec![image(path, self.input)?], ..Memory::default() });
        }
        let file = match self.config {
            Some((config, base)) => config.file_like(path, base, &self.settings)?,
            None => File { file: path.to_owned(), ..self.settings.clone() },
        };
        let mut memory = self.request(path, &file).memory()?;
        if Kind::of(path) == Some(Kind::Table) && file.layout != Some(TableLayout::Samples) {
            memory.recordings.iter().try_for_each(|recording| self.check_row(recording))?;
        }
        let filled = memory.recordings.into_iter().map(|recording| self.filled(recording));
        memory.recordings = filled.collect::<Result<_, _>>()?;
        Ok(memory)
    }

    fn request<'r>(&'r self, path: &'r Path, file: &'r File) -> Request<'r> {
        let config = self.config.map(|(config, _)| config);
        let is_series = self.input.rank() == 1;
        let trained_on_any_length = config.is_some_and(Config::takes_any_length);
        // In a row of another length, a value at the end may be anything.
        let any_length = is_series && (trained_on_any_length || Kind::of(path) != Some(Kind::Table));
        let has_target =
            config.is_some_and(|config| config.task != Task::Denoising || config.noise.is_none());
        Request {
            path,
            folder: Path::new(""),
            file,
            input: self.input,
            wanted: Wanted::Nothing,
            labels: config.map(Labels::of).unwrap_or_default(),
            any_length,
            budget: Budget::unlimited(),
            reads_missing: config.is_some_and(Config::reads_missing),
            drops_short: false,
            unpacked: &UnpackedArrays::Memory,
            prediction: Some(ForPrediction {
                channels: if self.settings.channels.is_some() { &[] } else { self.channels },
                columns: if self.settings.channels.is_some() { &[] } else { self.columns },
                last_is_target: has_target && file.target.is_none(),
                knows_layout: file.layout.is_some() || config.is_some_and(Config::describes_tables),
            }),
        }
    }

    /// Refuses a row of a table that is shorter than the rows that the model was trained on. It may be a sample.
    fn check_row(&self, recording: &Recording) -> Result<(), DataError> {
        let Some((config, _)) = self.config else { return Ok(()) };
        let ([found], [needed]) = (recording.space(), &self.input.space[..]) else { return Ok(()) };
        if found >= needed || config.pad.is_some() {
            return Ok(());
        }
        let message = format!(
            "expected at least {needed} samples, found {found}; set `--layout samples` if each row is a sample"
        );
        Err(DataError::new(&recording.origin, message))
    }

    /// Checks a recording, and fills and extends it as in training.
    fn filled(&self, recording: Recording) -> Result<Recording, DataError> {
        let (found, needed) = (recording.input.shape(), self.input.dims());
        let any_length = self.input.rank() == 1;
        if !(found == needed || any_length && found.len() == 2 && found.first() == needed.first()) {
            let message = expected(format!("an input of shape {needed:?}"), format!("{found:?}"));
            return Err(DataError::new(&recording.origin, message));
        }
        let config = match self.config {
            Some((config, _)) => config,
            None => &Config::new(Task::Classification),
        };
        let recording = Filling::of(config, self.input).fill(recording)?;
        check_finite(&recording, config)?;
        Ok(recording)
    }
}

/// The images in a folder, with a note about its other files.
fn images(folder: &Path) -> Result<(Vec<PathBuf>, Vec<String>), DataError> {
    let contents = Contents::of(folder, None)?;
    let files = contents.images.iter().map(|image| folder.join(image)).collect();
    Ok((files, contents.note(folder).into_iter().collect()))
}

fn image(path: &Path, input: &Shape) -> Result<Recording, DataError> {
    Ok(Recording::new(origin(path), picture(path, input)?, Target::None))
}
