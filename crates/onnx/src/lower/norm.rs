//! Normalizations.

use graph::{BatchNorm, GroupNorm, Role};

use super::Step;
use crate::writer::{float, int, ints};

impl Step<'_, '_> {
    pub(super) fn batch_norm(&mut self, norm: &BatchNorm) -> String {
        let channels = self.shape(0).channels;
        let [scale, shift] = if norm.affine {
            [self.parameter(Role::Scale, None), self.parameter(Role::Bias, None)]
        } else {
            [1.0, 0.0].map(|value| Some(self.writer.floats(&[channels], &vec![value; channels])))
        };
        let [mean, variance] = [Role::Mean, Role::Variance].map(|role| self.parameter(role, None));
        let inputs = [Some(self.x().to_owned()), scale, shift, mean, variance];
        let inputs: Vec<&str> = inputs.iter().flatten().map(String::as_str).collect();
        self.last("BatchNormalization", &inputs, vec![float("epsilon", norm.eps)])
    }

    /// Statistics over channels. `LayerNormalization` requires the channels on the last axis, which takes two
    /// transpositions that converters to channels-last layouts keep.
    pub(super) fn layer_norm(&mut self, eps: f64) -> String {
        let dims = self.per_channel(self.shape(0).channels);
        self.standardized(&[1], eps, &dims)
    }

    /// Statistics over positions, with a scale and shift for each position.
    pub(super) fn position_norm(&mut self, eps: f64) -> String {
        let dims = self.axes(self.shape(0).space.iter().copied(), 1);
        let axes: Vec<i64> = (2..).take(dims.len()).collect();
        self.standardized(&axes, eps, &dims)
    }

    /// Subtracts the mean over these axes, divides by the standard deviation, and applies a scale and shift of these
    /// dimensions.
    fn standardized(&mut self, axes: &[i64], eps: f64, dims: &[usize]) -> String {
        let over = || vec![ints("axes", axes.to_vec()), int("keepdims", 1)];
        let eps = self.writer.scalar(eps);
        let mean = self.part("mean", "ReduceMean", &[self.x()], over());
        let centered = self.part("centered", "Sub", &[self.x(), &mean], vec![]);
        let squared = self.part("squared", "Mul", &[&centered, &centered], vec![]);
        let variance = self.part("variance", "ReduceMean", &[&squared], over());
        let raised = self.part("raised", "Add", &[&variance, &eps], vec![]);
        let deviation = self.part("deviation", "Sqrt", &[&raised], vec![]);
        let standardized = self.part("standardized", "Div", &[&centered, &deviation], vec![]);
        self.scaled(standardized, dims)
    }

    /// `x` times the scale and plus the shift.
    fn scaled(&mut self, x: String, dims: &[usize]) -> String {
        let scale = self.parameter(Role::Scale, Some(dims));
        let shift = self.parameter(Role::Bias, Some(dims));
        let (Some(scale), Some(shift)) = (scale, shift) else { return x };
        let scaled = self.part("scaled", "Mul", &[&x, &scale], vec![]);
        self.last("Add", &[&scaled, &shift], vec![])
    }

    /// Opset 17 has no group normalization: groups become the channels of an instance normalization.
    pub(super) fn group_norm(&mut self, norm: &GroupNorm) -> String {
        let shape = self.shape(0);
        let (channels, groups) = (shape.channels, norm.groups);
        let epsilon = || vec![float("epsilon", norm.eps)];
        if channels == groups && shape.rank() > 0 && norm.affine {
            let [scale, shift] = [Role::Scale, Role::Bias].map(|role| self.parameter(role, None));
            let inputs = [Some(self.x().to_owned()), scale, shift];
            let inputs: Vec<&str> = inputs.iter().flatten().map(String::as_str).collect();
            return self.last("InstanceNormalization", &inputs, epsilon());
        }
        let [ones, zeros] = [1.0, 0.0].map(|value| self.writer.floats(&[groups], &vec![value; groups]));
        if channels == groups && shape.rank() > 0 {
            return self.last("InstanceNormalization", &[self.x(), &ones, &zeros], epsilon());
        }
        let grouped = self.writer.integers(&[0, groups.cast_signed() as i64, -1]);
        let grouped = self.part("grouped", "Reshape", &[self.x(), &grouped], vec![]);
        let standardized =
            self.part("standardized", "InstanceNormalization", &[&grouped, &ones, &zeros], epsilon());
        let size = self.size();
        if !norm.affine {
            return self.last("Reshape", &[&standardized, &size], vec![]);
        }
        let restored = self.part("restored", "Reshape", &[&standardized, &size], vec![]);
        let dims = self.per_channel(channels);
        self.scaled(restored, &dims)
    }
}
