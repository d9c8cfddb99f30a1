//! Named arrays: `.npz` and safetensors files.

use std::io::{Cursor, Read};

use graph::Array;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::error::expected;
use crate::npy;

/// The array called `name` in the bytes of a `.npz` file; `None` if there is no such array.
pub(super) fn npz(bytes: &[u8], name: &str) -> Result<Option<Array>, String> {
    let damaged = |error: &dyn std::fmt::Display| format!("damaged .npz file ({error})");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let entry = format!("{name}.npy");
    if archive.index_for_name(&entry).is_none() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let mut file = archive.by_name(&entry).map_err(|error| damaged(&error))?;
    file.read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
    npy::read(&bytes).map(Some).map_err(|error| format!("`{name}`: {error}"))
}

/// The array called `name` in the bytes of a safetensors file; `None` if there is no such array.
pub(super) fn safetensors(bytes: &[u8], name: &str) -> Result<Option<Array>, String> {
    let file = SafeTensors::deserialize(bytes);
    let file = file.map_err(|error| format!("damaged safetensors file ({error})"))?;
    let Ok(view) = file.tensor(name) else { return Ok(None) };
    let values = values(&view).ok_or_else(|| {
        let message = expected("integers, floats or booleans", format!("type {:?}", view.dtype()));
        format!("`{name}`: {message}")
    })?;
    let array = Array::new(view.shape(), values);
    array.map(Some).ok_or_else(|| format!("`{name}`: the data length does not match the shape"))
}

#[allow(clippy::cast_precision_loss, reason = "networks compute in f32")]
fn values(view: &TensorView<'_>) -> Option<Vec<f32>> {
    fn each<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f32) -> Vec<f32> {
        bytes.as_chunks().0.iter().map(|chunk| value(*chunk)).collect()
    }
    let bytes = view.data();
    Some(match view.dtype() {
        Dtype::BOOL | Dtype::U8 => each(bytes, |[byte]| f32::from(byte)),
        Dtype::I8 => each(bytes, |chunk| f32::from(i8::from_le_bytes(chunk))),
        Dtype::U16 => each(bytes, |chunk| f32::from(u16::from_le_bytes(chunk))),
        Dtype::I16 => each(bytes, |chunk| f32::from(i16::from_le_bytes(chunk))),
        Dtype::U32 => each(bytes, |chunk| u32::from_le_bytes(chunk) as f32),
        Dtype::I32 => each(bytes, |chunk| i32::from_le_bytes(chunk) as f32),
        Dtype::U64 => each(bytes, |chunk| u64::from_le_bytes(chunk) as f32),
        Dtype::I64 => each(bytes, |chunk| i64::from_le_bytes(chunk) as f32),
        other => return graph::floats(other, bytes),
    })
}
