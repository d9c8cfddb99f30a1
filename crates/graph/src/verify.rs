//! An executable definition of a legal graph, run at the end of every rewrite.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{check_name, check_node_count, check_output_count};
use crate::{BuildError, ErrorKind, Graph, Node, Op, Shape, Value, infer, normal, parameters};

impl Graph {
    /// Derives everything that a graph guarantees and compares it with the stored nodes: inputs
    /// come before their readers, names are unique and well-formed, attributes are in range and in
    /// normal form, shapes follow from the inputs' shapes, parameter names are unique, there is
    /// at least one output, output names are unique, and the numbers of nodes, outputs and parameters are within
    /// their limits.
    ///
    /// A graph from [`Graph::build`] is always legal; this checks code that rewrites graphs.
    ///
    /// # Errors
    /// Names the first node or output at fault.
    pub fn verify(&self) -> Result<(), BuildError> {
        let mut names = BTreeMap::new();
        let mut taken_names = BTreeSet::new();
        let mut count = 0;
        for (value, node) in self.nodes() {
            check_name(&node.name)?;
            check_node_count(&node.name, value.index() + 1)?;
            if names.insert(node.name.clone(), value).is_some() {
                return Err(at(node, ErrorKind::Name, "duplicate name; an earlier node has it"));
            }
            self.verify_node(value, node)?;
            let of_node = self.parameters_of(node);
            count = parameters::count_with(count, node, &of_node)?;
            for parameter in of_node {
                if let Some(taken) = taken_names.replace(parameter.name) {
                    let message = format!("duplicate parameter name `{taken}`; an earlier node has it");
                    return Err(at(node, ErrorKind::Name, message));
                }
            }
        }
        if count != self.parameter_count {
            let message = format!("expected {count} parameters, found {} stored", self.parameter_count);
            return Err(BuildError::new("graph", ErrorKind::Limit, message));
        }
        self.verify_names(&names)?;
        self.verify_outputs()
    }

    fn verify_node(&self, value: Value, node: &Node) -> Result<(), BuildError> {
        if let Some(input) = node.inputs.iter().find(|input| input.index() >= value.index()) {
            let message = format!("expected {value} to read earlier values, found {input}");
            return Err(at(node, ErrorKind::Input, message));
        }
        let inputs: Vec<&Shape> = node.inputs.iter().map(|input| &self.node(*input).shape).collect();
        let fault = |fault| BuildError::at(&node.name, &node.op, &inputs, fault);
        let shape = if let Op::Input { channels, rank } = node.op {
            if (channels, rank) != (node.shape.channels, node.shape.rank()) {
                let message = format!("expected {channels} channels and rank {rank}, found {}", node.shape);
                return Err(at(node, ErrorKind::Shape, message));
            }
            if !node.inputs.is_empty() {
                return Err(at(node, ErrorKind::Input, "expected a model input without inputs of its own"));
            }
            infer::input(&node.shape).map_err(fault)?
        } else {
            let mut normal = node.op.clone();
            let rank = inputs.first().map_or(0, |shape| shape.rank());
            normal::normalize(&mut normal, rank).map_err(fault)?;
            let shape = infer::output(&node.op, &inputs).map_err(fault)?;
            if normal != node.op {
                let message = "expected extents in normal form: equal numbers stored as one, `[1, k]` of a series as `k`";
                return Err(at(node, ErrorKind::Attribute, message));
            }
            shape
        };
        if shape != node.shape {
            let message = format!("expected the computed shape {shape}, found {} stored", node.shape);
            return Err(at(node, ErrorKind::Shape, message));
        }
        Ok(())
    }

    /// The map that finds nodes by name must be that of the nodes.
    fn verify_names(&self, names: &BTreeMap<String, Value>) -> Result<(), BuildError> {
        let differs = |(name, value): &(&String, &Value)| self.names.get(*name) != Some(*value);
        let missing = names.iter().find(differs);
        let surplus = self.names.iter().find(|(name, _)| !names.contains_key(*name));
        match missing.or(surplus) {
            None => Ok(()),
            Some((name, _)) => {
                Err(BuildError::new(name, ErrorKind::Name, "the stored names differ from the nodes' names"))
            }
        }
    }

    fn verify_outputs(&self) -> Result<(), BuildError> {
        if self.outputs().is_empty() {
            return Err(BuildError::new(
                "graph",
                ErrorKind::Input,
                "expected at least one output, found none",
            ));
        }
        let mut names = BTreeSet::new();
        for output in self.outputs() {
            check_name(&output.name)?;
            check_output_count(&output.name, names.len() + 1)?;
            let wrong = |kind, message: String| Err(BuildError::new(&output.name, kind, message));
            if !names.insert(&output.name) {
                return wrong(ErrorKind::Name, "duplicate name; an earlier output has it".to_owned());
            }
            if output.value.index() >= self.nodes().len() {
                return wrong(
                    ErrorKind::Input,
                    format!("expected a value of this graph, found {}", output.value),
                );
            }
        }
        Ok(())
    }
}

fn at(node: &Node, kind: ErrorKind, message: impl Into<String>) -> BuildError {
    BuildError::new(&node.name, kind, message)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::{Activation, Conv, Graph, Op, Value};

    fn small() -> Graph {
        let graph = Graph::build(|g| {
            let x = g.input("signal", [4, 20])?;
            let a = g.conv("conv", x, Conv { bias: true, ..Conv::new(8, 3) })?;
            let b = g.activation("act", a, Activation::Relu)?;
            let y = g.add("sum", &[a, b])?;
            g.output("features", y)?;
            g.output("early", a)
        });
        graph.expect("the graph is legal")
    }

    /// The message about each way to damage the graph, one per line.
    fn check(damages: &[fn(&mut Graph)], messages: &Expect) {
        let message = |damage: &fn(&mut Graph)| {
            let mut graph = small();
            graph.verify().expect("the graph is legal before it is damaged");
            damage(&mut graph);
            format!("{}\n", graph.verify().expect_err("the graph is broken"))
        };
        messages.assert_eq(&damages.iter().map(message).collect::<String>());
    }

    #[test]
    fn names() {
        check(
            &[
                |g| "conv".clone_into(&mut g.nodes[2].name),
                |g| "a..b".clone_into(&mut g.nodes[2].name),
                |g| "other".clone_into(&mut g.nodes[2].name),
                |g| g.names.extend([("ghost".to_owned(), Value::at(0))]),
            ],
            &expect![[r#"
                conv: duplicate name; an earlier node has it
                "a..b": expected a name of letters, digits, `_`, `-`, `/` and `:`, in parts joined by single dots
                other: the stored names differ from the nodes' names
                ghost: the stored names differ from the nodes' names
            "#]],
        );
    }

    #[test]
    fn inputs() {
        check(
            &[
                |g| g.nodes[2].inputs = vec![Value::at(2)],
                |g| g.nodes[2].inputs = vec![Value::at(3)],
                |g| g.nodes[2].inputs = vec![Value::at(99)],
                |g| g.nodes[2].inputs.clear(),
                |g| g.nodes[2].op = Op::Input { channels: 8, rank: 1 },
                |g| g.nodes[0].inputs = vec![Value::at(0)],
            ],
            &expect![[r#"
                act: expected %2 to read earlier values, found %2
                act: expected %2 to read earlier values, found %3
                act: expected %2 to read earlier values, found %99
                act: activation: expected 1 input, found 0
                act: expected a model input without inputs of its own
                signal: expected %0 to read earlier values, found %0
            "#]],
        );
    }

    #[test]
    fn shapes() {
        check(
            &[
                |g| g.nodes[2].shape = [8, 21].into(),
                |g| g.nodes[0].shape = [4, 21].into(),
                |g| g.nodes[0].shape = [5, 20].into(),
                |g| g.nodes[0].shape = [4, 20, 20].into(),
                |g| g.nodes[3].inputs[1] = Value::at(0),
            ],
            &expect![[r#"
                act: expected the computed shape [N, 8, 20], found [N, 8, 21] stored
                conv: expected the computed shape [N, 8, 21], found [N, 8, 20] stored
                signal: expected 4 channels and rank 1, found [N, 5, 20]
                signal: expected 4 channels and rank 1, found [N, 4, 20, 20]
                sum: add of [N, 8, 20] and [N, 4, 20]: expected equal shapes, found [N, 8, 20] and [N, 4, 20]
            "#]],
        );
    }

    #[test]
    fn attributes() {
        check(
            &[
                |g| g.nodes[1].op = Op::Conv(Conv { groups: 3, ..Conv::new(8, 3) }),
                |g| g.nodes[1].op = Op::Conv(Conv::new(8, 0)),
                |g| g.nodes[1].op = Op::Conv(Conv::new(8, [1, 3])),
                |g| g.nodes[1].op = Op::Conv(Conv::new(8, [3, 3])),
            ],
            &expect![[r#"
                conv: conv of [N, 4, 20]: 4 input channels are not divisible by 3 groups
                conv: conv of [N, 4, 20]: kernel: expected at least 1, found 0
                conv: expected extents in normal form: equal numbers stored as one, `[1, k]` of a series as `k`
                conv: expected extents in normal form: equal numbers stored as one, `[1, k]` of a series as `k`
            "#]],
        );
    }

    #[test]
    fn outputs() {
        check(
            &[
                |g| g.outputs.clear(),
                |g| "early".clone_into(&mut g.outputs[0].name),
                |g| g.outputs[0].name.clear(),
                |g| g.outputs[0].value = Value::at(99),
            ],
            &expect![[r#"
                graph: expected at least one output, found none
                early: duplicate name; an earlier output has it
                "": expected a name of letters, digits, `_`, `-`, `/` and `:`, in parts joined by single dots
                features: expected a value of this graph, found %99
            "#]],
        );
    }
}
