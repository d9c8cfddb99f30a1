//! Reading of the values of a `.npy` file.

use graph::Array;
use half::f16;

use super::header::{Header, Kind};
use crate::number::single;

/// Reads the bytes of a `.npy` file. Integers, floats and booleans of any size become `f32`.
///
/// # Errors
/// A message about the bytes, without the file.
pub fn read(mut bytes: &[u8]) -> Result<Array, String> {
    let header = Header::read(&mut bytes)?;
    header.array(bytes)
}

impl Header {
    /// Decodes the values that follow the header.
    pub(crate) fn array(self, data: &[u8]) -> Result<Array, String> {
        self.check(data.len())?;
        let values = values(self.kind, data, self.big_endian)
            .ok_or_else(|| "expected values of 1, 2, 4 or 8 bytes".to_owned())?;
        let values = if self.fortran { row_major(&self.shape, &values) } else { values };
        Array::new(self.shape, values).ok_or_else(|| "the data length does not match the shape".to_owned())
    }
}

#[allow(clippy::cast_precision_loss, reason = "networks compute in f32")]
fn values(kind: Kind, data: &[u8], big_endian: bool) -> Option<Vec<f32>> {
    fn each<const N: usize>(data: &[u8], big_endian: bool, value: impl Fn([u8; N]) -> f32) -> Vec<f32> {
        let ordered = |mut bytes: [u8; N]| {
            if big_endian {
                bytes.reverse();
            }
            value(bytes)
        };
        data.as_chunks().0.iter().map(|bytes| ordered(*bytes)).collect()
    }
    Some(match kind {
        Kind::Unsigned(1) => each(data, big_endian, |[byte]| f32::from(byte)),
        Kind::Signed(1) => each(data, big_endian, |bytes| f32::from(i8::from_le_bytes(bytes))),
        Kind::Unsigned(2) => each(data, big_endian, |bytes| f32::from(u16::from_le_bytes(bytes))),
        Kind::Signed(2) => each(data, big_endian, |bytes| f32::from(i16::from_le_bytes(bytes))),
        Kind::Unsigned(4) => each(data, big_endian, |bytes| u32::from_le_bytes(bytes) as f32),
        Kind::Signed(4) => each(data, big_endian, |bytes| i32::from_le_bytes(bytes) as f32),
        Kind::Unsigned(8) => each(data, big_endian, |bytes| u64::from_le_bytes(bytes) as f32),
        Kind::Signed(8) => each(data, big_endian, |bytes| i64::from_le_bytes(bytes) as f32),
        Kind::Float(2) => each(data, big_endian, |bytes| f16::from_le_bytes(bytes).to_f32()),
        Kind::Float(4) => each(data, big_endian, f32::from_le_bytes),
        Kind::Float(8) => each(data, big_endian, |bytes| single(f64::from_le_bytes(bytes))),
        Kind::Unsigned(_) | Kind::Signed(_) | Kind::Float(_) => return None,
    })
}

/// Converts values from column-major order, in which the first axis varies fastest, to row-major order.
fn row_major(shape: &[usize], values: &[f32]) -> Vec<f32> {
    let value = |mut i: usize| {
        let mut stride = values.len();
        let mut index = 0;
        for &size in shape.iter().rev() {
            stride /= size;
            index += i % size * stride;
            i /= size;
        }
        values[index]
    };
    (0..values.len()).map(value).collect()
}
