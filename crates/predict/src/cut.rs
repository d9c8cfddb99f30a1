//! The pieces of a series that the network processes one after the other.

use std::ops::Range;

use graph::{Field, Graph};

/// The cutting of a series into pieces. Files and streams are cut in the same way, so that both give the same
/// results.
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
        /// Number of preceding samples that a sample's result depends on.
        back: usize,
        /// Number of following samples that a sample's result depends on.
        ahead: usize,
        /// The stride of the network. Pieces begin at multiples of it.
        stride: usize,
        /// Length of the shortest series that the network accepts.
        shortest: usize,
        /// Number of samples whose results a piece provides. A piece may provide a few more.
        step: usize,
    },
    /// One result per sample, for a network whose outputs depend on the whole input. Windows have the length
    /// that the network was built for and overlap by half; only the results in their middle are kept.
    Overlapping {
        /// Number of samples in a window.
        length: usize,
    },
}

/// Samples `from` to `to` of a series, and the range of samples whose results are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// The samples whose results are kept. For [`Cut::Windows`], the samples before the next window.
    pub(crate) keep: Range<usize>,
}

impl Cut {
    /// The cut that gives one result per sample, `step` results at once.
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

    /// Returns the next piece, given that the results before sample `done` are known and `read` samples have
    /// been read. Returns `None` if more samples must be read first, or if the series has `ended` and nothing
    /// is left of it.
    pub(crate) fn next(&self, done: usize, read: usize, ended: bool) -> Option<Piece> {
        let from = self.first(done);
        let (to, keep) = match *self {
            Self::Windows { length, step } => (done.saturating_add(length), done.saturating_add(step)),
            Self::Context { ahead, stride, shortest, step, .. } => {
                let needed = done.saturating_add(step).saturating_add(ahead);
                let to = needed.max(from.saturating_add(shortest)).checked_next_multiple_of(stride);
                let to = to.unwrap_or(usize::MAX);
                (to, to - ahead)
            }
            Self::Overlapping { length } => (from + length, from + length - after(length)),
        };
        if to <= read {
            return Some(Piece { from, to, keep: done..keep });
        }
        // A series that is shorter than a window is one piece. Samples after the last whole window are not
        // used.
        let may_be_shorter = match *self {
            Self::Windows { .. } => done == 0,
            Self::Context { .. } | Self::Overlapping { .. } => true,
        };
        if !ended || !may_be_shorter || done >= read {
            return None;
        }
        let from = match *self {
            Self::Overlapping { length } => read.saturating_sub(length),
            Self::Windows { .. } | Self::Context { .. } => from,
        };
        Some(Piece { from, to: read, keep: done..read })
    }

    /// Returns all pieces of a series of this length.
    pub(crate) fn pieces(&self, length: usize) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut done = 0;
        while let Some(piece) = self.next(done, length, true) {
            done = piece.keep.end;
            pieces.push(piece);
        }
        pieces
    }

    /// Returns the first sample that a later piece can contain, given that the results before sample `done`
    /// are known.
    pub(crate) fn oldest(&self, done: usize) -> usize {
        match *self {
            // The last window of a series ends with the series, so it may begin before the regular next one.
            Self::Overlapping { length } => self.first(done).saturating_sub(half(length)),
            Self::Windows { .. } | Self::Context { .. } => self.first(done),
        }
    }

    /// Returns the start of the piece whose results begin at `done`.
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

/// Returns the number of samples between the starts of overlapping windows.
fn half(length: usize) -> usize {
    (length / 2).max(1)
}

/// Returns the number of samples at the end of an overlapping window whose results are taken from the next
/// window.
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

    /// Every sample is kept exactly once, from a piece that contains everything its result depends on.
    #[test]
    fn every_sample_is_kept_once() {
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

    /// A stream is cut into the same pieces as a file, and drops no sample that a later piece contains.
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
    fn windows_start_at_multiples_of_the_step() {
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
