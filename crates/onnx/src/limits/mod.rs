//! Known readers that do not support a file or compute a wrong result.

mod candle;
mod file;
mod openvino;
mod rules;
mod tract;

use std::fmt;

use graph::printable;

use crate::exported::Exported;
use file::File;
use rules::RULES;

/// A limit of a known reader that prevents it from running a file, or leads to a wrong result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limit {
    /// The reader and its version, such as `tract 0.23`.
    pub reader: &'static str,
    /// The first node of the file that the reason applies to.
    pub node: String,
    /// The reason, such as `has no GlobalAveragePool`.
    pub reason: String,
    /// The place where the limit is documented, or how it was found.
    pub source: &'static str,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, first at `{}` ({})", self.reader, self.reason, printable(&self.node), self.source)
    }
}

/// The limits of known readers that `exported` exceeds, each once.
pub(crate) fn limits(exported: &Exported) -> Vec<Limit> {
    let Some(graph) = &exported.model.graph else { return Vec::new() };
    let file = File::new(exported, graph);
    let mut limits: Vec<Limit> = Vec::new();
    for rule in RULES {
        for node in &graph.node {
            let Some(reason) = (rule.check)(&file, node) else { continue };
            let is_known = limits.iter().any(|limit| limit.reader == rule.reader && limit.reason == reason);
            if !is_known {
                let (reader, source) = (rule.reader, rule.source);
                limits.push(Limit { reader, node: node.name.clone(), reason, source });
            }
        }
    }
    limits
}
