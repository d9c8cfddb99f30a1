//! Predictions on a series that is read line by line.

use std::io::{BufRead, ErrorKind, Read, Write};
use std::ops::ControlFlow;

use data::Values;

use crate::cut::Cut;
use crate::format::{columns, rows};
use crate::incremental::Incremental;
use crate::recordings::{SAMPLES, check_finite};
use crate::samples::Samples;
use crate::{PredictError, Prediction, Predictor};

/// Maximum length of a line of a stream, in bytes, in addition to [`CHANNEL`] per channel.
const LONGEST_LINE: usize = 1 << 16;
/// Additional bytes of a line per channel: enough for any number with its separator.
const CHANNEL: usize = 64;

impl Predictor {
    /// Reads a series from `input`, one sample per line with its channels separated by commas or white space. The
    /// first line may contain the names of the columns; if the names of the model's channels are known, those columns
    /// are read. Writes predictions to `output` as CSV. Each prediction is written as soon as it is known, before the
    /// next line is read. The predictions are the same as for the same series in a file. The header is written with
    /// the first prediction.
    ///
    /// `step` is the number of samples between windows, by default the length of a window. If the network has
    /// an output for each sample, it is the number of results at once, by default 1. Returns without an error
    /// if `output` is closed.
    ///
    /// # Errors
    /// If a line is not a sample or the input is empty, in which case the error names the line, or if the network takes
    /// images.
    pub fn predict_stream(
        &mut self,
        step: Option<usize>,
        mut input: impl BufRead,
        output: impl Write,
    ) -> Result<(), PredictError> {
        if !self.takes_series() {
            let message = format!("expected a network whose input is a series, found {}", self.input());
            return Err(PredictError::Input { place: "stream".to_owned(), message });
        }
        let longest = LONGEST_LINE.saturating_add(CHANNEL.saturating_mul(self.input().channels));
        let mut writer = csv::Writer::from_writer(output);
        let mut buffer = Live::new(self, step);
        let mut samples = Samples::new(self.input().channels, self.channel_names());
        let (mut line, mut number) = (Vec::new(), 0usize);
        let mut has_header = false;
        loop {
            line.clear();
            number += 1;
            let refuse = |message| PredictError::Input { place: format!("line {number}"), message };
            let read = input.by_ref().take(longest as u64 + 1).read_until(b'\n', &mut line);
            let read = read.map_err(|error| refuse(error.to_string()))?;
            if read > longest {
                return Err(refuse(format!(
                    "expected a line of at most {longest} bytes, found a longer one"
                )));
            }
            let has_ended = read == 0;
            if !has_ended && let Some(sample) = samples.next(&line).map_err(refuse)? {
                self.check_magnitude(&sample).map_err(refuse)?;
                buffer.push(&sample);
            }
            if has_ended && buffer.read() == 0 {
                return Err(refuse("expected at least one sample, found none".to_owned()));
            }
            while let Some(prediction) = buffer.next(self, has_ended)? {
                let mut lines = rows(self, &prediction);
                if !has_header {
                    lines.insert(0, columns(self));
                    has_header = true;
                }
                if write(&mut writer, &lines)?.is_break() {
                    return Ok(());
                }
            }
            if has_ended {
                return Ok(());
            }
        }
    }
}

/// A series as it arrives.
enum Live {
    /// A network that the engine streams.
    Incremental(Incremental),
    /// Any other one runs on pieces of the series.
    Pieces(Buffer),
}

impl Live {
    fn new(predictor: &Predictor, step: Option<usize>) -> Self {
        let channels = predictor.input().channels;
        match predictor.stream() {
            Some(stream) => {
                Self::Incremental(Incremental::new(stream, channels, step.unwrap_or(1).clamp(1, SAMPLES)))
            }
            None => Self::Pieces(Buffer::new(predictor, step)),
        }
    }

    /// The number of samples that have been read.
    fn read(&self) -> usize {
        match self {
            Self::Incremental(incremental) => incremental.read(),
            Self::Pieces(buffer) => buffer.read,
        }
    }

    fn push(&mut self, sample: &[f64]) {
        match self {
            Self::Incremental(incremental) => incremental.push(sample),
            Self::Pieces(buffer) => buffer.push(sample),
        }
    }

    /// Returns the next prediction, if the samples for it have been read.
    fn next(
        &mut self,
        predictor: &mut Predictor,
        has_ended: bool,
    ) -> Result<Option<Prediction>, PredictError> {
        match self {
            Self::Incremental(incremental) => incremental.next(predictor, has_ended),
            Self::Pieces(buffer) => buffer.next(predictor, has_ended),
        }
    }
}

/// A buffer of the samples that later pieces can contain.
struct Buffer {
    cut: Cut,
    channels: usize,
    /// The latest samples, `[T, C]`.
    values: Vec<f64>,
    /// Number of samples that have been dropped from the front.
    dropped: usize,
    /// Number of samples that have been read.
    read: usize,
    /// Number of samples whose results are known.
    done: usize,
}

impl Buffer {
    fn new(predictor: &Predictor, step: Option<usize>) -> Self {
        let (cut, channels) = (predictor.cut(step, 1), predictor.input().channels);
        Self { cut, channels, values: Vec::new(), dropped: 0, read: 0, done: 0 }
    }

    fn push(&mut self, sample: &[f64]) {
        self.values.extend_from_slice(sample);
        self.read += 1;
    }

    /// Returns the next prediction, if the samples for it have been read.
    fn next(
        &mut self,
        predictor: &mut Predictor,
        has_ended: bool,
    ) -> Result<Option<Prediction>, PredictError> {
        self.drop_samples();
        let Some(piece) = self.cut.next(self.done, self.read, has_ended) else { return Ok(None) };
        let length = piece.to - piece.from;
        let refuse = |message| PredictError::Input { place: format!("line {}", self.read), message };
        predictor.check_length(length).map_err(refuse)?;
        let first = piece.from - self.dropped;
        let input = Values::from_fn([self.channels, length], |i| {
            self.values[(first + i % length) * self.channels + i / length]
        });
        let outputs = predictor.run(&[input])?.remove(0);
        check_finite(&outputs).map_err(refuse)?;
        self.done = piece.keep.end;
        let outputs = predictor.kept(outputs, &piece);
        Ok(Some(Prediction { origin: String::new(), start: piece.keep.start, outputs }))
    }

    /// Drops samples that no later piece contains. It waits until these are more than half of the buffer, so
    /// that each sample is moved at most about once on average.
    fn drop_samples(&mut self) {
        let old = self.cut.oldest(self.done).min(self.read) - self.dropped;
        if old * self.channels > self.values.len() / 2 {
            self.values.drain(..old * self.channels);
            self.dropped += old;
        }
    }
}

/// Writes rows and flushes the writer. Returns `Break` if the output has been closed.
fn write(
    writer: &mut csv::Writer<impl Write>,
    rows: &[Vec<String>],
) -> Result<ControlFlow<()>, PredictError> {
    let written = rows.iter().try_for_each(|row| writer.write_record(row));
    match written.map_err(std::io::Error::from).and_then(|()| writer.flush()) {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(error) => Err(PredictError::Write(error)),
    }
}
