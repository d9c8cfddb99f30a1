//! What of a series goes into the network at once.

use std::ops::Range;

use graph::{Field, Graph, Op, Shape, UpsampleMode};

/// How a series is cut into pieces that the network says something of, one after the other. The same
/// for a file as for a stream, so that both give the same results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// One result for each window.
    Windows {
        /// Samples of a window.
        length: usize,
        /// Samples from one window's start to the next's.
        step: usize,
    },
    /// One result for each sample, of a network whose outputs see a known part of the input: pieces
    /// with all that the kept samples see.
    Seen {
        /// Samples seen before the own.
        back: usize,
        /// Samples seen after the own.
        ahead: usize,
        /// What pieces begin at multiples of: the network's strides.
        stride: usize,
        /// Fewest samples that the network takes.
        least: usize,
        /// Samples kept at once, or a few more.
        step: usize,
    },
    /// One result for each sample, of a network whose outputs see the whole input: windows of the
    /// length it was built for, each half over the one before, whose middle is kept.
    Halves {
        /// Samples of a window.
        length: usize,
    },
}

/// Samples `from` to `to` of a series, and what of them is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Of windows: up to the next window's start.
    pub(crate) keep: Range<usize>,
}

impl Cut {
    /// For one result for each sample of a series, `step` at once.
    pub(crate) fn of_samples(graph: &Graph, step: usize) -> Self {
        let (_, input) = graph.inputs().next().expect("a network has an input");
        let length = input.shape.space[0];
        let stretched = graph.nodes().any(|(_, node)| {
            matches!(node.op, Op::Upsample { mode: UpsampleMode::Linear { align_corners: true }, .. })
        });
        let stride = stride(graph, input.shape.channels).filter(|_| !stretched);
        match (&graph.receptive_field().axes[..], stride) {
            (&[Field::Steps { look_back, look_ahead, .. }], Some(stride)) => {
                let least = least(graph, &input.shape, stride);
                let back = look_back.max(least.saturating_sub(1));
                Self::Seen { back, ahead: look_ahead, stride, least, step }
            }
            _ => Self::Halves { length },
        }
    }

    /// The next piece, when results are there up to sample `done`, `read` samples are known, and the
    /// series has perhaps `ended`; none when more samples are needed, or nothing is left.
    pub(crate) fn next(&self, done: usize, read: usize, ended: bool) -> Option<Piece> {
        let from = self.first(done);
        let (to, keep) = match *self {
            Self::Windows { length, step } => (done.saturating_add(length), done.saturating_add(step)),
            Self::Seen { ahead, stride, least, step, .. } => {
                let seen = done.saturating_add(step).saturating_add(ahead);
                let to = seen.max(from.saturating_add(least)).checked_next_multiple_of(stride);
                let to = to.unwrap_or(usize::MAX);
                (to, to - ahead)
            }
            Self::Halves { length } => (from + length, from + length - after(length)),
        };
        if to <= read {
            return Some(Piece { from, to, keep: done..keep });
        }
        // A series shorter than a window goes in whole; the rest after the last whole window does not.
        let is_rest = match *self {
            Self::Windows { .. } => done == 0,
            Self::Seen { .. } | Self::Halves { .. } => true,
        };
        if !ended || !is_rest || done >= read {
            return None;
        }
        let from = match *self {
            Self::Halves { length } => read.saturating_sub(length),
            Self::Windows { .. } | Self::Seen { .. } => from,
        };
        Some(Piece { from, to: read, keep: done..read })
    }

    /// All pieces of a series of this length.
    pub(crate) fn pieces(&self, length: usize) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        while let Some(piece) = self.next(pieces.last().map_or(0, |piece| piece.keep.end), length, true) {
            pieces.push(piece);
        }
        pieces
    }

    /// The first sample that is still needed when results are there up to `done`.
    pub(crate) fn oldest(&self, done: usize) -> usize {
        match *self {
            // The last window may begin before the one that would have come next.
            Self::Halves { length } => self.first(done).saturating_sub(half(length)),
            Self::Windows { .. } | Self::Seen { .. } => self.first(done),
        }
    }

    /// Where the piece begins whose results begin at `done`.
    fn first(&self, done: usize) -> usize {
        match *self {
            Self::Windows { .. } => done,
            Self::Seen { back, stride, .. } => {
                let first = done.saturating_sub(back);
                first - first % stride
            }
            Self::Halves { .. } if done == 0 => 0,
            Self::Halves { length } => done.saturating_sub(length - half(length) - after(length)),
        }
    }
}

/// Samples from one half-overlapping window to the next.
fn half(length: usize) -> usize {
    (length / 2).max(1)
}

/// Samples at a window's end that the next one keeps.
fn after(length: usize) -> usize {
    (length - half(length)) / 2
}

/// Samples after which the network's strides come together again; none for a network bound to one size.
///
/// Read off the sizes of two inputs so long and so divisible that neither padding nor rounding shows.
fn stride(graph: &Graph, channels: usize) -> Option<usize> {
    const LONG: usize = (1 << 10) * 9 * 5 * 7;
    let sizes = |length: usize| graph.shapes_for(&[Shape::new(channels, [length])]).ok();
    let size = |shape: &Shape| shape.space.first().copied().unwrap_or(0);
    let (once, twice) = (sizes(LONG)?, sizes(2 * LONG)?);
    let growth = once.values().zip(twice.values());
    let growth = growth.map(|(once, twice)| size(twice).saturating_sub(size(once)));
    Some(growth.filter(|growth| *growth > 0).fold(1, |stride, growth| {
        let own = LONG / divisor(LONG, growth);
        stride / divisor(stride, own) * own
    }))
}

/// The greatest common divisor.
fn divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// The fewest samples, a multiple of the stride, that the network says something of each of.
fn least(graph: &Graph, input: &Shape, stride: usize) -> usize {
    let output = graph.main_output().value;
    let fits = |length: &usize| {
        let shapes = graph.shapes_for(&[Shape::new(input.channels, [*length])]);
        shapes.is_ok_and(|shapes| shapes[output].space == [*length])
    };
    (stride..=input.space[0]).step_by(stride).find(fits).unwrap_or(input.space[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUTS: [Cut; 6] = [
        Cut::Seen { back: 0, ahead: 0, stride: 1, least: 1, step: 1 },
        Cut::Seen { back: 6, ahead: 0, stride: 1, least: 1, step: 3 },
        Cut::Seen { back: 9, ahead: 5, stride: 4, least: 8, step: 1 },
        Cut::Halves { length: 1 },
        Cut::Halves { length: 7 },
        Cut::Halves { length: 16 },
    ];

    /// Every sample is kept once, from a piece that has all it sees; a stream has the pieces of a file.
    #[test]
    fn every_sample_once() {
        for cut in CUTS {
            for length in 0..60 {
                let pieces = cut.pieces(length);
                let kept: Vec<usize> = pieces.iter().flat_map(|piece| piece.keep.clone()).collect();
                assert_eq!(kept, (0..length).collect::<Vec<_>>(), "{cut:?} of {length}");
                for Piece { from, to, keep } in &pieces {
                    let (from, to) = (*from, *to);
                    assert!(from <= keep.start && keep.end <= to && to <= length);
                    match cut {
                        Cut::Seen { back, ahead, stride, step, least } => {
                            assert!(to - from < least + back + step + ahead + 2 * stride);
                            assert!(from == 0 || from + back <= keep.start && from % stride == 0);
                            assert!(to == length || keep.end + ahead <= to && to % stride == 0);
                        }
                        Cut::Halves { length: window } => assert_eq!(to - from, window.min(length)),
                        Cut::Windows { .. } => unreachable!("not one of them"),
                    }
                }
            }
        }
    }

    /// What a stream lets go of is not needed any more.
    #[test]
    fn nothing_needed_is_forgotten() {
        for cut in
            CUTS.into_iter().chain([Cut::Windows { length: 5, step: 2 }, Cut::Windows { length: 3, step: 5 }])
        {
            for length in 0..40 {
                let (mut done, mut forgotten, mut streamed) = (0, 0, Vec::new());
                for read in 0..=length {
                    for ended in [false, read == length] {
                        while let Some(piece) = cut.next(done, read, ended) {
                            assert!(forgotten <= piece.from, "{cut:?}: {piece:?} after {forgotten}");
                            done = piece.keep.end;
                            streamed.push(piece);
                        }
                        forgotten = cut.oldest(done);
                    }
                }
                assert_eq!(streamed, cut.pieces(length), "{cut:?} of {length}");
            }
        }
    }

    #[test]
    fn windows() {
        let starts = |step, length| -> Vec<_> {
            let pieces = Cut::Windows { length: 10, step }.pieces(length);
            pieces.iter().map(|piece| (piece.from, piece.to)).collect()
        };
        assert_eq!(starts(10, 10), [(0, 10)]);
        assert_eq!(starts(10, 29), [(0, 10), (10, 20)]);
        assert_eq!(starts(5, 20), [(0, 10), (5, 15), (10, 20)]);
        assert_eq!(starts(15, 40), [(0, 10), (15, 25), (30, 40)]);
        assert_eq!(starts(10, 7), [(0, 7)]);
        assert_eq!(starts(10, 0), []);
    }
}
