//! Checks of a net's inputs.

use graph::{Node, Shape};
use tch::{Kind, Tensor};

use crate::error::{Fault, TorchError};
use crate::number::{is_float, sizes};
use crate::variables::Variables;

/// The shape of one input of a net with these variables. Its channels and size are not checked: shape
/// inference does that.
pub(crate) fn shape(node: &Node, tensor: &Tensor, variables: &Variables) -> Result<Shape, TorchError> {
    let refuse = |reason: String| Err(Fault::Refused(reason).at(node));
    if !tensor.defined() {
        return refuse("the tensor is undefined".to_owned());
    }
    let (expected, found) = (variables.kind(), tensor.kind());
    if expected.is_some_and(|expected| expected != found) || !is_float(found) {
        let expected = expected.unwrap_or(Kind::Float);
        return refuse(format!("expected a tensor of kind {expected:?}, found {found:?}"));
    }
    let (expected, found) = (variables.device(), tensor.device());
    if variables.kind().is_some() && expected != found {
        return refuse(format!(
            "expected a tensor on {expected:?}, where the net is, found one on {found:?}"
        ));
    }
    match sizes(tensor).as_slice() {
        [_, channels, space @ ..] if space.len() == node.shape.rank() => Ok(Shape::new(*channels, space)),
        found => {
            let expected = if node.shape.rank() == 1 { "series [N, C, T]" } else { "images [N, C, H, W]" };
            refuse(format!("expected a batch of {expected}, found {found:?}"))
        }
    }
}

/// Checks that an input's batch is as large as that of the first.
pub(crate) fn check_batch(node: &Node, tensor: &Tensor, first: &Tensor) -> Result<(), TorchError> {
    let (expected, found) = (first.size()[0], tensor.size()[0]);
    if found == expected {
        return Ok(());
    }
    let reason = format!("expected a batch of {expected}, as of the first input, found {found}");
    Err(Fault::Refused(reason).at(node))
}
