//! The positions of blocks and arrows. Blocks are placed in rows by their longest path from an input. Arrows to the
//! next row are straight; longer ones run along lanes on the right, the shortest innermost.

use super::blocks::{Arrow, Block, Blocks};

/// Width of a character: the widest of the common monospaced fonts has 0.602 em.
pub(super) const CHARACTER: f64 = 0.605 * FONT;
/// Size of the text.
pub(super) const FONT: f64 = 12.0;
/// Height of a line of text.
pub(super) const LINE: f64 = 16.0;
/// Distance between the edge of a block and its text.
pub(super) const INSET: f64 = 12.0;
/// Distance between rows.
const GAP: f64 = 44.0;
/// Distance between blocks of a row.
const APART: f64 = 28.0;
/// Distance between lanes.
const LANE: f64 = 14.0;
/// Distance between long arrows that leave one block, with room for their labels.
const LEAVING: f64 = 15.0;
/// Distance between long arrows that enter one block.
const ENTERING: f64 = 9.0;

/// A rectangle.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Frame {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Frame {
    fn right(self) -> f64 {
        self.x + self.width
    }

    fn bottom(self) -> f64 {
        self.y + self.height
    }

    fn middle(self) -> f64 {
        self.x + self.width / 2.0
    }
}

/// An arrow: the points of a line, the last at the head.
pub(super) struct Line {
    pub(super) points: Vec<(f64, f64)>,
    /// Whether it is a smooth curve from the first point to the last.
    pub(super) curved: bool,
}

/// A text beside an arrow, at the left end of its baseline.
pub(super) struct Label {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) text: String,
}

/// The positions of all parts of a drawing.
pub(super) struct Layout {
    pub(super) frames: Vec<Frame>,
    pub(super) lines: Vec<Line>,
    pub(super) labels: Vec<Label>,
    /// The size of the whole, from the origin.
    pub(super) size: (f64, f64),
}

impl Layout {
    pub(super) fn of(blocks: &Blocks) -> Self {
        let rows = Rows::of(blocks);
        let frames = rows.frames(blocks);
        let mut layout = Self { frames, lines: Vec::new(), labels: Vec::new(), size: (0.0, 0.0) };
        layout.short_arrows(blocks, &rows);
        layout.long_arrows(blocks, &rows);
        layout.move_to_origin();
        layout
    }

    /// Adds arrows to the next row, from the bottom of one block to the top of another.
    fn short_arrows(&mut self, blocks: &Blocks, rows: &Rows) {
        let mut labeled: Vec<(usize, &str)> = Vec::new();
        for arrow in blocks.arrows.iter().filter(|arrow| !rows.is_long(arrow)) {
            let (from, to) = (self.frames[arrow.from], self.frames[arrow.to]);
            let points = vec![(from.middle(), from.bottom()), (to.middle(), to.y)];
            let curved = (from.middle() - to.middle()).abs() > 0.5;
            self.lines.push(Line { points, curved });
            if !labeled.contains(&(arrow.from, &arrow.label)) {
                labeled.push((arrow.from, &arrow.label));
                let (x, y) = (from.middle() + 8.0, from.bottom() + 18.0);
                self.labels.push(Label { x, y, text: arrow.label.clone() });
            }
        }
    }

    /// Adds arrows over several rows; arrows from one block with one shape share a lane.
    fn long_arrows(&mut self, blocks: &Blocks, rows: &Rows) {
        let mut trunks = rows.trunks(blocks);
        let last = |trunk: &Trunk<'_>| trunk.to.iter().map(|&to| rows.of[to]).max().unwrap_or(0);
        trunks.sort_by_key(|trunk| (last(trunk) - rows.of[trunk.from], trunk.from));
        let mut edges: Vec<f64> = rows.rows.iter().map(|row| self.right(row)).collect();
        for trunk in &trunks {
            let row = rows.of[trunk.from];
            let end = self.exit(rows, trunk.from).0.max(edges[row]);
            edges[row] = end.max(self.right(&rows.rows[row]) + text_width(trunk.label) + 16.0);
        }
        let mut lanes: Vec<(usize, usize, f64)> = Vec::new();
        let (mut exits, mut entries) = (vec![0.0; self.frames.len()], vec![0.0; self.frames.len()]);
        for trunk in &trunks {
            let (first, last) = (rows.of[trunk.from], last(trunk));
            let mut x = edges[first..=last].iter().fold(f64::MIN, |x, &edge| x.max(edge)) + LANE;
            while let Some(&(.., other)) = lanes
                .iter()
                .find(|&&(from, to, other)| from <= last && first <= to && (other - x).abs() < LANE - 0.5)
            {
                x = other + LANE;
            }
            lanes.push((first, last, x));
            let shift = exits[trunk.from];
            exits[trunk.from] += LEAVING;
            let start = self.leave(rows, trunk.from, shift);
            let from = start[start.len() - 1];
            self.labels.push(Label {
                x: from.0.max(self.right(&rows.rows[first])) + 6.0,
                y: from.1 - 5.0,
                text: trunk.label.to_owned(),
            });
            for &to in &trunk.to {
                let shift = entries[to];
                entries[to] += ENTERING;
                let end = self.enter(rows, to, shift);
                let mut points = start.clone();
                points.extend([(x, from.1), (x, end[0].1)]);
                points.extend(end);
                self.lines.push(Line { points, curved: false });
            }
        }
    }

    /// The first points of an arrow along a lane.
    fn leave(&self, rows: &Rows, block: usize, shift: f64) -> Vec<(f64, f64)> {
        let (x, y) = self.exit(rows, block);
        if rows.is_rightmost(block) {
            return vec![(x, y - shift)];
        }
        let frame = self.frames[block];
        let x = frame.middle() - 10.0 - shift;
        vec![(x, frame.bottom()), (x, rows.bottom(self, block) + 10.0 + shift / 2.0)]
    }

    fn exit(&self, rows: &Rows, block: usize) -> (f64, f64) {
        let frame = self.frames[block];
        if rows.is_rightmost(block) { (frame.right(), frame.bottom() - 10.0) } else { (frame.middle(), 0.0) }
    }

    /// The last points of an arrow along a lane.
    fn enter(&self, rows: &Rows, block: usize, shift: f64) -> Vec<(f64, f64)> {
        let frame = self.frames[block];
        if rows.is_rightmost(block) {
            return vec![(frame.right(), frame.y + 10.0 + shift)];
        }
        let x = frame.middle() + 10.0 + shift;
        vec![(x, frame.y - 14.0 - shift / 2.0), (x, frame.y)]
    }

    fn right(&self, row: &[usize]) -> f64 {
        row.iter().map(|&block| self.frames[block].right()).fold(f64::MIN, f64::max)
    }

    /// Moves the drawing to the origin.
    fn move_to_origin(&mut self) {
        let left = self.frames.iter().map(|frame| frame.x).fold(f64::MAX, f64::min);
        let left = self.lines.iter().flat_map(|line| &line.points).map(|point| point.0).fold(left, f64::min);
        for frame in &mut self.frames {
            frame.x -= left;
        }
        for point in self.lines.iter_mut().flat_map(|line| &mut line.points) {
            point.0 -= left;
        }
        for label in &mut self.labels {
            label.x -= left;
        }
        let right = self.frames.iter().map(|frame| frame.right());
        let right = right.chain(self.lines.iter().flat_map(|line| &line.points).map(|point| point.0));
        let right = right.chain(self.labels.iter().map(|label| label.x + text_width(&label.text)));
        let bottom = self.frames.iter().map(|frame| frame.bottom());
        self.size = (right.fold(0.0, f64::max), bottom.fold(0.0, f64::max));
    }
}

/// The long arrows of one block that carry one shape.
struct Trunk<'b> {
    from: usize,
    to: Vec<usize>,
    label: &'b str,
}

/// Blocks in rows.
struct Rows {
    /// Each block's row.
    of: Vec<usize>,
    /// The blocks of each row, from left to right.
    rows: Vec<Vec<usize>>,
}

impl Rows {
    fn of(blocks: &Blocks) -> Self {
        let count = blocks.blocks.len();
        let mut of = vec![0; count];
        for block in 0..count {
            let before = blocks.arrows.iter().filter(|arrow| arrow.to == block);
            of[block] = before.map(|arrow| of[arrow.from] + 1).max().unwrap_or(0);
        }
        // Blocks that are not urgent move close to their readers.
        for block in (0..count).rev() {
            let after = blocks.arrows.iter().filter(|arrow| arrow.from == block);
            of[block] = after.map(|arrow| of[arrow.to] - 1).min().unwrap_or(of[block]);
        }
        let mut rows = vec![Vec::new(); of.iter().max().map_or(0, |last| last + 1)];
        for block in 0..count {
            rows[of[block]].push(block);
        }
        let mut this = Self { of, rows };
        let mut rows = std::mem::take(&mut this.rows);
        for row in &mut rows {
            row.sort_by_key(|&block| {
                let long = |arrow: &&Arrow| (arrow.from == block || arrow.to == block) && this.is_long(arrow);
                (blocks.arrows.iter().filter(long).count(), block)
            });
        }
        Self { rows, ..this }
    }

    fn is_long(&self, arrow: &Arrow) -> bool {
        self.of[arrow.to] > self.of[arrow.from] + 1
    }

    /// The long arrows, in order of computation.
    fn trunks<'b>(&self, blocks: &'b Blocks) -> Vec<Trunk<'b>> {
        let mut trunks: Vec<Trunk<'b>> = Vec::new();
        for arrow in blocks.arrows.iter().filter(|arrow| self.is_long(arrow)) {
            match trunks.iter_mut().find(|trunk| trunk.from == arrow.from && trunk.label == arrow.label) {
                Some(trunk) => trunk.to.push(arrow.to),
                None => trunks.push(Trunk { from: arrow.from, to: vec![arrow.to], label: &arrow.label }),
            }
        }
        trunks
    }

    fn is_rightmost(&self, block: usize) -> bool {
        self.rows[self.of[block]].last() == Some(&block)
    }

    fn bottom(&self, layout: &Layout, block: usize) -> f64 {
        let row = &self.rows[self.of[block]];
        row.iter().map(|&block| layout.frames[block].bottom()).fold(0.0, f64::max)
    }

    /// The positions of the blocks: each row is centered, its blocks have equal heights.
    fn frames(&self, blocks: &Blocks) -> Vec<Frame> {
        let natural: Vec<f64> = blocks.blocks.iter().map(natural_width).collect();
        let trunks = self.trunks(blocks);
        let height = |block: usize| {
            let leaving = trunks.iter().filter(|trunk| trunk.from == block).count() as f64;
            let entering = trunks.iter().filter(|trunk| trunk.to.contains(&block)).count() as f64;
            height(&blocks.blocks[block]).max(LEAVING * leaving + INSET).max(ENTERING * entering + INSET)
        };
        let alone =
            self.rows.iter().filter(|row| row.len() == 1).map(|row| natural[row[0]]).fold(0.0, f64::max);
        let mut frames = vec![Frame::default(); natural.len()];
        let mut y = 0.0;
        for row in &self.rows {
            let width = |block: usize| if row.len() == 1 { alone } else { natural[block] };
            let all = row.iter().map(|&block| width(block)).sum::<f64>() + APART * (row.len() - 1) as f64;
            let height = row.iter().map(|&block| height(block)).fold(0.0, f64::max);
            let mut x = -all / 2.0;
            for &block in row {
                frames[block] = Frame { x, y, width: width(block), height };
                x += width(block) + APART;
            }
            y += height + GAP;
        }
        frames
    }
}

fn natural_width(block: &Block) -> f64 {
    let lines = block.lines.iter().chain([&block.name]).map(|line| text_width(line));
    lines.fold(110.0, f64::max) + 2.0 * INSET
}

fn height(block: &Block) -> f64 {
    LINE * (block.lines.len() + 1) as f64 + INSET
}

pub(super) fn text_width(text: &str) -> f64 {
    CHARACTER * text.chars().count() as f64
}
