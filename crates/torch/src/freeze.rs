//! Parts of a net that do not learn.

use graph::Op;

use crate::net::Net;

impl Net {
    /// Stops learning below `prefix`, whole parts of a name (`layer1` is not `layer10`; the empty
    /// prefix is everything), and returns the number of trainable parameters there.
    ///
    /// Gradients no longer reach them, and batch norms below it normalize by their running
    /// statistics and leave them alone, even in training. Dropouts still act. Optimizers made before
    /// stay valid and skip these parameters.
    pub fn freeze(&mut self, prefix: &str) -> usize {
        self.learn(prefix, false)
    }

    /// Learns again below `prefix`, and returns the number of trainable parameters there.
    pub fn unfreeze(&mut self, prefix: &str) -> usize {
        self.learn(prefix, true)
    }

    fn learn(&mut self, prefix: &str, learns: bool) -> usize {
        for (value, node) in self.graph.nodes() {
            if matches!(node.op, Op::BatchNorm(_)) && is_below(&node.name, prefix) {
                self.variables.set_frozen(value, !learns);
            }
        }
        let trainable = self.variables.iter().filter(|(parameter, _)| parameter.role.is_trainable());
        let mut touched = 0;
        for (_, tensor) in trainable.filter(|(parameter, _)| is_below(&parameter.name, prefix)) {
            let _ = tensor.set_requires_grad(learns);
            touched += 1;
        }
        touched
    }
}

fn is_below(name: &str, prefix: &str) -> bool {
    let rest = name.strip_prefix(prefix);
    prefix.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
