//! Lower precision where it is fastest: in convolutions and linear layers.

use graph::Op;
use tch::{Device, Kind, TchError, Tensor};

use crate::error::Error;
use crate::net::Net;

/// What convolutions and linear layers compute in. Variables, norms and everything else stay in the
/// net's own kind, so that small updates are not lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// The net's own kind.
    #[default]
    Full,
    /// bfloat16: inputs and kernels are cast to it, results back.
    Bf16,
}

impl Net {
    /// Computes in `precision` from now on, in training and inference.
    ///
    /// # Errors
    /// bfloat16 on a processor that has no instructions for it.
    pub fn set_precision(&mut self, precision: Precision) -> Result<(), Error> {
        if precision == Precision::Bf16 && self.device() == Device::Cpu && !processor_has_bf16() {
            return Err(Error::Precision);
        }
        self.precision = precision;
        Ok(())
    }
}

impl Precision {
    /// Whether an operation computes in another kind than the net's.
    pub(crate) fn lowers(self, op: &Op) -> bool {
        self == Self::Bf16 && matches!(op, Op::Conv(_) | Op::ConvTranspose(_) | Op::Linear(_))
    }

    /// A tensor as an operation with lower precision takes it.
    pub(crate) fn cast(self, tensor: &Tensor) -> Result<Tensor, TchError> {
        match self {
            Self::Full => Ok(tensor.shallow_clone()),
            Self::Bf16 => tensor.f_to_kind(Kind::BFloat16),
        }
    }
}

fn processor_has_bf16() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::is_x86_feature_detected!("avx512bf16");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("bf16");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return false;
}
