//! Joining recordings end to end.

use graph::Noise;

use crate::error::expected;
use crate::number::wide;
use crate::{DataError, Memory, Recording, Source, Target, Values};

/// Returns the indices below `len` in a random order that depends only on `name`.
pub(crate) fn order(name: &str, len: usize) -> Vec<usize> {
    let noise = Noise::of(name);
    let mut indices: Vec<usize> = (0..len).collect();
    indices.sort_by_cached_key(|&index| (noise.bits(wide(index)), index));
    indices
}

/// Joins the series of `source` end to end, in a random order that depends on `seed` and the name of the
/// split. Each sample has the class of its recording.
pub(crate) fn stitch(source: &dyn Source, split: &str, seed: u64) -> Result<Memory, DataError> {
    let mut channels: Vec<Vec<f64>> = Vec::new();
    let mut labels = Vec::new();
    for index in order(&format!("stitch/{split}/{seed}"), source.len()) {
        let recording = source.recording(index)?;
        let [rows, samples] = recording.input.shape()[..] else {
            let message = expected("a series, which `stitch` joins end to end", "an image");
            return Err(DataError::new(&recording.origin, message));
        };
        if channels.is_empty() {
            channels.resize(rows, Vec::new());
        }
        if channels.len() != rows {
            let as_before = format!("{} channels as in earlier recordings", channels.len());
            let message = expected(as_before, rows);
            return Err(DataError::new(&recording.origin, message));
        }
        for (channel, values) in channels.iter_mut().zip(recording.input.data().chunks(samples.max(1))) {
            channel.extend(values);
        }
        match recording.target {
            Target::Class(class) => labels.extend(std::iter::repeat_n(Some(class), samples)),
            Target::Positions(classes) if classes.len() == samples => labels.extend(classes),
            Target::Positions(classes) => {
                let message = expected(format!("{samples} labels, one per position"), classes.len());
                return Err(DataError::new(&recording.origin, message));
            }
            Target::None => labels.extend(std::iter::repeat_n(None, samples)),
            Target::Labels(_) | Target::Numbers(_) | Target::Signal(_) => {
                let message = expected("a class as target, as `stitch` requires", "numbers");
                return Err(DataError::new(&recording.origin, message));
            }
        }
    }
    let samples = channels.first().map_or(0, Vec::len);
    let input = Values::new([channels.len(), samples], channels.concat());
    let target = if labels.iter().all(Option::is_none) { Target::None } else { Target::Positions(labels) };
    let origin = format!("the recordings of `{split}` joined end to end");
    let recording = input.map(|input| Recording::new(origin, input, target));
    Ok(Memory {
        classes: source.classes().to_vec(),
        recordings: recording.into_iter().collect(),
        description: source.description(),
    })
}
