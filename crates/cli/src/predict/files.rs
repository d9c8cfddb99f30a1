//! Recordings from files, whole or in pieces.

use data::Recording;
use graph::Array;

use super::cut::Piece;
use super::network::{Answer, Network};
use crate::failure::Failure;

/// Samples of a series for each of which there are results at once; a bound on memory.
const SAMPLES: usize = 1 << 16;
/// Inputs in a batch at most.
pub(crate) const BATCH: usize = 32;

/// A piece of a recording, and the index of the recording.
struct Job {
    recording: usize,
    piece: Piece,
}

/// What the network says of each recording: one answer of its samples, else one for each window.
pub(crate) fn answers(
    network: &Network,
    recordings: &[Recording],
    step: Option<usize>,
) -> Result<Vec<Answer>, Failure> {
    let jobs = jobs(network, recordings, step)?;
    let mut answers: Vec<Vec<Answer>> = recordings.iter().map(|_| Vec::new()).collect();
    for batch in batches(&jobs, recordings) {
        let inputs: Vec<Array> =
            batch.iter().map(|job| input(&recordings[job.recording], &job.piece)).collect();
        for (job, outputs) in batch.iter().zip(network.say(&inputs)?) {
            answers[job.recording].push(Answer {
                origin: recordings[job.recording].origin.clone(),
                start: job.piece.keep.start,
                outputs: network.kept(outputs, &job.piece),
            });
        }
    }
    if network.is_of_series() && network.is_of_each() {
        return Ok(answers.into_iter().filter_map(joined).collect());
    }
    Ok(answers.into_iter().flatten().collect())
}

fn jobs(network: &Network, recordings: &[Recording], step: Option<usize>) -> Result<Vec<Job>, Failure> {
    if !network.is_of_series() {
        let whole = Piece { from: 0, to: 0, keep: 0..0 };
        let job = |recording| Job { recording, piece: whole.clone() };
        return Ok((0..recordings.len()).map(job).collect());
    }
    let cut = network.cut(step, SAMPLES);
    let mut jobs = Vec::new();
    for (recording, Recording { origin, input, .. }) in recordings.iter().enumerate() {
        let refused = |message: String| Failure::input(format!("{origin}: {message}"));
        let pieces = cut.pieces(input.shape()[1]);
        if pieces.is_empty() {
            return Err(refused("no samples; at least one is needed".to_owned()));
        }
        for piece in pieces {
            network.takes(piece.to - piece.from).map_err(refused)?;
            jobs.push(Job { recording, piece });
        }
    }
    Ok(jobs)
}

/// Neighbours of one shape together.
fn batches<'a>(jobs: &'a [Job], recordings: &[Recording]) -> Vec<&'a [Job]> {
    let of_one_shape = |a: &Job, b: &Job| {
        let shape =
            |job: &Job| (job.piece.to - job.piece.from, recordings[job.recording].input.shape().len());
        shape(a) == shape(b)
    };
    let sized = |jobs: &'a [Job]| {
        let samples = jobs[0].piece.to - jobs[0].piece.from;
        jobs.chunks((SAMPLES / samples.max(1)).clamp(1, BATCH))
    };
    jobs.chunk_by(of_one_shape).flat_map(sized).collect()
}

/// An image, or the samples of a piece.
fn input(recording: &Recording, piece: &Piece) -> Array {
    let [channels, samples] = *recording.input.shape() else { return recording.input.clone() };
    let rows = recording.input.data().chunks(samples.max(1));
    let values: Vec<f32> = rows.flat_map(|row| &row[piece.from..piece.to]).copied().collect();
    Array::new([channels, piece.to - piece.from], values).expect("as many from each channel")
}

/// One answer of those of the pieces of a recording.
fn joined(answers: Vec<Answer>) -> Option<Answer> {
    if answers.len() < 2 {
        return answers.into_iter().next();
    }
    let (origin, channels) = (answers[0].origin.clone(), answers[0].outputs.shape()[0]);
    let row = |answer: &Answer, channel: usize| {
        let samples = answer.outputs.shape()[1];
        answer.outputs.data()[channel * samples..(channel + 1) * samples].to_vec()
    };
    let rows = (0..channels).flat_map(|channel| answers.iter().map(move |answer| row(answer, channel)));
    let values = rows.collect::<Vec<_>>().concat();
    let outputs = Array::new([channels, values.len() / channels.max(1)], values)?;
    Some(Answer { origin, start: 0, outputs })
}
