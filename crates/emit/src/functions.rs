//! Runs of equal structure as one function, what differs between them as its parameters.

use std::collections::BTreeMap;

use graph::{Graph, Op};

use crate::frame::Frame;
use crate::literal::{Literal, Type};
use crate::operation;
use crate::scopes::Run;
use crate::structure::{Draft, Structure};

/// Neighbours that repeat at most so often are written one by one.
const UNROLLED: usize = 2;
/// Of a loop at most so many arguments change.
const COLUMNS: usize = 4;

/// What runs of equal structure have in common.
pub(crate) struct Function {
    /// The runs that it stands for, in order.
    pub(crate) runs: Vec<usize>,
    /// Number of values that it takes; the values of its steps are numbered on from there.
    pub(crate) inputs: usize,
    /// What it does.
    pub(crate) steps: Vec<Step>,
    /// The values that it returns.
    pub(crate) outputs: Vec<usize>,
    /// What differs between its runs.
    pub(crate) parameters: Vec<Parameter>,
}

pub(crate) struct Parameter {
    /// What it is, such as `channels`.
    pub(crate) word: String,
    /// Whose it is: the first node or function that it is handed to.
    pub(crate) label: String,
    pub(crate) of: Type,
    /// Its value for each run.
    pub(crate) values: Vec<Literal>,
}

/// A statement; the values that it gives follow those of the statements before.
pub(crate) enum Step {
    /// One operation; `node` is that of the first run.
    Node { name: String, node: usize, inputs: Vec<usize>, attributes: Vec<Source> },
    /// A call of the function of a run further down.
    Call { path: String, callee: usize, inputs: Vec<usize>, arguments: Vec<Source>, outputs: usize },
    /// Calls of one function, each with what the one before returned for its first input.
    Loop { start: usize, until: Until, callee: usize, inputs: Vec<usize>, arguments: Vec<Source> },
}

/// Where a loop ends.
pub(crate) enum Until {
    /// Before this number.
    End(Source),
    /// After these rows, which hold the arguments that change.
    Rows(Source, Vec<Type>),
}

/// Where an attribute or argument comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    Constant(Literal),
    /// A parameter of the function.
    Parameter(usize),
    /// The channels of a value, multiplied and divided.
    Width {
        of: usize,
        times: usize,
        over: usize,
    },
    /// A column of the loop's rows.
    Column(usize),
}

/// Node positions or runs that a step stands for.
pub(crate) type Parts = Vec<usize>;

/// A run and the parts of each of its steps.
pub(crate) type Member = (usize, Vec<Parts>);

/// The functions of `runs`, callees before callers; the last one is that of the whole graph.
pub(crate) fn functions(graph: &Graph, runs: &[Run]) -> Vec<Function> {
    let mut library = Library {
        graph,
        runs,
        callees: vec![0; runs.len()],
        arguments: vec![Vec::new(); runs.len()],
        functions: Vec::new(),
    };
    let highest = runs.iter().map(|run| run.height).max().unwrap_or(0);
    for height in 0..=highest {
        library.add((0..runs.len()).filter(|run| runs[*run].height == height));
    }
    library.functions
}

pub(crate) struct Library<'g> {
    pub(crate) graph: &'g Graph,
    pub(crate) runs: &'g [Run],
    /// The function of each run.
    pub(crate) callees: Vec<usize>,
    /// The arguments of each run's function.
    arguments: Vec<Vec<Literal>>,
    functions: Vec<Function>,
}

impl Library<'_> {
    /// Adds the functions of runs whose inner runs have theirs.
    fn add(&mut self, runs: impl Iterator<Item = usize>) {
        let mut shared: BTreeMap<Structure, usize> = BTreeMap::new();
        let mut groups: Vec<(Structure, Vec<Member>)> = Vec::new();
        for run in runs {
            let (structure, parts) = self.structure(run);
            let group = *shared.entry(structure.clone()).or_insert(groups.len());
            if group == groups.len() {
                groups.push((structure, Vec::new()));
            }
            groups[group].1.push((run, parts));
        }
        for (structure, members) in groups {
            let function = self.function(&structure, &members);
            for (i, (run, _)) in members.iter().enumerate() {
                self.callees[*run] = self.functions.len();
                let values = function.parameters.iter().map(|parameter| parameter.values[i].clone());
                self.arguments[*run] = values.collect();
            }
            self.functions.push(function);
        }
    }

    pub(crate) fn node(&self, node: usize) -> &graph::Node {
        let (_, node) = self.graph.nodes().nth(node).expect("a run holds nodes of its graph");
        node
    }

    pub(crate) fn node_inputs(&self, node: usize, local: &BTreeMap<usize, usize>) -> Vec<usize> {
        self.node(node).inputs.iter().map(|value| local[&value.index()]).collect()
    }

    /// The function of runs of one structure.
    fn function(&self, structure: &Structure, members: &[Member]) -> Function {
        let mut frame = Frame::new(self, structure, members);
        let mut steps = Vec::new();
        for (s, draft) in structure.steps.iter().enumerate() {
            frame.step = s;
            let parts: Vec<&Parts> = members.iter().map(|(_, parts)| &parts[s]).collect();
            match draft {
                Draft::Node { name, inputs, .. } => {
                    let inputs = frame.renumbered(inputs);
                    let attributes = self.attributes(name, &inputs, &parts, &mut frame);
                    steps.push(Step::Node { name: name.clone(), node: parts[0][0], inputs, attributes });
                    frame.add(parts.iter().map(|part| part[0]).collect());
                }
                Draft::Call { path, callee, inputs, outputs } => {
                    let runs: Vec<usize> = parts.iter().map(|part| part[0]).collect();
                    let inputs = frame.renumbered(inputs);
                    let arguments = self.passed(*callee, path, &inputs, &runs, &mut frame);
                    let (path, callee, outputs) = (path.clone(), *callee, *outputs);
                    steps.push(Step::Call { path, callee, inputs, arguments, outputs });
                    for output in 0..outputs {
                        frame.add(runs.iter().map(|run| self.runs[*run].outputs[output]).collect());
                    }
                }
                Draft::Chain { start, callee, inputs } => {
                    let inputs = frame.renumbered(inputs);
                    let count = parts[0].len();
                    let equal = parts.iter().all(|part| part.len() == count);
                    let columns = self.columns(*callee, &parts);
                    let wide = columns.len() > COLUMNS
                        || columns
                            .iter()
                            .any(|p| matches!(self.functions[*callee].parameters[*p].of, Type::Rows(_)));
                    if equal && (count <= UNROLLED || wide) {
                        self.unrolled(*start, *callee, inputs, &parts, &mut frame, &mut steps);
                    } else {
                        steps.push(self.repeated(*start, *callee, inputs, &parts, &columns, &mut frame));
                        frame.add(
                            parts.iter().map(|part| self.runs[part[part.len() - 1]].outputs[0]).collect(),
                        );
                    }
                }
            }
        }
        Function {
            runs: members.iter().map(|(run, _)| *run).collect(),
            inputs: structure.inputs,
            steps,
            outputs: frame.renumbered(&structure.outputs),
            parameters: frame.parameters,
        }
    }

    /// A chain as one call after the other.
    fn unrolled(
        &self,
        start: usize,
        callee: usize,
        mut inputs: Vec<usize>,
        parts: &[&Parts],
        frame: &mut Frame<'_>,
        steps: &mut Vec<Step>,
    ) {
        let count = parts[0].len();
        for i in 0..count {
            let runs: Vec<usize> = parts.iter().map(|part| part[i]).collect();
            let path = (start + i).to_string();
            let arguments = self.passed(callee, &path, &inputs, &runs, frame);
            steps.push(Step::Call { path, callee, inputs: inputs.clone(), arguments, outputs: 1 });
            let results = runs.iter().map(|run| self.runs[*run].outputs[0]).collect();
            if i + 1 < count {
                inputs[0] = frame.add_between(results);
            } else {
                frame.add(results);
            }
        }
    }

    fn attributes(
        &self,
        name: &str,
        inputs: &[usize],
        parts: &[&Parts],
        frame: &mut Frame<'_>,
    ) -> Vec<Source> {
        let each: Vec<_> = parts.iter().map(|part| operation::attributes(&self.node(part[0]).op)).collect();
        let is_depthwise = |part: &&Parts| {
            let node = self.node(part[0]);
            let channels = node.inputs.first().map(|x| self.graph.node(*x).shape.channels);
            matches!(&node.op, Op::Conv(conv) if Some(conv.groups) == channels && conv.out == conv.groups)
        };
        frame.depthwise = parts.iter().all(is_depthwise);
        let field = |i: usize| {
            let values = each.iter().map(|attributes| attributes[i].1.clone()).collect();
            frame.source(each[0][i].0, name, inputs.first().copied(), values)
        };
        (0..each[0].len()).map(field).collect()
    }

    /// What a call hands on to `callee`, which stands for these runs.
    fn passed(
        &self,
        callee: usize,
        path: &str,
        inputs: &[usize],
        runs: &[usize],
        frame: &mut Frame<'_>,
    ) -> Vec<Source> {
        frame.depthwise = false;
        let parameters = self.functions[callee].parameters.iter().enumerate();
        let source = |(p, parameter): (usize, &Parameter)| {
            let values = runs.iter().map(|run| self.arguments[*run][p].clone()).collect();
            let label = if number_of(path).is_some() { &parameter.label } else { path };
            frame.source(&parameter.word, label, inputs.first().copied(), values)
        };
        parameters.map(source).collect()
    }

    /// The parameters of `callee` that change along a chain.
    fn columns(&self, callee: usize, parts: &[&Parts]) -> Vec<usize> {
        let changes = |p: &usize| {
            let first = |part: &Parts| &self.arguments[part[0]][*p];
            parts.iter().any(|part| part.iter().any(|run| &self.arguments[*run][*p] != first(part)))
        };
        (0..self.functions[callee].parameters.len()).filter(changes).collect()
    }

    /// A chain as a loop.
    fn repeated(
        &self,
        start: usize,
        callee: usize,
        inputs: Vec<usize>,
        parts: &[&Parts],
        columns: &[usize],
        frame: &mut Frame<'_>,
    ) -> Step {
        let parameters = &self.functions[callee].parameters;
        let arguments = parameters.iter().enumerate().map(|(p, parameter)| {
            match columns.iter().position(|column| *column == p) {
                Some(column) => Source::Column(column),
                None => {
                    let values = parts.iter().map(|part| self.arguments[part[0]][p].clone()).collect();
                    frame.source(&parameter.word, &parameter.label, None, values)
                }
            }
        });
        let arguments = arguments.collect();
        let label = format!("from_{start}");
        let until = if columns.is_empty() {
            let ends = parts.iter().map(|part| Literal::Count(start + part.len())).collect();
            Until::End(frame.source("depth", &label, None, ends))
        } else {
            let row = |run: &usize| columns.iter().map(|p| self.arguments[*run][*p].clone()).collect();
            let rows = parts.iter().map(|part| Literal::Rows(part.iter().map(row).collect())).collect();
            let word = match columns {
                [column] => plural(&parameters[*column].word),
                _ => "rows".to_owned(),
            };
            let types = columns.iter().map(|p| parameters[*p].of.clone()).collect();
            Until::Rows(frame.source(&word, &label, None, rows), types)
        };
        Step::Loop { start, until, callee, inputs, arguments }
    }
}

fn plural(word: &str) -> String {
    if word.ends_with('s') { word.to_owned() } else { format!("{word}s") }
}

/// The number that a name is, written as numbers are.
pub(crate) fn number_of(name: &str) -> Option<usize> {
    name.parse().ok().filter(|n: &usize| n.to_string() == name)
}

/// Whether a graph's only input is its first node, so that its shape can be an argument.
pub(crate) fn has_one_input(graph: &Graph) -> bool {
    let mut inputs = graph.inputs();
    let first = inputs.next();
    first.is_some_and(|(value, node)| value.index() == 0 && !node.name.contains('.'))
        && inputs.next().is_none()
        && graph.nodes().next().is_some_and(|(_, node)| matches!(node.op, Op::Input { .. }))
}
