//! Lower precision where it is fastest: in convolutions and linear layers.

use graph::Op;
use tch::{Kind, TchError, Tensor};

use crate::error::Fault;
use crate::interpret::{Task, interpret};

/// The precision of convolutions and linear layers. Variables, norms and everything else stay in the
/// net's own kind, so that small updates are not lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// The net's own kind.
    #[default]
    Full,
    /// bfloat16: inputs and kernels are cast to it, results back.
    Bf16,
}

impl Precision {
    /// Computes a node in this precision.
    pub(crate) fn interpret(self, task: &Task<'_>) -> Result<Tensor, Fault> {
        if !self.lowers(task.op) {
            return interpret(task);
        }
        let lower = |tensor: &Tensor| tensor.f_to_kind(Kind::BFloat16);
        let inputs = task.inputs.iter().map(|input| lower(input)).collect::<Result<Vec<_>, TchError>>()?;
        let inputs: Vec<&Tensor> = inputs.iter().collect();
        let parameters = task.parameters.map(lower)?;
        let result = interpret(&Task { inputs: &inputs, parameters: &parameters, ..*task })?;
        Ok(result.f_to_kind(task.inputs[0].kind())?)
    }

    /// Whether an operation is computed in another kind than the net's.
    fn lowers(self, op: &Op) -> bool {
        self == Self::Bf16 && matches!(op, Op::Conv(_) | Op::ConvTranspose(_) | Op::Linear(_))
    }
}

pub(crate) fn processor_has_bf16() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::is_x86_feature_detected!("avx512bf16");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("bf16");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return false;
}
