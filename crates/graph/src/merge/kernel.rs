//! Kernel and bias of a merged convolution as they add up.

use super::norm::Affine;
use crate::{Conv, Shape};

/// The weight, `[out, in / groups, kernel…]`, and the bias of a merged convolution.
pub(super) struct Kernel {
    pub(super) weight: Vec<f64>,
    pub(super) bias: Vec<f64>,
    conv: Conv,
    /// Kernel size along each axis; a series has one.
    size: Vec<usize>,
    /// Padding before each axis.
    before: Vec<usize>,
    in_per_group: usize,
}

impl Kernel {
    /// Zeros for a convolution of a source of this shape.
    pub(super) fn zeros(source: &Shape, conv: Conv) -> Self {
        let size: Vec<usize> = conv.kernel.axes(source.rank()).collect();
        let before = (0..source.rank()).map(|axis| conv.window().pads(axis, 1).0).collect();
        let in_per_group = source.channels / conv.groups;
        let elements = conv.out * in_per_group * size.iter().product::<usize>();
        Self { weight: vec![0.0; elements], bias: vec![0.0; conv.out], conv, size, before, in_per_group }
    }

    /// Adds the kernel of a branch, which lies inside this one.
    pub(super) fn add_conv(&mut self, branch: &Conv, weight: &[f64]) {
        let rank = self.size.len();
        let size: Vec<usize> = branch.kernel.axes(rank).collect();
        let (taps, all): (usize, usize) = (size.iter().product(), self.size.iter().product());
        let first: Vec<usize> =
            (0..rank).map(|axis| self.tap(axis, branch.window().pads(axis, 1).0)).collect();
        for (i, weight) in weight.iter().enumerate() {
            let (row, tap) = (i / taps, i % taps);
            let tap = match size[..] {
                [_, width] => (first[0] + tap / width) * self.size[1] + first[1] + tap % width,
                _ => first[0] + tap,
            };
            self.weight[row * all + tap] += weight;
        }
    }

    pub(super) fn add_bias(&mut self, bias: &[f64]) {
        for (sum, bias) in self.bias.iter_mut().zip(bias) {
            *sum += bias;
        }
    }

    /// Adds `scale * x + shift` as a kernel of size 1: output `o` reads input `o`, number
    /// `o mod in_per_group` of its group.
    pub(super) fn add_identity(&mut self, affine: &Affine) {
        let all: usize = self.size.iter().product();
        let mut tap = 0;
        for axis in 0..self.size.len() {
            tap = tap * self.size[axis] + self.tap(axis, 0);
        }
        for (out, (scale, shift)) in affine.scale.iter().zip(&affine.shift).enumerate() {
            self.weight[(out * self.in_per_group + out % self.in_per_group) * all + tap] += scale;
            self.bias[out] += shift;
        }
    }

    /// The tap at which a kernel with padding `before` begins.
    fn tap(&self, axis: usize, before: usize) -> usize {
        (self.before[axis] - before) / self.conv.dilation.at(axis)
    }
}
