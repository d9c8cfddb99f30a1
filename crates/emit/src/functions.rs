//! Groups of equal structure as one function, with what differs between them as its parameters.

use std::collections::BTreeMap;

use graph::{Op, Value};

use crate::attributes;
use crate::builder::FunctionBuilder;
use crate::function::{Function, Parameter, Source, Step, Until};
use crate::literal::{Literal, Type};
use crate::scopes::{Group, Tree};
use crate::structure::{Part, Sketch, Structure, number_of};

/// Sequences of at most this many calls are written without a loop.
const UNROLLED: usize = 2;
/// Largest number of arguments that change along a loop.
const COLUMNS: usize = 4;

/// A group and its part behind each step of the structure.
type Member = (usize, Vec<Part>);

/// The functions of all groups, callees before callers; the last one is the whole graph's.
pub(crate) fn functions(tree: &Tree<'_>) -> Vec<Function> {
    let groups = tree.groups.len();
    let mut library = Library {
        tree,
        callees: vec![0; groups],
        arguments: vec![Vec::new(); groups],
        functions: Vec::new(),
    };
    let highest = tree.groups.iter().map(|group| group.height).max().unwrap_or(0);
    for height in 0..=highest {
        library.add_level(height);
    }
    library.functions
}

struct Library<'t, 'g> {
    tree: &'t Tree<'g>,
    /// The function of each group.
    callees: Vec<usize>,
    /// The arguments of each group's function.
    arguments: Vec<Vec<Literal>>,
    functions: Vec<Function>,
}

/// Calls of one function, each with the result of the one before as first input.
struct Calls<'p> {
    path: &'p str,
    callee: usize,
    inputs: Vec<usize>,
    /// Number of results of each call.
    outputs: usize,
    /// The called groups, in each group that contains the calls.
    links: Vec<&'p [usize]>,
}

impl<'g> Library<'_, 'g> {
    /// Adds the functions of the groups of this height; those below have theirs.
    fn add_level(&mut self, height: usize) {
        let mut shared: BTreeMap<Structure, usize> = BTreeMap::new();
        let mut families: Vec<(Structure, Vec<Member>)> = Vec::new();
        for (index, group) in self.tree.groups.iter().enumerate() {
            if group.height != height {
                continue;
            }
            let (structure, parts) = Structure::of(self.tree, &self.callees, group);
            let family = *shared.entry(structure.clone()).or_insert(families.len());
            if family == families.len() {
                families.push((structure, Vec::new()));
            }
            families[family].1.push((index, parts));
        }
        for (structure, members) in families {
            let function = self.function(&structure, &members);
            for (m, (group, _)) in members.iter().enumerate() {
                self.callees[*group] = self.functions.len();
                let values = function.parameters.iter().map(|parameter| parameter.values[m].clone());
                self.arguments[*group] = values.collect();
            }
            self.functions.push(function);
        }
    }

    /// The function of groups of one structure.
    fn function(&self, structure: &Structure, members: &[Member]) -> Function {
        let groups: Vec<usize> = members.iter().map(|(group, _)| *group).collect();
        let inputs = (0..structure.inputs).map(|i| self.values_of(&groups, |group| group.inputs[i]));
        let mut builder = FunctionBuilder::new(self.tree.graph, structure, inputs.collect());
        let mut steps = Vec::new();
        for (s, sketch) in structure.steps.iter().enumerate() {
            builder.step = s;
            let parts: Vec<&Part> = members.iter().map(|(_, parts)| &parts[s]).collect();
            match sketch {
                Sketch::Node { name, inputs, .. } => {
                    let values = nodes_of(&parts);
                    let inputs = builder.renumbered(inputs);
                    let attributes = self.attributes(name, &inputs, &values, &mut builder);
                    steps.push(Step::Node { name: name.clone(), value: values[0], inputs, attributes });
                    builder.add(values);
                }
                Sketch::Calls { path, callee, inputs, outputs } => {
                    let inputs = builder.renumbered(inputs);
                    let (callee, outputs, links) = (*callee, *outputs, links_of(&parts));
                    self.add_calls(Calls { path, callee, inputs, outputs, links }, &mut builder, &mut steps);
                }
            }
        }
        let outputs = builder.renumbered(&structure.outputs);
        Function { groups, inputs: structure.inputs, steps, outputs, parameters: builder.parameters }
    }

    /// A value of each of these groups.
    fn values_of(&self, groups: &[usize], value: impl Fn(&Group) -> Value) -> Vec<Value> {
        groups.iter().map(|group| value(&self.tree.groups[*group])).collect()
    }

    fn attributes(
        &self,
        name: &str,
        inputs: &[usize],
        nodes: &[Value],
        builder: &mut FunctionBuilder<'g>,
    ) -> Vec<Source> {
        let graph = self.tree.graph;
        let each: Vec<_> = nodes.iter().map(|value| attributes::attributes(&graph.node(*value).op)).collect();
        builder.is_depthwise = nodes.iter().all(|value| self.is_depthwise(*value));
        let mut sources = Vec::new();
        for (i, (word, _)) in each[0].iter().enumerate() {
            let values = each.iter().map(|attributes| attributes[i].1.clone()).collect();
            sources.push(builder.source(word, name, inputs.first().copied(), values));
        }
        sources
    }

    fn is_depthwise(&self, value: Value) -> bool {
        let node = self.tree.graph.node(value);
        let channels = node.inputs.first().map(|x| self.tree.graph.node(*x).shape.channels);
        matches!(&node.op, Op::Conv(conv) if Some(conv.groups) == channels && conv.out == conv.groups)
    }

    /// The arguments of a call of `callee` that stands for these groups.
    fn passed(
        &self,
        callee: usize,
        path: &str,
        inputs: &[usize],
        groups: &[usize],
        builder: &mut FunctionBuilder<'g>,
    ) -> Vec<Source> {
        builder.is_depthwise = false;
        let mut sources = Vec::new();
        for (p, parameter) in self.functions[callee].parameters.iter().enumerate() {
            let values = groups.iter().map(|group| self.arguments[*group][p].clone()).collect();
            let is_numbered = number_of(path).is_some();
            let label = if is_numbered { &parameter.label } else { path };
            sources.push(builder.source(&parameter.word, label, inputs.first().copied(), values));
        }
        sources
    }

    /// Adds calls one after the other or as a loop.
    fn add_calls(&self, calls: Calls<'_>, builder: &mut FunctionBuilder<'g>, steps: &mut Vec<Step>) {
        let count = calls.links[0].len();
        let is_equally_long = calls.links.iter().all(|links| links.len() == count);
        let columns = self.changing_parameters(&calls);
        let parameters = &self.functions[calls.callee].parameters;
        let has_rows = columns.iter().any(|p| matches!(parameters[*p].ty, Type::Rows(_)));
        if is_equally_long && (count <= UNROLLED || columns.len() > COLUMNS || has_rows) {
            self.unroll(calls, builder, steps);
            return;
        }
        let last: Vec<usize> = calls.links.iter().map(|links| links[links.len() - 1]).collect();
        steps.push(self.repeat(calls, &columns, builder));
        builder.add(self.values_of(&last, |group| group.outputs[0]));
    }

    /// The parameters of the called function that change from call to call.
    fn changing_parameters(&self, calls: &Calls<'_>) -> Vec<usize> {
        let changes = |p: &usize| {
            calls.links.iter().any(|links| {
                let first = &self.arguments[links[0]][*p];
                links.iter().any(|group| self.arguments[*group][*p] != *first)
            })
        };
        (0..self.functions[calls.callee].parameters.len()).filter(changes).collect()
    }

    /// Adds one call after the other.
    fn unroll(&self, calls: Calls<'_>, builder: &mut FunctionBuilder<'g>, steps: &mut Vec<Step>) {
        let Calls { path, callee, mut inputs, outputs, links } = calls;
        let count = links[0].len();
        for i in 0..count {
            let groups: Vec<usize> = links.iter().map(|links| links[i]).collect();
            let path = number_of(path).map_or_else(|| path.to_owned(), |start| (start + i).to_string());
            let arguments = self.passed(callee, &path, &inputs, &groups, builder);
            steps.push(Step::Call { path, callee, inputs: inputs.clone(), arguments, outputs });
            for output in 0..outputs {
                let results = self.values_of(&groups, |group| group.outputs[output]);
                if i + 1 < count {
                    inputs[0] = builder.add_between(results);
                } else {
                    builder.add(results);
                }
            }
        }
    }

    /// Calls as a loop, in which the parameters `columns` change.
    fn repeat(&self, calls: Calls<'_>, columns: &[usize], builder: &mut FunctionBuilder<'g>) -> Step {
        let Calls { path, callee, inputs, links, .. } = calls;
        let start = number_of(path).unwrap_or(0);
        let parameters = &self.functions[callee].parameters;
        let mut arguments = Vec::new();
        for (p, parameter) in parameters.iter().enumerate() {
            if let Some(column) = columns.iter().position(|column| *column == p) {
                arguments.push(Source::Column(column));
            } else {
                let values = links.iter().map(|links| self.arguments[links[0]][p].clone()).collect();
                arguments.push(builder.source(&parameter.word, &parameter.label, None, values));
            }
        }
        let label = format!("from_{start}");
        let until = if columns.is_empty() {
            let ends = links.iter().map(|links| Literal::Count(start + links.len())).collect();
            Until::End(builder.source("depth", &label, None, ends))
        } else {
            let rows = links.iter().map(|links| self.rows(links, columns)).collect();
            let word = rows_word(parameters, columns);
            let types = columns.iter().map(|p| parameters[*p].ty.clone()).collect();
            Until::Rows(builder.source(&word, &label, None, rows), types)
        };
        Step::Loop { start, until, callee, inputs, arguments }
    }

    /// The arguments in these columns of a row of groups.
    fn rows(&self, groups: &[usize], columns: &[usize]) -> Literal {
        let row = |group: &usize| columns.iter().map(|p| self.arguments[*group][*p].clone()).collect();
        Literal::Rows(groups.iter().map(row).collect())
    }
}

/// The word for rows of these parameters: a plural, if there is one column.
fn rows_word(parameters: &[Parameter], columns: &[usize]) -> String {
    let [column] = columns else { return "rows".to_owned() };
    let word = &parameters[*column].word;
    if word.ends_with('s') { word.clone() } else { format!("{word}s") }
}

/// The nodes that parts are.
fn nodes_of(parts: &[&Part]) -> Vec<Value> {
    parts.iter().filter_map(|part| if let Part::Node(value) = part { Some(*value) } else { None }).collect()
}

/// The groups that parts are.
fn links_of<'p>(parts: &[&'p Part]) -> Vec<&'p [usize]> {
    parts
        .iter()
        .filter_map(|part| if let Part::Groups(groups) = part { Some(groups.as_slice()) } else { None })
        .collect()
}
