//! Measuring two nets against each other.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;
use torch::Net;
use torch::tch::{self, Tensor};

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Time for one model on one thread count.
    pub time: Duration,
    /// Rounds at least, if they take no more than three times as long.
    pub least: usize,
    /// Rounds at most, however fast.
    pub most: usize,
}

impl Budget {
    /// For figures to compare.
    pub const FULL: Self = Self { time: Duration::from_millis(3500), least: 9, most: 400 };
    /// For a first look.
    pub const QUICK: Self = Self { time: Duration::from_millis(300), least: 3, most: 50 };

    /// Whether another round follows. One there is in any case.
    fn goes_on(&self, rounds: usize, elapsed: Duration) -> bool {
        let time = if rounds < self.least { 3 * self.time } else { self.time };
        rounds == 0 || (rounds < self.most && elapsed < time)
    }
}

/// Latency of one forward pass of one sample. Fields in alphabetical order, for the JSON.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Latency {
    /// As built, in milliseconds.
    pub eager_ms: Spread,
    /// Merged, in milliseconds.
    pub merged_ms: Spread,
    /// Merged over eager, of passes right after each other: what else the machine does at the time
    /// slows both.
    pub ratio: Spread,
    /// Pairs of passes.
    pub rounds: usize,
}

/// The middle half of what was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Half of the values are below.
    pub median: f64,
    /// A quarter of the values is below.
    pub quarter: f64,
    /// Three quarters of the values are below.
    pub three_quarters: f64,
}

impl Latency {
    /// Whether the middle halves are so wide that something else must have used the machine.
    pub fn is_disturbed(&self) -> bool {
        let wide = |spread: &Spread| spread.three_quarters > 1.25 * spread.quarter;
        wide(&self.eager_ms) || wide(&self.merged_ms)
    }
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        // To a nanosecond, a millionth of a ratio.
        let rounded = |q: f64| (quantile(&values, q) * 1e6).round() / 1e6;
        Self { median: rounded(0.5), quarter: rounded(0.25), three_quarters: rounded(0.75) }
    }
}

/// Between the two values nearest to the fraction `q` of sorted ones; 0 of none.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = q * last as f64;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place between 0 and the last"
    )]
    let below = place as usize;
    let above = (below + 1).min(last);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// Runs the net as built and merged in turn, on the threads libtorch is set to, until the budget is
/// spent. The one that begins changes from round to round, for the first pass meets colder caches.
///
/// # Errors
/// An input that the nets do not accept.
pub fn measure(eager: &Net, merged: &Net, input: &Tensor, budget: &Budget) -> Result<Latency> {
    let [warm_up, time] = [budget.time / 10, budget.time];
    rounds(eager, merged, input, &Budget { time: warm_up, least: 1, most: budget.most })?;
    let pairs = rounds(eager, merged, input, &Budget { time, ..*budget })?;
    Ok(Latency {
        eager_ms: Spread::of(pairs.iter().map(|(eager, _)| *eager).collect()),
        merged_ms: Spread::of(pairs.iter().map(|(_, merged)| *merged).collect()),
        ratio: Spread::of(pairs.iter().map(|(eager, merged)| merged / eager).collect()),
        rounds: pairs.len(),
    })
}

fn rounds(eager: &Net, merged: &Net, input: &Tensor, budget: &Budget) -> Result<Vec<(f64, f64)>> {
    let mut pairs = Vec::new();
    let start = Instant::now();
    while budget.goes_on(pairs.len(), start.elapsed()) {
        let pair = if pairs.len() % 2 == 0 {
            let eager = milliseconds(eager, input)?;
            (eager, milliseconds(merged, input)?)
        } else {
            let merged = milliseconds(merged, input)?;
            (milliseconds(eager, input)?, merged)
        };
        pairs.push(pair);
    }
    Ok(pairs)
}

fn milliseconds(net: &Net, input: &Tensor) -> Result<f64> {
    let start = Instant::now();
    drop(tch::no_grad(|| net.run(input, false))?);
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets() {
        let budget = Budget { time: Duration::from_secs(1), least: 3, most: 5 };
        let goes_on = |rounds, seconds| budget.goes_on(rounds, Duration::from_secs_f64(seconds));
        assert!(goes_on(0, 9.0), "one round, however slow");
        assert!(goes_on(2, 2.9) && !goes_on(2, 3.1), "three rounds, if they are not too slow");
        assert!(goes_on(3, 0.9) && !goes_on(3, 1.1) && !goes_on(5, 0.1));
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
