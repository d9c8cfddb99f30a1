//! The statements of a function: its steps with names for their values.

use graph::{BatchNorm, Node, Op};

use crate::function::{self, Function, Source, Step};
use crate::names::Names;
use crate::program::{Argument, Call, Form, FunctionCall, NodeCall, Statement, Until, Variable};
use crate::scopes::Tree;

/// The facts that all functions of a program share.
pub(crate) struct Context<'t, 'g> {
    pub(crate) tree: &'t Tree<'g>,
    pub(crate) functions: &'t [Function],
    pub(crate) names: &'t Names,
    pub(crate) norm: Option<BatchNorm>,
    pub(crate) takes_shape: bool,
}

/// The binding of a variable: an input of the function, or a result of a statement.
#[derive(Clone, Copy)]
enum Place {
    Input(usize),
    Statement(usize, usize),
}

/// A function's statements so far.
pub(crate) struct Body<'t, 'g> {
    context: &'t Context<'t, 'g>,
    function: &'t Function,
    /// The names of the function's parameters.
    parameters: &'t [String],
    /// For each value how many steps are done when nothing reads it any longer: none if nothing ever does,
    /// and more than there are if the function returns it.
    last_readers: Vec<usize>,
    /// The name and the binding of each value so far.
    variables: Vec<(String, Place)>,
    /// True if so many values are alive at once that long-lived ones get numbered names.
    is_numbered: bool,
    numbers: usize,
    pub(crate) inputs: Vec<Variable>,
    pub(crate) statements: Vec<Statement>,
}

impl<'t, 'g> Body<'t, 'g> {
    /// No statements of the function of this index, but names for its inputs.
    pub(crate) fn new(context: &'t Context<'t, 'g>, index: usize) -> Self {
        let function = &context.functions[index];
        let count = function.inputs + function.steps.iter().map(Step::outputs).sum::<usize>();
        let mut last_readers = vec![0; count];
        for (s, step) in function.steps.iter().enumerate() {
            for input in step.inputs() {
                last_readers[*input] = s + 1;
            }
        }
        for output in &function.outputs {
            last_readers[*output] = usize::MAX;
        }
        let mut body = Self {
            context,
            function,
            parameters: &context.names.parameters[index],
            last_readers,
            variables: Vec::new(),
            is_numbered: false,
            numbers: 0,
            inputs: Vec::new(),
            statements: Vec::new(),
        };
        body.is_numbered = body.most_alive() > 3;
        for value in 0..function.inputs {
            let name = body.new_name(0, value, &[]);
            body.variables.push((name.clone(), Place::Input(value)));
            body.inputs.push(Variable { name, mutable: false });
        }
        body
    }

    /// Adds all steps. If `may_end`, a last call with exactly what the function returns is not bound
    /// but handed back.
    pub(crate) fn add_steps(&mut self, may_end: bool) -> Option<Call> {
        let function = self.function;
        for (s, step) in function.steps.iter().enumerate() {
            let call = match step {
                Step::Node { name, value, inputs, attributes } => {
                    self.node_call(name, self.context.tree.graph.node(*value), inputs, attributes)
                }
                Step::Call { path, callee, inputs, arguments, .. } => {
                    let arguments = arguments.iter().map(|source| self.argument(source)).collect();
                    self.function_call(Some(path), *callee, self.names_of(inputs), arguments)
                }
                Step::Loop { start, until, callee, inputs, arguments } => {
                    self.add_loop(s, (*start, until), *callee, inputs, arguments);
                    continue;
                }
            };
            let first = self.variables.len();
            let results: Vec<usize> = (first..first + step.outputs()).collect();
            let is_last = s + 1 == function.steps.len() && !results.is_empty();
            if may_end && is_last && results == function.outputs {
                return Some(call);
            }
            self.bind(s, &results, call);
        }
        None
    }

    /// The variables of the values that the function returns.
    pub(crate) fn outputs(&self) -> Vec<String> {
        self.names_of(&self.function.outputs)
    }

    fn names_of(&self, values: &[usize]) -> Vec<String> {
        values.iter().map(|value| self.variables[*value].0.clone()).collect()
    }

    fn bind(&mut self, s: usize, values: &[usize], call: Call) {
        let mut results = Vec::new();
        for (position, value) in values.iter().enumerate() {
            let name = self.new_name(s + 1, *value, self.function.steps[s].inputs());
            self.variables.push((name.clone(), Place::Statement(self.statements.len(), position)));
            results.push(Variable { name, mutable: false });
        }
        if values.iter().all(|value| self.last_readers[*value] == 0) {
            results.clear();
        }
        self.statements.push(Statement::Call { results, call });
    }

    fn node_call(&self, name: &str, node: &Node, inputs: &[usize], attributes: &[Source]) -> Call {
        let attributes: Vec<Argument> = attributes.iter().map(|source| self.argument(source)).collect();
        let is_constant = attributes.iter().all(|argument| matches!(argument, Argument::Constant(_)));
        let mut form = Form::Plain;
        if let Op::Input { .. } = node.op {
            let shape = node.shape.clone();
            form = if self.context.takes_shape { Form::GivenInput } else { Form::Input(shape) };
        }
        if let Op::BatchNorm(norm) = node.op
            && is_constant
            && self.context.norm == Some(norm)
        {
            form = Form::NamedNorm;
        }
        let (name, op, inputs) = (name.to_owned(), node.op.clone(), self.names_of(inputs));
        Call::Node(NodeCall { name, op, inputs, attributes, form })
    }

    fn function_call(
        &self,
        scope: Option<&String>,
        callee: usize,
        inputs: Vec<String>,
        arguments: Vec<Argument>,
    ) -> Call {
        let types = self.context.functions[callee].parameters.iter().map(|parameter| parameter.ty.clone());
        Call::Function(FunctionCall {
            function: self.context.names.functions[callee].clone(),
            scope: scope.cloned(),
            inputs,
            arguments: arguments.into_iter().zip(types).collect(),
        })
    }

    /// Adds a loop from a start until an end.
    fn add_loop(
        &mut self,
        s: usize,
        (start, until): (usize, &function::Until),
        callee: usize,
        inputs: &[usize],
        sources: &[Source],
    ) {
        let value = self.variables.len();
        let variable = self.add_changing(s, inputs[0], value);
        // The columns of the rows, in order, have the names of the called function's parameters.
        let mut columns = Vec::new();
        while let Some(p) = sources.iter().position(|source| *source == Source::Column(columns.len())) {
            columns.push(self.context.names.parameters[callee][p].clone());
        }
        let parameters = &self.context.functions[callee].parameters;
        let mut arguments = Vec::new();
        for (source, parameter) in sources.iter().zip(parameters) {
            arguments.push(match source {
                Source::Column(column) => Argument::Name(columns[*column].clone(), parameter.ty.clone()),
                Source::Constant(_) | Source::Parameter(_) | Source::Width { .. } => self.argument(source),
            });
        }
        let mut names = self.names_of(inputs);
        names[0].clone_from(&variable);
        let call = self.function_call(None, callee, names, arguments);
        let until = match until {
            function::Until::End(end) => Until::End(self.argument(end)),
            function::Until::Rows(rows, types) => {
                Until::Rows { columns, rows: self.argument(rows), types: types.clone() }
            }
        };
        self.statements.push(Statement::Loop { start, until, variable, call });
    }

    /// The variable that a loop changes: that of its input, unless that is read afterwards.
    fn add_changing(&mut self, s: usize, input: usize, value: usize) -> String {
        let (name, place) = self.variables[input].clone();
        if self.last_readers[input] == s + 1 {
            match place {
                Place::Input(input) => self.inputs[input].mutable = true,
                Place::Statement(statement, position) => {
                    if let Statement::Call { results, .. } = &mut self.statements[statement] {
                        results[position].mutable = true;
                    }
                }
            }
            self.variables.push((name.clone(), place));
            return name;
        }
        let copy = self.new_name(s + 1, value, &[]);
        self.variables.push((copy.clone(), Place::Statement(self.statements.len(), 0)));
        let variable = Variable { name: copy.clone(), mutable: true };
        self.statements.push(Statement::Copy { variable, from: name });
        copy
    }

    /// A name for `value`, a result of the step before `at`, that hides nothing still read.
    fn new_name(&mut self, at: usize, value: usize, inputs: &[usize]) -> String {
        if self.is_numbered {
            // A value that only the next step reads is `x`.
            let is_short_lived = at == 0 || self.last_readers[value] <= at + 1;
            if is_short_lived && !self.is_alive("x", at) {
                return "x".to_owned();
            }
        } else {
            let of_inputs = inputs.iter().map(|input| self.variables[*input].0.as_str());
            let mut candidates = of_inputs.chain(["x", "y", "z"]);
            if let Some(free) = candidates.find(|name| !self.is_alive(name, at)) {
                return free.to_owned();
            }
        }
        self.numbers += 1;
        format!("x{}", self.numbers)
    }

    /// Returns true if a variable of this name is read after the step before `at`.
    fn is_alive(&self, name: &str, at: usize) -> bool {
        let mut variables = self.variables.iter().zip(&self.last_readers);
        variables.any(|((variable, _), last)| variable == name && *last > at)
    }

    /// Largest number of values that are alive at once.
    fn most_alive(&self) -> usize {
        let mut births: Vec<usize> = vec![0; self.function.inputs];
        for (s, step) in self.function.steps.iter().enumerate() {
            births.extend(std::iter::repeat_n(s + 1, step.outputs()));
        }
        let mut most = 0;
        for s in 0..=self.function.steps.len() {
            let lives = births.iter().zip(&self.last_readers);
            most = most.max(lives.filter(|(birth, last)| **birth <= s && **last > s).count());
        }
        most
    }

    fn argument(&self, source: &Source) -> Argument {
        match source {
            Source::Constant(literal) => Argument::Constant(literal.clone()),
            Source::Parameter(p) => {
                Argument::Name(self.parameters[*p].clone(), self.function.parameters[*p].ty.clone())
            }
            Source::Width { value, times, over } => {
                let variable = self.variables[*value].0.clone();
                Argument::Width { variable, times: *times, over: *over }
            }
            Source::Column(_) => unreachable!("only the arguments of loops are columns"),
        }
    }
}
