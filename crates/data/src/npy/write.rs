//! Writing of `.npy` files.

/// Returns the bytes of a `.npy` file with values of type `f32`.
///
/// # Panics
/// If the header is longer than 65,535 bytes, which requires thousands of axes.
pub fn write_floats(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let mut bytes = header("<f4", shape);
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// Returns the bytes of a `.npy` file with values of type `f64`.
///
/// # Panics
/// If the header is longer than 65,535 bytes, which requires thousands of axes.
pub fn write_doubles(shape: &[usize], values: &[f64]) -> Vec<u8> {
    let mut bytes = header("<f8", shape);
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// Returns the bytes of a `.npy` file with values of type `i64`.
///
/// # Panics
/// If the header is longer than 65,535 bytes, which requires thousands of axes.
pub fn write_integers(shape: &[usize], values: &[usize]) -> Vec<u8> {
    let mut bytes = header("<i8", shape);
    bytes.extend(values.iter().flat_map(|&value| (value as u64).to_le_bytes()));
    bytes
}

/// Maximum length of a string, in code points. A single long string would multiply the size of the array.
const LONGEST_STRING: usize = 1000;

/// Returns the bytes of a `.npy` file with a list of strings. Each has as many code points, of four bytes, as the
/// longest string. Strings of more than 1000 code points are truncated.
pub fn write_strings(values: &[&str]) -> Vec<u8> {
    let longest = values.iter().map(|value| value.chars().count()).max().unwrap_or(0);
    let longest = longest.clamp(1, LONGEST_STRING);
    let mut bytes = header(&format!("<U{longest}"), &[values.len()]);
    for value in values {
        let points = value.chars().map(u32::from).chain(std::iter::repeat(0)).take(longest);
        bytes.extend(points.flat_map(u32::to_le_bytes));
    }
    bytes
}

/// Returns a header of version 1: a Python dictionary, padded to a multiple of 64 bytes.
fn header(kind: &str, shape: &[usize]) -> Vec<u8> {
    const PREFIX: usize = 10;
    let sizes: String = shape.iter().map(|size| format!("{size},")).collect();
    let text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({sizes}), }}");
    let length = (PREFIX + text.len() + 1).next_multiple_of(64) - PREFIX;
    let count = u16::try_from(length).expect("a few axes");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(count.to_le_bytes());
    bytes.extend(format!("{text:<width$}\n", width = length - 1).into_bytes());
    bytes
}
