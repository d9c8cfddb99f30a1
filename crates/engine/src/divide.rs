//! Work that is divided among threads. Each output element is computed by one thread, in the same way as by a single
//! one, so that the bytes of a result do not depend on the number of threads.

use std::ops::Range;

use kernels::{Epilogue, Function, Lanes, Part, Residual, Size, View};

use crate::calls::{CallActivate, Output};
use crate::threads::{Machine, READ};

/// Some rows of some blocks of an output.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) blocks: Range<usize>,
    pub(crate) rows: Range<usize>,
}

impl Piece {
    /// The piece of a value of this width.
    pub(crate) fn size(&self, width: usize) -> Size {
        Size { blocks: self.blocks.len(), height: self.rows.len(), width }
    }

    /// A view from the first element of the piece on.
    pub(crate) fn view(&self, view: View) -> View {
        View { origin: view.index(self.blocks.start, self.rows.start, 0), ..view }
    }

    /// The part of a view that begins at the first element of the piece, of this width.
    pub(crate) fn part(&self, width: usize) -> Part {
        Part { blocks: 0..self.blocks.len(), rows: 0..self.rows.len(), width }
    }

    /// The rest of a convolution for the piece: the biases of its blocks, the elements of a residual, and a function.
    pub(crate) fn epilogue<'x>(
        &self,
        bias: &'x [Lanes],
        residual: Option<Residual<'x>>,
        function: Function,
    ) -> Epilogue<'x> {
        let residual = residual.map(|Residual { x, view }| Residual { x, view: self.view(view) });
        Epilogue { bias: &bias[self.blocks.start..], residual, function }
    }
}

/// Computes an output in pieces on all threads. Each call is given the output from the first element of its piece on.
pub(crate) fn divide(
    machine: Machine<'_>,
    size: Size,
    (y, view): Output<'_>,
    compute: &(impl Fn(&Piece, Output<'_>) + Sync),
) {
    let threads = machine.threads();
    if threads == 1 {
        let all = Piece { blocks: 0..size.blocks, rows: 0..size.height };
        return compute(&all, (&mut y[view.origin..], View { origin: 0, ..view }));
    }
    let division = Division { size, view, threads };
    let starts = (1..threads).map(|thread| division.index(division.start(thread)));
    let parts = cut(y, starts).into_iter().enumerate().collect();
    machine.each(parts, |(thread, y)| {
        division.pieces(division.start(thread)..division.start(thread + 1), y, compute);
    });
}

/// Applies a function to all elements of an output, on all threads.
pub(crate) fn activate(machine: Machine<'_>, function: Function, size: Size, y: Output<'_>) {
    divide(machine.for_work(READ * size.elements()), size, y, &|piece, (y, view)| {
        for block in 0..piece.blocks.len() {
            for row in 0..piece.rows.len() {
                let values = &mut y[view.index(block, row, 0)..][..size.width];
                machine.run(CallActivate { function, values, step: 1 });
            }
        }
    });
}

/// Cuts an output before these elements, whose indices increase. Each part comes with the index of its first element.
pub(crate) fn cut(y: &mut [Lanes], starts: impl Iterator<Item = usize>) -> Vec<(&mut [Lanes], usize)> {
    let (mut parts, mut rest, mut offset) = (Vec::new(), y, 0);
    for start in starts {
        let (part, others) = rest.split_at_mut(start - offset);
        parts.push((part, offset));
        (rest, offset) = (others, start);
    }
    parts.push((rest, offset));
    parts
}

/// The rows of all blocks, one after another as they are stored, divided among threads.
struct Division {
    size: Size,
    view: View,
    threads: usize,
}

impl Division {
    /// The first row of a thread.
    fn start(&self, thread: usize) -> usize {
        let Size { blocks, height, .. } = self.size;
        let start = blocks * height * thread / self.threads;
        // Many blocks are divided nearly equally without dividing one of them.
        if blocks >= 8 * self.threads { start / height * height } else { start }
    }

    /// The index of a row's first element.
    fn index(&self, row: usize) -> usize {
        self.view.index(row / self.size.height, row % self.size.height, 0)
    }

    /// Computes some rows: the last ones of a block, whole blocks, and the first ones of a block.
    fn pieces(
        &self,
        mut rows: Range<usize>,
        (y, offset): (&mut [Lanes], usize),
        compute: &impl Fn(&Piece, Output<'_>),
    ) {
        let height = self.size.height;
        while !rows.is_empty() {
            let (block, row) = (rows.start / height, rows.start % height);
            let piece = if row == 0 && rows.len() >= height {
                Piece { blocks: block..block + rows.len() / height, rows: 0..height }
            } else {
                Piece { blocks: block..block + 1, rows: row..height.min(row + rows.len()) }
            };
            let first = self.index(rows.start) - offset;
            compute(&piece, (&mut y[first..], View { origin: 0, ..self.view }));
            rows.start += piece.blocks.len() * piece.rows.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use kernels::{Level, Team};

    use super::*;

    #[test]
    fn pieces_cover_each_row_once() {
        for (blocks, height, threads) in [(1, 7, 2), (3, 5, 2), (3, 1, 2), (7, 14, 3), (40, 3, 4), (2, 1, 4)]
        {
            let size = Size { blocks, height, width: 1 };
            let mut y = vec![Lanes::ZERO; blocks * height];
            let team = Team::new(threads).unwrap();
            let gathered = team.gather().unwrap();
            let machine = Machine::new(Level::best(), Some(&gathered));
            divide(machine, size, (&mut y, View::plain(height, 1)), &|piece, (y, view)| {
                for block in 0..piece.blocks.len() {
                    for row in 0..piece.rows.len() {
                        let number = (piece.blocks.start + block) * height + piece.rows.start + row;
                        y[view.index(block, row, 0)].0[0] += 1.0 + number as f32;
                    }
                }
            });
            for (number, lanes) in y.iter().enumerate() {
                assert!((lanes.0[0] - 1.0 - number as f32).abs() < 0.5, "{blocks} {height} {threads}");
            }
        }
    }
}
