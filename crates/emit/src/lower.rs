//! The analysis of a graph: from its nodes to a program.

use graph::{BatchNorm, Graph, Op};

use crate::function::{Function, Source, Step};
use crate::functions;
use crate::names::{self, Names};
use crate::program::{self, Ending, Entry, Program};
use crate::scopes::Tree;
use crate::variables::{Body, Context};

/// A batch norm that occurs at least this often has a name.
const NAMED_NORM: usize = 3;

/// The program that builds `graph`.
pub(crate) fn program(graph: &Graph) -> Program {
    let tree = Tree::new(graph);
    let functions = functions::functions(&tree);
    let names = Names::new(&tree, &functions);
    let norm = named_norm(graph, &functions);
    let takes_shape = names::has_one_input(graph);
    let context = Context { tree: &tree, functions: &functions, names: &names, norm, takes_shape };
    let others = reading_order(&functions).into_iter().map(|f| function(&context, f)).collect();
    Program { norm, entry: entry(&context), functions: others }
}

/// The batch norm other than torch's that most nodes have as a constant, if they are enough.
fn named_norm(graph: &Graph, functions: &[Function]) -> Option<BatchNorm> {
    let mut counts: Vec<(BatchNorm, usize)> = Vec::new();
    for function in functions {
        for step in &function.steps {
            let Step::Node { value, attributes, .. } = step else { continue };
            let Op::BatchNorm(norm) = graph.node(*value).op else { continue };
            let is_constant = attributes.iter().all(|source| matches!(source, Source::Constant(_)));
            if is_constant && norm != BatchNorm::default() {
                match counts.iter_mut().find(|(other, _)| *other == norm) {
                    Some((_, count)) => *count += function.groups.len(),
                    None => counts.push((norm, function.groups.len())),
                }
            }
        }
    }
    let (norm, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    if count >= NAMED_NORM { Some(norm) } else { None }
}

fn entry(context: &Context<'_, '_>) -> Entry {
    let graph = context.tree.graph;
    let mut body = Body::new(context, context.functions.len() - 1);
    body.add_steps(false);
    let returned = context.tree.groups.last().map_or(&[][..], |whole| &whole.outputs);
    let variables = body.outputs();
    let mut outputs = Vec::new();
    let mut shapes = Vec::new();
    for output in graph.outputs() {
        let position = returned.iter().position(|value| *value == output.value).unwrap_or(0);
        outputs.push((output.name.clone(), variables[position].clone()));
        shapes.push(format!("`{}`, `{}`", output.name, graph.node(output.value).shape));
    }
    let input = graph.inputs().next().map(|(_, node)| node.shape.to_string()).unwrap_or_default();
    let mut doc = format!("Maps `{input}` to {}.", shapes.join(" and "));
    if context.takes_shape {
        doc.push_str(" Accepts other input sizes.");
    }
    Entry { doc, takes_shape: context.takes_shape, statements: body.statements, outputs }
}

fn function(context: &Context<'_, '_>, index: usize) -> program::Function {
    let function = &context.functions[index];
    let mut body = Body::new(context, index);
    let ending = match body.add_steps(true) {
        Some(call) => Ending::Call(Box::new(call)),
        None => Ending::Values(body.outputs()),
    };
    let names = context.names.parameters[index].iter().cloned();
    program::Function {
        doc: document(context.tree, function),
        name: context.names.functions[index].clone(),
        parameters: names.zip(function.parameters.iter().map(|parameter| parameter.ty.clone())).collect(),
        results: function.outputs.len(),
        inputs: body.inputs,
        statements: body.statements,
        ending,
    }
}

/// The scopes that a function stands for.
fn document(tree: &Tree<'_>, function: &Function) -> String {
    let mut scopes: Vec<String> =
        function.groups.iter().map(|group| format!("`{}`", tree.groups[*group].scope)).collect();
    scopes.dedup();
    match scopes.as_slice() {
        [only] => format!("{only}."),
        [first @ .., last] if first.len() < 5 => format!("{} and {last}.", first.join(", ")),
        [first, second, rest @ ..] => format!("{first}, {second} and {} more.", rest.len()),
        [] => String::new(),
    }
}

/// All functions but the last, in the order in which a reader of the last meets them.
fn reading_order(functions: &[Function]) -> Vec<usize> {
    let entry = functions.len() - 1;
    let mut order = Vec::new();
    let mut waiting = vec![entry];
    while let Some(f) = waiting.pop() {
        if !order.contains(&f) {
            order.push(f);
            waiting.extend(functions[f].steps.iter().rev().filter_map(Step::callee));
        }
    }
    order.retain(|f| *f != entry);
    order
}
