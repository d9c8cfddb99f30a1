//! Inputs for prediction, without targets.

use std::path::{Path, PathBuf};

use graph::{Shape, shown_path};

use super::budget::Budget;
use super::images::{entries, is_image};
use super::picture::picture;
use super::{Request, Wanted, origin};
use crate::error::expected;
use crate::labels::Labels;
use crate::requirements::check_finite;
use crate::{DataError, File, Recording, Target};

/// Reads recordings without targets, as inputs of a network with this input shape. `path` is a `.npz`, `.npy`,
/// safetensors, `.ts` or CSV file (with one recording per row), an image, or a folder of images or of folders
/// of images. Series keep their own length; images are scaled to the input.
///
/// ```
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../benches/data");
/// let photograph = data::read_inputs(format!("{folder}/china.jpg"), &[3, 96, 96].into())?;
/// assert_eq!(photograph[0].input.shape(), [3, 96, 96]);
/// # Ok::<(), data::DataError>(())
/// ```
///
/// # Errors
/// If the inputs cannot be read or have another shape. The error names the file, row and column.
pub fn read_inputs(path: impl AsRef<Path>, input: &Shape) -> Result<Vec<Recording>, DataError> {
    let path = path.as_ref();
    if path.is_dir() {
        let (folders, mut files) = entries(path)?;
        for folder in folders {
            files.extend(entries(&folder)?.1);
        }
        if files.is_empty() {
            return Err(DataError::new(shown_path(path), expected("at least one image", "none")));
        }
        return files.iter().map(|file| image(file, input)).collect();
    }
    if is_image(path) {
        return Ok(vec![image(path, input)?]);
    }
    let file = File::new(PathBuf::from(path));
    let any_length = input.rank() == 1;
    let request = Request {
        path,
        file: &file,
        input,
        wanted: Wanted::Nothing,
        labels: Labels::default(),
        any_length,
        budget: Budget::unlimited(),
    };
    let recordings = request.memory()?.recordings;
    for recording in &recordings {
        let (found, needed) = (recording.input.shape(), input.dims());
        if !(found == needed || any_length && found.first() == needed.first()) {
            let message = expected(format!("an input of shape {needed:?}"), format!("{found:?}"));
            return Err(DataError::new(&recording.origin, message));
        }
        check_finite(recording)?;
    }
    Ok(recordings)
}

fn image(path: &Path, input: &Shape) -> Result<Recording, DataError> {
    Ok(Recording::new(origin(path), picture(path, input)?, Target::None))
}
