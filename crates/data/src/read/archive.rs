//! Files of arrays: `.npy`, `.npz` and safetensors.

use std::fs;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use safetensors::SafeTensorError;
use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use zip::{CompressionMethod, ZipArchive};

use super::budget::Budget;
use super::foreign::{decode, sentence};
use super::stored::{Content, StoredArray, UnchangedFile};
use crate::error::expected;
use crate::npy::{self, Elements, Header, Kind};
use crate::number::elements;

/// Maximum length of the header of a safetensors file, as in the crate `safetensors`.
const LONGEST_HEADER: u64 = 100_000_000;

/// An open file of arrays.
pub(super) struct Archive {
    file: Arc<UnchangedFile>,
    content: ArchiveContent,
}

enum ArchiveContent {
    Npy(fs::File),
    Npz(Box<ZipArchive<BufReader<fs::File>>>),
    /// The header, and the offset of the data.
    Tensors(Box<Metadata>, u64),
}

impl Archive {
    pub(super) fn open(path: &Path, extension: &str) -> Result<Self, String> {
        let failed = |error: io::Error| sentence(&error);
        let file = Arc::new(UnchangedFile::new(path).map_err(failed)?);
        let mut opened = file.open().map_err(failed)?;
        let content = match extension {
            "npy" => ArchiveContent::Npy(opened),
            "npz" => {
                let archive = decode(".npz file", || {
                    ZipArchive::new(BufReader::new(opened)).map_err(|error| damaged(".npz", &error))
                })?;
                ArchiveContent::Npz(Box::new(archive))
            }
            _ => {
                let (metadata, offset) = tensors(&mut opened, file.length)?;
                ArchiveContent::Tensors(Box::new(metadata), offset)
            }
        };
        Ok(Self { file, content })
    }

    /// Returns the sorted names of the arrays. A `.npy` file has a single array without a name.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = match &self.content {
            ArchiveContent::Npy(_) => Vec::new(),
            ArchiveContent::Npz(archive) => {
                let arrays = archive.file_names().filter_map(|name| name.strip_suffix(".npy"));
                arrays.map(str::to_owned).collect()
            }
            ArchiveContent::Tensors(metadata, _) => metadata.offset_keys(),
        };
        names.sort();
        names
    }

    /// Returns the array called `name`, if the file has it, or the only array of a `.npy` file. Its checksum is verified
    /// unless it has been before.
    pub(super) fn array(
        &mut self,
        name: &str,
        budget: &Budget,
        is_verified: bool,
    ) -> Result<Option<StoredArray>, String> {
        let file = &self.file;
        let in_array = |message: String| format!("{}: {message}", graph::quoted(name));
        match &mut self.content {
            ArchiveContent::Npy(opened) => {
                let header = Header::read(opened)?;
                let found = file.length.saturating_sub(header.length() as u64);
                header.check(usize::try_from(found).unwrap_or(usize::MAX))?;
                let offset = header.length() as u64;
                if !header.fortran {
                    return Ok(Some(in_file(header, file, offset)));
                }
                let mut bytes = Vec::new();
                opened.read_to_end(&mut bytes).map_err(|error| sentence(&error))?;
                header.check(bytes.len())?;
                Ok(Some(in_memory(header, bytes)))
            }
            ArchiveContent::Npz(archive) => entry(archive, file, name, (budget, is_verified)),
            ArchiveContent::Tensors(metadata, offset) => {
                let Some(info) = metadata.info(name) else { return Ok(None) };
                tensor(info, file, *offset).map(Some).map_err(in_array)
            }
        }
    }
}

fn damaged(kind: &str, error: &dyn std::fmt::Display) -> String {
    format!("damaged {kind} file ({})", sentence(error))
}

fn in_file(header: Header, file: &Arc<UnchangedFile>, offset: u64) -> StoredArray {
    let content = Content::File { file: Arc::clone(file), offset };
    StoredArray { elements: header.elements, shape: header.shape, content }
}

fn in_memory(header: Header, bytes: Vec<u8>) -> StoredArray {
    let Header { elements, shape, fortran, .. } = header;
    let bytes = if fortran { npy::row_major(&shape, elements.size(), &bytes) } else { bytes };
    StoredArray { elements, shape, content: Content::Memory(bytes) }
}

/// Returns an array of a `.npz` file. A compressed one is decompressed.
fn entry(
    archive: &mut ZipArchive<BufReader<fs::File>>,
    file: &Arc<UnchangedFile>,
    name: &str,
    (budget, is_verified): (&Budget, bool),
) -> Result<Option<StoredArray>, String> {
    let name_of_entry = format!("{name}.npy");
    if archive.index_for_name(&name_of_entry).is_none() {
        return Ok(None);
    }
    let in_npz = |error: &dyn std::fmt::Display| damaged(".npz", error);
    let mut entry = decode(".npz file", || archive.by_name(&name_of_entry).map_err(|error| in_npz(&error)))?;
    let is_stored = entry.compression() == CompressionMethod::Stored;
    if !is_stored {
        budget.restrict(usize::try_from(file.length).unwrap_or(usize::MAX));
    }
    let in_entry = |message: String| format!("{}: {message}", graph::quoted(name));
    let header = decode(".npz file", || Header::read(&mut entry)).map_err(in_entry)?;
    // The header is compared with the size that the archive declares before memory is allocated.
    let declared = usize::try_from(entry.size()).unwrap_or(usize::MAX).saturating_sub(header.length());
    header.check(declared).map_err(in_entry)?;
    if is_stored && !header.fortran {
        let start = entry.data_start().ok_or_else(|| in_npz(&"no data"))?;
        if !is_verified {
            // Reading to the end compares the checksum.
            let mut read = || io::copy(&mut entry, &mut io::sink()).map_err(|error| in_npz(&error));
            let read = decode(".npz file", &mut read)?;
            if read != declared as u64 {
                return Err(in_entry(expected(format!("{declared} bytes of values"), read)));
            }
        }
        let offset = start + header.length() as u64;
        return Ok(Some(in_file(header, file, offset)));
    }
    budget.charge(declared).map_err(in_entry)?;
    let mut bytes = Vec::new();
    decode(".npz file", || {
        let most = entry.size().saturating_add(1);
        entry.by_ref().take(most).read_to_end(&mut bytes).map_err(|error| in_npz(&error))
    })?;
    header.check(bytes.len()).map_err(in_entry)?;
    Ok(Some(in_memory(header, bytes)))
}

/// Returns the header of a safetensors file of `length` bytes, and the offset of the data.
fn tensors(file: &mut fs::File, length: u64) -> Result<(Metadata, u64), String> {
    let refuse = |error: SafeTensorError| damaged("safetensors", &error);
    let mut size = [0; 8];
    file.read_exact(&mut size).map_err(|_| refuse(SafeTensorError::HeaderTooSmall))?;
    let size = u64::from_le_bytes(size);
    if size > LONGEST_HEADER {
        return Err(refuse(SafeTensorError::HeaderTooLarge));
    }
    if size == 0 || size.saturating_add(8) > length {
        return Err(refuse(SafeTensorError::InvalidHeaderLength));
    }
    let mut header = vec![0; usize::try_from(size).unwrap_or_default()];
    file.seek(SeekFrom::Start(8)).map_err(|error| sentence(&error))?;
    file.read_exact(&mut header).map_err(|error| sentence(&error))?;
    let metadata: Metadata = decode("safetensors file", || {
        serde_json::from_slice(&header).map_err(|error| damaged("safetensors", &error))
    })?;
    if (metadata.data_len() as u64).checked_add(8 + size) != Some(length) {
        return Err(refuse(SafeTensorError::MetadataIncompleteBuffer));
    }
    Ok((metadata, 8 + size))
}

fn tensor(info: &TensorInfo, file: &Arc<UnchangedFile>, offset: u64) -> Result<StoredArray, String> {
    if elements(&info.shape).is_none() {
        return Err(expected("a shape that fits in memory", format!("{:?}", info.shape)));
    }
    let kind = match info.dtype {
        Dtype::BOOL | Dtype::U8 => Kind::Unsigned(1),
        Dtype::I8 => Kind::Signed(1),
        Dtype::U16 => Kind::Unsigned(2),
        Dtype::I16 => Kind::Signed(2),
        Dtype::U32 => Kind::Unsigned(4),
        Dtype::I32 => Kind::Signed(4),
        Dtype::U64 => Kind::Unsigned(8),
        Dtype::I64 => Kind::Signed(8),
        Dtype::F16 => Kind::Float(2),
        Dtype::F32 => Kind::Float(4),
        Dtype::F64 => Kind::Float(8),
        Dtype::BF16 => Kind::Bfloat16,
        other => return Err(npy::unsupported(format!("type {other:?}"))),
    };
    let content = Content::File { file: Arc::clone(file), offset: offset + info.data_offsets.0 as u64 };
    Ok(StoredArray { elements: Elements { kind, big_endian: false }, shape: info.shape.clone(), content })
}
