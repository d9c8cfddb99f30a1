//! Limits that graphs and configs share.

/// Largest attribute, axis or channel count. Far above any network, far below overflow.
pub const LARGEST_EXTENT: usize = 1 << 24;

/// Most elements of all parameters of a graph, running statistics included: 4 GiB as f32. A typo in a
/// config is refused with its node before memory is asked for.
pub const LARGEST_PARAMETER_COUNT: usize = 1 << 30;

/// Most nodes of a graph. The deepest networks in use have some thousands; every analysis of a graph of
/// this many takes seconds at most.
pub const LARGEST_NODE_COUNT: usize = 1 << 14;

/// Most named outputs of a graph.
pub const LARGEST_OUTPUT_COUNT: usize = 1 << 10;
