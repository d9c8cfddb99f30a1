//! The statements of a function.

use std::collections::BTreeSet;

use crate::functions::{Function, Source, Step, Until};
use crate::layout::{Expression, assignment, statement};
use crate::literal::{Literal, Type};
use crate::operation::{self, Argument};
use crate::source::Names;

/// A variable that holds a value.
#[derive(Clone)]
struct Variable {
    name: String,
    /// The line that binds it, if not the function's head.
    line: Option<usize>,
}

/// A function's statements under way.
pub(crate) struct Body<'e> {
    names: &'e Names<'e>,
    function: &'e Function,
    /// The names of the function's parameters.
    parameters: &'e [String],
    indent: usize,
    /// For each value the step that reads it last; beyond all steps where it is returned.
    last: Vec<usize>,
    /// For each value how often it is read.
    readers: Vec<usize>,
    /// The variable of each value so far.
    variables: Vec<Variable>,
    /// Whether so many values live at once that long-lived ones have numbers.
    numbered: bool,
    numbers: usize,
    lines: Vec<String>,
    /// Inputs that a loop changes.
    pub(crate) changed: BTreeSet<usize>,
}

impl<'e> Body<'e> {
    pub(crate) fn new(names: &'e Names<'e>, f: usize, indent: usize) -> Self {
        let function = &names.functions[f];
        let (mut last, mut readers) = (vec![0; values(function)], vec![0; values(function)]);
        for (s, step) in function.steps.iter().enumerate() {
            for input in step.inputs() {
                last[*input] = s + 1;
                readers[*input] += 1;
            }
        }
        for output in &function.outputs {
            last[*output] = usize::MAX;
            readers[*output] += 1;
        }
        let mut body = Self {
            names,
            function,
            parameters: &names.parameters[f],
            indent,
            last,
            readers,
            variables: Vec::new(),
            numbered: false,
            numbers: 0,
            lines: Vec::new(),
            changed: BTreeSet::new(),
        };
        body.numbered = body.most_alive() > 3;
        for value in 0..function.inputs {
            let name = body.name(0, value, &[]);
            body.variables.push(Variable { name, line: None });
        }
        body
    }

    /// The names of the function's inputs.
    pub(crate) fn inputs(&self) -> Vec<String> {
        self.variables[..self.function.inputs].iter().map(|variable| variable.name.clone()).collect()
    }

    /// All statements; `end` makes the last line of what is returned.
    pub(crate) fn lines(&mut self, end: impl FnOnce(&[String]) -> String) -> String {
        let last = self.function.steps.len();
        for (s, step) in self.function.steps.iter().enumerate() {
            let first = self.variables.len();
            let results = first..first + step.outputs();
            let ends =
                s + 1 == last && !results.is_empty() && self.names.is_tail(self.function, results.clone());
            match step {
                Step::Node { name, node, inputs, attributes } => {
                    let inputs: Vec<String> =
                        inputs.iter().map(|value| self.variables[*value].name.clone()).collect();
                    let attributes: Vec<Argument> =
                        attributes.iter().map(|source| self.argument(source)).collect();
                    let node = self.names.node(*node);
                    let call = if let (graph::Op::Input { .. }, true) =
                        (&node.op, self.names.takes_shape(self.function))
                    {
                        Expression::call(
                            "g.input",
                            [Expression::text(format!("{name:?}")), Expression::text("input")],
                        )
                    } else {
                        operation::call(node, &format!("{name:?}"), &inputs, &attributes, self.names.norm)
                    };
                    self.bind(s, &call, ends);
                }
                Step::Call { path, callee, inputs, arguments, .. } => {
                    let arguments: Vec<Argument> =
                        arguments.iter().map(|source| self.argument(source)).collect();
                    let call = self.call(&format!("g / {path:?}"), *callee, inputs, &arguments);
                    self.bind(s, &call, ends);
                }
                Step::Loop { start, until, callee, inputs, arguments } => {
                    self.repeat(s, *start, until, *callee, inputs, arguments);
                }
            }
            if ends && !matches!(step, Step::Loop { .. }) {
                return self.lines.concat();
            }
        }
        let results: Vec<String> =
            self.function.outputs.iter().map(|value| self.variables[*value].name.clone()).collect();
        self.lines.push(end(&results));
        self.lines.concat()
    }

    /// `let x = call?;`, or `call` alone at the end.
    fn bind(&mut self, s: usize, call: &Expression, ends: bool) {
        let results = self.function.steps[s].outputs();
        let first = self.variables.len();
        if ends {
            self.lines.push(statement(self.indent, call, ""));
            return;
        }
        let dead = (first..first + results).all(|value| self.readers[value] == 0);
        for value in first..first + results {
            let name = self.name(s + 1, value, self.function.steps[s].inputs());
            self.variables.push(Variable { name, line: Some(self.lines.len()) });
        }
        let names: Vec<String> =
            self.variables[first..].iter().map(|variable| variable.name.clone()).collect();
        self.lines.push(match names.as_slice() {
            _ if dead => statement(self.indent, call, "?;"),
            [name] => assignment(self.indent, &format!("let {name}"), call, "?;"),
            names => assignment(self.indent, &format!("let [{}]", names.join(", ")), call, "?;"),
        });
    }

    fn call(&self, scope: &str, callee: usize, inputs: &[usize], arguments: &[Argument]) -> Expression {
        let function = &self.names.functions[callee];
        let inputs = inputs.iter().map(|value| Expression::text(&self.variables[*value].name));
        let arguments =
            arguments.iter().zip(&function.parameters).map(|(argument, parameter)| match argument {
                Argument::Constant(literal @ Literal::Rows(_)) => rows(literal, &parameter.of, true),
                argument => Expression::text(argument.as_type(&parameter.of)),
            });
        let scope = Expression::text(scope);
        Expression::call(&self.names.names[callee], [scope].into_iter().chain(inputs).chain(arguments))
    }

    fn repeat(
        &mut self,
        s: usize,
        start: usize,
        until: &Until,
        callee: usize,
        inputs: &[usize],
        sources: &[Source],
    ) {
        let value = self.variables.len();
        let variable = self.changing(s, inputs[0], value);
        self.variables.push(variable.clone());
        let columns: Vec<&String> = (0..)
            .map_while(|column| {
                let p = sources.iter().position(|source| *source == Source::Column(column))?;
                Some(&self.names.parameters[callee][p])
            })
            .collect();
        let arguments: Vec<Argument> = sources
            .iter()
            .map(|source| match (source, until) {
                (Source::Column(column), Until::Rows(_, types)) => {
                    Argument::Name(columns[*column].clone(), types[*column].clone())
                }
                (source, _) => self.argument(source),
            })
            .collect();
        let pattern = match columns.as_slice() {
            [column] => (*column).clone(),
            columns => {
                format!("({})", columns.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", "))
            }
        };
        let head = match until {
            Until::End(end) => format!("for i in {start}..{} {{", self.argument(end).plain()),
            Until::Rows(Source::Constant(literal), types) => {
                let list = rows(literal, &Type::Rows(types.clone()), false);
                let head = format!("for (i, {pattern}) in ({start}..).zip({}) {{", list.flat());
                if self.indent + head.len() <= 90 {
                    head
                } else {
                    self.lines.push(assignment(self.indent, "let rows", &list, ";"));
                    format!("for (i, {pattern}) in ({start}..).zip(rows) {{")
                }
            }
            Until::Rows(source, _) => {
                format!("for (i, &{pattern}) in ({start}..).zip({}) {{", self.argument(source).plain())
            }
        };
        let mut inputs = inputs.to_vec();
        inputs[0] = value;
        let call = self.call("g / i", callee, &inputs, &arguments);
        let pad = " ".repeat(self.indent);
        let body = assignment(self.indent + 4, &variable.name, &call, "?;");
        self.lines.push(format!("{pad}{head}\n{body}{pad}}}\n"));
    }

    /// The variable that a loop changes: that of its input, if nobody reads it afterwards.
    fn changing(&mut self, s: usize, input: usize, value: usize) -> Variable {
        let variable = self.variables[input].clone();
        if self.last[input] == s + 1 {
            match variable.line {
                Some(line) => {
                    let bound = &mut self.lines[line];
                    if !bound.contains(&format!("mut {}", variable.name)) {
                        *bound = make_mutable(bound, &variable.name);
                    }
                }
                None => drop(self.changed.insert(input)),
            }
            return variable;
        }
        let name = self.name(s + 1, value, &[]);
        let line = self.lines.len();
        self.lines.push(format!("{}let mut {name} = {};\n", " ".repeat(self.indent), variable.name));
        Variable { name, line: Some(line) }
    }

    /// A name for `value`, given by the step before `at`, that hides nothing still needed.
    fn name(&mut self, at: usize, value: usize, inputs: &[usize]) -> String {
        let alive = |name: &str| {
            let holds =
                |(value, variable): (usize, &Variable)| variable.name == name && self.last[value] > at;
            self.variables.iter().enumerate().any(holds)
        };
        if self.numbered {
            // What goes straight on is `x`.
            if (at == 0 || self.last[value] <= at + 1) && !alive("x") {
                return "x".to_owned();
            }
            self.numbers += 1;
            return format!("x{}", self.numbers);
        }
        let ended = inputs.iter().map(|input| &self.variables[*input].name).find(|name| !alive(name));
        let free = ["x", "y", "z"].into_iter().find(|name| !alive(name)).map(str::to_owned);
        ended.cloned().or(free).unwrap_or_else(|| {
            self.numbers += 1;
            format!("x{}", self.numbers)
        })
    }

    /// Most values that are needed at once.
    fn most_alive(&self) -> usize {
        let mut born: Vec<usize> = vec![0; self.function.inputs];
        for (s, step) in self.function.steps.iter().enumerate() {
            born.extend(std::iter::repeat_n(s + 1, step.outputs()));
        }
        let alive = |s: usize| (0..born.len()).filter(|v| born[*v] <= s && self.last[*v] > s).count();
        (0..=self.function.steps.len()).map(alive).max().unwrap_or(0)
    }

    fn argument(&self, source: &Source) -> Argument {
        match source {
            Source::Constant(literal) => Argument::Constant(literal.clone()),
            Source::Parameter(p) => {
                Argument::Name(self.parameters[*p].clone(), self.function.parameters[*p].of.clone())
            }
            Source::Width { of, times, over } => {
                let mut text = format!("g.channels({})", self.variables[*of].name);
                if *times > 1 {
                    text = format!("{times} * {text}");
                }
                if *over > 1 {
                    text = format!("{text} / {over}");
                }
                Argument::Name(text, Type::Count)
            }
            Source::Column(_) => unreachable!("only loops have columns"),
        }
    }
}

impl Step {
    fn inputs(&self) -> &[usize] {
        match self {
            Self::Node { inputs, .. } | Self::Call { inputs, .. } | Self::Loop { inputs, .. } => inputs,
        }
    }

    fn outputs(&self) -> usize {
        match self {
            Self::Node { .. } | Self::Loop { .. } => 1,
            Self::Call { outputs, .. } => *outputs,
        }
    }
}

/// Number of values in a function.
fn values(function: &Function) -> usize {
    function.inputs + function.steps.iter().map(Step::outputs).sum::<usize>()
}

/// The `let` of `name` as one that may change it.
fn make_mutable(line: &str, name: &str) -> String {
    let start = line.find("let ").map_or(0, |at| at + 4);
    let end = line[start..].find('=').map_or(line.len(), |at| start + at);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let found = line[start..end]
        .match_indices(name)
        .map(|(at, _)| start + at)
        .find(|at| !line[..*at].ends_with(is_part) && !line[at + name.len()..].starts_with(is_part));
    found.map_or_else(|| line.to_owned(), |at| format!("{}mut {}", &line[..at], &line[at..]))
}

fn rows(literal: &Literal, of: &Type, borrowed: bool) -> Expression {
    let Type::Rows(types) = of else { return Expression::text(literal.to_string()) };
    let row = |row: &Vec<Literal>| Expression::text(Literal::row(row, types));
    Expression::List { borrowed, items: literal.rows().iter().map(row).collect() }
}
