//! The two axes of a chart.

use super::axis::Axis;
use super::curves::Chart;

/// The axes of a chart.
pub(super) struct Axes {
    pub(super) x: Axis,
    pub(super) y: Axis,
}

impl Axes {
    pub(super) fn new(chart: &Chart) -> Self {
        let points = || chart.series.iter().flat_map(|series| &series.points);
        let finite = || points().filter(|(x, y)| x.is_finite() && y.is_finite());
        let values = finite().map(|&(_, y)| y);
        let y = if chart.log_y { Axis::logarithmic(values) } else { Axis::round(values, 5) };
        Self { x: Axis::tight(finite().map(|&(x, _)| x), 5), y }
    }

    /// The position of a point from the lower left corner, in fractions of the size; `None` if it is not
    /// on the axes.
    pub(super) fn at(&self, &(x, y): &(f64, f64)) -> Option<(f64, f64)> {
        Some((self.x.at(x)?, self.y.at(y)?))
    }
}
