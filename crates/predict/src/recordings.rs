//! Predictions on recordings, as whole images, windows of series or samples.

use data::Recording;
use graph::Array;

use crate::cut::Piece;
use crate::{PredictError, Prediction, Predictor};

/// Upper bound of the number of samples that are in memory as results at once.
const SAMPLES: usize = 1 << 16;
/// Upper bound of the number of inputs in a batch.
pub const MAX_BATCH: usize = 32;

/// A piece of the recording with an index.
struct Job {
    recording: usize,
    piece: Piece,
}

impl Predictor {
    /// The predictions on recordings, in order. A recording has a single prediction, unless it is a
    /// series that is cut into windows. `step` is the number of samples between windows, by default the
    /// length of a window.
    ///
    /// # Errors
    /// Names the recording that the network does not take.
    pub fn predict(
        &mut self,
        recordings: &[Recording],
        step: Option<usize>,
    ) -> Result<Vec<Prediction>, PredictError> {
        let jobs = self.jobs(recordings, step)?;
        let mut predictions: Vec<Vec<Prediction>> = recordings.iter().map(|_| Vec::new()).collect();
        for batch in batches(&jobs, recordings) {
            let inputs: Vec<Array> =
                batch.iter().map(|job| input(&recordings[job.recording], &job.piece)).collect();
            for (job, outputs) in batch.iter().zip(self.run(&inputs)?) {
                predictions[job.recording].push(Prediction {
                    origin: recordings[job.recording].origin.clone(),
                    start: job.piece.keep.start,
                    outputs: self.kept(outputs, &job.piece),
                });
            }
        }
        if self.takes_series() && self.is_dense() {
            return Ok(predictions.into_iter().filter_map(joined).collect());
        }
        Ok(predictions.into_iter().flatten().collect())
    }

    fn jobs(&self, recordings: &[Recording], step: Option<usize>) -> Result<Vec<Job>, PredictError> {
        let mut jobs = Vec::new();
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

/// Batches of neighboring jobs whose inputs have one shape.
fn batches<'a>(jobs: &'a [Job], recordings: &[Recording]) -> Vec<&'a [Job]> {
    let samples = |job: &Job| job.piece.to - job.piece.from;
    let rank = |job: &Job| recordings[job.recording].input.shape().len();
    let mut batches = Vec::new();
    for of_one_shape in jobs.chunk_by(|a, b| (samples(a), rank(a)) == (samples(b), rank(b))) {
        let size = (SAMPLES / samples(&of_one_shape[0]).max(1)).clamp(1, MAX_BATCH);
        batches.extend(of_one_shape.chunks(size));
    }
    batches
}

/// An image, or the samples of a piece.
fn input(recording: &Recording, piece: &Piece) -> Array {
    let [channels, samples] = *recording.input.shape() else { return recording.input.clone() };
    let rows = recording.input.data().chunks(samples.max(1));
    let values: Vec<f32> = rows.flat_map(|row| &row[piece.from..piece.to]).copied().collect();
    Array::new([channels, piece.to - piece.from], values).expect("as many samples of each channel")
}

/// The predictions on the pieces of a recording as one.
fn joined(pieces: Vec<Prediction>) -> Option<Prediction> {
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
    let outputs = Array::new([channels, values.len() / channels.max(1)], values)?;
    Some(Prediction { origin, start: 0, outputs })
}
