//! Recordings in arrays: `input` `[N, C, T]`, `[N, C, H, W]` or one recording without `N`, and `target`.

use graph::{Array, Shape};

use super::names::Names;
use super::{Request, Wanted, archive, npy, shown};
use crate::config::{Column, Columns};
use crate::number::whole;
use crate::{DataError, Memory, Recording, Target};

pub(super) fn read(request: &Request<'_>, ending: &str) -> Result<Memory, DataError> {
    let bytes = request.bytes()?;
    let array = |name: &str| {
        let found = match ending {
            "npz" => archive::npz(&bytes, name),
            _ => archive::safetensors(&bytes, name),
        };
        found.map_err(|message| request.refuse(message))
    };
    let (input, target) = if ending == "npy" {
        (npy::array(&bytes).map_err(|message| request.refuse(message))?, None)
    } else {
        let name = request.file.input.as_deref().unwrap_or("input");
        let input = array(name)?.ok_or_else(|| request.refuse(format!("no array `{name}`")))?;
        let named = request.file.target.as_ref().map(|Columns(columns)| match &columns[..] {
            [Column::Name(name)] => Ok(name.as_str()),
            _ => Err(request.refuse("`target` of an archive; one array's name is needed")),
        });
        let named = named.transpose()?;
        let target = match request.wanted {
            Wanted::Nothing => None,
            Wanted::Classes | Wanted::Numbers | Wanted::Signal => array(named.unwrap_or("target"))?,
        };
        if let (None, Some(name)) = (&target, named) {
            return Err(request.refuse(format!("no array `{name}`")));
        }
        (input, target)
    };
    let (inputs, many) = recordings(&input, request.input).ok_or_else(|| {
        let message = format!(
            "an input of shape {:?}; the network's input is {:?}",
            input.shape(),
            request.input.dims()
        );
        request.refuse(message)
    })?;
    let count = inputs.len();
    let mut names = Names::default();
    let mut result = Vec::new();
    for (i, input) in inputs.into_iter().enumerate() {
        let file = shown(request.path);
        let origin = if many { format!("{file}: recording {}", i + 1) } else { file };
        let target = match &target {
            None => Target::None,
            Some(target) => {
                let shape = target.shape();
                if many && shape.first() != Some(&count) {
                    let message = format!("a target of shape {shape:?} for {count} recordings");
                    return Err(request.refuse(message));
                }
                let own = if many { nth(target, i) } else { target.clone() };
                own_target(request.wanted, own, &input, &mut names)
                    .map_err(|message| DataError::new(&origin, message))?
            }
        };
        result.push(Recording { origin, input, target });
    }
    Ok(names.with(request.select(result)?))
}

/// The recordings in an array, and whether it is for many. A missing axis is that of one channel, or
/// of one recording.
pub(super) fn recordings(array: &Array, input: &Shape) -> Option<(Vec<Array>, bool)> {
    let (shape, rank) = (array.shape(), input.rank());
    let channels = input.channels;
    let is_one = match shape.len() {
        n if n == rank => channels == 1,
        n if n == rank + 1 => {
            // With one channel, an axis before the spatial ones counts recordings.
            shape[0] == channels && (rank == 1 || shape[1..] == input.space[..])
        }
        _ => false,
    };
    if is_one {
        let mut own = shape.to_vec();
        if own.len() == rank {
            own.insert(0, 1);
        }
        return Some((vec![Array::new(own, array.data().to_vec())?], false));
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

/// Element `i` of the first axis.
fn nth(array: &Array, i: usize) -> Array {
    let shape = array.shape()[1..].to_vec();
    let size: usize = shape.iter().product();
    Array::from_fn(shape, |at| array.data()[i * size + at])
}

fn own_target(wanted: Wanted, own: Array, input: &Array, names: &mut Names) -> Result<Target, String> {
    match wanted {
        Wanted::Nothing => Ok(Target::None),
        Wanted::Signal => Ok(Target::Signal(own)),
        Wanted::Numbers if own.shape().len() < 2 => Ok(Target::Numbers(own.data().to_vec())),
        Wanted::Numbers => Ok(Target::Signal(own)),
        Wanted::Classes => {
            let mut class = |value: f32| match whole(value) {
                Some(class) if class < 0 => Ok(None),
                Some(class) => Ok(names.index(&class.to_string())),
                None => Err(format!("the class {value}; a whole number is needed")),
            };
            if let [value] = *own.data()
                && own.shape().len() < 2
            {
                return class(value)?
                    .map(Target::Class)
                    .ok_or_else(|| format!("the class {value}; 0 or more is needed"));
            }
            if own.shape() != &input.shape()[1..] {
                let message =
                    format!("a target of shape {:?}; one class, or {:?}", own.shape(), &input.shape()[1..]);
                return Err(format!("{message} of them are needed"));
            }
            own.data().iter().map(|&value| class(value)).collect::<Result<_, _>>().map(Target::Positions)
        }
    }
}
