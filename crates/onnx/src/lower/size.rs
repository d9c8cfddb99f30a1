//! Operations that change the size or pick positions.

use graph::{Extent, TimeStep};

use super::{Step, UpsampleMode};
use crate::sizes::Surplus;
use crate::writer::{int, integers, string};

/// Names of computed numbers: the excess of some sizes over others, and half of it.
struct Difference {
    whole: String,
    half: String,
}

impl Step<'_, '_> {
    /// A range of channels.
    pub(super) fn slice(&mut self, start: usize, length: usize) -> String {
        let [start, end] = [start, start + length].map(|index| self.writer.integers(&integers(&[index])));
        let axis = self.writer.integers(&[1]);
        self.last("Slice", &[self.x(), &start, &end, &axis], vec![])
    }

    pub(super) fn upsample(&mut self, factor: Extent, mode: UpsampleMode) -> String {
        let factors = self.axes(factor.axes(self.shape(0).rank()), 1);
        let scales: Vec<f64> = [1, 1].into_iter().chain(factors).map(|factor| factor as f64).collect();
        let scales = self.writer.floats(&[scales.len()], &scales);
        let attributes = match mode {
            UpsampleMode::Nearest => vec![
                string("mode", "nearest"),
                string("coordinate_transformation_mode", "asymmetric"),
                string("nearest_mode", "floor"),
            ],
            UpsampleMode::Linear { align_corners } => {
                let coordinates = if align_corners { "align_corners" } else { "half_pixel" };
                vec![string("mode", "linear"), string("coordinate_transformation_mode", coordinates)]
            }
        };
        // The second input is a region, which these modes do not use.
        self.last("Resize", &[self.x(), "", &scales], attributes)
    }

    /// One step of a series: a constant index unless it depends on a dynamic length.
    pub(super) fn select(&mut self, step: TimeStep) -> String {
        let length = self.shape(0).space[0];
        let index = match (step, self.is_dynamic()) {
            (TimeStep::Last, true) => self.writer.integer(-1),
            (TimeStep::Middle, true) => self.middle(),
            (_, _) => self.writer.integer(step.index(length).cast_signed() as i64),
        };
        let axis = vec![int("axis", self.spatial_rank().cast_signed() as i64 + 1)];
        if !self.is_lifted() {
            return self.last("Gather", &[self.x(), &index], axis);
        }
        let selected = self.part("selected", "Gather", &[self.x(), &index], axis);
        self.last("Flatten", &[&selected], vec![int("axis", 1)])
    }

    /// The index of the middle step at a dynamic length.
    fn middle(&mut self) -> String {
        let shape = self.part("shape", "Shape", &[self.x()], vec![]);
        let [axis, two] = [-1, 2].map(|value| self.writer.integer(value));
        let length = self.part("length", "Gather", &[&shape, &axis], vec![int("axis", 0)]);
        self.part("middle", "Div", &[&length, &two], vec![])
    }

    pub(super) fn reverse(&mut self) -> String {
        let length = self.shape(0).space[0].cast_signed() as i64;
        // Before the first element: an index below the range of every length.
        let end = if self.is_dynamic() { i64::MIN } else { -length - 1 };
        let axis = self.spatial_rank().cast_signed() as i64 + 1;
        let [start, end, axis, step] = [-1, end, axis, -1].map(|value| self.writer.integers(&[value]));
        self.last("Slice", &[self.x(), &start, &end, &axis, &step], vec![])
    }

    /// The first input with the size of the second.
    pub(super) fn crop_or_pad(&mut self) -> String {
        if let Some(changes) = self.lowering.changes {
            let surplus = changes.surplus(self.node.inputs[0], self.node.inputs[1]);
            return self.crop_or_pad_dynamic(&surplus);
        }
        let (from, to) = (&self.shape(0).space, &self.shape(1).space);
        let pads: Vec<(usize, usize)> = from
            .iter()
            .zip(to)
            .map(|(from, to)| {
                let lacking = to.saturating_sub(*from);
                (lacking / 2, lacking - lacking / 2)
            })
            .collect();
        let starts: Vec<usize> = from.iter().zip(to).map(|(from, to)| from.saturating_sub(*to) / 2).collect();
        let (is_padded, is_cropped) =
            (pads.iter().any(|(_, after)| *after > 0), from.iter().zip(to).any(|(from, to)| from > to));
        let ends: Vec<usize> = starts.iter().zip(to).map(|(start, to)| start + to).collect();
        match (is_padded, is_cropped) {
            (false, false) => self.same(),
            (true, false) => self.pad(&pads, None),
            (false, true) => self.crop(self.x(), &starts, &ends),
            (true, true) => {
                let padded = self.pad(&pads, Some("padded"));
                self.crop(&padded, &starts, &ends)
            }
        }
    }

    /// The first input with zeros around it, as the last or an intermediate node.
    fn pad(&mut self, pads: &[(usize, usize)], part: Option<&str>) -> String {
        let pads = self.full_pads(pads);
        let zero = self.writer.scalar(0.0);
        let inputs = [self.x(), &pads, &zero];
        match part {
            Some(part) => self.part(part, "Pad", &inputs, vec![]),
            None => self.last("Pad", &inputs, vec![]),
        }
    }

    /// A constant with the padding of all axes.
    fn full_pads(&mut self, pads: &[(usize, usize)]) -> String {
        let before = self.axes(pads.iter().map(|(before, _)| *before), 0);
        let after = self.axes(pads.iter().map(|(_, after)| *after), 0);
        let pads = [vec![0, 0], before, vec![0, 0], after].concat();
        self.writer.integers(&integers(&pads))
    }

    /// A range of the spatial axes.
    fn crop(&mut self, x: &str, starts: &[usize], ends: &[usize]) -> String {
        let axes = self.spatial_axes();
        let [starts, ends] = [starts, ends].map(|indices| self.writer.integers(&integers(indices)));
        self.last("Slice", &[x, &starts, &ends, &axes], vec![])
    }

    /// A constant with the spatial axes of the graph.
    fn spatial_axes(&mut self) -> String {
        let rank = self.shape(0).rank();
        let first = 2 + self.spatial_rank() - rank;
        let axes: Vec<usize> = (first..first + rank).collect();
        self.writer.integers(&integers(&axes))
    }

    /// Crops or pads by half of the surplus, rounded down, before, and by the rest after.
    fn crop_or_pad_dynamic(&mut self, surplus: &[Surplus]) -> String {
        let is_bounded = surplus.iter().all(|axis| axis.is_bounded);
        let exceeds = !is_bounded || surplus.iter().any(|axis| axis.exceeding > 0);
        let lacks = !is_bounded || surplus.iter().any(|axis| axis.lacking > 0);
        if !exceeds && !lacks {
            return self.same();
        }
        let (from, to) = (self.graph_size(0, "from"), self.graph_size(1, "to"));
        let cropped =
            if exceeds { Some(self.positive_difference("exceeding", &from, &to).half) } else { None };
        let (padded, start) = if lacks {
            let lacking = self.positive_difference("lacking", &to, &from);
            if is_bounded {
                self.padded_by_constant(surplus, cropped, &lacking.half)
            } else {
                let after = self.part("after", "Sub", &[&lacking.whole, &lacking.half], vec![]);
                (self.padded_by(&lacking.half, &after), cropped)
            }
        } else {
            (self.same(), cropped)
        };
        let start = start.unwrap_or_else(|| self.writer.integers(&vec![0; surplus.len()]));
        let end = self.part("end", "Add", &[&start, &to], vec![]);
        let axes = self.spatial_axes();
        self.last("Slice", &[&padded, &start, &end, &axes], vec![])
    }

    /// The excess of the sizes `larger` over `smaller`, at least 0, and half of it, rounded down.
    fn positive_difference(&mut self, name: &str, larger: &str, smaller: &str) -> Difference {
        let axes = self.shape(0).rank();
        let [zero, two] = [0, 2].map(|value| self.writer.integers(&vec![value; axes]));
        let difference = self.part(&format!("signed_{name}"), "Sub", &[larger, smaller], vec![]);
        let whole = self.part(name, "Max", &[&difference, &zero], vec![]);
        let half = self.part(&format!("{name}_half"), "Div", &[&whole, &two], vec![]);
        Difference { whole, half }
    }

    /// The first input with enough padding for every size, and the start of the elements to keep. Not all readers
    /// support padding that depends on the size.
    fn padded_by_constant(
        &mut self,
        surplus: &[Surplus],
        cropped: Option<String>,
        before: &str,
    ) -> (String, Option<String>) {
        let pads: Vec<usize> = surplus.iter().map(|axis| axis.lacking.div_ceil(2)).collect();
        let both: Vec<(usize, usize)> = pads.iter().map(|pad| (*pad, *pad)).collect();
        let padded = self.pad(&both, Some("padded"));
        let pads = self.writer.integers(&integers(&pads));
        let shifted = match cropped {
            Some(cropped) => self.part("shifted", "Add", &[&pads, &cropped], vec![]),
            None => pads,
        };
        let start = self.part("start", "Sub", &[&shifted, before], vec![]);
        (padded, Some(start))
    }

    /// The first input with zeros around it, in computed numbers along the graph's spatial axes.
    pub(super) fn padded_by(&mut self, before: &str, after: &str) -> String {
        let others = 2 + self.spatial_rank() - self.shape(0).rank();
        let none = self.writer.integers(&vec![0; others]);
        let pads = self.part("pads", "Concat", &[&none, before, &none, after], vec![int("axis", 0)]);
        let zero = self.writer.scalar(0.0);
        self.part("padded", "Pad", &[self.x(), &pads, &zero], vec![])
    }

    /// The sizes of all axes of the first input, for a reshape.
    pub(super) fn size(&mut self) -> String {
        if self.is_dynamic() {
            return self.part("shape", "Shape", &[self.x()], vec![]);
        }
        let shape = self.shape(0);
        // Zero keeps the batch.
        let dims = [vec![0, shape.channels], self.axes(shape.space.iter().copied(), 1)].concat();
        self.writer.integers(&integers(&dims))
    }

    /// The dynamic sizes of an input on the spatial axes of the graph.
    pub(super) fn graph_size(&mut self, input: usize, part: &str) -> String {
        let first = 2 + self.spatial_rank() - self.shape(0).rank();
        let shape = self.part(&format!("{part}_shape"), "Shape", &[self.inputs[input]], vec![]);
        let axis = self.writer.integers(&[0]);
        let [start, end] = [integers(&[first]), vec![i64::MAX]].map(|index| self.writer.integers(&index));
        self.part(part, "Slice", &[&shape, &start, &end, &axis], vec![])
    }
}
