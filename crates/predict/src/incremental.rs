//! A network with an output for each sample, run on the engine while the samples arrive.

use data::{Recording, Values};
use engine::Stream;
use graph::Array;

use crate::recordings::check_finite;
use crate::{PredictError, Prediction, Predictor};

/// A stream of samples in the units of the data. Its outputs are exactly the same for a file, however many samples are
/// computed at once.
pub(crate) struct Incremental {
    stream: Stream,
    channels: usize,
    /// Number of samples that are computed at once.
    step: usize,
    /// Samples that have not been computed, `[T, C]`.
    waiting: Vec<f64>,
    /// Number of samples that have been read.
    read: usize,
    /// Number of samples whose results are known.
    done: usize,
    has_ended: bool,
}

impl Incremental {
    pub(crate) fn new(stream: Stream, channels: usize, step: usize) -> Self {
        Self { stream, channels, step, waiting: Vec::new(), read: 0, done: 0, has_ended: false }
    }

    /// The number of samples that have been read.
    pub(crate) fn read(&self) -> usize {
        self.read
    }

    pub(crate) fn push(&mut self, sample: &[f64]) {
        self.waiting.extend_from_slice(sample);
        self.read += 1;
    }

    /// Returns the next prediction, if the samples for it have been read.
    pub(crate) fn next(
        &mut self,
        predictor: &Predictor,
        has_ended: bool,
    ) -> Result<Option<Prediction>, PredictError> {
        let refuse = |message| PredictError::Input { place: format!("line {}", self.read), message };
        let count = self.waiting.len() / self.channels;
        let outputs = if count > 0 && (count >= self.step || has_ended) {
            let samples = Values::from_fn([self.channels, count], |i| {
                self.waiting[i % count * self.channels + i / count]
            });
            self.waiting.clear();
            self.stream.push(&positions(&predictor.normalized(&samples)))?;
            self.stream.output(0)
        } else if has_ended && !self.has_ended {
            predictor.check_length(self.read).map_err(refuse)?;
            self.has_ended = true;
            self.stream.finish()?;
            self.stream.output(0)
        } else {
            return Ok(None);
        };
        if outputs.is_empty() {
            return if has_ended { self.next(predictor, has_ended) } else { Ok(None) };
        }
        let outputs = predictor.output_in_data_units(&rows(outputs, predictor.output_channels()));
        check_finite(&outputs).map_err(refuse)?;
        let start = self.done;
        self.done += outputs.shape()[1];
        Ok(Some(Prediction { origin: String::new(), start, outputs }))
    }

    /// Returns the prediction on a whole series.
    pub(crate) fn whole(
        &mut self,
        predictor: &Predictor,
        recording: &Recording,
    ) -> Result<Prediction, PredictError> {
        let origin = recording.origin.clone();
        let refuse = |message| PredictError::Input { place: origin.clone(), message };
        if recording.input.shape()[1] == 0 {
            return Err(refuse("expected at least one sample, found none".to_owned()));
        }
        predictor.check_length(recording.input.shape()[1]).map_err(refuse)?;
        predictor.check_magnitude(recording.input.data()).map_err(refuse)?;
        self.stream.reset();
        self.stream.push(&positions(&predictor.normalized(&recording.input)))?;
        let mut outputs = self.stream.output(0).to_vec();
        self.stream.finish()?;
        outputs.extend_from_slice(self.stream.output(0));
        let outputs = predictor.output_in_data_units(&rows(&outputs, predictor.output_channels()));
        check_finite(&outputs).map_err(refuse)?;
        Ok(Prediction { origin, start: 0, outputs })
    }
}

/// The samples of a series `[C, T]`, whose channels follow one another.
fn positions(series: &Array) -> Vec<f32> {
    let (channels, samples) = (series.shape()[0], series.shape()[1]);
    (0..channels * samples).map(|i| series.data()[i % channels * samples + i / channels]).collect()
}

/// A series `[C, T]` of samples whose channels follow one another.
fn rows(positions: &[f32], channels: usize) -> Array {
    let samples = positions.len() / channels;
    Array::from_fn([channels, samples], |i| positions[i % samples * channels + i / samples])
}
