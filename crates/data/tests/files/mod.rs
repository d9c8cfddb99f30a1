//! Files for a test, in a folder that is deleted afterwards.
#![allow(dead_code, reason = "each test uses some of it")]

use std::fs;
use std::io::Write;
use std::path::Path;

use data::{Config, DataError, Splits};
use graph::Shape;

/// A folder of files.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    /// A folder with these files, whose names are relative to it.
    pub(crate) fn of(files: &[(&str, &[u8])]) -> Self {
        Self::within(&std::env::temp_dir(), files)
    }

    /// As [`of`](Self::of), as a folder in this one.
    pub(crate) fn within(parent: &Path, files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir_in(parent).unwrap();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Opens the files in this folder that a config lists.
    pub(crate) fn open(&self, config: &str, input: &[usize]) -> Result<Splits, DataError> {
        let config: Config = serde_yaml::from_str(config).unwrap();
        config.open(&shape(input), self.path())
    }

    /// The error when opening the files, without the path of the folder.
    pub(crate) fn error(&self, config: &str, input: &[usize]) -> String {
        self.tidy(&self.open(config, input).expect_err(config))
    }

    pub(crate) fn tidy(&self, error: &DataError) -> String {
        error.to_string().replace(&format!("{}/", self.path().display()), "")
    }
}

pub(crate) fn shape(input: &[usize]) -> Shape {
    Shape::new(input[0], &input[1..])
}

/// The bytes of a `.npy` file.
pub(crate) fn npy(kind: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    npy_in_order(kind, "False", shape, values)
}

pub(crate) fn npy_in_order(kind: &str, fortran: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), values].concat()
}

/// The bytes of values in single precision.
pub(crate) fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The bytes of a `.npz` file with these arrays, as of `numpy.savez`.
pub(crate) fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    zipped(arrays, zip::CompressionMethod::Stored)
}

/// The bytes of a compressed `.npz` file with these arrays.
pub(crate) fn packed(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    zipped(arrays, zip::CompressionMethod::Deflated)
}

fn zipped(arrays: &[(&str, Vec<u8>)], method: zip::CompressionMethod) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        zip.start_file(format!("{name}.npy"), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
