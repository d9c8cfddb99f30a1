//! Activations.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use graph::Activation;

use super::Step;
use crate::writer::float;

impl Step<'_, '_> {
    pub(super) fn activation(&mut self, activation: Activation) -> String {
        let x = self.x();
        match activation {
            Activation::Relu => self.last("Relu", &[x], vec![]),
            Activation::Relu6 => {
                let [low, high] = [0.0, 6.0].map(|bound| self.writer.scalar(bound));
                self.last("Clip", &[x, &low, &high], vec![])
            }
            Activation::LeakyRelu { slope } => self.last("LeakyRelu", &[x], vec![float("alpha", slope)]),
            Activation::Elu { alpha } => self.last("Elu", &[x], vec![float("alpha", alpha)]),
            // `Selu` is less widely read than `Elu`.
            Activation::Selu => {
                let (scale, alpha) = Activation::SELU;
                let scale = self.writer.scalar(scale);
                let unscaled = self.part("unscaled", "Elu", &[x], vec![float("alpha", alpha)]);
                self.last("Mul", &[&unscaled, &scale], vec![])
            }
            Activation::Gelu => self.gelu(),
            Activation::GeluTanh => self.gelu_tanh(),
            Activation::Silu => {
                let gate = self.part("gate", "Sigmoid", &[x], vec![]);
                self.last("Mul", &[x, &gate], vec![])
            }
            Activation::HardSwish => {
                let gate = self.part("gate", "HardSigmoid", &[x], hard_sigmoid());
                self.last("Mul", &[x, &gate], vec![])
            }
            Activation::Sigmoid => self.last("Sigmoid", &[x], vec![]),
            Activation::HardSigmoid => self.last("HardSigmoid", &[x], hard_sigmoid()),
            Activation::Tanh => self.last("Tanh", &[x], vec![]),
            Activation::Softplus => self.last("Softplus", &[x], vec![]),
            Activation::Mish => {
                let softplus = self.part("softplus", "Softplus", &[x], vec![]);
                let gate = self.part("gate", "Tanh", &[&softplus], vec![]);
                self.last("Mul", &[x, &gate], vec![])
            }
        }
    }

    /// `0.5 * x * (1 + erf(x / sqrt(2)))`, in the order that runtimes recognize.
    fn gelu(&mut self) -> String {
        let x = self.x();
        let [factor, one, half] = [FRAC_1_SQRT_2, 1.0, 0.5].map(|value| self.writer.scalar(value));
        let argument = self.part("argument", "Mul", &[x, &factor], vec![]);
        let erf = self.part("erf", "Erf", &[&argument], vec![]);
        self.gelu_product(&erf, &one, &half)
    }

    /// `0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`.
    fn gelu_tanh(&mut self) -> String {
        let x = self.x();
        let [cubic, factor, one, half] =
            [0.044_715, FRAC_2_SQRT_PI * FRAC_1_SQRT_2, 1.0, 0.5].map(|value| self.writer.scalar(value));
        let squared = self.part("squared", "Mul", &[x, x], vec![]);
        let cubed = self.part("cubed", "Mul", &[&squared, x], vec![]);
        let scaled = self.part("scaled", "Mul", &[&cubed, &cubic], vec![]);
        let sum = self.part("sum", "Add", &[x, &scaled], vec![]);
        let argument = self.part("argument", "Mul", &[&sum, &factor], vec![]);
        let tanh = self.part("tanh", "Tanh", &[&argument], vec![]);
        self.gelu_product(&tanh, &one, &half)
    }

    /// `x * (1 + function) * 0.5`.
    fn gelu_product(&mut self, function: &str, one: &str, half: &str) -> String {
        let raised = self.part("raised", "Add", &[function, one], vec![]);
        let product = self.part("product", "Mul", &[self.x(), &raised], vec![]);
        self.last("Mul", &[&product, half], vec![])
    }
}

/// `relu6(x + 3) / 6`; the format's default slope is 0.2.
fn hard_sigmoid() -> Vec<crate::proto::AttributeProto> {
    vec![float("alpha", 1.0 / 6.0), float("beta", 0.5)]
}
