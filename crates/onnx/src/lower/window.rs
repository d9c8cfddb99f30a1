//! Convolutions and pools.

use graph::{Conv, ConvTranspose, Pool, Role, Window};

use super::Step;
use crate::error::ExportError;
use crate::proto::AttributeProto;
use crate::writer::{int, integers, ints, string};

/// The padding of a window in the file.
enum Pads {
    /// Numbers before each axis, then after each axis.
    Numbers(Vec<usize>),
    /// `same` with dynamic sizes and dilation 1, for which the format has a name.
    SameUpper,
    /// `same` with dynamic sizes and a stride and dilation above 1: a separate node pads the input.
    Computed,
}

impl Step<'_, '_> {
    pub(super) fn conv(&mut self, conv: &Conv) -> Result<String, ExportError> {
        if conv.weight_norm {
            let message = "a direction vector of its weight norm has length zero, so its kernel is undefined";
            return Err(self.error(message));
        }
        let window = conv.window();
        let (x, padding) = match self.pads(&window) {
            Pads::Numbers(pads) => (self.x().to_owned(), ints("pads", integers(&pads))),
            Pads::SameUpper => (self.x().to_owned(), string("auto_pad", "SAME_UPPER")),
            Pads::Computed => {
                let none = vec![0; 2 * self.spatial_rank()];
                (self.padded(&window), ints("pads", integers(&none)))
            }
        };
        let weight = self.kernel();
        let bias = self.parameter(Role::Bias, None);
        let inputs: Vec<&str> =
            [Some(&x), weight.as_ref(), bias.as_ref()].into_iter().flatten().map(String::as_str).collect();
        let mut attributes = self.window(&window);
        attributes.push(ints("dilations", integers(&self.axes(conv.dilation.axes(self.shape(0).rank()), 1))));
        attributes.push(int("group", conv.groups.cast_signed() as i64));
        attributes.push(padding);
        Ok(self.last("Conv", &inputs, attributes))
    }

    pub(super) fn conv_transpose(&mut self, conv: &ConvTranspose) -> String {
        let rank = self.shape(0).rank();
        let cuts: Vec<(usize, usize)> = (0..rank).map(|axis| conv.cuts(axis)).collect();
        let [weight, bias] = [self.kernel(), self.parameter(Role::Bias, None)];
        let inputs: Vec<&str> =
            [Some(self.x()), weight.as_deref(), bias.as_deref()].into_iter().flatten().collect();
        let attributes = vec![
            ints("kernel_shape", integers(&self.axes(conv.kernel.axes(rank), 1))),
            ints("strides", integers(&self.axes(conv.stride.axes(rank), 1))),
            // The default, which some readers require.
            ints("dilations", vec![1; self.spatial_rank()]),
            int("group", conv.groups.cast_signed() as i64),
            ints("pads", integers(&self.both(&cuts))),
        ];
        self.last("ConvTranspose", &inputs, attributes)
    }

    pub(super) fn max_pool(&mut self, pool: &Pool) -> String {
        let attributes = self.pool(pool);
        self.last("MaxPool", &[self.x()], attributes)
    }

    pub(super) fn average_pool(&mut self, pool: &Pool, count_padding: bool) -> String {
        let mut attributes = self.pool(pool);
        attributes.push(int("count_include_pad", i64::from(count_padding)));
        self.last("AveragePool", &[self.x()], attributes)
    }

    fn pool(&self, pool: &Pool) -> Vec<AttributeProto> {
        let window = pool.window();
        let mut attributes = self.window(&window);
        attributes.push(match self.pads(&window) {
            Pads::Numbers(pads) => ints("pads", integers(&pads)),
            // A pool has no dilation, so its padding is never computed.
            Pads::SameUpper | Pads::Computed => string("auto_pad", "SAME_UPPER"),
        });
        attributes
    }

    /// The kernel of a convolution, with an axis of size 1 in an image of height 1.
    fn kernel(&mut self) -> Option<String> {
        let array = self.lowering.weights.of(self.lowering.graph, self.value).get(Role::Weight)?;
        let [out, per_group, kernel @ ..] = array.shape() else { return None };
        let dims = [vec![*out, *per_group], self.axes(kernel.iter().copied(), 1)].concat();
        self.parameter(Role::Weight, Some(&dims))
    }

    fn window(&self, window: &Window) -> Vec<AttributeProto> {
        let rank = self.shape(0).rank();
        vec![
            ints("kernel_shape", integers(&self.axes(window.kernel.axes(rank), 1))),
            ints("strides", integers(&self.axes(window.stride.axes(rank), 1))),
        ]
    }

    fn pads(&self, window: &Window) -> Pads {
        let shape = self.shape(0);
        let fixed: Option<Vec<(usize, usize)>> = if self.is_dynamic() {
            (0..shape.rank()).map(|axis| window.fixed_pads(axis)).collect()
        } else {
            Some(shape.space.iter().enumerate().map(|(axis, size)| window.pads(axis, *size)).collect())
        };
        if let Some(pads) = fixed {
            return Pads::Numbers(self.both(&pads));
        }
        // Readers disagree on `SAME_UPPER` with a dilation, even where its axis has a stride of 1.
        let is_dilated =
            (0..shape.rank()).any(|axis| window.dilation.at(axis) > 1 && window.kernel.at(axis) > 1);
        if is_dilated { Pads::Computed } else { Pads::SameUpper }
    }

    /// The numbers before each axis, then those after each axis.
    fn both(&self, pads: &[(usize, usize)]) -> Vec<usize> {
        let before = self.axes(pads.iter().map(|(before, _)| *before), 0);
        let after = self.axes(pads.iter().map(|(_, after)| *after), 0);
        [before, after].concat()
    }

    /// The input with the padding `same` for its size `n`: `max((ceil(n / stride) - 1) * stride + reach + 1 - n, 0)`
    /// in all, the smaller half before.
    fn padded(&mut self, window: &Window) -> String {
        let axes = 0..self.shape(0).rank();
        let strides: Vec<usize> = axes.clone().map(|axis| window.stride.at(axis)).collect();
        let strides = integers(&strides);
        let reaches: Vec<usize> = axes.map(|axis| window.reach(axis)).collect();
        let last: Vec<i64> =
            integers(&reaches).iter().zip(&strides).map(|(reach, stride)| reach + 1 - stride).collect();
        let stride = self.writer.integers(&strides);
        let round_up = self.writer.integers(&strides.iter().map(|stride| stride - 1).collect::<Vec<_>>());
        let last = self.writer.integers(&last);
        let zero = self.writer.integers(&vec![0; reaches.len()]);
        let two = self.writer.integers(&vec![2; reaches.len()]);

        let size = self.graph_size(0, "size");
        let raised = self.part("raised", "Add", &[&size, &round_up], vec![]);
        let steps = self.part("steps", "Div", &[&raised, &stride], vec![]);
        let span = self.part("span", "Mul", &[&steps, &stride], vec![]);
        let needed = self.part("needed", "Add", &[&span, &last], vec![]);
        let lacking = self.part("lacking", "Sub", &[&needed, &size], vec![]);
        let total = self.part("total", "Max", &[&lacking, &zero], vec![]);
        let before = self.part("before", "Div", &[&total, &two], vec![]);
        let after = self.part("after", "Sub", &[&total, &before], vec![]);
        self.padded_by(&before, &after)
    }
}
