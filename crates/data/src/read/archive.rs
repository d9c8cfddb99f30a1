//! Named arrays: `.npz` and safetensors files.

use std::io::{Cursor, Read};

use graph::Array;
use half::{bf16, f16};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::npy;
use crate::number::single;

/// The array called `name` in the bytes of a `.npz` file; none where there is none of that name.
pub(super) fn npz(bytes: &[u8], name: &str) -> Result<Option<Array>, String> {
    let whole = |error: &dyn std::fmt::Display| format!("not a whole .npz file ({error})");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| whole(&error))?;
    let entry = format!("{name}.npy");
    if archive.index_for_name(&entry).is_none() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let mut file = archive.by_name(&entry).map_err(|error| whole(&error))?;
    file.read_to_end(&mut bytes).map_err(|error| whole(&error))?;
    npy::array(&bytes).map(Some).map_err(|error| format!("`{name}`: {error}"))
}

/// The same of a safetensors file.
pub(super) fn safetensors(bytes: &[u8], name: &str) -> Result<Option<Array>, String> {
    let file = SafeTensors::deserialize(bytes);
    let file = file.map_err(|error| format!("not a whole safetensors file ({error})"))?;
    let Ok(view) = file.tensor(name) else { return Ok(None) };
    let values = values(&view).ok_or_else(|| {
        format!("`{name}`: values of type {:?}; integers, floats or bools are needed", view.dtype())
    })?;
    let array = Array::new(view.shape(), values);
    array.map(Some).ok_or_else(|| format!("`{name}`: another number of values than its shape says"))
}

#[allow(clippy::cast_precision_loss, reason = "f32 is what networks compute in")]
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
        Dtype::F16 => each(bytes, |chunk| f16::from_le_bytes(chunk).to_f32()),
        Dtype::BF16 => each(bytes, |chunk| bf16::from_le_bytes(chunk).to_f32()),
        Dtype::F32 => each(bytes, f32::from_le_bytes),
        Dtype::F64 => each(bytes, |chunk| single(f64::from_le_bytes(chunk))),
        _ => return None,
    })
}
