//! Latency of the forms of a network, measured in alternation.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use torch::Net;
use torch::tch::{self, Tensor};

use super::Prepared;

/// Limits on the time and the number of rounds of a measurement.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Time for one model at one thread count.
    pub time: Duration,
    /// Minimum number of rounds, unless they take more than three times as long.
    pub least: usize,
    /// Maximum number of rounds.
    pub most: usize,
}

impl Budget {
    /// For results to be compared.
    pub const FULL: Self = Self { time: Duration::from_millis(3500), least: 9, most: 400 };
    /// For a quick estimate.
    pub const QUICK: Self = Self { time: Duration::from_millis(300), least: 3, most: 50 };

    /// Whether to run another round. The first one always runs.
    fn continues(&self, rounds: usize, elapsed: Duration) -> bool {
        let time = if rounds < self.least { 3 * self.time } else { self.time };
        rounds == 0 || (rounds < self.most && elapsed < time)
    }
}

/// Latency of one forward pass of one sample. Fields are in alphabetical order, for the JSON.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Latency {
    /// As built, in milliseconds.
    pub eager_ms: Spread,
    /// Merged, on the engine, in milliseconds.
    pub engine_ms: Spread,
    /// Merged, in milliseconds.
    pub merged_ms: Spread,
    /// Time merged divided by time as built, for consecutive passes: other load on the machine slows
    /// both alike.
    pub ratio: Spread,
    /// Number of rounds.
    pub rounds: usize,
}

/// Median and quartiles of the measured values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Median.
    pub median: f64,
    /// First quartile.
    pub quarter: f64,
    /// Third quartile.
    pub three_quarters: f64,
}

impl Latency {
    /// Whether the quartiles are so far apart that other load must have disturbed the measurement.
    pub fn is_disturbed(&self) -> bool {
        let wide = |spread: &Spread| spread.three_quarters > 1.25 * spread.quarter;
        wide(&self.eager_ms) || wide(&self.merged_ms)
    }
}

impl Spread {
    /// The spread of values; zeros if there are none.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        // To a nanosecond, or a millionth of a ratio.
        let rounded = |q: f64| (quantile(&values, q) * 1e6).round() / 1e6;
        Self { median: rounded(0.5), quarter: rounded(0.25), three_quarters: rounded(0.75) }
    }
}

/// The quantile `q` of sorted values, by linear interpolation; 0 if there are none.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let position = q * last as f64;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the index is between 0 and `last`"
    )]
    let below = position as usize;
    let above = (below + 1).min(last);
    sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
}

/// Runs the network as built, merged, and on the engine in turn until the budget is spent: libtorch on its current
/// number of threads, the engine on `threads`. The order alternates from round to round, because the first pass finds
/// colder caches.
///
/// # Errors
/// If the networks do not accept the input.
pub fn measure(prepared: &Prepared, threads: usize, budget: &Budget) -> Result<Latency> {
    let [warm_up, time] = [budget.time / 10, budget.time];
    let mut engine = prepared.engine(threads)?;
    let mut round = |reverse: bool| {
        let mut times = [0.0; 3];
        let order = if reverse { [2, 1, 0] } else { [0, 1, 2] };
        for form in order {
            times[form] = match form {
                0 => milliseconds(&prepared.eager, &prepared.input)?,
                1 => milliseconds(&prepared.merged, &prepared.input)?,
                _ => engine.milliseconds()?,
            };
        }
        Ok(times)
    };
    rounds(&mut round, &Budget { time: warm_up, least: 1, most: budget.most })?;
    let times = rounds(&mut round, &Budget { time, ..*budget })?;
    let spread = |form: usize| Spread::of(times.iter().map(|round| round[form]).collect());
    Ok(Latency {
        eager_ms: spread(0),
        engine_ms: spread(2),
        merged_ms: spread(1),
        ratio: Spread::of(times.iter().map(|[eager, merged, _]| merged / eager).collect()),
        rounds: times.len(),
    })
}

fn rounds(round: &mut impl FnMut(bool) -> Result<[f64; 3]>, budget: &Budget) -> Result<Vec<[f64; 3]>> {
    let mut times = Vec::new();
    let start = Instant::now();
    while budget.continues(times.len(), start.elapsed()) {
        times.push(round(times.len() % 2 == 1)?);
    }
    Ok(times)
}

fn milliseconds(net: &Net, input: &Tensor) -> Result<f64> {
    let start = Instant::now();
    drop(tch::no_grad(|| net.run(input, false))?);
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

/// The median of sorted values; 0 if there are none.
pub(crate) fn median(sorted: &[f64]) -> f64 {
    quantile(sorted, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets() {
        let budget = Budget { time: Duration::from_secs(1), least: 3, most: 5 };
        let continues = |rounds, seconds| budget.continues(rounds, Duration::from_secs_f64(seconds));
        assert!(continues(0, 9.0), "one round always runs");
        assert!(continues(2, 2.9) && !continues(2, 3.1), "at least three rounds, unless they are too slow");
        assert!(continues(3, 0.9) && !continues(3, 1.1) && !continues(5, 0.1));
    }

    #[test]
    fn spread() {
        let spread = Spread::of(vec![5.0, 1.0, 4.0, 2.0, 3.0]);
        assert_eq!(spread, Spread { median: 3.0, quarter: 2.0, three_quarters: 4.0 });
        let spread = Spread::of(vec![1.0, 2.0]);
        assert_eq!(spread, Spread { median: 1.5, quarter: 1.25, three_quarters: 1.75 });
        assert_eq!(Spread::of(vec![7.0]), Spread { median: 7.0, quarter: 7.0, three_quarters: 7.0 });
    }
}
