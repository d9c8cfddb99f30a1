//! The elements of arrays in files: their type, and the numbers and labels that their bytes stand for.

use graph::quoted;
use half::{bf16, f16};

use crate::error::expected;

/// The type of the elements of an array, and their byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Elements {
    pub(crate) kind: Kind,
    pub(crate) big_endian: bool,
}

/// The type of the elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Booleans and unsigned integers of this many bytes.
    Unsigned(usize),
    /// Signed integers of this many bytes.
    Signed(usize),
    /// Floats of this many bytes.
    Float(usize),
    /// Floats of two bytes with the exponent of an f32.
    Bfloat16,
    /// Text of at most this many code points, of four bytes each.
    Text(usize),
    /// Text of at most this many bytes.
    Bytes(usize),
}

impl Kind {
    /// Returns the type that a NumPy header calls `name`, such as `f4`.
    pub(super) fn of(name: &str) -> Result<Self, String> {
        let (letter, size) = name.split_at_checked(1).unwrap_or(("", ""));
        let kind = match (letter, size.parse().unwrap_or(0)) {
            ("b", 1) => Some(Self::Unsigned(1)),
            ("u", size @ (1 | 2 | 4 | 8)) => Some(Self::Unsigned(size)),
            ("i", size @ (1 | 2 | 4 | 8)) => Some(Self::Signed(size)),
            ("f", size @ (2 | 4 | 8)) => Some(Self::Float(size)),
            ("U", size) if size > 0 && size.checked_mul(4).is_some() => Some(Self::Text(size)),
            ("S", size) if size > 0 => Some(Self::Bytes(size)),
            _ => None,
        };
        let advice = match letter {
            "O" => "Python objects; convert them with `.astype(str)` or to numbers of one shape",
            "M" => "dates; convert them to numbers, such as seconds",
            "m" => "durations; convert them to numbers, such as seconds",
            "V" => "records; save each field as an array",
            "c" => "complex numbers; save the real and the imaginary parts as channels",
            _ => return kind.ok_or_else(|| unsupported(format!("type {}", quoted(name)))),
        };
        Err(unsupported(format!("type {}: {advice}", quoted(name))))
    }

    pub(crate) fn size(self) -> usize {
        match self {
            Self::Unsigned(size) | Self::Signed(size) | Self::Float(size) | Self::Bytes(size) => size,
            Self::Bfloat16 => 2,
            Self::Text(points) => 4 * points,
        }
    }
}

/// Returns the message about elements that are neither numbers nor text.
pub(crate) fn unsupported(found: impl std::fmt::Display) -> String {
    expected("integers, floats, booleans or text", found)
}

impl Elements {
    /// Returns the number of bytes of an element.
    pub(crate) fn size(self) -> usize {
        self.kind.size()
    }

    pub(crate) fn is_text(self) -> bool {
        matches!(self.kind, Kind::Text(_) | Kind::Bytes(_))
    }

    pub(crate) fn is_integer(self) -> bool {
        matches!(self.kind, Kind::Unsigned(_) | Kind::Signed(_))
    }

    /// Returns the numbers that `bytes` stand for.
    ///
    /// # Errors
    /// If the elements are text.
    #[allow(clippy::cast_precision_loss, reason = "recordings are f64")]
    pub(crate) fn numbers(self, bytes: &[u8]) -> Result<Vec<f64>, String> {
        Ok(match self.kind {
            Kind::Unsigned(1) => self.each(bytes, |[byte]| f64::from(byte)),
            Kind::Signed(1) => self.each(bytes, |bytes| f64::from(i8::from_le_bytes(bytes))),
            Kind::Unsigned(2) => self.each(bytes, |bytes| f64::from(u16::from_le_bytes(bytes))),
            Kind::Signed(2) => self.each(bytes, |bytes| f64::from(i16::from_le_bytes(bytes))),
            Kind::Unsigned(4) => self.each(bytes, |bytes| f64::from(u32::from_le_bytes(bytes))),
            Kind::Signed(4) => self.each(bytes, |bytes| f64::from(i32::from_le_bytes(bytes))),
            Kind::Unsigned(_) => self.each(bytes, |bytes| u64::from_le_bytes(bytes) as f64),
            Kind::Signed(_) => self.each(bytes, |bytes| i64::from_le_bytes(bytes) as f64),
            Kind::Float(2) => self.each(bytes, |bytes| f16::from_le_bytes(bytes).to_f64()),
            Kind::Float(4) => self.each(bytes, |bytes| f64::from(f32::from_le_bytes(bytes))),
            Kind::Float(_) => self.each(bytes, f64::from_le_bytes),
            Kind::Bfloat16 => self.each(bytes, |bytes| bf16::from_le_bytes(bytes).to_f64()),
            Kind::Text(_) | Kind::Bytes(_) => return Err(expected("numbers", "text")),
        })
    }

    fn each<const N: usize>(self, bytes: &[u8], value: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        let ordered = |bytes: &[u8; N]| {
            let mut bytes = *bytes;
            if self.big_endian {
                bytes.reverse();
            }
            value(bytes)
        };
        bytes.as_chunks().0.iter().map(ordered).collect()
    }

    /// Returns the label that the bytes of an element stand for: its text, or an exact integer.
    ///
    /// # Errors
    /// If the element is a number that is not an integer, or damaged text.
    pub(crate) fn label(self, bytes: &[u8]) -> Result<String, String> {
        let mut ordered = [0; 8];
        match self.kind {
            Kind::Text(_) => self.text(bytes),
            Kind::Bytes(_) => {
                let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                let text = std::str::from_utf8(&bytes[..end]).map(str::to_owned);
                text.map_err(|_| "expected UTF-8 text, found other bytes".to_owned())
            }
            Kind::Unsigned(size) | Kind::Signed(size) => {
                let bytes = bytes.get(..size.min(8)).unwrap_or_default();
                for (i, byte) in bytes.iter().enumerate() {
                    ordered[if self.big_endian { size - 1 - i } else { i }] = *byte;
                }
                let number = u64::from_le_bytes(ordered);
                if matches!(self.kind, Kind::Unsigned(_)) {
                    return Ok(number.to_string());
                }
                let unused = 64 - 8 * size;
                Ok(((number << unused).cast_signed() >> unused).to_string())
            }
            Kind::Float(_) | Kind::Bfloat16 => match self.numbers(bytes)?[..] {
                [number] if number.fract().abs() <= 0.0 => Ok(format!("{:.0}", number + 0.0)),
                [number] if number.is_nan() => Ok("NaN".to_owned()),
                [number] => Err(expected("an integer as the class", number)),
                _ => Err("expected one element".to_owned()),
            },
        }
    }

    fn text(self, bytes: &[u8]) -> Result<String, String> {
        let point = |bytes: &[u8; 4]| {
            let point = if self.big_endian { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) };
            char::from_u32(point)
        };
        let text: Option<String> = bytes.as_chunks().0.iter().map(point).collect();
        let text = text.ok_or("expected Unicode text, found other code points")?;
        Ok(text.trim_end_matches('\0').to_owned())
    }
}

/// Converts elements of `size` bytes from column-major order, in which the first axis varies fastest, to row-major
/// order.
pub(crate) fn row_major(shape: &[usize], size: usize, bytes: &[u8]) -> Vec<u8> {
    let count = bytes.len() / size.max(1);
    let mut result = Vec::with_capacity(bytes.len());
    for mut i in 0..count {
        let (mut stride, mut index) = (count, 0);
        for &length in shape.iter().rev() {
            stride /= length;
            index += i % length * stride;
            i /= length;
        }
        result.extend_from_slice(&bytes[index * size..][..size]);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_texts_are_exact_labels() {
        let label = |kind, big_endian, bytes: &[u8]| Elements { kind, big_endian }.label(bytes);
        for (expected, kind, bytes) in [
            ("-9223372036854775807", Kind::Signed(8), &(i64::MIN + 1).to_le_bytes()[..]),
            ("18446744073709551615", Kind::Unsigned(8), &u64::MAX.to_le_bytes()),
            ("16777217", Kind::Signed(4), &16_777_217i32.to_le_bytes()),
            ("16777217", Kind::Float(8), &16_777_217f64.to_le_bytes()),
            ("-1", Kind::Signed(1), &[255]),
            ("255", Kind::Unsigned(1), &[255]),
            ("0", Kind::Float(4), &(-0f32).to_le_bytes()),
            ("NaN", Kind::Float(4), &f32::NAN.to_le_bytes()),
            ("ä b", Kind::Bytes(6), "ä b\0\0".as_bytes()),
            ("", Kind::Bytes(2), b"\0\0"),
        ] {
            assert_eq!(label(kind, false, bytes).as_deref(), Ok(expected));
        }
        assert_eq!(label(Kind::Signed(2), true, &[255, 254]).unwrap(), "-2");
        assert_eq!(label(Kind::Text(2), true, &[0, 0, 0, b'a', 0, 0, 0, 0]).unwrap(), "a");
        assert!(label(Kind::Text(1), true, &[255, 0, 0, 0]).is_err());
        assert!(label(Kind::Float(8), false, &0.5f64.to_le_bytes()).is_err());
    }
}
