//! The state of a stream as bytes.

use graph::{Noise, Table, Value};

use super::{Stream, complete, invalid, needed};
use crate::error::EngineError;

/// The first bytes of every state.
const MAGIC: [u8; 8] = *b"MFstream";

impl Stream {
    /// The state as bytes, from which [`restore`](Self::restore) continues the series. Their number is bounded by the
    /// history of all nodes.
    pub fn save(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.fingerprint().to_le_bytes());
        bytes.extend(self.samples.to_le_bytes());
        let mut values = Vec::new();
        for value in self.values() {
            let track = self.track(value);
            let start = needed(track, value, &self.facts, &self.tracks);
            track.copy_to(start, track.end, &mut values);
        }
        bytes.extend(values.iter().flat_map(|number| number.to_le_bytes()));
        bytes
    }

    /// Continues from a state of the same model, on any machine.
    ///
    /// # Errors
    /// If the bytes are not a state, or one of another graph. Then the stream is as before.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), EngineError> {
        let word = |index: usize| bytes.get(8 * index..8 * (index + 1)).and_then(|word| word.try_into().ok());
        let (Some(magic), Some(fingerprint), Some(samples)) = (word(0), word(1), word(2)) else {
            return Err(invalid(
                "state",
                format!("expected the state of a stream, found {} bytes", bytes.len()),
            ));
        };
        if magic != MAGIC {
            return Err(invalid("state", "expected the state of a stream, found other bytes"));
        }
        if u64::from_le_bytes(fingerprint) != self.fingerprint() {
            return Err(invalid(
                "state",
                "expected the state of a stream of this model, found one of another",
            ));
        }
        let samples = u64::from_le_bytes(samples);
        let Some(ends) = i64::try_from(samples)
            .ok()
            .filter(|samples| *samples < 1 << 48)
            .map(|samples| self.ends(samples))
        else {
            return Err(invalid("state", format!("expected fewer samples, found {samples}")));
        };
        let ranges: Vec<(Value, i64, i64)> = self
            .values()
            .into_iter()
            .map(|value| (value, self.first_needed(value, &ends), ends[value]))
            .collect();
        let positions = |(_, start, end): &(Value, i64, i64)| usize::try_from(end - start).unwrap_or(0);
        let elements: usize =
            ranges.iter().map(|range| positions(range) * self.track(range.0).channels).sum();
        let data = &bytes[24..];
        if data.len() != 4 * elements {
            let message = format!("expected {} bytes after the header, found {}", 4 * elements, data.len());
            return Err(invalid("state", message));
        }
        let mut numbers =
            data.chunks(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        self.reset();
        for range in &ranges {
            let track = self.track_mut(range.0);
            let values: Vec<f32> = numbers.by_ref().take(positions(range) * track.channels).collect();
            track.restart(range.1, range.1);
            track.reserve(positions(range));
            track.append(&values);
        }
        for (output, emitted) in self.program.graph.outputs().iter().zip(&mut self.emitted) {
            *emitted = ends[output.value];
        }
        self.samples = samples;
        Ok(())
    }

    /// The number of complete positions of each value after so many samples.
    fn ends(&self, samples: i64) -> Table<i64> {
        let mut ends = Table::from_fn(&self.program.graph, |_, _| 0);
        ends[self.facts.input] = samples;
        for (instruction, reads) in self.program.instructions.iter().zip(&self.facts.reads) {
            ends[instruction.output] = complete(instruction, reads, |value| ends[value]).max(0);
        }
        ends
    }

    /// The first position of a value that its readers need when values have these numbers of positions.
    fn first_needed(&self, value: Value, ends: &Table<i64>) -> i64 {
        let readers = self.facts.readers[value].iter();
        readers.map(|(reader, reads)| reads.first_of(ends[*reader])).fold(ends[value], i64::min)
    }

    /// A number that differs between graphs.
    fn fingerprint(&self) -> u64 {
        Noise::of(&self.program.graph.text()).bits(0)
    }
}
