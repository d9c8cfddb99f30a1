//! Named arrays: `.npz` and safetensors files.

use std::io::{Cursor, Read};

use graph::Array;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use zip::CompressionMethod;

use super::budget::Budget;
use super::foreign::{decode, sentence};
use crate::error::expected;
use crate::npy;
use crate::number::elements;

/// The array called `name` in the bytes of a `.npz` file; `None` if there is no such array.
pub(super) fn npz(bytes: &[u8], name: &str, budget: &Budget) -> Result<Option<Array>, String> {
    let damaged = |error: &dyn std::fmt::Display| format!("damaged .npz file ({})", sentence(error));
    let entry = format!("{name}.npy");
    let mut archive =
        decode(".npz file", || zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error)))?;
    if archive.index_for_name(&entry).is_none() {
        return Ok(None);
    }
    let mut file = decode(".npz file", || archive.by_name(&entry).map_err(|error| damaged(&error)))?;
    if file.compression() != CompressionMethod::Stored {
        budget.restrict(bytes.len());
    }
    let in_entry = |message: String| format!("{}: {message}", graph::quoted(name));
    let header = decode(".npz file", || npy::Header::read(&mut file)).map_err(in_entry)?;
    // The header is compared with the size that the archive declares before memory is allocated.
    let declared = usize::try_from(file.size()).unwrap_or(usize::MAX).saturating_sub(header.length());
    header.check(declared).map_err(in_entry)?;
    let values = declared / header.item_size() * size_of::<f32>();
    budget.charge(declared.saturating_add(values)).map_err(in_entry)?;
    let mut data = Vec::new();
    decode(".npz file", || {
        let most = file.size().saturating_add(1);
        file.by_ref().take(most).read_to_end(&mut data).map_err(|error| damaged(&error))
    })?;
    let array = header.array(&data).map_err(in_entry);
    budget.release(declared);
    array.map(Some)
}

/// The array called `name` in the bytes of a safetensors file; `None` if there is no such array.
pub(super) fn safetensors(bytes: &[u8], name: &str) -> Result<Option<Array>, String> {
    let file = decode("safetensors file", || {
        let file = SafeTensors::deserialize(bytes);
        file.map_err(|error| format!("damaged safetensors file ({})", sentence(&error)))
    })?;
    let Ok(view) = file.tensor(name) else { return Ok(None) };
    let in_array = |message: String| format!("{}: {message}", graph::quoted(name));
    if elements(view.shape()).is_none() {
        return Err(in_array(expected("a shape that fits in memory", format!("{:?}", view.shape()))));
    }
    let values = decode("safetensors file", || {
        values(&view).ok_or_else(|| {
            in_array(expected("integers, floats or booleans", format!("type {:?}", view.dtype())))
        })
    })?;
    let array = Array::new(view.shape(), values);
    array.map(Some).ok_or_else(|| in_array("the data length does not match the shape".to_owned()))
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
