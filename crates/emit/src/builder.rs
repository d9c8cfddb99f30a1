//! A function under construction: its values and parameters so far.

use graph::{Graph, Value};

use crate::function::{Parameter, Source};
use crate::literal::{Literal, Type};
use crate::structure::Structure;

pub(crate) struct FunctionBuilder<'g> {
    graph: &'g Graph,
    /// Each value so far, as the graph's value in each group.
    values: Vec<Vec<Value>>,
    /// The number here of each value of the structure. Unrolled chains have values that it lacks.
    numbers: Vec<usize>,
    /// For each value of the structure the step that reads it last.
    last_readers: Vec<usize>,
    /// The current step.
    pub(crate) step: usize,
    /// True if the current node is a depthwise convolution.
    pub(crate) is_depthwise: bool,
    /// True if some channels were parameters or widths already.
    has_widths: bool,
    pub(crate) parameters: Vec<Parameter>,
}

impl<'g> FunctionBuilder<'g> {
    /// `inputs` are the graph's values in each group.
    pub(crate) fn new(graph: &'g Graph, structure: &Structure, inputs: Vec<Vec<Value>>) -> Self {
        Self {
            graph,
            numbers: (0..inputs.len()).collect(),
            values: inputs,
            last_readers: structure.last_readers.clone(),
            step: 0,
            is_depthwise: false,
            has_widths: false,
            parameters: Vec::new(),
        }
    }

    /// Adds a value of the structure.
    pub(crate) fn add(&mut self, value: Vec<Value>) {
        let number = self.add_between(value);
        self.numbers.push(number);
    }

    /// Adds a value that the structure lacks, and returns its number.
    pub(crate) fn add_between(&mut self, value: Vec<Value>) -> usize {
        self.values.push(value);
        self.values.len() - 1
    }

    /// The numbers here of the structure's values.
    pub(crate) fn renumbered(&self, values: &[usize]) -> Vec<usize> {
        values.iter().map(|value| self.numbers[*value]).collect()
    }

    /// A constant if all groups agree; otherwise a parameter, shared by everything that always has equal
    /// values, or a multiple of a value's channels. The current node or function reads `x` first.
    pub(crate) fn source(
        &mut self,
        word: &str,
        label: &str,
        x: Option<usize>,
        values: Vec<Literal>,
    ) -> Source {
        if values.iter().all(|value| *value == values[0]) {
            return Source::Constant(values[0].clone());
        }
        let is_same =
            |parameter: &Parameter| class(&parameter.word) == class(word) && parameter.values == values;
        if let Some(found) = self.parameters.iter().position(is_same) {
            return Source::Parameter(found);
        }
        if class(word) == "channels" {
            let width = x.and_then(|x| self.width(word, x, &values));
            self.has_widths = true;
            if let Some(width) = width {
                return width;
            }
        }
        let ty = Type::of(&values.iter().collect::<Vec<_>>());
        self.parameters.push(Parameter { word: word.to_owned(), label: label.to_owned(), ty, values });
        Source::Parameter(self.parameters.len() - 1)
    }

    /// These counts as a multiple of the channels of a value, preferably of `x`.
    fn width(&self, word: &str, x: usize, counts: &[Literal]) -> Option<Source> {
        let counts = counts_of(counts)?;
        let has_equal_width = |value: usize| self.channels(value) == counts;
        if word == "groups" || self.is_depthwise {
            return if has_equal_width(x) { Some(same_width(x)) } else { None };
        }
        let mut alive = Vec::new();
        for (value, number) in self.numbers.iter().enumerate() {
            if self.last_readers[value] >= self.step {
                alive.push(*number);
            }
        }
        // The first width of a function is its argument.
        if self.has_widths
            && let Some(equal) = alive.iter().find(|value| has_equal_width(**value))
        {
            return Some(same_width(*equal));
        }
        self.ratio(x, &counts).or_else(|| alive.iter().find_map(|value| self.ratio(*value, &counts)))
    }

    /// The one whole factor or divisor by which counts differ from the channels of a value.
    fn ratio(&self, value: usize, counts: &[usize]) -> Option<Source> {
        let channels = self.channels(value);
        let (first, count) = (channels[0], counts[0]);
        let (times, over) = if count > first { (count / first, 1) } else { (1, first / count.max(1)) };
        let fits = |(channels, count): (&usize, &usize)| channels * times == count * over;
        if times * over > 1 && channels.iter().zip(counts).all(fits) {
            return Some(Source::Width { value, times, over });
        }
        None
    }

    /// The channels of a value in each group.
    fn channels(&self, value: usize) -> Vec<usize> {
        self.values[value].iter().map(|value| self.graph.node(*value).shape.channels).collect()
    }
}

fn same_width(value: usize) -> Source {
    Source::Width { value, times: 1, over: 1 }
}

/// The counts that literals are, if all are.
fn counts_of(literals: &[Literal]) -> Option<Vec<usize>> {
    literals.iter().map(|literal| if let Literal::Count(n) = literal { Some(*n) } else { None }).collect()
}

/// Words whose numbers may be the same parameter.
fn class(word: &str) -> &str {
    if word == "groups" { "channels" } else { word }
}
