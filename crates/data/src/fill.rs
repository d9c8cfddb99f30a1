//! Missing values, and series that are shorter than the input of a network.

use graph::{Array, Shape};

use crate::error::expected;
use crate::{Config, DataError, Missing, Pad, Recording, Target, Task, Values};

/// The treatment of missing values and of series that are shorter than the input of a network, as a config sets it.
///
/// In recordings, NaN stands for a missing value. If `pad` is set, samples at the end of a series whose values are all
/// NaN do not belong to it: many data sets mark the end of a series in this way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filling {
    missing: Missing,
    pad: Option<Pad>,
    /// The number of samples that shorter series are extended to.
    length: usize,
    /// Whether each sample has a label, even if it is that of the whole recording.
    labels_samples: bool,
}

impl Filling {
    /// The treatment that `config` sets, for a network with this input.
    pub fn of(config: &Config, input: &Shape) -> Self {
        let length = if input.rank() == 1 { input.space[0] } else { 0 };
        let labels_samples = config.task == Task::Segmentation;
        Self { missing: config.missing, pad: config.pad, length, labels_samples }
    }

    /// The same treatment, except that series are not extended.
    pub(crate) fn without_padding(self) -> Self {
        Self { length: 0, ..self }
    }

    /// Returns whether recordings may change.
    pub(crate) fn is_needed(&self) -> bool {
        self.missing != Missing::Refuse || self.pad.is_some()
    }

    /// Returns whether series may be extended.
    pub(crate) fn extends(&self) -> bool {
        self.pad.is_some() && self.length > 0
    }

    /// Fills the missing values of a whole recording and extends it if it is too short. Appended values, and missing
    /// ones with `missing: mask`, are NaN, and their labels are unknown; [`finish`](Self::finish) replaces them after
    /// normalization.
    ///
    /// # Errors
    /// If there are no values from which to fill the others.
    pub fn fill(&self, recording: Recording) -> Result<Recording, DataError> {
        if !self.is_needed() {
            return Ok(recording);
        }
        let mut recording = recording;
        if !recording.input.data().is_empty() && recording.input.data().iter().all(|value| value.is_nan()) {
            return Err(DataError::new(
                &recording.origin,
                expected("at least one value", "only missing ones"),
            ));
        }
        if self.pad.is_some() && recording.space().len() == 1 {
            let length = samples(&recording.input);
            if length < recording.space()[0] {
                recording = recording.excerpt(0, length)?;
            }
        }
        recording = self.filled(recording)?;
        if self.extends() && recording.space().len() == 1 && recording.space()[0] < self.length {
            recording = self.extended(recording);
        }
        Ok(recording)
    }

    /// Returns whether the missing values of an excerpt depend on values outside of it.
    pub(crate) fn needs_context(&self, excerpt: &Recording) -> bool {
        let samples = excerpt.space().iter().product::<usize>().max(1);
        let mut rows = excerpt.input.data().chunks(samples);
        match self.missing {
            Missing::Refuse | Missing::Zero | Missing::Mask => false,
            Missing::Hold => rows.any(|row| row[0].is_nan()),
            Missing::Interpolate => rows.any(|row| row[0].is_nan() || row[samples - 1].is_nan()),
        }
    }

    /// Fills the missing values of a recording or an excerpt.
    pub(crate) fn filled(&self, mut recording: Recording) -> Result<Recording, DataError> {
        if !recording.input.data().iter().any(|value| value.is_nan()) {
            return Ok(recording);
        }
        let positions = recording.space().iter().product::<usize>().max(1);
        let is_series = recording.space().len() == 1;
        match self.missing {
            Missing::Refuse => {}
            Missing::Zero => {
                for value in recording.input.data_mut() {
                    if value.is_nan() {
                        *value = 0.0;
                    }
                }
            }
            Missing::Hold | Missing::Interpolate if !is_series => {
                let message = "`missing`: expected `zero` or `mask` for images, found another setting";
                return Err(DataError::new(&recording.origin, message));
            }
            Missing::Hold | Missing::Interpolate => {
                for (channel, row) in recording.input.data_mut().chunks_mut(positions).enumerate() {
                    if row.iter().all(|value| value.is_nan()) {
                        let found = "only missing ones; set `missing: zero` or `missing: mask`";
                        let message = expected("at least one value", found);
                        let message = format!("channel {}: {message}", channel + 1);
                        return Err(DataError::new(&recording.origin, message));
                    }
                    fill_gaps(row, self.missing == Missing::Interpolate);
                }
            }
            Missing::Mask => {
                let is_missing = missing_positions(&recording.input);
                self.unlabel(&mut recording, &is_missing);
            }
        }
        Ok(recording)
    }

    /// Makes the labels of missing positions unknown.
    fn unlabel(&self, recording: &mut Recording, is_missing: &[bool]) {
        if let Target::Class(class) = recording.target
            && self.labels_samples
        {
            recording.target = Target::Positions(vec![Some(class); is_missing.len()]);
        }
        match &mut recording.target {
            Target::Positions(classes) => {
                for (class, is_missing) in classes.iter_mut().zip(is_missing) {
                    if *is_missing {
                        *class = None;
                    }
                }
            }
            Target::Signal(signal) if signal.shape().get(1..) == recording.input.shape().get(1..) => {
                for row in signal.data_mut().chunks_mut(is_missing.len().max(1)) {
                    for (value, is_missing) in row.iter_mut().zip(is_missing) {
                        if *is_missing {
                            *value = f64::NAN;
                        }
                    }
                }
            }
            Target::Class(_) | Target::Labels(_) | Target::Numbers(_) | Target::Signal(_) | Target::None => {}
        }
    }

    /// Appends missing samples without labels to a series.
    fn extended(&self, recording: Recording) -> Recording {
        let before = recording.space()[0];
        let target = match recording.target {
            Target::Positions(mut classes) if classes.len() == before => {
                classes.resize(self.length, None);
                Target::Positions(classes)
            }
            Target::Class(class) if self.labels_samples => {
                let mut classes = vec![Some(class); before];
                classes.resize(self.length, None);
                Target::Positions(classes)
            }
            Target::Signal(signal) if signal.shape().len() == 2 && signal.shape()[1] == before => {
                Target::Signal(signal.extended(self.length))
            }
            other => other,
        };
        Recording { input: recording.input.extended(self.length), target, ..recording }
    }

    /// Returns the number of samples of a filled series `[C, T]`, without those that were appended.
    pub fn samples(&self, series: &Values) -> usize {
        match series.shape() {
            [_, all] if self.pad.is_none() => *all,
            _ => samples(series),
        }
    }

    /// Replaces missing values in a normalized input `[C, …]`: appended values by the last value of the channel
    /// with `pad: edge`, and all others by 0, the mean of the channel.
    pub fn finish(&self, input: &mut Array) {
        let positions = input.shape().iter().skip(1).product::<usize>().max(1);
        for row in input.data_mut().chunks_mut(positions) {
            if self.pad == Some(Pad::Edge)
                && let Some(last) = row.iter().rposition(|value| !value.is_nan())
            {
                let value = row[last];
                row[last + 1..].fill(value);
            }
            for value in row {
                if value.is_nan() {
                    *value = 0.0;
                }
            }
        }
    }
}

/// Returns the number of samples of a series `[C, T]`, without those at the end whose values are all missing.
pub(crate) fn samples(series: &Values) -> usize {
    let &[_, all] = series.shape() else { return 0 };
    let last =
        series.data().chunks(all.max(1)).filter_map(|row| row.iter().rposition(|value| !value.is_nan()));
    last.max().map_or(0, |last| last + 1)
}

/// Returns whether any channel has no value, for each position.
fn missing_positions(values: &Values) -> Vec<bool> {
    let positions = values.shape().iter().skip(1).product::<usize>();
    let mut is_missing = vec![false; positions];
    for row in values.data().chunks(positions.max(1)) {
        for (is_missing, value) in is_missing.iter_mut().zip(row) {
            *is_missing |= value.is_nan();
        }
    }
    is_missing
}

/// Fills gaps with the last value before them or, if `interpolates`, with a straight line to the first value after
/// them. At the start, the first value is repeated, and at the end the last one. There is at least one value.
fn fill_gaps(row: &mut [f64], interpolates: bool) {
    let mut start = 0;
    while let Some(gap) = row[start..].iter().position(|value| value.is_nan()).map(|gap| start + gap) {
        let after = row[gap..].iter().position(|value| !value.is_nan()).map(|after| gap + after);
        let end = after.unwrap_or(row.len());
        let before = gap.checked_sub(1).map(|before| row[before]);
        let next = after.map(|after| row[after]);
        let steps = (end - gap + 1) as f64;
        for (i, value) in row[gap..end].iter_mut().enumerate() {
            *value = match (before, next) {
                (Some(before), Some(next)) if interpolates => {
                    let share = (i + 1) as f64 / steps;
                    before * (1.0 - share) + next * share
                }
                (Some(before), _) => before,
                (None, Some(next)) => next,
                (None, None) => return,
            };
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    fn filled(mut row: Vec<f64>, interpolates: bool) -> Vec<f64> {
        fill_gaps(&mut row, interpolates);
        row
    }

    #[test]
    fn gaps_are_held_or_interpolated_and_the_ends_repeated() {
        let row = || vec![NAN, NAN, 1.0, NAN, NAN, NAN, 5.0, 6.0, NAN, 8.0, NAN];
        assert_eq!(filled(row(), false), [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 5.0, 6.0, 6.0, 8.0, 8.0]);
        assert_eq!(filled(row(), true), [1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 8.0]);
        // Differences of the largest numbers do not overflow.
        assert_eq!(filled(vec![f64::MAX, NAN, f64::MIN], true), [f64::MAX, 0.0, f64::MIN]);
        assert_eq!(filled(vec![1.0, 2.0], true), [1.0, 2.0]);
    }
}
