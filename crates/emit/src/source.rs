//! The emitted file.

use std::ops::Range;

use graph::{BatchNorm, Graph, Node, Op};

use crate::body::Body;
use crate::functions::{self, Function, Step};
use crate::layout::{import, signature};
use crate::names;
use crate::scopes::{self, Run};

/// Names of `graph` that emitted files import where they use them.
const IMPORTS: [&str; 19] = [
    "Activation",
    "BatchNorm",
    "BuildError",
    "Conv",
    "ConvTranspose",
    "Crop",
    "DropUnit",
    "Extent",
    "Graph",
    "GroupNorm",
    "Linear",
    "Op",
    "Padding",
    "Pool",
    "Scope",
    "Shape",
    "TimeStep",
    "UpsampleMode",
    "Value",
];

/// Functions with the names of their parameters.
pub(crate) struct Names<'e> {
    pub(crate) graph: &'e Graph,
    pub(crate) functions: &'e [Function],
    pub(crate) names: Vec<String>,
    pub(crate) parameters: Vec<Vec<String>>,
    takes_shape: bool,
    /// The batch norm that stands so often that it has a name, [`NORM`].
    pub(crate) norm: Option<BatchNorm>,
}

/// The name of a batch norm that stands often.
pub(crate) const NORM: &str = "NORM";

impl<'e> Names<'e> {
    fn new(graph: &'e Graph, runs: &[Run], functions: &'e [Function]) -> Self {
        let names = names::functions(graph, runs, functions);
        let mut parameters: Vec<Vec<String>> = Vec::new();
        for function in functions {
            parameters.push(names::parameters(function, &names, &parameters));
        }
        let takes_shape = functions::has_one_input(graph);
        Self { graph, functions, names, parameters, takes_shape, norm: frequent(graph) }
    }

    pub(crate) fn node(&self, node: usize) -> &Node {
        let (_, node) = self.graph.nodes().nth(node).expect("a function holds nodes of its graph");
        node
    }

    /// Whether the input of the whole graph has the shape that its function is given.
    pub(crate) fn takes_shape(&self, function: &Function) -> bool {
        self.takes_shape && self.is_whole(function)
    }

    /// Whether these values, the last ones, are all that the function returns.
    pub(crate) fn is_tail(&self, function: &Function, values: Range<usize>) -> bool {
        !self.is_whole(function) && values.eq(function.outputs.iter().copied())
    }

    fn is_whole(&self, function: &Function) -> bool {
        self.functions.last().is_some_and(|whole| std::ptr::eq(whole, function))
    }
}

pub(crate) fn source(graph: &Graph, name: &str, command: &str) -> String {
    let runs = scopes::runs(graph);
    let functions = functions::functions(graph, &runs);
    let names = Names::new(graph, &runs, &functions);
    let mut code = whole(&names);
    for f in order(&functions) {
        code.push_str(&function(&names, &runs, f));
    }
    let norm = names.norm.filter(|_| code.contains(", NORM)"));
    let norm = norm.map_or_else(String::new, |BatchNorm { eps, momentum, affine }| {
        let value = format!("BatchNorm {{ eps: {eps:?}, momentum: {momentum:?}, affine: {affine} }}");
        format!("/// The batch norm of all convolutions but those that say otherwise.\nconst {NORM}: BatchNorm = {value};\n\n")
    });
    let code = norm + &code;
    let head = format!("//! Made by `{command}`, and yours to change: {name}.\n\n");
    head + &imports(&code) + "\n" + &code
}

/// The batch norm that is not torch's and stands at least three times, most often of all.
fn frequent(graph: &Graph) -> Option<BatchNorm> {
    let norms = || {
        graph
            .nodes()
            .filter_map(|(_, node)| if let Op::BatchNorm(norm) = node.op { Some(norm) } else { None })
    };
    let count = |norm: &BatchNorm| norms().filter(|other| other == norm).count();
    let other = norms().filter(|norm| *norm != BatchNorm::default());
    other
        .map(|norm| (count(&norm), norm))
        .filter(|(count, _)| *count > 2)
        .max_by_key(|(count, _)| *count)
        .map(|(_, norm)| norm)
}

/// `pub fn graph`.
fn whole(names: &Names<'_>) -> String {
    let f = names.functions.len() - 1;
    let mut body = Body::new(names, f, 8);
    let outputs = names.graph.outputs();
    let mut given: Vec<graph::Value> = outputs.iter().map(|output| output.value).collect();
    given.sort_unstable();
    given.dedup();
    let calls = |values: &[String]| {
        let value = |output: &graph::Output| {
            // What the whole graph gives out, in order of computation.
            let before = given.iter().position(|value| *value == output.value);
            &values[before.unwrap_or(0)]
        };
        let mut lines = String::new();
        for (i, output) in outputs.iter().enumerate() {
            let end = if i + 1 == outputs.len() { "" } else { "?;" };
            lines.push_str(&format!("        g.output({:?}, {}){end}\n", output.name, value(output)));
        }
        lines
    };
    let lines = body.lines(calls);
    let shape = names.graph.inputs().next().map(|(_, node)| node.shape.to_string()).unwrap_or_default();
    let what = outputs.iter().map(|output| {
        let shape = &names.node(output.value.index()).shape;
        format!("`{}`, `{shape}`", output.name)
    });
    let what = what.collect::<Vec<_>>().join(" and ");
    let parameter = if names.takes_shape { "input: impl Into<Shape>" } else { "" };
    let size = if names.takes_shape { "; the size of the input may be another" } else { "" };
    let doc = format!("/// From `{shape}` to {what}{size}.\n");
    format!(
        "{doc}///\n/// # Errors\n/// Names the node that is at fault.\npub fn graph({parameter}) -> Result<Graph, BuildError> {{\n    Graph::build(|g| {{\n{lines}    }})\n}}\n"
    )
}

fn function(names: &Names<'_>, runs: &[Run], f: usize) -> String {
    let function = &names.functions[f];
    let mut body = Body::new(names, f, 4);
    let lines = body.lines(|values| match values {
        [] => "    Ok(())\n".to_owned(),
        [value] => format!("    Ok({value})\n"),
        values => format!("    Ok([{}])\n", values.join(", ")),
    });
    let mut parameters = vec!["g: Scope<'_>".to_owned()];
    for (value, name) in body.inputs().iter().enumerate() {
        let is_changed = body.changed.contains(&value);
        parameters.push(format!("{}{name}: Value", if is_changed { "mut " } else { "" }));
    }
    let own = names.parameters[f].iter().zip(&function.parameters);
    parameters.extend(own.map(|(name, parameter)| format!("{name}: {}", parameter.of)));
    let allow = if parameters.len() > 7 {
        "#[allow(clippy::too_many_arguments, reason = \"as many numbers differ\")]\n"
    } else {
        ""
    };
    let result = match function.outputs.len() {
        0 => "Result<(), BuildError>".to_owned(),
        1 => "Result<Value, BuildError>".to_owned(),
        n => format!("Result<[Value; {n}], BuildError>"),
    };
    let doc = document(runs, function);
    format!("\n{doc}{allow}{}{lines}}}\n", signature(&names.names[f], &parameters, &result))
}

/// Where in the name tree a function stands.
fn document(runs: &[Run], function: &Function) -> String {
    let mut scopes: Vec<&str> = function.runs.iter().map(|run| runs[*run].scope.as_str()).collect();
    scopes.dedup();
    let quoted =
        |scopes: &[&str]| scopes.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(", ");
    match scopes.as_slice() {
        [first @ .., last] if first.len() < 5 && !first.is_empty() => {
            format!("/// {} and `{last}`.\n", quoted(first))
        }
        [first, second, rest @ ..] => format!("/// {} and {} more.\n", quoted(&[first, second]), rest.len()),
        scopes => format!("/// {}.\n", quoted(scopes)),
    }
}

/// All functions but the last, in the order in which a reader of the last meets them.
fn order(functions: &[Function]) -> Vec<usize> {
    let mut order = Vec::new();
    let mut waiting = vec![functions.len() - 1];
    while let Some(f) = waiting.pop() {
        if order.contains(&f) {
            continue;
        }
        order.push(f);
        let callees = functions[f].steps.iter().rev().filter_map(|step| match step {
            Step::Node { .. } => None,
            Step::Call { callee, .. } | Step::Loop { callee, .. } => Some(*callee),
        });
        waiting.extend(callees);
    }
    order.split_off(1)
}

/// What the code uses of `graph`.
fn imports(code: &str) -> String {
    let mut words = std::collections::BTreeSet::new();
    for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
        // What stands between quotes is a name of the graph.
        for code in line.split('"').step_by(2) {
            let inner = code.replace("::", ": :"); // a word after a path is a part of it
            let words_of = inner.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':');
            words.extend(
                words_of
                    .filter(|word| !word.starts_with(':'))
                    .map(|word| word.trim_end_matches(':').to_owned()),
            );
        }
    }
    let used: Vec<&str> = IMPORTS.into_iter().filter(|name| words.contains(*name)).collect();
    import("graph", &used)
}
