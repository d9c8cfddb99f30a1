//! Names of functions and parameters, derived from those of the nodes.

use std::collections::BTreeSet;

use graph::{Graph, Op};

use crate::function::{Function, Step, Until};
use crate::scopes::{Item, Tree};
use crate::structure::number_of;

/// Rust's keywords, and names that every emitted function may use.
const TAKEN: [&str; 56] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false",
    "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return",
    "self", "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while",
    "abstract", "become", "box", "do", "final", "gen", "macro", "override", "priv", "try", "typeof",
    "unsized", "virtual", "yield", "g", "i", "graph", "input", "usize",
];

/// Names of parameters, which functions do not take.
const WORDS: &str = "channels features kernel stride dilation groups padding bias weight_norm eps momentum affine \
                     activation start length factor dropout depth rows mode";

/// The names of all functions and of their parameters.
pub(crate) struct Names {
    pub(crate) functions: Vec<String>,
    pub(crate) parameters: Vec<Vec<String>>,
}

impl Names {
    pub(crate) fn new(tree: &Tree<'_>, functions: &[Function]) -> Self {
        let names = function_names(tree, functions);
        let mut parameters: Vec<Vec<String>> = Vec::new();
        for function in functions {
            parameters.push(parameter_names(function, &names, &parameters));
        }
        Self { functions: names, parameters }
    }
}

/// The name of each function; the last, the whole graph's, is `graph`.
fn function_names(tree: &Tree<'_>, functions: &[Function]) -> Vec<String> {
    let mut names: Vec<String> = functions.iter().map(|function| base_name(tree, function)).collect();
    let parts: Vec<Vec<String>> = functions.iter().map(|function| inner_names(tree, function)).collect();
    for joint in ["with", "and"] {
        tell_apart(&mut names, &parts, joint);
    }
    let mut taken: BTreeSet<String> = TAKEN.into_iter().chain(WORDS.split(' ')).map(str::to_owned).collect();
    names.pop();
    let mut names: Vec<String> = names.into_iter().map(|name| unique(name, &mut taken)).collect();
    names.push("graph".to_owned());
    names
}

/// Appends to functions of one name the rarest inner name that not all of them have.
fn tell_apart(names: &mut [String], parts: &[Vec<String>], joint: &str) {
    let before = names.to_vec();
    for (f, name) in names.iter_mut().enumerate() {
        let alike: Vec<&Vec<String>> = parts
            .iter()
            .zip(&before)
            .filter(|(_, other)| **other == before[f])
            .map(|(parts, _)| parts)
            .collect();
        let count = |part: &String| alike.iter().filter(|parts| parts.contains(part)).count();
        let rarest = parts[f].iter().filter(|part| count(part) < alike.len()).min_by_key(|part| count(part));
        if let Some(part) = rarest {
            let joint = if name.contains("_with_") { "and" } else { joint };
            *name = format!("{name}_{joint}_{part}");
        }
    }
}

/// `name`, with a number if it is taken; taken from now on.
fn unique(name: String, taken: &mut BTreeSet<String>) -> String {
    let name = if is_variable(&name) { format!("{name}_part") } else { name };
    let mut candidate = name.clone();
    let mut number = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{name}_{number}");
        number += 1;
    }
    candidate
}

/// Returns true for names reserved for variables: `x`, `y3`.
fn is_variable(name: &str) -> bool {
    let digits = name.strip_prefix(['x', 'y', 'z']);
    digits.is_some_and(|digits| digits.chars().all(|c| c.is_ascii_digit()))
}

/// A name for the groups of a function; several functions may have it.
fn base_name(tree: &Tree<'_>, function: &Function) -> String {
    let scopes: Vec<Vec<&str>> =
        function.groups.iter().map(|group| tree.groups[*group].scope.split('.').collect()).collect();
    if let [scope] = scopes.as_slice() {
        let named = scope.iter().rposition(|name| number_of(name).is_none()).unwrap_or(0);
        return identifier(&scope[named..].join("_"));
    }
    let mut stems: BTreeSet<&str> = BTreeSet::new();
    for scope in &scopes {
        stems.insert(scope[scope.len() - 1].trim_end_matches(|c: char| c.is_ascii_digit() || c == '_'));
    }
    match stems.first() {
        Some(stem) if stems.len() == 1 && !stem.is_empty() => identifier(stem),
        _ => operations_name(tree, function).unwrap_or_else(|| numbered_name(&scopes, function)),
    }
}

/// The operations of a short function, such as `conv_norm`.
fn operations_name(tree: &Tree<'_>, function: &Function) -> Option<String> {
    let items = &tree.groups[function.groups[0]].items;
    if items.len() > 3 {
        return None;
    }
    let mut words = Vec::new();
    for item in items {
        let Item::Node(_, value) = item else { return None };
        words.push(operation_word(&tree.graph.node(*value).op));
    }
    Some(words.join("_"))
}

fn operation_word(op: &Op) -> &'static str {
    if let Op::BatchNorm(_) | Op::LayerNorm { .. } | Op::GroupNorm(_) | Op::PositionNorm { .. } = op {
        return "norm";
    }
    op.name()
}

/// A name for groups whose names are numbers: `stage` if their inner names are numbers as well.
fn numbered_name(scopes: &[Vec<&str>], function: &Function) -> String {
    let is_block = |step: &Step| match step {
        Step::Node { .. } => false,
        Step::Call { path, .. } => number_of(path).is_some(),
        Step::Loop { .. } => true,
    };
    if function.steps.iter().all(is_block) {
        return "stage".to_owned();
    }
    let mut parents: BTreeSet<&str> = BTreeSet::new();
    for scope in scopes {
        parents.insert(if scope.len() > 1 { scope[scope.len() - 2] } else { "" });
    }
    match parents.first().and_then(|parent| parent.strip_suffix('s')) {
        Some(singular) if parents.len() == 1 && singular.len() > 2 => identifier(singular),
        _ => "block".to_owned(),
    }
}

/// The names below a function's own, the nearest first.
fn inner_names(tree: &Tree<'_>, function: &Function) -> Vec<String> {
    let group = &tree.groups[function.groups[0]];
    let depth = if group.scope.is_empty() { 0 } else { group.scope.split('.').count() };
    let mut names: Vec<(usize, String)> = Vec::new();
    for value in &group.values {
        for (level, name) in tree.graph.node(*value).name.split('.').skip(depth).enumerate() {
            if number_of(name).is_none() {
                names.push((level, identifier(name)));
            }
        }
    }
    names.sort_by_key(|(level, _)| *level);
    let mut distinct: Vec<String> = Vec::new();
    for (_, name) in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    distinct
}

/// A name as Rust writes those of functions and variables.
fn identifier(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            text.push(c.to_ascii_lowercase());
        } else if !text.is_empty() && !text.ends_with('_') {
            text.push('_');
        }
    }
    let text = text.trim_end_matches('_');
    match text.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("block_{text}"),
        Some(_) => text.to_owned(),
        None => "part".to_owned(),
    }
}

/// The names of a function's parameters. `callees` are those of the functions before it.
fn parameter_names(function: &Function, functions: &[String], callees: &[Vec<String>]) -> Vec<String> {
    let mut taken: BTreeSet<String> = functions.iter().cloned().collect();
    taken.extend(TAKEN.iter().map(|name| (*name).to_owned()));
    // A loop names the columns of its rows as the called function names its parameters.
    for step in &function.steps {
        if let Step::Loop { until: Until::Rows(..), callee, .. } = step {
            taken.extend(callees[*callee].iter().cloned());
        }
    }
    let words: Vec<String> =
        function.parameters.iter().map(|parameter| identifier(&parameter.word)).collect();
    let mut names = Vec::new();
    for (word, parameter) in words.iter().zip(&function.parameters) {
        let is_alone = words.iter().filter(|other| *other == word).count() == 1;
        let name = if is_alone && !taken.contains(word) {
            word.clone()
        } else {
            format!("{}_{word}", identifier(&parameter.label))
        };
        names.push(unique(name, &mut taken));
    }
    names
}

/// Returns true if a graph's only input is its first node, so that its shape can be an argument.
pub(crate) fn has_one_input(graph: &Graph) -> bool {
    let inputs: Vec<_> = graph.inputs().collect();
    let first = graph.nodes().next().map(|(value, _)| value);
    matches!(inputs.as_slice(), [(value, node)] if Some(*value) == first && !node.name.contains('.'))
}
