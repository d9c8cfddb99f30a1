//! Pointwise functions.

use graph::Activation;
use tch::{TchError, Tensor};

/// The activation of each element.
pub(super) fn activation(x: &Tensor, activation: Activation) -> Result<Tensor, TchError> {
    match activation {
        Activation::Relu => x.f_relu(),
        Activation::Relu6 => x.f_relu6(),
        Activation::LeakyRelu { slope } => leaky_relu(x, slope),
        Activation::Elu { alpha } => elu(x, alpha),
        Activation::Selu => x.f_selu(),
        Activation::Gelu => x.f_gelu("none"),
        Activation::GeluTanh => x.f_gelu("tanh"),
        Activation::Silu => x.f_silu(),
        Activation::HardSwish => x.f_hardswish(),
        Activation::Sigmoid => x.f_sigmoid(),
        Activation::HardSigmoid => x.f_hardsigmoid(),
        Activation::Tanh => x.f_tanh(),
        Activation::Softplus => x.f_softplus(),
        Activation::Mish => x.f_mish(),
    }
}

/// tch's `leaky_relu` takes no slope; a PReLU whose slope is not trained is the same function.
fn leaky_relu(x: &Tensor, slope: f64) -> Result<Tensor, TchError> {
    x.f_prelu(&Tensor::f_full([1], slope, (x.kind(), x.device()))?)
}

/// tch's `elu` takes no alpha. The exponential sees no positive input, where it could overflow and
/// turn the gradient into NaN.
fn elu(x: &Tensor, alpha: f64) -> Result<Tensor, TchError> {
    if (Activation::Elu { alpha }) == (Activation::Elu { alpha: 1.0 }) {
        return x.f_elu();
    }
    let below = x.f_clamp_max(0.0)?.f_expm1()?.f_mul_scalar(alpha)?;
    x.f_relu()?.f_add(&below)
}
