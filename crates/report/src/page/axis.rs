//! Axes with round ticks.

use super::number::significant;

/// The largest magnitude that is drawn, so that the difference of two values is finite. Larger values are gaps.
const LARGEST: f64 = 1e300;

/// One axis of a chart.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    log: bool,
    ticks: Vec<f64>,
}

impl Axis {
    /// An axis from the smallest to the largest value, with about `count` ticks.
    pub(super) fn tight(values: impl Iterator<Item = f64>, count: usize) -> Self {
        let (low, high) = range(values.filter(|value| value.abs() <= LARGEST));
        let step = step(low, high, count);
        let first = (low / step).ceil() * step;
        Self { low, high, log: false, ticks: ticks(first, step, high) }
    }

    /// An axis from the tick below the smallest value to the tick above the largest.
    pub(super) fn round(values: impl Iterator<Item = f64>, count: usize) -> Self {
        let (low, high) = range(values.filter(|value| value.abs() <= LARGEST));
        let step = step(low, high, count);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        Self { low, high, log: false, ticks: ticks(low, step, high) }
    }

    /// A logarithmic axis, without values that are not positive.
    pub(super) fn logarithmic(values: impl Iterator<Item = f64>) -> Self {
        let values = values.filter(|&value| 0.0 < value && value <= LARGEST);
        let (mut low, mut high) = bounds(values).unwrap_or((1.0, 10.0));
        if high / low < 1.2 {
            (low, high) = (low / 2.0, high * 2.0);
        }
        let decades = (high / low).log10();
        let factors: &[f64] = match decades {
            ..1.5 => &[1.0, 2.0, 3.0, 5.0, 7.0],
            1.5..3.0 => &[1.0, 3.0],
            _ => &[1.0],
        };
        let stride = (decades / 6.0).ceil().max(1.0);
        let mut ticks = Vec::new();
        let mut exponent = (low.log10() / stride).floor() * stride;
        while exponent <= high.log10() {
            ticks.extend(factors.iter().map(|factor| factor * 10f64.powf(exponent)));
            exponent += stride;
        }
        ticks.retain(|tick| (low..=high).contains(tick));
        Self { low, high, log: true, ticks }
    }

    /// The position of a value, from 0 at the start of the axis to 1 at its end; `None` if it is not on the axis.
    pub(super) fn at(&self, value: f64) -> Option<f64> {
        let at = if self.log {
            (value / self.low).log10() / (self.high / self.low).log10()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        if at.is_finite() && value.abs() <= LARGEST { Some(at.clamp(0.0, 1.0)) } else { None }
    }

    /// Positions and labels of the ticks.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let tick = |&tick: &f64| Some((self.at(tick)?, self.label(tick)));
        self.ticks.iter().filter_map(tick).collect()
    }

    fn label(&self, tick: f64) -> String {
        match tick.abs() {
            1e9.. => significant(tick, 3),
            1e6.. => significant(tick / 1e6, 4) + "M",
            1e4.. => significant(tick / 1e3, 4) + "k",
            _ if self.log => significant(tick, 2),
            _ => {
                // A tick at 0 may be off by rounding.
                let step = (self.high - self.low) / 1e6;
                significant(if tick.abs() < step { 0.0 } else { tick }, 6)
            }
        }
    }
}

/// The smallest and the largest value; `None` without values.
fn bounds(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |bounds, value| {
        let (low, high) = bounds.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    })
}

/// The bounds, widened if they are too close to be divided.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = bounds(values).unwrap_or((0.0, 1.0));
    let size = low.abs().max(high.abs());
    if size * 1e-9 < high - low {
        (low, high)
    } else if size == 0.0 {
        (-1.0, 1.0)
    } else {
        (low - 0.1 * size, high + 0.1 * size)
    }
}

/// The smallest of 1, 2 or 5 times a power of ten with which at most `count` steps fill the range.
fn step(low: f64, high: f64, count: usize) -> f64 {
    let raw = (high - low) / count as f64;
    let power = 10f64.powf(raw.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| raw <= factor * power);
    factor.unwrap_or(10.0) * power
}

fn ticks(first: f64, step: f64, high: f64) -> Vec<f64> {
    let tick = |i: u32| first + f64::from(i) * step;
    (0..20).map(tick).take_while(|&tick| tick <= high + 1e-6 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::Axis;

    fn labels(axis: &Axis) -> String {
        axis.ticks().into_iter().map(|(at, label)| format!("{label}@{at:.2}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks() {
        let round = |values: &[f64]| labels(&Axis::round(values.iter().copied(), 4));
        assert_eq!(round(&[0.0, 0.93]), "0@0.00 0.5@0.50 1@1.00");
        assert_eq!(round(&[-0.1, 0.3]), "−0.1@0.00 0@0.25 0.1@0.50 0.2@0.75 0.3@1.00");
        assert_eq!(round(&[0.001, 0.0013]), "0.001@0.00 0.0011@0.33 0.0012@0.67 0.0013@1.00");
        assert_eq!(round(&[]), "0@0.00 0.5@0.50 1@1.00");
        assert_eq!(round(&[5.0]), "4.5@0.00 5@0.50 5.5@1.00");
        assert_eq!(round(&[f64::NAN, f64::INFINITY, 0.0]), "−1@0.00 −0.5@0.25 0@0.50 0.5@0.75 1@1.00");
        let tight = Axis::tight([1.0, 43_750.0].into_iter(), 5);
        assert_eq!(labels(&tight), "10k@0.23 20k@0.46 30k@0.69 40k@0.91");
    }

    #[test]
    fn logarithms() {
        let log = |values: &[f64]| labels(&Axis::logarithmic(values.iter().copied()));
        assert_eq!(log(&[0.0, 1e-5, 1.0]), "1e−5@0.00 0.0001@0.20 0.001@0.40 0.01@0.60 0.1@0.80 1@1.00");
        assert_eq!(log(&[0.5, 4.0]), "0.5@0.00 0.7@0.16 1@0.33 2@0.67 3@0.86");
        assert_eq!(log(&[]), "1@0.00 2@0.30 3@0.48 5@0.70 7@0.85 10@1.00");
        let axis = Axis::logarithmic([1.0, 100.0].into_iter());
        assert_eq!((axis.at(10.0), axis.at(0.0), axis.at(-1.0)), (Some(0.5), None, None));
    }
}
