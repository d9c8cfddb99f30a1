//! The learning rate at each step.

use std::f64::consts::PI;

use crate::{Config, Schedule};

/// Share of a one-cycle's steps that go up.
const UP: f64 = 0.3;
/// What a one-cycle's first rate is divided by.
const START: f64 = 25.0;
/// What a one-cycle's first rate is divided by to give its last.
const END: f64 = 1e4;

/// The learning rate of step `step` (from 0) of an epoch's `per_epoch` steps.
pub(crate) fn rate(config: &Config, step: u64, per_epoch: u64) -> f64 {
    let total = config.epochs as f64 * per_epoch as f64;
    let warmup = config.warmup * per_epoch as f64;
    let step = step as f64;
    if step < warmup {
        return config.rate * (step + 1.0) / (warmup + 1.0);
    }
    let progress = (step - warmup) / (total - warmup).max(1.0);
    let factor = match config.schedule {
        Schedule::Constant => 1.0,
        Schedule::Step => {
            let epoch = (step / per_epoch as f64).floor();
            config.step_factor.powf((epoch / config.step_epochs as f64).floor())
        }
        Schedule::Cosine => cosine(1.0, 0.0, progress),
        Schedule::OneCycle if progress < UP => cosine(1.0 / START, 1.0, progress / UP),
        Schedule::OneCycle => cosine(1.0, 1.0 / (START * END), (progress - UP) / (1.0 - UP)),
    };
    config.rate * factor
}

/// Half a cosine from one number to another.
fn cosine(from: f64, to: f64, progress: f64) -> f64 {
    to + (from - to) * 0.5 * (1.0 + (PI * progress.clamp(0.0, 1.0)).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 10 epochs of 10 steps at a rate of 1.
    fn rates(config: &Config, steps: &[u64]) -> Vec<f64> {
        let config = Config { epochs: 10, rate: 1.0, ..config.clone() };
        steps.iter().map(|step| (rate(&config, *step, 10) * 1e6).round() / 1e6).collect()
    }

    #[test]
    fn courses() {
        let of = |schedule| Config { schedule, ..Config::default() };
        assert_eq!(rates(&of(Schedule::Constant), &[0, 50, 99]), [1.0, 1.0, 1.0]);
        let step = Config { step_epochs: 4, step_factor: 0.5, ..of(Schedule::Step) };
        assert_eq!(rates(&step, &[0, 39, 40, 79, 80, 99]), [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]);
        assert_eq!(rates(&of(Schedule::Cosine), &[0, 50, 100]), [1.0, 0.5, 0.0]);
        assert_eq!(rates(&of(Schedule::OneCycle), &[0, 30, 65, 100]), [0.04, 1.0, 0.500002, 0.000004]);
        let warm = Config { warmup: 2.0, ..of(Schedule::Constant) };
        assert_eq!(rates(&warm, &[0, 9, 19, 20]), [0.047619, 0.47619, 0.952381, 1.0]);
    }
}
