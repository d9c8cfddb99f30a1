//! Arrays that cannot be read from their file when they are used: compressed ones, and those in Fortran order.

use std::sync::{Arc, Mutex, PoisonError};

use super::Request;
use super::archive::Archive;
use super::cache::Cache;
use super::shared::Given;
use super::stored::{Content, StoredArray};
use super::temporary::TemporaryFile;

/// The place of such arrays of a file.
pub(super) enum UnpackedArrays<'a> {
    /// In memory.
    Memory,
    /// In the temporary file of this process, for its neighbors.
    Written { file: Arc<TemporaryFile>, arrays: Mutex<NamedArrays> },
    /// In the temporary file of a neighbor, which has also verified the checksums of the other arrays.
    Given(&'a NamedArrays),
}

/// Arrays with their names.
pub(super) type NamedArrays = Vec<(String, StoredArray)>;

impl UnpackedArrays<'_> {
    /// Returns the arrays that have been written.
    pub(super) fn into_written(self) -> NamedArrays {
        match self {
            Self::Written { arrays, .. } => arrays.into_inner().unwrap_or_else(PoisonError::into_inner),
            Self::Memory | Self::Given(_) => Vec::new(),
        }
    }
}

impl Cache {
    /// Returns the place of the arrays of a file, given those that a neighbor has unpacked.
    pub(super) fn unpacked<'a>(&self, given: Option<&'a Given>) -> UnpackedArrays<'a> {
        if let Some(given) = given {
            return UnpackedArrays::Given(&given.arrays);
        }
        match self.neighbors.own_file() {
            Some(file) => UnpackedArrays::Written { file: Arc::clone(file), arrays: Mutex::default() },
            None => UnpackedArrays::Memory,
        }
    }
}

impl Request<'_> {
    /// Returns the array called `name`, if the file has it, or the only array of a `.npy` file.
    pub(super) fn array(&self, archive: &mut Archive, name: &str) -> Result<Option<StoredArray>, String> {
        if let UnpackedArrays::Given(arrays) = self.unpacked
            && let Some((_, array)) = arrays.iter().find(|(given, _)| given == name)
        {
            return Ok(Some(array.clone()));
        }
        let is_verified = matches!(self.unpacked, UnpackedArrays::Given(_));
        let Some(mut array) = archive.array(name, &self.budget, is_verified)? else { return Ok(None) };
        if let UnpackedArrays::Written { file, arrays } = self.unpacked
            && let Content::Memory(bytes) = &array.content
            // Without space, each process keeps the array in memory.
            && let Ok(offset) = file.append(bytes)
        {
            array.content = Content::Temporary { file: Arc::clone(file), offset };
            let mut arrays = arrays.lock().unwrap_or_else(PoisonError::into_inner);
            arrays.push((name.to_owned(), array.clone()));
        }
        Ok(Some(array))
    }
}
