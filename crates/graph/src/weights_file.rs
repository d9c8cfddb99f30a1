//! Weights in safetensors files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use safetensors::SafeTensorError;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::foreign_file::looks_like;
use crate::number::{first_not_finite, single};
use crate::{Array, Weights, file, one_line, quoted, shown_path};

/// A weights file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// A file that cannot be read.
    #[error("weights file {}: {source}", shown_path(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// The file system's error.
        source: std::io::Error,
    },
    /// A file that cannot be written.
    #[error("{}: cannot write: {source}", shown_path(path))]
    Write {
        /// The file.
        path: PathBuf,
        /// The file system's error.
        source: std::io::Error,
    },
    /// The bytes are not a complete safetensors file.
    #[error("weights file {}: expected a complete safetensors file: {}", shown_path(path), one_line(reason))]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The reader's message.
        reason: String,
    },
    /// The file is of another type, such as a web page.
    #[error("weights file {}: expected a complete safetensors file, found {found}", shown_path(path))]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Its type, and advice.
        found: String,
    },
    /// A weight is NaN, infinite, or out of range for f32.
    #[error("weights file {}: {}: expected finite weights, found {found}", shown_path(path), quoted(name))]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The array.
        name: String,
        /// The first such value, as text.
        found: String,
    },
}

impl Weights {
    /// Reads a safetensors file. Floating-point arrays become f32; of others, such as masks, only name and type are
    /// kept ([`Weights::others`]). A weight that is not finite is refused.
    ///
    /// # Errors
    /// Names the file, and the array where one is at fault.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let path = path.as_ref();
        let bytes = file::read(path).map_err(|source| FileError::Io { path: path.into(), source })?;
        Self::from_bytes(&bytes, path)
    }

    /// Reads the bytes of a safetensors file; `path` is used in messages.
    ///
    /// # Errors
    /// As [`Weights::read`].
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, FileError> {
        let corrupt = |reason: String| FileError::Corrupt { path: path.into(), reason };
        let tensors =
            SafeTensors::deserialize(bytes).map_err(|error| not_safetensors(bytes, path, &error))?;
        let mut weights = Self::default();
        for (name, view) in tensors.iter() {
            if name.ends_with("num_batches_tracked") {
                continue;
            }
            let Some(data) = floats(view.dtype(), view.data()) else {
                weights.insert_other(name, format!("{:?}", view.dtype()));
                continue;
            };
            if let Some(found) = not_finite(&view, &data) {
                return Err(FileError::NotFinite { path: path.into(), name: name.to_owned(), found });
            }
            let array = Array::new(view.shape(), data).ok_or_else(|| {
                corrupt(format!("the data length of {} does not match its shape", quoted(name)))
            })?;
            weights.insert(name, array);
        }
        Ok(weights)
    }

    /// Writes a safetensors file, whole or not at all; equal weights give equal bytes.
    ///
    /// # Errors
    /// Names the file.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), FileError> {
        write(path.as_ref(), &self.to_bytes())
    }

    /// The bytes of a safetensors file.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.serialize(None)
    }

    /// The bytes of a safetensors file with `text` under `key` in its header.
    pub fn to_annotated_bytes(&self, key: &str, text: &str) -> Vec<u8> {
        // Only one key, because the order of several keys would vary from run to run.
        self.serialize(Some(HashMap::from([(key.to_owned(), text.to_owned())])))
    }

    fn serialize(&self, header: Option<HashMap<String, String>>) -> Vec<u8> {
        let bytes: Vec<Vec<u8>> = self.iter().map(|(_, array)| little_endian(array.data())).collect();
        let views = self.iter().zip(&bytes).map(|((name, array), bytes)| {
            let view = TensorView::new(Dtype::F32, array.shape().to_vec(), bytes);
            (name, view.expect("an array has as many values as its shape says"))
        });
        safetensors::serialize(views, header).expect("f32 arrays can always be serialized")
    }
}

/// Returns the error that the bytes are not a complete safetensors file, but damaged or of another type.
fn not_safetensors(bytes: &[u8], path: &Path, error: &SafeTensorError) -> FileError {
    let is_header_missing = matches!(
        error,
        SafeTensorError::HeaderTooLarge
            | SafeTensorError::HeaderTooSmall
            | SafeTensorError::InvalidHeaderLength
            | SafeTensorError::InvalidHeader(_)
            | SafeTensorError::InvalidHeaderDeserialization(_)
    );
    let found = match looks_like(bytes) {
        Some(found) if is_header_missing => found,
        None if matches!(error, SafeTensorError::HeaderTooLarge) => "a file of unknown type".to_owned(),
        _ => return FileError::Corrupt { path: path.into(), reason: error.to_string() },
    };
    FileError::Foreign { path: path.into(), found }
}

/// Returns the first value of an array that is not finite as f32, formatted as stored in the file. `data` are the
/// array's values as f32.
fn not_finite(view: &TensorView<'_>, data: &[f32]) -> Option<String> {
    let index = first_not_finite(data)?;
    let wide = view.data().as_chunks().0.get(index).map(|chunk| f64::from_le_bytes(*chunk));
    match wide {
        Some(value) if view.dtype() == Dtype::F64 && value.is_finite() => {
            Some(format!("{value:e}, which is out of range for f32"))
        }
        _ => Some(data[index].to_string()),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    file::write(path, bytes).map_err(|source| FileError::Write { path: path.into(), source })
}

fn little_endian(data: &[f32]) -> Vec<u8> {
    data.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The values of a safetensors array of type f32, f64, f16 or bf16, as f32; `None` for other types.
pub fn floats(dtype: Dtype, bytes: &[u8]) -> Option<Vec<f32>> {
    fn each<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f32) -> Vec<f32> {
        bytes.as_chunks().0.iter().map(|chunk| value(*chunk)).collect()
    }
    match dtype {
        Dtype::F32 => Some(each(bytes, f32::from_le_bytes)),
        Dtype::F64 => Some(each(bytes, |chunk| single(f64::from_le_bytes(chunk)))),
        Dtype::F16 => Some(each(bytes, |chunk| f16::from_le_bytes(chunk).to_f32())),
        Dtype::BF16 => Some(each(bytes, |chunk| bf16::from_le_bytes(chunk).to_f32())),
        _ => None,
    }
}
