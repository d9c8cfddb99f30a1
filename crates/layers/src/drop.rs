//! Dropout of elements, channels and whole residual branches.

use graph::{BuildError, DropUnit, Scope, Value};

/// Adds dropout called `name`, for any shape (Srivastava et al. 2014; for whole channels, Tompson et al.
/// 2015, arXiv 1411.4280). Returns `x` unchanged if the probability is 0.
///
/// # Errors
/// If the probability is outside [0, 1).
pub fn dropout(g: Scope<'_>, name: &str, x: Value, p: f64, unit: DropUnit) -> Result<Value, BuildError> {
    if p == 0.0 { Ok(x) } else { g.dropout(name, x, p, unit) }
}

/// Adds stochastic depth called `name`, for any shape (Huang et al. 2016, arXiv 1603.09382): in training,
/// it drops the residual branch `x` of whole samples. Returns `x` unchanged if the probability is 0.
///
/// # Errors
/// If the probability is outside [0, 1).
pub fn drop_path(g: Scope<'_>, name: &str, x: Value, p: f64) -> Result<Value, BuildError> {
    dropout(g, name, x, p, DropUnit::Path)
}

/// Returns the drop probability of block `index` of `total`, which is `p * index / total`, as in
/// EfficientNet: it rises linearly from 0 at the first block and stays below `p` at the last. (timm's
/// ResNet reaches `p` at the last block; for this, pass a `total` of one less than the number of blocks.)
///
/// ```
/// use layers::linear_rise;
/// assert_eq!(linear_rise(0.2, 20, 40), 0.1);
/// assert_eq!(linear_rise(0.2, 0, 0), 0.0);
/// ```
#[expect(clippy::cast_precision_loss, reason = "numbers of blocks are small")]
pub fn linear_rise(p: f64, index: usize, total: usize) -> f64 {
    p * index as f64 / total.max(1) as f64
}
