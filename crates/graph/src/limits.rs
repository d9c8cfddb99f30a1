//! Limits that graphs and configs share.

/// Largest attribute, axis or channel count. Far above any network, far below overflow.
pub const LARGEST_EXTENT: usize = 1 << 24;

/// Maximum number of elements of all parameters of a graph, running statistics included: 4 GiB as f32. So a typo
/// in a config is an error that names the node, instead of an allocation that fails.
pub const LARGEST_PARAMETER_COUNT: usize = 1 << 30;

/// Maximum number of nodes of a graph. The deepest networks in use have a few thousand; every analysis of a graph
/// of this size takes at most a few seconds.
pub const LARGEST_NODE_COUNT: usize = 1 << 14;

/// Maximum number of named outputs of a graph.
pub const LARGEST_OUTPUT_COUNT: usize = 1 << 10;
