//! The lengths of series that a graph takes, for cutting a long series into pieces.

use crate::number::greatest_common_divisor;
use crate::{Graph, Op, Shape, UpsampleMode};

impl Graph {
    /// The number of input samples after which the strides of all nodes coincide again: pieces of a
    /// series that begin at a multiple of it have the same values as the whole series. `None` if the
    /// graph is bound to one length, or if an upsampling with aligned corners depends on the length.
    pub fn series_stride(&self) -> Option<usize> {
        // So long and so divisible that neither padding nor rounding shows in the growth of sizes.
        const LONG: usize = (1 << 10) * 9 * 5 * 7;
        let depends_on_length = self.nodes().any(|(_, node)| {
            matches!(node.op, Op::Upsample { mode: UpsampleMode::Linear { align_corners: true }, .. })
        });
        if depends_on_length {
            return None;
        }
        let (_, input) = self.inputs().next()?;
        let channels = input.shape.channels;
        let once = self.shapes_for(&[Shape::new(channels, [LONG])]).ok()?;
        let twice = self.shapes_for(&[Shape::new(channels, [2 * LONG])]).ok()?;
        let size = |shape: &Shape| shape.space.first().copied().unwrap_or(0);
        let mut stride = 1;
        for (value, shape) in once.iter() {
            let growth = size(&twice[value]).saturating_sub(size(shape));
            if growth > 0 {
                let of_value = LONG / greatest_common_divisor(LONG, growth);
                stride = stride / greatest_common_divisor(stride, of_value) * of_value;
            }
        }
        Some(stride)
    }

    /// The length of the shortest series, a multiple of `stride`, for which the main output has one
    /// position per input sample; the length that the graph was built for if there is no shorter one.
    /// If very many lengths are too short, the result may be up to 50 % longer than the shortest.
    pub fn shortest_series(&self, stride: usize) -> usize {
        /// Number of nodes examined before lengths grow by more than the stride.
        const VISITS: usize = 1 << 20;
        let Some((_, input)) = self.inputs().next() else { return 0 };
        let length = input.shape.space.first().copied().unwrap_or(0);
        let output = self.main_output().value;
        let (stride, tries) = (stride.max(1), VISITS / self.nodes().len());
        let (mut shorter, mut tried) = (stride, 0);
        while shorter <= length {
            let shapes = self.shapes_for(&[Shape::new(input.shape.channels, [shorter])]);
            if shapes.is_ok_and(|shapes| shapes[output].space == [shorter]) {
                return shorter;
            }
            tried += 1;
            let strides = if tried < tries { 1 } else { (shorter / stride / 2).max(1) };
            shorter = shorter.saturating_add(stride.saturating_mul(strides));
        }
        length
    }
}
