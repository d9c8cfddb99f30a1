//! The text that `factory export` prints about an ONNX file.

use graph::{escaped, format};
use onnx::Exported;

use crate::output::{is_verbose, lines};

/// Inputs, outputs, the size of the file, what was not merged, and the known readers that do not support the file.
pub(super) fn summary(exported: &Exported, bytes: usize) -> String {
    let mut text = String::new();
    for (label, tensors) in [("input", exported.inputs()), ("output", exported.outputs())] {
        for tensor in tensors {
            text.push_str(&format!("{label:10}  {}\n", escaped(&tensor.to_string())));
        }
    }
    text.push_str(&format!("{:10}  {} bytes\n", "size", format::thousands(bytes as u64)));
    let refusals: Vec<String> =
        exported.refusals().iter().map(|refusal| escaped(&refusal.to_string())).collect();
    text.push_str(&lines("not merged", &refusals));
    text.push_str(&limits(exported));
    text
}

/// The first reason for each reader that does not support the file; with `--verbose`, all reasons.
fn limits(exported: &Exported) -> String {
    let limits = exported.limits();
    let mut text = String::new();
    let mut hidden = 0;
    for (index, limit) in limits.iter().enumerate() {
        let is_first = limits[..index].iter().all(|earlier| earlier.reader != limit.reader);
        if is_first || is_verbose() {
            text.push_str(&format!("not for     {}\n", escaped(&limit.to_string())));
        } else {
            hidden += 1;
        }
    }
    if hidden > 0 {
        text.push_str(&format!("not for     and {hidden} more (--verbose lists all)\n"));
    }
    text
}
