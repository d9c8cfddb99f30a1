//! Names of functions and parameters, from those of the nodes.

use std::collections::BTreeSet;

use graph::{Graph, Op};

use crate::functions::{Function, Step, Until, number_of};
use crate::scopes::{Item, Run};

/// Rust's keywords, and the names that emitted functions have already.
const TAKEN: [&str; 56] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false",
    "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return",
    "self", "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while",
    "abstract", "become", "box", "do", "final", "gen", "macro", "override", "priv", "try", "typeof",
    "unsized", "virtual", "yield", "g", "i", "graph", "input", "usize",
];

/// Names of attributes, which parameters have; no function is called so.
const WORDS: [&str; 20] = [
    "channels",
    "features",
    "kernel",
    "stride",
    "dilation",
    "groups",
    "padding",
    "bias",
    "weight_norm",
    "eps",
    "momentum",
    "affine",
    "activation",
    "start",
    "length",
    "factor",
    "dropout",
    "depth",
    "rows",
    "mode",
];

/// The name of each function; the last, that of the whole graph, is `graph`.
pub(crate) fn functions(graph: &Graph, runs: &[Run], functions: &[Function]) -> Vec<String> {
    let mut names: Vec<String> = functions.iter().map(|function| base(graph, runs, function)).collect();
    let parts: Vec<Vec<String>> = functions.iter().map(|function| parts(graph, runs, function)).collect();
    // Functions of one name are told apart by what not all of them have.
    for joint in ["with", "and"] {
        let alike = |own: &String| (0..names.len()).filter(|other| names[*other] == *own).collect();
        let groups: Vec<Vec<usize>> = names.iter().map(alike).collect();
        for (f, group) in groups.iter().enumerate() {
            let own = parts[f].iter().filter(|part| !group.iter().all(|other| parts[*other].contains(part)));
            if let Some(own) =
                own.min_by_key(|part| group.iter().filter(|other| parts[**other].contains(part)).count())
            {
                let joint = if names[f].contains("_with_") { "and" } else { joint };
                names[f] = format!("{}_{joint}_{own}", names[f]);
            }
        }
    }
    let mut taken: BTreeSet<String> = TAKEN.iter().chain(&WORDS).map(|name| (*name).to_owned()).collect();
    let whole = names.len() - 1;
    let mut names: Vec<String> = names.drain(..whole).map(|name| unique(name, &mut taken)).collect();
    names.push("graph".to_owned());
    names
}

/// `name`, or else with a number after it; taken from now on.
fn unique(name: String, taken: &mut BTreeSet<String>) -> String {
    let is_variable = |name: &str| {
        let rest = name.strip_prefix(['x', 'y', 'z']);
        rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()))
    };
    let name = if is_variable(&name) { format!("{name}_part") } else { name };
    let numbered = (2..).map(|n| format!("{name}_{n}"));
    let found = std::iter::once(name.clone()).chain(numbered).find(|name| !taken.contains(name));
    let found = found.unwrap_or(name);
    taken.insert(found.clone());
    found
}

/// A name for what the function's runs are, not yet its own.
fn base(graph: &Graph, runs: &[Run], function: &Function) -> String {
    let scopes: Vec<Vec<&str>> =
        function.runs.iter().map(|run| runs[*run].scope.split('.').collect()).collect();
    let last = |scope: &[&str]| scope.last().map_or("", |name| *name).to_owned();
    if let [scope] = scopes.as_slice() {
        let named = scope.iter().rposition(|name| number_of(name).is_none()).unwrap_or(0);
        return identifier(&scope[named..].join("_"));
    }
    let stem =
        |scope: &Vec<&str>| last(scope).trim_end_matches(|c: char| c.is_ascii_digit() || c == '_').to_owned();
    let stems: BTreeSet<String> = scopes.iter().map(stem).collect();
    match stems.first() {
        Some(stem) if stems.len() == 1 && !stem.is_empty() => identifier(stem),
        _ => short(graph, runs, function).unwrap_or_else(|| numbered(&scopes, function)),
    }
}

/// Of what short functions do: `conv_norm`.
fn short(graph: &Graph, runs: &[Run], function: &Function) -> Option<String> {
    let word = |item: &Item| {
        let Item::Node(_, node) = item else { return None };
        graph.nodes().nth(*node).map(|(_, node)| match &node.op {
            Op::BatchNorm(_) | Op::LayerNorm { .. } | Op::GroupNorm(_) | Op::PositionNorm { .. } => "norm",
            op @ (Op::Input { .. }
            | Op::Conv(_)
            | Op::ConvTranspose(_)
            | Op::Linear(_)
            | Op::Activation(_)) => op.name(),
            op @ (Op::Softmax | Op::Add | Op::Multiply | Op::Concat | Op::Slice { .. } | Op::MaxPool(_)) => {
                op.name()
            }
            op @ (Op::AveragePool { .. }
            | Op::GlobalMean
            | Op::Upsample { .. }
            | Op::CropOrPad
            | Op::Select(_)) => op.name(),
            op @ (Op::Reverse | Op::Dropout { .. } | Op::Flatten) => op.name(),
        })
    };
    let items = &runs[function.runs[0]].items;
    let words: Option<Vec<&str>> = items.iter().map(word).collect();
    words.filter(|words| words.len() <= 3).map(|words| words.join("_"))
}

/// Of runs whose names are numbers: `stage` where all they hold is numbers again.
fn numbered(scopes: &[Vec<&str>], function: &Function) -> String {
    let is_number = |path: &str| number_of(path).is_some();
    let holds_blocks = function.steps.iter().all(|step| match step {
        Step::Node { .. } => false,
        Step::Call { path, .. } => is_number(path),
        Step::Loop { .. } => true,
    });
    if holds_blocks {
        return "stage".to_owned();
    }
    let parent = |scope: &Vec<&str>| scope.len().checked_sub(2).map_or("", |parent| scope[parent]).to_owned();
    let parents: BTreeSet<String> = scopes.iter().map(parent).collect();
    let parent = parents.first().filter(|_| parents.len() == 1).and_then(|parent| parent.strip_suffix('s'));
    parent.filter(|parent| parent.len() > 2).map_or_else(|| "block".to_owned(), identifier)
}

/// The names below a function's own, those next to it first.
fn parts(graph: &Graph, runs: &[Run], function: &Function) -> Vec<String> {
    let run = &runs[function.runs[0]];
    let depth = if run.scope.is_empty() { 0 } else { run.scope.split('.').count() };
    let nodes = graph.nodes().skip(run.range.start).take(run.range.len());
    let mut names: Vec<(usize, String)> = Vec::new();
    for (_, node) in nodes {
        let below = node.name.split('.').skip(depth).enumerate();
        names.extend(
            below.filter(|(_, name)| number_of(name).is_none()).map(|(d, name)| (d, identifier(name))),
        );
    }
    names.sort_by_key(|(depth, _)| *depth);
    let mut parts: Vec<String> = Vec::new();
    for (_, name) in names {
        if !parts.contains(&name) {
            parts.push(name);
        }
    }
    parts
}

/// A name as Rust writes those of functions and variables.
pub(crate) fn identifier(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => text.push(c.to_ascii_lowercase()),
            _ if text.is_empty() || text.ends_with('_') => {}
            _ => text.push('_'),
        }
    }
    let text = text.trim_end_matches('_');
    match text.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("block_{text}"),
        Some(_) => text.to_owned(),
        None => "part".to_owned(),
    }
}

/// The names of a function's parameters.
pub(crate) fn parameters(function: &Function, functions: &[String], inner: &[Vec<String>]) -> Vec<String> {
    let mut taken: BTreeSet<String> = functions.iter().cloned().collect();
    taken.extend(TAKEN.iter().map(|name| (*name).to_owned()));
    // Loops name their rows' columns as the functions that they call name their parameters.
    for step in &function.steps {
        if let Step::Loop { until: Until::Rows(..), callee, .. } = step {
            taken.extend(inner[*callee].iter().cloned());
        }
    }
    let words: Vec<String> =
        function.parameters.iter().map(|parameter| identifier(&parameter.word)).collect();
    let name = |(p, word): (usize, &String)| {
        let alone = words.iter().filter(|other| *other == word).count() == 1;
        let label = identifier(&function.parameters[p].label);
        let name = if alone && !taken.contains(word) { word.clone() } else { format!("{label}_{word}") };
        unique(name, &mut taken)
    };
    words.iter().enumerate().map(name).collect()
}
