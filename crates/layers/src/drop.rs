//! Dropout of elements, channels and whole residual branches.

use graph::{BuildError, DropUnit, Scope, Value};

/// Random zeros in training (Srivastava et al. 2014; channels: Tompson et al. 2015, arXiv
/// 1411.4280); `x` itself for a probability of 0. Any shape.
///
/// # Errors
/// A probability that is not within 0 and 1, or is 1.
pub fn dropout(g: Scope<'_>, name: &str, x: Value, p: f64, unit: DropUnit) -> Result<Value, BuildError> {
    if p == 0.0 { Ok(x) } else { g.dropout(name, x, p, unit) }
}

/// Stochastic depth: drops a residual branch for whole samples in training (Huang et al. 2016,
/// arXiv 1603.09382); `x` itself for a probability of 0. Any shape.
///
/// # Errors
/// A probability that is not within 0 and 1, or is 1.
pub fn drop_path(g: Scope<'_>, name: &str, x: Value, p: f64) -> Result<Value, BuildError> {
    dropout(g, name, x, p, DropUnit::Path)
}

/// The drop probability of block `index` of `total`: rises in a line from 0 at the first block
/// and would reach `p` one past the last one, as in EfficientNet. (For timm's ResNet, which
/// reaches `p` at the last block, `total` is one less than the blocks there are.)
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
