//! Runs of equal structure as one function, what differs between them as its parameters.

use std::collections::BTreeMap;

use graph::{Graph, Op};

use crate::literal::{Literal, Type};
use crate::operation;
use crate::scopes::{Item, Run};

/// Neighbours that repeat at most so often are written one by one.
const UNROLLED: usize = 2;

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
    /// A column of the loop's rows.
    Column(usize),
}

/// The structure of a run: equal for those that share a function.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Structure {
    inputs: usize,
    steps: Vec<Draft>,
    outputs: Vec<usize>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Draft {
    Node {
        name: String,
        kind: String,
        inputs: Vec<usize>,
    },
    Call {
        path: String,
        callee: usize,
        inputs: Vec<usize>,
        outputs: usize,
    },
    /// One or more calls, numbered from `start`, in a chain.
    Chain {
        start: usize,
        callee: usize,
        inputs: Vec<usize>,
    },
}

/// Node positions or runs that a step stands for.
type Parts = Vec<usize>;

/// A run and the parts of each of its steps.
type Member = (usize, Vec<Parts>);

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

struct Library<'g> {
    graph: &'g Graph,
    runs: &'g [Run],
    /// The function of each run.
    callees: Vec<usize>,
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

    fn structure(&self, run: usize) -> (Structure, Vec<Parts>) {
        let run = &self.runs[run];
        let mut local: BTreeMap<usize, usize> = BTreeMap::new();
        for value in &run.inputs {
            local.insert(*value, local.len());
        }
        let (mut steps, mut parts) = (Vec::new(), Vec::new());
        let mut items = run.items.as_slice();
        while let [item, rest @ ..] = items {
            items = rest;
            match item {
                Item::Node(name, node) => {
                    let (value, inputs) = (self.node(*node), self.node_inputs(*node, &local));
                    steps.push(Draft::Node { name: name.clone(), kind: operation::kind(value), inputs });
                    local.insert(*node, local.len());
                    parts.push(vec![*node]);
                }
                Item::Run(first) => {
                    let chain = self.chain(*first, items);
                    items = &items[chain.len() - 1..];
                    let inner = &self.runs[*first];
                    let inputs = inner.inputs.iter().map(|value| local[value]).collect();
                    let callee = self.callees[*first];
                    let outputs = &self.runs[chain[chain.len() - 1]].outputs;
                    steps.push(
                        match number(inner).filter(|_| outputs.len() == 1 && !inner.inputs.is_empty()) {
                            Some(start) => Draft::Chain { start, callee, inputs },
                            None => Draft::Call {
                                path: inner.path.clone(),
                                callee,
                                inputs,
                                outputs: outputs.len(),
                            },
                        },
                    );
                    for value in outputs {
                        local.insert(*value, local.len());
                    }
                    parts.push(chain);
                }
            }
        }
        let outputs = run.outputs.iter().map(|value| local[value]).collect();
        (Structure { inputs: run.inputs.len(), steps, outputs }, parts)
    }

    /// `first` and the runs after it that go on with what the one before returned.
    fn chain(&self, first: usize, items: &[Item]) -> Vec<usize> {
        let mut chain = vec![first];
        for item in items {
            let Item::Run(next) = item else { break };
            if !self.continues(chain[chain.len() - 1], *next) {
                break;
            }
            chain.push(*next);
        }
        chain
    }

    fn continues(&self, run: usize, next: usize) -> bool {
        let same_function = self.callees[run] == self.callees[next];
        let (run, next) = (&self.runs[run], &self.runs[next]);
        let numbered = number(run).is_some_and(|n| number(next) == Some(n + 1));
        let ([output], [input, others @ ..]) = (run.outputs.as_slice(), next.inputs.as_slice()) else {
            return false;
        };
        let alone = |node: usize| next.range.contains(&node);
        same_function
            && numbered
            && output == input
            && run.inputs.get(1..) == Some(others)
            && self.readers(*output, run.range.end).all(alone)
    }

    /// The nodes at or after `from` that read `value`; the end of the graph for an output.
    fn readers(&self, value: usize, from: usize) -> impl Iterator<Item = usize> {
        let reads = move |node: &graph::Node| node.inputs.iter().any(|input| input.index() == value);
        let nodes = self.graph.nodes().skip(from).filter(move |(_, node)| reads(node));
        let outputs = self.graph.outputs().iter().filter(move |output| output.value.index() == value);
        nodes.map(|(reader, _)| reader.index()).chain(outputs.map(|_| usize::MAX))
    }

    fn node(&self, node: usize) -> &graph::Node {
        let (_, node) = self.graph.nodes().nth(node).expect("a run holds nodes of its graph");
        node
    }

    fn node_inputs(&self, node: usize, local: &BTreeMap<usize, usize>) -> Vec<usize> {
        self.node(node).inputs.iter().map(|value| local[&value.index()]).collect()
    }

    /// The function of runs of one structure.
    fn function(&self, structure: &Structure, members: &[Member]) -> Function {
        let mut fields = Fields { parameters: Vec::new() };
        let mut steps = Vec::new();
        // Where loops are written out, more values have numbers.
        let mut numbers: Vec<usize> = (0..structure.inputs).collect();
        let mut values = structure.inputs;
        for (s, draft) in structure.steps.iter().enumerate() {
            let parts: Vec<&Parts> = members.iter().map(|(_, parts)| &parts[s]).collect();
            let renumber = |inputs: &[usize]| inputs.iter().map(|input| numbers[*input]).collect::<Vec<_>>();
            match draft {
                Draft::Node { name, inputs, .. } => {
                    let attributes = self.attributes(name, &parts, &mut fields);
                    steps.push(Step::Node {
                        name: name.clone(),
                        node: parts[0][0],
                        inputs: renumber(inputs),
                        attributes,
                    });
                    numbers.push(values);
                    values += 1;
                }
                Draft::Call { path, callee, inputs, outputs } => {
                    let runs: Vec<usize> = parts.iter().map(|part| part[0]).collect();
                    steps.push(Step::Call {
                        path: path.clone(),
                        callee: *callee,
                        inputs: renumber(inputs),
                        arguments: self.passed(*callee, path, &runs, &mut fields),
                        outputs: *outputs,
                    });
                    numbers.extend(values..values + outputs);
                    values += outputs;
                }
                Draft::Chain { start, callee, inputs } => {
                    let mut inputs = renumber(inputs);
                    let count = parts[0].len();
                    if count <= UNROLLED && parts.iter().all(|part| part.len() == count) {
                        for i in 0..count {
                            let runs: Vec<usize> = parts.iter().map(|part| part[i]).collect();
                            let path = (start + i).to_string();
                            let arguments = self.passed(*callee, &path, &runs, &mut fields);
                            let call = Step::Call {
                                path,
                                callee: *callee,
                                inputs: inputs.clone(),
                                arguments,
                                outputs: 1,
                            };
                            steps.push(call);
                            inputs[0] = values;
                            values += 1;
                        }
                    } else {
                        steps.push(self.repeated(*start, *callee, inputs, &parts, &mut fields));
                        values += 1;
                    }
                    numbers.push(values - 1);
                }
            }
        }
        Function {
            runs: members.iter().map(|(run, _)| *run).collect(),
            inputs: structure.inputs,
            steps,
            outputs: structure.outputs.iter().map(|output| numbers[*output]).collect(),
            parameters: fields.parameters,
        }
    }

    fn attributes(&self, name: &str, parts: &[&Parts], fields: &mut Fields) -> Vec<Source> {
        let each: Vec<_> = parts.iter().map(|part| operation::attributes(&self.node(part[0]).op)).collect();
        let field = |i: usize| {
            let values = each.iter().map(|attributes| attributes[i].1.clone()).collect();
            fields.source(each[0][i].0, name, values)
        };
        (0..each[0].len()).map(field).collect()
    }

    /// What a call hands on to `callee`, which stands for these runs.
    fn passed(&self, callee: usize, path: &str, runs: &[usize], fields: &mut Fields) -> Vec<Source> {
        let parameters = self.functions[callee].parameters.iter().enumerate();
        let source = |(p, parameter): (usize, &Parameter)| {
            let values = runs.iter().map(|run| self.arguments[*run][p].clone()).collect();
            let label = if number_of(path).is_some() { &parameter.label } else { path };
            fields.source(&parameter.word, label, values)
        };
        parameters.map(source).collect()
    }

    fn repeated(
        &self,
        start: usize,
        callee: usize,
        inputs: Vec<usize>,
        parts: &[&Parts],
        fields: &mut Fields,
    ) -> Step {
        let parameters = &self.functions[callee].parameters;
        let changes = |p: &usize| {
            parts
                .iter()
                .any(|part| part.iter().any(|run| self.arguments[*run][*p] != self.arguments[part[0]][*p]))
        };
        let columns: Vec<usize> = (0..parameters.len()).filter(changes).collect();
        let arguments = parameters.iter().enumerate().map(|(p, parameter)| {
            match columns.iter().position(|column| *column == p) {
                Some(column) => Source::Column(column),
                None => {
                    let values = parts.iter().map(|part| self.arguments[part[0]][p].clone()).collect();
                    fields.source(&parameter.word, &parameter.label, values)
                }
            }
        });
        let arguments = arguments.collect();
        let until = if columns.is_empty() {
            let ends = parts.iter().map(|part| Literal::Count(start + part.len())).collect();
            Until::End(fields.source("depth", &format!("from_{start}"), ends))
        } else {
            let row = |run: &usize| columns.iter().map(|p| self.arguments[*run][*p].clone()).collect();
            let rows = parts.iter().map(|part| Literal::Rows(part.iter().map(row).collect())).collect();
            let word = match columns.as_slice() {
                [column] => plural(&parameters[*column].word),
                _ => "blocks".to_owned(),
            };
            let types = columns.iter().map(|p| parameters[*p].of.clone()).collect();
            Until::Rows(fields.source(&word, &format!("from_{start}"), rows), types)
        };
        Step::Loop { start, until, callee, inputs, arguments }
    }
}

/// The attributes and arguments of a function's steps.
struct Fields {
    parameters: Vec<Parameter>,
}

impl Fields {
    /// A constant where all runs agree; else a parameter, one for all that always have equal values.
    fn source(&mut self, word: &str, label: &str, values: Vec<Literal>) -> Source {
        if values.iter().all(|value| *value == values[0]) {
            return Source::Constant(values[0].clone());
        }
        let same = |parameter: &Parameter| {
            let word_fits = class(&parameter.word) == class(word);
            word_fits && parameter.values == values
        };
        if let Some(found) = self.parameters.iter().position(same) {
            return Source::Parameter(found);
        }
        let of = Type::of(&values.iter().collect::<Vec<_>>());
        self.parameters.push(Parameter { word: word.to_owned(), label: label.to_owned(), of, values });
        Source::Parameter(self.parameters.len() - 1)
    }
}

/// Words whose numbers may be one and the same.
fn class(word: &str) -> &str {
    if word == "groups" { "channels" } else { word }
}

fn plural(word: &str) -> String {
    if word.ends_with('s') { word.to_owned() } else { format!("{word}s") }
}

fn number(run: &Run) -> Option<usize> {
    number_of(&run.path)
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
