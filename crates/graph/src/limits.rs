//! Limits that graphs and configs share.

/// Largest attribute, axis or channel count. Far above any network, far below overflow.
pub const LARGEST_EXTENT: usize = 1 << 24;
