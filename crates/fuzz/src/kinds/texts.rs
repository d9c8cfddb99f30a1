//! Untrusted text in generated source, drawings, pages and metrics is escaped everywhere.

use std::path::Path;

use anyhow::Result;
use graph::Array;
use graph::random::{cells, problem};
use report::{
    Baseline, Chart, Confusion, Details, Entry, Errors, Example, ExamplePrediction, Figure, Input, Page,
    Scores, Series, Table, drawing,
};

use super::{Kind, tape};
use crate::outcome::Outcome;
use crate::random::{Random, Tape};
use crate::trouble::turns;

struct Texts {
    bases: Vec<Vec<u8>>,
    cells: usize,
}

pub(crate) fn new(_: &Path) -> Result<Box<dyn Kind>> {
    Ok(Box::new(Texts { bases: tape::bases(32), cells: cells().len() }))
}

/// Parts of hostile texts. Those with `zq` must not appear unescaped.
const PARTS: [&str; 28] = [
    "a",
    " ",
    "<zq>",
    "\"zq",
    "'zq onload='zq",
    "</script><zq>",
    "</text><zq>",
    "&zq;",
    "&",
    "*/ fn zq() {} /*",
    "\n\nfn zq() {}\n//",
    "\"; fn zq() {} //",
    "`zq`",
    "\u{1b}[2J",
    "\u{0}",
    "\u{202e}",
    "\u{2066}",
    "\r",
    "\n",
    "\t",
    "]]>",
    "<!--",
    "-->",
    "{}",
    "\\",
    "\u{feff}",
    "\u{7f}",
    "é漢🦀",
];

fn text(tape: &mut Tape<'_>) -> String {
    let mut text: String = (0..tape.below(5)).map(|_| tape.pick(&PARTS)).collect();
    if tape.one_in(60) {
        text = text.repeat(tape.below(2000));
    }
    text
}

fn texts(tape: &mut Tape<'_>) -> Vec<String> {
    (0..tape.below(4)).map(|_| text(tape)).collect()
}

fn number(tape: &mut Tape<'_>) -> f64 {
    tape.pick(&[0.5, 0.0, 1.0, -3.0, 1e308, -1e308, 1e-320, f64::NAN, f64::INFINITY, f64::NEG_INFINITY])
}

fn values(tape: &mut Tape<'_>, count: usize) -> Vec<f32> {
    let extremes = [0.5, 0.0, f32::MAX, -f32::MAX, f32::NAN, f32::INFINITY, 1e-45];
    (0..count).map(|_| tape.pick(&extremes)).collect()
}

fn array(tape: &mut Tape<'_>, rank: usize) -> Array {
    let shape: Vec<usize> = (0..rank).map(|_| tape.pick(&[2, 1, 3, 0])).collect();
    let values = values(tape, shape.iter().product());
    Array::new(shape, values).unwrap_or_else(|| Array::from_fn([1], |_| 0.0))
}

fn example(tape: &mut Tape<'_>) -> Example {
    let input = if tape.one_in(2) {
        Input::Series {
            values: array(tape, 2),
            channels: texts(tape),
            sampling_rate: tape.pick(&[
                None,
                Some(100.0),
                Some(0.0),
                Some(f64::NAN),
                Some(-1.0),
                Some(1e308),
            ]),
        }
    } else {
        Input::Image { values: array(tape, 3) }
    };
    let prediction = match tape.below(5) {
        0 => {
            let count = tape.below(4);
            let truth = tape.pick(&[None, Some(0), Some(1), Some(99)]);
            ExamplePrediction::Class { classes: texts(tape), truth, probabilities: values(tape, count) }
        }
        1 => {
            let count = tape.below(9);
            let predicted: Vec<usize> = (0..count).map(|_| tape.below(5)).collect();
            let truth = if tape.one_in(2) {
                Some(
                    predicted
                        .iter()
                        .rev()
                        .map(|class| if *class == 4 { None } else { Some(*class) })
                        .collect(),
                )
            } else {
                None
            };
            ExamplePrediction::Labels { classes: texts(tape), truth, predicted }
        }
        2 => {
            let count = tape.below(4);
            let truth =
                if tape.one_in(2) { Some((0..count).map(|_| tape.one_in(2)).collect()) } else { None };
            ExamplePrediction::Tags { labels: texts(tape), truth, probabilities: values(tape, count) }
        }
        3 => {
            let truth =
                if tape.one_in(2) { Some((0..tape.below(4)).map(|_| number(tape)).collect()) } else { None };
            let predicted = (0..tape.below(4)).map(|_| number(tape)).collect();
            ExamplePrediction::Numbers { outputs: texts(tape), truth, predicted }
        }
        _ => {
            let rank = tape.pick(&[2, 3]);
            let truth = if tape.one_in(2) { Some(array(tape, rank)) } else { None };
            ExamplePrediction::Values { truth, predicted: array(tape, rank) }
        }
    };
    Example { title: text(tape), note: text(tape), input, prediction }
}

fn outcome_of_test(tape: &mut Tape<'_>) -> report::Outcome {
    if tape.one_in(2) {
        let classes = texts(tape);
        let count = classes.len();
        let mut confusion = Confusion::new(classes);
        for _ in 0..if count == 0 { 0 } else { tape.below(6) } {
            confusion.add(tape.below(count), tape.below(count));
        }
        return report::Outcome::Classes(confusion);
    }
    let mut errors = Errors::new();
    for _ in 0..tape.below(3) {
        let [target, predicted] = [values(tape, 3), values(tape, 3)];
        errors.add(if tape.one_in(2) { Some(&target) } else { None }, &target, &predicted);
    }
    report::Outcome::Values(errors)
}

fn details(tape: &mut Tape<'_>) -> Details {
    let scores = |tape: &mut Tape<'_>| {
        let mut scores = Scores::default();
        for _ in 0..tape.below(6) {
            scores.add(tape.pick(&[0.5, 0.0, 1.0, 0.25]), tape.one_in(2));
        }
        scores
    };
    Details {
        scores: (0..tape.below(4)).map(|_| scores(tape)).collect(),
        groups: (0..tape.below(3)).map(|_| (text(tape), outcome_of_test(tape))).collect(),
        baselines: (0..tape.below(3))
            .map(|_| Baseline { name: text(tape), outcome: outcome_of_test(tape) })
            .collect(),
        losses: (0..tape.below(5)).map(|_| number(tape)).collect(),
    }
}

fn page(tape: &mut Tape<'_>) -> Page {
    let table = |tape: &mut Tape<'_>| Table {
        title: text(tape),
        columns: texts(tape),
        rows: (0..tape.below(3)).map(|_| texts(tape)).collect(),
        note: text(tape),
    };
    let series = |tape: &mut Tape<'_>| {
        let points = (0..tape.below(5)).map(|_| (number(tape), number(tape))).collect();
        Series { name: text(tape), points }
    };
    let chart = |tape: &mut Tape<'_>| Chart {
        title: text(tape),
        x: text(tape),
        y: text(tape),
        log_y: tape.one_in(2),
        series: (0..tape.below(3)).map(|_| series(tape)).collect(),
    };
    let figure = |tape: &mut Tape<'_>| Figure { name: text(tape), value: text(tape), note: text(tape) };
    Page {
        title: text(tape),
        summary: text(tape),
        command: text(tape),
        config: text(tape),
        figures: (0..tape.below(3)).map(|_| figure(tape)).collect(),
        curves: (0..tape.below(3)).map(|_| chart(tape)).collect(),
        outcome: if tape.one_in(2) { Some(outcome_of_test(tape)) } else { None },
        evaluated: text(tape),
        details: details(tape),
        data: texts(tape),
        notes: texts(tape),
        comparisons: (0..tape.below(3)).map(|_| table(tape)).collect(),
        examples: (0..tape.below(4)).map(|_| example(tape)).collect(),
        model: table(tape),
    }
}

impl Kind for Texts {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn mutate(&self, random: &mut Random) -> Vec<u8> {
        tape::mutated(random, &self.bases, 300)
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        outcome.accept();
        let mut tape = Tape::new(input);
        match tape.below(4) {
            0 => {
                let graph = problem(tape.below(self.cells), u64::from(tape.byte())).graph;
                source(&mut outcome, &graph, &text(&mut tape), &text(&mut tape));
            }
            1 => {
                let graph = problem(tape.below(self.cells), u64::from(tape.byte())).graph;
                if let Some(svg) = outcome.part(drawing(&graph, &text(&mut tape), None)) {
                    markup(&mut outcome, &svg);
                    outcome.require(roxmltree::Document::parse(&svg).is_ok(), "a drawing is well-formed XML");
                }
            }
            2 => {
                let result = outcome_of_test(&mut tape);
                let json = result.to_json().to_string();
                outcome.require(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "metrics are JSON");
                let key = text(&mut tape);
                let entry = Entry { step: tape.number(), values: result.summary() };
                outcome.require(
                    Series::of(&[entry], &key, key.clone()).points.len() <= 1,
                    "one entry, one point",
                );
            }
            _ => markup(&mut outcome, &page(&mut tape).html()),
        }
        outcome
    }
}

/// Checks that text stays within its comment: the source must have the same items as with a plain name.
fn source(outcome: &mut Outcome, graph: &graph::Graph, name: &str, command: &str) {
    let items = |source: &str| syn::parse_file(source).ok().map(|file| file.items.len());
    let plain = items(&emit::rust(graph, "a graph", "cargo run"));
    let hostile = items(&emit::rust(graph, name, command));
    outcome.require(plain.is_some(), "the source of a graph is Rust");
    outcome.require(plain == hostile, "a name does not leave the comment of a source");
}

/// Checks that text does not become markup.
fn markup(outcome: &mut Outcome, text: &str) {
    let raw = ["<zq", "\"zq", "</script><zq", "</text><zq", "&zq;"];
    outcome.require(!raw.iter().any(|part| text.contains(part)), "text does not become markup");
    let is_hidden = |c: char| c.is_control() && c != '\n' && c != '\t' || turns(c);
    outcome.require(!text.chars().any(is_hidden), "markup has no control or direction characters");
}
