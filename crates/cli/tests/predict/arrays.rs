//! Reading the `.npz` files that the command writes.

use std::io::Read;
use std::path::Path;

/// An array of a `.npz` file: kind, shape and bytes.
pub(crate) struct Entry {
    pub(crate) kind: String,
    pub(crate) shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Entry {
    pub(crate) fn read(path: &Path, name: &str) -> Self {
        let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
        let mut bytes = Vec::new();
        archive.by_name(&format!("{name}.npy")).unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
        let length = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        assert_eq!(length % 64, 0);
        let header = String::from_utf8(bytes[10..length].to_vec()).unwrap();
        assert!(header.ends_with('\n') && header.contains("'fortran_order': False, "));
        let between = |before: &str, after: &str| -> String {
            let (_, rest) = header.split_once(before).unwrap();
            rest.split_once(after).unwrap().0.to_owned()
        };
        let sizes = between("'shape': (", ")");
        let sizes = sizes.split(',').filter(|size| !size.is_empty());
        Self {
            kind: between("'descr': '", "'"),
            shape: sizes.map(|size| size.parse().unwrap()).collect(),
            bytes: bytes[length..].to_vec(),
        }
    }

    /// The values, rounded to f32.
    pub(crate) fn floats(&self) -> Vec<f32> {
        if self.kind == "<f8" {
            let values = self.bytes.as_chunks().0.iter();
            return values.map(|bytes| graph::single(f64::from_le_bytes(*bytes))).collect();
        }
        assert_eq!(self.kind, "<f4");
        self.bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
    }

    pub(crate) fn integers(&self) -> Vec<i64> {
        assert_eq!(self.kind, "<i8");
        self.bytes.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        let longest: usize = self.kind.strip_prefix("<U").unwrap().parse().unwrap();
        let point = |bytes: &[u8; 4]| char::from_u32(u32::from_le_bytes(*bytes)).unwrap();
        let points: Vec<char> = self.bytes.as_chunks().0.iter().map(point).collect();
        points.chunks(longest).map(|text| text.iter().filter(|c| **c != '\0').collect()).collect()
    }
}
