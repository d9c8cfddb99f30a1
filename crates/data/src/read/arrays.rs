//! Recordings in arrays: `input` is `[N, C, T]` or `[N, C, H, W]`, or has no `N` if there is one recording;
//! `target` is optional.

use graph::{Array, Shape};

use super::names::Names;
use super::{Request, Wanted, archive, label, origin};
use crate::config::{Column, Columns};
use crate::error::expected;
use crate::labels::Labels;
use crate::npy;
use crate::number::whole;
use crate::{DataError, Memory, Recording, Target};

pub(super) fn read(request: &Request<'_>, extension: &str) -> Result<Memory, DataError> {
    let (input, target) = load(request, extension)?;
    let (inputs, has_many) = recordings(&input, request.input).ok_or_else(|| {
        let shape = format!("an input of shape {:?}", request.input.dims());
        request.refuse(expected(shape, format!("{:?}", input.shape())))
    })?;
    if let Some(target) = &target
        && has_many
        && target.shape().first() != Some(&inputs.len())
    {
        let targets = format!("a target for each of {} recordings", inputs.len());
        return Err(request.refuse(expected(targets, format!("shape {:?}", target.shape()))));
    }
    let file = origin(request.path);
    let mut names = Names::default();
    let mut result = Vec::new();
    for (i, input) in inputs.into_iter().enumerate() {
        request.budget.charge_recording(input.data().len()).map_err(|message| request.refuse(message))?;
        let origin = if has_many { format!("{file}: recording {}", i + 1) } else { file.clone() };
        let target = match &target {
            None => Target::None,
            Some(all) => {
                let target = if has_many { nth(all, i) } else { all.clone() };
                target_of(request, target, &input, &mut names)
                    .map_err(|message| DataError::new(&origin, message))?
            }
        };
        result.push(Recording::new(origin, input, target));
    }
    Ok(names.with(request.select(result)?))
}

/// Returns the array of inputs and that of targets, if there is one.
fn load(request: &Request<'_>, extension: &str) -> Result<(Array, Option<Array>), DataError> {
    let bytes = request.bytes()?;
    if extension == "npy" {
        let input = npy::read(&bytes).map_err(|message| request.refuse(message))?;
        return Ok((input, None));
    }
    let array = |name: &str| {
        let array = if extension == "npz" {
            archive::npz(&bytes, name, &request.budget)
        } else {
            archive::safetensors(&bytes, name)
        };
        array.map_err(|message| request.refuse(message))
    };
    let required = |name: &str| {
        let found = array(name)?;
        found.ok_or_else(|| request.refuse(expected(format!("an array `{name}`"), "none")))
    };
    let input = required(request.file.input.as_deref().unwrap_or("input"))?;
    if request.wanted == Wanted::Nothing {
        return Ok((input, None));
    }
    let target = match &request.file.target {
        None => array("target")?,
        Some(Columns(columns)) => match &columns[..] {
            [Column::Name(name)] => Some(required(name)?),
            _ => return Err(request.refuse("`target`: expected the name of one array in the archive")),
        },
    };
    Ok((input, target))
}

/// Returns the recordings in an array, and whether the array has an axis of recordings. Both that axis and, if
/// there is a single channel, the axis of channels may be missing.
pub(super) fn recordings(array: &Array, input: &Shape) -> Option<(Vec<Array>, bool)> {
    let (shape, rank) = (array.shape(), input.rank());
    let channels = input.channels;
    let is_one = match shape.len() {
        n if n == rank => channels == 1,
        n if n == rank + 1 => {
            // If there is a single channel, the axis may instead be that of several images without channels.
            shape[0] == channels && (rank == 1 || shape[1..] == input.space[..])
        }
        _ => false,
    };
    if is_one {
        let mut with_channels = shape.to_vec();
        if shape.len() == rank {
            with_channels.insert(0, 1);
        }
        return Some((vec![Array::new(with_channels, array.data().to_vec())?], false));
    }
    let of_one: Vec<usize> = match shape.len() {
        n if n == rank + 2 => shape[1..].to_vec(),
        n if n == rank + 1 && channels == 1 => [&[1], &shape[1..]].concat(),
        _ => return None,
    };
    let size: usize = of_one.iter().product();
    if size == 0 {
        return Some((Vec::new(), true));
    }
    let each = array.data().chunks(size).map(|values| Array::new(of_one.as_slice(), values.to_vec()));
    Some((each.collect::<Option<_>>()?, true))
}

/// Returns element `i` of the first axis.
fn nth(array: &Array, i: usize) -> Array {
    let shape = array.shape()[1..].to_vec();
    let size: usize = shape.iter().product();
    Array::from_fn(shape, |j| array.data()[i * size + j])
}

/// Returns the target of one recording.
fn target_of(
    request: &Request<'_>,
    values: Array,
    input: &Array,
    names: &mut Names,
) -> Result<Target, String> {
    match request.wanted {
        Wanted::Nothing => Ok(Target::None),
        Wanted::Signal => Ok(Target::Signal(values.into())),
        Wanted::Numbers if values.shape().len() < 2 => {
            Ok(Target::Numbers(values.data().iter().copied().map(f64::from).collect()))
        }
        Wanted::Numbers => Ok(Target::Signal(values.into())),
        Wanted::Labels => {
            let labels = values.data().iter().map(|value| Ok(label(f64::from(*value))?));
            labels.collect::<Result<_, String>>().map(Target::Labels)
        }
        Wanted::Classes => classes(&values, input, names, &request.labels),
    }
}

/// Returns one class, or a class for each position.
fn classes(values: &Array, input: &Array, names: &mut Names, labels: &Labels) -> Result<Target, String> {
    let mut class = |value: f32| match whole(value) {
        Some(class) => names.label(&class.to_string(), labels),
        None => Err(expected("an integer as class", value)),
    };
    let space = &input.shape()[1..];
    if let [value] = *values.data()
        && values.shape().len() < 2
    {
        let class = class(value)?;
        return class.map(Target::Class).ok_or_else(|| labels.unknown_class(&value.to_string()));
    }
    if values.shape() != space {
        let found = format!("shape {:?}", values.shape());
        return Err(expected(format!("one class, or classes of shape {space:?}"), found));
    }
    let classes = values.data().iter().map(|&value| class(value)).collect::<Result<_, _>>()?;
    Ok(Target::Positions(classes))
}
