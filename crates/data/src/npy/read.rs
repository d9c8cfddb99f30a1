//! Reading of the values of a `.npy` file.

use graph::Array;

use super::elements::row_major;
use super::header::Header;
use crate::number::single;

/// Reads the bytes of a `.npy` file. Integers, floats and booleans of any size become `f32`.
///
/// # Errors
/// A message about the bytes, without the file.
pub fn read(mut bytes: &[u8]) -> Result<Array, String> {
    let header = Header::read(&mut bytes)?;
    header.check(bytes.len())?;
    let Header { elements, shape, fortran, .. } = header;
    let values = if fortran {
        elements.numbers(&row_major(&shape, elements.size(), bytes))?
    } else {
        elements.numbers(bytes)?
    };
    let values = values.into_iter().map(single).collect();
    Array::new(shape, values).ok_or_else(|| "the data length does not match the shape".to_owned())
}
