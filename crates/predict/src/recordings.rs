//! Predictions on recordings: images, windows of series, or samples of series.

use data::{Recording, Values};
use engine::Stream;

use crate::cut::Piece;
use crate::incremental::Incremental;
use crate::{PredictError, Prediction, Predictor};

/// Maximum number of samples in a batch, and of results that are computed at once.
pub(crate) const SAMPLES: usize = 1 << 16;
/// Maximum number of inputs in a batch.
pub const MAX_BATCH: usize = 32;

/// A piece of a recording to predict.
struct Job {
    recording: usize,
    piece: Piece,
}

impl Predictor {
    /// Returns the predictions on recordings, in order. Each recording has a single prediction, unless it is
    /// a series that is cut into windows. `step` is the number of samples between windows, by default the
    /// length of a window.
    ///
    /// # Errors
    /// If the network does not accept a recording, or if its outputs are not finite. The error names the
    /// recording.
    pub fn predict(
        &mut self,
        recordings: &[Recording],
        step: Option<usize>,
    ) -> Result<Vec<Prediction>, PredictError> {
        if let Some(stream) = self.stream() {
            return self.predict_samples(stream, recordings);
        }
        let jobs = self.jobs(recordings, step)?;
        let mut predictions: Vec<Vec<Prediction>> = recordings.iter().map(|_| Vec::new()).collect();
        for batch in batches(&jobs, recordings) {
            let inputs: Vec<Values> =
                batch.iter().map(|job| input(&recordings[job.recording], &job.piece)).collect();
            for (job, input) in batch.iter().zip(&inputs) {
                self.check_magnitude(input.data()).map_err(|message| PredictError::Input {
                    place: recordings[job.recording].origin.clone(),
                    message,
                })?;
            }
            for (job, outputs) in batch.iter().zip(self.run(&inputs)?) {
                let origin = &recordings[job.recording].origin;
                check_finite(&outputs)
                    .map_err(|message| PredictError::Input { place: origin.clone(), message })?;
                predictions[job.recording].push(Prediction {
                    origin: origin.clone(),
                    start: job.piece.keep.start,
                    outputs: self.kept(outputs, &job.piece),
                });
            }
        }
        if self.takes_series() && self.is_dense() {
            let joined = predictions
                .into_iter()
                .zip(recordings)
                .filter_map(|(pieces, recording)| Some(self.without_appended(join(pieces)?, recording)));
            return Ok(joined.collect());
        }
        Ok(predictions.into_iter().flatten().collect())
    }

    /// Returns the predictions of a network with an output for each sample, which the engine streams.
    fn predict_samples(
        &self,
        stream: Stream,
        recordings: &[Recording],
    ) -> Result<Vec<Prediction>, PredictError> {
        let mut incremental = Incremental::new(stream, self.input().channels, SAMPLES);
        for recording in recordings {
            self.check_axes(recording)?;
        }
        let mut predictions = Vec::new();
        for recording in recordings {
            let prediction = incremental.whole(self, recording)?;
            predictions.push(self.without_appended(prediction, recording));
        }
        Ok(predictions)
    }

    /// Returns a prediction without the outputs of samples that were appended to a short series.
    fn without_appended(&self, prediction: Prediction, recording: &Recording) -> Prediction {
        let samples = self.filling.map_or(usize::MAX, |filling| filling.samples(&recording.input));
        Prediction { outputs: first(prediction.outputs, samples), ..prediction }
    }

    fn jobs(&self, recordings: &[Recording], step: Option<usize>) -> Result<Vec<Job>, PredictError> {
        let mut jobs = Vec::new();
        for recording in recordings {
            self.check_axes(recording)?;
        }
        if !self.takes_series() {
            for recording in 0..recordings.len() {
                jobs.push(Job { recording, piece: Piece { from: 0, to: 0, keep: 0..0 } });
            }
            return Ok(jobs);
        }
        let cut = self.cut(step, SAMPLES);
        for (recording, Recording { origin, input, .. }) in recordings.iter().enumerate() {
            let refuse = |message: String| PredictError::Input { place: origin.clone(), message };
            let pieces = cut.pieces(input.shape()[1]);
            if pieces.is_empty() {
                return Err(refuse("expected at least one sample, found none".to_owned()));
            }
            for piece in pieces {
                self.check_length(piece.to - piece.from).map_err(refuse)?;
                jobs.push(Job { recording, piece });
            }
        }
        Ok(jobs)
    }
}

impl Predictor {
    /// Checks the number of channels and of axes of a recording, but not the sizes of its spatial axes.
    fn check_axes(&self, recording: &Recording) -> Result<(), PredictError> {
        let (found, needed) = (recording.input.shape(), self.input().dims());
        if found.len() == needed.len() && found.first() == needed.first() {
            return Ok(());
        }
        let message = format!("expected an input of shape {needed:?}, found {found:?}");
        Err(PredictError::Input { place: recording.origin.clone(), message })
    }
}

/// Checks that outputs are finite, so that no class is picked by comparing NaN.
pub(crate) fn check_finite(outputs: &Values) -> Result<(), String> {
    match outputs.data().iter().find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(found) => Err(format!(
            "expected finite outputs of the network, found {found}; the input or the weights may be too large"
        )),
    }
}

/// Groups neighboring jobs whose inputs have the same shape into batches.
fn batches<'a>(jobs: &'a [Job], recordings: &[Recording]) -> Vec<&'a [Job]> {
    let samples = |job: &Job| job.piece.to - job.piece.from;
    // An image is a single piece; series are cut to the samples of their pieces.
    let image = |job: &Job| match recordings[job.recording].input.shape() {
        [_, _] => None,
        shape => Some(shape),
    };
    let mut batches = Vec::new();
    for same_shape in jobs.chunk_by(|a, b| (samples(a), image(a)) == (samples(b), image(b))) {
        let size = (SAMPLES / samples(&same_shape[0]).max(1)).clamp(1, MAX_BATCH);
        batches.extend(same_shape.chunks(size));
    }
    batches
}

/// Returns the whole image, or the samples of a piece of a series.
fn input(recording: &Recording, piece: &Piece) -> Values {
    let [channels, samples] = *recording.input.shape() else { return recording.input.clone() };
    let rows = recording.input.data().chunks(samples.max(1));
    let values: Vec<f64> = rows.flat_map(|row| &row[piece.from..piece.to]).copied().collect();
    Values::new([channels, piece.to - piece.from], values).expect("as many samples of each channel")
}

/// Returns the first samples of outputs `[K, T]`.
fn first(outputs: Values, samples: usize) -> Values {
    match *outputs.shape() {
        [channels, all] if samples < all => {
            let values = outputs.data().chunks(all).flat_map(|row| &row[..samples]).copied().collect();
            Values::new([channels, samples], values).expect("as many samples of each channel")
        }
        _ => outputs,
    }
}

/// Joins the predictions on the pieces of a recording end to end.
fn join(pieces: Vec<Prediction>) -> Option<Prediction> {
    if pieces.len() < 2 {
        return pieces.into_iter().next();
    }
    let (origin, channels) = (pieces[0].origin.clone(), pieces[0].outputs.shape()[0]);
    let mut values = Vec::new();
    for channel in 0..channels {
        for piece in &pieces {
            let samples = piece.outputs.shape()[1];
            values.extend_from_slice(&piece.outputs.data()[channel * samples..(channel + 1) * samples]);
        }
    }
    let outputs = Values::new([channels, values.len() / channels.max(1)], values)?;
    Some(Prediction { origin, start: 0, outputs })
}
