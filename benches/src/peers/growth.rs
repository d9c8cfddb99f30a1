//! The growth of latency with a property of the network.

use super::network::{Axis, Network};
use super::results::Row;
use super::runtime::Runtime;

/// The latencies of one runtime along an axis.
#[derive(Clone, Debug)]
pub(super) struct Curve {
    pub(super) axis: Axis,
    pub(super) runtime: Runtime,
    /// Values of the property, and milliseconds.
    pub(super) points: Vec<(usize, f64)>,
}

impl Curve {
    /// The curves of all runtimes that have at least two points.
    pub(super) fn all(networks: &[Network], rows: &[Row]) -> Vec<Self> {
        let mut curves = Vec::new();
        for axis in Axis::ALL {
            for runtime in [Runtime::Engine].into_iter().chain(Runtime::PEERS) {
                let mut points = Vec::new();
                for network in networks {
                    let Some(growth) = network.growth.filter(|growth| growth.axis == axis) else { continue };
                    let row = rows.iter().find(|row| row.network == network.name);
                    let time = row.and_then(|row| row.best_form(runtime)?.milliseconds());
                    points.extend(time.map(|time| (growth.value, time)));
                }
                if points.len() > 1 {
                    curves.push(Self { axis, runtime, points });
                }
            }
        }
        curves
    }

    /// The exponent of a power law, by least squares of the logarithms.
    pub(super) fn exponent(&self) -> f64 {
        let logarithms: Vec<(f64, f64)> =
            self.points.iter().map(|(value, time)| ((*value as f64).ln(), time.ln())).collect();
        let count = logarithms.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| logarithms.iter().map(of).sum::<f64>() / count;
        let (x, y) = (mean(|point| point.0), mean(|point| point.1));
        let products: f64 = logarithms.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
        let squares: f64 = logarithms.iter().map(|point| (point.0 - x).powi(2)).sum();
        products / squares
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_law_has_its_exponent() {
        let points = [2_usize, 4, 16].map(|x| (x, 3.0 * (x as f64).powf(1.5))).to_vec();
        let curve = Curve { axis: Axis::Length, runtime: Runtime::Engine, points };
        assert!((curve.exponent() - 1.5).abs() < 1e-9);
    }
}
