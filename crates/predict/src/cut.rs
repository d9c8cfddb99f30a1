//! The pieces of a series that go into the network one after the other.

use std::ops::Range;

use graph::{Field, Graph};

/// The way a series is cut into pieces. It is the same for a file and for a stream, so that both give the
/// same results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// One result per window.
    Windows {
        /// Number of samples in a window.
        length: usize,
        /// Samples between the starts of neighboring windows.
        step: usize,
    },
    /// One result per sample, for a network with a limited receptive field: each piece contains
    /// everything that the kept samples depend on.
    Context {
        /// Samples before a sample that its result depends on.
        back: usize,
        /// Samples after a sample that its result depends on.
        ahead: usize,
        /// Pieces begin at multiples of this, the stride of the network.
        stride: usize,
        /// Length of the shortest series that the network takes.
        shortest: usize,
        /// Number of samples kept at once; a piece may keep a few more.
        step: usize,
    },
    /// One result per sample, for a network whose outputs depend on the whole input: windows of the
    /// length that it was built for, which overlap by half, and of which the middle is kept.
    Overlapping {
        /// Number of samples in a window.
        length: usize,
    },
}

/// Samples `from` to `to` of a series, and those whose results are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// The kept samples; of a window, those up to the start of the next window.
    pub(crate) keep: Range<usize>,
}

impl Cut {
    /// The cut for one result per sample of a series, `step` of them at once.
    pub(crate) fn of_samples(graph: &Graph, step: usize) -> Self {
        let (_, input) = graph.inputs().next().expect("a network has an input");
        let length = input.shape.space[0];
        match (&graph.receptive_field().axes[..], graph.series_stride()) {
            (&[Field::Steps { look_back, look_ahead, .. }], Some(stride)) => {
                let shortest = graph.shortest_series(stride);
                let back = look_back.max(shortest.saturating_sub(1));
                Self::Context { back, ahead: look_ahead, stride, shortest, step }
            }
            _ => Self::Overlapping { length },
        }
    }

    /// The next piece, if results are known up to sample `done` and `read` samples have been read.
    /// `None` if more samples must be read first, or if nothing is left of a series that has `ended`.
    pub(crate) fn next(&self, done: usize, read: usize, ended: bool) -> Option<Piece> {
        let from = self.first(done);
        let (to, keep) = match *self {
            Self::Windows { length, step } => (done.saturating_add(length), done.saturating_add(step)),
            Self::Context { ahead, stride, shortest, step, .. } => {
                let end = done.saturating_add(step).saturating_add(ahead);
                let to = end.max(from.saturating_add(shortest)).checked_next_multiple_of(stride);
                let to = to.unwrap_or(usize::MAX);
                (to, to - ahead)
            }
            Self::Overlapping { length } => (from + length, from + length - after(length)),
        };
        if to <= read {
            return Some(Piece { from, to, keep: done..keep });
        }
        // A series shorter than a window is one piece; a rest after the last whole window is not used.
        let is_rest = match *self {
            Self::Windows { .. } => done == 0,
            Self::Context { .. } | Self::Overlapping { .. } => true,
        };
        if !ended || !is_rest || done >= read {
            return None;
        }
        let from = match *self {
            Self::Overlapping { length } => read.saturating_sub(length),
            Self::Windows { .. } | Self::Context { .. } => from,
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

    /// The first sample that a later piece can contain, if results are known up to `done`.
    pub(crate) fn oldest(&self, done: usize) -> usize {
        match *self {
            // The last window may begin before the one that would have come next.
            Self::Overlapping { length } => self.first(done).saturating_sub(half(length)),
            Self::Windows { .. } | Self::Context { .. } => self.first(done),
        }
    }

    /// The start of the piece whose results begin at `done`.
    fn first(&self, done: usize) -> usize {
        match *self {
            Self::Windows { .. } => done,
            Self::Context { back, stride, .. } => {
                let first = done.saturating_sub(back);
                first - first % stride
            }
            Self::Overlapping { .. } if done == 0 => 0,
            Self::Overlapping { length } => done.saturating_sub(length - half(length) - after(length)),
        }
    }
}

/// Samples between the starts of overlapping windows.
fn half(length: usize) -> usize {
    (length / 2).max(1)
}

/// Samples at the end of an overlapping window whose results are taken from the next one.
fn after(length: usize) -> usize {
    (length - half(length)) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUTS: [Cut; 6] = [
        Cut::Context { back: 0, ahead: 0, stride: 1, shortest: 1, step: 1 },
        Cut::Context { back: 6, ahead: 0, stride: 1, shortest: 1, step: 3 },
        Cut::Context { back: 9, ahead: 5, stride: 4, shortest: 8, step: 1 },
        Cut::Overlapping { length: 1 },
        Cut::Overlapping { length: 7 },
        Cut::Overlapping { length: 16 },
    ];

    /// Every sample is kept once, from a piece with everything that it depends on.
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
                        Cut::Context { back, ahead, stride, step, shortest } => {
                            assert!(to - from < shortest + back + step + ahead + 2 * stride);
                            assert!(from == 0 || from + back <= keep.start && from % stride == 0);
                            assert!(to == length || keep.end + ahead <= to && to % stride == 0);
                        }
                        Cut::Overlapping { length: window } => assert_eq!(to - from, window.min(length)),
                        Cut::Windows { .. } => unreachable!("not among the cuts of this test"),
                    }
                }
            }
        }
    }

    /// A stream has the pieces of a file, and drops no sample that a later piece contains.
    #[test]
    fn no_sample_is_dropped_too_early() {
        for cut in
            CUTS.into_iter().chain([Cut::Windows { length: 5, step: 2 }, Cut::Windows { length: 3, step: 5 }])
        {
            for length in 0..40 {
                let (mut done, mut dropped, mut streamed) = (0, 0, Vec::new());
                for read in 0..=length {
                    for ended in [false, read == length] {
                        while let Some(piece) = cut.next(done, read, ended) {
                            assert!(dropped <= piece.from, "{cut:?}: {piece:?} after {dropped}");
                            done = piece.keep.end;
                            streamed.push(piece);
                        }
                        dropped = cut.oldest(done);
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
