//! Parts of graphs: cut out of one graph and included in another.

use std::collections::BTreeSet;

use crate::{BuildError, ErrorKind, Graph, Node, Op, Scope, Shape, Table, Value, listed, quoted};

impl Graph {
    /// The part of the graph up to a node: its only output is the node's value, and nodes that this value does not
    /// depend on are left out. Names are kept, so that the whole graph's weights match
    /// ([`Weights::for_graph`](crate::Weights::for_graph)).
    ///
    /// `name` is the name of a node, of an output, or of a scope, which stands for its last node. The output is called
    /// `name`.
    ///
    /// ```
    /// use graph::{Activation, Conv, Graph, Weights};
    /// let classifier = Graph::build(|g| {
    ///     let x = g.input("image", [3, 32, 32])?;
    ///     let x = g.conv("layer1.conv", x, Conv { stride: 2.into(), ..Conv::new(16, 3) })?;
    ///     let x = g.activation("layer1.relu", x, Activation::Relu)?;
    ///     let x = g.flatten("flatten", g.global_mean("pool", x)?)?;
    ///     g.output("logits", g.linear("fc", x, 10)?)
    /// })?;
    /// let encoder = classifier.until("layer1")?;
    /// assert_eq!(*encoder.output_shape(), [16, 16, 16].into());
    ///
    /// let weights = Weights::initial(&classifier, 0).for_graph(&encoder);
    /// assert!(weights.compare(&encoder).is_exact());
    ///
    /// let error = classifier.until("layer2").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "graph: expected the name of a node, a scope or an output, found `layer2`; \
    ///      the graph has image, layer1, pool, flatten, fc",
    /// );
    /// # Ok::<(), graph::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// If no node, output or scope has this name.
    pub fn until(&self, name: &str) -> Result<Self, BuildError> {
        self.with_outputs([name])
    }

    /// The part of the graph that computes several nodes, such as the features of an encoder at several levels. Each
    /// is an output; the first is the main one. Otherwise the same as [`Graph::until`].
    ///
    /// ```
    /// # fn levels(graph: &graph::Graph) -> Result<graph::Graph, graph::BuildError> {
    /// graph.with_outputs(["layer1", "layer2", "layer3"])
    /// # }
    /// ```
    ///
    /// # Errors
    /// If a name does not exist or occurs twice, or if no names are given.
    pub fn with_outputs(&self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, BuildError> {
        let mut outputs = Vec::new();
        for name in names {
            let value = self.value_of(name.as_ref())?;
            outputs.push((name.as_ref().to_owned(), value));
        }
        let mut is_needed = Table::from_fn(self, |_, _| false);
        for (_, value) in &outputs {
            is_needed[*value] = true;
        }
        for (value, node) in self.nodes().rev() {
            if is_needed[value] {
                for input in &node.inputs {
                    is_needed[*input] = true;
                }
            }
        }
        let mut part = Self::default();
        let mut moved: Table<Option<Value>> = Table::from_fn(self, |_, _| None);
        for (value, node) in self.nodes() {
            if is_needed[value] {
                let inputs = node.inputs.iter().filter_map(|input| moved[*input]).collect();
                moved[value] = Some(part.add(Node { inputs, ..node.clone() })?);
            }
        }
        for (name, value) in outputs {
            part.add_output(name, moved[value].expect("the nodes of all outputs were added"))?;
        }
        part.complete()
    }

    /// The same graph with further outputs after its own. Each is named by a node, a scope or an output, as in
    /// [`Graph::until`].
    ///
    /// # Errors
    /// If a name does not exist, or if an output has it already.
    pub fn with_further_outputs(
        &self,
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, BuildError> {
        let mut graph = self.clone();
        for name in names {
            let value = self.value_of(name.as_ref())?;
            graph.add_output(name.as_ref().to_owned(), value)?;
        }
        Ok(graph)
    }

    /// The nodes called `name` or below it, in order of computation: those of `layer1.0.conv1` and of all of `layer1`,
    /// but not of `layer10`. An empty name means all nodes.
    ///
    /// # Errors
    /// If there are no such nodes. The message lists the names of the graph's nodes and scopes.
    pub fn nodes_below(&self, name: &str) -> Result<Vec<Value>, BuildError> {
        if name.is_empty() {
            return Ok(self.nodes().map(|(value, _)| value).collect());
        }
        let below = self.nodes().filter(|(_, node)| is_below(&node.name, name));
        let values: Vec<Value> = below.map(|(value, _)| value).collect();
        if values.is_empty() { Err(self.unknown("a node or a scope", name)) } else { Ok(values) }
    }

    /// The value of the node or output called `name`, or of the last node of the scope.
    fn value_of(&self, name: &str) -> Result<Value, BuildError> {
        if let Some(value) = self.find(name) {
            return Ok(value);
        }
        if let Some(output) = self.outputs().iter().find(|output| output.name == name) {
            return Ok(output.value);
        }
        let last = self.nodes().rev().find(|(_, node)| !name.is_empty() && is_below(&node.name, name));
        last.map(|(value, _)| value).ok_or_else(|| self.unknown("a node, a scope or an output", name))
    }

    /// The error for a name that does not exist. Lists the names in the innermost scope that exists.
    fn unknown(&self, expected: &str, name: &str) -> BuildError {
        let mut scope = name;
        let mut names = self.names_in(scope);
        while names.is_empty() && !scope.is_empty() {
            scope = scope.rsplit_once('.').map_or("", |(scope, _)| scope);
            names = self.names_in(scope);
        }
        let place = if scope.is_empty() { "the graph".to_owned() } else { quoted(scope) };
        let found = quoted(name);
        let message =
            format!("expected the name of {expected}, found {found}; {place} has {}", listed(&names));
        BuildError::new("graph", ErrorKind::Name, message)
    }

    /// The names of the nodes and scopes in a scope, in order of computation; the empty scope is the whole graph.
    fn names_in(&self, scope: &str) -> Vec<&str> {
        let mut known = BTreeSet::new();
        let mut names = Vec::new();
        for (_, node) in self.nodes() {
            let inner = if scope.is_empty() { Some(node.name.as_str()) } else { rest(&node.name, scope) };
            let first = inner.and_then(|inner| inner.split('.').next());
            if let Some(name) = first
                && known.insert(name)
            {
                names.push(name);
            }
        }
        names
    }
}

impl Scope<'_> {
    /// Adds the nodes of a graph below this scope, with `inputs` in place of its inputs, and returns the values of its
    /// outputs. Together with [`Graph::with_outputs`], any model can be the encoder of another. The graph's weights,
    /// [below](crate::Weights::below) the scope's name, are those of the new nodes.
    ///
    /// ```
    /// use graph::{Activation, Conv, Graph, Weights};
    /// let encoder = Graph::build(|g| {
    ///     let x = g.input("image", [3, 32, 32])?;
    ///     g.output("features", g.conv("conv", x, Conv::new(16, 3))?)
    /// })?;
    /// // The size of the input may differ.
    /// let model = Graph::build(|g| {
    ///     let x = g.input("photo", [3, 48, 64])?;
    ///     let features = (g / "encoder").include(&encoder, &[x])?;
    ///     g.output("mask", g.conv("head", features[0], Conv::new(2, 1))?)
    /// })?;
    /// let weights = Weights::initial(&encoder, 0).below("encoder");
    /// assert_eq!(weights.compare(&model).missing, ["head.weight"]);
    /// # Ok::<(), graph::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// If the graph does not accept inputs of these shapes, or if a name is taken.
    pub fn include(self, graph: &Graph, inputs: &[Value]) -> Result<Vec<Value>, BuildError> {
        let shapes: Vec<Shape> = inputs.iter().map(|input| self.shape(*input)).collect();
        graph.shapes_for(&shapes)?;
        let mut inputs = inputs.iter().copied();
        let mut added: Table<Value> = Table::new();
        for (_, node) in graph.nodes() {
            let value = if let Op::Input { .. } = node.op {
                inputs.next().expect("there are as many inputs as shapes")
            } else {
                let inputs: Vec<Value> = node.inputs.iter().map(|input| added[*input]).collect();
                self.op(&node.name, node.op.clone(), &inputs)?
            };
            added.push(value);
        }
        Ok(graph.outputs().iter().map(|output| added[output.value]).collect())
    }
}

/// Whether `name` is `scope` or below it.
fn is_below(name: &str, scope: &str) -> bool {
    name == scope || rest(name, scope).is_some()
}

/// The part of a name below `scope`.
fn rest<'n>(name: &'n str, scope: &str) -> Option<&'n str> {
    name.strip_prefix(scope)?.strip_prefix('.')
}
