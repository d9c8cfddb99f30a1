//! The header of a `.npy` file of version 1 to 3: a Python dictionary with the keys `descr`, `fortran_order` and
//! `shape`.

use std::io::Read;

use super::elements::{Elements, Kind};
use crate::error::expected;
use crate::number;

/// Maximum length of a header, in bytes. NumPy itself refuses headers of more than 10,000 characters.
const LONGEST: usize = 1 << 20;

/// The type, order and shape of the values that follow the header.
pub(crate) struct Header {
    pub(crate) elements: Elements,
    /// Whether the first axis varies fastest.
    pub(crate) fortran: bool,
    pub(crate) shape: Vec<usize>,
    length: usize,
}

impl Header {
    /// Reads a header; the values follow in `reader`.
    pub(crate) fn read(reader: &mut impl Read) -> Result<Self, String> {
        let damaged = || "damaged .npy file".to_owned();
        let mut bytes = |count: usize| -> Result<Vec<u8>, String> {
            let mut bytes = vec![0; count];
            reader.read_exact(&mut bytes).map_err(|_| damaged())?;
            Ok(bytes)
        };
        let start = bytes(8)?;
        let size_of_length = match start.strip_prefix(b"\x93NUMPY") {
            Some([1, _]) => 2,
            Some([2 | 3, _]) => 4,
            _ => return Err(damaged()),
        };
        let length = bytes(size_of_length)?;
        let length = length.iter().rev().fold(0usize, |length, byte| length << 8 | usize::from(*byte));
        if length > LONGEST {
            return Err(damaged());
        }
        let text = bytes(length)?;
        let text = String::from_utf8_lossy(&text);
        Self::parse(&text, start.len() + size_of_length + length)
    }

    fn parse(text: &str, length: usize) -> Result<Self, String> {
        let damaged = || "damaged .npy file".to_owned();
        let value = |key: &str| match text.split_once(&format!("'{key}':")) {
            Some((_, after)) => Ok(after.trim_start()),
            None => Err(format!("the header has no key `{key}`")),
        };
        let descr = value("descr")?.strip_prefix('\'').and_then(|rest| rest.split_once('\''));
        let (descr, _) = descr.ok_or("expected an array of numbers, found records")?;
        let shape = value("shape")?.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        let (shape, _) = shape.ok_or_else(damaged)?;
        let sizes = shape.split(',').map(str::trim).filter(|size| !size.is_empty());
        let shape = sizes.map(|size| size.parse().map_err(|_| damaged())).collect::<Result<Vec<_>, _>>()?;
        let name = descr.trim_start_matches(['<', '>', '|', '=']);
        let elements = Elements { kind: Kind::of(name)?, big_endian: descr.starts_with('>') };
        let header = Self { elements, fortran: value("fortran_order")?.starts_with("True"), shape, length };
        if number::elements(&header.shape).and_then(|count| count.checked_mul(elements.size())).is_none() {
            return Err(expected("a shape that fits in memory", format!("{:?}", header.shape)));
        }
        Ok(header)
    }

    /// Returns the number of bytes of the header itself.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// Checks that `found` bytes of values follow the header.
    pub(crate) fn check(&self, found: usize) -> Result<(), String> {
        let needed = self.shape.iter().product::<usize>() * self.elements.size();
        if needed == found {
            return Ok(());
        }
        Err(expected(format!("{needed} bytes of values for shape {:?}", self.shape), found))
    }
}
