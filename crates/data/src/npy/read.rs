//! Reading of `.npy` files of versions 1 to 3.

use graph::Array;
use half::f16;

use crate::error::{expected, quoted};
use crate::number::single;

/// Reads the bytes of a `.npy` file. Integers, floats and booleans of any size become `f32`.
///
/// # Errors
/// A message about the bytes, without the file.
pub fn read(bytes: &[u8]) -> Result<Array, String> {
    let Header { kind, big_endian, fortran, shape, data } = header(bytes)?;
    let size = kind[1..].parse::<usize>().unwrap_or_default();
    let count = shape.iter().try_fold(1usize, |n, &size| n.checked_mul(size));
    let needed = count.and_then(|count| count.checked_mul(size));
    if needed != Some(data.len()) {
        let needed = needed.map_or("more".to_owned(), |needed| needed.to_string());
        return Err(expected(format!("{needed} bytes of values for shape {shape:?}"), data.len()));
    }
    let values = values(&kind, data, big_endian)
        .ok_or_else(|| expected("integers, floats or booleans", format!("type {}", quoted(&kind))))?;
    let values = if fortran { row_major(&shape, &values) } else { values };
    Array::new(shape, values).ok_or_else(|| "the data length does not match the shape".to_owned())
}

struct Header<'a> {
    /// The type: a letter and the number of bytes, such as `f4`.
    kind: String,
    big_endian: bool,
    /// Whether the first axis varies fastest.
    fortran: bool,
    shape: Vec<usize>,
    data: &'a [u8],
}

/// Parses the header, a Python dictionary with the keys `descr`, `fortran_order` and `shape`.
fn header(bytes: &[u8]) -> Result<Header<'_>, String> {
    let damaged = || "damaged .npy file".to_owned();
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or_else(damaged)?;
    let (length, rest) = match rest {
        [1, _, a, b, rest @ ..] => (u32::from(u16::from_le_bytes([*a, *b])), rest),
        [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]), rest),
        _ => return Err(damaged()),
    };
    let (text, data) =
        usize::try_from(length).ok().and_then(|n| rest.split_at_checked(n)).ok_or_else(damaged)?;
    let text = String::from_utf8_lossy(text);
    let value = |key: &str| {
        let (_, after) = text.split_once(&format!("'{key}':"))?;
        Some(after.trim_start().to_owned())
    };
    let part = |key: &str| value(key).ok_or_else(|| format!("the header has no key `{key}`"));
    let descr = part("descr")?;
    let descr = descr.strip_prefix('\'').and_then(|rest| rest.split_once('\''));
    let (descr, _) = descr.ok_or("expected an array of numbers, found records")?;
    let shape = part("shape")?;
    let shape = shape.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(shape, _)| shape);
    let sizes = shape.ok_or_else(damaged)?.split(',').map(str::trim).filter(|size| !size.is_empty());
    let shape = sizes.map(|size| size.parse().map_err(|_| damaged())).collect::<Result<_, _>>()?;
    Ok(Header {
        kind: descr.trim_start_matches(['<', '>', '|', '=']).to_owned(),
        big_endian: descr.starts_with('>'),
        fortran: part("fortran_order")?.starts_with("True"),
        shape,
        data,
    })
}

#[allow(clippy::cast_precision_loss, reason = "networks compute in f32")]
fn values(kind: &str, data: &[u8], big_endian: bool) -> Option<Vec<f32>> {
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
        "b1" | "u1" => each(data, big_endian, |[byte]| f32::from(byte)),
        "i1" => each(data, big_endian, |bytes| f32::from(i8::from_le_bytes(bytes))),
        "u2" => each(data, big_endian, |bytes| f32::from(u16::from_le_bytes(bytes))),
        "i2" => each(data, big_endian, |bytes| f32::from(i16::from_le_bytes(bytes))),
        "u4" => each(data, big_endian, |bytes| u32::from_le_bytes(bytes) as f32),
        "i4" => each(data, big_endian, |bytes| i32::from_le_bytes(bytes) as f32),
        "u8" => each(data, big_endian, |bytes| u64::from_le_bytes(bytes) as f32),
        "i8" => each(data, big_endian, |bytes| i64::from_le_bytes(bytes) as f32),
        "f2" => each(data, big_endian, |bytes| f16::from_le_bytes(bytes).to_f32()),
        "f4" => each(data, big_endian, f32::from_le_bytes),
        "f8" => each(data, big_endian, |bytes| single(f64::from_le_bytes(bytes))),
        _ => return None,
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
