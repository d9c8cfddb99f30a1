//! What is known of a function while its steps are found.

use graph::Graph;

use crate::functions::{Library, Member, Parameter, Source};
use crate::literal::{Literal, Type};
use crate::structure::Structure;

/// A function under way: its values and parameters so far.
pub(crate) struct Frame<'l> {
    graph: &'l Graph,
    /// Each value so far, as the values of the graph that it is in each run.
    values: Vec<Vec<usize>>,
    /// The numbers here of the structure's values; where chains are written out, there are more.
    numbers: Vec<usize>,
    /// For each of the structure's values the step that reads it last.
    last: Vec<usize>,
    /// The step at hand.
    pub(crate) step: usize,
    /// Whether the node at hand is a depthwise convolution.
    pub(crate) depthwise: bool,
    /// Whether a width was found before.
    widths: bool,
    pub(crate) parameters: Vec<Parameter>,
}

impl<'l> Frame<'l> {
    pub(crate) fn new(library: &'l Library<'_>, structure: &Structure, members: &[Member]) -> Self {
        let inputs = (0..structure.inputs)
            .map(|i| members.iter().map(|(run, _)| library.runs[*run].inputs[i]).collect());
        Self {
            graph: library.graph,
            values: inputs.collect(),
            numbers: (0..structure.inputs).collect(),
            last: structure.last_readers(),
            step: 0,
            depthwise: false,
            widths: false,
            parameters: Vec::new(),
        }
    }

    /// Adds a value of the structure.
    pub(crate) fn add(&mut self, value: Vec<usize>) {
        let number = self.add_between(value);
        self.numbers.push(number);
    }

    /// Adds a value that the structure has not, and gives its number.
    pub(crate) fn add_between(&mut self, value: Vec<usize>) -> usize {
        self.values.push(value);
        self.values.len() - 1
    }

    pub(crate) fn renumbered(&self, values: &[usize]) -> Vec<usize> {
        values.iter().map(|value| self.numbers[*value]).collect()
    }

    /// A constant where all runs agree; else a parameter, one for all that always have equal values,
    /// or what follows from the width of a value. `x` is what the node or function at hand reads.
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
        let same =
            |parameter: &Parameter| class(&parameter.word) == class(word) && parameter.values == values;
        if let Some(found) = self.parameters.iter().position(same) {
            return Source::Parameter(found);
        }
        if let Some(width) = x.and_then(|x| self.width(word, x, &values)) {
            self.widths = true;
            return width;
        }
        self.widths |= class(word) == "channels";
        let of = Type::of(&values.iter().collect::<Vec<_>>());
        self.parameters.push(Parameter { word: word.to_owned(), label: label.to_owned(), of, values });
        Source::Parameter(self.parameters.len() - 1)
    }

    /// How channels follow from those of a value.
    fn width(&self, word: &str, x: usize, values: &[Literal]) -> Option<Source> {
        if class(word) != "channels" {
            return None;
        }
        let counts: Option<Vec<usize>> =
            values.iter().map(|value| if let Literal::Count(n) = value { Some(*n) } else { None }).collect();
        let counts = counts?;
        let equal = |of: &usize| self.channels(*of) == counts;
        let as_wide = |of: usize| Source::Width { of, times: 1, over: 1 };
        if word == "groups" || self.depthwise {
            return equal(&x).then(|| as_wide(x));
        }
        let of = |value: usize| self.numbers[value];
        let alive = || (0..self.numbers.len()).filter(|value| self.last[*value] >= self.step).map(of);
        // The first width of a function is its argument.
        let found = alive().find(|value| self.widths && equal(value)).map(as_wide);
        found
            .or_else(|| self.ratio(x, &counts))
            .or_else(|| alive().find_map(|value| self.ratio(value, &counts)))
    }

    /// The one whole factor or divisor by which counts differ from the channels of a value.
    fn ratio(&self, of: usize, counts: &[usize]) -> Option<Source> {
        let channels = self.channels(of);
        let (first, count) = (channels[0], counts[0]);
        let (times, over) = if count > first { (count / first, 1) } else { (1, first / count.max(1)) };
        let fits = |(channels, count): (&usize, &usize)| channels * times == count * over;
        (times * over > 1 && channels.iter().zip(counts).all(fits)).then_some(Source::Width {
            of,
            times,
            over,
        })
    }

    fn channels(&self, value: usize) -> Vec<usize> {
        let channels =
            |value: &usize| self.graph.nodes().nth(*value).map_or(0, |(_, node)| node.shape.channels);
        self.values[value].iter().map(channels).collect()
    }
}

/// Words whose numbers may be one and the same.
fn class(word: &str) -> &str {
    if word == "groups" { "channels" } else { word }
}
