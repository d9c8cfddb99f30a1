//! The text that `factory export` prints about an ONNX file.

use graph::{escaped, format};
use onnx::Exported;

use crate::output::lines;

/// Inputs, outputs, what was not merged, and the size of the file.
pub(super) fn summary(exported: &Exported, bytes: usize) -> String {
    let mut text = String::new();
    for (label, tensors) in [("input", exported.inputs()), ("output", exported.outputs())] {
        for tensor in tensors {
            text.push_str(&format!("{label:10}  {}\n", escaped(&tensor.to_string())));
        }
    }
    let refusals: Vec<String> =
        exported.refusals().iter().map(|refusal| escaped(&refusal.to_string())).collect();
    text.push_str(&lines("not merged", &refusals));
    text.push_str(&format!("{:10}  {} bytes\n", "size", format::thousands(bytes as u64)));
    text
}
